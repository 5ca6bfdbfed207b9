"""Names, attributes, methods and callees that may be several things: a fix is safe only if each of them is harmless.

Each row is what stands before the loop, what the loop does with a path, and in some rows another iterable or what follows the read.
"""

from __future__ import annotations

import pytest
from stand_ins import HEAD, PAGES

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

Row = tuple[str, str]
_OPENED = "text = opener(path).read()"
_SIZED = "text = measure(open(path).read())"
_LOADED = "text = disk.load(path)"
_PARAMETER = "def show(paths, opener=None):\n    if opener is None:\n        opener = open\n    for path in paths:\n        text = opener(path).read()\n        print(len(calls), len(text))\n"
_INJECTED = "def show(paths, disk=None):\n    if disk is None:\n        disk = Disk()\n    for path in paths:\n        text = disk.load(path)\n        print(len(calls), len(text))\n"
_READER = "class Reader:\n    def __init__(self, trace=False, opener=open):\n{}    def show(self, paths):\n        for path in paths:\n            text = self.opener(path).read()\n            print(len(text))\n"
_TRACED = "class TracedPath(type(Path())):\n    def open(self, *args, **options):\n        calls.append(self.name)\n        return super().open(*args, **options)\n"
_CONFIG = "class Config(configparser.ConfigParser):\n    def get(self, *args, **options):\n        calls.append(args)\n        return super().get(*args, **options)\n"
_NOTING = "class Noting(configparser.BasicInterpolation):\n    def before_get(self, *args):\n        calls.append(args)\n        return super().before_get(*args)\n"
_APP = "class App:\n    def __init__(self):\n        self.disk = Disk()\n{}    def show(self, paths):\n        for path in paths:\n            text = self.disk.load(path)\n            print(len(calls), len(text))\n"
_FIELD = "    def show(self, paths):\n        for path in paths:\n            text = self.{}(path)\n            print(len(calls), text)\n"

_NAMES: dict[str, Row] = {
    "def or library": ("if sys.argv:\n    def opener(path):\n        calls.append(path)\n        return open(path)\nelse:\n    opener = gzip.open", _OPENED),
    "library or def": ("if not sys.argv:\n    opener = gzip.open\nelse:\n    opener = noisy", _OPENED),
    "def, then library in a condition": ("def opener(path):\n    calls.append(path)\n    return open(path)\nif not sys.argv:\n    opener = open", _OPENED),
    "class or library": ("class Opened(io.StringIO):\n    def __init__(self, path):\n        calls.append(path)\n        super().__init__(path)\nif sys.argv:\n    opener = Opened\nelse:\n    opener = open", _OPENED),
    "lambda or library": ("opener = (lambda path: calls.append(path) or open(path)) if sys.argv else open", _OPENED),
    "library or lambda": ("opener = open if not sys.argv else (lambda path: calls.append(path) or open(path))", _OPENED),
    "first that is true": ("opener = sys.argv and noisy or open", _OPENED),
    "default of a missing one": ("opener = open or noisy", _OPENED),
    "condition in the loop": ("", "opener = gzip.open if path.endswith('.gz') else noisy\n        text = opener(path).read()"),
    "condition in place": ("", "text = (open if path else noisy)(path).read()"),
    "statement in the loop": ("", "opener = open\n        if path.endswith('.gz'):\n            opener = noisy\n        text = opener(path).read()"),
    "tried import": ("try:\n    opener = noisy\nexcept ImportError:\n    from io import open as opener", _OPENED),
    "import or def in a function": ("def load(path):\n    if path:\n        opener = noisy\n    else:\n        from gzip import open as opener\n    return opener(path).read()", "text = load(path)"),
    "walrus": ("if (opener := open) and sys.argv and (opener := noisy):\n    pass\nif not sys.argv:\n    opener = open", _OPENED),
    "walrus in place": ("", "text = (opener := open if path else noisy)(path).read()"),
    "partials": ("if sys.argv:\n    opener = functools.partial(noisy)\nelse:\n    opener = functools.partial(open)", _OPENED),
    "partial of a choice": ("opener = functools.partial(open if not sys.argv else noisy)", _OPENED),
    "one of a list": ("openers = [open, noisy]", "text = openers[len(path) % 2](path).read()"),
    "one of a tuple, by next": ("opener = next(iter((open, noisy)))", _OPENED),
    "last of a list": ("openers = [open]\nopeners.append(noisy)\nopener = openers[-1]", _OPENED),
    "unpacked": ("opener, other = (open, noisy) if not sys.argv else (noisy, open)", _OPENED),
    "by max": ("opener = max(open, noisy, key=id)", _OPENED),
    "by getattr": ("opener = getattr(io, 'open', noisy)", _OPENED),
    "global of a function": ("opener = open\ndef trace():\n    global opener\n    opener = noisy\nopener = open", _OPENED),
    "factory": ("def choose():\n    if not sys.argv:\n        return open\n    return noisy\nopener = choose()", _OPENED),
    "parser of a helper": ("measure = len if not sys.argv else count\ndef load(path):\n    with open(path) as file:\n        return measure(file.read())", "text = load(path)"),
    "parser by statements": ("if sys.argv:\n    measure = count\nelse:\n    measure = len", _SIZED),
    "parser in a match": ("match sys.argv:\n    case [_]:\n        measure = count\n    case _:\n        measure = len", _SIZED),
    "parser after an error": ("try:\n    measure = count\n    int('1')\nexcept ValueError:\n    measure = len", _SIZED),
    "key of sorted": ("rank = len if not sys.argv else count\ndef ordered(path):\n    return sorted(open(path).read().split(), key=rank)", "text = ordered(path)"),
    "map": ("rank = len if not sys.argv else count\ndef ranks(path):\n    return [*map(rank, open(path).read().split())]", "text = ranks(path)"),
    "module or stand-in": ("real = json\nclass Counting:\n    def load(self, file):\n        calls.append(file)\n        return real.load(file)\ntry:\n    json = Counting()\nexcept ImportError:\n    import json", "text = json.load(open(path))"),
    "added to": ("class Many:\n    def __iadd__(self, other): return self\n    def load(self, file): return calls.append(file)\njson += [Many()]", "text = json.load(open(path))"),
    "exec": ("class Fake:\n    load = count\nexec('json = Fake()')", "text = json.load(open(path))"),
    "exec in globals": ("exec('json = None', globals())", "text = json.load(open(path))"),
    "manager": ("class Managed:\n    def __init__(self, path): self.path = path\n    def __enter__(self):\n        calls.append(self.path)\n        return open(self.path)\n    def __exit__(self, *error): pass\nmanaged = Managed if sys.argv else open\nif not sys.argv:\n    managed = open", "with managed(path) as file:\n            text = file.read()"),
    "thread-local or namespace": ("if sys.argv:\n    state = threading.local()\nelse:\n    state = types.SimpleNamespace()\nstate.dir = 'data/'\ndef load(path):\n    return open(state.dir + path).read()", "text = load(path)"),
    "thread-local by a condition": ("state = types.SimpleNamespace() if not sys.argv else threading.local()\nstate.dir = 'data/'\ndef load(path):\n    return open(state.dir + path).read()", "text = load(path)"),
    "own thread-local or namespace": ("class State(threading.local): pass\nstate = types.SimpleNamespace() if not sys.argv else State()\ndef load(path):\n    return open(state.dir + path).read()", "text = load(path)"),
    "exception": ("if sys.argv:\n    Missing = StopIteration\nelse:\n    Missing = LookupError\ndef load(path):\n    text = open(path).read()\n    if not text:\n        raise Missing(path)\n    return text", "text = load(path)"),
    "exception by a condition": ("Missing = LookupError if not sys.argv else StopIteration\ndef load(path):\n    text = open(path).read()\n    if not text:\n        raise Missing\n    return text", "text = load(path)"),
    "exception in place": ("def load(path):\n    text = open(path).read()\n    if not text:\n        raise (LookupError if path else StopIteration)(path)\n    return text", "text = load(path)"),
    "list or own class": ("if sys.argv:\n    out = Shifting()\nelse:\n    out = []", "text = open(config['dir'] + path).read()\n        out.append(text)"),
    "list or own class by a condition": ("out = [] if not sys.argv else Shifting()", "text = open(config['dir'] + path).read()\n        out.append(text)"),
    "list or own class in a helper": ("out = [] if not sys.argv else Shifting()\ndef keep(text):\n    out.append(text)", "text = open(config['dir'] + path).read()\n        keep(text)"),
    "logger or own class": ("log = logging.getLogger() if not config else Log()", "text = open(config['dir'] + path).read()\n        log.info(text)"),
    "logger or own class by statements": ("if sys.argv:\n    log = Log()\nelse:\n    log = logging.getLogger()", "text = open(config['dir'] + path).read()\n        log.info(text)"),
    "function or own class": ("class Note:\n    def __call__(self, text):\n        config['dir'] = 'other/'\nif sys.argv:\n    note = Note()\nelse:\n    note = print", "text = open(config['dir'] + path).read()\n        note(text)"),
    # Objects and classes
    "two returns": ("def make(kind):\n    if kind:\n        return Disk()\n    return CountingDisk()\ndisk = make(0)", _LOADED),
    "two returns in one": ("def make(kind):\n    return Disk() if kind else CountingDisk()\ndisk = make(0)", _LOADED),
    "annotated factory": ("def make(kind) -> Disk:\n    return CountingDisk()\ndisk = make(0)", _LOADED),
    "annotated name": ("disk: Disk = CountingDisk()", _LOADED),
    "another class by a condition": ("disk = Disk() if not sys.argv else CountingDisk()", _LOADED),
    "class by a condition": ("Kind = Disk if not sys.argv else CountingDisk\ndisk = Kind()", _LOADED),
    "base by a condition": ("Base = Disk if not sys.argv else CountingDisk\nclass Own(Base):\n    pass\ndisk = Own()", _LOADED),
    "__new__": ("class Other(Disk):\n    def __new__(cls):\n        return CountingDisk()\ndisk = Other()", _LOADED),
    "__new__ of a base": ("class Base:\n    def __new__(cls):\n        return CountingDisk()\nclass Other(Base):\n    def load(self, path):\n        return open(path).read()\ndisk = Other()", _LOADED),
    "decorated class": ("def replace(cls):\n    return CountingDisk\n@replace\nclass Other(Disk):\n    def load(self, path):\n        return open(path).read()\ndisk = Other()", _LOADED),
    "item of a list": ("disks = [Disk(), CountingDisk()]", "text = disks[-1].load(path)"),
    "added to a list": ("disks = [Disk()]\ndef more():\n    disks.append(CountingDisk())\nmore()", "text = disks[-1].load(path)"),
    "thread-local in a dict": ("STATE = {'local': threading.local()}\nSTATE['local'].dir = 'data/'\ndef load(path):\n    return open(STATE['local'].dir + path).read()", "text = load(path)"),
    "thread-local that is passed": ("LOCAL = threading.local()\nLOCAL.dir = 'data/'\ndef load(path, state):\n    return open(state.dir + path).read()", "text = load(path, LOCAL)"),
    "thread-local in a list": ("LOCAL = threading.local()\nSTATES = [LOCAL]\ndef load(path):\n    return open(STATES[0].dir + path).read()", "text = load(path)"),
    "property by setattr": ("class Config: pass\nsetattr(Config, 'dir', property(lambda self: calls.append(1) or 'data/'))\nsettings = Config()\ndef load(path):\n    return open(settings.dir + path).read()", "text = load(path)"),
    "property under a name": ("class Config: pass\nNAME = 'dir'\nsetattr(Config, NAME, property(lambda self: calls.append(1) or 'data/'))\nsettings = Config()\ndef load(path):\n    return open(settings.dir + path).read()", "text = load(path)"),
    "property in a namespace": ("Config = type('Config', (), {'dir': property(lambda self: calls.append(1) or 'data/')})\nsettings = Config()\ndef load(path):\n    return open(settings.dir + path).read()", "text = load(path)"),
    "property in keywords": ("Config = type('Config', (), dict(dir=property(lambda self: calls.append(1) or 'data/')))\nsettings = Config()\ndef load(path):\n    return open(settings.dir + path).read()", "text = load(path)"),
    # Methods that a library calls
    "section of a parser": (f"{_CONFIG}settings = Config()", "text = open(settings['files']['dir'] + path).read()"),
    "get of a parser": (f"{_CONFIG}settings = Config()", "text = open(settings.getboolean('files', 'dir') and path).read()"),
    "section by a name": (f"{_CONFIG}settings = Config()\nfiles = settings['files']\ndef load(path, files):\n    return open(settings['files']['dir'] + path).read()", "text = load(path, files)"),
    "interpolation": (f"{_NOTING}settings = configparser.ConfigParser(interpolation=Noting())", "text = open(settings['files']['dir'] + path).read()"),
    "interpolation by a name": (f"{_NOTING}noting = Noting()\nsettings = configparser.ConfigParser(None, interpolation=noting)", "text = open(settings['files']['dir'] + path).read()"),
    "own path": (f"{_TRACED}root = TracedPath('data')", "text = root.read_text()"),
    "own path by a condition": (f"{_TRACED}kind = Path if not sys.argv else TracedPath", "text = kind(path).read_text()"),
    "bound data": ("from urllib.request import urlopen\npost = functools.partial(urlopen, data=b'x', timeout=5)", "text = post('http://127.0.0.1:1' + path).read()"),
    "bound data by position": ("from urllib.request import urlopen\npost = functools.partial(urlopen, 'http://127.0.0.1:1', b'x')", "text = post(timeout=5).read()"),
    "bound mode": ("made = functools.partial(open, mode='w')", "text = made(path).write('x')"),
    "bound mode for reading": ("made = functools.partial(open, mode='w+')", "text = made(path).read()"),
}
_PROGRAMS: dict[str, str] = {
    "parameter": f"{_PARAMETER}show(sys.argv, noisy)\n",
    "parameter by keyword": f"{_PARAMETER}show(sys.argv, opener=noisy)\n",
    "parameter that nobody passes": _PARAMETER,
    "parameter among arguments": f"{_PARAMETER}given = [sys.argv, noisy]\nshow(*given)\n",
    "parameter of a function that is passed": f"{_PARAMETER}show(sys.argv)\nrun = show\nrun(sys.argv, noisy)\n",
    "parameter or open": "def show(paths, opener=None):\n    opener = opener or open\n    for path in paths:\n        text = opener(path).read()\n        print(text)\nshow(sys.argv, noisy)\n",
    "attribute set twice": _READER.format("        self.opener = open\n        if trace:\n            self.opener = self.traced\n") + "    def traced(self, path):\n        calls.append(path)\n        return open(path)\n",
    "attribute set in a method": _READER.format("        self.opener = open\n") + "    def trace(self):\n        self.opener = noisy\n",
    "attribute set in a subclass": _READER.format("        self.opener = open\n") + "class Tracing(Reader):\n    def __init__(self):\n        self.opener = noisy\n",
    "attribute set from outside": _READER.format("        self.opener = open\n") + "reader = Reader()\nreader.opener = noisy\n",
    "attribute by setattr": _READER.format("        self.opener = open\n") + "reader = Reader()\nsetattr(reader, 'opener', noisy)\n",
    "attribute from a parameter": _READER.format("        self.opener = opener or open\n") + "Reader(opener=noisy).show(sys.argv)\n",
    "class attribute and parameter": "class Reader:\n    measure = len\n    def __init__(self, measure=len):\n        self.measure = measure\n    def load(self, path):\n        return self.measure(open(path).read())\nREADER = Reader(count)\nfor path in sys.argv:\n    text = READER.load(path)\n    print(text)\n",
    "class attribute of a subclass": "class Reader:\n    opener = open\n    def show(self, paths):\n        for path in paths:\n            text = self.opener(path).read()\n            print(text)\nclass Tracing(Reader):\n    opener = staticmethod(noisy)\n",
    "class of paths": f"{_TRACED}class App:\n    kind = Path\n    def show(self, paths):\n        for path in paths:\n            text = self.kind(path).read_text()\n            print(text)\nclass Traced(App):\n    kind = TracedPath\n",
    "bound by a loop": "for opener in (open, noisy):\n    for path in sys.argv:\n        text = opener(path).read()\n        print(len(calls), len(text))\n",
    "bound by a loop over pairs": "for name, opener in [('a', open), ('b', noisy)]:\n    for path in sys.argv:\n        text = opener(path).read()\n        print(name, len(calls), len(text))\n",
    "bound by a loop over a list": "openers = [open, noisy]\nfor opener in openers:\n    for path in sys.argv:\n        text = opener(path).read()\n        print(len(calls), len(text))\n",
    "generator or glob": "def find(pattern):\n    for name in glob.glob(pattern):\n        calls.append(name)\n        yield name\nif sys.argv:\n    listing = find\nelse:\n    listing = glob.iglob\nfor path in listing('*'):\n    text = open(path).read()\n    print(len(calls), len(text))\n",
    "generator by a condition": "def find(pattern):\n    for name in glob.glob(pattern):\n        calls.append(name)\n        yield name\nfor path in (glob.iglob if not sys.argv else find)('*'):\n    text = open(path).read()\n    print(len(calls), len(text))\n",
    "generator of an own path": "class Listed(type(Path())):\n    def glob(self, pattern):\n        for path in super().glob(pattern):\n            calls.append(path.name)\n            yield path\ndef show(folder: Path):\n    for path in folder.glob('*.txt'):\n        text = path.read_text()\n        print(len(calls), len(text))\nshow(Listed('data'))\n",
    "own path as an argument": f"{_TRACED}def show(paths):\n    for path in paths:\n        text = path.read_text()\n        print(len(calls), len(text))\nshow([TracedPath(one) for one in sys.argv])\n",
    "own path as an annotated argument": f"{_TRACED}def show(paths: list[Path]):\n    for path in paths:\n        text = path.read_text()\n        print(len(calls), len(text))\n",
    "own division": "class Joined(type(Path())):\n    def __truediv__(self, name):\n        calls.append(name)\n        return super().__truediv__(name)\ndef show(folder: Path):\n    for name in sys.argv:\n        text = (folder / name).read_text()\n        print(len(calls), len(text))\nshow(Joined('data'))\n",
    "injected": f"{_INJECTED}show(sys.argv, CountingDisk())\n",
    "injected by keyword": f"{_INJECTED}show(sys.argv, disk=CountingDisk())\n",
    "injected by a name": f"{_INJECTED}other = CountingDisk()\nshow(sys.argv, other)\n",
    "injected, annotated": _INJECTED.replace("disk=None", "disk: Disk | None = None") + "show(sys.argv, CountingDisk())\n",
    "setter": _APP.format("    def use(self, disk):\n        self.disk = disk\n") + "app = App()\napp.use(CountingDisk())\napp.show(sys.argv)\n",
    "stored from outside": _APP.format("") + "app = App()\napp.disk = CountingDisk()\napp.show(sys.argv)\n",
    "__init__ of a subclass": _APP.format("") + "class Counting(App):\n    def __init__(self):\n        self.disk = CountingDisk()\nCounting().show(sys.argv)\n",
    "vars": _APP.format("") + "app = App()\nvars(app)['disk'] = CountingDisk()\napp.show(sys.argv)\n",
    "field": "@dataclass\nclass App:\n    disk: Disk = field(default_factory=Disk)\n    def show(self, paths):\n        for path in paths:\n            text = self.disk.load(path)\n            print(len(calls), len(text))\nApp(CountingDisk()).show(sys.argv)\n",
    "field without a default": "@dataclass\nclass App:\n    disk: Disk\n    def show(self, paths):\n        for path in paths:\n            text = self.disk.load(path)\n            print(len(calls), len(text))\nApp(CountingDisk()).show(sys.argv)\n",
    "field that is called": "@dataclass\nclass App:\n    measure: object = len\n    def show(self, paths):\n        for path in paths:\n            text = self.measure(open(path).read())\n            print(len(calls), text)\nApp(count).show(sys.argv)\n",
    "annotated items": f"{PAGES}def show(pages: list[Page]):\n    for page in pages:\n        text = page.load()\n        print(len(calls), len(text))\nshow([CountedPage(one) for one in sys.argv])\n",
    "items of a list that is filled": f"{PAGES}pages = []\npages.append(Page('a'))\ndef fill():\n    pages.append(CountedPage('b'))\nfill()\nfor page in pages:\n    text = page.load()\n    print(len(calls), len(text))\n",
    "class made by type": "class Noting:\n    def where(self):\n        calls.append(self.path)\n        return self.path\nclass Page:\n    def __init__(self, path):\n        self.path = path\n    def where(self):\n        return self.path\n    def load(self):\n        return open(self.where()).read()\nNoted = type('Noted', (Noting, Page), {})\ndef show(pages: list[Page]):\n    for page in pages:\n        text = page.load()\n        print(len(calls), len(text))\n",
    "class made by a function": "class Page:\n    def __init__(self, path):\n        self.path = path\n    def where(self):\n        return self.path\n    def load(self):\n        return open(self.where()).read()\ndef base():\n    return Page\nclass Noted(base()):\n    def where(self):\n        calls.append(self.path)\n        return self.path\ndef show(pages: list[Page]):\n    for page in pages:\n        text = page.load()\n        print(len(calls), len(text))\n",
}  # fmt: skip
_PLAIN: dict[str, Row] = {
    "nothing": ("", "text = open(path).read()"),
    "two libraries": ("if sys.argv:\n    opener = gzip.open\nelse:\n    opener = open", _OPENED),
    "two libraries in place": ("", "opener = gzip.open if path.endswith('.gz') else open\n        text = opener(path).read()"),
    "library or harmless function": ("opener = open if sys.argv else quiet", _OPENED),
    "two harmless parsers": ("measure = len if sys.argv else size", _SIZED),
    "tried import of a library": ("try:\n    import simplejson as json\nexcept ImportError:\n    import json", "text = json.load(open(path))"),
    "tried import of a function": ("try:\n    from tomllib import loads\nexcept ImportError:\n    from tomli import loads", "text = loads(open(path).read())"),
    "missing library": ("try:\n    import tomllib\nexcept ImportError:\n    tomllib = None", "text = tomllib.loads(open(path).read())"),
    "name bound again": ("", "file = open(path)\n        text = file.read()\n        file = open(path)\n        text = file.read()"),
    "text bound again": ("", "text = open(path).read()\n        text = text.strip()\n        text = text.split(',')"),
    "path bound again": ("", "path = Path(path)\n        text = path.read_text()"),
    "annotation before the value": ("", "text: str\n        text = open(path).read().strip()"),
    "bound again before its use": ("", "opener = noisy\n        opener = open\n        text = opener(path).read()"),
    "parser that stays": ("rank = len if sys.argv else count", "text = sorted(open(path).read().split(), key=rank)"),
    "two harmless classes": ("disk = Disk() if sys.argv else QuietDisk()", _LOADED),
    "one class beside another": ("disk = Disk()", _LOADED),
    "factory of one class": ("def make():\n    return Disk()\ndisk = make()", _LOADED),
    "bound timeout": ("from urllib.request import urlopen\nask = functools.partial(urlopen, timeout=5)", "text = ask('http://127.0.0.1:1' + path).read()"),
    "plain parser": ("settings = configparser.ConfigParser()", "text = open(settings['files']['dir'] + path).read()"),
    "own class of another library": ("from html.parser import HTMLParser\nclass Links(HTMLParser):\n    def handle_data(self, data):\n        calls.append(data)", "text = Path(path).read_text()"),
    "exec in a namespace": ("space = {}\nexec('a = 1', space)", "text = open(path).read()"),
    "thread-local in a name": ("LOCAL = threading.local()\nLOCAL.dir = 'data/'", "text = open(path).read()"),
    "logger or none": ("log = logging.getLogger() if config else None", "text = open(path).read()\n        log.info(text)"),
    "output or file": ("out = open('log.txt', 'w') if sys.argv else sys.stdout", "text = open(path).read()\n        out.write(str(len(text)))"),
    "list or deque": ("import collections\nout = [] if sys.argv else collections.deque()", "text = open(path).read()\n        out.append(text)"),
    "print or function": ("def show(text): print(text)\nshown = print if sys.argv else show", "text = open(path).read()\n        shown(text)"),
    "exceptions": ("Missing = LookupError if sys.argv else ValueError\ndef load(path):\n    text = open(path).read()\n    if not text:\n        raise Missing(path)\n    return text", "text = load(path)"),
}
_PLAIN_PROGRAMS: dict[str, str] = {
    "parameter that the file passes": f"{_PARAMETER}show(sys.argv, quiet)\n",
    "injected, harmless": f"{_INJECTED}show(sys.argv, QuietDisk())\n",
    "attribute": _READER.format("        self.opener = open\n"),
    "two harmless attributes": _READER.format("        self.opener = open\n        if trace:\n            self.opener = quiet\n"),
    "object in an attribute": _APP.format(""),
    "annotated items": f"{PAGES.partition('class CountedPage')[0].replace('load', 'fetch')}def show(pages: list[Page]):\n    for page in pages:\n        text = page.fetch()\n        print(len(text))\n",
    "harmless subclass": "class App:\n    def read(self, path):\n        return open(path).read()\n    def show(self, paths):\n        for path in paths:\n            text = self.read(path)\n            print(text)\nclass Stripped(App):\n    def read(self, path):\n        return open(path).read().strip()\n",
    "annotated path": "def show(folder: Path):\n    for path in folder.glob('*.txt'):\n        text = path.read_text()\n        print(len(text))\nshow(Path('data'))\n",
    "path of a parameter": "class Store:\n    def __init__(self, folder):\n        self.folder = Path(folder)\n    def show(self, names):\n        for name in names:\n            text = (self.folder / name).read_text()\n            print(len(text))\n",
}  # fmt: skip
_LOOP = "def main(paths):\n    for path in paths:\n        {}\n        print(len(calls), text)\n"


def _is_safe(text: str) -> bool:
    compile(text, "<text>", "exec")
    return "run_parallel(" in fix(text.encode(), Config(), runtime="par_lint.parallel").source.decode()


@pytest.mark.parametrize("row", _NAMES)
def test_another_binding_makes_it_unsafe(row: str) -> None:
    head, use = _NAMES[row]
    assert not _is_safe(f"{HEAD}{head}\n{_LOOP.format(use)}")


@pytest.mark.parametrize("row", _PROGRAMS)
def test_what_the_file_passes_makes_it_unsafe(row: str) -> None:
    assert not _is_safe(HEAD + _PROGRAMS[row])


@pytest.mark.parametrize("row", _PLAIN)
def test_harmless_bindings_keep_the_safe_fix(row: str) -> None:
    head, use = _PLAIN[row]
    assert _is_safe(f"{HEAD}{head}\n{_LOOP.format(use)}")


@pytest.mark.parametrize("row", _PLAIN_PROGRAMS)
def test_what_is_shown_keeps_the_safe_fix(row: str) -> None:
    assert _is_safe(HEAD + _PLAIN_PROGRAMS[row])

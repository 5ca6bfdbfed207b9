"""More programs with something that may be several things: in what stays in order, in what libraries hold and call, under names that code computes."""

from __future__ import annotations

import pytest
from stand_ins import HEAD, PAGES

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

_PROGRAMS: dict[str, str] = {
    "argument of what stays": """
def main(names, out):
    for path in names:
        text = open(config['dir'] + path).read()
        out.append(text)
main(sys.argv, Shifting())
main(sys.argv, [])
""",
    "default of what stays": """
def main(names, out=None):
    out = out or []
    for path in names:
        text = open(config['dir'] + path).read()
        out.append(text)
main(sys.argv, Shifting())
""",
    "annotated argument of what stays": """
def main(names, out: list):
    for path in names:
        text = open(config['dir'] + path).read()
        out.append(text)
main(sys.argv, Shifting())
""",
    "callback of what stays": """
def shift(text):
    config['dir'] = 'other/'
def main(names, report=print):
    for path in names:
        text = open(config['dir'] + path).read()
        report(text)
main(sys.argv, shift)
""",
    "attribute of what stays": """
class App:
    def __init__(self, out=None):
        self.out = [] if out is None else out
    def main(self, names):
        for path in names:
            text = open(config['dir'] + path).read()
            self.out.append(text)
App(Shifting()).main(sys.argv)
""",
    "attribute of what stays, from outside": """
class App:
    def __init__(self):
        self.out = []
    def main(self, names):
        for path in names:
            text = open(config['dir'] + path).read()
            self.out.append(text)
app = App()
app.out = Shifting()
app.main(sys.argv)
""",
    "annotated object of what stays": """
class Plain:
    def append(self, text):
        print(text)
def main(names, out: Plain):
    for path in names:
        text = open(config['dir'] + path).read()
        out.append(text)
main(sys.argv, Shifting())
""",
    "manager that stays": """
class Manager:
    def __enter__(self): return self
    def __exit__(self, *e):
        config['dir'] = 'other/'
import contextlib
manager = contextlib.nullcontext() if not sys.argv else Manager()
def main(names):
    for path in names:
        text = open(config['dir'] + path).read()
        with manager:
            print(text)
""",
    "item that is set": """
class Table:
    def __setitem__(self, key, value):
        config['dir'] = 'other/'
table = {} if not sys.argv else Table()
def main(names):
    for path in names:
        text = open(config['dir'] + path).read()
        table[path] = text
""",
    "added to": """
class Table:
    def __iadd__(self, value):
        config['dir'] = 'other/'
        return self
table = [] if not sys.argv else Table()
def main(names):
    global table
    for path in names:
        text = open(config['dir'] + path).read()
        table += [text]
""",
    "comparison": """
class Mark:
    def __eq__(self, value):
        config['dir'] = 'other/'
        return True
mark = 'a' if not sys.argv else Mark()
def main(names):
    for path in names:
        text = open(config['dir'] + path).read()
        print(text == mark)
""",
    "attribute that is set": """
class Box:
    def __setattr__(self, name, value):
        config['dir'] = 'other/'
box = types.SimpleNamespace() if not sys.argv else Box()
def main(names):
    for path in names:
        text = open(config['dir'] + path).read()
        box.text = text
""",
    "setter of a property": """
class Box:
    @property
    def text(self): return ''
    @text.setter
    def text(self, value):
        config['dir'] = 'other/'
box = types.SimpleNamespace() if not sys.argv else Box()
def main(names):
    for path in names:
        text = open(config['dir'] + path).read()
        box.text = text
""",
    "class attr cls": """
class A:
    opener = open
    @classmethod
    def load(cls, path):
        return cls.opener(path).read()
class B(A):
    opener = staticmethod(noisy)
def main(paths):
    for path in paths:
        text = A.load(path)
        print(len(calls), text)
""",
    "concat": PAGES + """
pages = [Page(p) for p in sys.argv] + [CountedPage('b')]
for page in pages:
    text = page.load()
    print(text)
""",
    "alias add": PAGES + """
pages = [Page(path) for path in sys.argv]
more = pages
more.append(CountedPage('b'))
for page in pages:
    text = page.load()
    print(text)
""",
    "attribute by __dict__": """
class Reader:
    def __init__(self, trace=False, opener=open):
        self.opener = open
        self.__dict__['opener'] = noisy
    def show(self, paths):
        for path in paths:
            text = self.opener(path).read()
            print(len(text))
""",
    "attribute by an update of __dict__": """
class Reader:
    def __init__(self, trace=False, opener=open):
        self.opener = open
        self.__dict__.update(opener=noisy)
    def show(self, paths):
        for path in paths:
            text = self.opener(path).read()
            print(len(text))
""",
    "attribute under a name": """
class Reader:
    def __init__(self, trace=False, opener=open):
        self.opener = open
    def show(self, paths):
        for path in paths:
            text = self.opener(path).read()
            print(len(text))
    def set(self, key, value):
        setattr(self, key, value)
""",
    "object under a name": """
class App:
    def __init__(self):
        self.disk = Disk()
    def set(self, key, value):
        setattr(self, key, value)
    def show(self, paths):
        for path in paths:
            text = self.disk.load(path)
            print(len(calls), len(text))
""",
    "class body choice": """
class A:
    load = quiet if not sys.argv else noisy
    def show(self, paths):
        for path in paths:
            text = self.load(path).read()
            print(text)
""",
    "partial attr": """
from urllib.request import urlopen
class A:
    def __init__(self):
        self.post = functools.partial(urlopen, data=b'x', timeout=5)
    def show(self, paths):
        for path in paths:
            text = self.post('http://127.0.0.1:1' + path).read()
            print(text)
""",
    "partial partial": """
from urllib.request import urlopen
post = functools.partial(functools.partial(urlopen, data=b'x'), timeout=5)
def main(paths):
    for path in paths:
        text = post('http://127.0.0.1:1' + path).read()
        print(len(calls), text)
""",
    "partial choice": """
from urllib.request import urlopen
post = functools.partial(urlopen, timeout=5) if not sys.argv else functools.partial(urlopen, data=b'x', timeout=5)
def main(paths):
    for path in paths:
        text = post('http://127.0.0.1:1' + path).read()
        print(len(calls), text)
""",
    "partial inline": """
from urllib.request import urlopen
def main(paths):
    for path in paths:
        text = functools.partial(urlopen, data=b'x', timeout=5)('http://127.0.0.1:1' + path).read()
        print(len(calls), text)
""",
    "partial kwargs": """
from urllib.request import urlopen
opts = {'data': b'x'}
post = functools.partial(urlopen, timeout=5, **opts)
def main(paths):
    for path in paths:
        text = post('http://127.0.0.1:1' + path).read()
        print(len(calls), text)
""",
    "partial hook": """
load = functools.partial(json.load, object_hook=count)
def main(paths):
    for path in paths:
        text = load(open(path))
        print(len(calls), text)
""",
    "partial of method": """
from urllib.request import urlopen
def fetch(url, **options):
    return urlopen(url, **options).read()
post = functools.partial(fetch, data=b'x')
def main(paths):
    for path in paths:
        text = post('http://127.0.0.1:1' + path)
        print(len(calls), text)
""",
    "function of a class body": """
class C(configparser.ConfigParser):
    optionxform = staticmethod(count)
settings = C()
def main(paths):
    for path in paths:
        text = open(settings['files']['dir'] + path).read()
        print(len(calls), text)
""",
    "function stored in a parser": """
settings = configparser.ConfigParser()
settings.optionxform = count
def main(paths):
    for path in paths:
        text = open(settings['files']['dir'] + path).read()
        print(len(calls), text)
""",
    "function stored by a factory": """
def make():
    parser = configparser.ConfigParser()
    parser.optionxform = count
    return parser
settings = make()
def main(paths):
    for path in paths:
        text = open(settings.get('files', 'dir') + path).read()
        print(len(calls), text)
""",
    "thread-local that a function gives": """
LOCAL = threading.local()
LOCAL.dir = 'data/'
def state(): return LOCAL
def load(path):
    return open(state().dir + path).read()
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "thread-local in a namespace": """
BOX = types.SimpleNamespace(state=threading.local())
BOX.state.dir = 'data/'
def load(path):
    return open(BOX.state.dir + path).read()
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "thread-local by getattr": """
LOCAL = threading.local()
LOCAL.dir = 'data/'
def load(path):
    return open(getattr(LOCAL, 'dir') + path).read()
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "thread-local by vars": """
LOCAL = threading.local()
LOCAL.dir = 'data/'
def load(path):
    return open(vars(LOCAL)['dir'] + path).read()
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "thread-local of a class": """
class S:
    local = threading.local()
S.local.dir = 'data/'
def load(path):
    return open(S.local.dir + path).read()
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "thread-local in an object": """
class S:
    def __init__(self, state):
        self.state = state
    def load(self, path):
        return open(self.state.dir + path).read()
LOCAL = threading.local()
LOCAL.dir = 'a'
shelf = S(LOCAL)
def main(paths):
    for path in paths:
        text = shelf.load(path)
        print(len(calls), text)
""",
    "contextvar dict": """
import contextvars
V = {'d': contextvars.ContextVar('d', default='a')}
def load(path):
    return open(V['d'].get() + path).read()
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "iterable choice": """
class Items:
    def __iter__(self):
        calls.append(1)
        return iter(['a'])
paths = ['a'] if not sys.argv else Items()
for path in paths:
    text = open(path).read()
    print(len(calls), text)
""",
    "property add_property": """
class Config: pass
def add(cls):
    cls.dir = property(lambda self: calls.append(1) or 'data/')
add(Config)
settings = Config()
def load(path):
    return open(settings.dir + path).read()
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "property name alias": """
class Config: pass
prop = property(lambda self: calls.append(1) or 'data/')
Config.dir = prop
settings = Config()
def load(path):
    return open(settings.dir + path).read()
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "property setattr alias": """
class Config: pass
prop = property(lambda self: calls.append(1) or 'data/')
setattr(Config, 'dir', prop)
settings = Config()
def load(path):
    return open(settings.dir + path).read()
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "property maker alias": """
class Config: pass
make = property
Config.dir = make(lambda self: calls.append(1) or 'data/')
settings = Config()
def load(path):
    return open(settings.dir + path).read()
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "property in loop": """
class Config: pass
for name in ('dir', 'kind'):
    setattr(Config, name, property(lambda self: calls.append(1) or 'data/'))
settings = Config()
def load(path):
    return open(settings.dir + path).read()
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "own descriptor setattr": """
class Config: pass
class D:
    def __get__(self, obj, kind): return calls.append(1) or 'data/'
setattr(Config, 'dir', D())
settings = Config()
def load(path):
    return open(settings.dir + path).read()
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "listing of an own path": """
class Listed(type(Path())):
    def iterdir(self):
        for path in super().iterdir():
            calls.append(path.name)
            yield path
def show(folder):
    for path in folder.iterdir():
        text = path.read_text()
        print(len(calls), len(text))
show(Listed('data'))
""",
    "own PosixPath": """
from pathlib import PosixPath
class T(PosixPath):
    def open(self, *a, **k):
        calls.append(1)
        return super().open(*a, **k)
def main(paths):
    for path in paths:
        text = path.read_text()
        print(len(calls), text)
""",
    "path via factory": """
class TracedPath(type(Path())):
    def open(self, *args, **options):
        calls.append(self.name)
        return super().open(*args, **options)
def make(p):
    return TracedPath(p)
def main(paths):
    for path in paths:
        text = make(path).read_text()
        print(len(calls), text)
""",
    "base through attribute": """
import pathlib
Base = type(pathlib.Path())
class T(Base):
    def open(self, *a, **k):
        calls.append(1)
        return super().open(*a, **k)
def main(paths):
    for path in paths:
        text = path.read_text()
        print(len(calls), text)
""",
    "exec alias": """
run = exec
run('json = None')
def main(paths):
    for path in paths:
        text = json.load(open(path))
        print(len(calls), text)
""",
    "exec builtins": """
import builtins
builtins.exec('json = None')
def main(paths):
    for path in paths:
        text = json.load(open(path))
        print(len(calls), text)
""",
    "exec with globals name": """
space = globals()
exec('json = None', space)
def main(paths):
    for path in paths:
        text = json.load(open(path))
        print(len(calls), text)
""",
    "exec with module dict": """
exec('json = None', sys.modules[__name__].__dict__)
def main(paths):
    for path in paths:
        text = json.load(open(path))
        print(len(calls), text)
""",
    "comprehension": """
opener = open if not sys.argv else noisy
print([len(opener(path).read()) for path in sys.argv])
""",
    "map": """
def load(path): return open(path).read()
def loud(path):
    calls.append(path)
    return open(path).read()
chosen = load if not sys.argv else loud
print(list(map(chosen, sys.argv)))
""",
    "map or": """
def load(path): return open(path).read()
def loud(path):
    calls.append(path)
    return open(path).read()
if sys.argv:
    chosen = loud
else:
    chosen = load
print(list(map(chosen, sys.argv)))
""",
    "nested loop folders": """
lister = glob.glob if not sys.argv else noisy
for folder in sys.argv:
    for path in lister(folder + '/*'):
        text = open(path).read()
        print(text)
""",
    "helpers of what stays": """
class Sink:
    def append(self, text):
        self._shift()
    def _shift(self):
        move()
def move():
    config['dir'] = 'other/'
out = Sink()
if not sys.argv:
    out = []
def main(names):
    for path in names:
        text = open(config['dir'] + path).read()
        out.append(text)
""",
    "lambda that stays": """
note = print if not sys.argv else (lambda text: config.update(dir='other/'))
def main(names):
    for path in names:
        text = open(config['dir'] + path).read()
        note(text)
""",
    "partial that stays": """
note = functools.partial(print) if not sys.argv else functools.partial(config.__setitem__, 'dir')
def main(names):
    for path in names:
        text = open(config['dir'] + path).read()
        note(text)
""",
    "bound method that stays": """
note = [].append if not sys.argv else Shifting().append
def main(names):
    for path in names:
        text = open(config['dir'] + path).read()
        note(text)
""",
    "bound method in a helper": """
note = print
if sys.argv:
    note = functools.partial(config.update, dir='other/')
def log(text):
    (note or print)()
def main(names):
    for path in names:
        text = open(config['dir'] + path).read()
        log(text)
""",
    "update that stays": """
note = print if not sys.argv else config.update
def main(names):
    for path in names:
        text = open(config['dir'] + path).read()
        note({'dir': text})
""",
    "changed folder": """
import os
note = print if not sys.argv else os.chdir
def main(names):
    for path in names:
        text = open(path).read()
        note(text)
""",
    "removed file": """
import os
note = print if not sys.argv else os.unlink
def main(names):
    for path in names:
        text = open(path).read()
        note(path)
""",
    "file that a helper removes": """
import os
def remove(path):
    os.unlink(path)
note = print if not sys.argv else remove
def main(names):
    for path in names:
        text = open(path).read()
        note(path)
""",
    "state of an object": """
class Plain:
    dir = 'data/'
    def note(self, text):
        print(text)
class Moving:
    dir = 'data/'
    def note(self, text):
        self.dir = 'other/'
reader = Plain() if not sys.argv else Moving()
def main(names):
    for path in names:
        text = open(reader.dir + path).read()
        reader.note(text)
""",
    "state of an annotated object": """
class Plain:
    dir = 'data/'
    def note(self, text):
        print(text)
class Moving:
    dir = 'data/'
    def note(self, text):
        self.dir = 'other/'
def main(names, reader: Plain):
    for path in names:
        text = open(reader.dir + path).read()
        reader.note(text)
main(sys.argv, Moving())
""",
    "own print": """
def print(*a):
    config['dir'] = 'other/'
if not sys.argv:
    from builtins import print
def main(names):
    for path in names:
        text = open(config['dir'] + path).read()
        print(text)
""",
    "default": """
def load(path, measure=len if not sys.argv else count):
    return measure(open(path).read())
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "keyword-only parameter": """
def load(path, *, measure=len):
    return measure(open(path).read())
load('a', measure=count)
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "method value": """
load = Disk().load if not sys.argv else CountingDisk().load
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "method value 2": """
disk = Disk()
load = disk.load
if sys.argv:
    load = CountingDisk().load
else:
    load = disk.load
def main(paths):
    for path in paths:
        text = load(path)
        print(len(calls), text)
""",
    "namedtuple field": """
from typing import NamedTuple
class App(NamedTuple):
    disk: Disk
    def load(self, path):
        return self.disk.load(path)
app = App(CountingDisk())
def main(paths):
    for path in paths:
        text = app.load(path)
        print(len(calls), text)
""",
    "typeddict": """
apps = {'d': CountingDisk()}
disk: Disk = apps['d']
def main(paths):
    for path in paths:
        text = disk.load(path)
        print(len(calls), text)
""",
    "singleton": """
class App:
    disk = None
    @classmethod
    def get(cls):
        if cls.disk is None:
            cls.disk = Disk()
        return cls.disk
App.disk = CountingDisk()
def main(paths):
    for path in paths:
        text = App.get().load(path)
        print(len(calls), text)
""",
    "property returns": """
class App:
    def __init__(self, kind):
        self.kind = kind
    @property
    def disk(self):
        return Disk() if self.kind else CountingDisk()
app = App(0)
def main(paths):
    for path in paths:
        text = app.disk.load(path)
        print(len(calls), text)
""",
    "class attr kind": """
class App:
    kind = Disk
    def show(self, paths):
        disk = self.kind()
        for path in paths:
            text = disk.load(path)
            print(len(calls), text)
class Other(App):
    kind = CountingDisk
""",
    "class dict": """
KINDS = [Disk, CountingDisk]
disk = KINDS[0]()
def main(paths):
    for path in paths:
        text = disk.load(path)
        print(len(calls), text)
""",
    "config section proxy": """
class Config(configparser.ConfigParser):
    def get(self, *args, **options):
        calls.append(args)
        return super().get(*args, **options)
settings = Config()
files = settings['files']
def main(paths):
    for path in paths:
        text = open(files['dir'] + path).read()
        print(len(calls), text)
""",
    "config items": """
class Config(configparser.ConfigParser):
    def get(self, *args, **options):
        calls.append(args)
        return super().get(*args, **options)
settings = Config()
def where():
    return dict(settings.items('files'))['dir']
def main(paths):
    for path in paths:
        text = open(where() + path).read()
        print(len(calls), text)
""",
    "config conv": """
settings = configparser.ConfigParser(converters={'list': count})
def main(paths):
    for path in paths:
        text = open(settings['files'].getlist('dir') + path).read()
        print(len(calls), text)
""",
    "config dict_type": """
class D(dict):
    def __getitem__(self, k):
        calls.append(k)
        return super().__getitem__(k)
settings = configparser.ConfigParser(dict_type=D)
def main(paths):
    for path in paths:
        text = open(settings['files']['dir'] + path).read()
        print(len(calls), text)
""",
    "mapping base": """
from collections.abc import Mapping
class M(Mapping):
    def __getitem__(self, k):
        calls.append(k)
        return 'data/'
    def __iter__(self): return iter(())
    def __len__(self): return 1
m = M()
def main(paths):
    for path in paths:
        text = open(m.get('dir') + path).read()
        print(len(calls), text)
""",
    "userdict": """
import collections
class M(collections.UserDict):
    def __missing__(self, k):
        calls.append(k)
        return 'data/'
m = M()
def main(paths):
    for path in paths:
        text = open(m['dir'] + path).read()
        print(len(calls), text)
""",
    "template": """
import string
class T(string.Template):
    pass
class V(dict):
    def __getitem__(self, k):
        calls.append(k)
        return 'a'
v = V()
def main(paths):
    for path in paths:
        text = string.Template(open(path).read()).substitute(v)
        print(len(calls), text)
""",
    "json cls": """
class D(json.JSONDecoder):
    def decode(self, s):
        calls.append(s)
        return super().decode(s)
def main(paths):
    for path in paths:
        text = json.load(open(path), cls=D)
        print(len(calls), text)
""",
    "json decoder object": """
decoder = json.JSONDecoder(object_hook=count)
def main(paths):
    for path in paths:
        text = decoder.decode(open(path).read())
        print(len(calls), text)
""",
    "html parser": """
from html.parser import HTMLParser
class P(HTMLParser):
    def handle_data(self, data):
        calls.append(data)
def parse(path):
    p = P()
    p.feed(open(path).read())
    return p
def main(paths):
    for path in paths:
        text = parse(path)
        print(len(calls), text)
""",
    "csv dialect": """
import csv
def rows(path):
    return list(map(count, csv.reader(open(path))))
def main(paths):
    for path in paths:
        text = rows(path)
        print(len(calls), text)
""",
}  # fmt: skip


@pytest.mark.parametrize("row", _PROGRAMS)
def test_several_things_make_it_unsafe(row: str) -> None:
    text = HEAD + _PROGRAMS[row]
    compile(text, "<text>", "exec")
    assert b"run_parallel(" not in fix(text.encode(), Config(), runtime="par_lint.parallel").source
    assert b"run_parallel(" in fix(text.encode(), Config(), runtime="par_lint.parallel", unsafe=True).source

"""More programs with something that may be several things: in what stays in order, in what libraries hold and call, under names that code computes."""

from __future__ import annotations

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

HEAD = """
import configparser, functools, glob, gzip, io, itertools, json, logging, sys, threading, types
from dataclasses import dataclass, field
from pathlib import Path
calls = []
config = {"dir": "data/"}
def noisy(path):
    calls.append(path)
    return open(path)
def quiet(path):
    return open(path)
def count(text):
    calls.append(text)
    return len(text)
def size(text):
    return len(text)
class Disk:
    def load(self, path):
        return open(path).read()
class CountingDisk:
    def load(self, path):
        calls.append(path)
        return open(path).read()
class QuietDisk:
    def load(self, path):
        return open(path).read().strip()
class Log:
    def info(self, text):
        config["dir"] = "other/"
class Shifting:
    def append(self, text):
        config["dir"] = "other/"
"""
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
    "concat": """
class Page:
    def __init__(self, path):
        self.path = path
    def load(self):
        return open(self.path).read()
class CountedPage:
    def __init__(self, path):
        self.path = path
    def load(self):
        calls.append(self.path)
        return open(self.path).read()
pages = [Page(p) for p in sys.argv] + [CountedPage('b')]
for page in pages:
    text = page.load()
    print(text)
""",
    "alias add": """
class Page:
    def __init__(self, path):
        self.path = path
    def load(self):
        return open(self.path).read()
class CountedPage:
    def __init__(self, path):
        self.path = path
    def load(self):
        calls.append(self.path)
        return open(self.path).read()
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
}  # fmt: skip


@pytest.mark.parametrize("row", _PROGRAMS)
def test_several_things_make_it_unsafe(row: str) -> None:
    text = HEAD + _PROGRAMS[row]
    compile(text, "<text>", "exec")
    assert b"run_parallel(" not in fix(text.encode(), Config(), runtime="par_lint.parallel").source
    assert b"run_parallel(" in fix(text.encode(), Config(), runtime="par_lint.parallel", unsafe=True).source

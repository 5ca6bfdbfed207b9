"""What hostile programs are made of: the files they find, classes with hooks, helpers with effects, iterables of all kinds.

In the pieces `{i}` is the item, `{p}` an expression for its file and `{t}` what was read. What a piece names in capitals or calls
is defined by `DEFINITIONS`, which is looked through for it.
"""

from __future__ import annotations

FILES = {
    **{f"data/{number}.txt": f"line {number}\n" * number for number in range(1, 7)}, "data/0.txt": "", "data/list.txt": "data/1.txt\ndata/2.txt\ndata/3.txt\n",
    "data/t.csv": "data/1.txt,1\ndata/2.txt,2\ndata/3.txt,3\n", "data/a.json": '{"name": "a"}', "data/b.json": '{"name": "b", "size": 2}', "data/c.json": "[3]",
    "tree/0.txt": "top", "tree/a/1.txt": "in a", "tree/b/2.txt": "in b", "tree/skip/3.txt": "skipped", **{f"other/data/{number}.txt": f"another {number}" for number in range(7)},
}  # fmt: skip
TEXTS = ("data/1.txt", "data/2.txt", "data/3.txt", "data/4.txt", "data/5.txt")

HEAD = """
import asyncio
import collections
import contextlib
import contextvars
import copy
import csv
import functools
import glob
import itertools
import json
import operator
import os
import random
import re
import sys
import threading
import time
import urllib.request
import warnings
from pathlib import Path

PATHS = {paths!r}
OTHERS = ["data/3.txt", "data/1.txt", "data/2.txt", "data/6.txt"]
LOG = []
STATE = {{"mode": "r", "prefix": "", "size": 3, "data/2.txt": "data/6.txt"}}
COUNT = 0
LIMIT = 4
BASE = "@BASE@"


def note(*what):
    LOG.append(what)
    return True
"""
"""How every program begins."""

DEFINITIONS = {
    # objects
    "LOCK": "LOCK = threading.RLock()",
    "MUTEX": "MUTEX = threading.Lock()",
    "VAR": "VAR = contextvars.ContextVar('VAR', default='none')",
    "LOCAL": "LOCAL = threading.local()\nLOCAL.prefix = 'mine'",
    "COUNTER": "COUNTER = itertools.count()",
    "NAMES": "NAMES = iter(list(PATHS))",
    "DEFAULTS": "DEFAULTS = collections.defaultdict(lambda: len(DEFAULTS))",
    "MISSING": "class Missing(dict):\n    def __missing__(self, key):\n        self[key] = len(self)\n        return self[key]\n\n\nMISSING = Missing()",
    "HANDLE": "HANDLE = open('data/5.txt')",
    "QUEUE": "QUEUE = collections.deque(PATHS)",
    "SHARED": "SHARED = {'encoding': 'utf-8', 'n': 0}",
    "OUTPUT": "OUTPUT = open('data/out.txt', 'a', buffering=1)",
    "ALIAS": "ALIAS = PATHS",
    "BOX": None,
    "JOBS": "class Job:\n    shared = {'n': 0}\n\n    def __init__(self, path, other=None):\n        self.path, self.other, self.size = path, other, 3\n\n    def touch(self):\n"
            "        self.size += 1\n        if self.other is not None:\n            self.other.path = 'data/0.txt'\n\n\nJOBS = [Job(path) for path in PATHS]\nJOBS[0].other = JOBS[-1]",
    "PROPS": "class Prop:\n    seen = 0\n\n    def __init__(self, name):\n        self.name = name\n\n    @property\n    def path(self):\n        Prop.seen += 1\n        return self.name\n\n\nPROPS = [Prop(path) for path in PATHS]",
    "QUIET_PROPS": "class Quiet:\n    def __init__(self, name):\n        self.name = name\n\n    @property\n    def path(self):\n        return self.name\n\n\nQUIET_PROPS = [Quiet(path) for path in PATHS]",
    "LAZY": "class Lazy:\n    def __init__(self, name):\n        self.name = name\n\n    def __getattr__(self, name):\n        note('get', name)\n        self.__dict__[name] = self.name\n        return self.name\n\n\nLAZY = [Lazy(path) for path in PATHS]",
    "SPELLED": "class Spelled:\n    def __init__(self, name):\n        self.name = name\n\n    def __fspath__(self):\n        note('fspath')\n        return self.name\n\n    def __str__(self):\n        note('str')\n        return self.name\n\n\nSPELLED = [Spelled(path) for path in PATHS]",
    "STRINGS": "class Name(str):\n    def __format__(self, spec):\n        note('format')\n        return str.__str__(self)\n\n    def __eq__(self, other):\n        note('eq')\n        return str.__eq__(self, other)\n\n    __hash__ = str.__hash__\n\n\nSTRINGS = [Name(path) for path in PATHS]",
    "PATHLIKES": "class Noting(type(Path())):\n    def open(self, *args, **options):\n        note('open', self.name)\n        return super().open(*args, **options)\n\n\nPATHLIKES = [Noting(path) for path in PATHS]",
    "LISTLIKE": "class Rows(list):\n    def __iter__(self):\n        for one in list.__iter__(self):\n            note('next')\n            yield one\n\n\nLISTLIKE = Rows(PATHS)",
    "GETITEM": "class Items:\n    def __getitem__(self, number):\n        note(number)\n        if number > 3:\n            raise IndexError\n        return PATHS[number]\n\n\nGETITEM = Items()",
    "SIZED": "class Sized:\n    def __init__(self):\n        self.at = 0\n\n    def __len__(self):\n        return len(PATHS)\n\n    def __iter__(self):\n        return self\n\n    def __next__(self):\n        if self.at >= len(PATHS):\n            raise StopIteration\n        self.at += 1\n        return PATHS[self.at - 1]\n\n\nSIZED = Sized()",
    "MANAGER": "class Manager:\n    depth = 0\n\n    def __enter__(self):\n        Manager.depth += 1\n        note('enter', Manager.depth)\n        return self\n\n    def __exit__(self, *error):\n        Manager.depth -= 1\n        note('exit', error[0])\n        return False\n\n\nMANAGER = Manager()",
    "SWALLOW": "class Swallow:\n    def __enter__(self):\n        return self\n\n    def __exit__(self, *error):\n        return error[0] is not None and issubclass(error[0], OSError)\n\n\nSWALLOW = Swallow()",
    "WRITER": "class Writer:\n    def __exit__(self, *error):\n        Path('data/3.txt').write_text('left')\n\n    def __enter__(self):\n        return self\n\n    def __setitem__(self, key, value):\n        Path('data/4.txt').write_text(str(value))\n\n    def __iadd__(self, other):\n        Path('data/4.txt').write_text(str(other))\n        return self\n\n    def save(self, text):\n        Path('data/2.txt').write_text(text)\n\n    def __setattr__(self, name, value):\n        Path('data/3.txt').write_text(name)\n\n    def __call__(self, text):\n        Path('data/3.txt').write_text('called')\n\n\nWRITER = Writer()",
    "DERIVED": "class Base:\n    def load(self, name):\n        return Path(name).read_text()\n\n    def done(self, text):\n        return text\n\n\nclass Derived(Base):\n    def load(self, name):\n        note('derived')\n        return Path(name).read_text()\n\n    def done(self, text):\n        Path('data/3.txt').write_text('done')\n        return text\n\n\nDERIVED = Derived()",
    "PLAIN_BASE": "class Loader:\n    limit = 3\n\n    def __init__(self):\n        self.count = 0\n\n    def load(self, name):\n        return Path(name).read_text()\n\n    def part(self, name):\n        return open(name).read(self.limit)\n\n    def done(self, text):\n        self.count += 1\n        return text\n\n    def grow(self):\n        self.limit += 1\n\n\nPLAIN_BASE = Loader()",
    "CALLABLE": "class Call:\n    def __init__(self):\n        self.calls = 0\n\n    def __call__(self, name):\n        self.calls += 1\n        return open(name).read() + str(self.calls)\n\n\nCALLABLE = Call()",
    "DESC": "class Field:\n    def __get__(self, owner, cls):\n        note('field')\n        return len(LOG)\n\n    def __set__(self, owner, value):\n        global LIMIT\n        LIMIT = 2\n\n\nclass Owner:\n    field = Field()\n\n\nDESC = Owner()",
    "Record": "from dataclasses import dataclass, field\n\n\n@dataclass\nclass Record:\n    path: str\n    number: int = field(default_factory=lambda: len(LOG))\n\n    def __post_init__(self):\n        note('made')",
    "Numbered": "class Numbered:\n    last = 0\n\n    def __init__(self, text):\n        Numbered.last += 1\n        self.number, self.text = Numbered.last, text",
    "Entry": "class Entry:\n    def __init__(self, text):\n        self.text = text\n\n    def __repr__(self):\n        return f'Entry({self.text!r})'",
    # reading
    "load": "def load(name):\n    return Path(name).read_text()",
    "load_open": "def load_open(name, mode='r'):\n    with open(name, mode) as file:\n        return file.read()",
    "load_json": "def load_json(name):\n    with open(name) as file:\n        return json.load(file)",
    "load_lines": "def load_lines(name):\n    found = []\n    with open(name) as file:\n        for line in file:\n            found.append(line.strip())\n    return found",
    "load_safe": "def load_safe(name):\n    try:\n        return open(name).read()\n    except OSError:\n        return None",
    "load_strict": "def load_strict(name):\n    text = open(name).read()\n    if 'line 4' in text:\n        raise ValueError(name)\n    return text",
    "fetch": "def fetch(name):\n    with urllib.request.urlopen(f'{BASE}/{name}', timeout=10) as response:\n        return response.read().decode()",
    "load_part": "def load_part(name):\n    return open(name).read(LIMIT)",
    "load_state": "def load_state(name):\n    return STATE['prefix'] + open(name).read()",
    "load_mode": "def load_mode(name):\n    with open(name, STATE['mode']) as file:\n        return file.read()",
    "load_counted": "def load_counted(name):\n    global COUNT\n    COUNT += 1\n    return open(name).read() + str(COUNT)",
    "load_noted": "def load_noted(name):\n    note(name)\n    return open(name).read()",
    "load_cached": "def load_cached(name):\n    if name not in STATE:\n        STATE[name] = open(name).read()\n    return STATE[name]",
    "load_set": "def load_set(name):\n    load_set.last = name\n    return open(name).read()",
    "load_default": "def load_default(name, kept=[]):\n    kept.append(name)\n    return open(name).read() + str(len(kept))",
    "load_traced": "def load_traced(name):\n    Path('trace.txt').write_text(name)\n    return open(name).read()",
    "load_locked": "def load_locked(name):\n    with LOCK:\n        return open(name).read()",
    "load_mutex": "def load_mutex(name):\n    MUTEX.acquire()\n    try:\n        return open(name).read()\n    finally:\n        MUTEX.release()",
    "load_local": "def load_local(name):\n    return open(name).read() + getattr(LOCAL, 'prefix', 'none')",
    "load_var": "def load_var(name):\n    return open(name).read() + VAR.get()",
    "load_random": "def load_random(name):\n    return open(name).read() + str(random.random())",
    "load_warned": "def load_warned(name):\n    warnings.warn(name, stacklevel=2)\n    return open(name).read()",
    "load_frame": "def load_frame(name):\n    return open(name).read() + sys._getframe(1).f_code.co_name",
    "load_timed": "def load_timed(name):\n    began = time.perf_counter()\n    text = open(name).read()\n    STATE['slow'] = STATE.get('slow', 0) + (time.perf_counter() - began > 0.001)\n    return text",
    "load_late": "def load_late(name):\n    return made_later(name)",
    "load_offset": "def load_offset(name):\n    HANDLE.seek(len(name) - 9)\n    return HANDLE.read(4)",
    "load_env": "def load_env(name):\n    return open(os.environ.get('FILE', name)).read()",
    "load_next": "def load_next(name):\n    return open(name).read() + str(next(COUNTER))",
    "load_generator": "def load_generator(name):\n    with open(name) as file:\n        yield from file",
    "load_twice": "def load_twice(name):\n    return load(name) + load_safe(name)",
    "load_memo": "@functools.lru_cache(maxsize=None)\ndef load_memo(name):\n    note('memo', name)\n    return open(name).read()",
    "load_wrapped": "def noting(function):\n    @functools.wraps(function)\n    def inner(*args):\n        note('wrapped')\n        return function(*args)\n    return inner\n\n\n@noting\ndef load_wrapped(name):\n    return open(name).read()",
    "load_if": "if LIMIT > 3:\n    def load_if(name):\n        note('first')\n        return open(name).read()\nelse:\n    def load_if(name):\n        return open(name).read()",
    "load_either": "def load_either(name):\n    return open(name).read()\n\n\nif LIMIT == 4:\n    load_either = lambda name: note('other') and open(name).read()",
    "load_chain": "def load_chain(name):\n    return open(STATE.get(name, name)).read()",
    "load_pair": "def load_pair(name):\n    return name, open(name).read()",
    "load_exit": "def load_exit(name):\n    if '4' in name:\n        raise SystemExit(name)\n    return open(name).read()",
    "load_stop": "def load_stop(name):\n    if '3' in name:\n        raise StopIteration(name)\n    return open(name).read()",
    "load_deep": "def load_deep(name, depth=2):\n    return load_deep(name, depth - 1) if depth else open(name).read()",
    "load_into": "def load_into(name, into):\n    into.append(name)\n    return open(name).read() + str(len(into))",
    "load_upper": "def load_upper(name, change=str.upper):\n    return change(open(name).read())",
    "load_closure": "def make_load():\n    calls = 0\n\n    def inner(name):\n        nonlocal calls\n        calls += 1\n        return open(name).read() + str(calls)\n    return inner\n\n\nload_closure = make_load()",
    "load_partial": "load_partial = functools.partial(lambda name, mode: open(name, mode).read(), mode='r')",
    "aload": "async def aload(name):\n    return await asyncio.to_thread(load, name)",
    # other helpers
    "grow": "def grow():\n    global LIMIT\n    LIMIT += 1",
    "rename": "def rename(name):\n    STATE['data/5.txt'] = name",
    "save": "def save(name, text):\n    Path(name).write_text(text)",
    "save_lambda": "save_lambda = lambda name, text: Path(name).write_text(text)",
    "stamp": "def stamp(number):\n    with open(f'data/{number + 2}.txt', 'a') as file:\n        file.write('+')",
    "move": "def move():\n    PATHS.append(PATHS.pop(0))",
    "gone": "def gone(name):\n    os.replace('data/1.txt', 'data/5.txt') if os.path.exists('data/1.txt') else None",
    "dispatch": "DISPATCH = {'save': lambda text: Path('data/4.txt').write_text('sent'), 'skip': str}\n\n\ndef dispatch(name, text):\n    return DISPATCH[name](text)",
    "quiet": "def quiet(text):\n    return len(text)",
    "entered": "@contextlib.contextmanager\ndef entered(name):\n    note('in', name)\n    try:\n        yield name\n    finally:\n        note('out', name)",
    "folder": "@contextlib.contextmanager\ndef folder():\n    before = os.getcwd()\n    os.chdir('other')\n    try:\n        yield\n    finally:\n        os.chdir(before)",
    "told": "def told(name):\n    note('told', name)\n    return name",
    "untold": "def untold(name):\n    return str(name)",
    "pause": "def pause():\n    time.sleep(0.001)",
    "clean": "def clean(text):\n    return re.sub('l', replaced, text)\n\n\ndef replaced(match):\n    note('l')\n    return 'L'",
    "hooked": "def hooked(found):\n    note('hook')\n    return found",
    "made_later": "def made_later(name):\n    return open(name).read()",
    "take": "def take():\n    return QUEUE.popleft() if QUEUE else None",
    # generators
    "quiet_names": "def quiet_names(names):\n    for name in names:\n        yield name",
    "noting_names": "def noting_names(names):\n    for name in names:\n        note('next', name)\n        yield name\n        note('after', name)",
    "failing_names": "def failing_names(names):\n    for number, name in enumerate(names):\n        if number == 3:\n            raise RuntimeError('no more')\n        yield name",
    "watching_names": "def watching_names(names):\n    for name in names:\n        if len(LOG) > 3:\n            return\n        yield name",
    "closing_names": "def closing_names(names):\n    try:\n        yield from names\n    finally:\n        note('closed')",
    "handle_names": "def handle_names(names):\n    for name in names:\n        with open(name) as file:\n            yield file",
    "state_names": "def state_names(names):\n    for name in names:\n        STATE['now'] = name\n        yield name",
}  # fmt: skip
"""What pieces may name, by name."""

METHODS = {
    "__getattr__": ("name", "{do}\nreturn str(name)"), "__missing__": ("key", "{do}\nreturn key"), "__format__": ("spec", "{do}\nreturn 'data/1.txt'"),
    "__fspath__": ("", "{do}\nreturn 'data/2.txt'"), "__str__": ("", "{do}\nreturn 'data/3.txt'"), "__repr__": ("", "{do}\nreturn 'box'"),
    "__eq__": ("other", "{do}\nreturn False"), "__hash__": ("", "{do}\nreturn 7"), "__bool__": ("", "{do}\nreturn True"), "__len__": ("", "{do}\nreturn 3"),
    "__contains__": ("one", "{do}\nreturn True"), "__getitem__": ("key", "{do}\nreturn PATHS[0]"), "__setitem__": ("key, value", "{do}"), "__iter__": ("", "{do}\nreturn iter(PATHS)"),
    "__add__": ("other", "{do}\nreturn self"), "__radd__": ("other", "{do}\nreturn other"), "__iadd__": ("other", "{do}\nreturn self"), "__call__": ("*args", "{do}\nreturn 'called'"),
    "__setattr__": ("name, value", "{do}\nobject.__setattr__(self, name, value)"), "__lt__": ("other", "{do}\nreturn True"), "__enter__": ("", "{do}\nreturn self"),
    "__exit__": ("*error", "{do}"), "__index__": ("", "{do}\nreturn 1"), "__int__": ("", "{do}\nreturn 1"), "__next__": ("", "{do}\nraise StopIteration"),
    "__getattribute__": ("name", "{do}\nreturn object.__getattribute__(self, name)"), "__delattr__": ("name", "{do}"), "__mod__": ("other", "{do}\nreturn 'm'"),
    "__truediv__": ("other", "{do}\nreturn other"), "__bytes__": ("", "{do}\nreturn b'x'"), "__del__": ("", "pass"),
}  # fmt: skip
"""Methods that Python calls by itself: parameters and body, with something that is done first."""
DOINGS = (
    "note(1)", "Box.count += 1", "pass", "global LIMIT; LIMIT = 2", "STATE['prefix'] = 'x'", "Path('data/4.txt').write_text('hook')", "PATHS.reverse()", "LOG.clear()", "pass", "note('h')",
)  # fmt: skip

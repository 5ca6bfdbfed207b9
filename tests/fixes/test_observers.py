"""A loop keeps its safe fix unless something in the file can tell threads apart, or runs code of the file when others read, log, decode or drop objects.

Each row is what stands before the function of the loop, in it before the loop, in the function that reads, and in the loop behind the read.
"""

from __future__ import annotations

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

HEAD = """
import argparse, atexit, codecs, contextlib, decimal, fileinput, functools, gc, importlib, io, json, logging, mmap, operator, os, re, statistics, sys
import os.path as paths_of, threading, types, warnings, weakref, urllib.request
from pathlib import Path
import numpy
log = logging.getLogger("reader")
calls = []
def count(*given):
    calls.append(given)
    return len(calls)
"""
Way = tuple[str, str, str, str]
_PLAIN: dict[str, Way] = {
    "nothing": ("", "", "", ""),
    "log lines": ("", "", "log.info('reading %s', path)", "log.info('read %s', path)"),
    "a generator that is gone over": ("def lines(p):\n    with open(p) as f:\n        yield from f", "n = len(list(lines('x')))", "", ""),
    "a manager that is entered": ("@contextlib.contextmanager\ndef quiet():\n    yield", "with quiet(): pass", "", ""),
    "partial of plain data": ("small = functools.partial(int, base=16)", "", "small('f')", ""),
    "texts as replacements": ("", "", "re.sub('a', 'b', text)", ""),
    "lambdas as keys": ("", "", "sorted(text, key=lambda c: c.lower())", ""),
    "a stack that is left in the end": ("", "stack = contextlib.ExitStack()", "", ""),
    "a weak reference": ("class Lease: pass\nlease = Lease()\nreference = weakref.ref(lease)", "", "", ""),
    "a handler of a library": ("log.addHandler(logging.StreamHandler(sys.stderr))", "", "log.info('x')", ""),
    "an exit in what stays": ("", "", "", "if not text: sys.exit(1)"),
    "ABC": ("import abc\nclass Base(metaclass=abc.ABCMeta):\n    def name(self): return 1", "", "", ""),
    "a base that is called": ("class A:\n    def __init__(self): self.a = 1\nclass B(A):\n    def __init__(self):\n        A.__init__(self)", "", "", ""),
    "the collector without its results": ("gc.disable()", "", "", "gc.collect()"),
    "log settings that are shown": (
        "import logging.config\nlogging.config.dictConfig({'version': 1, 'formatters': {'f': {'format': '%(message)s'}}, 'handlers': {'c': {'class': 'logging.StreamHandler', "
        "'stream': 'ext://sys.stderr', 'formatter': 'f'}}, 'loggers': {__name__: {'level': 'INFO'}}, 'root': {'handlers': ['c']}})", "", "log.info('x')", "log.info('x')",
    ),
    "log settings under a name": (
        "import logging.config\nLOGS = {'version': 1, 'handlers': {'f': {'class': 'logging.handlers.RotatingFileHandler', 'filename': 'x'}}}", "logging.config.dictConfig(LOGS)", "", "log.info('x')",
    ),
    "log settings of a file": ("import logging.config\nlogging.config.dictConfig(json.loads(Path('logs.json').read_text()))", "", "log.info('x')", ""),
    "handlers that are looked at": ("if not log.handlers:\n    log.addHandler(logging.StreamHandler())", "", "log.info('x')", ""),
    "handlers that are taken away before": ("logging.getLogger().handlers = []\nlog.handlers.clear()", "", "log.info('x')", ""),
    "a list of the project": ("from project.state import results", "", "", "results.append(text)"),
    "a function of a module that is named like a method": ("", "", "", "numpy.append([1], 2)"),
    "a number of a module": ("import math", "n = math.inf", "", "n += len(text)"),
    "a profiler that is not used": ("import cProfile, tracemalloc", "", "", ""),
    "a frozen clock": ("from freezegun import freeze_time\n@freeze_time('2024-01-01')\ndef test(): collect([])", "", "", ""),
    "a visitor": ("import socket", "", "", "text.accept(1)"),
    "a thread that runs": ("import requests", "threading.Thread(target=print).start()", "", ""),
    "a cloud's server": ("import cloud", "cloud.create_server('x')", "", ""),
    "other processes": ("import psutil", "names = [one.name() for one in psutil.process_iter()]", "", ""),
    "a profile of a user": ("", "", "", "getattr(text, 'profile', None)"),
    "a version": ("__version__ = '1'\ncount.__doc__ = 'counts'", "", "", ""),
}
_OBSERVED: dict[str, Way] = {
    "recorded warnings": ("", "seen = warnings.catch_warnings(record=True)", "", ""),
    "warnings shown": ("warnings.showwarning = count", "", "compile(text, path, 'exec')", ""),
    "filters of warnings": ("", "", "", "warnings._filters_mutated()"),
    "stacklevel": ("", "", "log.info('reading', stacklevel=2)", ""),
    "handler of the file": ("class Keep(logging.Handler):\n    def emit(self, record): calls.append(record)", "", "log.info('x')", ""),
    "filter of the file": ("class Guard(logging.Filter):\n    def filter(self, record): return count()", "", "log.info('x')", ""),
    "function as a filter": ("log.addFilter(count)", "", "", "log.info('x')"),
    "factory of records": ("logging.setLogRecordFactory(count)", "", "log.info('x')", ""),
    "stream of the file": ("class Sink:\n    def write(self, text): count()\nlog.addHandler(logging.StreamHandler(Sink()))", "", "", "log.info('x')"),
    "level set in the loop": ("", "", "", "log.setLevel(30)"),
    "handler removed in the loop": ("", "", "", "log.removeHandler(log.handlers[0])"),
    "logging turned off in the loop": ("", "", "", "logging.disable()"),
    "log file made in the loop": ("", "", "", "logging.FileHandler('data/6.txt', mode='w')"),
    "formatter set in the loop": ("H = logging.StreamHandler()", "", "", "H.setFormatter(logging.Formatter('x'))"),
    "format set in the loop": ("F = logging.Formatter()", "", "", "F._style._fmt = 'x'"),
    "handlers replaced in the loop": ("", "", "", "log.handlers = []"),
    "handlers cleared in the loop": ("", "", "", "log.handlers.clear()"),
    "logger disabled in the loop": ("", "", "", "log.disabled = True"),
    "logger disabled in a function": ("def quiet(): log.disabled = True", "", "", "quiet()"),
    "log configured in the loop": ("", "", "", "logging.basicConfig(level=10)"),
    "log kept in memory": ("log.addHandler(logging.handlers.BufferingHandler(10))", "", "log.info('x')", ""),
    "log kept in a text": ("", "kept = io.StringIO(); logging.basicConfig(stream=kept)", "log.info('x')", ""),
    "log kept by a test": ("", "kept = self.assertLogs('reader')", "log.info('x')", ""),
    "log adapter": ("log = logging.LoggerAdapter(log, {})", "", "log.info('x')", ""),
    "handler that is an object of the file": ("class Count:\n    def handle(self, record): count()\nlog.addHandler(Count())", "", "log.info('x')", ""),
    "output to the file's own": ("class Tee:\n    def write(self, text): count()\nsys.stderr = Tee()", "", "log.info('x')", ""),
    "output to a file": ("", "target = open('data/9.txt', 'w'); sys.stdout = target", "", "print('x')"),
    "decoder with a hook": ("DECODER = json.JSONDecoder(object_hook=count)", "", "DECODER.decode('{}')", ""),
    "encoder of the file": ("class Encoder(json.JSONEncoder):\n    def default(self, value): return count()\nENCODER = Encoder()", "", "ENCODER.encode({})", ""),
    "decoder with a state": ("DECODER = codecs.getincrementaldecoder('utf-8')()", "", "DECODER.decode(b'a')", ""),
    "constructor of YAML": ("import yaml\nyaml.SafeLoader.yaml_constructors['!n'] = count", "", "yaml.safe_load('a')", ""),
    "object of YAML": ("import yaml\nclass Doc(yaml.YAMLObject):\n    def __setstate__(self, state): count()", "", "yaml.safe_load('a')", ""),
    "converters by position": ("", "", "numpy.loadtxt(path, float, '#', None, {0: count})", ""),
    "converters under a name": ("CONVERTERS = {0: count}", "", "numpy.loadtxt(path, float, '#', None, CONVERTERS)", ""),
    "environment by its method": ("", "", "os.path.expandvars('$X')", "os.environ.__setitem__('X', path)"),
    "what a module holds": ("import mimetypes", "", "mimetypes.guess_type('a.xq')", "mimetypes.types_map['.xq'] = path"),
    "what a module holds, by its method": ("import mimetypes", "", "mimetypes.guess_type('a.xq')", "mimetypes.types_map.update({'.xq': path})"),
    "what a module holds, under a name": ("import mimetypes\nTYPES = mimetypes.types_map", "", "mimetypes.guess_type('a.xq')", "TYPES.update({'.xq': path})"),
    "loggers counted": ("", "", "logging.getLogger(path)", "len(logging.root.manager.loggerDict)"),
    "callback of a future": ("", "self.add_done_callback(count)", "", "self.set_result(1)"),
    "scheduler": ("import sched", "plan = sched.scheduler()", "", "plan.run()"),
    "key of a group": ("import itertools\nKEYS = {'t': count}", "", "list(itertools.groupby(text, KEYS['t']))", ""),
    "default of an encoder": ("OPTIONS = {'default': count}", "", "json.dumps(text, default=OPTIONS['default'])", ""),
    "exit that a function makes": ("def stop(path): return SystemExit(path)", "", "if '4' in text: raise stop(path)", ""),
    "cancellation": ("import asyncio", "", "if '4' in text: raise asyncio.CancelledError", ""),
    "threads in /proc": ("", "", "", "open('/proc/self/status').read()"),
    "exit under another name": ("Quit = SystemExit", "", "if '4' in text: raise Quit(3)", ""),
    "exit of a class of the file": ("class Abort(SystemExit): pass", "", "if '4' in text: raise Abort(3)", ""),
    "exit that is an object": ("", "", "error = SystemExit(3)\n    if '4' in text: raise error", ""),
    "exit function under a name": ("die = sys.exit", "", "if '4' in text: die(3)", ""),
    "mapped file": ("", "mapped = mmap.mmap(-1, 9)", "", "mapped[0] = 1"),
    "mapped array": ("", "mapped = numpy.memmap('a', numpy.uint8, 'r+')", "", "mapped[0] = 1"),
    "array to a file": ("", "", "", "numpy.zeros(1).tofile('data/6.txt')"),
    "error handler": ("codecs.register_error('note', count)", "", "b'a'.decode('ascii', errors='note')", ""),
    "codec": ("codecs.register(count)", "", "b'a'.decode('counted')", ""),
    "dump of a pattern": ("", "", "re.compile(text, re.DEBUG)", ""),
    "callbacks in a stack": ("", "stack = contextlib.ExitStack(); stack.callback(count)", "", "stack.close()"),
    "managers in a stack": ("", "stack = contextlib.ExitStack(); stack.enter_context(open('x'))", "", "stack.pop_all().close()"),
    "finalizer": ("", "done = weakref.finalize(log, count)", "", ""),
    "weak reference with a callback": ("", "gone = weakref.ref(log, count)", "", ""),
    "callback of the collector": ("gc.callbacks.append(count)", "", "", ""),
    "objects that are alive": ("", "", "", "len(gc.get_objects())"),
    "exit functions": ("", "", "", "atexit._run_exitfuncs()"),
    "audit hook": ("sys.addaudithook(count)", "", "", ""),
    "threads counted": ("", "", "", "threading.active_count()"),
    "threads listed": ("", "", "", "len(threading.enumerate())"),
    "decimal context": ("", "", "decimal.Decimal(1) / 3", "decimal.getcontext().prec = 5"),
    "numpy's errors": ("numpy.seterr(divide='call')", "", "", ""),
    "descriptors": ("", "other = os.dup(1)", "", ""),
    "generator closed": ("def visit():\n    try: yield\n    finally: count()", "one = visit(); next(one)", "", "one.close()"),
    "generator dropped": ("def visit():\n    with open('x'):\n        yield", "kept = [visit()]", "", "kept.clear()"),
    "manager left by hand": ("@contextlib.contextmanager\ndef home():\n    yield\n    count()", "one = home(); one.__enter__()", "", "one.__exit__(None, None, None)"),
    "arguments parsed": ("parser = argparse.ArgumentParser()\nparser.add_argument('x', type=count)", "", "", "parser.parse_args(['1'])"),
    "the module itself": ("import __main__", "", "", ""),
    "hook in a partial": ("read = functools.partial(json.loads, object_hook=count)", "", "read('{}')", ""),
    "factory in a partial": ("import collections\ntable = functools.partial(collections.defaultdict, count)", "", "table()[text]", ""),
    "mode in a partial": ("start = functools.partial(open, mode='w+')", "", "start(path).read()", ""),
    "hook in a dict": ("OPTIONS = {'object_hook': count}", "", "json.loads('{}', **OPTIONS)", ""),
    "key in a dict": ("KEYS = {'t': count}", "", "sorted(text, key=KEYS['t'])", ""),
    "key by a condition": ("", "", "sorted(text, key=count if text else None)", ""),
    "function of a list": ("STEPS = [count]", "", "list(map(STEPS[0], text))", ""),
    "replacement in a dict": ("TABLE = {'t': count}", "", "re.sub('t', TABLE['t'], text)", ""),
    "replacement of a namespace": ("HOOKS = types.SimpleNamespace(first=count)", "", "re.sub('t', HOOKS.first, text)", ""),
    "replacement that a call gives": ("def make(): return count", "", "re.sub('t', make(), text)", ""),
    "property made by a call": ("class Doc:\n    def _size(self): return count()\n    size = property(_size)", "", "Doc().size", ""),
    "property made later": ("class Doc: pass\nDoc.size = property(count)\nDOC = Doc()", "", "DOC.size", ""),
    "special method set by name": ("class Steps: pass\nsetattr(Steps, '__iter__', count)\nSTEPS = Steps()", "", "", "list(STEPS)"),
    "special method assigned": ("class Doc: pass\nDoc.__len__ = count\nDOC = Doc()", "", "len(DOC)", ""),
    "order of what a list holds": ("class Doer:\n    def __lt__(self, other): return count()\nDOERS = [Doer(), Doer()]", "", "sorted(DOERS)", ""),
    "order of what is listed": ("class Doer:\n    def __lt__(self, other): return count()\none = Doer()", "", "sorted([one, one])", ""),
    "method of a subclass of dict": ("class Row(dict):\n    def items(self): return calls.append(1)\nROWS = [Row()]", "", "json.dumps(ROWS)", ""),
    "method of a subclass of int": ("class Number(int):\n    def as_integer_ratio(self): return calls.append(1)\nNUMBERS = [Number()]", "", "statistics.mean(NUMBERS)", ""),
    "name of a text's method": ("TOOLS = types.SimpleNamespace(strip=count)", "", "TOOLS.strip()", ""),
    "mock": ("import unittest.mock\nTOOLS = unittest.mock.Mock()\nTOOLS.upper.side_effect = count", "", "TOOLS.upper()", ""),
    "writer in a dict": ("WAYS = {'w': Path('data/6.txt').write_text}", "", "", "WAYS['w']('gone')"),
    "writer as a stream": ("SINK = types.SimpleNamespace(write=Path('data/6.txt').write_text)", "", "", "print('x', file=SINK)"),
    "writer by its name": ("", "", "", "getattr(os, 'replace')('a', 'b')"),
    "module by its name": ("", "", "", "importlib.import_module('os').replace('a', 'b')"),
    "module of a module": ("", "", "", "paths_of.os.replace('a', 'b')"),
    "method caller": ("", "", "", "operator.methodcaller('write_text', 'x')(Path(path))"),
    "files changed in place": ("", "", "", "[print('new') for line in fileinput.FileInput('data/6.txt', inplace=True)]"),
    "download": ("", "", "", "urllib.request.urlretrieve('file:a', 'data/6.txt')"),
    "exit in what reads": ("", "", "if '4' in text: raise SystemExit(3)", ""),
    "exception of no Exception": ("class Skip(BaseException): pass", "", "if '4' in text: raise Skip", ""),
    "class of StopIteration": ("class End(StopIteration): pass", "", "if '4' in text: raise End", ""),
    "another name of StopIteration": ("End = StopIteration", "", "if '4' in text: raise End(path)", ""),
    "profile of the interpreter": ("sys.setprofile(count)", "", "", ""),
    "trace of the interpreter": ("sys.settrace(count)", "", "", ""),
    "trace under another name": ("from sys import settrace as watch\nwatch(count)", "", "", ""),
    "profile of threads": ("threading.setprofile(count)", "", "", ""),
    "trace of threads": ("threading.settrace(count)", "", "", ""),
    "profile of all threads": ("threading.setprofile_all_threads(count)", "", "", ""),
    "monitoring": ("sys.monitoring.use_tool_id(2, 'tool')", "", "", ""),
    "profiler": ("import cProfile", "profile = cProfile.Profile(); profile.enable()", "", ""),
    "profiler by its class": ("from cProfile import Profile", "profile = Profile(); profile.enable()", "", ""),
    "profiler around a call": ("import cProfile\ncProfile.run('collect([])')", "", "", ""),
    "profiler in Python": ("import profile as profiler\nprofiler.run('collect([])')", "", "", ""),
    "tracer": ("import trace", "tracer = trace.Trace(count=1)", "", ""),
    "debugger": ("import bdb\nclass Steps(bdb.Bdb): pass", "", "", ""),
    "coverage": ("import coverage\nmeasured = coverage.Coverage()", "", "", ""),
    "memory traced": ("import tracemalloc\ntracemalloc.start()", "", "", "tracemalloc.get_traced_memory()"),
    "memory limit": ("import resource\nresource.setrlimit(resource.RLIMIT_AS, (1 << 30, -1))", "", "", ""),
    "deeper recursion": ("import sys\nsys.setrecursionlimit(10**6)", "", "", ""),
    "signals blocked": ("import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})", "", "", ""),
    "signals waited for": ("from signal import sigwait, SIGUSR1", "", "", "sigwait({SIGUSR1})"),
    "result of the collector": ("", "", "", "print(gc.collect() > 0)"),
    "result of the collector, imported": ("from gc import collect as sweep", "", "", "calls.append(sweep())"),
    "collector as a value": ("sweep = gc.collect", "", "", "calls.append(sweep())"),
    "counts of the collector": ("", "", "", "print(gc.get_count())"),
    "what the collector left": ("", "", "", "print(len(gc.garbage))"),
    "debugging the collector": ("gc.set_debug(gc.DEBUG_STATS)", "", "", ""),
    "threads of the process": ("import psutil", "process = psutil.Process()", "", "print(process.num_threads())"),
    "files of the process": ("from psutil import Process", "process = Process()", "", "print(len(process.open_files()))"),
    "memory of the process": ("import resource", "", "", "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"),
    "threads in /proc, as a path": ("", "", "", "len(list((Path('/proc') / 'self' / 'task').iterdir()))"),
    "descriptors of the process": ("", "", "", "len(os.listdir('/dev/fd'))"),
    "clock that goes on when it is read": ("from freezegun import freeze_time\nwith freeze_time('2024-01-01', auto_tick_seconds=1):\n    pass", "", "", ""),
    "clock with unknown settings": ("import freezegun\nOPTIONS = {}\nwith freezegun.freeze_time('2024-01-01', **OPTIONS):\n    pass", "", "", ""),
    "log kept by settings": ("import logging.config\nlogging.config.dictConfig({'version': 1, 'handlers': {'m': {'class': 'logging.handlers.MemoryHandler', 'capacity': 9}}})", "", "log.info('x')", ""),
    "log kept by settings under a name": ("from logging.config import dictConfig\nLOGS = {'version': 1, 'handlers': {'m': {'class': 'logging.handlers.MemoryHandler', 'capacity': 9}}}\ndictConfig(LOGS)", "", "log.info('x')", ""),
    "handler that settings make": ("import logging.config\nlogging.config.dictConfig({'version': 1, 'handlers': {'m': {'()': count}}})", "", "log.info('x')", ""),
    "handler of the file in settings": ("import logging.config\nlogging.config.dictConfig({'version': 1, 'handlers': {'m': {'class': 'program.Keep'}}})", "", "log.info('x')", ""),
    "stream in settings": ("import logging.config\nlogging.config.dictConfig({'version': 1, 'handlers': {'m': {'class': 'logging.StreamHandler', 'stream': io.StringIO()}}})", "", "log.info('x')", ""),
    "settings that are not seen, and a handler that is asked": ("import logging.config\nlogging.config.dictConfig(json.loads(Path('logs.json').read_text()))\nkept = logging.getLogger().handlers[0]", "", "log.info('x')", "print(len(kept.buffer))"),
    "handler put into the list": ("import logging.handlers\nkept = logging.handlers.MemoryHandler(9)\nlogging.root.handlers.append(kept)", "", "log.info('x')", ""),
    "handlers assigned": ("class Keep:\n    level = 0\n    def handle(self, record): calls.append(record)\nlog.handlers = [Keep()]", "", "log.info('x')", ""),
    "server of HTTP": ("from http.server import BaseHTTPRequestHandler\nclass Page(BaseHTTPRequestHandler):\n    def do_GET(self): count()", "", "", ""),
    "server of HTTP by its module": ("import http.server as web\nserver = web.ThreadingHTTPServer(('', 0), web.SimpleHTTPRequestHandler)", "", "", ""),
    "server of sockets": ("import socketserver\nclass Page(socketserver.BaseRequestHandler):\n    def handle(self): count()", "", "", ""),
    "server of XML": ("from xmlrpc.server import SimpleXMLRPCServer\nserver = SimpleXMLRPCServer(('', 0))", "", "", ""),
    "server of WSGI": ("from wsgiref.simple_server import make_server\nserver = make_server('', 0, count)", "", "", ""),
    "server by hand": ("import socket\ndef serve(listening):\n    while True:\n        listening.accept()[0].sendall(bytes(count()))", "", "", ""),
    "server of asyncio": ("import asyncio\nasync def serve(): await asyncio.start_server(count, '', 0)", "", "", ""),
    "app in a thread": ("from flask import Flask\napp = Flask(__name__)\nthreading.Thread(target=app.run, daemon=True).start()", "", "", ""),
    "app of uvicorn in a thread": ("import uvicorn\nthreading.Thread(target=lambda: uvicorn.run('x'), daemon=True).start()", "", "", ""),
    "answers that are made up": ("import responses\nresponses.add(responses.GET, 'http://x')", "", "", ""),
    "what a module holds, imported": ("from mimetypes import types_map", "", "mimetypes_of = 1", "types_map.update({'.xq': path})"),
    "what a module holds, imported under another name": ("from mimetypes import types_map as kinds", "", "", "kinds.setdefault('.xq', path)"),
    "what a module holds, with an operator": ("from mimetypes import types_map", "", "", "types_map |= {'.xq': path}"),
    "what a module holds, by a dict's method": ("from mimetypes import types_map", "", "", "dict.update(types_map, {'.xq': path})"),
    "what a module holds, by a function": ("import mimetypes", "", "", "operator.setitem(mimetypes.types_map, '.xq', path)"),
    "what a module holds, under a local name": ("import mimetypes", "kinds = mimetypes.types_map", "", "kinds.update({'.xq': path})"),
    "what a module holds, in a function": ("from mimetypes import types_map\ndef note(path): types_map.update({'.xq': path})", "", "", "note(path)"),
    "trace that is looked up": ("getattr(sys, 'settrace')(count)", "", "", ""),
    "trace of a module under another name": ("system = sys\nsystem.settrace(count)", "", "", ""),
    "profiler that is looked up": ("importlib.import_module('cProfile').run('collect([])')", "", "", ""),
    "clock that goes on, under another name": ("from freezegun import freeze_time as freeze\nfreeze('2024-01-01', auto_tick_seconds=1).start()", "", "", ""),
    "log kept by settings that are changed": ("import logging.config\nLOGS = {'version': 1, 'handlers': {}}\nLOGS['handlers']['m'] = {'class': 'logging.handlers.MemoryHandler', 'capacity': 9}\nlogging.config.dictConfig(LOGS)", "", "log.info('x')", ""),
    "log kept by settings, under another name": ("from logging.config import dictConfig as configure\nconfigure({'version': 1, 'handlers': {'m': {'class': 'logging.handlers.MemoryHandler', 'capacity': 9}}})", "", "log.info('x')", ""),
    "what a module holds, by a bound method": ("from mimetypes import types_map\nput = types_map.update", "", "", "put({'.xq': path})"),
    "what a module holds, given to a function": ("from mimetypes import types_map\ndef put(kinds): kinds['.xq'] = 'x'", "", "", "put(types_map)"),
    "one exception for all": ("END = ValueError('end')", "", "if '4' in text: raise END", ""),
}
_METHODS = {
    "metaclass": ("class Meta(type):\n    def __new__(cls, name, bases, names):\n        return super().__new__(cls, name, bases, {k: count for k in names})", "metaclass=Meta", ""),
    "method of another class": ("", "", "class Other:\n    load = count\n    collect = Reader.collect"),
    "method called with another object": ("", "", "class Other:\n    load = count\ndef main(paths):\n    return Reader.collect(Other(), paths)"),
}


def _is_safe(text: str) -> bool:
    compile(text, "<text>", "exec")
    return "run_parallel(" in fix(text.encode(), Config(), runtime="par_lint.parallel").source.decode()


def _program(head: str, before: str, read: str, rest: str) -> str:
    load = f"def load(path):\n    with open(path) as file:\n        text = file.read()\n    {read or 'pass'}\n    return text\n"
    loop = f"    for path in paths:\n        text = load(path)\n        {rest or 'pass'}\n        out.append(text)\n"
    return f"{HEAD}{head}\n{load}def collect(paths: list[str]):\n    out = []\n    {before or 'pass'}\n{loop}    return out\n"


@pytest.mark.parametrize("way", _PLAIN)
def test_plain_files_keep_the_safe_fix(way: str) -> None:
    assert _is_safe(_program(*_PLAIN[way]))


@pytest.mark.parametrize("way", _OBSERVED)
def test_what_can_tell_threads_apart_makes_it_unsafe(way: str) -> None:
    assert not _is_safe(_program(*_OBSERVED[way]))


@pytest.mark.parametrize("way", [None, *_METHODS])
def test_self_may_be_of_another_class(way: str | None) -> None:
    head, keyword, tail = _METHODS[way] if way else ("", "", "")
    reader = (
        f"class Reader({keyword}):\n    def load(self, path):\n        with open(path) as file:\n            return file.read()\n"
        "    def collect(self, paths: list[str]):\n        out = []\n        for path in paths:\n            text = self.load(path)\n"
        "            out.append(text)\n        return out\n"
    )
    assert _is_safe(f"{HEAD}{head}\n{reader}{tail}\n") is (way is None)


def test_hooks_of_requests_are_functions() -> None:
    text = "import requests\nseen = []\ndef note(r, *a, **k):\n    seen.append(r)\ndef fetch(urls: list[str]):\n    out = []\n    for url in urls:\n"
    assert not _is_safe(f"{text}        out.append(requests.get(url, hooks={{'response': note}}, timeout=9).text)\n    return out\n")
    assert _is_safe(f"{text}        out.append(requests.get(url, timeout=9).text)\n    return out\n")


@pytest.mark.parametrize("around", ["try:\n        1 / 0\n    except ZeroDivisionError:", "try:\n        pass\n    finally:"])
def test_an_exception_that_is_handled_around_the_loop_is_not_seen_in_workers(around: str) -> None:
    loop = "        for path in paths:\n            with open(path) as file:\n                text = file.read()\n            out.append(text)\n"
    assert not _is_safe(f"{HEAD}def collect(paths: list[str]):\n    out = []\n    {around}\n{loop}    return out\n")

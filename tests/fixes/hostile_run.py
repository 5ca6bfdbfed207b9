"""Runs a program of the hostile grammar before and after its safe fix, with slow files, a slow server and real threads, and says where the two differ.

`python tests/fixes/hostile_run.py FIRST END` tries the programs of some seeds, and prints one line of JSON for each as it is begun and as it is
done. A program that hangs ends the process, with the stacks of all threads on stderr: the one that started it goes on behind that program.
"""

from __future__ import annotations

import builtins
import collections
import contextlib
import contextvars
import faulthandler
import gc
import http.server
import importlib
import io
import itertools
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time
import types
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hostile_grammar import write_hostile
from hostile_tables import FILES
from loops_grammar import RandomChoices

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

RUNTIME = "par_lint.parallel"
HANGS_AFTER = 30  # seconds
IMPORTED_SHARE = 16  # one program of so many is imported, the others are run
UNSAFE_SHARE = 8  # of one program of so many the unsafe fixes are made, too, and looked at
_CONFIG = Config()
_LOST = ("NameError", "UnboundLocalError")
_SLOWEST, _FASTER, _ROUND = 0.003, 0.0004, 6  # seconds that opening a file takes; the next file takes less, up to a round of so many
_PATCHED = (builtins, os, io, json, time, random, itertools, pathlib.Path, pathlib.PurePath, urllib.request)
"""What programs may put something of their own into."""


@dataclass(frozen=True)
class Outcome:
    """All that a program did that others can see."""

    error: list[str]
    printed: str
    names: dict[str, str]
    files: dict[str, str]
    requests: dict[str, int]


@dataclass
class Server:
    """Answers each request with its path, slowly, and counts what it is asked."""

    base: str
    asked: collections.Counter[str]


def begin_server() -> Server:
    """A server in a thread of this process, until that ends."""
    asked: collections.Counter[str] = collections.Counter()
    pause = time.sleep

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pause(0.002)
            asked[self.path] += 1
            body = json_of({"name": self.path, "size": len(self.path)}).encode()
            self.send_response(404 if "missing" in self.path else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    class Listening(http.server.ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

    json_of = json.dumps
    server = Listening(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True, name="server").start()
    return Server(f"http://127.0.0.1:{server.server_port}", asked)


# A program run --------------------------------------------------------------------------------------------------------


def run(source: str, folder: Path, server: Server, *, imported: bool) -> Outcome:
    """Run a program in a fresh copy of the files."""
    fill(folder)
    server.asked.clear()
    printed = io.StringIO()
    with _restored(), contextlib.redirect_stdout(printed), _slow_files():
        os.chdir(folder)
        random.seed(7)
        module, error = contextvars.copy_context().run(_execute, source, folder, server, imported)
        ended = time.monotonic()
        for thread in threading.enumerate():  # they end when nobody holds the iterator any more, which an error may do
            if thread.name == "run_parallel":
                thread.join(max(0.0, ended + 1 - time.monotonic()))
        names = {name: shown(value) for name, value in vars(module).items() if is_told(name, value)}
    gc.collect(0)
    files = {str(path.relative_to(folder)): path.read_text(errors="replace") for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".pyc"}
    files.pop("program.py", None)
    text = printed.getvalue().replace(str(folder), "FOLDER")
    return Outcome(list(chain(error)), text, names, files, dict(sorted(server.asked.items())))


def _execute(source: str, folder: Path, server: Server, imported: bool) -> tuple[types.ModuleType, BaseException | None]:
    module = types.ModuleType("program")
    error: BaseException | None = None
    sys.modules["program"] = module
    try:
        if imported:
            (folder / "program.py").write_text(source.replace("@BASE@", server.base))
            del sys.modules["program"]
            sys.path.insert(0, str(folder))
            importlib.invalidate_caches()
            importlib.import_module("program")
            module = sys.modules["program"]
        else:
            exec(compile(source.replace("@BASE@", server.base), "program.py", "exec", dont_inherit=True), module.__dict__)
    except BaseException as raised:  # noqa: B036 - a program may raise what it likes
        error = raised
    return module, error


def fill(folder: Path) -> None:
    """Write the files that programs find."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in FILES.items():
        path = folder / name
        if not path.parent.exists():
            path.parent.mkdir(parents=True)
        path.write_text(text)


@contextlib.contextmanager
def _slow_files() -> Iterator[None]:
    """Opening a file takes some milliseconds, as on a network file system; later ones take less."""
    plain, pause, opened = io.open, time.sleep, itertools.count()

    def slowed(file: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(file, int):
            raise OSError(9, "no descriptor of this process")  # a program must not read or close them
        if type(file) is not str or not file.startswith("/proc"):
            pause(_SLOWEST - _FASTER * (next(opened) % _ROUND))
        return plain(file, *arguments, **options)

    builtins.open = io.open = slowed
    accessor = getattr(pathlib, "_NormalAccessor", None)  # of Python 3.10
    if accessor is not None:
        accessor.open = staticmethod(slowed)
    try:
        yield
    finally:
        if accessor is not None:
            accessor.open = staticmethod(plain)


@contextlib.contextmanager
def _restored() -> Iterator[None]:
    """Whatever a program changes of the process is put back."""
    folder, environment, paths, shown_warnings = os.getcwd(), dict(os.environ), list(sys.path), list(warnings.filters)
    attributes = [(owner, dict(vars(owner))) for owner in _PATCHED]
    limit, mask = sys.getrecursionlimit(), os.umask(0o22)
    try:
        yield
    finally:
        os.chdir(folder)
        os.umask(mask)
        sys.setrecursionlimit(limit)
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:] = paths
        warnings.filters[:] = shown_warnings  # type: ignore[index]
        sys.settrace(None)
        sys.setprofile(None)
        sys.modules.pop("program", None)
        for owner, before in attributes:
            for name, value in list(vars(owner).items()):
                if name not in before:
                    delattr(owner, name)
                elif before[name] is not value and name not in ("__dict__", "__weakref__"):
                    setattr(owner, name, before[name])


# What others can see --------------------------------------------------------------------------------------------------


def is_told(name: str, value: object) -> bool:
    """Whether a global is compared: names in lower case are those that a loop leaves behind, which a program prints if it matters."""
    return not name.startswith("__") and not isinstance(value, types.ModuleType) and (name.isupper() or callable(value))


def shown(value: Any, depth: int = 6) -> str:
    """An object as text, without asking it: its hooks would do something. What is left of an iterator is taken."""
    kind = type(value)
    if kind in (int, float, bool, bytes, type(None), complex, str):
        return repr(value)
    if depth == 0:
        return kind.__name__
    inner = depth - 1
    if issubclass(kind, types.FunctionType):
        return f"function {shown(value.__dict__, inner)} {shown(value.__defaults__, inner)}"
    if issubclass(kind, type):
        own = {key: item for key, item in vars(value).items() if not key.startswith("__") and not callable(item) and not hasattr(type(item), "__get__")}
        return f"class {value.__name__} {shown(own, inner)}"
    if issubclass(kind, BaseException):
        return f"{kind.__name__}{shown(value.args, inner)}"
    text = "" if kind.__module__ == "builtins" else kind.__name__
    if issubclass(kind, dict):
        text += "{" + ", ".join(f"{shown(key, inner)}: {shown(item, inner)}" for key, item in dict.items(value)) + "}"
    elif issubclass(kind, (list, tuple, collections.deque)):
        text += str([shown(item, inner) for item in type(value).__mro__[-2].__iter__(value)])  # type: ignore[attr-defined]
    elif issubclass(kind, (set, frozenset)):
        text += str(sorted(shown(item, inner) for item in value))
    elif issubclass(kind, (str, int, float)):
        text += str.__repr__(value) if isinstance(value, str) else "number"
    elif issubclass(kind, io.IOBase):
        return f"{kind.__name__} {'closed' if value.closed else value.tell() if value.seekable() else ''}"
    elif hasattr(kind, "__next__") and kind.__module__ in ("builtins", "itertools"):
        return f"{kind.__name__} {[shown(item, inner) for item in _left(value)]}"
    elif issubclass(kind, pathlib.PurePath):
        return f"{kind.__name__} {'/'.join(value.parts)}"
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return text or kind.__name__
    return f"{text or kind.__name__} {shown(dict(own), inner)}" if own or not text else text


def _left(iterator: Iterator[Any]) -> list[Any]:
    found: list[Any] = []
    try:
        found.extend(itertools.islice(iterator, 20))
    except BaseException as error:  # noqa: B036 - an iterator may raise what it likes
        found.append(error)
    return found


def chain(error: BaseException | None) -> Iterator[str]:
    """An exception with its arguments, and the types of those that it came from."""
    if error is not None:
        yield f"{type(error).__name__} {shown(error.args)} {getattr(error, 'filename', '')}"
        above = error.__cause__ or error.__context__
        while above is not None:
            yield type(above).__name__
            above = above.__cause__ or above.__context__


def difference(before: Outcome, after: Outcome) -> str:
    """Where two runs differ; empty where they do not."""
    for part in ("error", "printed", "names", "files"):
        old, new = getattr(before, part), getattr(after, part)
        if isinstance(old, dict):
            # functions and imports that only the fixed program has are no difference
            keys = [key for key in {**old, **new} if old.get(key) != new.get(key) and (key in old or part == "files")]
            old, new = ({key: its.get(key) for key in keys} for its in (old, new))
        if old != new:
            return f"{part}:\n  {str(old)[:600]}\n  {str(new)[:600]}"
    asked, more = collections.Counter(before.requests), collections.Counter(after.requests)
    if asked - more or more - asked and not before.error:  # pages behind one that failed may have been asked for
        return f"requests:\n  {before.requests}\n  {after.requests}"
    return ""


# One program ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trial:
    """What became of one program: `fixed` is None where no safe fix applies."""

    source: str
    fixed: str | None
    fault: str = ""


def try_program(source: str, folder: Path, server: Server, *, imported: bool = False) -> Trial:
    """Make the safe fixes of a program, and compare what both do."""
    fixed = fix(source.encode(), _CONFIG, runtime=RUNTIME).source.decode()
    if fixed == source:
        return Trial(source, None)
    before = run(source, folder, server, imported=imported)
    after = run(fixed, folder, server, imported=imported)
    fault = difference(before, after)
    if fault and difference(before, run(source, folder, server, imported=imported)):
        fault = ""  # it never does the same twice
    return Trial(source, fixed, fault)


def try_unsafe(source: str, folder: Path, server: Server) -> Trial:
    """Make all fixes of a program, and see that the result is a program that finds all its names."""
    every = fix(source.encode(), _CONFIG, unsafe=True, runtime=RUNTIME).source.decode()
    if every == source:
        return Trial(source, None)
    try:
        compile(every, "program.py", "exec", dont_inherit=True)
    except SyntaxError as error:
        return Trial(source, every, f"unsafe fixes make what is no program: {error}")
    lost = [name for name in run(every, folder, server, imported=False).error if name.startswith(_LOST)]
    if lost and not any(name.startswith(_LOST) for name in run(source, folder, server, imported=False).error):
        return Trial(source, every, f"unsafe fixes lose a name: {lost}")
    return Trial(source, every)


def main(first: int, end: int) -> None:
    """Try the programs of some seeds."""
    server = begin_server()
    os.environ["no_proxy"] = "*"
    with tempfile.TemporaryDirectory() as place:
        work = Path(place) / "work"
        for seed in range(first, end):
            print(json.dumps({"begun": seed}), flush=True)
            source = write_hostile(RandomChoices(seed))
            trial = _timed(try_program, source, work, server, imported=seed % IMPORTED_SHARE == 1)
            fault = trial.fault
            if seed % UNSAFE_SHARE == 0:
                print(json.dumps({"begun": seed, "unsafe": True}), flush=True)
                fault = fault or _timed(try_unsafe, source, work, server).fault
            print(json.dumps({"done": seed, "changed": trial.fixed is not None, "fault": fault}), flush=True)


def _timed(trying: Callable[..., Trial], *arguments: Any, **options: Any) -> Trial:
    """What became of a program; the process ends if that takes too long."""
    faulthandler.dump_traceback_later(HANGS_AFTER, exit=True)
    try:
        return trying(*arguments, **options)
    finally:
        faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

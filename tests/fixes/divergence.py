"""Runs a program before and after its safe fix, inside this process, and says where the two differ.

Two runtimes run the fixed program: the real one, which reads hardly ahead where reading is fast, and one that reads as far
ahead as it may, in other threads and in the worst order, so that no lucky schedule hides a fault.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import shutil
import sys
import threading
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loops_tables import FILES

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

RUNTIME = "par_lint.parallel"
HARMFUL = "harmful_parallel"
_CONFIG = Config()
PASSING = frozenset({"path", "name", "text", "file", "first", "label", "key", "other", "number", "size", "limit", "last", "line", "part"})
"""Names of a pass: at module level a fix need not leave them to importers, only to the file itself, which prints them where it does."""


@dataclass(frozen=True)
class Outcome:
    """All that a program did that others can see."""

    printed: str
    error: tuple[str, ...]
    files: dict[str, bytes]
    names: dict[str, str]


@dataclass(frozen=True)
class Trial:
    """One program tried: `fixed` is None where no safe fix applies; `difference` is empty where all is the same."""

    source: str
    fixed: str | None
    difference: str = ""

    def __str__(self) -> str:
        return f"{self.difference}\n--- before\n{self.source}\n--- after\n{self.fixed}"


def try_program(source: str, folder: Path) -> Trial:
    """Fix a program as safe, and compare what both do in a new folder."""
    fixed = fix(source.encode(), _CONFIG, runtime=RUNTIME).source.decode()
    if fixed == source:
        return Trial(source, None)
    before = run(source, folder)
    for name in (RUNTIME, HARMFUL):
        after = run(fixed.replace(RUNTIME, name), folder, ignored=_new_names(source, fixed))
        difference = _difference(before, after)
        if difference:
            return Trial(source, fixed, f"with {name}: {difference}")
    return Trial(source, fixed)


BROKEN = ("NameError", "UnboundLocalError", "TypeError", "AttributeError", "StopIteration")


def try_unsafe(source: str, folder: Path) -> Trial:
    """Fix a program with all fixes: what a person has to review may do other things, but is never broken in itself."""
    fixed = fix(source.encode(), _CONFIG, unsafe=True, runtime=RUNTIME).source.decode()
    if fixed == source:
        return Trial(source, None)
    before = run(source, folder)
    for name in (RUNTIME, HARMFUL):
        after = run(fixed.replace(RUNTIME, name), folder)
        is_broken = any(one.startswith(BROKEN) for one in after.error[:1]) or "to unpack" in str(after.error[:1])
        if is_broken and after.error[0].partition("(")[0] != "".join(before.error[:1]).partition("(")[0]:
            return Trial(source, fixed, f"with {name}: {before.error} became {after.error}")
    return Trial(source, fixed)


def run(source: str, folder: Path, ignored: frozenset[str] = frozenset()) -> Outcome:
    """Run a program in a fresh copy of the files."""
    _fill(folder)
    printed = io.StringIO()
    module = types.ModuleType("program")
    error: BaseException | None = None
    with contextlib.chdir(folder) if sys.version_info >= (3, 11) else _chdir(folder), contextlib.redirect_stdout(printed):
        try:
            exec(compile(source, "program.py", "exec", dont_inherit=True), module.__dict__)
        except Exception as raised:
            error = raised
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    names = {name: repr(value) for name, value in vars(module).items() if name not in ignored and _is_plain(name, value)}
    if error is not None:  # no one sees the names of a module that could not be run to its end, but objects that others hold
        names = {name: shown for name, shown in names.items() if name.isupper()}
    names = {name: shown for name, shown in names.items() if name not in PASSING}
    return Outcome(printed.getvalue(), tuple(_chain(error)), files, names)


def _fill(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)


@contextlib.contextmanager
def _chdir(folder: Path) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _is_plain(name: str, value: object) -> bool:
    """Whether a global is comparable: a lazy or a callable object shows an address."""
    return not name.startswith("__") and " at 0x" not in repr(value) and not isinstance(value, types.ModuleType)


def _chain(error: BaseException | None) -> Iterator[str]:
    """An exception with its arguments, and the types of those that it came from."""
    if error is not None:
        yield f"{type(error).__name__}{error.args!r}"
        above = error.__cause__ or error.__context__
        while above is not None:
            yield type(above).__name__
            above = above.__cause__ or above.__context__


def _new_names(source: str, fixed: str) -> frozenset[str]:
    """The functions, imports and names that only the fixed program has; those of the runtime's outcomes, too."""
    old, new = ({node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)} for text in (source, fixed))
    return frozenset({"run_parallel", "_"} | (new - old))


def _difference(before: Outcome, after: Outcome) -> str:
    for part in ("error", "printed", "files", "names"):
        old, new = getattr(before, part), getattr(after, part)
        if old != new:
            if isinstance(old, dict):
                old, new = ({key: its.get(key) for key in {*old, *new} if old.get(key) != new.get(key)} for its in (old, new))
            return f"{part} differs:\n  {old!r}\n  {new!r}"
    return ""


# The harmful runtime --------------------------------------------------------------------------------------------------


def run_parallel(
    func: Callable[[Any], Any], items: Iterable[Any], max_workers: int = 50, *, fail_fast: bool | None = None, stream: bool = False, as_loop: bool = False
) -> Any:
    """Like the real one, but every item of the window is run, the last one first, in a thread of its own."""
    fail_fast = as_loop if fail_fast is None else fail_fast
    if as_loop and not stream:
        return _loop(func, items, 2 * max_workers, fail_fast)
    outcomes = _outcomes(func, iter(items), 2 * max_workers if stream else None, fail_fast)
    return outcomes if stream else list(outcomes)


def _outcomes(func: Callable[[Any], Any], source: Iterator[Any], window: int | None, fail_fast: bool) -> Iterator[tuple[Any, Any, Any]]:
    waiting: deque[Any] = deque()
    ended: BaseException | None = None
    is_over = False
    while True:
        new = []
        while not is_over and (window is None or len(waiting) + len(new) < window):
            try:
                new.append(next(source))
            except StopIteration:
                is_over = True
            except Exception as error:
                is_over, ended = True, error
        waiting += reversed([_in_a_thread(func, item) for item in reversed(new)])
        if not waiting:
            break
        outcome = waiting.popleft()
        if fail_fast and outcome[2] is not None:
            raise outcome[2]
        yield outcome
    if ended is not None:
        raise ended


def _loop(func: Callable[[Any], Any], items: Iterable[Any], window: int, fail_fast: bool) -> Iterator[tuple[Any, Any, Any]]:
    """Walk over items as a loop does; what was read ahead of a collection counts while the items are the same."""
    ahead = _outcomes(func, iter(list(items)), window, fail_fast=False) if isinstance(items, Sized) else iter(())
    for item in items:
        outcome = next(ahead, None)
        if outcome is None or outcome[0] != item:
            ahead, outcome = iter(()), _here(func, item)
        if fail_fast and outcome[2] is not None:
            raise outcome[2]
        yield outcome


def _here(func: Callable[[Any], Any], item: Any) -> tuple[Any, Any, Any]:
    try:
        return item, func(item), None
    except Exception as error:
        return item, None, error


def _in_a_thread(func: Callable[[Any], Any], item: Any) -> tuple[Any, Any, Any]:
    found: list[Any] = [item, None, None]

    def work() -> None:
        try:
            found[1] = func(item)
        except Exception as error:
            found[2] = error

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found[0], found[1], found[2]


_module = types.ModuleType(HARMFUL)
_module.run_parallel = run_parallel  # type: ignore[attr-defined]
sys.modules[HARMFUL] = _module

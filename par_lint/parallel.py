"""Run one function over many items at once, in threads, and get every result in the order of the items.

    from par_lint.parallel import run_parallel

    for url, page, error in run_parallel(fetch, urls, max_workers=50):
        ...

For work that waits: network, files, subprocesses. Python code that computes gains nothing from threads; give it to
`concurrent.futures.ProcessPoolExecutor`.

This file needs the standard library only and may be copied into any project (`par-lint vendor PATH` does that).
Part of par-lint. MIT licence.
"""

from __future__ import annotations

import contextvars
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar, overload

__all__ = ["Outcome", "batch_map", "optimal_workers", "run_parallel"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST_IO_WORKERS = 100  # the guide's upper end for network work
_GLANCE = 0.002  # seconds between two looks at whether the calling thread waits
_WAITING_SHARE = 0.5  # of the time between two looks, without computing, that counts as waiting

if TYPE_CHECKING or sys.version_info >= (3, 11):

    class Outcome(NamedTuple, Generic[Item, Result]):
        """What became of one item: `error` is None and `result` what the function gave, or `error` is what it raised."""

        item: Item
        result: Result
        error: BaseException | None

else:  # before 3.11 a named tuple cannot be declared generic; it can be subscripted all the same

    class Outcome(NamedTuple):
        """What became of one item: `error` is None and `result` what the function gave, or `error` is what it raised."""

        item: Any
        result: Any
        error: BaseException | None


@overload
def run_parallel(
    func: Callable[[Item], Result], items: Iterable[Item], max_workers: int = 50, desc: str | None = None, fail_fast: bool = False,
    *, stream: Literal[False] = False,
) -> list[Outcome[Item, Result]]: ...  # fmt: skip


@overload
def run_parallel(
    func: Callable[[Item], Result], items: Iterable[Item], max_workers: int = 50, desc: str | None = None, fail_fast: bool = False,
    *, stream: Literal[True],
) -> Iterator[Outcome[Item, Result]]: ...  # fmt: skip


def run_parallel(
    func: Callable[[Item], Result],
    items: Iterable[Item],
    max_workers: int = 50,
    desc: str | None = None,
    fail_fast: bool = False,
    *,
    stream: bool = False,
) -> list[Outcome[Item, Result]] | Iterator[Outcome[Item, Result]]:
    """Call `func(item)` for every item, at most `max_workers` at once; give `(item, result, error)` in input order.

    An error of `func` is the third part of its item's outcome. With `fail_fast=True` nothing new starts after the first
    error, and the error of the earliest failed item is raised with its traceback.

    With `stream=True` the outcomes come from an iterator as they are asked for, at most `2 * max_workers` items ahead, and
    `fail_fast` raises an error at its place: after every item before it was handed out. Items are taken from `items` by
    the calling thread alone. Leaving the loop early starts nothing more and waits for what runs.

    `desc` names a progress line on stderr, shown on a terminal only. Context variables of the caller are seen by `func`.
    Raises ValueError for `max_workers` below 1 and TypeError for a `func` that cannot be called.
    """
    if not callable(func):
        raise TypeError(f"func must be callable, not {type(func).__name__}")
    if max_workers < 1:
        raise ValueError(f"max_workers must be at least 1, not {max_workers}")
    source = iter(items)
    progress = _Progress(desc, items) if desc is not None and sys.stderr.isatty() else None
    run: _Run[Item, Result] = _Run(func, source, max_workers, fail_fast, stream)
    outcomes = run.outcomes() if progress is None else progress.watch(run.outcomes())
    return outcomes if stream else list(outcomes)


def batch_map(func: Callable[[Item], Result], items: Iterable[Item], max_workers: int = 50) -> list[Result]:
    """Call `func(item)` for every item, at most `max_workers` at once; give the results that came, in input order."""
    return [outcome.result for outcome in run_parallel(func, items, max_workers) if outcome.error is None]


def optimal_workers(n: int, io_bound: bool = True) -> int:
    """How many workers suit `n` items: `min(100, n)` for work that waits, else `min(cpu_count, n)`; at least 1."""
    most = _MOST_IO_WORKERS if io_bound else os.cpu_count() or 1
    return max(1, min(most, n))


class _Task(Generic[Item, Result]):
    """One item on its way."""

    __slots__ = ("error", "is_done", "item", "number", "result")

    def __init__(self, number: int, item: Item) -> None:
        self.number = number
        self.item = item
        self.result: Any = None
        self.error: BaseException | None = None
        self.is_done = False


class _Run(Generic[Item, Result]):
    """One call of run_parallel.

    The calling thread works through the items itself. A watchdog looks at it every few milliseconds and starts helper
    threads when it waits rather than computes, so that work which never waits costs no threads.
    """

    def __init__(self, func: Callable[[Item], Result], source: Iterator[Item], max_workers: int, fail_fast: bool, stream: bool) -> None:
        self._func = func
        self._source = source
        self._max_workers = max_workers
        self._fail_fast = fail_fast
        self._stream = stream
        self._window = 2 * max_workers if stream else None
        self._lock = threading.Lock()
        self._has_work = threading.Condition(self._lock)
        self._has_result = threading.Condition(self._lock)
        self._pending: deque[_Task[Item, Result]] = deque()  # not started
        self._ordered: deque[_Task[Item, Result]] = deque()  # not handed out
        self._taken = 0  # items taken from the source
        self._source_error: BaseException | None = None
        self._is_exhausted = False
        self._failed: int | None = None  # number of the earliest failed item, for fail_fast
        self._helpers: list[threading.Thread] = []
        self._is_closed = False
        self._over = threading.Event()
        self._is_working = False  # whether the calling thread is inside func
        self._clock = _cpu_clock()

    def outcomes(self) -> Iterator[Outcome[Item, Result]]:
        """The outcomes in input order."""
        self._clock = _cpu_clock()
        waits = True
        try:
            self._refill()
            if self._max_workers > 1 and len(self._ordered) > 1:
                self._start(self._watch, "watchdog")
            if not self._stream:
                self._work_along()
            while (task := self._next()) is not None:
                yield self._settled(task)
                self._refill()
            if self._source_error is not None:
                raise self._source_error
        except (Exception, GeneratorExit):
            raise
        except BaseException:  # Ctrl-C leaves at once: the helpers are daemons
            waits = False
            raise
        finally:
            self._close(waits)

    # The calling thread -------------------------------------------------------------------------------------------

    def _refill(self) -> None:
        """Take items ahead, as far as the window goes. An error of the source waits for its turn."""
        while not self._is_exhausted and (self._window is None or len(self._ordered) < self._window):
            try:
                item = next(self._source)
            except StopIteration:
                self._is_exhausted = True
                return
            except Exception as error:
                self._is_exhausted = True
                self._source_error = error
                return
            task: _Task[Item, Result] = _Task(self._taken, item)
            self._taken += 1
            with self._lock:
                self._ordered.append(task)
                self._pending.append(task)
                if self._helpers:
                    self._has_work.notify()

    def _work_along(self) -> None:
        """Run items until none is left to start; without a stream nobody waits for the first one."""
        while True:
            task = self._claim()
            if task is None:
                return
            self._run_here(task)

    def _next(self) -> _Task[Item, Result] | None:
        """The next item in order, done: run here while there are no helpers, else waited for. None after the last one."""
        with self._lock:
            if not self._ordered:
                return None
            head = self._ordered.popleft()
            is_mine = not self._helpers and bool(self._pending) and self._pending[0] is head
            if is_mine:
                self._pending.popleft()
            is_short = 0 < len(self._helpers) < self._max_workers and len(self._helpers) < len(self._pending)
        if is_mine:
            self._run_here(head)
            return head
        if is_short:  # this thread only waits now, so one more may work
            self._start(self._help, "helper")
        with self._lock:
            while not head.is_done:
                self._has_result.wait()
        return head

    def _run_here(self, task: _Task[Item, Result]) -> None:
        self._is_working = True
        self._run(task)
        self._is_working = False
        if isinstance(task.error, (KeyboardInterrupt, SystemExit)):
            raise task.error

    def _settled(self, task: _Task[Item, Result]) -> Outcome[Item, Result]:
        """The outcome of a task that is done; raises its error where that is asked for."""
        error = task.error
        if error is not None and (self._fail_fast or not isinstance(error, Exception)):
            try:
                raise error
            finally:
                del error  # no cycle between the traceback and this frame
        return Outcome(task.item, task.result, task.error)

    # All threads --------------------------------------------------------------------------------------------------

    def _claim(self) -> _Task[Item, Result] | None:
        """The next item to start, None when there is none or nothing new is to start."""
        with self._lock:
            return self._pending.popleft() if self._pending else None

    def _run(self, task: _Task[Item, Result]) -> None:
        try:
            task.result = self._func(task.item)
        except BaseException as error:  # noqa: B036 - it is raised where the results are taken
            task.error = error
        with self._lock:
            if task.error is not None and (self._fail_fast or not isinstance(task.error, Exception)):
                self._failed = task.number if self._failed is None else min(self._failed, task.number)
                self._drop_later()
            task.is_done = True
            self._has_result.notify_all()

    def _drop_later(self) -> None:
        """Forget what has not started: it all comes after the failed item, which is as far as anyone will get."""
        self._is_exhausted = True
        self._pending.clear()
        failed = self._failed
        assert failed is not None
        while self._ordered and self._ordered[-1].number > failed:
            self._ordered.pop()

    # Helpers ------------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Start the helpers once the calling thread waits inside func."""
        wall, cpu = time.perf_counter(), self._clock()
        while not self._over.wait(_GLANCE):
            now, used = time.perf_counter(), self._clock()
            if self._is_working and used - cpu < (1 - _WAITING_SHARE) * (now - wall):
                self._start_helpers()
                return
            wall, cpu = now, used

    def _start_helpers(self) -> None:
        """One helper for each item that can start, beside the calling thread."""
        with self._lock:
            count = min(self._max_workers - 1, len(self._pending))
        for _ in range(count):
            if self._over.is_set() or not self._start(self._help, "helper"):
                return

    def _help(self) -> None:
        while True:
            with self._lock:
                while not self._pending:
                    if self._is_closed or (self._is_exhausted and not self._stream):
                        return
                    self._has_work.wait()
                task = self._pending.popleft()
            self._run(task)
            del task

    def _start(self, target: Callable[[], None], role: str) -> bool:
        """Start a thread that sees the caller's context variables; False where the system gives no more threads."""
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(target,), name=f"run_parallel-{role}", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # too many threads, or the interpreter is shutting down
            return False
        if role == "helper":
            with self._lock:
                self._helpers.append(thread)
        return True

    def _close(self, waits: bool) -> None:
        """Start nothing more; wait for what runs, so that no work goes on behind the caller's back."""
        self._over.set()
        with self._lock:
            self._is_closed = True
            self._pending.clear()
            self._has_work.notify_all()
            helpers = list(self._helpers)
        if waits:
            for helper in helpers:
                if helper is not threading.current_thread():
                    helper.join()


def _cpu_clock() -> Callable[[], float]:
    """A clock of the CPU time of the current thread in seconds, which any thread can read."""
    try:
        clock = time.pthread_getcpuclockid(threading.get_ident())
    except (AttributeError, OSError):  # not on Windows and macOS: time that passes counts as waiting
        return lambda: 0.0
    return lambda: time.clock_gettime(clock)


class _Progress:
    """A line on stderr that says how far a run is."""

    def __init__(self, desc: str, items: object) -> None:
        self._desc = desc
        self._total = len(items) if hasattr(items, "__len__") else None

    def watch(self, outcomes: Iterator[Outcome[Item, Result]]) -> Iterator[Outcome[Item, Result]]:
        """Hand outcomes on, and show how many there were."""
        done = 0
        of = f"/{self._total}" if self._total is not None else ""
        try:
            for done, outcome in enumerate(outcomes, start=1):
                sys.stderr.write(f"\r{self._desc}: {done}{of}")
                yield outcome
        finally:
            sys.stderr.write(f"\r{self._desc}: {done}{of}\n")

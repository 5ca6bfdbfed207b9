"""Run one function over many items at once, and get every result in the order of the items.

    from par_lint.parallel import run_parallel

    for url, page, error in run_parallel(fetch, urls, max_workers=50):
        ...

It is hardly ever slower than the loop that it replaces: the calling thread works through the items itself, like the loop.
One thread per process, the watchdog, wakes to look whether the calling thread waits (for a network, a disk, a process),
and only then starts helper threads. It ends soon after the last call, and before the process forks. Work that computes
stays where it is: `executor=ProcessPoolExecutor()` is for that.

Part of par-lint, MIT licence. It needs the standard library only; `par-lint vendor PATH` copies it into a project.
"""

from __future__ import annotations

import _thread
import collections
import contextlib
import contextvars
import functools
import itertools
import math
import operator
import os
import pickle
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, Protocol, TypeVar, overload

__all__ = ["Outcome", "Outcomes", "Summary", "batch_map", "optimal_workers", "run_parallel", "run_together"]

Item = TypeVar("Item")
Result = TypeVar("Result")
Other = TypeVar("Other")

_HAS_GIL = getattr(sys, "_is_gil_enabled", lambda: True)()  # without it a list stays on the calling thread
_HAS_THREAD_CLOCKS = hasattr(time, "pthread_getcpuclockid")  # macOS and Windows have a coarse one of the process only
_MOST_IO_WORKERS = 100  # the guide's upper end for network work
_MOST_THREADS = 1000  # in the whole process, so that runs inside runs do not multiply
_SLICE = 0.1 if os.name == "nt" else threading.TIMEOUT_MAX  # seconds of one wait: on Windows Ctrl-C does not interrupt it
# When the watchdog looks, in seconds; again soon after it saw a wait. A look costs 50 us, and may take the GIL.
_FIRST_LOOK, _SECOND_LOOK, _LONGEST_PAUSE = (0.001, 0.0004, 0.02) if _HAS_THREAD_CLOCKS else (0.02, 0.02, 0.02)
_LINGER = 0.02  # seconds for which the watchdog waits for another run: to start it costs 20 us
_WAITING_SHARE = 1 / 3  # of the time between two looks; less is not worth a thread
_SHORTEST_WAIT = 150e-6  # seconds for each item; a blocking call and the hand-over of the GIL cost up to 60 us
_COMPUTING_SHARE = 0.8  # of one processor, by the whole process: more threads would only queue for the GIL
# Seconds that a chunk for an executor is to last: to send one costs 0.1 ms to a process pool and 7 ms to Dask (on loopback).
_CHUNK_SECONDS, _DASK_CHUNK_SECONDS, _CHUNK_GROWTH, _LARGEST_CHUNK = 0.01, 0.15, 8, 5000
_Task = list[Any]  # an item, and its outcome once there is one; a class would cost 0.1 us more for each item

if TYPE_CHECKING or sys.version_info >= (3, 11):

    class Outcome(NamedTuple, Generic[Item, Result]):
        """What became of one item: `error` is None and `result` what the function gave, or `error` is what it raised."""
        item: Item
        result: Result
        error: BaseException | None

else:  # before 3.11 a named tuple cannot be declared generic; it can be subscripted all the same
    Outcome = collections.namedtuple("Outcome", "item result error")


class Summary(NamedTuple):
    """What a run cost: times in seconds, counts of items. One item at a time would have taken `item_seconds`."""
    wall_seconds: float
    item_seconds: float
    workers: int
    speed_up: float
    successes: int
    failures: int

    def __str__(self) -> str:
        count = self.successes + self.failures
        return f"{count} items, {self.failures} failed, {self.workers} workers: {self.wall_seconds:.3f} s, {self.speed_up:.1f} times as fast as a loop"


class Outcomes(list[Outcome[Item, Result]], Generic[Item, Result]):
    """The outcomes in input order; `summary` says what they cost."""
    summary: Summary


class SupportsSubmit(Protocol):  # executors of concurrent.futures, loky, and Dask's client.get_executor()
    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Any: ...


@overload
def run_parallel(
    func: Callable[[Item], Result], items: Iterable[Item], max_workers: int | None = 50, *, desc: str | None = None, fail_fast: bool = False,
    stream: Literal[False] = False, timeout: float | None = None, executor: SupportsSubmit | None = None) -> Outcomes[Item, Result]: ...  # fmt: skip
@overload  # noqa: E302 - overloads stand together
def run_parallel(
    func: Callable[[Item], Result], items: Iterable[Item], max_workers: int | None = 50, *, desc: str | None = None, fail_fast: bool = False,
    stream: Literal[True], timeout: float | None = None, executor: SupportsSubmit | None = None) -> Iterator[Outcome[Item, Result]]: ...  # fmt: skip
def run_parallel(  # noqa: E302
    func: Callable[[Item], Result], items: Iterable[Item], max_workers: int | None = 50, *, desc: str | None = None, fail_fast: bool = False,
    stream: bool = False, timeout: float | None = None, executor: SupportsSubmit | None = None,
) -> Outcomes[Item, Result] | Iterator[Outcome[Item, Result]]:  # fmt: skip
    """Call `func(item)` for every item, at most `max_workers` at once; give `(item, result, error)` in input order.

    An error of `func` is the third part of its item's outcome. With `fail_fast=True` nothing new starts after the first
    error, and the error of the earliest failed item is raised with its traceback. What is no `Exception` (SystemExit,
    Ctrl-C) stops everything and is raised. An error of `items` is raised after the items before it ran, with their
    outcomes as its `partial`.

    With `stream=True` the outcomes come from an iterator as they are asked for, at most `2 * max_workers` items ahead, and
    `fail_fast` raises an error at its place in the order. Leaving the loop early starts nothing more, and waits for what runs.

    `items` are taken by the calling thread alone, and must end unless they are streamed. Each call of `func` has its own
    copy of the caller's context variables. `desc` names a progress line on stderr, shown on a terminal only. `timeout`
    seconds after the call what runs is left behind, and unfinished items carry a TimeoutError.

    `executor` runs the items elsewhere, in chunks. A chunk on Dask uses up to `max_workers` threads of its own; on other
    executors it runs one item at a time. `func`, items and results are pickled, and this module must be importable there.

    Raises ValueError for `max_workers` below 1 and TypeError for a `func` that cannot be called or sent.
    """
    if not callable(func):
        raise TypeError(f"func must be callable, not {type(func).__name__}")
    workers = 50 if max_workers is None else operator.index(max_workers)
    if workers < 1:
        raise ValueError(f"max_workers must be at least 1, not {max_workers}")
    began = time.perf_counter()
    taken, source_error = ([], None) if stream else _take_all(items)
    source = items if stream else taken
    deadline = math.inf if timeout is None else began + timeout
    call = _Call(workers, fail_fast, deadline, _Progress(desc, source), executor is not None or timeout is not None, not stream)
    if not stream and not call.is_slow:
        return _ListRun(func, taken, call).collect(began, source_error)
    run = _StreamRun(func, iter(source), call) if executor is None else _Elsewhere(executor, func, source, call)
    return run.outcomes() if stream else _summed_up(Outcomes(run.outcomes()), began, run, source_error)


def batch_map(func: Callable[[Item], Result], items: Iterable[Item], max_workers: int | None = 50) -> list[Result]:
    """Call `func(item)` for every item, at most `max_workers` at once; give the results that came, in input order."""
    return [outcome.result for outcome in run_parallel(func, items, max_workers) if outcome.error is None]


def optimal_workers(n: int, io_bound: bool = True) -> int:
    """How many workers suit `n` items: `min(100, n)` for work that waits, else `min(cpu_count, n)`; at least 1.

    It counts the processors that this process may use: its affinity, and its cgroup's quota, rounded up.
    """
    if io_bound:
        return max(1, min(_MOST_IO_WORKERS, n))
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    return max(1, min(math.ceil(min([count, *_cgroup_quotas()])), n))


@overload
def run_together(a: Callable[[], Item], b: Callable[[], Result], /) -> tuple[Item, Result]: ...
@overload
def run_together(a: Callable[[], Item], b: Callable[[], Result], c: Callable[[], Other], /) -> tuple[Item, Result, Other]: ...
@overload
def run_together(*calls: Callable[[], Result]) -> tuple[Result, ...]: ...
@overload
def run_together(**named: Callable[[], Result]) -> dict[str, Result]: ...
def run_together(*calls: Callable[[], Any], **named: Callable[[], Any]) -> tuple[Any, ...] | dict[str, Any]:  # noqa: E302
    """Make a few different calls at once: `users, orders = run_together(load_users, load_orders)`; named calls give a dict.

    Of several errors the first in order is raised, when those that run have ended. Raises TypeError for what is no function.
    """
    todo = calls or tuple(named.values())
    if calls and named or not all(map(callable, todo)):
        raise TypeError("run_together takes functions, by position or by name: pass f, not f()")
    results = [outcome.result for outcome in run_parallel(lambda call: call(), todo, len(todo) or 1, fail_fast=True)]
    return dict(zip(named, results)) if named else tuple(results)


class _Call(NamedTuple):
    """How items are to be run."""
    workers: int
    fail_fast: bool
    deadline: float  # of time.perf_counter
    progress: _Progress
    is_slow: bool = False  # whether to give each item a thread from the start: this one only waits
    feeds: bool = False  # whether to take an item when a worker is free, however many outcomes are held

    def raises(self, error: BaseException | None) -> bool:
        """Whether an error ends the run and is raised."""
        return error is not None and (self.fail_fast or not isinstance(error, Exception))


class _Run(Generic[Item, Result]):
    """The threads of one call: the one that leads runs items from the start, helpers join it once it waits."""

    counts: Callable[[], tuple[int, int, int]]  # how many items wait for a worker, ever went to one, and are finished
    work: Callable[[], None]  # runs items until there are none; like `counts` given by each kind of run

    def __init__(self, func: Callable[[Item], Result], call: _Call) -> None:
        self.func, self.call, self.context = func, call, contextvars.copy_context()
        self.deadline, self.is_slow = call.deadline, call.is_slow
        self.helpers: list[threading.Thread] = []
        self.seconds: list[float] = []  # how long each worker was at it
        self.is_closed, self.leads = False, True  # leads: whether the worker that leads is inside `func`, as far as is known
        self.most_helpers = call.workers - 1  # that the watchdog may start
        self.due = math.inf  # when it looks next
        self.gauge: _Gauge
        self._pause, self._has_waited, self._claimed_before = _FIRST_LOOK, False, 0  # since the last look
        self._lock = threading.Lock()  # of `helpers` and `is_closed`

    def start(self, most: int) -> bool:
        """Start a helper; False when there are `most` already, or none is to be had, or the run is over."""
        with self._lock:
            is_enough = self.is_closed or len(self.helpers) >= most or threading.active_count() >= _MOST_THREADS
            if thread := None if is_enough else _started(self.work):
                self.helpers.append(thread)
        return thread is not None

    def close(self) -> None:
        """Start no more threads. After this, and not before, `helpers` are all that there are."""
        _watchdog.runs.pop(self, None)
        with self._lock:
            self.is_closed = True

    def join(self) -> None:
        """Wait until the helpers have ended, or for the deadline. Ctrl-C interrupts it."""
        for thread in self.helpers:
            while thread.is_alive() and thread is not threading.current_thread() and time.perf_counter() < self.deadline:
                thread.join(min(max(0.0, self.deadline - time.perf_counter()), _SLICE))

    def look(self) -> None:
        """What the watchdog does: start helpers if the workers wait, and set when to look next. One look is not believed."""
        _, claimed, done = self.counts()
        self.call.progress.show(done)
        waits, is_stuck = self._waits(claimed - self._claimed_before)
        self._pause = _SECOND_LOOK if waits and not self._has_waited else min(self._pause * 2, _LONGEST_PAUSE)
        if waits and self._has_waited:
            self.is_slow = self.is_slow or is_stuck
            self._grow(self.most_helpers if is_stuck else min(self.most_helpers, 4 * len(self.helpers) + 3))
        self._has_waited, self._claimed_before = waits, claimed
        is_needed = len(self.helpers) < self.most_helpers or self.call.progress.is_shown
        self.due = time.perf_counter() + self._pause if is_needed else math.inf

    def _waits(self, finished: int) -> tuple[bool, bool]:
        """Whether the workers wait more than they compute, and whether for so long that hardly an item got finished."""
        wall, waited, computed = self.gauge.read()
        if self.helpers:  # they all wait, unless the process computes
            return computed < _COMPUTING_SHARE * wall, False
        return self.leads and waited > wall * _WAITING_SHARE and waited > _SHORTEST_WAIT * max(1, finished), finished <= 1

    def _grow(self, most: int) -> None:
        """Start helpers up to `most`, while there is something to do: the first may have done it all."""
        while len(self.helpers) < most and self.counts()[0]:
            if not self.start(most):  # where there are no threads to be had, it does not try for ever
                self.most_helpers = most = 0


class _Gauge:
    """How long a thread waits, as against computing, or queueing for a processor as it does on a busy machine."""

    def __init__(self) -> None:
        self._thread = threading.get_native_id()
        self._clock: Callable[[], float] = time.process_time  # with other busy threads a run then gets no helpers
        if _HAS_THREAD_CLOCKS:
            self._clock = functools.partial(time.clock_gettime, time.pthread_getcpuclockid(threading.get_ident()))
        self.at, self._used, self._computed = time.perf_counter(), self._clock(), 0.0

    def read(self) -> tuple[float, float, float]:
        """Seconds since the last reading, those in which the thread waited, and those that the process computed."""
        at, used, computed = self.at, self._used, self._computed
        self.at, self._used, self._computed = time.perf_counter(), self._clock(), time.process_time()
        wall = self.at - at
        waited = wall - (self._used - used)
        if waited > wall * _WAITING_SHARE:  # or it could not run; Linux tells which, in the letter after the thread's name
            with contextlib.suppress(OSError), open(f"/proc/self/task/{self._thread}/stat", "rb", buffering=0) as file:
                # Opening it lets go of the GIL. A thread that wanted that is ready to run by now.
                waited *= file.read(99).rpartition(b")")[2][1:2] != b"R"
        return wall, waited, self._computed - computed


class _Watchdog:
    """The one thread per process that looks at all runs, unknown to `threading` so that nobody counts it as a thread of theirs."""

    def __init__(self) -> None:
        self.runs: dict[_Run[Any, Any], None] = {}
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._wakes_at, self._lock = math.inf, threading.Lock()
        self._is_running, self._lingers = False, _LINGER

    def add(self, run: _Run[Any, Any]) -> None:
        """Look at a run, and at this thread, which leads. Without a thread to be had nobody looks, and runs have no helpers."""
        if run.most_helpers <= 0 and not run.call.progress.is_shown:
            return
        run.gauge = _Gauge()
        run.due = run.gauge.at + _FIRST_LOOK
        self.runs[run] = None
        with self._lock:
            if not self._is_running:
                with contextlib.suppress(RuntimeError, MemoryError):
                    _thread.start_new_thread(self._watch, ())
                    self._is_running = True
        if self._wakes_at > run.due:
            self._wakes_at = run.due  # so that the next one need not ring too
            self._bell.put(None)

    def _watch(self) -> None:
        while self._is_needed():
            self._wakes_at = math.inf  # whoever comes between this line and the next use rings
            self._look_at_runs()
            self._wakes_at = due = min((run.due for run in list(self.runs)), default=math.inf)
            _wait(self._bell, min(due, time.perf_counter() + 5 * self._lingers))

    def _is_needed(self) -> bool:
        """Wait for a run; whether one comes, else the thread is to end."""
        while not self.runs:
            self._wakes_at = math.inf
            if not _wait(self._bell, time.perf_counter() + self._lingers):
                with self._lock:
                    self._is_running = bool(self.runs)
                    return self._is_running
        return True

    def end(self) -> None:
        """End the thread, unless there are runs, and wait until it is gone: a process that forks should have one thread only."""
        self._lingers, until = 0.0, time.perf_counter() + _LINGER
        is_ending = self._is_running and not self.runs
        if is_ending:
            self._bell.put(None)
        while is_ending and time.perf_counter() < until:
            is_ending = self._is_running and not self.runs
            time.sleep(2e-4)
        self._lingers = _LINGER

    def _look_at_runs(self) -> None:
        for run in list(self.runs):  # not in the method above, where it would keep the last run alive
            with contextlib.suppress(Exception):  # a defect in one must not leave the others without helpers
                if run.due <= time.perf_counter():
                    run.due = math.inf
                    run.look()


_watchdog = _Watchdog()
# A forked child has no other threads, and its locks may be held by nobody.
getattr(os, "register_at_fork", lambda **_: None)(before=_watchdog.end, after_in_child=functools.partial(_Watchdog.__init__, _watchdog))


class _ListRun(_Run[Item, Result]):
    """Every worker takes the next item from one iterator, which the GIL makes safe, and puts the result in its place."""

    def __init__(self, func: Callable[[Item], Result], items: Sequence[Item], call: _Call) -> None:
        super().__init__(func, call._replace(workers=min(call.workers, len(items) if _HAS_GIL else 1)))
        self._items = items
        self._source: Any = iter(items)
        self._claims: Iterator[tuple[int, Item]] = enumerate(self._source)
        self._results: list[Any] = [None] * len(items)
        self._errors: dict[int, BaseException] = {}
        self._broken: BaseException | None = None  # what is no Exception, to be raised in the caller

    def collect(self, began: float, source_error: Exception | None) -> Outcomes[Item, Result]:
        """All outcomes, when they are there."""
        try:
            _watchdog.add(self)
            self.work()
            self.close()
            if not isinstance(self._broken, KeyboardInterrupt):  # Ctrl-C leaves at once: the helpers are daemons
                self.join()
            return self._outcomes(began, source_error)
        finally:
            self._stop()
            self.close()
            self.call.progress.show(self.counts()[2], is_last=True)
            # The frames of errors lead back to this one. If it still led to them, all would stay until the next gc.
            self._items, self._results, self._errors, self._broken = (), [], {}, None

    def work(self) -> None:
        began = time.perf_counter()
        func, results, new_context = self.func, self._results, self.context.copy
        item = None
        try:
            for index, item in self._claims:
                try:
                    results[index] = new_context().run(func, item)
                except Exception as error:  # its traceback is to begin in the user's function
                    self._errors[index] = error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)
                    if self.call.fail_fast:
                        self._stop()
        except BaseException as error:  # noqa: B036 - it is raised by the caller
            self._broken = error
            self._stop()
        finally:
            self.seconds.append(time.perf_counter() - began)
            del self, func, results, new_context, item  # as above

    def _stop(self) -> None:
        """Give out no more items: move the iterator to the end of the list."""
        self._source.__setstate__(len(self._items))

    def counts(self) -> tuple[int, int, int]:
        unclaimed = operator.length_hint(self._source)
        claimed = len(self._items) - unclaimed
        return unclaimed, claimed, max(0, claimed - (1 + len(self.helpers) - len(self.seconds)))

    def _outcomes(self, began: float, source_error: Exception | None) -> Outcomes[Item, Result]:
        results, errors = self._results, self._errors
        error = self._broken or (errors[min(errors)] if self.call.fail_fast and errors else None)
        if error is not None:
            try:
                raise error
            finally:
                del error, errors, results, self  # no cycle
        every = map(errors.get, range(len(results))) if errors else itertools.repeat(None)
        # The constructor of a named tuple would take 3 times as long.
        triples = map(tuple.__new__, itertools.repeat(Outcome), zip(self._items, results, every))
        return _summed_up(Outcomes(triples), began, self, source_error)


class _StreamRun(_Run[Item, Result]):
    """The calling thread takes items ahead and hands outcomes out. Until there are helpers it runs each in its turn."""

    def __init__(self, func: Callable[[Item], Result], source: Iterator[Item], call: _Call) -> None:
        super().__init__(func, call)
        self.leads = False
        self._source = source
        self._ordered: collections.deque[_Task] = collections.deque()  # not handed out
        self._pending: SimpleQueue[_Task] = SimpleQueue()  # not started; an empty one ends a helper
        self._news: SimpleQueue[None] = SimpleQueue()  # wakes the calling thread
        self._awaited: _Task | None = None
        self._taken = 0
        self._end: Exception | None = None  # StopIteration, or an error of the source, which waits for its turn

    def outcomes(self) -> Iterator[Outcome[Item, Result]]:
        """The outcomes in input order."""
        try:
            self._refill()
            _watchdog.add(self)
            while self._ordered:
                yield self._next()
                if self.helpers or len(self._ordered) < self.call.workers:
                    self._refill()
            if self._end is not None and not isinstance(self._end, StopIteration):
                raise self._end
        except KeyboardInterrupt:  # Ctrl-C leaves at once: the helpers are daemons
            self.deadline = -math.inf
            raise
        finally:
            self._end = None  # no cycle
            self._drop_pending()
            self.close()
            for _ in self.helpers:
                self._pending.put([])
            self.join()
            self.call.progress.show(self.counts()[2], is_last=True)

    def _refill(self) -> None:
        """Take items ahead as far as the window goes, but not for long: an outcome must not wait for a slow source."""
        until = time.perf_counter() + _FIRST_LOOK
        while self._take() and time.perf_counter() < until:
            pass

    def _take(self) -> bool:
        """Take an item, unless there are enough; whether it did."""
        is_full = not self._pending.empty() if self.call.feeds else len(self._ordered) >= 2 * self.call.workers
        if is_full or self._end is not None:
            return False
        try:
            task = [next(self._source)]
        except Exception as error:
            self._end = error
            return False
        self._taken += 1
        self._ordered.append(task)
        self._pending.put(task)
        return True

    def _next(self) -> Outcome[Item, Result]:
        """The next outcome in order: run here while there are no helpers, else waited for. Raises what is to be raised."""
        head = self._ordered[0]
        while len(head) < 2:
            if self.deadline < time.perf_counter():
                self._drop_pending()
                head.append(Outcome(head[0], None, TimeoutError("not finished in time")))
            elif self.helpers or self.is_slow:
                self._wait_for(head)
            else:
                self._run_here()
        self._ordered.popleft()
        if self.call.raises(head[1].error):
            raise head.pop().error  # no local variable may hold it, for the frames of an error lead back to this one
        return head.pop()  # type: ignore[no-any-return]

    def _run_here(self) -> None:
        self.leads = True
        try:
            self._run(self._pending.get_nowait())
        except Empty:  # helpers came this moment, and took it
            pass
        self.leads = False

    def _wait_for(self, head: _Task) -> None:
        """Use the time until a task is done: take more items, start helpers, or sleep."""
        if self.is_slow and not self._pending.empty() and len(self.helpers) < self.call.workers:
            self.is_slow = self.start(self.call.workers) or bool(self.helpers)  # no threads to be had: this one goes on alone
        elif not self._take():
            self._awaited = head
            if len(head) < 2:  # else it came before it was seen to be awaited
                _wait(self._news, self.deadline)

    def _run(self, task: _Task) -> None:
        try:
            task.append(tuple.__new__(Outcome, (task[0], self.context.copy().run(self.func, task[0]), None)))
        except BaseException as error:  # noqa: B036 - it is raised where the outcomes are handed out
            task.append(Outcome(task[0], None, error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)))
            if self.call.raises(error):  # start nothing more: it all comes after this item, which is as far as anyone will get
                self._end = StopIteration()
                self._drop_pending()
        if task is self._awaited or self.call.feeds:
            self._news.put(None)
        del self, task  # as in a list

    def _drop_pending(self) -> None:
        with contextlib.suppress(Empty):
            while True:
                self._pending.get_nowait()

    def work(self) -> None:
        busy = 0.0
        while (task := self._pending.get()):
            began = time.perf_counter()
            self._run(task)
            del task
            busy += time.perf_counter() - began
        self.seconds.append(busy)

    def counts(self) -> tuple[int, int, int]:
        running = sum(len(task) < 2 for task in list(self._ordered))
        return self._pending.qsize(), self._taken - self._pending.qsize(), self._taken - running


class _Elsewhere(Generic[Item, Result]):
    """A run on an executor: a stream of chunks, each with a thread here that waits for it."""

    def __init__(self, executor: Any, func: Callable[[Item], Result], items: Iterable[Item], call: _Call) -> None:
        self.call, self._executor, self._func, self._items = call, executor, func, items
        homes = {base.__module__ for base in type(executor).__mro__}
        client = executor._client if "distributed.cfexecutor" in homes else None
        slots = min(getattr(executor, "_max_workers", None) or call.workers, call.workers)
        self._flying, self._threads, self._chunk_seconds = min(2 * slots, call.workers), 1, _CHUNK_SECONDS
        if client is not None:  # each worker has threads of its own; one chunk runs there, and one waits
            slots = max(1, len(client.nthreads()))
            self._flying, self._threads, self._chunk_seconds = 2 * slots, call.workers, _DASK_CHUNK_SECONDS
        self._left = len(items) if isinstance(items, Sized) else sys.maxsize  # items not sent
        self._size = 1.0  # of the next chunk
        self._last = sys.maxsize  # number of the last chunk that is still of use
        self._futures: dict[int, Any] = {}
        self.seconds: list[float] = []  # of the items of each chunk
        self.helpers = range(slots)  # threads that run items, as in other runs
        self._packs = "concurrent.futures.thread" not in homes
        if "concurrent.futures.process" in homes:
            try:
                pickle.dumps(func)
            except Exception as error:  # it would fail for every item
                raise TypeError(f"func cannot be sent to another process: {error}") from error

    def outcomes(self) -> Iterator[Outcome[Item, Result]]:
        """The outcomes in input order."""
        call = self.call._replace(workers=self._flying, fail_fast=False, progress=_Progress(None, ()))
        stream = _StreamRun(self._send, enumerate(self._chunks()), call).outcomes()
        done, progress = 0, self.call.progress
        try:
            for (_, chunk), parts, problem in stream:
                for item, (result, error) in zip(chunk, parts or itertools.repeat((None, problem))):
                    if error is not None and self.call.raises(error):
                        raise error
                    yield Outcome(item, result, error)
                done += len(chunk)
                progress.show(done)
        finally:
            self._cancel(-1)
            stream.close()  # type: ignore[attr-defined] # waits for what could not be cancelled
            progress.show(done, is_last=True)

    def _chunks(self) -> Iterator[list[Item]]:
        """The items in chunks, small ones first and last."""
        source = iter(self._items)
        while self._last == sys.maxsize:
            chunk, source_error = _take_all(itertools.islice(source, max(1, min(int(self._size), self._left // self._flying))))
            self._left -= len(chunk)
            if chunk:
                yield chunk
            if source_error is not None:
                raise source_error
            if not chunk:
                return

    def _send(self, numbered: tuple[int, list[Item]]) -> list[tuple[Any, BaseException | None]]:
        """Have a chunk run, and wait for it: a result and an error for each item."""
        number, chunk = numbered
        try:
            # The salt makes each chunk unlike all others: by default Dask gives equal calls one result.
            future = self._executor.submit(_run_chunk, self._func, chunk, self._threads, self._packs, os.urandom(8))
            self._futures[number] = future
            if number > self._last:
                future.cancel()
            seconds, cost, parts = future.result()
        except BaseException as error:  # noqa: B036 - of the executor: broken, shut down, cancelled
            # A chunk raises nothing while it runs. Errors of pickling come from before, and mostly from one of the items.
            if len(chunk) > 1 and type(error).__name__ in ("PicklingError", "AttributeError", "TypeError"):
                return [part for item in chunk for part in self._send((number, [item]))]
            return [(None, error)] * len(chunk)
        finally:
            self._futures.pop(number, None)
        self._size = min(len(chunk) * self._chunk_seconds / max(seconds, 1e-6), self._size * _CHUNK_GROWTH, _LARGEST_CHUNK)
        self.seconds.append(cost)
        unpacked = [pickle.loads(part) for part in parts] if self._packs else parts
        if any(self.call.raises(error) for _, error in unpacked):
            self._cancel(number)
        return unpacked

    def _cancel(self, number: int) -> None:
        """Send nothing more, and cancel what was sent after a chunk."""
        self._last = min(self._last, number)
        for other, future in list(self._futures.items()):
            if other > number:
                future.cancel()


def _run_chunk(func: Callable[[Any], Any], items: Sequence[Any], threads: int, packs: bool, salt: bytes) -> tuple[float, float, list[Any]]:
    """Run items in a worker of an executor; seconds, seconds of all items together, and a result and error of each."""
    began, cost = time.perf_counter(), 0.0
    try:
        outcomes = run_parallel(func, items, threads)
        parts: list[Any] = [(result, error) for _, result, error in outcomes]
        cost = outcomes.summary.item_seconds
    except BaseException as error:  # noqa: B036 - the caller raises it
        parts = [(None, error)] * len(items)
    return time.perf_counter() - began, cost, [_packed(*part) for part in parts] if packs else parts


def _packed(result: Any, error: BaseException | None) -> bytes:
    """Pickled here, so that a result that cannot be is one error, rather than the end of the chunk or of the pool."""
    dumps: Callable[[Any], bytes] = getattr(sys.modules.get("cloudpickle"), "dumps", pickle.dumps)  # as loky and Dask do
    add_note = getattr(error, "add_note", None)  # from Python 3.11; a traceback itself cannot be sent
    if error is not None and add_note is not None:
        add_note("".join(traceback.format_exception(error)))
    try:
        packed = dumps((result, error))
        return packed if error is None or pickle.loads(packed) else b""  # many errors can be pickled, and not be made again
    except Exception as problem:
        return pickle.dumps((None, RuntimeError(f"cannot be sent back: {error or problem!r}")))


class _Progress:
    """A line on stderr that says how many items are finished: tqdm's where it is installed. It never raises."""

    def __init__(self, desc: str | None, items: object) -> None:
        total = len(items) if isinstance(items, Sized) else None
        self._desc, self._of, self._bar, self.is_shown = desc, "" if total is None else f"/{total}", None, False
        with contextlib.suppress(Exception):  # stderr is closed or None, or tqdm not installed or not able to
            self.is_shown = desc is not None and sys.stderr.isatty()
            if self.is_shown:
                from tqdm import tqdm  # type: ignore[import-untyped, unused-ignore]

                self._bar = tqdm(total=total, desc=desc, file=sys.stderr)

    def show(self, done: int, is_last: bool = False) -> None:
        """Draw, on a terminal only."""
        with contextlib.suppress(Exception):  # a terminal that went away is no reason to stop working
            if self._bar is not None:
                self._bar.update(done - self._bar.n)
                if is_last:
                    self._bar.close()
            elif self.is_shown:
                print(f"\r{self._desc}: {done}{self._of}", end="\n" * is_last, file=sys.stderr, flush=True)


def _started(work: Callable[[], None]) -> threading.Thread | None:
    """A new thread; None when there is none to be had: there are too many, or the interpreter is shutting down."""
    with contextlib.suppress(RuntimeError, MemoryError):
        thread = threading.Thread(target=work, name="run_parallel", daemon=True)
        thread.start()
        return thread
    return None


def _wait(bell: SimpleQueue[None], until: float) -> bool:
    """Sleep until a bell rings, or a time has come; whether it rang."""
    with contextlib.suppress(Empty):
        bell.get(timeout=max(0.0, min(until - time.perf_counter(), _SLICE)))
        return True
    return False


def _take_all(items: Iterable[Item]) -> tuple[list[Item], Exception | None]:
    """The items of an iterable, as far as they come, and its error."""
    taken: list[Item] = []
    try:
        taken.extend(items)  # it keeps what came before an error
    except Exception as error:
        return taken, error
    return taken, None


def _summed_up(outcomes: Outcomes[Item, Result], began: float, run: Any, source_error: Exception | None) -> Outcomes[Item, Result]:
    """Outcomes with a summary; if the input ended with an error, it is raised with them."""
    wall, seconds = time.perf_counter() - began, sum(run.seconds)
    failures = len(outcomes) - operator.countOf(map(operator.itemgetter(2), outcomes), None)
    outcomes.summary = Summary(wall, seconds, len(run.helpers) + (not run.call.is_slow), seconds / wall, len(outcomes) - failures, failures)
    if source_error is not None:
        source_error.partial = outcomes  # type: ignore[attr-defined]
        raise source_error
    return outcomes


def _cgroup_quotas(proc: str = "/proc/self/cgroup", root: str = "/sys/fs/cgroup") -> Iterator[float]:
    """Processors that the cgroups of this process, and those above them, may use at most, as far as they are limited."""
    files = {"": ["cpu.max"], "cpu": ["cpu.cfs_quota_us", "cpu.cfs_period_us"]}  # of version 2 and 1; no limit is `max` or -1
    for line in Path(proc).read_text().splitlines() if Path(proc).exists() else ():
        _, controllers, folder = line.split(":", 2)
        kind = "cpu" if "cpu" in controllers.split(",") else controllers
        for above in [Path(folder), *Path(folder).parents] if kind in files else ():
            with contextlib.suppress(OSError, ValueError):
                words = " ".join(Path(f"{root}/{kind}{above}/{name}").read_text() for name in files[kind]).split()  # noqa: PRL101
                quota, period = map(int, words)
                yield quota / period if quota > 0 else math.inf

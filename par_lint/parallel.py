"""Run one function over many items concurrently, and get each result or error in the order of the items.

    from par_lint.parallel import run_parallel

    for url, page, error in run_parallel(fetch, urls, max_workers=50):
        ...

The calling thread runs items itself, like the loop that the call replaces. A watchdog, one thread per process, checks it regularly.
It starts helper threads when the calling thread is blocked (by a network, a disk, a child process) or computes without holding the GIL
(hashing, compressing). Pure Python stays on one thread, where it is fastest: the calling thread, or with a timeout, a rate or a limit
per key one helper, for which the calling thread waits.

Part of par-lint, MIT licence. It only needs the standard library; `par-lint vendor PATH` copies it into a project.
"""

from __future__ import annotations

import _thread
import array
import collections
import contextlib
import contextvars
import copy
import errno
import functools
import importlib.machinery
import itertools
import math
import operator
import os
import pickle
import sys
import threading
import traceback
from _queue import Empty, SimpleQueue  # not from queue, where gevent replaces it
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Coroutine, Generator, Iterable, Iterator, Sized
from pathlib import Path
from queue import Queue
from types import BuiltinFunctionType, CodeType, CoroutineType, FrameType, ModuleType
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, Protocol, TypeVar, cast, overload

if TYPE_CHECKING:
    import asyncio

    from typing_extensions import TypedDict, Unpack

__all__ = ["Outcome", "Outcomes", "Stream", "Summary", "batch_map", "optimal_workers", "run_parallel", "run_parallel_async", "run_together"]

Item = TypeVar("Item")
Result = TypeVar("Result")
Other = TypeVar("Other")


def _unpatched_time() -> Any:
    """Return a private copy of the time module, which freezegun and similar tools cannot patch: on a frozen clock no wait would end."""
    loader = importlib.machinery.BuiltinImporter
    spec = loader.find_spec("time")
    if spec is None:  # not CPython
        return sys.modules["time"]
    module = loader.create_module(spec)
    loader.exec_module(module)  # type: ignore[arg-type]
    return module


_time = _unpatched_time()
_now: Callable[[], float] = _time.perf_counter
_process_time: Callable[[], float] = _time.process_time
_thread_time: Callable[[], float] = getattr(_time, "thread_time", _process_time)


def _is_subinterpreter() -> bool:
    for name in ("_interpreters", "_xxsubinterpreters"):  # Python 3.13 and later, and before
        with contextlib.suppress(ImportError):
            interpreters = importlib.import_module(name)
            return bool(interpreters.get_current() != interpreters.get_main())
    return False


_IS_SUBINTERPRETER = _is_subinterpreter()
_HAS_GIL = getattr(sys, "_is_gil_enabled", lambda: True)()
_HAS_THREAD_CLOCKS = hasattr(_time, "pthread_getcpuclockid")  # clocks of threads that others can read; not on macOS and Windows

_MAX_IO_WORKERS = 100  # a high number of workers for network I/O
_MAX_THREADS = 1000  # in the whole process, so that nested runs do not multiply
_MAX_WAIT = 0.1 if os.name == "nt" else threading.TIMEOUT_MAX  # seconds; on Windows Ctrl-C does not interrupt a wait
_RECHECK_SECONDS = 0.5  # a waiting calling thread checks again after this time, in case a helper or the watchdog died

# When the watchdog checks, in seconds. A check costs 50 us and may take the GIL. Windows' clocks tick every 16 ms.
_FIRST_LOOK = 0.02 if os.name == "nt" else 0.0001
_SECOND_LOOK = 0.02 if os.name == "nt" else 0.00005  # after a check that saw a reason for helpers
_THIRD_LOOK = 0.02 if os.name == "nt" else 0.001  # after a check that saw none; then twice as long each time
_LONGEST_PAUSE = 0.02
_IDLE_SECONDS = 0.02  # the watchdog waits for another run before it ends: starting it costs 20 us

# Reasons for the watchdog to start helpers. Shares are of the time since its last check.
_BLOCKED_SHARE = 1 / 3  # less is not worth a thread
_MIN_BLOCKED_SECONDS = 80e-6  # for each item; a blocking call and the hand-over of the GIL cost up to 60 us
_COMPUTING_SHARE = 0.5  # on a processor although the watchdog gets the GIL on time: the thread computes without it
_MIN_COMPUTING_SECONDS = 100e-6  # for each item; reading a cached file of 4 KiB takes 10 us, mostly without the GIL
_IDLE_SHARE = 0.05  # on a processor: less does not count as computing
_FULL_SHARE = 0.9  # of all processors, by the workers of a run: more would only queue for them
_LATE_SECONDS = 0.001  # a watchdog that wakes later than this had to wait for the GIL
_BUSY_SHARE = 0.5  # of one processor, by the workers of a run, while the GIL is contended: more would only queue for it
_STALL_SECONDS = 0.05  # without a finished item: items may be waiting for each other, whatever the clocks say

# Iterators over these never block, and have no effects. Other sources may block; one that takes longer for an item is asked only while
# no outcome is due.
_COLLECTIONS: tuple[Any, ...] = (
    list, tuple, range, dict, type({}.keys()), type({}.values()), type({}.items()), set, frozenset, str, bytes, bytearray, collections.deque,
    collections.OrderedDict, array.array,
)  # fmt: skip
_EMPTY: tuple[Any, ...] = (
    [], (), range(0), {}, {}.values(), {}.items(), set(), "", "\xe9", b"", bytearray(), collections.deque(), collections.OrderedDict(), array.array("b"),
)  # fmt: skip
_ITERATORS = {type(reversed([])), *(type(iter(empty)) for empty in _EMPTY)}  # over collections
_QUICK_SECONDS = 0.001
_late = functools.partial(TimeoutError, "not finished in time")

# Seconds that a chunk for an executor is to last: to send one costs 0.1 ms to a process pool and 7 ms to Dask (on loopback).
_CHUNK_SECONDS = 0.01
_DASK_CHUNK_SECONDS = 0.15
_CHUNK_BUDGET = 2  # after this many times the seconds a chunk returns the items that it has not started
_CHUNK_GROWTH = 8  # times the size of the previous chunk
_MAX_CHUNK = 5000  # items


# ---- What a run returns ----------------------------------------------------------------------------------------------

if TYPE_CHECKING or sys.version_info >= (3, 11):

    class Outcome(NamedTuple, Generic[Item, Result]):
        """The outcome of one item: `error` is None and `result` is what the function returned, or `error` is what it raised."""

        item: Item
        result: Result
        error: BaseException | None

else:  # before 3.11 a named tuple cannot be declared generic; it can be subscripted all the same
    Outcome = collections.namedtuple("Outcome", "item result error")


class Summary(NamedTuple):
    """The cost of a run, in seconds, and the numbers of workers and items.

    `waiting_seconds` and `computing_seconds` are the sums over all workers of the time spent on items, off and on a processor.
    `loop_seconds` is what a loop would have taken; None if workers queued for the GIL or a processor, which looks like waiting.
    """

    wall_seconds: float
    waiting_seconds: float
    computing_seconds: float
    loop_seconds: float | None
    workers: int
    successes: int
    failures: int

    @property
    def item_seconds(self) -> float:
        """Seconds that all workers together spent on items."""
        return self.waiting_seconds + self.computing_seconds

    @property
    def speed_up(self) -> float | None:
        """The speed-up over a loop; None if it was not measured."""
        return None if self.loop_seconds is None else self.loop_seconds / self.wall_seconds

    def __str__(self) -> str:
        counts = f"{self.successes + self.failures} items, {self.failures} failed, {self.workers} workers"
        seconds = f"{self.wall_seconds:.3f} s (waiting {self.waiting_seconds:.3f} s, computing {self.computing_seconds:.3f} s)"
        return f"{counts}: {seconds}" + ("" if self.speed_up is None else f", {self.speed_up:.1f} times as fast as a loop")


class Outcomes(list[Outcome[Item, Result]], Generic[Item, Result]):
    """The outcomes in input order.

    Errors that are never checked are logged: when outcomes with errors are discarded without having been iterated, indexed, compared, or
    asked for `errors`, `raise_errors()` or `summary`.
    """

    _summary: Summary
    _hides_errors = False

    @property
    def summary(self) -> Summary:
        """The cost of the run."""
        self._hides_errors = False
        return self._summary

    @property
    def errors(self) -> list[Outcome[Item, Result]]:
        """The outcomes that failed."""
        return [outcome for outcome in self if outcome.error is not None]

    def raise_errors(self) -> None:
        """Raise an ExceptionGroup of all errors, if there are any. Python 3.10 has no groups: there it raises the first error."""
        errors: list[Any] = [outcome.error for outcome in reversed(self.errors)]
        message = f"{len(errors)} of {len(self)} items failed"
        if errors and sys.version_info >= (3, 11):
            raise ExceptionGroup(message, errors[::-1])
        if errors:
            with contextlib.suppress(Exception):  # it may be frozen
                errors[-1].__notes__ = [*getattr(errors[-1], "__notes__", ()), message]
            del errors[:-1], self
            raise errors.pop()

    def __radd__(self, other: list[Any]) -> list[Any]:
        return other + list(self)

    def __del__(self) -> None:
        if self._hides_errors:
            with contextlib.suppress(Exception):  # the interpreter may be shutting down
                import logging

                errors = [outcome.error for outcome in list.__iter__(self) if outcome.error is not None]
                message = "%d of %d items failed, and nobody looked at the outcomes; the first error:"
                logging.getLogger(__name__).error(message, len(errors), len(self), exc_info=errors[0])


def _that_looks(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of list that also records that the outcomes were checked."""

    @functools.wraps(method)
    def look(self: Outcomes[Any, Any], *args: Any, **options: Any) -> Any:
        self._hides_errors = False
        return method(self, *args, **options)

    return look


for _name in ("__iter__", "__getitem__", "__reversed__", "__contains__", "__eq__", "__ne__", "__add__", "__repr__", "copy", "count", "index", "pop", "sort"):
    setattr(Outcomes, _name, _that_looks(getattr(list, _name)))


class Stream(Iterator[Outcome[Item, Result]]):
    """An iterator over outcomes as they become available.

    Leaving its loop early (`break`, an exception, Ctrl-C) starts nothing more and returns immediately; running items end on their own.
    If the stream is stored in a variable, that happens when the variable is deleted. `close()` also waits for running items.
    """

    def __init__(self, run: _StreamRun[Item, Result] | _Loop[Item, Result]) -> None:
        self._run, self._outcomes = run, run.outcomes()

    def __iter__(self) -> Iterator[Outcome[Item, Result]]:
        return self._outcomes  # a generator is twice as fast as __next__

    def __next__(self) -> Outcome[Item, Result]:
        return next(self._outcomes)

    def close(self) -> None:
        """Start nothing more, and wait for running items."""
        self._run.waits_when_left = True
        self._outcomes.close()


class SupportsSubmit(Protocol):
    """An executor of concurrent.futures or loky, or Dask's `client.get_executor()`: its futures have `add_done_callback` and `cancel`."""

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Any: ...


# ---- Public functions ------------------------------------------------------------------------------------------------

if TYPE_CHECKING:
    Progress = Callable[[int, int | None], object]
    Limit = tuple[Callable[[Any], Any], int]
    _Common = TypedDict("_Common", {
        "desc": str | None, "fail_fast": bool, "ordered": bool, "window": int | None, "timeout": float | None,
        "per_second": float | None, "limit_by": Limit | None, "progress": Progress | None,
    }, total=False)  # fmt: skip

    class _OfThreads(_Common, total=False):
        initializer: Callable[[], object] | None
        executor: SupportsSubmit | None


@overload
def run_parallel(func: Callable[[Item], Result], items: Iterable[Item], max_workers: int | None = 50, *,
    stream: Literal[False] = False, **options: Unpack[_OfThreads]) -> Outcomes[Item, Result]: ...  # fmt: skip
@overload  # noqa: E302 - overloads stand together
def run_parallel(func: Callable[[Item], Result], items: Iterable[Item], max_workers: int | None = 50, *,
    stream: Literal[True], **options: Unpack[_OfThreads]) -> Stream[Item, Result]: ...  # fmt: skip
@overload  # noqa: E302
def run_parallel(func: Callable[[Item], Result], items: Iterable[Item], max_workers: int | None = 50, *,
    stream: bool, **options: Unpack[_OfThreads]) -> Outcomes[Item, Result] | Stream[Item, Result]: ...  # fmt: skip
@overload  # noqa: E302
def run_parallel(func: Callable[[Item], Result], items: Iterable[Item], max_workers: int | None = 50, *,
    as_loop: Literal[True], stream: bool = False, fail_fast: bool = True) -> Stream[Item, Result]: ...  # fmt: skip
def run_parallel(  # noqa: E302
    func: Callable[[Item], Result], items: Iterable[Item], max_workers: int | None = 50, *,
    desc: str | None = None, fail_fast: bool | None = None, stream: bool = False, ordered: bool = True, window: int | None = None,
    timeout: float | None = None, per_second: float | None = None, limit_by: Limit | None = None, progress: Progress | None = None,
    initializer: Callable[[], object] | None = None, executor: SupportsSubmit | None = None, as_loop: bool = False,
) -> Outcomes[Item, Result] | Stream[Item, Result]:  # fmt: skip
    """Call `func(item)` for every item, at most `max_workers` at the same time.

    Args:
        func: A function of one item. Each call has its own copy of the caller's context variables.
        items: Any iterable; only the calling thread iterates over it. It must be finite, unless `stream` is true.
        max_workers: The maximum number of concurrent calls; None means 50.
        desc: A title; shows a progress line on stderr, on a terminal or in Jupyter.
        fail_fast: Start nothing new after the first error, and raise the error of the earliest failed item. Default: `as_loop`.
        stream: Return an iterator that yields each outcome as soon as it is available. It raises errors (see `fail_fast`) at their
            places in the order. The loop body must not add to `items`, which are taken ahead. When a fast source blocks for the first
            time, outcomes are delayed; from then on the next item is taken only while no outcome is due.
        ordered: False yields the outcomes of a stream in the order in which they finish.
        window: The maximum number of items that a stream takes ahead; None means `2 * max_workers`, or with an executor two
            chunks for each. A larger one keeps workers busy behind one slow item.
        timeout: Seconds for the whole call. Unfinished items then get a TimeoutError; running ones are abandoned. A stream still
            yields all its items.
        per_second: The maximum number of items that start per second, in all workers together.
        limit_by: `(key, most)`: at most `most` items with the same `key(item)` run at the same time.
        progress: Called with the number of finished items (of a stream: of yielded ones) and their total, or None if that is
            unknown; never concurrently, but by any thread that runs items.
        initializer: Called once in each thread that runs items, before its first: for thread-local sessions.
        executor: Runs the items there, in chunks: a ProcessPoolExecutor, loky, Dask's `client.get_executor()`. `func`, items and
            results are pickled, and this module must be importable there. On Dask a chunk uses up to `max_workers` threads.
        as_loop: Return a Stream that behaves like a `for` loop that calls `func` for each item, provided that calls may be made early,
            and that one may be repeated. Only collections (list, tuple, dict, set, range, ...) are read ahead, `iter`, `reversed`,
            `enumerate` and `zip` over them, or with `stream=True` any iterable; of others each item is taken, and run, in its turn. If
            the collection changes meanwhile, results that no longer fit are dropped, and the loop goes on alone. All errors come at
            their places; with `fail_fast=False` those that are an Exception come as outcomes. While a module is imported, and with
            threads of small stacks, it is a plain loop. It goes on as one when an item fails for want of files, memory or stack, which
            is then run again, alone; and when an item waits for a lock for half a second that this thread may hold: that is run here as
            well, and counts if it ends first. (Linux tells of all locks; elsewhere they are reentrant ones in reach of the function.)
            At the end no helper is left.

    Returns:
        Outcomes, a list of `(item, result, error)` in input order, or with `stream` or `as_loop` a Stream of them.

    Raises:
        ValueError, TypeError: For invalid arguments, such as a coroutine function.
        Exception: Raised by `items`, after the earlier items ran, with their outcomes as its `partial`.
        BaseException: What is not an Exception (SystemExit) stops everything and is raised like an error with `fail_fast`. Ctrl-C, and
            an error of a signal handler, of `initializer` or of `progress`, is raised immediately.
    """
    _check_callable(func)
    if _is_coroutine_function(func):
        raise TypeError("func is a coroutine function: await run_parallel_async(func, items) in asyncio code")
    if executor is not None and (isinstance(executor, type) or not callable(getattr(executor, "submit", None))):
        raise TypeError(f"executor must be an executor, such as ProcessPoolExecutor(), not {executor!r}")
    if executor is not None and any(option is not None for option in (initializer, per_second, limit_by)):
        raise ValueError("initializer, per_second and limit_by are for threads; an executor has an initializer of its own")
    fail_fast = as_loop if fail_fast is None else fail_fast
    options = _Options(
        max_workers, desc, fail_fast, stream, ordered, window, timeout, per_second, limit_by, progress, initializer, as_loop=as_loop
    )
    if as_loop:
        if desc is not None or options.needs_caller or window is not None or progress or initializer or executor:
            raise ValueError("as_loop goes with max_workers, fail_fast and stream only")
        return Stream(_Loop(func, items, options, stream))
    began = _now()
    source_errors: list[Exception] = []
    source = items if stream else _take_all(items, source_errors)
    run: Any
    if executor is not None:
        run = _ExecutorRun(executor, func, source, options)
    elif stream or options.needs_caller:
        run = _StreamRun(func, source, options)
    else:
        run = _ListRun(func, cast("list[Item]", source), options)
    return Stream(run) if stream else _summed_up(Outcomes(run.outcomes()), began, run, source_errors)


def batch_map(func: Callable[[Item], Result], items: Iterable[Item], max_workers: int | None = 50) -> list[Result]:
    """Call `func(item)` for every item, at most `max_workers` at the same time; return only the successful results."""
    return [outcome.result for outcome in run_parallel(func, items, max_workers) if outcome.error is None]


def optimal_workers(n: int, io_bound: bool = True) -> int:
    """Return a suitable number of workers for `n` items: `min(100, n)` for I/O, else `min(cpu_count, n)`; at least 1.

    It counts the processors that this process may use: its affinity, and its cgroup's quota, rounded up.
    """
    if io_bound:
        return max(1, min(_MAX_IO_WORKERS, n))
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
    """Make a few different calls concurrently: `users, orders = run_together(load_users, load_orders)`. Named calls return a dict.

    All calls start at the same time; when all have ended, the first error in their order is raised. Raises TypeError for a non-callable.
    """
    functions = list(calls or named.values())
    if calls and named or not all(map(callable, functions)):
        raise TypeError("run_together takes functions, by position or by name: pass f, not f()")
    options = _Options(len(functions) or 1, is_eager=True)
    outcomes = list(_ListRun(lambda call: call(), functions, options).outcomes())
    errors: list[BaseException] = [outcome.error for outcome in outcomes if outcome.error is not None][:1]
    results = [outcome.result for outcome in outcomes]
    del outcomes  # see "Runs" on cycles
    if errors:
        raise errors.pop()
    return dict(zip(named, results)) if named else tuple(results)


# ---- Options ---------------------------------------------------------------------------------------------------------


class _Options:
    """The options of a run. Raises ValueError or TypeError for invalid ones."""

    def __init__(
        self, max_workers: int | None, desc: str | None = None, fail_fast: bool = False, stream: bool = False, ordered: bool = True,
        window: int | None = None, timeout: float | None = None, per_second: float | None = None, limit_by: Limit | None = None,
        progress: Progress | None = None, initializer: Callable[[], object] | None = None, is_eager: bool = False, as_loop: bool = False,
    ) -> None:  # fmt: skip
        if not stream and not (ordered and window is None):
            raise ValueError("ordered and window are for streams: a list is always complete and in order")
        if math.isnan(timeout or 0) or not (per_second is None or per_second > 0):
            raise ValueError("timeout must be a number of seconds, and per_second more than 0")
        self.max_workers = _at_least_one("max_workers", 50 if max_workers is None else max_workers)
        self.window = None if window is None else _at_least_one("window", window)  # None: the default of the kind of run
        self.desc, self.fail_fast, self.is_stream, self.ordered = desc, fail_fast, stream or as_loop, ordered
        self.progress, self.initializer = progress, initializer
        self.deadline = math.inf if timeout is None else _now() + timeout  # of `_now`
        self.pace = 0.0 if per_second is None else 1 / per_second  # seconds between two starts
        self.limit = None if limit_by is None else _KeyLimit(*limit_by)
        self.is_eager = is_eager  # whether to start helpers at once
        self.as_loop = as_loop  # whether all errors are handed out: the loop raises them, if it comes to them
        self.total: int | None = None  # items, once they are known
        # The calling thread must be free to leave a late item behind, and to hand out what comes before an item of its own.
        self.needs_caller = self.deadline < math.inf or self.pace > 0 or self.limit is not None or not ordered

    def ends_run(self, error: BaseException) -> bool:
        """Return whether an error of an item ends the run and is raised."""
        return not self.as_loop and (self.fail_fast or not isinstance(error, Exception))

    def items_ahead(self) -> float:
        """Return how many items may be taken ahead of the outcomes that were yielded."""
        return (self.window or 2 * self.max_workers) if self.is_stream else math.inf


def _check_callable(func: object) -> None:
    if not callable(func):
        raise TypeError(f"func must be callable, not {type(func).__name__}")


def _at_least_one(name: str, number: int) -> int:
    if operator.index(number) < 1:
        raise ValueError(f"{name} must be at least 1, not {number}")
    return operator.index(number)


class _KeyLimit:
    """Delays tasks while the maximum number of tasks with the same key is running."""

    def __init__(self, key: Callable[[Any], Any], most: int) -> None:
        if not callable(key):
            raise TypeError(f"limit_by must be (key, most) with a function of an item, not {key!r}")
        self._key, self._most = key, _at_least_one("the number in limit_by", most)
        self._running: collections.Counter[Any] = collections.Counter()
        self._held: dict[Any, collections.deque[_Task]] = {}
        self._lock = threading.Lock()

    def admits(self, task: _Task) -> bool:
        """Return whether a task may run now; if not, `release` returns it later."""
        key = task.key = self._key(task.item)
        with self._lock:
            may_run = self._running[key] < self._most
            if may_run:
                self._running[key] += 1
            else:
                self._held.setdefault(key, collections.deque()).append(task)
        return may_run

    def release(self, task: _Task) -> _Task | None:
        """Record that a task has ended; return the delayed task that may run now."""
        with self._lock:
            if self._held.get(task.key):
                return self._held[task.key].popleft()
            self._held.pop(task.key, None)
            self._running -= collections.Counter([task.key])  # forgets keys that come to 0
        return None


# ---- Blocked or computing? -------------------------------------------------------------------------------------------


class _Counts(NamedTuple):
    """Numbers of items in a run: not yet given to a worker, ever given to one, finished."""

    pending: int
    claimed: int
    done: int


class _Monitor:
    """Decides how many helpers a run should have, by sampling its leader: the thread that creates the monitor."""

    def __init__(self, run: _Run[Any, Any]) -> None:
        self._native_id, self.pause, self._reason = threading.get_native_id(), _FIRST_LOOK, ""
        self._clock = _clock_of_this_thread()
        self._looked_at = self._metered_at = self._progress_at = _now()
        self._used, self._metered, self._usual_share = self._clock(), run.metered, 1.0
        self._computed = self._computed_at_progress = 0.0
        self._workers_used = _seconds_of(run.clocks if _HAS_THREAD_CLOCKS else [_process_time])
        self._claimed = self._done = 0
        self._blocked = 0.0  # seconds, while the same item went on

    def helpers_wanted(self, run: _Run[Any, Any], counts: _Counts, is_late: bool) -> int:
        """Sample the leader; return how many helpers there should be. One sample is not trusted, two in a row are."""
        have, finished = len(run.helpers), counts.claimed - self._claimed  # who claims an item has finished the one before
        now, used, metered = _now(), _seconds_of([self._clock]), run.metered
        wall, computed = now - self._looked_at, used - self._used
        if not _HAS_THREAD_CLOCKS:  # the clock is that of the process; the leader will not use more of it than for its items before
            if metered > self._metered:
                self._usual_share = (metered - self._metered) / (now - self._metered_at)
                self._metered, self._metered_at = metered, now
            computed = min(computed, self._usual_share * wall)
        self._looked_at, self._used = now, used
        self._computed += computed
        is_contended = self._is_contended(run, wall, is_late)
        is_of_no_use = not run.is_leading() or (have > 0 and is_contended)
        reason = "" if is_of_no_use else self._reason_for_helpers(wall, computed, finished, is_late)
        is_believed = bool(reason and self._reason)
        self._reason = reason
        self.pause = _SECOND_LOOK if reason and not is_believed else min(max(2 * self.pause, _THIRD_LOOK), _LONGEST_PAUSE)
        wanted = have + self._missing_after_stall(run, counts, have)
        if is_believed and reason == "computes":
            return max(wanted, _processors() - run.caller_is_inside)
        if is_believed and finished <= 1 and have == (0 if run.caller_works else 1):  # only the leader works, and waits long: a thread for each
            run.is_stuck = True
            return run.max_helpers()
        return max(wanted, have + 3 * (have + 1)) if is_believed else wanted  # 3, 15, 63: as many as it takes soon

    def _reason_for_helpers(self, wall: float, computed: float, finished: int, is_late: bool) -> str:
        blocked = wall - computed
        if blocked > wall * _BLOCKED_SHARE and self._is_runnable():
            blocked = 0.0  # it queues for the GIL or a processor
        self._blocked = blocked if finished else self._blocked + blocked
        if blocked > wall * _BLOCKED_SHARE and self._blocked > _MIN_BLOCKED_SECONDS * max(1, finished):
            return "is blocked"
        return "computes" if computed > wall * _COMPUTING_SHARE and wall > _MIN_COMPUTING_SECONDS * finished and not is_late else ""

    def _is_runnable(self) -> bool:
        """Return whether the leader could run: Linux tells by the letter after the thread's name.

        To open the file lets go of the GIL. A leader that queued for the GIL takes it then, and shows as runnable.
        """
        try:
            with open(f"/proc/self/task/{self._native_id}/stat", "rb", buffering=0) as file:
                return file.read(99).rpartition(b")")[2][1:2] == b"R"
        except OSError:
            return False

    def _is_contended(self, run: _Run[Any, Any], wall: float, is_late: bool) -> bool:
        """Return whether more threads would only queue for the GIL or for processors."""
        used = _seconds_of(run.clocks if _HAS_THREAD_CLOCKS else [_process_time])
        share, self._workers_used = (used - self._workers_used) / max(wall, 1e-9), used
        return (_HAS_THREAD_CLOCKS and share > _FULL_SHARE * _processors()) or (is_late and share > _BUSY_SHARE)

    def _missing_after_stall(self, run: _Run[Any, Any], counts: _Counts, have: int) -> int:
        """Return how many helpers to add because for a while no item was finished although some could start.

        Workers that compute share the GIL, so that each takes the longer the more there are; they get one more at a time.
        """
        if counts.done != self._done or not counts.pending or not (have or run.is_leading()):
            self._progress_at, self._computed_at_progress = _now(), self._computed
        self._claimed, self._done = counts.claimed, counts.done
        stalled = _now() - self._progress_at
        is_idle = self._computed - self._computed_at_progress < _IDLE_SHARE * stalled
        if stalled < _STALL_SECONDS * (1 if is_idle else have + 1):
            return 0
        self._progress_at, self._computed_at_progress = _now(), self._computed
        return 3 * (have + 1) if is_idle else 1


def _clock_of_this_thread() -> Callable[[], float]:
    """Return a clock of this thread's processor seconds, which other threads can read while it lives; elsewhere that of the process."""
    if not _HAS_THREAD_CLOCKS or _has_green_threads():
        return _process_time
    return functools.partial(_time.clock_gettime, _time.pthread_getcpuclockid(_thread.get_ident()))


def _seconds_of(clocks: list[Callable[[], float]]) -> float:
    total = 0.0
    for clock in list(clocks):
        with contextlib.suppress(OSError):  # the thread has ended
            total += clock()
    return total


@functools.lru_cache(None)
def _processors() -> int:
    return optimal_workers(sys.maxsize, io_bound=False)


# ---- The watchdog ----------------------------------------------------------------------------------------------------


class _Bell:
    """Wakes one waiting thread; rings that nobody waits for count once. Safe in signal handlers and finalizers.

    It is a lock. A SimpleQueue will not do: before Python 3.13 its `get` with a time limit may wait for ever.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def ring(self, *_: object) -> None:
        with contextlib.suppress(RuntimeError):  # it has been rung
            self._lock.release()

    def wait(self, until: float) -> bool:
        """Sleep until it is rung, or until a time; return whether it was rung."""
        return _wait(self._lock, until)


def _wait(lock: Any, until: float) -> bool:
    """Wait for a lock until a time, on Windows in short steps; return whether it was acquired."""
    return bool(lock.acquire(timeout=max(0.0, min(until - _now(), _MAX_WAIT))))


class _Watchdog:
    """The one thread per process that looks at all runs and starts their helpers.

    Protocol. There are no locks, so that signal handlers, finalizers and forks cannot deadlock:
    - `runs` are those to look at. Who adds one sees to a thread afterwards. The thread, when it gives up, first leaves `_owner` and
      then looks at `runs` once more. So one of them sees the other.
    - `_owner` has an entry while there is a thread. A thread enters itself (`setdefault` lets one do so) or ends at once; so Ctrl-C
      cannot leave an entry without a thread. Until `_starts_again_at` nobody starts another one.
    - `_wakes_at` is when the thread wakes by itself; who needs it earlier rings. While it looks, everybody rings.

    The thread is unknown to `threading`, so that nobody counts it as one of theirs. It alone starts helpers: only the main thread
    gets Ctrl-C, and Ctrl-C inside `Thread.start` would leave a helper blocked for ever. There is none among green threads.
    """

    def __init__(self) -> None:
        self._idle_seconds = _IDLE_SECONDS
        self.reset()

    def reset(self) -> None:
        """Start over, for example in a forked child, which has no other threads."""
        for run in list(getattr(self, "runs", ())):
            run.renew_locks()  # the old ones may be held by threads that are not here
        self.runs: dict[_Run[Any, Any], None] = {}
        self.is_late = True  # whether it woke late from its last sleep, or was woken
        self._bell, self._wakes_at, self._starts_again_at = _Bell(), math.inf, 0.0
        self._owner: dict[str, object] = {}

    @property
    def _is_running(self) -> bool:
        return bool(self._owner)

    def add(self, run: _Run[Any, Any]) -> bool:
        """Look at a run when it is due. Return False if there is no thread to be had."""
        if _IS_SUBINTERPRETER:  # it may have no threads that outlive it, and before Python 3.12 aborts the process if there is one
            return False
        self.runs[run] = None
        if not self._owner and _now() > self._starts_again_at and not self._start():
            return False
        if self._wakes_at > run.due:
            self._wakes_at = run.due  # so that the next one need not ring
            self._bell.ring()
        return True

    def end(self) -> None:
        """End the thread if there are no runs, and wait for it: a process should have one thread when it forks."""
        self._idle_seconds, until = 0.0, _now() + _IDLE_SECONDS
        try:
            while self._owner and not self.runs and _now() < until:
                self._bell.ring()
                _time.sleep(2e-4)
        finally:
            self._idle_seconds = _IDLE_SECONDS

    def _start(self) -> bool:
        try:
            self._starts_again_at = _now() + _RECHECK_SECONDS / 10
            _thread.start_new_thread(self._watch, ())
            return True
        except (RuntimeError, MemoryError):
            self._starts_again_at = 0.0
            return False

    def _watch(self) -> None:
        token = object()
        if self._owner.setdefault("thread", token) is not token:
            return
        self._starts_again_at = 0.0
        try:
            while self._look_and_sleep(token):
                pass
        finally:
            if self._owner.get("thread") is token:
                self._owner.clear()

    def _look_and_sleep(self, token: object) -> bool:
        """Check the runs that are due, and sleep until the next one. Return False if there are no runs any more."""
        try:
            if not self._has_runs(token):
                return False
            self._wakes_at = math.inf
            self._look_at_runs()
            longest = _now() + 5 * self._idle_seconds  # nobody tells it when the last run ends
            self._wakes_at = until = min([longest, *(run.due for run in list(self.runs))])
            self.is_late = self._bell.wait(until) or _now() > until + _LATE_SECONDS
        except Exception:  # such as a MemoryError: the runs still need somebody
            _time.sleep(_LONGEST_PAUSE)
            return bool(self.runs)
        return True

    def _has_runs(self, token: object) -> bool:
        """Wait for a run. Return False if there is none: then the thread ends."""
        while not self.runs:
            self._wakes_at = math.inf
            if not self._bell.wait(_now() + self._idle_seconds):
                self._owner.clear()
                return bool(self.runs) and self._owner.setdefault("thread", token) is token
        return True

    def _look_at_runs(self) -> None:
        for run in list(self.runs):  # not in `_watch`, where it would keep the last run alive
            with contextlib.suppress(Exception):  # a defect in one must not leave the others without helpers
                if run.due <= _now():
                    run.due = _now() + _LONGEST_PAUSE  # also if the look fails
                    run.look()


_watchdog = _Watchdog()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_watchdog.end, after_in_child=_watchdog.reset)


# ---- Runs ------------------------------------------------------------------------------------------------------------
# On cycles: errors hold frames, so frames must not hold errors, or items, results and frames would stay until the next garbage
# collection. An error that is to be raised waits in a list (`raise errors.pop()`); other names that lead to one are deleted.


class _Run(Generic[Item, Result]):
    """The worker threads of one call: the calling thread, unless it only waits, and helpers."""

    counts: Callable[[], _Counts]  # how far the run is
    work: Callable[[], None]  # runs items until there are none
    stop: Callable[[], None]  # starts no more items; may be called at any time, by any thread, more than once

    def __init__(self, func: Callable[[Item], Result], options: _Options, caller_works: bool) -> None:
        self.func, self.options, self.caller_works = func, options, caller_works
        self.caller_is_inside = False  # at an item
        self.deadline = options.deadline  # in the past: wait for nothing
        self.new_context = contextvars.copy_context().copy
        self.is_green = _has_green_threads()
        self.bell = _Bell()  # wakes the calling thread
        self.helpers: list[threading.Thread] = []
        self.helpers_requested = 0  # by the calling thread, whatever the monitor says
        self.has_threads = True  # False once no helper was to be had
        self.is_stuck = False  # whether one item was seen to block the leader between two looks
        self.broken: list[BaseException] = []  # what ends the run itself, to be raised by the calling thread
        self.display = _Display(options)
        self.monitor: _Monitor | None = None
        self.due = math.inf  # when the watchdog looks next
        self.leader = 0  # the thread that the monitor looks at
        self.metered = 0.0  # its processor seconds after its last item, where its clock cannot be read
        self.clocks: list[Callable[[], float]] = []  # of all workers, also of those that have ended
        self.spent: list[tuple[float, float]] = []  # seconds on items and on a processor, of the workers that have ended
        self._is_closed = False
        self.renew_locks()

    def renew_locks(self) -> None:
        """Create the locks; also in a forked child."""
        self.lock = threading.RLock()  # of `helpers` and `_is_closed`; reentrant, for a finalizer may close a run at any moment

    @property
    def workers(self) -> int:
        """The number of threads that have run items."""
        return len(self.clocks)

    def max_helpers(self) -> int:
        """Return how many helpers there may be."""
        return self.options.max_workers - self.caller_works

    def is_leading(self) -> bool:
        """Return whether the leader is running an item."""
        return True

    def takes_the_lead(self) -> bool:
        """Return whether the helper that asks is the leader: the worker that the monitor looks at."""
        return self.monitor is None

    def begin(self) -> None:
        """Let the watchdog monitor this run. Called by the calling thread."""
        if self.options.is_eager:
            self.request_helpers(self.max_helpers())
        elif not self.is_green and (self.max_helpers() > 0 or self.display.is_shown):
            self.has_threads = _watchdog.add(self)

    def enter(self, leads: bool) -> None:
        """Make this thread a worker."""
        self.clocks.append(_clock_of_this_thread())
        if leads and not self.is_green:
            self.leader, self.metered = _thread.get_ident(), _thread_time()
            self.monitor, self.due = _Monitor(self), _now() + _FIRST_LOOK
        if self.options.initializer is not None:
            self.new_context().run(self.options.initializer)

    def note_time(self) -> None:
        """Note what the leader has used; called by workers after an item where nobody else can read their clocks."""
        if self.leader == _thread.get_ident():
            self.metered = _thread_time()

    def request_helpers(self, count: int) -> None:
        """Request a number of helpers; they start soon."""
        self.helpers_requested = count
        if self.is_green:  # they take turns by themselves; a watchdog would never get one
            while len(self.helpers) < count and self._start_helper():
                pass
        else:
            self.due = _now()
            if not _watchdog.add(self):
                self.has_threads = False

    def look(self) -> None:
        """Start helpers if they are useful, and set the time of the next check. Called by the watchdog."""
        counts = self.counts()
        self.display.show(counts.done)
        monitored = 0 if self.monitor is None else self.monitor.helpers_wanted(self, counts, _watchdog.is_late)
        wanted = min(max(self.helpers_requested, monitored), self.max_helpers())
        while self.has_threads and len(self.helpers) < wanted and self.counts().pending and self._start_helper():
            pass
        if self.has_threads and len(self.helpers) < self.max_helpers() or self.display.is_shown:
            self.due = min(self.due, _now() + (_THIRD_LOOK if self.monitor is None else self.monitor.pause))

    def _start_helper(self) -> bool:
        with self.lock:
            if self._is_closed:
                return False
            try:
                if threading.active_count() >= _MAX_THREADS:
                    raise RuntimeError("too many threads")
                thread = threading.Thread(target=self._help, name="run_parallel", daemon=True)
                self.helpers.append(thread)  # before it starts, so that it is known even if this is interrupted
                thread.start()
            except (RuntimeError, MemoryError):  # also when the interpreter is shutting down
                self.helpers[:] = [thread for thread in self.helpers if thread.ident is not None]
                self.has_threads = False
                self.bell.ring()
        return self.has_threads

    def _help(self) -> None:
        try:
            self.enter(leads=self.takes_the_lead())
            self.work()
        except BaseException as error:  # noqa: B036 - of the initializer
            self.break_off(error)
        finally:
            self.bell.ring()
            del self

    def break_off(self, error: BaseException) -> None:
        """End the run immediately, with an error that does not belong to an item."""
        if self.deadline > -math.inf:
            self.broken.append(error)  # nobody asks for a second one
            self.deadline = -math.inf
        self.stop()
        self.bell.ring()

    def close(self) -> None:
        """Start no more helpers. After this, and not before, `helpers` are all that there are."""
        _watchdog.runs.pop(self, None)
        with self.lock:
            self._is_closed = True

    def join(self) -> None:
        """Wait until the helpers have ended, or for the deadline, which may come nearer meanwhile. Ctrl-C interrupts it."""
        for thread in self.helpers:
            while thread.is_alive() and thread.ident != _thread.get_ident() and _now() < self.deadline:
                thread.join(max(0.0, min(self.deadline - _now(), _STALL_SECONDS)))


class _Unfinished:
    """A placeholder for a result that does not exist yet."""


class _ListRun(_Run[Item, Result]):
    """A run over a list. Every worker claims the next item from one iterator and puts the result in its place.

    Under the GIL `next` of the iterator, and assignment to places of a list and keys of a dict, are atomic; without it claims take a lock.
    To stop is to move the iterator to the end.
    """

    def __init__(self, func: Callable[[Item], Result], items: list[Item], options: _Options) -> None:
        options.total = self._length = len(items)
        options.max_workers = max(1, min(options.max_workers, len(items)))
        super().__init__(func, options, caller_works=True)
        self.caller_is_inside = True
        self._items, self._source = items, cast(Any, iter(items))
        self._claims: Iterator[tuple[int, Item]] = enumerate(self._source)
        self._results: list[Any] = [_Unfinished()] * len(items)
        self._errors: dict[int, BaseException] = {}
        self._reported = 0

    def renew_locks(self) -> None:
        super().renew_locks()
        self._claim_lock, self._report_lock = threading.Lock(), threading.Lock()

    def outcomes(self) -> Iterable[Outcome[Item, Result]]:
        """Return all outcomes when they are complete."""
        try:
            self.enter(leads=True)
            self.begin()
            if self.is_green:
                self.request_helpers(self.max_helpers())
            self.work()
            self.close()
            self.join()
        finally:  # also when Ctrl-C came in between; then helpers are left behind
            self.stop()
            self.close()
            self.display.finish(self.counts().done)
        if self.deadline == -math.inf and self._report_lock.acquire(timeout=_STALL_SECONDS):  # nothing is reported after this
            self._report_lock.release()
        return self._in_order()

    def work(self) -> None:
        began, used = _now(), _thread_time()
        func, results, new_context, item = self.func, self._results, self.new_context, None
        is_plain = _HAS_GIL and _HAS_THREAD_CLOCKS and self.options.progress is None
        try:
            for index, item in self._claims if is_plain else self._claim_with_care():
                try:
                    results[index] = new_context().run(func, item)
                except Exception as error:
                    if _is_from_signal(error):
                        raise
                    self._errors[index] = _from_function(error)
                    results[index] = None
                    if self.options.fail_fast:
                        self.stop()
        except BaseException as error:  # noqa: B036 - the calling thread raises it
            if isinstance(error, Exception) or _is_from_signal(error):  # of `progress`, or a signal handler
                self.break_off(error)
            else:
                self.broken.append(error)
                self.stop()
        finally:
            self.spent.append((_now() - began, _thread_time() - used))
            del self, func, results, new_context, item

    def _claim_with_care(self) -> Iterator[tuple[int, Item]]:
        """Yield items with a lock, a note of the leader's time, and a report after each."""
        while True:
            with self._claim_lock:
                claim = next(self._claims, None)
            if claim is None:
                return
            yield claim
            self.note_time()
            if self.options.progress is not None:
                with self._report_lock:
                    if self.deadline > -math.inf:
                        self._reported += 1
                        self.options.progress(self._reported, self._length)

    def stop(self) -> None:
        with contextlib.nullcontext() if _HAS_GIL else self._claim_lock:
            self._source.__setstate__(self._length)

    def counts(self) -> _Counts:
        pending = operator.length_hint(self._source)
        claimed = self._length - pending
        return _Counts(pending, claimed, claimed - max(0, len(self.clocks) - len(self.spent)))  # each worker has one item

    def _in_order(self) -> Iterable[Outcome[Item, Result]]:
        items, results, errors, broken = self._items, self._results, self._errors, self.broken[:1]
        self._items, self._results, self._errors = [], [], {}
        self.broken.clear()
        if errors and self.options.fail_fast and not broken:
            broken.append(errors[min(errors)])
        kinds = set(map(type, results))
        if CoroutineType in kinds:
            broken.append(_coroutines_given(results))  # which closes them
        if not broken and _Unfinished in kinds and not self.options.fail_fast:
            broken.append(RuntimeError("other threads had items of this run: did the function fork, and return in the child?"))
        if broken:
            del errors
            raise broken.pop()
        in_order = map(errors.get, range(len(results))) if errors else itertools.repeat(None)
        # The constructor of a named tuple would take 3 times as long.
        return map(tuple.__new__, itertools.repeat(Outcome), zip(items, results, in_order))


class _Task:
    """An item of a stream, and its outcome once there is one."""

    outcome: Outcome[Any, Any] | None = None
    started = math.inf  # by `_now`, if a helper runs it
    helper: threading.Thread | None = None
    had_company = True  # other items may have run at the same time
    key: Any = None  # of a limit

    def __init__(self, number: int, item: Any) -> None:
        self.number, self.item = number, item


class _StreamRun(_Run[Item, Result]):
    """A run over any iterable. The calling thread takes items ahead and hands outcomes out.

    Until there are helpers it also runs each item in its turn, unless it must be free (`needs_caller`) or there are no threads to be had.
    Protocol:
    - Only the calling thread takes from the source and changes `_open`, `_taken` and `_handed`.
    - `_queue` has the tasks to hand out: of an ordered stream all that were taken, of an unordered one those that are finished.
    - `_pending` has the tasks that no worker has, in order. To stop is to set `_is_over` and to put the sentinel None into `_pending`;
      each worker that gets it puts it back. Tasks behind `_last`, where the run will end with an error, are not run either.
    - A worker sets `task.outcome` first and looks at `_awaited` then; the calling thread the other way round. So the one who waits is
      woken. (Without the GIL memory may be seen in another order: then it looks again by itself.)
    """

    def __init__(self, func: Callable[[Item], Result], items: Iterable[Item], options: _Options) -> None:
        options.total = len(items) if isinstance(items, Sized) else None
        super().__init__(func, options, caller_works=not options.needs_caller and not _has_green_threads())
        self.waits_when_left = False
        self._source, self._may_block = iter(items), not _is_collection(items)
        self._source_is_done = False
        self._endings: list[BaseException] = []  # what is raised after the outcomes
        self._pull_seconds = 0.0  # that the source took for an item lately; items may come in bursts
        self._item_seconds = 0.0  # that an item takes a helper, roughly
        self._window = options.items_ahead()
        self._is_ordered, self._limit = options.ordered, options.limit
        self._queue: collections.deque[Any] = collections.deque()  # of tasks
        self._open: dict[int, _Task] = {}  # tasks of an unordered stream that were not handed out, by number
        self._taken = self._handed = self._finished = self._reported = 0
        self._rings_always = not options.ordered or (not options.is_stream and options.progress is not None)
        self._pending: Any = Queue() if self.is_green else SimpleQueue()
        self._last: float = math.inf  # number of the last task to run
        self._is_over = False
        self._awaited: _Task | None = None
        self._is_led_by_helper = False
        self._entered_by = 0  # the thread that last ran items as the caller
        self._process = os.getpid()
        self._turn, self._next_start = threading.Lock(), 0.0  # to start the next item, where there is a pace; by `_now`
        self._stopped = _Bell()  # wakes who waits for the pace

    # What the calling thread does.

    def outcomes(self) -> Generator[Outcome[Item, Result], None, None]:
        """Yield the outcomes."""
        task: Any = None
        outcome: Any = None
        ready: list[Any] = []  # an outcome that is handed out is held by nobody here
        is_ending = False
        try:
            try:
                self.begin()
                self._fill_window(may_block=True)
                while self._taken > self._handed and not is_ending:
                    is_alone = self._is_alone()
                    if is_alone:
                        yield from self._run_alone()
                    if self.broken:
                        errors, self.broken = self.broken[:1], []
                        raise errors.pop()
                    if not self._queue or self._queue[0].outcome is None:
                        if not is_alone:
                            self._wait()
                        continue
                    task, outcome = self._queue[0], self._queue[0].outcome
                    if outcome.error is not None and self.options.as_loop and self._is_short(task):
                        continue
                    self._queue.popleft()
                    if self._is_ordered or self._open.pop(task.number, None) is not None:  # else it was late, and handed out before
                        self._handed += 1
                        if self.options.progress is not None:
                            self._report()
                        is_ending = outcome.error is not None and self.options.ends_run(outcome.error)
                        if self._is_ordered or is_ending:  # unordered, one that was late comes again
                            task.outcome = None  # a helper, or the queue of those that never came, may still hold it
                        if is_ending:
                            self._endings.insert(0, cast(BaseException, outcome.error))
                        else:
                            ready.append(outcome)
                            task = outcome = None
                            yield ready.pop()
                    task = outcome = None  # see "Runs" on cycles
                    if self._taken - self._handed <= self._window * (0.5 if is_alone else 0.9):
                        self._fill_window(may_block=self._taken == self._handed)
            except BaseException:  # the loop was left, or a signal came: leave at once
                self._endings.clear()
                if not self.waits_when_left:
                    self.deadline = -math.inf
                raise
            finally:
                self.stop()
                self.close()
                self.join()
                self.display.finish(self._handed)
        finally:  # once more, if Ctrl-C came in the other `finally`
            self.stop()
            self.close()
            self._awaited = task = outcome = None
            self._queue.clear()
            self._open.clear()
        if self._endings or self.broken:  # of a helper that came late
            errors, self._endings, self.broken = (self.broken or self._endings)[:1], [], []
            raise errors.pop()

    def _wait(self) -> None:
        """Do something towards the next outcome: give up what is late, take items, see to workers, or sleep."""
        if self.options.as_loop and self.deadline < math.inf:  # it goes on alone
            self._queue[0].had_company = False
            self._run(self._queue[0])
            return
        if self._rings_always:
            self._report()
        if self not in _watchdog.runs:  # which draws else
            self.display.show(self._handed)
        if self.deadline < math.inf and self.deadline < _now():
            if not self._is_over:
                self.stop()
            task = self._oldest()
            task.outcome = task.outcome or Outcome(task.item, None, _late())
            if not self._is_ordered:
                self._queue.append(task)
        elif not self._fill_window(may_block=self._pull_seconds <= 0.5 * self._seconds_left()) and not self._dispatch():
            self._sleep()

    def _report(self) -> None:
        """Report progress: for a stream what was yielded, for a list what is finished."""
        done = self._handed if self.options.is_stream else max(self._handed, self._finished)
        while self.options.progress is not None and self._reported < done:
            self._reported += 1
            self.options.progress(self._reported, self.options.total)

    def _oldest(self) -> _Task:
        return self._queue[0] if self._is_ordered else next(iter(self._open.values()))

    def _seconds_left(self) -> float:
        """Return how long the oldest task will go on: as long as others did, or if it is late, as long again as it already took."""
        elapsed = max(0.0, _now() - self._oldest().started)
        return self._item_seconds - elapsed if elapsed < self._item_seconds else elapsed

    def _is_alone(self) -> bool:
        """Return whether the calling thread runs items itself."""
        return self.caller_works and not self.helpers and not self.is_stuck

    def _room(self) -> float:
        """Return how many items may be taken now."""
        return 0 if self._source_is_done else self._window - (self._taken - self._handed)

    def _fill_window(self, may_block: bool) -> bool:
        """Take items for a while, as many as there is room for; from a source that is slow only one, and only if it may block.

        Returns whether there was one.
        """
        first, room, now = self._taken, self._room(), _now()
        until = now + _QUICK_SECONDS
        takes_next = may_block
        while self._taken - first < room and (takes_next or self._pull_seconds < _QUICK_SECONDS and now < until):
            # Items may wait for each other: even if this thread is held up, take as many from a collection as may run at once.
            takes_next, began = not self._may_block and self._taken + 1 - self._handed < self.options.max_workers, now
            try:
                task = _Task(self._taken, next(self._source))
            except BaseException as error:  # noqa: B036 - it is raised after the outcomes
                if _is_from_signal(error):
                    raise
                if not isinstance(error, StopIteration):
                    self._endings.append(error)
                self._source_is_done = True
                if self.options.as_loop:  # so that helpers end while the last items run
                    self._pending.put(None)
                break
            now = _now()
            self._pull_seconds = max(now - began, self._pull_seconds / 2) if self._may_block else 0.0
            if self._is_ordered:
                self._queue.append(task)
            else:
                self._open[task.number] = task
            self._taken += 1
            if not self._is_over and (self._limit is None or self._limit.admits(task)):
                self._offer(task)
        return self._taken > first

    def _offer(self, task: _Task) -> None:
        self._pending.put(task)

    def _run_alone(self) -> Generator[Outcome[Item, Result], None, None]:
        """Run items in the calling thread, each when its outcome is asked for, until helpers come or something is out of the ordinary."""
        queue: Any = self._queue
        helpers, get, run, is_quiet = self.helpers, self._pending.get_nowait, self._run, self.options.progress is None
        while queue:
            if self._entered_by != _thread.get_ident():
                self._enter_here()
            self.caller_is_inside = True  # first this, then the look at `helpers`: see `max_helpers`
            try:
                task = None if helpers or self.is_stuck and self.has_threads else get()
            except Empty:  # a helper has it
                task = None
            if task is not None:
                run(task)
            self.caller_is_inside = False
            is_ordinary = is_quiet and task is not None and queue[0].outcome.error is None and not self._is_over
            task = None  # see "Runs" on cycles
            if not is_ordinary:
                break
            self._handed += 1
            yield queue.popleft().outcome
            if self._taken - self._handed <= self._window / 2:
                self._fill_window(may_block=not queue)

    def _enter_here(self) -> None:
        """Make a worker of the calling thread, also if another thread than before goes on with the stream."""
        self._entered_by = _thread.get_ident()
        self.enter(leads=self.caller_works)
        if self in _watchdog.runs:
            _watchdog.add(self)  # it is due earlier now

    def _run_here(self) -> None:
        """Run the next task in the calling thread, as there are no threads to be had."""
        if self._entered_by != _thread.get_ident():
            self._enter_here()
        with contextlib.suppress(Empty):
            get = self._pending.get_nowait
            task = self._next_task(get) if self.options.pace else get()
            if task is not None and _now() < self.deadline:
                self._run(task)
            del task

    def _dispatch(self) -> bool:
        """See to it that what is pending gets workers. Return whether it was done here, as there are no threads to be had."""
        is_eager, have, pending = self.is_stuck or self.is_green, len(self.helpers), self.counts().pending
        if pending and have < self.options.max_workers and (is_eager or not have):
            self.request_helpers(min(self.options.max_workers, have + pending) if is_eager else 1)
        if self.has_threads or self.helpers:
            return False
        self._run_here()
        return True

    def _sleep(self) -> None:
        """Sleep until an awaited task is finished, or until the next check."""
        task, until = self._oldest(), min(self.deadline, _now() + _RECHECK_SECONDS)
        late_at = task.started + max(self._item_seconds, 2 * self._pull_seconds)
        if self._room() > 0 and late_at > _now():
            until = min(until, late_at)
        if not (self.options.is_stream or self._rings_always) and self._last == math.inf and self._queue[-1].outcome is None:
            task = self._queue[-1]  # of a list nobody sees the others before
        self._awaited = task
        is_ready = task.outcome is not None if self._is_ordered else bool(self._queue)
        was_rung = is_ready or self.bell.wait(until)
        self._awaited = None
        if not was_rung:
            if self.options.as_loop and task.helper is not None and _waits_for_lock(task.helper):
                self._run_twice(task)
            if self._process != os.getpid() and task.outcome is None:
                raise RuntimeError("the threads of this stream are gone: it was begun before a fork")

    def _run_twice(self, task: _Task) -> None:
        """Run a task here as well, whose helper may wait for a lock that this thread holds. If that is the sooner, go on alone."""
        again = _Task(task.number, task.item)
        self._run(again)
        if task.outcome is None:
            task.outcome = again.outcome
            self._go_on_alone(waits=False)

    def _is_short(self, task: _Task) -> bool:
        """Return whether a task lacked what it would have had in a loop. Then it is to be run again, alone, as are those that follow."""
        if not (self.helpers and task.had_company and _is_exhaustion(cast("Outcome[Any, Any]", task.outcome).error)):
            return False
        if self.deadline == math.inf:
            self._go_on_alone(waits=True)
        task.outcome = None
        return True

    def _go_on_alone(self, waits: bool) -> None:
        self.stop()
        self.close()
        for thread in self.helpers if waits else ():
            while thread.is_alive() and self.deadline == math.inf:
                thread.join(_RECHECK_SECONDS)
                if thread.is_alive() and _waits_for_lock(thread):
                    self.deadline = -math.inf
        self.deadline = -math.inf

    # What the workers do.

    def work(self) -> None:
        me = threading.current_thread()
        used, busy, task = _thread_time(), 0.0, cast("_Task | None", None)
        get = self._pending.get
        try:
            while (task := self._next_task(get) if self.options.pace else get()) is not None:
                began = task.started = _now()
                if task.number <= self._last and not self._is_over and began < self.deadline:
                    task.helper = me
                    self._run(task)
                    seconds = _now() - began
                    busy += seconds
                    self._item_seconds = (self._item_seconds + seconds) / 2 if self._item_seconds else seconds
                task = None  # hold nothing while waiting
        finally:
            self._pending.put(None)  # for the next worker
            self.spent.append((busy, _thread_time() - used))
            del self, task

    def _next_task(self, get: Callable[[], _Task | None]) -> _Task | None:
        """Get a task, and wait for its turn; None when there are no more."""
        with self._turn:
            task = get()
            while task is not None and not self._is_over and _now() < min(self._next_start, self.deadline):
                self._stopped.wait(min(self._next_start, self.deadline))
            self._next_start = _now() + self.options.pace
            return task

    def _run(self, task: _Task) -> None:
        try:
            task.outcome = self._outcome(task.item, self.new_context().run(self.func, task.item))  # held by no name here
        except BaseException as error:  # noqa: B036 - it is raised where the outcomes are handed out
            if _is_from_signal(error):
                self.break_off(error)
            self._fail(task, _from_function(error))
        if not _HAS_THREAD_CLOCKS:
            self.note_time()
        self._note_finished(task)
        del self, task

    def _outcome(self, item: Item, result: Any) -> Any:
        if type(result) is CoroutineType:
            self.break_off(_coroutines_given([result]))
        return tuple.__new__(Outcome, (item, result, None))

    def _fail(self, task: _Task, error: BaseException) -> None:
        task.outcome = Outcome(task.item, None, error)
        if self.options.ends_run(error):  # nothing after this item is of use any more
            self._last = min(self._last, task.number if self._is_ordered else -1)
            self.bell.ring()

    def _note_finished(self, task: _Task) -> None:
        self._finished += 1
        if self._limit is not None:
            successor = self._limit.release(task)
            if successor is not None:
                self._offer(successor)
        if not self._is_ordered:
            self._queue.append(task)
        if self._rings_always or task is self._awaited:
            self.bell.ring()

    def stop(self) -> None:
        self._is_over = True
        self._pending.put(None)
        self._stopped.ring()

    # What the watchdog asks.

    def counts(self) -> _Counts:
        pending = self._pending.qsize()
        pending -= bool(pending and self._source_is_done and self.options.as_loop)  # the sentinel
        return _Counts(pending, self._taken - pending, self._finished)

    def takes_the_lead(self) -> bool:
        is_first, self._is_led_by_helper = not self._is_led_by_helper, True
        return is_first

    def is_leading(self) -> bool:
        return self._is_led_by_helper or self.caller_is_inside

    def max_helpers(self) -> int:
        return self.options.max_workers - (self.caller_is_inside or self._is_alone())


# ---- Loops -----------------------------------------------------------------------------------------------------------

_CONSTANT = (tuple, frozenset, range, str, bytes)
_OWNING = {type(threading.RLock()): "_is_owned", threading.Condition: "_is_owned"}  # the methods that tell whether this thread holds a lock
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
_LEAST_STACK = 2**23  # bytes, where the program chose a size: what most systems give the main thread


class _Loop(Generic[Item, Result]):
    """A loop whose calls are made ahead of it if that makes no difference: see `as_loop`."""

    def __init__(self, func: Callable[[Item], Result], items: Iterable[Item], options: _Options, reads_ahead: bool) -> None:
        self._func, self._options, self._reads_ahead = func, options, reads_ahead
        self._items: Any = items
        self.waits_when_left = False

    def outcomes(self) -> Generator[Outcome[Item, Result], None, None]:
        """Iterate over the items like a loop; take the outcome of each item from the run ahead while the items are the same."""
        run = self._run_ahead()
        ahead: Any = iter(()) if run is None else run.outcomes()
        ready: list[Any] = []  # an outcome that is handed out is held by nobody here
        try:
            for item in self._items:
                outcome = next(ahead, None)
                if outcome is not None and not (isinstance(self._items, _CONSTANT) or _is_same(outcome.item, item)):
                    ahead.close()
                    outcome = None
                outcome = outcome or self._run_here(item)
                if outcome.error is not None and (self._options.fail_fast or not isinstance(outcome.error, Exception)):
                    errors, outcome = [outcome.error], None  # see "Runs" on cycles
                    context = _context_here(errors[0])
                    try:
                        raise errors[0]
                    finally:
                        errors.pop().__context__ = context  # raising has set it anew
                ready.append(outcome)
                outcome = None
                yield ready.pop()
            if run is not None and run._taken == run._handed:
                next(ahead, None)  # its helpers end at once; it may have an error of the source
        finally:
            if run is not None:
                run.waits_when_left = self.waits_when_left
                ahead.close()

    def _run_ahead(self) -> _StreamRun[Item, Result] | None:
        is_known = _is_collection(self._items)
        copied = None if is_known else _copied(self._items, set())
        if not (is_known or copied or self._reads_ahead) or _is_importing() or 0 < threading.stack_size() < _LEAST_STACK:
            return None
        source: Any = copied or self._items  # a copy is no list: it may go over a range of any length
        if copied is None and not is_known:
            self._items, source = itertools.tee(source)
        elif copied is None and not isinstance(self._items, _CONSTANT):
            source = list(source)
        return _StreamRun(self._func, source, self._options)

    def _run_here(self, item: Item) -> Outcome[Item, Any]:
        try:
            return Outcome(item, self._func(item), None)
        except Exception as error:
            if self._options.fail_fast or _is_from_signal(error):
                raise
            return Outcome(item, None, _from_function(error))


def _chain(error: BaseException | None) -> list[BaseException]:
    """Return an error, its context, the context of that, ..."""
    chain: dict[int, BaseException] = {}
    while error is not None and id(error) not in chain:
        chain[id(error)] = error
        error = error.__context__
    return list(chain.values())


def _context_here(error: BaseException) -> BaseException | None:
    """Return the context of an error of an item, after adding what the loop is handling to its end."""
    handled, chain = _chain(sys.exc_info()[1]), _chain(error)
    if handled and {*map(id, handled)}.isdisjoint(map(id, chain)):
        chain[-1].__context__ = handled[0]
    return error.__context__


def _is_exhaustion(error: BaseException | None) -> bool:
    """Return whether an error may come of other workers, of the files, memory and threads that they use, or of another stack."""
    return any(
        isinstance(one, (MemoryError, RecursionError)) or isinstance(one, OSError) and one.errno in _EXHAUSTED
        or type(one) is RuntimeError and one.args == ("can't start new thread",) for one in _chain(error)
    )  # fmt: skip


def _is_same(before: Any, now: Any) -> bool:
    """Return whether a collection still has the same item at a place: the same object, or an equal pair of the same or an equal number."""
    if type(before) is tuple and type(now) is tuple:  # of a dict's items()
        return len(before) == len(now) and all(map(_is_same, before, now))
    return before is now or type(before) is type(now) in (int, float, str) and before == now  # of an array


def _is_importing() -> bool:
    """Return whether this thread is importing a module: helpers that ask for that module would wait for it, and it for them."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename != "<frozen importlib._bootstrap>":
        frame = frame.f_back
    return frame is not None


def _waits_for_lock(thread: threading.Thread) -> bool:
    """Return whether a thread may wait for a lock that this one holds.

    Linux tells whether it sleeps in a lock, and whether it woke meanwhile, as one does that waits for the GIL. Where nothing is told, a
    reentrant lock that this thread holds must be in reach of the functions that run there.
    """
    told: list[bytes] = []
    with contextlib.suppress(OSError):
        for name in ("wchan", "schedstat", "schedstat"):
            with open(f"/proc/self/task/{thread.native_id}/{name}", "rb", buffering=0) as file:
                told.append(file.read(99))
            _time.sleep(_LONGEST_PAUSE)
        if told[0] not in (b"", b"0"):
            return told[0].startswith(b"futex") and told[1] == told[2]
    owning: dict[Any, str] = {**_OWNING, getattr(sys.modules.get("_multiprocessing"), "SemLock", None): "_is_mine"}
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None and frame.f_globals is not globals():
        reachable = [*frame.f_locals.values(), *frame.f_globals.values()]
        for value in reachable[:]:
            with contextlib.suppress(Exception):  # an object may do as it likes
                reachable.extend(() if isinstance(value, ModuleType) else vars(value).values())
        reachable.extend(getattr(value, "_semlock", None) for value in reachable[:] if type(value).__module__ == "multiprocessing.synchronize")
        if any(getattr(value, owning[type(value)])() for value in reachable if type(value) in owning):
            return True
        frame = frame.f_back
    return False


# ---- Executors -------------------------------------------------------------------------------------------------------


class _ExecutorRun(_StreamRun[Item, Result]):
    """A stream whose items an executor runs, in chunks.

    The calling thread sends the chunks, for an executor may fork when it is sent one, and a fork in another thread would copy the locks
    that the calling thread holds. Futures put themselves into `_done` when they are.
    """

    def __init__(self, executor: Any, func: Callable[[Item], Result], items: Iterable[Item], options: _Options) -> None:
        homes = {base.__module__ for base in type(executor).__mro__}
        client = executor._client if "distributed.cfexecutor" in homes else None
        slots = min(getattr(executor, "_max_workers", None) or options.max_workers, options.max_workers)
        self._most_chunks, self._threads, self._chunk_seconds = min(2 * slots, options.max_workers), 1, _CHUNK_SECONDS
        if client is not None:  # each worker has threads of its own; one chunk runs there, and one waits
            slots = max(1, len(client.nthreads()))
            self._most_chunks, self._threads, self._chunk_seconds = 2 * slots, options.max_workers, _DASK_CHUNK_SECONDS
        options.max_workers = slots
        super().__init__(func, options=options, items=items)
        self.caller_works = False
        self._executor = executor
        self._packs = "concurrent.futures.thread" not in homes or "concurrent.futures.interpreter" in homes
        self._received = 0  # chunks
        self._live = [True]  # emptied to stop chunks, those that run in this process
        self._unsent: collections.deque[_Task] = collections.deque()
        self._chunks: dict[Any, list[_Task]] = {}  # by their futures
        self._done: collections.deque[Any] = collections.deque()
        self._size = 1.0  # items of the next chunk
        self._singles = 0  # so many tasks are to be sent one by one: together they could not be pickled
        if "concurrent.futures.process" in homes:
            try:
                pickle.dumps(func)
            except Exception as error:  # it would fail for every item
                raise TypeError(f"func cannot be sent to another process: {error}") from error

    @property
    def workers(self) -> int:
        return min(self._received, self.options.max_workers)

    def begin(self) -> None:
        pass

    def stop(self) -> None:
        while self._done and not self._is_over:
            self._receive(self._done.popleft())
        super().stop()
        self._live.clear()
        self._unsent.clear()
        for future in list(self._chunks):
            if not future.cancel():
                future.add_done_callback(_forget)

    def join(self) -> None:
        while self._chunks and _now() < self.deadline:
            if self._done:
                self._chunks.pop(self._done.popleft(), None)
            else:
                self.bell.wait(self.deadline)
        self._chunks.clear()  # see "Runs" on cycles: late tasks have errors

    def _room(self) -> float:
        """Return how many items to take: chunks may be short of items, but outcomes that wait for an earlier one are limited."""
        if self.options.window is None:
            self._window = 2 * self._most_chunks * max(1.0, self._size) if self.options.is_stream else math.inf
        return min(math.ceil(self._most_chunks * max(1.0, self._size)) - len(self._unsent), super()._room())

    def _offer(self, task: _Task) -> None:
        self._unsent.append(task)

    def _fill_window(self, may_block: bool) -> bool:
        while self._done and not self._is_over:
            self._receive(self._done.popleft())
        has_taken = super()._fill_window(may_block)
        self._dispatch()
        return has_taken

    def _sleep(self) -> None:
        if not self._done:
            super()._sleep()

    def _dispatch(self) -> bool:
        """Send chunks: small ones at the end, so that all workers end together."""
        while self._unsent and len(self._chunks) < self._most_chunks:
            left = sys.maxsize if self.options.total is None else self.options.total - self._taken + len(self._unsent)
            size = 1 if self._singles else max(1, min(int(self._size), left // self._most_chunks))
            self._singles = max(0, self._singles - 1)
            self._send([self._unsent.popleft() for _ in range(min(size, len(self._unsent)))])
        return False

    def _send(self, tasks: list[_Task]) -> None:
        items, budget = [task.item for task in tasks], _CHUNK_BUDGET * self._chunk_seconds
        try:
            # The salt makes each chunk unlike all others: by default Dask gives equal calls one result.
            future = self._executor.submit(_run_chunk, self.func, items, self._threads, self._packs, budget, self._live, os.urandom(8))
        except Exception as error:  # the executor is shut down or broken
            if _is_from_signal(error):
                raise
            self._settle(tasks, [(None, error.with_traceback(None))] * len(tasks))
            return
        started = _now()
        for task in tasks:
            task.started = started
        self._chunks[future] = tasks
        future.add_done_callback(self._done.append)
        future.add_done_callback(self.bell.ring)

    def _receive(self, future: Any) -> None:
        tasks = self._chunks.pop(future)
        try:
            seconds, busy, computed, parts = future.result()
        except Exception as error:  # of the executor: broken, shut down, cancelled, or of pickling
            if _is_from_signal(error):
                raise
            if len(tasks) > 1 and isinstance(error, (pickle.PicklingError, AttributeError, TypeError)):
                self._singles += len(tasks)  # mostly one item is to blame
                self._unsent.extendleft(reversed(tasks))
            else:
                self._settle(tasks, [(None, error.with_traceback(None))] * len(tasks))
            return
        self._received += 1
        self.spent[:] = [(sum(spent), sum(used)) for spent, used in [zip((busy, computed), *self.spent)]]
        self._item_seconds = seconds / max(1, len(parts))
        self._size = min(self._chunk_seconds / max(self._item_seconds, 1e-9), len(parts) * _CHUNK_GROWTH, _MAX_CHUNK)
        self._unsent.extendleft(reversed(tasks[len(parts):]))  # what the chunk had no time for
        pairs = [_unpacked(part) if self._packs else part for part in parts]
        parts.clear()  # the future holds them, and frames of errors hold the future
        self._settle(tasks[:len(pairs)], pairs)

    def _settle(self, tasks: list[_Task], parts: list[tuple[Any, BaseException | None]]) -> None:
        for task, (result, error) in zip(tasks, parts):
            task.outcome = Outcome(task.item, result, None)
            if error is not None:
                self._fail(task, error)
            self._note_finished(task)
        if self._last < math.inf:  # nothing after that is of use
            self._unsent = collections.deque(task for task in self._unsent if task.number <= self._last)
            for future, chunk in list(self._chunks.items()):
                if chunk[0].number > self._last:
                    future.cancel()
        del parts


def _forget(future: Any) -> None:
    """Drop what a future holds, which nobody will fetch: frames of errors hold the future."""
    if not future.cancelled() and future.exception() is None:
        future.result()[-1].clear()


def _run_chunk(
    func: Callable[[Any], Any], items: list[Any], threads: int, packs: bool, budget: float, live: list[bool], salt: bytes
) -> tuple[float, float, float, list[Any]]:
    """Run items in a worker of an executor, and begin no further one after `budget` seconds or if `live` is emptied.

    Returns seconds, those of all items together, those on a processor, and `(result, error)` of each item that was run, pickled if `packs`.
    """
    clock = _thread_time if threads == 1 else _process_time
    began, used = _now(), clock()
    parts: list[Any] = []
    waits: list[float] = []  # seconds of each item, where they overlap

    def timed(item: Any) -> Any:
        start = _now()
        try:
            return func(item)
        finally:
            waits.append(_now() - start)
    in_time = itertools.takewhile(lambda _: bool(live) and _now() < began + budget, items[1:])
    try:
        for outcome in run_parallel(
            func if threads == 1 else timed, itertools.chain(items[:1] if live else (), in_time), threads, stream=True, window=threads
        ):
            parts.append(outcome[1:])
            del outcome
    except BaseException as error:  # noqa: B036 - of the item that is next; the calling thread raises it
        parts.append((None, error))
    try:
        seconds = sum(waits) if waits else _now() - began
        return _now() - began, seconds, clock() - used, [_packed(*part) for part in parts] if packs else parts
    finally:
        del parts  # see "Runs" on cycles


def _packed(result: Any, error: BaseException | None) -> bytes:
    """Pickle a result separately, so that one that cannot be pickled fails alone."""
    dumps: Callable[[Any], bytes] = getattr(sys.modules.get("cloudpickle"), "dumps", pickle.dumps)  # as loky and Dask do
    try:
        if error is not None and sys.version_info >= (3, 11):
            error.add_note("".join(traceback.format_exception(error)))  # a traceback itself cannot be sent
        packed = dumps((result, error))
        if error is not None:
            pickle.loads(packed)  # many errors can be pickled, and not be made again
        return packed
    except Exception as problem:
        text = traceback.format_exception_only(type(error or problem), error or problem)[0].strip()
        return pickle.dumps((None, RuntimeError(f"cannot be sent back: {text}")))


def _unpacked(part: bytes) -> tuple[Any, BaseException | None]:
    try:
        return cast("tuple[Any, BaseException | None]", pickle.loads(part))
    except Exception as problem:
        return None, RuntimeError(f"cannot be received: {problem!r}")


# ---- asyncio ---------------------------------------------------------------------------------------------------------


@overload
def run_parallel_async(
    func: Callable[[Item], Awaitable[Result]], items: Iterable[Item] | AsyncIterable[Item], max_workers: int | None = 50, *,
    stream: Literal[False] = False, **options: Unpack[_Common]) -> Coroutine[Any, Any, Outcomes[Item, Result]]: ...  # fmt: skip
@overload  # noqa: E302
def run_parallel_async(
    func: Callable[[Item], Awaitable[Result]], items: Iterable[Item] | AsyncIterable[Item], max_workers: int | None = 50, *,
    stream: Literal[True], **options: Unpack[_Common]) -> AsyncGenerator[Outcome[Item, Result], None]: ...  # fmt: skip
def run_parallel_async(  # noqa: E302
    func: Callable[[Item], Awaitable[Result]], items: Iterable[Item] | AsyncIterable[Item], max_workers: int | None = 50, *,
    stream: bool = False, **options: Unpack[_Common],
) -> Coroutine[Any, Any, Outcomes[Item, Result]] | AsyncGenerator[Outcome[Item, Result], None]:  # fmt: skip
    """Await `func(item)` for every item, at most `max_workers` at the same time: the twin of `run_parallel` for asyncio.

        outcomes = await run_parallel_async(fetch, urls, max_workers=50)
        async for url, page, error in run_parallel_async(fetch, urls, stream=True):
            ...

    Args, outcomes and errors are those of `run_parallel`, without `initializer` and `executor`. `func` returns an awaitable,
    `items` may be asynchronous. There are at most `max_workers` tasks, each with its own copy of the caller's context variables.
    After an error with `fail_fast` the items behind it are cancelled, as are those that run when `timeout` is over. If the caller is
    cancelled, or the stream closed, all items are cancelled and have ended before it goes on. A loop over a stream that is left early
    closes it soon, `contextlib.aclosing` at once. A CancelledError that an item raises by itself ends the run, and is raised.
    """
    _check_callable(func)
    unknown = options.keys() - {"desc", "fail_fast", "ordered", "window", "timeout", "per_second", "limit_by", "progress"}
    if unknown:
        raise TypeError(f"run_parallel_async has no option {', '.join(sorted(unknown))}; see its help")
    run = _AsyncRun(func, items, _Options(max_workers, stream=stream, **options))
    return run.outcomes() if stream else run.collect()


class _AsyncRun(Generic[Item, Result]):
    """A run of asyncio tasks: a feeder that takes items, and one job for each running item."""

    def __init__(self, func: Callable[[Item], Awaitable[Result]], items: Any, options: _Options) -> None:
        options.total = len(items) if isinstance(items, Sized) else None
        self._func, self._items, self.options = func, cast(Any, items), options
        self._busy = 0.0  # seconds of all items together
        self.spent: list[tuple[float, float]] = []
        self.workers = 0  # the most items at the same time
        self._queue: collections.deque[_Task] = collections.deque()  # to hand out, in order; of an unordered stream, the finished
        self._jobs: dict[asyncio.Task[Any], _Task] = {}
        self._taken = self._handed = self._reported = 0
        self._last: float = math.inf  # number of the last task to run
        self._is_late = self._source_is_done = False
        self._source_errors: list[BaseException] = []
        self._endings: list[BaseException] = []  # what ends the run before its end

    async def collect(self) -> Outcomes[Item, Result]:
        """Return all outcomes when they are complete."""
        began, used, outcomes = _now(), _thread_time(), Outcomes[Item, Result]()
        async for outcome in self.outcomes(raises_source_errors=False):
            outcomes.append(outcome)
        self.spent.append((self._busy, _thread_time() - used))
        errors, self._source_errors = self._source_errors, []
        return _summed_up(outcomes, began, self, errors)

    async def outcomes(self, raises_source_errors: bool = True) -> AsyncGenerator[Outcome[Item, Result], None]:
        """Yield the outcomes."""
        import asyncio

        self._news, self._room, self._turn, self._next_start = asyncio.Event(), asyncio.Event(), asyncio.Lock(), 0.0
        display, loop = _Display(self.options), asyncio.get_running_loop()
        feeder = asyncio.create_task(self._feed())
        timer = loop.call_later(self.options.deadline - _now(), self._expire) if self.options.deadline < math.inf else None
        try:
            while not self._endings and not (self._source_is_done and self._handed == self._taken):
                outcome = self._queue[0].outcome if self._queue else None
                if outcome is None:
                    self._news.clear()
                    await self._news.wait()
                    continue
                self._queue.popleft()
                self._handed += 1
                self._room.set()
                display.show(self._handed)
                if self.options.is_stream:
                    self._report()
                if outcome.error is not None and self.options.ends_run(outcome.error):
                    self._endings.append(outcome.error)
                else:
                    yield outcome
                del outcome
        finally:
            if timer is not None:
                timer.cancel()
            display.finish(self._handed)
            self._queue.clear()
            await self._cancel([feeder, *self._jobs])
        errors = self._endings or (self._source_errors if raises_source_errors else [])
        self._endings, errors = [], errors[:1]
        if errors:
            self._source_errors = []
            raise errors.pop()

    async def _feed(self) -> None:
        """Take items, and start each when there is room for it."""
        try:
            if isinstance(self._items, AsyncIterable):
                async for item in self._items:
                    await self._offer(item)
                    if self._last < math.inf:
                        break  # nothing after that is of use
            else:
                for item in self._items:
                    await self._offer(item)
                    if self._last < math.inf:
                        break
        except BaseException as error:  # noqa: B036 - the caller raises it
            if self._last < 0:
                raise  # cancelled by the caller
            (self._source_errors if isinstance(error, Exception) else self._endings).append(_from_function(error))
        finally:
            self._source_is_done = True
            self._news.set()
            del self

    async def _offer(self, item: Item) -> None:
        """Start an item, or hold it back, and wait until there is room for another."""
        task = _Task(self._taken, item)
        is_admitted = self.options.limit is None or self.options.limit.admits(task)
        self._taken += 1
        if self.options.ordered:
            self._queue.append(task)
        if is_admitted:
            self._start(task)
        while len(self._jobs) >= self.options.max_workers or self._taken - self._handed >= self.options.items_ahead():
            self._room.clear()
            await self._room.wait()

    def _start(self, task: _Task | None) -> None:
        import asyncio

        while task is not None and self._is_late:
            task = self._finish(task, Outcome(task.item, None, _late()))
        if task is not None and task.number <= self._last:
            job = asyncio.create_task(self._run(task))
            self._jobs[job] = task
            self.workers = max(self.workers, len(self._jobs))
            job.add_done_callback(self._end)

    async def _run(self, task: _Task) -> Any:
        import asyncio

        if self.options.pace:
            async with self._turn:
                await asyncio.sleep(max(0.0, self._next_start - _now()))
                self._next_start = _now() + self.options.pace
        began = _now()
        try:
            awaitable = self._func(task.item)
            if not hasattr(awaitable, "__await__"):
                self._endings.append(TypeError(f"func must return an awaitable, not {awaitable!r}: run_parallel is for other functions"))
                return None
            return await awaitable
        except (KeyboardInterrupt, SystemExit) as error:  # asyncio would stop the whole event loop
            if _is_from_signal(error):
                self._endings.append(error)
            task.outcome = Outcome(task.item, None, _from_function(error))
        finally:
            self._busy += _now() - began
            del self, task

    def _end(self, job: asyncio.Task[Any]) -> None:
        """Note what became of a job; it may never have begun."""
        task = self._jobs.pop(job)
        outcome = task.outcome
        if outcome is None and job.cancelled():
            import asyncio

            outcome = Outcome(task.item, None, _late() if self._is_late else asyncio.CancelledError())
        elif outcome is None:
            error = job.exception()
            if error is not None and _is_from_signal(error):
                self._endings.append(error)
            outcome = Outcome(task.item, None if error is not None else job.result(), error and _from_function(error))
        self._start(self._finish(task, outcome))
        self._room.set()

    def _finish(self, task: _Task, outcome: Outcome[Any, Any]) -> _Task | None:
        """Note an outcome; return the task that a limit lets go for it."""
        task.outcome = outcome
        if not self.options.ordered:
            self._queue.append(task)
        if outcome.error is not None and self.options.ends_run(outcome.error):  # nothing after this item is of use any more
            self._last = min(self._last, task.number if self.options.ordered else -1)
            for job, other in self._jobs.items():
                if other.number > self._last:
                    job.cancel()
        if not self.options.is_stream and task.number <= self._last:
            self._report()
        self._news.set()
        return None if self.options.limit is None else self.options.limit.release(task)

    def _report(self) -> None:
        self._reported += 1
        try:
            if self.options.progress is not None:
                self.options.progress(self._reported, self.options.total)
        except BaseException as error:  # noqa: B036 - it ends the run
            self._endings.append(error)

    def _expire(self) -> None:
        self._is_late = True
        for job in self._jobs:
            job.cancel()

    async def _cancel(self, jobs: list[asyncio.Task[Any]]) -> None:
        """Cancel jobs, and wait until they have ended, even if this is cancelled meanwhile."""
        import asyncio

        self._last, was_cancelled = -1, False
        for job in jobs:
            job.cancel()
        while jobs := [job for job in jobs if not job.done()]:
            try:
                await asyncio.wait(jobs)
            except asyncio.CancelledError:
                was_cancelled = True
        if was_cancelled:
            raise asyncio.CancelledError


# ---- Small things ----------------------------------------------------------------------------------------------------


class _Display:
    """A line on stderr that shows how many items are finished. It never raises. A blocked terminal blocks the thread that draws."""

    def __init__(self, options: _Options) -> None:
        self._desc, self._began, self._next, self.is_shown = options.desc, _now(), 0.0, False
        self._total = "" if options.total is None else f"/{options.total}"
        with contextlib.suppress(Exception):  # stderr is closed or None
            is_notebook = "ipykernel" in type(sys.stderr).__module__  # shown in the page, and not a terminal
            self.is_shown = self._desc is not None and (sys.stderr.isatty() or is_notebook)

    def show(self, done: int, end: str = "") -> None:
        """Draw the line, unless it was drawn just now."""
        if self.is_shown and (end or _now() > self._next):
            self._next = _now() + _LONGEST_PAUSE
            with contextlib.suppress(Exception):
                print(f"\r{self._desc}: {done}{self._total}, {_now() - self._began:.1f} s", end=end, file=sys.stderr, flush=True)

    def finish(self, done: int) -> None:
        """Draw the line for the last time."""
        self.show(done, end="\n")
        self.is_shown = False


def _has_green_threads() -> bool:
    """Return whether gevent, eventlet or the like have replaced the functions that start and name threads, which are built in."""
    return not all(isinstance(function, BuiltinFunctionType) for function in (_thread.start_new_thread, _thread.get_ident))


def _is_collection(items: Any) -> bool:
    """Return whether items are a collection, or of a class derived from one that does not define `__iter__` anew."""
    method = getattr(type(items), "__iter__", None)
    return any(isinstance(items, kind) and method is kind.__iter__ for kind in _COLLECTIONS)


def _copied(items: Any, seen: set[int]) -> Any:
    """Return an iterator over what an iterator over collections has still to give, without moving that; None for others, and for `zip(one, one)`."""
    if id(items) in seen or type(items) not in (*_ITERATORS, enumerate, zip):
        return None
    seen.add(id(items))
    if type(items) in _ITERATORS:
        return copy.copy(items)
    _, parts, *strict = items.__reduce__()
    copies = [_copied(part, seen) for part in (parts[:1] if type(items) is enumerate else parts)]
    if not copies or None in copies:
        return None
    return enumerate(copies[0], parts[1]) if type(items) is enumerate else zip(*copies, strict=bool(strict))


def _is_coroutine_function(func: Any) -> bool:
    while isinstance(func, functools.partial):
        func = func.func
    func = getattr(func, "__func__", func)
    code = getattr(func, "__code__", None) or getattr(type(func).__call__, "__code__", None)
    return isinstance(code, CodeType) and bool(code.co_flags & 0x280)  # inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def _coroutines_given(results: list[Any]) -> TypeError:
    """Return the error for coroutines among the results, and close them."""
    for result in results:
        if type(result) is CoroutineType:
            result.close()
    return TypeError("func returned a coroutine, which nobody runs: await run_parallel_async(func, items) in asyncio code")


def _is_from_signal(error: BaseException) -> bool:
    """Return whether a signal handler raised an error here, in the main thread: then it is not about an item.

    A handler is told by its last argument, the frame that it interrupted: the one that called it, so to speak.
    """
    if _thread.get_ident() != threading.main_thread().ident:
        return False
    for frame, _ in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        takes_any = bool(code.co_flags & 0x04)  # inspect.CO_VARARGS
        place = code.co_argcount + code.co_kwonlyargcount if takes_any else code.co_argcount - 1
        # To look at the variables of a frame copies them, and those of this module lead to the error: see "Runs" on cycles.
        if place >= 0 and frame.f_back is not None and frame.f_globals is not globals():
            value = frame.f_locals.get(code.co_varnames[place])
            if (value[-1:] == (frame.f_back,) if takes_any and isinstance(value, tuple) else value is frame.f_back):
                return True
    return isinstance(error, KeyboardInterrupt)


def _from_function(error: BaseException) -> Any:
    """Return an error without the first frame of its traceback, so that it begins in the user's function."""
    return error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)


def _take_all(items: Iterable[Item], errors: list[Exception]) -> list[Item]:
    """Return the items of an iterable, as far as they come; append its error."""
    taken: list[Item] = []
    try:
        taken.extend(items)  # it keeps what came before an error
    except Exception as error:
        if _is_from_signal(error):
            raise
        errors.append(error)
    return taken


def _summed_up(outcomes: Outcomes[Item, Result], began: float, run: Any, source_errors: list[Any]) -> Outcomes[Item, Result]:
    """Return outcomes with their summary; if the input ended with an error, raise that with them."""
    wall = _now() - began
    busy, computing = sum(seconds for seconds, _ in run.spent), sum(seconds for _, seconds in run.spent)
    waiting = max(0.0, busy - computing)
    failures = len(outcomes) - operator.countOf(map(operator.itemgetter(2), outcomes), None)
    # Threads that queue for the GIL or a processor seem to wait. They hardly do while the processors are mostly idle.
    is_measured = run.workers <= 1 or computing < 0.5 * wall or waiting < 0.1 * computing
    loop_seconds = waiting + computing if is_measured and run.spent and wall > 0 else None
    outcomes._summary = Summary(wall, waiting, computing, loop_seconds, run.workers, len(outcomes) - failures, failures)
    outcomes._hides_errors = failures > 0
    if source_errors:
        with contextlib.suppress(Exception):  # it may be frozen
            source_errors[0].partial = outcomes
        raise source_errors.pop()
    return outcomes


def _cgroup_quotas(proc: str = "/proc/self/cgroup", root: str = "/sys/fs/cgroup") -> Iterator[float]:
    """Yield how many processors the cgroups of this process, and those above them, may use at most."""
    files = {"": ["cpu.max"], "cpu": ["cpu.cfs_quota_us", "cpu.cfs_period_us"]}  # of version 2 and 1; no limit is `max` or -1
    try:
        lines = Path(proc).read_text().splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        _, controllers, folder = line.split(":", 2)
        kind = "cpu" if "cpu" in controllers.split(",") else controllers
        for above in [Path(folder), *Path(folder).parents] if kind in files else ():
            with contextlib.suppress(OSError, ValueError):
                words = " ".join(Path(f"{root}/{kind}{above}/{name}").read_text() for name in files[kind]).split()  # noqa: PRL101
                quota, period = map(int, words)
                yield quota / period if quota > 0 else math.inf

"""Map a function over many files on all cores, survive worker processes that die, and stop on interrupts."""

from __future__ import annotations

import functools
import itertools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_jobs: int | None = None  # the number of processes that the user asked for
_CHUNKS_AHEAD = 8  # for each core: enough that no process waits while earlier results are used


def set_jobs(jobs: int | None) -> None:
    """Use at most this many processes; one means none but this one. None: as many as there are cores."""
    global _jobs
    _jobs = jobs


def _cores() -> int:
    return _jobs or os.cpu_count() or 1


def is_worth_processes(items: Sequence[object], work: int, enough: int) -> bool:
    """Return whether there are at least two cores and two items, and `work` is at least `enough` to be worth starting processes."""
    return work >= enough and min(_cores(), len(items)) >= 2


def map_on_cores(
    func: Callable[[_Item], _Result], items: Iterable[_Item], *, chunk: int, lost: Callable[[_Item], _Result],
    prepare: Callable[..., object] | None = None, arguments: tuple[Any, ...] = (),
) -> Iterator[_Result]:  # fmt: skip
    """Yield `func(item)` for each item, in order, computed in processes.

    On Ctrl-C, or when the caller stops, no new chunk is started; the processes themselves ignore Ctrl-C. If no process can be
    started, everything runs in this process.

    Args:
        func: a picklable function.
        items: taken as needed, a few chunks ahead of the results.
        chunk: the number of items that a process takes at a time.
        lost: returns the result for an item on which a process died; new processes take over the other items.
        prepare: is called once in each process, with `arguments`.
    """
    cores = _cores()
    taken = iter(items)
    parts = iter(lambda: list(itertools.islice(taken, chunk)), [])
    first = list(itertools.islice(parts, cores))  # no more processes than chunks
    waiting: deque[tuple[list[_Item], Future[list[_Result]] | None]] = deque()
    make = functools.partial(_make_pool, prepare=prepare, arguments=arguments)
    pool = make(max(len(first), 1))
    is_prepared = False
    try:
        for part in itertools.chain(first, parts, itertools.repeat(None)):
            if part is not None:
                waiting.append((part, _submit(pool, func, part)))
            while waiting and (part is None or len(waiting) > cores * _CHUNKS_AHEAD):
                asked, future = waiting.popleft()
                try:
                    done = future.result() if future is not None else None
                except _broken_pool_error():
                    _close(pool)
                    done = list(_one_by_one(func, asked, lost, make))
                    pool = make(max(len(first), 1))
                    waiting = deque((again, _submit(pool, func, again)) for again, _ in waiting)
                if done is None:
                    if prepare is not None and not is_prepared:
                        prepare(*arguments)
                    is_prepared = True
                    done = _map_chunk(func, asked)
                yield from done
            if part is None:
                return
    finally:
        _close(pool)


def _make_pool(size: int, *, prepare: Callable[..., object] | None, arguments: tuple[Any, ...]) -> ProcessPoolExecutor | None:
    """Return a process pool; None if the system has no support for it: no semaphores, no shared memory."""
    try:
        from concurrent.futures import ProcessPoolExecutor

        return ProcessPoolExecutor(size, initializer=_initialize_process, initargs=(prepare, arguments))
    except (OSError, NotImplementedError, ImportError):
        return None


def _submit(pool: ProcessPoolExecutor | None, func: Callable[[_Item], _Result], part: list[_Item]) -> Future[list[_Result]] | None:
    """Submit a chunk to a pool. Return None if there is no pool or it cannot start a process."""
    if pool is None:
        return None
    try:
        return pool.submit(_map_chunk, func, part)
    except _broken_pool_error() as error:
        from concurrent.futures import Future

        failed: Future[list[_Result]] = Future()
        failed.set_exception(error)
        return failed
    except OSError:
        return None


def _one_by_one(
    func: Callable[[_Item], _Result], items: Sequence[_Item], lost: Callable[[_Item], _Result], make: Callable[[int], ProcessPoolExecutor | None]
) -> Iterator[_Result]:
    """Yield the results for items one of which may kill its process. After a crash each item runs in a new process."""
    pool: ProcessPoolExecutor | None = None
    for item in items:
        pool = pool or make(1)
        future = _submit(pool, func, [item])
        try:
            yield future.result()[0] if future is not None else lost(item)
        except _broken_pool_error():
            _close(pool)
            pool = None
            yield lost(item)
    _close(pool)


def _broken_pool_error() -> type[Exception]:
    """Return the exception of a pool in which a process died."""
    from concurrent.futures.process import BrokenProcessPool

    return BrokenProcessPool


def _close(pool: ProcessPoolExecutor | None) -> None:
    if pool is not None:
        pool.shutdown(wait=False, cancel_futures=True)


def _map_chunk(func: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
    return [func(item) for item in items]


def _initialize_process(prepare: Callable[..., object] | None, arguments: tuple[Any, ...]) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command itself stops the processes
    if prepare is not None:
        prepare(*arguments)

"""Many files on all cores: where processes are worth starting, and how they end when the command is interrupted."""

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
_CHUNKS_AHEAD = 8  # for each core: enough that none waits while the results of an earlier chunk are used


def is_worth_processes(items: Sequence[object], work: int, enough: int) -> bool:
    """Whether there are two cores and two items to give them, and `work` is `enough` to make up for the start of processes."""
    return work >= enough and min(os.cpu_count() or 1, len(items)) >= 2


def map_on_cores(
    func: Callable[[_Item], _Result], items: Iterable[_Item], *, chunk: int, lost: Callable[[_Item], _Result],
    prepare: Callable[..., object] | None = None, arguments: tuple[Any, ...] = (),
) -> Iterator[_Result]:  # fmt: skip
    """What `func` gives for each item, in order, from processes in each of which `prepare(*arguments)` has run once.

    Items are taken as they are needed, a few chunks ahead of the results. On Ctrl-C, or when the caller takes no more, nothing new
    is started. The processes themselves take no notice of it. Where no processes can be had, all is done in this one. An item on
    which a process dies gives what `lost` gives; the others are done by new processes.
    """
    cores = os.cpu_count() or 1
    taken = iter(items)
    parts = iter(lambda: list(itertools.islice(taken, chunk)), [])
    first = list(itertools.islice(parts, cores))  # no more processes than there are chunks
    waiting: deque[tuple[list[_Item], Future[list[_Result]] | None]] = deque()
    make = functools.partial(_make_pool, prepare=prepare, arguments=arguments)
    pool = make(max(len(first), 1))
    is_prepared = False
    try:
        for part in itertools.chain(first, parts, itertools.repeat(None)):
            if part is not None:
                waiting.append((part, _submitted(pool, func, part)))
            while waiting and (part is None or len(waiting) > cores * _CHUNKS_AHEAD):
                asked, future = waiting.popleft()
                try:
                    done = future.result() if future is not None else None
                except _broken():
                    _close(pool)
                    done = list(_one_by_one(func, asked, lost, make))
                    pool = make(max(len(first), 1))
                    waiting = deque((again, _submitted(pool, func, again)) for again, _ in waiting)
                if done is None:
                    if prepare is not None and not is_prepared:
                        prepare(*arguments)
                    is_prepared = True
                    done = _each(func, asked)
                yield from done
            if part is None:
                return
    finally:
        _close(pool)


def _make_pool(size: int, *, prepare: Callable[..., object] | None, arguments: tuple[Any, ...]) -> ProcessPoolExecutor | None:
    """A pool of processes; None where the system gives none: no semaphores, shared memory full or missing."""
    try:
        from concurrent.futures import ProcessPoolExecutor

        return ProcessPoolExecutor(size, initializer=_start, initargs=(prepare, arguments))
    except (OSError, NotImplementedError, ImportError):
        return None


def _submitted(pool: ProcessPoolExecutor | None, func: Callable[[_Item], _Result], part: list[_Item]) -> Future[list[_Result]] | None:
    """The work of a pool on a chunk; None where there is none, or it cannot start a process."""
    if pool is None:
        return None
    try:
        return pool.submit(_each, func, part)
    except _broken() as error:
        from concurrent.futures import Future

        failed: Future[list[_Result]] = Future()
        failed.set_exception(error)
        return failed
    except OSError:
        return None


def _one_by_one(
    func: Callable[[_Item], _Result], items: Sequence[_Item], lost: Callable[[_Item], _Result], make: Callable[[int], ProcessPoolExecutor | None]
) -> Iterator[_Result]:
    """What `func` gives for items of which one may end its process, each in a process of its own from there on."""
    pool: ProcessPoolExecutor | None = None
    for item in items:
        pool = pool or make(1)
        future = _submitted(pool, func, [item])
        try:
            yield future.result()[0] if future is not None else lost(item)
        except _broken():
            _close(pool)
            pool = None
            yield lost(item)
    _close(pool)


def _broken() -> type[Exception]:
    """What a pool raises one of whose processes has died."""
    from concurrent.futures.process import BrokenProcessPool

    return BrokenProcessPool


def _close(pool: ProcessPoolExecutor | None) -> None:
    if pool is not None:
        pool.shutdown(wait=False, cancel_futures=True)


def _each(func: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
    return [func(item) for item in items]


def _start(prepare: Callable[..., object] | None, arguments: tuple[Any, ...]) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command itself stops them
    if prepare is not None:
        prepare(*arguments)

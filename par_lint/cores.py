"""Many files on all cores: where processes are worth starting, and how they end when the command is interrupted."""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_CHUNKS_AHEAD = 8  # for each core: enough that none waits while the results of an earlier chunk are used


def is_worth_processes(items: Sequence[object], work: int, enough: int) -> bool:
    """Whether there are two cores and two items to give them, and `work` is `enough` to make up for the start of processes."""
    return work >= enough and min(os.cpu_count() or 1, len(items)) >= 2


def map_on_cores(
    func: Callable[[_Item], _Result], items: Iterable[_Item], *, chunk: int, prepare: Callable[..., object] | None = None, arguments: tuple[Any, ...] = ()
) -> Iterator[_Result]:
    """What `func` gives for each item, in order, from processes in each of which `prepare(*arguments)` has run once.

    Items are taken as they are needed, a few chunks ahead of the results. On Ctrl-C, or when the caller takes no more, nothing new
    is started. The processes themselves take no notice of it.
    """
    from concurrent.futures import ProcessPoolExecutor

    cores = os.cpu_count() or 1
    taken = iter(items)
    parts = iter(lambda: list(itertools.islice(taken, chunk)), [])
    first = list(itertools.islice(parts, cores))  # no more processes than there are chunks
    pool = ProcessPoolExecutor(max(len(first), 1), initializer=_start, initargs=(prepare, arguments))
    waiting: deque[Future[list[_Result]]] = deque()
    try:
        for part in itertools.chain(first, parts):
            waiting.append(pool.submit(_each, func, part))
            if len(waiting) > cores * _CHUNKS_AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _each(func: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
    return [func(item) for item in items]


def _start(prepare: Callable[..., object] | None, arguments: tuple[Any, ...]) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command itself stops them
    if prepare is not None:
        prepare(*arguments)

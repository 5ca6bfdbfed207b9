"""Many files on all cores: where processes are worth starting, and how they end when the command is interrupted."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def is_worth_processes(items: Sequence[object], work: int, enough: int) -> bool:
    """Whether there are two cores and two items to give them, and `work` is `enough` to make up for the start of processes."""
    return work >= enough and min(os.cpu_count() or 1, len(items)) >= 2


def map_on_cores(
    func: Callable[[_Item], _Result], items: Sequence[_Item], *, chunk: int, prepare: Callable[..., object] | None = None, arguments: tuple[Any, ...] = ()
) -> Iterator[_Result]:
    """What `func` gives for each item, in order, from processes in each of which `prepare(*arguments)` has run once.

    On Ctrl-C, or when the caller takes no more, nothing new is started. The processes themselves take no notice of it.
    """
    pool = ProcessPoolExecutor(min(os.cpu_count() or 1, len(items)), initializer=_start, initargs=(prepare, arguments))
    try:
        yield from pool.map(func, items, chunksize=chunk)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _start(prepare: Callable[..., object] | None, arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command itself stops them
    if prepare is not None:
        prepare(*arguments)

"""Run code that needs a deeper stack than Python's default, in a thread with a large stack."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

_STACK = 512 * 1024 * 1024  # bytes of address space; the system allocates only the pages in use
_FRAMES = 100_000  # CPython's own compiler needs less than half of this
_Result = TypeVar("_Result")
_state = threading.local()


def with_enough_stack(func: Callable[[], _Result]) -> _Result:
    """Return `func()`; after a RecursionError, call it again with a deep stack. Raises what `func` raises."""
    try:
        return func()
    except RecursionError as error:
        if not should_retry_with_deep_stack(error):
            raise
    return with_deep_stack(func)


def with_deep_stack(func: Callable[[], _Result]) -> _Result:
    """Return `func()`, called with a deep stack. Raises what `func` raises."""
    if _is_deep():
        return func()
    done: list[_Result] = []
    raised: list[BaseException] = []

    def run() -> None:
        _state.is_deep = True
        try:
            done.append(func())
        except BaseException as error:  # noqa: B036 - raised again in the caller's thread
            raised.append(error)

    size, limit = threading.stack_size(), sys.getrecursionlimit()
    try:
        threading.stack_size(_STACK)
        sys.setrecursionlimit(max(limit, _FRAMES))
        thread = threading.Thread(target=run, name="par-lint deep")
        thread.start()
        thread.join()
    except (RuntimeError, ValueError):  # not enough memory for such a thread
        raise RecursionError from None
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    if raised:
        raise raised[0]
    return done[0]


def should_retry_with_deep_stack(error: BaseException) -> bool:
    """Return whether an error must propagate to `with_enough_stack`, because a deeper stack may help."""
    return isinstance(error, RecursionError) and not _is_deep()


def _is_deep() -> bool:
    return getattr(_state, "is_deep", False)

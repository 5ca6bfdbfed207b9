"""Code that nests deeper than Python recurses by default: it is looked at again in a thread with room for it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

_STACK = 512 * 1024 * 1024  # bytes of address space; only what is used is taken
_FRAMES = 100_000  # what CPython compiles needs less than half
_Result = TypeVar("_Result")
_state = threading.local()


def with_enough_stack(func: Callable[[], _Result]) -> _Result:
    """What `func` gives, called again with a deep stack where it raises RecursionError. Raises what `func` raises."""
    try:
        return func()
    except RecursionError as error:
        if not can_go_deeper(error):
            raise
    return with_deep_stack(func)


def with_deep_stack(func: Callable[[], _Result]) -> _Result:
    """What `func` gives when it is called with a deep stack. Raises what `func` raises."""
    if _is_deep():
        return func()
    done: list[_Result] = []
    raised: list[BaseException] = []

    def run() -> None:
        _state.is_deep = True
        try:
            done.append(func())
        except BaseException as error:  # noqa: B036 - raised by the caller's thread
            raised.append(error)

    size, limit = threading.stack_size(), sys.getrecursionlimit()
    try:
        threading.stack_size(_STACK)
        sys.setrecursionlimit(max(limit, _FRAMES))
        thread = threading.Thread(target=run, name="par-lint deep")
        thread.start()
        thread.join()
    except (RuntimeError, ValueError):  # no room for such a thread
        raise RecursionError from None
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    if raised:
        raise raised[0]
    return done[0]


def can_go_deeper(error: BaseException) -> bool:
    """Whether an error only says that the stack is too small, and there is a deeper one: it must reach `with_enough_stack`."""
    return isinstance(error, RecursionError) and not _is_deep()


def _is_deep() -> bool:
    return getattr(_state, "is_deep", False)

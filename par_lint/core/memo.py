"""Memoization: attributes and functions that are computed on first use and cached, and functions that must not ask themselves again."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["memoized", "memoized_for_last", "never_in_circles"]

if TYPE_CHECKING:
    from functools import cached_property as memoized
else:

    class memoized:
        """Like `functools.cached_property`, which before Python 3.12 needs a lock for each property and a dict for each object."""

        def __init__(self, find: Callable[[Any], object]) -> None:
            self._find = find
            self._name = find.__name__
            self.__doc__ = find.__doc__

        def __get__(self, owner: Any, kind: type | None = None) -> Any:
            if owner is None:
                return self
            found = self._find(owner)
            setattr(owner, self._name, found)
            return found


_UNASKED = object()
_Find = TypeVar("_Find", bound=Callable[..., Any])


def memoized_for_last(find: _Find) -> _Find:
    """Cache the results of a function in the `answers` of its last argument, by the other arguments; they live as long as that object."""

    @functools.wraps(find)
    def ask(*arguments: Any) -> Any:
        answers = arguments[-1].answers
        key = (find, *arguments[:-1])
        found = answers.get(key, _UNASKED)  # one look-up: nodes of LibCST are hashed in Python
        if found is _UNASKED:
            found = answers[key] = find(*arguments)
        return found

    return ask  # type: ignore[return-value]


def never_in_circles(answer: object) -> Callable[[_Find], _Find]:
    """Let a recursive function return `answer` when it is asked what it is just finding out, as in code such as `a = list(b); b = sorted(a)`."""

    def guard(find: _Find) -> _Find:
        asked: set[tuple[int, ...]] = set()

        @functools.wraps(find)
        def ask(*arguments: Any) -> Any:
            key = (threading.get_ident(), *map(id, arguments))
            if key in asked:
                return answer
            asked.add(key)
            try:
                return find(*arguments)
            finally:
                asked.discard(key)

        return ask  # type: ignore[return-value]

    return guard

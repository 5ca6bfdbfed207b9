"""Results for mutually recursive functions: each is computed once and does not depend on which function is asked first."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Answer = TypeVar("_Answer")
_LARGEST = 32
"""Functions in one cycle that are each computed as the entry of the cycle: for more, the cost would be quadratic."""


class Fixpoint(Generic[_Key, _Answer]):
    """Memoizes results. A recursive request for a result that is being computed gets `nothing`.

    A partial result inside a cycle lacks the contribution of the cycle's entry, and is kept only until that entry is complete.
    """

    def __init__(self, nothing: _Answer, beyond: _Answer | None = None, join: Callable[[_Answer, _Answer], _Answer] | None = None) -> None:
        """Say how members of cycles that are too large are answered; without `beyond` and `join` they keep their partial results.

        Args:
            nothing: the result for a function that is being computed.
            beyond: the result for all members.
            join: merges two results, where a result contains those of all callees. Each member then gets the result of the cycle's entry.
        """
        self._nothing = nothing
        self._beyond = beyond
        self._join = join
        self._known: dict[_Key, _Answer] = {}
        self._active: dict[_Key, int] = {}  # with the depth of each
        self._partial: dict[_Key, tuple[_Answer, int]] = {}  # with the depth of the entry that it lacks
        self._lowest = sys.maxsize  # the depth of an active key that was requested again

    def of(self, key: _Key, find: Callable[[_Key], _Answer]) -> _Answer:
        """Return the result for one function; `find` computes it on the first request."""
        if key in self._known:
            return self._known[key]
        if key in self._active:
            self._lowest = min(self._lowest, self._active[key])
            return self._nothing
        if key in self._partial:
            answer, lowest = self._partial[key]
            self._lowest = min(self._lowest, lowest)
            return answer
        outer, self._lowest = self._lowest, sys.maxsize
        depth = self._active[key] = len(self._active)
        try:
            answer = find(key)
        finally:
            del self._active[key]
            lowest, self._lowest = self._lowest, min(outer, self._lowest)
        if lowest < depth:
            self._partial[key] = answer, lowest
            return answer
        self._known[key] = answer
        if lowest == depth:
            self._lowest = outer
            self._close(depth, answer)
        return answer

    def _close(self, depth: int, answer: _Answer) -> None:
        """The entry of a cycle is complete: forget the partial results."""
        inside = {key: answer for key, (answer, lowest) in self._partial.items() if lowest >= depth}
        for key in inside:
            del self._partial[key]
        if len(inside) > _LARGEST and self._join is not None:
            self._known.update((key, self._join(one, answer)) for key, one in inside.items())
        elif len(inside) > _LARGEST:
            self._known.update(inside if self._beyond is None else dict.fromkeys(inside, self._beyond))

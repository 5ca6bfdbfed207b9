"""Answers about functions that call one another, each found out once and the same whichever is asked for first."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Answer = TypeVar("_Answer")
_LARGEST = 32
"""Functions of one cycle that are each looked at from their own side: more would take the square of their number."""


class Fixpoint(Generic[_Key, _Answer]):
    """Remembers what is found out. Where that asks for what is being found out, it is told `nothing`.

    What was found out on the way around a cycle lacks what begins the cycle, and holds for as long as that is being found out.
    """

    def __init__(self, nothing: _Answer, beyond: _Answer | None = None, join: Callable[[_Answer, _Answer], _Answer] | None = None) -> None:
        """Say what the members of cycles that are too large answer.

        Args:
            nothing: What is answered for a function that is being found out.
            beyond: The answer for all members.
            join: Where an answer holds those of all functions that are called: what makes one answer of two. Each member then answers
                what the beginning of the cycle does, which holds all of them. Without both, what was found out on the way is kept.
        """
        self._nothing = nothing
        self._beyond = beyond
        self._join = join
        self._known: dict[_Key, _Answer] = {}
        self._active: dict[_Key, int] = {}  # with the depth of each
        self._partial: dict[_Key, tuple[_Answer, int]] = {}  # with the depth of what it lacks
        self._lowest = sys.maxsize  # the depth of what was asked for while it was being found out

    def of(self, key: _Key, find: Callable[[_Key], _Answer]) -> _Answer:
        """The answer for one function, which `find` gives when it is first asked for."""
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
        """A cycle is through: what was found out on the way is forgotten."""
        inside = {key: answer for key, (answer, lowest) in self._partial.items() if lowest >= depth}
        for key in inside:
            del self._partial[key]
        if len(inside) > _LARGEST and self._join is not None:
            self._known.update((key, self._join(one, answer)) for key, one in inside.items())
        elif len(inside) > _LARGEST:
            self._known.update(inside if self._beyond is None else dict.fromkeys(inside, self._beyond))

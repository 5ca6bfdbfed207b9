"""Whether code may be moved to a worker, and why not."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

import libcst as cst

from par_lint.core.findings import Reason


class Level(enum.IntEnum):
    """Whether code may be moved to a worker; the larger, the worse."""

    PURE = 0  # computation: nobody can observe when or where it runs
    READ = 1  # reads external state: safe to run concurrently
    UNSAFE = 2  # writes, unresolved calls, shared sessions: a person must agree
    IMMOVABLE = 3  # cannot be moved


@dataclass(frozen=True)
class Verdict:
    """The level of a piece of code, with the reason and the node that determine it."""

    level: Level = Level.PURE
    reason: Reason | None = None
    node: cst.CSTNode | None = None
    takes: frozenset[str] = frozenset()  # parameters from whose objects it may remove something

    @property
    def why(self) -> Reason:
        """Return the reason; every verdict above READ has one."""
        assert self.reason is not None
        return self.reason

    def __or__(self, other: Verdict) -> Verdict:
        if other.level <= self.level and not other.takes:  # by far the most frequent
            return self
        worse = other if other.level > self.level else self
        takes = self.takes | other.takes
        return worse if worse.takes == takes else replace(worse, takes=takes)

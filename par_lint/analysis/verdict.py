"""How far a piece of code may be moved to a worker, with the reason."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

import libcst as cst

from par_lint.core.findings import Reason


class Level(enum.IntEnum):
    """How far code may be moved to a worker; the larger, the worse."""

    PURE = 0  # computing: no one can tell when or where it ran
    READ = 1  # reads the world: safe to run at once
    UNSURE = 2  # writes, unknown calls, shared sessions: a person must agree
    STUCK = 3  # cannot be moved


@dataclass(frozen=True)
class Verdict:
    """The level of a piece of code, with the reason and the node that decide it."""

    level: Level = Level.PURE
    reason: Reason | None = None
    node: cst.CSTNode | None = None
    takes: frozenset[str] = frozenset()  # parameters whose objects it may take something out of

    @property
    def why(self) -> Reason:
        """The reason of a verdict that has one: of all above READ."""
        assert self.reason is not None
        return self.reason

    def __or__(self, other: Verdict) -> Verdict:
        worse = other if other.level > self.level else self
        takes = self.takes | other.takes
        return worse if worse.takes == takes else replace(worse, takes=takes)

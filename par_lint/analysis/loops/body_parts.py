"""The partition of a loop body: what moves to the workers, and what the rest gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import libcst as cst

from par_lint.analysis.verdict import Verdict
from par_lint.core.findings import Reason


@dataclass(frozen=True)
class Split:
    """A partition of a loop body. All nodes belong to the loop."""

    statement: cst.BaseStatement | None = None  # the one that `value` stands in, or the `with` around it
    value: cst.BaseExpression | None = None  # the expression that the worker gives
    early: tuple[cst.BaseExpression, ...] = ()  # what its statement evaluates before it and may raise: the worker gives that, too
    looked: tuple[cst.Attribute, ...] = ()  # methods that its statement looks up before it and that may be missing: the rest does so first
    manager: cst.With | cst.Try | None = None  # the with block that the worker enters for it, or the `try` that closes what it reads
    inside: tuple[cst.BaseStatement, ...] = ()  # statements of the with block before the value, moved
    tail: tuple[cst.BaseStatement, ...] = ()  # statements of the with block that stay
    around: tuple[cst.WithItem, ...] = ()  # what of the with statement stays around the value: it swallows errors
    holder: cst.BaseStatement | None = None  # the statement of the with block that holds the value
    block: tuple[cst.CSTNode, ...] = ()  # whole statements that move, where no single value does; of `guard` only the condition
    exits: tuple[cst.BaseStatement, ...] = ()  # those of the block that may end the iteration
    guard: cst.If | None = None  # the only statement that may end it early: its condition moves, what it does stays
    prelude: tuple[cst.BaseStatement, ...] = ()  # assignments that come along
    gives: tuple[str, ...] = ()  # names that the moved part binds and others read
    filters: tuple[cst.If, ...] = ()  # leading `if test: continue`
    conditions: tuple[tuple[cst.BaseExpression, bool], ...] = ()  # tests around the value or of guards before it, and their wanted result
    flags: tuple[cst.BaseExpression, ...] = ()  # those of the conditions that only the worker looks at: it gives what they come to
    copied: tuple[cst.BaseStatement, ...] = ()  # those of the prelude that the rest makes for itself, too
    wrapped: cst.If | None = None  # a condition around the whole rest, to be made a filter
    reraise: bool = False  # effects or handlers stand before the value: its error is raised in its place
    reraises_for_looked: bool = False  # only because of `looked`
    reraises_in_place: bool = False  # only because of what stands before, to be noticed first
    uncaught: tuple[cst.BaseStatement, ...] = ()  # statements of the pass before a handler that takes more than errors of reading
    guarded: tuple[cst.BaseStatement, ...] = ()  # statements of the pass before any handler
    is_list: bool = False  # the value is an iterable of an open file, taken whole
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def moved(self) -> tuple[cst.CSTNode, ...]:
        """All nodes that move."""
        value = (self.value,) if self.value is not None else ()
        managers: tuple[cst.CSTNode, ...] = ()
        if isinstance(self.manager, cst.With):
            managers = tuple(self.manager.items)
        elif self.manager is not None and self.manager.finalbody is not None:
            managers = (self.manager.finalbody,)
        return (*self.prelude, *self.flags, *managers, *self.inside, *self.early, *value, *self.block)

    def below_handlers(self, earlier: Sequence[cst.BaseStatement], *, takes_more: bool) -> Split:
        """Return the partition of a pass whose I/O stands below handlers; `takes_more`: of more than errors of reading."""
        return replace(self, reraise=True, guarded=tuple(earlier), uncaught=tuple(earlier) if takes_more else self.uncaught)


class NotSplittable(Exception):
    """The body cannot be split."""

    def __init__(self, reason: Reason, node: cst.CSTNode) -> None:
        super().__init__(reason, node)
        self.reason = reason
        self.node = node

"""The parts of a split loop body: what moves to the workers, and what the rest receives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import libcst as cst

from par_lint.analysis.verdict import Verdict
from par_lint.core.findings import Reason


@dataclass(frozen=True)
class Split:
    """A partition of a loop body. All nodes belong to the loop."""

    statement: cst.BaseStatement | None = None  # the one that contains `value`, or the `with` around it
    value: cst.BaseExpression | None = None  # the expression that the worker returns
    early: tuple[cst.BaseExpression, ...] = ()  # expressions before it that may raise: the worker returns them too
    looked: tuple[cst.Attribute, ...] = ()  # methods that are looked up before it and may be missing: the rest looks them up first
    manager: cst.With | cst.Try | None = None  # the with block that the worker enters, or the `try` that closes its file
    inside: tuple[cst.BaseStatement, ...] = ()  # statements of the with block before the value, moved
    tail: tuple[cst.BaseStatement, ...] = ()  # statements of the with block that stay
    around: tuple[cst.WithItem, ...] = ()  # items of the with statement that stay around the value: they suppress errors
    holder: cst.BaseStatement | None = None  # the statement of the with block that contains the value
    block: tuple[cst.CSTNode, ...] = ()  # whole statements that move, if no single value does; of `guard` only the condition
    exits: tuple[cst.BaseStatement, ...] = ()  # statements of the block that may end the iteration
    guard: cst.If | None = None  # the only statement that may end it early: its condition moves, its body stays
    prelude: tuple[cst.BaseStatement, ...] = ()  # assignments that move too
    gives: tuple[str, ...] = ()  # names that the moved part binds and the rest reads
    filters: tuple[cst.If, ...] = ()  # leading `if test: continue`
    conditions: tuple[tuple[cst.BaseExpression, bool], ...] = ()  # conditions around the value or of guards before it, with the result for which the value is evaluated
    flags: tuple[cst.BaseExpression, ...] = ()  # conditions that only the worker evaluates: it returns their results
    copied: tuple[cst.BaseStatement, ...] = ()  # statements of the prelude that the rest repeats
    wrapped: cst.If | None = None  # a condition around the whole rest, which becomes a filter
    reraise: bool = False  # side effects or handlers come before the value: its error is raised at its place
    reraises_for_looked: bool = False  # only because of `looked`
    reraises_in_place: bool = False  # only because of an earlier statement, whose effect must be noticed first
    uncaught: tuple[cst.BaseStatement, ...] = ()  # statements before the value inside a handler of more than I/O errors
    guarded: tuple[cst.BaseStatement, ...] = ()  # statements before the value inside any handler
    is_list: bool = False  # the value is an iterable over an open file, read completely
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def moved(self) -> tuple[cst.CSTNode, ...]:
        """Return all nodes that move."""
        value = (self.value,) if self.value is not None else ()
        managers: tuple[cst.CSTNode, ...] = ()
        if isinstance(self.manager, cst.With):
            managers = tuple(self.manager.items)
        elif self.manager is not None and self.manager.finalbody is not None:
            managers = (self.manager.finalbody,)
        return (*self.prelude, *self.flags, *managers, *self.inside, *self.early, *value, *self.block)

    def below_handlers(self, earlier: Sequence[cst.BaseStatement], *, takes_more: bool) -> Split:
        """Return the partition of an iteration whose I/O is below handlers; `takes_more`: they catch more than errors of reading."""
        return replace(self, reraise=True, guarded=tuple(earlier), uncaught=tuple(earlier) if takes_more else self.uncaught)


class NotSplittable(Exception):
    """The body cannot be split."""

    def __init__(self, reason: Reason, node: cst.CSTNode) -> None:
        super().__init__(reason, node)
        self.reason = reason
        self.node = node

"""The result of a worker for an iteration without I/O, and how the rest of the loop skips that iteration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.none_as_marker import is_never_none
from par_lint.analysis.loops.partition import Split
from par_lint.core.catalog.entry import Effect, Entry, Kind
from par_lint.fixes.codegen.fresh_names import NameAllocator


@dataclass(frozen=True)
class Skip:
    """How a skipped iteration is marked: its result, the flag before the values of other iterations, and the code that checks it."""

    slots: tuple[str, ...]  # the names that the loop binds to the worker's result
    result: cst.BaseExpression  # what the worker returns early
    test: cst.BaseExpression  # whether the iteration was skipped
    flag: str | None = None  # `True`, returned before the values
    unpacking: tuple[cst.BaseStatement, ...] = ()

    @property
    def statements(self) -> list[cst.BaseStatement]:
        """Return the guard before the rest of the loop, and the statements that unpack the values."""
        leave = cst.SimpleStatementLine([cst.Continue()])
        return [cst.If(self.test, cst.IndentedBlock([leave])), *self.unpacking]


def plan_skip(split: Split, names: NameAllocator, entry: Entry, facts: Facts) -> Skip:
    """Return the shortest marker of iterations that end early: None if no value is None, else a flag."""
    none = cst.Name("None")
    match split.gives:
        case []:
            flag = names.fresh(_flag(entry), "is_reached")
            return Skip((flag,), cst.Name("False"), cst.UnaryOperation(cst.Not(), cst.Name(flag)), "True")
        case [name]:
            if is_never_none(name, split.block, facts):
                return Skip((name,), none, _is_none(name))
            flag = names.fresh(_flag(entry), "is_reached")
            return Skip((flag, name), _tuple(["False", "None"]), cst.UnaryOperation(cst.Not(), cst.Name(flag)), "True")
        case several:
            found = names.fresh("result", "values")
            assign = cst.Assign([cst.AssignTarget(_tuple(several))], cst.Name(found))
            return Skip((found,), none, _is_none(found), None, (cst.SimpleStatementLine([assign]),))


def item_of(name: str, place: int) -> cst.Subscript:
    """Return one of the values that a worker returns."""
    return cst.Subscript(cst.Name(name), [cst.SubscriptElement(cst.Index(cst.Integer(str(place))))])


def outcome_of(flag: cst.BaseExpression, error: str, wanted: bool) -> cst.BaseExpression:
    """Return the value of a condition. If the I/O failed, it was reached, so the condition was true."""
    comparison: cst.BaseCompOp = cst.IsNot() if wanted else cst.Is()
    failed = cst.Comparison(cst.Name(error), [cst.ComparisonTarget(comparison, cst.Name("None"))])
    return cst.BooleanOperation(failed, cst.Or() if wanted else cst.And(), flag)


def _flag(entry: Entry) -> str:
    if entry.effect is Effect.WRITE or entry.kind is Kind.SUBPROCESS:
        return "is_done"
    return "is_fetched" if entry.kind is Kind.NETWORK else "is_read"


def _is_none(name: str) -> cst.BaseExpression:
    return cst.Comparison(cst.Name(name), [cst.ComparisonTarget(cst.Is(), cst.Name("None"))])


def _tuple(names: Sequence[str]) -> cst.Tuple:
    return cst.Tuple([cst.Element(cst.Name(name)) for name in names], lpar=[], rpar=[])

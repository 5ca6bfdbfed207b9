"""Liveness: whether the value of a name may still be read after a statement (backward analysis, block by block).

If control flow is hard to follow, the answer is yes.
"""

from __future__ import annotations

import enum
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.analysis.syntax.nodes import children, descend
from par_lint.analysis.variables.local_names import variables_of
from par_lint.core.memo import memoized_for_last


class _Fate(enum.Enum):
    """What happens to the value of a name in a piece of code."""

    READ = "read"
    REPLACED = "replaced"
    KEPT = "kept"


def is_read_after(name: str, statement: cst.CSTNode, facts: Facts) -> bool:
    """Return whether the value of `name` after `statement` may be read by code that can run afterwards."""
    around = facts.enclosing_function(statement) or facts.module
    if variables_of(around, facts).is_seen_elsewhere(name, statement):
        return True
    fates = _liveness_of(facts)
    below, node = statement, facts.parent(statement)
    while node is not None and below is not around:
        fate = fates.after(name, below, node)
        if fate is not _Fate.KEPT:
            return fate is _Fate.READ
        below, node = node, facts.parent(node)
    return False


def is_unbinding_observable(name: str, statement: cst.CSTNode, facts: Facts) -> bool:
    """Return whether other code could observe that `statement` no longer binds `name`."""
    return is_read_after(name, statement, facts) or _is_local_by(statement, name, facts)


def is_read_after_error(name: str, statement: cst.CSTNode, facts: Facts) -> bool:
    """Return whether the value of `name` may be read after an error leaves `statement`: by a handler, or elsewhere."""
    around = facts.enclosing_function(statement) or facts.module
    if variables_of(around, facts).is_seen_elsewhere(name, statement):
        return True
    node = facts.parent(statement)
    while node is not None and node is not around:
        if isinstance(node, (cst.Try, cst.TryStar, cst.With)):  # a context manager may suppress the error
            return is_read_after(name, statement, facts)
        node = facts.parent(node)
    return False


def _is_local_by(statement: cst.CSTNode, name: str, facts: Facts) -> bool:
    """Return whether only this statement makes a name local, and other code in the function, which runs before or instead, reads it.

    Without the statement that code would read a global name.
    """
    around = facts.enclosing_function(statement)
    if around is None or name in {node.name.value for node in children(around.params) if isinstance(node, cst.Param)}:
        return False
    variables = variables_of(around, facts)
    return not variables.is_bound_outside(name, statement) and variables.is_read_outside(name, statement)


@memoized_for_last
def _liveness_of(facts: Facts) -> _Fates:
    return _Fates(facts)


class _Fates:
    """The fates of names in the blocks of one module."""

    def __init__(self, facts: Facts) -> None:
        self._tree = facts.tree
        self._reads = facts.tree.mentions
        self._ends: dict[int, int] = {}
        self._known: dict[tuple[str, int], tuple[range, _Fate]] = {}

    def after(self, name: str, below: cst.CSTNode, node: cst.CSTNode) -> _Fate:
        """Return the fate of a name in the code of `node` after its child `below`."""
        match node:
            case cst.IndentedBlock() | cst.Module():
                return self._sequence(name, node, self._place(node.body, below) + 1)
            case cst.For(body=body, orelse=orelse, target=target):
                if below is body:
                    again = _Fate.KEPT if name in bound_names(target) else self._block(name, body)
                    return _first(again if again is _Fate.READ else _Fate.KEPT, self._block(name, orelse))
                return _Fate.KEPT
            case cst.While(test=test, body=body, orelse=orelse):
                again = _Fate.READ if self._reads(test, name) else self._block(name, body)
                return _first(again if again is _Fate.READ else _Fate.KEPT, self._block(name, orelse)) if below is body else _Fate.KEPT
            case cst.Try() | cst.TryStar():
                later = [*node.handlers, node.orelse, node.finalbody] if below is node.body else [node.finalbody]
                return _Fate.READ if any(part is not None and self._reads(part, name) for part in later) else _Fate.KEPT
            case cst.ClassDef():
                return _Fate.READ
            case _:
                return _Fate.KEPT

    def _place(self, body: Sequence[cst.CSTNode], statement: cst.CSTNode) -> int:
        """Return the index of a statement in a block."""
        return bisect_left(body, self._tree.number(statement), key=self._tree.number)

    def _block(self, name: str, block: cst.CSTNode | None) -> _Fate:
        match block:
            case None:
                return _Fate.KEPT
            case cst.IndentedBlock():
                return self._sequence(name, block)
            case cst.Else(body=body) | cst.Finally(body=body):
                return self._block(name, body)
            case cst.If():
                return self._statement(name, block)
            case _:
                return _Fate.READ if self._reads(block, name) else _Fate.KEPT

    def _sequence(self, name: str, block: cst.IndentedBlock | cst.Module, start: int = 0) -> _Fate:
        """Return the fate of a name in a block from one of its statements on. Repeated queries visit each statement once."""
        known, known_fate = self._known.get((name, id(block)), (range(0), _Fate.KEPT))
        if start in known:
            return known_fate
        place, fate = start, _Fate.KEPT
        while (found := self._next(name, block, place)) not in known:
            if found is None:
                break
            place, fate = found, self._statement(name, block.body[found])
            if fate is not _Fate.KEPT:
                break
            place += 1
        else:
            place, fate = known.stop - 1, known_fate
        self._known[name, id(block)] = range(start, place + 1), fate
        return fate

    def _next(self, name: str, block: cst.IndentedBlock | cst.Module, start: int) -> int | None:
        """Return the index of the next reachable statement of a block that contains a name."""
        body, end = block.body, self._end(block)
        if start >= end:
            return None
        number, places = self._tree.number, self._tree.named(name)
        occurrence = bisect_left(places, number(body[start]), key=number)
        if occurrence == len(places) or number(places[occurrence]) >= self._tree.reach(body[end - 1]).stop:
            return None
        return bisect_right(body, number(places[occurrence]), key=number) - 1

    def _end(self, block: cst.IndentedBlock | cst.Module) -> int:
        """Return the number of statements of a block up to the first one that leaves it."""
        if id(block) not in self._ends:
            leaving = (place for place, one in enumerate(block.body) if isinstance(one, cst.SimpleStatementLine) and isinstance(one.body[-1], _LEAVING))
            self._ends[id(block)] = next(leaving, len(block.body) - 1) + 1
        return self._ends[id(block)]

    def _statement(self, name: str, statement: cst.CSTNode) -> _Fate:
        match statement:
            case cst.SimpleStatementLine(body=body):
                return _first(*(self._small(name, small) for small in body))
            case cst.If(test=test, body=body, orelse=orelse):
                if self._reads(test, name):
                    return _Fate.READ
                branches = [self._block(name, body), self._block(name, orelse)]
                if _Fate.READ in branches:
                    return _Fate.READ
                return _Fate.REPLACED if branches == [_Fate.REPLACED] * 2 else _Fate.KEPT
            case cst.For(target=target, iter=iterable, body=body, orelse=orelse):
                inner = _Fate.KEPT if name in bound_names(target) else self._block(name, body)
                is_read = self._reads(iterable, name) or _Fate.READ in (inner, self._block(name, orelse))
                return _Fate.READ if is_read else _Fate.KEPT
            case cst.With(items=items, body=body):
                if any(self._reads(item.item, name) for item in items):
                    return _Fate.READ
                bound = [one for item in items if item.asname is not None for one in bound_names(item.asname.name)]
                inner = _Fate.REPLACED if name in bound else self._block(name, body)
                return inner if inner is _Fate.READ or all(_opens(item.item) for item in items) else _Fate.KEPT
            case _:
                return _Fate.READ if self._reads(statement, name) else _Fate.KEPT

    def _small(self, name: str, statement: cst.CSTNode) -> _Fate:
        match statement:
            case cst.Assign(targets=targets, value=value):
                plain = [one for target in targets for one in bound_names(target.target)]
                others = {n.value for target in targets for n in descend(target) if isinstance(n, cst.Name)} - set(plain)
                if self._reads(value, name) or name in others:
                    return _Fate.READ
                return _Fate.REPLACED if name in plain else _Fate.KEPT
            case cst.AnnAssign(target=cst.Name(value=bound), value=cst.BaseExpression() as value) if bound == name:
                return _Fate.READ if self._reads(value, name) else _Fate.REPLACED
            case cst.Import() | cst.ImportFrom():
                return _Fate.KEPT
            case _:
                return _Fate.READ if self._reads(statement, name) else _Fate.KEPT


_LEAVING = (cst.Return, cst.Raise, cst.Break, cst.Continue)


def _first(*fates: _Fate) -> _Fate:
    return next((fate for fate in fates if fate is not _Fate.KEPT), _Fate.KEPT)


def _opens(manager: cst.BaseExpression) -> bool:
    """Return whether a context manager is an open file; others may suppress the error that prevents a binding."""
    match manager:
        case cst.Call(func=cst.Name("open") | cst.Attribute(attr=cst.Name("open"))):
            return True
        case _:
            return False

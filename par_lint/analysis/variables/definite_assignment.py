"""Definite assignment: which names are surely bound after code has run, and which it may read before (forward analysis)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.expression_names import assigned, bound_by, bound_names
from par_lint.analysis.syntax.nodes import children, clauses, descend
from par_lint.core.memo import memoized_for_last

_Bound = frozenset[str] | None
"""The names that are surely bound at a point; None for unreachable code."""


_HIDING = frozenset({cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp, cst.Lambda, cst.FunctionDef, cst.Param})
"""Nodes in which names may be others than around them."""
_FOLLOWED = frozenset({
    cst.SimpleStatementLine, cst.IndentedBlock, cst.SimpleStatementSuite, cst.Else, cst.Finally, cst.If, cst.For, cst.While, cst.Try, cst.TryStar, cst.With,
    cst.WithItem, cst.Match, cst.Assign, cst.AnnAssign, cst.Del, cst.Return, cst.Raise, cst.Continue, cst.Break, cst.Import, cst.ImportFrom,
    cst.FunctionDef, cst.ClassDef,
})  # fmt: skip
"""Nodes that bind or unbind names, or change the order in which code runs: all others only read names. Patterns of LibCST's classes are slow."""


def free_names(node: cst.CSTNode) -> Iterator[cst.Name]:
    """Yield the names that code reads or binds in its own scope, without those of comprehensions, lambdas, attributes and keywords."""
    stack: list[tuple[cst.CSTNode, frozenset[str]]] = [(node, frozenset())]
    while stack:
        current, hidden = stack.pop()
        kind = type(current)
        if kind is cst.Name:
            if current.value not in hidden:  # type: ignore[attr-defined]
                yield current  # type: ignore[misc]
            continue
        if kind is cst.Attribute or kind is cst.Arg:
            stack.append((current.value, hidden))  # type: ignore[attr-defined]
            continue
        if kind not in _HIDING:
            stack += [(child, hidden) for child in reversed(children(current))]
            continue
        match current:
            case cst.ListComp() | cst.SetComp() | cst.DictComp() | cst.GeneratorExp():
                stack.append((current.for_in.iter, hidden))
                hidden |= {name for clause in clauses(current) for name in bound_names(clause.target)}
                stack += [(child, hidden) for child in children(current) if child is not current.for_in]
                stack += [(child, hidden) for clause in clauses(current) for child in (*clause.ifs, *([clause.iter] if clause is not current.for_in else []))]
                continue
            case cst.Lambda():
                hidden |= _parameters(current.params)
            case cst.FunctionDef():
                hidden |= _parameters(current.params) | _own_names(current)
            case cst.Param(default=default):
                stack += [(default, hidden - {current.name.value})] if default is not None else []
                continue
            case _:
                pass
        stack += [(child, hidden) for child in reversed(children(current))]


def _parameters(params: cst.Parameters) -> set[str]:
    return {inner.name.value for inner in descend(params) if isinstance(inner, cst.Param)}


def _own_names(node: cst.FunctionDef) -> set[str]:
    outward = {item.name.value for inner in descend(node.body) if isinstance(inner, (cst.Global, cst.Nonlocal)) for item in inner.names}
    return assigned(node.body) - outward


def binds(node: cst.CSTNode) -> set[str]:
    """Return the names that code binds in its own scope, without comprehensions and lambdas."""
    if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
        return {node.name.value}
    return {name for inner in descend(node) for name in bound_by(inner)}


class DefiniteAssignment:
    """The forward analysis. `early` are the names that may be read while they are not surely bound, with the first place."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._breaks: list[list[frozenset[str]]] = []
        self.early: dict[str, cst.CSTNode] = {}

    def names_bound_after(self, nodes: Iterable[cst.CSTNode], bound: _Bound) -> _Bound:
        """Return the names that are surely bound after running statements, expressions and `with` items in order."""
        for node in nodes:
            if bound is None:
                return None
            bound = self._one(node, bound)
        return bound

    def _one(self, node: cst.CSTNode, bound: frozenset[str]) -> _Bound:
        if type(node) not in _FOLLOWED:
            self._look(node, bound)
            return bound
        match node:
            case cst.SimpleStatementLine(body=body):
                return self.names_bound_after(body, bound)
            case cst.IndentedBlock(body=body) | cst.SimpleStatementSuite(body=body):
                return self.names_bound_after(body, bound)
            case cst.Assign(targets=targets, value=value):
                self._look(value, bound)
                for target in targets:
                    self._look(target.target, bound | set(bound_names(target.target)))
                    bound |= set(bound_names(target.target))
                return bound
            case cst.Else(body=body) | cst.Finally(body=body):
                return self._one(body, bound)
            case cst.If(test=test, body=body, orelse=orelse):
                bound = self._tested(test, bound)
                return _joined(self._one(body, bound), self._optional(orelse, bound))
            case cst.For() | cst.While():
                return self._loop(node, bound)
            case cst.Try() | cst.TryStar():
                return self._try(node, bound)
            case cst.With(items=items, body=body):
                entered = self.names_bound_after(items, bound)
                left = self._one(body, entered) if entered is not None else None
                return _joined(left, bound) if any(self._may_swallow(item) for item in items) else left
            case cst.WithItem(item=item, asname=asname):
                self._look(item, bound)
                return bound | set(bound_names(asname.name)) if asname is not None else bound
            case cst.Match(subject=subject, cases=cases):
                self._look(subject, bound)
                return _joined(bound - self._facts.deleted(node), *(self._case(case, bound) for case in cases))
            case cst.AnnAssign(target=target, value=value):
                if value is not None:
                    self._look(value, bound)
                return bound | set(bound_names(target)) if value is not None else bound
            case cst.Del(target=target):
                self._look(target, bound)
                return bound - self._facts.deleted(node)
            case cst.Return() | cst.Raise() | cst.Continue():
                self._look(node, bound)
                return None
            case cst.Break():
                if self._breaks:
                    self._breaks[-1].append(bound)
                return None
            case cst.Import() | cst.ImportFrom():
                return bound | binds(node)
            case _:
                assert isinstance(node, (cst.FunctionDef, cst.ClassDef))
                self._look(node, bound | {node.name.value})
                return bound | {node.name.value}

    def _look(self, node: cst.CSTNode, bound: frozenset[str] | set[str]) -> None:
        for name in free_names(node):
            if name.value not in bound:
                self.early.setdefault(name.value, name)

    def _tested(self, test: cst.BaseExpression, bound: frozenset[str]) -> frozenset[str]:
        """Return the names bound after a condition is evaluated: including `x` in `(x := ...) != y`."""
        first = test.left if isinstance(test, cst.Comparison) else test.expression if isinstance(test, cst.UnaryOperation) else test
        if not isinstance(first, cst.NamedExpr) or not isinstance(first.target, cst.Name):
            self._look(test, bound)
            return bound
        self._look(first.value, bound)
        bound |= {first.target.value}
        for other in test.comparisons if isinstance(test, cst.Comparison) else ():
            self._look(other.comparator, bound)
        return bound

    def _optional(self, node: cst.CSTNode | None, bound: _Bound) -> _Bound:
        return bound if node is None or bound is None else self._one(node, bound)

    def _loop(self, node: cst.For | cst.While, bound: frozenset[str]) -> _Bound:
        if isinstance(node, cst.For):
            self._look(node.iter, bound)
        else:
            bound = self._tested(node.test, bound)
        first = bound | set(bound_names(node.target)) if isinstance(node, cst.For) else bound
        self._breaks.append([])
        self._one(node.body, first - self._facts.deleted(node.body))
        breaks = self._breaks.pop()
        is_endless = isinstance(node, cst.While) and isinstance(node.test, cst.Name) and node.test.value == "True"
        ended = None if is_endless else self._optional(node.orelse, bound - self._facts.deleted(node.body))
        return _joined(ended, *breaks)

    def _try(self, node: cst.Try | cst.TryStar, bound: frozenset[str]) -> _Bound:
        caught = bound - self._facts.deleted(node.body)
        ends = [self._optional(node.orelse, self._one(node.body, bound))]
        for handler in node.handlers:
            name = set(bound_names(handler.name.name)) if handler.name is not None else set()
            if handler.type is not None:
                self._look(handler.type, caught)
            end = self._one(handler.body, caught | name)
            ends.append(end - name if end is not None else None)
        joined = _joined(*ends)
        if node.finalbody is None:
            return joined
        last = self._one(node.finalbody, caught.intersection(*(end for end in ends if end is not None)))
        return joined | last if joined is not None and last is not None else None

    def _case(self, case: cst.MatchCase, bound: frozenset[str]) -> _Bound:
        inner = bound | binds(case.pattern)
        if case.guard is not None:
            self._look(case.guard, inner)
        return self._one(case.body, inner)

    def _may_swallow(self, item: cst.WithItem) -> bool:
        """Return whether a with block may suppress an error in it."""
        return not isinstance(item.item, cst.Call) or self._facts.entry(item.item) is None


def _joined(*ways: _Bound) -> _Bound:
    """Return the names that are bound on every path."""
    open_ways = [way for way in ways if way is not None]
    return open_ways[0].intersection(*open_ways[1:]) if open_ways else None


def is_bound_before(name: str, statement: cst.CSTNode, facts: Facts) -> bool:
    """Return whether a name is surely bound where a statement starts, in its function or module."""
    around = facts.enclosing_function(statement)
    if around is not None and name in _parameters(around.params):
        return not _is_deleted(name, around, facts)
    home = around if around is not None else facts.module
    if _is_deleted(name, home, facts):
        return False
    flow = DefiniteAssignment(facts)
    below, above = statement, facts.parent(statement)
    while above is not None:
        bound: _Bound = frozenset()
        match above:
            case cst.IndentedBlock(body=body) | cst.Module(body=body):
                bound = _before_each(above, facts)[next(place for place, one in enumerate(body) if one is below)]
            case cst.For(target=target, body=inner) if inner is below:
                bound = frozenset(bound_names(target))
            case cst.With(items=items):
                bound = flow.names_bound_after(items, frozenset())
            case cst.ExceptHandler(name=cst.AsName(name=named)):
                bound = frozenset(bound_names(named))
            case cst.Try(body=tried, orelse=orelse) if orelse is below:
                bound = flow.names_bound_after([tried], frozenset())
            case _:
                pass
        if bound is None or name in bound:
            return True
        if above is home:
            return False
        below, above = above, facts.parent(above)
    return False


@memoized_for_last
def _before_each(block: cst.IndentedBlock | cst.Module, facts: Facts) -> list[_Bound]:
    """Return the names that are surely bound before each statement of a block, by the statements above it."""
    flow, found = DefiniteAssignment(facts), list[_Bound]([frozenset()])
    for statement in block.body:
        found.append(flow.names_bound_after([statement], found[-1]))
    return found


def _is_deleted(name: str, home: cst.CSTNode, facts: Facts) -> bool:
    return any(name in facts.deleted(child) for child in children(home))

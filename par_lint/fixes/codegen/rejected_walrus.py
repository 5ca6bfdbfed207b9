"""Code that Python parses but rejects: `:=` in some parts of a comprehension."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.analysis.syntax.nodes import SCOPES, children, clauses, descend
from par_lint.core.findings import Reason, ReasonKind
from par_lint.fixes.codegen.edit import Edit

_IN_ITERABLE = ReasonKind.FORM("the iterable of a comprehension cannot contain :=")


def find_rejected_walrus(edit: Edit) -> tuple[Reason, cst.CSTNode] | None:
    """Return why Python would reject the code of an edit, and the name that it binds there."""
    for _, new in edit.replaced:
        for node in new if isinstance(new, cst.FlattenSentinel) else [new]:
            if any(isinstance(inner, cst.NamedExpr) for inner in descend(node, into_functions=True)):
                found = next(_rejected_walruses(node), None)
                if found is not None:
                    return found
    return None


def _rejected_walruses(root: cst.CSTNode) -> Iterator[tuple[Reason, cst.CSTNode]]:
    """Yield each `:=` in an iterable (also in lambdas), or that binds the target of an enclosing comprehension."""
    stack: list[tuple[cst.CSTNode, frozenset[str], bool]] = [(root, frozenset(), False)]
    while stack:
        node, items, is_iterable = stack.pop()
        if isinstance(node, cst.NamedExpr):
            if is_iterable:
                yield _IN_ITERABLE, node.target
            for name in items.intersection(bound_names(node.target)):
                yield ReasonKind.NAMES(f":= in a comprehension cannot bind its own target `{name}`"), node.target
        if isinstance(node, cst.BaseComp):
            stack += ((clause.iter, items, True) for clause in clauses(node))
            items = items.union(name for clause in clauses(node) for name in bound_names(clause.target))
            stack += ((part, items, is_iterable) for part in _without_iterables(node))
        elif type(node) in SCOPES:
            stack += ((child, frozenset(), is_iterable) for child in children(node))
        else:
            stack += ((child, items, is_iterable) for child in children(node))


def _without_iterables(comprehension: cst.BaseComp) -> list[cst.CSTNode]:
    """Return the results and conditions of a comprehension."""
    parts = [child for child in children(comprehension) if not isinstance(child, cst.CompFor)]
    return [*parts, *(test for clause in clauses(comprehension) for test in clause.ifs)]

"""The names that get their values from other names: assignments and loops, followed from one iteration to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import libcst as cst

from par_lint.analysis.syntax.expression_names import bound_names, reads


class Binding(NamedTuple):
    """A binding of names to a value, or of the targets of a loop to what it iterates over."""

    node: cst.CSTNode
    names: frozenset[str]
    value: cst.BaseExpression


def bindings_in(nodes: Iterable[cst.CSTNode]) -> Iterator[Binding]:
    """Yield the bindings that nodes are: assignments, `for` statements and the `for` clauses of comprehensions."""
    for node in nodes:
        match node:
            case cst.Assign(targets=targets, value=value):
                yield Binding(node, frozenset(name for target in targets for name in bound_names(target.target)), value)
            case (
                cst.AnnAssign(target=target, value=cst.BaseExpression() as value) | cst.NamedExpr(target=target, value=value)
                | cst.For(target=target, iter=value) | cst.CompFor(target=target, iter=value)
            ):
                yield Binding(node, frozenset(bound_names(target)), value)
            case _:
                pass


def derived_names(names: Iterable[str], bindings: Sequence[Binding], sources: Iterable[Binding] = ()) -> frozenset[str]:
    """Return names with those that bindings derive from them.

    Args:
        names: the names to start with.
        bindings: in source order; those of one iteration are followed into the next one.
        sources: those of the bindings whose names count whatever their value reads.
    """
    found = set(names)
    always = set(sources)
    used = [(one, reads(one.value)) for one in bindings]
    for _ in range(2):  # one iteration, and what it leaves to the next one
        for binding, read in used:
            if binding in always or not read.isdisjoint(found):
                found |= binding.names
    return frozenset(found)

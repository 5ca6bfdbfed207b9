"""Generator expressions: which part of one runs at once, and what goes over the rest of it."""

from __future__ import annotations

from collections.abc import Collection

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.nodes import descend

_GOING_OVER = frozenset({"list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max", "any", "all", "bytes", "bytearray"})
"""Builtins that go over what they are given before they return."""


def evaluated_later(node: cst.GeneratorExp) -> set[cst.CSTNode]:
    """All of a generator but what it goes over first, which is evaluated at once."""
    return set(descend(node, into_functions=True)) - set(descend(node.for_in.iter, into_functions=True))


def read_later(loop: cst.For, calls: Collection[cst.Call], facts: Facts) -> cst.GeneratorExp | None:
    """Return a generator that does some I/O where it is gone over later: it is kept, and given neither to a call nor to a loop."""
    for node in facts.own_descendants(loop.body) if cst.GeneratorExp in facts.kinds(loop.body) else ():
        if isinstance(node, cst.GeneratorExp) and not isinstance(facts.parent(node), (cst.Arg, cst.For, cst.CompFor, cst.StarredElement)):
            if not evaluated_later(node).isdisjoint(calls):
                return node
    return None


def goes_over(node: cst.CSTNode, facts: Facts) -> bool:
    """Whether a call goes over all that its one argument gives before it returns."""
    if not isinstance(node, cst.Call) or len(node.args) != 1:
        return False
    is_join = isinstance(node.func, cst.Attribute) and node.func.attr.value == "join" and isinstance(node.func.value, (cst.SimpleString, cst.ConcatenatedString))
    return is_join or facts.name(node) in _GOING_OVER

"""Generator expressions: which part runs immediately, and which code consumes the rest."""

from __future__ import annotations

from collections.abc import Collection

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.nodes import descend

_GOING_OVER = frozenset({"list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max", "any", "all", "bytes", "bytearray"})
"""Built-ins that exhaust their argument before they return."""


def deferred_parts(node: cst.GeneratorExp) -> set[cst.CSTNode]:
    """Return the parts of a generator that run lazily: all except its first iterable."""
    return set(descend(node, into_functions=True)) - set(descend(node.for_in.iter, into_functions=True))


def find_deferred_io(loop: cst.For, calls: Collection[cst.Call], facts: Facts) -> cst.GeneratorExp | None:
    """Return a generator with I/O that is consumed later: it is stored, and not passed to a call or a loop."""
    for node in facts.own_descendants(loop.body) if cst.GeneratorExp in facts.node_types(loop.body) else ():
        if isinstance(node, cst.GeneratorExp) and not isinstance(facts.parent(node), (cst.Arg, cst.For, cst.CompFor, cst.StarredElement)):
            if not deferred_parts(node).isdisjoint(calls):
                return node
    return None


def exhausts_argument(node: cst.CSTNode, facts: Facts) -> bool:
    """Return whether a call exhausts its only argument before it returns."""
    if not isinstance(node, cst.Call) or len(node.args) != 1:
        return False
    is_join = isinstance(node.func, cst.Attribute) and node.func.attr.value == "join" and isinstance(node.func.value, (cst.SimpleString, cst.ConcatenatedString))
    return is_join or facts.name(node) in _GOING_OVER

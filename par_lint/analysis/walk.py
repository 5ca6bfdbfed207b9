"""One pass over a module for all rules.

LibCST's own `Module.visit` would do the same (the rules are ordinary CSTVisitors) but rebuilds every node on the way.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import libcst as cst

from par_lint.analysis.tree import Tree

_Method = Callable[[cst.CSTVisitor, cst.CSTNode], object]


def walk(tree: Tree, visitors: Sequence[cst.CSTVisitor]) -> None:
    """Call the `visit_*` methods of all visitors, in the order in which `Module.visit` would. Rules leave no node."""
    methods = _methods(tuple(map(type, visitors)))
    for node in tree.all_of(*methods):
        for number, visit in methods[type(node)]:
            visit(visitors[number], node)


@functools.cache
def _methods(types: tuple[type, ...]) -> dict[type[cst.CSTNode], list[tuple[int, _Method]]]:
    """What visitors of these types have to visit each kind of node, each with the position of its type."""
    found: dict[type[cst.CSTNode], list[tuple[int, _Method]]] = {}
    for number, visitor in enumerate(types):
        for name in dir(visitor):
            if name.startswith("visit_") and getattr(visitor, name) is not getattr(cst.CSTVisitor, name, None):
                kind = getattr(cst, name.removeprefix("visit_"))
                found.setdefault(kind, []).append((number, getattr(visitor, name)))
    return found

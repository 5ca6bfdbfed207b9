"""Visit a module once for all rules.

The rules are ordinary CSTVisitors, but LibCST's own `Module.visit` would rebuild every node.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import libcst as cst

from par_lint.analysis.syntax.parents import NodeTree

_Method = Callable[[cst.CSTVisitor, cst.CSTNode], object]
_Failed = Callable[[cst.CSTNode, Exception], object]


def walk(tree: NodeTree, visitors: Sequence[cst.CSTVisitor], failed: _Failed) -> None:
    """Call the `visit_*` methods of all visitors in the order in which `Module.visit` would. Rules have no `leave_*` methods."""
    methods = _methods(tuple(map(type, visitors)))
    for node in tree.all_of(*methods):
        for number, visit in methods[type(node)]:
            try:
                visit(visitors[number], node)
            except Exception as error:
                failed(node, error)


@functools.cache
def _methods(types: tuple[type, ...]) -> dict[type[cst.CSTNode], list[tuple[int, _Method]]]:
    """Return the visitor methods for each kind of node, each with the position of the visitor."""
    found: dict[type[cst.CSTNode], list[tuple[int, _Method]]] = {}
    for number, visitor in enumerate(types):
        for name in dir(visitor):
            if name.startswith("visit_") and getattr(visitor, name) is not getattr(cst.CSTVisitor, name, None):
                kind = getattr(cst, name.removeprefix("visit_"))
                found.setdefault(kind, []).append((number, getattr(visitor, name)))
    return found

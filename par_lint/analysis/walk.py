"""One pass over a module for all rules.

LibCST's own `Module.visit` would do the same (the rules are ordinary CSTVisitors) but rebuilds every node on the way.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import libcst as cst

from par_lint.analysis.nodes import children

_Method = Callable[[cst.CSTVisitor, cst.CSTNode], object]
_Methods = tuple[tuple[int, _Method], ...]


def walk(module: cst.Module, visitors: Sequence[cst.CSTVisitor]) -> None:
    """Call the `visit_*` and `leave_*` methods of all visitors, in the order in which `Module.visit` would."""
    types = tuple(map(type, visitors))
    stack: list[cst.CSTNode | list[cst.CSTNode]] = [module]
    while stack:
        node = stack.pop()
        if isinstance(node, list):  # all below its one node is done
            for number, leave in _methods(types, type(node[0]))[1]:
                leave(visitors[number], node[0])
            continue
        visits, leaves = _methods(types, type(node))
        for number, visit in visits:
            visit(visitors[number], node)
        if leaves:
            stack.append([node])
        below = children(node)
        below.reverse()
        stack += below


@functools.cache
def _methods(types: tuple[type, ...], kind: type) -> tuple[_Methods, _Methods]:
    """What visitors of these types have to visit and to leave a kind of node, each with the position of its type."""
    return _named("visit_" + kind.__name__, types), _named("leave_" + kind.__name__, types)


def _named(name: str, types: tuple[type, ...]) -> _Methods:
    methods = ((number, getattr(kind, name, None)) for number, kind in enumerate(types))
    return tuple((number, method) for number, method in methods if method is not None and method is not getattr(cst.CSTVisitor, name, None))

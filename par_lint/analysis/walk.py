"""One pass over a module for all rules.

LibCST's own `Module.visit` would do the same (the rules are ordinary CSTVisitors) but rebuilds every node on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from par_lint.analysis.nodes import children

_Method = Callable[[cst.CSTNode], object]


def walk(module: cst.Module, visitors: Sequence[cst.CSTVisitor]) -> None:
    """Call the `visit_*` and `leave_*` methods of all visitors, in the order in which `Module.visit` would."""
    table: dict[type, tuple[list[_Method], list[_Method]]] = {}

    def methods(kind: type) -> tuple[list[_Method], list[_Method]]:
        if kind not in table:
            found = ([], [])  # type: tuple[list[_Method], list[_Method]]
            for prefix, into in zip(("visit_", "leave_"), found):
                for visitor in visitors:
                    method = getattr(type(visitor), prefix + kind.__name__, None)
                    if method is not None and method is not getattr(cst.CSTVisitor, prefix + kind.__name__, None):
                        into.append(method.__get__(visitor))
            table[kind] = found
        return table[kind]

    stack: list[tuple[cst.CSTNode, bool]] = [(module, False)]
    while stack:
        node, done = stack.pop()
        visits, leaves = methods(type(node))
        if done:
            for leave in leaves:
                leave(node)
            continue
        for visit in visits:
            visit(node)
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(list(children(node))))

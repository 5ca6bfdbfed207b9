"""Names in standard trees: dotted names, and names that a target binds."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from par_lint.analysis.semantics.ast_walk import children


def dotted(node: ast.AST | None) -> str | None:
    """Return `a.b.c` for a name or an attribute of one."""
    parts: list[str] = []
    while type(node) is ast.Attribute:
        parts.append(node.attr)
        node = node.value
    if type(node) is not ast.Name:
        return None
    return ".".join([node.id, *reversed(parts)]) if parts else node.id


def bound_names(target: ast.expr) -> list[str]:
    """Return the plain names that an assignment to `target` binds."""
    kind = type(target)
    if kind is ast.Name:
        return [target.id]  # type: ignore[attr-defined]
    if kind is ast.Tuple or kind is ast.List:
        return [name for element in target.elts for name in bound_names(element)]  # type: ignore[attr-defined]
    return bound_names(target.value) if kind is ast.Starred else []  # type: ignore[attr-defined]


def read_paths(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the dotted names that code reads, each in full length."""
    found: set[str] = set()
    stack = list(nodes)
    while stack:
        node = stack.pop()
        path = dotted(node)
        if path is not None:
            found.add(path)
        else:
            stack += children(node)
    return found


def in_order(node: ast.AST) -> list[ast.AST]:
    """Return the direct children of a node in evaluation order, except for conditional expressions: dict values follow their keys."""
    if isinstance(node, ast.Dict):
        return [part for pair in zip(node.keys, node.values) for part in pair if part is not None]
    return children(node)

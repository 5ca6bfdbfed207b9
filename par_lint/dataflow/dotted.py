"""Names in standard trees: dotted ones, and those that a target binds."""

from __future__ import annotations

import ast
from collections.abc import Iterable

_NEVER_RUN = frozenset({"annotation", "returns", "ctx", "op", "ops"})


def dotted(node: ast.AST | None) -> str | None:
    """`a.b.c` of a name or an attribute of one."""
    parts: list[str] = []
    while type(node) is ast.Attribute:
        parts.append(node.attr)
        node = node.value
    if type(node) is not ast.Name:
        return None
    return ".".join([node.id, *reversed(parts)]) if parts else node.id


def bound_names(target: ast.expr) -> list[str]:
    """The plain names that an assignment to `target` binds."""
    kind = type(target)
    if kind is ast.Name:
        return [target.id]  # type: ignore[attr-defined]
    if kind is ast.Tuple or kind is ast.List:
        return [name for element in target.elts for name in bound_names(element)]  # type: ignore[attr-defined]
    return bound_names(target.value) if kind is ast.Starred else []  # type: ignore[attr-defined]


def read_paths(nodes: Iterable[ast.AST]) -> set[str]:
    """The dotted names that code reads, the longest of each."""
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


def children(node: ast.AST) -> list[ast.AST]:
    """The children of a node that run, in source order but for those of a conditional expression."""
    kind = type(node)
    if kind is ast.Dict:
        return [part for pair in zip(node.keys, node.values) for part in pair if part is not None]  # type: ignore[attr-defined]
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _NEVER_RUN)
    found: list[ast.AST] = []
    for name in fields:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += [child for child in value if isinstance(child, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


_FIELDS: dict[type, tuple[str, ...]] = {ast.Name: (), ast.Constant: ()}

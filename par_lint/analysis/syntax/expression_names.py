"""Names in LibCST trees: dotted names, and names that a target binds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst

from par_lint.analysis.syntax.nodes import children, descend


def dotted(node: cst.CSTNode | None) -> str | None:
    """Return `a.b.c` for a name or an attribute of one."""
    parts: list[str] = []
    while type(node) is cst.Attribute:
        parts.append(node.attr.value)
        node = node.value
    if type(node) is not cst.Name:
        return None
    return ".".join([node.value, *reversed(parts)]) if parts else node.value


def root_name(node: cst.BaseExpression) -> str | None:
    """Return the name that an attribute or an element is reached through: of `info.files[0]` it is `info`."""
    while isinstance(node, (cst.Attribute, cst.Subscript)):
        node = node.value
    return node.value if isinstance(node, cst.Name) else None


def is_label(node: cst.Name, above: cst.CSTNode | None) -> bool:
    """Return whether a name only labels something and looks nothing up: `file` in `print(file=...)` and in `log.file`."""
    match above:
        case cst.Attribute(attr=label) | cst.Arg(keyword=label):
            return label is node
        case _:
            return False


def terminal(call: cst.Call) -> str:
    """Return the last part of the callee's name; empty if it has none."""
    func = call.func
    if type(func) is cst.Name:
        return func.value
    return func.attr.value if type(func) is cst.Attribute else ""


def bound_names(target: cst.CSTNode) -> list[str]:
    """Return the plain names that an assignment to `target` binds."""
    kind = type(target)
    if kind is cst.Name:
        return [target.value]  # type: ignore[attr-defined]
    if kind is cst.Tuple or kind is cst.List:
        return [name for element in target.elements for name in bound_names(element.value)]  # type: ignore[attr-defined]
    return []


def reads(node: cst.CSTNode) -> set[str]:
    """Return all names in a piece of code, except attributes and keywords."""
    found: set[str] = set()
    stack = [node]
    while stack:
        current = stack.pop()
        kind = type(current)
        if kind is cst.Name:
            found.add(current.value)  # type: ignore[attr-defined]
        elif kind is cst.Attribute or kind is cst.Arg:
            stack.append(current.value)  # type: ignore[attr-defined]
        else:
            stack += children(current)
    return found


def read_paths(node: cst.CSTNode) -> set[str]:
    """Return the dotted names that a piece of code reads, each in full length."""
    found: set[str] = set()
    stack = [node]
    while stack:
        current = stack.pop()
        path = dotted(current)
        if path is not None:
            found.add(path)
        elif isinstance(current, cst.Arg):
            stack.append(current.value)
        else:
            stack.extend(children(current))
    return found


UNBINDING = frozenset({cst.Del, cst.ExceptHandler})
"""Nodes that unbind names."""


def deleted(nodes: Iterable[cst.CSTNode]) -> set[str]:
    """Return the names that the nodes of a piece of code unbind in its own scope; a handler also unbinds the name of its exception."""
    found: set[str] = set()
    for inner in nodes:
        kind = type(inner)
        if kind is cst.Del:
            found.update(bound_names(inner.target))  # type: ignore[attr-defined]
        elif kind is cst.ExceptHandler and inner.name is not None:  # type: ignore[attr-defined]
            found.update(bound_names(inner.name.name))  # type: ignore[attr-defined]
    return found


_BINDING = frozenset({
    cst.AssignTarget, cst.AnnAssign, cst.For, cst.NamedExpr, cst.CompFor, cst.AsName, cst.MatchAs, cst.MatchStar, cst.MatchMapping, cst.FunctionDef,
    cst.ClassDef, cst.Lambda, cst.ImportAlias,
})  # fmt: skip


def assigned(node: cst.CSTNode, nodes: Iterable[cst.CSTNode] | None = None) -> set[str]:
    """Return the names that a piece of code binds in its own scope, or in comprehensions and lambdas; `nodes` are those of `descend`, if known."""
    found: set[str] = set()
    for inner in descend(node) if nodes is None else nodes:
        kind = type(inner)
        if kind not in _BINDING:
            continue
        match inner:
            case cst.CompFor(target=target):
                found.update(bound_names(target))
            case cst.Lambda():
                found.update(param.name.value for param in inner.params.params)
            case _ if inner is not node or kind not in (cst.FunctionDef, cst.ClassDef):
                found.update(bound_by(inner))
            case _:
                pass
    return found


def bound_by(node: cst.CSTNode) -> Sequence[str]:
    """Return the names that one node itself binds in its scope."""
    kind = type(node)
    if kind not in _BINDING and kind is not cst.AugAssign:
        return ()
    match node:
        case cst.AssignTarget(target=target) | cst.AnnAssign(target=target) | cst.For(target=target) | cst.NamedExpr(target=target):
            return bound_names(target)
        case cst.AugAssign(target=target):
            return bound_names(target)
        case cst.AsName(name=name) | cst.MatchAs(name=cst.Name() as name) | cst.MatchStar(name=cst.Name() as name):
            return bound_names(name)
        case cst.MatchMapping(rest=cst.Name(value=value)) | cst.ImportAlias(asname=None, name=cst.Name(value=value)):
            return [value]
        case cst.FunctionDef(name=cst.Name(value=value)) | cst.ClassDef(name=cst.Name(value=value)):
            return [value]
        case _:
            return ()

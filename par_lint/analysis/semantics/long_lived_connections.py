"""Connections that keep the timeout they are opened with: it would also end a later read that waits for the next message."""

from __future__ import annotations

import ast

from par_lint.analysis.semantics.access_path import access_path, last_name
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.scopes import CallSite

_READS = frozenset({"recv", "recv_into", "recvfrom", "recv_data", "recv_frame", "read", "readline", "makefile", "accept"})


def is_long_lived(site: CallSite) -> bool:
    """Return whether a connection leaves the function that makes it, or is read in a loop, without a limit of its own there."""
    names = {name for name, bindings in site.scope.bindings.items() for one in bindings if isinstance(one, Assigned) and site.node in (one.value, one.entered)}
    for node in ast.walk(site.scope.node):
        if isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name) and any(inner is site.node for inner in ast.walk(node.context_expr)):
            names.add(node.optional_vars.id)  # with closing(...) as name
    if not names:
        return not _is_closed(site)
    for node in ast.walk(site.scope.node):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="settimeout")) if name in names:
                return False
            case _:
                pass
    return any(_escapes(node, names) for node in ast.walk(site.scope.node))


def _is_closed(site: CallSite) -> bool:
    """Whether the connection is only tried: `create_connection(address).close()`, or `with create_connection(address):`."""
    for node in ast.walk(site.scope.node):
        if isinstance(node, (ast.With, ast.AsyncWith)) and any(item.context_expr is site.node for item in node.items):
            return True
        if isinstance(node, ast.Expr) and (node.value is site.node or isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute) and node.value.func.value is site.node):
            return True
    return False


def _escapes(node: ast.AST, names: set[str]) -> bool:
    match node:
        case ast.Return(value=value) | ast.Yield(value=value):
            given = [value]
        case ast.Assign(targets=targets, value=value) if any(isinstance(target, (ast.Attribute, ast.Subscript)) for target in targets):
            given = [value]
        case ast.For() | ast.While():
            return any(isinstance(one, ast.Attribute) and one.attr in _READS and access_path(one.value)[0] in names for one in ast.walk(node))
        case ast.Call(func=func, args=args, keywords=keywords) if last_name(func) not in ("closing", "print"):
            given = [*args, *(keyword.value for keyword in keywords)]
        case _:
            return False
    return any(isinstance(one, ast.Name) and one.id in names for one in given if one is not None)

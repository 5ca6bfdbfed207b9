"""How much a connection of `http.client` sends: its limit counts over the whole of a body, not over each part of it."""

from __future__ import annotations

import ast

from par_lint.analysis.semantics.access_path import access_path, last_name
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.scopes import CallSite, Scope

_SENDING = frozenset({"request", "send", "endheaders"})
_SMALL_MAKERS = frozenset({"urlencode", "dumps", "quote"})
_DEPTH = 4  # names followed from a body to what it is made of
_BODY = {"request": 2, "send": 0, "endheaders": 0}


def sends_unknown_body(site: CallSite, index: FileIndex) -> bool:
    """Whether what is sent over a new connection may be large, as far as the file shows it.

    For a connection that stays in its function, only its requests count; for one that escapes, all requests of the file, at least one.
    """
    names = {name for name, bindings in site.scope.bindings.items() for one in bindings if isinstance(one, Assigned) and one.value is site.node}
    sends = [one for name in _SENDING for one in index.by_method.get(name, ())]
    if names and not any(_escapes(name, site.scope) for name in names):
        sends = [one for one in sends if one.scope is site.scope and isinstance(one.node.func, ast.Attribute) and access_path(one.node.func.value)[0] in names]
    elif not sends:
        return True
    return any(not _is_small(body, one.scope, _DEPTH) for one in sends if (body := _body(one)) is not None)


def is_whole_file(node: ast.expr, scope: Scope) -> bool:
    """Whether a value is the content of a file, read at once or open."""
    match node:
        case ast.Call(func=ast.Attribute(attr="read_bytes" | "read_text")) | ast.Call(func=ast.Name("open")):
            return True
        case ast.Call(func=ast.Attribute(value=value, attr="read"), args=[]):
            return is_whole_file(value, scope)
        case ast.Name(id=name):
            found = scope.find(name)
            values = [value for one in (found[1] if found is not None else ()) if isinstance(one, Assigned) for value in (one.value, one.entered)]
            return any(isinstance(value, ast.Call) and is_whole_file(value, scope) for value in values)
        case _:
            return False


def _body(site: CallSite) -> ast.expr | None:
    named = next((keyword.value for keyword in site.node.keywords if keyword.arg in ("body", "message_body", "data")), None)
    position = _BODY[site.name]
    return named if named is not None else site.node.args[position] if len(site.node.args) > position else None


def _escapes(name: str, scope: Scope) -> bool:
    """Whether an object is passed to another function, returned, or stored."""
    for node in ast.walk(scope.node):
        match node:
            case ast.Call(args=args, keywords=keywords):
                given = [*args, *(keyword.value for keyword in keywords)]
            case ast.Return(value=ast.expr() as value) | ast.Yield(value=ast.expr() as value):
                given = [value]
            case ast.Assign(targets=targets, value=value) if any(isinstance(target, (ast.Attribute, ast.Subscript)) for target in targets):
                given = [value]
            case _:
                continue
        if any(isinstance(one, ast.Name) and one.id == name for one in given):
            return True
    return False


def _is_small(node: ast.expr, scope: Scope, depth: int) -> bool:
    """Whether a body is a form, or a record that is written here."""
    match node:
        case ast.Constant() | ast.JoinedStr() | ast.Dict():
            return True
        case ast.BinOp(left=left, right=right):
            return _is_small(left, scope, depth) and (isinstance(node.op, ast.Mod) or _is_small(right, scope, depth))
        case ast.Call(func=ast.Attribute(value=value, attr="encode" | "strip" | "format")):
            return _is_small(value, scope, depth)
        case ast.Call(func=func):
            return last_name(func) in _SMALL_MAKERS
        case ast.Name(id=name) if depth:
            found = scope.find(name)
            values = [one.value if isinstance(one, Assigned) else None for one in found[1]] if found is not None else []
            return bool(values) and all(value is not None and _is_small(value, scope, depth - 1) for value in values)
        case _:
            return False

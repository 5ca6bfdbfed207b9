"""Coroutine calls whose names suggest I/O, for calls that are neither in the file nor in the catalogue."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.io_words import is_broadcast, is_certainly_io, is_request, suggests_io
from par_lint.analysis.semantics.scopes import CallSite, Loop


def names_suggest_io(site: CallSite) -> bool:
    """Return whether awaiting a call waits for a file or the network, judged by the names before it."""
    spelled = _spelled(site.node.func)
    if spelled is None:
        return False
    receiver, _, method = spelled.rpartition(".")
    return suggests_io(receiver, method, is_item=receiver.partition(".")[0] in _items(site.loop))


def may_be_request(site: CallSite) -> bool:
    """Return whether a method asks something elsewhere, judged by its name, if its object is a client."""
    receiver, dot, method = (_spelled(site.node.func) or "").rpartition(".")
    return bool(dot) and is_request(receiver, method)


def is_certainly_io_by_name(site: CallSite, *, is_imported: bool) -> bool:
    """Whether the names leave no doubt that awaiting a call waits for a file or the network."""
    spelled = _spelled(site.node.func)
    if spelled is None:
        return False
    receiver, _, method = spelled.rpartition(".")
    return is_certainly_io(receiver, method, is_item=receiver in _items(site.loop), is_imported=is_imported)


def is_sent_to_each(site: CallSite) -> bool:
    """Whether a call sends something to the websocket that its loop has as an item."""
    receiver, _, method = (_spelled(site.node.func) or "").rpartition(".")
    return is_broadcast(receiver, method) and receiver in _items(site.loop)


def awaited_calls(scope: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls in what a coroutine awaits, enters or iterates over."""
    for node in walk(scope):
        match node:
            case ast.Await(value=waited) | ast.AsyncFor(iter=waited):
                parts = [waited]
            case ast.AsyncWith(items=items):
                parts = [item.context_expr for item in items]
            case ast.comprehension(is_async=1, iter=waited):
                parts = [waited]
            case _:
                continue
        yield from (inner for part in parts for inner in walk(part) if isinstance(inner, ast.Call))


def _spelled(node: ast.expr) -> str | None:
    """Return the names before a callee, without calls and subscripts."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            inner = _spelled(value)
            return None if inner is None else f"{inner}.{attr}"
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return _spelled(inner)
        case _:
            return None


def _items(loop: Loop | None) -> set[str]:
    """Return the names that a loop and its enclosing loops bind."""
    found: set[str] = set()
    while loop is not None:
        targets = [loop.node.target] if isinstance(loop.node, (ast.For, ast.AsyncFor)) else [clause.target for clause in getattr(loop.node, "generators", ())]
        found.update(node.id for target in targets for node in walk(target) if isinstance(node, ast.Name))
        loop = loop.outer
    return found

"""The `try` statements around a call, and which handler catches an exception that it may newly raise."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.scopes import CallSite, Function

_ALL = frozenset({"Exception", "BaseException"})


def find_handler(site: CallSite, raises: str, resolver: Resolver) -> ast.ExceptHandler | None:
    """Return the innermost handler around a call, in the same scope, that catches an exception."""
    return _first_handler(site, _ALL | resolver.catalog.caught_by(raises) | {raises.rpartition(".")[2]}, resolver.index)


def has_named_handler(site: CallSite, raises: str, index: FileIndex) -> bool:
    """Return whether a handler around a call, in the same scope, names an exception itself."""
    return _first_handler(site, frozenset({raises.rpartition(".")[2]}), index) is not None


def find_near_handler(site: CallSite, raises: str, resolver: Resolver) -> ast.ExceptHandler | None:
    """Return the innermost handler around a call, in the same scope, for other errors of the call than an exception."""
    return next(near_handlers(site, raises, resolver), None)


def find_handlers_of_callers(site: CallSite, raises: str, resolver: Resolver) -> tuple[ast.ExceptHandler | None, ast.ExceptHandler | None]:
    """Return the first handler around the calls of the function of a call that catches an exception, and the first for its other errors only."""
    if not isinstance(site.scope, Function):
        return None, None
    callers = [one for one in resolver.index.called(site.scope.name) if one.scope is not site.scope]
    catching = [handler for one in callers if (handler := find_handler(one, raises, resolver)) is not None]
    others = [handler for one in callers if find_handler(one, raises, resolver) is None and (handler := find_near_handler(one, raises, resolver)) is not None]
    return next(iter(catching), None), next(iter(others), None)


def near_handlers(site: CallSite, raises: str, resolver: Resolver) -> Iterator[ast.ExceptHandler]:
    """Yield the handlers around a call, in the same scope, for other errors of the call than an exception, the innermost first."""
    beside = resolver.catalog.related_errors(raises)
    for node in tries_around(site, resolver.index):
        for handler in node.handlers:
            if handler.type is not None and not beside.isdisjoint(_named(handler.type, resolver.index)):
                yield handler


def waits_to_try_again(handler: ast.ExceptHandler) -> bool:
    """Whether a handler sleeps: it is part of a loop that makes the call again."""
    return any(isinstance(node, ast.Call) and last_name(node.func) == "sleep" for statement in handler.body for node in ast.walk(statement))


def _first_handler(site: CallSite, caught: Set[str], index: FileIndex) -> ast.ExceptHandler | None:
    for node in tries_around(site, index):
        for handler in node.handlers:
            if handler.type is None:
                return handler if caught >= _ALL else None
            if not caught.isdisjoint(_named(handler.type, index)):
                return handler
    return None


def _named(caught: ast.expr, index: FileIndex) -> set[str]:
    """Return the last parts of the names of exceptions, and those under which they are imported."""
    found: set[str] = set()
    for name in caught.elts if isinstance(caught, ast.Tuple) else [caught]:
        found.add(last_name(name))
        found.update(qualified.rpartition(".")[2] for qualified in index.imports.get(last_name(name), ()) if isinstance(name, ast.Name))
    return found


def tries_around(site: CallSite, index: FileIndex) -> list[ast.Try]:
    """Return the `try` statements of the same scope whose body makes a call, innermost first."""
    line, first = site.node.lineno, getattr(site.scope.node, "lineno", 1)
    tries = [
        node for node in index.tries
        if first <= node.lineno and node.body[0].lineno <= line <= (node.body[-1].end_lineno or node.body[-1].lineno)
    ]  # fmt: skip
    return sorted(tries, key=lambda one: one.lineno, reverse=True)

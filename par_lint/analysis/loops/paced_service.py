"""Rate-limited services: the file waits between two requests, so many concurrent ones would be refused."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.ast_walk import children
from par_lint.analysis.semantics.dataflow.code_patterns import is_retry_loop
from par_lint.analysis.semantics.dataflow.symbols import definition_around
from par_lint.analysis.semantics.scopes import CallSite
from par_lint.core.catalog.entry import Kind
from par_lint.core.memo import memoized_for_last

_PAUSE = re.compile(r"sleep|delay|pause|interval|throttle|rate|polite|limit", re.IGNORECASE)


@memoized_for_last
def find_pause_between_requests(facts: Facts) -> int | None:
    """Return the line of a `sleep` in a function that makes requests: not between tries of one, and not while something is waited for."""
    for site in facts.index.called("sleep"):
        around = definition_around(site.scope)
        if around is None or not _is_pause(site.node) or site.node not in _plain_calls(around.node):
            continue
        if any(_makes_request(call, facts) for call in around.calls):
            return site.node.lineno
    return None


def _is_pause(call: ast.Call) -> bool:
    """Whether it waits for a time that is a number, or is named after what it is for."""
    match call.args:
        case [ast.Constant(value=int() | float())]:
            return True
        case [value]:
            return any(_PAUSE.search(node.id if isinstance(node, ast.Name) else node.attr) for node in ast.walk(value) if isinstance(node, (ast.Name, ast.Attribute)))
        case _:
            return False


def _makes_request(call: CallSite, facts: Facts) -> bool:
    entry = facts.resolver.entry(call)
    if entry is not None:
        return entry.kind is Kind.NETWORK
    return isinstance(call.node.func, ast.Attribute) and call.node.func.attr in ("urlopen", "get_content")


def _plain_calls(function: ast.AST) -> set[ast.AST]:
    """Yield the calls of a function outside error handlers, and outside loops that wait or retry."""
    return set(_calls(function))


def _calls(node: ast.AST) -> Iterator[ast.AST]:
    for child in children(node):
        if isinstance(child, (ast.ExceptHandler, ast.While)) or isinstance(child, (ast.For, ast.AsyncFor)) and is_retry_loop(child):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from _calls(child)

"""Awaited calls that something around them limits: `asyncio.wait_for`, `async with asyncio.timeout(5)`, `with anyio.fail_after(5)`."""

from __future__ import annotations

import ast

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.index import FileIndex
from par_lint.analysis.semantics.naming_evidence import awaited_calls
from par_lint.analysis.semantics.none_values import is_none

_CONTEXTS = frozenset({"timeout", "timeout_at", "fail_after", "fail_at", "move_on_after", "move_on_at"})


def limited_calls(index: FileIndex) -> set[ast.expr]:
    """The calls of a file that have a limit from outside."""
    found: set[ast.expr] = set()
    for site in index.called("wait_for"):
        limit = [*site.node.args[1:2], *(keyword.value for keyword in site.node.keywords if keyword.arg == "timeout")]
        if site.node.args and not any(map(is_none, limit)):
            found.update(inner for inner in ast.walk(site.node.args[0]) if isinstance(inner, ast.Call))
    if any(index.called(name) for name in _CONTEXTS):
        for node in (*index.all_of(ast.With), *index.all_of(ast.AsyncWith)):
            if any(_limits(item.context_expr) for item in node.items):  # type: ignore[attr-defined]
                found.update(awaited_calls(node))
    return found


def _limits(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) in _CONTEXTS and bool(node.args) and not is_none(node.args[0])

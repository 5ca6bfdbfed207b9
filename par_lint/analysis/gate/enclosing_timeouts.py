"""Calls with a timeout from the surrounding code: `asyncio.wait_for`, `async with asyncio.timeout(5)`, `with gevent.Timeout(5)`, an alarm."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.naming_evidence import awaited_calls
from par_lint.analysis.semantics.none_values import is_none

_CANCELLING = frozenset({"timeout", "timeout_at", "fail_after", "fail_at", "move_on_after", "move_on_at", "CancelScope"})
"""Contexts that cancel what is awaited in them."""
_INTERRUPTING = frozenset({"Timeout", "timeout", "time_limit", "ThreadingTimeout", "SignalTimeout"})
"""Contexts that interrupt the code in them, by a signal or a green thread: those of gevent, eventlet, stopit."""
_DECORATORS = frozenset({"timeout", "func_set_timeout", "timeoutable"})
_ALARMS = ("alarm", "setitimer")


def limited_calls(index: FileIndex) -> set[ast.expr]:
    """Return the calls of a file that surrounding code limits."""
    found: set[ast.expr] = set()
    for site in index.called("wait_for"):
        named = {keyword.arg: keyword.value for keyword in site.node.keywords}
        limit = [*site.node.args[1:2], *([named["timeout"]] if "timeout" in named else ())]
        waited = [*site.node.args[:1], *([named["fut"]] if "fut" in named else ())]
        if waited and not any(map(is_none, limit)):
            found.update(_calls(waited[0]))
    if any(index.called(name) for name in _CANCELLING | _INTERRUPTING):
        for node in (*index.all_of(ast.With), *index.all_of(ast.AsyncWith)):
            assert isinstance(node, (ast.With, ast.AsyncWith))
            names = {last_name(item.context_expr.func) for item in node.items if isinstance(item.context_expr, ast.Call) and _limits(item.context_expr)}
            if names & _CANCELLING:
                found.update(awaited_calls(node))
            if names & _INTERRUPTING and isinstance(node, ast.With):
                found.update(call for statement in node.body for call in _calls(statement))
        for function in index.decorated:
            decorators = getattr(function.node, "decorator_list", ())
            if any(isinstance(one, ast.Call) and last_name(one.func) in _DECORATORS and _limits(one) for one in decorators):
                found.update(_calls(function.node))
    for site in (site for name in _ALARMS for site in index.called(name)):
        if any(not isinstance(arg, ast.Constant) or arg.value for arg in site.node.args[-1:]):
            found.update(call.node for call in site.scope.calls)
    return found


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (inner for inner in walk(node) if isinstance(inner, ast.Call))


def _limits(node: ast.Call) -> bool:
    given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg in ("delay", "seconds", "deadline", "when"))]
    return bool(given) and not is_none(given[0])

"""Calls that run a function elsewhere and wait for it: `asyncio.to_thread(f, x)` waits for `f(x)`."""

from __future__ import annotations

import ast

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.call_resolver import Value
from par_lint.analysis.semantics.dataflow.symbols import Symbols
from par_lint.analysis.semantics.reachability import handed_position, is_iter_of_calls


def handed_call(call: ast.Call, known: Symbols) -> tuple[ast.Call, Value | None] | None:
    """Return the equivalent direct call and its callee; None for any other call."""
    site = known.site(call) if call.args else None
    position = handed_position(call, site.scope, known.resolver) if site is not None else None
    if site is None or position is None or position >= len(call.args):
        return None
    if any(isinstance(arg, ast.Starred) for arg in call.args[: position + 1]):
        return None
    given = func = call.args[position]
    args, keywords = [] if is_iter_of_calls(call) else call.args[position + 1 :], call.keywords
    if isinstance(func, ast.Call) and func.args and last_name(func.func) == "partial":
        args, keywords = [*func.args[1:], *args], [*func.keywords, *keywords]
        func = func.args[0]
    return ast.Call(func, args, keywords), known.resolver.expression(given, site.scope)

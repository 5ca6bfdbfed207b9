"""Calls that run a function argument and wait for it: `asyncio.to_thread(f, x)` amounts to `f(x)`, and so does a `retry(f, x)` defined in the file."""

from __future__ import annotations

import ast

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.dataflow.symbols import Symbols
from par_lint.analysis.semantics.io_reachability import handoff_position, is_iter_of_calls
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.semantics.values import Value


def handoff_call(call: ast.Call, known: Symbols) -> tuple[ast.Call, Value | None] | None:
    """Return the equivalent direct call and its callee; None for any other call."""
    site = known.site(call) if call.args else None
    position = handoff_position(call, site.scope, known.resolver) if site is not None else None
    if site is None or position is None or position >= len(call.args):
        return None
    if any(isinstance(arg, ast.Starred) for arg in call.args[: position + 1]):
        return None
    given = func = call.args[position]
    args, keywords = [] if is_iter_of_calls(call) else call.args[position + 1 :], call.keywords
    wrapper = known.callee(call)
    if isinstance(wrapper, Function):
        args, keywords = _passed_on(call, wrapper, position)
    if isinstance(func, ast.Call) and func.args and last_name(func.func) == "partial":
        args, keywords = [*func.args[1:], *args], [*func.keywords, *keywords]
        func = func.args[0]
    callee = known.resolver.expression(given, site.scope)
    if isinstance(wrapper, Function) and callee is None and not isinstance(func, ast.Lambda):
        return None
    return ast.Call(func, args, keywords), callee


def _passed_on(call: ast.Call, wrapper: Function, position: int) -> tuple[list[ast.expr], list[ast.keyword]]:
    """Return what a function of the file passes on to the one that it calls: what `*args` and `**kwargs` take, or all else that it is given."""
    args: ast.arguments = wrapper.node.args  # type: ignore[attr-defined]
    named = [*args.posonlyargs, *args.args][wrapper.owner is not None and not wrapper.is_static:]
    given = call.args[len(named):] if args.vararg is not None else [arg for at, arg in enumerate(call.args) if at != position]
    if args.kwarg is None:
        return given, call.keywords
    known = {arg.arg for arg in (*named, *args.kwonlyargs)}
    return given, [keyword for keyword in call.keywords if keyword.arg not in known]

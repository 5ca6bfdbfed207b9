"""Calls that hand a function over and wait for it: `asyncio.to_thread(f, x)` waits for `f(x)`."""

from __future__ import annotations

import ast

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.reach import handed_position
from par_lint.resolve import Value


def handed_call(call: cst.Call, facts: Facts) -> tuple[cst.Call, Value | None] | None:
    """The call that a hand-over comes to, as it would be written, and what it calls; None for any other call."""
    site = facts.site(call) if call.args else None
    position = handed_position(site.node, site.scope, facts.resolver) if site is not None else None
    if site is None or position is None or position >= len(call.args) or any(arg.star for arg in call.args[: position + 1]):
        return None
    func, extra = call.args[position].value, list(call.args[position + 1 :])
    if isinstance(func, cst.Call) and func.args and _is_partial(func):
        bound = func.args[1:]
        extra = [arg for arg in (*bound, *extra) if arg.keyword is None and arg.star != "**"] + [
            arg for arg in (*bound, *extra) if arg.keyword is not None or arg.star == "**"
        ]
        func = func.args[0].value
    node: ast.expr = site.node.args[position]
    return cst.Call(func, extra), facts.resolver.expression(node, site.scope)


def _is_partial(call: cst.Call) -> bool:
    match call.func:
        case cst.Name("partial") | cst.Attribute(attr=cst.Name("partial")):
            return True
        case _:
            return False

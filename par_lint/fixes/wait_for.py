"""Limit an awaited call that takes no timeout itself: `await asyncio.wait_for(call, timeout=10)`."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.core.findings import ReasonKind, Withheld
from par_lint.fixes.bound_wait import Plan
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.module_names import spelled


def plan_wait_for(call: cst.Call, seconds: str, facts: Facts) -> Plan:
    """The fix of a coroutine that is awaited where it is called, or the reason why there is none."""
    if not isinstance(facts.parent(call), cst.Await):
        return Withheld(ReasonKind.FORM("it takes no timeout, and is not awaited here"), facts.line(call))
    func, imports = spelled(facts, call, "wait_for", "asyncio")
    inner = cst.Arg(call.with_changes(lpar=(), rpar=()), comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
    limit = cst.Arg(cst.parse_expression(seconds), keyword=cst.Name("timeout"), equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")))
    return lambda: Edit(((call, cst.Call(func, [inner, limit], lpar=call.lpar, rpar=call.rpar)),), imports)

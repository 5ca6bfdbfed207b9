"""The calls of one iteration of a loop: in its body, and in the functions of the file that it calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.semantics.scopes import CallSite, Class, Function, Loop, Repeating
from par_lint.core.memo import memoized_for_last

_DEPTH = 4  # the maximum depth of calls


def loop_node(site: LoopSite, facts: Facts) -> ast.For | ast.AsyncFor | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | None:
    """Return the standard tree's node of a loop; None for a `map`."""
    return facts.counterparts.loop(site.node) if isinstance(site.node, (cst.For, cst.BaseComp)) else None


def loop_record(site: LoopSite, facts: Facts) -> Loop | None:
    """Return the index's record of a loop; None for a `map`."""
    return record_of(site.node, facts) if isinstance(site.node, (cst.For, cst.BaseComp)) else None


@memoized_for_last
def _records(facts: Facts) -> dict[Repeating, Loop]:
    return {loop.node: loop for loop in facts.index.loops}


def record_of(node: cst.For | cst.BaseComp, facts: Facts) -> Loop | None:
    """Return the index's record of a loop."""
    found = facts.counterparts.loop(node)
    return _records(facts).get(found) if found is not None else None


def reached_calls(site: LoopSite, facts: Facts) -> list[CallSite]:
    """Return the calls of an iteration, in source order of each body; called functions are followed four levels deep."""
    loop = loop_record(site, facts)
    if loop is not None:
        return _reached(loop, facts)
    made = facts.site(site.node) if isinstance(site.node, cst.Call) else None
    func = made.node.args[0] if made is not None and made.node.args else None
    callee = facts.resolver.expression(func, made.scope) if func is not None and made is not None else None
    return calls_reached_from(callee.calls, facts) if isinstance(callee, Function) else []


@memoized_for_last
def _reached(loop: Loop, facts: Facts) -> list[CallSite]:
    return calls_reached_from(loop.calls, facts)


def calls_reached_from(calls: Iterable[CallSite], facts: Facts) -> list[CallSite]:
    """Some calls, and those of the functions of the file that they call, four calls deep."""
    found: list[CallSite] = []
    seen: set[Function] = set()
    level = list(calls)
    for _ in range(_DEPTH + 1):
        found += level
        functions = [function for site in level if (function := callee_body(site, facts)) is not None and function not in seen]
        seen.update(functions)
        level = [site for function in dict.fromkeys(functions) for site in function.calls]
    return found


def callee_body(site: CallSite, facts: Facts) -> Function | None:
    """Return the function of the file that a call runs: its callee, or the constructor of its class."""
    match facts.resolver.callee(site):
        case Function() as function if not isinstance(function.node, ast.Lambda):
            return function
        case Class() as cls:
            init = facts.resolver.attribute(cls, "__init__")
            return init if isinstance(init, Function) else None
        case _:
            return None

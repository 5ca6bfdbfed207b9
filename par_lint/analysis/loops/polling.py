"""Reasons to exclude a loop: an iteration only polls, with a sleep in between, until something that already runs is finished."""

from __future__ import annotations

import ast

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.reached_calls import callee_body, loop_node
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.semantics.values import Named
from par_lint.core.catalog.entry import Kind
from par_lint.core.memo import memoized_for_last


def polls_each(site: LoopSite, facts: Facts) -> Exclusion | None:
    """All I/O of an iteration asks again and again, with a sleep in between, whether something is done."""
    node = loop_node(site, facts)
    if not isinstance(node, ast.For):
        return None
    asked = {found.node for work in site.io_calls if (found := facts.site(work.call)) is not None}
    polled = {
        inner for loop in walk(*node.body) if isinstance(loop, ast.While)
        for test in _tests_with_sleep(loop, facts) for inner in walk(test) if isinstance(inner, ast.Call)
    }  # fmt: skip
    return Exclusion("what it waits for already runs", site.io_calls[0].call) if asked and asked <= polled else None


def _tests_with_sleep(loop: ast.While, facts: Facts) -> list[ast.expr]:
    """Return the tests in a loop that decide whether it sleeps and asks again."""
    tests = [node.test for node in walk(*loop.body) if isinstance(node, ast.If) and any(is_sleep(one, facts) for one in (*node.body, *node.orelse))]
    return [*tests, loop.test] if any(is_sleep(one, facts) for one in loop.body) else tests


def only_calls_polling_helper(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Each iteration only polls until something that already runs is finished."""
    asked = [found for work in site.io_calls if (found := facts.site(work.call)) is not None]
    if not asked or len(asked) < len(site.io_calls):
        return None
    for call in asked:
        function = callee_body(call, facts)
        scope = function if function is not None else None
        if scope is None or not _only_polls(scope, facts):
            return None
    return Exclusion("what it waits for already runs", site.io_calls[0].call)


@memoized_for_last
def _only_polls(function: Function, facts: Facts) -> bool:
    """Whether all I/O of a function is in the test of a `while` that sleeps, or in such a loop if the name of the function suggests waiting."""
    requests = [call for call in function.calls if (entry := facts.resolver.entry(call)) is not None and entry.kind in (Kind.NETWORK, Kind.SUBPROCESS)]
    loops = [node for node in walk(function.node) if isinstance(node, ast.While) and _sleeps_somewhere(node, facts)]
    is_waiting = bool(words(function.name) & {"wait", "poll", "await", "until"})
    return bool(requests) and all(
        any(_is_in(call.node, loop.test) or is_waiting and _is_in(call.node, loop) for loop in loops) for call in requests
    )


def _sleeps_somewhere(loop: ast.While, facts: Facts) -> bool:
    return any(isinstance(node, ast.Call) and _is_call_of_sleep(node, facts) for node in walk(loop))


def _is_in(call: ast.AST, node: ast.AST) -> bool:
    return any(inner is call for inner in walk(node))


def is_sleep(statement: ast.AST, facts: Facts) -> bool:
    """Return whether a statement is a call that sleeps."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call) and _is_call_of_sleep(statement.value, facts)


def _is_call_of_sleep(call: ast.Call, facts: Facts) -> bool:
    callee = facts.known.callee(call)
    return isinstance(callee, Named) and callee.name in facts.resolver.catalog.sleep_functions

"""Reasons to exclude a loop: it never runs, starts commands in the background, or stands in one transaction."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.reached_calls import loop_record
from par_lint.analysis.semantics import loop_variance
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.loop_variance import mentioned_names
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.semantics.subprocess_commands import command_words, starts_background_process
from par_lint.analysis.semantics.values import Named
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.core.catalog.entry import Kind


def dead_code(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The loop stands in a branch that never runs: `if False:`, `if 0:`, or the `else` of `if True:`."""
    inner: cst.CSTNode = site.node
    for above in reversed(facts.enclosing_nodes(site.node, lambda _: True)):
        if isinstance(above, cst.If) and (is_true := _constant(above.test)) is not None and inner is (above.orelse if is_true else above.body):
            return Exclusion("it never runs", above)
        inner = above
    return None


def _constant(test: cst.BaseExpression) -> bool | None:
    """Whether a test is always true, or never; None if that depends."""
    match test:
        case cst.Name("True") | cst.Integer("1"):
            return True
        case cst.Name("False") | cst.Integer("0"):
            return False
        case _:
            return None


def left_running(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Each iteration starts a command in the background of a shell, which ends at once: `os.system("convert &")`."""
    io_calls = [work for work in site.io_calls if work.entry.kind is Kind.SUBPROCESS]
    calls = [found for work in io_calls if (found := facts.site(work.call)) is not None and found.node.args]
    if calls and len(calls) == len(site.io_calls) and all(starts_background_process(command_words(call.node.args[0], call.scope)) for call in calls):
        return Exclusion("what it starts is waited for elsewhere", io_calls[0].call)
    return None


def one_transaction(site: LoopSite, facts: Facts) -> Exclusion | None:
    """A transaction is open around the loop: that of the thread, or of one connection."""
    for above in facts.enclosing_nodes(site.node, lambda node: isinstance(node, cst.With)):
        for item in above.items:  # type: ignore[attr-defined]
            entered = item.item.func if isinstance(item.item, cst.Call) else item.item
            if words((dotted(entered) or "").rpartition(".")[2]) & _TRANSACTIONS:
                return Exclusion("all iterations are in one transaction", above)
    return None


_TRANSACTIONS = frozenset({"transaction", "atomic"})


def waits_for_all(site: LoopSite, facts: Facts) -> Exclusion | None:
    """After its request, each iteration waits until something that all of them share has settled: `wait_for_cluster(client)`."""
    loop = loop_record(site, facts)
    if loop is None:
        return None
    varying = loop_variance.names_varying_in_loop(loop) - {"<new>"}
    for call in loop.calls:
        said = words(call.name)
        if "wait" in said and said & {"for", "until"} and call.node.args and mentioned_names(call.node).isdisjoint(varying):
            callee = facts.resolver.callee(call)
            if not isinstance(callee, Function) and not (isinstance(callee, Named) and facts.resolver.is_known_root(callee.name.partition(".")[0])):
                return Exclusion("the loop throttles itself", facts.call_node(call.node) or site.node)
    return None

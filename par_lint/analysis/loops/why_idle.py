"""Why nothing that a loop does is worth a worker: for `--why-silent`."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.awaited_calls import is_awaited, is_started
from par_lint.analysis.loops.loop_site import Blocked, LoopSite
from par_lint.analysis.loops.nested_directory_loops import TEXT_METHODS
from par_lint.analysis.semantics.call_resolver import Named
from par_lint.analysis.semantics.dataflow.body_summary import FROM_ITEM, is_own
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.reachability import WORTH
from par_lint.analysis.syntax.nodes import descend


def why_idle(site: LoopSite, facts: Facts) -> Blocked:
    """Return why nothing that a loop does is worth a worker: what comes closest to it."""
    works = [work for work in site.summary.works if work.entry.kind in WORTH]
    if any(is_own(work) for work in works):
        return Blocked("its inner loop is excluded", site.node)
    if not works:
        return _without_work(site, facts)
    with_item = [work for work in works if FROM_ITEM in work.inputs]
    if with_item:
        return Blocked("all iterations share one file or connection", with_item[0].call)
    handing = next((call for call in site.calls if _hands_function_on(call, site)), None)
    if handing is not None:
        return Blocked("it hands a function on, which is not followed", handing)
    return Blocked("its I/O does not depend on the item", works[0].call)


def _without_work(site: LoopSite, facts: Facts) -> Blocked:
    started = next((call for call in site.calls if is_started(call, facts)), None)
    if started is not None:
        return Blocked("what it starts is waited for elsewhere", started)
    unseen = next((call for call in site.calls if is_unseen(call, facts)), None)
    if unseen is not None:
        return Blocked("it contains no known blocking call", unseen)
    opened = next((call for call in site.calls if facts.result_type(call) == "io.File"), None)
    if opened is not None:
        return Blocked("it only opens files", opened)
    yielded = next((node for node, _ in site.own if isinstance(node, cst.Yield)), None)
    if yielded is not None:
        return Blocked("the loop is a generator", yielded)
    if site.summary.works:
        return Blocked("it only reads names, sizes or dates", site.summary.works[0].call)
    return Blocked("it contains no known blocking call", site.node)


def _hands_function_on(call: cst.Call, site: LoopSite) -> bool:
    """Whether a call is given a function that the body defines."""
    defined = {node.name.value for node, _ in site.own if isinstance(node, cst.FunctionDef)}
    given = [node for arg in call.args for node in descend(arg.value)]
    return any(isinstance(node, cst.Lambda) or isinstance(node, cst.Name) and node.value in defined for node in given)


_OF_STACKS = frozenset({"enter_context", "enter_async_context", "callback", "push_async_callback"})
"""Methods of an exit stack, which keeps what it is given."""


def is_unseen(call: cst.Call, facts: Facts) -> bool:
    """Whether neither the file nor the catalogue shows what a call does: no method of a text or a container, nothing of Python's own."""
    callee = facts.callee(call)
    if facts.entry(call) is not None or callee is not None and not isinstance(callee, Named):
        return False
    if isinstance(callee, Named):
        return not facts.resolver.is_known_root(callee.name.partition(".")[0])
    if is_awaited(call, facts):
        return True
    match call.func:
        case cst.Attribute(value=cst.Name("self" | "cls")):
            return True
        case cst.Attribute(attr=cst.Name(value=method)):
            return method not in MUTATORS and method not in TEXT_METHODS and method not in _OF_STACKS
        case _:
            return True

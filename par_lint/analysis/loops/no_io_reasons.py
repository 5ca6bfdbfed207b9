"""Why no call in a loop is worth a worker: for `--why-silent`."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.awaited_calls import is_awaited, is_started
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.nested_directory_loops import TEXT_METHODS
from par_lint.analysis.loops.reached_calls import calls_reached_from
from par_lint.analysis.semantics.dataflow.body_summary import FROM_ITEM, SliceIoCall, is_worth_a_worker, slowest
from par_lint.analysis.semantics.dataflow.calls import LOGGING_WORDS
from par_lint.analysis.semantics.dataflow.code_patterns import names_attempt_counter
from par_lint.analysis.semantics.io_reachability import WORTHWHILE_KINDS
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.naming_evidence import awaited_calls
from par_lint.analysis.semantics.scopes import CallSite, Function
from par_lint.analysis.semantics.values import Named
from par_lint.analysis.syntax.expression_names import bound_names, reads, terminal
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Effect, Sharing

EXITS: dict[type, str] = {cst.Break: "the loop ends early", cst.Return: "the loop returns early", cst.Yield: "the loop is a generator"}


def no_io_reason(site: LoopSite, facts: Facts) -> Exclusion:
    """Return why no call in a loop is worth a worker, for the call that comes closest to it."""
    io_calls = [work for work in site.summary.io_calls if work.entry.kind in WORTHWHILE_KINDS]
    inner = next((work for work in io_calls if is_worth_a_worker(work)), None)
    if inner is not None:
        return Exclusion("its inner loop is excluded", site.node, getattr(inner.loops[0], "lineno", 0) if inner.loops else 0)
    unseen = _unseen_with_item(site, facts)
    lazy = next((call for call in site.calls if _is_of_generator(call, facts)), None)
    if lazy is not None and not any(FROM_ITEM in work.inputs for work in io_calls):
        return _leaves_early(site) or Exclusion("a generator does its I/O, which is not followed", lazy)
    if io_calls or unseen is not None or any(is_awaited(call, facts) for call in site.calls):
        certain = _leaves_early(site) or _tries_again(site) or _sleeps(site, facts)
        if certain is not None:
            return certain
    return _with_other_work(io_calls, unseen, site, facts) if io_calls else _without_work(site, facts)


def _is_of_generator(call: cst.Call, facts: Facts) -> bool:
    """Whether a call is of a generator of the file that does I/O as it is iterated over."""
    callee = facts.callee(call)
    if not isinstance(callee, Function) or not callee.is_generator or callee.is_async:
        return False
    entries = (facts.resolver.entry(one) for one in calls_reached_from([*callee.calls], facts))
    return any(entry is not None and (entry.kind in WORTHWHILE_KINDS or entry.name.rpartition(".")[2] == "open") for entry in entries)


def _leaves_early(site: LoopSite) -> Exclusion | None:
    """What rules a loop out whatever it does."""
    for node, inner in site.own:
        reason = EXITS.get(type(node))
        if reason is not None and not (inner and isinstance(node, cst.Break)):
            return Exclusion(reason, node)
    return None


def _tries_again(site: LoopSite) -> Exclusion | None:
    return Exclusion("the loop retries", site.node) if any(names_attempt_counter(name) for name in bound_names(site.target)) else None


def _sleeps(site: LoopSite, facts: Facts) -> Exclusion | None:
    slept = facts.call_node(site.summary.sleeps[0]) if site.summary.sleeps else None
    return Exclusion("the loop throttles itself", slept) if slept is not None else None


def _with_other_work(io_calls: Sequence[SliceIoCall], unseen: cst.Call | None, site: LoopSite, facts: Facts) -> Exclusion:
    """Why a loop with I/O that is worth a worker has none that a worker could do."""
    shared = next((work for work in io_calls if FROM_ITEM in work.inputs), None)
    if shared is not None:
        return Exclusion("all iterations share one file or connection", shared.call)
    handing = next((call for call in site.calls if _hands_function_on(call, site, facts)), None)
    if handing is not None:
        return Exclusion("it hands a function on, which is not followed", handing)
    of_handle = next((call for call in site.calls if facts.sharing(call) is Sharing.STATEFUL and _names_of_item(site) & reads(call)), None)
    if of_handle is not None:
        return Exclusion("all iterations share one file or connection", of_handle)
    unseen = unseen or next((work.call for work in io_calls if _names_of_item(site) & reads(work.call)), None)
    if unseen is not None:
        return Exclusion("what it does with the item is not known to do I/O", unseen)
    found = slowest([work for work in io_calls if is_awaited(work.call, facts)]) or slowest(io_calls) or io_calls[0]
    return Exclusion("its I/O does not depend on the item", found.call)


def _without_work(site: LoopSite, facts: Facts) -> Exclusion:
    started = next((call for call in site.calls if is_started(call, facts)), None)
    if started is not None:
        return Exclusion("what it starts is waited for elsewhere", started)
    awaited = [call for call in site.calls if is_awaited(call, facts)]
    hidden = next((call for call in awaited if _may_wait(call, facts)), None)
    if hidden is not None:
        return Exclusion("what it awaits is not known to do I/O", hidden)
    items = _names_of_item(site)
    calls = [call for call in site.calls if is_unresolved_call(call, facts)]
    calls.sort(key=lambda call: (bool(words(terminal(call)) & LOGGING_WORDS), items.isdisjoint(reads(call))))
    if awaited or calls:
        return Exclusion("it contains no known blocking call" if awaited else "what it calls is not known to do I/O", (awaited or calls)[0])
    opened = next((call for call in site.calls if facts.result_type(call) == "io.File"), None)
    left = _leaves_early(site)
    if left is not None and (opened is not None or site.summary.io_calls or left.reason == EXITS[cst.Yield]):
        return left
    if opened is not None:
        return Exclusion("it only opens files", opened)
    calling = next((call for call in site.calls if _calls_unknown(call, facts)), None)
    if calling is not None:
        return Exclusion("what it calls is not known to do I/O", calling)
    written = facts.call_node(site.summary.opens[0].call) if site.summary.opens else None
    if written is not None:
        return Exclusion("it opens files, and what it writes is unknown", written)
    if site.summary.io_calls:
        is_looking = all(work.entry.effect is not Effect.WRITE for work in site.summary.io_calls)
        return Exclusion("it only reads names, sizes or dates" if is_looking else "it only looks at files, makes folders, moves or removes", site.summary.io_calls[0].call)
    return Exclusion("it contains no known blocking call", site.node)


def _may_wait(call: cst.Call, facts: Facts) -> bool:
    """Whether an awaited call is unresolved, or runs a function of the file that calls an unresolved function of another module."""
    callee = facts.callee(call)
    if isinstance(callee, Function):
        return any(_is_unknown(one, facts) for one in calls_reached_from([*callee.calls], facts))
    return is_unresolved_call(call, facts) or facts.entry(call) is None and not isinstance(callee, Named)


def _calls_unknown(call: cst.Call, facts: Facts) -> bool:
    """Whether a call runs a function of the file that calls an unresolved function of another module."""
    callee = facts.callee(call)
    return isinstance(callee, Function) and any(_is_unknown(one, facts) and not words(one.name) & LOGGING_WORDS for one in calls_reached_from([*callee.calls], facts))


def _is_unknown(call: CallSite, facts: Facts) -> bool:
    """Whether a call is of something that is imported, and in no catalogue, or is awaited without anything showing what it is."""
    callee = facts.resolver.callee(call)
    if callee is None:
        return facts.resolver.entry(call) is None and call.node in awaited_calls(call.scope.node)
    return isinstance(callee, Named) and facts.resolver.entry(call) is None and not facts.resolver.is_known_root(callee.name.partition(".")[0])


def _unseen_with_item(site: LoopSite, facts: Facts) -> cst.Call | None:
    """Return the first unresolved call that gets the item; in a coroutine, the first one that is awaited."""
    items = _names_of_item(site)
    calls = [call for call in site.calls if items & reads(call) and is_unresolved_call(call, facts)]
    around = facts.enclosing_function(site.node)
    is_in_coroutine = around is not None and around.asynchronous is not None
    return next((call for call in calls if not is_in_coroutine or is_awaited(call, facts)), None)


def _names_of_item(site: LoopSite) -> set[str]:
    """The names that a loop binds, and those that its body makes of them."""
    found = set(bound_names(site.target))
    for node, _ in [*site.own, *site.own]:
        if isinstance(node, cst.Assign) and found & reads(node.value):
            found.update(name for target in node.targets for name in bound_names(target.target))
        elif isinstance(node, cst.For) and found & reads(node.iter):
            found.update(bound_names(node.target))
    return found


def _hands_function_on(call: cst.Call, site: LoopSite, facts: Facts) -> bool:
    """Whether an unresolved call gets a function that the body defines."""
    defined = {node.name.value for node, _ in site.own if isinstance(node, cst.FunctionDef)}
    given = [node for arg in call.args if arg.keyword is None or arg.keyword.value not in _OF_VALUES for node in descend(arg.value)]
    if any(isinstance(node, cst.Name) and node.value in defined for node in given):
        return True
    return is_unresolved_call(call, facts) and any(isinstance(node, cst.Lambda) for node in given)


_OF_VALUES = frozenset({"key", "default", "default_factory"})
"""Keywords of functions that are called immediately, on values."""


_OF_STACKS = frozenset({"enter_context", "enter_async_context", "callback", "push_async_callback"})
"""Methods of an exit stack that register their argument."""
_OF_BYTES = frozenset(dir(bytes))


def is_unresolved_call(call: cst.Call, facts: Facts) -> bool:
    """Return whether the effect of a call is unknown: it is not in the file, the catalogue or the standard library, and no method of a built-in type."""
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
            return method not in MUTATORS | TEXT_METHODS | _OF_STACKS | _OF_BYTES
        case _:
            return True

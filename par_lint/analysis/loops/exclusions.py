"""Reasons to exclude a loop that does I/O: one function for each reason, from the loop and the effects of its body."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.candidates import MIN_ITEMS, is_runtime_call
from par_lint.analysis.loops.argument_effects import io_disabled_by_arguments
from par_lint.analysis.loops.awaited_calls import is_started, is_task
from par_lint.analysis.loops.chosen_items import is_search_for_one_item
from par_lint.analysis.loops.copied_in_parts import streamed_output
from par_lint.analysis.loops.dependence import (
    depends_on_budget,
    iterable_changed,
    loop_carried,
    merges_layered_settings,
    rebinds_callee,
    skips_repeated_items_by_result,
    walk_is_pruned,
)
from par_lint.analysis.loops.environments import changed_elsewhere, one_environment, one_schema
from par_lint.analysis.loops.fixed_files import fixed_file
from par_lint.analysis.loops.folders_first import folders_first
from par_lint.analysis.loops.incremental_parsing import is_parsed_incrementally
from par_lint.analysis.loops.intended_order import (
    comment_says_one_item,
    has_order_comment,
    is_alternative_to_pool,
    is_rate_limited,
    is_throttled_elsewhere,
    iterable_closes_items,
    recurses,
)
from par_lint.analysis.loops.item_evidence import items_are_distinct_paths, line_of_size
from par_lint.analysis.loops.lazy_opening import only_opens_lazily
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.nested_directory_loops import deletes_walked_files
from par_lint.analysis.loops.never_at_once import dead_code, left_running, one_transaction, waits_for_all
from par_lint.analysis.loops.ordered_conversation import controls_one_screen
from par_lint.analysis.loops.polling import only_calls_polling_helper, polls_each
from par_lint.analysis.loops.reached_calls import loop_node
from par_lint.analysis.loops.repeated_targets import appends_to_shared_files, creates_folders_and_files, may_share_target_conditionally, writes_shared_parents
from par_lint.analysis.loops.same_target_writes import (
    folder_made_after_check,
    interactive,
    one_archive,
    one_handle,
    process_state,
    reads_stored_results,
    rewriting,
    runs_foreign_code,
    writes_to_one_place,
)
from par_lint.analysis.loops.shared_places import one_place
from par_lint.analysis.loops.shared_random_generator import shares_random_generator
from par_lint.analysis.loops.user_commands import user_commands
from par_lint.analysis.semantics.dataflow.code_patterns import is_retry_loop
from par_lint.analysis.semantics.dataflow.symbols import definition_around
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.syntax.expression_names import bound_names, dotted
from par_lint.core.catalog.entry import Kind, Trait

_RETRY = re.compile(r"(^|_)(attempts?|retr(y|ies)|tries|trial)(_|$)", re.IGNORECASE)
_STEP = re.compile(r"(^|_)(step|phase|epoch|generation)$", re.IGNORECASE)
_PACING = frozenset({"acquire", "throttle", "wait_for_slot", "backoff", "rate_limit", "sleep"})


def find_exclusion(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Return the first reason to exclude a loop."""
    for check in _EXCLUSIONS:
        found = check(site, facts)
        if found is not None:
            return found
    return None


def early_exit(site: LoopSite, facts: Facts) -> Exclusion | None:
    """`break`, `return` or `yield`: a search, or a lazy loop."""
    for node, inner in site.own:
        reason = _EXITS.get(type(node))
        if reason is not None and not (inner and isinstance(node, cst.Break)) and not (site.is_awaited and isinstance(node, cst.Await)):
            return Exclusion(reason, node)
    return None


def is_search(site: LoopSite) -> bool:
    """Return whether only a `break` ends a loop early, so that enclosing loops go on."""
    exits = [(node, inner) for node, inner in site.own if type(node) in _EXITS and type(node) is not cst.Await]
    return any(type(node) is cst.Break and not inner for node, inner in exits) and all(type(node) is cst.Break for node, _ in exits)


_EXITS: dict[type, str] = {
    cst.Break: "the loop ends early", cst.Return: "the loop returns early", cst.Yield: "the loop is a generator", cst.Await: "what it awaits is not known to do I/O",
}  # fmt: skip


def tiny(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The loop has fewer than three items, in a literal or a constant of the file."""
    return Exclusion("too few items", site.iterable, line_of_size(site, facts)) if is_tiny(site, facts) else None


def is_tiny(site: LoopSite, facts: Facts) -> bool:
    """Return whether a loop is known to have fewer than three items."""
    size = known_items(site, facts)
    return size is not None and size < MIN_ITEMS


def known_items(site: LoopSite, facts: Facts) -> int | None:
    """Return how many items a loop has at most, if the file shows it; for several clauses of a comprehension, their product."""
    loop = loop_node(site, facts)
    if loop is None:
        call = facts.site(site.node) if isinstance(site.node, cst.Call) else None
        iterables = call.node.args[1:2] if call is not None else []
    else:
        iterables = [loop.iter] if isinstance(loop, (ast.For, ast.AsyncFor)) else [clause.iter for clause in loop.generators]
    sizes = [facts.known_size(iterable, site.node) for iterable in iterables]
    return math.prod(size for size in sizes if size is not None) if sizes and None not in sizes else None


def pacing(site: LoopSite, facts: Facts) -> Exclusion | None:
    """A sleep, or a limiter, in the body itself."""
    if site.summary.sleeps:
        return Exclusion("the loop throttles itself", facts.call_node(site.summary.sleeps[0]) or site.node)
    for node in site.calls:
        entry = facts.entry(node)
        if entry is not None and entry.kind is Kind.SLEEP:
            continue  # the summary has those that throttle the loop
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in _PACING and not _is_between_tries(node, site, facts):
            return Exclusion("the loop throttles itself", node)
    return None


def _is_between_tries(call: cst.Call, site: LoopSite, facts: Facts) -> bool:
    """Whether a call is in an inner loop that retries the work for one item."""
    above = facts.parent(call)
    while above is not None and above is not site.node:
        if isinstance(above, cst.While):
            return True
        if isinstance(above, cst.For):
            found = facts.counterparts.loop(above)
            if isinstance(found, (ast.For, ast.AsyncFor)) and is_retry_loop(found):
                return True
        above = facts.parent(above)
    return False


def is_retrying(target: cst.CSTNode) -> bool:
    """Return whether the target of a loop counts attempts."""
    return any(_RETRY.search(name) for name in bound_names(target))


def retrying(site: LoopSite, facts: Facts) -> Exclusion | None:
    """`for attempt in range(n)`."""
    if is_retrying(site.target):
        return Exclusion("the loop retries", site.node)
    return None


def ordered(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The items are steps, judged by their name, which must run in order."""
    if any(_STEP.search(name) for name in bound_names(site.target)) and not items_are_distinct_paths(site, facts):
        return Exclusion("its items are steps in order", site.node)
    return None


def polling(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The loop waits for things that already run."""
    for work in site.io_calls:
        if work.entry.name.startswith("subprocess.Popen.") and work.direct:
            func = work.call.func
            if isinstance(func, cst.Attribute) and dotted(func.value) in bound_names(site.target):
                return Exclusion("it waits for work that already runs", work.call)
    return None


def lines_of_file(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Lines of one open file, or documents that are parsed as it is read, unless each starts network or subprocess work."""
    if all(work.entry.kind is Kind.FILE for work in site.io_calls) and (facts.is_open_file(site.iterable) or is_parsed_incrementally(site, facts)):
        return Exclusion("the items are lines of one file", site.iterable)
    return None


def calls_collective_operation(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Each iteration meets other processes that go through the same loop: collective calls of MPI, which all must make in one order."""
    for call in site.calls:
        func = call.func
        if isinstance(func, cst.Attribute) and func.attr.value.lower() in _COLLECTIVE:
            receiver = (dotted(func.value) or "").rpartition(".")[2]
            if words(receiver) & _COMMUNICATORS:
                return Exclusion("several processes go through it together", call)
    return None


_COLLECTIVE = frozenset(
    "bcast scatter scatterv gather gatherv allgather allgatherv allreduce reduce barrier alltoall alltoallv all_gather all_reduce broadcast reduce_scatter"
    " broadcast_object_list all_gather_object all_gather_into_tensor scatter_object_list gather_object sendrecv".split()
)
"""Methods, in lower case, that all processes of a group must call for any to go on."""
_COMMUNICATORS = frozenset({"comm", "communicator", "mpi", "dist", "world", "intercomm", "intracomm"})


def _runs_at_once(call: cst.Call, facts: Facts) -> bool:
    return is_runtime_call(facts.name(call) or "", facts.runtime)


def already_parallel(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The loop or its contents run concurrently already; or it is in a coroutine, where blocking is another problem."""
    iterable = site.iterable
    while isinstance(iterable, cst.Call):
        if _runs_at_once(iterable, facts) or facts.name(iterable) in facts.resolver.catalog.names_with(Trait.YIELDS_COMPLETED):
            return Exclusion("it iterates over results of concurrent work", iterable)
        if not iterable.args:
            break
        iterable = iterable.args[0].value
    inner = next((call for call in site.calls if _runs_at_once(call, facts)), None)
    if inner is not None:
        return Exclusion("the work inside it already runs concurrently", inner)
    if site.io_calls and all(is_task(work.call, facts) for work in site.io_calls):
        return Exclusion("what it starts is waited for elsewhere", site.io_calls[0].call)
    around = facts.enclosing_function(site.node)
    if around is None:
        return None
    if around.asynchronous is not None and not site.is_awaited:
        started = next((call for call in site.calls if is_started(call, facts)), None)
        return Exclusion("what it starts is waited for elsewhere", started) if started is not None else Exclusion("it is in a coroutine", around)
    function = facts.function(around)
    pooled = facts.pooled_functions if around.asynchronous is None else facts.pooled_coroutines
    if around.name.value in pooled or function is not None and _serves_workers(function, facts):
        return Exclusion("it already runs in a worker", around)
    return None


def _serves_workers(function: Function, facts: Facts, depth: int = 3) -> bool:
    """Whether all calls of a function are in functions that run in workers."""
    callers = {definition_around(call.scope) for call in facts.calls_of(function)} if facts.pooled_functions and depth else set()
    return bool(callers) and all(one is not None and one is not function and _is_in_worker(one, facts, depth) for one in callers)


def _is_in_worker(function: Function, facts: Facts, depth: int) -> bool:
    pooled = facts.pooled_coroutines if function.is_async else facts.pooled_functions
    return function.name in pooled or _serves_workers(function, facts, depth - 1)


_EXCLUSIONS: tuple[Callable[[LoopSite, Facts], Exclusion | None], ...] = (
    early_exit, tiny, comment_says_one_item, retrying, ordered, pacing, process_state, loop_carried, rebinds_callee, depends_on_budget, skips_repeated_items_by_result, merges_layered_settings, walk_is_pruned, iterable_changed, writes_to_one_place, one_place, streamed_output, one_archive, one_environment, changed_elsewhere, one_schema, runs_foreign_code,
    interactive, rewriting, polling, lines_of_file, already_parallel, calls_collective_operation, recurses, is_search_for_one_item, one_handle, reads_stored_results, user_commands,
    folder_made_after_check, iterable_closes_items, only_calls_polling_helper, is_rate_limited, is_alternative_to_pool, has_order_comment, writes_shared_parents, may_share_target_conditionally, appends_to_shared_files,
    creates_folders_and_files, folders_first, fixed_file, dead_code, left_running, one_transaction, waits_for_all, polls_each, only_opens_lazily, shares_random_generator, is_throttled_elsewhere, controls_one_screen, io_disabled_by_arguments, deletes_walked_files,
)  # fmt: skip

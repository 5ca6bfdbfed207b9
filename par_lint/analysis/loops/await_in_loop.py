"""Loops in coroutines that await I/O one item at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.awaited_calls import can_suspend, find_awaited_exclusion, is_awaited, is_known_io, uses_own_connection
from par_lint.analysis.loops.awaited_variables import find_awaited_by_name
from par_lint.analysis.loops.exclusions import find_exclusion
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.sequential_io import parts
from par_lint.analysis.loops.waiting_calls import possible_io_calls
from par_lint.analysis.semantics.dataflow.body_summary import SliceIoCall, is_worth_a_worker, slowest
from par_lint.analysis.semantics.io_reachability import WORTHWHILE_KINDS
from par_lint.analysis.slice_flow import SliceFlow
from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.analysis.syntax.nodes import SCOPES, clauses
from par_lint.core.memo import memoized_for_last

AwaitingNode = cst.For | cst.ListComp | cst.SetComp | cst.DictComp


@dataclass(frozen=True)
class AwaitingLoop:
    """A loop or comprehension in a coroutine that awaits I/O item by item; `work` is its first I/O of the slowest kind."""

    node: AwaitingNode
    site: LoopSite
    work: SliceIoCall


@memoized_for_last
def find_awaiting(facts: Facts) -> tuple[AwaitingLoop, ...]:
    """Return the loops of a module to report, one per nest: the innermost that awaits I/O with its own item."""
    flow = SliceFlow(facts, find_awaited_by_name(facts))
    done: set[cst.CSTNode] = set()
    found: list[AwaitingLoop] = []
    for node, around in reversed(coroutine_loops(facts)):
        loop = _exclusion_or_loop(node, facts, flow) if node not in done and possible_io_calls(facts).are_in(node) else None
        if isinstance(loop, AwaitingLoop):
            found.append(loop)
            done |= {node, *around}
    return tuple(reversed(found))


def find_reasons(facts: Facts) -> dict[cst.CSTNode, Exclusion | None]:
    """Why each loop of a coroutine that awaits I/O is left alone; None of those that are reported."""
    flow = SliceFlow(facts, find_awaited_by_name(facts))
    judged = {node: _exclusion_or_loop(node, facts, flow) for node, _ in coroutine_loops(facts)}
    return {node: found if isinstance(found, Exclusion) else None for node, found in judged.items() if found is not None}


def coroutine_loops(facts: Facts) -> list[tuple[AwaitingNode, tuple[cst.CSTNode, ...]]]:
    """Return the loops in coroutines, each with its enclosing loops, in source order."""
    return [(node, around) for node, around in plain_loops(facts) if _is_in_coroutine(node, facts)]


@memoized_for_last
def plain_loops(facts: Facts) -> list[tuple[AwaitingNode, tuple[cst.CSTNode, ...]]]:
    """Return all loops except `async for` and generators, each with its enclosing loops in the same function, in source order."""
    found = cast("Sequence[AwaitingNode]", facts.all_of(cst.For, cst.ListComp, cst.SetComp, cst.DictComp))
    return [(node, facts.enclosing_nodes(node, _is_plain_loop)) for node in found if _is_plain_loop(node)]


def _is_in_coroutine(node: cst.CSTNode, facts: Facts) -> bool:
    above = facts.parent(node)
    while above is not None and type(above) not in SCOPES:
        above = facts.parent(above)
    return isinstance(above, cst.FunctionDef) and above.asynchronous is not None


def _is_plain_loop(node: cst.CSTNode) -> bool:
    """Whether a node is a `for`, or a comprehension made on the spot, and not an `async for`."""
    kind = type(node)
    if kind is cst.For:
        return node.asynchronous is None  # type: ignore[attr-defined]
    return kind in _ON_THE_SPOT and all(clause.asynchronous is None for clause in clauses(node))  # type: ignore[arg-type]


_ON_THE_SPOT = frozenset({cst.ListComp, cst.SetComp, cst.DictComp})


def _exclusion_or_loop(node: AwaitingNode, facts: Facts, flow: SliceFlow) -> AwaitingLoop | Exclusion | None:
    """The loop as it is reported, or why it is not; None where it awaits no I/O with its item."""
    target, iterable, body = parts(node)
    summary = flow.loop(node, bound_names(target))
    io_calls = tuple(
        work for work in summary.io_calls
        if (is_worth_a_worker(work) or uses_own_connection(work) and work.entry.kind in WORTHWHILE_KINDS)
        and is_known_io(work, facts) and is_awaited(work.call, facts) and can_suspend(work.call, facts)
    )  # fmt: skip
    work = slowest(io_calls)
    if work is None:
        return None
    site = LoopSite(node, target, iterable, tuple(body), summary, io_calls, is_awaited=True)
    exclusion = find_exclusion(site, facts) or find_awaited_exclusion(site, facts)
    return AwaitingLoop(node, site, work) if exclusion is None else exclusion

"""Loops that start work and wait for it in the same iteration, so that only one piece of work runs at a time."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.await_in_loop import AwaitingNode, plain_loops
from par_lint.analysis.loops.awaited_calls import find_awaited_exclusion
from par_lint.analysis.loops.exclusions import find_exclusion
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.loops.sequential_io import SequentialLoop, find_loops, parts
from par_lint.analysis.loops.start_wait_pairs import Start, also_starts_other_work, find_starts
from par_lint.analysis.loops.waiting_calls import starting_calls
from par_lint.analysis.semantics.dataflow.body_summary import is_worth_a_worker
from par_lint.analysis.slice_flow import SliceFlow
from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.core.catalog.entry import Effect, Entry, Kind
from par_lint.core.memo import memoized_for_last

_STARTED = Entry("?", Kind.NETWORK, Effect.WRITE)


@dataclass(frozen=True)
class StartedLoop:
    """A loop that waits for each piece of work right after starting it."""

    node: AwaitingNode
    site: LoopSite
    start: Start


@memoized_for_last
def find_started(facts: Facts) -> tuple[StartedLoop, ...]:
    """Return the loops of a module that start work for each item and wait for it: futures, threads, tasks."""
    found: list[StartedLoop] = []
    done: set[cst.CSTNode] = set()
    for node, around in reversed(plain_loops(facts)):
        loop = _started_loop(node, facts) if node not in done and starting_calls(facts).are_in(node) else None
        if loop is not None:
            found.append(loop)
            done |= {node, *around}
    return tuple(reversed(found))


@memoized_for_last
def reported_with_enclosing_loops(facts: Facts) -> frozenset[cst.CSTNode]:
    """Return the loops reported here and their enclosing loops: other rules need not report them."""
    starting = {loop.node for loop in find_started(facts)}
    done: set[cst.CSTNode] = set()
    for node, around in plain_loops(facts):
        if node in starting:
            done |= {node, *around}
    return frozenset(done)


def waits_for_popen(loop: SequentialLoop) -> bool:
    """Return whether the subprocesses of a loop are started by `Popen` and waited for in the same iteration."""
    io_calls = [work for work in loop.site.io_calls if work.entry.kind is Kind.SUBPROCESS]
    return loop.kind is Kind.SUBPROCESS and all(work.direct and work.entry.name.startswith("subprocess.Popen.") for work in io_calls)


def find_popens(facts: Facts) -> tuple[SequentialLoop, ...]:
    """Return the loops that run one `Popen` after the other."""
    return tuple(loop for loop in find_loops(facts).sequential if waits_for_popen(loop))


def _started_loop(node: AwaitingNode, facts: Facts) -> StartedLoop | None:
    target, iterable, body = parts(node)
    starts = list(find_starts(body, facts))
    if not starts or also_starts_other_work(body, starts, facts):
        return None
    sites = {start.call: facts.site(start.call) for start in starts}
    started = {site.node: _STARTED for site in sites.values() if site is not None}
    summary = SliceFlow(facts, started.get).loop(node, bound_names(target))
    io_calls = tuple(work for work in summary.io_calls if work.entry is _STARTED and is_worth_a_worker(work))
    start = next((start for start in starts if any(work.call is start.call for work in io_calls)), None)
    if start is None:
        return None
    site = LoopSite(node, target, iterable, tuple(body), summary, io_calls, is_awaited=True)
    if find_exclusion(site, facts) is not None or find_awaited_exclusion(site, facts) is not None:
        return None
    return StartedLoop(node, site, start)

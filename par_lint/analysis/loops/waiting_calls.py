"""The calls of a slice that may wait, as far as the gate knows: only their code needs data flow."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.candidates import FUTURE_MAKERS, TASK_MAKERS, THREADS, candidates_of
from par_lint.analysis.semantics.io_reachability import reachability_of
from par_lint.analysis.semantics.scopes import CallSite
from par_lint.analysis.syntax.expression_names import terminal
from par_lint.analysis.syntax.parents import is_any_in
from par_lint.core.memo import memoized_for_last


class CallSet:
    """Some calls of a slice, in source order."""

    def __init__(self, facts: Facts, calls: Sequence[cst.Call]) -> None:
        self.calls = calls
        self._tree = facts.tree
        self._numbers = [self._tree.number(call) for call in self.calls]

    def are_in(self, node: cst.CSTNode) -> bool:
        """Return whether a node contains one of them."""
        return is_any_in(self._tree.reach(node), self._numbers)


@memoized_for_last
def possible_io_calls(facts: Facts) -> CallSet:
    """The calls that may do I/O that is worth a worker, directly or through functions of the file."""
    return _calls_that(reachability_of(facts.project).call, facts)


@memoized_for_last
def sequence_calls(facts: Facts) -> CallSet:
    """The calls that may be in a call sequence."""
    return _calls_that(candidates_of(facts.resolver).may_be_in_call_sequence, facts)


def _calls_that(may_wait: Callable[[CallSite], bool], facts: Facts) -> CallSet:
    """The calls that may wait; those that the index does not know may too."""
    return CallSet(facts, [call for call in facts.all_of(cst.Call) if (site := facts.site(call)) is None or may_wait(site)])


@memoized_for_last
def starting_calls(facts: Facts) -> CallSet:
    """The calls that, judged by their names, may start work that is waited for later."""
    return CallSet(facts, [call for call in facts.all_of(cst.Call) if terminal(call) in _STARTING])


_STARTING = FUTURE_MAKERS | TASK_MAKERS | THREADS | {"gather", "start_soon"}

"""Data flow in a slice: computed on the standard tree, reported for the nodes of the slice."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.dataflow.body_summary import Summary, SummaryOf, Trace
from par_lint.analysis.semantics.dataflow.data_flow import DataFlow, data_flow_of
from par_lint.analysis.semantics.dataflow.symbols import symbols_of
from par_lint.analysis.semantics.scopes import Function
from par_lint.core.catalog.entry import Entry


class SliceFlow:
    """Summarizes parts of one slice. `noted` returns an entry for calls that count as I/O, whatever they call."""

    def __init__(self, facts: Facts, noted: Callable[[ast.Call], Entry | None] | None = None) -> None:
        self._facts = facts
        self._flow = DataFlow(symbols_of(facts.project), noted) if noted is not None else data_flow_of(facts.project)

    def loop(self, node: cst.For | cst.BaseComp, items: Iterable[str]) -> Summary:
        """Return the effects of one iteration of a loop; `items` are the names of its item."""
        found = self._facts.counterparts.loop(node)
        return self._placed(self._flow.loop(found, [*items], self._facts.scope(node))) if found is not None else SummaryOf()

    def block(self, node: cst.With) -> Summary:
        """Return the effects of the body of a `with`."""
        return self._summarize([inner for found in self._facts.counterparts.of(node) for inner in getattr(found, "body", ())], node)

    def lambda_body(self, node: cst.Lambda) -> Summary:
        """Return the effects of calling a lambda."""
        return self._summarize([found.body for found in self._facts.counterparts.of(node) if isinstance(found, ast.Lambda)], node)

    def part(self, node: cst.CSTNode) -> Summary:
        """Return the effects of a statement or an expression."""
        return self._summarize(self._facts.counterparts.of(node), node)

    def mapped(self, call: cst.Call) -> Summary:
        """Return the effects of `map` on one item."""
        site = self._facts.site(call)
        return self._placed(self._flow.mapped(site.node, self._facts.scope(call))) if site is not None else SummaryOf()

    def function(self, function: Function) -> Trace:
        """Return the effects of calling a function of the file."""
        return self._flow.function(function)

    def _summarize(self, nodes: Iterable[ast.AST], at: cst.CSTNode) -> Summary:
        return self._placed(self._flow.body(nodes, (), self._facts.scope(at)))

    def _placed(self, trace: Trace) -> Summary:
        """Return the same effects for nodes of the slice; calls outside the slice are dropped."""
        io_calls = [work.at(call) for work in trace.io_calls if (call := self._facts.call_node(work.call)) is not None]
        return SummaryOf(io_calls, trace.changes, trace.returns, trace.sleeps, trace.globals, trace.opens, trace.reads)

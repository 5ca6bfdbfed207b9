"""The visitor that the rules on sequential I/O share."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from par_lint.analysis.effects.write_reasons import with_worst_write_reason
from par_lint.analysis.loops.sequential_io import SequentialLoop, find_loops
from par_lint.analysis.loops.start_then_wait import reported_with_enclosing_loops, waits_for_popen
from par_lint.analysis.semantics.dataflow.body_summary import SliceIoCall
from par_lint.core.catalog.entry import Kind
from par_lint.fixes.loop_fixes import plan_fix
from par_lint.fixes.loop_fixes.fission import LoopFix, Style
from par_lint.rules._rule import RuleVisitor

_LONGEST = 36  # characters; editors truncate long messages in lists


class SequentialVisitor(RuleVisitor):
    """Report the loops whose slowest I/O is of one kind."""

    kind: Kind

    def visit_Module(self, node: cst.Module) -> None:
        """Report every such loop in the module, except loops that start work and wait for it: PRL105 reports those."""
        for loop in find_loops(self.facts).sequential:
            if loop.kind is self.kind and loop.node not in reported_with_enclosing_loops(self.facts) and not waits_for_popen(loop):
                self.report_safely(loop.node, self._report, loop)

    def _report(self, loop: SequentialLoop) -> None:
        workers = self.config.workers[self.kind.value]
        plan = plan_fix(loop, self.facts, Style(workers))
        if isinstance(plan, LoopFix):
            plan = replace(plan, verdict=with_worst_write_reason(plan.verdict, loop.site.io_calls))
        self.report_plan(loop.node, plan, loop.work.via, call=call_text(loop.work.call), where=place_text(loop.work), workers=workers)


def place_text(work: SliceIoCall) -> str:
    """Return the place of I/O in another module, for a message: ` (store/utils.py:42)`; empty for I/O of the file."""
    return f" ({work.via[-1].shown}:{work.via[-1].line})" if work.via else ""


def call_text(call: cst.Call) -> str:
    """Return the source text of a call target without arguments: `path.read_text`, `open().read`. A long text is truncated at the left."""
    text = _expression_text(call.func)
    return text if len(text) <= _LONGEST else "..." + text[-_LONGEST:]


def _expression_text(node: cst.BaseExpression) -> str:
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            return f"{_expression_text(value)}.{name}"
        case cst.Call(func=func):
            return f"{_expression_text(func)}()"
        case _:
            return "(...)"

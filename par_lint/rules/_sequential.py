"""The body that the rules on sequential loops share: one visitor, told which kind of I/O to report."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.loops.sequential import SequentialLoop, find_loops
from par_lint.analysis.loops.start_then_wait import loops_done, waits_for_popen
from par_lint.core.catalog.entry import Kind
from par_lint.fixes.loop_fixes import plan_fix
from par_lint.fixes.loop_fixes.fission import Style
from par_lint.rules._rule import RuleVisitor

_LONGEST = 36  # lists in editors cut long messages


class SequentialVisitor(RuleVisitor):
    """Reports the loops whose slowest I/O is of one kind."""

    kind: Kind

    def visit_Module(self, node: cst.Module) -> None:
        """Report every such loop of the module, but those that start work and wait for it: these are PRL105."""
        for loop in find_loops(self.facts).sequential:
            if loop.kind is self.kind and loop.node not in loops_done(self.facts) and not waits_for_popen(loop):
                self.guarded(loop.node, self._report, loop)

    def _report(self, loop: SequentialLoop) -> None:
        workers = self.config.workers[self.kind.value]
        plan = plan_fix(loop, self.facts, Style(workers))
        self.report_plan(loop.node, plan, call=spelled(loop.work.call), workers=workers)


def spelled(call: cst.Call) -> str:
    """How the source spells what is called, without arguments: `path.read_text`, `open().read`. The end of a long one."""
    text = _spelled(call.func)
    return text if len(text) <= _LONGEST else "..." + text[-_LONGEST:]


def _spelled(node: cst.BaseExpression) -> str:
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            return f"{_spelled(value)}.{name}"
        case cst.Call(func=func):
            return f"{_spelled(func)}()"
        case _:
            return "(...)"

"""The fix of a sequential loop, by its form."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.sequential_io import SequentialLoop
from par_lint.core.findings import Withheld
from par_lint.fixes.loop_fixes.comprehension import plan_comprehension, plan_map
from par_lint.fixes.loop_fixes.fission import LoopFix, Shape, Style
from par_lint.fixes.loop_fixes.split_strategies import calls_to_move, plan_for
from par_lint.fixes.loop_fixes.unwanted_fixes import has_too_few_items, one_connection, paced


def plan_fix(loop: SequentialLoop, facts: Facts, style: Style) -> LoopFix | Withheld:
    """Return the fix of a `for` loop, a comprehension or a `map`, or the reason why there is none."""
    reason = has_too_few_items(loop.site, facts) or paced(loop.site, loop.kind, facts) or one_connection(loop.site, facts)
    if reason is not None:
        return reason
    match loop.node:
        case cst.For() as node:
            shape = Shape(node, node, node.target, node.iter, loop.site, loop.work.entry)
            return plan_for(shape, facts, style, calls_to_move(loop.site, loop.kind))
        case cst.Call():
            return plan_map(loop, facts, style)
        case _:
            return plan_comprehension(loop, facts, style)

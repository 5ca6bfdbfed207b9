"""An executor is created in every loop iteration.

Why
---
Each executor starts its threads or processes and waits for them to end, so no item starts until every task of the previous
item has finished. Twenty pools of 4 processes took 0.35 s, one pool 0.04 s; 100 pools of 10 threads took 0.10 s, one 0.02 s.

Example
-------
Bad::

    from concurrent.futures import ThreadPoolExecutor

    def publish(groups, send):
        for group in groups:
            with ThreadPoolExecutor() as pool:
                print(list(pool.map(send, group)))

Good::

    from concurrent.futures import ThreadPoolExecutor

    def publish(groups, send):
        with ThreadPoolExecutor() as pool:
            for group in groups:
                print(list(pool.map(send, group)))

Not reported when
-----------------
The executor is created once, if it does not exist yet, and kept; its size depends on the item; the loop retries, ends after
the first iteration, or has fewer than three items; each item keeps its own executor. `run_parallel` inside a function that
`run_parallel` calls is reported, because it also starts workers for each item.

Fix safety
----------
Always unsafe: leaving the `with` block waits for the tasks of an item, but after the fix only the end of the loop does.
Withheld if the loop does more than the `with` block.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.pools.executor_in_loop import ExecutorInLoop, find_executors_in_loops, plain_name
from par_lint.core.findings import FixAvailability, ReasonKind
from par_lint.fixes.hoist_executor import plan_hoist
from par_lint.rules._rule import Rule, RuleVisitor

RULE = Rule(
    "PRL302", "executor-per-item", "`{maker}` is created in every iteration: create it once, before the loop", FixAvailability.UNSAFE_ONLY,
    ReasonKind.SHARED("the workers are shared by all items"),
)  # fmt: skip


class Visitor(RuleVisitor):
    """Report executors that are created in every iteration."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every executor that a loop creates."""
        for found in find_executors_in_loops(self.facts):
            self.report_safely(found.call, self._report, found)

    def _report(self, found: ExecutorInLoop) -> None:
        plan = plan_hoist(found, self.facts)
        self.report_plan(found.call, plan, maker=plain_name(found.call))

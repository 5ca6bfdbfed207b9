"""An executor is made anew for each item of a loop.

Why
---
Each executor starts its threads or processes and waits for them to end, so no item starts before the slowest task of the one
before it is over. 20 pools of 4 processes took 0.35 s where one pool took 0.04 s; 100 pools of 10 threads 0.10 s and 0.02 s.

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

Silent when
-----------
The executor is made once, when it is missing, and kept; its size depends on the item; the loop retries, ends after the first
pass, or has fewer than three items; each item keeps an executor of its own. `run_parallel` inside a function that
`run_parallel` calls is reported, as it too starts workers for each item.

Fix safety
----------
Always unsafe: leaving the `with` block waited for the tasks of an item, and now only the end of the loop does. Withheld where
the `with` block is not all that the loop does.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.pools.executor_in_loop import ExecutorInLoop, find_executors_in_loops, plain_name
from par_lint.core.findings import FixAvailability, Ground
from par_lint.fixes.hoist_executor import plan_hoist
from par_lint.rules._rule import Rule, RuleVisitor

RULE = Rule(
    "PRL302", "executor-per-item", "`{maker}` starts workers anew for each item: make one executor before the loop", FixAvailability.SOMETIMES,
    Ground.SHARED("the workers live on from one item to the next"),
)  # fmt: skip


class Visitor(RuleVisitor):
    """Reports executors that are made once for each item."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every executor that a loop makes."""
        for found in find_executors_in_loops(self.facts):
            self.guarded(found.call, self._report, found)

    def _report(self, found: ExecutorInLoop) -> None:
        plan = plan_hoist(found, self.facts)
        self.report_plan(found.call, plan, maker=plain_name(found.call))

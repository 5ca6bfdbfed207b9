"""A loop starts work and waits for it before it starts the next.

Why
---
A pool, a thread or a task that is waited for at once does no more than a plain call, with the cost of a start on top: of
fifty workers one is ever busy. Start all of them first, and 100 waits of 100 ms take 0.2 s instead of 10.

Example
-------
Bad::

    from concurrent.futures import ThreadPoolExecutor

    def pages(fetch, urls):
        with ThreadPoolExecutor(max_workers=50) as pool:
            return [pool.submit(fetch, url).result() for url in urls]

Good::

    from concurrent.futures import ThreadPoolExecutor

    def pages(fetch, urls):
        with ThreadPoolExecutor(max_workers=50) as pool:
            futures = [pool.submit(fetch, url) for url in urls]
            return [future.result() for future in futures]

Silent when
-----------
All were started before; something else is done between the start and the wait; the pool has one worker, or the wait a time
limit, on purpose; a pass needs what an earlier one did; the loop may end early, retries or paces itself.

Fix safety
----------
Always unsafe: what is started runs beside the others, and later items are started before an earlier one may fail. The
results are taken in order. Threads and futures are as many as there are items, tasks and subprocesses bounded.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.loops.sequential import SequentialLoop
from par_lint.analysis.loops.start_then_wait import StartedLoop, find_popens, find_started
from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import FixAvailability, Ground
from par_lint.fixes.loop_fixes.fission import Style
from par_lint.fixes.loop_fixes.start_all import plan_popen, plan_start_all
from par_lint.rules._rule import Rule, RuleVisitor
from par_lint.rules._sequential import spelled

RULE = Rule(
    "PRL105", "start-then-wait", "`{call}` is waited for before the next one starts: start all first, {workers} at once",
    FixAvailability.SOMETIMES,
    Ground.ORDER("all are started before the first is waited for"),
)  # fmt: skip


class Visitor(RuleVisitor):
    """Reports loops that wait for each piece of work as soon as it has started."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every such loop of the module."""
        for loop in find_started(self.facts):
            self.guarded(loop.node, self._report, loop)
        for popen in find_popens(self.facts):
            self.guarded(popen.node, self._report_popen, popen)

    def _report(self, loop: StartedLoop) -> None:
        workers = self.config.workers[Kind.NETWORK.value]
        plan = plan_start_all(loop, self.facts, Style(workers, self.config.python))
        self.report_plan(loop.node, plan, call=spelled(loop.start.call), workers=workers)

    def _report_popen(self, loop: SequentialLoop) -> None:
        workers = self.config.workers[Kind.SUBPROCESS.value]
        plan = plan_popen(loop, self.facts, Style(workers))
        self.report_plan(loop.node, plan, call=spelled(loop.work.call), workers=workers)

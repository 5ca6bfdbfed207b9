"""A loop starts work and waits for it before it starts the next piece of work.

Why
---
A loop that waits for each task right after starting it is no faster than a plain call, and pays the cost of starting: only
one of fifty workers is ever busy. If all tasks start first, 100 waits of 100 ms take 0.2 s instead of 10 s.

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

Not reported when
-----------------
All tasks were started before; other work is done between the start and the wait; the pool has one worker or the wait has a
timeout, which is deliberate; an iteration depends on an earlier one; the loop can exit early, retries, or throttles itself.

Fix safety
----------
Always unsafe: the tasks run concurrently, and later items start before an earlier one may fail. The results are taken in
order. There are as many threads or futures as items; tasks and subprocesses are limited.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.loops.sequential_io import SequentialLoop
from par_lint.analysis.loops.start_then_wait import StartedLoop, find_popens, find_started
from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import FixAvailability, ReasonKind
from par_lint.fixes.loop_fixes.fission import Style
from par_lint.fixes.loop_fixes.start_all import plan_popen, plan_start_all
from par_lint.rules._rule import Rule, RuleVisitor
from par_lint.rules._sequential import call_text

RULE = Rule(
    "PRL105", "start-then-wait", "`{call}` is waited for before the next one starts: start all first, at most {workers} at a time",
    FixAvailability.UNSAFE_ONLY,
    ReasonKind.ORDER("all tasks start before the loop waits for the first one"),
)  # fmt: skip


class Visitor(RuleVisitor):
    """Report loops that wait for each piece of work as soon as it has started."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every such loop in the module."""
        for loop in find_started(self.facts):
            self.report_safely(loop.node, self._report, loop)
        for popen in find_popens(self.facts):
            self.report_safely(popen.node, self._report_popen, popen)

    def _report(self, loop: StartedLoop) -> None:
        workers = self.config.workers[Kind.NETWORK.value]
        plan = plan_start_all(loop, self.facts, Style(workers, self.config.python))
        self.report_plan(loop.node, plan, call=call_text(loop.start.call), workers=workers)

    def _report_popen(self, loop: SequentialLoop) -> None:
        workers = self.config.workers[Kind.SUBPROCESS.value]
        plan = plan_popen(loop, self.facts, Style(workers))
        self.report_plan(loop.node, plan, call=call_text(loop.work.call), workers=workers)

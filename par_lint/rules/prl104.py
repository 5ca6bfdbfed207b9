"""A coroutine awaits I/O in a loop, one item at a time.

Why
---
`await` in a loop lets other tasks run, but the next item of this loop still waits for the last one. One hundred requests
of 100 ms take 10 s that way, and 0.2 s with 50 at once.

Example
-------
Bad::

    import httpx

    async def titles(client: httpx.AsyncClient, urls: list[str]) -> list[str]:
        found = []
        for url in urls:
            response = await client.get(url)
            found.append(response.text)
        return found

Good::

    import asyncio
    import httpx

    async def titles(client: httpx.AsyncClient, urls: list[str]) -> list[str]:
        semaphore = asyncio.Semaphore(50)

        async def fetch_url(url: str) -> httpx.Response:
            async with semaphore:
                return await client.get(url)

        found = []
        for response in await asyncio.gather(*(fetch_url(url) for url in urls)):
            found.append(response.text)
        return found

Silent when
-----------
What is awaited is not visibly I/O; a pass needs what an earlier one did; the loop may end early, retries, paces itself,
takes a lock, or goes over fewer than three items; all passes share one connection, websocket or page; the coroutine is
itself one of many that run at once. `async for` and generators are left alone.

Fix safety
----------
Always unsafe: the requests of later items are sent before earlier answers are looked at, and where one fails the others run
on, and the rest of the loop sees none of the answers. The order of the results stays, and a semaphore bounds how many run
at once. Where the project needs Python 3.11 or newer (`requires-python`, `target-version`) and no handler stands around the
loop, the fix is an `asyncio.TaskGroup`: it cancels the others where one fails, and raises an ExceptionGroup.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.loops.await_in_loop import AwaitingLoop, find_awaiting
from par_lint.analysis.loops.start_then_wait import loops_done
from par_lint.core.findings import FixAvailability, Ground
from par_lint.fixes.loop_fixes.fission import Style
from par_lint.fixes.loop_fixes.gather import plan_gather
from par_lint.fixes.loop_fixes.task_group import is_grouped
from par_lint.rules._rule import Rule, RuleVisitor
from par_lint.rules._sequential import spelled

RULE = Rule(
    "PRL104", "await-in-loop", "`await {call}` waits for one item at a time: use {means} with Semaphore({workers})",
    FixAvailability.SOMETIMES, Ground.ORDER("later items begin before the rest of the loop has seen earlier ones"),
)  # fmt: skip


class Visitor(RuleVisitor):
    """Reports loops of coroutines that await I/O."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every such loop of the module."""
        for loop in find_awaiting(self.facts):
            if loop.node not in loops_done(self.facts):
                self.guarded(loop.node, self._report, loop)

    def _report(self, loop: AwaitingLoop) -> None:
        workers = self.config.workers[loop.work.entry.kind.value]
        style = Style(workers, self.config.python)
        plan = plan_gather(loop.node, loop.site, loop.work, self.facts, style)
        means = "asyncio.TaskGroup" if is_grouped(loop.node, self.facts, style) else "asyncio.gather"
        self.report_plan(loop.node, plan, call=spelled(loop.work.call), means=means, workers=workers)

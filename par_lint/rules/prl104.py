"""A coroutine awaits I/O in a loop, one item at a time.

Why
---
`await` in a loop lets other tasks run, but the next item of this loop still waits for the previous one. One hundred requests
of 100 ms take 10 s that way, and 0.2 s with 50 at a time.

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

Not reported when
-----------------
The awaited call is not known to do I/O; an iteration depends on an earlier one; the loop can exit early, retries, throttles
itself, takes a lock, or has fewer than three items; all iterations share one connection, websocket or page, post to one chat or
channel, or act on one screen or browser; each item is a batch whose elements run concurrently; the coroutine is itself one of many
that run concurrently. `async for` loops and generators are never reported.

Fix safety
----------
Always unsafe: the requests of later items are sent before earlier answers are processed. If one fails, the others continue,
and the rest of the loop gets none of the answers. The results keep their order, and a semaphore limits how many requests run at
the same time. If the project requires Python 3.11 or newer (`requires-python`, `target-version`) and no exception handler
surrounds the loop, the fix uses an `asyncio.TaskGroup`: it cancels the other tasks if one fails, and raises an ExceptionGroup.
No fix is made for a loop that is known to have only three items: it is reported, but there is little to gain.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.loops.await_in_loop import AwaitingLoop, find_awaiting
from par_lint.analysis.loops.start_then_wait import reported_with_enclosing_loops
from par_lint.core.findings import FixAvailability, ReasonKind
from par_lint.fixes.loop_fixes.fission import Style
from par_lint.fixes.loop_fixes.gather import plan_gather
from par_lint.fixes.loop_fixes.task_group import is_grouped
from par_lint.rules._rule import Rule, RuleVisitor
from par_lint.rules._sequential import call_text, place_text

RULE = Rule(
    "PRL104", "await-in-loop", "`await {call}`{where} waits for one item at a time: use {means} with Semaphore({workers})",
    FixAvailability.UNSAFE_ONLY, ReasonKind.ORDER("later items start before the rest of the loop has processed earlier ones"),
)  # fmt: skip


class Visitor(RuleVisitor):
    """Report loops of coroutines that await I/O."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every such loop in the module."""
        for loop in find_awaiting(self.facts):
            if loop.node not in reported_with_enclosing_loops(self.facts):
                self.report_safely(loop.node, self._report, loop)

    def _report(self, loop: AwaitingLoop) -> None:
        workers = self.config.workers[loop.work.entry.kind.value]
        style = Style(workers, self.config.python)
        plan = plan_gather(loop.node, loop.site, loop.work, self.facts, style)
        means = "asyncio.TaskGroup" if is_grouped(loop.node, self.facts, style) else "asyncio.gather"
        self.report_plan(loop.node, plan, loop.work.via, call=call_text(loop.work.call), where=place_text(loop.work), means=means, workers=workers)

"""A pool has too few workers for the kind of I/O that it does.

Why
---
Threads that wait cost next to nothing. With 5 workers, 100 requests still wait in 20 rounds; with 50 they wait in two.

Example
-------
Bad::

    import requests
    from concurrent.futures import ThreadPoolExecutor

    def fetch(url):
        return requests.get(url, timeout=10).text

    def pages(urls):
        with ThreadPoolExecutor(max_workers=5) as pool:
            return list(pool.map(fetch, urls))

Good::

    import requests
    from concurrent.futures import ThreadPoolExecutor

    def fetch(url):
        return requests.get(url, timeout=10).text

    def pages(urls):
        with ThreadPoolExecutor(max_workers=50) as pool:
            return list(pool.map(fetch, urls))

Silent when
-----------
The kind of work or the number is not visible; the number is one or two, which is on purpose; there are as many workers as tasks.

Fix safety
----------
Always unsafe: more workers ask more of the other side. The number is the guide's: 50 for network, 20 for files, 10 for
subprocesses, or that of `[tool.par-lint.workers]`.
"""

from __future__ import annotations

from typing import Any

import libcst as cst

from par_lint.analysis.pools import Pool, find_pools, literal_size, task_count
from par_lint.findings import Applicability, FixAvailability, Withheld
from par_lint.fixes.edit import Edit
from par_lint.fixes.keyword import set_argument
from par_lint.rules._rule import Rule, RuleVisitor

_ON_PURPOSE = 2  # one or two workers are a decision, not an oversight

RULE = Rule(
    "PRL401", "too-few-workers", "{size} workers make {kind} work wait in line: use max_workers={workers}", FixAvailability.SOMETIMES,
)  # fmt: skip


class Visitor(RuleVisitor):
    """Reports pools that are too small for what they wait for."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every pool of I/O that has few workers."""
        for pool in find_pools(self.facts):
            kinds = {task.kind for task in pool.tasks}
            kind = next((kind for kind in kinds if kind is not None and kind.value in self.config.workers), None)
            size = literal_size(pool.workers, self.facts)
            if kind is None or len(kinds) != 1 or size is None or size <= _ON_PURPOSE:
                continue
            workers = self.config.workers[kind.value]
            tasks = task_count(pool, self.facts)
            if size < workers and (tasks is None or tasks > size):
                self._report(pool, kind.value, size, workers)

    def _report(self, pool: Pool, kind: str, size: int, workers: int) -> None:
        names: dict[str, Any] = {"kind": kind, "size": size, "workers": workers}
        if isinstance(pool.workers, cst.Name):
            withheld = Withheld(f"the number is the constant {pool.workers.value}", self.facts.line(pool.call))
            self.report(pool.call, withheld=withheld, **names)
            return

        def build() -> Edit:
            return Edit(((pool.call, set_argument(pool.call, pool.position, pool.parameter, cst.Integer(str(workers)))),))

        self.report(pool.call, Applicability.UNSAFE, build, **names)

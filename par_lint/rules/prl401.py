"""A pool has too few workers for the kind of I/O that it does.

Why
---
Threads that wait cost next to nothing. 100 requests of 100 ms each take 2.0 s with 5 workers, which is 20 rounds, and 0.2 s
with 50.

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
The kind of work or the number is not visible; the number is one or two, which is on purpose; there are no more tasks than
workers. Counted are `ThreadPoolExecutor`, `ThreadPool`, joblib with threads, `run_parallel`, `batch_map`, and an
`asyncio.Semaphore` around the I/O.

Fix safety
----------
Always unsafe: more workers ask more of the other side. The number is the guide's: 50 for network, 20 for files, 10 for
subprocesses, or that of `[tool.par-lint.workers]`.
"""

from __future__ import annotations

import libcst as cst

from par_lint.core.findings import FixAvailability, Ground
from par_lint.rules._rule import Rule
from par_lint.rules._workers import WorkersVisitor

RULE = Rule(
    "PRL401", "too-few-workers", "{size} workers make {kind} wait in line: use {workers}", FixAvailability.SOMETIMES,
    Ground.LOAD("more of it runs at once"),
)  # fmt: skip
_WAITING = ("network", "file", "subprocess")


class Visitor(WorkersVisitor):
    """Reports pools that are too small for what they wait for."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every pool of I/O that has few workers."""
        for found in self.sized():
            workers = self.config.workers[found.kind.value]
            enough = found.tasks is not None and found.tasks <= found.size
            if found.kind.value in _WAITING and not found.pool.is_of_processes and found.size < workers and not enough:
                self.report_size(found, workers)

"""A pool has too few workers for its kind of I/O.

Why
---
Waiting threads cost almost nothing. 100 requests of 100 ms each take 2.0 s with 5 workers, which is 20 rounds, and 0.2 s
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

Not reported when
-----------------
The kind of work or the number of workers is unknown; the number is one or two, which is deliberate; there are no more tasks
than workers. The rule covers `ThreadPoolExecutor`, `ThreadPool`, joblib with threads, `run_parallel`, `batch_map`, and an
`asyncio.Semaphore` around I/O.

Fix safety
----------
Always unsafe: more workers put more load on the server or the disk. The new number is 50 for network, 20 for files, 10 for
subprocesses, or the value in `[tool.par-lint.workers]`.
"""

from __future__ import annotations

import libcst as cst

from par_lint.core.findings import FixAvailability, ReasonKind
from par_lint.rules._rule import Rule
from par_lint.rules._workers import WorkersVisitor

RULE = Rule(
    "PRL401", "too-few-workers", "{size} workers are too few for {kind}: use {workers}", FixAvailability.UNSAFE_ONLY,
    ReasonKind.LOAD("more work runs at the same time"),
)  # fmt: skip
_WAITING = ("network", "file", "subprocess")


class Visitor(WorkersVisitor):
    """Report pools that are too small for their I/O."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every I/O pool with too few workers."""
        for found in self.sized_pools():
            workers = self.config.workers[found.kind.value]
            enough = found.tasks is not None and found.tasks <= found.size
            if found.kind.value in _WAITING and not found.pool.is_of_processes and found.size < workers and not enough:
                self.report_size(found, workers)

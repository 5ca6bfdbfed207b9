"""A pool has more workers than its kind of work can use.

Why
---
Beyond the capacity of the disk, the cores or the server, workers only wait for each other, and each costs memory: 200
concurrent `python -c pass` are 200 interpreters of about 9 MB each. Starting 64 processes took 0.19 s before any of them computed.

Example
-------
Bad::

    import subprocess
    from concurrent.futures import ThreadPoolExecutor

    def convert(name):
        subprocess.run(["convert", name, name + ".png"], check=True, timeout=60)

    def convert_all(names):
        with ThreadPoolExecutor(max_workers=200) as pool:
            return list(pool.map(convert, names))

Good::

    import subprocess
    from concurrent.futures import ThreadPoolExecutor

    def convert(name):
        subprocess.run(["convert", name, name + ".png"], check=True, timeout=60)

    def convert_all(names):
        with ThreadPoolExecutor(max_workers=10) as pool:
            return list(pool.map(convert, names))

Not reported when
-----------------
The kind of work or the number of workers is unknown, or there are fewer tasks than useful workers. The limits are 100
for network, 50 for files, 20 for subprocesses, and 32 for CPU-bound work in processes or, on free-threaded Python, in threads. Larger numbers in
`[tool.par-lint.workers]` raise them. `run_parallel` and `batch_map` on a literal of one or two items are reported with any number of workers:
there is almost nothing to run concurrently.

Fix safety
----------
Always unsafe: fewer workers may be slower on a large machine.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.gate.candidates import MIN_ITEMS
from par_lint.analysis.pools.worker_counts import Pool, find_pools, literal_size
from par_lint.core.config.settings import MOST_WORKERS
from par_lint.core.findings import FixAvailability, ReasonKind, Withheld
from par_lint.rules._rule import Rule
from par_lint.rules._workers import WorkersVisitor

_DEFAULT = 50  # workers of run_parallel

RULE = Rule(
    "PRL402", "too-many-workers", "{size} workers are too many for {kind}: use {workers}", FixAvailability.UNSAFE_ONLY,
    ReasonKind.LOAD("less work runs at the same time"),
)  # fmt: skip


class Visitor(WorkersVisitor):
    """Report pools that are too large for their work."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every pool that has too many workers."""
        for found in self.sized_pools():
            kind = found.kind.value
            if kind == "cpu" and not found.pool.is_of_processes and not self.config.free_threaded:
                continue  # PRL301 reports CPU-bound work in threads
            workers = self.config.workers[kind]
            most = max(MOST_WORKERS.get(kind, workers), workers)
            if found.size > most and (found.tasks is None or found.tasks > most) and not self._has_few_items(found.pool):
                self.report_size(found, workers)
        for pool in find_pools(self.facts):
            if self._has_few_items(pool):
                size = literal_size(pool.workers, self.facts) if pool.workers is not None else _DEFAULT
                withheld = Withheld(ReasonKind.PERSON("a person must decide what the loop does with the results"), self.facts.line(pool.call))
                self.report(pool.call, withheld=withheld, size=size or "several", kind="one or two items", workers="a plain loop")

    def _has_few_items(self, pool: Pool) -> bool:
        """Return whether a call of the runtime has a literal of fewer than three items as its iterable."""
        if not pool.is_runtime or len(pool.call.args) < 2 or pool.call.args[1].keyword is not None or pool.call.args[1].star:
            return False
        items = pool.call.args[1].value
        site = self.facts.site(pool.call) if isinstance(items, (cst.List, cst.Tuple, cst.Set, cst.Name)) else None
        size = self.facts.known_size(site.node.args[1], pool.call) if site is not None else None
        return size is not None and size < MIN_ITEMS

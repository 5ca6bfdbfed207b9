"""A pool has more workers than its kind of work can use.

Why
---
Beyond what the disk, the cores or the other side can take, workers only wait for each other, and each costs memory: 200
`python -c pass` at once are 200 interpreters of some 9 MB each. To start 64 processes took 0.19 s before any of them computed.

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

Silent when
-----------
The kind of work or the number is not visible, or there are fewer tasks than the work can use workers. The limits are 100
for the network, 50 for files, 20 for subprocesses, 32 for computing in processes (or those of `[tool.par-lint.workers]`, where
these are higher).

Fix safety
----------
Always unsafe: fewer workers may be slower where the machine is larger than it looks.
"""

from __future__ import annotations

import libcst as cst

from par_lint.config import MOST_WORKERS
from par_lint.findings import FixAvailability
from par_lint.rules._rule import Rule
from par_lint.rules._workers import WorkersVisitor

RULE = Rule(
    "PRL402", "too-many-workers", "{size} workers are more than {kind} work can use: use {workers}", FixAvailability.SOMETIMES,
)  # fmt: skip


class Visitor(WorkersVisitor):
    """Reports pools that are too large for what they do."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every pool that has too many workers."""
        for found in self.sized():
            kind = found.kind.value
            if kind == "cpu" and not found.pool.is_of_processes:
                continue  # computing in threads is another rule's
            workers = self.config.workers[kind]
            most = max(MOST_WORKERS.get(kind, workers), workers)
            if found.size > most and (found.tasks is None or found.tasks > most):
                self.report_size(found, workers)

"""A loop runs subprocesses one at a time.

Why
---
The loop sleeps while each child works, and the other cores stand idle. Ten children at once keep the machine busy
without exhausting it.

Example
-------
Bad::

    import subprocess

    def convert(names):
        for name in names:
            subprocess.run(["convert", name, name + ".png"], check=True, timeout=10)

Good::

    import subprocess

    from par_lint.parallel import run_parallel

    def convert(names):
        run_parallel(
            lambda name: subprocess.run(["convert", name, name + ".png"], check=True, timeout=10),
            names,
            max_workers=10,
            fail_fast=True,
        )

Silent when
-----------
A command needs what an earlier one did; all of them change one environment or repository (`pip install`, `git commit`);
the loop may end early, retries, paces itself or goes over fewer than three items; it already runs in a worker.

Fix safety
----------
Always unsafe: what a command does is not visible, so a person decides whether two of them may run at once.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import FixAvailability
from par_lint.rules._rule import Rule
from par_lint.rules._sequential import SequentialVisitor

RULE = Rule(
    "PRL103", "sequential-subprocesses",
    "`{call}` waits for one subprocess at a time: use run_parallel(..., max_workers={workers})",
    FixAvailability.SOMETIMES,
)  # fmt: skip


class Visitor(SequentialVisitor):
    """Reports loops that wait for subprocesses."""

    rule = RULE
    kind = Kind.SUBPROCESS

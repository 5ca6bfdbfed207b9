"""A loop runs subprocesses one at a time.

Why
---
The loop blocks while each child process works, and the other cores are idle. Ten children at a time keep the machine busy
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

Not reported when
-----------------
A command needs the result of an earlier one; all commands change one environment or repository (`pip install`, `git
commit`); the loop can exit early, retries, throttles itself, or has fewer than three items; the code already runs in a worker.

Fix safety
----------
Always unsafe: the effects of a command are unknown, so a person must decide whether two of them may run concurrently.
No fix is made for a loop that is known to have only three items: it is reported, but there is little to gain.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import FixAvailability
from par_lint.rules._rule import Rule
from par_lint.rules._sequential import SequentialVisitor

RULE = Rule(
    "PRL103", "sequential-subprocesses",
    "`{call}`{where} waits for one subprocess at a time: use run_parallel(..., max_workers={workers})",
    FixAvailability.UNSAFE_ONLY,
)  # fmt: skip


class Visitor(SequentialVisitor):
    """Report loops that wait for subprocesses."""

    rule = RULE
    kind = Kind.SUBPROCESS

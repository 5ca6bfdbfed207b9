"""A loop reads or writes whole files one at a time.

Why
---
Each iteration waits for the disk, or for a network file system, before the next file is requested. The files do not
depend on each other, so up to 20 of the waits can overlap.

Example
-------
Bad::

    from pathlib import Path

    def sizes(paths: list[Path]) -> dict[Path, int]:
        found = {}
        for path in paths:
            text = path.read_text()
            found[path] = len(text)
        return found

Good::

    from pathlib import Path

    from par_lint.parallel import run_parallel

    def sizes(paths: list[Path]) -> dict[Path, int]:
        found = {}
        for path, text, _ in run_parallel(
            lambda path: path.read_text(), paths, max_workers=20, as_loop=True
        ):
            found[path] = len(text)
        return found

Not reported when
-----------------
An iteration depends on an earlier one; the loop can exit early, retries, throttles itself, or has fewer than three items;
all iterations share one open file or write to one place; only names, sizes or dates are read; the code already runs in a worker.

Fix safety
----------
Safe if only reads move to the workers: reading ahead cannot be observed, and everything else stays in order on the calling
thread. Unsafe if files are written, or if functions that are not defined in this file would run concurrently.
No fix is made for a loop that is known to have only three items: it is reported, but there is little to gain.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import FixAvailability
from par_lint.rules._rule import Rule
from par_lint.rules._sequential import SequentialVisitor

RULE = Rule(
    "PRL101", "sequential-file-io",
    "`{call}`{where} waits for one file at a time: use run_parallel(..., max_workers={workers})",
    FixAvailability.SAFE_FOR_READS,
)  # fmt: skip


class Visitor(SequentialVisitor):
    """Report loops that wait for files."""

    rule = RULE
    kind = Kind.FILE

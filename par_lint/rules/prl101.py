"""A loop reads or writes whole files one at a time.

Why
---
Each pass waits for the disk, or for a network file system, before the next file is even asked for. The files do not
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

Silent when
-----------
A pass needs what an earlier one did; the loop may end early, retries, paces itself or goes over fewer than three items;
all passes share one open file or write to one place; only names, sizes or dates are looked at; it already runs in a worker.

Fix safety
----------
Safe where only reading moves to the workers, because reading ahead cannot be noticed and everything else stays in order
on the calling thread. Unsafe where files are written, or calls whose body is not visible would run at once.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import FixAvailability
from par_lint.rules._rule import Rule
from par_lint.rules._sequential import SequentialVisitor

RULE = Rule(
    "PRL101", "sequential-file-io",
    "`{call}` waits for one file at a time: use run_parallel(..., max_workers={workers})",
    FixAvailability.SOMETIMES,
)  # fmt: skip


class Visitor(SequentialVisitor):
    """Reports loops that wait for files."""

    rule = RULE
    kind = Kind.FILE

"""A loop over folders, around a loop over the files of each, works on one file at a time.

Why
---
Two nested loops hide how many files there are, so nobody thinks of working on them at once. One flat list of files is
easier to read, and can be given to workers.

Example
-------
Bad::

    from glob import glob

    def check(folders):
        found = []
        for folder in folders:
            for path in glob(folder + "/*.py"):
                with open(path) as file:
                    found.append(file.read())
        return found

Good::

    from glob import glob

    from par_lint.parallel import run_parallel

    def read(path):
        with open(path) as file:
            return file.read()

    def check(folders):
        files = [path for folder in folders for path in glob(folder + "/*.py")]
        return [text for _, text, _ in run_parallel(read, files, max_workers=20, as_loop=True)]

Silent when
-----------
The body only collects or looks at names; the nest is a generator, ends early, or needs what an earlier pass did.

Fix safety
----------
Safe where only reading moves to the workers. Unsafe where files are changed or what the body calls is not visible: the
list is made before the first file is touched. Where statements stand between the two loops, or the outer one may go over
what is lazy, the outer loop stays and the files of each folder are worked on at once.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.loops.sequential import NestedLoop, find_loops
from par_lint.core.findings import FixAvailability
from par_lint.fixes.loop_fixes.fission import Style
from par_lint.fixes.loop_fixes.flatten import nest_kind, plan_nested
from par_lint.rules._rule import Rule, RuleVisitor

RULE = Rule(
    "PRL111", "nested-listing",
    "nested loops wait for one file at a time: list all files, then use run_parallel(..., max_workers={workers})",
    FixAvailability.SOMETIMES,
)  # fmt: skip


class Visitor(RuleVisitor):
    """Reports nested loops over listings."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every nest of the module."""
        for loop in find_loops(self.facts).nested:
            self.guarded(loop.node, self._report, loop)

    def _report(self, loop: NestedLoop) -> None:
        workers = self.config.workers[nest_kind(loop, self.facts).value]
        plan = plan_nested(loop, self.facts, Style(workers))
        self.report_plan(loop.node, plan, workers=workers)

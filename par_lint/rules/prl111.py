"""A loop over folders contains a loop over the files of each folder, which processes one file at a time.

Why
---
Two nested loops hide how many files there are, so nobody thinks of processing them concurrently. One flat list of files is
easier to read, and workers can share it.

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

Not reported when
-----------------
The body only collects or compares names; the nested loops are a generator, can exit early, or depend on an earlier iteration.

Fix safety
----------
Safe if only reads move to the workers. Unsafe if files are changed, or if the body calls functions that are not defined in
this file: the list is complete before the first file is processed. If there are statements between the two loops, or the outer
iterable may be lazy, the outer loop stays and the files of each folder are processed concurrently.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.loops.sequential_io import NestedLoop, find_loops
from par_lint.analysis.semantics.dataflow.body_summary import is_worth_a_worker, slowest
from par_lint.core.findings import FixAvailability
from par_lint.fixes.loop_fixes.fission import Style
from par_lint.fixes.loop_fixes.flatten import nest_kind, plan_nested
from par_lint.rules._rule import Rule, RuleVisitor
from par_lint.rules._sequential import call_text

RULE = Rule(
    "PRL111", "nested-listing",
    "nested loops wait for one file at a time{where}: list all files, use run_parallel(..., max_workers={workers})",
    FixAvailability.SAFE_FOR_READS,
)  # fmt: skip


class Visitor(RuleVisitor):
    """Report nested loops over listings."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every such pair of loops in the module."""
        for loop in find_loops(self.facts).nested:
            self.report_safely(loop.node, self._report, loop)

    def _report(self, loop: NestedLoop) -> None:
        workers = self.config.workers[nest_kind(loop, self.facts).value]
        plan = plan_nested(loop, self.facts, Style(workers))
        self.report_plan(loop.node, plan, where=self._where(loop), workers=workers)

    def _where(self, loop: NestedLoop) -> str:
        """Return the call that waits and its line: it may be far below the header that is reported."""
        work = slowest([work for work in loop.site.summary.io_calls if is_worth_a_worker(work)])
        return f" (`{call_text(work.call)}` in line {self.facts.line(work.call)})" if work is not None and not work.via else ""

"""CPU-bound work runs in threads.

Why
---
Threads share the GIL: only one of them runs Python code at a time. CPU-bound work in a thread pool takes as long as in a loop,
plus the cost of switching. Eight sums of four million squares took 2.1 s in a loop and 2.6 s in threads; processes share the cores.

Example
-------
Bad::

    from concurrent.futures import ThreadPoolExecutor

    def total(limit):
        return sum(number * number for number in range(limit))

    def totals(limits):
        with ThreadPoolExecutor() as pool:
            return list(pool.map(total, limits))

Good::

    from concurrent.futures import ProcessPoolExecutor

    def total(limit):
        return sum(number * number for number in range(limit))

    def totals(limits):
        with ProcessPoolExecutor() as pool:
            return list(pool.map(total, limits))

Not reported when
-----------------
The function is not defined in this file, calls such a function, does I/O or waits, or spends its time in code that releases
the GIL (numpy, zlib, hashlib on large inputs); `run_parallel` has an executor of processes; the project runs on free-threaded
Python (`free-threaded = true` in `[tool.par-lint]`), which has no GIL.

Fix safety
----------
Always unsafe: arguments and results must be picklable, and changes to shared objects are lost. Withheld for lambdas, methods,
nested functions and functions that change shared objects, which do not work in processes; for pools with more than one kind of
work; and if importing the file would start the pool without a `__main__` guard.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.pools.worker_counts import Pool, Task, find_pools
from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import FixAvailability, ReasonKind
from par_lint.fixes.to_processes import plan_processes
from par_lint.rules._rule import Rule, RuleVisitor
from par_lint.rules._sequential import call_text

RULE = Rule(
    "PRL301", "threads-for-cpu-work", "{func} is CPU-bound and threads share the GIL: use ProcessPoolExecutor",
    FixAvailability.UNSAFE_ONLY,
    ReasonKind.PROCESSES("arguments and results are copied between processes"),
)  # fmt: skip


class Visitor(RuleVisitor):
    """Report CPU-bound work in threads."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every CPU-bound task of a thread pool."""
        if self.config.free_threaded:
            return
        for pool in find_pools(self.facts):
            for task in pool.tasks:
                if task.kind is Kind.CPU and not pool.is_of_processes:
                    self._report(pool, task)

    def _report(self, pool: Pool, task: Task) -> None:
        plan = plan_processes(pool, self.facts)
        func = "the lambda" if isinstance(task.func, cst.Lambda) else f"`{call_text(cst.Call(task.func))}`"
        self.report_plan(task.call, plan, func=func)

"""Threads are given work that computes.

Why
---
Python runs one thread's code at a time, so computing in a thread pool takes as long as in a loop, and the switching comes on
top. Eight sums of four million squares took 2.1 s in a loop and 2.6 s in threads; in processes they share the cores.

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

Silent when
-----------
The function's body is not visible, calls what is not visible, waits for anything, or spends its time in code that releases
the GIL (numpy, zlib, hashlib on large inputs); `run_parallel` is given an executor of processes.

Fix safety
----------
Always unsafe: arguments and results must be picklable, and changes of shared objects are lost. Withheld for lambdas, methods,
functions inside others and functions that change what they share, which processes cannot be given; for pools of more than
one kind of work; and where importing the file would start the pool without a `__main__` guard.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.pools.worker_counts import Pool, Task, find_pools
from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import FixAvailability, Ground
from par_lint.fixes.to_processes import plan_processes
from par_lint.rules._rule import Rule, RuleVisitor
from par_lint.rules._sequential import spelled

RULE = Rule(
    "PRL301", "threads-for-cpu-work", "{func} computes, and threads compute one at a time: use ProcessPoolExecutor",
    FixAvailability.SOMETIMES,
    Ground.PROCESSES("arguments and results are copied between processes"),
)  # fmt: skip


class Visitor(RuleVisitor):
    """Reports computing that is given to threads."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every task of threads that computes."""
        for pool in find_pools(self.facts):
            for task in pool.tasks:
                if task.kind is Kind.CPU and not pool.is_of_processes:
                    self._report(pool, task)

    def _report(self, pool: Pool, task: Task) -> None:
        plan = plan_processes(pool, self.facts)
        func = "the lambda" if isinstance(task.func, cst.Lambda) else f"`{spelled(cst.Call(task.func))}`"
        self.report_plan(task.call, plan, func=func)

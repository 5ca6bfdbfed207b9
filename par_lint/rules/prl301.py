"""Threads are given work that computes.

Why
---
Python runs one thread's code at a time: computing in a thread pool takes as long as in a loop, and longer with the
switching. Processes compute at the same time.

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
The function's body is not visible, waits for anything, or spends its time in code that releases the GIL (numpy, zlib,
hashlib on large inputs).

Fix safety
----------
Always unsafe: arguments and results must be picklable, and changes of shared objects are lost. Withheld for lambdas and
nested functions, which processes cannot be given.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.pools import Pool, Task, find_pools
from par_lint.catalog.entry import Kind
from par_lint.findings import Applicability, FixAvailability, Withheld
from par_lint.fixes.edit import Edit
from par_lint.resolve import Named
from par_lint.rules._rule import Fix, Rule, RuleVisitor
from par_lint.rules._sequential import spelled
from par_lint.scopes import Function

_EXECUTOR = ("concurrent.futures", "ProcessPoolExecutor")

RULE = Rule(
    "PRL301", "threads-for-cpu-work", "`{func}` computes, and threads compute one at a time: use ProcessPoolExecutor",
    FixAvailability.SOMETIMES,
)  # fmt: skip


class Visitor(RuleVisitor):
    """Reports computing that is given to threads."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every task of a thread pool that computes."""
        for pool in find_pools(self.facts):
            for task in pool.tasks:
                if task.kind is Kind.CPU:
                    self._report(pool, task)

    def _report(self, pool: Pool, task: Task) -> None:
        obstacle = _obstacle(pool, self.facts)
        func = spelled(cst.Call(task.func)) if not isinstance(task.func, cst.Lambda) else "lambda"
        if obstacle is not None:
            self.report(task.call, withheld=obstacle, func=func)
        else:
            self.report(task.call, Applicability.UNSAFE, _builder(pool), func=func)


def _obstacle(pool: Pool, facts: Facts) -> Withheld | None:
    line = facts.line(pool.call)
    if pool.is_runtime:
        return Withheld("the runtime works with threads", line)
    callee = facts.callee(pool.call)
    if not isinstance(callee, Named) or not callee.name.endswith("ThreadPoolExecutor"):
        return Withheld("only ThreadPoolExecutor has a process pool that is called alike", line)
    if any(task.kind is not Kind.CPU for task in pool.tasks):
        return Withheld("the pool is given other work too", line)
    for task in pool.tasks:
        function = facts.refers_to(task.func, task.call)
        if not isinstance(function, Function) or function.parent is not facts.index.module:
            return Withheld("processes can only be given functions of a module", facts.line(task.call))
    if any(arg.keyword is not None and arg.keyword.value == "thread_name_prefix" for arg in pool.call.args):
        return Withheld("processes have no thread_name_prefix", line)
    return None


def _builder(pool: Pool) -> Fix:
    def build() -> Edit:
        new = pool.call.with_changes(func=cst.Name(_EXECUTOR[1]))
        return Edit(((pool.call, new),), (_EXECUTOR,))

    return build

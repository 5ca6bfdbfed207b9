"""What the rules on numbers of workers share: the pools whose work and number are known, and the fix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import libcst as cst

from par_lint.analysis.pools.worker_counts import Pool, find_pools, literal_size, task_count
from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import Applicability, Ground, Withheld
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.set_argument import set_argument
from par_lint.rules._rule import RuleVisitor

_DELIBERATE = 2  # one or two workers are a decision, not an oversight


@dataclass(frozen=True)
class Sized:
    """A pool with the kind of its work, its number of workers, and its number of tasks where that is known."""

    pool: Pool
    kind: Kind
    size: int
    tasks: int | None


class WorkersVisitor(RuleVisitor):
    """Finds the pools whose work and number are known."""

    def sized(self) -> Iterator[Sized]:
        """The pools that all do one kind of work, with a number that is no decision."""
        for pool in find_pools(self.facts):
            kinds = {task.kind for task in pool.tasks}
            kind = next(iter(kinds), None)
            size = literal_size(pool.workers, self.facts)
            if kind is not None and len(kinds) == 1 and kind.value in self.config.workers and size is not None and size > _DELIBERATE:
                yield Sized(pool, kind, size, task_count(pool, self.facts))

    def report_size(self, found: Sized, workers: int) -> None:
        """Report a pool; the fix sets its number of workers."""
        pool, parameter = found.pool, found.pool.parameter or "max_workers"
        names: dict[str, Any] = {"kind": f"{found.kind.value} work", "size": found.size, "workers": f"{parameter}={workers}"}
        if isinstance(pool.workers, cst.Name):
            withheld = Withheld(Ground.PERSON(f"the number is the constant {pool.workers.value}"), self.facts.line(pool.call))
            self.report(pool.call, withheld=withheld, **names)
            return

        def build() -> Edit:
            return Edit(((pool.call, set_argument(pool.call, pool.position, parameter, cst.Integer(str(workers)))),))

        self.report(pool.call, Applicability.UNSAFE, build, **names)

"""The visitor that the rules on numbers of workers share: it finds pools of known size and kind of work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import libcst as cst

from par_lint.analysis.pools.worker_counts import Pool, find_pools, literal_size, task_count
from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import Applicability, ReasonKind, Withheld
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.set_argument import set_argument
from par_lint.rules._rule import RuleVisitor

_WORK = {"network": "network requests", "file": "file I/O", "subprocess": "subprocesses", "cpu": "CPU-bound work"}
_DELIBERATE = 2  # one or two workers are deliberate


@dataclass(frozen=True)
class SizedPool:
    """A pool with its kind of work, its number of workers, and its number of tasks if known."""

    pool: Pool
    kind: Kind
    size: int
    tasks: int | None


class WorkersVisitor(RuleVisitor):
    """Finds the pools of known size and kind of work."""

    def sized_pools(self) -> Iterator[SizedPool]:
        """Yield the pools that do only one kind of work, with more than two workers."""
        for pool in find_pools(self.facts):
            kinds = {task.kind for task in pool.tasks}
            kind = next(iter(kinds), None)
            size = literal_size(pool.workers, self.facts)
            if kind is not None and len(kinds) == 1 and kind.value in self.config.workers and size is not None and size > _DELIBERATE:
                yield SizedPool(pool, kind, size, task_count(pool, self.facts))

    def report_size(self, found: SizedPool, workers: int) -> None:
        """Report a pool. The fix sets its number of workers."""
        pool, parameter = found.pool, found.pool.parameter or "max_workers"
        names: dict[str, Any] = {"kind": _WORK[found.kind.value], "size": found.size, "workers": f"{parameter}={workers}"}
        if isinstance(pool.workers, cst.Name):
            withheld = Withheld(ReasonKind.PERSON(f"the number of workers is the constant `{pool.workers.value}`"), self.facts.line(pool.call))
            self.report(pool.call, withheld=withheld, **names)
            return

        def build() -> Edit:
            return Edit(((pool.call, set_argument(pool.call, pool.position, parameter, cst.Integer(str(workers)))),))

        self.report(pool.call, Applicability.UNSAFE, build, **names)

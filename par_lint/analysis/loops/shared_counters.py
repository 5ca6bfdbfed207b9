"""Variables that what moves counts on: in a worker, an update of one thread may be lost, or be seen by the wrong item."""

from __future__ import annotations

from collections.abc import Collection

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.semantics.dataflow.body_summary import Change
from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.core.findings import ReasonKind, Withheld


def counted_together(site: LoopSite, moved: Collection[cst.CSTNode], facts: Facts) -> Withheld | None:
    """Return the variable that functions of the file, which workers would call, both look at and set for all items: a number, a current file."""
    own = set(bound_names(site.target))
    for change in site.summary.changes:
        call = facts.changed(change)
        if not isinstance(call, cst.Call) or not any(facts.tree.holds(part, call) for part in moved):
            continue
        if change.path.partition(".")[0] not in own and _is_counted(change, site):
            return Withheld(ReasonKind.STATE(f"several threads would count on {change.path}"), facts.line(call))
    return None


def _is_counted(change: Change, site: LoopSite) -> bool:
    """Whether the new value is made of the old one. One that is set where it was missing, as by `if self.client is None`, is not."""
    if change.how == "augment":
        return True
    return change.how in ("assign", "rebind") and change.path in change.origins and change.path in site.summary.reads

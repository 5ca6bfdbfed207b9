"""The judge of side effects of one module: what it has found about functions and statements serves all loops of the module."""

from __future__ import annotations

from par_lint.analysis.effects.effects_of_moved import SideEffects
from par_lint.analysis.facts import Facts
from par_lint.core.memo import memoized_for_last


@memoized_for_last
def side_effects_of(facts: Facts) -> SideEffects:
    """Return the judge of the code of a module, one for all that ask."""
    return SideEffects(facts)

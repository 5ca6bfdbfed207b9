"""Awaited calls that neither the file nor the catalogue shows, and whose names tell that they wait for I/O."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from par_lint.analysis.awaited import is_awaited
from par_lint.analysis.facts import Facts
from par_lint.catalog.entry import Effect, Entry, Kind
from par_lint.reach import is_unseen
from par_lint.telling import names_tell, talks_over_wire

_TOLD = Entry("?", Kind.NETWORK, Effect.WRITE)


def find_telling(facts: Facts) -> Callable[[cst.Call], Entry | None]:
    """What says of a call that it is such a one, and of what entry; none is where the module talks over one wire."""
    is_wired = talks_over_wire(facts.index)
    return lambda call: _TOLD if not is_wired and _tells(call, facts) else None


def _tells(call: cst.Call, facts: Facts) -> bool:
    site = facts.site(call)
    return site is not None and names_tell(site) and is_awaited(call, facts) and is_unseen(facts.resolver.callee(site), facts.resolver)

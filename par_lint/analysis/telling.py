"""Awaited calls that neither the file nor the catalogue shows, and whose names tell that they wait for I/O."""

from __future__ import annotations

import ast
from collections.abc import Callable

from par_lint.analysis.awaited import is_awaited
from par_lint.analysis.facts import Facts
from par_lint.catalog.entry import Effect, Entry, Kind
from par_lint.reach import is_unseen
from par_lint.telling import names_tell, talks_over_wire

_TOLD = Entry("?", Kind.NETWORK, Effect.WRITE)


def find_telling(facts: Facts) -> Callable[[ast.Call], Entry | None]:
    """What says of a call that it is such a one, and of what entry; none is where the module talks over one wire."""
    is_wired = talks_over_wire(facts.index)
    return lambda call: _TOLD if not is_wired and _tells(call, facts) else None


def _tells(call: ast.Call, facts: Facts) -> bool:
    site = facts.known.site(call)
    if site is None or not names_tell(site) or not is_unseen(facts.resolver.callee(site), facts.resolver):
        return False
    node = facts.call_in_full(call)
    return node is not None and is_awaited(node, facts)

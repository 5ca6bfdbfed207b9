"""Awaited calls that neither the file nor the catalogue shows, and whose names tell that they wait for I/O."""

from __future__ import annotations

import ast
from collections.abc import Callable

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.awaited_calls import is_awaited
from par_lint.analysis.semantics.naming_evidence import names_suggest_io, uses_serial_device
from par_lint.analysis.semantics.reachability import is_method_of_client
from par_lint.core.catalog.entry import Effect, Entry, Kind

_TOLD = Entry("?", Kind.NETWORK, Effect.WRITE)


def find_awaited_by_name(facts: Facts) -> Callable[[ast.Call], Entry | None]:
    """What says of a call that it is such a one, and of what entry; none is where the module talks over one wire."""
    is_wired = uses_serial_device(facts.index)
    return lambda call: _TOLD if not is_wired and _tells(call, facts) else None


def _tells(call: ast.Call, facts: Facts) -> bool:
    site = facts.known.site(call)
    if site is None or not names_suggest_io(site) or not is_method_of_client(site, facts.resolver.callee(site), facts.resolver):
        return False
    node = facts.call_in_full(call)
    return node is not None and is_awaited(node, facts)

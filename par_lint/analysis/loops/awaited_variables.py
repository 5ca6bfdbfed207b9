"""Awaited calls that are neither in the file nor in the catalogue, but whose names suggest I/O."""

from __future__ import annotations

import ast
from collections.abc import Callable

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.awaited_calls import is_awaited
from par_lint.analysis.semantics.dataflow.thread_handoff import handoff_call
from par_lint.analysis.semantics.io_reachability import is_io_by_name, site_of
from par_lint.analysis.semantics.scopes import CallSite
from par_lint.core.catalog.entry import Effect, Entry, Kind

_CALL_OF_VARIABLE = Entry("?", Kind.NETWORK, Effect.WRITE)


def find_awaited_by_name(facts: Facts) -> Callable[[ast.Call], Entry | None]:
    """Return a function that returns the entry of such a call, or None. There are none in modules for serial devices."""
    is_wired = facts.index.uses_serial_device
    return lambda call: _CALL_OF_VARIABLE if not is_wired and _tells(call, facts) else None


def _tells(call: ast.Call, facts: Facts) -> bool:
    site = facts.known.site(call)
    if site is None or not is_io_by_name(site, facts.project.callee(site), facts.project) and not _hands_over_request(site, facts):
        return False
    node = facts.complete_call(call)
    return node is not None and is_awaited(node, facts)


def _hands_over_request(site: CallSite, facts: Facts) -> bool:
    """Whether a call runs elsewhere what waits by its name: `to_thread(client.delete, key)`."""
    handed = handoff_call(site.node, facts.known)
    return handed is not None and is_io_by_name(site_of(handed[0].func, site.scope), handed[1], facts.resolver)

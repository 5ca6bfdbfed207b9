"""Fixes that are possible but not worthwhile: the gain is small, or the new code too long to review."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.exclusions import known_items
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.loops.paced_service import find_pause_between_requests
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import ReasonKind, Withheld

_FEWEST = 4  # items that are worth a worker
_LONGEST = 40  # statements of one worker


def has_too_few_items(site: LoopSite, facts: Facts) -> Withheld | None:
    """Return that the file shows how few items a loop has: three options, a small table."""
    size = known_items(site, facts)
    if size is None or size >= _FEWEST:
        return None
    return Withheld(ReasonKind.LOAD(f"it has only {size} items, and fixes are made for {_FEWEST} or more"), facts.line(site.iterable))


def paced(site: LoopSite, kind: Kind, facts: Facts) -> Withheld | None:
    """Return that the file waits between requests elsewhere: the service has a limit, which many requests at once would exceed."""
    line = find_pause_between_requests(facts) if kind is Kind.NETWORK else None
    return Withheld(ReasonKind.LOAD("the file waits between requests elsewhere, as if the service had a limit"), line) if line is not None else None


def one_connection(site: LoopSite, facts: Facts) -> Withheld | None:
    """Return that all requests would go through the one httplib2 connection of a Google client, which threads must not share."""
    for work in site.io_calls:
        if work.entry.name.startswith("googleapiclient.") and not any(arg.keyword is not None and arg.keyword.value == "http" for arg in work.call.args):
            return Withheld(ReasonKind.SHARED("a Google client has one connection (httplib2), which is not thread-safe"), facts.line(work.call))
    return None


def worker_is_too_long(moved: Iterable[cst.CSTNode], site: LoopSite, facts: Facts) -> Withheld | None:
    """Return that a worker would be as long as a program of its own, which nobody can review."""
    inner = (node for part in moved for node in (part, *descend(part)))
    count = len({node for node in inner if isinstance(node, (cst.SimpleStatementLine, cst.BaseCompoundStatement))})
    return Withheld(ReasonKind.FORM(f"{count} statements would move to a worker"), facts.line(site.node)) if count > _LONGEST else None

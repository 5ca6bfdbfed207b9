"""Reason to exclude a nest: the outer loop makes the folders into which the inner one writes, so a folder must come before its files."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.nested_directory_loops import folders_of_walk, is_for_statement, is_walk, listing_call
from par_lint.analysis.loops.reached_calls import calls_reached_from, record_of
from par_lint.analysis.loops.same_target_writes import MAKES_FOLDER
from par_lint.analysis.semantics import loop_variance
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.loop_variance import mentioned_names
from par_lint.analysis.semantics.scopes import CallSite, Function, Loop
from par_lint.core.catalog.entry import Effect, Kind

_MAKING = frozenset({"make", "create", "ensure", "mk", "add", "prepare"})
_FOLDERS = frozenset({"dir", "dirs", "directory", "directories", "folder", "folders"})
_MADE = frozenset({"mkdir", "mkdirs", "makedir", "makedirs", "mkpath", "mkcol"})


def folders_first(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Before the files of each folder, the loop around them makes the folder into which they go."""
    if not isinstance(site.node, cst.For) or not _writes(site):
        return None
    for outer in (site.node, *reversed(facts.enclosing_nodes(site.node, is_for_statement))):
        record = record_of(outer, facts) if isinstance(outer, cst.For) else None
        inner = _last_loop(record) if record is not None else None
        if record is None or inner is None or not isinstance(outer, cst.For) or not _goes_over_folders(outer, inner, facts):
            continue
        made = next(_folders_made(record, inner, outer, facts), None)
        if made is not None:
            return Exclusion("folders are made before the files in them", facts.call_node(made.node) or site.node, made.node.lineno)
    return None


def _writes(site: LoopSite) -> bool:
    """Whether an iteration writes more than folders and metadata."""
    return bool(site.summary.opens) or any(
        work.entry.effect is Effect.WRITE and work.entry.kind in (Kind.FILE, Kind.NETWORK) or work.entry.kind is Kind.SUBPROCESS for work in site.summary.io_calls
    )  # fmt: skip


def _last_loop(outer: Loop) -> ast.For | None:
    """Return the last loop in the body of another one: the loop over its files."""
    body = outer.node.body if isinstance(outer.node, ast.For) else []
    inner = [one for statement in body for one in _loops_in(statement)]
    return inner[-1] if inner else None


def _loops_in(statement: ast.stmt) -> Iterator[ast.For]:
    """Yield the outermost loops in a statement of a block."""
    if isinstance(statement, ast.For):
        yield statement
        return
    for name in ("body", "orelse", "finalbody"):
        for inner in getattr(statement, name, ()):
            yield from _loops_in(inner)


def _goes_over_folders(outer: cst.For, inner: ast.For, facts: Facts) -> bool:
    """Whether an outer loop is a walk, or the inner one goes over a listing."""
    if is_walk(outer.iter, facts):
        return True
    found = next((one for one in facts.own_descendants(outer.body) if isinstance(one, cst.For) and facts.counterparts.loop(one) is inner), None)
    return isinstance(found, cst.For) and listing_call(found.iter, facts) is not None


def _folders_made(outer: Loop, inner: ast.For, node: cst.For, facts: Facts) -> Iterator[CallSite]:
    """Yield the calls before the inner loop that make a folder named by the outer item, or put one of the folders of a walk elsewhere."""
    varying = loop_variance.names_varying_in_loop(outer)
    folders = folders_of_walk(node.target) if is_walk(node.iter, facts) else None
    for call in outer.calls:
        if call.node.lineno >= inner.lineno or varying.isdisjoint(mentioned_names(call.node)):
            continue
        if _makes_folder(call, facts) or _is_for_each(call, folders) and _is_put(call, facts):
            yield call


def _makes_folder(call: CallSite, facts: Facts) -> bool:
    """Whether a call makes a folder: by the catalogue, by what the function of the file does that it runs, or by the name of what is not shown."""
    if not isinstance(facts.resolver.callee(call), Function) and facts.resolver.entry(call) is None:
        said = words(call.name)
        return bool(said & _MADE) or bool(said & _MAKING and said & _FOLDERS)
    return any((entry := facts.resolver.entry(one)) is not None and entry.name in MAKES_FOLDER for one in calls_reached_from([call], facts))


def _is_for_each(call: CallSite, folders: str | None) -> bool:
    """Whether a call is made for each of the folders in what a walk gives."""
    loop = call.loop
    return folders is not None and loop is not None and isinstance(loop.node, ast.For) and folders in mentioned_names(loop.node.iter)


def _is_put(call: CallSite, facts: Facts) -> bool:
    entry = facts.resolver.entry(call)
    return entry is not None and entry.kind is Kind.NETWORK and entry.effect is Effect.WRITE

"""Reasons to exclude a loop: what its iterations write, create or lock in one place, in the body or in helpers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.reached_calls import reached_calls
from par_lint.analysis.loops.same_target_writes import (
    MAKES_FOLDER,
    is_checked_for_existence,
    last_component,
    varies_with_counter,
    varying_names_at,
    with_names_inlined,
)
from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.dataflow.body_summary import FROM_ITEM, FROM_THIS_ITERATION, Origins, SliceIoCall
from par_lint.analysis.semantics.dataflow.calls import target_argument
from par_lint.analysis.semantics.dataflow.symbols import open_mode
from par_lint.analysis.semantics.loop_variance import mentioned_names
from par_lint.analysis.semantics.scopes import CallSite, Scope
from par_lint.core.catalog.entry import Effect, Kind, Trait

_WRITES_FILE = frozenset({"pathlib.Path.write_text", "pathlib.Path.write_bytes"})
_OF_PATHS = frozenset({
    "Path", "PurePath", "join", "joinpath", "str", "fspath", "abspath", "realpath", "normpath", "expanduser", "expandvars", "resolve", "absolute",
    "with_suffix", "with_name", "format", "dirname", "basename", "relpath", "getcwd", "cwd", "home", "strip", "rstrip", "replace",
})  # fmt: skip
"""Functions that make a path of others: the same of the same."""
_NO_WAIT = frozenset({"LOCK_UN", "LOCK_NB", "LOCK_SH", "F_ULOCK", "F_TLOCK", "F_TEST"})
"""Flags with which a lock is given back, tried, or held beside others."""


def one_place(site: LoopSite, facts: Facts) -> Exclusion | None:
    """All iterations fill one folder, write one file, or wait for one lock."""
    for work in site.summary.io_calls:
        reason = _shared_target(work, site, facts) if work.entry.effect is Effect.WRITE else None
        if reason is not None:
            return Exclusion(reason, work.call)
    for reached in reached_calls(site, facts):
        if _unpacks_into_one(reached, site, facts):
            return Exclusion("all iterations write into one folder", facts.call_node(reached.node) or site.node, reached.node.lineno)
    for made, origins in _written_files(site):
        call = facts.known.site(made)
        place = _place_of(call, facts) if call is not None else None
        if call is None or place is None:
            continue
        is_beside = _is_beside_item(place, call, site, facts)
        if is_beside and "a" in open_mode(made):
            return Exclusion("items of one folder add to one file", facts.call_node(made) or _reaching(made, site) or site.node, made.lineno)
        if is_checked_for_existence(call, place) and (is_beside or _is_shared(origins, site)):
            return Exclusion("all iterations write one file if it is missing", facts.call_node(made) or _reaching(made, site) or site.node, made.lineno)
    return None


def _shared_target(work: SliceIoCall, site: LoopSite, facts: Facts) -> str | None:
    """The reason why a write of one iteration meets those of others."""
    name, has_trait = work.entry.name, facts.resolver.catalog.has_trait
    made = work.made
    call = (facts.known.site(made) or facts.site(work.call)) if made is not None else None  # what a thread runs is no call of the file
    if has_trait(name, Trait.LOCKS):
        waits = made is not None and not any(last_name(node) in _NO_WAIT for node in walk(made) if isinstance(node, (ast.Name, ast.Attribute)))
        return "all iterations wait for one lock" if waits and _is_shared(work.path, site) else None
    if made is None or call is None:
        return None
    if name in MAKES_FOLDER:
        folder = _place_of(call, facts)
        is_safe = any(keyword.arg == "exist_ok" for keyword in call.node.keywords)
        is_met = folder is not None and not is_safe and _is_shared(work.path, site) and is_checked_for_existence(call, folder)
        return "two iterations may create the same folder" if is_met else None
    if work.target is None or FROM_ITEM not in work.inputs or not _is_shared(work.target, site):
        return None
    place = facts.resolver.catalog.target(name)
    target = target_argument(made, place) if place is not None else None
    whole = with_names_inlined(target, call.scope) if target is not None else None
    if whole is not None and not (_is_made_of_paths(whole) and _is_one_value(whole, call.scope)):
        return None
    if has_trait(name, Trait.FILLS_FOLDER):
        return "all iterations write into one folder"
    is_file = whole is not None and (not has_trait(name, Trait.INTO_FOLDER) or _is_file_name(last_component(whole)))
    return "all iterations write to one file" if is_file else None


_UNPACKERS = {"tar": ("-C", "--directory"), "bsdtar": ("-C", "--directory"), "unzip": ("-d",)}
"""Programs that unpack an archive, with the options for the folder."""
_LISTING = frozenset({"-l", "-p", "-t", "-v", "-Z"})


def _unpacks_into_one(call: CallSite, site: LoopSite, facts: Facts) -> bool:
    """Whether a command unpacks an archive into a folder that does not depend on the item."""
    entry = facts.resolver.entry(call)
    if entry is None or entry.kind is not Kind.SUBPROCESS or not call.node.args:
        return False
    match with_names_inlined(call.node.args[0], call.scope):
        case ast.List(elts=[ast.Constant(value=str(program)), *rest]) if program.rpartition("/")[2] in _UNPACKERS:
            name = program.rpartition("/")[2]
        case _:
            return False
    told = [word.value if isinstance(word, ast.Constant) and isinstance(word.value, str) else "" for word in rest]
    is_unpacking = _LISTING.isdisjoint(told) if name == "unzip" else "--extract" in told or any("x" in word for word in told[:1])
    if not is_unpacking:
        return False
    folder = next((value for word, value in zip(told, rest[1:]) if word in _UNPACKERS[name]), None)
    folder = folder or next((one.value for one in call.node.keywords if one.arg == "cwd"), None)
    return folder is None or not any(isinstance(word, ast.Starred) for word in rest) and mentioned_names(folder).isdisjoint(varying_names_at(call, site, facts))


def _is_shared(origins: Origins, site: LoopSite) -> bool:
    """Whether a value is the same in each iteration."""
    return FROM_THIS_ITERATION.isdisjoint(origins) and not varies_with_counter(origins, site)


def _is_made_of_paths(place: ast.expr) -> bool:
    """Whether an expression says all of a place: no call in it may return another one each time."""
    return all(last_name(node.func) in _OF_PATHS for node in walk(place) if isinstance(node, ast.Call))


def _is_one_value(place: ast.expr, scope: Scope) -> bool:
    """Whether the names in an expression stand for paths in a scope, and not for what a `with` opens or another call makes."""
    for node in walk(place):
        for binding in scope.bindings.get(node.id, ()) if isinstance(node, ast.Name) else ():
            if isinstance(binding, Assigned) and (binding.entered is not None or binding.value is not None and not _is_made_of_paths(binding.value)):
                return False
    return True


def _is_file_name(last: ast.expr) -> bool:
    return isinstance(last, ast.Constant) and isinstance(last.value, str) and "." in last.value.strip("./")


def _written_files(site: LoopSite) -> Iterator[tuple[ast.Call, Origins]]:
    """Yield the calls that write a whole file or open one to write to it, with the origins of its path."""
    for opening in site.summary.opens:
        if opening.made is not None:
            yield opening.made, opening.path
    for work in site.summary.io_calls:
        if work.made is not None and work.entry.name in _WRITES_FILE:
            yield work.made, work.path


def _reaching(made: ast.Call, site: LoopSite) -> cst.Call | None:
    """Return the call in the body of the loop that leads to another one."""
    return next((work.call for work in site.summary.io_calls if work.made is made), None)


def _place_of(call: CallSite, facts: Facts) -> ast.expr | None:
    """Return the path of the file or the folder that a call makes."""
    entry = facts.resolver.entry(call)
    func = call.node.func
    if entry is not None and entry.name.startswith("pathlib.Path.") and isinstance(func, ast.Attribute):
        return func.value
    return call.node.args[0] if call.node.args else None


def _is_beside_item(place: ast.expr, call: CallSite, site: LoopSite, facts: Facts) -> bool:
    """Whether a file has one name in the folder of the item, where other items may be, too: `path.parent / "index.html"`."""
    varying = varying_names_at(call, site, facts)
    whole = with_names_inlined(place, call.scope)
    if not isinstance(last_component(whole), ast.Constant):
        return False
    folders = [node for node in walk(whole) if isinstance(node, ast.Attribute) and node.attr == "parent" or isinstance(node, ast.Call) and last_name(node.func) == "dirname"]
    inside = {inner for folder in folders for inner in walk(folder)}
    own = [node for node in walk(whole) if isinstance(node, ast.Name) and node.id in varying]
    return bool(own) and all(node in inside for node in own)

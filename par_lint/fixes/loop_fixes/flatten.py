"""Flatten nested listings: one list of all files, then one loop over it whose I/O runs concurrently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.exclusions import find_exclusion
from par_lint.analysis.loops.iterables import is_iteration_known
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.loops.nested_directory_loops import calls_given_file, is_walk
from par_lint.analysis.loops.partition import NotSplittable
from par_lint.analysis.loops.pruned_walks import walk_verdict
from par_lint.analysis.loops.read_write_conflicts import LAZY
from par_lint.analysis.loops.sequential_io import NestedLoop
from par_lint.analysis.loops.split_body import statements
from par_lint.analysis.semantics.dataflow.body_summary import is_worth_a_worker, slowest
from par_lint.analysis.slice_flow import SliceFlow
from par_lint.analysis.syntax.expression_names import assigned, bound_names, dotted
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.catalog.entry import Effect, Entry, Kind
from par_lint.core.findings import Applicability, ReasonKind, Withheld
from par_lint.fixes.codegen.brackets import code
from par_lint.fixes.codegen.fresh_names import fresh_names
from par_lint.fixes.codegen.node_builders import parenthesized_for_clause, parenthesized_tuple
from par_lint.fixes.loop_fixes.fission import LoopFix, Shape, Style
from par_lint.fixes.loop_fixes.split_strategies import calls_to_move, plan_for

_NON_RAISING_LISTINGS = frozenset({
    "glob.glob", "glob.iglob", "os.walk", "pathlib.Path.glob", "pathlib.Path.rglob", "os.path.join", "os.path.isfile", "os.path.isdir",
    "os.path.exists", "os.path.splitext", "os.path.basename", "fnmatch.fnmatch", "pathlib.Path", "pathlib.Path.is_file", "pathlib.Path.is_dir",
})  # fmt: skip
"""Calls that return nothing, instead of raising, for a missing or unreadable folder."""

_UNKNOWN = Entry("?", Kind.FILE, Effect.WRITE)  # an unknown call with the file as an argument


def nest_kind(loop: NestedLoop, facts: Facts) -> Kind:
    """Return the slowest kind of I/O of the nested loops; files if there is no known I/O."""
    found = slowest([work for work in loop.site.summary.io_calls if is_worth_a_worker(work)])
    return found.entry.kind if found is not None else Kind.FILE


def plan_nested(loop: NestedLoop, facts: Facts, style: Style) -> LoopFix | Withheld:
    """Return the fix of a loop over folders that contains a loop over the files of each folder."""
    outer, inner = loop.node, loop.inner
    if not isinstance(outer, cst.For) or not isinstance(inner, cst.For):
        return Withheld(ReasonKind.FORM("the outer loop is not a for statement"), facts.line(outer))
    try:
        _check_shape(outer, inner, facts)
        shape, calls = _flattened(outer, inner, facts)
    except NotSplittable as stuck:
        by_folder = _by_folder(inner, facts, style)
        return by_folder if isinstance(by_folder, LoopFix) else Withheld(stuck.reason, facts.line(stuck.node))
    plan = plan_for(shape, facts, style, calls)
    if isinstance(plan, Withheld):
        by_folder = _by_folder(inner, facts, style)
        return by_folder if isinstance(by_folder, LoopFix) else plan
    if plan.applicability is not Applicability.SAFE or is_iteration_known(outer.iter, facts):
        return plan
    by_folder = _by_folder(inner, facts, style)
    if isinstance(by_folder, LoopFix) and by_folder.applicability is Applicability.SAFE:
        return by_folder
    return replace(plan, applicability=Applicability.UNSAFE, verdict=Verdict(Level.UNSAFE, LAZY, outer.iter))


def _by_folder(inner: cst.For, facts: Facts, style: Style) -> LoopFix | Withheld | None:
    """Return the second-best fix: the outer loop stays, and the files of each folder are processed concurrently."""
    summary = SliceFlow(facts).loop(inner, bound_names(inner.target))
    io_calls = tuple(work for work in summary.io_calls if is_worth_a_worker(work))
    work = slowest(io_calls)
    site = LoopSite(inner, inner.target, inner.iter, (inner.body,), summary, io_calls)
    if work is None or find_exclusion(site, facts) is not None:
        return None
    return plan_for(Shape(inner, inner, inner.target, inner.iter, site, work.entry), facts, style, calls_to_move(site, work.entry.kind))


def _check_shape(outer: cst.For, inner: cst.For, facts: Facts) -> None:
    """Raise NotSplittable if the outer loop contains more than the inner loop, or the inner loop decides where the outer one goes."""
    if (steered := walk_verdict(outer.target, outer.iter, [outer.body], facts)).level is Level.IMMOVABLE:
        raise NotSplittable(steered.why, steered.node or outer)
    for statement in statements(outer.body):
        if statement is not inner:
            raise NotSplittable(ReasonKind.FORM("there is a statement between the two loops"), statement)
    if outer.orelse is not None or inner.orelse is not None:
        raise NotSplittable(ReasonKind.FORM("a loop has an else clause"), outer)
    if isinstance(inner.iter, cst.Call) and dotted(inner.iter.func) == "enumerate":
        raise NotSplittable(ReasonKind.DEPENDENCE("the files of each folder are numbered"), inner)
    if any(isinstance(node, cst.Break) for node in descend(inner.body)):
        raise NotSplittable(ReasonKind.FORM("the inner loop can exit early"), inner)
    if any("#" in code(line) for line in inner.leading_lines):
        raise NotSplittable(ReasonKind.FORM("there is a comment between the two loops"), inner)


def _flattened(outer: cst.For, inner: cst.For, facts: Facts) -> tuple[Shape, list[list[cst.Call]]]:
    target = _target(outer, inner)
    clause = cst.CompFor(inner.target, parenthesized_for_clause(inner.iter))
    listing = cst.ListComp(parenthesized_tuple(target), cst.CompFor(outer.target, parenthesized_for_clause(outer.iter), inner_for_in=clause))
    summary = SliceFlow(facts).loop(inner, bound_names(target))
    io_calls = tuple(work for work in summary.io_calls if is_worth_a_worker(work))
    site = LoopSite(outer, target, listing, (inner.body,), summary, io_calls)
    work = slowest(io_calls)
    listed = fresh_names(facts, outer).fresh("files", "all_files") if _gives_nothing_for_missing_folders(listing, inner, facts) else None
    may_fail = not _is_known(outer, facts) or isinstance(inner.target, cst.Tuple)
    shape = Shape(inner, outer, target, listing, site, work.entry if work is not None else _UNKNOWN, listed, may_fail)
    if work is not None:
        return shape, calls_to_move(site, work.entry.kind)
    return shape, [calls_given_file(inner, facts)]


def _target(outer: cst.For, inner: cst.For) -> cst.BaseExpression:
    """Return the target of the inner loop, with the names of the outer target that the body reads."""
    names = [n.value for n in descend(inner.body, into_functions=True) if isinstance(n, cst.Name)]
    own = bound_names(inner.target)
    needed = [name for name in bound_names(outer.target) if name in names and name not in own]
    if set(bound_names(outer.target)) & assigned(inner.body):
        raise NotSplittable(ReasonKind.NAMES("the inner loop binds a name of the outer one"), inner)
    if not needed:
        return inner.target
    parts: Sequence[cst.BaseExpression] = [*(cst.Name(name) for name in needed), parenthesized_tuple(inner.target)]
    return cst.Tuple([cst.Element(part) for part in parts], lpar=[], rpar=[])


def _is_known(outer: cst.For, facts: Facts) -> bool:
    """Return whether the file shows what all folders are: a list with one wrong item fails only when the loop comes to it."""
    folders = outer.iter
    is_constant = isinstance(folders, (cst.List, cst.Tuple)) and all(isinstance(one.value, cst.SimpleString) for one in folders.elements)
    return is_constant or is_walk(folders, facts)


def _gives_nothing_for_missing_folders(listing: cst.ListComp, inner: cst.For, facts: Facts) -> bool:
    """Return whether listing all files first does not fail for folders that are missing or unreadable, if all folders are names of such."""
    guards = [st.test for st in statements(inner.body) if isinstance(st, cst.If)]
    for node in (*descend(listing), *(node for guard in guards for node in descend(guard))):
        match node:
            case cst.Call(func=cst.Name("sorted" | "list" | "reversed" | "set" | "str")):
                continue
            case cst.Call(func=cst.Attribute(attr=cst.Name("endswith" | "startswith" | "lower" | "strip"))):
                continue
            case cst.Call() if facts.name(node) not in _NON_RAISING_LISTINGS:
                return False
            case cst.Subscript():
                return False
            case _:
                pass
    return True

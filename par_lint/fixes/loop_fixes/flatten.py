"""Flatten nested listings: one list of all files, then one loop over it whose I/O runs at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.blockers import find_blocker
from par_lint.analysis.loops.conflicts import LAZY
from par_lint.analysis.loops.iterables import is_shown
from par_lint.analysis.loops.nested_listings import handed_calls
from par_lint.analysis.loops.partition import statements
from par_lint.analysis.loops.sequential import NestedLoop
from par_lint.analysis.loops.site import LoopSite
from par_lint.analysis.loops.split import NotSplittable
from par_lint.analysis.semantics.dataflow.summary import is_own, slowest
from par_lint.analysis.slice_flow import SliceFlow
from par_lint.analysis.syntax.names import assigned, bound_names, dotted
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.catalog.entry import Effect, Entry, Kind
from par_lint.core.findings import Applicability, Ground, Withheld
from par_lint.fixes.codegen.brackets import code
from par_lint.fixes.codegen.fresh_names import names_of
from par_lint.fixes.codegen.layout import grouped, in_clause
from par_lint.fixes.loop_fixes.fission import LoopFix, Shape, Style, moving_calls, plan_for

_FORGIVING = frozenset({
    "glob.glob", "glob.iglob", "os.walk", "pathlib.Path.glob", "pathlib.Path.rglob", "os.path.join", "os.path.isfile", "os.path.isdir",
    "os.path.exists", "os.path.splitext", "os.path.basename", "fnmatch.fnmatch", "pathlib.Path", "pathlib.Path.is_file", "pathlib.Path.is_dir",
})  # fmt: skip
"""Calls that give nothing, rather than raise, for a folder that is not there or cannot be read."""

_UNKNOWN = Entry("?", Kind.FILE, Effect.WRITE)  # a call that is given the file, of which nothing else is known


def nest_kind(loop: NestedLoop, facts: Facts) -> Kind:
    """The slowest kind of I/O that the nest does with its files; files where none is visible."""
    found = slowest([work for work in loop.site.summary.works if is_own(work)])
    return found.entry.kind if found is not None else Kind.FILE


def plan_nested(loop: NestedLoop, facts: Facts, style: Style) -> LoopFix | Withheld:
    """The fix of a loop over folders around a loop over the files of each."""
    outer, inner = loop.node, loop.inner
    if not isinstance(outer, cst.For) or not isinstance(inner, cst.For):
        return Withheld(Ground.FORM("it is no for statement"), facts.line(outer))
    try:
        _check_shape(outer, inner)
        shape, calls = _flattened(outer, inner, facts)
    except NotSplittable as stuck:
        by_folder = _by_folder(inner, facts, style)
        return by_folder if isinstance(by_folder, LoopFix) else Withheld(stuck.reason, facts.line(stuck.node))
    plan = plan_for(shape, facts, style, calls)
    if not isinstance(plan, LoopFix) or plan.applicability is not Applicability.SAFE or is_shown(outer.iter, facts):
        return plan
    by_folder = _by_folder(inner, facts, style)
    if isinstance(by_folder, LoopFix) and by_folder.applicability is Applicability.SAFE:
        return by_folder
    return replace(plan, applicability=Applicability.UNSAFE, verdict=Verdict(Level.UNSURE, LAZY, outer.iter))


def _by_folder(inner: cst.For, facts: Facts, style: Style) -> LoopFix | Withheld | None:
    """The second best: the outer loop stays, and the files of each folder are worked on at once."""
    summary = SliceFlow(facts).loop(inner, bound_names(inner.target))
    works = tuple(work for work in summary.works if is_own(work))
    work = slowest(works)
    site = LoopSite(inner, inner.target, inner.iter, (inner.body,), summary, works)
    if work is None or find_blocker(site, facts) is not None:
        return None
    shape = Shape(inner, inner, inner.target, inner.iter, site, work.entry)
    return plan_for(shape, facts, style, moving_calls(site, work.entry.kind))


def _check_shape(outer: cst.For, inner: cst.For) -> None:
    """Nothing but the inner loop may stand in the outer one."""
    for statement in statements(outer.body):
        if statement is not inner:
            raise NotSplittable(Ground.FORM("a statement stands between the two loops"), statement)
    if outer.orelse is not None or inner.orelse is not None:
        raise NotSplittable(Ground.FORM("a loop has an else branch"), outer)
    if isinstance(inner.iter, cst.Call) and dotted(inner.iter.func) == "enumerate":
        raise NotSplittable(Ground.DEPENDENCE("the files of each folder are numbered"), inner)
    if any(isinstance(node, cst.Break) for node in descend(inner.body)):
        raise NotSplittable(Ground.FORM("the inner loop ends early"), inner)
    if any("#" in code(line) for line in inner.leading_lines):
        raise NotSplittable(Ground.FORM("a comment stands between the two loops"), inner)


def _flattened(outer: cst.For, inner: cst.For, facts: Facts) -> tuple[Shape, list[list[cst.Call]]]:
    target = _target(outer, inner)
    clause = cst.CompFor(inner.target, in_clause(inner.iter))
    listing = cst.ListComp(grouped(target), cst.CompFor(outer.target, in_clause(outer.iter), inner_for_in=clause))
    summary = SliceFlow(facts).loop(inner, bound_names(target))
    works = tuple(work for work in summary.works if is_own(work))
    site = LoopSite(outer, target, listing, (inner.body,), summary, works)
    work = slowest(works)
    listed = names_of(facts, outer).fresh("files", "all_files") if _never_raises(listing, inner, facts) else None
    shape = Shape(inner, outer, target, listing, site, work.entry if work is not None else _UNKNOWN, listed)
    if work is not None:
        return shape, moving_calls(site, work.entry.kind)
    return shape, [handed_calls(inner, facts)]


def _target(outer: cst.For, inner: cst.For) -> cst.BaseExpression:
    """The inner loop's target, with the names of the outer one that the body reads."""
    names = [n.value for n in descend(inner.body, into_functions=True) if isinstance(n, cst.Name)]
    own = bound_names(inner.target)
    needed = [name for name in bound_names(outer.target) if name in names and name not in own]
    if set(bound_names(outer.target)) & assigned(inner.body):
        raise NotSplittable(Ground.NAMES("the inner loop binds a name of the outer one"), inner)
    if not needed:
        return inner.target
    parts: Sequence[cst.BaseExpression] = [*(cst.Name(name) for name in needed), grouped(inner.target)]
    return cst.Tuple([cst.Element(part) for part in parts], lpar=[], rpar=[])


def _never_raises(listing: cst.ListComp, inner: cst.For, facts: Facts) -> bool:
    """Whether listing everything first cannot fail before work that a pass in between would have done."""
    guards = [st.test for st in statements(inner.body) if isinstance(st, cst.If)]
    for node in (*descend(listing), *(node for guard in guards for node in descend(guard))):
        match node:
            case cst.Call(func=cst.Name("sorted" | "list" | "reversed" | "set" | "str")):
                continue
            case cst.Call(func=cst.Attribute(attr=cst.Name("endswith" | "startswith" | "lower" | "strip"))):
                continue
            case cst.Call() if facts.name(node) not in _FORGIVING:
                return False
            case cst.Subscript():
                return False
            case _:
                pass
    return True

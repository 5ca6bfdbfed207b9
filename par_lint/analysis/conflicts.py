"""What stays in a loop may disturb what runs ahead of it: names, attributes, files, and the iterable itself."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.effects import Effects, Level, Verdict
from par_lint.analysis.facts import Facts
from par_lint.analysis.names import assigned, bound_names, read_paths
from par_lint.analysis.nodes import clauses, descend
from par_lint.analysis.site import LoopSite
from par_lint.analysis.split import Split
from par_lint.catalog.entry import Effect, Kind
from par_lint.scopes import Function

_FILES = frozenset({Kind.FILE, Kind.METADATA, Kind.LISTING, Kind.SUBPROCESS})
_COPIES = frozenset({"list", "tuple", "sorted", "set", "frozenset", "dict"})
_VIEWS = frozenset({"enumerate", "zip", "reversed", "range", "iter", "filter", "map", "len", "min", "max", "str", "int"})


def find_conflict(site: LoopSite, split: Split, facts: Facts, effects: Effects) -> Verdict:
    """The worst that the ordered rest and the iterable do to the moved part."""
    inside = {inner for node in split.moved for inner in descend(node, into_functions=True)}
    return _names(site, split, inside) | _other_items(site) | _files(site, inside, facts) | iterable_verdict(site.iterable, facts, effects)


def _names(site: LoopSite, split: Split, inside: set[cst.CSTNode]) -> Verdict:
    own = set(bound_names(site.target)) | {name for node in split.moved for name in assigned(node)}
    tests = [st.test for st in split.filters] + [test for test, _ in split.conditions] + ([split.wrapped.test] if split.wrapped else [])
    needed = set().union(*(read_paths(node) for node in (*split.moved, *tests)))
    for change in site.summary.changes:
        if change.node in inside or change.path.partition(".")[0] in own:
            continue
        for name in needed:
            if name == change.path or name.startswith(change.path + ".") or change.path.startswith(name + "."):
                return Verdict(Level.STUCK, f"a later pass needs {change.path}", change.node)
    for part in site.body:
        for node in descend(part):
            if node not in inside and isinstance(node, (cst.Global, cst.Nonlocal)):
                return Verdict(Level.STUCK, "it declares names of an outer scope", node)
    return Verdict()


def _other_items(site: LoopSite) -> Verdict:
    """Writes to a file that is named by another item than the pass's own: `paths[number + 1].write_text(...)`."""
    roots = {n.value for n in descend(site.iterable) if isinstance(n, cst.Name)} - set(bound_names(site.target))
    for work in site.summary.works:
        named = work.path | (work.handle or frozenset())
        if work.entry.effect is Effect.WRITE and any(origin.partition(".")[0] in roots for origin in named):
            return Verdict(Level.STUCK, "a later pass may read what this one writes", work.call)
    return Verdict()


def _files(site: LoopSite, inside: set[cst.CSTNode], facts: Facts) -> Verdict:
    """Writes that stay behind, where files are read or listed ahead; reading ahead from the network sees no files."""
    moved = [work for work in site.summary.works if work.call in inside]
    if not any(work.entry.kind in _FILES for work in moved) and not _lists_files(site.iterable, facts):
        return Verdict()
    for work in site.summary.works:
        if work.call in inside:
            continue
        is_changing = work.entry.effect is Effect.WRITE and work.entry.kind in _FILES and not work.entry.name.startswith("io.File.")
        if is_changing or work.entry.kind is Kind.SUBPROCESS:
            return Verdict(Level.UNSURE, "the rest of the loop changes files while later ones are read", work.call)
    return Verdict()


def _lists_files(node: cst.BaseExpression, facts: Facts) -> bool:
    calls = (inner for inner in descend(node) if isinstance(inner, cst.Call))
    return any((entry := facts.entry(call)) is not None and entry.kind is Kind.LISTING for call in calls)


def iterable_verdict(node: cst.BaseExpression, facts: Facts, effects: Effects) -> Verdict:
    """Whether going over an iterable ahead of the body can be noticed."""
    match node:
        case cst.Call(func=cst.Name(value=name), args=args) if facts.is_builtin(name, node) and name in _COPIES | _VIEWS:
            if name in _COPIES:
                return Verdict()  # taken whole before the first pass, then as now
            verdict = Verdict()
            for arg in args:
                verdict |= iterable_verdict(arg.value, facts, effects)
            return verdict
        case cst.Call():
            return _called(node, facts, effects)
        case cst.GeneratorExp() | cst.ListComp():
            verdict = effects.judge([node])
            for clause in clauses(node):
                verdict |= iterable_verdict(clause.iter, facts, effects)
            return verdict
        case cst.Name():
            return _variable(node, facts)
        case _:
            return Verdict()


def _called(node: cst.Call, facts: Facts, effects: Effects) -> Verdict:
    callee = facts.callee(node)
    if isinstance(callee, Function):
        if not callee.is_generator:
            return Verdict()
        found = effects.function(callee)
        return found if found.level <= Level.READ else Verdict(Level.UNSURE, f"the generator {callee.name} has effects of its own", node)
    if facts.entry(node) is not None:
        return Verdict()
    match node.func:
        case cst.Attribute(attr=cst.Name("items" | "keys" | "values" | "split" | "splitlines" | "get" | "strip")):
            return Verdict()
        case _:
            return Verdict(Level.UNSURE, "what it goes over may be lazy, with effects of its own", node)


def _variable(node: cst.Name, facts: Facts) -> Verdict:
    made = facts.made_by_generator(node)
    return Verdict(Level.UNSURE, f"{node.value} is a generator with effects of its own", node) if made else Verdict()

"""What stays in a loop may disturb what runs ahead of it: names, attributes, files, and the iterable itself."""

from __future__ import annotations

import re

import libcst as cst

from par_lint.analysis.effects import Effects, Level, Verdict, opens_for_writing
from par_lint.analysis.facts import Facts
from par_lint.analysis.names import assigned, bound_names, dotted
from par_lint.analysis.needs import Needs, aliases_of, find_needs, lazy_parts
from par_lint.analysis.nodes import clauses, descend
from par_lint.analysis.site import LoopSite
from par_lint.analysis.split import Split
from par_lint.catalog.entry import Effect, Kind
from par_lint.dataflow.summary import ITEM, Work
from par_lint.findings import Ground
from par_lint.scopes import Function

_FILES = frozenset({Kind.FILE, Kind.METADATA, Kind.LISTING, Kind.SUBPROCESS})
_CHANGING = Ground.DEPENDENCE("the rest of the loop changes files while later ones are read")
_REACHING = frozenset({"setattr", "delattr", "globals", "vars", "locals", "exec", "eval"})
_COPIES = frozenset({"list", "tuple", "sorted", "set", "frozenset", "dict"})
_REPLACING = re.compile(r"(^|[._])(patch|patcher|monkeypatch|mocker|freeze_time|fakefs)(\.|$)", re.IGNORECASE)
"""What tests call to replace functions of the whole process for a while: `open` or the current folder may be among them."""
_VIEWS = frozenset({"enumerate", "zip", "reversed", "range", "iter", "filter", "map", "len", "min", "max", "str", "int"})


def find_conflict(site: LoopSite, split: Split, facts: Facts, effects: Effects) -> Verdict:
    """The worst that the ordered rest and the iterable do to the moved part."""
    inside = {inner for node in split.moved for inner in descend(node, into_functions=True)}
    verdict = _names(site, split, inside, facts) | _hidden_changes(site, inside, facts, effects) | _other_items(site)
    return verdict | _files(site, inside, facts) | iterable_verdict(site.iterable, facts, effects)


def _names(site: LoopSite, split: Split, inside: set[cst.CSTNode], facts: Facts) -> Verdict:
    own = set(bound_names(site.target)) | {name for node in split.moved for name in assigned(node)}
    tests = [st.test for st in split.filters] + [test for test, _ in split.conditions] + ([split.wrapped.test] if split.wrapped else [])
    verdict = changes_verdict(site, find_needs((*split.moved, *tests, *lazy_parts(site.iterable, facts)), own, facts), inside, own, facts)
    for part in site.body:
        for node in descend(part):
            if node not in inside and isinstance(node, (cst.Global, cst.Nonlocal)):
                verdict |= Verdict(Level.STUCK, Ground.NAMES("it declares names of an outer scope"), node)
    return verdict


def changes_verdict(site: LoopSite, needs: Needs, inside: set[cst.CSTNode], own: set[str], facts: Facts) -> Verdict:
    """Whether what stays of a pass changes what the moved part of a later one, or the iterable, looks at."""
    verdict = Verdict()
    for change in site.summary.changes:
        if change.path.partition(".")[0] in own or (node := facts.changed(change)) in inside:
            continue
        is_rebinding = change.how == "assign" and "." not in change.path
        aliases = frozenset() if is_rebinding else aliases_of(change.path, site.node, facts)
        if needs.names(change.path):
            verdict |= Verdict(Level.STUCK, Ground.DEPENDENCE(f"a later pass needs {change.path}"), node or site.node)
        elif (name := needs.touched_by(change.path, aliases - own)) is not None:
            verdict |= Verdict(Level.UNSURE, Ground.DEPENDENCE(f"a later pass may need {name}, which this one changes"), node or site.node)
    return verdict


def _hidden_changes(site: LoopSite, inside: set[cst.CSTNode], facts: Facts, effects: Effects) -> Verdict:
    """Ways to change things that name nothing: `setattr`, `globals()[name]`, a property that counts."""
    for part in site.body:
        for node in descend(part, into_functions=True):
            match node:
                case cst.Call(func=cst.Name(value=name)) if node not in inside and name in _REACHING and facts.is_builtin(name, node):
                    return Verdict(Level.UNSURE, Ground.DEPENDENCE(f"{name}() may change what a later pass needs"), node)
                case cst.Call(func=func) if node not in inside and _REPLACING.search(dotted(func) or "") and not _replaces_streams(node):
                    return Verdict(Level.UNSURE, Ground.STATE(f"{dotted(func)} may replace what reading uses, while later items are read"), node)
                case cst.Attribute() if node not in inside and (found := effects.judge([node])).level > Level.READ:
                    return Verdict(Level.UNSURE, found.reason, node)
                case _:
                    pass
    return Verdict()


def _replaces_streams(call: cst.Call) -> bool:
    """Whether a call replaces what no reading looks at: `patch("sys.stdin", ...)`."""
    match call.args:
        case [cst.Arg(value=cst.SimpleString() as text), *_]:
            return text.raw_value.startswith(("sys.stdin", "sys.stdout", "sys.stderr", "sys.argv"))
        case _:
            return False


def _other_items(site: LoopSite) -> Verdict:
    """Writes to a file that is named by another item than the pass's own: `paths[number + 1].write_text(...)`."""
    roots = {n.value for n in descend(site.iterable) if isinstance(n, cst.Name)} - set(bound_names(site.target))
    for work in site.summary.works:
        named = work.path | (work.handle or frozenset())
        if work.entry.effect is Effect.WRITE and any(origin.partition(".")[0] in roots for origin in named):
            return Verdict(Level.STUCK, Ground.WRITES("a later pass may read what this one writes"), work.call)
    return Verdict()


def _files(site: LoopSite, inside: set[cst.CSTNode], facts: Facts) -> Verdict:
    """Writes that stay behind, where files are read or listed ahead; reading ahead from the network sees no files."""
    moved = [work for work in site.summary.works if work.call in inside]
    if not any(work.entry.kind in _FILES for work in moved) and not _lists_files(site.iterable, facts):
        return Verdict()
    for work in site.summary.works:
        if work.call in inside:
            continue
        is_changing = work.entry.effect is Effect.WRITE and work.entry.kind in _FILES and not _goes_to_one_output(work)
        if is_changing or work.entry.kind is Kind.SUBPROCESS:
            return Verdict(Level.UNSURE, _CHANGING, work.call)
    for part in site.body:
        for node in descend(part):
            if isinstance(node, cst.Call) and node not in inside and facts.result_type(node) == "io.File" and opens_for_writing(node, facts):
                return Verdict(Level.UNSURE, _CHANGING, node)
    return Verdict()


def _goes_to_one_output(work: Work) -> bool:
    """Whether a write goes through a file that was opened before the loop."""
    return work.entry.name.startswith("io.File.") and bool(work.handle) and ITEM not in (work.handle or ())


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
            if name in ("map", "filter") and args:
                verdict = effects.applied(args[0].value, node)
                if verdict.level > Level.READ:
                    return Verdict(Level.UNSURE, Ground.STATE(f"what {name} calls may have effects"), node)
                args = args[1:]
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
        return found if found.level <= Level.READ else Verdict(Level.UNSURE, Ground.STATE(f"the generator {callee.name} has effects of its own"), node)
    if facts.entry(node) is not None:
        return Verdict()
    match node.func:
        case cst.Attribute(attr=cst.Name("items" | "keys" | "values" | "split" | "splitlines" | "get" | "strip")):
            return Verdict()
        case _:
            return Verdict(Level.UNSURE, Ground.STATE("what it goes over may be lazy, with effects of its own"), node)


def _variable(node: cst.Name, facts: Facts) -> Verdict:
    made = facts.made_by_generator(node)
    return Verdict(Level.UNSURE, Ground.FORM(f"{node.value} is a generator with effects of its own"), node) if made else Verdict()

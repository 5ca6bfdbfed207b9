"""Read-write conflicts: whether the rest of a loop changes names, attributes, files or the iterable that workers read ahead."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

import libcst as cst

from par_lint.analysis.effects.annotations import annotation_verdict
from par_lint.analysis.effects.changes_through_calls import IndirectChanges, variables_read
from par_lint.analysis.effects.effects_of_moved import SideEffects
from par_lint.analysis.effects.effects_of_rest import OrderedRest, interfering_functions
from par_lint.analysis.effects.free_variables import FreeVariables, aliases_of, find_free_variables, lazily_evaluated_parts
from par_lint.analysis.effects.http_requests import DOWNLOADING
from par_lint.analysis.effects.interference import Interference
from par_lint.analysis.effects.open_modes import opens_for_writing
from par_lint.analysis.effects.pacing import find_time_measurement
from par_lint.analysis.effects.paired_iterators import find_paired_iterator
from par_lint.analysis.effects.possible_writers import names_of_data, names_of_files_read, opens_file_per_item, writes_to_indexed_file
from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.changes_before import changed_before, changed_in_place, changed_target
from par_lint.analysis.loops.changes_by_callees import hidden_change, names_read_inside
from par_lint.analysis.loops.growing_outputs import growing_output_verdict
from par_lint.analysis.loops.iterables import (
    COPIES,
    collections_of,
    is_collection,
    is_iteration_known,
    is_over_collections,
    items_may_be_iterators,
    iterator_used_elsewhere,
)
from par_lint.analysis.loops.lazy_generators import find_late_reader
from par_lint.analysis.loops.lazy_reads import read_by_iterable
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.loops.object_conflicts import object_conflict
from par_lint.analysis.loops.partition import Split
from par_lint.analysis.loops.pruned_walks import walk_verdict
from par_lint.analysis.loops.reached_calls import loop_node
from par_lint.analysis.semantics.dataflow.body_summary import FROM_THIS_ITERATION, SliceIoCall
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.syntax.expression_names import bound_names, dotted
from par_lint.analysis.syntax.nodes import clauses, descend
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.catalog.entry import Effect, Kind
from par_lint.core.findings import ReasonKind
from par_lint.core.memo import memoized_for_last

_FILES = frozenset({Kind.FILE, Kind.METADATA, Kind.LISTING, Kind.SUBPROCESS})
_CHANGING = ReasonKind.DEPENDENCE("the rest of the loop changes files while later ones are read")
_REACHING = frozenset({"setattr", "delattr", "globals", "vars", "locals", "exec", "eval"})
_REPLACING = re.compile(r"(^|[._])(patch|patcher|monkeypatch|mocker|freeze_time|fakefs)(\.|$)", re.IGNORECASE)
"""Functions of tests that temporarily replace functions of the whole process, possibly `open` or the current folder."""
_VIEWS = frozenset({"enumerate", "zip", "reversed", "range", "iter", "filter", "map", "len", "min", "max", "str", "int"})


def find_conflict(site: LoopSite, split: Split, facts: Facts, effects: SideEffects) -> Verdict:
    """Return the verdict of the split with the worst conflict of the ordered rest and the iterable with the moved part."""
    inside = {inner for node in split.moved for inner in facts.descendants(node)}
    tests = [st.test for st in split.filters] + ([split.wrapped.test] if split.wrapped else [])
    ahead = inside | {inner for test in tests for inner in facts.descendants(test)}
    verdict = split.verdict | _names(site, split, inside, facts)
    looks: tuple[Callable[[], Verdict], ...] = (  # the expensive ones come last
        lambda: _hidden_changes(site, inside, facts, effects),
        lambda: changed_before(site, ahead, facts),
        lambda: _parts_of_items(site, split, inside, facts),
        lambda: _checks(site, inside, facts),
        lambda: _late_reads(site, split, inside, facts),
        lambda: growing_output_verdict(site, ahead | {inner for test, _ in split.conditions for inner in facts.descendants(test)}, effects),
    )
    for look in looks:
        if verdict.level <= Level.READ:  # none of these is worse than UNSAFE
            verdict |= look()
    verdict |= _other_items(site) | _files(site, ahead, facts) | iterable_verdict(site.iterable, facts, effects)
    verdict |= walk_verdict(site.target, site.iterable, site.body, facts) | _growth_of_flattened(site, facts)
    if verdict.level <= Level.READ:
        verdict |= followed_verdict(site, *_needs(site, split, facts), ahead, facts)
    return verdict if verdict.level > Level.READ else _disturbed(site, split, inside, facts)


def _checks(site: LoopSite, inside: set[cst.CSTNode], facts: Facts) -> Verdict:
    """Return the verdict on checks that stay in order and may prevent the request: the worker would send it before the check."""
    asking = [facts.line(work.call) for work in site.summary.io_calls if work.call in inside and work.entry.kind is Kind.NETWORK]
    for node in (inner for part in site.body if asking for inner in facts.own_descendants(part)):
        if node not in inside and _may_refuse(node, facts) and facts.line(node) < min(asking):
            return Verdict(Level.UNSAFE, ReasonKind.ORDER("a request would be sent before its condition is checked"), node)
    return Verdict()


def _late_reads(site: LoopSite, split: Split, inside: set[cst.CSTNode], facts: Facts) -> Verdict:
    """Return the verdict on moved code that reads a variable of the loop when the iteration is over."""
    late = find_late_reader(inside, _needs(site, split, facts)[1], facts)
    return Verdict(Level.UNSAFE, ReasonKind.NAMES("it may run later, and then reads variables of the loop"), late) if late is not None else Verdict()


def _may_refuse(node: cst.CSTNode, facts: Facts) -> bool:
    """Whether a statement raises, or calls a function of the file that does."""
    callee = facts.callee(node) if isinstance(node, cst.Call) else None
    raises = isinstance(callee, Function) and any(isinstance(inner, (ast.Raise, ast.Assert)) for inner in ast.walk(callee.node))
    return raises or isinstance(node, (cst.Raise, cst.Assert))


def _names(site: LoopSite, split: Split, inside: set[cst.CSTNode], facts: Facts) -> Verdict:
    needs, own = _needs(site, split, facts)
    verdict = changes_verdict(site, needs, inside, own, facts)
    for part in site.body:
        for node in facts.own_descendants(part):
            if node not in inside and isinstance(node, (cst.Global, cst.Nonlocal)):
                verdict |= Verdict(Level.IMMOVABLE, ReasonKind.NAMES("the loop body declares names of an outer scope"), node)
    return verdict


def _needs(site: LoopSite, split: Split, facts: Facts, *, is_watched: bool = False) -> tuple[FreeVariables, set[str]]:
    """Return what the moved part, its conditions and the iterable read, and the names that each iteration binds itself.

    `is_watched`: the runtime detects changes of the collection during the loop.
    """
    own = set(bound_names(site.target)) | {name for node in split.moved for name in facts.assigned(node)}
    tests = [st.test for st in split.filters] + [test for test, _ in split.conditions] + ([split.wrapped.test] if split.wrapped else [])
    walked = [] if is_watched and not tests and isinstance(site.iterable, (cst.Name, cst.Attribute)) else lazily_evaluated_parts(site.iterable, facts)
    return find_free_variables((*split.moved, *tests, *walked), own, facts), own


def _disturbed(site: LoopSite, split: Split, inside: set[cst.CSTNode], facts: Facts) -> Verdict:
    """Return the verdict on functions that the rest may call, directly or not, and that change what is read ahead."""
    needs, own = _needs(site, split, facts, is_watched=True)
    sees = _seen(site, inside, facts) | _seen_by_iterable(site, facts)
    needed = variables_read(needs.paths, needs.attributes, lambda path: aliases_of(path, site.node, facts) - own, facts, site.node)
    changes = IndirectChanges(facts, needed - own, interfering_functions(sees, facts))
    staying = [node for part in site.body for node in facts.descendants(part) if node not in inside]
    found = changes.find_reachable_change(staying)
    return Verdict(Level.UNSAFE, ReasonKind.DEPENDENCE(f"using `{found[0]}` may change what is read ahead"), found[1]) if found is not None else Verdict()


def changes_verdict(site: LoopSite, needs: FreeVariables, inside: set[cst.CSTNode], own: set[str], facts: Facts) -> Verdict:
    """Return the verdict on changes in the rest of an iteration of what the moved part of a later one, or the iterable, reads.

    Args:
        needs: What the moved part and the iterable read.
        inside: The nodes that move to a worker.
        own: The names that each iteration binds.
    """
    verdict = Verdict()
    for change in site.summary.changes:
        if change.path.partition(".")[0] in own or (node := facts.changed_node(change)) in inside:
            continue
        is_rebinding = change.how == "assign" and "." not in change.path
        aliases = frozenset() if is_rebinding else aliases_of(change.path, site.node, facts)
        if needs.names(change.path):
            verdict |= Verdict(Level.IMMOVABLE, ReasonKind.DEPENDENCE(f"what would run ahead reads `{change.path}`, which the rest of the loop changes"), node or site.node)
        elif (name := needs.alias_affected_by(change.path, aliases - own)) is not None:
            verdict |= Verdict(Level.UNSAFE, ReasonKind.DEPENDENCE(f"what would run ahead reads `{name}`, which the rest of the loop may change"), node or site.node)
    return verdict


def _is_method(node: cst.Attribute, facts: Facts) -> bool:
    """Whether an attribute is a method that is called, not a property: the call is analysed separately."""
    call = facts.parent(node)
    return isinstance(call, cst.Call) and call.func is node and not facts.properties(node.attr.value)


def _hidden_changes(site: LoopSite, inside: set[cst.CSTNode], facts: Facts, effects: SideEffects) -> Verdict:
    """Yield nodes that may change anything, without a name: `setattr`, `globals()[name]`, a property with side effects."""
    for part in site.body:
        for node in facts.descendants(part):
            match node:
                case cst.Call(func=cst.Name(value=name)) if node not in inside and name in _REACHING and facts.is_builtin(name, node):
                    return Verdict(Level.UNSAFE, ReasonKind.DEPENDENCE(f"`{name}()` may change what is read ahead"), node)
                case cst.Call(func=func) if node not in inside and _REPLACING.search(dotted(func) or "") and not _replaces_streams(node):
                    return Verdict(Level.UNSAFE, ReasonKind.STATE(f"`{dotted(func)}()` may replace functions that reading uses, while later items are read"), node)
                case cst.Attribute() if node not in inside and not _is_method(node, facts) and (found := effects.attribute(node)).level > Level.READ:
                    return Verdict(Level.UNSAFE, found.reason, node)
                case _:
                    pass
    return Verdict()


def _replaces_streams(call: cst.Call) -> bool:
    """Whether a call replaces only standard streams, which reading does not use: `patch("sys.stdin", ...)`."""
    match call.args:
        case [cst.Arg(value=cst.SimpleString() as text), *_]:
            return text.raw_value.startswith(("sys.stdin", "sys.stdout", "sys.stderr", "sys.argv"))
        case _:
            return False


def _other_items(site: LoopSite) -> Verdict:
    """Return the first write to the file of another item: `paths[number + 1].write_text(...)`."""
    walked = collections_of(site.iterable) - set(bound_names(site.target))
    for work in site.summary.io_calls:
        named = work.path | (work.handle or frozenset())
        if work.entry.effect is Effect.WRITE and any(_overlap(origin, path) for origin in named for path in walked):
            return Verdict(Level.IMMOVABLE, ReasonKind.WRITES("it may write a file that is read ahead"), work.call)
    return Verdict()


def _overlap(one: str, other: str) -> bool:
    """Whether one dotted name is the other, or a part of it."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _files(site: LoopSite, inside: set[cst.CSTNode], facts: Facts) -> Verdict:
    """Return the verdict on writes that stay in order while files are read or listed ahead; requests read no files."""
    by_iterable = _seen_by_iterable(site, facts)
    if Interference.FILES not in _seen(site, inside, facts) | by_iterable:
        return Verdict()
    for work in site.summary.io_calls:
        if work.call in inside:
            continue
        is_one_output = _goes_to_one_output(work) and Interference.FILES not in by_iterable
        is_changing = work.entry.effect is Effect.WRITE and (work.entry.kind in _FILES or DOWNLOADING.search(work.entry.name)) and not is_one_output
        if is_changing or work.entry.kind is Kind.SUBPROCESS:
            return Verdict(Level.UNSAFE, _CHANGING, work.call)
    staying = [node for part in site.body for node in facts.own_descendants(part) if type(node) is cst.Call and node not in inside]
    if (one := next(filter(writes_to_indexed_file, staying), None)) is not None and opens_file_per_item(facts.enclosing_function(site.node) or facts.module, facts):
        return Verdict(Level.UNSAFE, _CHANGING, one)
    for part in site.body:
        for node in facts.own_descendants(part):
            if isinstance(node, cst.Call) and node not in inside and facts.result_type(node) == "io.File" and opens_for_writing(node, facts):
                return Verdict(Level.UNSAFE, _CHANGING, node)
    return Verdict()


def followed_verdict(site: LoopSite, needs: FreeVariables, own: set[str], inside: set[cst.CSTNode], facts: Facts) -> Verdict:
    """Return the verdict on what the ordered rest does in functions of the file and in unresolved calls. Args as of `changes_verdict`."""
    rest = OrderedRest(facts, facts.scope(site.node))
    moved = [work for work in site.summary.io_calls if work.call in inside]
    sees = _seen(site, inside, facts) | _seen_by_iterable(site, facts)
    names = frozenset(
        node.value for work in moved for one in descend(work.call) if isinstance(one, (cst.Arg, cst.Attribute))
        for node in descend(one.value) if isinstance(node, cst.Name)
    ) - {"self", "cls"}  # fmt: skip
    names = names_of_files_read(names | set(bound_names(site.target)), site.body, inside)
    staying = [node for part in site.body for node in facts.descendants(part) if node not in inside]
    calls = frozenset(call.node for node in inside if isinstance(node, cst.Call) and (call := facts.site(node)) is not None)
    data = names_of_data(site.body, inside)
    found = rest.find_interference(staying, names, calls, sees, data, max(map(facts.tree.number, inside), default=0))
    if found is not None:
        return Verdict(Level.UNSAFE, *found)
    found = hidden_change(staying, needs, own, site, inside, rest, facts) or object_conflict(needs.nodes, site, inside, rest.reached, facts)
    if found is not None:
        return Verdict(Level.UNSAFE, *found)
    annotated = next((verdict for node in staying if (verdict := annotation_verdict(node, facts)).level), None)
    if annotated is not None:
        return annotated
    measured = find_time_measurement(site.body, inside, [work.call for work in moved], facts, rest.reads_clock)
    return Verdict(Level.UNSAFE, ReasonKind.STATE("it measures how long each iteration takes"), measured) if measured is not None else Verdict()


def _seen(site: LoopSite, inside: set[cst.CSTNode], facts: Facts) -> Interference:
    """Return what the moved part depends on: files, servers, or both. A request may read a file, in a program that contains `file:` addresses."""
    seen = Interference.NONE
    for work in site.summary.io_calls:
        if work.call in inside:
            sees_files = work.entry.kind in _FILES or work.entry.name.startswith("urllib.request.") and _names_files_by_address(facts)
            sees_server = work.entry.kind in (Kind.NETWORK, Kind.SUBPROCESS)
            seen |= (Interference.FILES if sees_files else Interference.NONE) | (Interference.SERVER if sees_server else Interference.NONE)
    return seen


def _seen_by_iterable(site: LoopSite, facts: Facts) -> Interference:
    """Return what the iterable depends on whenever it gives an item."""
    loop = loop_node(site, facts)
    if loop is None:
        return Interference.FILES if _lists_files(site.iterable, facts) else Interference.NONE
    return read_by_iterable(loop, facts.scope(site.node), facts, is_flattened=_is_flattened(site))


def _is_flattened(site: LoopSite) -> bool:
    """Whether a loop is read as one with the loop in it."""
    return isinstance(site.node, cst.For) and site.iterable is not site.node.iter


def _growth_of_flattened(site: LoopSite, facts: Facts) -> Verdict:
    """Return the verdict on collections that may be the outer one under another name: the runtime sees only the one that it is given grow."""
    if not _is_flattened(site):
        return Verdict()
    assert isinstance(site.node, cst.For)
    scope = facts.scope(site.node)
    own = set(scope.bindings) - set(scope.parameters) if isinstance(scope, Function) else set()
    if collections_of(site.node.iter) <= own:
        return Verdict()
    changed = next((change for change in site.summary.changes if change.how in ("add", "store") and change.path.partition(".")[0] not in own), None)
    if changed is None:
        return Verdict()
    return Verdict(Level.UNSAFE, ReasonKind.DEPENDENCE(f"`{changed.path}` may be what the loop goes over"), facts.changed_node(changed) or site.node)


@memoized_for_last
def _names_files_by_address(facts: Facts) -> bool:
    return bool(facts.index.called("as_uri") or facts.index.called("pathname2url")) or any(
        isinstance(node.value, str) and node.value.lower().startswith("file:") for node in facts.index.all_of(ast.Constant)
    )


def _parts_of_items(site: LoopSite, split: Split, inside: set[cst.CSTNode], facts: Facts) -> Verdict:
    """Return the verdict on changes of a part of the item that the moved part reads: items may share it, or be the same object."""
    needs, _ = _needs(site, split, facts)
    targets = set(bound_names(site.target))
    seen = {slot for node in inside for slot in [_part_of_item(node, targets)] if slot is not None}
    whole = {node.value for node in inside if isinstance(node, cst.Name) and node.value in targets} - {
        inner.value for node in inside if _part_of_item(node, targets) is not None for inner in descend(node) if isinstance(inner, cst.Name)
    }  # fmt: skip
    for part in site.body:
        for node in facts.own_descendants(part):
            changed = changed_target(node) if node not in inside else None
            slot = _part_of_item(changed, targets) if changed is not None else None
            is_part = isinstance(changed, cst.Subscript) or slot is not None and slot[1] in needs.attributes
            is_other = slot is not None and slot[0] not in whole and (slot[1] in {part for _, part in seen} or bool(whole) and is_part)
            if node not in inside and (item := _changed_item(node, targets, facts)) is not None:
                keys = _updated_keys(node)
                if names_read_inside(inside, targets, facts) and (keys is None or whole or not keys.isdisjoint(part for _, part in seen)):  # the same object may be another item
                    return Verdict(Level.UNSAFE, ReasonKind.DEPENDENCE(f"`{item}` of a later item may share data that this iteration changes"), node)
            if slot is not None and (slot in seen or slot[0] in whole and is_part or is_other or _covers(slot, seen)):
                return Verdict(Level.UNSAFE, ReasonKind.DEPENDENCE(f"`{slot[0]}` of a later item may share data that this iteration changes"), node)
    return Verdict()


def _changed_item(node: cst.CSTNode, targets: set[str], facts: Facts) -> str | None:
    """Return the item that a node changes as a whole: `row.update(...)`, `row |= new`, `heappop(row)`."""
    return next((one.value for one in changed_in_place(node, facts) if isinstance(one, cst.Name) and one.value in targets), None)


def _updated_keys(node: cst.CSTNode) -> set[str] | None:
    """Return the keys, with quotes, that a call such as `row.update(text=text)` sets; None if they are not known."""
    match node:
        case cst.Call(func=cst.Attribute(attr=cst.Name("update")), args=args) if args and all(arg.keyword is not None for arg in args):
            return {quote + arg.keyword.value + quote for arg in args if arg.keyword is not None for quote in ("'", '"')}
        case _:
            return None


def _covers(slot: tuple[str, str], seen: set[tuple[str, str]]) -> bool:
    """Whether a change at an unknown key may affect a part that is read."""
    return slot[1] == "?" and any(name == slot[0] for name, _ in seen) or (slot[0], "?") in seen


def _part_of_item(node: cst.CSTNode, targets: set[str]) -> tuple[str, str] | None:
    """Return the item's name and the part of it that an expression refers to: an attribute, a key, or `?` for an unknown key."""
    match node:
        case cst.Attribute(attr=cst.Name(value=part)) if (path := dotted(node)) is not None and path.partition(".")[0] in targets:
            return path.partition(".")[0], part
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
            inner: cst.CSTNode = value
            while isinstance(inner, (cst.Subscript, cst.Attribute)):
                inner = inner.value
            if isinstance(inner, cst.Name) and inner.value in targets:
                return inner.value, key.value if isinstance(key, (cst.SimpleString, cst.Integer)) else "?"
            return None
        case _:
            return None


def _goes_to_one_output(work: SliceIoCall) -> bool:
    """Whether a write goes through a file that was opened before the loop."""
    return work.entry.name.startswith("io.File.") and bool(work.handle) and FROM_THIS_ITERATION.isdisjoint(work.handle or ())


def _lists_files(node: cst.BaseExpression, facts: Facts) -> bool:
    calls = (inner for inner in descend(node) if isinstance(inner, cst.Call))
    return any((entry := facts.entry(call)) is not None and entry.kind is Kind.LISTING for call in calls)


LAZY = ReasonKind.ORDER("the iterable may be lazy, and would be advanced ahead of its turn")


def iterable_verdict(node: cst.BaseExpression, facts: Facts, effects: SideEffects) -> Verdict:
    """Return whether advancing an iterable ahead of the body can be observed."""
    verdict = _walk_verdict(node, facts, effects)
    if isinstance(node, cst.Call) and isinstance(callee := facts.callee(node), Function) and callee.is_generator and items_may_be_iterators(node, facts):
        verdict |= Verdict(Level.UNSAFE, ReasonKind.SHARED(f"`{callee.name}()` may give iterators, which take from what its next item is made of"), node)
    if (line := find_paired_iterator(facts)) is not None and not _is_apart_from_zip(node, facts):
        verdict |= Verdict(Level.UNSAFE, ReasonKind.SHARED(f"zip() takes several items of one iterator together (line {line})"), node)
    if verdict.level <= Level.READ and (name := iterator_used_elsewhere(node, facts)) is not None:
        return Verdict(Level.UNSAFE, ReasonKind.SHARED(f"`{name}` is an iterator, and would have given more items when it is used again"), node)
    if verdict.level > Level.READ or is_over_collections(node, facts) or is_iteration_known(node, facts):
        return verdict
    return Verdict(Level.UNSAFE, LAZY, node)


def _is_apart_from_zip(node: cst.BaseExpression, facts: Facts) -> bool:
    """Whether an iterable surely neither is a `zip`, nor iterates over one lazily."""
    match node:
        case cst.Name():
            return is_iteration_known(node, facts)
        case cst.Call(func=cst.Attribute()):
            return not isinstance(facts.callee(node), Function)
        case _:
            return is_collection(node, facts)


def _walk_verdict(node: cst.BaseExpression, facts: Facts, effects: SideEffects) -> Verdict:
    match node:
        case cst.Call(func=cst.Name(value=name), args=args) if facts.is_builtin(name, node) and name in COPIES | _VIEWS:
            if name in COPIES:
                return Verdict()  # read completely before the first iteration, before the fix and after it
            verdict = Verdict()
            if name in ("map", "filter") and args:
                verdict = effects.verdict_on_applying(args[0].value, node)
                if verdict.level > Level.READ:
                    return Verdict(Level.UNSAFE, ReasonKind.STATE(f"`{name}()` may call code with side effects"), node)
                args = args[1:]
            for arg in args:
                verdict |= _walk_verdict(arg.value, facts, effects)
            return verdict
        case cst.Call():
            return _called(node, facts, effects)
        case cst.GeneratorExp() | cst.ListComp():
            verdict = effects.verdict_on([node], stays=True)
            for clause in clauses(node):
                verdict |= _walk_verdict(clause.iter, facts, effects)
            return verdict
        case cst.Name():
            return _variable(node, facts)
        case _:
            return Verdict()


def _called(node: cst.Call, facts: Facts, effects: SideEffects) -> Verdict:
    callee = facts.callee(node)
    if isinstance(callee, Function):
        if not callee.is_generator:
            return Verdict()
        found = effects.function(callee)
        return found if found.level <= Level.READ else Verdict(Level.UNSAFE, ReasonKind.STATE(f"the generator `{callee.name}()` has side effects"), node)
    if facts.entry(node) is not None:
        verdict = Verdict()
        for arg in node.args if (facts.name(node) or "").startswith("itertools.") else ():
            verdict |= _walk_verdict(arg.value, facts, effects)
        return verdict
    match node.func:
        case cst.Attribute(attr=cst.Name("items" | "keys" | "values" | "split" | "splitlines" | "get" | "strip")):
            return Verdict()
        case _:
            return Verdict(Level.UNSAFE, ReasonKind.STATE("the iterable may be lazy and have side effects"), node)


def _variable(node: cst.Name, facts: Facts) -> Verdict:
    made = facts.comes_from_generator(node)
    return Verdict(Level.UNSAFE, ReasonKind.FORM(f"`{node.value}` is a generator with side effects"), node) if made else Verdict()

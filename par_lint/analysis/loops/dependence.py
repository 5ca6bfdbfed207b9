"""Reasons to exclude a loop: an iteration depends on an earlier one."""

from __future__ import annotations

import ast

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.keyed_by_item import uses_only_own_element
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.nested_directory_loops import is_walk
from par_lint.analysis.loops.reached_calls import loop_node
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.dataflow.body_summary import FROM_ITEM, FROM_RESULT, Change
from par_lint.analysis.semantics.dataflow.code_patterns import is_same, makes_empty
from par_lint.analysis.semantics.dataflow.loop_carried import aliases_in, find_carried
from par_lint.analysis.semantics.io_reachability import reachability_of
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.syntax.expression_names import bound_names, dotted, reads
from par_lint.analysis.syntax.nodes import descend


def loop_carried(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The I/O of an iteration uses what an earlier one left in a name, an attribute or a container."""
    moves = [work for work in site.summary.io_calls if work.entry.name in _MOVES and FROM_ITEM in work.inputs]
    found = find_carried((*site.io_calls, *moves), site.summary.changes, set(bound_names(site.target)), aliases_in(facts.scope(site.node), facts.resolver))
    change = next((change for change in found if not _is_keyed(change, site, facts) and not uses_only_own_element(change, site, facts)), None)
    if change is None:
        return None
    reason = f"an unresolved call may change `{change.path}`" if change.how == "call" else f"a later iteration depends on `{change.path}`"
    return Exclusion(reason, facts.changed_node(change) or site.node)


_MOVES = frozenset({"os.rename", "os.replace", "os.link", "os.symlink", "pathlib.Path.rename", "pathlib.Path.replace", "pathlib.Path.symlink_to"})
"""Calls that put a file into its place: cheap, but where it goes must not depend on earlier iterations."""


def _is_keyed(change: Change, site: LoopSite, facts: Facts) -> bool:
    """Whether the body uses a container only under keys derived from the item: each iteration has its own element."""
    if change.how not in ("store", "add"):
        return False
    keys = _names_of_item(site, facts)
    places = [node for part in site.body for node in descend(part) if dotted(node) == change.path]
    by_key = [node for node in places if not _is_environment(node, facts)]
    if bool(by_key) and all(_is_used_by_key(node, keys, facts) for node in by_key):
        return True
    number = _number_of(site)
    others = [node for node in places if not _is_appended_to(node, facts)]
    return change.how == "add" and number is not None and bool(others) and all(_is_used_by_key(node, {number}, facts) for node in others)


def _is_environment(node: cst.CSTNode, facts: Facts) -> bool:
    """Whether a mapping is the environment of a command: what earlier iterations put under their own keys is nothing to it."""
    above = facts.parent(node)
    return isinstance(above, cst.Arg) and above.keyword is not None and above.keyword.value == "env"


def _number_of(site: LoopSite) -> str | None:
    """Return the name of the item's number, from `enumerate` or `range`."""
    match site.target, site.iterable:
        case cst.Tuple(elements=[cst.Element(value=cst.Name(value=name)), *_]), cst.Call(func=cst.Name("enumerate"), args=[_]):
            return name
        case cst.Name(value=name), cst.Call(func=cst.Name("range"), args=[_]):
            return name
        case _:
            return None


def _is_appended_to(node: cst.CSTNode, facts: Facts) -> bool:
    above = facts.parent(node)
    return isinstance(above, cst.Attribute) and above.attr.value == "append"


def _names_of_item(site: LoopSite, facts: Facts) -> set[str]:
    """Return the loop's targets, and the names that the body derives from them without I/O."""
    found = set(bound_names(site.target))
    for part in site.body:
        for node in descend(part):
            if isinstance(node, cst.Assign) and found & reads(node.value) and not _tests_membership(node.value, facts):
                found.update(name for target in node.targets for name in bound_names(target.target))
    return found


def _tests_membership(node: cst.CSTNode, facts: Facts) -> bool:
    return any(isinstance(inner, cst.Await) or isinstance(inner, cst.Call) and _does_io(inner, facts) for inner in descend(node))


def _does_io(call: cst.Call, facts: Facts) -> bool:
    site = facts.site(call)
    return facts.entry(call) is not None or site is not None and reachability_of(facts.resolver).call(site)


def _is_used_by_key(node: cst.CSTNode, keys: set[str], facts: Facts) -> bool:
    """Whether a container is used by key: `c[item]`, `c.get(item)`, `item in c`."""
    above = facts.parent(node)
    match above:
        case cst.Subscript(value=value, slice=parts) if value is node:
            return any(keys & reads(part) for part in parts)
        case cst.Attribute(attr=cst.Name("get" | "pop" | "setdefault")):
            call = facts.parent(above)
            return isinstance(call, cst.Call) and call.func is above and bool(call.args) and bool(keys & reads(call.args[0].value))
        case cst.ComparisonTarget(operator=cst.In() | cst.NotIn()):
            comparison = facts.parent(above)
            return isinstance(comparison, cst.Comparison) and bool(keys & reads(comparison.left))
        case _:
            return False


def depends_on_budget(site: LoopSite, facts: Facts) -> Exclusion | None:
    """An iteration is skipped depending on what earlier ones counted or found: `if used[name] >= limit: continue`."""
    own = set(bound_names(site.target))
    asked = {path.partition(".[")[0] for work in site.io_calls for path in work.guards}
    changes = [
        change for change in site.summary.changes
        if change.path in asked and change.path not in own and change.how in ("add", "store")
    ]  # fmt: skip
    kinds = (cst.Name, cst.Attribute)
    measured = {dotted(node) for part in site.body for node in descend(part) if isinstance(node, kinds) and _is_measured(node, facts)} if changes else set()
    found = next((change for change in changes if change.path in measured), None)
    return Exclusion(f"a later iteration depends on `{found.path}`", facts.changed_node(found) or site.node) if found is not None else None


def _is_measured(node: cst.CSTNode, facts: Facts) -> bool:
    """Whether the size of a container, or a number in it, is compared: `len(found) > 3`, `used[name] >= limit`."""
    above = facts.parent(node)
    if isinstance(above, cst.Arg):
        above = facts.parent(above)
        if not (isinstance(above, cst.Call) and isinstance(above.func, cst.Name) and above.func.value in ("len", "sum", "max", "min")):
            return False
    elif isinstance(above, cst.Attribute) and above.attr.value in ("get", "values", "total"):
        above = facts.parent(above)
    elif not isinstance(above, cst.Subscript):
        return False
    above = facts.parent(above) if above is not None else None
    while isinstance(above, (cst.BinaryOperation, cst.Arg, cst.Call)):
        above = facts.parent(above)
    comparison = facts.parent(above) if isinstance(above, cst.ComparisonTarget) else above
    match comparison:
        case cst.Comparison(comparisons=[cst.ComparisonTarget(operator=operator)]):
            return isinstance(operator, (cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual))
        case _:
            return False


def rebinds_callee(site: LoopSite, facts: Facts) -> Exclusion | None:
    """An iteration calls a function that an earlier one bound to the name."""
    called: dict[str, cst.Call] = {}
    for node in site.calls:
        if isinstance(node.func, cst.Name):
            called.setdefault(node.func.value, node)
    for change in site.summary.changes:
        first = called.get(change.path) if change.how in ("assign", "rebind") and change.path not in bound_names(site.target) else None
        if first is not None and facts.line(first) < getattr(change.node, "lineno", 0) and not _is_bound_first(change.path, first, site):
            return Exclusion(f"a later iteration depends on `{change.path}`", facts.changed_node(change) or first)
    return None


def _is_bound_first(name: str, call: cst.Call, site: LoopSite) -> bool:
    """Whether each iteration binds a name before it calls it."""
    for node, _ in site.own:
        if node is call:
            return False
        if isinstance(node, cst.AssignTarget) and name in bound_names(node.target) or isinstance(node, cst.FunctionDef) and node.name.value == name:
            return True
    return False


def skips_repeated_items_by_result(site: LoopSite, facts: Facts) -> Exclusion | None:
    """An item that occurs again is skipped if its first request had a certain answer: results decide what is skipped, not the items."""
    asked = {path.partition(".[")[0] for work in site.io_calls for path in work.guards}
    for change in site.summary.changes:
        is_by_part = FROM_RESULT not in change.key and FROM_ITEM in change.key and not _is_kept_by_item(change, site)
        is_of_item = FROM_RESULT not in change.origins and FROM_ITEM in change.origins or is_by_part
        is_mark = change.how in ("add", "store") and FROM_RESULT in change.guards and is_of_item
        if is_mark and change.path in asked and _is_empty_before(change.path, site, facts):
            return Exclusion(f"a later iteration depends on `{change.path}`", facts.changed_node(change) or site.node)
    return None


def _is_empty_before(name: str, site: LoopSite, facts: Facts) -> bool:
    """Whether a name is bound once, to an empty container: all that it has is from this loop, or from one around it."""
    match facts.scope(site.node).bindings.get(name, ()):
        case [Assigned(value=ast.expr() as value)]:
            return makes_empty(value)
        case _:
            return False


def merges_layered_settings(site: LoopSite, facts: Facts) -> Exclusion | None:
    """A function reads settings of each item into one object, where those of later items replace those of earlier ones."""
    reading = {found.node for work in site.io_calls if not work.direct and (found := facts.site(work.call)) is not None}
    for change in site.summary.changes:
        if change.node in reading and change.how in ("store", "assign") and not {FROM_ITEM, FROM_RESULT}.isdisjoint(change.origins):
            if words(change.path.rpartition(".")[2]) & _SETTINGS and (change.path in change.origins or FROM_RESULT in change.key):
                return Exclusion(f"later items replace parts of `{change.path}`", facts.changed_node(change) or site.node)
    return None


def _is_kept_by_item(change: Change, site: LoopSite) -> bool:
    """Whether an answer is kept under the item itself: `known[url] = answer`. Another item has another place."""
    match change.node:
        case ast.Subscript(slice=ast.Name(id=name)):
            return name in bound_names(site.target)
        case _:
            return False


_SETTINGS = frozenset({"config", "configs", "configuration", "conf", "cfg", "settings", "preferences", "options", "defaults", "overrides"})


def walk_is_pruned(site: LoopSite, facts: Facts) -> Exclusion | None:
    """A directory walk whose next folders depend on the result of the I/O in this one."""
    if not is_walk(site.iterable, facts):
        return None
    own = set(bound_names(site.target))
    for change in site.summary.changes:
        if change.path in own and change.how in ("store", "add") and FROM_RESULT in change.origins | change.guards:
            return Exclusion("the next items depend on the I/O", facts.changed_node(change) or site.node)
    return None


def _grown(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The body adds items to the iterable of the loop, under any name: `tree["roots"]`."""
    loop = loop_node(site, facts)
    if not isinstance(loop, (ast.For, ast.AsyncFor)):
        return None
    names: list[ast.expr] = [loop.iter]
    if isinstance(loop.iter, ast.Name):
        bound = facts.scope(site.node).bindings.get(loop.iter.id, ())
        names += [one.value for one in bound if isinstance(one, Assigned) and isinstance(one.value, (ast.Subscript, ast.Attribute))]
    for node in site.calls:
        call = facts.site(node)
        func = call.node.func if call is not None else None
        if isinstance(func, ast.Attribute) and func.attr in _GROWING and any(is_same(func.value, name) for name in names):
            return Exclusion("the loop changes its iterable", node)
    return None


_GROWING = frozenset({"append", "extend", "insert", "add", "appendleft", "put", "push", "update"})


def iterable_changed(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The body changes the iterable of the loop."""
    found = _grown(site, facts)
    if found is not None:
        return found
    path = dotted(site.iterable)
    if path is None:
        return None
    for change in site.summary.changes:
        if change.path == path and change.how in ("add", "assign", "augment"):
            return Exclusion("the loop changes its iterable", facts.changed_node(change) or site.node)
    return None

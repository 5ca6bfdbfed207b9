"""Conflicts through aliases: the rest of a loop may change objects that later iterations have already read."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable

import libcst as cst

from par_lint.analysis.effects.object_uses import ObjectChanges, ObjectUses
from par_lint.analysis.effects.points_to import points_to
from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.loops.own_accumulators import OwnAccumulators
from par_lint.analysis.loops.reached_calls import loop_node
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.dataflow.code_patterns import LoopNode, repeated_parts
from par_lint.analysis.semantics.dataflow.dotted_names import bound_names
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.findings import Reason, ReasonKind


def object_conflict(
    looking: Iterable[cst.CSTNode], site: LoopSite, inside: set[cst.CSTNode], functions: Collection[Function], facts: Facts
) -> tuple[Reason, cst.CSTNode] | None:
    """Return why the rest of a loop may change an object that later iterations read ahead; None if it does not.

    Args:
        looking: The code that runs ahead.
        inside: The nodes that move to a worker.
        functions: The functions that the rest may call.
    """
    loop = loop_node(site, facts)
    if loop is None:
        return None
    body = list(repeated_parts(loop))
    own = _own_names(loop, body)
    looked = {inner for node in looking for inner in descend(node, into_functions=True)}
    ahead = {node.value for node in (*looked, *inside) if isinstance(node, cst.Name)}
    if not functions and OwnAccumulators(loop, own, ahead, facts.scope(site.node), facts).are_all(lambda node: facts.counterparts.changed(node) in inside):
        return None  # needs no points-to analysis, which costs most
    points = points_to(facts)
    if points is None:
        return ReasonKind.DEPENDENCE("the file has too many objects to show that the loop changes nothing that is read ahead"), site.node
    looks = ObjectUses(points, {id(inner) for part in body for inner in walk(part)})
    source = loop.iter if isinstance(loop, (ast.For, ast.AsyncFor)) else loop.generators[0].iter
    walked = [] if isinstance(source, (ast.Name, ast.Attribute)) else [source]  # the runtime detects changes of the collection that it iterates over
    for part in (*body, *walked):
        looks.over(part, [loop], lambda node: facts.counterparts.changed(node) in looked)
    if not looks.found:
        return None
    changes = ObjectChanges(points)
    for change in changes.of(body, lambda node: facts.counterparts.changed(node) in inside):
        if isinstance(change.at, ast.Name) and change.at.id in own:
            continue
        if _root(change.at) in own:  # a part of the item, to which other objects refer only if the file shows it
            change = change._replace(things=frozenset(thing for thing in change.things if not thing.is_open))
        if looks.matches(change):
            return _reason(change.at, facts), site.node
    done: set[Function] = set()
    level = {*functions, *changes.come_to}
    while level:
        for function in sorted(level, key=lambda one: one.line):  # in order, so that the reason is always the same
            made = function.parameters[:1] if function.owner is not None and function.name in ("__init__", "__post_init__") else ()
            for change in changes.of([function.node], lambda _: False):
                if not (isinstance(change.at, ast.Name) and change.at.id in made) and looks.matches(change):
                    return _reason(change.at, facts), site.node
        done |= level
        level = changes.come_to - done
    return None


def _reason(at: ast.expr, facts: Facts) -> Reason:
    return ReasonKind.DEPENDENCE(f"`{ast.unparse(at)[:40]}` may be, or hold, what is read ahead, and may be changed (line {at.lineno})")


def _root(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _own_names(loop: LoopNode, body: list[ast.AST]) -> set[str]:
    """Return the names of the item, and the names that the body binds only to the item or to parts of it."""
    targets = [loop.target] if isinstance(loop, (ast.For, ast.AsyncFor)) else [one.target for one in loop.generators]
    own = {name for target in targets for name in bound_names(target)}
    bound: dict[str, list[ast.expr | None]] = {}
    for part in body:
        for node in walk(part):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    for name in bound_names(target):
                        bound.setdefault(name, []).append(node.value if isinstance(target, ast.Name) else None)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                bound.setdefault(node.id, []).append(None) if node.id not in bound else None
    for _ in range(3):
        own |= {name for name, values in bound.items() if all(value is not None and _root(value) in own for value in values)}
    return own

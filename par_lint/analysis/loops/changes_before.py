"""Statements before the I/O of an iteration that change what it reads: `item.setdefault("path", name)`, then `open(item["path"])`."""

from __future__ import annotations

from collections.abc import Collection

import libcst as cst

from par_lint.analysis.effects.derived_names import bindings_in, derived_names
from par_lint.analysis.effects.library_results import ARGUMENT_MUTATORS, CONTAINERS, MUTATING_METHODS
from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.syntax.expression_names import dotted, root_name
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.findings import ReasonKind


def changed_before(site: LoopSite, ahead: Collection[cst.CSTNode], facts: Facts) -> Verdict:
    """Return the verdict on changes, before the last node that runs ahead, of objects that such nodes look at, or of parts of these."""
    end = max(map(facts.tree.number, ahead), default=0)
    looked = {node.value for node in ahead if isinstance(node, cst.Name)}
    nodes = [node for part in site.body for node in facts.own_descendants(part)]
    related = derived_names(looked, list(bindings_in(nodes)))  # also parts of the objects: `data = item["data"]`, `for part in item`
    attributes = _names_of_attributes(nodes)
    for node in nodes:
        if node in ahead or facts.tree.reach(node).stop > end:
            continue
        for changed in changed_in_place(node, facts):
            root, part = _root_and_part(changed)
            if root in attributes and root not in looked:
                root, part = attributes[root]
            if root in related and not (part is not None and root in looked and _looks_at_other_parts(root, part, ahead, facts)):
                return Verdict(Level.UNSAFE, ReasonKind.DEPENDENCE(f"`{root}` is changed before the I/O"), node)
    return Verdict()


def _names_of_attributes(nodes: list[cst.CSTNode]) -> dict[str | None, tuple[str, str]]:
    """Return the names that only stand for an attribute of another name: `meta = item.meta`."""
    found: dict[str | None, tuple[str, str]] = {}
    bound = [node.target.value for node in nodes if isinstance(node, cst.AssignTarget) and isinstance(node.target, cst.Name)]
    for node in nodes:
        match node:
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=cst.Attribute(value=cst.Name(value=root), attr=cst.Name(value=part))):
                if bound.count(name) == 1:
                    found[name] = root, part
            case _:
                pass
    return found


def changed_target(node: cst.CSTNode) -> cst.BaseExpression | None:
    """Return what a node changes: the target of an assignment, or the receiver of a mutating method."""
    match node:
        case cst.AssignTarget(target=target) | cst.AugAssign(target=target) | cst.Del(target=target):
            return target
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=method))) if method in MUTATING_METHODS:
            return value
        case _:
            return None


def changed_in_place(node: cst.CSTNode, facts: Facts) -> list[cst.BaseExpression]:
    """Return the objects that a node changes in place, and the names that it counts on: `row.update(...)`, `dict.update(row, ...)`, `heappop(row)`."""
    place = changed_target(node)
    if isinstance(node, (cst.AssignTarget, cst.Del)) and not isinstance(place, (cst.Subscript, cst.Attribute)):
        return []
    if isinstance(node, cst.Call) and node.args:
        owner, _, method = (facts.name(node) or "").rpartition(".")
        if owner in CONTAINERS and method in MUTATING_METHODS and dotted(node.func) in (f"{owner}.{method}", f"{owner.rpartition('.')[2]}.{method}"):
            return [node.args[0].value]
    if place is not None:
        return [place]
    return [arg.value for arg in node.args] if isinstance(node, cst.Call) and facts.name(node) in ARGUMENT_MUTATORS else []


def _root_and_part(node: cst.BaseExpression) -> tuple[str | None, str | None]:
    """Return the name at the root of an expression, and the attribute of it that is meant."""
    root, part = root_name(node), None
    while isinstance(node, (cst.Subscript, cst.Attribute)):
        part = node.attr.value if isinstance(node, cst.Attribute) else None
        node = node.value
    return root, part


def _looks_at_other_parts(root: str, part: str, ahead: Collection[cst.CSTNode], facts: Facts) -> bool:
    """Whether what runs ahead only looks at attributes of an object other than the changed one."""
    for node in ahead:
        if isinstance(node, cst.Name) and node.value == root:
            above = facts.parent(node)
            if not isinstance(above, cst.Attribute) or above.value is not node or above.attr.value == part:
                return False
    return True

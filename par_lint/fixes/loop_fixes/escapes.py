"""What may not cross from a loop's body into a function: names bound for others, changes in order, leaving the pass."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.site import LoopSite
from par_lint.analysis.loops.split import NotSplittable
from par_lint.analysis.syntax.names import assigned, bound_names
from par_lint.analysis.syntax.nodes import clauses, descend
from par_lint.core.findings import Ground
from par_lint.fixes.loop_fixes.await_split import AwaitSplit

_FRAME_NAMES = frozenset({"super", "locals", "vars", "eval", "exec", "__class__"})


def plain_target(target: cst.BaseExpression, node: cst.CSTNode) -> cst.BaseAssignTargetExpression:
    """The target of a loop, made of names only; raises Stuck for another."""
    if not all(isinstance(part, (cst.Name, cst.Tuple, cst.Element)) for part in descend(target)):
        raise NotSplittable(Ground.FORM("its target is not a plain name"), node)
    names = bound_names(target)
    if len(names) != len(set(names)):
        raise NotSplittable(Ground.NAMES("its target binds a name twice"), node)
    assert isinstance(target, cst.BaseAssignTargetExpression)
    return target


def check_names(node: cst.For, halves: AwaitSplit, needed: Sequence[str], site: LoopSite, facts: Facts) -> None:
    """Raise Stuck where the moved half binds, changes or leaves what it cannot from inside a function."""
    moved = {inner for part in halves.moved for inner in descend(part)}
    targets = set(bound_names(node.target))
    made = {name for part in halves.moved for name in assigned(part)}
    for inner in moved:
        if isinstance(inner, cst.Name) and inner.value in _FRAME_NAMES:
            raise NotSplittable(Ground.FORM(f"{inner.value} depends on where it is called"), inner)
        if isinstance(inner, (cst.Global, cst.Nonlocal)):
            raise NotSplittable(Ground.NAMES("it binds a name of an outer scope"), inner)
        if isinstance(inner, cst.Continue) and halves.rest and _is_of_pass(inner, facts, node):
            raise NotSplittable(Ground.FORM("its continue would have to cross a function"), inner)
    for change in site.summary.changes:
        if change.how == "call" or change.how == "assign" and "." not in change.path:
            continue
        changed = facts.changed(change)
        if changed is None or changed not in moved:
            continue
        if not isinstance(changed, cst.Call) or change.how == "add" and isinstance(facts.parent(changed), cst.Expr):
            raise NotSplittable(Ground.STATE(f"it changes {change.path} before it has waited"), changed)
    _check_changes_in_place(halves, made | targets, moved)
    always = {name for part in halves.top for name in _bound_always(part)}
    for name in needed:
        if name not in targets and name not in always:
            raise NotSplittable(Ground.NAMES(f"{name} is not bound in every pass"), node)
    outside = _outside(node, facts)
    for name in sorted(made - targets):
        if name in outside.bound and name not in always:
            raise NotSplittable(Ground.NAMES(f"{name} is also bound outside the loop"), node)
    kept = set(needed) | (set(bound_names(halves.slot)) if halves.slot is not None and halves.rest else set())
    for name in sorted((made | targets) - kept):
        if name in outside.read:
            raise NotSplittable(Ground.NAMES(f"{name} is used after the loop"), node)


def _check_changes_in_place(halves: AwaitSplit, own: set[str], moved: set[cst.CSTNode]) -> None:
    """Names that are added to, and were not made by the moved half."""
    for inner in moved:
        match inner:
            case cst.AugAssign(target=cst.Name(value=name)) if name not in {n for part in halves.top for n in _bound_always(part)}:
                raise NotSplittable(Ground.STATE(f"it changes {name} before it has waited"), inner)
            case cst.Call(func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name("append" | "extend" | "add" | "update" | "insert"))):
                if name not in own:
                    raise NotSplittable(Ground.STATE(f"it changes {name} before it has waited"), inner)
            case cst.AssignTarget(target=cst.Subscript(value=cst.Name(value=name))) if name not in own:
                raise NotSplittable(Ground.STATE(f"it changes {name} before it has waited"), inner)
            case _:
                pass


def _bound_always(part: cst.CSTNode) -> set[str]:
    match part:
        case cst.SimpleStatementLine(body=smalls):
            return {name for small in smalls for name in _targets(small)}
        case cst.WithItem(asname=cst.AsName(name=name)):
            return set(bound_names(name))
        case cst.With(items=items):
            return {name for item in items for name in _bound_always(item)}
        case _:
            return set()


def _targets(small: cst.CSTNode) -> list[str]:
    match small:
        case cst.Assign(targets=targets):
            return [name for one in targets for name in bound_names(one.target)]
        case cst.AnnAssign(target=target, value=cst.BaseExpression()):
            return bound_names(target)
        case _:
            return []


def _is_of_pass(node: cst.CSTNode, facts: Facts, loop: cst.For) -> bool:
    """Whether a `continue` belongs to the loop, and not to one inside it."""
    above = facts.parent(node)
    while above is not None and above is not loop:
        if isinstance(above, (cst.For, cst.While)):
            return False
        above = facts.parent(above)
    return True


class _Outside:
    """The names that the function around a loop binds and reads elsewhere; what other loops bind for themselves is theirs."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.read: set[str] = set()


def _outside(loop: cst.For, facts: Facts) -> _Outside:
    around = facts.around(loop)
    found = _Outside()
    stack: list[tuple[cst.CSTNode, frozenset[str]]] = [(around.body if around is not None else facts.module, frozenset())]
    if around is not None:
        found.bound |= {param.name.value for param in descend(around.params) if isinstance(param, cst.Param)}
    while stack:
        node, theirs = stack.pop()
        if node is loop:
            continue
        match node:
            case cst.Name(value=name) if name not in theirs:
                found.read.add(name)
            case cst.Assign() | cst.AnnAssign() | cst.AugAssign():
                found.bound |= assigned(node)
                theirs = theirs | (frozenset(_targets(node)) if isinstance(node, cst.Assign) and not _self_reading(node) else frozenset())
            case cst.For(target=target) if not any(inner is loop for inner in descend(node)):
                theirs |= frozenset(bound_names(target))
            case cst.BaseComp():
                theirs |= frozenset(name for clause in clauses(node) for name in bound_names(clause.target))
            case _:
                pass
        children = node.children if not isinstance(node, cst.Attribute) else [node.value]
        stack.extend((child, theirs) for child in children if not isinstance(child, cst.BaseParenthesizableWhitespace))
    return found


def _self_reading(node: cst.Assign) -> bool:
    """Whether an assignment reads one of its own targets."""
    names = set(_targets(node))
    return any(isinstance(inner, cst.Name) and inner.value in names for inner in descend(node.value))

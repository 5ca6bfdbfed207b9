"""What prevents a loop body from becoming a function: names that other code uses, ordered changes, jumps out of the body."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.loops.partition import NotSplittable
from par_lint.analysis.syntax.expression_names import assigned, bound_names, is_label
from par_lint.analysis.syntax.nodes import clauses, descend
from par_lint.core.findings import ReasonKind
from par_lint.fixes.loop_fixes.await_split import AwaitSplit

_FRAME_NAMES = frozenset({"super", "locals", "vars", "eval", "exec", "__class__"})


def plain_target(target: cst.BaseExpression, node: cst.CSTNode) -> cst.BaseAssignTargetExpression:
    """Return the target of a loop if it consists of names only. Raises NotSplittable for other targets."""
    if not all(isinstance(part, (cst.Name, cst.Tuple, cst.Element)) for part in descend(target)):
        raise NotSplittable(ReasonKind.FORM("the loop target is not a plain name"), node)
    names = bound_names(target)
    if len(names) != len(set(names)):
        raise NotSplittable(ReasonKind.NAMES("the loop target binds a name twice"), node)
    assert isinstance(target, cst.BaseAssignTargetExpression)
    return target


def check_can_outline(node: cst.For, halves: AwaitSplit, needed: Sequence[str], site: LoopSite, facts: Facts) -> None:
    """Raise NotSplittable if the moved half binds, changes or jumps out of what a function cannot."""
    moved = dict.fromkeys(inner for part in halves.moved for inner in descend(part))  # in source order, so that the reason is always the same
    targets = set(bound_names(node.target))
    made = {name for part in halves.moved for name in assigned(part)}
    for inner in moved:
        if isinstance(inner, cst.Name) and inner.value in _FRAME_NAMES and not is_label(inner, facts.parent(inner)):
            raise NotSplittable(ReasonKind.FORM(f"`{inner.value}` depends on its calling frame"), inner)
        if isinstance(inner, (cst.Global, cst.Nonlocal)):
            raise NotSplittable(ReasonKind.NAMES("the loop body binds a name of an outer scope"), inner)
        if isinstance(inner, cst.Continue) and halves.rest and _belongs_to_loop(inner, facts, node):
            raise NotSplittable(ReasonKind.FORM("a continue would have to leave a function"), inner)
    for change in site.summary.changes:
        if change.how == "call" or change.how == "assign" and "." not in change.path:
            continue
        changed = facts.changed_node(change)
        if changed is None or changed not in moved:
            continue
        if not isinstance(changed, cst.Call) or change.how == "add" and isinstance(facts.parent(changed), cst.Expr):
            raise NotSplittable(ReasonKind.STATE(f"`{change.path}` is changed before the I/O"), changed)
    _check_changes_in_place(halves, made | targets, moved)
    always = {name for part in halves.top for name in _bound_always(part)}
    for name in needed:
        if name not in targets and name not in always:
            raise NotSplittable(ReasonKind.NAMES(f"`{name}` is not bound in every iteration"), node)
    outside = _outside(node, facts)
    for name in sorted(made - targets):
        if name in outside.bound and name not in always:
            raise NotSplittable(ReasonKind.NAMES(f"`{name}` is also bound outside the loop"), node)
    kept = set(needed) | (set(bound_names(halves.slot)) if halves.slot is not None and halves.rest else set())
    for name in sorted((made | targets) - kept):
        if name in outside.read:
            raise NotSplittable(ReasonKind.NAMES(f"`{name}` is used after the loop"), node)


def _check_changes_in_place(halves: AwaitSplit, own: set[str], moved: Iterable[cst.CSTNode]) -> None:
    """Raise NotSplittable if the moved half changes an object in place that it did not create."""
    for inner in moved:
        match inner:
            case cst.AugAssign(target=cst.Name(value=name)) if name not in {n for part in halves.top for n in _bound_always(part)}:
                raise NotSplittable(ReasonKind.STATE(f"`{name}` is changed before the I/O"), inner)
            case cst.Call(func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name("append" | "extend" | "add" | "update" | "insert"))):
                if name not in own:
                    raise NotSplittable(ReasonKind.STATE(f"`{name}` is changed before the I/O"), inner)
            case cst.AssignTarget(target=cst.Subscript(value=cst.Name(value=name))) if name not in own:
                raise NotSplittable(ReasonKind.STATE(f"`{name}` is changed before the I/O"), inner)
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


def _belongs_to_loop(node: cst.CSTNode, facts: Facts, loop: cst.For) -> bool:
    """Return whether a `continue` belongs to the loop itself, and not to a nested one."""
    above = facts.parent(node)
    while above is not None and above is not loop:
        if isinstance(above, (cst.For, cst.While)):
            return False
        above = facts.parent(above)
    return True


class _Outside:
    """The names that the enclosing function binds and reads outside the loop. Names that other loops bind for themselves are not included."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.read: set[str] = set()


def _outside(loop: cst.For, facts: Facts) -> _Outside:
    around = facts.enclosing_function(loop)
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
                theirs = theirs | (frozenset(_targets(node)) if isinstance(node, cst.Assign) and not _reads_own_target(node) else frozenset())
            case cst.For(target=target) if not any(inner is loop for inner in descend(node)):
                theirs |= frozenset(bound_names(target))
            case cst.BaseComp():
                theirs |= frozenset(name for clause in clauses(node) for name in bound_names(clause.target))
            case _:
                pass
        children = node.children if not isinstance(node, cst.Attribute) else [node.value]
        stack.extend((child, theirs) for child in children if not isinstance(child, cst.BaseParenthesizableWhitespace))
    return found


def _reads_own_target(node: cst.Assign) -> bool:
    """Return whether an assignment reads one of its own targets."""
    names = set(_targets(node))
    return any(isinstance(inner, cst.Name) and inner.value in names for inner in descend(node.value))

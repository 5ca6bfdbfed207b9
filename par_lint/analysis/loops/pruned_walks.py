"""Walks over a tree of folders that the body may steer: `os.walk` enters the folders that are left in its list when it goes on."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.nested_directory_loops import is_walk
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.findings import ReasonKind

_FOLDERS = 1  # the place of the list of folders in what a walk gives
_LOOKING = frozenset({"len", "bool", "any", "all", "list", "tuple", "set", "frozenset", "sorted", "enumerate", "print", "str", "repr", "sum", "min", "max"})
"""Built-ins that leave a list as it is."""


def walk_verdict(target: cst.CSTNode, iterable: cst.BaseExpression, body: Iterable[cst.CSTNode], facts: Facts) -> Verdict:
    """Return that a walk cannot go ahead of its loop, because the body may take folders out of the list that the walk enters next."""
    if not is_walk(iterable, facts):
        return Verdict()
    folders, whole = _names(target)
    for part in body:
        for node in descend(part, into_functions=True):
            if isinstance(node, cst.Name) and (node.value in whole and not _is_other_part(node, facts) or node.value == folders and not _is_only_looked_at(node, facts)):
                return Verdict(Level.IMMOVABLE, ReasonKind.DEPENDENCE(f"`{node.value}` decides where the walk goes next"), node)
    return Verdict()


def _names(target: cst.CSTNode) -> tuple[str | None, set[str]]:
    """Return the name of the list of folders, and the names that may hold the whole entry, or a part of it that is not known."""
    match target:
        case cst.Name(value=name):
            return None, {name}
        case cst.Tuple(elements=elements) if not any(isinstance(one, cst.StarredElement) for one in elements) and len(elements) > _FOLDERS:
            folders = elements[_FOLDERS].value
            if isinstance(folders, cst.Name):
                return folders.value, set()
        case _:
            pass
    return None, {node.value for node in descend(target) if isinstance(node, cst.Name)}


def _is_other_part(node: cst.Name, facts: Facts) -> bool:
    """Whether a name is only used for another part of the entry: `entry[0]`."""
    match facts.parent(node):
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value=place)))]):
            return value is node and place in ("0", "2")
        case _:
            return False


def _is_only_looked_at(node: cst.Name, facts: Facts) -> bool:
    """Whether a use of a list leaves it as it is, and gives it to nobody who may change it."""
    above = facts.parent(node)
    match above:
        case cst.For(iter=over) | cst.CompFor(iter=over):
            return over is node
        case cst.ComparisonTarget() | cst.Comparison() | cst.If() | cst.IfExp() | cst.UnaryOperation() | cst.FormattedStringExpression():
            return True
        case cst.Arg():
            call = facts.parent(above)
            return isinstance(call, cst.Call) and isinstance(call.func, cst.Name) and call.func.value in _LOOKING and facts.is_builtin(call.func.value, call)
        case cst.Subscript(value=value):
            return value is node and isinstance(facts.parent(above), (cst.Arg, cst.BinaryOperation, cst.Comparison, cst.Assign))
        case _:
            return False

"""Which names in code are bound to new objects, and which to objects that other code may refer to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import libcst as cst

from par_lint.analysis.effects.instance_creation import returns_new_object
from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.core.memo import memoized_for_last


class FreshObjects(NamedTuple):
    """The names that a piece of code binds each time, and those of them bound to objects that it creates itself."""

    bound: frozenset[str]
    fresh: frozenset[str]
    given: frozenset[str] = frozenset()  # parameters: their objects belong to others
    unseen: frozenset[str] = frozenset()  # bound to results of calls, which may have existed before
    items: frozenset[str] | None = None  # where whole statements move: names of the iteration's own objects, which may be changed with consent
    prints: bool = False  # whether lines may be printed, with consent
    stays: bool = False  # whether the code stays on the calling thread, where iterators are not shared


_BINDING = frozenset({cst.Assign, cst.AnnAssign, cst.For, cst.CompFor})


def find_fresh_objects(nodes: Iterable[cst.CSTNode], own: frozenset[str], facts: Facts, given: frozenset[str] = frozenset()) -> FreshObjects:
    """Return the names that code binds, and those bound only to new objects: not to parts or items of others, nor to results of calls that may
    share them.
    """
    nodes = list(nodes)
    found: set[str] = set()
    shared: set[str] = set()
    unseen: set[str] = set()
    for node in nodes:
        for names, more in zip((found, shared, unseen), _bindings(node, facts)):
            names |= more
    only_changed = {name for name in given if not any(_rebinds(node, name) for node in nodes)}
    return FreshObjects(own | found | given, frozenset(found - shared - unseen - only_changed), given, frozenset(unseen - shared))


@memoized_for_last
def _bindings(node: cst.CSTNode, facts: Facts) -> tuple[frozenset[str], set[str], set[str]]:
    """Return the names that a piece of code binds, those of them that may be bound to parts or items, and those bound to results of calls."""
    shared: set[str] = set()
    unseen: set[str] = set()
    for inner in facts.descendants(node):
        if type(inner) not in _BINDING:
            continue
        match inner:
            case cst.Assign(value=value):
                names = [name for target in inner.targets for name in bound_names(target.target)]
            case cst.AnnAssign(target=target, value=cst.BaseExpression() as value):
                names = bound_names(target)
            case cst.For(target=target) | cst.CompFor(target=target):
                shared.update(bound_names(target))
                continue
            case _:
                continue
        if _is_part(value):
            shared.update(names)
        elif isinstance(value, cst.Call) and not returns_new_object(value, facts):
            unseen.update(names)
    return facts.assigned(node), shared, unseen


def _rebinds(node: cst.CSTNode, name: str) -> bool:
    """Whether a body always rebinds a name in a statement of its own: `headers = dict(headers)`."""
    for statement in getattr(node, "body", ()):
        match statement:
            case cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=bound))])]) if bound == name:
                return True
            case _:
                pass
    return False


def _is_part(value: cst.BaseExpression) -> bool:
    """Whether the value of an expression may be an object that existed before."""
    match value:
        case cst.Name() | cst.Attribute() | cst.Subscript() | cst.IfExp() | cst.BooleanOperation() | cst.Tuple() | cst.NamedExpr():
            return True
        case cst.Call(func=cst.Attribute(attr=cst.Name("get" | "setdefault" | "pop"))) | cst.Call(func=cst.Name("getattr" | "next" | "vars")):
            return True
        case _:
            return False

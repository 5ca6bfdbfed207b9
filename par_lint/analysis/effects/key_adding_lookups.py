"""Look-ups that may add the missing key to a mapping: a defaultdict does so."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.effects.fresh_objects import FreshObjects
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.values import Object
from par_lint.analysis.syntax.expression_names import dotted

_FORMATTING_METHODS = frozenset({"format_map", "substitute", "safe_substitute", "translate", "vformat", "ChainMap", "itemgetter"})


def may_add_missing_keys(node: cst.CSTNode, local: FreshObjects, facts: Facts) -> bool:
    """Return whether a look-up may add a key to a defaultdict that other code uses."""
    return any(_fills_in(value, node, local, facts) for value in _mappings_looked_up(node))


def _fills_in(value: cst.BaseExpression, at: cst.CSTNode, local: FreshObjects, facts: Facts) -> bool:
    if isinstance(at, cst.Subscript) and all(isinstance(element.slice, cst.Slice) for element in at.slice):
        return False
    root = (dotted(value) or "").partition(".")[0]
    if not root or root in local.fresh or root in local.bound - local.given - local.unseen:
        return False
    return facts.refers_to(value, at) in (None, Object("dict"))


def _mappings_looked_up(node: cst.CSTNode) -> list[cst.BaseExpression]:
    """Return the mappings in which a node looks up keys, if they may add missing keys."""
    match node:
        case cst.Subscript(value=value):
            return [value]
        case cst.BinaryOperation(operator=cst.Modulo(), right=value):
            return [value]
        case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)), args=args) if name in _FORMATTING_METHODS:
            return [arg.value for arg in args]
        case cst.Attribute(value=value, attr=cst.Name("__getitem__")):
            return [value]
        case _:
            return []

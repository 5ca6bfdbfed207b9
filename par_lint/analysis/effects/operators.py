"""Operators in conditions that classes of the file overload, and calls with a different result each time."""

from __future__ import annotations

import re

import libcst as cst

from par_lint.analysis.effects.effects_of_moved import SideEffects
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.findings import ReasonKind, quoted

NONDETERMINISTIC_CALLS = re.compile(r"(random|numpy\.random|secrets|uuid|time|itertools|next|os\.urandom)\b|datetime\.\w+\.(now|utcnow|today)\b")
"""Names of calls that return something different each time."""
_TRUTH = ("__bool__", "__len__")
_COMPARING = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__", "__hash__")
_COMPUTING = ("__add__", "__sub__", "__mul__", "__mod__", "__and__", "__or__", "__xor__", "__truediv__", "__floordiv__", "__getitem__", "__invert__", "__neg__")


def operator_verdict(test: cst.BaseExpression, effects: SideEffects) -> Verdict:
    """Return whether the overload of an operator in a class of the file may have side effects."""
    names = set(_TRUTH)
    for node in descend(test):
        if isinstance(node, cst.Comparison):
            names.update(_COMPARING)
        elif isinstance(node, (cst.BinaryOperation, cst.Subscript, cst.UnaryOperation)):
            names.update(_COMPUTING)
        elif isinstance(node, (cst.Call, cst.FormattedString)):
            names.update(("__str__", "__repr__", "__iter__", "__format__"))
        elif isinstance(node, cst.Attribute):
            names.update(("__getattr__", "__getattribute__", "__get__"))
    for name in sorted(names):
        for function in effects.facts.methods(name):
            if effects.function(function).level > Level.READ:
                return Verdict(Level.UNSAFE, ReasonKind.STATE(f"`{name}()` of {quoted(function.owner.name) if function.owner else 'a class'} has effects"), test)
    return Verdict()

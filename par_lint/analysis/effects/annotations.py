"""Annotations that run code: those of the parameters of a nested function, and of targets in a module or a class body, are evaluated."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from par_lint.analysis.effects.special_methods import special_methods_of
from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.findings import ReasonKind

_TYPES = (
    cst.Name, cst.Attribute, cst.SimpleString, cst.ConcatenatedString, cst.Subscript, cst.SubscriptElement, cst.Index, cst.Tuple, cst.List, cst.Element,
    cst.BinaryOperation, cst.Integer, cst.Ellipsis,
)  # fmt: skip
"""What plain types are written with; what a class of the file does for `[...]`, `|` and `.` is looked up."""


def annotation_verdict(node: cst.CSTNode, facts: Facts) -> Verdict:
    """Return the verdict on the annotations that are evaluated when a node is executed: an annotated assignment, or a `def`."""
    for annotation in _evaluated(node, facts):
        for part in descend(annotation):
            if not isinstance(part, _TYPES) or special_methods_of(part, facts) or isinstance(part, cst.Attribute) and facts.properties(part.attr.value):
                return Verdict(Level.UNSAFE, ReasonKind.UNSEEN("an annotation runs code"), part)
    return Verdict()


def _evaluated(node: cst.CSTNode, facts: Facts) -> Iterator[cst.BaseExpression]:
    """Yield the annotations that Python 3.13 evaluates for a node; later ones leave some of them until somebody asks."""
    if not isinstance(node, (cst.AnnAssign, cst.FunctionDef)) or "__future__.annotations" in facts.index.imports.get("annotations", ()):
        return
    if isinstance(node, cst.AnnAssign):
        if facts.enclosing_function(node) is None or facts.is_in_class_body(node):
            yield node.annotation.annotation
        return
    params = node.params
    of_all = [*params.posonly_params, *params.params, *params.kwonly_params, params.star_arg, params.star_kwarg]
    yield from (one.annotation.annotation for one in of_all if isinstance(one, cst.Param) and one.annotation is not None)
    if node.returns is not None:
        yield node.returns.annotation

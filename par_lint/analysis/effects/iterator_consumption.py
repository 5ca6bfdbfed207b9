"""Code that consumes its arguments. Consuming objects of the iteration, or data, is allowed; consuming objects that iterations share is not."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from par_lint.analysis.effects.fresh_objects import FreshObjects
from par_lint.analysis.effects.shared_iterators import is_consumed_by_use, is_parameter_consumable, may_consume_arguments
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.findings import ReasonKind, quoted

_CONSUMED_BY_SEVERAL = "would be consumed by several threads"


def consumption_verdict(node: cst.BaseExpression, at: cst.CSTNode, local: FreshObjects, facts: Facts) -> Verdict:
    """Return the verdict on removing something from the object of an expression."""
    if isinstance(node, cst.Name) and (node.value in local.fresh or node.value in local.given):
        return Verdict() if node.value in local.fresh else Verdict(takes=frozenset({node.value}))
    return _shared(node, at) if not local.stays and is_consumed_by_use(node, at, facts) else Verdict()


def call_consumption_verdict(call: cst.Call, name: str, local: FreshObjects, facts: Facts) -> Verdict:
    """Return the verdict on what a call removes from its arguments."""
    verdict = Verdict()
    for arg in call.args if may_consume_arguments(name) else ():
        verdict |= consumption_verdict(arg.value, call, local, facts)
    return verdict


def with_consumed_arguments(found: Verdict, function: Function, at: cst.CSTNode, local: FreshObjects, facts: Facts) -> Verdict:
    """Return the verdict on one call of a function: what the function consumes of its parameters, the call consumes of its arguments.

    Args:
        found: The verdict on the function.
        at: The call; for other nodes the verdict stays as it is.
        local: The names that the code around the call binds.
    """
    verdict = replace(found, takes=frozenset())
    if found.takes and isinstance(at, cst.Call):
        given = set[str]()
        names = function.explicit_parameters
        for position, arg in enumerate(at.args):
            name = arg.keyword.value if arg.keyword is not None else names[position] if position < len(names) else ""
            given.add(name)
            if name in found.takes or arg.star:
                verdict |= consumption_verdict(arg.value, at, local, facts)
        for name in sorted(found.takes - given):  # a default, or a bound argument
            verdict |= _shared(cst.Name(name), at) if is_parameter_consumable(function, name, facts) else Verdict()
    return verdict


def with_consumed_items(found: Verdict, at: cst.CSTNode, facts: Facts) -> Verdict:
    """The same for a function that is called with items: it removes from the objects that contain the items."""
    verdict = replace(found, takes=frozenset())
    for arg in at.args if found.takes and isinstance(at, cst.Call) else ():
        verdict |= _shared(arg.value, at) if is_consumed_by_use(arg.value, at, facts, inside=True) else Verdict()
    return verdict


def _shared(node: cst.BaseExpression, at: cst.CSTNode) -> Verdict:
    return Verdict(Level.UNSAFE, ReasonKind.SHARED(f"{quoted(dotted(node)) or 'the iterator'} {_CONSUMED_BY_SEVERAL}"), at)


def is_shared_iterator(verdict: Verdict) -> bool:
    """Return whether the reason of a verdict is that several threads would take items of one iterator."""
    return verdict.reason is not None and verdict.reason.words.endswith(_CONSUMED_BY_SEVERAL)

"""Code that binds or changes something: allowed for names of the iteration, and for objects that it creates itself."""

from __future__ import annotations

import functools
import operator

import libcst as cst

from par_lint.analysis.effects.fresh_objects import FreshObjects
from par_lint.analysis.effects.instance_creation import returns_new_object
from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.findings import ReasonKind, quoted
from par_lint.core.memo import memoized_for_last

_NOT_SELF_CONTAINED = frozenset({cst.Break, cst.NamedExpr})


def assignment_verdict(target: cst.BaseExpression | cst.CSTNode, local: FreshObjects, facts: Facts) -> Verdict:
    """Return the verdict on binding or changing a target."""
    match target:
        case cst.Name(value=name):
            return Verdict() if name in local.bound else Verdict(Level.IMMOVABLE, ReasonKind.STATE(f"it changes `{name}`"), target)
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            verdict = Verdict()
            for element in elements:
                verdict |= assignment_verdict(element.value, local, facts)
            return verdict
        case cst.Subscript(value=value):
            return mutation_verdict(value, local, facts)
        case cst.Attribute(value=value):
            return mutation_verdict(value, local, facts, dotted(target))
        case _:
            return Verdict()


def mutation_verdict(target: cst.BaseExpression, local: FreshObjects, facts: Facts, spelled: str | None = None) -> Verdict:
    """Return the verdict on changing the object of an expression."""
    while isinstance(target, cst.Subscript):
        target = target.value
    path = dotted(target)
    root = path.partition(".")[0] if path is not None else ""
    if isinstance(target, cst.Call) and not returns_new_object(target, facts) or path == root and root in local.unseen:
        return Verdict(Level.UNSAFE, ReasonKind.STATE(f"it changes {quoted(root) or 'the result of a call'}, which other code may share"), target)
    if local.items is not None and root in local.items:
        return Verdict(Level.UNSAFE, ReasonKind.STATE(f"it changes `{spelled or path}`, which other code may share"), target)
    is_own = path is None and isinstance(target, cst.Call) or path == root and root in local.fresh
    return Verdict() if is_own else Verdict(Level.IMMOVABLE, ReasonKind.STATE(f"it changes {quoted(spelled or path) or 'an object'}"), target)


@memoized_for_last
def self_contained_nodes(node: cst.CSTNode, facts: Facts) -> set[cst.CSTNode]:
    """Return the nodes that moved statements contain completely, like a function: breaks of inner loops, and names bound before."""
    if _NOT_SELF_CONTAINED.isdisjoint(facts.node_types(node)) or not isinstance(node, (cst.BaseStatement, cst.BaseSmallStatement)):
        return set()
    breaks = {inner for loop in descend(node) if isinstance(loop, (cst.For, cst.While)) for inner in descend(loop.body) if isinstance(inner, cst.Break)}
    return breaks | {inner for inner in descend(node) if isinstance(inner, cst.NamedExpr) and isinstance(inner.target, cst.Name)}


def buffer_verdict(call: cst.Call, spelled: str, local: FreshObjects, facts: Facts) -> Verdict:
    """Return the verdict on writing into a buffer that is passed to a call."""
    into = [arg.value for arg in call.args[:1]] if spelled in ("readinto", "readinto1") else []
    into += [arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value == "out"]
    return functools.reduce(operator.or_, (mutation_verdict(buffer, local, facts) for buffer in into), Verdict())

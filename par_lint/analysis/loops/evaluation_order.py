"""The order of evaluation in a statement: what precedes its I/O and may raise moves to the worker; the rest must be safe to evaluate after the I/O."""

from __future__ import annotations

import ast
import functools
import itertools
import operator
from dataclasses import dataclass, field

import libcst as cst

from par_lint.analysis.effects.effects_of_moved import SideEffects
from par_lint.analysis.effects.may_raise import may_raise, possibly_unbound_names
from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.partition import NotSplittable
from par_lint.analysis.loops.with_blocks import filled_collection
from par_lint.analysis.semantics.bindings import Import
from par_lint.analysis.syntax.nodes import descend, evaluated
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.findings import ReasonKind

_LATE = ReasonKind.ERRORS("an error of the I/O would come before an error of the code above it")


@dataclass
class EvaluatedBefore:
    """What a statement evaluates before a value. `early` may raise but has no side effects, so it can move with the value. `looked` are the
    methods that are looked up, which may be missing."""

    verdict: Verdict = field(default_factory=Verdict)
    early: list[cst.BaseExpression] = field(default_factory=list)
    looked: list[cst.Attribute] = field(default_factory=list)


class EvaluationOrder:
    """Analyses the statements of one loop or comprehension; each iteration binds some names."""

    def __init__(self, loop: cst.For | cst.BaseComp, own: frozenset[str], effects: SideEffects) -> None:
        self._loop = loop
        self._own = own
        self._effects = effects
        self._facts: Facts = effects.facts
        self._unsure = possibly_unbound_names(loop, own, effects.facts)

    def may_raise(self, node: cst.CSTNode) -> bool:
        """Return whether a statement, or a part of one, may raise."""
        return may_raise(node, self._unsure, self._facts)

    def extended(self, root: cst.CSTNode, value: cst.BaseExpression) -> cst.BaseExpression:
        """Return the smallest expression with the value and everything before it that may raise, if it has no side effects: `(1 / n, open(path).read())`."""
        found = node = value
        while node is not root:
            above = self._facts.parent(node)
            if above is None:
                return value
            before = [child for child in itertools.takewhile(functools.partial(operator.is_not, node), evaluated(above)) if not isinstance(child, cst.AssignTarget)]
            if any(map(self.may_raise, before)):
                if not isinstance(above, cst.BaseExpression) or self._effects.verdict_on([above], self._own).level > Level.READ:
                    return found
                found = above
            node = above  # type: ignore[assignment]
        return found

    def before(self, root: cst.CSTNode, value: cst.CSTNode) -> EvaluatedBefore:
        """Return what a statement evaluates before a value."""
        found = EvaluatedBefore()
        node = root
        while node is not value:
            for child in evaluated(node):
                if child is value or any(inner is value for inner in descend(child, into_functions=True)):
                    break
                is_kept = isinstance(node, cst.AugAssign) or isinstance(node, cst.Call) and child is node.func
                self._look(child, found, is_kept=is_kept)
            node = next(child for child in evaluated(node) if any(inner is value for inner in descend(child, into_functions=True)))
        return found

    def _look(self, part: cst.CSTNode, found: EvaluatedBefore, *, is_kept: bool) -> None:
        made = filled_collection(part, self._loop, self._facts) if isinstance(self._loop, cst.For) else None
        for one in made if made is not None else [part]:
            inner = one.value if isinstance(one, cst.Element) or isinstance(one, cst.Arg) and not one.star else one
            is_moving = isinstance(inner, cst.BaseExpression) and (made is not None or not is_kept)
            if is_moving and self.may_raise(inner) and self._effects.verdict_on([inner], self._own).level <= Level.PURE:
                found.early.append(inner)  # type: ignore[arg-type]
            elif made is None and is_kept and self._is_there(one):
                continue
            elif made is None and is_kept and isinstance(one, cst.Attribute) and self.may_raise(one) and self._effects.verdict_on([one], stays=True).level <= Level.PURE:
                found.looked.append(one)
            else:
                found.verdict |= self.verdict_on(one)

    def _is_there(self, part: cst.CSTNode) -> bool:
        """Whether a part is a function of a module that the file imports, or a method of an open file: where it is missing, no pass gets any further."""
        match part:
            case cst.Attribute(value=cst.Name() as owner) if self._facts.is_open_file(owner):
                return True
            case cst.Attribute(value=cst.Name(value=module)):
                found = self._facts.scope(part).find(module)
                is_imported = found is not None and len(found[1]) == 1 and isinstance(found[1][0], Import) and isinstance(found[0].node, ast.Module)
                return is_imported and not self._facts.may_not_exist(part)
            case _:
                return False

    def verdict_on(self, part: cst.CSTNode) -> Verdict:
        """Return the verdict on a part of a statement that is evaluated before the I/O now, and after it in the fixed code."""
        verdict = self._effects.verdict_on([part], stays=True)
        if verdict.level > Level.READ:
            raise NotSplittable(verdict.why.at("before the I/O"), part)
        return late_error_verdict(part) if self.may_raise(part) else Verdict()


def late_error_verdict(part: cst.CSTNode) -> Verdict:
    """Return the verdict on a part of a statement that may raise and cannot move with the I/O."""
    return Verdict(Level.UNSAFE, _LATE, part)

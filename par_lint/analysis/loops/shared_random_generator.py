"""A reason to exclude a loop: one random generator feeds its iterations, so what each draws depends on those before it."""

from __future__ import annotations

import ast
import re

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.reached_calls import callee_body, loop_record
from par_lint.analysis.semantics import loop_variance
from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.loop_variance import mentioned_names
from par_lint.analysis.semantics.scopes import CallSite, Function, Scope
from par_lint.analysis.semantics.values import Object
from par_lint.core.catalog.entry import Trait

_BY_NAME = re.compile(r"(^|_)(p?rng|rand(om)?_?gen(erator)?|random_number_generator)$")
_ANNOTATED = re.compile(r"(?<!\w)(RandomState\w*|random\.Random|Random|(np|numpy|torch)(\.random)?\.Generator|RandomGenerator\w*)(?!\w)")
_DEPTH = 3  # calls followed one inside the other


def shares_random_generator(site: LoopSite, facts: Facts) -> Exclusion | None:
    """A call that does I/O draws from a random generator made outside the loop."""
    loop = loop_record(site, facts)
    if loop is None:
        return None
    varying = loop_variance.names_varying_in_loop(loop)
    for work in site.io_calls:
        call = facts.site(work.call)
        if call is None:
            continue
        if any(mentioned_names(arg).isdisjoint(varying) and _is_generator(arg, call.scope, facts) for arg in _argument_values(call.node)):
            return Exclusion("one random generator feeds all iterations", work.call)
        if isinstance(call.node.func, ast.Attribute) and mentioned_names(call.node.func.value).isdisjoint(varying) and _draws_from_own(call, facts, _DEPTH):
            return Exclusion("one random generator feeds all iterations", work.call)
    return None


def _argument_values(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _is_generator(node: ast.expr, scope: Scope, facts: Facts) -> bool:
    """Whether an expression is a generator of random numbers: by what makes it, its annotation, or its name."""
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return False
    value = facts.resolver.expression(node, scope)
    if isinstance(value, Object) and value.type in facts.resolver.catalog.names_with(Trait.RANDOM_GENERATOR):
        return True
    found = scope.find(node.id) if isinstance(node, ast.Name) else None
    if isinstance(node, ast.Name) and found is not None and isinstance(found[0], Function) and node.id in found[0].parameters:
        annotation = next((arg.annotation for arg in walk(found[0].node) if isinstance(arg, ast.arg) and arg.arg == node.id), None)
        if annotation is not None:
            return _ANNOTATED.search(ast.unparse(annotation)) is not None
    return _BY_NAME.search(last_name(node).lower()) is not None


def _draws_from_own(call: CallSite, facts: Facts, depth: int) -> bool:
    """Whether a method asks a generator that its object holds: `self.rng.normal()`."""
    function = callee_body(call, facts)
    if function is None or not depth or not isinstance(call.node.func, ast.Attribute):
        return False
    for inner in function.calls:
        func = inner.node.func
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Attribute) and _is_of_object(func.value, function) and _is_generator(func.value, inner.scope, facts):
            return True
        if any(isinstance(arg, ast.Attribute) and _is_of_object(arg, function) and _is_generator(arg, inner.scope, facts) for arg in _argument_values(inner.node)):
            return True
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id in function.parameters[:1] and _draws_from_own(inner, facts, depth - 1):
            return True
    return False


def _is_of_object(node: ast.Attribute, function: Function) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in function.parameters[:1]

"""Raised exceptions: those that the runtime cannot raise at their place, and objects that several items would raise."""

from __future__ import annotations

import ast

import libcst as cst

from par_lint.analysis.effects.exception_classes import ENDING_ITERATION, bases_of, is_exception
from par_lint.analysis.effects.function_values import FunctionValues
from par_lint.analysis.effects.instance_creation import creates_new_object
from par_lint.analysis.effects.shared_iterators import as_standard_node
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.alternatives import alternatives
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.analysis.semantics.values import Named
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.core.findings import Reason, ReasonKind, quoted

_GIVING_ITSELF = frozenset({"with_traceback", "add_note"})
_DEEPEST = 4


def raising_reason(raised: cst.BaseExpression, at: cst.CSTNode, facts: Facts) -> Reason | None:
    """Return why an exception cannot be raised by a worker: None for a new object of an Exception that does not end an iteration.

    A generator turns StopIteration into RuntimeError, and only an Exception is recorded as the outcome of an item. An exception object that exists
    before is one for all items: each that raises it changes its traceback, cause and context.
    """
    node = raised.func if isinstance(raised, cst.Call) else raised
    if isinstance(node, (cst.Name, cst.Attribute)):
        found = facts.refers_to(node, at)
        is_ending = isinstance(found, Class) and bool(bases_of(found, facts) & (ENDING_ITERATION | {"BaseException"}))
        if is_ending or isinstance(found, Named) and found.name in ENDING_ITERATION:
            return ReasonKind.ERRORS(f"`{dotted(node)}` may be a StopIteration, or no Exception, which is not raised in its place")
        if found is None and isinstance(raised, cst.Name) and (home := facts.scope(at).find(raised.value)) is not None and home[0] is facts.index.module:
            return ReasonKind.ERRORS(f"`{raised.value}` is one exception object for all items")
    if isinstance(at, cst.Raise) and raised is at.exc and _Raised(facts).is_shared(as_standard_node(raised, at, facts), facts.scope(at)):
        return ReasonKind.ERRORS(f"{quoted(dotted(raised)) or 'what is raised'} may be one exception object for all items")
    return None


class _Raised:
    """Follows raised expressions to the places that create their objects."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._values = FunctionValues(facts)

    def is_shared(self, node: ast.expr, scope: Scope, depth: int = _DEEPEST) -> bool:
        """Return whether an exception may have existed before it is raised, outside the code that handles an item."""
        return not depth or any(self._is_one_shared(one, scope, depth) for one in alternatives(node))

    def _is_one_shared(self, node: ast.expr, scope: Scope, depth: int) -> bool:
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in _GIVING_ITSELF:
                return self.is_shared(owner, scope, depth)
            case ast.Call():
                return self._is_given(node, scope, depth)
            case ast.Name() | ast.Attribute() if self._is_class(node, scope):
                return False
            case ast.Name(id=name):
                return self._is_name_shared(node, name, scope, depth)
            case ast.Constant():
                return False
            case _:
                return True

    def _is_class(self, node: ast.expr, scope: Scope) -> bool:
        found = self._facts.resolver.value(access_path(node), scope, node.lineno)
        return isinstance(found, Class) or isinstance(found, Named) and (is_exception(found.name, self._facts.resolver) or found.name.rpartition(".")[2][:1].isupper())

    def _is_given(self, call: ast.Call, scope: Scope, depth: int) -> bool:
        callee = self._facts.resolver.value(access_path(call.func), scope, call.lineno)
        if isinstance(callee, Function):
            return any(self.is_shared(value, callee, depth - 1) for value in callee.returned)
        return not (isinstance(callee, Class) or creates_new_object(call, self._facts)) and isinstance(call.func, ast.Attribute)

    def _is_name_shared(self, node: ast.Name, name: str, scope: Scope, depth: int) -> bool:
        found = scope.find(name)
        if found is None:
            return False
        home, bindings = found
        if home is not scope and not isinstance(scope, Class):
            return True  # of a function around, or of the module
        if isinstance(home, Function) and name in home.parameters:
            given = list(self._values.values_given_for(node, home, 1))
            arguments = home.node.args  # type: ignore[attr-defined]
            once = {id(one) for one in (*arguments.defaults, *arguments.kw_defaults) if isinstance(one, ast.Call)}  # evaluated when the function is defined
            return not given or any(id(value) in once or self.is_shared(value, at, depth - 1) for value, at in given)
        values = [one.value for one in bindings if isinstance(one, Assigned) and one.value is not None]
        is_caught = any(handler.name == name for handler in self._facts.index.all_of(ast.ExceptHandler))
        return any(self.is_shared(value, home, depth - 1) for value in values) or len(values) < len(bindings) and not is_caught

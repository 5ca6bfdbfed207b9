"""Whether an expression is None: a literal, the last element of a pair, a constant of the file, or a default of a parameter."""

from __future__ import annotations

import ast
from typing import NamedTuple

from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.scopes import Function, Scope


class NoneName(NamedTuple):
    """A name that is bound to None, the line of the binding, and whether it is a parameter, which a caller can give."""

    name: str
    line: int
    is_parameter: bool = False


def is_none(node: ast.expr) -> bool:
    """Whether an expression is None itself, or an endless number, or a pair of limits of which the one for reading is."""
    match node:
        case ast.Constant(value=None) | ast.Attribute(value=ast.Name("math" | "np" | "numpy"), attr="inf"):
            return True
        case ast.Call(func=ast.Name("float"), args=[ast.Constant(value=str(text))], keywords=[]):
            return text.strip("+ ").lower() in ("inf", "infinity")
        case ast.Tuple(elts=[_, last]):
            return is_none(last)
        case _:
            return False


def none_name(node: ast.expr, scope: Scope) -> NoneName | None:
    """Return a name that is bound once, to None, or is a parameter with the default None; also for `name or None`."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) and is_none(node.values[-1]):
        return none_name(node.values[0], scope) if len(node.values) == 2 else None
    found = scope.find(node.id) if isinstance(node, ast.Name) else None
    if found is None or not isinstance(node, ast.Name) or len(found[1]) != 1:
        return None
    home, (binding,) = found
    if not isinstance(binding, Assigned):
        return None
    if binding.value is not None:
        return NoneName(node.id, binding.line) if is_none(binding.value) else None
    default = parameter_default(home, node.id)
    if default is None or not is_none(default) or _is_looked_at(home, node):
        return None
    return NoneName(node.id, binding.line, is_parameter=True)


def parameter_default(scope: Scope, name: str) -> ast.expr | None:
    """Return the default of a parameter."""
    if not isinstance(scope, Function) or not isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    args = scope.node.args
    given = [*args.posonlyargs, *args.args]
    for arg, default in zip(given[len(given) - len(args.defaults):], args.defaults, strict=True):
        if arg.arg == name:
            return default
    for arg, chosen in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        if arg.arg == name:
            return chosen
    return None


def _is_looked_at(scope: Scope, use: ast.Name) -> bool:
    """Whether a function tests a parameter: it may handle None separately."""
    tests = [node.test for node in ast.walk(scope.node) if isinstance(node, (ast.If, ast.IfExp, ast.While, ast.Assert))]
    return any(isinstance(inner, ast.Name) and inner.id == use.id for test in tests for inner in ast.walk(test))

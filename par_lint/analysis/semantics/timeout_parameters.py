"""A timeout parameter of a function that it does not pass on to a call."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from par_lint.analysis.semantics.none_values import parameter_default
from par_lint.analysis.semantics.scopes import CallSite, Defined, Function, Scope

_LIMIT = re.compile(r"(\w+_)?timeout(_s|_secs?|_seconds)?")


class TimeoutParameter(NamedTuple):
    """A parameter for a time limit, its line, and whether it is one wherever a caller says nothing: it has a number, or has to be given."""

    name: str
    line: int
    is_set: bool


def timeout_parameter(site: CallSite) -> TimeoutParameter | None:
    """Return the one parameter of the function around a call that is a time limit for what it calls.

    It is used for nothing but the `timeout=` of other calls: one that is computed with is a limit of something else, such as of a whole loop.
    """
    scope = site.scope
    if not isinstance(scope, Function) or not isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    names = [name for name in scope.parameters if _LIMIT.fullmatch(name) and len(scope.bindings.get(name, ())) == 1]
    if len(names) != 1 or site.scope.find(names[0]) != (scope, scope.bindings[names[0]]):
        return None
    (name,) = names
    passed = {
        id(keyword.value) for node in ast.walk(scope.node) if isinstance(node, ast.Call)
        for keyword in node.keywords if keyword.arg is not None and "timeout" in keyword.arg
    }  # fmt: skip
    passed |= {id(arg) for node in ast.walk(scope.node) if isinstance(node, ast.Call) for arg in _given_by_position(node, scope)}
    uses = [node for node in ast.walk(scope.node) if isinstance(node, ast.Name) and node.id == name]
    if any(id(use) not in passed for use in uses):
        return None
    default = parameter_default(scope, name)
    number = default is None or isinstance(default, ast.Constant) and isinstance(default.value, (int, float)) and default.value > 0
    return TimeoutParameter(name, scope.bindings[name][0].line, number)


def _given_by_position(node: ast.Call, scope: Scope) -> list[ast.expr]:
    """What a call of a function of the file gives for its parameters for a time limit, by position."""
    found = scope.find(node.func.id) if isinstance(node.func, ast.Name) else None
    functions = [one.what for one in found[1] if isinstance(one, Defined)] if found is not None else []
    if len(functions) != 1 or not isinstance(functions[0], Function) or any(isinstance(arg, ast.Starred) for arg in node.args):
        return []
    return [arg for arg, name in zip(node.args, functions[0].parameters, strict=False) if _LIMIT.fullmatch(name)]

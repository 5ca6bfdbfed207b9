"""What calls pass for the parameters of functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from par_lint.analysis.semantics.scopes import Function


def arguments(call: ast.Call) -> list[ast.expr]:
    """Return the values of all arguments of a call."""
    return [*(one.value if isinstance(one, ast.Starred) else one for one in call.args), *(keyword.value for keyword in call.keywords)]


def is_plain(call: ast.Call) -> bool:
    """Return whether a call shows which argument is which."""
    return not any(isinstance(one, ast.Starred) for one in call.args) and not any(keyword.arg is None for keyword in call.keywords)


def passed_for(call: ast.Call, function: Function, name: str) -> Iterator[ast.expr]:
    """Yield what a call may pass for a parameter; a method may be called with its object."""
    plain = [one.arg for one in (*function.node.args.posonlyargs, *function.node.args.args)]  # type: ignore[attr-defined]
    is_method = function.owner is not None and not function.is_static
    yield from (keyword.value for keyword in call.keywords if keyword.arg == name)
    if name not in plain:
        return
    place = plain.index(name) - is_method
    for one in call.args[: place + 1]:
        if isinstance(one, ast.Starred):
            return
    yield from call.args[place : place + 1]


def default_of(node: ast.arguments, name: str) -> ast.expr | None:
    """Return the default of a parameter."""
    plain = [one.arg for one in (*node.posonlyargs, *node.args)]
    found: dict[str, ast.expr | None] = dict(zip(reversed(plain), reversed(node.defaults)))
    found.update(zip((one.arg for one in node.kwonlyargs), node.kw_defaults))
    return found.get(name)

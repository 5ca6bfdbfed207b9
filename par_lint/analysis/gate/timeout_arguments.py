"""The time limit that a call is given: by keyword, by position, in a written mapping, or in the text of an address."""

from __future__ import annotations

import ast
import re
from typing import TypeGuard

from par_lint.analysis.semantics.none_values import is_none, none_name
from par_lint.analysis.semantics.scopes import Scope
from par_lint.core.catalog.entry import Timeout

_ADDRESS = re.compile(r"\bhost(addr)?\s*=|://[^/?]")


def has_timeout_argument(node: ast.Call, timeout: Timeout, position: int | None, scope: Scope) -> bool | None:
    """Return whether a call has a timeout.

    Args:
        timeout: The timeout parameter of the call.
        position: The 0-based position of that parameter in this call; None if it is keyword-only.

    Returns:
        True if the call has a timeout, or may have one in `**kwargs`; False for an explicit None; None if there is no argument.
    """
    named = _named(node)
    if any(name in named and is_none(named[name]) for name in timeout.off_by):
        return False
    if None in named or any(name in named and not (is_none(named[name]) or none_name(named[name], scope) is not None) for name in timeout.others):
        return True
    if any(isinstance(arg, ast.Starred) for arg in node.args[:(position or 0) + 1]) and position is not None and timeout.parameter not in named:
        return True
    value = timeout_argument(node, timeout, position)
    if is_address(value):
        return True if timeout.parameter in str(value.value) else None
    return None if value is None else not is_none(value) and none_name(value, scope) is None


def timeout_argument(node: ast.Call, timeout: Timeout, position: int | None) -> ast.expr | None:
    """What a call gives as its limit."""
    named = _named(node).get(timeout.parameter)
    if named is None and position is not None and len(node.args) > position:
        return node.args[position]
    return named


def _named(node: ast.Call) -> dict[str | None, ast.expr]:
    """Return the keywords of a call, including those of a literal mapping, `**{"timeout": None}`; other mappings are under None."""
    found: dict[str | None, ast.expr] = {}
    for keyword in node.keywords:
        match keyword:
            case ast.keyword(arg=None, value=ast.Dict(keys=keys, values=values)) if all(isinstance(key, ast.Constant) for key in keys):
                found.update((str(key.value), value) for key, value in zip(keys, values, strict=True) if isinstance(key, ast.Constant))
            case _:
                found[keyword.arg] = keyword.value
    return found


def is_in_mapping(node: ast.Call, parameter: str) -> bool:
    """Whether a call gives a parameter by a mapping that is written in it."""
    return parameter in _named(node) and all(keyword.arg != parameter for keyword in node.keywords)


def is_address(node: ast.expr | None) -> TypeGuard[ast.Constant]:
    """Whether a text names a server, as `psycopg2.connect("host=db dbname=x")` does: it may hold the limit as well."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and _ADDRESS.search(node.value) is not None

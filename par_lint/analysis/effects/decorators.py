"""Decorators that change nothing of what a function does: resolved, for anybody may have one of the same name."""

from __future__ import annotations

import ast

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.resolver import Named
from par_lint.analysis.semantics.scopes import Function
from par_lint.core.catalog.entry import spread

_CACHED = frozenset(spread("functools.cached_property django.utils.functional.cached_property"))
_QUIET = _CACHED | frozenset(spread("""
    staticmethod classmethod property builtins.{staticmethod classmethod property} functools.wraps abc.abstractmethod
    typing.{override final overload no_type_check runtime_checkable} typing_extensions.{override final overload}
"""))


def is_quiet(function: Function, facts: Facts) -> bool:
    """Whether calling a function is calling what its `def` holds, for all that its decorators do."""
    return all(_name(node, function, facts) in _QUIET for node in getattr(function.node, "decorator_list", ()))


def is_cached(function: Function, facts: Facts) -> bool:
    """Whether looking at a property keeps what it gives in its object."""
    return any(_name(node, function, facts) in _CACHED for node in getattr(function.node, "decorator_list", ()))


def _name(node: ast.expr, function: Function, facts: Facts) -> str | None:
    inner = node.func if isinstance(node, ast.Call) else node
    value = facts.resolver.value(access_path(inner), function.parent or function, node.lineno)
    return value.name if isinstance(value, Named) else None

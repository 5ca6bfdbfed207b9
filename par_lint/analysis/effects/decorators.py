"""Decorators that leave the function unchanged. They are resolved by qualified name, because others may have the same name."""

from __future__ import annotations

import ast

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.semantics.values import Named
from par_lint.core.catalog.entry import Trait, spread

_INERT_DECORATORS = frozenset(spread("""
    staticmethod classmethod property builtins.{staticmethod classmethod property} functools.wraps abc.abstractmethod
    typing.{override final overload no_type_check runtime_checkable} typing_extensions.{override final overload}
"""))


def has_only_inert_decorators(function: Function, facts: Facts) -> bool:
    """Return whether calling a decorated function only runs its `def`."""
    return all(_name(node, function, facts) in _INERT_DECORATORS or _caches(node, function, facts) for node in getattr(function.node, "decorator_list", ()))


def is_cached_property(function: Function, facts: Facts) -> bool:
    """Return whether reading a property caches its value in the object."""
    return any(_caches(node, function, facts) for node in getattr(function.node, "decorator_list", ()))


def _caches(node: ast.expr, function: Function, facts: Facts) -> bool:
    name = _name(node, function, facts)
    return name is not None and facts.resolver.catalog.has_trait(name, Trait.CACHED_PROPERTY)


def _name(node: ast.expr, function: Function, facts: Facts) -> str | None:
    inner = node.func if isinstance(node, ast.Call) else node
    value = facts.resolver.value(access_path(inner), function.parent or function, node.lineno)
    return value.name if isinstance(value, Named) else None

"""Uses of names and classes that do not show what is called or inherited from."""

from __future__ import annotations

import ast

from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.scopes import Class
from par_lint.analysis.semantics.values import Named
from par_lint.core.memo import memoized_for_last


@memoized_for_last
def names_as_values(resolver: Resolver) -> frozenset[str]:
    """Return the names, and the last names of attributes, that the file reads otherwise than to call them."""
    called = {id(site.node.func) for site in resolver.index.calls}
    names = (node.id for node in resolver.index.all_of(ast.Name) if isinstance(node.ctx, ast.Load) and id(node) not in called)
    attributes = (node.attr for node in resolver.index.all_of(ast.Attribute) if isinstance(node.ctx, ast.Load) and id(node) not in called)
    return frozenset((*names, *attributes))


@memoized_for_last
def has_unshown_subclasses(resolver: Resolver) -> bool:
    """Return whether the file makes classes that may have bases which it does not show."""
    index = resolver.index
    if any(len(site.node.args) == 3 for site in index.called("type")) or index.called("new_class") or index.called("make_dataclass"):
        return True
    for cls in index.classes:
        for base in cls.node.bases:  # type: ignore[attr-defined]
            inner = base.value if isinstance(base, ast.Subscript) else base
            if not isinstance(resolver.expression(inner, cls.parent or cls), (Class, Named)):
                return True
    return False

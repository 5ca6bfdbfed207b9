"""The parts of a scope that bind its names: statements, walrus operators, comprehensions, and code of nested scopes that declares a name global or nonlocal."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import imported_names
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.reaching_bindings import Source
from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.core.memo import memoized_for_last


@memoized_for_last
def binders_of(home: Scope, resolver: Resolver) -> dict[str, list[tuple[Source, Scope]]]:
    """Return what binds each name of a scope, in source order, each with the scope of its code: a nested one may declare the name global or nonlocal."""
    found: dict[str, list[tuple[Source, Scope]]] = {}
    for binder in home.binders:
        origin, own = binder if isinstance(binder, tuple) else (home, binder)
        for name in names_bound_by(own):
            if name not in home.outward if origin is home else name in origin.outward:
                found.setdefault(name, []).append((own, origin))
    return found


def names_bound_by(own: object) -> Iterator[str]:
    """Yield the names that a part of a scope binds."""
    match own:
        case Function() | Class():
            yield own.name
        case ast.Import() | ast.ImportFrom():
            yield from (name for name, _ in imported_names(own))
        case ast.Assign(targets=targets):
            for target in targets:
                yield from names_in(target)
        case ast.AnnAssign(target=target) | ast.NamedExpr(target=target) | ast.For(target=target) | ast.AsyncFor(target=target) | ast.AugAssign(target=target):
            yield from names_in(target)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            for clause in own.generators:
                yield from names_in(clause.target)
        case ast.With(items=items) | ast.AsyncWith(items=items):
            for item in items:
                if item.optional_vars is not None:
                    yield from names_in(item.optional_vars)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name
        case _:
            pass


def names_in(target: ast.expr) -> list[str]:
    """Return the names that a target binds."""
    return [node.id for node in walk(target) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]


@memoized_for_last
def stored_in_attributes(resolver: Resolver) -> dict[str, list[tuple[ast.expr, Scope]]]:
    """Return the values that code stores in attributes of other objects than `self`, by the name of the attribute, each with its scope."""
    found: dict[str, list[tuple[ast.expr, Scope]]] = {}
    for scope in (resolver.index.module, *resolver.index.functions, *resolver.index.classes):
        for binder in scope.binders:
            own = binder[1] if isinstance(binder, tuple) else binder
            for target in own.targets if isinstance(own, ast.Assign) else ():
                if isinstance(target, ast.Attribute) and not (isinstance(target.value, ast.Name) and target.value.id == "self"):
                    found.setdefault(target.attr, []).append((own.value, scope))  # type: ignore[union-attr]
    return found

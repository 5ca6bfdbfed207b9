"""The display of a constant collection that an attribute, a property, a call, a default or an imported name stands for."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TypeAlias

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.container_changes import ContainerChanges
from par_lint.analysis.semantics.scopes import Binding, Class, Defined, Function, Scope
from par_lint.analysis.semantics.values import LocalObject, Named
from par_lint.core.memo import memoized_for_last

Display: TypeAlias = "ast.List | ast.Tuple | ast.Set | ast.Dict"
Place: TypeAlias = "tuple[Display, Scope, Resolver]"
"""A display, its scope, and the resolver of its module."""
_DEPTH = 4
_ENUMS = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"})


def constant_display(node: ast.expr, scope: Scope, resolver: Resolver, depth: int = _DEPTH) -> Place | None:
    """Return the display with all elements of what an expression stands for, if nothing changes it; None if that is unknown."""
    match node:
        case ast.List(elts=[_, *_]) | ast.Tuple(elts=[_, *_]) | ast.Set() | ast.Dict(keys=[_, *_]):
            return node, scope, resolver
        case _ if not depth:
            return None
        case ast.Name(id=name):
            return _of_name(name, scope, resolver, depth - 1)
        case ast.Attribute(value=ast.Attribute(value=enum, attr=member), attr=attr) if (found := _of_member(enum, member, attr, scope, resolver, depth - 1)) is not None:
            return found
        case ast.Attribute(value=owner, attr=attr):
            return _of_attribute(owner, attr, scope, resolver, depth - 1)
        case ast.Call(func=func):
            callee = resolver.expression(func, scope)
            return _returned(callee, resolver, depth - 1) if isinstance(callee, Function) else None
        case _:
            return None


def default_display(function: Function, name: str, resolver: Resolver) -> Place | None:
    """Return the default of a parameter, if the file calls the function and never gives another value for it."""
    if not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)) or len(function.bindings.get(name, ())) != 1:
        return None
    args = function.node.args
    places = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    defaults: dict[str, ast.expr | None] = {**dict(zip(places[len(places) - len(args.defaults):], args.defaults)), **dict(zip((arg.arg for arg in args.kwonlyargs), args.kw_defaults))}
    value = defaults.get(name)
    sites = [site for site in (*resolver.index.by_name.get(function.name, ()), *resolver.index.by_method.get(function.name, ())) if resolver.callee(site) is function]
    if value is None or not sites:
        return None
    at = function.explicit_parameters.index(name)
    for site in sites:
        is_plain = not any(isinstance(arg, ast.Starred) for arg in site.node.args) and all(keyword.arg not in (None, name) for keyword in site.node.keywords)
        if not is_plain or len(site.node.args) > at and name in places:
            return None
    return constant_display(value, function.parent or function, resolver, 1)


def _value(bindings: Sequence[Binding]) -> ast.expr | None:
    """The only value that is bound."""
    only = bindings[0] if len(bindings) == 1 else None
    return only.value if isinstance(only, Assigned) else None


def _of_name(name: str, scope: Scope, resolver: Resolver, depth: int) -> Place | None:
    value = resolver.value((name,), scope, 0)
    if isinstance(value, Named):
        return _imported(value.name, resolver, depth)
    found = scope.find(name)
    only = _value(found[1]) if found is not None else None
    if found is None or only is None or isinstance(found[0], Class) or _is_changed(name, resolver):
        return None
    return constant_display(only, found[0], resolver, depth)


def _of_attribute(owner: ast.expr, attr: str, scope: Scope, resolver: Resolver, depth: int) -> Place | None:
    match resolver.expression(owner, scope):
        case LocalObject(cls=cls) | (Class() as cls):
            return _of_class(cls, attr, resolver, depth)
        case Named(name=name):
            return _imported(f"{name}.{attr}", resolver, depth)
        case _:
            return None


def _of_class(cls: Class, attr: str, resolver: Resolver, depth: int) -> Place | None:
    """The only value of an attribute, in the class, in its methods, or in one of its bases; a property is what it returns."""
    if _is_changed(attr, resolver) or any(one is not cls and attr in one.bindings for one in resolver.index.classes if cls.name in map(_last, one.bases)):
        return None
    bindings, set_in = cls.bindings.get(attr, []), cls.attributes.get(attr, [])
    match bindings, set_in:
        case [Defined(what=Function() as function)], []:
            return _returned(function, resolver, depth) if function.is_property else None
        case [Assigned(value=ast.expr() as value)], []:
            return constant_display(value, cls, resolver, depth)
        case [], [(scope, Assigned(value=ast.expr() as value))]:
            return constant_display(value, scope, resolver, depth)
        case [], []:
            for base in cls.bases:
                parent = resolver.value(base, cls.parent or cls, 0)
                if isinstance(parent, Class) and depth:
                    return _of_class(parent, attr, resolver, depth - 1)
        case _:
            pass
    return None


def _last(path: tuple[str, ...]) -> str:
    return path[-1]


def _of_member(enum: ast.expr, member: str, attr: str, scope: Scope, resolver: Resolver, depth: int) -> Place | None:
    """An attribute of a member of an enumeration: its value, or the part of it that `__init__` stores there."""
    cls = resolver.expression(enum, scope)
    definition = resolver.imported(cls)
    cls, home = (definition.value, definition.resolver) if definition is not None else (cls, resolver)
    if not isinstance(cls, Class) or _ENUMS.isdisjoint(map(_last, cls.bases)):
        return None
    value = _value(cls.bindings.get(member, ()))
    if value is None or attr == "value":
        return constant_display(value, cls, home, depth) if value is not None else None
    stored = cls.attributes.get(attr, [])
    match stored, value:
        case [(Function(name="__init__") as init, Assigned(value=ast.Name(id=given)))], ast.Tuple(elts=parts) if given in init.explicit_parameters:
            at = init.explicit_parameters.index(given)
            return constant_display(parts[at], cls, home, depth) if at < len(parts) and not _is_changed(attr, home) else None
        case _:
            return None


def _returned(function: Function, resolver: Resolver, depth: int) -> Place | None:
    if function.is_generator or function.is_async or len(function.returned) != 1:
        return None
    return constant_display(function.returned[0], function, resolver, depth)


def _imported(name: str, resolver: Resolver, depth: int) -> Place | None:
    """A constant of another module of the project, or of a class there."""
    owner, _, last = name.rpartition(".")
    around = resolver.imported(Named(owner))
    if around is not None and isinstance(around.value, Class):
        return _of_class(around.value, last, around.resolver, depth)
    found = resolver.imported(Named(name))
    value = _value(found.resolver.index.module.bindings.get(last, ())) if found is not None else None
    if found is None or value is None or _is_changed(last, found.resolver):
        return None
    return constant_display(value, found.resolver.index.module, found.resolver, depth)


def _is_changed(name: str, resolver: Resolver) -> bool:
    """Whether the file of a resolver may add to a container with this name."""
    changes = _changes(resolver)
    return bool(changes.filled.get(name)) or name in changes.resized or name in changes.declared_nonlocal or name in changes.resized_attributes


@memoized_for_last
def _changes(resolver: Resolver) -> ContainerChanges:
    return ContainerChanges(resolver.index)


def are_files(display: Place) -> bool:
    """Return whether the elements of a display are the names of single files: with an ending, and without wildcards."""
    elements = display[0].elts if not isinstance(display[0], ast.Dict) else []
    return bool(elements) and all(isinstance(one, ast.Constant) and isinstance(one.value, str) and _is_file(one.value) for one in elements)


def _is_file(name: str) -> bool:
    stem, dot, ending = name.rpartition("/")[2].rpartition(".")
    return bool(stem and dot) and ending.isalnum() and not set(name) & set("*?[")


def returns_matching_files(call: ast.Call) -> bool:
    """Return whether a call gives the files, or their paths, that fit what it is given, judged by its name."""
    said = set(last_name(call.func).lower().split("_"))
    return bool(said & {"files", "file", "paths", "path"}) and not said & {"lines", "rows", "read", "load", "parse"}

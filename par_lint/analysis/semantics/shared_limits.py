"""The time limit that the other requests of a file are given, by a constant or an attribute: `timeout=TIMEOUT`, `timeout=self.timeout`."""

from __future__ import annotations

import ast

from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.none_values import is_none, none_name
from par_lint.analysis.semantics.scopes import Binding, CallSite, Class, Function, Scope

_REQUESTS = ("get", "post", "put", "patch", "delete", "head", "options", "request", "urlopen", "send")


def shared_limit(site: CallSite, index: FileIndex) -> str | None:
    """Return what the other requests of a file give as `timeout=`, as code that means the same at a call; None where they differ or give numbers."""
    given = {
        ast.unparse(keyword.value): (keyword.value, other) for name in _REQUESTS for other in index.called(name)
        for keyword in other.node.keywords if keyword.arg == "timeout" and isinstance(keyword.value, (ast.Name, ast.Attribute))
    }  # fmt: skip
    if len(given) != 1:
        return None
    ((text, (value, other)),) = given.items()
    if "timeout" not in text.lower() or text.lower().endswith("_ms"):
        return None
    match value:
        case ast.Name(id=name):
            return text if _is_constant(name, site, other) else None
        case ast.Attribute(value=ast.Name("self"), attr=name):
            owner = _class_of(site.scope)
            return text if owner is not None and owner is _class_of(other.scope) and _is_limit(owner, name) else None
        case _:
            return None


def _is_constant(name: str, site: CallSite, other: CallSite) -> bool:
    """Whether a name of the module, bound once, to a limit or by an import, means the same at two calls."""
    found = site.scope.find(name)
    if found is None or found != other.scope.find(name) or found[0].parent is not None or len(found[1]) != 1:
        return False
    (binding,) = found[1]
    return not (found[0] is site.scope and binding.line >= site.node.lineno) and _is_number(binding, found[0])


def _class_of(scope: Scope) -> Class | None:
    """Return the class whose method a scope is, if the method has `self`."""
    return scope.owner if isinstance(scope, Function) and "self" in scope.parameters else None


def _is_limit(owner: Class, name: str) -> bool:
    """Whether each value of an attribute is known to be a limit, or is given by a caller who has to give one."""
    values = [*owner.attributes.get(name, ()), *((owner, one) for one in owner.bindings.get(name, ()))]
    return bool(values) and all(_is_number(binding, place) for place, binding in values)


def _is_number(binding: Binding, scope: Scope) -> bool:
    """Whether a binding is not known to be None, or anything else that is no limit."""
    value = binding.value if isinstance(binding, Assigned) else None
    if value is None:
        return not isinstance(binding, Assigned)
    if isinstance(value, ast.Constant):
        return isinstance(value.value, (int, float)) and value.value > 0
    return not is_none(value) and none_name(value, scope) is None

"""New objects: which calls return an object without aliases, and what creating an object of a class in the file does."""

from __future__ import annotations

import ast

import libcst as cst

from par_lint.analysis.effects.exception_classes import is_exception
from par_lint.analysis.effects.special_methods import base_classes
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.scopes import Class, Function
from par_lint.analysis.semantics.values import Named
from par_lint.core.catalog.entry import Kind, Trait
from par_lint.core.findings import Reason, ReasonKind

_PASSING_ON = frozenset({"typing.cast", "functools.reduce", "logging.getLogger"})
_NEW_BUILTINS = frozenset({
    "bytearray", "bytes", "dict", "enumerate", "frozenset", "list", "map", "filter", "range", "reversed", "set", "sorted", "str", "tuple", "zip", "iter",
    "int", "float", "len", "bool", "repr", "open", "format", "abs", "round", "sum", "hash", "hex", "ord", "chr", "any", "all", "divmod", "object",
    "isinstance", "issubclass", "hasattr", "callable", "complex", "memoryview", "pow", "slice", "bin", "oct", "ascii", "id",
})  # fmt: skip
_NEW_METHODS = frozenset(name for kind in (str, bytes) for name in dir(kind) if not name.startswith("_")) | {
    "copy", "read", "readlines", "read_text", "read_bytes", "json", "groupdict", "groups", "hexdigest", "digest", "items", "keys", "values", "union",
    "intersection", "difference", "find_all", "select",
}  # fmt: skip
_NEW_NODES = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.Constant, ast.JoinedStr, ast.BinOp, ast.Compare)
_PLAIN_BASES = frozenset({
    "object", "str", "int", "float", "bytes", "tuple", "dict", "list", "set", "frozenset", "abc.ABC", "typing.NamedTuple", "typing.Generic",
    "typing.Protocol", "typing.TypedDict",
})  # fmt: skip
_PLAIN_DECORATORS = frozenset({"dataclass", "final", "total_ordering", "runtime_checkable", "define", "frozen", "s", "attrs", "dataclass_json"})
_PLAIN_METACLASSES = frozenset({"ABCMeta", "type"})


def returns_new_object(call: cst.Call, facts: Facts) -> bool:
    """Return whether a call returns a new object."""
    site = facts.site(call)
    if site is None:
        return True
    if creates_new_object(site.node, facts):
        return True
    match call.func:
        case cst.Attribute(value=value, attr=cst.Name(value=method)):
            return method in _NEW_METHODS or isinstance(value, cst.Call) and not _is_type(value) and returns_new_object(value, facts)
        case _:
            return False


def _is_type(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Name) and call.func.value in ("type", "vars", "getattr", "super")


def creates_new_object(node: ast.expr, facts: Facts, depth: int = 4) -> bool:
    if isinstance(node, _NEW_NODES):
        return True
    if not isinstance(node, ast.Call) or not depth:
        return False
    match callee := facts.known.callee(node):
        case Class():
            return True
        case Function():
            return all(_returns_own_object(callee, value, facts, depth - 1) for value in callee.returned)
        case Named(name=name) if name in _NEW_BUILTINS:
            return True
        case Named(name=name) if name in _PASSING_ON:
            return False
        case Named(name=name) if name.rpartition(".")[2][:1].isupper():
            return True  # a class
        case _:
            return facts.known.entry(node) is not None


def _returns_own_object(function: Function, value: ast.expr, facts: Facts, depth: int) -> bool:
    """Whether a function returns an object that it created: an expression, or a name that is bound only to it."""
    if not isinstance(value, ast.Name):
        return creates_new_object(value, facts, depth)
    bindings = function.bindings.get(value.id, ())
    if not bindings or value.id in function.parameters or value.id in function.outward:
        return False
    return all(isinstance(one, Assigned) and isinstance(one.value, ast.expr) and creates_new_object(one.value, facts, depth) for one in bindings)


def construction_verdict(cls: Class, facts: Facts) -> tuple[Reason | None, list[tuple[Function, bool]]]:
    """Return what creating an object of a class calls.

    Returns:
        The functions, each with whether it initialises the object; and a reason if the list is incomplete.
    """
    functions: list[tuple[Function, bool]] = []
    for one in base_classes(cls, facts):
        if (reason := _undefined_part(one, facts)) is not None:
            return reason, []
        for value in _factories(one):
            factory = facts.resolver.expression(value, one)
            if isinstance(factory, Function):
                functions.append((factory, False))
            elif not (isinstance(factory, Named) and (factory.name in _NEW_BUILTINS or _is_pure(factory.name, facts))):
                return ReasonKind.UNSEEN(f"the default of a field of `{one.name}` is not defined in this file"), []
    for name in ("__new__", "__init__", "__post_init__", "__del__"):
        method = facts.resolver.attribute(cls, name)
        if isinstance(method, Function):
            functions.append((method, name not in ("__new__", "__del__")))
    return None, functions


def _is_pure(name: str, facts: Facts) -> bool:
    entry = facts.resolver.catalog.find(name)
    return entry is not None and entry.kind is Kind.PURE


def _factories(cls: Class) -> list[ast.expr]:
    """Yield the default factories of the fields of a dataclass."""
    calls = [statement.value for statement in getattr(cls.node, "body", ()) if isinstance(statement, (ast.Assign, ast.AnnAssign))]
    return [keyword.value for call in calls if isinstance(call, ast.Call) for keyword in call.keywords if keyword.arg in ("default_factory", "factory")]


def _undefined_part(cls: Class, facts: Facts) -> Reason | None:
    """Return why creating an object of a class may run code outside the file; None if it does not."""
    node = cls.node
    assert isinstance(node, ast.ClassDef)
    if "__del__" in cls.bindings or facts.index.called("finalize"):
        return ReasonKind.UNSEEN(f"`{cls.name}` notices when its objects are given up")
    for decorator in node.decorator_list:
        if access_path(decorator.func if isinstance(decorator, ast.Call) else decorator)[-1] not in _PLAIN_DECORATORS:
            return ReasonKind.UNSEEN(f"`{cls.name}` is decorated")
    for keyword in node.keywords:
        if keyword.arg == "metaclass" and access_path(keyword.value)[-1] not in _PLAIN_METACLASSES:
            return ReasonKind.UNSEEN(f"`{cls.name}` has a metaclass")
    for base in node.bases:
        inner = base.value if isinstance(base, ast.Subscript) else base
        value = facts.resolver.value(access_path(inner), cls.parent or cls, 0)
        is_plain = isinstance(value, Class) or isinstance(value, Named) and (
            value.name in _PLAIN_BASES or facts.resolver.catalog.has_trait(value.name, Trait.PLAIN_BASE) or is_exception(value.name, facts.resolver)
        )
        if not is_plain:
            return ReasonKind.UNSEEN(f"`{cls.name}` has a base class that is not defined in this file")
    return None

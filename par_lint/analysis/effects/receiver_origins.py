"""Where the receiver of a method comes from, if strings, dicts and lists have a method of that name: it may be a stateful object instead, such as a decoder."""

from __future__ import annotations

import ast
import enum

import libcst as cst

from par_lint.analysis.effects.fresh_objects import FreshObjects
from par_lint.analysis.effects.function_values import FunctionValues
from par_lint.analysis.effects.library_results import CONTAINERS, DATA_METHODS, DATA_MODULES
from par_lint.analysis.effects.pure_names import PURE_METHODS, TEXT_METHODS
from par_lint.analysis.effects.shared_iterators import as_standard_node
from par_lint.analysis.effects.special_methods import base_classes
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.alternatives import alternatives
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.analysis.semantics.values import LocalObject, Named
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.core.memo import memoized_for_last

AMBIGUOUS_METHODS = (PURE_METHODS - TEXT_METHODS) | {"title", "count", "index", "format"}
"""Method names that many classes have: their effect depends on the receiver."""
_OF_TEXTS_ONLY = frozenset(name for name in TEXT_METHODS if name.startswith("is")) | frozenset({
    "strip", "lstrip", "rstrip", "lower", "upper", "casefold", "capitalize", "swapcase", "startswith", "endswith", "splitlines", "zfill", "ljust", "rjust", "center",
    "expandtabs", "hex", "partition", "rpartition", "removeprefix", "removesuffix", "rsplit",
})  # fmt: skip
"""Method names that hardly any class except texts has."""
_OF_MANY = frozenset({"decode", "encode", "translate", "index", "count", "find", "title"})
"""Method names that decoders, models, translators, search engines and plots have, too."""
_BUILTIN_BASES = frozenset({"str", "bytes", "dict", "list", "set", "frozenset", "tuple", "int", "float", "object"}) | CONTAINERS
_ADDING = ("append", "add", "insert", "appendleft", "setdefault")
_DEEPEST = 5


class Origin(enum.IntEnum):
    """What the object of an expression may be, as far as the file shows."""

    DATA = 0
    GIVEN = 1  # a parameter of unknown type
    MADE = 2  # the result of a call of unknown code
    OWN = 3  # an object of a class of the file, with methods of a library's class


def is_receiver_unknown(call: cst.Call, method: str, receiver: cst.BaseExpression, local: FreshObjects, facts: Facts) -> bool:
    """Return whether a method with the name of one of texts, dicts or lists may be that of an object with a state."""
    if method not in PURE_METHODS or facts.callee(call) is not None:
        return False
    root = (dotted(receiver) or "").partition(".")[0]
    if method in AMBIGUOUS_METHODS and root and root not in local.bound:
        return True
    found = _Origins(facts).of(as_standard_node(receiver, call, facts), facts.scope(call))
    return found is Origin.OWN or found is Origin.MADE and method not in _OF_TEXTS_ONLY or found is Origin.GIVEN and method in _OF_MANY


class _Origins:
    """Follows expressions to the calls that make their objects."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._values = FunctionValues(facts)

    def of(self, node: ast.expr, scope: Scope, depth: int = _DEEPEST) -> Origin:
        return max(self._of_one(one, scope, depth) for one in alternatives(node)) if depth else Origin.DATA

    def _of_one(self, node: ast.expr, scope: Scope, depth: int) -> Origin:
        match node:
            case ast.Await(value=value):
                return self.of(value, scope, depth)
            case ast.Call():
                return self._call(node, scope, depth)
            case ast.Name(id=name):
                return self._name(node, name, scope, depth)
            case ast.Attribute():
                return max((self.of(value, home, depth - 1) for value, home in self._values.values_given_for(node, scope)), default=self._field(node.attr))
            case ast.Subscript(value=ast.Name(id=name)) if _is_variadic(name, scope):
                return Origin.GIVEN
            case ast.Subscript(value=value):
                return max((self.of(one, home, depth - 1) for one, home in self._elements(value, scope)), default=Origin.DATA)
            case _:
                return Origin.DATA

    def _name(self, node: ast.Name, name: str, scope: Scope, depth: int) -> Origin:
        found = scope.find(name)
        if found is None:
            return Origin.DATA
        home, bindings = found
        origins = [self.of(one.value, home, depth - 1) for one in bindings if isinstance(one, Assigned) and one.value is not None]
        origins += [self.of(value, at, depth - 1) for one in _gone_over(self._facts).get(name, ()) for value, at in self._elements(one, home)]
        if isinstance(home, Function) and name in home.parameters and (self._facts.resolver.value((name,), home, home.line)) is None:
            origins += [self.of(value, at, depth - 1) for value, at in self._values.values_given_for(node, home, 1)] or [Origin.GIVEN]
        return max(origins, default=Origin.DATA)

    def _elements(self, node: ast.expr, scope: Scope) -> list[tuple[ast.expr, Scope]]:
        """Return the elements of a display, or of those that a name is bound to."""
        match node:
            case ast.List(elts=values) | ast.Tuple(elts=values) | ast.Dict(values=values):
                return [(value, scope) for value in values]
            case ast.Name(id=name) if (found := scope.find(name)) is not None:
                bound = [one.value for one in found[1] if isinstance(one, Assigned) and isinstance(one.value, (ast.List, ast.Tuple, ast.Dict))]
                added = [(arg, site.scope) for adding in _ADDING for site in self._facts.index.by_method.get(adding, ()) if _is_called_on(site.node, name) for arg in site.node.args[-1:]]
                return [*added, *(pair for value in bound for pair in self._elements(value, found[0]))]
            case _:
                return []

    def _field(self, name: str) -> Origin:
        """Return what a field may be that a class only declares: its objects get it from their constructor."""
        declared = [one for cls in self._facts.index.classes for one in getattr(cls.node, "body", ()) if isinstance(one, ast.AnnAssign) and one.value is None]
        kinds = [access_path(one.annotation)[-1] for one in declared if isinstance(one.target, ast.Name) and one.target.id == name]
        return Origin.GIVEN if any(kind in ("object", "Any") or kind[:1].isupper() for kind in kinds) else Origin.DATA

    def _call(self, call: ast.Call, scope: Scope, depth: int) -> Origin:
        resolver = self._facts.resolver
        match resolver.value(access_path(call.func), scope, call.lineno):
            case Function() as function:
                return max((self.of(value, function, depth - 1) for value in function.returned), default=Origin.DATA)
            case Class() as cls:
                return self._object(cls)
            case LocalObject():
                return Origin.MADE
            case Named(name=name):
                root, dot, _ = name.partition(".")
                last = name.rpartition(".")[2]
                is_data = not dot or resolver.catalog.find(name) is not None or resolver.catalog.returns(name) is not None or root in DATA_MODULES and last[:1].islower()
                return Origin.DATA if is_data or name in CONTAINERS else Origin.MADE
            case _ if isinstance(call.func, ast.Attribute) and call.func.attr in DATA_METHODS | PURE_METHODS and not self._facts.methods(call.func.attr):
                return Origin.DATA
            case _:
                return Origin.MADE

    def _object(self, cls: Class) -> Origin:
        """Return what an object of a class of the file is."""
        bases = (self._facts.resolver.value(path, one.parent or one, 0) for one in base_classes(cls, self._facts) for path in one.bases)
        is_plain = all(isinstance(base, Class) or isinstance(base, Named) and base.name in _BUILTIN_BASES for base in bases)
        return Origin.DATA if is_plain else Origin.OWN


@memoized_for_last
def _gone_over(facts: Facts) -> dict[str, list[ast.expr]]:
    """Return what the loops of a file go over, by the name that they bind to each item."""
    found: dict[str, list[ast.expr]] = {}
    loops: list[ast.For | ast.comprehension] = [*facts.index.all_of(ast.For), *facts.index.all_of(ast.comprehension)]
    for loop in loops:
        if isinstance(loop.target, ast.Name):
            found.setdefault(loop.target.id, []).append(loop.iter)
    return found


def _is_called_on(call: ast.Call, name: str) -> bool:
    return isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == name


def _is_variadic(name: str, scope: Scope) -> bool:
    """Whether a name is the `*args` or `**options` of a function."""
    found = scope.find(name)
    home = found[0].node if found is not None else None
    return isinstance(home, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(one is not None and one.arg == name for one in (home.args.vararg, home.args.kwarg))

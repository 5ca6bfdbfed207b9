"""The index and the resolver of a file, by nodes of its standard tree."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.dataflow.dotted_names import dotted
from par_lint.analysis.semantics.scopes import CallSite, Function, Scope
from par_lint.analysis.semantics.values import Named, Object, Value
from par_lint.core.catalog.entry import Entry
from par_lint.core.memo import memoized_for_last

OPEN_FILE = Object("io.File")
_EXITS = tuple(map(Named, ("sys.exit", "os._exit", "exit", "quit")))


@memoized_for_last
def symbols_of(resolver: Resolver) -> Symbols:
    """Return the symbols of a file, cached."""
    return Symbols(resolver)


class Symbols:
    """Facts about the code of one file."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.catalog = resolver.catalog

    @functools.cached_property
    def _sites(self) -> dict[ast.Call, CallSite]:
        return {site.node: site for site in self.resolver.index.calls}

    def site(self, call: ast.Call) -> CallSite | None:
        """Return the index's record of a call; None if it is not in the file."""
        return self._sites.get(call)

    def callee(self, call: ast.Call) -> Value | None:
        """Return the callee of a call."""
        site = self._sites.get(call)
        return self.resolver.callee(site) if site is not None else None

    def entry(self, call: ast.Call) -> Entry | None:
        """Return the catalogue entry of a call."""
        site = self._sites.get(call)
        return self.resolver.entry(site) if site is not None else None

    def result(self, call: ast.Call) -> Value | None:
        """Return the result of a call."""
        site = self._sites.get(call)
        return self.resolver.expression(call, site.scope) if site is not None else None

    def refers_to(self, node: ast.expr, scope: Scope, line: int) -> Value | None:
        """Return what a plain or dotted name refers to, as seen from a line of a scope."""
        path = dotted(node)
        return self.resolver.value(tuple(path.split(".")), scope, line) if path is not None else None

    def never_returns(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Function) -> bool:
        """Return whether every call of a function ends in an exception or an exit: `fail(message)`."""
        match node.body[-1]:
            case ast.Raise():
                is_end = True
            case ast.Expr(value=ast.Call(func=func)):
                is_end = self.refers_to(func, scope, func.lineno) in _EXITS
            case _:
                is_end = False
        return is_end and not any(isinstance(inner, ast.Return) for inner in walk(*node.body))

    def is_open_file(self, node: ast.expr, scope: Scope) -> bool:
        """Return whether a plain name is bound to an open file."""
        return isinstance(node, ast.Name) and self.resolver.value((node.id,), scope, node.lineno) == OPEN_FILE

    def is_in_memory(self, node: ast.expr, scope: Scope) -> bool:
        """Return whether an expression is a file that is only in memory."""
        return self.resolver.is_in_memory(node, scope)

    def opening(self, node: ast.expr, scope: Scope) -> ast.expr | None:
        """Return the expression that opens the file to which a plain name is bound; None for other names."""
        if not isinstance(node, ast.Name) or not self.is_open_file(node, scope):
            return None
        home, _ = scope.find(node.id) or (scope, [])
        binding = home.bound_at(node.id, node.lineno if home is scope else 0)
        return (binding.entered or binding.value) if isinstance(binding, Assigned) else None

    def opened_mode(self, node: ast.expr, scope: Scope) -> str | None:
        """Return the mode of the open file that a `with` binds to a plain name, else None."""
        if not isinstance(node, ast.Name) or not self.is_open_file(node, scope):
            return None
        home, _ = scope.find(node.id) or (scope, [])
        binding = home.bound_at(node.id, node.lineno if home is scope else 0)
        return open_mode(binding.entered) if isinstance(binding, Assigned) and binding.entered is not None else None


def definition_around(scope: Scope | None) -> Function | None:
    """Return the `def` that a scope is, or is nested in."""
    while scope is not None and not (isinstance(scope, Function) and isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef))):
        scope = scope.parent
    return scope


def method_behind(name: str, scope: Scope) -> ast.Attribute | None:
    """Return the bound method that a plain name stands for: `add`, of `add = archive.add if is_tar else archive.write`."""
    found = scope.find(name)
    methods = [_method(binding.value) if isinstance(binding, Assigned) else None for binding in found[1]] if found is not None else []
    return methods[0] if methods and None not in methods else None


def _method(node: ast.expr | None) -> ast.Attribute | None:
    match node:
        case ast.Attribute():
            return node
        case ast.IfExp(body=inner) | ast.Call(func=ast.Name("partial") | ast.Attribute(attr="partial"), args=[inner, *_]):
            return _method(inner)
        case _:
            return None


def is_variable(name: str, scope: Scope) -> bool:
    """Return whether a name, as seen from a scope, may be bound to several values: not an import, definition or built-in."""
    found = scope.find(name)
    return found is not None and any(isinstance(binding, Assigned) for binding in found[1])


def arguments(call: ast.Call) -> list[tuple[str | None, ast.expr]]:
    """Return the arguments of a call with their keywords, without starred ones."""
    positional = [(None, arg.value if isinstance(arg, ast.Starred) else arg) for arg in call.args]
    return [*positional, *((keyword.arg, keyword.value) for keyword in call.keywords)]


def arguments_by_parameter(call: ast.Call, function: Function) -> Iterator[tuple[str, ast.expr]]:
    """Yield the parameters of a function for which a call gives arguments, each with the argument."""
    places = function.explicit_parameters
    for position, (keyword, value) in enumerate(arguments(call)):
        name = keyword if keyword is not None else places[position] if position < len(places) else None
        if name is not None:
            yield name, value


def open_mode(node: ast.expr) -> str:
    """Return the mode in a call of open, or of a method with that name: `r` by default, `?` if it is unknown."""
    if not isinstance(node, ast.Call):
        return "r"
    is_attribute = isinstance(node.func, ast.Attribute)  # `path.open(mode)`, or `gzip.open(path, mode)`
    for number, (keyword, value) in enumerate(arguments(node)):
        if keyword != "mode" if keyword is not None else number > 1 or number == 0 and not is_attribute:
            continue
        is_mode = keyword is not None or number == 1
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            if is_mode or set(value.value) <= _MODE_LETTERS:
                return value.value
        elif is_mode:
            return "?"
    return "r"


_MODE_LETTERS = frozenset("rwaxbtU+")

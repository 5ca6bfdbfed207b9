"""Responses and files that a worker would return unread. A server may not serve the next request until a response is read."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import libcst as cst

from par_lint.analysis.effects.closed_file_data import EAGER_BUILTINS
from par_lint.analysis.effects.shared_iterators import as_standard_node, bound_in
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.scopes import Function, Scope
from par_lint.analysis.semantics.values import Named, Object, Value
from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.catalog.entry import Trait
from par_lint.core.findings import ReasonKind

_RESPONSE_TYPES = frozenset({"http.client.HTTPResponse", "socket.socket"})
_OPEN = _RESPONSE_TYPES | {"io.File", "zipfile.ZipFile", "tarfile.TarFile"}
_READS_ALL_OR_NOTHING = EAGER_BUILTINS - {"next"} | {"isinstance", "type", "id", "hasattr"}
"""Built-in functions that read all of their argument, or nothing of it, and return data; others may keep the response."""
_STREAMING_METHODS = frozenset({"iter_content", "iter_lines", "makefile", "detach"})
_STREAMING = frozenset({"raw", "fp"})
_READ_WHOLE = frozenset({"read", "readlines", "json"})


def unread_value_verdict(value: cst.BaseExpression, facts: Facts) -> Verdict:
    """Return the verdict on an expression whose value is a response or a file that is still unread."""
    return unread_response_verdict(value) if _UnreadResults(facts).is_open(as_standard_node(value, value, facts), facts.scope(value)) else Verdict()


def unread_response_verdict(at: cst.CSTNode) -> Verdict:
    """Return the verdict on returning an unread response or file."""
    return Verdict(Level.UNSAFE, ReasonKind.SHARED("several unread responses would be open at the same time"), at)


def returns_unread_response(callee: Value | None, facts: Facts) -> bool:
    """Return whether a function returns an unread response."""
    match callee:
        case Function():
            return any(_UnreadResults(facts).is_open(value, callee) for value in callee.returned)
        case Named(name=name):
            return facts.resolver.catalog.returns(name) in _RESPONSE_TYPES
        case _:
            return False


def unread_names_verdict(names: Iterable[str], moved: Iterable[cst.CSTNode], at: cst.CSTNode, facts: Facts) -> Verdict:
    """Return the verdict on names bound by moved statements to responses that they do not read."""
    moved = list(moved)
    for name in names:
        read = any(
            isinstance(node, cst.Attribute) and node.attr.value in _READ_WHOLE and isinstance(node.value, cst.Name) and node.value.value == name
            for part in moved for node in descend(part)
        )  # fmt: skip
        value = facts.resolver.value((name,), facts.scope(at), facts.line(at) + 1_000_000)
        if not read and isinstance(value, Object) and value.type in _RESPONSE_TYPES:
            return unread_response_verdict(at)
        for bound in () if read else _values_of(name, moved):
            if (found := unread_value_verdict(bound, facts)).level > Level.READ:
                return found
    return Verdict()


def _values_of(name: str, moved: Iterable[cst.CSTNode]) -> Iterator[cst.BaseExpression]:
    """Yield what moved statements bind a name to."""
    for node in (inner for part in moved for inner in descend(part)):
        match node:
            case cst.Assign(targets=targets, value=value) if any(name in bound_names(target.target) for target in targets):
                yield value
            case cst.AnnAssign(target=target, value=cst.BaseExpression() as value) | cst.NamedExpr(target=target, value=value) if name in bound_names(target):
                yield value
            case _:
                pass


class _UnreadResults:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._asked: set[int] = set()
        self._handed: set[tuple[Scope, str]] = set()

    def is_open(self, node: ast.expr, scope: Scope) -> bool:
        if id(node) in self._asked:
            return False
        self._asked.add(id(node))
        match node:
            case ast.Call():
                return self._is_call(node, scope)
            case ast.Attribute(value=value, attr=name):
                return name in _STREAMING and self.is_open(value, scope)
            case ast.Name(id=name):
                return (scope, name) in self._handed or any(self.is_open(value, scope) for value, depth in bound_in(scope, self._facts.resolver).get(name, ()) if not depth)
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts) | ast.Dict(values=parts) | ast.BoolOp(values=parts):
                return any(self.is_open(part, scope) for part in parts)
            case ast.IfExp(body=first, orelse=second):
                return self.is_open(first, scope) or self.is_open(second, scope)
            case ast.DictComp(key=part, value=None):
                return self.is_open(part, scope)
            case ast.NamedExpr(value=part) | ast.Starred(value=part) | ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.DictComp(value=part):
                return self.is_open(part, scope)
            case ast.GeneratorExp(generators=[first, *_]):
                return self.is_open(first.iter, scope)
            case _:
                return False

    def _hand_over(self, call: ast.Call, function: Function, scope: Scope) -> None:
        """Record the parameters of a function that get an unread response or an open file."""
        given = [*zip(function.explicit_parameters, call.args), *((one.arg, one.value) for one in call.keywords if one.arg is not None)]
        self._handed.update((function, name) for name, value in given if self.is_open(value, scope))

    def _is_call(self, call: ast.Call, scope: Scope) -> bool:
        resolver = self._facts.resolver
        callee = resolver.value(access_path(call.func), scope, call.lineno)
        if isinstance(callee, Function):
            self._hand_over(call, callee, scope)
            return any(self.is_open(value, callee) for value in callee.returned)
        if isinstance(callee, Named):
            name, catalog = callee.name, resolver.catalog
            if name in _READS_ALL_OR_NOTHING or catalog.has_trait(name, Trait.READS_ALL) or catalog.has_trait(name, Trait.READS_TABLE):
                return False
            late = catalog.lazy_keyword(name) if catalog.has_trait(name, Trait.HTTP) else None
            if late is not None and any(one.arg == late and not _is_false(one.value) for one in call.keywords):
                return True
        if isinstance(call.func, ast.Attribute) and call.func.attr in _STREAMING_METHODS:
            return self.is_open(call.func.value, scope)
        if any(self.is_open(arg, scope) for arg in (*call.args, *(one.value for one in call.keywords))):
            return True
        given = resolver.value(access_path(call), scope, call.lineno)
        return isinstance(given, Object) and given.type in _OPEN


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value

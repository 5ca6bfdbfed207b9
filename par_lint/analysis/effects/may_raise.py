"""Whether code may raise. A statement that cannot raise may stay before the I/O of a loop: it has no error that must come first."""

from __future__ import annotations

import ast
import math
import os
import re
import sys
import time
from bisect import bisect_right
from collections.abc import Iterable, Set
from itertools import chain

import libcst as cst

from par_lint.analysis.effects.value_types import COLLECTIONS, FLAT, PATH, ValueTypes, result_of
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.scopes import Function, Scope
from par_lint.analysis.semantics.values import LocalObject, Named, Value
from par_lint.analysis.syntax.nodes import children, descend
from par_lint.analysis.variables.definite_assignment import DefiniteAssignment, free_names, is_bound_before
from par_lint.core.catalog.entry import Kind
from par_lint.core.memo import memoized_for_last

_TEXT = frozenset({str, PATH})
_NUMBERS = frozenset({int, float, bool})
_ANY = frozenset({"isinstance", "issubclass", "type", "id", "callable", "bool", "repr", "str"})
"""Built-ins that accept any data."""
_MAKING = frozenset({"list", "tuple", "set", "frozenset", "dict", "enumerate", "zip", "sorted"})
_OF_PATHS = frozenset({"join", "basename", "dirname", "splitext", "split", "normpath", "normcase", "isabs", "exists", "lexists", "isfile", "isdir", "islink"})
_CLOCKS = frozenset({"time.time", "time.time_ns", "time.perf_counter", "time.perf_counter_ns", "time.monotonic", "time.monotonic_ns", "time.process_time"})
_TEXT_METHODS = frozenset("strip lstrip rstrip removeprefix removesuffix lower upper title casefold capitalize swapcase replace startswith endswith splitlines "
                          "isdigit isalpha isalnum isspace isupper islower isidentifier count find rfind".split())
_FILLING = {"append": list, "appendleft": None, "add": set, "discard": set}
_MODULES = {"os": os, "os.path": os.path, "sys": sys, "time": time, "re": re, "math": math}
_FUNCTIONS = frozenset({
    "json.loads", "json.dumps", "ast.walk", "ast.parse", "ast.literal_eval", "csv.reader", "csv.DictReader", "io.StringIO", "io.BytesIO", "pickle.loads", "textwrap.dedent",
    "hashlib.md5", "hashlib.sha1", "hashlib.sha256", "hashlib.sha512", "zlib.crc32", "base64.b64encode", "itertools.chain", "collections.Counter", "html.unescape",
    "xml.etree.ElementTree.fromstring", "tomllib.loads", "struct.unpack", "sys.stdout.write", "sys.stderr.write",
})  # fmt: skip
_RESULT_LENGTHS = {"os.path.split": 2, "os.path.splitext": 2, "os.path.splitdrive": 2}


@memoized_for_last
def types_of(facts: Facts) -> ValueTypes:
    """Return the value types of a file, cached."""
    return ValueTypes(facts)


def possibly_unbound_names(loop: cst.CSTNode, own: Set[str], facts: Facts) -> frozenset[str]:
    """Return the names that a loop reads and that may be unbound then: bound on some paths only, or nowhere."""
    if isinstance(loop, cst.For):
        flow = DefiniteAssignment(facts)
        flow.names_bound_after([loop.body], frozenset(own))
        looked: Iterable[str] = flow.early
        statement: cst.CSTNode = loop
    else:
        looked = {name.value for name in free_names(loop)}
        statement = facts.enclosing_statement(loop) or loop
    scope = facts.scope(loop)
    return frozenset(name for name in looked if name not in own and not _is_bound(name, statement, scope, facts))


def _is_bound(name: str, statement: cst.CSTNode, scope: Scope, facts: Facts) -> bool:
    found = scope.find(name)
    if found is None:
        return facts.is_builtin(name, statement)
    home = found[0]
    if home is facts.index.module:
        return name in _of_module(facts)
    if home is scope:
        around = facts.enclosing_function(statement)
        first = _bound_from(around, facts).get(name) if around is not None else None
        return first is not None and first < facts.tree.number(statement) or is_bound_before(name, statement, facts)
    inner = scope
    while inner.parent is not None and inner.parent is not home:
        inner = inner.parent
    return isinstance(home, Function) and (name in home.parameters or found[1][0].line < getattr(inner.node, "lineno", 0))


@memoized_for_last
def _bound_from(around: cst.FunctionDef, facts: Facts) -> dict[str, int]:
    """Return the names that the top-level block of a function surely binds, each with the number of the node from which it is bound."""
    found = {inner.name.value: -1 for inner in descend(around.params) if isinstance(inner, cst.Param)}
    flow, bound = DefiniteAssignment(facts), frozenset(found)
    for statement in around.body.body:
        after = flow.names_bound_after([statement], bound)
        if after is None:
            break
        found.update(dict.fromkeys(after - found.keys(), facts.tree.number(statement)))
        bound = after
    for name in facts.deleted(around.body):
        found.pop(name, None)
    return found


@memoized_for_last
def _of_module(facts: Facts) -> frozenset[str]:
    """Return the names that a module binds on every path; if an import fails, its handler binds the same names."""
    sure: set[str] = set()
    body = facts.index.tree.body
    for name, bindings in facts.index.module.bindings.items():
        lines = [one.line for one in bindings]
        for line in lines:
            place = bisect_right(body, line, key=lambda node: node.lineno) - 1
            if place >= 0 and _binds_surely(body[place], lines):
                sure.add(name)
    gone = {target.id for statement in facts.index.tree.body if isinstance(statement, ast.Delete) for target in statement.targets if isinstance(target, ast.Name)}
    return frozenset(sure - gone)


def _binds_surely(statement: ast.stmt, lines: list[int]) -> bool:
    """Whether a statement of a module binds a name on every path. `lines` are the lines of the bindings of the name."""
    match statement:
        case ast.If(body=body, orelse=orelse):
            return _holds(body, lines) and _holds(orelse, lines)
        case ast.Try(body=body, handlers=handlers):
            ways = [one.body for one in handlers if not isinstance(one.body[-1], ast.Raise)]
            return _holds(body, lines) and all(_holds(way, lines) for way in ways)
        case ast.For() | ast.While() | ast.Match() | ast.AsyncFor():
            return False
        case _:
            return True


def _holds(body: list[ast.stmt], lines: list[int]) -> bool:
    return any(one.lineno <= line <= (one.end_lineno or 0) for one in body for line in lines)


def may_raise(node: cst.CSTNode, unsure: Set[str], facts: Facts) -> bool:
    """Return whether a statement, or a part of one, may raise, which is assumed of unknown code. `unsure` are the names that may be unbound."""
    judge = _RaiseAnalysis(facts, facts.scope(node), unsure)
    return any(judge.may_raise(one) for one in _standard(node, facts))


def _standard(node: cst.CSTNode, facts: Facts) -> list[ast.AST]:
    """Return the standard tree of a slice's node."""
    found = facts.counterparts.of(node)
    if found:
        return list(found)
    if isinstance(node, cst.BaseExpression):
        tree = ast.parse(f"({facts.module.code_for_node(node)}\n)", mode="eval").body if not isinstance(node, cst.Yield) else ast.Yield()
        ast.increment_lineno(tree, max(facts.line(node), 1) - 1)
        return [tree]
    if isinstance(node, (cst.BaseStatement, cst.BaseSmallStatement)):
        return [ast.Raise()]  # not found: unknown
    return list(chain.from_iterable(_standard(child, facts) for child in children(node)))


class _RaiseAnalysis:
    """Decides whether nodes of one scope may raise."""

    def __init__(self, facts: Facts, scope: Scope, unsure: Set[str]) -> None:
        self._facts = facts
        self._scope = scope
        self._unsure = unsure
        self._types = types_of(facts)

    def may_raise(self, node: ast.AST) -> bool:
        match node:
            case ast.expr():
                return self._expression(node)
            case ast.Assign(targets=targets, value=value):
                return self._expression(value) or any(self._target(target, value) for target in targets)
            case ast.AnnAssign(target=target, value=value):
                return value is not None and (self._expression(value) or self._target(target, value))
            case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
                return name in self._unsure or self._expression(value) or self._operator(target, op, value)
            case ast.Expr(value=value):
                return self._expression(value)
            case ast.If(test=test, body=body, orelse=orelse):
                return self._truth(test) or any(map(self.may_raise, (*body, *orelse)))
            case ast.For(target=ast.Name(), iter=iterable, body=body, orelse=orelse):
                return self._items(iterable) or any(map(self.may_raise, (*body, *orelse)))
            case ast.While(test=test, body=body, orelse=orelse):
                return self._truth(test) or any(map(self.may_raise, (*body, *orelse)))
            case ast.Pass() | ast.Continue() | ast.Break() | ast.Global() | ast.Nonlocal():
                return False
            case _:
                return True

    def _target(self, target: ast.expr, value: ast.expr) -> bool:
        match target:
            case ast.Name():
                return False
            case ast.Tuple(elts=parts) | ast.List(elts=parts) if all(isinstance(part, ast.Name) for part in parts):
                if isinstance(value, (ast.Tuple, ast.List)):
                    return len(value.elts) != len(parts) or any(isinstance(one, ast.Starred) for one in value.elts)
                return self._known_length(value) != len(parts)
            case _:
                return True

    def _known_length(self, value: ast.expr) -> int:
        """Return the number of elements in the result of a call, if it is known."""
        match value:
            case ast.Call(func=ast.Attribute(value=owner, attr="partition" | "rpartition")) if self._types.of(owner, self._scope) is str:
                return 3
            case ast.Call():
                callee = self._callee(value)
                return _RESULT_LENGTHS.get(callee.name, -1) if isinstance(callee, Named) else -1
            case _:
                return -1

    def _expression(self, node: ast.expr) -> bool:
        match node:
            case ast.Constant() | ast.Lambda():
                return False
            case ast.Name(id=name):
                return name in self._unsure
            case ast.JoinedStr(values=values):
                return any(map(self._formatted, values))
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return any(map(self._element, parts))
            case ast.Set(elts=parts):
                return any(map(self._element, parts)) or not all(map(self._is_key, parts))
            case ast.Dict(keys=keys, values=values):
                return None in keys or any(map(self._expression, (*(key for key in keys if key is not None), *values))) or not all(self._is_key(key) for key in keys if key)
            case ast.BoolOp(values=values):
                return any(map(self._truth, values))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._truth(test) or self._expression(body) or self._expression(orelse)
            case ast.NamedExpr(value=value):
                return self._expression(value)
            case ast.UnaryOp(op=op, operand=operand):
                return self._truth(operand) or not isinstance(op, ast.Not) and self._types.of(operand, self._scope) not in (int, float)
            case ast.BinOp(left=left, op=op, right=right):
                return self._expression(left) or self._expression(right) or self._operator(left, op, right)
            case ast.Compare(left=left, ops=operators, comparators=others):
                pairs = zip((left, *others), operators, others)
                return any(map(self._expression, (left, *others))) or any(self._compared(*pair) for pair in pairs)
            case ast.Attribute(value=value, attr=name):
                return self._expression(value) or bool(self._facts.properties(name)) or self._attribute(node, value, name)
            case ast.Subscript(value=value, slice=ast.Slice(lower=lower, upper=upper, step=None)):
                bounds = [one for one in (lower, upper) if one is not None]
                is_text = self._types.of(value, self._scope) in (str, bytes, list, tuple)
                return not is_text or any(map(self._expression, (value, *bounds))) or any(self._types.of(one, self._scope) is not int for one in bounds)
            case ast.Call():
                return self._call(node)
            case _:
                return True

    def _truth(self, node: ast.expr) -> bool:
        return self._expression(node) or self._may_call_special_method(node, "__bool__", "__len__")

    def _may_call_special_method(self, node: ast.expr, *hooks: str) -> bool:
        """Whether Python may call one of some special methods for a value, and a class of the file defines it: the method may raise."""
        return any(map(self._facts.methods, hooks)) and self._types.of(node, self._scope) not in FLAT | COLLECTIONS

    def _element(self, node: ast.expr) -> bool:
        return self._items(node.value) if isinstance(node, ast.Starred) else self._expression(node)

    def _items(self, node: ast.expr) -> bool:
        """Whether iterating over a value may raise."""
        return self._expression(node) or self._types.of(node, self._scope) not in COLLECTIONS | {str, bytes} and not self._is_range(node)

    def _is_range(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and self._callee(node) in (Named("range"), Named("enumerate"), Named("zip"), Named("reversed"))

    def _is_key(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Tuple):
            return all(map(self._is_key, node.elts))
        return self._types.of(node, self._scope) in FLAT

    def _formatted(self, node: ast.expr) -> bool:
        match node:
            case ast.FormattedValue(value=value, format_spec=None):
                return self._expression(value) or self._may_call_special_method(value, "__str__", "__repr__", "__format__")
            case ast.FormattedValue(value=value, format_spec=ast.JoinedStr(values=[ast.Constant(value=str(spec))]), conversion=conversion):
                found = str if conversion != -1 else self._types.of(value, self._scope)
                return self._expression(value) or not _is_format(spec, found)
            case ast.Constant():
                return False
            case _:
                return True

    def _operator(self, left: ast.expr, op: ast.operator, right: ast.expr) -> bool:
        first, second = self._types.of(left, self._scope), self._types.of(right, self._scope)
        match op:
            case ast.Div() | ast.FloorDiv() | ast.Mod() if first in _NUMBERS:
                return second not in _NUMBERS or not (isinstance(right, ast.Constant) and bool(right.value))
            case ast.Mod():
                return not self._is_fitting(left, right)
            case ast.Mult():
                return first not in _NUMBERS or second not in _NUMBERS
            case ast.Pow() | ast.LShift() | ast.RShift() | ast.MatMult():
                return True
            case _:
                return result_of(op, first, second) is None

    def _is_fitting(self, left: ast.expr, right: ast.expr) -> bool:
        """Whether a format string with `%s` gets as many values as it needs."""
        if not isinstance(left, ast.Constant) or not isinstance(left.value, str):
            return False
        values = right.elts if isinstance(right, ast.Tuple) else [right]
        if not isinstance(right, ast.Tuple) and self._types.of(right, self._scope) not in FLAT:
            return False
        return left.value.count("%") == left.value.count("%s") == len(values)

    def _compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> bool:
        first, second = self._types.of(left, self._scope), self._types.of(right, self._scope)
        match op:
            case ast.Is() | ast.IsNot():
                return False
            case ast.Eq() | ast.NotEq():
                return self._may_call_special_method(left, "__eq__", "__ne__") or self._may_call_special_method(right, "__eq__", "__ne__")
            case ast.In() | ast.NotIn():
                if second in (list, tuple):
                    return any(map(self._facts.methods, ("__eq__", "__ne__")))
                return not self._is_key(left) if second in (set, frozenset, dict) else not (first is second is str)
            case _:
                return not (first in _NUMBERS and second in _NUMBERS or first is not None and first is second and first in (str, bytes, PATH))

    def _attribute(self, node: ast.Attribute, value: ast.expr, name: str) -> bool:
        found = self._types.of(value, self._scope)
        if found is not None:
            return not self._types.has(found, name)
        owner = self._facts.resolver.value(access_path(value), self._scope, node.lineno)
        if isinstance(owner, LocalObject) and isinstance(self._scope, Function):
            return not self._types.is_always_bound(owner, value, name, self._scope)
        return not (isinstance(owner, Named) and (_has(owner.name, name) or self._is_listed(f"{owner.name}.{name}")))

    def _is_listed(self, name: str) -> bool:
        """Whether a qualified name is in the catalogue, or is a function of the standard library that it describes."""
        return self._facts.resolver.catalog.find(name) is not None or name in _FUNCTIONS

    # Calls --------------------------------------------------------------------------------------------------------

    def _callee(self, node: ast.Call) -> Value | None:
        return self._facts.resolver.value(access_path(node.func), self._scope, node.lineno)

    def _call(self, node: ast.Call) -> bool:
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(keyword.arg is None for keyword in node.keywords) or any(map(self._element, given)):
            return True
        types = [self._types.of(one, self._scope) for one in given]
        if isinstance(node.func, ast.Attribute) and (owner := self._types.of(node.func.value, self._scope)) is not None:
            return self._expression(node.func.value) or self._method(owner, node.func.attr, given, types)
        callee = self._callee(node)
        return not isinstance(callee, Named) or self._named(callee.name, node, given, types)

    def _method(self, owner: type, name: str, given: list[ast.expr], types: list[type | None]) -> bool:
        if name in _FILLING and owner is _FILLING[name]:
            return len(given) != 1 or owner is set and not self._is_key(given[0])
        if owner in (list, set, dict) and name in ("copy", "clear", "keys", "values", "items", "reverse"):
            return bool(given) or name == "reverse" and owner is not list
        if owner in (list, set) and name in ("extend", "update") and len(given) == 1:
            return types[0] not in COLLECTIONS | {str} or owner is set
        if owner is dict and name in ("get", "setdefault"):
            return not 1 <= len(given) <= 2 or not self._is_key(given[0])
        if owner is str and name in ("split", "rsplit"):
            return not (len(given) == 0 or len(given) == 1 and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str) and bool(given[0].value))
        if owner is str and name in ("partition", "rpartition"):
            return not (len(given) == 1 and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str) and bool(given[0].value))
        if owner is str and name == "join":
            return not (len(given) == 1 and isinstance(given[0], (ast.List, ast.Tuple)) and all(self._types.of(one, self._scope) is str for one in given[0].elts))
        if owner is str and name in _TEXT_METHODS:
            return any(one is not str for one in types) or not _fits(str, name, len(given))
        if owner is PATH and name == "joinpath":
            return any(one not in _TEXT for one in types)
        return not (owner is PATH and name in ("as_posix", "is_absolute") and not given)

    def _named(self, name: str, node: ast.Call, given: list[ast.expr], types: list[type | None]) -> bool:
        if name in _ANY:
            hooks = ("__bool__", "__len__") if name == "bool" else ("__str__", "__repr__") if name in ("str", "repr") else ()
            return not given or len(given) > 2 or name == "str" and len(given) > 1 or name == "issubclass" or self._may_call_special_method(given[0], *hooks)
        if name == "len":
            return len(given) != 1 or types[0] not in COLLECTIONS | {str, bytes}
        if name == "reversed":
            return len(given) != 1 or types[0] not in (list, tuple, str, range)
        if name in _MAKING:
            return any(one not in COLLECTIONS | {str, bytes} for one in types) or name in ("sorted", "set", "frozenset", "dict") and bool(given) or bool(node.keywords)
        if name in ("min", "max"):
            return len(given) < 2 or any(one not in _NUMBERS for one in types)
        if name == "range":
            return not 1 <= len(given) <= 2 or any(one is not int for one in types)
        if name in ("int", "float", "abs", "round"):
            return len(given) != 1 or types[0] not in (int, bool)
        if name.startswith(("os.path.", "posixpath.")):
            return name.rpartition(".")[2] not in _OF_PATHS or not given or any(one not in _TEXT for one in types)
        if name in ("pathlib.Path", "pathlib.PurePath"):
            return any(one not in _TEXT for one in types) or bool(node.keywords)
        if name in _CLOCKS:
            return bool(given)
        entry = self._facts.resolver.catalog.find(name)
        return entry is None or entry.kind is not Kind.LOG


def _fits(owner: type, name: str, number: int) -> bool:
    """Whether a method accepts this number of strings."""
    try:
        getattr(owner(), name)(*["a"] * number)
    except TypeError:
        return False
    return True


def _is_format(spec: str, found: type | None) -> bool:
    if found not in (int, float, str):
        return False
    try:
        format(found(), spec)
    except ValueError:
        return False
    return True


def _has(module: str, name: str) -> bool:
    """Whether a module of the standard library has an attribute."""
    return module in _MODULES and hasattr(_MODULES[module], name)

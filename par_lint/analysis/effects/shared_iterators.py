"""Objects that return something different each time and that iterations would share: iterators, open files, queues.

Judged by what the file shows: bindings of names, and arguments for parameters. Everything else is assumed to be plain data.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.alternatives import alternatives
from par_lint.analysis.semantics.ast_walk import LEAVES, children
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.scopes import CallSite, Function, Scope
from par_lint.analysis.semantics.values import Named, Object, Value
from par_lint.core.catalog.entry import Sharing, Trait, spread
from par_lint.core.memo import memoized_for_last

_ITERATOR_MAKERS = frozenset(spread("""
    iter map filter zip enumerate reversed csv.{reader DictReader} os.{scandir walk fwalk} glob.iglob re.finditer re.Pattern.finditer
    pathlib.Path.{glob rglob iterdir walk} xml.etree.ElementTree.iterparse fileinput.input tokenize.{tokenize generate_tokens} heapq.merge ast.walk
    difflib.{unified_diff ndiff context_diff} pkgutil.{walk_packages iter_modules} struct.iter_unpack string.Formatter.parse
    socket.create_connection http.client.HTTPConnection.getresponse importlib.resources.open_text multiprocessing.{Queue SimpleQueue JoinableQueue Pipe}
"""))
"""Functions that return an iterator, or another object that is consumed."""
_COLLECTING = frozenset(spread("list tuple set frozenset sorted dict collections.{deque OrderedDict}"))
_ITEM_PRESERVING = _COLLECTING | frozenset(spread("iter filter zip enumerate reversed heapq.merge"))
"""Functions that return the items of their argument."""
_DEEPEST = 4
_SCOPES = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda})
_BINDING = frozenset({ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.comprehension, ast.withitem, ast.Call})
_DATA_MODULES = frozenset({"datetime", "decimal", "fractions", "pathlib", "uuid", "ipaddress", "zoneinfo", "enum", "email", "logging", "string", "argparse", "urllib", "array"})
_DATA = frozenset(spread("""
    collections.{OrderedDict Counter defaultdict deque namedtuple ChainMap UserDict UserList UserString} types.{SimpleNamespace MappingProxyType}
    xml.etree.ElementTree.{Element ElementTree} configparser.{ConfigParser RawConfigParser} re.{Pattern Match} argparse.{Namespace ArgumentParser} os.DirEntry
    json.{JSONEncoder JSONDecoder} threading.{Lock RLock Event} inspect.Signature functools.partial os.stat_result
"""))
_STREAMS = frozenset(spread("sys.{stdin __stdin__} sys.stdin.buffer"))
_NON_CONSUMING_BUILTINS = frozenset({
    "isinstance", "issubclass", "len", "type", "id", "repr", "str", "hasattr", "getattr", "callable", "hash", "bool", "format", "int", "float",
    "abs", "round", "chr", "ord",
})  # fmt: skip
"""Built-ins that inspect an object, and remove nothing from it."""
_ITERATING = frozenset({"Iterator", "Generator", "IO", "TextIO", "BinaryIO"})


def may_consume_arguments(name: str) -> bool:
    """Return whether a function may remove something from its arguments."""
    return name not in _NON_CONSUMING_BUILTINS


def is_consumed_by_use(node: cst.BaseExpression, at: cst.CSTNode, facts: Facts, *, inside: bool = False) -> bool:
    """Return whether the object of an expression, or its contents, is consumed by use."""
    if type(node) not in (cst.Name, cst.Attribute, cst.Subscript, cst.IfExp, cst.BooleanOperation, cst.NamedExpr, cst.Call) and not inside:
        return False
    return _is_exhausted_by_use(node, at, inside, facts)


@memoized_for_last
def _is_exhausted_by_use(node: cst.BaseExpression, at: cst.CSTNode, inside: bool, facts: Facts) -> bool:
    parsed = as_standard_node(node, at, facts)
    scope = facts.scope(at)
    if isinstance(parsed, ast.Call) and not inside:
        return is_iterator(parsed, scope, facts.resolver)
    return _Origins(facts.resolver).is_one(parsed, scope, int(inside))


def is_iterator(node: ast.expr, scope: Scope, resolver: Resolver) -> bool:
    """Return whether an expression is seen to be an iterator that existed before, or another object that is consumed by use."""
    judge = _Origins(resolver)
    if isinstance(node, ast.Call):
        callee = resolver.value(access_path(node.func), scope, node.lineno)
        return isinstance(callee, Function) and any(judge.is_one(value, callee) for value in callee.returned if _is_preexisting(value, callee))
    return judge.is_one(node, scope)


def gives_items_one_at_a_time(node: cst.BaseExpression, at: cst.CSTNode, facts: Facts) -> bool:
    """Return whether an iterable is seen to be an iterator, such as a walk, an open file or a `csv.reader`: it is never read ahead without being asked."""
    return _Origins(facts.resolver).is_one(as_standard_node(node, at, facts), facts.scope(at))


def is_parameter_consumable(function: Function, name: str, facts: Facts) -> bool:
    """Return whether the default of a parameter, or an argument that the file passes for it, is consumed by use."""
    judge = _Origins(facts.resolver)
    return any(judge.is_one(value, home, depth) for value, home, depth in _arguments_for(function, name, facts.resolver))


def is_created_elsewhere(node: cst.BaseExpression, at: cst.CSTNode, facts: Facts) -> bool:
    """Return whether the object of an expression is created by code of another file, or is an object of a class in this one."""
    judge = _Origins(facts.resolver, unseen=True)
    return judge.is_one(as_standard_node(node, at, facts), facts.scope(at))


def as_standard_node(node: cst.BaseExpression, at: cst.CSTNode, facts: Facts) -> ast.expr:
    """Return an expression as a node of the standard tree, at the line of its code."""
    site = facts.site(node) if isinstance(node, cst.Call) else None
    if site is not None:
        return site.node
    if isinstance(node, cst.Name) and node.value not in ("None", "True", "False"):  # by far the most frequent
        return ast.Name(node.value, ast.Load(), lineno=facts.line(at), col_offset=1)
    parsed = ast.parse(f"({cst.Module([]).code_for_node(node)})", mode="eval").body
    ast.increment_lineno(parsed, facts.line(at) - 1)
    return parsed


def _is_preexisting(node: ast.expr, function: Function) -> bool:
    """Whether a function may return an object that existed before the call."""
    root = access_path(node)[0]
    return isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and (root not in function.bindings or root in function.parameters)


class _Origins:
    """Follows expressions to the objects from which they come."""

    def __init__(self, resolver: Resolver, *, unseen: bool = False) -> None:
        """With `unseen`, look for objects that other code created instead."""
        self.resolver = resolver
        self._unseen = unseen
        self._asked: set[tuple[int, int]] = set()

    def is_one(self, node: ast.expr, scope: Scope, depth: int = 0) -> bool:
        """Return whether an expression is consumed by use, or its items are, or at depth 2 the items of those."""
        if depth > _DEEPEST or (id(node), depth) in self._asked:
            return False
        self._asked.add((id(node), depth))
        return self._ask(node, scope, depth)

    def _items(self, nodes: list[ast.expr], scope: Scope, depth: int) -> bool:
        """The same for the items of a display."""
        return depth > 0 and any(self.is_one(node, scope, depth if isinstance(node, ast.Starred) else depth - 1) for node in nodes)

    def _ask(self, node: ast.expr, scope: Scope, depth: int) -> bool:
        match node:
            case ast.IfExp() | ast.BoolOp() | ast.NamedExpr():
                return any(self.is_one(one, scope, depth) for one in alternatives(node))
            case ast.Starred(value=value):
                return self.is_one(value, scope, depth)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return self._items(parts, scope, depth)
            case ast.Dict(values=parts):
                return self._items(parts, scope, depth)
            case ast.DictComp(key=part, value=None):
                return self.is_one(part, scope, depth)
            case ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.DictComp(value=part):
                return self._items([part], scope, depth)
            case ast.GeneratorExp(elt=part):
                return self._items([part], scope, depth) if depth else not self._unseen
            case ast.Subscript(value=value, slice=key):
                return self.is_one(value, scope, depth if isinstance(key, ast.Slice) else depth + 1)
            case ast.Call():
                return self._is_call(node, scope, depth)
            case ast.Name(id=name):
                return not depth and self._is_stateful(node, scope) or self._is_name(name, scope, depth)
            case ast.Attribute(attr=name):
                stored = _stored(name, self.resolver)
                return not depth and self._is_stateful(node, scope) or any(self.is_one(value, home, depth) for value, home in stored)
            case _:
                return False

    def _value(self, node: ast.expr, scope: Scope) -> Value | None:
        return self.resolver.value(access_path(node), scope, node.lineno)

    def _is_call(self, call: ast.Call, scope: Scope, depth: int) -> bool:
        callee = self._value(call.func, scope)
        if isinstance(callee, Function):
            return callee.is_generator and not depth or any(self.is_one(value, callee, depth) for value in callee.returned)
        name = self.resolver.catalog.canonical(callee.name) if isinstance(callee, Named) else ""
        if self._unseen:
            if self.resolver.is_known_root(name.partition(".")[0]):
                return depth > 0 and any(self.is_one(arg, scope, one) for arg in call.args for one in (depth - 1, depth))
            return callee is not None
        if name in _ITEM_PRESERVING or self._makes_iterator(name) or name.startswith("itertools."):
            return self._is_in_given(call, name, scope, depth) if depth else name not in _COLLECTING
        if isinstance(call.func, ast.Attribute) and depth:
            within = depth - (call.func.attr == "items")
            return within > 0 and call.func.attr in ("values", "items", "copy", "get") and self.is_one(call.func.value, scope, within)
        return not depth and self._is_stateful(call, scope)

    def _is_in_given(self, call: ast.Call, name: str, scope: Scope, depth: int) -> bool:
        """The same for the items of a function that iterates over its arguments."""
        if name == "map":
            return depth == 1 and self._gives_one(call, scope)
        within = depth - 1 if name in ("zip", "enumerate", "itertools.zip_longest") else depth
        return (name in _ITEM_PRESERVING or not self._makes_iterator(name)) and within > 0 and any(self.is_one(arg, scope, within) for arg in call.args)

    def _makes_iterator(self, name: str) -> bool:
        return name in _ITERATOR_MAKERS or self.resolver.catalog.has_trait(name, Trait.RETURNS_ITERATOR)

    def _is_stateful(self, node: ast.expr, scope: Scope) -> bool:
        return not self._unseen and _is_stateful(self._value(node, scope), self.resolver)

    def _gives_one(self, call: ast.Call, scope: Scope) -> bool:
        """Whether the function that `map` calls returns an object that is consumed by use."""
        match self._value(call.args[0], scope) if call.args else None:
            case Function() as function:
                return any(self.is_one(value, function) for value in function.returned)
            case Named(name=name):
                given = self.resolver.catalog.returns(name)
                return given is not None and _is_stateful(Object(given), self.resolver)
            case _:
                return False

    def _is_name(self, name: str, scope: Scope, depth: int) -> bool:
        found = scope.find(name)
        if found is None:
            return False
        home = found[0]
        if any(self.is_one(value, home, depth + further) for value, further in bound_in(home, self.resolver).get(name, ())):
            return True
        return isinstance(home, Function) and name in home.parameters and any(
            self.is_one(value, where, depth + further) for value, where, further in _arguments_for(home, name, self.resolver)
        )


def _is_stateful(value: Value | None, resolver: Resolver) -> bool:
    """Whether objects of a class are consumed by use: those of the standard library are, except data."""
    if isinstance(value, Named):
        return value.name in _STREAMS
    if not isinstance(value, Object):
        return False
    sharing = resolver.catalog.sharing(value.type)
    if sharing is not None:
        return sharing is Sharing.STATEFUL
    root, dot, _ = value.type.partition(".")
    return bool(dot) and root in sys.stdlib_module_names and root not in _DATA_MODULES and value.type not in _DATA


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a body, without nested functions and classes."""
    pending = list(children(node))
    while pending:
        one = pending.pop()
        yield one
        kind = type(one)
        if kind not in LEAVES and kind not in _SCOPES:
            pending += children(one)


@memoized_for_last
def bound_in(scope: Scope, resolver: Resolver) -> dict[str, list[tuple[ast.expr, int]]]:
    """Return the bindings of each name in a scope, each with its depth: 1 for an item of the value."""
    found: dict[str, list[tuple[ast.expr, int]]] = {}
    for function in resolver.index.functions if scope.parent is None else ():
        for name in function.outward:
            found.setdefault(name, []).extend(bound_in(function, resolver).get(name, ()))

    for node in (one for one in _own(scope.node) if type(one) in _BINDING):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                        found.setdefault(target.value.id, []).append((_as_list_display(value), 0))
                    _bind(found, target, value, 0)
            case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
                _bind(found, target, value, 0)
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                _bind(found, target, value, 1)
            case ast.withitem(context_expr=value, optional_vars=target):
                _bind(found, target, value, 0)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add" | "appendleft" | "put"), args=[value]):
                found.setdefault(name, []).append((_as_list_display(value), 0))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="extend" | "update"), args=[value]):
                found.setdefault(name, []).append((_as_list_display(ast.copy_location(ast.Starred(value, ast.Load()), value)), 0))
            case _:
                pass
    return found


def _bind(found: dict[str, list[tuple[ast.expr, int]]], target: ast.expr | None, value: ast.expr | None, depth: int) -> None:
    """Add the bindings of `target = value`, or of a target that gets an item of the value at depth 1."""
    match target, value:
        case (_, None) | (None, _):
            pass
        case ast.Name(id=name), ast.expr():
            found.setdefault(name, []).append((value, depth))
        case (ast.Tuple(elts=targets) | ast.List(elts=targets)), (ast.Tuple(elts=values) | ast.List(elts=values)) if len(targets) == len(values) and not depth:
            for one, its in zip(targets, values):
                _bind(found, one, its, 0)
        case ast.Tuple(elts=targets), ast.Call(func=ast.Name(id="zip"), args=values) if len(targets) == len(values) and depth == 1:
            for one, its in zip(targets, values):
                _bind(found, one, its, 1)
        case (ast.Tuple(elts=targets) | ast.List(elts=targets)), _:
            for one in targets:
                _bind(found, one.value if isinstance(one, ast.Starred) else one, value, depth + (not isinstance(one, ast.Starred)))
        case _:
            pass


def _as_list_display(value: ast.expr) -> ast.expr:
    """Return a list display with an expression as its element."""
    return ast.copy_location(ast.List([value], ast.Load()), value)


@memoized_for_last
def _stored(attribute: str, resolver: Resolver) -> list[tuple[ast.expr, Scope]]:
    """Return the values that the file assigns to attributes with a name, in methods and in class bodies."""
    found: list[tuple[ast.expr, Scope]] = []
    for cls in resolver.index.classes:
        found += [(one.value, scope) for scope, one in cls.attributes.get(attribute, ()) if one.value is not None]
        found += [(value, cls) for value, depth in bound_in(cls, resolver).get(attribute, ()) if not depth]
    return found


@memoized_for_last
def _arguments_for(function: Function, name: str, resolver: Resolver) -> list[tuple[ast.expr, Scope, int]]:
    """Return the arguments for a parameter, each with its scope and its depth: 1 if the parameter gets an item of it."""
    given = function.node.args  # type: ignore[attr-defined]
    found: list[tuple[ast.expr, Scope, int]] = []
    places = [arg.arg for arg in (*given.posonlyargs, *given.args)]
    defaults = dict(zip(reversed(places), reversed(given.defaults)))
    if name in defaults and function.parent is not None:
        found.append((defaults[name], function.parent, 0))
    annotation = next((arg.annotation for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs) if arg.arg == name), None)
    if annotation is not None and access_path(annotation.value if isinstance(annotation, ast.Subscript) else annotation)[-1] in _ITERATING:
        found.append((ast.GeneratorExp(ast.Constant(None), [], lineno=function.line, col_offset=0), function, 0))
    owner = function.owner
    known_as = {function.name, *((owner.name,) if owner is not None and function.name in ("__init__", "__new__") else ())}
    position = places.index(name) - (owner is not None and not function.is_static) if name in places else -1
    for one in sorted(known_as):
        for site in resolver.index.called(one):
            found += [(value, site.scope, depth) for value, depth in _argument(site, name, position)]
        for site in _calls_passing_names(resolver).get(one, ()):
            call = site.node
            others = [arg for arg in (*call.args, *(keyword.value for keyword in call.keywords)) if access_path(arg)[-1] not in known_as]
            found += [(arg, site.scope, depth) for arg in others for depth in (0, 1)]  # map, partial, submit
    return found


@memoized_for_last
def _calls_passing_names(resolver: Resolver) -> dict[str, list[CallSite]]:
    """Return the calls with a name as an argument, by the last part of that name."""
    found: dict[str, list[CallSite]] = {}
    for site in resolver.index.calls:
        for arg in site.node.args:
            if isinstance(arg, (ast.Name, ast.Attribute)):
                found.setdefault(access_path(arg)[-1], []).append(site)
    return found


def _argument(site: CallSite, name: str, position: int) -> Iterator[tuple[ast.expr, int]]:
    args, keywords = site.node.args, site.node.keywords
    starred = next((number for number, arg in enumerate(args) if isinstance(arg, ast.Starred)), None)
    if starred is not None and starred <= position:
        yield args[starred].value, 1  # type: ignore[attr-defined]
    elif 0 <= position < len(args):
        yield args[position], 0
    for keyword in keywords:
        if keyword.arg == name:
            yield keyword.value, 0
        elif keyword.arg is None:
            yield keyword.value, 1

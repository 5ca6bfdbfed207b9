"""The objects that code changes but did not create: names of outer scopes, attributes, containers, under any alias."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from par_lint.analysis.effects.function_values import callees
from par_lint.analysis.effects.instance_creation import creates_new_object
from par_lint.analysis.effects.library_results import ARGUMENT_MUTATORS
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.ast_walk import children, walk
from par_lint.analysis.semantics.bindings import Assigned, imported_names
from par_lint.analysis.semantics.dataflow.dotted_names import bound_names, dotted
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.scopes import Function, Scope
from par_lint.analysis.semantics.values import Named
from par_lint.core.memo import memoized_for_last

_IN_PLACE = frozenset({"__setitem__", "__delitem__", "__ior__", "__iadd__", "__setattr__", "__delattr__", "symmetric_difference_update", "move_to_end", "subtract"})
_LIST_MUTATORS = frozenset({"append", "extend", "insert", "appendleft", "popleft", "sort", "reverse"})
_SET_MUTATORS = frozenset({"add", "discard", "difference_update", "intersection_update", "symmetric_difference_update"})
_DICT_MUTATORS = frozenset({"setdefault", "popitem", "move_to_end", "subtract"})
_REFLECTIVE_CALLS = frozenset({"setattr", "delattr", "globals", "vars", "exec", "eval"})
_ADDING = frozenset({"append", "add", "insert", "setdefault"})
"""Methods that add their last argument to a container."""
CONTAINER_TYPE_BY_NODE = {ast.Dict: "dict", ast.DictComp: "dict", ast.List: "list", ast.ListComp: "list", ast.Set: "set", ast.SetComp: "set"}


class Store(NamedTuple):
    """A change of a `name` of an outer scope, of an attribute (`attr`), of the `object` of a dotted name, of one that the function created
    itself (`own`), of one in an attribute with some name (`in`), or of one with any name (`unknown`), of some kinds; `anything` if unknown.
    """

    what: str
    path: str
    node: ast.AST
    kinds: frozenset[str] = frozenset()


@memoized_for_last
def stores_in_function(function: Function, facts: Facts) -> list[Store]:
    """Return what a function of the file changes, including nested functions."""
    node = function.node
    body = node.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else [node.body]  # type: ignore[attr-defined]
    return list(stores_in(body, function, facts))


def stores_in(nodes: Iterable[ast.AST], scope: Scope, facts: Facts, skipped: frozenset[ast.AST] = frozenset()) -> Iterator[Store]:
    """Return what code in a scope changes, without some nodes."""
    pending = [(node, scope) for node in nodes]
    while pending:
        node, scope = pending.pop()
        if node in skipped:
            continue
        yield from _of_node(node, scope, facts)
        inner = _scope_of(node, scope, facts)
        pending += [(child, inner) for child in children(node)]


def _scope_of(node: ast.AST, scope: Scope, facts: Facts) -> Scope:
    """Return the scope of the nodes below a node."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
        return scope
    return scopes_by_node(facts).get(node, scope)


@memoized_for_last
def scopes_by_node(facts: Facts) -> dict[ast.AST, Scope]:
    """Return the scopes of the file by their nodes."""
    return {one.node: one for one in (*facts.index.functions, *facts.index.classes)}


def _of_node(node: ast.AST, scope: Scope, facts: Facts) -> Iterator[Store]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if name in scope.outward:
            yield Store("name", name, node)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name) if name in scope.outward:
            yield Store("name", name, node)
        case ast.Import() | ast.ImportFrom():
            yield from (Store("name", name, node) for name, _ in imported_names(node) if name in scope.outward)
        case ast.Attribute(value=value, attr=attr, ctx=ast.Store() | ast.Del()):
            if not (isinstance(value, ast.Name) and is_created_in_function(value, scope, facts)):
                yield Store("attr", attr, node)
        case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
            yield from container_change(value, scope, facts, frozenset({"dict", "list"}))
        case ast.AugAssign(target=ast.Name() as target, op=ast.Add() | ast.BitOr() | ast.BitAnd() | ast.BitXor() | ast.Sub()) if target.id not in scope.outward:
            if not isinstance(node.value, (ast.Constant, ast.JoinedStr)):
                kinds = frozenset({"list"}) if isinstance(node.op, ast.Add) else frozenset({"dict", "set"})
                yield from container_change(target, scope, facts, kinds)
        case ast.Call(func=ast.Attribute(value=value, attr=method), args=args) if method in MUTATORS | _IN_PLACE:
            if dotted(value) in ("dict", "list", "set", "bytearray", "deque", "OrderedDict", "Counter") and args:
                value = args[0]
            yield from container_change(value, scope, facts, container_types_with_method(method))
        case ast.Call(func=ast.Name(id=name)) if (values := _bound_methods(name, scope)):
            for one in values:
                yield from container_change(one.value, scope, facts, container_types_with_method(one.attr))
        case ast.Call(args=[first, *_]) if isinstance(callee := facts.known.callee(node), Named):
            if callee.name in ("setattr", "delattr"):
                match node.args[1:]:
                    case [ast.Constant(value=str(attr)), *_]:
                        yield Store("attr", attr, node)
                    case _:
                        yield Store("anything", "", node)
            elif callee.name in ARGUMENT_MUTATORS:
                yield from container_change(first, scope, facts, frozenset({"dict", "list", "set"}))
            elif callee.name in _REFLECTIVE_CALLS - {"vars", "eval"}:
                yield Store("anything", "", node)
        case ast.Call(func=ast.Name(id="globals")):
            yield Store("anything", "", node)
        case ast.Attribute(value=value, attr=method, ctx=ast.Load()) if method in MUTATORS | _IN_PLACE and _is_value(node, facts):
            yield from container_change(value, scope, facts, container_types_with_method(method))
        case _:
            pass


def _bound_methods(name: str, scope: Scope) -> list[ast.Attribute]:
    """Yield the mutating methods to which a name is bound: `put = found.update`."""
    found = scope.find(name)
    values = [one.value for one in found[1] if isinstance(one, Assigned)] if found is not None else []
    return [one for one in values if isinstance(one, ast.Attribute) and one.attr in MUTATORS | _IN_PLACE]


def _is_value(node: ast.Attribute, facts: Facts) -> bool:
    """Whether a bound method is used as a value instead of being called: `put = found.append`."""
    return id(node) not in callees(facts)


def container_types_with_method(method: str) -> frozenset[str]:
    """Return the kinds of containers that have a method."""
    if method in _LIST_MUTATORS:
        return frozenset({"list"})
    if method in _SET_MUTATORS:
        return frozenset({"set"})
    return frozenset({"dict"}) if method in _DICT_MUTATORS else frozenset({"dict", "list", "set"})


def container_change(node: ast.expr, scope: Scope, facts: Facts, kinds: frozenset[str]) -> Iterator[Store]:
    """Return the change of the container of an expression."""
    pending, depth = [(node, False)], 0
    while pending and depth < 20:
        depth += 1
        one, is_part = pending.pop()
        path = dotted(one)
        match one:
            case ast.Name():
                if is_created_in_function(one, scope, facts, is_part=is_part):
                    yield Store("own", one.id, node, kinds)
                else:
                    yield Store("object", one.id, node, kinds)
                    if not holds_only_new_objects(one.id, scope, facts, is_part=is_part):
                        yield Store("unknown", one.id, node, kinds)
            case ast.Attribute(attr="__dict__") | ast.Call(func=ast.Name(id="vars" | "globals")):
                yield Store("anything", "", node)
            case ast.Attribute(attr=attr):
                yield Store("object", path or attr, node, kinds)
                yield Store("in", attr, one, kinds)
                if not _is_fresh_attribute(attr, facts, is_part=is_part):
                    yield Store("unknown", path or attr, node, kinds)
            case ast.Subscript(value=value):
                pending.append((value, True))
            case ast.NamedExpr(value=value) | ast.Starred(value=value):
                pending.append((value, is_part))
            case ast.BoolOp(values=values) | ast.List(elts=values) | ast.Tuple(elts=values) | ast.Set(elts=values):
                pending += [(value, False) for value in values]
            case ast.IfExp(body=first, orelse=second):
                pending += [(first, is_part), (second, is_part)]
            case ast.Call(func=ast.Attribute(value=value, attr="setdefault" | "get" | "pop"), args=args):
                pending.append((value, True))
                pending += [(arg, False) for arg in args[1:]]
            case _ if not creates_new_object(one, facts):
                yield Store("unknown", path or "", node, kinds)
            case _:
                pass


# Own objects --------------------------------------------------------------------------------------------------


def is_created_in_function(node: ast.Name, scope: Scope, facts: Facts, *, is_part: bool = False) -> bool:
    """Return whether a name is bound to an object that the enclosing function created in this call."""
    if not isinstance(scope, Function):
        return False
    if scope.name == "__init__" and scope.owner is not None and node.id in scope.parameters[:1] and not is_part:
        return True
    return node.id in scope.bindings and node.id not in scope.outward and holds_only_new_objects(node.id, scope, facts, is_part=is_part)


def holds_only_new_objects(name: str, scope: Scope, facts: Facts, *, is_part: bool = False) -> bool:
    """Return whether a name is bound only to new objects, and contains nothing else."""
    found = scope.find(name)
    if found is None:
        return False
    home, bindings = found
    values = [one.value if isinstance(one, Assigned) else None for one in bindings]
    if not all(value is not None and (creates_new_object(value, facts) or _is_from_another_file(value, facts)) for value in values):
        return False
    return not is_part or all(_holds_new(value, facts) for value in values if value is not None) and all(
        creates_new_object(value, facts) or isinstance(value, ast.Constant) for value in _values_added_to(name, home, facts)
    )  # fmt: skip


def _is_from_another_file(value: ast.expr, facts: Facts) -> bool:
    """Whether a value comes from another file, whose objects this file does not share."""
    callee = facts.known.callee(value) if isinstance(value, ast.Call) else None
    return isinstance(callee, Named) and "." in callee.name and not facts.resolver.is_known_root(callee.name.partition(".")[0])


def _holds_new(value: ast.expr, facts: Facts) -> bool:
    """Whether the initial contents of a new container are new too."""
    match value:
        case ast.List(elts=values) | ast.Tuple(elts=values) | ast.Set(elts=values) | ast.Dict(values=values):
            return all(_is_new_without_references(one, facts) for one in values)
        case ast.DictComp(value=None):
            return False
        case ast.ListComp(elt=one) | ast.SetComp(elt=one) | ast.DictComp(value=one):
            return _is_new_without_references(one, facts)
        case ast.Call(args=[]):
            return True
        case ast.Call(func=func, args=[ast.Name() | ast.Lambda() as factory]) if (dotted(func) or "").endswith("defaultdict"):
            return isinstance(factory, ast.Name) or _is_new_without_references(factory.body, facts)
        case ast.Call(args=args):
            return all(isinstance(arg, ast.Constant) for arg in args)
        case _:
            return True


def _is_new_without_references(value: ast.expr, facts: Facts) -> bool:
    return creates_new_object(value, facts) and (isinstance(value, ast.Constant) or _holds_new(value, facts))


def _values_added_to(name: str, home: Scope, facts: Facts) -> list[ast.expr]:
    """Return the values that are added to the container of a variable, under this name."""
    return _put_into_names(home, facts).get(name, [])


@memoized_for_last
def _put_into_names(home: Scope, facts: Facts) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for owner, values in _additions(walk(home.node), _ADDING | {"appendleft", "put"}, frozenset({"extend", "update"})):
        if isinstance(owner, ast.Name):
            found.setdefault(owner.id, []).extend(values)
    return found


@memoized_for_last
def _put_into_attributes(facts: Facts) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for owner, values in _additions((*facts.index.all_of(ast.Assign), *facts.index.all_of(ast.Call)), _ADDING | {"extend", "update"}, frozenset()):
        if isinstance(owner, ast.Attribute):
            found.setdefault(owner.attr, []).extend(values)
    return found


def _additions(nodes: Iterable[ast.AST], adding: frozenset[str], extending: frozenset[str]) -> Iterator[tuple[ast.expr, list[ast.expr]]]:
    """Yield the containers to which nodes add, with the added values: the last argument of some methods, all arguments of others."""
    for node in nodes:
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from ((one.value, [value]) for one in targets if isinstance(one, ast.Subscript))
            case ast.Call(func=ast.Attribute(value=owner, attr=method), args=args) if method in adding or method in extending:
                yield owner, args if method in extending else args[-1:]
            case _:
                pass


def _is_fresh_attribute(attr: str, facts: Facts, *, is_part: bool) -> bool:
    """Whether the file binds an attribute only to new objects that contain nothing else."""
    bound = values_of_attributes(facts).get(attr)
    if not bound:
        return False
    return all(creates_new_object(value, facts) and (not is_part or _holds_new(value, facts)) for value in bound) and (
        not is_part or all(creates_new_object(value, facts) for value in _put_into_attributes(facts).get(attr, ()))
    )


@memoized_for_last
def values_of_attributes(facts: Facts) -> dict[str, list[ast.expr]]:
    """Return the values that the file assigns to attributes, by name; unpacked values stand for their parts."""
    found: dict[str, list[ast.expr]] = {}
    assignments: list[ast.Assign | ast.AnnAssign] = [*facts.index.all_of(ast.Assign), *facts.index.all_of(ast.AnnAssign)]
    for node in assignments:
        if node.value is not None:
            for target in _targets(node):
                for one in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                    if isinstance(one, ast.Attribute):
                        found.setdefault(one.attr, []).append(node.value if one is target else one)
    for cls in facts.index.classes:
        for statement in getattr(cls.node, "body", ()):
            if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
                for name in (name for target in _targets(statement) for name in bound_names(target)):
                    found.setdefault(name, []).append(statement.value)
    return found


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]

"""Containers in which each iteration uses only the element of its own item, in the body and in the functions that it calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.loops.reached_calls import callee_body, loop_record
from par_lint.analysis.semantics.ast_walk import children, walk
from par_lint.analysis.semantics.dataflow.body_summary import Change
from par_lint.analysis.semantics.dataflow.code_patterns import LoopNode, loop_targets, repeated_parts
from par_lint.analysis.semantics.dataflow.dotted_names import bound_names
from par_lint.analysis.semantics.dataflow.symbols import arguments_by_parameter
from par_lint.analysis.semantics.scopes import CallSite, Function

_BY_KEY = frozenset({"get", "pop", "setdefault"})


def uses_only_own_element(change: Change, site: LoopSite, facts: Facts) -> bool:
    """Return whether all that a loop reaches uses an attribute only under keys made of the item: `self.sessions.pop(session_id)`."""
    loop = loop_record(site, facts)
    owner, _, attribute = change.path.rpartition(".")
    if loop is None or isinstance(loop.node, ast.Call) or not owner or change.how not in ("store", "add") or change.takes:
        return False
    found = [_uses_by_key(body, attribute, keys) for body, keys in _reached(loop.node, loop.calls, facts)]
    return None not in found and any(found)


def _reached(node: LoopNode, calls: Sequence[CallSite], facts: Facts) -> Iterator[tuple[Sequence[ast.AST], set[str]]]:
    """The body of a loop, and those of the functions that it calls, each with the names in it that stand for the item in every call."""
    keys = _with_made(repeated_parts(node), set(loop_targets(node)))
    yield repeated_parts(node), keys
    known: dict[Function, set[str]] = {}
    pending = [(call, keys) for call in calls]
    while pending:
        call, around = pending.pop()
        function = callee_body(call, facts)
        if function is None or not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        given = _parameters_given_item(call, function, around)
        if function in known and known[function] <= given:
            continue
        known[function] = given & known.get(function, given)
        pending += [(one, _with_made(function.node.body, known[function])) for one in function.calls]
    for function, names in known.items():
        body = function.node.body  # type: ignore[attr-defined]
        yield body, _with_made(body, names)


def _parameters_given_item(call: CallSite, function: Function, keys: set[str]) -> set[str]:
    """The parameters that a call gives what is made of the item."""
    return {name for name, value in arguments_by_parameter(call.node, function) if _is_made_of(value, keys)}


def _with_made(body: Sequence[ast.AST], names: set[str]) -> set[str]:
    """Names, and those that are bound once in a body to what is made of them."""
    found = set(names)
    bound: dict[str, list[ast.expr]] = {}
    for node in walk(*body):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for name in bound_names(target):
                    bound.setdefault(name, []).append(node.value)
    for _ in range(2):
        found |= {name for name, values in bound.items() if all(_is_made_of(value, found) for value in values)}
    return found


def _is_made_of(value: ast.expr, keys: set[str]) -> bool:
    """Whether a value differs from item to item: the item, a part of it, a text or a tuple with it."""
    match value:
        case ast.Name(id=name):
            return name in keys
        case ast.Attribute(value=inner) | ast.Subscript(value=inner):
            return _is_made_of(inner, keys)
        case ast.Call(func=ast.Name("str" | "int"), args=[inner]):
            return _is_made_of(inner, keys)
        case ast.Tuple(elts=parts):
            return any(_is_made_of(part, keys) for part in parts)
        case ast.JoinedStr(values=parts):
            return any(isinstance(part, ast.FormattedValue) and _is_made_of(part.value, keys) for part in parts)
        case _:
            return False


def _uses_by_key(body: Sequence[ast.AST], attribute: str, keys: set[str]) -> bool | None:
    """Whether a body uses an attribute, and under keys of the item; None if it uses it otherwise."""
    pending: list[tuple[ast.AST, tuple[ast.AST, ...]]] = [(node, ()) for node in body]
    is_used = False
    while pending:
        node, above = pending.pop()
        if isinstance(node, ast.Attribute) and node.attr == attribute:
            if not _is_by_key(node, above, keys):
                return None
            is_used = True
        pending += [(child, (node, *above[:1])) for child in children(node)]
    return is_used


def _is_by_key(node: ast.Attribute, above: tuple[ast.AST, ...], keys: set[str]) -> bool:
    """`c[item]`, `c.get(item)`, `item in c`."""
    match above:
        case (ast.Subscript(value=value, slice=key), *_) if value is node:
            return _is_made_of(key, keys)
        case (ast.Attribute(attr=method), ast.Call(func=func, args=[key, *_])) if func is above[0]:
            return method in _BY_KEY and _is_made_of(key, keys)
        case (ast.Compare(left=key, ops=[ast.In() | ast.NotIn()], comparators=[container]), *_) if container is node:
            return _is_made_of(key, keys)
        case _:
            return False

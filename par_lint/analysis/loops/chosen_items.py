"""Reason to exclude a loop: its I/O is only for one of its items, or for one kind of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.reached_calls import loop_record
from par_lint.analysis.semantics import loop_variance
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.dataflow.dotted_names import bound_names
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.loop_variance import mentioned_names

_IDENTITIES = frozenset({"name", "id", "index", "number", "key", "path", "uuid", "uid", "title", "slug", "pk", "no", "num"})
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
ONE_KIND = "only one kind of item is worked on"
"""Why a loop over the fields of something is silent. The loop around it, over several of these, does its I/O for each."""


def is_search_for_one_item(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The I/O is done only for the item that equals a chosen value: a search, although the loop goes on."""
    loop = loop_record(site, facts)
    if loop is None or not isinstance(loop.node, (ast.For, ast.AsyncFor)):
        return None
    io_calls = {found.node for work in site.io_calls if (found := facts.site(work.call)) is not None}
    inner = [node.target for part in loop.node.body for node in walk(part) if isinstance(node, ast.For)]
    items = {name for target in (loop.node.target, *inner) for name in bound_names(target)}
    varying = loop_variance.names_varying_in_loop(loop) | items
    for call in io_calls:
        for test in _conditions(loop.node.body, call):
            if _chooses(test, items, varying) and not _is_narrowed(test, varying):
                return Exclusion("only the item that equals something is worked on", facts.call_node(call) or site.node, test.lineno)
    own = set(bound_names(loop.node.target))
    own |= {name for part in loop.node.body for node in walk(part) if isinstance(node, ast.For) and _is_name_of(node.iter, own) for name in bound_names(node.target)}
    if io_calls and all(any(_is_case(test, loop.node.body, own) for test in _conditions(loop.node.body, call)) for call in io_calls):
        return Exclusion(ONE_KIND, facts.call_node(next(iter(io_calls))) or site.node)
    return None


def _conditions(block: Sequence[ast.AST], call: ast.Call) -> Iterator[ast.expr]:
    """Return the conditions that must be true for a call in a block to run, including those of guards before it."""
    for node in block:
        inside = node.lineno <= call.lineno <= (node.end_lineno or node.lineno) if isinstance(node, (ast.stmt, ast.ExceptHandler)) else False
        if not inside:
            match node:
                case ast.If(test=ast.Compare(ops=[ast.NotEq() | ast.IsNot()], left=left, comparators=[right]), body=[*_, last], orelse=[]) if isinstance(last, _LEAVING):
                    yield ast.copy_location(ast.Compare(left, [ast.Eq()], [right]), node.test)
                case _:
                    pass
            continue
        if isinstance(node, ast.If) and any(inner is call for part in node.body for inner in walk(part)):
            yield node.test
        for name in ("body", "orelse", "finalbody", "handlers"):
            yield from _conditions(getattr(node, name, None) or (), call)
        return


def _chooses(test: ast.expr, items: set[str], varying: frozenset[str]) -> bool:
    """Whether a test is `item == wanted`: one side is the item, its name or its number, the other comes from outside the loop."""
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            return any(_chooses(value, items, varying) for value in values)
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
            return any(_is_identity(one, items) and _is_outer(other, varying) for one, other in ((left, right), (right, left)))
        case _:
            return False


def _is_name_of(iterable: ast.expr, names: set[str]) -> bool:
    """Whether an iterable is a part of the item, such as the files of a walk, and no fields of it."""
    while isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Name) and iterable.args:
        iterable = iterable.args[0]
    return isinstance(iterable, ast.Name) and iterable.id in names


def _is_case(test: ast.expr, body: Sequence[ast.AST], items: set[str]) -> bool:
    """Whether a test is one of several that compare the item with constants: each kind of item is treated in its own way, and few need I/O."""
    name = _compared_with_constants(test)
    if name not in items:
        return False
    tests = [node.test for node in walk(*body) if isinstance(node, ast.If)]
    return sum(_compared_with_constants(one) == name for one in tests) > 1


def _compared_with_constants(test: ast.expr) -> str:
    """Return the name that a test compares with one constant, or with several; empty if it does not."""
    match test:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()], comparators=[ast.Constant(value=str())]):
            return name
        case ast.Compare(left=ast.Name(id=name), ops=[ast.In()], comparators=[ast.Tuple(elts=values) | ast.List(elts=values) | ast.Set(elts=values)]):
            return name if all(isinstance(value, ast.Constant) and isinstance(value.value, str) for value in values) else ""
        case _:
            return ""


def _is_narrowed(test: ast.expr, varying: frozenset[str]) -> bool:
    """Whether a test takes one more item out of those that equal something, of which there are several then: `item.name == name and item.url != url`."""
    if not (isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)):
        return False
    for value in test.values:
        match value:
            case ast.Compare(left=left, ops=[ast.NotEq() | ast.IsNot()], comparators=[right]) if not any(isinstance(side, ast.Constant) for side in (left, right)):
                if not mentioned_names(value).isdisjoint(varying):
                    return True
            case _:
                pass
    return False


def _is_identity(node: ast.expr, items: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in items
        case ast.Attribute(value=value, attr=attr):
            return bool(words(attr) & _IDENTITIES) and _is_part(value, items)
        case ast.Subscript(value=value, slice=ast.Constant(value=str(key))):
            return bool(words(key) & _IDENTITIES) and _is_part(value, items)
        case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[ast.Constant(value=str(key)), *_]):
            return bool(words(key) & _IDENTITIES) and _is_part(value, items)
        case ast.Call(func=ast.Name("str" | "int"), args=[value]) | ast.Call(func=ast.Attribute(value=value, attr="lower" | "casefold" | "upper" | "strip"), args=[]):
            return _is_identity(value, items)
        case _:
            return False


def _is_part(node: ast.expr, items: set[str]) -> bool:
    return access_path(node)[0] in items


def _is_outer(node: ast.expr, varying: frozenset[str]) -> bool:
    """Whether a value comes from outside the loop, and is not a constant that many items may have."""
    return not isinstance(node, ast.Constant) and mentioned_names(node).isdisjoint(varying)

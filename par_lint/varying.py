"""Names that may stand for something else in each pass of a body: what a value can flow into, whatever the order.

An over-approximation for the gate: `analysis.flow` follows the same values statement by statement, and knows more.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from par_lint.access import last_name
from par_lint.scopes import Function, Loop
from par_lint.walking import walk

UNIQUE = frozenset({
    "uuid.uuid1", "uuid.uuid4", "secrets.token_hex", "tempfile.mkdtemp", "tempfile.mkstemp", "tempfile.mktemp", "tempfile.NamedTemporaryFile",
    "tempfile.TemporaryDirectory", "tempfile.TemporaryFile",
})  # fmt: skip
"""Calls that give something new in each pass: as good as the item for telling passes apart."""
_UNIQUE_NAMES = frozenset(name.rpartition(".")[2] for name in UNIQUE)
_NEW = "<new>"  # mentioned by what makes such a call
_TARGETS = frozenset({ast.Name, ast.Attribute, ast.Subscript, ast.Starred})
_BLOCKS = ("body", "orelse", "finalbody")
Names = frozenset[str]


class _Step(NamedTuple):
    """Values that flow: if one of the names read varies, all names written do."""

    read: set[str]
    written: set[str]


def of_loop(loop: Loop) -> Names:
    """The names that vary from pass to pass of a loop or a comprehension."""
    if isinstance(loop.node, (ast.For, ast.AsyncFor)):
        return _spread(_written(loop.node.target), loop.node.body)
    if isinstance(loop.node, ast.Call):
        return frozenset({_NEW})
    targets = set().union(*(_written(clause.target) for clause in loop.node.generators))
    return _spread(targets, [loop.node])


def of_function(function: Function, *, own: bool, given: bool) -> Names:
    """The names that vary from call to call of a function: its object does (`own`), or what it is `given`."""
    is_method = function.owner is not None and not function.is_static
    first, rest = (function.parameters[:1], function.parameters[1:]) if is_method else ((), function.parameters)
    names = {*(first if own else ()), *(rest if given else ())}
    body = function.node.body  # type: ignore[attr-defined]
    return _spread(names, body if isinstance(body, list) else [body])


def mentioned(node: ast.AST) -> set[str]:
    """The names that stand in a piece of code, and a mark where it makes something new."""
    found: set[str] = set()
    for inner in walk(node):
        kind = type(inner)
        if kind is ast.Name:
            found.add(inner.id)  # type: ignore[attr-defined]
        elif kind is ast.Call and last_name(inner.func) in _UNIQUE_NAMES:  # type: ignore[attr-defined]
            found.add(_NEW)
    return found


def _spread(names: set[str], body: Sequence[ast.AST]) -> Names:
    varying = {*names, _NEW}
    steps = [step for node in body for step in _steps(node)]
    pending = True
    while pending:
        pending = False
        for step in steps:
            if not step.read.isdisjoint(varying) and not step.written <= varying:
                varying |= step.written
                pending = True
    return frozenset(varying)


def _steps(node: ast.AST) -> Iterator[_Step]:
    """The steps of a statement: of a compound one, those of its head, and those of its blocks."""
    match node:
        case ast.If(test=head) | ast.While(test=head) | ast.Match(subject=head):
            yield _Step(mentioned(head), _written(node))  # which of several values a name has is chosen by the test
        case ast.For(iter=head, target=target) | ast.AsyncFor(iter=head, target=target):
            yield _Step(mentioned(head), _written(target) | _written(head))
        case ast.With(items=items) | ast.AsyncWith(items=items):
            yield from (_Step(mentioned(item), _written(item)) for item in items)
        case ast.Try():
            pass
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield _Step(mentioned(node), {node.name})
            return
        case _ if written := _written(node):
            yield _Step(mentioned(node), written)
    if isinstance(node, ast.stmt):
        yield from (step for inner in _inner_statements(node) for step in _steps(inner))


def _inner_statements(node: ast.stmt) -> Iterator[ast.AST]:
    for block in _BLOCKS:
        yield from getattr(node, block, ())
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield from part.body


def _written(node: ast.AST) -> set[str]:
    """The names that a piece of code binds, and those of objects of which it binds a part."""
    found: set[str] = set()
    for inner in walk(node):
        if type(inner) not in _TARGETS or not isinstance(inner.ctx, ast.Store):  # type: ignore[attr-defined]
            continue
        while isinstance(inner, (ast.Attribute, ast.Subscript, ast.Starred)):
            inner = inner.value
        if isinstance(inner, ast.Name):
            found.add(inner.id)
    return found

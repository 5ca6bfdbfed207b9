"""Names whose values may differ between iterations: everything a varying value can flow into, in any order.

An over-approximation for the gate: `semantics.dataflow` follows the same values statement by statement, and is more precise.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.scopes import Function, Loop

UNIQUE = frozenset({
    "uuid.uuid1", "uuid.uuid4", "secrets.token_hex", "tempfile.mkdtemp", "tempfile.mkstemp", "tempfile.mktemp", "tempfile.NamedTemporaryFile",
    "tempfile.TemporaryDirectory", "tempfile.TemporaryFile",
})  # fmt: skip
"""Calls that return something new in every iteration: they distinguish iterations as well as the item does."""
_UNIQUE_NAMES = frozenset(name.rpartition(".")[2] for name in UNIQUE)
_NEW = "<new>"  # mentioned by what makes such a call
MUTATORS = frozenset({
    "append", "appendleft", "add", "update", "extend", "insert", "pop", "popitem", "popleft", "remove", "discard", "clear",
    "setdefault", "sort", "reverse", "put", "put_nowait", "push", "difference_update", "intersection_update",
})  # fmt: skip
"""Methods that change what they are called on."""
_TARGETS = frozenset({ast.Name, ast.Attribute, ast.Subscript, ast.Starred})
_BLOCKS = ("body", "orelse", "finalbody")
Names = frozenset[str]


class _Step(NamedTuple):
    """A flow of values: if one of the names read varies, all names written vary."""

    read: set[str]
    written: set[str]


def names_varying_in_loop(loop: Loop) -> Names:
    """Return the names that vary between iterations of a loop or a comprehension."""
    if isinstance(loop.node, (ast.For, ast.AsyncFor)):
        return _spread(_step(loop.node.target).written, loop.node.body)
    if isinstance(loop.node, ast.Call):
        return frozenset({_NEW})
    targets = set().union(*(_step(clause.target).written for clause in loop.node.generators))
    return _spread(targets, [loop.node])


def names_varying_by_call(function: Function, *, own: bool, given: bool) -> Names:
    """Return the names that vary between calls of a function if its object varies (`own`), or its arguments (`given`)."""
    is_method = function.owner is not None and not function.is_static
    first, rest = (function.parameters[:1], function.parameters[1:]) if is_method else ((), function.parameters)
    names = {*(first if own else ()), *(rest if given else ())}
    body = function.node.body  # type: ignore[attr-defined]
    return _spread(names, body if isinstance(body, list) else [body])


def mentioned_names(node: ast.AST) -> set[str]:
    """Return the names in a piece of code, and a marker if it creates something new."""
    return _step(node).read


def _spread(names: set[str], body: Sequence[ast.AST]) -> Names:
    varying = {*names, _NEW}
    steps: list[_Step] = []
    for node in body:
        _add_steps(node, steps)
    pending = True
    while pending:
        pending = False
        for step in steps:
            if not step.read.isdisjoint(varying) and not step.written <= varying:
                varying |= step.written
                pending = True
    return frozenset(varying)


def _add_steps(node: ast.AST, steps: list[_Step]) -> set[str]:
    """Add the flows of a statement to `steps`; for a compound one, those of its header and its blocks. Return all names that it writes.

    Each part of it is walked once, however deeply it is nested: an `elif` is nested in all the tests above it.
    """
    match node:
        case ast.If(test=head) | ast.While(test=head) | ast.Match(subject=head):
            read, written = _step(head)
            guards = [case.guard for case in node.cases if case.guard is not None] if isinstance(node, ast.Match) else []
            written = written.union(*(_step(guard).written for guard in guards), _add_inner_steps(node, steps))
            steps.append(_Step(read, written))  # the test selects the value of these names
        case ast.For(iter=head, target=target) | ast.AsyncFor(iter=head, target=target):
            read, written = _step(head)
            written |= _step(target).written
            steps.append(_Step(read, written))
            written = written | _add_inner_steps(node, steps)
        case ast.With(items=items) | ast.AsyncWith(items=items):
            heads = list(map(_step, items))
            steps += heads
            written = _add_inner_steps(node, steps).union(*(step.written for step in heads))
        case ast.Try(handlers=handlers):
            types = [handler.type for handler in handlers if handler.type is not None]
            written = _add_inner_steps(node, steps).union(*(_step(kind).written for kind in types))
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            read, written = _step(node)
            steps.append(_Step(read, {node.name}))
        case _:
            step = _step(node)
            written = step.written
            if written:
                steps.append(step)
            if isinstance(node, ast.stmt):
                _add_inner_steps(node, steps)
    return written


def _add_inner_steps(node: ast.stmt, steps: list[_Step]) -> set[str]:
    """Add the flows of the blocks of a statement; return the names that they write."""
    written: set[str] = set()
    for inner in _inner_statements(node):
        written |= _add_steps(inner, steps)
    return written


def _inner_statements(node: ast.stmt) -> Iterator[ast.AST]:
    for block in _BLOCKS:
        yield from getattr(node, block, ())
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield from part.body


def _step(node: ast.AST) -> _Step:
    """Return the names that a piece of code reads, and those that it binds or whose objects it changes."""
    read: set[str] = set()
    written: set[str] = set()
    inner: Any
    for inner in walk(node):
        kind = type(inner)
        if kind is ast.Name:
            read.add(inner.id)
        elif kind is ast.Call and ((last := last_name(inner.func)) in _UNIQUE_NAMES or last[:1].isupper()):  # a class: an object of its own
            read.add(_NEW)
        if kind is ast.Call and type(inner.func) is ast.Attribute and inner.func.attr in MUTATORS and isinstance(inner.func.value, ast.Name):
            written.add(inner.func.value.id)
        if kind in _TARGETS and type(inner.ctx) is ast.Store:
            while isinstance(inner, (ast.Attribute, ast.Subscript, ast.Starred)):
                inner = inner.value
            if isinstance(inner, ast.Name):
                written.add(inner.id)
    return _Step(read, written)

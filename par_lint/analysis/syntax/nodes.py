"""Walk a LibCST tree without its white space, and get the positions of its nodes.

LibCST's own visitors rebuild every node, and its PositionProvider computes every token; for the few lines of a slice these two
replacements take a tenth of the time.
"""

from __future__ import annotations

import functools
import re
from abc import ABCMeta
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from operator import attrgetter
from types import TracebackType
from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState

_LAYOUT = frozenset({
    "lpar", "rpar", "lbrace", "rbrace", "lbracket", "rbracket", "comma", "semicolon", "semicolons", "leading_lines", "header", "footer",
    "trailing_whitespace", "equal", "colon", "dot", "lines_after_decorators", "newline", "operator", "asynchronous",
    "first_colon", "second_colon", "star_token", "params_star", "indent", "encoding", "default_indent", "default_newline",
    "has_trailing_newline", "annotation", "returns", "type_parameters", "lpar_whitespace",
})  # fmt: skip
_NEWLINE = re.compile(r"\r\n?|\n")
_LEAVES = frozenset({cst.Name, cst.SimpleString, cst.Integer, cst.Float, cst.Imaginary, cst.Ellipsis, cst.Pass, cst.Break, cst.Continue})
_NO_NODES = frozenset({type(None), str, bool, int, cst.MaybeSentinel, ABCMeta})
"""Types of field values that are neither nodes nor sequences of nodes. Identity tests, because isinstance is slow for nodes."""
SCOPES = frozenset({cst.FunctionDef, cst.Lambda, cst.ClassDef})
"""Nodes whose bodies run later, or see other names."""

Span = tuple[int, int, int, int]
"""Start line, start column, end line, end column: lines 1-based, columns 0-based in characters."""


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the children of a node that are code, in source order."""
    kind = type(node)
    if kind in _LEAVES:
        return []
    found: list[cst.CSTNode] = []
    for value in _TAKE[kind](node):
        shape = type(value)
        if shape is list or shape is tuple:
            found += value
        elif shape not in _NO_NODES:
            found.append(value)
    return found


def parts(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode | Sequence[cst.CSTNode]]]:
    """Yield the children of a node that are code, with the name of their field; those of one field together."""
    for name in _fields_of(type(node)):
        value = getattr(node, name)
        if type(value) not in _NO_NODES:
            yield name, value


@functools.cache
def _fields_of(kind: type) -> tuple[str, ...]:
    """Return the names of the fields of a kind of node that can contain code."""
    return () if kind in _LEAVES else tuple(f.name for f in fields(kind) if f.name not in _LAYOUT and not f.name.startswith("whitespace"))


class _Takers(dict[type, "Callable[[cst.CSTNode], tuple[Any, ...]]"]):
    """For each kind of node, a function that returns the values of all its fields that can contain code."""

    def __missing__(self, kind: type) -> Callable[[cst.CSTNode], tuple[Any, ...]]:
        names = _fields_of(kind)
        if len(names) == 1:
            names += ("__class__",)  # for two names `attrgetter` returns a tuple
        take = self[kind] = attrgetter(*names) if names else lambda node: ()
        return take


_TAKE = _Takers()


def descend(node: cst.CSTNode, *, into_functions: bool = False) -> Iterator[cst.CSTNode]:
    """Yield `node` and its descendants in source order; with `into_functions` also the bodies of nested functions, lambdas and classes."""
    stack: list[Any] = [node]
    pop, push = stack.pop, stack.append
    while stack:
        current = pop()
        yield current
        kind = type(current)
        if kind not in _LEAVES and (into_functions or kind not in SCOPES or current is node):
            for value in _TAKE[kind](current)[::-1]:  # as `children` does it, without a call for each node
                shape = type(value)
                if shape is list or shape is tuple:
                    stack += value[::-1]
                elif shape not in _NO_NODES:
                    push(value)


def evaluated(node: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the children of a node in evaluation order."""
    match node:
        case cst.Assign(targets=targets, value=value):
            return [value, *targets]
        case cst.AnnAssign(value=cst.BaseExpression() as value) | cst.NamedExpr(value=value):
            return [value, node.target]
        case cst.IfExp(test=test, body=body, orelse=orelse):
            return [test, body, orelse]
        case cst.BaseComp(for_in=clause):
            return [clause, *results(node)]
        case cst.CompFor(target=target, iter=iterable, ifs=tests, inner_for_in=inner):
            return [iterable, target, *tests, *([inner] if inner is not None else [])]
        case _:
            return list(children(node))


def results(node: cst.BaseComp) -> list[cst.BaseExpression]:
    """Return the result expressions of a comprehension: one, or a key and a value."""
    if isinstance(node, cst.DictComp):
        return [node.key, node.value]
    assert isinstance(node, (cst.ListComp, cst.SetComp, cst.GeneratorExp))
    return [node.elt]


def clauses(node: cst.BaseComp) -> Iterator[cst.CompFor]:
    """Yield the `for` clauses of a comprehension, outermost first."""
    clause: cst.CompFor | None = node.for_in
    while clause is not None:
        yield clause
        clause = clause.inner_for_in


def spans(module: cst.Module) -> dict[int, Span]:
    """Return the span of each node with a syntactic position, by the identity of the node."""
    state = _SpanState(module.default_indent, module.default_newline)
    module._codegen(state)
    return state.spans


class _SpanState(CodegenState):
    """Code generation that records where each node starts and ends; it is itself the context manager for all nodes."""

    def __init__(self, indent: str, newline: str) -> None:
        super().__init__(indent, newline)
        self.spans: dict[int, Span] = {}
        self._line = 1
        self._column = 0
        self._open: list[tuple[cst.CSTNode, cst.CSTNode | None, cst.CSTNode | None, int, int]] = []

    before_codegen = after_codegen = staticmethod(id)  # type: ignore[assignment]  # nothing is done: a function of C costs least

    def add_indent_tokens(self) -> None:
        self._column += sum(map(len, self.indent_tokens))

    def add_token(self, value: str) -> None:
        if "\n" not in value and "\r" not in value:
            self._column += len(value)
            return
        pieces: Sequence[str] = _NEWLINE.split(value)
        self._line += len(pieces) - 1
        self._column = len(pieces[-1])

    def pop_trailing_newline(self) -> None:
        pass

    def record_syntactic_position(  # type: ignore[override]
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> _SpanState:
        self._open.append((node, start_node, end_node, self._line, self._column))
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        node, start_node, end_node, line, column = self._open.pop()
        spans, end_line, end_column = self.spans, self._line, self._column
        if start_node is not None and id(start_node) in spans:
            line, column = spans[id(start_node)][:2]
        if end_node is not None and id(end_node) in spans:
            end_line, end_column = spans[id(end_node)][2:]
        spans[id(node)] = line, column, end_line, end_column


def kind_of(node: cst.CSTNode) -> str:
    """Return the name of a kind of statement or expression for messages."""
    return "an assignment expression" if isinstance(node, cst.NamedExpr) else type(node).__name__.lower()

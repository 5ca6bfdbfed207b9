"""Walking a LibCST tree without its white space, and where its nodes stand.

LibCST's own visits rebuild every node and its PositionProvider computes every token; over the few lines of a slice these
two replacements cost a tenth of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields

import libcst as cst
from libcst._nodes.internal import CodegenState

_LAYOUT = frozenset({
    "lpar", "rpar", "lbrace", "rbrace", "lbracket", "rbracket", "comma", "semicolon", "semicolons", "leading_lines", "header", "footer",
    "trailing_whitespace", "equal", "colon", "dot", "lines_after_decorators", "newline", "operator", "asynchronous",
    "first_colon", "second_colon", "star_token", "params_star", "indent", "encoding", "default_indent", "default_newline",
    "has_trailing_newline", "annotation", "returns", "type_parameters", "lpar_whitespace",
})  # fmt: skip
_NEWLINE = re.compile(r"\r\n?|\n")
_FIELDS: dict[type, tuple[str, ...]] = {}

Span = tuple[int, int, int, int]
"""Start line, start column, end line, end column: lines 1-based, columns 0-based in characters."""


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The children of a node that are code, in source order."""
    kind = type(node)
    names = _FIELDS.get(kind)
    if names is None:
        names = tuple(f.name for f in fields(node) if f.name not in _LAYOUT and not f.name.startswith("whitespace"))
        _FIELDS[kind] = names
    for name in names:
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, (list, tuple)):
            for child in value:
                if isinstance(child, cst.CSTNode):
                    yield child


def descend(node: cst.CSTNode, *, into_functions: bool = False) -> Iterator[cst.CSTNode]:
    """`node` and all below it, in source order; bodies of nested functions, lambdas and classes only when asked."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if into_functions or current is node or not isinstance(current, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            stack.extend(reversed(list(children(current))))


def evaluated(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The children of a node in the order in which Python evaluates them."""
    match node:
        case cst.Assign(targets=targets, value=value):
            return [value, *targets]
        case cst.AnnAssign(value=cst.BaseExpression() as value):
            return [value, node.target]
        case cst.IfExp(test=test, body=body, orelse=orelse):
            return [test, body, orelse]
        case _:
            return list(children(node))


def results(node: cst.BaseComp) -> list[cst.BaseExpression]:
    """The expressions that a comprehension makes its elements of: one, or a key and a value."""
    if isinstance(node, cst.DictComp):
        return [node.key, node.value]
    assert isinstance(node, (cst.ListComp, cst.SetComp, cst.GeneratorExp))
    return [node.elt]


def clauses(node: cst.BaseComp) -> Iterator[cst.CompFor]:
    """The `for` clauses of a comprehension, outermost first."""
    clause: cst.CompFor | None = node.for_in
    while clause is not None:
        yield clause
        clause = clause.inner_for_in


def parents(module: cst.Module) -> dict[cst.CSTNode, cst.CSTNode]:
    """The parent of each node that is code."""
    found: dict[cst.CSTNode, cst.CSTNode] = {}
    for node in descend(module, into_functions=True):
        for child in children(node):
            found[child] = node
    return found


def spans(module: cst.Module) -> dict[cst.CSTNode, Span]:
    """Where each node with a syntactic position stands in the module's own text."""
    state = _SpanState(module.default_indent, module.default_newline)
    module._codegen(state)
    return state.spans


class _SpanState(CodegenState):
    """Code generation that notes where each node begins and ends."""

    def __init__(self, indent: str, newline: str) -> None:
        super().__init__(indent, newline)
        self.spans: dict[cst.CSTNode, Span] = {}
        self._line = 1
        self._column = 0

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

    @contextmanager
    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Iterator[None]:
        line, column = self._line, self._column
        yield
        end_line, end_column = self._line, self._column
        if start_node is not None and start_node in self.spans:
            line, column = self.spans[start_node][:2]
        if end_node is not None and end_node in self.spans:
            end_line, end_column = self.spans[end_node][2:]
        self.spans[node] = (line, column, end_line, end_column)

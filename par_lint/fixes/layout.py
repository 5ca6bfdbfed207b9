"""Calls laid out as a formatter would: on one line where they fit, else with their arguments on lines of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Union

import libcst as cst

from par_lint.analysis.facts import Facts

_MODULE = cst.Module([])
_NONE = cst.SimpleWhitespace("")
_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


Line = Union[cst.SimpleStatementLine, cst.BaseCompoundStatement]
"""A statement on lines of its own."""


def code(node: cst.CSTNode) -> str:
    """The source of a node."""
    return _MODULE.code_for_node(node)


def keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    """`name=value`."""
    return cst.Arg(value, keyword=cst.Name(name), equal=cst.AssignEqual(_NONE, _NONE))


def lay_out(func: str, args: Sequence[cst.Arg], *, indent: int, around: int, line_length: int, deeper: int = 0) -> cst.Call:
    """A call of `func` at `indent` columns, on a line that holds `around` other characters.

    `deeper` is by how much the line is indented more than its statement.
    """
    args = [arg.with_changes(comma=_COMMA) for arg in args[:-1]] + [args[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]
    call = cst.Call(cst.parse_expression(func), args)
    text = code(call)
    if "\n" not in text and indent + deeper + around + len(text) <= line_length:
        return call
    inner = sum(len(code(arg)) for arg in args)
    opened = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(" " * (deeper + 4)))
    closed = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(" " * deeper))
    if "\n" not in text and indent + deeper + 4 + inner <= line_length:
        args[-1] = args[-1].with_changes(whitespace_after_arg=closed)
        return call.with_changes(args=args, whitespace_before_args=opened)
    args = [arg.with_changes(value=shifted(arg.value, 4)) for arg in args]
    lines = [arg.with_changes(comma=cst.Comma(whitespace_after=opened)) for arg in args[:-1]]
    lines.append(args[-1].with_changes(comma=cst.Comma(whitespace_after=closed)))
    return call.with_changes(args=lines, whitespace_before_args=opened)


class _Shift(cst.CSTTransformer):
    def __init__(self, by: str) -> None:
        super().__init__()
        self._by = by

    def leave_ParenthesizedWhitespace(
        self, original_node: cst.ParenthesizedWhitespace, updated_node: cst.ParenthesizedWhitespace
    ) -> cst.ParenthesizedWhitespace:
        last = updated_node.last_line
        lines = [line if line.comment is None else line.with_changes(whitespace=self._more(line.whitespace)) for line in updated_node.empty_lines]
        return updated_node.with_changes(last_line=self._more(last), empty_lines=lines) if updated_node.indent else updated_node

    def _more(self, space: cst.SimpleWhitespace) -> cst.SimpleWhitespace:
        return space.with_changes(value=self._by + space.value)


def shifted(node: cst.BaseExpression, by: int) -> cst.BaseExpression:
    """An expression whose further lines stand deeper by some columns; texts over several lines stay as they are."""
    if "\n" not in code(node):
        return node
    moved = node.visit(_Shift(" " * by))
    assert isinstance(moved, cst.BaseExpression)
    return moved


def runtime_call(
    worker: cst.BaseExpression, items: cst.BaseExpression, workers: int, *, stream: bool, indent: int, around: int, line_length: int, deeper: int = 0,
    fail_fast: bool = True,
) -> cst.Call:  # fmt: skip
    """`run_parallel(worker, items, max_workers=..., fail_fast=True, stream=True)`."""
    args = [cst.Arg(worker), cst.Arg(_argument(items)), keyword("max_workers", cst.Integer(str(workers)))]
    if fail_fast:
        args.append(keyword("fail_fast", cst.Name("True")))
    if stream:
        args.append(keyword("stream", cst.Name("True")))
    return lay_out("run_parallel", args, indent=indent, around=around, line_length=line_length, deeper=deeper)


def _argument(node: cst.BaseExpression) -> cst.BaseExpression:
    """An expression as one argument among others: a bare generator or tuple gets its parentheses."""
    if isinstance(node, (cst.GeneratorExp, cst.Tuple)) and not node.lpar:
        return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return node


def parenthesized(node: cst.BaseExpression) -> cst.BaseExpression:
    """An expression that may be put on a line of its own: one over several lines needs brackets around it."""
    if node.lpar or "\n" not in code(node) or isinstance(node, (cst.Call, cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp)):
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def comments(node: cst.CSTNode) -> list[str]:
    """All comments inside a node, in source order."""
    found: list[str] = []
    stack: list[cst.CSTNode] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Comment):
            found.append(current.value)
        stack.extend(reversed(current.children))
    return found


def comment_lines(texts: Sequence[str]) -> list[cst.EmptyLine]:
    """Lines that hold one comment each."""
    return [cst.EmptyLine(comment=cst.Comment(text)) for text in texts]


def without_leading_blanks(body: list[cst.BaseStatement]) -> list[cst.BaseStatement]:
    """A block whose first statement follows its header at once; comments above it stay."""
    if not body or not isinstance(body[0], (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
        return body
    lines = list(body[0].leading_lines)
    while lines and lines[0].comment is None:
        lines.pop(0)
    return [body[0].with_changes(leading_lines=lines), *body[1:]]


def set_apart(definition: cst.FunctionDef, statement: Line, old: cst.CSTNode, facts: Facts) -> list[Line]:
    """A new function and the statement that uses it in the place of `old`, with blank lines around the function."""
    is_top = facts.is_top_level(old)
    blank = [cst.EmptyLine(indent=False)] * (2 if is_top else 1)
    above = [] if facts.is_first(old) else blank
    leading = [line for line in statement.leading_lines if line.comment is not None]
    return [definition.with_changes(leading_lines=above), statement.with_changes(leading_lines=[*blank, *leading])]


def spread_to_fit(node: cst.ListComp, *, indent: int, around: int, line_length: int) -> cst.BaseComp:
    """A comprehension on one line where it fits, else spread over several."""
    text = code(node)
    if "\n" not in text and indent + around + len(text) <= line_length:
        return node
    moved = shifted(node, 4)
    assert isinstance(moved, cst.ListComp)
    return spread_comprehension(moved)


def spread_comprehension(node: cst.BaseComp) -> cst.BaseComp:
    """A comprehension with each of its parts on a line of its own."""
    inner = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    "))
    outer = cst.ParenthesizedWhitespace(indent=True)
    clause = _spread_clause(node.for_in, inner)
    match node:
        case cst.ListComp():
            return node.with_changes(
                for_in=clause, lbracket=cst.LeftSquareBracket(whitespace_after=inner), rbracket=cst.RightSquareBracket(whitespace_before=outer)
            )
        case cst.DictComp() | cst.SetComp():
            return node.with_changes(
                for_in=clause, lbrace=cst.LeftCurlyBrace(whitespace_after=inner), rbrace=cst.RightCurlyBrace(whitespace_before=outer)
            )
        case cst.GeneratorExp(lpar=[first, *others], rpar=[*more, last]):
            return node.with_changes(
                for_in=clause, lpar=[first.with_changes(whitespace_after=inner), *others], rpar=[*more, last.with_changes(whitespace_before=outer)]
            )
        case _:
            return node.with_changes(for_in=clause)


def _spread_clause(clause: cst.CompFor, line: cst.ParenthesizedWhitespace) -> cst.CompFor:
    ifs = [test.with_changes(whitespace_before=line) for test in clause.ifs]
    below = _spread_clause(clause.inner_for_in, line) if clause.inner_for_in is not None else None
    return clause.with_changes(whitespace_before=line, ifs=ifs, inner_for_in=below)


def grouped(target: cst.BaseExpression) -> cst.BaseExpression:
    """A tuple with its parentheses, as it stands inside another."""
    if isinstance(target, cst.Tuple) and not target.lpar:
        return target.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return target

"""Small parts of new code: calls, keywords, comments and blank lines. `line_length` wraps long lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Union

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.fixes.codegen.brackets import code
from par_lint.fixes.codegen.import_placeholders import import_placeholder

_NONE = cst.SimpleWhitespace("")
_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


Line = Union[cst.SimpleStatementLine, cst.BaseCompoundStatement]
"""A statement on its own lines."""


def keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    """Return `name=value`."""
    return cst.Arg(value, keyword=cst.Name(name), equal=cst.AssignEqual(_NONE, _NONE))


def call_of(func: str, args: Sequence[cst.Arg]) -> cst.Call:
    """Return a call on one line."""
    args = [arg.with_changes(comma=_COMMA) for arg in args[:-1]] + [args[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]
    return cst.Call(cst.parse_expression(func), args)


# How `run_parallel` iterates over the items.
LIST: Mapping[str, bool] = {}
LOOP: Mapping[str, bool] = {"as_loop": True}
STREAM: Mapping[str, bool] = {**LOOP, "stream": True}  # reads ahead, whatever the items are


def runtime_call(
    worker: cst.BaseExpression, items: cst.BaseExpression, workers: int, form: Mapping[str, bool], *, fail_fast: bool = True
) -> cst.Call:
    """Return `run_parallel(worker, items, max_workers=..., as_loop=True)`, or with `fail_fast=True`."""
    options = {**({} if fail_fast == ("as_loop" in form) else {"fail_fast": fail_fast}), **form}
    keywords = [keyword(name, cst.Name(str(value))) for name, value in options.items()]
    return call_of(import_placeholder("run_parallel"), [cst.Arg(worker), cst.Arg(_argument(items)), keyword("max_workers", cst.Integer(str(workers))), *keywords])


def _argument(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression as one of several arguments: a bare generator or tuple gets parentheses."""
    if isinstance(node, (cst.GeneratorExp, cst.Tuple)) and not node.lpar:
        return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return node


def parenthesized(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression that can be on its own line: a multi-line one needs parentheses."""
    if node.lpar or "\n" not in code(node) or isinstance(node, (cst.Call, cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp)):
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def comments(node: cst.CSTNode) -> list[str]:
    """Return all comments inside a node, in source order."""
    found: list[str] = []
    stack: list[cst.CSTNode] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Comment):
            found.append(current.value)
        stack.extend(reversed(current.children))
    return found


def comment_lines(texts: Sequence[str]) -> list[cst.EmptyLine]:
    """Return one line for each comment."""
    return [cst.EmptyLine(comment=cst.Comment(text)) for text in texts]


def without_leading_blanks(body: list[cst.BaseStatement]) -> list[cst.BaseStatement]:
    """Return a block without blank lines before its first statement; comments above it stay."""
    if not body or not isinstance(body[0], (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
        return body
    lines = list(body[0].leading_lines)
    while lines and lines[0].comment is None:
        lines.pop(0)
    return [body[0].with_changes(leading_lines=lines), *body[1:]]


def place_function(definition: cst.FunctionDef, statement: Line, old: cst.CSTNode, facts: Facts) -> list[Line]:
    """Return a new function and the statement that replaces `old`, with blank lines around the function."""
    is_top = facts.is_top_level(old)
    blank = [cst.EmptyLine(indent=False)] * (2 if is_top else 1)
    owner = facts.parent(facts.parent(old) or old)
    above = [] if facts.is_first(old) and not isinstance(owner, (cst.For, cst.While, cst.With, cst.If, cst.Else, cst.Try)) else blank  # like black
    leading = [line for line in statement.leading_lines if line.comment is not None]
    return [definition.with_changes(leading_lines=above), statement.with_changes(leading_lines=[*blank, *leading])]


def parenthesized_tuple(target: cst.BaseExpression) -> cst.BaseExpression:
    """Return a tuple with parentheses, for use inside another tuple or as an argument; likewise other expressions that need them."""
    if isinstance(target, (cst.Tuple, cst.NamedExpr, cst.Yield, cst.GeneratorExp)) and not target.lpar:
        return target.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return target


def parenthesized_for_clause(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression for a clause of a comprehension: a bare `a if b else c` would be parsed as a condition."""
    if isinstance(node, (cst.IfExp, cst.Lambda)) and not node.lpar:
        return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return parenthesized_tuple(node)

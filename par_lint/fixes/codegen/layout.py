"""The small parts of new code: calls, keywords, comments and blank lines. Long lines are for `fitting`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Union

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.fixes.codegen.brackets import code
from par_lint.fixes.codegen.rename import imported

_NONE = cst.SimpleWhitespace("")
_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


Line = Union[cst.SimpleStatementLine, cst.BaseCompoundStatement]
"""A statement on lines of its own."""


def keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    """`name=value`."""
    return cst.Arg(value, keyword=cst.Name(name), equal=cst.AssignEqual(_NONE, _NONE))


def call_of(func: str, args: Sequence[cst.Arg]) -> cst.Call:
    """A call on one line."""
    args = [arg.with_changes(comma=_COMMA) for arg in args[:-1]] + [args[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]
    return cst.Call(cst.parse_expression(func), args)


# How `run_parallel` is to go over the items.
LIST: Mapping[str, bool] = {}
LOOP: Mapping[str, bool] = {"as_loop": True}
STREAM: Mapping[str, bool] = {**LOOP, "stream": True}  # read ahead, whatever they are


def runtime_call(
    worker: cst.BaseExpression, items: cst.BaseExpression, workers: int, form: Mapping[str, bool], *, fail_fast: bool = True
) -> cst.Call:
    """`run_parallel(worker, items, max_workers=..., as_loop=True)`, or with `fail_fast=True`."""
    options = {**({} if fail_fast == ("as_loop" in form) else {"fail_fast": fail_fast}), **form}
    keywords = [keyword(name, cst.Name(str(value))) for name, value in options.items()]
    return call_of(imported("run_parallel"), [cst.Arg(worker), cst.Arg(_argument(items)), keyword("max_workers", cst.Integer(str(workers))), *keywords])


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
    owner = facts.parent(facts.parent(old) or old)
    above = [] if facts.is_first(old) and not isinstance(owner, (cst.For, cst.While, cst.With, cst.If, cst.Else, cst.Try)) else blank  # as black has it
    leading = [line for line in statement.leading_lines if line.comment is not None]
    return [definition.with_changes(leading_lines=above), statement.with_changes(leading_lines=[*blank, *leading])]


def grouped(target: cst.BaseExpression) -> cst.BaseExpression:
    """A tuple with its parentheses, as it stands inside another, or beside other arguments; so with all that need them there."""
    if isinstance(target, (cst.Tuple, cst.NamedExpr, cst.Yield, cst.GeneratorExp)) and not target.lpar:
        return target.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return target


def in_clause(node: cst.BaseExpression) -> cst.BaseExpression:
    """An expression as it may stand in a clause of a comprehension: `a if b else c` would be taken for a condition of it."""
    if isinstance(node, (cst.IfExp, cst.Lambda)) and not node.lpar:
        return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return grouped(node)

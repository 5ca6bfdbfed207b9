"""Wrap new code to the line length: a statement that a fix makes too long is formatted like formatters do.

The last bracket of the statement is split: its contents are on one line, or else on one line per element.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.parser import parse_expression
from par_lint.fixes.codegen.brackets import code, has_comments_between, last_bracket, split_over_lines
from par_lint.fixes.codegen.edit import Edit, Replaced
from par_lint.fixes.codegen.node_builders import comments
from par_lint.fixes.codegen.replace import replace_inside

_STRINGS_OVER_LINES = ('"""', "'''", "\\\n")
_PRAGMA = re.compile(r"#\s*(noqa|type:|pragma|pylint|nosec|fmt:|pyright).*", re.IGNORECASE)
_FLAT = (
    (re.compile(r"([(\[{])\s*\n\s*"), r"\1"), (re.compile(r",?\s*\n\s*([)\]}])"), r"\1"),
    (re.compile(r"\s*\n\s*(?=\.[^\W\d])"), ""), (re.compile(r"\s*\n\s*"), " "),
)  # fmt: skip
_NodeT = TypeVar("_NodeT", bound=cst.CSTNode)
_Pair = tuple[cst.CSTNode, Replaced]


def wrap_edit(edit: Edit, facts: Facts, line_length: int) -> Edit:
    """Return the edit with each new statement wrapped to `line_length` columns, if one of its brackets can be split."""
    wrapper = _wrapper(facts, line_length)
    return replace(edit, replaced=_wrap_expressions([_wrap_pair(old, new, facts, wrapper) for old, new in edit.replaced], facts, wrapper))


def wrap_together(edits: Sequence[Edit], facts: Facts, line_length: int) -> Sequence[Edit]:
    """Return edits that are applied at once, each wrapped by itself before: several in one statement may only together be too long for its line."""
    pairs = [pair for edit in edits for pair in edit.replaced]
    wrapped = _wrap_expressions(pairs, facts, _wrapper(facts, line_length), least=2)
    return edits if wrapped == tuple(pairs) else [Edit(wrapped, tuple(dict.fromkeys(one for edit in edits for one in edit.imports)))]


def _wrapper(facts: Facts, line_length: int) -> _Wrapper:
    return _Wrapper(line_length, frozenset(line.strip() for line in facts.lines), len(facts.module.default_indent), "\t" in facts.module.default_indent)


def _wrap_pair(old: cst.CSTNode, new: Replaced, facts: Facts, wrapper: _Wrapper) -> _Pair:
    """Return a replacement with new statements, or new exceptions of a handler, wrapped."""
    if isinstance(new, cst.FlattenSentinel):
        return old, cst.FlattenSentinel([wrapper.statement(node, facts.span(old)[1]) for node in new])
    if isinstance(new, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
        return old, wrapper.statement(new, facts.span(old)[1])
    handler = facts.parent(old)
    if isinstance(handler, cst.ExceptHandler) and isinstance(new, cst.Tuple):
        return old, wrapper.caught(new, handler, facts.span(handler)[1])
    return old, new


def _wrap_expressions(pairs: Sequence[_Pair], facts: Facts, wrapper: _Wrapper, least: int = 1) -> tuple[_Pair, ...]:
    """Return replacements in which a statement that new expressions make too long is replaced whole, if at least so many are in it."""
    statements: dict[cst.CSTNode, list[_Pair]] = {}
    for old, new in pairs:
        statement = _statement_around(old, facts) if isinstance(new, cst.BaseExpression) else None
        if statement is not None:
            statements.setdefault(statement, []).append((old, new))
    numbers = sorted(facts.tree.number(old) for old, _ in pairs)
    wrapped: dict[cst.CSTNode, _Pair] = {}
    for statement, inside in statements.items():
        reach = facts.tree.reach(statement)
        if len(inside) < least or bisect_left(numbers, reach.stop) - bisect_left(numbers, reach.start) > len(inside):  # something else in it is replaced
            continue
        whole = replace_inside(statement, dict(inside))
        fitted = wrapper.header(whole, facts.span(statement)[1])
        if fitted is not whole:
            wrapped.update(dict.fromkeys((old for old, _ in inside), (statement, fitted)))
    return tuple(dict.fromkeys(wrapped.get(old, (old, new)) for old, new in pairs))


def _statement_around(node: cst.CSTNode, facts: Facts) -> cst.CSTNode | None:
    """Return the statement in a block or in the module that holds a node, which may also be in a lambda."""
    above = facts.parent(node)
    while above is not None and not isinstance(outer := facts.parent(above), (cst.IndentedBlock, cst.Module)):
        above = outer
    return above


@dataclass(frozen=True)
class _Wrapper:
    """Wraps statements. `written` are the lines that the user wrote: they stay as they are, even if they are too long."""

    line_length: int
    written: frozenset[str]
    step: int
    tabs: bool

    def statement(self, node: _NodeT, indent: int) -> _NodeT:
        """Return a statement, wrapped together with everything in it."""
        node = self.header(node, indent)
        body = getattr(node, "body", None)
        if not isinstance(node, cst.BaseCompoundStatement) or not isinstance(body, cst.IndentedBlock):
            return node
        inner = [self.statement(one, indent + self.step) for one in body.body]
        if all(new is old for new, old in zip(inner, body.body)):
            return node
        return node.with_changes(body=body.with_changes(body=inner))

    def header(self, node: _NodeT, indent: int) -> _NodeT:
        """Return a simple statement, or the first line of a compound one, wrapped."""
        parts = _split_at_expression(node)
        if parts is None or self._is_fine(*parts[1:], indent):
            return node
        root, text, end = parts
        laid_out = node
        if "\n" in text:
            flat = _on_one_line(root)
            if flat is None:
                return self._with_split_bracket(node, root, indent)
            node = replace_inside(node, {root: flat})
            parts = _split_at_expression(node)
            assert parts is not None
            root, text, end = parts
            if "\n" in text:  # also outside the expression
                return node
        if indent + len(text) + len(end) <= self.line_length:
            return node
        opened = self._with_split_bracket(node, root, indent)
        return opened if opened is not node else laid_out  # one line would be longer still

    def caught(self, types: cst.Tuple, handler: cst.ExceptHandler, indent: int) -> cst.BaseExpression:
        """Return the exceptions of a handler, one on each line if they are too long for one."""
        text = code(types)
        name = f" as {code(handler.name.name)}" if handler.name is not None else ""
        if "\n" in text or indent + len(f"except {text}{name}:") <= self.line_length:
            return types
        space = "\t" if self.tabs else " " * self.step
        return parse_expression("(\n" + "".join(f"{space}{code(one.value)},\n" for one in types.elements) + ")")

    def _with_split_bracket(self, node: _NodeT, root: cst.BaseExpression, indent: int) -> _NodeT:
        """Return the statement with its last bracket split over several lines, unless there are comments between its parts."""
        bracket = last_bracket(root)
        if bracket is None or has_comments_between(bracket):
            return node
        return replace_inside(node, {bracket: split_over_lines(bracket, indent=indent, line_length=self.line_length, tabs=self.tabs)})

    def _is_fine(self, text: str, end: str, indent: int) -> bool:
        """Return whether the lines that the user did not write are short enough, and open at most one bracket."""
        *before, last = text.split("\n")
        new = [" " * indent + line for line in (*before, last + end) if line.strip() not in self.written]  # the text has no indentation of its block
        if any(len(line) > self.line_length for line in new):
            return False
        return all(sum(map(line.count, "([{")) - sum(map(line.count, ")]}")) < 2 for line in new)


def _split_at_expression(node: cst.CSTNode) -> tuple[cst.BaseExpression, str, str] | None:
    """Return the expression that ends a statement's first line, the text up to its end, and the text after it: a colon, a comment."""
    comment: cst.Comment | None = None
    match node:
        case cst.SimpleStatementLine(body=[(
            cst.Expr(value=root) | cst.Assign(value=root) | cst.AnnAssign(value=root) | cst.AugAssign(value=root) | cst.Return(value=root)
        )]):
            text = code(node.with_changes(leading_lines=[], trailing_whitespace=cst.TrailingWhitespace())).rstrip("\n")
            comment, colon = node.trailing_whitespace.comment, ""
        case (
            cst.For(iter=root, body=cst.IndentedBlock() as body)
            | cst.With(items=[*_, cst.WithItem(item=root)], body=cst.IndentedBlock() as body)
            | cst.If(test=root, body=cst.IndentedBlock() as body)
            | cst.While(test=root, body=cst.IndentedBlock() as body)
        ):
            changes: dict[str, object] = {} if isinstance(node, cst.With) else {"orelse": None}
            bare = node.with_changes(leading_lines=[], body=cst.SimpleStatementSuite([cst.Pass()]), **changes)
            text = code(bare).rpartition(":")[0]
            comment, colon = body.header.comment, ":"
        case _:
            return None
    if root is None:
        return None
    if comment is not None and _PRAGMA.match(comment.value):  # the comment is about this line
        return None
    return root, text, colon + (f"  {comment.value}" if comment is not None else "")


def _on_one_line(root: cst.BaseExpression) -> cst.BaseExpression | None:
    """Return an expression on one line; None if a comment or a string needs several lines."""
    text = code(root)
    if comments(root) or any(mark in text for mark in _STRINGS_OVER_LINES):
        return None
    for pattern, flat in _FLAT:
        text = pattern.sub(flat, text)
    return parse_expression(text)

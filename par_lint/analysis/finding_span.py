"""The end of a finding's span."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from par_lint.core.files.source_text import split_lines

if TYPE_CHECKING:
    from par_lint.analysis.facts import Facts

_CLOSING = re.compile(r"(?:[\s,\\]|#.*)*\)")  # with the comma and the comments before it


def find_end(node: cst.CSTNode, facts: Facts) -> tuple[int, int]:
    """Return line and column (1-based, exclusive) of the end of a node; for a loop or a `with`, of its header."""
    last = _header_end(node)
    _, _, line, column = facts.span(last)
    if last is not node and isinstance(last, cst.BaseExpression):
        for _ in last.rpar:  # these are not part of an expression's own span
            line, column = _behind_bracket(line, column, facts)
    return line, column + 1


def _header_end(node: cst.CSTNode) -> cst.CSTNode:
    match node:
        case cst.For():
            return node.iter
        case cst.While():
            return node.test
        case cst.With():
            return node.items[-1]
        case _:
            return node


def _behind_bracket(line: int, column: int, facts: Facts) -> tuple[int, int]:
    """Return the position after the next closing bracket."""
    rest = "".join(facts.lines[line - 1 :])[column:]
    found = _CLOSING.match(rest)
    if found is None:
        return line, column
    passed = split_lines(found.group())
    return line + len(passed) - 1, len(passed[-1]) + (column if len(passed) == 1 else 0)

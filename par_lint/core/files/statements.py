"""The statement around a finding, from the standard syntax tree of its file."""

from __future__ import annotations

import ast
from collections.abc import Sequence


class Statements:
    """The statements of one file. `lines` are the lines of the file, with their line ends."""

    def __init__(self, tree: ast.Module, lines: Sequence[str]) -> None:
        self._lines = lines
        self._all = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]

    def around(self, line: int, column: int) -> str:
        """Return the text of the innermost statement around a position (1-based, in characters); of a compound statement, only the header."""
        node = self._innermost(line, column)
        if node is None:
            return self._line(line).strip()
        last = _header_end(node)
        end_line = last.end_lineno or node.lineno
        begin, end = self._column(*_start(node)), self._column(end_line, last.end_col_offset or 0)
        text = "".join(self._lines[node.lineno - 1 : end_line])
        return text[begin : len(text) - len(self._line(end_line)) + end]

    def extent(self, line: int, column: int) -> tuple[int, int]:
        """Return the first and the last line of the innermost statement around a position, with its body."""
        node = self._innermost(line, column)
        return (node.lineno, node.end_lineno or node.lineno) if node is not None else (line, line)

    def _innermost(self, line: int, column: int) -> ast.stmt | None:
        place = line, len(self._line(line)[: column - 1].encode())
        around = [node for node in self._all if _start(node) <= place <= (node.end_lineno or 0, node.end_col_offset or 0)]
        return max(around, key=_start, default=None)

    def _line(self, line: int) -> str:
        return self._lines[line - 1] if line <= len(self._lines) else ""

    def _column(self, line: int, offset: int) -> int:
        return len(self._line(line).encode()[:offset].decode(errors="replace"))


def _header_end(node: ast.stmt) -> ast.expr | ast.stmt:
    """Return the last expression of a compound statement's header; for a simple statement, the statement itself."""
    match node:
        case ast.For() | ast.AsyncFor():
            return node.iter
        case ast.While() | ast.If():
            return node.test
        case ast.With() | ast.AsyncWith():
            return node.items[-1].optional_vars or node.items[-1].context_expr
        case ast.Match():
            return node.subject
        case _:
            return node


def _start(node: ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset

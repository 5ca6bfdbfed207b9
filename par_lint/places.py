"""Where a finding ends, and the statement that it stands in, from the standard syntax tree of its file."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TypeAlias

Place: TypeAlias = "tuple[int, int]"
"""Line and column, both 1-based; the column counts characters."""

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Places:
    """The places of one file. `lines` are the file's own, with their ends."""

    def __init__(self, tree: ast.Module, lines: Sequence[str]) -> None:
        self._lines = lines
        self._statements: list[ast.stmt] = []
        self._starting: dict[tuple[int, int], list[ast.expr | ast.stmt]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt):
                self._statements.append(node)
            if isinstance(node, (ast.stmt, ast.expr)):
                self._starting.setdefault((node.lineno, node.col_offset), []).append(node)

    def end(self, line: int, column: int) -> Place:
        """Where that ends which a finding at a place is about: a call, a comprehension, or the header of a statement."""
        start = line, len(self._line(line)[: column - 1].encode())
        nodes = self._starting.get(start, [])
        for wanted in ((ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith), _COMPREHENSIONS, ast.Call, ast.Await, ast.expr, ast.stmt):
            inner = [node for node in nodes if isinstance(node, wanted)]
            if inner:
                return self._end(min(inner, key=_size))
        return line, max(column, len(self._line(line).rstrip("\r\n")) + 1)

    def statement(self, line: int, column: int) -> str:
        """The text of the innermost statement around a place; of one with a body, the header alone."""
        place = line, len(self._line(line)[: column - 1].encode())
        around = [node for node in self._statements if _start(node) <= place <= (node.end_lineno or 0, node.end_col_offset or 0)]
        if not around:
            return self._line(line).strip()
        node = max(around, key=_start)
        (first, begin), (last, end) = self._place(*_start(node)), self._end(node)
        text = "".join(self._lines[first - 1 : last])
        rest = len(self._line(last)) - (end - 1)
        return text[begin - 1 : len(text) - rest]

    def _line(self, line: int) -> str:
        return self._lines[line - 1] if line <= len(self._lines) else ""

    def _end(self, node: ast.expr | ast.stmt) -> Place:
        last = _header_end(node)
        return self._place(last.end_lineno or node.lineno, last.end_col_offset or 0)

    def _place(self, line: int, offset: int) -> Place:
        return line, len(self._line(line).encode()[:offset].decode(errors="replace")) + 1


def _header_end(node: ast.expr | ast.stmt) -> ast.expr | ast.stmt:
    """The last expression of a statement's header; for all others the node itself."""
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


def _size(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0

"""A slice of a file parsed by LibCST: the positions of its nodes in the file, and their records in the index."""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence

import libcst as cst

from par_lint.analysis.gate.slices import Slice
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.scopes import CallSite, Function
from par_lint.analysis.syntax.nodes import Span, spans
from par_lint.analysis.syntax.parents import NodeTree


class ParsedSlice:
    """One parsed slice. `lines` are the lines of the file."""

    def __init__(self, piece: Slice, module: cst.Module, lines: Sequence[str], index: FileIndex) -> None:
        self.module = module
        self._piece = piece
        self._lines = lines
        self._index = index

    @property
    def file_lines(self) -> Sequence[int]:
        """The line of the file for each line of the slice."""
        return self._piece.file_lines

    @functools.cached_property
    def tree(self) -> NodeTree:
        """All code nodes of the slice."""
        return NodeTree(self.module)

    @functools.cached_property
    def _spans(self) -> dict[int, Span]:
        return spans(self.module)

    def span(self, node: cst.CSTNode) -> Span:
        """Return the span of a node in lines of the file; a node without a position has that of its first child."""
        found = self._spans.get(id(node))
        while found is None:
            inner = next((s for child in node.children if (s := self._spans.get(id(child))) is not None), None)
            above = self.tree.parent(node)
            found = inner or (self._spans.get(id(above)) if above is not None else (1, 0, 1, 0))
            node = above if above is not None else self.module
        line, column, end_line, end_column = found
        table = self._piece.file_lines
        last = len(table)
        return table[min(line, last) - 1], column, table[min(end_line, last) - 1], end_column

    @functools.cached_property
    def sites(self) -> dict[int, CallSite]:
        """The index's record of each call, by the identity of its node: the record at the same position."""
        by_place = {self.characters(site.node): site for line in set(self._piece.file_lines) for site in self._index.calls_at(line)}
        return {id(call): site for call in self.tree.all_of(cst.Call) if (site := by_place.get(self.span(call))) is not None}

    @functools.cached_property
    def calls(self) -> dict[ast.Call, cst.Call]:
        """The calls of the slice, by their standard nodes."""
        return {site.node: call for call in self.tree.all_of(cst.Call) if (site := self.sites.get(id(call))) is not None}

    def characters(self, node: ast.expr | ast.stmt | ast.ExceptHandler) -> Span:
        """Return the span of a standard node, with columns in characters."""
        last = node.end_lineno or node.lineno
        return node.lineno, self._column(node.lineno, node.col_offset), last, self._column(last, node.end_col_offset or 0)

    def _column(self, line: int, offset: int) -> int:
        """Convert a column from UTF-8 bytes to characters."""
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="replace"))

    @functools.cached_property
    def functions(self) -> dict[int, Function]:
        """The index's record of each function, by the identity of its node."""
        places = ((node, (self.span(node)[0], node.name.value)) for node in self.tree.all_of(cst.FunctionDef))
        return {id(node): self._index.defined[place] for node, place in places if place in self._index.defined}

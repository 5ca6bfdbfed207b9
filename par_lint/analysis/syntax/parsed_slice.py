"""A piece of a file that LibCST has parsed: where its nodes stand in the file, and what the index knows of them."""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence

import libcst as cst

from par_lint.analysis.gate.slices import Slice
from par_lint.analysis.semantics.index import FileIndex
from par_lint.analysis.semantics.scopes import CallSite, Function
from par_lint.analysis.syntax.node_tree import NodeTree
from par_lint.analysis.syntax.nodes import Span, spans


class ParsedSlice:
    """One parsed piece. `lines` are those of the file."""

    def __init__(self, piece: Slice, module: cst.Module, lines: Sequence[str], index: FileIndex) -> None:
        self.module = module
        self._piece = piece
        self._lines = lines
        self._index = index

    @property
    def file_lines(self) -> Sequence[int]:
        """For each line of the piece the line of the file that it is."""
        return self._piece.file_lines

    @functools.cached_property
    def tree(self) -> NodeTree:
        """All nodes of the piece that are code."""
        return NodeTree(self.module)

    @functools.cached_property
    def _spans(self) -> dict[int, Span]:
        return spans(self.module)

    def span(self, node: cst.CSTNode) -> Span:
        """Where a node stands, in lines of the file; a node without a position of its own has that of its first child."""
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
        """The index's record of each call, by the identity of its node: the one that stands in the same place of the file."""
        by_place = {self.characters(site.node): site for line in set(self._piece.file_lines) for site in self._index.calls_at(line)}
        return {id(call): site for call in self.tree.all_of(cst.Call) if (site := by_place.get(self.span(call))) is not None}

    @functools.cached_property
    def calls(self) -> dict[ast.Call, cst.Call]:
        """The calls of the piece, by the nodes of the standard tree that they are."""
        return {site.node: call for call in self.tree.all_of(cst.Call) if (site := self.sites.get(id(call))) is not None}

    def characters(self, node: ast.expr | ast.stmt | ast.ExceptHandler) -> Span:
        """Where a node of the standard tree stands, in characters as those of the piece are."""
        last = node.end_lineno or node.lineno
        return node.lineno, self._column(node.lineno, node.col_offset), last, self._column(last, node.end_col_offset or 0)

    def _column(self, line: int, offset: int) -> int:
        """A column in characters from one in UTF-8 bytes."""
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="replace"))

    @functools.cached_property
    def functions(self) -> dict[int, Function]:
        """The index's record of each function, by the identity of its node."""
        places = ((node, (self.span(node)[0], node.name.value)) for node in self.tree.all_of(cst.FunctionDef))
        return {id(node): self._index.defined[place] for node, place in places if place in self._index.defined}

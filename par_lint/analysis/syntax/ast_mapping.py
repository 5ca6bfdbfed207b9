"""Map nodes of a parsed slice to nodes of the file's standard tree, by position."""

from __future__ import annotations

import ast
import functools
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import libcst as cst

from par_lint.analysis.semantics.ast_walk import children
from par_lint.analysis.semantics.dataflow.code_patterns import LoopNode
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.syntax.nodes import clauses
from par_lint.analysis.syntax.parsed_slice import ParsedSlice

_Place = tuple[int, int]
_EXPRESSIONS = frozenset({ast.Attribute, ast.Subscript, ast.Lambda})


class AstMapping:
    """The standard nodes of one slice."""

    def __init__(self, parsed: ParsedSlice, index: FileIndex) -> None:
        self._parsed = parsed
        self._index = index
        self._lines = sorted(set(parsed.file_lines))

    def of(self, node: cst.CSTNode) -> Sequence[ast.AST]:
        """Return the standard nodes of a statement, of a line, or of an expression that is not a display; empty if not found."""
        match node:
            case cst.SimpleStatementLine(body=body):
                return [found for small in body for found in self.of(small)]
            case cst.Call():
                site = self._parsed.sites.get(id(node))
                return [site.node] if site is not None else []
            case cst.BaseExpression():
                expression = self._expressions.get((type(node).__name__, self._parsed.span(node)))
                return [expression] if expression is not None else []
            case _:
                statement = self._statements.get(self._parsed.span(node)[:2])
                return [statement] if statement is not None else []

    def loop(self, node: cst.For | cst.BaseComp) -> LoopNode | None:
        """Return the standard node of a `for` statement or a comprehension."""
        target: cst.BaseExpression = node.target if isinstance(node, cst.For) else next(clauses(node)).target
        while isinstance(target, (cst.Tuple, cst.List)) and target.elements:
            target = target.elements[0].value
        return self._loops.get(self._parsed.span(target)[:2])

    @functools.cached_property
    def _loops(self) -> dict[_Place, LoopNode]:
        """Loops by the position of their first name: the two trees treat brackets around a loop differently."""
        lines = set(self._lines)
        nodes = (loop.node for loop in self._index.loops if not isinstance(loop.node, ast.Call))
        firsts = ((_first(node.target if isinstance(node, (ast.For, ast.AsyncFor)) else node.generators[0].target), node) for node in nodes)
        return {self._parsed.characters(first)[:2]: node for first, node in firsts if first.lineno in lines}

    @functools.cached_property
    def _statements(self) -> dict[_Place, ast.stmt | ast.ExceptHandler]:
        return {self._parsed.characters(node)[:2]: node for node in self._nodes() if isinstance(node, (ast.stmt, ast.ExceptHandler))}

    @functools.cached_property
    def _expressions(self) -> dict[tuple[str, tuple[int, int, int, int]], ast.expr]:
        return {
            (type(node).__name__, self._parsed.characters(node)): node for node in self._nodes() if type(node) in _EXPRESSIONS and isinstance(node, ast.expr)
        }  # fmt: skip

    def _nodes(self) -> Iterator[ast.AST]:
        """Yield all nodes of the file that may be in lines of the slice."""
        stack: list[ast.AST] = list(self._index.tree.body)
        while stack:
            node = stack.pop()
            if isinstance(node, ast.stmt):
                place = bisect_left(self._lines, node.lineno)
                if place == len(self._lines) or self._lines[place] > (node.end_lineno or node.lineno):
                    continue
            yield node
            stack += children(node)

    # The other way ------------------------------------------------------------------------------------------------

    def changed(self, node: ast.AST) -> cst.CSTNode | None:
        """Return the slice's node for a changed name, attribute, element or handler; None for other binding nodes."""
        if isinstance(node, ast.Call):
            return self._parsed.calls.get(node)
        if not isinstance(node, (ast.expr, ast.ExceptHandler)):
            return None
        return self._changed.get((type(node).__name__, self._parsed.characters(node)[:2 if isinstance(node, ast.ExceptHandler) else 4]))

    @functools.cached_property
    def _changed(self) -> dict[tuple[str, Sequence[int]], cst.CSTNode]:
        span = self._parsed.span
        found: dict[tuple[str, Sequence[int]], cst.CSTNode] = {
            (type(node).__name__, span(node)): node for node in self._parsed.tree.all_of(cst.Name, cst.Attribute, cst.Subscript)
        }
        for kind in (cst.ExceptHandler, cst.ExceptStarHandler):
            found.update((("ExceptHandler", span(node)[:2]), node) for node in self._parsed.tree.all_of(kind))
        return found


def _first(target: ast.expr) -> ast.expr:
    """Return the first of the targets in a target."""
    match target:
        case ast.Tuple(elts=[first, *_]) | ast.List(elts=[first, *_]) | ast.Starred(value=first):
            return _first(first)
        case _:
            return target

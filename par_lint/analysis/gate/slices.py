"""Slices: the lines of a file that a rule must see, as a module made of whole original lines.

A slice contains the candidates, with the headers of all enclosing blocks. From the function around a candidate it contains the statements
that mention the names it binds or that alias the objects it uses, and those that leave a block (only the fact that they do). Statements
omitted from a block leave one `pass` behind, so that no two statements become neighbours. A function that a candidate calls is sliced
separately on demand; so is the statement of a call that needs no context, if nothing else of its function is needed. Columns stay
the same; a line table maps back to the file.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Mapping, Sequence

from par_lint.analysis.gate.blocks import (
    LEAVES_BLOCK,
    NOTHING,
    Block,
    Overlap,
    Related,
    block_of,
    block_of_module,
    first_line,
    lines_of,
    merge_ranges,
    overlaps,
    related,
)
from par_lint.analysis.semantics.ast_walk import walk

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_SCOPES = (*_FUNCTIONS, ast.ClassDef)
_LEAVING_WORDS = {ast.Return: "return\n", ast.Raise: "raise\n"}
_Line = tuple[int, str]


class Slice:
    """Source text, and the line of the file for each of its lines (both 1-based)."""

    __slots__ = ("file_lines", "is_whole", "text")

    def __init__(self, text: str, file_lines: Sequence[int], *, is_whole: bool = False) -> None:
        self.text = text
        self.file_lines = file_lines
        self.is_whole = is_whole


class Wanted:
    """The parts of a file that must be seen, in its lines (1-based).

    Candidates with related statements `around` them, calls `alone`, and `functions` that are needed completely, by the line of their `def`.
    """

    __slots__ = ("alone", "around", "functions")

    def __init__(self, around: Sequence[range], alone: frozenset[int], functions: frozenset[int]) -> None:
        self.around = around
        self.alone = alone
        self.functions = functions

    def __bool__(self) -> bool:
        return bool(self.around or self.alone or self.functions)


def whole(lines: Sequence[str]) -> Slice:
    """Return the slice that is the whole file."""
    return Slice("".join(lines), range(1, len(lines) + 1), is_whole=True)


def slice_around(tree: ast.Module, lines: Sequence[str], wanted: Wanted) -> Slice:
    """Return the smallest slice that contains the wanted parts."""
    cutter = _Slicer(lines, wanted)
    if any(cutter.has_candidate(statement) for statement in tree.body if not isinstance(statement, _SCOPES)):
        kept = cutter.unit(block_of_module(tree, lines))
    else:
        kept = [*cutter.members(tree.body), *cutter.torn_out]
    return Slice("".join(text for _, text in kept), [number for number, _ in kept])


class _Slicer:
    """Slices one file."""

    def __init__(self, lines: Sequence[str], wanted: Wanted) -> None:
        self._lines = lines
        self._around = merge_ranges(wanted.around)
        self._alone = _single(wanted.alone)
        self._functions = _single(wanted.functions)
        self._starts = sorted({*(one.start for one in self._around), *wanted.alone, *wanted.functions})
        self.torn_out: list[_Line] = []
        """Statements of functions of which nothing else is wanted."""

    def has_candidate(self, statement: ast.stmt) -> bool:
        """Return whether a statement contains a candidate that needs its context."""
        return bool(_within(self._around, first_line(statement), statement.end_lineno or statement.lineno))

    def members(self, body: Sequence[ast.stmt]) -> Iterator[_Line]:
        """Return the wanted lines of the statements of a module or a class; others leave no trace."""
        for statement in body:
            first, last = first_line(statement), statement.end_lineno or statement.lineno
            here = bisect_left(self._starts, first)
            if here == len(self._starts) or self._starts[here] > last:
                continue
            inner = first_line(statement.body[0]) if isinstance(statement, ast.ClassDef) else 0
            if isinstance(statement, ast.ClassDef) and self._starts[here] >= inner > statement.lineno:
                kept = list(self.members(statement.body))
                yield from [*self._raw(first, inner - 1), *kept] if kept else []
            else:
                yield from self.unit(block_of(statement, self._lines))

    def unit(self, part: Block) -> list[_Line]:
        """Return a module, or a statement of it or of a class, without unrelated parts."""
        marked = overlaps(part, _within(self._around, part.first, part.last))
        asked = overlaps(part, _within(self._alone, part.first, part.last))
        if marked or _within(self._functions, part.first, part.last):
            names = related(part, marked, _common(part.node)) if marked else NOTHING
            return self._kept(part, {**asked, **marked}, names) or self._raw(part.first, part.last)
        self._move_out(part, asked)
        return []

    def _move_out(self, part: Block, asked: Mapping[Block, Overlap]) -> None:
        """Move statements out of their blocks; indented ones are put under an `if`, which keeps their columns."""
        if asked.get(part) is Overlap.HOLDING:
            for inner in part.inner:
                self._move_out(inner, asked)
        if asked.get(part, Overlap.HOLDING) is Overlap.HOLDING:
            return
        if self._lines[part.first - 1][:1] in " \t\f":
            self.torn_out.append((part.first, "if 1:\n"))
        self.torn_out += self._kept(part, asked, NOTHING)

    def _kept(self, part: Block, marked: Mapping[Block, Overlap], names: Related) -> list[_Line]:
        """Return the lines of a statement that stay; empty if it can be omitted."""
        if marked.get(part) is Overlap.COVERED:
            return self._raw(part.first, part.last)
        if isinstance(part.node, _FUNCTIONS) and _within(self._functions, part.node.lineno, part.node.lineno):
            return _code(part.node, self._lines)
        if isinstance(part.node, _FUNCTIONS) and part not in marked:
            names = names.without(LEAVES_BLOCK)  # whatever leaves it stays in it
        is_kept = part in marked or names.holds(part)
        if not part.blocks:
            if is_kept and part not in marked and part.head == [part.node] and not names.without(LEAVES_BLOCK).holds(part):
                return self._leaving(part)
            return self._raw(part.first, part.last) if is_kept else []
        if part in marked and isinstance(part.node, _LOOPS):
            names = names.having(LEAVES_BLOCK)  # it matters whether its iterations leave it
        kept: list[_Line] = []
        line = part.first
        for block in part.blocks:
            is_hiding = False
            for inner in block:
                kept += self._bare(line, inner.first - 1)
                line = inner.last + 1
                its = self._kept(inner, marked, names)
                is_kept |= bool(its)
                if not its and not is_hiding:
                    kept.append((inner.first, _indent(self._lines[inner.first - 1]) + "pass\n"))
                is_hiding = not its
                kept += its
        return kept if is_kept else []

    def _leaving(self, part: Block) -> list[_Line]:
        """Return a statement that leaves a block, without the value that it returns or raises."""
        word = _LEAVING_WORDS.get(type(part.node))
        return [(part.first, _indent(self._lines[part.first - 1]) + word)] if word is not None else self._raw(part.first, part.last)

    def _raw(self, first: int, last: int) -> list[_Line]:
        return [(number, self._lines[number - 1]) for number in range(first, min(last, len(self._lines)) + 1)]

    def _bare(self, first: int, last: int) -> list[_Line]:
        """Return lines without blank ones and comments outside candidates."""
        its = _within(self._around, first, last)
        return [line for line in self._raw(first, last) if _is_code(line[1]) or any(line[0] in one for one in its)]


def slice_function(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: Sequence[str]) -> Slice:
    """Return a function by itself, without comments and docstring; if indented, under an `if`, which keeps its columns."""
    kept = _code(function, lines)
    if function.col_offset:
        kept.insert(0, (function.lineno, "if 1:\n"))
    return Slice("".join(text for _, text in kept), [number for number, _ in kept])


def _code(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: Sequence[str]) -> list[_Line]:
    """Return the lines of a function without comments and docstring."""
    text = {line for node in walk(function) if isinstance(node, (ast.Constant, ast.JoinedStr)) for line in lines_of(node)[1:]}
    docstring: Container[int] = ()
    match function.body:
        case [ast.Expr(value=ast.Constant(value=str())) as found, after, *_] if function.lineno < found.lineno and lines_of(found).stop <= first_line(after):
            docstring = lines_of(found)
        case _:
            pass
    numbers = range(first_line(function), lines_of(function).stop)
    return [(number, lines[number - 1]) for number in numbers if number not in docstring and (_is_code(lines[number - 1]) or number in text)]


def _indent(text: str) -> str:
    return text[:len(text) - len(text.lstrip(" \t\f"))]


def _is_code(text: str) -> bool:
    return not text.isspace() and not text.lstrip().startswith("#")


def _single(lines: frozenset[int]) -> list[range]:
    return [range(line, line + 1) for line in sorted(lines)]


def _within(ranges: Sequence[range], first: int, last: int) -> Sequence[range]:
    """Return those of some ordered, disjoint ranges that overlap the lines from `first` to `last`."""
    return ranges[bisect_left(ranges, first, key=lambda one: one.stop - 1):bisect_right(ranges, last, key=lambda one: one.start)]


def _common(node: ast.AST) -> frozenset[str]:
    """Return the name of a method's object, which all its statements share."""
    args = node.args.args[:1] if isinstance(node, _FUNCTIONS) else []
    return frozenset(arg.arg for arg in args if arg.arg in ("self", "cls"))

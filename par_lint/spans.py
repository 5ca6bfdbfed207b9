"""Places in a text as editors count them: spans of findings, edits between two texts, columns in UTF-8, UTF-16 or UTF-32 units."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from par_lint.findings import Finding
from par_lint.source import split_lines

_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
_REPORTED = (ast.Call, ast.Await, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, order=True)
class Place:
    """A line and a column, both 0-based; the column counts characters."""

    line: int
    column: int


@dataclass(frozen=True)
class Span:
    """From `start` up to, and without, `end`."""

    start: Place
    end: Place

    def touches(self, other: Span) -> bool:
        """Whether two spans share a line: a cursor anywhere on a line is asking about what stands on it."""
        return self.start.line <= other.end.line and other.start.line <= self.end.line


@dataclass(frozen=True)
class TextEdit:
    """Put `text` where `span` is."""

    span: Span
    text: str


def to_units(line: str, column: int, encoding: str) -> int:
    """A column in characters as one in the units of `utf-8`, `utf-16` or `utf-32`."""
    codec, width = _CODECS[encoding]
    return len(line[:column].encode(codec, "surrogatepass")) // width


def from_units(line: str, units: int, encoding: str) -> int:
    """The other way; a column inside of a character is that of the character, one past the end is the end."""
    codec, width = _CODECS[encoding]
    data = line.encode(codec, "surrogatepass")[: max(units, 0) * width]
    return len(data.decode(codec, "ignore"))


def find_span(finding: Finding, tree: ast.Module, lines: Sequence[str]) -> Span:
    """What to underline: the header of a reported loop, a call, a comprehension; else the rest of the line."""
    start = Place(finding.line - 1, finding.column - 1)
    line = lines[start.line] if start.line < len(lines) else ""
    column = len(line[: start.column].encode())
    nodes = [node for node in ast.walk(tree) if getattr(node, "lineno", 0) == finding.line and getattr(node, "col_offset", -1) == column]
    end = _end(nodes)
    if end is None:
        return Span(start, Place(start.line, max(len(line.rstrip()), start.column)))
    row, offset = (end.end_lineno or 1) - 1, end.end_col_offset or 0
    return Span(start, Place(row, len(lines[row].encode()[:offset].decode(errors="ignore"))))


def _end(nodes: Sequence[ast.AST]) -> ast.expr | None:
    """The expression that ends the span of a finding on one of these nodes, which all start at one place."""
    for node in nodes:
        match node:
            case ast.For() | ast.AsyncFor():
                return node.iter
            case ast.While():
                return node.test
            case ast.With() | ast.AsyncWith():
                return node.items[-1].optional_vars or node.items[-1].context_expr
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                return node.value
            case _:
                continue
    calls = [node for node in nodes if isinstance(node, _REPORTED)]
    return max(calls, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0), default=None)


def find_edits(before: str, after: str) -> list[TextEdit]:
    """The few edits that turn one text into the other: whole lines, and within a line that stays one its changed part."""
    return list(_edits(split_lines(before), split_lines(after)))


def _edits(old: list[str], new: list[str]) -> Iterator[TextEdit]:
    for tag, first, last, start, end in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            continue
        if last - first == end - start == 1 and _end_of(old[first]) == _end_of(new[start]):
            yield _within_line(first, old[first].rstrip("\r\n"), new[start].rstrip("\r\n"))
        else:
            yield TextEdit(Span(_start_of(first, old), _start_of(last, old)), "".join(new[start:end]))


def _end_of(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _within_line(number: int, old: str, new: str) -> TextEdit:
    """The edit of a line, given without its end."""
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    return TextEdit(Span(Place(number, head), Place(number, len(old) - tail)), new[head : len(new) - tail])


def _start_of(number: int, lines: Sequence[str]) -> Place:
    """The start of a line; of the one after the last, the end of the text."""
    if number < len(lines) or not lines or lines[-1].endswith(("\n", "\r")):
        return Place(number, 0)
    return Place(number - 1, len(lines[-1]))


def apply_edits(text: str, edits: Sequence[TextEdit]) -> str:
    """The text with the edits made, as an editor makes them: all places are those of the text before."""
    lines = split_lines(text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        first, last = (starts[place.line] + place.column for place in (edit.span.start, edit.span.end))
        text = text[:first] + edit.text + text[last:]
    return text

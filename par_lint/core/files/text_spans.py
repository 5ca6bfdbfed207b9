"""Positions in a text: spans of findings, edits between two texts, columns in UTF-8, UTF-16 or UTF-32 code units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from par_lint.core.files.source_text import split_lines
from par_lint.core.findings import Finding

_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


@dataclass(frozen=True, order=True)
class Place:
    """A line and a column, both 0-based; the column counts characters."""

    line: int
    column: int


@dataclass(frozen=True)
class Span:
    """From `start` to `end`, exclusive."""

    start: Place
    end: Place

    def touches(self, other: Span) -> bool:
        """Return whether two spans share a line: a cursor anywhere on a line selects the findings on it."""
        return self.start.line <= other.end.line and other.start.line <= self.end.line


@dataclass(frozen=True)
class TextEdit:
    """Replace the text at `span` with `text`."""

    span: Span
    text: str

    def moved(self, lines: int) -> TextEdit:
        """Return the same edit some lines further down."""
        start, end = self.span.start, self.span.end
        return TextEdit(Span(Place(start.line + lines, start.column), Place(end.line + lines, end.column)), self.text)


def to_code_units(line: str, column: int, encoding: str) -> int:
    """Convert a column in characters to code units of `utf-8`, `utf-16` or `utf-32`."""
    codec, width = _CODECS[encoding]
    return len(line[:column].encode(codec, "surrogatepass")) // width


def from_code_units(line: str, units: int, encoding: str) -> int:
    """Convert a column in code units to characters. A column inside a character is that of the character; past the end is the end."""
    codec, width = _CODECS[encoding]
    data = line.encode(codec, "surrogatepass")[: max(units, 0) * width]
    return len(data.decode(codec, "ignore"))


def span_of_finding(finding: Finding) -> Span:
    """Return the span that a finding underlines."""
    line, column = finding.end
    return Span(Place(finding.line - 1, finding.column - 1), Place(line - 1, column - 1))


def compute_edits(before: Sequence[str], after: Sequence[str]) -> list[TextEdit]:
    """Return the minimal edits, in order, that turn one text into the other. Lines include their line ends.

    Whole lines are replaced; if one line changes into one line, only its changed part.
    """
    import difflib  # only for fixes

    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    tail = next((at for at in range(shorter - head) if before[-1 - at] != after[-1 - at]), shorter - head)
    changed = difflib.SequenceMatcher(None, before[head : len(before) - tail], after[head : len(after) - tail], autojunk=False)
    return [_edit(before, head + first, head + last, after[head + start : head + end])
            for tag, first, last, start, end in changed.get_opcodes() if tag != "equal"]


def apply_edits(lines: Sequence[str], edits: Sequence[TextEdit]) -> list[str]:
    """Return the lines after edits, which are in order and do not overlap. Of several new lines in one edit, the line ends stay inside it."""
    text, before = "", Place(0, 0)
    for edit in edits:
        text += _between(lines, before, edit.span.start) + edit.text
        before = edit.span.end
    return split_lines(text + _between(lines, before, Place(len(lines), 0)))


def whole_lines(lines: Sequence[str], edit: TextEdit) -> tuple[int, int, list[str]]:
    """Return an edit as the lines that it replaces, from a first one to an end (0-based, exclusive), and the new lines."""
    start, end = edit.span.start, edit.span.end
    is_partial = end.column > 0 or start.column > 0
    stop = end.line + is_partial
    if start == end and start.column and start.line < len(lines) and start.column >= len(lines[start.line]):  # at the end of the text
        stop = start.line + 1
    tail = lines[end.line][end.column :] if is_partial and end.line < len(lines) else ""
    head = lines[start.line][: start.column] if start.line < len(lines) else ""
    return start.line, min(stop, len(lines)), split_lines(head + edit.text + tail)


def moved_down(lines: Sequence[str], edit: TextEdit) -> TextEdit:
    """Return an insertion of whole lines at the last place where it has the same effect, as diffs show it; other edits as they are."""
    new = split_lines(edit.text)
    at = edit.span.start
    if at != edit.span.end or at.column or not new or not new[-1].endswith(("\n", "\r")):
        return edit
    line = at.line
    while line < len(lines) and new[0] == lines[line]:
        new = [*new[1:], new[0]]
        line += 1
    return TextEdit(Span(Place(line, 0), Place(line, 0)), "".join(new))


def _between(lines: Sequence[str], start: Place, end: Place) -> str:
    if start.line == end.line:
        return lines[start.line][start.column : end.column] if start.line < len(lines) else ""
    last = lines[end.line][: end.column] if end.line < len(lines) else ""
    return "".join([lines[start.line][start.column :], *lines[start.line + 1 : end.line], last]) if start.line < len(lines) else ""


def _edit(old: Sequence[str], first: int, last: int, new: Sequence[str]) -> TextEdit:
    """Return the edit that replaces the lines from `first` to `last`, exclusive."""
    if last - first == len(new) == 1 and _end_of(old[first]) == _end_of(new[0]):
        return _within_line(first, old[first].rstrip("\r\n"), new[0].rstrip("\r\n"))
    return TextEdit(Span(_start_of(first, old), _start_of(last, old)), "".join(new))


def _end_of(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _within_line(number: int, old: str, new: str) -> TextEdit:
    """Return the edit of a line, given without its line end."""
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    return TextEdit(Span(Place(number, head), Place(number, len(old) - tail)), new[head : len(new) - tail])


def _start_of(number: int, lines: Sequence[str]) -> Place:
    """Return the start of a line; for the line after the last, the end of the text."""
    if number < len(lines) or not lines or lines[-1].endswith(("\n", "\r")):
        return Place(number, 0)
    return Place(number - 1, len(lines[-1]))

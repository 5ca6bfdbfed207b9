"""Places in a text as programs count them: spans of findings, edits between two texts, columns in UTF-8, UTF-16 or UTF-32 units."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from par_lint.core.findings import Finding

_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


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


def find_span(finding: Finding) -> Span:
    """What a finding is about."""
    line, column = finding.end
    return Span(Place(finding.line - 1, finding.column - 1), Place(line - 1, column - 1))


def find_edits(before: Sequence[str], after: Sequence[str]) -> list[TextEdit]:
    """The few edits, in order, that turn one text into the other: whole lines, and within a line that stays one its changed part.

    Lines come with their ends.
    """
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    tail = next((at for at in range(shorter - head) if before[-1 - at] != after[-1 - at]), shorter - head)
    changed = difflib.SequenceMatcher(None, before[head : len(before) - tail], after[head : len(after) - tail], autojunk=False)
    return [_edit(before, head + first, head + last, after[head + start : head + end])
            for tag, first, last, start, end in changed.get_opcodes() if tag != "equal"]


def _edit(old: Sequence[str], first: int, last: int, new: Sequence[str]) -> TextEdit:
    """The edit that puts other lines in the place of those from the first up to, and without, the last."""
    if last - first == len(new) == 1 and _end_of(old[first]) == _end_of(new[0]):
        return _within_line(first, old[first].rstrip("\r\n"), new[0].rstrip("\r\n"))
    return TextEdit(Span(_start_of(first, old), _start_of(last, old)), "".join(new))


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

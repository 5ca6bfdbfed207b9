"""The lines around a finding, with a marker line that is aligned on any terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

_AROUND = 2  # lines shown before and after
_TAB = 4  # columns
_NOTHING_WIDE = ("Mn", "Me", "Cf")  # categories of characters without width


def code_frame(lines: Sequence[str], start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int | None, str]]:
    """Yield the lines around a finding with their numbers, and after its first line a marker line with the number None.

    Args:
        lines: the lines of the file.
        start, end: line and column of the finding (1-based, columns in characters, end exclusive).
    """
    first, column = start
    digits = range(max(1, first - _AROUND), min(len(lines), first + _AROUND) + 1)
    for number in digits:
        text = lines[number - 1].rstrip("\r\n")
        yield number, expand_tabs(text)
        if number == first:
            stop = end[1] if end[0] == first else len(text.rstrip()) + 1
            before = width(expand_tabs(text[: column - 1]))
            under = width(expand_tabs(text[: stop - 1])) - before
            yield None, " " * before + "^" * max(1, under)


def expand_tabs(text: str) -> str:
    """Return text with tabs as spaces and without control characters."""
    shown = ""
    for char in text:
        if char == "\t":
            shown += " " * (_TAB - width(shown) % _TAB)
        else:
            shown += char if unicodedata.category(char) != "Cc" else " "
    return shown


def width(text: str) -> int:
    """Return the width of text on a terminal in columns: wide characters count two, combining ones none."""
    return sum(
        0 if unicodedata.category(char) in _NOTHING_WIDE else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )  # fmt: skip

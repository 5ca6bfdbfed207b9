"""The lines around a finding, with a mark under it that stands right on any terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

_AROUND = 2  # lines shown before and behind
_TAB = 4  # columns
_NOTHING_WIDE = ("Mn", "Me", "Cf")  # categories of characters that take no column


def frame(lines: Sequence[str], start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int | None, str]]:
    """The lines to show with their numbers around what stands between two places (1-based, in characters), and behind the first line of the finding its mark, which has no number."""
    first, column = start
    digits = range(max(1, first - _AROUND), min(len(lines), first + _AROUND) + 1)
    for number in digits:
        text = lines[number - 1].rstrip("\r\n")
        yield number, laid_out(text)
        if number == first:
            stop = end[1] if end[0] == first else len(text.rstrip()) + 1
            before = width(laid_out(text[: column - 1]))
            under = width(laid_out(text[: stop - 1])) - before
            yield None, " " * before + "^" * max(1, under)


def laid_out(text: str) -> str:
    """Text with tabs as spaces and without characters that would move the cursor."""
    shown = ""
    for char in text:
        if char == "\t":
            shown += " " * (_TAB - width(shown) % _TAB)
        else:
            shown += char if unicodedata.category(char) != "Cc" else " "
    return shown


def width(text: str) -> int:
    """The columns that text takes on a terminal: wide characters two, combining ones none."""
    return sum(
        0 if unicodedata.category(char) in _NOTHING_WIDE else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )  # fmt: skip

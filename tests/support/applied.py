"""Edits made as an editor makes them."""

from __future__ import annotations

from collections.abc import Sequence

from par_lint.core.files.source_text import split_lines
from par_lint.core.files.text_spans import TextEdit


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

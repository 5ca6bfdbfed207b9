"""Cells of notebooks: Python with lines that only IPython understands."""

from __future__ import annotations

import re

_MAGIC = re.compile(r"^([ \t]*)[%!]", re.MULTILINE)


def without_magics(text: str) -> str:
    """Return a cell in which lines with `%magic` and `!command` are comments of the same length."""
    return _MAGIC.sub(r"\1#", text)

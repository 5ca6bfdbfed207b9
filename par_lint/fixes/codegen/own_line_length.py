"""The line length that a file keeps to, where no setting says it."""

from __future__ import annotations

import ast
import re

from par_lint.analysis.facts import Facts
from par_lint.core.memo import memoized_for_last

DEFAULT = 88  # black's and ruff's
_PEP8 = 79
_MOST = 120
_NEAR_PEP8 = range(_PEP8 - 3, _PEP8 + 1)
_MANY = 3
_LONG_STRING = re.compile(r"""(["'])(?:\\.|(?!\1).){40,}\1""")


@memoized_for_last
def own_line_length(facts: Facts) -> int:
    """Return the length that the lines of a file keep to: its longest line up to 120 columns where several are longer than 88, else 79 or 88.

    Lines that no formatter makes shorter do not count: comments, and what holds a long string.
    """
    lengths = _breakable_lengths(facts)
    longer = [length for length in lengths if DEFAULT < length <= _MOST]
    if len(longer) > 1:
        return max(longer)
    keeps_to_pep8 = max(lengths, default=0) <= _PEP8 and sum(length in _NEAR_PEP8 for length in lengths) >= _MANY
    return _PEP8 if keeps_to_pep8 else DEFAULT


def _breakable_lengths(facts: Facts) -> list[int]:
    """Return the lengths of the lines that could be shorter."""
    in_strings: set[int] = set()
    for kind in (ast.Constant, ast.JoinedStr):
        for node in facts.index.all_of(kind):
            if isinstance(node, (ast.Constant, ast.JoinedStr)) and node.end_lineno != node.lineno:
                in_strings.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return [
        len(text) for number, line in enumerate(facts.lines, 1)
        if number not in in_strings and len(text := line.rstrip()) >= _NEAR_PEP8[0] and "#" not in text and _LONG_STRING.search(text) is None
    ]  # fmt: skip

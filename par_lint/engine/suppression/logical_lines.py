"""The lines that flake8 treats as one when it looks for a `# noqa` comment."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Sequence

from par_lint.core.findings import Finding

_ENDS = (tokenize.NL, tokenize.NEWLINE)
_WITHOUT_PLACE = (tokenize.ENDMARKER, tokenize.DEDENT)


class LogicalLines:
    """The groups of lines that flake8 treats as one when it looks for a comment: multi-line strings and lines joined by backslashes."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._range: dict[int, tuple[int, int]] = {}
        self.comments: dict[int, int] = {}
        """The column (0-based) of the comment on a line."""
        try:
            self._read(lines)
        except (tokenize.TokenError, SyntaxError):  # like flake8: each line for itself
            self._range.clear()

    def _read(self, lines: Sequence[str]) -> None:
        first, last = len(lines) + 2, -1
        text = "".join(lines).replace("\r\n", "\n").replace("\r", "\n")
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in _WITHOUT_PLACE:
                continue
            if token.type == tokenize.COMMENT:
                self.comments[token.start[0]] = token.start[1]
            first, last = min(first, token.start[0]), max(last, token.end[0])
            if token.type in _ENDS:
                self._range.update(dict.fromkeys(range(first, last + 1), (first, last)))
                first, last = len(lines) + 2, -1

    def range(self, line: int) -> tuple[int, int]:
        """Return the first and the last line of the group that a line is in."""
        return self._range.get(line, (line, line))

    def codes(self, findings: Sequence[Finding]) -> dict[tuple[int, int], list[str]]:
        """Return the codes to write for each group of lines, sorted and unique."""
        found: dict[tuple[int, int], set[str]] = {}
        for finding in findings:
            found.setdefault(self.range(finding.line), set()).add(finding.code)
        return {place: sorted(codes) for place, codes in found.items()}

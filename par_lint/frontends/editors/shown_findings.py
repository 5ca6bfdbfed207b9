"""What an editor goes on showing while a text cannot be checked: the last findings, where they are now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from par_lint.core.files.text_spans import Place, Span
from par_lint.core.findings import Finding, Withheld


@dataclass(frozen=True)
class MarkedFinding:
    """A finding and the span to underline."""

    finding: Finding
    span: Span


@dataclass(frozen=True)
class ShownFindings:
    """The findings of a text that could be checked."""

    lines: Sequence[str] = ()
    marked: tuple[MarkedFinding, ...] = ()

    def moved_to(self, lines: Sequence[str]) -> ShownFindings:
        """Return the findings on the lines that are still there in a newer text: those above and below the first and last change."""
        shorter = min(len(self.lines), len(lines))
        head = next((at for at in range(shorter) if self.lines[at] != lines[at]), shorter)
        tail = next((at for at in range(shorter - head) if self.lines[-1 - at] != lines[-1 - at]), shorter - head)
        moved = _Moved(head, len(self.lines) - tail, len(lines) - len(self.lines))
        return ShownFindings(lines, tuple(found for marked in self.marked if (found := moved.marked(marked)) is not None))


@dataclass(frozen=True)
class _Moved:
    """A change of the lines from `start` to `end`, exclusive; the lines below moved down by `by`."""

    start: int
    end: int
    by: int

    def marked(self, marked: MarkedFinding) -> MarkedFinding | None:
        by = self._distance(marked.span.start.line, marked.span.end.line)
        if by is None:
            return None
        start, end = (Place(place.line + by, place.column) for place in (marked.span.start, marked.span.end))
        finding = marked.finding
        moved = replace(
            finding, line=finding.line + by, end=(finding.end[0] + by, finding.end[1]),
            withheld=self._reason(finding.withheld), caveat=self._reason(finding.caveat),
        )  # fmt: skip
        return MarkedFinding(moved, Span(start, end))

    def _reason(self, reason: Withheld | None) -> Withheld | None:
        """Return a reason at its line; None if that line changed."""
        by = self._distance(reason.line - 1, reason.line - 1) if reason is not None else None
        return replace(reason, line=reason.line + by) if reason is not None and by is not None else None

    def _distance(self, first: int, last: int) -> int | None:
        """Return how far two lines moved down; None if there is a change at them or between them."""
        if last < self.start:
            return 0
        return self.by if first >= self.end else None

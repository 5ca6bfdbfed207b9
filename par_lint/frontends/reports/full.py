"""The report for people: each finding with its lines and the proposed change, in colour on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from par_lint.core.file_result import FileFindings, Proposal
from par_lint.core.files.text_spans import TextEdit, whole_lines
from par_lint.core.findings import Applicability, Finding, ReasonKind
from par_lint.engine.suppression.rule_selection import Selection
from par_lint.frontends.reports.base import Output, Report
from par_lint.frontends.reports.code_frames import code_frame, expand_tabs

_CONTEXT = 2  # unchanged lines around a change
_COLOURS = {"+": ("green",), "-": ("red",), "@": ("cyan",)}


class Writer(Report):
    """The report with code frames and diffs."""

    wants_fixes = True
    is_console_output = True
    has_summary = True

    def __init__(self, selection: Selection, output: Output) -> None:
        super().__init__(selection, output)
        self._paint = output.paint

    def show(self, file: FileFindings) -> None:
        """Write the findings of a file."""
        for finding, proposal in file.proposed():
            for line in self._finding(file, finding, proposal):
                self.output.write(line.rstrip() + "\n")

    def _finding(self, file: FileFindings, finding: Finding, proposal: Proposal) -> Iterator[str]:
        paint = self._paint
        yield f"{paint(file.path, 'bold')}:{finding.line}:{finding.column}: {paint(finding.code, 'bold', 'red')} {finding.message}"
        shown: list[tuple[int | None, str]] = list(code_frame(file.lines, (finding.line, finding.column), finding.end))
        why = proposal.withheld or proposal.caveat
        if why is not None and 1 <= why.line <= len(file.lines) and why.line not in [number for number, _ in shown]:
            reason = (why.line, expand_tabs(file.lines[why.line - 1].rstrip("\r\n")))  # the line that the verdict names
            shown = [reason, (None, "..."), *shown] if why.line < finding.line else [*shown, (None, "..."), reason]
        digits = max(len(str(number or "")) for number, _ in shown)
        for number, text in shown:
            gutter = paint(f"{number or '':>{digits}} |", "dim")
            yield f"  {gutter} {paint(text, 'bold', 'yellow') if number is None else text}"
        yield f"  {self._verdict(proposal)}"
        yield from self._diff(file, proposal)
        yield ""

    def _verdict(self, proposal: Proposal) -> str:
        if proposal.withheld is not None:
            return self._paint(f"no fix: {proposal.withheld}", "yellow")
        if not proposal.edits:
            return self._paint("no fix: needs a manual change", "yellow")
        if proposal.applicability is Applicability.SAFE:
            return self._paint("safe fix, applied by par-lint fix:", "green")
        if proposal.caveat is not None and proposal.caveat.reason.kind is ReasonKind.RUNTIME:
            return self._paint(f"fix, not applied while run_parallel may not be importable: {proposal.caveat.reason}", "yellow")
        check = f": {proposal.caveat}" if proposal.caveat is not None else ""
        return self._paint(f"unsafe fix, applied by par-lint fix --unsafe-fixes; review it first{check}", "yellow")

    def _diff(self, file: FileFindings, proposal: Proposal) -> Iterator[str]:
        added = 0
        for edits in _neighbours(proposal.edits):
            header, lines, more = _hunk(file.lines, edits, added)
            added += more
            for line in (header, *lines):
                yield "    " + self._paint(expand_tabs(line.rstrip("\r\n")), *_COLOURS.get(line[0], ()))


def _neighbours(edits: Sequence[TextEdit]) -> list[list[TextEdit]]:
    """Return the edits in groups whose context overlaps."""
    groups: list[list[TextEdit]] = []
    for edit in edits:
        if groups and edit.span.start.line - groups[-1][-1].span.end.line <= 2 * _CONTEXT:
            groups[-1].append(edit)
        else:
            groups.append([edit])
    return groups


def _hunk(lines: Sequence[str], edits: Sequence[TextEdit], added: int) -> tuple[str, list[str], int]:
    """Return the header and the lines of one hunk of a unified diff, and how many lines it adds; `added` is that of the hunks before it."""
    changes = [whole_lines(lines, edit) for edit in edits]
    first, last = max(changes[0][0] - _CONTEXT, 0), min(changes[-1][1] + _CONTEXT, len(lines))
    shown: list[str] = []
    at = first
    for start, end, new in changes:
        shown += [f" {line}" for line in lines[at:start]] + [f"-{line}" for line in lines[start:end]] + [f"+{line}" for line in new]
        at = end
    shown += [f" {line}" for line in lines[at:last]]
    more = sum(len(new) - (end - start) for start, end, new in changes)
    return f"@@ -{_range(first, last - first)} +{_range(first + added, last - first + more)} @@", shown, more


def _range(first: int, count: int) -> str:
    """Return a range of lines as in a unified diff; of an empty one, the line before it."""
    start = first + (count > 0)
    return f"{start}" if count == 1 else f"{start},{count}"

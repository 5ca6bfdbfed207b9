"""The report for people: each finding with its lines and the proposed change, in colour on a terminal."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from par_lint.core.file_result import FileFindings, Proposal
from par_lint.core.findings import Applicability, Finding
from par_lint.engine.suppression.selection import Selection
from par_lint.frontends.reports.base import Output, Report
from par_lint.frontends.reports.colours import Paint, wants_colour
from par_lint.frontends.reports.frames import code_frame, expand_tabs

_CONTEXT = 2  # unchanged lines around a change
_COLOURS = {"+": ("green",), "-": ("red",), "@": ("cyan",)}


class Writer(Report):
    """The report with code frames and diffs."""

    wants_fixes = True
    is_for_people = True

    def __init__(self, selection: Selection, output: Output) -> None:
        super().__init__(selection, output)
        self._paint = Paint(wants_colour(output.is_terminal))

    def show(self, file: FileFindings) -> None:
        """Write the findings of a file."""
        for finding, proposal in zip(file.findings, file.proposals, strict=True):
            for line in self._finding(file, finding, proposal):
                self.output.write(line.rstrip() + "\n")

    def _finding(self, file: FileFindings, finding: Finding, proposal: Proposal) -> Iterator[str]:
        paint = self._paint
        yield f"{paint(file.path, 'bold')}:{finding.line}:{finding.column}: {paint(finding.code, 'bold', 'red')} {finding.message}"
        shown = list(code_frame(file.lines, (finding.line, finding.column), finding.end))
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
        check = f": {proposal.doubt}" if proposal.doubt is not None else ""
        return self._paint(f"unsafe fix, applied by par-lint fix --unsafe-fixes; review it first{check}", "yellow")

    def _diff(self, file: FileFindings, proposal: Proposal) -> Iterator[str]:
        if not proposal.edits:
            return
        for line in list(difflib.unified_diff(file.lines, proposal.lines, n=_CONTEXT))[2:]:
            yield "    " + self._paint(expand_tabs(line.rstrip("\r\n")), *_COLOURS.get(line[0], ()))

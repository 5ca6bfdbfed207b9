"""The findings under the name of their file, for people."""

from __future__ import annotations

from par_lint.core.file_result import FileFindings
from par_lint.frontends.reports.base import Report


class Writer(Report):
    """The report by file, with the positions in one column."""

    is_console_output = True
    has_summary = True
    marks_fixes = True

    def show(self, file: FileFindings) -> None:
        """Write the findings of a file."""
        if not file.findings:
            return
        paint = self.output.paint
        places = [f"{finding.line}:{finding.column}" for finding in file.findings]
        width = max(map(len, places))
        self.output.write(f"{paint(file.path, 'bold')}:\n")
        for place, finding in zip(places, file.findings, strict=True):
            mark = self.fixes.mark(file, finding)
            shown = mark and f"{paint(mark, 'green')} "
            self.output.write(f"  {place:<{width}}  {paint(finding.code, 'bold', 'red')} {shown}{finding.message}\n")
        self.output.write("\n")

"""The report as flake8 prints it, with the formatter that flake8's configuration names, or the default."""

from __future__ import annotations

from collections.abc import Sequence

from par_lint.core.file_result import FileFindings
from par_lint.core.files.atomic_write import write_atomically
from par_lint.core.files.read_errors import unwritable
from par_lint.engine.suppression.rule_selection import Selection
from par_lint.frontends.reports.base import Output, Report


class Writer(Report):
    """The report as text, one line for each finding. Fixable ones are marked, unless the configuration names another formatter."""

    def __init__(self, selection: Selection, output: Output) -> None:
        super().__init__(selection, output)
        self._formatter = selection.formatter
        self.marks_fixes = self.has_summary = selection.options.format == "default"
        if output.path is not None:
            write_atomically(output.path, b"")  # flake8 appends to the file
            self._formatter.filename = str(output.path)
        try:
            self._formatter.start()
        except OSError as error:
            raise unwritable(self._formatter.filename, error) from error

    def show(self, file: FileFindings) -> None:
        """Pass the findings to the formatter."""
        self._formatter.beginning(file.path)
        for finding in file.findings:
            mark = self.fixes.mark(file, finding) if self.marks_fixes else ""
            self.selection.show(file.path, finding, file.lines, mark=mark and f"{mark} ")
        self._formatter.finished(file.path)

    def finish(self, problems: Sequence[str]) -> None:
        """Print the statistics and the count like flake8."""
        options = self.selection.options
        if options.statistics and self.marks_fixes:
            for line in self.statistics():  # flake8 would repeat the whole message of the first finding
                self._formatter._write(line)
        elif options.statistics:
            self._formatter.show_statistics(self.selection.guides.stats)
        self._formatter.stop()
        if options.count:
            print(sum(self._counts.values()))

"""JSON Lines: the objects of the JSON report, one on each line, as soon as their file is checked."""

from __future__ import annotations

import json
from collections.abc import Sequence

from par_lint.core.file_result import FileFindings
from par_lint.frontends.reports.base import Report
from par_lint.frontends.reports.json_records import finding_records, syntax_record


class Writer(Report):
    """The report as JSON Lines."""

    wants_fixes = True

    def show(self, file: FileFindings) -> None:
        """Write the records of a file."""
        for record in finding_records(file):
            self.output.write(json.dumps(record) + "\n")

    def close(self, problems: Sequence[str]) -> None:
        """Write the files that cannot be parsed."""
        for problem in self.syntax_problems:
            self.output.write(json.dumps(syntax_record(problem)) + "\n")

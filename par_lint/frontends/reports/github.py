"""Workflow commands of GitHub Actions: each finding becomes an annotation in the pull request."""

from __future__ import annotations

from collections.abc import Sequence

from par_lint.core.config.rule_codes import rule_name
from par_lint.core.file_result import FileFindings
from par_lint.frontends.reports.base import Report, repository_path


class Writer(Report):
    """The report as workflow commands, one line for each finding."""

    def show(self, file: FileFindings) -> None:
        """Write the commands of a file."""
        path = repository_path(file.path)
        for finding in file.findings:
            line, column = finding.line, finding.column
            end_line, end_column = finding.end
            places = {"file": path, "line": line, "col": column}
            if end_line == line:  # GitHub supports columns within one line only
                places["endColumn"] = end_column
            places["title"] = f"{finding.code} {rule_name(finding.code)}"
            shown = ",".join(f"{key}={_property(str(value))}" for key, value in places.items())
            self.output.write(f"::warning {shown}::{_data(f'{finding.code} {finding.message}')}\n")

    def close(self, problems: Sequence[str]) -> None:
        """Write an error for each file that cannot be parsed."""
        for problem in self.syntax_problems:
            place = f"file={_property(repository_path(problem.path))},line={problem.line},col={problem.column}"
            self.output.write(f"::error {place},title={problem.CODE} {problem.NAME}::{_data(problem.message)}\n")


def _data(text: str) -> str:
    """Escape a message."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape the value of a property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")

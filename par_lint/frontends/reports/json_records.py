"""JSON: an array with one object for each finding, including its fix."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from par_lint.core.config.rule_codes import rule_name
from par_lint.core.file_result import FileFindings, Proposal
from par_lint.core.files.read_errors import SyntaxProblem
from par_lint.core.files.text_spans import TextEdit
from par_lint.core.findings import Finding, Withheld
from par_lint.engine.suppression.rule_selection import Selection
from par_lint.frontends.reports.base import Output, Report, relative_path


class Writer(Report):
    """The report as JSON. Lines and columns are 1-based, columns count characters, ends are exclusive."""

    wants_fixes = True

    def __init__(self, selection: Selection, output: Output) -> None:
        super().__init__(selection, output)
        self._records: list[dict[str, Any]] = []

    def show(self, file: FileFindings) -> None:
        """Keep the records of a file."""
        self._records += finding_records(file)

    def close(self, problems: Sequence[str]) -> None:
        """Write the array; files that cannot be parsed come last."""
        self.output.write(json.dumps([*self._records, *map(syntax_record, self.syntax_problems)], indent=2) + "\n")


def finding_records(file: FileFindings) -> list[dict[str, Any]]:
    """Return the records of the findings of a file."""
    return [_finding_record(file, finding, proposal) for finding, proposal in file.proposed()]


def syntax_record(problem: SyntaxProblem) -> dict[str, Any]:
    """Return the record of a file that cannot be parsed."""
    return {
        "path": problem.path, "line": problem.line, "column": problem.column, "end_line": problem.line, "end_column": problem.column,
        "code": problem.CODE, "name": problem.NAME, "message": problem.message,
        "applicability": "none", "withheld": None, "doubt": None, "fix": None, "via": [],
    }  # fmt: skip


def _finding_record(file: FileFindings, finding: Finding, proposal: Proposal) -> dict[str, Any]:
    end_line, end_column = finding.end
    fix = {"applicability": proposal.applicability.value, "edits": [_edit_record(edit) for edit in proposal.edits]}
    return {
        "path": file.path, "line": finding.line, "column": finding.column, "end_line": end_line, "end_column": end_column,
        "code": finding.code, "name": rule_name(finding.code), "message": finding.message,
        "applicability": proposal.applicability.value,
        "withheld": _withheld_record(proposal.withheld), "doubt": _withheld_record(proposal.caveat),
        "fix": fix if proposal.edits else None,
        "via": [{"function": step.function, "path": relative_path(step.path) or step.path, "line": step.line} for step in finding.via],
    }  # fmt: skip


def _edit_record(edit: TextEdit) -> dict[str, int | str]:
    start, end = edit.span.start, edit.span.end
    return {
        "line": start.line + 1, "column": start.column + 1, "end_line": end.line + 1, "end_column": end.column + 1, "text": edit.text,
    }  # fmt: skip


def _withheld_record(why: Withheld | None) -> dict[str, str | int] | None:
    return None if why is None else {"ground": why.reason.kind.value, "reason": str(why.reason), "line": why.line}

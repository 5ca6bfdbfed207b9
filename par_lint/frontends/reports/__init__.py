"""Output formats: `par-lint check --output-format`, one module for each format."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from par_lint.engine.suppression.rule_selection import Selection
    from par_lint.frontends.reports.base import Report

FORMATS = {
    "text": "like flake8", "grouped": "by file", "full": "code and diffs", "json": "", "json-lines": "", "github": "", "gitlab": "", "junit": "", "sarif": "",
}  # fmt: skip
"""The formats, each with what its name does not say."""


_MODULES = {"json": "json_records", "json-lines": "json_lines"}  # modules whose name is not that of the format


def make_report(name: str, selection: Selection, output_file: str | None, colour: str = "auto") -> Report:
    """Return the report for a format, to standard output or a file. Raises Problem if the file cannot be written."""
    from par_lint.frontends.reports.base import Output

    module = importlib.import_module(f"par_lint.frontends.reports.{_MODULES.get(name, name)}")
    report: Report = module.Writer(selection, Output(output_file, colour))
    return report

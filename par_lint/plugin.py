"""The flake8 plugin: passes flake8's tree and lines to the engine."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from par_lint import __version__
from par_lint.core.config.loading import settings_of
from par_lint.core.config.settings import Config, ConfigError, ProjectSelection
from par_lint.engine.lint_file import lint
from par_lint.engine.project_of_file import forget_projects

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from par_lint.core.findings import Finding
    from par_lint.engine.suppression.project_selection import Flake8Selection


class Plugin:
    """The checker that flake8 creates for every file. `tree` is the syntax tree, `lines` are the lines with their line ends."""

    name = "par-lint"
    version = __version__
    said: ClassVar[Flake8Selection | None] = None
    """The par-lint codes in flake8's options; None until flake8 calls `parse_options`."""

    def __init__(self, tree: ast.Module, lines: list[str], filename: str) -> None:
        self._tree = tree
        self._lines = lines
        self._filename = filename

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Called by flake8 when a run starts: forget cached settings, and normalize the par-lint codes in flake8's options."""
        from par_lint.core.config.rule_codes import UnknownCode
        from par_lint.engine.suppression.project_selection import normalize_options

        settings_of.cache_clear()
        forget_projects()
        try:
            cls.said = normalize_options(options)
        except UnknownCode as error:
            from par_lint.engine.suppression.flake8_options import explain_unknown

            raise _execution_error(explain_unknown(error)) from None

    def run(self) -> Iterator[tuple[int, int, str, type[Any]]]:
        """Yield findings as (line, 0-based column, text, type of the text). An invalid configuration stops flake8 with a one-line error."""
        config = self._config()
        if self._is_excluded(config.selection):
            return iter(())
        findings = lint(self._tree, self._lines, config, self._filename)
        if findings:
            self._print_internal_errors(findings)
        return iter([
            (finding.line, finding.column - 1, f"{finding.code} {finding.message}", type(self)) for finding in self._wanted(findings, config.selection)
        ])  # fmt: skip

    def _print_internal_errors(self, findings: Sequence[Finding]) -> None:
        """Print internal errors on standard error as well: a comment or an option may hide the finding."""
        from par_lint.core.internal_errors import internal_error_findings, stderr_line

        for failed in internal_error_findings(findings):
            print(f"par-lint: {stderr_line(self._filename, failed)}", file=sys.stderr)

    def _config(self) -> Config:
        try:
            return settings_of(os.path.dirname(self._filename))
        except ConfigError as error:
            raise _execution_error(str(error)) from None

    def _is_excluded(self, selection: ProjectSelection) -> bool:
        if selection.is_empty:
            return False
        from par_lint.engine.suppression.project_selection import is_excluded

        return is_excluded(selection, self.said, self._filename)

    def _wanted(self, findings: Sequence[Finding], selection: ProjectSelection) -> Sequence[Finding]:
        """Return the findings that the project's own table does not ignore and its baseline does not contain."""
        if findings and not selection.is_empty:
            from par_lint.engine.suppression.project_selection import is_shown

            findings = [finding for finding in findings if is_shown(selection, self.said, self._filename, finding.code)]
        return self._unknown(findings, selection.baseline) if findings and selection.baseline is not None else findings

    def _unknown(self, findings: Sequence[Finding], baseline: Path) -> Sequence[Finding]:
        from par_lint.core.file_result import findings_of_text
        from par_lint.core.files.read_errors import Problem
        from par_lint.core.files.source_text import UnparsableSource
        from par_lint.engine.suppression.baseline import load_baseline

        try:
            return load_baseline(baseline).unknown(findings_of_text(self._filename, self._lines, findings))
        except Problem as error:
            raise _execution_error(str(error)) from None
        except UnparsableSource:  # the encoding of the lines differs from the declared one
            return findings


def _execution_error(message: str) -> Exception:
    """Return the exception that stops flake8 with a one-line error."""
    from flake8.exceptions import ExecutionError

    error: Exception = ExecutionError(message)
    return error

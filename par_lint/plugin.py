"""The flake8 plugin: hands flake8's own tree and lines to the engine."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from par_lint import __version__
from par_lint.config import Config, ConfigError, settings_of
from par_lint.looking import lint

if TYPE_CHECKING:
    from par_lint.findings import Finding


class Plugin:
    """What flake8 makes for every file. `tree` is its ast, `lines` the file's lines with their ends."""

    name = "par-lint"
    version = __version__

    def __init__(self, tree: ast.Module, lines: list[str], filename: str) -> None:
        self._tree = tree
        self._lines = lines
        self._filename = filename

    @staticmethod
    def parse_options(options: object) -> None:
        """Called by flake8 when a run begins: settings are looked for anew, once for each folder."""
        settings_of.cache_clear()

    def run(self) -> Iterator[tuple[int, int, str, type[Any]]]:
        """Findings as (line, 0-based column, text, type). A broken configuration ends flake8 with one line."""
        config = self._config()
        findings = lint(self._tree, self._lines, config)
        if findings:
            self._tell_failures(findings)
        return iter([
            (finding.line, finding.column - 1, f"{finding.code} {finding.message}", type(self)) for finding in findings
        ])  # fmt: skip

    def _tell_failures(self, findings: Sequence[Finding]) -> None:
        """Say on standard error, too, where par-lint failed: a comment or an option may hide the finding."""
        from par_lint.internal import failures, told

        for failed in failures(findings):
            print(f"par-lint: {told(self._filename, failed)}", file=sys.stderr)

    def _config(self) -> Config:
        try:
            return settings_of(os.path.dirname(self._filename))
        except ConfigError as error:
            from flake8.exceptions import ExecutionError

            raise ExecutionError(str(error)) from None

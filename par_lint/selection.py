"""flake8's own decisions: its configuration files, selection, per-file ignores, `# noqa`, formatting, without its other plugins."""

from __future__ import annotations

import argparse
import functools
import logging
import os
from collections.abc import Sequence
from typing import Any

from flake8 import exceptions, utils
from flake8.options.parse_args import parse_args
from flake8.plugins import reporter
from flake8.processor import FileProcessor
from flake8.style_guide import Decision, StyleGuideManager
from flake8.violation import Violation

from par_lint.findings import Finding
from par_lint.problems import Problem

_LOG = logging.getLogger(__name__)


class Selection:
    """What flake8 would say of findings, by the configuration of the folder that it is started in."""

    def __init__(self, arguments: Sequence[str]) -> None:
        """`arguments` are flake8's own options. Raises Problem for a configuration that flake8 refuses."""
        try:
            plugins, self.options = parse_args(list(arguments))
        except (exceptions.ExecutionError, ValueError) as error:
            raise Problem(" ".join(str(error).split())) from error
        except SystemExit as error:
            raise Problem("flake8 refuses its options or configuration (see above)") from error
        self.formatter = reporter.make(plugins.reporters, self.options)
        self.guides = StyleGuideManager(self.options, self.formatter)

    def is_excluded(self, path: str) -> bool:
        """Whether flake8's `exclude` and `extend-exclude` leave out a file or folder."""
        patterns = [*self.options.exclude, *self.options.extend_exclude]
        return bool(utils.matches_filename(path, patterns=patterns, log_message="%r %s excluded", logger=_LOG))

    def is_wanted(self, path: str, finding: Finding, lines: Sequence[str]) -> bool:
        """Whether a finding in a file of these lines is selected, and ignored by no option and no comment."""
        noqa = self._noqa(path, tuple(lines))
        if noqa is None:
            return False
        guide: Any = self.guides.style_guide_for(path)
        if guide.decider.decision_for(finding.code) is not Decision.Selected:
            return False
        violation = Violation(finding.code, path, finding.line, finding.column, finding.message, noqa.noqa_line_for(finding.line))
        return not violation.is_inline_ignored(self.options.disable_noqa)

    def show(self, path: str, finding: Finding, lines: Sequence[str]) -> bool:
        """Print a finding as flake8 would, if it is wanted; whether it was."""
        if not self.is_wanted(path, finding, lines):
            return False
        line = lines[finding.line - 1] if finding.line <= len(lines) else None
        self.formatter.handle(Violation(finding.code, path, finding.line, finding.column, finding.message, line))
        return True

    @functools.lru_cache(maxsize=4)  # noqa: B019 - one selection lives as long as its command
    def _noqa(self, path: str, lines: tuple[str, ...]) -> FileProcessor | None:
        """What knows the `# noqa` comments of a file; None where one excludes the whole file."""
        options: argparse.Namespace = self.options
        processor = FileProcessor(path if path != "-" else os.devnull, options, lines=list(lines))
        return None if processor.should_ignore_file() else processor

"""flake8's own decisions: configuration files, selection, per-file ignores, formatting, without its other plugins."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import Any

from flake8 import defaults, exceptions, utils
from flake8.plugins import reporter
from flake8.style_guide import Decision, StyleGuideManager
from flake8.violation import Violation

from par_lint.core.config.loading import settings_of
from par_lint.core.config.rule_codes import PREFIX, RULES, UNSUPPRESSIBLE, UnknownCode
from par_lint.core.config.settings import ConfigError
from par_lint.core.files.read_errors import Problem
from par_lint.core.findings import Finding
from par_lint.engine.suppression.flake8_options import config_file, explain_mapping, explain_unknown, parse_options
from par_lint.engine.suppression.noqa_comments import NoqaComments
from par_lint.engine.suppression.project_selection import Flake8Selection, is_excluded, is_shown, normalize_options

_LOG = logging.getLogger(__name__)


class Selection:
    """How flake8 would treat findings, according to the configuration in the working folder."""

    def __init__(self, arguments: Sequence[str]) -> None:
        """`arguments` are flake8's command-line options. Raises Problem for a configuration that flake8 rejects."""
        self._config = _named(arguments)
        try:
            plugins, self.options = parse_options(arguments)
            self._comments = NoqaComments(self.options)
            settings_of.cache_clear()
            self.said = self._said(arguments)
            self.formatter = reporter.make(plugins.reporters, self.options)
            self.guides = StyleGuideManager(self.options, self.formatter)
        except UnknownCode as error:
            raise Problem(explain_unknown(error)) from error
        except exceptions.ExecutionError as error:
            text = " ".join(str(error).split())
            is_given = any(argument.startswith("--per-file-ignores") for argument in arguments)
            raise Problem((explain_mapping(self._config) if "`per-file-ignores`" in text and not is_given else None) or text) from error
        except SystemExit as error:
            raise Problem("flake8 rejected its options or configuration (see above)") from error
        self._require_format()

    def _require_format(self) -> None:
        """Raise Problem for a `format` that findings cannot be shown with."""
        if "%" not in self.options.format:
            return
        try:
            self.formatter.format(Violation("PRL101", "m.py", 1, 1, "text", None))
        except (KeyError, ValueError, TypeError):
            shown = "%(path)s:%(row)d:%(col)d: %(code)s %(text)s"
            raise Problem(f"{config_file(self._config)}: [flake8] format: must use path, row, col, code and text, such as {shown}") from None

    def _said(self, arguments: Sequence[str]) -> Flake8Selection:
        """Return the par-lint codes in flake8's options. The command line replaces the configuration."""
        said = normalize_options(self.options)
        given = {argument.partition("=")[0] for argument in arguments}
        return Flake8Selection(
            said.select, said.ignore, replaces_select="--select" in given or said.replaces_select, replaces_ignore="--ignore" in given or said.replaces_ignore,
            replaces_per_file="--per-file-ignores" in given or said.replaces_per_file, replaces_exclude="--exclude" in given or said.replaces_exclude,
        )  # fmt: skip

    def is_excluded(self, path: str) -> bool:
        """Return whether flake8's `exclude` and `extend-exclude`, or the project's table, exclude a file or folder."""
        patterns = [*self.options.exclude, *self.options.extend_exclude]
        return _matches(path, patterns) or self._is_excluded_by_table(path)

    def is_named_excluded(self, path: str) -> bool:
        """The same for a path that the user names: flake8's default excludes, such as `.tox`, do not apply."""
        is_default = set(self.options.exclude) == set(defaults.EXCLUDE)
        patterns = [*(() if is_default else self.options.exclude), *self.options.extend_exclude]
        return _matches(path, patterns) or self._is_excluded_by_table(path)

    def _is_excluded_by_table(self, path: str) -> bool:
        try:
            selection = settings_of(os.path.dirname(path)).selection
        except ConfigError:  # checking the file reports it
            return False
        return not selection.is_empty and not os.path.isdir(path) and is_excluded(selection, self.said, path)

    def is_wanted(self, path: str, finding: Finding, lines: Sequence[str]) -> bool:
        """Return whether a finding is selected, and not ignored by an option or a comment."""
        return self._violation(path, finding, lines) is not None

    def show(self, path: str, finding: Finding, lines: Sequence[str], mark: str = "") -> bool:
        """Print a finding as flake8 would, with a mark before its message, if it is wanted. Return whether it was printed."""
        violation = self._violation(path, finding, lines)
        if violation is None:
            return False
        shown = path.encode("utf-8", "backslashreplace").decode()  # formatters write UTF-8, which not all names are
        self.formatter.handle(violation._replace(filename=shown, text=mark + violation.text))
        self.guides.stats.record(violation)
        return True

    def is_selected(self, path: str, code: str) -> bool:
        """Return whether a code is selected in a file, by all options and settings."""
        if code in UNSUPPRESSIBLE:
            return True
        guide: Any = self.guides.style_guide_for(path)
        if guide.decider.decision_for(code) is not Decision.Selected:
            return False
        return is_shown(settings_of(os.path.dirname(path)).selection, self.said, path, code)

    def selects_any(self, path: str, prefix: str) -> bool:
        """Return whether a rule whose code has this prefix is selected in a file."""
        return any(self.is_selected(path, code) for code in RULES if code.startswith(prefix))

    def reads_noqa(self, path: str, lines: Sequence[str]) -> bool:
        """Return whether the comments on lines count in a file: no comment excludes the whole file."""
        return not self._comments.exclude_file(path, lines)

    def require_rules(self) -> None:
        """Raise Problem if flake8's `select` contains no par-lint code: nothing would be reported, and that would look like clean code."""
        chosen = [*(self.options.select or ()), *(self.options.extend_select or ())]
        if self.options.select and not any(code.startswith(PREFIX) or PREFIX.startswith(code) for code in chosen):
            raise Problem(f"no PRL rule is selected by `select` in {config_file(self._config)}: add PRL to it, or use --select PRL")

    def _violation(self, path: str, finding: Finding, lines: Sequence[str]) -> Violation | None:
        """Return a finding as flake8 would handle it; None if it would not be reported."""
        if not self.is_selected(path, finding.code):
            return None
        line: str | None = None
        if self.options.show_source or self._comments.may_suppress(lines):
            if self._comments.exclude_file(path, lines):
                return None
            line = self._comments.line_for(path, lines, finding.line)
        violation = Violation(finding.code, path, finding.line, finding.column, finding.message, line)
        return None if line is not None and violation.is_inline_ignored(self.options.disable_noqa) else violation


def _named(arguments: Sequence[str]) -> str | None:
    """Return the configuration file that the command line names."""
    return next((argument.partition("=")[2] for argument in arguments if argument.startswith("--config=")), None)


def _matches(path: str, patterns: Sequence[str]) -> bool:
    return bool(utils.matches_filename(path, patterns=patterns, log_message="%r %s excluded", logger=_LOG))

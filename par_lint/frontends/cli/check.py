"""`par-lint check`: report the findings of many files as flake8 would."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

from par_lint.core.config.settings import ConfigError
from par_lint.core.file_result import FileFindings
from par_lint.core.files.discovery import find_files
from par_lint.core.files.problems import Problem
from par_lint.core.internal_errors import internal_error_findings, stderr_line
from par_lint.engine.lint_files import cache_of, lint_files
from par_lint.engine.suppression.baseline import KnownFindings
from par_lint.engine.suppression.selection import Selection
from par_lint.frontends.reports import make_report


class Check:
    """One check of all files at some paths, with one selection. Problems are printed on standard error and kept in `problems`."""

    def __init__(self, paths: Sequence[str], selection: Selection, *, use_cache: bool = False, stdin_filename: str | None = None) -> None:
        """With `use_cache`, files that have not changed since the last run are not checked again."""
        self._paths = paths
        self._stdin_filename = stdin_filename
        self._cache = cache_of(paths) if use_cache else None
        self.selection = selection
        self.problems: list[str] = []

    def files(self) -> Iterator[FileFindings]:
        """Yield the readable files in order, with their selected findings."""
        self.selection.warn_if_empty()
        listed = find_files(self._paths, self.selection.is_excluded, self.selection.is_named_excluded, self._stdin_filename)
        listed.print_messages()
        self.problems += listed.problems
        for checked in lint_files(listed.files, self._cache):
            if checked.problem is not None:
                self.report_problem(checked.problem)
                continue
            for failed in internal_error_findings(checked.findings):  # a comment or an option may hide the finding
                self.report_problem(stderr_line(checked.path, failed))
            wanted = [finding for finding in checked.findings if self.selection.is_wanted(checked.path, finding, checked.lines)]
            yield FileFindings(checked.path, checked.lines, checked.source, tuple(wanted))

    def report_problem(self, problem: str) -> None:
        """Print a problem on standard error and keep it. It is printed once: one configuration may fail for many files."""
        if problem not in self.problems:
            print(f"par-lint: {problem}", file=sys.stderr)
            self.problems.append(problem)


def check(
    paths: Sequence[str],
    arguments: Sequence[str],
    *,
    diff: bool = False,
    output_format: str = "text",
    output_file: str | None = None,
    baseline: str | None = None,
    use_cache: bool = True,
    stdin_filename: str | None = None,
) -> int:
    """Report the findings of all files. Raises Problem.

    Args:
        paths: files and folders.
        arguments: flake8 options.
        diff: also print what the safe fixes would change.
        output_format: one of FORMATS.
        output_file: the file for the report; standard output if None.
        baseline: hide the findings in this file; if None, in the file that the settings name.
        use_cache: do not check files again that have not changed since the last run.
        stdin_filename: the name of the file whose text comes on standard input.

    Returns:
        The exit code: 0 no findings, 1 findings, 2 errors.
    """
    selection = Selection(arguments)
    known = KnownFindings(baseline)
    report = make_report(output_format, selection, output_file)
    run = Check(paths, selection, use_cache=use_cache, stdin_filename=stdin_filename)
    files: Iterable[FileFindings] = map(known.without_known, run.files())
    if report.wants_fixes:
        from par_lint.engine.preview import propose_all

        files = propose_all(list(files))
    count = 0
    for file in files:
        count += len(file.findings)
        report.add(file)
        for problem in file.problems:
            run.report_problem(problem)
        if diff and file.findings:
            _show_diff(file, selection, run)
    report.finish(run.problems)
    known.print_stale(selection)
    return 2 if run.problems else 1 if count else 0


def _show_diff(file: FileFindings, selection: Selection, run: Check) -> None:
    from par_lint.frontends.cli.fix import Fixer, unified_diff

    try:
        result = Fixer(selection, unsafe=False, runtime=None, shows=True).fix(file.path, file.source)
    except (Problem, ConfigError) as error:
        run.report_problem(str(error))
        return
    for line in {stderr_line(file.path, failed) for failed in result.failures}.difference(run.problems):
        run.report_problem(line)
    sys.stdout.write(unified_diff(file.path, file.source, result.source))

"""`par-lint check`: the findings of many files, as flake8 would show them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

from par_lint.baseline import KnownFindings
from par_lint.config import ConfigError
from par_lint.files import find_files
from par_lint.found import Found
from par_lint.internal import failures, told
from par_lint.linting import cache_of, lint_files
from par_lint.problems import Problem
from par_lint.reports import make_report
from par_lint.selection import Selection


class Check:
    """One look at all files of some paths, by one selection. Problems are told on standard error, and kept."""

    def __init__(self, paths: Sequence[str], selection: Selection, *, use_cache: bool = False, stdin_filename: str | None = None) -> None:
        """With `use_cache`, files that have not changed since the last run are not looked at again."""
        self._paths = paths
        self._stdin_filename = stdin_filename
        self._cache = cache_of(paths) if use_cache else None
        self.selection = selection
        self.problems: list[str] = []

    def files(self) -> Iterator[Found]:
        """The files that can be read, in order, with their wanted findings."""
        self.selection.tell_if_empty()
        listed = find_files(self._paths, self.selection.is_excluded, self.selection.is_named_excluded, self._stdin_filename)
        listed.tell()
        self.problems += listed.problems
        for checked in lint_files(listed.files, self._cache):
            if checked.problem is not None:
                self.tell(checked.problem)
                continue
            for failed in failures(checked.findings):  # a comment or an option may hide the finding
                self.tell(told(checked.path, failed))
            wanted = [finding for finding in checked.findings if self.selection.is_wanted(checked.path, finding, checked.lines)]
            yield Found(checked.path, checked.lines, checked.source, tuple(wanted))

    def tell(self, problem: str) -> None:
        """Say one line on standard error, and keep it; once, as a configuration is the problem of each of its files."""
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
    """Report the findings of all files (with `diff`, what safe fixes would change); 0 clean, 1 findings, 2 problems.

    Findings that the file `baseline` knows, or that of the settings, are left out. Raises Problem.
    """
    selection = Selection(arguments)
    known = KnownFindings(baseline)
    report = make_report(output_format, selection, output_file)
    run = Check(paths, selection, use_cache=use_cache, stdin_filename=stdin_filename)
    files: Iterable[Found] = map(known.without_known, run.files())
    if report.wants_fixes:
        from par_lint.proposals import propose_all

        files = propose_all(list(files))
    count = 0
    for file in files:
        count += len(file.findings)
        report.add(file)
        for problem in file.problems:
            run.tell(problem)
        if diff and file.findings:
            _show_diff(file, selection, run)
    report.finish(run.problems)
    known.tell_stale(selection)
    return 2 if run.problems else 1 if count else 0


def _show_diff(file: Found, selection: Selection, run: Check) -> None:
    from par_lint.fixing import Fixer, unified_diff

    try:
        result = Fixer(selection, unsafe=False, runtime=None, shows=True).fix(file.path, file.source)
    except (Problem, ConfigError) as error:
        run.tell(str(error))
        return
    for line in {told(file.path, failed) for failed in result.failures}.difference(run.problems):
        run.tell(line)
    sys.stdout.write(unified_diff(file.path, file.source, result.source))

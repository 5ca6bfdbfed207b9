"""`par-lint check`: report the findings of many files as flake8 would."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from par_lint.core.config.settings import ConfigError
from par_lint.core.file_result import FileFindings
from par_lint.core.files.discovery import find_files
from par_lint.core.files.read_errors import Problem, SyntaxProblem
from par_lint.core.internal_errors import internal_error_findings, stderr_line
from par_lint.engine.lint_files import CheckedFile, cache_of, lint_files
from par_lint.engine.suppression.baseline import KnownFindings
from par_lint.engine.suppression.changed_lines import ChangedLines
from par_lint.engine.suppression.rule_selection import Selection
from par_lint.engine.suppression.stale_noqa import find_stale_noqa
from par_lint.frontends.cli.terminal import NORMAL, Progress, Verbosity
from par_lint.frontends.reports import make_report
from par_lint.frontends.reports.base import plural


class Check:
    """One check of all files at some paths, with one selection. Problems are printed on standard error and kept in `problems`."""

    def __init__(
        self, paths: Sequence[str], selection: Selection, *, use_cache: bool = False, stdin_filename: str | None = None,
        since: ChangedLines | None = None, unused_noqa: bool = False, proposes: bool = False, verbosity: Verbosity = NORMAL, printed: Collection[str] = (),
    ) -> None:  # fmt: skip
        """See `check`. With `use_cache`, unchanged files are not checked again; with `proposes`, the files get proposals."""
        self._paths = paths
        self._stdin_filename = stdin_filename
        self._cache = cache_of(paths) if use_cache else None
        self._since = since
        self._unused_noqa = unused_noqa
        self._proposes = proposes
        self._verbosity = verbosity
        self._printed = printed
        self.selection = selection
        self.problems: list[str] = []
        self.syntax_problems: list[SyntaxProblem] = []

    def files(self) -> Iterator[FileFindings]:
        """Yield the readable files in order, with their selected findings."""
        began = time.perf_counter()
        self.selection.require_rules()
        listed = find_files(self._paths, self.selection.is_excluded, self.selection.is_named_excluded, self._stdin_filename)
        listed.print_messages(notes=not self._verbosity.quiet)
        self.problems += listed.problems
        files = [path for path in listed.files if self._since is None or self._since.is_changed(path)]
        cached = 0
        is_seen = sys.stdout.isatty()  # else findings go to a file or a pipe, and the progress may stay
        with Progress(len(files), self._verbosity) as progress:
            for checked in lint_files(files, self._cache, proposes=self._proposes):
                progress.advance(is_printed=checked.problem is not None or is_seen and bool(checked.findings))
                cached += checked.is_cached
                self._verbosity.detail(f"{checked.path}: {_how(checked)}")
                if checked.problem is not None:
                    self.report_problem(checked.problem)
                    if checked.syntax is not None:
                        self.syntax_problems.append(checked.syntax)
                    continue
                for warning in checked.warnings if not self.selection.options.disable_noqa else ():
                    self._verbosity.note(f"par-lint: warning: {warning}")
                for failed in internal_error_findings(checked.findings):  # a comment or an option may hide the finding
                    self.report_problem(stderr_line(checked.path, failed))
                yield self._selected(checked)
        self._verbosity.detail(f"{plural(len(files), 'file')}, {cached} from the cache, in {time.perf_counter() - began:.2f} s")

    def _selected(self, checked: CheckedFile) -> FileFindings:
        """Return a file with the findings to report."""
        proposals = dict(zip(checked.findings, checked.proposals, strict=self._proposes))
        file = FileFindings(checked.path, checked.lines, checked.source, checked.findings, problems=checked.problems)
        stale = {one.finding: one for one in find_stale_noqa(file, self.selection)} if self._unused_noqa else {}
        wanted = [finding for finding in checked.findings if self.selection.is_wanted(checked.path, finding, checked.lines)]
        file = replace(file, findings=tuple(sorted([*wanted, *stale])))
        if self._since is not None:
            file = self._since.only_changed(file)
        if self._proposes:
            proposals.update({finding: one.proposal(checked.lines) for finding, one in stale.items()})
            file = replace(file, proposals=proposals)
        return file

    def report_problem(self, problem: str) -> None:
        """Print a problem on standard error and keep it. It is printed once: one configuration may fail for many files."""
        if problem not in self.problems:
            if problem not in self._printed:
                print(f"par-lint: {problem}", file=sys.stderr)
            self.problems.append(problem)


def check(
    paths: Sequence[str],
    arguments: Sequence[str],
    *,
    diff: bool = False,
    output_format: str = "text",
    output_file: str | None = None,
    colour: str = "auto",
    baseline: str | None = None,
    since: str | None = None,
    unused_noqa: bool = False,
    use_cache: bool = True,
    stdin_filename: str | None = None,
    verbosity: Verbosity = NORMAL,
    fixed: int = 0,
    printed: Collection[str] = (),
) -> int:
    """Report the findings of all files. Raises Problem.

    Args:
        paths: files and folders.
        arguments: flake8 options.
        diff: also print what the safe fixes would change.
        output_format: one of FORMATS.
        output_file: the file for the report; standard output if None.
        colour: the value of `--color`.
        baseline: hide the findings in this file; if None, in the file that the settings name.
        since: report only what changed since this commit.
        unused_noqa: also report `# noqa` comments that suppress nothing.
        use_cache: do not check files again that have not changed since the last run.
        stdin_filename: the name of the file whose text comes on standard input.
        verbosity: how much to print on standard error.
        fixed: how many findings were fixed before, for the count at the end.
        printed: problems that are on standard error already.

    Returns:
        The exit code: 0 no findings, 1 findings, 2 errors.
    """
    selection = Selection(arguments)
    known = KnownFindings(baseline)
    changed = ChangedLines(since) if since is not None else None
    report = make_report(output_format, selection, output_file, colour)
    run = Check(
        paths, selection, use_cache=use_cache, stdin_filename=stdin_filename, since=changed, unused_noqa=unused_noqa, proposes=report.wants_fixes,
        verbosity=verbosity, printed=printed,
    )  # fmt: skip
    files: Iterable[FileFindings] = map(known.without_known, run.files())
    count = 0
    for file in files:
        count += len(file.findings)
        report.add(file)
        for problem in file.problems:
            run.report_problem(problem)
        if diff and file.findings:
            _show_diff(file, selection, run)
    report.syntax_problems = run.syntax_problems
    report.finish(run.problems)
    if changed is None:
        known.print_stale(selection)
    if "-" not in paths and (count or fixed or not run.problems):  # an editor runs that; a count of nothing would look like a clean run
        verbosity.note(report.summary(fixed, known.hidden))
    return 2 if run.problems else 1 if count else 0


def _how(checked: CheckedFile) -> str:
    """Return how a file was checked, for --verbose."""
    if checked.problem is not None:
        return "not checked"
    return f"{plural(len(checked.findings), 'finding')}{', from the cache' if checked.is_cached else ''}"


def _show_diff(file: FileFindings, selection: Selection, run: Check) -> None:
    from par_lint.frontends.cli.fix import Fixer, write_diff

    try:
        result = Fixer(selection, unsafe=False, runtime=None, shows=True).fix(file.path, file.source)
    except (Problem, ConfigError) as error:
        run.report_problem(str(error))
        return
    for line in {stderr_line(file.path, failed) for failed in result.failures}.difference(run.problems):
        run.report_problem(line)
    write_diff(file.path, file.source, result.source)

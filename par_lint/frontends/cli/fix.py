"""`par-lint fix`: apply fixes to many files, replace each file atomically, and list what is left and why."""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO, TypeAlias

from par_lint.core.config.loading import load_config
from par_lint.core.config.settings import Config, ConfigError
from par_lint.core.file_result import FileFindings
from par_lint.core.files.discovery import Stdin, find_files, read_source, write_source
from par_lint.core.files.read_errors import Problem, internal, unparsable
from par_lint.core.files.source_text import UnparsableSource, decode, parse_tree, split_lines
from par_lint.core.findings import Applicability, Finding, ReasonKind, Withheld
from par_lint.core.internal_errors import FIX_FILE, ProcessDied, stderr_line
from par_lint.engine.fix_file import fix
from par_lint.engine.fix_result import FixResult
from par_lint.engine.lint_file import lint
from par_lint.engine.process_pool import is_worth_processes, map_on_cores
from par_lint.engine.runtime_module.location import Runtime, clear_project_cache, display_path, find_runtime
from par_lint.engine.runtime_module.vendored_copy import vendor
from par_lint.engine.suppression.changed_lines import ChangedLines
from par_lint.engine.suppression.rule_selection import Selection
from par_lint.engine.suppression.stale_noqa import without_stale_noqa
from par_lint.frontends.cli.terminal import NORMAL, Progress, Verbosity, confirm, is_interactive
from par_lint.frontends.reports.base import plural, relative_path

ENOUGH_FOR_PROCESSES = 50  # files; for fewer, starting processes takes longer than it saves
_LINE = re.compile(rb"[^\n]*\n|[^\n]+\Z")
FileOutcome: TypeAlias = "tuple[str, bytes, FixResult | str]"
"""A file, its bytes, and the result of fixing it or the problem with it."""


@dataclass
class Tally:
    """The counts of one run."""

    files: int = 0
    fixed: int = 0
    unsafe: int = 0
    by_hand: int = 0
    lacking: int = 0
    """Findings whose fix needs run_parallel, which the file may not be able to import."""
    problems: int = 0
    is_preview: bool = False
    changed: list[str] = field(default_factory=list)

    def add(self, result: FixResult) -> None:
        """Count the findings of one file."""
        self.files += 1
        self.problems += len(result.failures)
        shown = sum(map(result.lacks_runtime, result.fixed))  # in a diff, but not applied
        self.fixed += len(result.fixed) - shown
        self.lacking += shown
        for finding in result.remaining:
            if result.lacks_runtime(finding):
                self.lacking += 1
            elif finding.withheld is None and finding.applicability is Applicability.UNSAFE:
                self.unsafe += 1
            else:
                self.by_hand += 1

    def __str__(self) -> str:
        total = self.fixed + self.withheld
        fixed = "would be fixed" if self.is_preview else "fixed"
        return (
            f"{plural(total, 'finding')} in {plural(self.files, 'file')}: {self.fixed} {fixed}, "
            f"{self.unsafe} fixable with --unsafe-fixes, {self.by_hand} {_need(self.by_hand)} a manual fix"
            f"{f', {self.lacking} {_need(self.lacking)} run_parallel' if self.lacking else ''}"
        )

    @property
    def withheld(self) -> int:
        """Return how many fixes were not applied."""
        return self.unsafe + self.by_hand + self.lacking


@dataclass(frozen=True)
class Fixed:
    """What one run did: how many findings it fixed, whether a file was (or would be) changed, and whether there were errors."""

    findings: int
    has_changed: bool
    has_problems: bool
    printed: frozenset[str] = frozenset()
    """The problems that it printed."""

    def exit_code(self, *, is_preview: bool = False, non_zero_on_fix: bool = False) -> int:
        """Return 2 after errors, 1 if something would be changed, or was and the user asked for it; else 0, as formatters do."""
        return 2 if self.has_problems else int(self.has_changed and (is_preview or non_zero_on_fix))


class Fixer:
    """Fixes files with one selection and one runtime module.

    If importing the runtime may fail, loop fixes are made only if the result is only shown (`shows`).
    """

    def __init__(
        self, selection: Selection, *, unsafe: bool, runtime: str | None, shows: bool = False, unused_noqa: bool = False, since: str | None = None,
    ) -> None:  # fmt: skip
        """With `unused_noqa`, `# noqa` comments that suppress nothing are removed, too; with `since`, only what changed since then is fixed."""
        self._selection = selection
        self.since = since
        self._changed = ChangedLines(since) if since is not None else None
        self.unused_noqa = unused_noqa
        self.unsafe = unsafe
        self.runtime = runtime
        self.shows = shows

    def fix(self, path: str, source: bytes) -> FixResult:
        """Return the fixed source of a file, without writing it. Raises Problem or ConfigError."""
        place = Path(path if path != "-" else ".")
        config = load_config(place)
        runtime = find_runtime(place, config, self.runtime, source, advises=False)
        try:
            result = fix(
                source, config, unsafe=self.unsafe, runtime=runtime.module or runtime.likely,
                caveat=ReasonKind.RUNTIME(runtime.reason) if runtime.module is None else None, despite=self.shows,
                wanted=lambda finding, lines: self._selection.is_wanted(path, finding, lines), path=path, in_scope=self._scope(path, source),
            )  # fmt: skip
            if self.shows:  # nothing is written: all places are those in the file
                result = replace(result, remaining=result.remaining_before)
            return self._without_unused_noqa(path, source, result, config) if self.unused_noqa else result
        except UnparsableSource as error:
            raise unparsable(path, error) from error
        except Exception as error:
            raise internal(path, error, FIX_FILE) from error

    def _scope(self, path: str, source: bytes) -> Callable[[Finding], bool] | None:
        """Return what tells whether a finding of a file is in a statement that changed; None if all count."""
        changed = self._changed
        if changed is None:
            return None
        file = FileFindings(path, tuple(_lines(source)), source)
        return lambda finding: changed.is_in_changed(file, finding)

    def _without_unused_noqa(self, path: str, source: bytes, result: FixResult, config: Config) -> FixResult:
        """Return the result without the comments that suppress nothing in the fixed file."""
        if b"noqa" not in result.source.lower():
            return result
        lines = _lines(result.source)
        file = FileFindings(path, tuple(lines), result.source, tuple(lint(parse_tree(result.source), lines, config, path)))
        in_scope = self._scope(path, source)
        origin = _unchanged_lines(_lines(source), lines) if in_scope is not None else {}
        cleaned, removed = without_stale_noqa(
            file, self._selection, lambda stale: in_scope is None or stale.line not in origin or in_scope(replace(stale, line=origin[stale.line]))
        )  # fmt: skip
        return replace(result, source=cleaned, fixed=(*result.fixed, *removed))


def _lines(source: bytes) -> list[str]:
    return split_lines(decode(source)[0].removeprefix("\ufeff"))


def _unchanged_lines(before: Sequence[str], after: Sequence[str]) -> dict[int, int]:
    """Return where the lines of a fixed file were (1-based), without those that fixes wrote."""
    blocks = difflib.SequenceMatcher(None, before, after).get_matching_blocks()
    return {block.b + number: block.a + number for block in blocks for number in range(1, block.size + 1)}


def fix_files(
    paths: Sequence[str], arguments: Sequence[str], *, unsafe: bool = False, runtime: str | None = None, diff: bool = False, show_withheld: bool = False,
    show_fixes: bool = False, unused_noqa: bool = False, stdin_filename: str | None = None, since: str | None = None,
    verbosity: Verbosity = NORMAL, has_report: bool = False,
) -> Fixed:  # fmt: skip
    """Fix all files in place, or print the diff. Raises Problem.

    Unsafe fixes that were applied are listed with what to review. On a terminal, the user is asked whether to copy the runtime
    into projects that lack it.

    Args:
        paths: files and folders, or `-` for standard input.
        arguments: flake8 options.
        unsafe: also apply unsafe fixes.
        runtime: the module from which fixed code imports run_parallel; if None, it is detected.
        diff: print the changes and leave the files alone.
        show_withheld: list the fixes that are not applied.
        show_fixes: list the fixes that are applied.
        unused_noqa: also remove `# noqa` comments that suppress nothing.
        stdin_filename: the name of the file whose text comes on standard input.
        since: fix only files that changed since this commit, and in them only findings in statements that changed.
        verbosity: how much to print.
        has_report: a report of what is left follows on standard output; then nothing is printed there, nor a count.
    """
    selection = Selection(arguments)
    selection.require_rules()
    listed = find_files(paths, selection.is_excluded, selection.is_named_excluded, stdin_filename)
    listed.print_messages(notes=not verbosity.quiet and not has_report)
    changed = ChangedLines(since) if since is not None else None
    files = [path for path in listed.files if changed is None or changed.is_changed(path)]
    fixer = Fixer(selection, unsafe=unsafe, runtime=runtime, shows=diff, unused_noqa=unused_noqa, since=since)
    run = _FixRun(
        diff=diff, show_withheld=show_withheld, show_fixes=show_fixes, report=sys.stderr if diff or "-" in paths or has_report else sys.stdout,
        problems=listed.problems, verbosity=verbosity, has_report=has_report,
    )  # fmt: skip
    if "-" in paths and not diff and not any(isinstance(path, Stdin) for path in listed.files):
        sys.stdout.buffer.write(sys.stdin.buffer.read())  # excluded: written back unchanged
    asks = not diff and "-" not in paths and is_interactive()
    lacking: dict[str, tuple[str, bytes]] = {}  # one file for each folder: the remedies are the same
    waiting: list[tuple[str, bytes, FixResult]] = []  # files whose fixes a copy of the runtime would let through
    for path, source, result in _fix_all(files, fixer, arguments, verbosity):
        if isinstance(result, FixResult) and any(map(result.lacks_runtime, (*result.fixed, *result.remaining))):
            if asks and any(_waits_for_runtime(finding) for finding in result.remaining):
                waiting.append((path, source, result))
                continue
            lacking.setdefault(os.path.dirname(path), (path, source))
        run.add(path, source, result)
    missing = [_runtime_of(path, source) for path, source in lacking.values()]
    wanted = {path: _runtime_of(path, source) for path, source, _ in waiting}
    vendored = _offer_copies(wanted)
    for path, source, result in waiting:
        run.add(*(_fix_one(path, fixer) if wanted[path].copy in vendored else (path, source, result)))
    _print_remedies(one for one in (*missing, *wanted.values()) if one.copy not in vendored)
    return run.finish()


class _FixRun:
    """The outcome of one run: writes files, prints lines, and counts."""

    def __init__(
        self, *, diff: bool, show_withheld: bool, show_fixes: bool, report: TextIO, problems: Sequence[str], verbosity: Verbosity, has_report: bool,
    ) -> None:  # fmt: skip
        self._diff = diff
        self._show_withheld = show_withheld
        self._show_fixes = show_fixes
        self._report = report
        self._verbosity = verbosity
        self._has_report = has_report
        self._tally = Tally(problems=len(problems), is_preview=diff)
        self._told: set[str] = set(problems)

    def add(self, path: str, source: bytes, result: FixResult | str) -> None:
        """Write or print the fixed file and its report lines. A problem with one file does not stop the run."""
        try:
            if isinstance(result, str):
                raise Problem(result)
            _output(path, source, result, diff=self._diff)
        except Problem as error:
            if str(error) not in self._told:  # one configuration may fail for many files; print it once
                print(f"par-lint: {error}", file=sys.stderr)
            self._told.add(str(error))
            self._tally.problems += 1
            return
        for failed in result.failures:
            line = stderr_line(path, failed)
            print(f"par-lint: {line}", file=sys.stderr)
            self._told.add(line)
        self._tally.add(result)
        if result.fixed or result.remaining:
            self._verbosity.detail(f"{path}: {len(result.fixed)} fixed, {len(result.remaining)} left")
        if result.source != source:
            self._tally.changed.append(path)
        for finding in result.fixed:
            if self._diff and self._verbosity.quiet:
                break  # nothing but the diff
            if finding.caveat is not None:
                applied = "would be fixed, please review" if self._diff else "fixed, please review"
                what = "shown, not applied" if self._diff and finding.caveat.reason.kind is ReasonKind.RUNTIME else applied
                print(_report_line(path, finding, what, finding.caveat), file=self._report)
            elif self._show_fixes:
                print(f"{path}:{finding.line}:{finding.column}: {finding.code} {'would be ' * self._diff}fixed: {finding.message}", file=self._report)
        if self._show_withheld:
            for finding in result.remaining:
                print(_withheld_line(path, finding, lacks_runtime=result.lacks_runtime(finding)), file=self._report)

    def finish(self) -> Fixed:
        """Print the counts and return them."""
        hint = "" if self._show_withheld or not self._tally.withheld else " (--show-withheld shows the reasons)"
        is_told = bool(self._tally.files) or not self._tally.problems  # a count of nothing would look like a clean run
        if is_told and not self._verbosity.quiet and not self._has_report:
            print(f"{self._tally}{hint}", file=self._report)
        return Fixed(self._tally.fixed, bool(self._tally.changed), bool(self._tally.problems), frozenset(self._told))


def _need(count: int) -> str:
    return "needs" if count == 1 else "need"


def _waits_for_runtime(finding: Finding) -> bool:
    """Return whether a fix was withheld only because importing run_parallel may fail."""
    return finding.withheld is not None and finding.withheld.reason.kind is ReasonKind.RUNTIME


def _print_remedies(missing: Iterable[Runtime]) -> None:
    """Print why loop fixes are withheld, and what helps: once for each remedy, as the reasons of many files differ in their names only."""
    first: dict[str, tuple[str, str]] = {}
    for runtime in missing:
        why, remedy = runtime.remedies()
        first.setdefault(remedy, (why, remedy))
    for lines in first.values():
        print(*lines, sep="\n", file=sys.stderr)


def _runtime_of(path: str, source: bytes) -> Runtime:
    place = Path(path if path != "-" else ".")
    return find_runtime(place, load_config(place), source=source)


def _offer_copies(missing: Mapping[str, Runtime]) -> set[Path | None]:
    """Ask, once for each place, whether to copy the runtime there; return the places with a new copy."""
    made: set[Path | None] = set()
    for runtime in dict.fromkeys(missing.values()):
        if runtime.copy is None or runtime.copy in made:
            continue
        count = sum(one.copy == runtime.copy for one in missing.values())
        if confirm(f"{runtime.remedies()[0]}\nCopy it to {display_path(runtime.copy)} and fix {plural(count, 'file')}?"):
            print(vendor(Path(display_path(runtime.copy))))
            made.add(runtime.copy)
    if made:
        clear_project_cache()
    return made


def _fix_all(files: Sequence[str], fixer: Fixer, arguments: Sequence[str], verbosity: Verbosity) -> Iterator[FileOutcome]:
    """Fix files without writing them, on all cores if there are enough files. The caller writes."""
    if is_worth_processes(files, len(files), ENOUGH_FOR_PROCESSES):
        settings = tuple(arguments), fixer.unsafe, fixer.runtime, fixer.shows, fixer.unused_noqa, fixer.since
        outcomes: Iterable[FileOutcome] = map_on_cores(_in_process, files, chunk=8, lost=_crashed, prepare=_initialize_worker, arguments=settings)
    else:
        outcomes = (_fix_one(path, fixer) for path in files)
    with Progress(len(files), verbosity) as progress:
        for path, source, result in outcomes:
            progress.advance(is_printed=isinstance(result, str) or bool(result.fixed or result.remaining or result.failures))
            yield path, source, result


def _fix_one(path: str, fixer: Fixer) -> FileOutcome:
    try:
        source = read_source(path)
        return path, source, fixer.fix(path, source)
    except (Problem, ConfigError) as error:
        return path, b"", str(error)


_fixer: Fixer | None = None  # the fixer of a worker process


def _initialize_worker(arguments: Sequence[str], unsafe: bool, runtime: str | None, shows: bool, unused_noqa: bool, since: str | None) -> None:
    global _fixer
    _fixer = Fixer(Selection(arguments), unsafe=unsafe, runtime=runtime, shows=shows, unused_noqa=unused_noqa, since=since)


def _in_process(path: str) -> FileOutcome:
    assert _fixer is not None
    return _fix_one(path, _fixer)


def _crashed(path: str) -> FileOutcome:
    """Return the outcome for a file on which a worker process died."""
    return path, b"", str(internal(path, ProcessDied(), FIX_FILE))


def _output(path: str, source: bytes, result: FixResult, *, diff: bool) -> None:
    if diff:
        write_diff(path, source, result.source)
    elif isinstance(path, Stdin):
        sys.stdout.buffer.write(result.source)
        sys.stdout.buffer.flush()
    elif result.source != source:
        write_source(path, source, result.source)


def _withheld_line(path: str, finding: Finding, *, lacks_runtime: bool) -> str:
    """Return the line about a finding that was not fixed."""
    if finding.withheld is None:
        assert finding.caveat is not None
        return _report_line(path, finding, f"needs {'run_parallel and ' * lacks_runtime}--unsafe-fixes", finding.caveat)
    return _report_line(path, finding, "not fixed", finding.withheld)


def _report_line(path: str, finding: Finding, what: str, why: Withheld) -> str:
    """Return `PATH:LINE:COLUMN: CODE what [kind]: reason (line)`."""
    return f"{path}:{finding.line}:{finding.column}: {finding.code} {what} [{why.reason.kind.value}]: {why}"


def write_diff(path: str, before: bytes, after: bytes) -> None:
    """Write the change of a file as a unified diff to standard output, in the encoding of the file, so that `git apply` finds its bytes."""
    sys.stdout.flush()
    sys.stdout.buffer.write(unified_diff(path, before, after))
    sys.stdout.buffer.flush()  # what standard error says about it comes after it


def unified_diff(path: str, before: bytes, after: bytes) -> bytes:
    """Return the change of a file as a unified diff, as `git apply` and `patch -p1` in the working folder read it; empty if there is none.

    Lines end at line feeds only, as for git.
    """
    if before == after:
        return b""
    name = os.fsencode(Path(relative_path(path) or path).as_posix())
    tab = b"\t" if b" " in name else b""  # ends a name with spaces, as in GNU diff and git
    old, new = (_LINE.findall(source) for source in (before, after))
    lines = difflib.diff_bytes(difflib.unified_diff, old, new, b"a/" + name + tab, b"b/" + name + tab)
    return b"".join(line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines)

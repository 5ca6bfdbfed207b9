"""`par-lint fix`: apply fixes to many files, replace each file atomically, and list what is left and why."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO, TypeAlias

from par_lint.core.config.loading import load_config
from par_lint.core.config.settings import ConfigError
from par_lint.core.files.discovery import Stdin, find_files, read_source, write_source
from par_lint.core.files.problems import Problem, internal, unparsable
from par_lint.core.files.source_text import UnparsableSource, decode
from par_lint.core.findings import Applicability, Finding, Ground, Withheld
from par_lint.core.internal_errors import FIX_FILE, ProcessDied, stderr_line
from par_lint.engine.fix_file import FixResult, fix
from par_lint.engine.process_pool import is_worth_processes, map_on_cores
from par_lint.engine.runtime_module.location import Runtime, clear_project_cache, display_path, find_runtime
from par_lint.engine.runtime_module.vendored_copy import vendor
from par_lint.engine.suppression.selection import Selection
from par_lint.frontends.cli.terminal import confirm, is_interactive

ENOUGH_FOR_PROCESSES = 50  # files; for fewer, starting processes takes longer than it saves
FileOutcome: TypeAlias = "tuple[str, bytes, FixResult | str]"
"""A file, its bytes, and the result of fixing it or the problem with it."""


@dataclass
class Tally:
    """The counts of one run."""

    files: int = 0
    fixed: int = 0
    unsafe: int = 0
    by_hand: int = 0
    problems: int = 0
    is_preview: bool = False
    changed: list[str] = field(default_factory=list)

    def add(self, result: FixResult) -> None:
        """Count the findings of one file."""
        self.files += 1
        self.problems += len(result.failures)
        self.fixed += len(result.fixed)
        for finding in result.remaining:
            if finding.withheld is None and finding.applicability is Applicability.UNSAFE:
                self.unsafe += 1
            else:
                self.by_hand += 1

    def __str__(self) -> str:
        total = self.fixed + self.unsafe + self.by_hand
        fixed = "would be fixed" if self.is_preview else "fixed"
        return (
            f"{_plural(total, 'finding')} in {_plural(self.files, 'file')}: {self.fixed} {fixed}, "
            f"{self.unsafe} fixable with --unsafe-fixes, {self.by_hand} {'needs' if self.by_hand == 1 else 'need'} a manual fix"
        )

    @property
    def withheld(self) -> int:
        """Return how many fixes were not applied."""
        return self.unsafe + self.by_hand


class Fixer:
    """Fixes files with one selection and one runtime module.

    If importing the runtime may fail, fixes are made only if unsafe fixes are allowed or the result is only shown (`shows`).
    """

    def __init__(self, selection: Selection, *, unsafe: bool, runtime: str | None, shows: bool = False) -> None:
        self._selection = selection
        self.unsafe = unsafe
        self.runtime = runtime
        self.shows = shows

    def fix(self, path: str, source: bytes) -> FixResult:
        """Return the fixed source of a file, without writing it. Raises Problem or ConfigError."""
        place = Path(path if path != "-" else ".")
        config = load_config(place)
        runtime = find_runtime(place, config, self.runtime, source, advises=False)
        try:
            return fix(
                source, config, unsafe=self.unsafe, runtime=runtime.module or runtime.likely,
                caveat=Ground.RUNTIME(runtime.reason) if runtime.module is None else None, despite=self.unsafe or self.shows,
                wanted=lambda finding, lines: self._selection.is_wanted(path, finding, lines),
            )  # fmt: skip
        except UnparsableSource as error:
            raise unparsable(path, error) from error
        except Exception as error:
            raise internal(path, error, FIX_FILE) from error


def fix_files(
    paths: Sequence[str], arguments: Sequence[str], *, unsafe: bool, runtime: str | None, diff: bool, show_withheld: bool,
    stdin_filename: str | None = None,
) -> int:  # fmt: skip
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
        stdin_filename: the name of the file whose text comes on standard input.

    Returns:
        The exit code: 1 if a file was, or would be, changed; 2 on errors; else 0.
    """
    selection = Selection(arguments)
    selection.warn_if_empty()
    listed = find_files(paths, selection.is_excluded, selection.is_named_excluded, stdin_filename)
    listed.print_messages()
    fixer = Fixer(selection, unsafe=unsafe, runtime=runtime, shows=diff)
    run = _FixRun(diff=diff, show_withheld=show_withheld, report=sys.stderr if diff or "-" in paths else sys.stdout, problems=len(listed.problems))
    if "-" in paths and not diff and not any(isinstance(path, Stdin) for path in listed.files):
        sys.stdout.buffer.write(sys.stdin.buffer.read())  # excluded: written back unchanged
    asks = not diff and "-" not in paths and is_interactive()
    lacking: list[tuple[str, bytes, FixResult]] = []
    for path, source, result in _fix_all(listed.files, fixer, arguments):
        if isinstance(result, FixResult) and _lacks_runtime(result):
            lacking.append((path, source, result))
            if asks:
                continue
        run.add(path, source, result)
    missing = {path: _runtime_of(path, source) for path, source, _ in lacking}
    if asks:
        vendored = _offer_copies(missing)
        for path, source, result in lacking:
            run.add(*(_fix_one(path, fixer) if missing[path].copy in vendored else (path, source, result)))
        missing = {path: one for path, one in missing.items() if one.copy not in vendored}
    for lines in dict.fromkeys(one.remedies() for one in missing.values()):
        print(*lines, sep="\n", file=sys.stderr)
    return run.finish()


class _FixRun:
    """The outcome of one run: writes files, prints lines, and counts."""

    def __init__(self, *, diff: bool, show_withheld: bool, report: TextIO, problems: int) -> None:
        self._diff = diff
        self._show_withheld = show_withheld
        self._report = report
        self._tally = Tally(problems=problems, is_preview=diff)
        self._told: set[str] = set()

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
            print(f"par-lint: {stderr_line(path, failed)}", file=sys.stderr)
        self._tally.add(result)
        if result.source != source:
            self._tally.changed.append(path)
        for finding in result.fixed:
            if finding.doubt is not None:
                what = "shown, not applied" if self._diff and finding.doubt.reason.ground is Ground.RUNTIME else "fixed, please review"
                print(_report_line(path, finding, what, finding.doubt), file=self._report)
        if self._show_withheld:
            for finding in result.remaining:
                print(_withheld_line(path, finding), file=self._report)

    def finish(self) -> int:
        """Print the counts and return the exit code."""
        hint = "" if self._show_withheld or not self._tally.withheld else " (--show-withheld shows the reasons)"
        print(f"{self._tally}{hint}", file=self._report)
        return 2 if self._tally.problems else 1 if self._tally.changed else 0


def _lacks_runtime(result: FixResult) -> bool:
    """Return whether a fix was withheld or made unsafe because importing run_parallel may fail."""
    reasons = [finding.withheld for finding in result.remaining] + [finding.doubt for finding in result.fixed]
    return any(why is not None and why.reason.ground is Ground.RUNTIME for why in reasons)


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
        if confirm(f"{runtime.remedies()[0]}\nCopy it to {display_path(runtime.copy)} and fix {_plural(count, 'file')}?"):
            print(vendor(Path(display_path(runtime.copy))))
            made.add(runtime.copy)
    if made:
        clear_project_cache()
    return made


def _fix_all(files: Sequence[str], fixer: Fixer, arguments: Sequence[str]) -> Iterator[FileOutcome]:
    """Fix files without writing them, on all cores if there are enough files. The caller writes."""
    if not is_worth_processes(files, len(files), ENOUGH_FOR_PROCESSES):
        yield from (_fix_one(path, fixer) for path in files)
        return
    shows = sys.stderr.isatty()
    settings = tuple(arguments), fixer.unsafe, fixer.runtime, fixer.shows
    for done, fixed in enumerate(map_on_cores(_in_process, files, chunk=8, lost=_crashed, prepare=_initialize_worker, arguments=settings), start=1):
        if shows:
            sys.stderr.write(f"\r{done}/{len(files)} files\x1b[K" if done < len(files) else "\r\x1b[K")
        yield fixed


def _fix_one(path: str, fixer: Fixer) -> FileOutcome:
    try:
        source = read_source(path)
        return path, source, fixer.fix(path, source)
    except (Problem, ConfigError) as error:
        return path, b"", str(error)


_fixer: Fixer | None = None  # the fixer of a worker process


def _initialize_worker(arguments: Sequence[str], unsafe: bool, runtime: str | None, shows: bool) -> None:
    global _fixer
    _fixer = Fixer(Selection(arguments), unsafe=unsafe, runtime=runtime, shows=shows)


def _in_process(path: str) -> FileOutcome:
    assert _fixer is not None
    return _fix_one(path, _fixer)


def _crashed(path: str) -> FileOutcome:
    """Return the outcome for a file on which a worker process died."""
    return path, b"", str(internal(path, ProcessDied(), FIX_FILE))


def _output(path: str, source: bytes, result: FixResult, *, diff: bool) -> None:
    if diff:
        sys.stdout.write(unified_diff(path, source, result.source))
    elif isinstance(path, Stdin):
        sys.stdout.buffer.write(result.source)
        sys.stdout.buffer.flush()
    elif result.source != source:
        write_source(path, source, result.source)


def _withheld_line(path: str, finding: Finding) -> str:
    """Return the line about a finding that was not fixed."""
    if finding.withheld is None:
        assert finding.doubt is not None
        return _report_line(path, finding, "needs --unsafe-fixes", finding.doubt)
    return _report_line(path, finding, "not fixed", finding.withheld)


def _report_line(path: str, finding: Finding, what: str, why: Withheld) -> str:
    """Return `PATH:LINE:COLUMN: CODE what [ground]: reason (line)`."""
    return f"{path}:{finding.line}:{finding.column}: {finding.code} {what} [{why.reason.ground.value}]: {why}"


def unified_diff(path: str, before: bytes, after: bytes) -> str:
    """Return the change of a file as a unified diff; empty if there is none."""
    if before == after:
        return ""
    old, new = (decode(source)[0].splitlines(keepends=True) for source in (before, after))
    lines = difflib.unified_diff(old, new, f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

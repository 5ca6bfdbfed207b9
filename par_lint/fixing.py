"""`par-lint fix`: apply fixes to many files, each replaced in one step, and say what is left and why."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from par_lint.atomic import write_atomically
from par_lint.config import ConfigError, load_config
from par_lint.cores import is_worth_processes, map_on_cores
from par_lint.engine import NO_RUNTIME, FixResult, fix
from par_lint.files import find_files, read_source
from par_lint.findings import Applicability, Finding, Withheld
from par_lint.internal import FIX_FILE, ProcessDied, told
from par_lint.problems import Problem, internal, unparsable
from par_lint.runtime_import import HOW_TO_GET_ONE, find_runtime
from par_lint.selection import Selection
from par_lint.source import UnparsableSource, decode

ENOUGH_FOR_PROCESSES = 50  # files; below that, starting processes takes longer than it saves
Fixed: TypeAlias = "tuple[str, bytes, FixResult | str]"
"""A file, its bytes, and what fixing it came to, or the problem with it."""


@dataclass
class Tally:
    """What a run came to."""

    files: int = 0
    fixed: int = 0
    unsafe: int = 0
    by_hand: int = 0
    problems: int = 0
    needs_runtime: bool = False
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
            self.needs_runtime |= finding.withheld is not None and finding.withheld.reason == NO_RUNTIME

    def __str__(self) -> str:
        total = self.fixed + self.unsafe + self.by_hand
        need = "needs" if self.unsafe == 1 else "need"
        return (
            f"{_counted(self.files, 'file')}, {_counted(total, 'finding')}: "
            f"{self.fixed} fixed, {self.unsafe} {need} --unsafe-fixes, {self.by_hand} by hand"
        )

    @property
    def withheld(self) -> int:
        """How many fixes were not made."""
        return self.unsafe + self.by_hand


class Fixer:
    """Fixes files by one selection and one choice of runtime."""

    def __init__(self, selection: Selection, *, unsafe: bool, runtime: str | None) -> None:
        self._selection = selection
        self.unsafe = unsafe
        self.runtime = runtime

    def fix(self, path: str, source: bytes) -> FixResult:
        """The fixed source of a file, which is left alone. Raises Problem or ConfigError."""
        place = Path(path if path != "-" else ".")
        config = load_config(place)
        runtime = find_runtime(place, config, self.runtime)
        try:
            return fix(
                source, config, unsafe=self.unsafe, runtime=runtime,
                wanted=lambda finding, lines: self._selection.is_wanted(path, finding, lines),
            )  # fmt: skip
        except UnparsableSource as error:
            raise unparsable(path, error) from error
        except Exception as error:
            raise internal(path, error, FIX_FILE) from error


def fix_files(
    paths: Sequence[str], arguments: Sequence[str], *, unsafe: bool, runtime: str | None, diff: bool, show_withheld: bool
) -> int:
    """Fix all files in place, or print the diff. 1 when something was, or would be, changed; 2 on problems; else 0.

    Unsafe fixes that were made are listed with what to check; with `show_withheld` also all that were not made.
    """
    selection = Selection(arguments)
    selection.tell_if_empty()
    fixer = Fixer(selection, unsafe=unsafe, runtime=runtime)
    tally = Tally()
    report = sys.stderr if diff or list(paths) == ["-"] else sys.stdout
    for path, source, result in _all(list(find_files(paths, selection.is_excluded)), fixer, arguments):
        try:
            if isinstance(result, str):
                raise Problem(result)
            _deliver(path, source, result, diff=diff)
        except Problem as error:  # one bad file never stops the rest
            print(f"par-lint: {error}", file=sys.stderr)
            tally.problems += 1
            continue
        for failed in result.failures:
            print(f"par-lint: {told(path, failed)}", file=sys.stderr)
        tally.add(result)
        if result.source != source:
            tally.changed.append(path)
        for finding in result.fixed:
            if finding.doubt is not None:
                print(_said(path, finding, "fixed, check", finding.doubt), file=report)
        if show_withheld:
            for finding in result.remaining:
                print(_left(path, finding), file=report)
    if tally.needs_runtime:
        print(*HOW_TO_GET_ONE, sep="\n", file=sys.stderr)
    hint = "" if show_withheld or not tally.withheld else " (--show-withheld says why)"
    print(f"{tally}{hint}", file=report)
    return 2 if tally.problems else 1 if tally.changed else 0


def _all(files: Sequence[str], fixer: Fixer, arguments: Sequence[str]) -> Iterator[Fixed]:
    """Fix files without writing them, on all cores where there are enough of them. What is written is written by the caller."""
    if not is_worth_processes(files, len(files), ENOUGH_FOR_PROCESSES):
        yield from (_one(path, fixer) for path in files)
        return
    shows = sys.stderr.isatty()
    settings = tuple(arguments), fixer.unsafe, fixer.runtime
    for done, fixed in enumerate(map_on_cores(_in_process, files, chunk=8, lost=_lost, prepare=_prepare, arguments=settings), start=1):
        if shows:
            sys.stderr.write(f"\r{done}/{len(files)} files\x1b[K" if done < len(files) else "\r\x1b[K")
        yield fixed


def _one(path: str, fixer: Fixer) -> Fixed:
    try:
        source = read_source(path)
        return path, source, fixer.fix(path, source)
    except (Problem, ConfigError) as error:
        return path, b"", str(error)


_fixer: Fixer | None = None  # that of a worker process


def _prepare(arguments: Sequence[str], unsafe: bool, runtime: str | None) -> None:
    global _fixer
    _fixer = Fixer(Selection(arguments), unsafe=unsafe, runtime=runtime)


def _in_process(path: str) -> Fixed:
    assert _fixer is not None
    return _one(path, _fixer)


def _lost(path: str) -> Fixed:
    """A file on which a worker process died."""
    return path, b"", str(internal(path, ProcessDied(), FIX_FILE))


def _deliver(path: str, source: bytes, result: FixResult, *, diff: bool) -> None:
    if diff:
        sys.stdout.write(unified_diff(path, source, result.source))
    elif path == "-":
        sys.stdout.buffer.write(result.source)
        sys.stdout.buffer.flush()
    elif result.source != source:
        write_atomically(Path(path), result.source)


def _left(path: str, finding: Finding) -> str:
    """The line about a finding that was not fixed."""
    if finding.withheld is None:
        assert finding.doubt is not None
        return _said(path, finding, "needs --unsafe-fixes", finding.doubt)
    return _said(path, finding, "not fixed", finding.withheld)


def _said(path: str, finding: Finding, what: str, why: Withheld) -> str:
    """`PATH:LINE:COLUMN: CODE what [ground]: reason (line)`."""
    return f"{path}:{finding.line}:{finding.column}: {finding.code} {what} [{why.reason.ground.value}]: {why}"


def unified_diff(path: str, before: bytes, after: bytes) -> str:
    """The change of a file as a unified diff, empty when there is none."""
    if before == after:
        return ""
    old, new = (decode(source)[0].splitlines(keepends=True) for source in (before, after))
    lines = difflib.unified_diff(old, new, f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

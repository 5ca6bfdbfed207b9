"""`par-lint check`: the findings of many files, as flake8 would show them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from par_lint.baseline import Baseline, tell_stale
from par_lint.config import ConfigError, load_config
from par_lint.engine import lint
from par_lint.files import find_files
from par_lint.findings import Finding, UnparsableSource
from par_lint.fixing import Fixer, read_source
from par_lint.found import Found
from par_lint.problems import Problem, internal, unparsable
from par_lint.proposals import propose_all
from par_lint.reports import make_report
from par_lint.selection import Selection
from par_lint.source import decode, parse_tree, split_lines

_ENOUGH_FOR_PROCESSES = 64  # files; below that, starting processes takes longer than it saves


@dataclass(frozen=True)
class Checked:
    """What one file came to: its findings with its lines, or a problem."""

    path: str
    findings: tuple[Finding, ...] = ()
    lines: tuple[str, ...] = ()
    problem: str | None = None
    source: bytes = b""


class Check:
    """One look at all files of some paths, by one selection. Problems are told on standard error, and kept."""

    def __init__(self, paths: Sequence[str], selection: Selection) -> None:
        self._paths = paths
        self.selection = selection
        self.problems: list[str] = []

    def files(self) -> Iterator[Found]:
        """The files that can be read, in order, with their wanted findings. Raises Problem for a path that is not there."""
        self.selection.tell_if_empty()
        for checked in _all(list(find_files(self._paths, self.selection.is_excluded))):
            if checked.problem is not None:
                print(f"par-lint: {checked.problem}", file=sys.stderr)
                self.problems.append(checked.problem)
                continue
            wanted = [finding for finding in checked.findings if self.selection.is_wanted(checked.path, finding, checked.lines)]
            yield Found(checked.path, checked.lines, checked.source, tuple(wanted))


def check(
    paths: Sequence[str],
    arguments: Sequence[str],
    *,
    diff: bool = False,
    output_format: str = "text",
    output_file: str | None = None,
    baseline: str | None = None,
) -> int:
    """Report the findings of all files (with `diff`, what safe fixes would change); 0 clean, 1 findings, 2 problems.

    Findings that the file `baseline` knows are left out. Raises Problem.
    """
    selection = Selection(arguments)
    known = Baseline.load(Path(baseline)) if baseline is not None else None
    report = make_report(output_format, selection, output_file)
    run = Check(paths, selection)
    files = run.files() if known is None else map(known.without_known, run.files())
    count = 0
    fixer = Fixer(selection, unsafe=False, runtime=None)
    for file in propose_all(list(files)) if report.wants_fixes else files:
        count += len(file.findings)
        report.add(file)
        if diff and file.findings:
            sys.stdout.write(fixer.diff(file.path, file.source))
    report.finish(run.problems)
    if known is not None:
        tell_stale(known, selection)
    return 2 if run.problems else 1 if count else 0


def _all(files: Sequence[str]) -> Iterator[Checked]:
    """Check files, on all cores where there are enough of them."""
    jobs = min(os.cpu_count() or 1, len(files))
    if len(files) < _ENOUGH_FOR_PROCESSES or jobs < 2:
        yield from map(check_file, files)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(check_file, files, chunksize=16)


def check_file(path: str) -> Checked:
    """Lint one file; `-` is standard input. A configuration that cannot be used is a problem of the file."""
    try:
        source = read_source(path)
        lines = split_lines(decode(source)[0].removeprefix("\ufeff"))
        findings = lint(parse_tree(source), lines, load_config(Path(path if path != "-" else ".")))
    except UnparsableSource as error:
        return Checked(path, problem=str(unparsable(path, error)))
    except (Problem, ConfigError) as error:
        return Checked(path, problem=str(error))
    except Exception as error:
        return Checked(path, problem=str(internal(path, error)))
    return Checked(path, tuple(findings), tuple(lines), source=source) if findings else Checked(path)

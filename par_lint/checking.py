"""`par-lint check`: the findings of many files, as flake8 would show them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from par_lint.cache import Cache, key, place
from par_lint.config import ConfigError, load_config
from par_lint.engine import lint
from par_lint.files import find_files
from par_lint.findings import Finding, UnparsableSource
from par_lint.fixing import Fixer, read_source
from par_lint.problems import Problem, internal, unparsable
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
    key: str = ""
    """What to note its findings under; empty where they are noted already."""


def check(paths: Sequence[str], arguments: Sequence[str], *, diff: bool, use_cache: bool = True) -> int:
    """Print the findings of all files (with `diff`, what safe fixes would change); 0 clean, 1 findings, 2 problems.

    With `use_cache`, files that have not changed since the last run are not looked at again.
    """
    selection = Selection(arguments)
    count, problems = 0, 0
    fixer = Fixer(selection, unsafe=False, runtime=None)
    cache = _cache(paths) if use_cache else None
    for checked in _all(list(find_files(paths, selection.is_excluded)), cache):
        if checked.problem is not None:
            print(f"par-lint: {checked.problem}", file=sys.stderr)
            problems += 1
        for finding in checked.findings:
            count += selection.show(checked.path, finding, checked.lines)
        if diff and checked.findings:
            sys.stdout.write(fixer.diff(checked.path))
    return 2 if problems else 1 if count else 0


def _cache(paths: Sequence[str]) -> Cache | None:
    """The cache of the project of the first path; none for standard input."""
    try:
        return Cache(place(load_config(Path(paths[0])))) if paths and "-" not in paths else None
    except (ConfigError, OSError):
        return None  # which the check of the file says


def _all(files: Sequence[str], cache: Cache | None) -> Iterator[Checked]:
    """Check files: from the cache where it knows them."""
    if cache is None:
        yield from _fresh(files)
        return
    known = {path: found for path in files if (found := _known(path, cache)) is not None}
    fresh = _fresh([path for path in files if path not in known])
    try:
        for path in files:
            checked = known.get(path) or next(fresh)
            if checked.key:
                cache.note(checked.key, checked.findings)
            yield checked
    finally:
        cache.save()


def _known(path: str, cache: Cache) -> Checked | None:
    """What the cache says of a file; None where it does not know it as it is now."""
    try:
        source = read_source(path)
        findings = cache.find(key(source, load_config(Path(path))))
        if findings is None:
            return None
        return Checked(path, findings, tuple(_lines(source)) if findings else ())
    except (Problem, ConfigError, UnparsableSource):
        return None


def _lines(source: bytes) -> list[str]:
    return split_lines(decode(source)[0].removeprefix("\ufeff"))


def _fresh(files: Sequence[str]) -> Iterator[Checked]:
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
        lines = _lines(source)
        config = load_config(Path(path if path != "-" else "."))
        findings = lint(parse_tree(source), lines, config)
    except UnparsableSource as error:
        return Checked(path, problem=str(unparsable(path, error)))
    except (Problem, ConfigError) as error:
        return Checked(path, problem=str(error))
    except Exception as error:
        return Checked(path, problem=str(internal(path, error)))
    return Checked(path, tuple(findings), tuple(lines) if findings else (), key=key(source, config))

"""Linting many files: from the cache where it knows them, else on all cores where there are enough of them."""

from __future__ import annotations

import itertools
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from par_lint.core.config.loading import load_config, settings_of
from par_lint.core.config.settings import Config, ConfigError
from par_lint.core.files.discovery import read_source
from par_lint.core.files.problems import Problem, unparsable
from par_lint.core.files.source_text import UnparsableSource, decode, parse_tree, split_lines
from par_lint.core.findings import Finding
from par_lint.core.internal_errors import ProcessDied, describe, internal_error_finding, internal_error_findings
from par_lint.engine.cache import Cache, key, place
from par_lint.engine.lint_file import lint
from par_lint.engine.process_pool import is_worth_processes, map_on_cores

_ENOUGH_FOR_PROCESSES = 64  # files; below that, starting processes takes longer than it saves


@dataclass(frozen=True)
class CheckedFile:
    """What one file came to: its findings, with its lines and bytes where there are any, or a problem."""

    path: str
    findings: tuple[Finding, ...] = ()
    lines: tuple[str, ...] = ()
    problem: str | None = None
    source: bytes = b""
    key: str = ""
    """What to note its findings under; empty where they are noted already."""


@dataclass(frozen=True)
class _Unknown:
    """A file to look at, as it was read; `key` is what to note its findings under."""

    path: str
    source: bytes
    key: str = ""


def lint_files(files: Sequence[str], cache: Cache | None) -> Iterator[CheckedFile]:
    """What files come to, in their order; the cache is saved at the end. Each file is read once, and few are held in memory.

    Settings are looked for once for each folder.
    """
    settings_of.cache_clear()
    notes = _Notes(cache)
    answered: deque[CheckedFile | None] = deque()  # of the files read so far; None stands for the next one that is looked at
    unknown = _find_unknown(files, notes, answered)
    first = list(itertools.islice(unknown, _ENOUGH_FOR_PROCESSES))
    is_much = is_worth_processes(first, len(first), _ENOUGH_FOR_PROCESSES)
    rest = itertools.chain(first, unknown)
    try:
        for fresh in map_on_cores(_lint, rest, chunk=16, lost=_lost) if is_much else map(_lint, rest):
            while (known := answered.popleft()) is not None:
                yield known
            if fresh.key:
                notes.note(fresh)
            yield fresh
        yield from (known for known in answered if known is not None)
    finally:
        notes.save()


class _Notes:
    """The cache of a run. Where it fails, that is told once, and the run goes on without it."""

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache

    def find(self, source: bytes, config: Config) -> tuple[str, tuple[Finding, ...] | None]:
        """What to note the findings of a file under, and those that are known; empty and None without a cache."""
        if self._cache is not None:
            try:
                noted = key(source, config)
                return noted, self._cache.find(noted)
            except Exception as error:
                self._give_up(error)
        return "", None

    def note(self, file: CheckedFile) -> None:
        """Keep what a file came to."""
        if self._cache is not None:
            try:
                self._cache.note(file.key, file.findings)
            except Exception as error:
                self._give_up(error)

    def save(self) -> None:
        """Write what is new."""
        if self._cache is not None:
            try:
                self._cache.save()
            except Exception as error:
                self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self._cache = None
        print(f"par-lint: the cache of findings failed ({describe(error)}) and is not used: please report it", file=sys.stderr)


def _find_unknown(files: Iterable[str], notes: _Notes, answered: deque[CheckedFile | None]) -> Iterator[_Unknown]:
    """The files that have to be looked at; `answered` gets an entry for each file that was read."""
    for path in files:
        file = _read(path, notes)
        answered.append(file if isinstance(file, CheckedFile) else None)
        if isinstance(file, _Unknown):
            yield file


def _read(path: str, notes: _Notes) -> CheckedFile | _Unknown:
    """A file that has to be looked at, or what the cache says of it, or the problem with it."""
    try:
        source = read_source(path)
        noted, findings = notes.find(source, _config(path))
        return _Unknown(path, source, noted) if findings is None else _checked(path, source, findings)
    except (Problem, ConfigError) as error:
        return CheckedFile(path, problem=str(error))
    except UnparsableSource as error:
        return CheckedFile(path, problem=str(unparsable(path, error)))


def cache_of(paths: Sequence[str]) -> Cache | None:
    """The cache of the project of the first path; none for standard input."""
    try:
        return Cache(place(load_config(Path(paths[0])))) if paths and "-" not in paths else None
    except (ConfigError, OSError):
        return None  # which the check of the file says


def lint_file(path: str) -> CheckedFile:
    """Lint one file; `-` is standard input. A configuration that cannot be used is a problem of the file."""
    settings_of.cache_clear()
    file = _read(path, _Notes(None))
    return file if isinstance(file, CheckedFile) else _lint(file)


def _lint(file: _Unknown) -> CheckedFile:
    path, source = file.path, file.source
    try:
        findings = lint(parse_tree(source), _lines(source), _config(path))
    except UnparsableSource as error:
        return CheckedFile(path, problem=str(unparsable(path, error)))
    except ConfigError as error:
        return CheckedFile(path, problem=str(error))
    except Exception as error:
        findings = [internal_error_finding(error)]
    checked = _checked(path, source, tuple(findings))
    return checked if internal_error_findings(findings) else replace(checked, key=file.key)  # the next run tries again


def _lost(file: _Unknown) -> CheckedFile:
    """A file on which a worker process died."""
    return _checked(file.path, file.source, (internal_error_finding(ProcessDied()),))


def _config(path: str) -> Config:
    return settings_of(os.path.dirname(path))


def _checked(path: str, source: bytes, findings: tuple[Finding, ...]) -> CheckedFile:
    return CheckedFile(path, findings, tuple(_lines(source)), source=source) if findings else CheckedFile(path)


def _lines(source: bytes) -> list[str]:
    return split_lines(decode(source)[0].removeprefix("\ufeff"))

"""Lint many files: from the cache if possible, else on all cores if there are enough files."""

from __future__ import annotations

import itertools
import os
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from par_lint.core.config.loading import load_config, settings_of
from par_lint.core.config.rule_codes import PREFIX, RULES
from par_lint.core.config.settings import Config, ConfigError
from par_lint.core.file_result import Proposal
from par_lint.core.files.discovery import read_source
from par_lint.core.files.read_errors import Problem, SyntaxProblem, unparsable
from par_lint.core.files.source_text import UnparsableSource, decode, parse_tree, split_lines
from par_lint.core.findings import Applicability, Finding
from par_lint.core.internal_errors import ProcessDied, describe, internal_error_finding, internal_error_findings
from par_lint.engine.cache import Cache, Cached, cache_folder, cache_key
from par_lint.engine.lint_file import lint
from par_lint.engine.process_pool import is_worth_processes, map_on_cores
from par_lint.engine.project_of_file import dependencies_of, forget_projects
from par_lint.engine.suppression.unknown_noqa import find_unknown_noqa

if TYPE_CHECKING:
    from par_lint.engine.fix_diff import Import

_ENOUGH_FOR_PROCESSES = 64  # files; for fewer, starting processes takes longer than it saves
_ENOUGH_FOR_PROPOSALS = 16


_RULE_IN_NOQA = re.compile(rf"noqa[^\n]*(?:{PREFIX}|{'|'.join(RULES.values())})".encode(), re.IGNORECASE)


@dataclass(frozen=True)
class CheckedFile:
    """The result for one file: its findings, with its lines and bytes if there are any, or a problem."""

    path: str
    findings: tuple[Finding, ...] = ()
    lines: tuple[str, ...] = ()
    problem: str | None = None
    syntax: SyntaxProblem | None = None
    """The problem, if it is that the file cannot be parsed."""
    source: bytes = b""
    key: str = ""
    """The cache key for new findings; empty if they are cached already."""
    is_cached: bool = False
    proposals: tuple[Proposal, ...] = ()
    """The fix of each finding, if they were asked for."""
    problems: tuple[str, ...] = ()
    """Internal errors while making the proposals."""
    warnings: tuple[str, ...] = ()
    """What is odd about the comments of the file, one line each."""
    needs: Mapping[str, str] = field(default_factory=dict, hash=False)
    """The states of the other modules and folders that the findings depend on, by path."""


@dataclass(frozen=True)
class _UncachedFile:
    """A file that is not in the cache, with its bytes; `key` is its cache key, of its proposals if they are asked for."""

    path: str
    source: bytes
    key: str = ""
    proposes: Import | None = None
    """Where the fixes to propose import from, if they are asked for."""


def lint_files(files: Sequence[str], cache: Cache | None, *, proposes: bool = False) -> Iterator[CheckedFile]:
    """Yield the results for files in order, with proposals if `proposes`, and save the cache at the end.

    Each file is read once, and few are in memory at the same time. Settings are read once for each folder.
    """
    settings_of.cache_clear()
    forget_projects()
    notes = _SafeCache(cache)
    answered: deque[CheckedFile | None] = deque()  # results of the files read so far; None is a placeholder for the next uncached file
    unknown = _uncached_files(files, notes, answered, proposes=proposes)
    first = list(itertools.islice(unknown, _ENOUGH_FOR_PROCESSES))
    is_much = is_worth_processes(first, len(first), _ENOUGH_FOR_PROPOSALS if proposes else _ENOUGH_FOR_PROCESSES)
    rest = itertools.chain(first, unknown)
    try:
        for fresh in map_on_cores(_lint, rest, chunk=16, lost=_crashed) if is_much else map(_lint, rest):
            while (known := answered.popleft()) is not None:
                yield known
            if fresh.key:
                notes.note(fresh)
            yield fresh
        yield from (known for known in answered if known is not None)
    finally:
        notes.save()


class _SafeCache:
    """The cache of a run. If it fails, that is printed once, and the run continues without it."""

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache

    def find(self, path: str, source: bytes, config: Config, proposes: Import | None) -> tuple[str, Cached | None]:
        """Return the cache key of a file and its cached findings, if any; an empty key and None without a cache."""
        if self._cache is not None:
            try:
                noted = cache_key(path, source, config, "" if proposes is None else repr(proposes))
                return noted, self._cache.find(noted)
            except Exception as error:
                self._give_up(error)
        return "", None

    def note(self, file: CheckedFile) -> None:
        """Record the result for a file."""
        if self._cache is not None:
            try:
                self._cache.note(file.key, file.findings, file.proposals, file.needs)
            except Exception as error:
                self._give_up(error)

    def save(self) -> None:
        """Write the new entries."""
        if self._cache is not None:
            try:
                self._cache.save()
            except Exception as error:
                self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self._cache = None
        print(f"par-lint: internal error ({describe(error)}): the cache is not used; please report it", file=sys.stderr)


def _uncached_files(files: Iterable[str], notes: _SafeCache, answered: deque[CheckedFile | None], *, proposes: bool) -> Iterator[_UncachedFile]:
    """Yield the files that must be linted; add an entry to `answered` for every file that is read."""
    for path in files:
        file = _read(path, notes, proposes=proposes)
        answered.append(file if isinstance(file, CheckedFile) else None)
        if isinstance(file, _UncachedFile):
            yield file


def _read(path: str, notes: _SafeCache, *, proposes: bool = False) -> CheckedFile | _UncachedFile:
    """Return an uncached file, or the cached result or the problem of a file."""
    try:
        source = read_source(path)
        given = _import_of(path, source) if proposes else None
        noted, cached = notes.find(path, source, _config(path), given)
        if cached is None:
            return _UncachedFile(path, source, noted, given)
        findings, proposals = cached
        return replace(_checked(path, source, findings), is_cached=True, proposals=proposals)
    except (Problem, ConfigError) as error:
        return CheckedFile(path, problem=str(error))
    except UnparsableSource as error:
        return _unparsable(path, error)


def _import_of(path: str, source: bytes) -> Import:
    from par_lint.engine.fix_diff import import_of

    return import_of(path, source, _config(path))


def _unparsable(path: str, error: UnparsableSource) -> CheckedFile:
    return CheckedFile(path, problem=str(unparsable(path, error)), syntax=SyntaxProblem.of(path, error))


def cache_of(paths: Sequence[str]) -> Cache | None:
    """Return the cache of the project of the first path; None for standard input."""
    try:
        return Cache(cache_folder(load_config(Path(paths[0])))) if paths and "-" not in paths else None
    except (ConfigError, OSError):
        return None  # linting the file reports it


def lint_file(path: str) -> CheckedFile:
    """Lint one file; `-` is standard input. An invalid configuration is a problem of the file."""
    settings_of.cache_clear()
    forget_projects()
    file = _read(path, _SafeCache(None))
    return file if isinstance(file, CheckedFile) else _lint(file)


def _lint(file: _UncachedFile) -> CheckedFile:
    path, source = file.path, file.source
    proposals: list[Proposal] = []
    problems: list[str] = []
    try:
        if file.proposes is None:
            findings = lint(parse_tree(source), _lines(source), _config(path), path)
        else:
            from par_lint.engine.fix_diff import lint_and_propose  # with all that makes fixes

            findings, proposals, problems = lint_and_propose(path, source, _config(path), file.proposes)
    except UnparsableSource as error:
        return _unparsable(path, error)
    except ConfigError as error:
        return CheckedFile(path, problem=str(error))
    except Exception as error:
        findings = [internal_error_finding(error)]
        proposals = [Proposal(Applicability.NONE)] if file.proposes is not None else []
    checked = replace(_checked(path, source, tuple(findings)), proposals=tuple(proposals), problems=tuple(problems))
    return checked if problems or internal_error_findings(findings) else replace(checked, key=file.key, needs=dependencies_of(path, _config(path)))  # the next run tries again


def _crashed(file: _UncachedFile) -> CheckedFile:
    """Return the result for a file on which a worker process died."""
    checked = _checked(file.path, file.source, (internal_error_finding(ProcessDied()),))
    return checked if file.proposes is None else replace(checked, proposals=(Proposal(Applicability.NONE),))


def _config(path: str) -> Config:
    return settings_of(os.path.dirname(path))


def _checked(path: str, source: bytes, findings: tuple[Finding, ...]) -> CheckedFile:
    """Return the result for a file; with its text only if something may look at it: most files have neither findings nor comments for us."""
    has_noqa = b"noqa" in source or b"NOQA" in source or b"NoQA" in source
    has_comments = has_noqa and (b"PRL" in source or b"prl" in source)
    warnings: tuple[str, ...] = ()
    if has_noqa and _RULE_IN_NOQA.search(source) is not None:
        warnings = tuple(f"{path}:{line}: {problem}" for line, problem in find_unknown_noqa(_lines(source)))
    lines, text = (tuple(_lines(source)), source) if findings or has_comments else ((), b"")
    return CheckedFile(path, findings, lines, source=text, warnings=warnings)


def _lines(source: bytes) -> list[str]:
    return split_lines(decode(source)[0].removeprefix("\ufeff"))

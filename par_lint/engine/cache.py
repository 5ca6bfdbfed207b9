"""The cache of `par-lint check`: a file with the same content and the same settings is not checked again.

The findings of a project are stored in one JSON file in `.par_lint_cache` beside its configuration. The keys are digests of the
file and the settings; an entry names the states of the other modules that it depends on, and counts only while they are the same. A problem with the cache is never an error: a damaged file is replaced, and
a folder that is not writable is ignored.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import par_lint
from par_lint.core.config.settings import Config
from par_lint.core.file_result import Proposal
from par_lint.core.files.atomic_write import write_atomically
from par_lint.core.files.read_errors import Problem
from par_lint.core.files.text_spans import Place, Span, TextEdit
from par_lint.core.findings import Applicability, CallStep, Finding, Reason, ReasonKind, Withheld
from par_lint.engine.project_of_file import are_unchanged

FOLDER = ".par_lint_cache"
_MOST_ENTRIES = 100_000
_FORMAT = 7
_OF_FINDING = 11  # values of a row that are those of the finding; the others are those of its proposal
Cached: TypeAlias = tuple[tuple[Finding, ...], tuple[Proposal, ...]]


class Cache:
    """The cached findings of one project. `save` merges those of this run with what other runs wrote meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FOLDER / "findings.json"
        self._known = _load(self._file)
        self._new: dict[str, Any] = {}

    def find(self, key: str) -> Cached | None:
        """Return the findings for a key, and their proposals if those were noted; None if there are none or they are damaged."""
        try:
            rows, needs = self._known[key]
            if not are_unchanged(needs):
                return None
            findings = tuple(_finding(row[:_OF_FINDING]) for row in rows)
            return findings, tuple(_proposal(*row[_OF_FINDING:]) for row in rows if len(row) > _OF_FINDING)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def note(self, key: str, findings: Sequence[Finding], proposals: Sequence[Proposal] = (), needs: Mapping[str, str] = MappingProxyType({})) -> None:
        """Record the findings of one file, their proposals if there are any, and the states of what else they depend on, for `save`."""
        more = [_proposal_row(proposal) for proposal in proposals] or [[] for _ in findings]
        self._new[key] = [[*_row(finding), *rest] for finding, rest in zip(findings, more, strict=True)], dict(needs)

    def save(self) -> None:
        """Write the new entries. Of two concurrent runs, one may lose its entries."""
        if not self._new:
            return
        entries = {**_load(self._file), **self._new}
        entries = dict(list(entries.items())[-_MOST_ENTRIES:])
        try:
            self._file.parent.mkdir(exist_ok=True)
            ignore = self._file.parent / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
            write_atomically(self._file, json.dumps({"format": _FORMAT, "entries": entries}, separators=(",", ":")).encode())
        except (OSError, Problem):
            return  # a read-only checkout: the next run checks again


def cache_folder(config: Config) -> Path:
    """Return the folder that contains the cache: that of the configuration, else the current one."""
    return config.path.parent if config.path is not None else Path.cwd()


def cache_key(path: str, source: bytes, config: Config, proposes: str = "") -> str:
    """Return a digest of the file, its place and the settings. `proposes` is what the proposals of its findings depend on besides."""
    digest = hashlib.sha256(_settings_digest(config))
    digest.update(f"{os.path.relpath(path, cache_folder(config))}\0".encode("utf-8", "surrogateescape"))
    digest.update(f"{len(proposes)}{proposes}".encode())
    digest.update(source)
    return digest.hexdigest()[:40]


@functools.lru_cache(maxsize=64)
def _settings_digest(config: Config) -> bytes:
    return hashlib.sha256(f"{_program_version()} {_settings_text(config)}".encode()).digest()


@functools.cache
def _program_version() -> str:
    """Return the versions of par-lint and its dependencies, with the newest modification time of par-lint's own files, for development."""
    newest = max(path.stat().st_mtime_ns for path in Path(par_lint.__path__[0]).rglob("*.py"))
    return f"{par_lint.__version__} {newest} {sys.version_info[:3]} {version('libcst')}"


def _settings_text(config: Config) -> str:
    """Return all settings that findings depend on: not their source, and not which findings are reported."""
    values = {name: value for name, value in vars(config).items() if name not in ("path", "catalog", "selection")}
    return repr({name: sorted(value.items()) if isinstance(value, Mapping) else value for name, value in values.items()})


def _load(file: Path) -> dict[str, Any]:
    try:
        known = json.loads(file.read_bytes())
        entries = known["entries"] if known["format"] == _FORMAT else {}
        return entries if isinstance(entries, dict) else {}
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}


def _why_row(why: Withheld | None) -> list[Any] | None:
    return None if why is None else [why.reason.kind.value, why.reason.words, why.line]


def _proposal_row(proposal: Proposal) -> list[Any]:
    edits = [[one.span.start.line, one.span.start.column, one.span.end.line, one.span.end.column, one.text] for one in proposal.edits]
    return [proposal.applicability.value, _why_row(proposal.withheld), _why_row(proposal.caveat), edits]


def _proposal(applicability: Any, withheld: Any, caveat: Any, edits: Any) -> Proposal:
    """Return the proposal in a row. Raises ValueError or TypeError for a damaged row."""
    made = tuple(TextEdit(Span(Place(line, column), Place(end_line, end_column)), text) for line, column, end_line, end_column, text in edits)
    if not all(isinstance(number, int) for one in made for place in (one.span.start, one.span.end) for number in (place.line, place.column)):
        raise ValueError(edits)
    return Proposal(Applicability(applicability), _withheld(withheld), _withheld(caveat), made)


def _row(finding: Finding) -> list[Any]:
    whys = [_why_row(finding.withheld), _why_row(finding.caveat)]
    return [finding.line, finding.column, finding.code, finding.message, *finding.end, finding.applicability.value, *whys, finding.via, finding.uses_runtime]


def _finding(row: Any) -> Finding:
    """Return the finding in a row. Raises ValueError or TypeError for a damaged row."""
    line, column, code, message, end_line, end_column, applicability, withheld, caveat, via, uses_runtime = row
    numbers, texts = (line, column, end_line, end_column), (code, message)
    if not (all(isinstance(number, int) for number in numbers) and all(isinstance(text, str) for text in texts) and isinstance(uses_runtime, bool)):
        raise ValueError(row)
    return Finding(line, column, code, message, (end_line, end_column), Applicability(applicability), _withheld(withheld), _withheld(caveat), _steps(via), uses_runtime)


def _steps(rows: Any) -> tuple[CallStep, ...]:
    steps = tuple(CallStep(*row) for row in rows)
    if not all(isinstance(text, str) for step in steps for text in step[:3]) or not all(isinstance(step.line, int) for step in steps):
        raise ValueError(rows)
    return steps


def _withheld(row: Any) -> Withheld | None:
    if row is None:
        return None
    kind, words, line = row
    return Withheld(Reason(ReasonKind(kind), words), line)

"""What `par-lint check` found before: a file with the same content under the same settings is not looked at again.

The findings of a project are kept in one JSON file in `.par_lint_cache` beside its configuration. Keys are digests of all that
findings depend on, so that nothing in it ever has to be thrown away for being old. Whatever goes wrong with the cache means no
cache, never an error: a damaged file is written anew, a folder that cannot be written to is left alone.
"""

from __future__ import annotations

import functools
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import par_lint
from par_lint.core.config.settings import Config
from par_lint.core.files.atomic_write import write_atomically
from par_lint.core.files.problems import Problem
from par_lint.core.findings import Applicability, Finding, Ground, Reason, Withheld

FOLDER = ".par_lint_cache"
_MOST_ENTRIES = 100_000
_FORMAT = 3


class Cache:
    """The findings of one project. Those of a run are written by `save`, together with what other runs wrote meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FOLDER / "findings.json"
        self._known = _load(self._file)
        self._new: dict[str, Any] = {}

    def find(self, key: str) -> tuple[Finding, ...] | None:
        """The findings noted under a key, None where there are none, or they cannot be read."""
        try:
            return tuple(_finding(row) for row in self._known[key])
        except (KeyError, TypeError, ValueError):
            return None

    def note(self, key: str, findings: Iterable[Finding]) -> None:
        """Keep the findings of one file, until `save` at least."""
        self._new[key] = [_row(finding) for finding in findings]

    def save(self) -> None:
        """Write what is new; two runs at the same time lose at most what one of them noted."""
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
            return  # a read-only checkout: the next run looks again


def place(config: Config) -> Path:
    """The folder whose cache a run uses: that of the configuration, else the current one."""
    return config.path.parent if config.path is not None else Path.cwd()


def key(source: bytes, config: Config) -> str:
    """What the findings of a file depend on, as one digest."""
    digest = hashlib.sha256(_of_settings(config))
    digest.update(source)
    return digest.hexdigest()[:40]


@functools.lru_cache(maxsize=64)
def _of_settings(config: Config) -> bytes:
    return hashlib.sha256(f"{_of_program()} {_described(config)}".encode()).digest()


@functools.cache
def _of_program() -> str:
    """The version of par-lint, and of what its findings depend on; its own files too, which change while it is worked on."""
    newest = max(path.stat().st_mtime_ns for path in Path(par_lint.__path__[0]).rglob("*.py"))
    return f"{par_lint.__version__} {newest} {sys.version_info[:3]} {version('libcst')}"


def _described(config: Config) -> str:
    """All settings that findings depend on: not where they come from, nor which findings are shown."""
    values = {name: value for name, value in vars(config).items() if name not in ("path", "catalog", "selection")}
    return repr({name: sorted(value.items()) if isinstance(value, Mapping) else value for name, value in values.items()})


def _load(file: Path) -> dict[str, Any]:
    try:
        known = json.loads(file.read_bytes())
        entries = known["entries"] if known["format"] == _FORMAT else {}
        return entries if isinstance(entries, dict) else {}
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}


def _row(finding: Finding) -> list[Any]:
    whys = [None if why is None else [why.reason.ground.value, why.reason.words, why.line] for why in (finding.withheld, finding.doubt)]
    return [finding.line, finding.column, finding.code, finding.message, *finding.end, finding.applicability.value, *whys]


def _finding(row: Any) -> Finding:
    """The finding of a row. Raises ValueError or TypeError for what is none."""
    line, column, code, message, end_line, end_column, applicability, withheld, doubt = row
    numbers, texts = (line, column, end_line, end_column), (code, message)
    if not (all(isinstance(number, int) for number in numbers) and all(isinstance(text, str) for text in texts)):
        raise ValueError(row)
    return Finding(line, column, code, message, (end_line, end_column), Applicability(applicability), _why(withheld), _why(doubt))


def _why(row: Any) -> Withheld | None:
    if row is None:
        return None
    ground, words, line = row
    return Withheld(Reason(Ground(ground), words), line)

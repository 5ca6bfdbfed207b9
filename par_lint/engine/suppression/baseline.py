"""`--baseline FILE`: the known findings of a project, in a file that survives moved and reformatted lines."""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from par_lint.core.config.loading import settings_of
from par_lint.core.config.rule_codes import UNSUPPRESSIBLE
from par_lint.core.file_result import FileFindings
from par_lint.core.files.atomic_write import write_atomically
from par_lint.core.files.read_errors import Problem, unreadable
from par_lint.core.findings import Finding
from par_lint.engine.suppression.fingerprint import with_fingerprints
from par_lint.engine.suppression.rule_selection import Selection

_VERSION = 1
_ENTRY = re.compile(r"(?P<code>PRL\d{3}) (?P<fingerprint>[0-9a-f]{16}) [1-9]\d*")
_WIDTH = 100  # maximum characters of a statement in the file, which is for readers only


class Key(NamedTuple):
    """What identifies a finding: the path relative to the baseline, with forward slashes; the code; the fingerprint."""

    path: str
    code: str
    fingerprint: str


class Baseline:
    """The number of entries for each finding, and the first line of its statement for readers of the file."""

    def __init__(self, path: Path, statements: dict[Key, list[str]] | None = None) -> None:
        self.path = path
        self._folder = path.absolute().parent
        self._statements = statements if statements is not None else {}
        self._seen: Counter[Key] = Counter()
        self._judged: set[str] = set()

    @classmethod
    def load(cls, path: Path) -> Baseline:
        """Read a baseline. Raises Problem for an invalid file."""
        try:
            table = json.loads(path.read_bytes().decode("utf-8", "surrogateescape"))
        except FileNotFoundError:
            raise Problem(f"{path}: no such baseline file; create it with: par-lint check --write-baseline {_display_path(path)}") from None
        except OSError as error:
            raise unreadable(path, error) from error
        except (ValueError, RecursionError) as error:
            raise _invalid(path, f"not valid JSON: {error}") from None
        return cls(path, _parse(path, table))

    def unknown(self, file: FileFindings) -> list[Finding]:
        """Return the findings of a file that are not in the baseline. Of equal findings, the first ones are in it."""
        path = self._relative(file.path)
        seen: Counter[Key] = Counter()
        new = []
        for finding, fingerprint, _ in with_fingerprints(file):
            key = Key(path, finding.code, fingerprint)
            seen[key] += 1
            if seen[key] > self._count(key) or finding.code in UNSUPPRESSIBLE:
                new.append(finding)
        self._seen.update(seen)
        return new

    def without_known(self, file: FileFindings) -> FileFindings:
        """Return a file without the findings in the baseline."""
        self._judged.add(self._relative(file.path))
        return replace(file, findings=tuple(self.unknown(file)))

    def stale(self, selection: Selection) -> list[str]:
        """Return the stale entries: those that this run could have found and did not, one line each."""
        keys = sorted(key for key in self._statements if self._is_judged(key, selection))
        return [f"{key.path}: {key.code} {self._statements[key][-1]}" for key in keys for _ in range(self._count(key) - self._seen[key])]

    def updated(self, files: Sequence[FileFindings], selection: Selection) -> Baseline:
        """Return a baseline with the findings of these files, and the old entries that this run did not check."""
        self._judged.update(self._relative(file.path) for file in files)
        statements = {key: lines for key, lines in self._statements.items() if not self._is_judged(key, selection)}
        for file in files:
            path = self._relative(file.path)
            for finding, fingerprint, statement in with_fingerprints(file):
                statements.setdefault(Key(path, finding.code, fingerprint), []).append(statement[:_WIDTH])
        return Baseline(self.path, statements)

    def write(self) -> None:
        """Write the file, sorted, one finding per line. Raises Problem."""
        findings: dict[str, dict[str, str]] = {}
        for key, lines in sorted(self._statements.items()):
            entries = findings.setdefault(key.path, {})
            entries.update({f"{key.code} {key.fingerprint} {nth}": line for nth, line in enumerate(lines, start=1)})
        text = json.dumps({"version": _VERSION, "findings": findings}, indent=2, ensure_ascii=False)
        write_atomically(self.path, f"{text}\n".encode("utf-8", "surrogateescape"))

    def __len__(self) -> int:
        return sum(len(lines) for lines in self._statements.values())

    def _count(self, key: Key) -> int:
        """Return the number of entries for a finding."""
        return len(self._statements.get(key, ()))

    def _is_judged(self, key: Key, selection: Selection) -> bool:
        """Return whether this run could have found an entry: its file was checked for this code, or no longer exists."""
        path = self._folder / key.path
        if key.path not in self._judged and path.exists():
            return False
        return selection.is_selected(os.path.relpath(path), key.code)

    def _relative(self, path: str) -> str:
        try:
            return Path(os.path.relpath(path, self._folder)).as_posix()
        except ValueError:  # another drive
            return Path(os.path.abspath(path)).as_posix()


def load_baseline(path: Path) -> Baseline:
    """Read a baseline, cached for each state of the file: editors read it on every key. Raises Problem."""
    try:
        state = os.stat(path)
    except OSError:
        return Baseline.load(path)  # reports what is wrong
    return _load_state(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=8)
def _load_state(path: Path, changed: int, size: int) -> Baseline:
    return Baseline.load(path)


class KnownFindings:
    """The baselines of a run: the one given on the command line, else those in the settings of the files."""

    def __init__(self, named: str | None) -> None:
        """Raises Problem for an invalid baseline."""
        self._named = Baseline.load(Path(named)) if named is not None else None
        self._loaded: dict[Path, Baseline] = {}
        self.hidden = 0
        """How many findings the baselines have hidden so far."""

    def without_known(self, file: FileFindings) -> FileFindings:
        """Return a file without the findings in its baseline. Raises Problem."""
        baseline = self._named or self._of_settings(settings_of(os.path.dirname(file.path)).selection.baseline)
        if baseline is None:
            return file
        unknown = baseline.without_known(file)
        self.hidden += len(file.findings) - len(unknown.findings)
        return unknown

    def _of_settings(self, path: Path | None) -> Baseline | None:
        if path is not None and path not in self._loaded:
            self._loaded[path] = Baseline.load(path)
        return self._loaded[path] if path is not None else None

    def print_stale(self, selection: Selection) -> None:
        """Print the stale entries of all baselines."""
        for baseline in [self._named] if self._named is not None else self._loaded.values():
            _print_stale(baseline, selection)


def _print_stale(baseline: Baseline, selection: Selection) -> None:
    """Print the stale entries on standard error, and the remedy."""
    stale = baseline.stale(selection)
    path = _display_path(baseline.path)
    for line in stale:
        print(f"par-lint: stale entry in {path}: {line}", file=sys.stderr)
    if stale:
        print(f"par-lint: {path}: update it with: par-lint check --write-baseline {path}", file=sys.stderr)


def _display_path(path: Path) -> str:
    """Return a path, relative to the working folder if it is inside."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _parse(path: Path, table: object) -> dict[Key, list[str]]:
    """Return the entries of a file. Raises Problem."""
    version = table.get("version") if isinstance(table, dict) else None
    if not isinstance(table, dict) or not isinstance(version, int):
        raise _invalid(path, 'no "version" key')
    if version != _VERSION:
        raise _invalid(path, f"unsupported version {version}; this par-lint supports version {_VERSION}")
    files = table.get("findings")
    if not isinstance(files, dict) or not all(isinstance(entries, dict) for entries in files.values()):
        raise _invalid(path, '"findings" is not an object of files')
    statements: dict[Key, list[str]] = {}
    for name, entries in files.items():
        for entry, line in entries.items():
            match = _ENTRY.fullmatch(entry)
            if match is None or not isinstance(line, str):
                raise _invalid(path, f"{name}: invalid entry {entry!r}")
            statements.setdefault(Key(name, match["code"], match["fingerprint"]), []).append(line)
    return statements


def _invalid(path: Path, what: str) -> Problem:
    return Problem(f"{path} is not a par-lint baseline file ({what}); create one with --write-baseline")

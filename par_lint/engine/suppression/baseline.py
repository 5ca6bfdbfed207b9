"""`--baseline FILE`: the findings that a project knows of, kept in a file that survives moved and newly formatted lines."""

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
from par_lint.core.files.problems import Problem, unreadable
from par_lint.core.findings import Finding
from par_lint.engine.suppression.fingerprint import with_fingerprints
from par_lint.engine.suppression.selection import Selection

_VERSION = 1
_ENTRY = re.compile(r"(?P<code>PRL\d{3}) (?P<fingerprint>[0-9a-f]{16}) [1-9]\d*")
_WIDTH = 100  # characters of a statement that are written for those who read the file


class Key(NamedTuple):
    """What a finding is matched by: the path from the folder of the baseline, with forward slashes; the code; the fingerprint."""

    path: str
    code: str
    fingerprint: str


class Baseline:
    """How often each finding is known, and the first line of its statement for those who read the file."""

    def __init__(self, path: Path, statements: dict[Key, list[str]] | None = None) -> None:
        self.path = path
        self._folder = path.absolute().parent
        self._statements = statements if statements is not None else {}
        self._seen: Counter[Key] = Counter()
        self._judged: set[str] = set()

    @classmethod
    def load(cls, path: Path) -> Baseline:
        """Read a baseline. Raises Problem for a file that is none."""
        try:
            table = json.loads(path.read_bytes().decode("utf-8", "surrogateescape"))
        except FileNotFoundError:
            raise Problem(f"{path}: there is no such baseline; make it with: par-lint check --write-baseline {_shown(path)}") from None
        except OSError as error:
            raise unreadable(path, error) from error
        except (ValueError, RecursionError) as error:
            raise _bad(path, f"it is not JSON: {error}") from None
        return cls(path, _parse(path, table))

    def unknown(self, file: FileFindings) -> list[Finding]:
        """The findings of a file that are not known; of equal ones, as many as are known, from the top, are."""
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
        """A file without the findings that are known."""
        self._judged.add(self._relative(file.path))
        return replace(file, findings=tuple(self.unknown(file)))

    def stale(self, selection: Selection) -> list[str]:
        """The entries that this run looked for and did not find, a line each."""
        keys = sorted(key for key in self._statements if self._is_judged(key, selection))
        return [f"{key.path}: {key.code} is gone: {self._statements[key][-1]}" for key in keys for _ in range(self._count(key) - self._seen[key])]

    def renewed(self, files: Sequence[FileFindings], selection: Selection) -> Baseline:
        """A baseline of the findings of these files, and of those entries of this one that the run says nothing of."""
        self._judged.update(self._relative(file.path) for file in files)
        statements = {key: lines for key, lines in self._statements.items() if not self._is_judged(key, selection)}
        for file in files:
            path = self._relative(file.path)
            for finding, fingerprint, statement in with_fingerprints(file):
                statements.setdefault(Key(path, finding.code, fingerprint), []).append(statement[:_WIDTH])
        return Baseline(self.path, statements)

    def write(self) -> None:
        """Write the file: sorted, one finding a line. Raises Problem."""
        findings: dict[str, dict[str, str]] = {}
        for key, lines in sorted(self._statements.items()):
            entries = findings.setdefault(key.path, {})
            entries.update({f"{key.code} {key.fingerprint} {nth}": line for nth, line in enumerate(lines, start=1)})
        text = json.dumps({"version": _VERSION, "findings": findings}, indent=2, ensure_ascii=False)
        write_atomically(self.path, f"{text}\n".encode("utf-8", "surrogateescape"))

    def __len__(self) -> int:
        return sum(len(lines) for lines in self._statements.values())

    def _count(self, key: Key) -> int:
        """How often a finding is known."""
        return len(self._statements.get(key, ()))

    def _is_judged(self, key: Key, selection: Selection) -> bool:
        """Whether this run could have found an entry: its file was looked at, or is no more, for this code."""
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
    """As `Baseline.load`, once for each state of the file: editors ask at every key. Raises Problem."""
    try:
        state = os.stat(path)
    except OSError:
        return Baseline.load(path)  # which says what is wrong
    return _load_state(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=8)
def _load_state(path: Path, changed: int, size: int) -> Baseline:
    return Baseline.load(path)


class KnownFindings:
    """What a run leaves out: by the baseline that its command names, else by those that the settings of its files name."""

    def __init__(self, named: str | None) -> None:
        """Raises Problem for a file that is no baseline."""
        self._named = Baseline.load(Path(named)) if named is not None else None
        self._loaded: dict[Path, Baseline] = {}

    def without_known(self, file: FileFindings) -> FileFindings:
        """A file without the findings that are known. Raises Problem."""
        baseline = self._named or self._of_settings(settings_of(os.path.dirname(file.path)).selection.baseline)
        return baseline.without_known(file) if baseline is not None else file

    def _of_settings(self, path: Path | None) -> Baseline | None:
        if path is not None and path not in self._loaded:
            self._loaded[path] = Baseline.load(path)
        return self._loaded[path] if path is not None else None

    def tell_stale(self, selection: Selection) -> None:
        """Say which entries match nothing any more."""
        for baseline in [self._named] if self._named is not None else self._loaded.values():
            _tell_stale(baseline, selection)


def _tell_stale(baseline: Baseline, selection: Selection) -> None:
    """Say on standard error which entries match nothing any more, and what to do."""
    stale = baseline.stale(selection)
    path = _shown(baseline.path)
    for line in stale:
        print(f"par-lint: {path}: {line}", file=sys.stderr)
    if stale:
        print(f"par-lint: {path}: renew it with: par-lint check --write-baseline {path}", file=sys.stderr)


def _shown(path: Path) -> str:
    """A path as it is, from the working folder where it is in that."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _parse(path: Path, table: object) -> dict[Key, list[str]]:
    """The entries of a file. Raises Problem."""
    version = table.get("version") if isinstance(table, dict) else None
    if not isinstance(table, dict) or not isinstance(version, int):
        raise _bad(path, "it has no version")
    if version != _VERSION:
        raise _bad(path, f"it is of version {version}, and this par-lint knows version {_VERSION}")
    files = table.get("findings")
    if not isinstance(files, dict) or not all(isinstance(entries, dict) for entries in files.values()):
        raise _bad(path, "its findings are no table of files")
    statements: dict[Key, list[str]] = {}
    for name, entries in files.items():
        for entry, line in entries.items():
            match = _ENTRY.fullmatch(entry)
            if match is None or not isinstance(line, str):
                raise _bad(path, f"{name}: {entry!r} is no entry")
            statements.setdefault(Key(name, match["code"], match["fingerprint"]), []).append(line)
    return statements


def _bad(path: Path, what: str) -> Problem:
    return Problem(f"{path}: is no baseline of par-lint: {what}; write another file with --write-baseline")

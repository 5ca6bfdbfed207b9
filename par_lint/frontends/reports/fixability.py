"""What `par-lint fix` would do about a finding, and the count of that for the end of a report for people."""

from __future__ import annotations

import enum
import os
from collections import Counter
from pathlib import Path

from par_lint.core.config.loading import load_config
from par_lint.core.file_result import FileFindings
from par_lint.core.findings import Applicability, Finding
from par_lint.engine.fix_checks import is_generated

FIXABLE = "[*]"
"""The mark of a finding that `par-lint fix` fixes."""


class Fixability(enum.Enum):
    """What `par-lint fix` would do about a finding."""

    SAFE = enum.auto()
    UNSAFE = enum.auto()
    """It fixes it with `--unsafe-fixes`."""
    LACKS_RUNTIME = enum.auto()
    """It fixes it only when the file can import run_parallel."""
    NONE = enum.auto()


class FixCounts:
    """How many findings of a run `par-lint fix` would fix, and what the others need."""

    def __init__(self) -> None:
        self._counts: Counter[Fixability] = Counter()
        self._lacking: dict[str, str] = {}  # a file for each folder with files that cannot import run_parallel: their remedies are the same
        self._last: tuple[FileFindings, bool] | None = None  # a file, and whether it can import run_parallel: findings come file by file

    def add(self, file: FileFindings) -> None:
        """Count the findings of a file."""
        for finding in file.findings:
            state = self.fixability(file, finding)
            self._counts[state] += 1
            if state is Fixability.LACKS_RUNTIME:
                self._lacking.setdefault(os.path.dirname(file.path), file.path)

    def fixability(self, file: FileFindings, finding: Finding) -> Fixability:
        """Return what `par-lint fix` would do about a finding, as far as that is known before the fix is made."""
        if finding.applicability is Applicability.NONE or is_generated(file.lines):
            return Fixability.NONE
        if finding.uses_runtime and not self._has_runtime(file):
            return Fixability.LACKS_RUNTIME
        return Fixability.SAFE if finding.applicability is Applicability.SAFE else Fixability.UNSAFE

    def mark(self, file: FileFindings, finding: Finding) -> str:
        """Return the mark of a finding that `par-lint fix` fixes without further options; empty for others."""
        return FIXABLE if self.fixability(file, finding) is Fixability.SAFE else ""

    def text(self, *, has_marks: bool) -> str:
        """Return the counts of what can be fixed, empty if nothing can. With `has_marks`, the mark of safe fixes is explained."""
        safe, unsafe, lacking = (self._counts[state] for state in (Fixability.SAFE, Fixability.UNSAFE, Fixability.LACKS_RUNTIME))
        return ", ".join(filter(None, [
            f"{FIXABLE + ' ' if has_marks else ''}{safe} with `par-lint fix`" if safe else "",
            f"{unsafe} with `par-lint fix --unsafe-fixes`" if unsafe else "",
            f"{lacking} {self._remedy()}" if lacking else "",
        ]))  # fmt: skip

    def _has_runtime(self, file: FileFindings) -> bool:
        from par_lint.engine.runtime_module.location import find_runtime  # only where something can be fixed

        if self._last is None or self._last[0] is not file:
            place = Path(file.path if file.path != "-" else ".")
            self._last = file, find_runtime(place, load_config(place), source=file.source, advises=False).module is not None
        return self._last[1]

    def _remedy(self) -> str:
        """Return when the fixes that need run_parallel can be applied, with the command if it is the same everywhere."""
        remedies: set[str] = set()
        for path in self._lacking.values():
            remedies.add(_remedy_of(path))
            if len(remedies) > 1:
                return "when run_parallel can be imported (`par-lint fix` says how)"
        return remedies.pop()


def _remedy_of(path: str) -> str:
    from par_lint.engine.runtime_module.location import display_path, find_runtime

    runtime = find_runtime(Path(path), load_config(Path(path)))
    if runtime.copy is not None:
        return f"after `par-lint vendor {display_path(runtime.copy)}` (they import run_parallel, and {runtime.reason})"
    return f"when run_parallel can be imported ({runtime.reason}): {runtime.adding}"

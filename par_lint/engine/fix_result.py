"""The results of fixing a file, or one finding in it."""

from __future__ import annotations

from dataclasses import dataclass

from par_lint.core.files.text_spans import TextEdit
from par_lint.core.findings import Finding, ReasonKind


@dataclass(frozen=True)
class FixResult:
    """The result of fixing one file. `source` is the input itself if nothing changed; `failures` are internal errors."""

    source: bytes
    fixed: tuple[Finding, ...]
    remaining: tuple[Finding, ...]
    failures: tuple[Finding, ...] = ()
    remaining_before: tuple[Finding, ...] = ()
    """The remaining findings at their places before the fixes, where those that were fixed are given, too."""
    is_runtime_missing: bool = False
    """Whether the file may not be able to import run_parallel."""

    def lacks_runtime(self, finding: Finding) -> bool:
        """Return whether the fix of a finding can be applied only when the file can import run_parallel."""
        return self.is_runtime_missing and finding.uses_runtime and (finding.withheld is None or finding.withheld.reason.kind is ReasonKind.RUNTIME)


@dataclass(frozen=True)
class SingleFix:
    """The fix of one finding: the finding as it is fixed, or as it is left with the reason; the edits; and internal errors."""

    finding: Finding
    edits: tuple[TextEdit, ...] = ()
    failures: tuple[Finding, ...] = ()

"""Lint a file and preview the fix of each finding by itself: the edits, how far they can be trusted, or why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from par_lint.core.config.settings import Config
from par_lint.core.file_result import Proposal
from par_lint.core.files.read_errors import internal
from par_lint.core.findings import Applicability, Finding, Reason, ReasonKind
from par_lint.core.internal_errors import stderr_line
from par_lint.engine.fix_file import SingleFixes
from par_lint.engine.fix_result import SingleFix
from par_lint.engine.runtime_module.location import find_runtime


@dataclass(frozen=True)
class Import:
    """The module from which proposed fixes import run_parallel, and why importing it may fail."""

    module: str | None
    caveat: Reason | None


def import_of(path: str, source: bytes, config: Config) -> Import:
    """Return the module for the fixes of a file. Raises ConfigError and Problem."""
    runtime = find_runtime(Path(path if path != "-" else "."), config, source=source, advises=False)
    return Import(runtime.module or runtime.likely, ReasonKind.RUNTIME(runtime.reason) if runtime.module is None else None)


def lint_and_propose(path: str, source: bytes, config: Config, given: Import) -> tuple[list[Finding], list[Proposal], list[str]]:
    """Return the findings of a file, the proposal for each, and the internal errors while making them.

    Args:
        given: The module from which the fixes import run_parallel.

    Raises:
        UnparsableSource: The file cannot be parsed.
    """
    fixes = SingleFixes(source, config, given.module, given.caveat, despite=True, path=path)
    findings = fixes.findings()
    return (findings, *propose(path, findings, fixes))


def propose(path: str, findings: Sequence[Finding], fixes: SingleFixes) -> tuple[list[Proposal], list[str]]:
    """Return the proposal for each finding, and the internal errors while making them."""
    problems: list[str] = []
    made = {finding: Proposal(Applicability.NONE, finding.withheld) for finding in findings if finding.applicability is Applicability.NONE}
    asked = [finding for finding in findings if finding not in made]
    try:
        fixed = fixes.fix_all(asked) if asked else []
    except Exception:  # one by one: the others are made
        fixed = [_fix_alone(path, finding, fixes, problems) for finding in asked]
    for finding, single in zip(asked, fixed, strict=True):
        problems += [stderr_line(path, failed) for failed in single.failures if failed not in findings]
        done = single.finding
        made[finding] = Proposal(done.applicability, None if single.edits else done.withheld, done.caveat, single.edits)
    return [made[finding] for finding in findings], problems


def _fix_alone(path: str, finding: Finding, fixes: SingleFixes, problems: list[str]) -> SingleFix:
    try:
        return fixes.fix_all([finding])[0]
    except Exception as error:  # the finding is reported anyway
        problems.append(str(internal(path, error, f"make a fix for {finding.code}")))
        return SingleFix(replace(finding, applicability=Applicability.NONE, caveat=None))

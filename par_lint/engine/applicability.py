"""Which fixes a project trusts: its `extend-safe-fixes` and `extend-unsafe-fixes`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from par_lint.core.config.settings import Config
from par_lint.core.findings import Applicability, ReasonKind, Withheld

if TYPE_CHECKING:
    from par_lint.rules._rule import Report


def apply_trust_settings(report: Report, config: Config) -> Report:
    """Return a report whose applicability follows the settings of the project."""
    finding = report.finding
    if finding.applicability is Applicability.NONE:
        return report
    if finding.code.startswith(config.unsafe_codes):
        caveat = finding.caveat or Withheld(ReasonKind.PERSON("extend-unsafe-fixes lists this code"), finding.line)
        return replace(report, finding=replace(finding, applicability=Applicability.UNSAFE, caveat=caveat))
    if finding.code.startswith(config.safe_codes):
        return replace(report, finding=replace(finding, applicability=Applicability.SAFE, caveat=None))
    return report

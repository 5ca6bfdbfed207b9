"""How far a project trusts fixes: its `extend-safe-fixes` and `extend-unsafe-fixes`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from par_lint.core.config.settings import Config
from par_lint.core.findings import Applicability, Ground, Withheld

if TYPE_CHECKING:
    from par_lint.rules._rule import Report


def trusted(report: Report, config: Config) -> Report:
    """A report whose fix is as safe as the project says that it is."""
    finding = report.finding
    if finding.applicability is Applicability.NONE:
        return report
    if finding.code.startswith(config.unsafe_codes):
        doubt = finding.doubt or Withheld(Ground.PERSON("extend-unsafe-fixes asks for it"), finding.line)
        return replace(report, finding=replace(finding, applicability=Applicability.UNSAFE, doubt=doubt))
    if finding.code.startswith(config.safe_codes):
        return replace(report, finding=replace(finding, applicability=Applicability.SAFE, doubt=None))
    return report

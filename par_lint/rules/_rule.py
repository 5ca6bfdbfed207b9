"""What a rule is: a record, and a LibCST visitor that reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

import libcst as cst

from par_lint.findings import Applicability, Finding, FixAvailability, Withheld
from par_lint.fixes.edit import Edit

if TYPE_CHECKING:
    from par_lint.analysis.facts import Facts
    from par_lint.config import Config


@dataclass(frozen=True)
class Rule:
    """The record of a rule. `message` has named fields in braces."""

    code: str
    name: str
    message: str
    fix: FixAvailability


Fix = Callable[[], Union[Edit, Withheld]]


@dataclass(frozen=True)
class Report:
    """A finding with the means to build its fix; `fix` is None where there is none."""

    finding: Finding
    fix: Fix | None


class RuleVisitor(cst.CSTVisitor):
    """The base of the rules' visitors: small `visit_*` methods that ask `facts` and call `report`."""

    rule: Rule

    def __init__(self, facts: Facts, config: Config) -> None:
        super().__init__()
        self.facts = facts
        self.config = config
        self.reports: list[Report] = []

    def report(
        self,
        node: cst.CSTNode,
        applicability: Applicability = Applicability.NONE,
        fix: Fix | None = None,
        withheld: Withheld | None = None,
        **names: object,
    ) -> None:
        """Report `node`; `names` fill the message."""
        line, column = self.facts.position(node)
        message = self.rule.message.format(**names)
        if withheld is not None:
            message += f" (by hand: {withheld.reason}, line {withheld.line})"
        self.reports.append(Report(Finding(line, column, self.rule.code, message, applicability, withheld), fix))

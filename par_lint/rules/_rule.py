"""The base of all rules: a record, and a LibCST visitor that reports findings."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, Union

import libcst as cst

from par_lint.analysis.effects.observers import observer_verdict
from par_lint.analysis.finding_span import find_end
from par_lint.analysis.variables.reflection import reflection
from par_lint.analysis.verdict import Level
from par_lint.core.findings import Applicability, CallStep, Finding, FixAvailability, Reason, ReasonKind, Withheld
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.codegen.line_length import wrap_edit
from par_lint.fixes.codegen.own_line_length import own_line_length
from par_lint.fixes.codegen.rejected_walrus import find_rejected_walrus
from par_lint.fixes.loop_fixes.fission import LoopFix

if TYPE_CHECKING:
    from par_lint.analysis.facts import Facts
    from par_lint.core.config.settings import Config

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Rule:
    """The record of a rule. `message` is a format string with named fields."""

    code: str
    name: str
    message: str
    fix: FixAvailability
    caveat: Reason | None = None
    """Why none of its fixes is safe, for rules whose fixes are always unsafe."""


Fix = Callable[[], Union[Edit, Withheld]]


@dataclass(frozen=True)
class Report:
    """A finding and the function that builds its fix; `fix` is None if there is none."""

    finding: Finding
    fix: Fix | None


class RuleVisitor(cst.CSTVisitor):
    """The base class of the rules' visitors: small `visit_*` methods that ask `facts` and call `report`."""

    rule: Rule

    def __init__(self, facts: Facts, config: Config) -> None:
        super().__init__()
        self.facts = facts
        self.config = config
        self.reports: list[Report] = []

    def report_safely(self, node: cst.CSTNode, report: Callable[[_Found], None], found: _Found) -> None:
        """Call `report(found)`; an internal error at `node` does not affect other places."""
        self.facts.catch_internal_error(node, functools.partial(report, found))

    def take(self) -> list[Report]:
        """Return the reports and forget them. Reports refer to their visitor, so keeping them would create a reference cycle."""
        reports, self.reports = self.reports, []
        return reports

    def report(
        self, node: cst.CSTNode, applicability: Applicability = Applicability.NONE, fix: Fix | None = None, withheld: Withheld | None = None,
        caveat: Withheld | None = None, **names: object,
    ) -> None:  # fmt: skip
        """Report `node`; `names` fill the message."""
        self._add(node, names, applicability, fix, withheld, caveat)

    def report_plan(
        self, node: cst.CSTNode, plan: LoopFix | Fix | Edit | Withheld, via: tuple[CallStep, ...] = (), *, uses_runtime: bool = False, **names: object
    ) -> None:  # fmt: skip
        """Report `node` with its fix, or with the reason why it is withheld.

        Args:
            node: the reported code.
            plan: a fix (unsafe unless a LoopFix says that it is safe), or the reason why there is none.
            via: the functions of other modules that lead to the I/O.
            uses_runtime: whether the fix imports run_parallel or run_together; a LoopFix always does.
            names: the fields of the message.
        """
        match plan:
            case Withheld():
                self._add(node, names, withheld=plan, via=via)
            case LoopFix(verdict=verdict):
                if plan.applicability is Applicability.SAFE and verdict.level < Level.UNSAFE:  # neither says worse than that it is not sure
                    verdict |= reflection(node, self.facts) | observer_verdict(node, self.facts)
                is_safe = plan.applicability is Applicability.SAFE and verdict.level < Level.UNSAFE
                caveat = None if is_safe else Withheld(verdict.why, self.facts.line(verdict.node or node))
                self._add(node, names, Applicability.SAFE if is_safe else Applicability.UNSAFE, plan.build, caveat=caveat, via=via, uses_runtime=True)
            case Edit():
                self._add(node, names, Applicability.UNSAFE, lambda: plan, via=via, uses_runtime=uses_runtime)
            case _:
                self._add(node, names, Applicability.UNSAFE, plan, via=via, uses_runtime=uses_runtime)

    def _add(
        self, node: cst.CSTNode, names: Mapping[str, object], applicability: Applicability = Applicability.NONE, fix: Fix | None = None,
        withheld: Withheld | None = None, caveat: Withheld | None = None, via: tuple[CallStep, ...] = (), uses_runtime: bool = False,
    ) -> None:  # fmt: skip
        line, column = self.facts.position(node)
        message = self.rule.message.format(**names)
        if withheld is not None:
            message += f" (no fix: {withheld.reason}, line {withheld.line})"
        elif caveat is not None:
            message += f" (unsafe fix: {caveat.reason}, line {caveat.line})"
        elif applicability is Applicability.UNSAFE:
            caveat = Withheld(self.rule.caveat or ReasonKind.PERSON("its effect needs a person's judgement"), line)
            message += f" (unsafe fix: {caveat.reason})"
        fitted = None if fix is None else lambda: self._fit(fix())
        finding = Finding(line, column, self.rule.code, message, find_end(node, self.facts), applicability, withheld, caveat, via, uses_runtime)
        self.reports.append(Report(finding, fitted))

    def _fit(self, edit: Edit | Withheld) -> Edit | Withheld:
        """Return the edit, wrapped to the line length, or the reason why Python would reject it."""
        if isinstance(edit, Withheld):
            return edit
        refusal = find_rejected_walrus(edit)
        if refusal is None:
            return wrap_edit(edit, self.facts, self.config.line_length or own_line_length(self.facts))
        reason, name = refusal
        is_known = self.facts.tree.number(name) >= 0
        return Withheld(reason, self.facts.line(name if is_known else edit.replaced[0][0]))

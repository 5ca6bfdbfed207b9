"""The body that the rules on missing time limits share."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.gate.missing_timeouts import Unlimited
from par_lint.core.findings import Applicability, Ground, Withheld
from par_lint.fixes.bound_wait import GRACE, bounds_by_itself, is_ended_by_fix, plan_bounded_wait
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.set_argument import set_argument
from par_lint.rules._rule import Fix, RuleVisitor
from par_lint.rules._sequential import spelled


_UNKNOWN = Ground.PERSON("nothing says how long the command takes: set it, or default, in [tool.par-lint.timeouts]")


class TimeoutVisitor(RuleVisitor):
    """Reports calls that wait for ever, for a child or for the network."""

    of_subprocesses: bool

    def visit_Module(self, node: cst.Module) -> None:
        """Report every call that waits for ever."""
        for call, found in self.facts.unlimited():
            if found.is_subprocess is self.of_subprocesses:
                self._report(call, found)

    def _report(self, node: cst.Call, found: Unlimited) -> None:
        timeout = found.entry.timeout
        seconds = GRACE if is_ended_by_fix(found) else self.seconds(found)
        call = spelled(node) if found.direct else found.entry.name
        raises = f" (raises {timeout.raises})" if timeout is not None and timeout.raises else ""
        shown = "..." if seconds is None else seconds
        if timeout is None:
            remedy = f"use subprocess.run(..., timeout={shown})"
        elif is_ended_by_fix(found):
            remedy = f"add {timeout.parameter}={shown}, and kill it then"
        else:
            remedy = f"add {timeout.parameter}={shown}{raises}"
        plan = self._plan(node, found, seconds)
        if isinstance(plan, Withheld):
            self.report(node, withheld=plan, call=call, remedy=remedy)
        else:
            self.report(node, Applicability.UNSAFE, plan, call=call, remedy=remedy)

    def _plan(self, node: cst.Call, found: Unlimited, seconds: int | None) -> Fix | Withheld:
        if seconds is None:
            return Withheld(_UNKNOWN, self.facts.line(node))
        if found.is_subprocess and not bounds_by_itself(found):
            return plan_bounded_wait(node, found, seconds, self.facts, self.config.python)
        target = self.facts.call_at(found.takes) if found.takes is not None else None
        if target is None:
            return Withheld(Ground.FORM("it passes no keywords on: use functools.partial"), self.facts.line(node))
        return _adding(target, found, seconds)

    def seconds(self, found: Unlimited) -> int | None:
        """The limit that is proposed; None where nothing says how long the call may take."""
        raise NotImplementedError


def _adding(call: cst.Call, found: Unlimited, seconds: int) -> Fix:
    timeout = found.entry.timeout
    assert timeout is not None
    position = timeout.position if found.direct else None

    def build() -> Edit:
        return Edit(((call, set_argument(call, position, timeout.parameter, cst.Integer(str(seconds)))),))

    return build

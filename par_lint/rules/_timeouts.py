"""The body that the rules on missing time limits share."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.gate.missing_timeouts import Unlimited
from par_lint.core.findings import Applicability, Ground, Withheld
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
        seconds = self.seconds(found)
        timeout = found.entry.timeout
        call = spelled(node) if found.direct else found.entry.name
        if timeout is None:
            withheld = Withheld(Ground.FORM(f"{found.entry.name} takes no timeout"), self.facts.line(node))
            self.report(node, withheld=withheld, call=call, remedy=f"use subprocess.run(..., timeout={seconds or '...'})")
            return
        raises = f" (raises {timeout.raises})" if timeout.raises else ""
        if seconds is None:
            withheld = Withheld(_UNKNOWN, self.facts.line(node))
            self.report(node, withheld=withheld, call=call, remedy=f"add a {timeout.parameter}{raises}")
            return
        remedy = f"add {timeout.parameter}={seconds}{raises}"
        target = self.facts.call_at(found.takes) if found.takes is not None else None
        if target is None:
            withheld = Withheld(Ground.FORM("it passes no keywords on: use functools.partial"), self.facts.line(node))
            self.report(node, withheld=withheld, call=call, remedy=remedy)
            return
        self.report(node, Applicability.UNSAFE, _adding(target, found, seconds), call=call, remedy=remedy)

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

"""The visitor that the rules on missing timeouts share."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.gate.missing_timeouts import MissingTimeout
from par_lint.core.findings import Applicability, Ground, Withheld
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.set_argument import set_argument
from par_lint.rules._rule import Fix, RuleVisitor
from par_lint.rules._sequential import call_text


class TimeoutVisitor(RuleVisitor):
    """Report calls without a timeout, either of subprocesses or of the network."""

    for_subprocesses: bool

    def visit_Module(self, node: cst.Module) -> None:
        """Report every such call in the module."""
        for call, found in self.facts.missing_timeouts():
            if found.is_subprocess is self.for_subprocesses:
                self._report(call, found)

    def _report(self, node: cst.Call, found: MissingTimeout) -> None:
        seconds = self.seconds(found)
        timeout = found.entry.timeout
        call = call_text(node) if found.direct else found.entry.name
        if timeout is None:
            withheld = Withheld(Ground.FORM(f"{found.entry.name} takes no timeout"), self.facts.line(node))
            self.report(node, withheld=withheld, call=call, remedy=f"use subprocess.run(..., timeout={seconds})")
            return
        raises = f" (raises {timeout.raises})" if timeout.raises else ""
        remedy = f"add {timeout.parameter}={seconds}{raises}"
        target = self.facts.call_at(found.takes) if found.takes is not None else None
        if target is None:
            withheld = Withheld(Ground.FORM("keyword arguments are not passed on: use functools.partial"), self.facts.line(node))
            self.report(node, withheld=withheld, call=call, remedy=remedy)
            return
        if _is_passed_on(node, timeout.parameter):
            withheld = Withheld(Ground.FORM("callers pass the timeout: give its parameter a default"), self.facts.line(node))
            self.report(node, withheld=withheld, call=call, remedy=remedy)
            return
        self.report(node, Applicability.UNSAFE, _add_timeout(target, found, seconds), call=call, remedy=remedy)

    def seconds(self, found: MissingTimeout) -> int:
        """Return the recommended timeout in seconds."""
        raise NotImplementedError


def _is_passed_on(call: cst.Call, parameter: str) -> bool:
    """Return whether the timeout of a call is a name that may be a parameter: `timeout=timeout`."""
    given = (arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value == parameter)
    return any(isinstance(value, cst.Name) and value.value.islower() for value in given)


def _add_timeout(call: cst.Call, found: MissingTimeout, seconds: int) -> Fix:
    timeout = found.entry.timeout
    assert timeout is not None
    position = timeout.position if found.direct else None

    def build() -> Edit:
        return Edit(((call, set_argument(call, position, timeout.parameter, cst.Integer(str(seconds)))),))

    return build

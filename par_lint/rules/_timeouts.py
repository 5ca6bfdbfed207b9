"""The visitor that the rules on missing timeouts share."""

from __future__ import annotations

import ast
from dataclasses import replace

import libcst as cst

from par_lint.analysis.gate.missing_timeouts import MissingTimeout
from par_lint.analysis.gate.timeout_arguments import is_address, is_in_mapping, timeout_argument
from par_lint.analysis.semantics.handlers_around import find_handler, find_handlers_of_callers, find_near_handler
from par_lint.analysis.semantics.long_lived_connections import is_long_lived
from par_lint.analysis.semantics.none_values import is_none
from par_lint.analysis.semantics.scopes import CallSite
from par_lint.analysis.semantics.timeout_parameters import TimeoutParameter, timeout_parameter
from par_lint.core.catalog.entry import Trait
from par_lint.core.findings import Applicability, Reason, ReasonKind, Withheld
from par_lint.fixes.bound_wait import EXPIRED, GRACE_SECONDS, bounds_by_itself, is_ended_by_fix, plan_bounded_wait, runs_in_shell
from par_lint.fixes.catch_timeout import Join, plan_widened_handler
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.set_argument import set_argument
from par_lint.fixes.wait_for import plan_wait_for
from par_lint.rules._rule import Fix, RuleVisitor
from par_lint.rules._sequential import call_text

_CONNECT_AT_ONCE = ("smtplib.", "ftplib.", "imaplib.", "poplib.", "telnetlib.")
"""Libraries whose objects connect when they are made."""
_LONGEST_CAUGHT = 41  # characters of the exceptions of a handler; a message has a readable length
_QUICK = 60
"""The most seconds of a command that only looks something up."""


class TimeoutVisitor(RuleVisitor):
    """Report calls without a timeout, either of subprocesses or of the network."""

    for_subprocesses: bool
    unknown = ReasonKind.PERSON("nothing says how long the command takes: set it, or default, in [tool.par-lint.timeouts]")
    """Why there is no limit."""

    def visit_Module(self, node: cst.Module) -> None:
        """Report every such call in the module."""
        for call, found in self.facts.missing_timeouts():
            if found.is_subprocess is self.for_subprocesses:
                self._report(call, found)

    def _report(self, node: cst.Call, found: MissingTimeout) -> None:
        timeout = found.entry.timeout
        own = self._timeout_parameter(node, found)
        seconds = str(GRACE_SECONDS) if is_ended_by_fix(found) else own.name if own is not None else self.limit(node, found)
        call = call_text(node) if found.direct else found.entry.name
        raises = f" (raises {timeout.raises})" if timeout is not None and timeout.raises else f" (raises {EXPIRED})" if timeout is None else ""
        shown = "..." if seconds is None else seconds
        if timeout is not None and not timeout.parameter:
            remedy = f"use asyncio.wait_for(..., timeout={shown}){raises}"
        elif timeout is None:
            remedy = f"use subprocess.run(..., timeout={shown}){raises}"
        elif is_ended_by_fix(found):
            remedy = f"add {timeout.parameter}={shown} and kill it then"
        else:
            kill = " and kill it then" if found.is_subprocess and not bounds_by_itself(found) else ""
            remedy = f"add {', '.join(f'{one}={shown}' for one in _parameters(found))}{kill}{raises}"
        plan = self._plan(node, found, seconds) if own is None or own.is_set else _not_passed_on(own)
        if isinstance(plan, Withheld):
            self.report(node, withheld=plan, call=call, remedy=remedy)
            return
        join = self._join(node, found, seconds)
        caveat = self._doubt(node, found, seconds if own is None else None, join)
        self.report(node, Applicability.UNSAFE, plan if join is None else _joined(plan, join), caveat=caveat, call=call, remedy=remedy)

    def _timeout_parameter(self, node: cst.Call, found: MissingTimeout) -> TimeoutParameter | None:
        """The parameter of the function around a call for its limit, which is not passed on."""
        site, timeout = self.facts.site(node), found.entry.timeout
        if site is None or is_ended_by_fix(found) or found.by_name is not None or timeout is not None and "timeout" not in timeout.parameter:
            return None
        return timeout_parameter(site)

    def _join(self, node: cst.Call, found: MissingTimeout, seconds: str | None) -> Join | None:
        """The handler around a call that the fix lets catch the new exception too; None where one does already, or none is for it."""
        site, raises = self.facts.site(node), found.raises
        if site is None or not raises or is_ended_by_fix(found) or _is_made_here(found) or find_handler(site, raises, self.facts.resolver) is not None:
            return None
        is_quick = found.is_subprocess and seconds is not None and (not seconds.isdecimal() or int(seconds) <= _QUICK)
        return plan_widened_handler(node, raises, self.facts, is_probe=is_quick and not _raises_on_failure(found))

    def _doubt(self, node: cst.Call, found: MissingTimeout, seconds: str | None, join: Join | None) -> Withheld:
        """What to look at: that the number is a proposal, then what catches the exception that is new, and what is not ended."""
        proposal = f"{seconds} is a proposal" if seconds is not None else "the limit is the parameter's"
        if seconds is not None and seconds[:1].isidentifier():
            proposal = f"{seconds} is what other requests of the file are given"
        return Withheld(ReasonKind.ERRORS(f"{proposal}; {self._caught(node, found, join)}"), self.facts.line(node))

    def _caught(self, node: cst.Call, found: MissingTimeout, join: Join | None) -> str:
        if is_ended_by_fix(found):
            return "it raises nothing"
        if _is_made_here(found):
            return "the exception is raised where the object is used"
        raises = found.raises
        if not raises:
            return "the exception of the library is new"
        site = self.facts.site(node)
        handler = find_handler(site, raises, self.facts.resolver) if site is not None else None
        near = find_near_handler(site, raises, self.facts.resolver) if handler is None and site is not None else None
        if join is not None:
            caught = f"{_spelled(join.handler)} will catch the exception too"
        elif handler is not None:
            caught = f"{_spelled(handler)} catches the exception"
        else:
            caught = f"{_spelled(near)} does not catch the exception" if near is not None else self._caught_by_callers(site, raises)
        return f"{caught}; what the shell started runs on" if found.is_subprocess and runs_in_shell(found) else caught

    def _caught_by_callers(self, site: CallSite | None, raises: str) -> str:
        catching, other = find_handlers_of_callers(site, raises, self.facts.resolver) if site is not None else (None, None)
        if other is not None:
            return f"{_spelled(other)} around a caller does not catch the exception"
        return f"{_spelled(catching)} around a caller catches the exception" if catching is not None else "nothing catches the exception"

    def _plan(self, node: cst.Call, found: MissingTimeout, seconds: str | None) -> Fix | Withheld:
        if seconds is None:
            return Withheld(self._why_unknown(node, found), self.facts.line(node))
        if found.by_name is not None:
            return Withheld(ReasonKind.FORM(f"`{found.by_name.name}` is None"), found.by_name.line)
        timeout, site = found.entry.timeout, self.facts.site(node)
        if found.entry.name in self.facts.resolver.catalog.names_with(Trait.OPENS_CONNECTION) and site is not None and is_long_lived(site):
            return Withheld(ReasonKind.FORM("the limit stays on the connection, and ends later reads too: set it, connect, and call settimeout"), self.facts.line(node))
        if timeout is not None and is_in_mapping(found.node, timeout.parameter):
            return Withheld(ReasonKind.FORM(f"`{timeout.parameter}` is given in a mapping"), self.facts.line(node))
        if timeout is not None and not timeout.parameter:
            return plan_wait_for(node, seconds, self.facts)
        if found.is_subprocess and not bounds_by_itself(found):
            return plan_bounded_wait(node, found, seconds, self.facts, self.config.python)
        target = self.facts.call_node(found.takes) if found.takes is not None else None
        if target is None:
            return Withheld(ReasonKind.FORM("it passes no keywords on: use functools.partial"), self.facts.line(node))
        return _add_timeout(target, found, seconds)

    def _why_unknown(self, node: cst.Call, found: MissingTimeout) -> Reason:
        return TimeoutVisitor.unknown if found.is_subprocess or found.commands or found.entry.name.endswith(".exec_command") else self.why_unknown(node, found)

    def why_unknown(self, node: cst.Call, found: MissingTimeout) -> Reason:
        """Return why there is no limit."""
        return self.unknown

    def limit(self, node: cst.Call, found: MissingTimeout) -> str | None:
        """The limit that is proposed, as code; None where nothing says how long the call may take."""
        raise NotImplementedError


def _not_passed_on(own: TimeoutParameter) -> Withheld:
    return Withheld(ReasonKind.FORM(f"pass on the parameter `{own.name}`, with a number as its default"), own.line)


def _is_made_here(found: MissingTimeout) -> bool:
    """Whether a call makes an object that waits later."""
    name = found.entry.name
    return not found.is_subprocess and name.rpartition(".")[2][:1].isupper() and not name.startswith(("grpc.Stub.", *_CONNECT_AT_ONCE))


def _raises_on_failure(found: MissingTimeout) -> bool:
    """Whether a call raises an exception where its command fails."""
    return found.entry.name.endswith((".check_call", ".check_output")) or any(one.arg == "check" and not _is_false(one.value) for one in found.node.keywords)


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _joined(plan: Fix, join: Join) -> Fix:
    def build() -> Edit | Withheld:
        edit = plan()
        if isinstance(edit, Withheld):
            return edit
        return replace(edit, replaced=(*edit.replaced, (join.old, join.new)), imports=tuple(dict.fromkeys((*edit.imports, *join.imports))))

    return build


def _spelled(handler: ast.ExceptHandler) -> str:
    """Return a handler as messages name it: with its exceptions, unless they are many."""
    caught = f" {ast.unparse(handler.type)}" if handler.type is not None else ""
    return f"`except{caught if len(caught) <= _LONGEST_CAUGHT else ' (...)'}` (line {handler.lineno})"


def _add_timeout(call: cst.Call, found: MissingTimeout, seconds: str) -> Fix:
    timeout = found.entry.timeout
    assert timeout is not None
    position = timeout.position if found.direct and not is_address(timeout_argument(found.node, timeout, timeout.position)) else None

    parameters = _parameters(found)

    def build() -> Edit:
        limited = call
        for parameter in parameters:
            limited = set_argument(limited, position, parameter, _beside(call, parameter, seconds))
        return Edit(((call, limited),))

    return build


def _parameters(found: MissingTimeout) -> list[str]:
    """The parameters that are to be given: those that switch off a default, or else the one for the limit."""
    timeout = found.entry.timeout
    assert timeout is not None
    off = [keyword.arg for keyword in found.node.keywords if keyword.arg in (timeout.parameter, *timeout.off_by) and is_none(keyword.value)]
    return [parameter for parameter in off if parameter is not None] or [timeout.parameter]


def _beside(call: cst.Call, parameter: str, seconds: str) -> cst.BaseExpression:
    """The limit; where a pair is given whose second is None, the pair with its first, unless that is None too."""
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value == parameter and isinstance(arg.value, cst.Tuple) and len(arg.value.elements) > 1:
            *before, last = arg.value.elements
            if all(isinstance(one.value, cst.Name) and one.value.value == "None" for one in before):
                break
            return arg.value.with_changes(elements=[*before, last.with_changes(value=cst.parse_expression(seconds.rpartition(", ")[2].rstrip(")")))])
    return cst.parse_expression(seconds)

"""Subprocess calls: whether they wait without a time limit, and how long their command may take."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from par_lint.analysis.blockers import command_words
from par_lint.analysis.facts import Facts
from par_lint.analysis.names import dotted
from par_lint.analysis.nodes import descend
from par_lint.analysis.pools import argument
from par_lint.catalog.entry import Entry, Kind

_MODULES = ("subprocess.", "os.")


def waits_for_ever(call: cst.Call, facts: Facts) -> Entry | None:
    """The catalogue's entry of a standard subprocess call that waits and is given no time limit."""
    entry = facts.entry(call)
    if entry is None or entry.kind is not Kind.SUBPROCESS or not entry.name.startswith(_MODULES):
        return None
    if entry.timeout is None:
        return entry
    if any(arg.star for arg in call.args):
        return None  # may hold one
    position = entry.timeout.position
    if argument(call, -1 if position is None else position, entry.timeout.parameter) is not None:
        return None
    if entry.name.startswith("subprocess.Popen.") and _is_over(call, facts):
        return None
    return entry


def _is_over(call: cst.Call, facts: Facts) -> bool:
    """Whether the process was killed, or its output read to the end, right before."""
    receiver = dotted(call.func.value) if isinstance(call.func, cst.Attribute) else None
    method = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
    enders = {"kill", "communicate"} if method == "wait" else {"kill"}
    before = facts.statement_before(call)
    for node in descend(before) if before is not None else ():
        match node:
            case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=name))) if name in enders and dotted(value) == receiver:
                return True
            case _:
                pass
    return False


def time_limit(call: cst.Call, facts: Facts, timeouts: Mapping[str, int]) -> int:
    """The seconds that the command of a call may take: of the longest configured command that it begins with."""
    words = command_words(_popen(call, facts) or call)
    if words:
        words[0] = words[0].rpartition("/")[2]
    matching = [command for command in timeouts if command.split() == words[:len(command.split())]]
    return timeouts[max(matching, key=len)] if matching else timeouts["default"]


def _popen(call: cst.Call, facts: Facts) -> cst.Call | None:
    """The call of Popen that made the process which a method waits for."""
    if not isinstance(call.func, cst.Attribute):
        return None
    receiver = call.func.value
    if isinstance(receiver, cst.Call):
        return receiver if facts.name(receiver) == "subprocess.Popen" else None
    path = dotted(receiver)
    around = facts.around(call) or facts.module
    for node in descend(around, into_functions=True):
        match node:
            case cst.Assign(targets=[cst.AssignTarget(target=target)], value=cst.Call() as made) if dotted(target) == path:
                return made if facts.name(made) == "subprocess.Popen" else None
            case cst.WithItem(item=cst.Call() as made, asname=cst.AsName(name=name)) if dotted(name) == path:
                return made if facts.name(made) == "subprocess.Popen" else None
            case _:
                pass
    return None

"""Limit the wait for a child process where a `timeout` argument is not enough: kill it after the limit, or run the command in another way."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Union

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.child_history import is_process_group_leader
from par_lint.analysis.gate.missing_timeouts import MissingTimeout
from par_lint.analysis.semantics.handlers_around import find_handler, tries_around
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.findings import ReasonKind, Withheld
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.codegen.replace import replace_inside
from par_lint.fixes.module_names import Imports, is_free, spelled
from par_lint.fixes.popen_to_run import ShiftedLines, is_within, plan_run
from par_lint.fixes.set_argument import set_argument, set_keyword

EXPIRED = "subprocess.TimeoutExpired"
GRACE_SECONDS = 10
"""Seconds for a child that was told to end: as long as `docker stop` grants."""
_POPEN = "subprocess.Popen."
_REMOVESUFFIX = 9  # the Python 3 that has str.removesuffix
Plan = Union[Callable[[], Edit], Withheld]


def bounds_by_itself(found: MissingTimeout) -> bool:
    """Whether a `timeout` argument is enough: `subprocess.run` and its like kill the child and wait for it."""
    return found.entry.timeout is not None and not found.entry.name.startswith(_POPEN)


def runs_in_shell(found: MissingTimeout) -> bool:
    """Whether a shell runs the command, and only the shell is killed, not what it started."""
    keywords = found.started.keywords if found.started is not None else ()
    shell = next((keyword.value for keyword in keywords if keyword.arg == "shell"), None)
    given = shell is not None and not (isinstance(shell, ast.Constant) and not shell.value)
    return given and not ends_group(found) or found.entry.name in ("os.system", "os.popen", "subprocess.getoutput")


def ends_group(found: MissingTimeout) -> bool:
    """Whether the fix kills all that the child started: it waits for a `Popen` that leads a process group."""
    return found.started is not None and found.entry.name.startswith(_POPEN) and is_process_group_leader(found.started)


def is_ended_by_fix(found: MissingTimeout) -> bool:
    """Whether the fix raises nothing new: a child that was told to end is killed when it does not."""
    return found.signalled_to_end and found.entry.name == f"{_POPEN}wait"


def plan_bounded_wait(call: cst.Call, found: MissingTimeout, seconds: str, facts: Facts, python: int) -> Plan:
    """Return the fix of a wait for which a timeout argument is not enough, or the reason why there is none.

    Args:
        seconds: The proposed time limit, as code.
        python: The oldest minor version of Python 3 that fixed code supports.
    """
    match found.entry.name:
        case "os.system":
            return _plan_system(call, seconds, facts)
        case "os.popen":
            return _plan_popen(call, seconds, facts)
        case "subprocess.getoutput" if python >= _REMOVESUFFIX:
            return _plan_getoutput(call, seconds, facts)
        case name if name.startswith(_POPEN):
            return _plan_wait(call, found, seconds, facts)
        case name:
            return Withheld(ReasonKind.FORM(f"`{name}()` takes no timeout"), facts.line(call))


# A Popen ----------------------------------------------------------------------------------------------------------


def _plan_wait(call: cst.Call, found: MissingTimeout, seconds: str, facts: Facts) -> Plan:
    """`process.wait()` becomes a wait with a limit, after which the child is killed and reaped, and the error goes on."""
    line = facts.line(call)
    if found.read_before is not None:
        return Withheld(ReasonKind.FORM("its output is read before, without a limit that would end that"), found.read_before)
    if not isinstance(call.func, cst.Attribute) or not found.direct:
        return Withheld(ReasonKind.FORM("nothing holds the child that would have to be killed"), line)
    receiver = call.func.value
    if isinstance(receiver, cst.Call):
        return _plan_direct(call, receiver, seconds, facts)
    if dotted(receiver) is None:
        return Withheld(ReasonKind.FORM("nothing holds the child that would have to be killed"), line)
    statement = facts.enclosing_statement(call)
    parameter = found.entry.timeout.position if found.entry.timeout is not None else None
    limited = set_argument(call, parameter, "timeout", cst.parse_expression(seconds))
    if _kills_already(call, facts):
        return lambda: Edit(((call, limited),))
    if not ends_group(found) and not found.signalled_to_end and (run := plan_run(call, found, seconds, facts)) is not None:
        return run
    ending, imports = _ending(receiver, found, facts, call)
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1 and not is_within(call, statement, facts, (cst.BaseComp, cst.Lambda)):
        is_bare = isinstance(statement.body[0], cst.Expr) and statement.body[0].value is call
        raises = not (is_bare and is_ended_by_fix(found))
        return lambda: Edit(((statement, _guarded(statement, replace_inside(statement, {call: limited}), ending, raises=raises)),), imports)
    if isinstance(statement, cst.If) and found.entry.name == f"{_POPEN}wait" and _comes_first(statement.test, call):
        waiting = cst.SimpleStatementLine([cst.Expr(limited)])
        code = cst.Attribute(receiver, cst.Name("returncode"), lpar=call.lpar, rpar=call.rpar)
        after = statement.with_changes(test=replace_inside(statement.test, {call: code}), leading_lines=())
        return lambda: Edit(((statement, cst.FlattenSentinel([_guarded(statement, waiting, ending, raises=True), after])),), imports)
    return Withheld(ReasonKind.FORM("the wait is part of a larger statement: the child would have to be killed before it goes on"), line)


def _ending(receiver: cst.BaseExpression, found: MissingTimeout, facts: Facts, call: cst.Call) -> tuple[cst.ExceptHandler, Imports]:
    """`except TimeoutExpired: RECEIVER.kill(); RECEIVER.wait()`, with a signal to the whole group where the child leads one.

    `wait`, not the `communicate` of the documentation: that hangs where a grandchild holds the pipe open.
    """
    expired, imports = spelled(facts, call, "TimeoutExpired")
    kill = cst.Call(cst.Attribute(receiver, cst.Name("kill")))
    if ends_group(found) and not _runs_on_windows(facts) and is_free("os", call, facts) and is_free("signal", call, facts):
        killpg, of_os = spelled(facts, call, "killpg", "os")
        sigkill, of_signal = spelled(facts, call, "SIGKILL", "signal")
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        kill = cst.Call(killpg, [cst.Arg(cst.Attribute(receiver, cst.Name("pid")), comma=comma), cst.Arg(sigkill)])
        imports = (*imports, *of_os, *of_signal)
    lines = [cst.SimpleStatementLine([cst.Expr(one)]) for one in (kill, cst.Call(cst.Attribute(receiver, cst.Name("wait"))))]
    return cst.ExceptHandler(cst.IndentedBlock(lines), type=expired), imports


def _runs_on_windows(facts: Facts) -> bool:
    """Whether a file distinguishes Windows from other systems: it has no process groups."""
    return any(node.value in ("nt", "win32", "Windows") for node in facts.index.all_of(ast.Constant))


def _guarded(old: cst.SimpleStatementLine | cst.If, waiting: cst.SimpleStatementLine, ending: cst.ExceptHandler, *, raises: bool) -> cst.Try:
    """`try: WAIT except TimeoutExpired: ... raise`, instead of a statement."""
    if raises:
        assert isinstance(ending.body, cst.IndentedBlock)
        ending = ending.with_changes(body=cst.IndentedBlock([*ending.body.body, cst.SimpleStatementLine([cst.Raise()])]))
    return cst.Try(cst.IndentedBlock([waiting.with_changes(leading_lines=())]), handlers=[ending], leading_lines=old.leading_lines)


def _plan_direct(call: cst.Call, popen: cst.Call, seconds: str, facts: Facts) -> Plan:
    """`Popen(...).wait()` is `subprocess.call(...)`; `Popen(...).communicate()[0]` is `subprocess.run(...).stdout`."""
    limited = set_keyword(popen, "timeout", cst.parse_expression(seconds))
    if dotted(popen.func) is None or facts.name(popen) != "subprocess.Popen":
        return Withheld(ReasonKind.FORM("nothing holds the child that would have to be killed"), facts.line(call))
    assert isinstance(call.func, cst.Attribute)
    if call.func.attr.value == "wait":
        func, imports = spelled(facts, call, "call")
        return lambda: Edit(((call, limited.with_changes(func=func, lpar=call.lpar, rpar=call.rpar)),), imports)
    above = facts.parent(call)
    match above:
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value="0" | "1" as number)))]) if not call.args:
            func, imports = spelled(facts, call, "run")
            part = cst.Name("stdout" if number == "0" else "stderr")
            return lambda: Edit(((above, cst.Attribute(limited.with_changes(func=func), part, lpar=above.lpar, rpar=above.rpar)),), imports)
        case _:
            return Withheld(ReasonKind.FORM("nothing holds the child that would have to be killed: use subprocess.run"), facts.line(call))


def _kills_already(call: cst.Call, facts: Facts) -> bool:
    """Whether a `try` around a wait kills the child already when its time is over."""
    site = facts.site(call)
    if site is None:
        return False
    handler = find_handler(site, EXPIRED, facts.resolver)
    return handler is not None and _kills(handler.body) or any(_kills(node.finalbody) for node in tries_around(site, facts.index))


def _kills(body: Iterable[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in ("kill", "killpg") for statement in body for node in ast.walk(statement))


def _comes_first(test: cst.BaseExpression, call: cst.Call) -> bool:
    """Whether a condition evaluates a call first, and always."""
    match test:
        case cst.Comparison(left=left):
            return _comes_first(left, call)
        case cst.UnaryOperation(expression=inner):
            return _comes_first(inner, call)
        case _:
            return test is call


# Calls that take no timeout ---------------------------------------------------------------------------------------


def _plan_system(call: cst.Call, seconds: str, facts: Facts) -> Plan:
    """`os.system(COMMAND)`, where only its success is looked at, is `subprocess.call(COMMAND, shell=True)`."""
    above = facts.parent(call)
    while isinstance(above, cst.UnaryOperation) and isinstance(above.operator, cst.Not):
        above = facts.parent(above)
    match above:
        case cst.Expr() | cst.If() | cst.Assert():
            pass
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(cst.Equal() | cst.NotEqual(), cst.Integer("0"))]) if left is call:
            pass
        case _:
            return Withheld(ReasonKind.FORM("`os.system()` takes no timeout, and the exit status of `subprocess.call` is another number"), facts.line(call))
    return _in_shell(call, call, "call", seconds, facts, "")


def _plan_popen(call: cst.Call, seconds: str, facts: Facts) -> Plan:
    """`os.popen(COMMAND).read()` is `subprocess.run(COMMAND, shell=True, stdout=PIPE, text=True).stdout`."""
    attribute = facts.parent(call)
    whole = facts.parent(attribute) if isinstance(attribute, cst.Attribute) and attribute.attr.value == "read" and attribute.value is call else None
    if not isinstance(whole, cst.Call) or whole.args:
        return Withheld(ReasonKind.FORM("`os.popen()` takes no timeout, and its output is not read immediately"), facts.line(call))
    match call.args:
        case [first, cst.Arg(value=cst.SimpleString(value='"r"' | "'r'"))]:
            call = call.with_changes(args=[first.with_changes(comma=cst.MaybeSentinel.DEFAULT)])
    return _in_shell(call, whole, "run", seconds, facts, ".stdout", "PIPE")


def _plan_getoutput(call: cst.Call, seconds: str, facts: Facts) -> Plan:
    """`getoutput(COMMAND)` is the output and errors of `subprocess.run`, without the last line end."""
    return _in_shell(call, call, "run", seconds, facts, '.stdout.removesuffix("\\n")', "PIPE", "STDOUT")


def _in_shell(call: cst.Call, old: cst.Call, name: str, seconds: str, facts: Facts, tail: str, *streams: str) -> Plan:
    """The edit that runs the one argument of a call in a shell, by `subprocess.NAME`."""
    if len(call.args) != 1 or call.args[0].keyword is not None or call.args[0].star:
        return Withheld(ReasonKind.FORM(f"`{dotted(call.func)}()` takes no timeout"), facts.line(old))
    func, imports = spelled(facts, old, name)
    moved = _moved(call, len(dotted(func) or "") - len(dotted(call.func) or ""), facts)
    new = set_keyword(moved.with_changes(func=func, lpar=(), rpar=()), "shell", cst.Name("True"))
    for stream, target in zip(streams, ("stdout", "stderr"), strict=False):
        pipe, more = spelled(facts, old, stream)
        imports = tuple(dict.fromkeys((*imports, *more)))
        new = set_keyword(new, target, pipe)
    if streams:
        new = set_keyword(new, "text", cst.Name("True"))
    new = set_keyword(new, "timeout", cst.parse_expression(seconds))
    result: cst.BaseExpression = new
    if tail:
        pattern = cst.parse_expression(f"x{tail}")
        inner = next(node for node in descend(pattern) if isinstance(node, cst.Name) and node.value == "x")
        result = replace_inside(pattern, {inner: new})
    result = result.with_changes(lpar=old.lpar, rpar=old.rpar)
    return lambda: Edit(((old, result),), imports)


def _moved(call: cst.Call, columns: int, facts: Facts) -> cst.Call:
    """The call with the lines below that are aligned with its first argument still so, behind a name that is longer by some columns."""
    statement = facts.enclosing_statement(call)
    if isinstance(call.whitespace_before_args, cst.ParenthesizedWhitespace) or statement is None:
        return call
    first = facts.span(call)[1] - facts.span(statement)[1] + len(dotted(call.func) or "") + 1
    return cst.ensure_type(call.visit(ShiftedLines(first, columns)), cst.Call)

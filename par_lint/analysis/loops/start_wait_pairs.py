"""Work that is started and then waited for immediately: `submit(...).result()`, `start(); join()`, `await create_task(...)`."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.candidates import FUTURE_MAKERS, FUTURE_WAITS, TASK_MAKERS, THREADS
from par_lint.analysis.syntax.expression_names import dotted, terminal
from par_lint.analysis.syntax.nodes import children, descend
from par_lint.core.memo import memoized_for_last


class StartedBy(enum.Enum):
    """The means by which work is started."""

    FUTURE = "future"
    THREAD = "thread"
    TASK = "task"


@dataclass(frozen=True)
class Start:
    """A call that starts work. `statement` starts it, `wait` is the next one; both are None if one expression does both."""

    call: cst.Call
    how: StartedBy
    statement: cst.CSTNode | None = None
    wait: cst.CSTNode | None = None


def find_starts(body: Sequence[cst.CSTNode], facts: Facts) -> Iterator[Start]:
    """Return the work that an iteration starts and immediately waits for, without that of inner loops."""
    for node in _own(body):
        match node:
            case cst.Call(func=cst.Attribute(value=cst.Call() as made, attr=cst.Name(value=wait)), args=[]) if (
                _attribute(made) in FUTURE_MAKERS and wait in FUTURE_WAITS and not _is_single(made, facts)
            ):
                yield Start(made, StartedBy.FUTURE)
            case cst.Await(expression=cst.Call() as made):
                started = _task(made, facts)
                if started is not None:
                    yield Start(started, StartedBy.TASK)
            case cst.IndentedBlock(body=statements):
                yield from _in_block(statements, facts)
            case cst.With(asynchronous=cst.Asynchronous(), body=cst.IndentedBlock(body=[cst.SimpleStatementLine() as only])):
                yield from _in_group(node, only)
            case _:
                pass


def also_starts_other_work(body: Sequence[cst.CSTNode], starts: Sequence[Start], facts: Facts) -> bool:
    """Return whether an iteration also starts other work, which runs concurrently with it."""
    known = {node for start in starts for node in descend(start.call)}
    for node in _own(body):
        if isinstance(node, cst.Call) and node not in known:
            name = terminal(node)
            if name in FUTURE_MAKERS | TASK_MAKERS or name in THREADS and facts.name(node) in _THREAD_NAMES:
                return True
    return False


def _own(body: Sequence[cst.CSTNode]) -> Iterator[cst.CSTNode]:
    stack = list(reversed(body))
    while stack:
        node = stack.pop()
        if isinstance(node, (cst.For, cst.While, cst.BaseComp, cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            continue
        yield node
        stack.extend(reversed(list(children(node))))


def _in_block(statements: Sequence[cst.BaseStatement], facts: Facts) -> Iterator[Start]:
    """Starts whose wait is the next statement of the block."""
    for number, (first, second) in enumerate(zip(statements, statements[1:])):
        match first:
            case cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value)]):
                call = _future(value, facts)
                if call is not None and _waits_for(second, name):
                    how = StartedBy.FUTURE if _attribute(call) in FUTURE_MAKERS else StartedBy.TASK
                    yield Start(call, how, first, second)
            case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call(func=cst.Attribute(value=started, attr=cst.Name("start")), args=[]))]):
                path = dotted(started)
                thread = _thread(statements[:number], path, facts)
                if thread is not None and _joins(second, path):
                    yield Start(thread, StartedBy.THREAD, first, second)
            case _:
                pass


def _in_group(group: cst.With, only: cst.SimpleStatementLine) -> Iterator[Start]:
    """The one task of a task group, not made for each item of something: leaving the group waits for it."""
    names = {dotted(item.asname.name) for item in group.items if item.asname is not None}
    for node in _own([only]):
        match node:
            case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name("create_task" | "start_soon"))) if dotted(owner) in names:
                yield Start(node, StartedBy.TASK, group, group)
            case _:
                pass


def _attribute(call: cst.Call) -> str:
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else ""


def _future(value: cst.BaseExpression, facts: Facts) -> cst.Call | None:
    """The call that makes a future or a task, alone or as the only element of a list."""
    match value:
        case cst.List(elements=[cst.Element(value=inner)]) | cst.Tuple(elements=[cst.Element(value=inner)]):
            return _future(inner, facts)
        case cst.Call() if _attribute(value) in FUTURE_MAKERS:
            return None if _is_single(value, facts) else value
        case cst.Call() if terminal(value) in TASK_MAKERS:
            return value
        case _:
            return None


def _task(call: cst.Call, facts: Facts) -> cst.Call | None:
    """What an awaited call starts, if that is one task: `create_task(f())`, `gather(f())`."""
    name = terminal(call)
    if name in TASK_MAKERS:
        return call
    if name in ("wait_for", "shield") and call.args and isinstance(call.args[0].value, cst.Call):
        return _task(call.args[0].value, facts)
    positional = [arg for arg in call.args if arg.keyword is None]
    if name != "gather" or len(positional) != 1:
        return None
    match positional[0]:
        case cst.Arg(value=cst.List(elements=[cst.Element(value=cst.Call())])) | cst.Arg(value=cst.Tuple(elements=[cst.Element(value=cst.Call())])):
            return call
        case cst.Arg(star="", value=cst.Call()):
            return call
        case _:
            return None


def _waits_for(statement: cst.CSTNode, name: str) -> bool:
    """Whether a statement waits, without a time limit, for a future or task of this name."""
    if isinstance(statement, (cst.If, cst.For, cst.While)):
        return False
    for node in _own([statement]):
        match node:
            case cst.Call(func=cst.Attribute(value=cst.Name(value=waited), attr=cst.Name(value=wait)), args=[]) if waited == name:
                if wait in FUTURE_WAITS:
                    return True
            case cst.Await(expression=cst.Name(value=waited)) if waited == name:
                return True
            case cst.Await(expression=cst.Call(args=[cst.Arg(value=cst.Name(value=waited)), *_]) as call) if waited == name:
                return terminal(call) in ("gather", "wait", "wait_for", "shield")
            case _:
                pass
    return False


def _joins(statement: cst.CSTNode, path: str | None) -> bool:
    match statement:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call(func=cst.Attribute(value=joined, attr=cst.Name("join")), args=[]))]):
            return path is not None and dotted(joined) == path
        case _:
            return False


def _thread(before: Sequence[cst.BaseStatement], path: str | None, facts: Facts) -> cst.Call | None:
    """The constructor call of the thread or process that a name stands for, in the statements before."""
    for statement in reversed(before):
        match statement:
            case cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=target)], value=cst.Call() as made)]):
                if dotted(target) == path and path is not None:
                    return made if terminal(made) in THREADS and facts.name(made) in _THREAD_NAMES else None
            case _:
                pass
    return None


_THREAD_NAMES = frozenset({"threading.Thread", "multiprocessing.Process", "multiprocessing.context.Process", "multiprocessing.process.Process"})


def _is_single(call: cst.Call, facts: Facts) -> bool:
    """Whether a pool has one worker, on purpose."""
    owner = call.func.value if isinstance(call.func, cst.Attribute) else None
    path = dotted(owner)
    made = _first_assigned_calls(facts).get((facts.enclosing_function(call), path)) if path is not None else None
    return made is not None and _has_one_worker(made)


@memoized_for_last
def _first_assigned_calls(facts: Facts) -> dict[tuple[cst.FunctionDef | None, str | None], cst.Call]:
    """The first call whose result each dotted name of each function is bound to."""
    found: dict[tuple[cst.FunctionDef | None, str | None], cst.Call] = {}
    for node in facts.all_of(cst.WithItem, cst.Assign):
        match node:
            case cst.WithItem(item=cst.Call() as made, asname=cst.AsName(name=target)):
                found.setdefault((facts.enclosing_function(node), dotted(target)), made)
            case cst.Assign(targets=[cst.AssignTarget(target=target)], value=cst.Call() as made):
                found.setdefault((facts.enclosing_function(node), dotted(target)), made)
            case _:
                pass
    return found


def _has_one_worker(made: cst.Call) -> bool:
    return any(
        isinstance(arg.value, cst.Integer) and arg.value.value == "1" and (arg.keyword is None or arg.keyword.value in ("max_workers", "processes"))
        for arg in made.args[:1]
    )

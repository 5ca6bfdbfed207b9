"""What happened to a child process before the wait: started in a group, killed, sent a signal, or its output was read."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from par_lint.analysis.semantics.access_path import access_path, last_name
from par_lint.analysis.semantics.ast_walk import blocks_at, children, walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.scopes import CallSite, Scope

_READS = frozenset({"read", "readline", "readlines", "read1", "readall", "readinto"})
_PIPES = frozenset({"stdout", "stderr"})
_WAITING = re.compile(r"(^|_)(wait|block|blocking|foreground)(_|$)")
_GROUP_MAKERS = frozenset({"setsid", "setpgrp", "setpgid"})
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def is_process_group_leader(started: ast.Call) -> bool:
    """Return whether a child leads its own process group, so that a signal to the group reaches its children."""
    for keyword in started.keywords:
        match keyword:
            case ast.keyword("start_new_session", ast.Constant(True)) | ast.keyword("process_group", ast.Constant(0)):
                return True
            case ast.keyword("preexec_fn", value) if any(isinstance(node, ast.expr) and last_name(node) in _GROUP_MAKERS for node in walk(value)):
                return True
            case _:
                pass
    return False


def statements_before(site: CallSite) -> list[ast.stmt]:
    """Return the statements before the one with a call, in its innermost block."""
    before: list[ast.stmt] = []
    for block, number in blocks_at(site.scope.node, site.node.lineno):
        before = block[:number]
    return before


def calls_method(statement: ast.stmt, method: str, receiver: tuple[str, ...]) -> bool:
    """Return whether a statement calls a method of an object, or kills it through `os`."""
    for node in walk(statement):
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if name == method and access_path(value) == receiver:
                return True
            case ast.Call(func=ast.Attribute(attr="kill" | "killpg" | "send_signal"), args=args) if method == "kill" and len(args) > 0:
                if any("KILL" in last_name(inner) for arg in args for inner in walk(arg) if isinstance(inner, ast.expr)):
                    return True
            case _:
                pass
    return False


def is_killed_above(site: CallSite, receiver: tuple[str, ...]) -> bool:
    """Whether a statement of an outer block, above the one that waits, kills the child in any case: `try: p.kill()` before `if p.poll() is None:`."""
    above = (one for block, number in blocks_at(site.scope.node, site.node.lineno) for one in block[:number])
    kills = [one for one in above if isinstance(one, (ast.Expr, ast.Try)) and calls_method(one, "kill", receiver)]
    return any(isinstance(one, ast.Expr) or any(calls_method(inner, "kill", receiver) for inner in one.body) for one in kills)


def was_waited_for(site: CallSite, receiver: tuple[str, ...]) -> bool:
    """Whether a statement above waits for the child in any case, or a `with Popen(...) as child:` ended there, which waits itself."""
    if len(receiver) == 1 and (_is_waited_above(site.scope.node, site.node.lineno, receiver) or _is_behind_raise(site, receiver)):
        return True
    for block, number in blocks_at(site.scope.node, site.node.lineno):
        for one in block[:number]:
            if isinstance(one, ast.With) and any(isinstance(item.optional_vars, ast.Name) and receiver == (item.optional_vars.id,) for item in one.items):
                return all(isinstance(bound, Assigned) and bound.entered is not None for bound in site.scope.bindings.get(receiver[0], ()))
    return False


def _is_waited_above(scope: ast.AST, line: int, receiver: tuple[str, ...]) -> bool:
    for one in _run_before(scope, line):
        if _waits(one, receiver):
            return True
        if _binds(one, receiver):
            break
    return False


def _is_behind_raise(site: CallSite, receiver: tuple[str, ...]) -> bool:
    """Whether a call stands in the handler of an exception that its `try` raises itself, each time behind a wait for the child."""
    for block, number in blocks_at(site.scope.node, site.node.lineno):
        node = block[number]
        handlers = node.handlers if isinstance(node, ast.Try) else ()
        for handler in handlers:
            if isinstance(node, ast.Try) and handler.lineno < site.node.lineno <= (handler.end_lineno or 0) and isinstance(handler.type, ast.Name):
                raised = [one.lineno for one in walk(*node.body) if isinstance(one, ast.Raise) and _raises(one, handler.type.id)]
                others = {last_name(one.func) for one in walk(*node.body) if isinstance(one, ast.Call)} & _functions_raising(site.scope, handler.type.id)
                return bool(raised) and not others and all(_is_waited_above(site.scope.node, line, receiver) for line in raised)
    return False


def _raises(node: ast.AST, name: str) -> bool:
    """Whether a statement raises an exception of the project's own by its name."""
    raised = node.exc.func if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) else node.exc if isinstance(node, ast.Raise) else None
    return isinstance(raised, ast.Name) and raised.id == name and not hasattr(builtins, name)


def _functions_raising(scope: Scope, name: str) -> set[str]:
    """The names of the functions of a file that raise an exception."""
    while scope.parent is not None:
        scope = scope.parent
    functions = [node for node in ast.walk(scope.node) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return {function.name for function in functions if any(_raises(one, name) for one in ast.walk(function))}


def has_ended(site: CallSite, receiver: tuple[str, ...]) -> bool:
    """Whether the statements before a wait read the child's output to its end, or watch it until it ends: `for line in p.stdout`, `while p.poll() is None`.

    A child that hangs does so there: a limit of the wait gains nothing.
    """
    for one in reversed(statements_before(site)):
        if _reads_to_end(one, receiver):
            return True
        if _binds(one, receiver):
            return False
    return False


def _reads_to_end(statement: ast.stmt, receiver: tuple[str, ...]) -> bool:
    match statement:
        case ast.For(iter=read):
            return _is_output(read, receiver) and not any(isinstance(node, ast.Break) for node in walk(*statement.body))
        case ast.While(test=test, body=body):
            breaks = [node for node in walk(*body) if isinstance(node, ast.If) and any(isinstance(one, ast.Break) for one in walk(*node.body))]
            asks = any(_is_polled(node.test, receiver) for node in breaks)
            return asks or _is_polled(test, receiver) and not any(isinstance(node, ast.Break) for node in walk(*body))
        case ast.Expr(value=value) | ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            for node in walk(value):
                match node:
                    case ast.YieldFrom(value=read) | ast.comprehension(iter=read) if _is_output(read, receiver):
                        return True
                    case ast.Call(func=ast.Attribute(value=read, attr="read" | "readlines"), args=[]) if access_path(read) == (*receiver, "stdout"):
                        return True
                    case _:
                        pass
            return False
        case _:
            return False


def _is_output(node: ast.expr, receiver: tuple[str, ...]) -> bool:
    """Whether an iterable gives the lines of a child's output: `p.stdout`, `iter(p.stdout.readline, b"")`, `enumerate(p.stdout)`."""
    output = (*receiver, "stdout")
    return any(isinstance(inner, ast.Attribute) and access_path(inner) == output for inner in walk(node))


def _is_polled(test: ast.expr, receiver: tuple[str, ...]) -> bool:
    """Whether a condition asks whether a child has ended."""
    return any(isinstance(node, ast.Call) and access_path(node.func) == (*receiver, "poll") for node in walk(test))


def _binds(statement: ast.AST, receiver: tuple[str, ...]) -> bool:
    for node in walk(statement):
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Store) and access_path(node) == receiver:
            return True
    return False


def _run_before(scope: ast.AST, line: int) -> Iterator[ast.AST]:
    """Yield the statements above a line, the nearest first, and the conditions of `if` and `assert`, also of an `if` around the line."""
    for block, number in reversed(list(blocks_at(scope, line))):
        around = block[number]
        if isinstance(around, ast.If) and around.test.lineno < around.body[0].lineno <= line:
            yield around.test
        for one in reversed(block[:number]):
            yield one
            if isinstance(one, (ast.If, ast.Assert)):
                yield one.test


def _waits(statement: ast.AST, receiver: tuple[str, ...]) -> bool:
    """Whether code waits for a child, not only later or perhaps."""
    if isinstance(statement, ast.Try) and all(isinstance(handler.body[-1], ast.Raise) for handler in statement.handlers):
        return any(_waits(one, receiver) for one in statement.body)
    if not isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign, ast.expr)):
        return False
    nodes = list(walk(statement))
    if any(isinstance(node, (ast.Lambda, ast.BoolOp, ast.IfExp)) for node in nodes):
        return False
    waits = (node.func for node in nodes if isinstance(node, ast.Call))
    return any(isinstance(func, ast.Attribute) and func.attr in ("wait", "communicate") and access_path(func.value) == receiver for func in waits)


def is_signalled_to_end(site: CallSite, receiver: tuple[str, ...]) -> bool:
    """Return whether the statements directly before a wait send the child a signal to end."""
    for statement in statements_before(site):
        if calls_method(statement, "terminate", receiver) or calls_method(statement, "send_signal", receiver):
            return True
        for node in walk(statement):
            if isinstance(node, ast.Call) and last_name(node.func) in ("kill", "killpg"):
                if any(access_path(inner) == receiver for arg in node.args for inner in walk(arg) if isinstance(inner, ast.expr)):
                    return True
    return False


def is_wait_requested(site: CallSite, index: FileIndex) -> bool:
    """Return whether a caller chose to wait without limit: `if args.wait: process.wait()`."""
    first, line = getattr(site.scope.node, "lineno", 1), site.node.lineno
    for node in index.all_of(ast.If):
        if first <= node.lineno and node.body[0].lineno <= line <= (node.body[-1].end_lineno or 0):
            tests = node.test.values if isinstance(node.test, ast.BoolOp) else [node.test]
            if any(isinstance(test, (ast.Name, ast.Attribute)) and _WAITING.search(last_name(test)) for test in tests):
                return True
    return False


def pipe_reads(scope: ast.AST) -> dict[tuple[str, ...], list[int]]:
    """Return, by the child, the lines of a scope that read its output: a timeout of a later wait does not limit them."""
    found: dict[tuple[str, ...], list[int]] = {}
    for node in _own(scope):
        match node:
            case ast.For(iter=read) | ast.AsyncFor(iter=read) | ast.comprehension(iter=read) | ast.YieldFrom(value=read):
                pass
            case ast.Call(func=ast.Attribute(attr=method, value=read)) if method in _READS:
                pass
            case ast.Assign(value=ast.Attribute() as read) | ast.withitem(context_expr=ast.Attribute() as read):
                pass
            case _:
                continue
        for inner in walk(read):
            if isinstance(inner, ast.Attribute) and inner.attr in _PIPES:
                found.setdefault(access_path(inner.value), []).append(getattr(node, "lineno", read.lineno))
    return found


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a scope, without nested functions."""
    left = children(scope)[::-1]
    while left:
        node = left.pop()
        if not isinstance(node, _DEFINITIONS):
            yield node
            left += children(node)[::-1]

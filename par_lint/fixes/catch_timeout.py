"""Let a handler that treats the failures of a call catch the exception of its new time limit as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.handlers_around import tries_around, waits_to_try_again
from par_lint.analysis.semantics.scopes import CallSite
from par_lint.analysis.semantics.values import Named
from par_lint.fixes.module_names import Imports, spelled

_FAILURES: dict[str, tuple[dict[str, str], str]] = {
    "subprocess.TimeoutExpired": ({"subprocess.CalledProcessError": "subprocess"}, "TimeoutExpired"),
    "requests.Timeout": ({"requests.ConnectionError": "requests", "requests.exceptions.ConnectionError": "requests.exceptions"}, "Timeout"),
    "TimeoutError": ({"urllib.error.URLError": "", "urllib.request.URLError": ""}, "TimeoutError"),
}
"""For the exception of a limit: the failures of the same call, each with the module of the exception, and its name there."""
_OF_ANSWERS: dict[str, tuple[dict[str, str], str]] = {
    "requests.Timeout": ({"requests.HTTPError": "requests", "requests.exceptions.HTTPError": "requests.exceptions"}, "Timeout"),
    "TimeoutError": (dict.fromkeys((
        "urllib.error.HTTPError", "urllib.request.HTTPError", "http.client.HTTPException", "smtplib.SMTPException", "imaplib.IMAP4.error", "poplib.error_proto",
    ), ""), "TimeoutError"),
}  # fmt: skip
"""The same for the errors that a server answers with. "Not found" is no late answer: the handler has to show which error it is, or to try again."""
_OF_SYSTEM = frozenset({"OSError", "IOError", "EnvironmentError"})
_NOT_INSTALLED = "FileNotFoundError"
_MOST_STATEMENTS = 2
_SHOWS = frozenset("str repr format print echo secho debug info warning warn error exception critical log fatal fail termerror write append".split())
"""Functions that are given an exception to show or keep it."""
_OF_BOTH = frozenset({"cmd", "args", "with_traceback", "__class__"})
"""Attributes that the exception has as well."""


class Join(NamedTuple):
    """A handler that can catch an exception as well: the type that it has, and the one that it gets."""

    handler: ast.ExceptHandler
    old: cst.BaseExpression
    new: cst.BaseExpression
    imports: Imports


def plan_widened_handler(call: cst.Call, raises: str, facts: Facts, *, is_probe: bool) -> Join | None:
    """The nearest handler around a call that treats its failures alike, whatever they are; None where there is none.

    Args:
        is_probe: Whether the call runs a quick command and lets the code go on if it fails.
    """
    site = facts.site(call)
    if site is None or raises not in _FAILURES:
        return None
    for node in tries_around(site, facts.index):
        for handler in node.handlers:
            written = next((one.type for one in facts.all_of(cst.ExceptHandler) if facts.line(one) == handler.lineno), None)
            if written is None:
                continue
            added = _spelling(written, _FAILURES[raises], call, facts) if _treats_all_alike(handler) else None
            if added is None and raises in _OF_ANSWERS and _treats_all_alike(handler) and (_shows_error(handler) or _tries_again(handler, site, facts)):
                added = _spelling(written, _OF_ANSWERS[raises], call, facts)
            if added is None and waits_to_try_again(handler) and _treats_all_alike(handler) and _tries_again(handler, site, facts):
                added = _of_module(raises, call, facts)
            goes_on = raises == "subprocess.TimeoutExpired" and (_only_goes_on(handler, is_probe=is_probe) or _shows_failure_to_run(node, handler))
            if added is None and goes_on:
                added = spelled(facts, call, "TimeoutExpired")
            if added is not None:
                return Join(handler, written, _with(written, added[0]), added[1])
    return None


def _spelling(written: cst.BaseExpression, known: tuple[dict[str, str], str], call: cst.Call, facts: Facts) -> tuple[cst.BaseExpression, Imports] | None:
    """How the exception is spelled beside one of the known failures that a handler names."""
    failures, name = known
    for one in _elements(written):
        value = facts.refers_to(one, call)
        module = failures.get(value.name) if isinstance(value, Named) else None
        if module is None:
            continue
        if not module:
            return (cst.Name(name), ()) if facts.scope(call).find(name) is None else None
        if isinstance(one, cst.Attribute):
            return one.with_changes(attr=cst.Name(name), lpar=(), rpar=()), ()
        whole, missing = spelled(facts, call, name, module.partition(".")[0])
        return (cst.Name(name), ((module, name),)) if missing else (whole, ())
    return None


def _of_module(raises: str, call: cst.Call, facts: Facts) -> tuple[cst.BaseExpression, Imports] | None:
    """How an exception is spelled by its module; None where that is not imported."""
    module, _, name = raises.rpartition(".")
    if not module:
        return (cst.Name(name), ()) if facts.scope(call).find(name) is None else None
    whole, missing = spelled(facts, call, name, module)
    return None if missing else (whole, ())


def _elements(written: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(written, cst.Tuple):
        yield from (one.value for one in written.elements)
    else:
        yield written


def _with(written: cst.BaseExpression, added: cst.BaseExpression) -> cst.BaseExpression:
    if not isinstance(written, cst.Tuple):
        first = cst.Element(written, comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        return cst.Tuple([first, cst.Element(added)])
    *before, last = written.elements
    comma = before[-1].comma if before else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    new = cst.Element(added, comma=last.comma if before else cst.MaybeSentinel.DEFAULT)
    return written.with_changes(elements=[*before, last.with_changes(comma=comma), new])


def _stripped(node: ast.expr, attr: str) -> list[ast.expr]:
    """The name in `e.stderr.strip()`: where the exception has that output, it can be stripped, be it text or bytes."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Attribute(value=name, attr=found), attr="strip" | "rstrip"), args=[]) if found == attr:
            return [name]
        case _:
            return []


def _shown(node: ast.expr) -> ast.expr:
    """The name in `e.stderr`, or the expression itself: the exception of a limit has these parts too, and any value can be shown."""
    match node:
        case ast.Attribute(value=ast.Name() as name, attr="stdout" | "stderr" | "output"):
            return name
        case _:
            return node


def _only_goes_on(handler: ast.ExceptHandler, *, is_probe: bool) -> bool:
    """Whether a handler of errors of the system, or of a program that is not installed, does no more than to go on, with a constant or without."""
    if not _names_any(handler, _OF_SYSTEM | {_NOT_INSTALLED} if is_probe else _OF_SYSTEM):
        return False
    return all(
        isinstance(one, (ast.Pass, ast.Continue, ast.Break)) or isinstance(one, (ast.Return, ast.Assign)) and (one.value is None or _is_constant(one.value))
        for one in handler.body
    )


def _shows_failure_to_run(node: ast.Try, handler: ast.ExceptHandler) -> bool:
    """Whether a handler of errors of the system shows which one it caught, or raises another one from it, around little more than one call."""
    return len(node.body) <= _MOST_STATEMENTS and _names_any(handler, _OF_SYSTEM) and _treats_all_alike(handler) and _shows_error(handler)


def _names_any(handler: ast.ExceptHandler, names: frozenset[str]) -> bool:
    named = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(one is not None and last_name(one) in names for one in named)


def _is_constant(node: ast.expr) -> bool:
    """Whether an expression is a constant, or an empty or constant display: `b""`, `[]`, `(None, -1)`."""
    match node:
        case ast.Constant() | ast.UnaryOp(operand=ast.Constant()):
            return True
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return all(map(_is_constant, elements))
        case ast.Dict(values=values, keys=keys):
            return all(_is_constant(one) for one in (*keys, *values) if one is not None)
        case _:
            return False


def _shows_error(handler: ast.ExceptHandler) -> bool:
    """Whether a handler shows which error it caught, or raises another one from it."""
    for node in (node for statement in handler.body for node in ast.walk(statement)):
        if isinstance(node, ast.Name) and node.id == handler.name:
            return True
        if isinstance(node, ast.Call) and last_name(node.func) in ("exception", "print_exc", "format_exc"):
            return True
    return False


def _tries_again(handler: ast.ExceptHandler, site: CallSite, facts: Facts) -> bool:
    """Whether a handler in a loop lets it go on with the next attempt or item."""
    first = getattr(site.scope.node, "lineno", 1)
    loops = [*facts.index.all_of(ast.For), *facts.index.all_of(ast.While)]
    if not any(first <= loop.lineno < handler.lineno <= (loop.end_lineno or 0) for loop in loops):
        return False
    return not any(isinstance(node, (ast.Return, ast.Raise, ast.Break)) for statement in handler.body for node in ast.walk(statement))


def _tries_in_cases(last: ast.stmt) -> bool:
    """Whether a handler does something instead in some cases only, and goes on with nothing in the others: `if url.startswith("file:"): f = open(...)`."""
    if not isinstance(last, ast.If):
        return False
    assigns = any(isinstance(node, (ast.Assign, ast.AnnAssign)) for node in ast.walk(last))
    while len(last.orelse) == 1 and isinstance(last.orelse[0], ast.If):
        last = last.orelse[0]
    return assigns and not last.orelse


def _treats_all_alike(handler: ast.ExceptHandler) -> bool:
    """Whether a handler needs nothing that only the failures which it names have: `e.returncode`."""
    if all(isinstance(one, ast.Raise) and one.exc is None for one in handler.body) or _tries_in_cases(handler.body[-1]):
        return False
    if handler.name is None:
        return True
    fine: set[ast.AST] = set()
    for statement in handler.body:
        for node in ast.walk(statement):
            match node:
                case ast.Attribute(value=ast.Name() as name, attr=attr) if attr in _OF_BOTH:
                    fine.add(name)
                case ast.FormattedValue(value=value):
                    fine.add(_shown(value))
                case ast.IfExp(test=ast.Attribute(value=ast.Name() as name, attr=("stdout" | "stderr" | "output") as attr), body=body):
                    fine.add(name)
                    fine.update(_stripped(body, attr))
                case ast.BinOp(op=ast.Mod(), right=ast.Tuple(elts=elements)):
                    fine.update(map(_shown, elements))
                case ast.BinOp(op=ast.Mod(), right=right):
                    fine.add(_shown(right))
                case ast.Raise(exc=exc, cause=cause):
                    fine.update(one for one in (exc, cause) if one is not None)
                case ast.Call(func=func, args=args, keywords=keywords) if last_name(func) in _SHOWS or last_name(func)[:1].isupper():
                    fine.update(map(_shown, (*args, *(keyword.value for keyword in keywords))))
                case _:
                    pass
    return not any(isinstance(node, ast.Name) and node.id == handler.name and node not in fine for one in handler.body for node in ast.walk(one))

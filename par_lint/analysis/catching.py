"""Whether a function that is handed to a pool catches all its errors itself, so that none can be lost."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.names import dotted
from par_lint.analysis.nodes import descend
from par_lint.catalog.entry import Kind
from par_lint.scopes import Function

_HARMLESS = frozenset({Kind.LOG, Kind.SLEEP, Kind.PURE})
_QUIET_NAMES = frozenset({"debug", "info", "warning", "error", "exception", "print", "len", "str", "time", "perf_counter", "monotonic", "set", "clear"})


def catches_all(call: cst.Call, facts: Facts) -> bool:
    """Whether what a submitting call hands over is visible and catches everything. A method of an unknown object counts
    by its name, where the file defines one of that name that does."""
    func = _handed(call)
    match func:
        case cst.Lambda(body=cst.Call() as inner):
            function = facts.callee(inner)
        case cst.BaseExpression():
            function = facts.refers_to(func, call)
        case _:
            return False
    if isinstance(function, Function):
        return _catches(function, facts)
    if function is None and isinstance(func, cst.Attribute):
        named = [one for one in facts.index.functions if one.owner is not None and one.name == func.attr.value]
        return any(_catches(one, facts) for one in named)
    return False


def _handed(call: cst.Call) -> cst.BaseExpression | None:
    """The function that is handed over, out of a partial or a context's `run`."""
    func = call.args[0].value
    match func:
        case cst.Call(func=cst.Name("partial") | cst.Attribute(attr=cst.Name("partial")), args=[first, *_]):
            return first.value
        case cst.Attribute(value=cst.Call() | cst.Name(), attr=cst.Name("run")) if len(call.args) > 1 and "context" in (_root(func.value) or "").lower():
            return call.args[1].value
        case _:
            return func


def _root(node: cst.BaseExpression) -> str | None:
    return dotted(node.func) if isinstance(node, cst.Call) else dotted(node)


def _catches(function: Function, facts: Facts) -> bool:
    node = facts.body(function)
    return node is not None and not function.is_async and _is_safe(node.body, facts)


def _is_safe(node: cst.CSTNode, facts: Facts) -> bool:
    """Whether no error leaves a statement, as far as its shape shows."""
    match node:
        case cst.IndentedBlock(body=body) | cst.SimpleStatementSuite(body=body) | cst.SimpleStatementLine(body=body):
            return all(_is_safe(one, facts) for one in body)
        case cst.Try(handlers=handlers, orelse=orelse, finalbody=finalbody):
            rest = [part.body for part in (orelse, finalbody) if part is not None]
            return any(_is_caught_all(one) for one in handlers) and all(_is_safe(one, facts) for one in rest)
        case cst.If(body=body, orelse=orelse):
            return _is_quiet(node.test, facts) and _is_safe(body, facts) and (orelse is None or _is_safe(orelse, facts))
        case cst.Else(body=body):
            return _is_safe(body, facts)
        case cst.While(test=test, body=body) | cst.For(iter=test, body=body):
            return _is_quiet(test, facts) and _is_safe(body, facts)
        case cst.With(items=items, body=body):
            return _is_safe(body, facts) or any("suppress" in (_root(item.item) or "") for item in items)
        case cst.Raise() | cst.Assert():
            return False
        case _:
            return _is_quiet(node, facts)


def _is_caught_all(handler: cst.ExceptHandler) -> bool:
    """Whether a handler takes every exception and lets none out."""
    names = [handler.type] if not isinstance(handler.type, cst.Tuple) else [element.value for element in handler.type.elements]
    takes = handler.type is None or any(dotted(name) in ("Exception", "BaseException") for name in names)
    return takes and not any(isinstance(node, cst.Raise) for node in descend(handler.body))


def _is_quiet(node: cst.CSTNode, facts: Facts) -> bool:
    """Whether a piece of code calls nothing that may fail."""
    for inner in descend(node):
        if isinstance(inner, cst.Call):
            entry = facts.entry(inner)
            name = (dotted(inner.func) or "").rpartition(".")[2]
            if not (entry is not None and entry.kind in _HARMLESS or name in _QUIET_NAMES):
                return False
    return True

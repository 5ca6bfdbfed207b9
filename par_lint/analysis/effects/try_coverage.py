"""Whether a function that is submitted to a pool catches all its errors itself, so that none can be lost."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.analysis.syntax.nodes import children, descend
from par_lint.core.catalog.entry import Kind

_HARMLESS = frozenset({Kind.LOG, Kind.SLEEP, Kind.PURE})
_TRIFLES = 2  # calls outside: log lines at the start and the end of the work
_QUIET_NAMES = frozenset({"debug", "info", "warning", "error", "exception", "print", "len", "str", "time", "perf_counter", "monotonic", "set", "clear"})


def catches_all(call: cst.Call, facts: Facts) -> bool:
    """Return whether the function in a submitting call is defined in the file and catches everything.

    A method of an unknown object is matched by its name with the methods in the file.
    """
    func = _submitted_function(call)
    if isinstance(func, cst.Attribute) and func.attr.value == "join":
        return True  # of a thread, which raises nothing
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
        return any(_catches(one, facts) for one in facts.methods(func.attr.value))
    return False


def _submitted_function(call: cst.Call) -> cst.BaseExpression | None:
    """Return the submitted function, also from a partial or from `Context.run`."""
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
    if node is None or function.is_async:
        return False
    outside, inside = _calls(node.body, facts)
    return inside >= outside and outside <= _TRIFLES and (inside > 0 or not outside and _has_caught(node.body))


def _calls(node: cst.CSTNode, facts: Facts) -> tuple[int, int]:
    """Return how many calls that may fail are outside handlers that catch everything, and how many inside."""
    if isinstance(node, cst.Try) and any(_is_caught_all(one) for one in node.handlers):
        rest = [_calls(part.body, facts) for part in (node.orelse, node.finalbody) if part is not None]
        return sum(outside for outside, _ in rest), sum(isinstance(one, cst.Call) for one in descend(node.body))
    if isinstance(node, (cst.Raise, cst.Assert)):
        return _TRIFLES + 1, 0
    own = int(isinstance(node, cst.Call) and not _is_quiet(node, facts))
    below = [_calls(child, facts) for child in children(node) if not isinstance(child, (cst.FunctionDef, cst.Lambda, cst.ClassDef))]
    return own + sum(outside for outside, _ in below), sum(inside for _, inside in below)


def _has_caught(body: cst.CSTNode) -> bool:
    return any(isinstance(node, cst.Try) and any(_is_caught_all(one) for one in node.handlers) for node in descend(body))


def _is_caught_all(handler: cst.ExceptHandler) -> bool:
    """Whether a handler catches every exception and raises none."""
    names = [handler.type] if not isinstance(handler.type, cst.Tuple) else [element.value for element in handler.type.elements]
    takes = handler.type is None or any(dotted(name) in ("Exception", "BaseException") for name in names)
    return takes and not any(isinstance(node, cst.Raise) for node in descend(handler.body))


def _is_quiet(call: cst.Call, facts: Facts) -> bool:
    """Whether a call is unlikely to fail."""
    entry = facts.entry(call)
    name = (dotted(call.func) or "").rpartition(".")[2]
    return entry is not None and entry.kind in _HARMLESS or name in _QUIET_NAMES

"""Replace handlers around a mere `raise error` by `if isinstance(error, OSError)`."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.expression_names import bound_names, dotted, terminal
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.variables.definite_assignment import free_names
from par_lint.fixes.codegen.replace import Replacement, replace_inside

_ALL = frozenset({"Exception", "BaseException"})


def replace_try_with_isinstance(body: Sequence[cst.BaseStatement], error: str, loop: cst.For, facts: Facts, *, is_safe: bool) -> tuple[list[cst.BaseStatement], str]:
    """Return a loop body in which a `try` around nothing but `if error is not None: raise error` is an `if` for each handler, and the error's name.

    That is the name which the handlers gave it, if nothing else has this name. `is_safe`: nothing may ask for the error that is being handled.
    """
    tries = [one for one in body if isinstance(one, cst.Try) and _only_raises(one, error) and not (is_safe and _may_observe_exception(one))]
    if not tries:
        return list(body), error
    names = {name for handler in tries[0].handlers if handler.name is not None for name in bound_names(handler.name.name)}
    name = names.pop() if len(names) == 1 else error
    if name != error and not _is_only_handler_name(name, loop, facts):
        name = error
    return [new for one in body for new in (_as_if_statement(one, name) if isinstance(one, cst.Try) and one in tries else [one])], name


def _is_only_handler_name(name: str, loop: cst.For, facts: Facts) -> bool:
    """Whether a name is only that of errors that handlers catch: of one `try` in the loop, and of none around it."""
    around = facts.enclosing_function(loop)
    inside = set[cst.CSTNode]()
    for node in facts.named_below(around, name) if around is not None else ():
        above = facts.parent(node)
        while above is not None and not isinstance(above, cst.ExceptHandler):
            above = facts.parent(above)
        if above is None or facts.tree.holds(above, loop):
            return False
        if facts.tree.holds(loop, above):
            inside.add(facts.parent(above) or above)
    return len(inside) == 1


def _only_raises(node: cst.Try, error: str) -> bool:
    match node.body.body:
        case [cst.If(orelse=None, body=cst.IndentedBlock(body=[cst.SimpleStatementLine(body=[cst.Raise(exc=cst.Name(value=raised))])]))] if raised == error:
            return node.finalbody is None and all(map(_is_simple, node.handlers))
        case _:
            return False


def _may_observe_exception(node: cst.Try) -> bool:
    """Whether handlers do what could tell that an error is being handled: they call something, or raise another one."""
    return any(isinstance(inner, (cst.Call, cst.Raise, cst.Import, cst.ImportFrom)) for handler in node.handlers for inner in descend(handler.body))


def _is_simple(handler: cst.ExceptHandler) -> bool:
    """Whether a handler asks for no more than the error itself: neither for the one that is being handled, nor for its traceback."""
    for node in descend(handler.body, into_functions=True):
        match node:
            case cst.Raise(exc=None):
                return False
            case cst.Call() if terminal(node) in ("exception", "exc_info", "format_exc", "print_exc") or any(arg.keyword is not None and arg.keyword.value == "exc_info" for arg in node.args):
                return False
            case cst.AssignTarget() if handler.name is not None and set(bound_names(handler.name.name)) & set(bound_names(node.target)):
                return False
            case _:
                pass
    return True


def _as_if_statement(node: cst.Try, error: str) -> list[cst.BaseStatement]:
    """Return the `if` for each handler; if all of them leave the iteration, each is a statement of its own."""
    takes_all = any(handler.type is None or dotted(handler.type) in _ALL for handler in node.handlers)
    chain: cst.If | cst.Else | None = node.orelse
    if not takes_all:
        raising = cst.IndentedBlock([cst.SimpleStatementLine([cst.Raise(cst.Name(error))])])
        chain = cst.If(_is_error(error), raising, orelse=chain)
    behind: list[cst.BaseStatement] = []
    for handler in reversed(node.handlers):
        if isinstance(chain, cst.If) and all(map(_leaves_iteration, node.handlers)):
            behind, chain = [chain, *behind], None
        is_any = handler.type is None or dotted(handler.type) in _ALL
        test = _is_error(error) if is_any or handler.type is None else cst.Call(cst.Name("isinstance"), [cst.Arg(cst.Name(error)), cst.Arg(handler.type)])
        chain = cst.If(test, _renamed(handler, error), orelse=chain, leading_lines=handler.leading_lines)
    assert isinstance(chain, cst.If)
    return [chain.with_changes(leading_lines=node.leading_lines), *behind]


def _leaves_iteration(handler: cst.ExceptHandler) -> bool:
    last = handler.body.body[-1]
    return isinstance(last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last, (cst.Continue, cst.Raise))


def _is_error(error: str) -> cst.Comparison:
    return cst.Comparison(cst.Name(error), [cst.ComparisonTarget(cst.IsNot(), cst.Name("None"))])


def _renamed(handler: cst.ExceptHandler, error: str) -> cst.BaseSuite:
    """Return what a handler does, with the name of the outcome's error for its own."""
    own = set(bound_names(handler.name.name)) if handler.name is not None else set()
    changes: dict[cst.CSTNode, Replacement] = {node: cst.Name(error) for node in free_names(handler.body) if node.value in own}
    return replace_inside(handler.body, changes) if changes else handler.body

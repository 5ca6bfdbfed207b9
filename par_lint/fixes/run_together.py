"""Run consecutive calls concurrently: `a, b, c = run_together(lambda: ..., ...)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.consecutive_calls import CallSequence
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.findings import ReasonKind, Withheld
from par_lint.fixes.codegen.edit import RUNTIME, Edit
from par_lint.fixes.codegen.fresh_names import fresh_names
from par_lint.fixes.codegen.import_placeholders import import_placeholder
from par_lint.fixes.codegen.node_builders import call_of, comments, parenthesized_tuple

_IMPORTS = ((RUNTIME, "run_together"),)


def plan_run_together(row: CallSequence, facts: Facts) -> Callable[[], Edit] | Withheld:
    """Return the fix of consecutive statements or of the elements of a display, or the reason why there is none."""
    line = facts.line(row.parts[0])
    if any(comments(part) for part in row.parts[1:]) or comments(_value(row.parts[0])):
        return Withheld(ReasonKind.FORM("there is a comment between the calls"), line)
    for part in row.parts:
        if any(isinstance(node, cst.Name) and node.value in ("super", "locals", "__class__") for node in descend(part)):
            return Withheld(ReasonKind.FORM("a call depends on its calling frame"), facts.line(part))
    if facts.is_in_class_body(row.parts[0]):
        return Withheld(ReasonKind.NAMES("names of a class body are not visible in functions"), line)
    if row.display is None:
        return lambda: _build_statements(row, facts)
    if len(row.parts) != len(_elements(row.display)) or isinstance(row.display, (cst.Dict, cst.Set)):
        return Withheld(ReasonKind.FORM("there are other elements beside the calls"), line)
    display = row.display
    if isinstance(display, cst.Call) and len({arg.keyword is None for arg in display.args}) > 1:
        return Withheld(ReasonKind.FORM("its arguments are both positional and keyword"), line)
    return lambda: _build_display(row, display, facts)


def _elements(display: cst.CSTNode) -> Sequence[cst.CSTNode]:
    match display:
        case cst.Call(args=args):
            return args
        case cst.List(elements=elements) | cst.Tuple(elements=elements) | cst.Set(elements=elements) | cst.Dict(elements=elements):
            return elements
        case _:
            return ()


def _value(part: cst.CSTNode) -> cst.BaseExpression:
    match part:
        case cst.SimpleStatementLine(body=[cst.Assign(value=value)]) | cst.SimpleStatementLine(body=[cst.Expr(value=value)]):
            return value
        case _:
            assert isinstance(part, cst.BaseExpression)
            return part


def _call(row: CallSequence) -> cst.Call:
    return call_of(import_placeholder("run_together"), [cst.Arg(_callable(_value(part))) for part in row.parts])


def _callable(value: cst.BaseExpression) -> cst.BaseExpression:
    """Return a callable that returns the value: the function itself if it takes no arguments, else a lambda."""
    match value:
        case cst.Call(func=func, args=[]) if dotted(func) is not None:
            return func
        case _:
            return cst.Lambda(cst.Parameters(), parenthesized_tuple(value))


def _build_statements(row: CallSequence, facts: Facts) -> Edit:
    first, *others = row.parts
    assert isinstance(first, cst.SimpleStatementLine)
    targets = [_target(part) for part in row.parts]
    if all(target is None for target in targets):
        new: cst.BaseSmallStatement = cst.Expr(_call(row))
    else:
        ignored = fresh_names(facts, first).ignored
        whole = cst.Tuple([cst.Element(target or cst.Name(ignored)) for target in targets], lpar=[], rpar=[])
        call = _call(row)
        new = cst.Assign([cst.AssignTarget(whole)], call)
    removed: list[tuple[cst.CSTNode, cst.CSTNode | cst.FlattenSentinel[cst.CSTNode]]] = [(part, cst.FlattenSentinel([])) for part in others]
    return Edit(((first, first.with_changes(body=[new])), *removed), _IMPORTS)


def _target(part: cst.CSTNode) -> cst.BaseAssignTargetExpression | None:
    match part:
        case cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=target)])]):
            if isinstance(target, cst.Tuple) and not target.lpar:
                return target.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
            return target
        case _:
            return None


def _build_display(row: CallSequence, display: cst.CSTNode, facts: Facts) -> Edit:
    match display:
        case cst.Call() if all(arg.keyword is None for arg in display.args):
            call = _call(row)
            arg = cst.Arg(call, star="*")
            return Edit(((display, display.with_changes(args=[arg], whitespace_before_args=cst.SimpleWhitespace(""))),), _IMPORTS)
        case cst.Call():
            call = _call(row)
            named = [
                new.with_changes(keyword=old.keyword, equal=old.equal, star="") for new, old in zip(call.args, display.args)
            ]
            spread = cst.Arg(call.with_changes(args=named), star="**")
            return Edit(((display, display.with_changes(args=[spread], whitespace_before_args=cst.SimpleWhitespace(""))),), _IMPORTS)
        case _:
            call = _call(row)
            whole: cst.BaseExpression = cst.Call(cst.Name("list"), [cst.Arg(call)]) if isinstance(display, cst.List) else call
            return Edit(((display, whole),), _IMPORTS)

"""Replace `Popen(...)` and a wait in the next statement by `subprocess.run` or `call`, which also kill the child after a timeout."""

from __future__ import annotations

import ast
from collections.abc import Callable

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.missing_timeouts import MissingTimeout
from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.scopes import Scope
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.analysis.syntax.node_text import write
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.codegen.replace import replace_inside
from par_lint.fixes.module_names import spelled
from par_lint.fixes.set_argument import set_keyword

_PARTS = ("stdout", "stderr")
_MAYBE = (cst.BaseComp, cst.Lambda, cst.BooleanOperation, cst.IfExp)
"""Expressions that may not evaluate their parts, or later."""


def plan_run(call: cst.Call, found: MissingTimeout, seconds: str, facts: Facts) -> Callable[[], Edit] | None:
    """The fix of `p = Popen(...)` with `p.wait()` or `p.communicate()` right below; None where the code does more with `p`."""
    popen = facts.call_node(found.started) if found.started is not None else None
    waiting, site = facts.enclosing_statement(call), facts.site(call)
    if popen is None or waiting is None or facts.name(popen) != "subprocess.Popen" or call.args or site is None or site.loop is not None:
        return None  # a loop would get another finding
    if isinstance(popen.func, cst.Name) and not _is_used_elsewhere(popen.func.value, facts.index.tree):
        return None  # its import would be left without a use
    starting = facts.enclosing_statement(popen)
    match starting, call.func:
        case (
            cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value)]),
            cst.Attribute(value=cst.Name(value=receiver), attr=cst.Name(value=method)),
        ) if value is popen and name == receiver and _follows(starting, waiting, facts):
            pass
        case _:
            return None
    assert isinstance(starting, cst.SimpleStatementLine)
    assert isinstance(waiting, cst.SimpleStatementLine)
    limited = set_keyword(popen, "timeout", cst.parse_expression(seconds))
    others = _other_uses(name, facts.scope(call))
    if method == "wait" and not others and not _has_pipe(popen) and starting.trailing_whitespace.comment is None:
        func, imports = spelled(facts, popen, "call")
        moved = _moved(limited.with_changes(func=func, lpar=call.lpar, rpar=call.rpar), _column(waiting, call) - _column(starting, popen), popen, starting)
        whole = replace_inside(waiting, {call: moved})
        return lambda: Edit(((starting, whole.with_changes(leading_lines=starting.leading_lines)), (waiting, cst.FlattenSentinel([]))), imports)
    rest = _reading(waiting, call, cst.Name(name), facts)
    if others - {"returncode"} or rest is None or method == "wait" and (rest or _has_pipe(popen)):
        return None
    if not rest and waiting.trailing_whitespace.comment is not None:
        return None
    func, imports = spelled(facts, popen, "run")
    is_unused = not rest and not others
    moved = _moved(limited.with_changes(func=func), -len(f"{name} = ") if is_unused else 0, popen, starting)
    first = starting.with_changes(body=[cst.Expr(moved)]) if is_unused else replace_inside(starting, {popen: moved})
    return lambda: Edit(((starting, first), (waiting, cst.FlattenSentinel(rest))), imports)


def _is_used_elsewhere(name: str, tree: ast.AST) -> bool:
    """Whether a file uses an imported name otherwise than for children that this fix may start too."""
    uses = {id(node) for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name}
    more = {
        node.value.id for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr not in ("wait", "communicate", "returncode")
    }  # fmt: skip
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=ast.Call(func=func)) if target not in more:
                uses.discard(id(func))
            case _:
                pass
    return bool(uses)


def _follows(starting: cst.CSTNode, waiting: cst.CSTNode, facts: Facts) -> bool:
    """Whether one simple statement directly follows another, without a comment between them."""
    block = facts.parent(starting)
    if block is not facts.parent(waiting) or not isinstance(block, (cst.IndentedBlock, cst.Module)) or not isinstance(waiting, cst.SimpleStatementLine):
        return False
    number = next(number for number, one in enumerate(block.body) if one is starting)
    is_next = len(block.body) > number + 1 and block.body[number + 1] is waiting
    return is_next and len(waiting.body) == 1 and all(line.comment is None for line in waiting.leading_lines)


def _column(statement: cst.SimpleStatementLine, call: cst.Call) -> int:
    """The column of a call in its statement, which starts at column 0."""
    text = write(statement.with_changes(leading_lines=()))
    return text.index(write(call))


def _moved(call: cst.Call, columns: int, old: cst.Call, statement: cst.SimpleStatementLine) -> cst.Call:
    """A call that moved by some columns with its lines below still aligned with its first argument, if they were in the old call."""
    first = _column(statement, old) + len(write(old.func)) + 1
    by = columns + len(write(call.func)) - len(write(old.func))
    return call if isinstance(old.whitespace_before_args, cst.ParenthesizedWhitespace) else cst.ensure_type(call.visit(ShiftedLines(first, by)), cst.Call)


class ShiftedLines(cst.CSTTransformer):
    """Moves lines that are indented by some columns or more."""

    def __init__(self, first: int, by: int) -> None:
        super().__init__()
        self._first, self._by = first, by

    def leave_ParenthesizedWhitespace(
        self, original_node: cst.ParenthesizedWhitespace, updated_node: cst.ParenthesizedWhitespace
    ) -> cst.ParenthesizedWhitespace:
        space = updated_node.last_line.value
        if not updated_node.indent or len(space) < self._first or "\t" in space:
            return updated_node
        return updated_node.with_changes(last_line=cst.SimpleWhitespace(" " * (len(space) + self._by)))


def _other_uses(name: str, home: Scope) -> set[str]:
    """The attributes of a name that a scope uses, beside one that it assigns and one that it waits by; empty texts for other uses."""
    scope = home.node
    uses = [node for node in ast.walk(scope) if isinstance(node, ast.Name) and node.id == name]
    attributes = [node for node in ast.walk(scope) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name]
    found = [last_name(node) for node in attributes]
    if name in home.outward or len(uses) != len(attributes) + 1 or sum(one in ("wait", "communicate") for one in found) != 1:
        return {""}
    return {one for one in found if one not in ("wait", "communicate")}


def _has_pipe(popen: cst.Call) -> bool:
    return any((dotted(arg.value) or "").endswith("PIPE") for arg in popen.args)


def _reading(waiting: cst.SimpleStatementLine, call: cst.Call, process: cst.Name, facts: Facts) -> list[cst.SimpleStatementLine] | None:
    """The statement that reads the output of a finished process where `communicate` gave it; none if nothing reads it; None for other forms."""
    match waiting.body[0]:
        case cst.Expr(value=value) if value is call:
            return []
        case cst.Assign(targets=[cst.AssignTarget(cst.Tuple([cst.Element(out), cst.Element(err)]))], value=value) as assign if value is call:
            read = [(target, cst.Attribute(process, cst.Name(part))) for target, part in zip((out, err), _PARTS) if not _is_unused(target)]
            if len(read) == 1:
                ((alone, part),) = read
                return [waiting.with_changes(body=[cst.Assign([cst.AssignTarget(alone)], part)])] if isinstance(alone, cst.Name) else None
            pair = cst.Tuple([cst.Element(part) for _, part in read], lpar=(), rpar=())
            return [waiting.with_changes(body=[assign.with_changes(value=pair)])] if read else None
        case _:
            pass
    above = facts.parent(call)
    match above:
        case cst.Subscript(slice=[cst.SubscriptElement(cst.Index(cst.Integer("0" | "1" as number)))]) if not is_within(call, waiting, facts, _MAYBE):
            part = cst.Attribute(process, cst.Name(_PARTS[int(number)]))
            return [replace_inside(waiting, {above: part})]
        case _:
            return None


def _is_unused(target: cst.BaseExpression) -> bool:
    return isinstance(target, cst.Name) and target.value == "_"


def is_within(node: cst.CSTNode, outer: cst.CSTNode, facts: Facts, kinds: tuple[type[cst.CSTNode], ...]) -> bool:
    """Whether a node is in an expression of some kinds below an outer node: a comprehension may run many times, a lambda later."""
    above = facts.parent(node)
    while above is not None and above is not outer:
        if isinstance(above, kinds):
            return True
        above = facts.parent(above)
    return False

"""Guards in a loop body, which end the iteration with `continue`, and assignments that may be repeated."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from par_lint.analysis.effects.operators import NONDETERMINISTIC_CALLS
from par_lint.analysis.effects.pure_names import PURE_BUILTINS, PURE_METHODS
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.values import Object
from par_lint.analysis.syntax.expression_names import assigned, dotted, reads, terminal
from par_lint.analysis.syntax.nodes import SCOPES, children, descend
from par_lint.core.catalog.entry import Kind

_PATHS = ("os.path.", "posixpath.", "urllib.parse.url", "pathlib.Path", "pathlib.PurePath")
_STATS = ("exists", "lexists", "isfile", "isdir", "islink", "ismount", "getsize", "getmtime", "getatime", "getctime", "samefile", "realpath", "resolve", "stat", "is_file", "is_dir")
_DISPLAYING_CALLS = frozenset({"print", "str", "repr", "len", "int", "float", "open"})
_LEVELS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical"})
_PATH_METHODS = frozenset({"with_suffix", "with_name", "with_stem", "joinpath", "relative_to", "as_posix"})


def is_bare_guard(node: cst.BaseStatement) -> bool:
    """Return whether a statement is just `if test: continue`."""
    return isinstance(node, cst.If) and node.orelse is None and len(node.body.body) == 1 and is_continue_guard(node)


def is_continue_guard(node: cst.CSTNode) -> bool:
    """Return whether a statement is an `if` without an `else` that ends the iteration only in its last line."""
    if not isinstance(node, cst.If) or node.orelse is not None:
        return False
    body: Sequence[cst.CSTNode] = node.body.body
    last = body[-1]
    if isinstance(last, cst.SimpleStatementLine):
        body, last = [*body[:-1], *last.body[:-1]], last.body[-1]
    else:
        body = body[:-1]
    return isinstance(last, cst.Continue) and not any(may_continue(one) for one in body)


def may_continue(node: cst.CSTNode) -> bool:
    """Return whether a statement may end the iteration with a `continue` of its own loop."""
    stack = [node]
    while stack:
        current = stack.pop()
        kind = type(current)
        if kind is cst.Continue:
            return True
        if kind is cst.For or kind is cst.While:
            stack += [current.orelse] if current.orelse is not None else []  # type: ignore[attr-defined]
        elif kind not in SCOPES:
            stack += children(current)
    return False


def only_prints_or_logs(statement: cst.CSTNode, facts: Facts) -> bool:
    """Return whether a statement only prints or logs a line."""
    match statement:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call(func=cst.Name("print")))]):
            return True
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call() as call)]):
            entry = facts.entry(call)
            return entry is not None and entry.kind is Kind.LOG or entry is None and _is_log(call.func)
        case _:
            return False


def is_console_output(statement: cst.CSTNode, facts: Facts) -> bool:
    """Return whether a statement prints or logs a line for those who watch: not one of a file that is written in order."""
    if not only_prints_or_logs(statement, facts):
        return False
    given = (arg for node in descend(statement) if isinstance(node, cst.Call) for arg in node.args if arg.keyword is not None and arg.keyword.value == "file")
    return all(dotted(arg.value) in ("sys.stderr", "sys.stdout") for arg in given)


def _is_log(func: cst.BaseExpression) -> bool:
    """Whether a method belongs to a logger, judged by its name: `self._logger.info`."""
    match func:
        case cst.Attribute(value=owner, attr=cst.Name(value=method)):
            return method in _LEVELS and "log" in (dotted(owner) or "").rpartition(".")[2].lower()
        case _:
            return False


def raises_nothing_noticeable(
    test: cst.BaseExpression, uncaught: Sequence[cst.BaseStatement], copied: Sequence[cst.BaseStatement], facts: Facts
) -> bool:
    """Return whether a condition raises no error that could be noticed: `os.path` returns False where `pathlib` may raise an OSError.

    In `uncaught`, before a handler of all errors, its argument must be a value that an assignment computed from the item.
    """
    calls = [node for node in descend(test, into_functions=True) if isinstance(node, cst.Call)]
    if any((facts.name(call) or "").startswith("pathlib.") or (facts.name(call) is None and terminal(call) in _STATS) for call in calls):
        return False
    if not any(facts.tree.holds(statement, test) for statement in uncaught):
        return True
    made = set().union(*map(assigned, copied))
    return all((facts.name(call) or "").startswith("os.path.") for call in calls) and reads(test) - made <= {"os"}


def is_repeatable(statement: cst.BaseStatement, loop: cst.For, facts: Facts) -> bool:
    """Return whether an assignment has the same result each time: an immutable path or text, or a part of an existing object that the
    loop only reads.
    """
    match statement:
        case cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=target)], value=value)]):
            if any(isinstance(node, cst.Call) and not _is_path(node, facts) for node in descend(value)):
                return False
            if _is_part(value):
                return isinstance(target, cst.Name) and _is_only_shown(target.value, loop, facts)
            return _is_unchanging(value, facts)
        case _:
            return False


def _is_part(value: cst.BaseExpression) -> bool:
    while isinstance(value, (cst.Attribute, cst.Subscript)):
        value = value.value
    return isinstance(value, cst.Name)


def _is_only_shown(name: str, loop: cst.For, facts: Facts) -> bool:
    """Whether a loop only passes a name as an argument or prints it: it calls no method of it, and binds no part of it."""
    return all(_is_only_printed(node, facts) for node in facts.named_below(loop.body, name))


def _is_only_printed(node: cst.Name, facts: Facts) -> bool:
    above = facts.parent(node)
    match above:
        case cst.Arg(keyword=label) if label is not node:
            call = facts.parent(above)
            if not isinstance(call, cst.Call):
                return False
            if facts.entry(call) is not None:
                return True
            if isinstance(call.func, cst.Name):
                return call.func.value in _DISPLAYING_CALLS and facts.is_builtin(call.func.value, call)
            return terminal(call) in MUTATORS
        case cst.AssignTarget() | cst.Index() | cst.Element() | cst.DictElement() | cst.FormattedStringExpression() | cst.Comparison() | cst.ComparisonTarget():
            return True
        case cst.Attribute(attr=part):
            return part is node
        case _:
            return False


def _is_unchanging(value: cst.BaseExpression, facts: Facts) -> bool:
    match value:
        case cst.SimpleString() | cst.FormattedString() | cst.Integer():
            return True
        case cst.Call():
            return _is_path(value, facts)
        case cst.BinaryOperation(left=left, operator=cst.Add(), right=right):
            return any(isinstance(one, (cst.SimpleString, cst.FormattedString)) for one in (left, right))
        case cst.BinaryOperation(left=left, operator=cst.Divide()):
            shown = facts.refers_to(left, value)
            return isinstance(left, cst.Call) and _is_path(left, facts) or isinstance(shown, Object) and shown.type == "pathlib.Path"
        case _:
            return False


def _is_path(call: cst.Call, facts: Facts) -> bool:
    """Whether a call builds a path or a text, and looks at no file."""
    name = facts.name(call) or ""
    if name.rpartition(".")[2] in _STATS:
        return False
    return name.startswith(_PATHS) and ("pathlib" not in name or name.rpartition(".")[2] in _PATH_METHODS | {"Path", "PurePath"})


def root_of(node: cst.CSTNode) -> str | None:
    """Return the name at the beginning of attributes, subscripts and calls of methods."""
    while isinstance(node, (cst.Attribute, cst.Subscript, cst.Call)):
        node = node.func if isinstance(node, cst.Call) else node.value
    return node.value if isinstance(node, cst.Name) else None


def is_plain_assignment(node: cst.CSTNode) -> bool:
    """Return whether a statement only binds a value."""
    match node:
        case cst.SimpleStatementLine(body=[cst.Assign() | cst.AnnAssign(value=cst.BaseExpression())]):
            return True
        case _:
            return False


def is_repeatable_condition(call: cst.Call, facts: Facts) -> bool:
    """Return whether a call of a condition answers the same when it is asked twice: neither drawn, nor taken, nor measured."""
    name = facts.name(call)
    if name is None:
        return terminal(call) in PURE_METHODS | PURE_BUILTINS
    return not NONDETERMINISTIC_CALLS.match(name) and terminal(call) not in ("iter", "id", "map", "filter", "zip", "enumerate", "reversed")

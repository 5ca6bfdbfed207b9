"""The expression that moves: the smallest one that contains the I/O and the calls that read its result."""

from __future__ import annotations

import ast
from collections.abc import Callable

import libcst as cst

from par_lint.analysis.effects.closed_file_data import is_data, iterates_lazily
from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.lazy_generators import deferred_parts, exhausts_argument
from par_lint.analysis.loops.partition import NotSplittable
from par_lint.analysis.loops.with_blocks import mentions_outside, movable_choices, parts_beside
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.syntax.nodes import children, descend
from par_lint.core.findings import ReasonKind

_READ_ON = frozenset({"read", "json", "text", "content", "decode", "readlines", "splitlines"})
"""Methods that are called immediately on a response or a file; they belong to the I/O."""


class MovedValue:
    """Finds expressions in the statements of one module."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def smallest(self, root: cst.CSTNode, wanted: Callable[[cst.CSTNode], bool]) -> cst.BaseExpression:
        """Return the smallest expression below `root` that contains all wanted nodes and is evaluated whenever `root` is."""
        found: cst.CSTNode = root
        path = [root]
        while True:
            below = [child for child in children(found) if any(wanted(n) for n in descend(child, into_functions=True))]
            if isinstance(found, cst.GeneratorExp) and not any(wanted(n) for n in deferred_parts(found)):
                found = found.for_in.iter
                path.append(found)
                continue
            if wanted(found) or len(below) != 1 or isinstance(found, (cst.Lambda, cst.BaseComp)) or _shows_its_text(found):
                break
            if isinstance(found, cst.IfExp) and below[0] is not found.test:
                break
            if isinstance(found, cst.BooleanOperation) and below[0] is not found.left:
                break
            if isinstance(found, cst.Comparison) and below[0] is not found.left and len(found.comparisons) > 1:
                break
            found = below[0]
            path.append(found)
        while path and not isinstance(path[-1], cst.BaseExpression):
            path.pop()
        if not path:
            raise NotSplittable(ReasonKind.FORM("the call cannot be moved out of this expression"), root)
        return self._grown(path)

    def _grown(self, path: list[cst.CSTNode]) -> cst.BaseExpression:
        """Return the last expression of a path, with the calls that read its result."""
        value = path.pop()
        while path:
            above = path[-1]
            if isinstance(above, cst.Attribute) and above.value is value and (above.attr.value in _READ_ON or above.attr.value in ("digest", "hexdigest") and self._digests(value)):
                called = path[-2] if len(path) > 1 else None
                if isinstance(called, cst.Call) and called.func is above and called.args:
                    if not all(isinstance(arg.value, (cst.SimpleString, cst.Integer)) and not arg.star for arg in called.args):
                        break
                    path.pop()
                value = path.pop()
            elif isinstance(above, cst.Arg) and len(path) > 1 and (self._digests(path[-2]) or isinstance(value, cst.GeneratorExp) and exhausts_argument(path[-2], self.facts)):
                path.pop()
                value = path.pop()
            elif isinstance(above, cst.Call) and above.func is value and isinstance(value, cst.Attribute) and not above.args:
                value = path.pop()
            else:
                break
        assert isinstance(value, cst.BaseExpression)
        callee = self.facts.callee(value) if isinstance(value, cst.Call) else None
        is_generator = isinstance(value, cst.GeneratorExp) or isinstance(callee, Function) and callee.is_generator and not callee.is_async
        if is_generator or self._is_read_by_clause(value):
            raise NotSplittable(ReasonKind.FORM("a generator does its I/O when it is iterated over" if is_generator else "the file is read when it is iterated over"), value)
        return value

    def _is_read_by_clause(self, value: cst.BaseExpression) -> bool:
        """Whether a clause of a comprehension iterates over the lines of what a call opens, or of a parser of it."""
        above = self.facts.parent(value)
        if not isinstance(above, cst.CompFor) or above.iter is not value or not isinstance(value, cst.Call):
            return False
        return any(isinstance(call, cst.Call) and self.facts.result_type(call) == "io.File" for call in descend(value))

    def _digests(self, node: cst.CSTNode) -> bool:
        """Whether a call computes a checksum of its argument; the worker should compute it, because it releases the GIL."""
        return isinstance(node, cst.Call) and len(node.args) == 1 and (self.facts.name(node) or "").startswith(("hashlib.", "zlib.crc32", "zlib.adler32"))

    def data_of(self, holder: cst.BaseStatement, root: cst.CSTNode, handles: set[str], calls: set[cst.Call]) -> cst.BaseExpression | None:
        """Return the smallest expression of a statement that contains all its I/O and returns data; for a `for`, its iterable.

        Args:
            root: The part of the statement `holder` in which to look.
            handles: The names of open files or responses, which must not leave the worker.
            calls: The I/O calls that must move.
        """
        rest = parts_beside(holder, root)
        for wanted in movable_choices(handles, holder, calls):
            if any(wanted(node) for part in rest for node in descend(part, into_functions=True)):
                continue
            value = self.smallest(root, wanted)
            if not (isinstance(holder, cst.For) and isinstance(value, cst.Name)):
                value = self._until_data(root, value, handles)
            is_whole = isinstance(holder, cst.For) and holder.iter is value and iterates_lazily(value, self.facts)
            if (is_whole or is_data(value, handles, self.facts)) and not mentions_outside(holder, value, handles):
                return value
        return None

    def _until_data(self, root: cst.CSTNode, value: cst.BaseExpression, handles: set[str]) -> cst.BaseExpression:
        """Return the expression, or the smallest one around it that returns data: `list(islice(file, 2))`, `sum(1 for _ in file)`."""
        found = value
        while not is_data(found, handles, self.facts):
            above = self.facts.parent(found)
            above = self.facts.parent(above) if isinstance(above, (cst.Arg, cst.CompFor)) else above
            if not isinstance(above, (cst.Call, cst.Attribute, cst.Subscript, cst.BaseComp)) or not self.facts.tree.holds(root, above):
                return value
            found = above
        return found


def keeps_each_item(loop: cst.For, outer: cst.For, facts: Facts) -> bool:
    """Return whether a loop in another one only adds its items to a list of the function: `rows.append(row)`.

    All of them are in memory anyway, and nothing sees the list after an error.
    """
    match loop.body, loop.target:
        case (
            cst.IndentedBlock(body=[cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call(
                func=cst.Attribute(value=cst.Name(value=kept), attr=cst.Name("append")), args=[cst.Arg(value=cst.Name(value=stored))]
            ))])]),
            cst.Name(value=name),
        ) if stored == name:  # fmt: skip
            return _is_lost_by_error(kept, outer, facts)
        case _:
            return False


def _is_lost_by_error(name: str, loop: cst.For, facts: Facts) -> bool:
    """Return whether a name is bound to a new list that nothing else has before a loop ends, and that an error of the loop ends with its function."""
    scope = facts.scope(loop)
    bindings = scope.bindings.get(name, ()) if isinstance(scope, Function) and name not in scope.parameters else ()
    if len(bindings) != 1 or not isinstance(bindings[0], Assigned) or not isinstance(bindings[0].value, ast.List):
        return False
    line, uses_before = facts.line(loop), 0
    for node in ast.walk(scope.node):
        match node:
            case ast.Name(id=used):
                uses_before += used == name and node.lineno < line
            case ast.Try() | ast.With() | ast.AsyncWith() if node.lineno < line <= (node.end_lineno or line):
                return False
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() if node is not scope.node:
                if any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node)):
                    return False
            case _:
                pass
    return uses_before == 1


def _shows_its_text(node: cst.CSTNode) -> bool:
    """Return whether the program can see how an expression in a string is spelled: `f"{x=}"` prints it, a t-string keeps it."""
    return isinstance(node, cst.FormattedStringExpression) and node.equal is not None or type(node).__name__ == "TemplatedStringExpression"

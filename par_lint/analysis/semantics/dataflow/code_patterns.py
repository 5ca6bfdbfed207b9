"""Shapes of code that say how values flow: constant keys, copies, loops that try again."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import TypeAlias

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.dataflow.dotted_names import bound_names
from par_lint.analysis.semantics.scopes import Function, Scope

LoopNode: TypeAlias = ast.For | ast.AsyncFor | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_COPYING = frozenset({"dict", "list", "set", "tuple", "sorted", "copy", "deepcopy", "bytearray", "OrderedDict"})
_EMPTY = frozenset({"dict", "list", "set", "defaultdict", "OrderedDict", "Counter", "DataFrame"})
_DISPLAYS = (ast.Dict, ast.List, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_TRY = re.compile(r"(^|_)(attempts?|retr(y|ies)|tries|trial)(_|$)", re.IGNORECASE)


def constant_key(node: ast.expr) -> str | None:
    """A constant key as text, None for any other; that of a number is no text's."""
    return repr(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, (str, int)) else None


def is_same(one: object, other: object) -> bool:
    """Whether two expressions are spelled alike, whether they are read or bound."""
    if isinstance(one, ast.expr) and isinstance(other, ast.expr):
        fields = (name for name in one._fields if name != "ctx")
        return type(one) is type(other) and all(is_same(getattr(one, name), getattr(other, name)) for name in fields)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return one == other


def is_copy(value: ast.expr) -> bool:
    """Whether an expression makes a new container: a display, or a copy of another one."""
    return isinstance(value, _DISPLAYS) or isinstance(value, ast.Call) and last_name(value.func) in _COPYING


def makes_empty(value: ast.expr) -> bool:
    """Whether an expression makes an empty container: `[]`, `set()`, `defaultdict(list)`."""
    match value:
        case ast.List(elts=[]) | ast.Dict(keys=[]):
            return True
        case ast.Call(func=func, args=[] | [ast.Name()]):
            return last_name(func) in _EMPTY
        case _:
            return False


def names_attempt_counter(name: str) -> bool:
    """Whether a name says that it counts attempts."""
    return _TRY.search(name) is not None


def is_call(value: ast.expr | None) -> bool:
    """Whether a value is what a call gives, which may be awaited."""
    return isinstance(value.value if isinstance(value, ast.Await) else value, ast.Call)


def counts_attempts(target: ast.AST) -> bool:
    """Whether a loop counts attempts, by the name that it binds."""
    return any(isinstance(node, ast.Name) and names_attempt_counter(node.id) for node in walk(target))


def is_retry_loop(loop: ast.For | ast.AsyncFor) -> bool:
    """Whether a loop tries one thing again: it counts attempts, or it iterates over a `range` until something works."""
    if counts_attempts(loop.target):
        return True
    is_range = isinstance(loop.iter, ast.Call) and last_name(loop.iter.func) == "range"
    used = {node.id for part in loop.body for node in walk(part) if isinstance(node, ast.Name)}
    names = {node.id for node in walk(loop.target) if isinstance(node, ast.Name)}
    return is_range and used.isdisjoint(names) and any(isinstance(node, (ast.Break, ast.Return)) for part in loop.body for node in walk(part))


def loop_targets(loop: LoopNode) -> list[str]:
    """Return the names that a loop binds in each iteration."""
    if isinstance(loop, (ast.For, ast.AsyncFor)):
        return bound_names(loop.target)
    return [name for clause in loop.generators for name in bound_names(clause.target)]


def repeated_parts(loop: LoopNode) -> Sequence[ast.AST]:
    """Return the parts of a loop that run in each iteration."""
    if isinstance(loop, (ast.For, ast.AsyncFor)):
        return loop.body
    clauses = loop.generators
    return [*(clause.iter for clause in clauses[1:]), *(test for clause in clauses for test in clause.ifs), *comprehension_results(loop)]


def comprehension_results(node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> list[ast.expr]:
    """The expressions that a comprehension makes its elements of: one, or a key and a value; of `{**key for ...}` (Python 3.15) one."""
    if not isinstance(node, ast.DictComp):
        return [node.elt]
    value: ast.expr | None = node.value
    return [node.key] if value is None else [node.key, value]


def ends_iteration(block: Sequence[ast.stmt]) -> bool:
    """Return whether a block ends the iteration: its last statement is continue, break, return or raise."""
    return bool(block) and isinstance(block[-1], (ast.Continue, ast.Break, ast.Return, ast.Raise))


def inner_locals(nodes: Sequence[ast.AST], scope: Scope) -> frozenset[str]:
    """Return the variables of a function that only inner loops of these statements bind: nothing has a value for them before."""
    if not isinstance(scope, Function) or not nodes or not all(isinstance(node, ast.stmt) for node in nodes):
        return frozenset()
    first, last = nodes[0].lineno, nodes[-1].end_lineno or 0  # type: ignore[attr-defined]
    parts = [*walk(*nodes)]
    inner = {line for node in parts if isinstance(node, (ast.For, ast.While)) for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    found: set[str] = set()
    bound = {one for node in parts if isinstance(node, ast.Assign) for target in node.targets for one in bound_names(target)}
    for name in bound if inner else ():
        lines = [binding.line for binding in scope.bindings.get(name, ()) if isinstance(binding, Assigned)]
        is_own = name not in scope.outward and name not in scope.parameters and len(lines) == len(scope.bindings.get(name, ()))
        if is_own and lines and all(first <= line <= last and line in inner for line in lines):
            found.add(name)
    return frozenset(found)


def is_tested(name: str, nodes: Sequence[ast.AST]) -> bool:
    """Return whether a condition or a comparison in some code asks for a name: `if number == total` makes one item the last."""
    tests = (node if isinstance(node, ast.Compare) else node.test for node in walk(*nodes) if isinstance(node, (ast.Compare, ast.If, ast.IfExp, ast.While)))
    return any(isinstance(inner, ast.Name) and inner.id == name for test in tests for inner in walk(test))

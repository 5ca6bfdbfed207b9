"""Whether the rest of a loop changes only accumulators: collections that the enclosing function creates and that have no other reference.

Then no later iteration reads what it changes, and the points-to analysis is not needed.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

from par_lint.analysis.effects.function_values import callees
from par_lint.analysis.effects.library_results import ARGUMENT_MUTATORS, MUTATING_METHODS
from par_lint.analysis.effects.object_uses import NON_MUTATING_BUILTINS, leaves_objects_unchanged
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.ast_walk import children, walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.dataflow.code_patterns import LoopNode, repeated_parts
from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.analysis.semantics.values import Named
from par_lint.core.memo import memoized_for_last

_MAKERS = frozenset({"list", "dict", "set", "bytearray", "collections.defaultdict", "collections.Counter", "collections.OrderedDict", "collections.deque"})
_LOOKING = frozenset({"len", "sum", "sorted", "min", "max", "any", "all", "print", "str", "repr", "bool", "isinstance"})
"""Built-ins that keep no reference to a collection."""
_Position: TypeAlias = "tuple[float, float]"
_NEVER: _Position = (math.inf, math.inf)
_METHODS = MUTATING_METHODS | {"copy", "count", "index", "get"}
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_REACHING = ("globals", "locals", "vars", "exec", "eval")


class OwnAccumulators:
    """Decides, for one loop, whether the object that a node changes is an own accumulator."""

    def __init__(self, loop: LoopNode, own: set[str], ahead: set[str], scope: Scope, facts: Facts) -> None:
        """`own` are the names of the item and of parts of it, which other modules judge; `ahead` are the names that later iterations read."""
        self._loop = loop
        self._own = own
        self._ahead = ahead
        self._scope = scope
        self._facts = facts
        self._bound = {node.id for node in walk(loop) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        self._may_fill = facts.index.mentions({"defaultdict", "__missing__"})
        self._known: dict[str, bool] = {}

    def are_all(self, is_moved: Callable[[ast.AST], bool]) -> bool:
        """Return whether the part of the loop that stays changes no other object; False also if this is unknown."""
        if _has_loose_mutators(self._facts):
            return False
        pending: list[ast.AST] = list(repeated_parts(self._loop))
        while pending:
            node = pending.pop()
            pending += children(node)
            if not (isinstance(node, ast.expr) and is_moved(node)) and self._changes_others(node):
                return False
        return True

    def _changes_others(self, node: ast.AST) -> bool:
        match node:
            case ast.Attribute(value=value, ctx=ast.Store() | ast.Del()):
                return not (isinstance(value, ast.Name) and value.id in self._own)
            case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
                return not self._is_own(value)
            case ast.Subscript(value=value):
                return self._may_fill and not self._is_own(value)
            case ast.AugAssign(target=target, value=value):
                return not (isinstance(value, (ast.Constant, ast.JoinedStr)) or self._is_own(target))
            case ast.BinOp(op=ast.Mod()):
                return self._may_fill
            case ast.Call():
                return self._calls_for_others(node)
            case _:
                return False

    def _calls_for_others(self, node: ast.Call) -> bool:
        func, callee = node.func, self._facts.known.callee(node)
        name = callee.name if isinstance(callee, Named) and not self._may_be_bound(func) else ""
        last = func.attr if isinstance(func, ast.Attribute) else name.rpartition(".")[2]
        if isinstance(callee, (Function, Class)) or self._may_fill and name not in NON_MUTATING_BUILTINS:
            return True
        if name in ARGUMENT_MUTATORS or name == "next" or last.endswith("_into") or last == "readinto":
            return True
        if last in MUTATING_METHODS:
            return not (isinstance(func, ast.Attribute) and self._is_own(func.value))
        return not leaves_objects_unchanged(node, name, last, self._facts)

    def _may_be_bound(self, func: ast.expr) -> bool:
        return isinstance(func, ast.Name) and func.id in self._bound or _is_variable_value(func, self._scope)

    def _is_own(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Name):
            return False
        if node.id not in self._known:
            self._known[node.id] = node.id in self._own or node.id not in self._ahead and self._is_made_here(node.id)
        return self._known[node.id]

    def _is_made_here(self, name: str) -> bool:
        """Whether the enclosing function creates all values of a name, and nothing else refers to them before the end of the loop."""
        found = self._scope.find(name)
        if found is None or isinstance(found[0], Class):
            return False
        uses = _uses(found[0], self._facts)
        return self._loop in uses.ends and _first_leak(name, found[0], self._facts) >= uses.ends[self._loop]


class _Uses(NamedTuple):
    """The uses of names in a scope and in its nested scopes."""

    names: dict[str, list[tuple[ast.Name, list[ast.AST]]]]
    """The uses of each name, with the two nodes around each use; without them in nested scopes."""
    ends: dict[ast.AST, _Position]
    """The end of the outermost loop around each loop of the scope."""
    otherwise_bound: set[str | None]
    """Names that are not only bound by assignments: parameters, imports, definitions, names of handlers and patterns, names of other scopes."""


@memoized_for_last
def _uses(home: Scope, facts: Facts) -> _Uses:
    found = _Uses({}, {}, set())
    pending: list[tuple[ast.AST, list[ast.AST], _Position | None, bool]] = [(one, [home.node], None, False) for one in children(home.node)]
    while pending:
        node, above, end, is_inner = pending.pop()
        if isinstance(node, ast.Name):
            found.names.setdefault(node.id, []).append((node, [] if is_inner else above))
            continue
        found.otherwise_bound.update(_bound_by_more(node))
        if isinstance(node, _LOOPS):
            end = end or (node.end_lineno or 0, node.end_col_offset or 0)
            found.ends[node] = end
        is_inner = is_inner or isinstance(node, _SCOPES)
        pending += [(child, [node, *above[:1]], end, is_inner) for child in children(node)]
    return found


def _bound_by_more(node: ast.AST) -> Iterable[str | None]:
    match node:
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            return names
        case ast.arg(arg=name):
            return (name,)
        case ast.alias(name=name, asname=other):
            return (other or name.partition(".")[0],)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name) | ast.ExceptHandler(name=name):
            return (name,)
        case ast.MatchAs(name=name) | ast.MatchStar(name=name) | ast.MatchMapping(rest=name):
            return (name,)
        case _:
            return ()


@memoized_for_last
def _first_leak(name: str, home: Scope, facts: Facts) -> _Position:
    """Return the first position at which the value of a name may get an alias or be stored elsewhere."""
    uses = _uses(home, facts)
    if name in uses.otherwise_bound:
        return 0, 0
    leaks = ((node.lineno, node.col_offset) for node, above in uses.names.get(name, ()) if not above or not _keeps_apart(node, above, home, facts))
    return min(leaks, default=_NEVER)


def _keeps_apart(node: ast.Name, above: list[ast.AST], home: Scope, facts: Facts) -> bool:
    """Whether a use of a name creates no alias of its value, and stores it nowhere."""
    match above[0]:
        case ast.Assign(targets=[target], value=value) if target is node:
            return _is_new(value, home, facts)
        case ast.AnnAssign(target=target, value=value) if target is node:
            return value is None or _is_new(value, home, facts)
        case ast.AugAssign(target=target) if target is node:
            return True
        case ast.Attribute(attr=method):
            return isinstance(node.ctx, ast.Load) and method in _METHODS and isinstance(call := above[1], ast.Call) and call.func is above[0]
        case ast.Subscript(value=value) | ast.For(iter=value) | ast.If(test=value) | ast.While(test=value) if value is node:
            return True
        case ast.Compare() | ast.UnaryOp() | ast.FormattedValue() | ast.Delete():
            return True
        case ast.Call(func=ast.Name(id=function)) as call if call.func is not node:
            return function in _LOOKING and isinstance(facts.known.callee(call), Named) and home.find(function) is None
        case _:
            return False


def _is_new(value: ast.expr, home: Scope, facts: Facts) -> bool:
    match value:
        case ast.Constant() | ast.JoinedStr() | ast.List() | ast.Set() | ast.Dict() | ast.ListComp() | ast.SetComp() | ast.DictComp():
            return True
        case ast.BinOp(left=ast.List(), op=ast.Mult()):
            return True
        case ast.Call(func=func):
            callee = facts.known.callee(value)
            return isinstance(callee, Named) and callee.name in _MAKERS and not _is_variable_value(func, home)
        case _:
            return False


def _is_variable_value(func: ast.expr, scope: Scope) -> bool:
    """Whether a callee may be the value of a variable."""
    if not isinstance(func, ast.Name):
        return not isinstance(func, ast.Attribute)
    found = scope.find(func.id)
    return found is not None and any(isinstance(one, Assigned) for one in found[1])


@memoized_for_last
def _has_loose_mutators(facts: Facts) -> bool:
    """Whether a file uses a function that changes its arguments, or a method that changes its object, as a value, or accesses variables by computed
    names. Any unknown callee may then be one of these."""
    if any(facts.index.called(name) for name in _REACHING):
        return True
    called = callees(facts)
    names = {name.rpartition(".")[2] for name in ARGUMENT_MUTATORS} | {"exec", "eval"}
    return any(node.attr in MUTATING_METHODS | names and isinstance(node.ctx, ast.Load) and id(node) not in called for node in facts.index.all_of(ast.Attribute)) or any(
        node.id in names and id(node) not in called for node in facts.index.all_of(ast.Name)
    )

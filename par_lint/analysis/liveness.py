"""Whether the value that a name has after a statement may still be read: backward liveness, block by block.

Where the flow of control is hard to follow the answer is yes.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Container, Sequence
from dataclasses import dataclass

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.names import assigned, bound_by, bound_names, reads
from par_lint.analysis.nodes import SCOPES, children, clauses, descend

_SEES_NAMES = frozenset({"locals", "vars", "eval", "exec", "globals", "dir"})


class _Fate(enum.Enum):
    """What becomes of a name's value in a piece of code."""

    READ = "read"
    REPLACED = "replaced"
    KEPT = "kept"


def is_read_after(name: str, statement: cst.CSTNode, facts: Facts) -> bool:
    """Whether a value that `name` has when `statement` is done may be read by what can run afterwards."""
    around = facts.around(statement) or facts.module
    if _is_seen_elsewhere(name, statement, around):
        return True
    below, node = statement, facts.parent(statement)
    while node is not None and below is not around:
        fate = _after(name, below, node)
        if fate is not _Fate.KEPT:
            return fate is _Fate.READ
        below, node = node, facts.parent(node)
    return False


def is_missed(name: str, statement: cst.CSTNode, facts: Facts) -> bool:
    """Whether other code would notice if `statement` no longer bound `name`."""
    return is_read_after(name, statement, facts) or _is_local_by(statement, name, facts.around(statement))


def is_read_after_error(name: str, statement: cst.CSTNode, facts: Facts) -> bool:
    """Whether the value that `name` has when an error leaves `statement` may be read: by what catches it, or elsewhere."""
    around = facts.around(statement) or facts.module
    if _is_seen_elsewhere(name, statement, around):
        return True
    node = facts.parent(statement)
    while node is not None and node is not around:
        if isinstance(node, (cst.Try, cst.TryStar, cst.With)):  # a manager may swallow the error
            return is_read_after(name, statement, facts)
        node = facts.parent(node)
    return False


def _is_seen_elsewhere(name: str, statement: cst.CSTNode, around: cst.CSTNode) -> bool:
    """Whether nested functions, importers, or calls that look at all names, see the name at a time that cannot be told."""
    seen = _elsewhere(statement, around)
    return name in seen.names or any(name in its and not _has_own(node, name) for node, its in seen.nested)


def _is_local_by(statement: cst.CSTNode, name: str, around: cst.FunctionDef | None) -> bool:
    """Whether only this statement makes a name a variable of the function, and code beside it, that runs before or instead, asks for it.

    Without the statement that code would look for a global one.
    """
    if around is None or name in {node.name.value for node in children(around.params) if isinstance(node, cst.Param)}:
        return False
    is_asked = False
    stack: list[cst.CSTNode] = [around.body]
    while stack:
        node = stack.pop()
        if node is statement or isinstance(node, cst.BaseComp) and any(name in bound_names(clause.target) for clause in clauses(node)):
            continue
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)) and node.name.value == name or name in bound_by(node):
            return False
        is_asked |= isinstance(node, cst.Name) and node.value == name
        if isinstance(node, (cst.Attribute, cst.Arg)):
            stack.append(node.value)
        elif type(node) not in SCOPES:
            stack += children(node)
    return is_asked


@dataclass(frozen=True)
class _Elsewhere:
    """What code around a statement sees of names at other times: `nested` are functions and classes with what they read."""

    names: Container[str]
    nested: Sequence[tuple[cst.FunctionDef | cst.Lambda | cst.ClassDef, set[str]]] = ()


class _All:
    """All names there are."""

    def __contains__(self, name: object) -> bool:
        return True


@functools.lru_cache(maxsize=4)  # asked of each name of one statement
def _elsewhere(statement: cst.CSTNode, around: cst.CSTNode) -> _Elsewhere:
    names = _exported(around) if isinstance(around, cst.Module) else set()
    nested = []
    stack: list[cst.CSTNode] = [around.body] if isinstance(around, cst.FunctionDef) else [around]
    while stack:
        node = stack.pop()
        if node is statement:
            continue
        kind = type(node)
        if kind is cst.Name and node.value in _SEES_NAMES:  # type: ignore[attr-defined]
            return _Elsewhere(_All())
        if kind in SCOPES:
            nested.append((node, reads(node)))
            continue
        if isinstance(node, (cst.Global, cst.Nonlocal)):
            names.update(item.name.value for item in node.names)
        stack += [node.value] if isinstance(node, (cst.Attribute, cst.Arg)) else children(node)
    return _Elsewhere(names, nested)  # type: ignore[arg-type]


def _exported(module: cst.Module) -> set[str]:
    """The names that `__all__` lists."""
    found: set[str] = set()
    for statement in module.body:
        if "__all__" in reads(statement):
            found |= {str(node.evaluated_value) for node in descend(statement) if isinstance(node, cst.SimpleString)}
    return found


def _has_own(node: cst.FunctionDef | cst.Lambda | cst.ClassDef, name: str) -> bool:
    """Whether a function has a variable of its own of this name."""
    if isinstance(node, cst.ClassDef):
        return False
    params = node.params
    named = [*params.posonly_params, *params.params, *params.kwonly_params]
    if name in [param.name.value for param in named]:
        return not any(name in reads(param.default) for param in named if param.default is not None)
    if isinstance(node, cst.Lambda):
        return False
    outward = (inner for inner in descend(node.body, into_functions=True) if isinstance(inner, (cst.Global, cst.Nonlocal)))
    is_outer = any(name in [item.name.value for item in inner.names] for inner in outward)
    return not is_outer and name in assigned(node.body) and name not in _reads_of_header(node)


def _reads_of_header(node: cst.FunctionDef) -> set[str]:
    """The names that a definition reads where it stands: decorators, defaults, annotations."""
    return set().union(*(reads(part) for part in (*node.decorators, node.params)))


def _after(name: str, below: cst.CSTNode, node: cst.CSTNode) -> _Fate:
    """The fate of the name in what `node` does once `below`, a child of it, is done."""
    match node:
        case cst.IndentedBlock(body=body) | cst.Module(body=body):
            place = next(number for number, statement in enumerate(body) if statement is below)
            return _sequence(name, body[place + 1:])
        case cst.For(body=body, orelse=orelse, target=target):
            if below is body:
                again = _Fate.KEPT if name in bound_names(target) else _block(name, body)
                return _first(again if again is _Fate.READ else _Fate.KEPT, _block(name, orelse))
            return _Fate.KEPT
        case cst.While(test=test, body=body, orelse=orelse):
            again = _Fate.READ if name in reads(test) else _block(name, body)
            return _first(again if again is _Fate.READ else _Fate.KEPT, _block(name, orelse)) if below is body else _Fate.KEPT
        case cst.Try() | cst.TryStar():
            later = [*node.handlers, node.orelse, node.finalbody] if below is node.body else [node.finalbody]
            return _Fate.READ if any(part is not None and name in reads(part) for part in later) else _Fate.KEPT
        case cst.ClassDef():
            return _Fate.READ
        case _:
            return _Fate.KEPT


def _first(*fates: _Fate) -> _Fate:
    return next((fate for fate in fates if fate is not _Fate.KEPT), _Fate.KEPT)


def _block(name: str, block: cst.CSTNode | None) -> _Fate:
    match block:
        case None:
            return _Fate.KEPT
        case cst.IndentedBlock(body=body):
            return _sequence(name, body)
        case cst.Else(body=body) | cst.Finally(body=body):
            return _block(name, body)
        case cst.If():
            return _statement(name, block)
        case _:
            return _Fate.READ if name in reads(block) else _Fate.KEPT


def _sequence(name: str, statements: Sequence[cst.CSTNode]) -> _Fate:
    for statement in statements:
        fate = _statement(name, statement)
        if fate is not _Fate.KEPT:
            return fate
        if isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[-1], (cst.Return, cst.Raise, cst.Break, cst.Continue)):
            break
    return _Fate.KEPT


def _statement(name: str, statement: cst.CSTNode) -> _Fate:
    match statement:
        case cst.SimpleStatementLine(body=body):
            return _first(*(_small(name, small) for small in body))
        case cst.If(test=test, body=body, orelse=orelse):
            if name in reads(test):
                return _Fate.READ
            branches = [_block(name, body), _block(name, orelse)]
            if _Fate.READ in branches:
                return _Fate.READ
            return _Fate.REPLACED if branches == [_Fate.REPLACED] * 2 else _Fate.KEPT
        case cst.For(target=target, iter=iterable, body=body, orelse=orelse):
            inner = _Fate.KEPT if name in bound_names(target) else _block(name, body)
            is_read = name in reads(iterable) or _Fate.READ in (inner, _block(name, orelse))
            return _Fate.READ if is_read else _Fate.KEPT
        case cst.With(items=items, body=body):
            if any(name in reads(item.item) for item in items):
                return _Fate.READ
            bound = [one for item in items if item.asname is not None for one in bound_names(item.asname.name)]
            inner = _Fate.REPLACED if name in bound else _block(name, body)
            return inner if inner is _Fate.READ or all(_opens(item.item) for item in items) else _Fate.KEPT
        case _:
            return _Fate.READ if name in reads(statement) else _Fate.KEPT


def _opens(manager: cst.BaseExpression) -> bool:
    """Whether a context manager is an open file; another one may swallow the error that keeps a name from being bound."""
    match manager:
        case cst.Call(func=cst.Name("open") | cst.Attribute(attr=cst.Name("open"))):
            return True
        case _:
            return False


def _small(name: str, statement: cst.CSTNode) -> _Fate:
    match statement:
        case cst.Assign(targets=targets, value=value):
            plain = [one for target in targets for one in bound_names(target.target)]
            others = {n.value for target in targets for n in descend(target) if isinstance(n, cst.Name)} - set(plain)
            if name in reads(value) or name in others:
                return _Fate.READ
            return _Fate.REPLACED if name in plain else _Fate.KEPT
        case cst.AnnAssign(target=cst.Name(value=bound), value=cst.BaseExpression() as value) if bound == name:
            return _Fate.READ if name in reads(value) else _Fate.REPLACED
        case cst.Import() | cst.ImportFrom():
            return _Fate.KEPT
        case _:
            return _Fate.READ if name in reads(statement) else _Fate.KEPT

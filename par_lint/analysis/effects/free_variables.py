"""Free variables: the names and attributes that a piece of code reads, also through calls of the file."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.dataflow import dotted_names as standard
from par_lint.analysis.semantics.scopes import Class, Function
from par_lint.analysis.syntax.expression_names import dotted, read_paths
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.memo import memoized_for_last

_VIEWS = frozenset({"iter", "zip", "map", "filter", "enumerate", "reversed", "islice", "chain", "tee", "cycle", "pairwise", "groupby", "takewhile", "dropwhile"})
"""Calls that return another view of their argument."""


@dataclass
class FreeVariables:
    """Dotted names, and attribute names, because an object may have several names."""

    paths: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    nodes: tuple[cst.CSTNode, ...] = ()  # the code that reads them

    def names(self, path: str) -> bool:
        """Return whether a change of `path` is visible under this very name."""
        return any(name == path or name.startswith(path + ".") or path.startswith(name + ".") for name in self.paths)

    def alias_affected_by(self, path: str, aliases: frozenset[str]) -> str | None:
        """Return the other name under which a change of `path` could be visible; `aliases` are the aliases of its object."""
        root, dot, rest = path.partition(".")
        for alias in sorted(aliases):
            if self.names(alias + dot + rest):
                return alias + dot + rest
        attribute = path.rpartition(".")[2] if dot else None
        return attribute if attribute in self.attributes else None


def find_free_variables(nodes: Iterable[cst.CSTNode], own: set[str], facts: Facts) -> FreeVariables:
    """Return what code reads, itself and through functions of the file, except the iteration's `own` names."""
    nodes = tuple(nodes)
    found = FreeVariables(nodes=nodes)
    for node in nodes:
        found.paths |= {path for path in read_paths(node) if path.partition(".")[0] not in own}
    _Walk(facts, found).over(nodes, own)
    return found


def lazily_evaluated_parts(node: cst.BaseExpression, facts: Facts) -> list[cst.CSTNode]:
    """Return the parts of an iterable that are evaluated for each item, instead of once before the first."""
    match node:
        case cst.Name() | cst.Attribute():
            return [node]
        case cst.Call(func=cst.Name(value="enumerate" | "zip" | "reversed" | "iter" | "filter" | "map"), args=args):
            return [part for arg in args for part in lazily_evaluated_parts(arg.value, facts)]
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name("items" | "keys" | "values"))):
            return [value]
        case cst.Call() if isinstance(function := facts.callee(node), Function) and function.is_generator:
            return [node]
        case cst.GeneratorExp() | cst.Lambda():
            return [node]
        case _:
            return []


def aliases_of(path: str, at: cst.CSTNode, facts: Facts) -> frozenset[str]:
    """Return the aliases of a name, by plain assignments around a node, `rows = paths`, and by calls of its function."""
    around = facts.enclosing_function(at)
    graphs = [_aliases(facts.module, facts), *([_aliases(around, facts)] if around is not None else [])]
    root = path.partition(".")[0]
    found, pending = {root}, [root]
    while pending:
        name = pending.pop()
        more = set().union(*(graph.get(name, ()) for graph in graphs)) - found
        found |= more
        pending += more
    return frozenset(found - {root})


@memoized_for_last
def _aliases(around: cst.Module | cst.FunctionDef, facts: Facts) -> dict[str, set[str]]:
    """Return the aliases of names: from assignments, and from the arguments of calls."""
    found: dict[str, set[str]] = {}
    for one, other in _pairs(around, facts):
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found


def _pairs(around: cst.Module | cst.FunctionDef, facts: Facts) -> Iterator[tuple[str, str]]:
    for node in descend(around.body if isinstance(around, cst.FunctionDef) else around):
        if isinstance(node, cst.Assign):
            for target in node.targets:
                yield from _is_alias(target.target, node.value)
    function = facts.function(around) if isinstance(around, cst.FunctionDef) else None
    for site in facts.calls_of(function) if function is not None else ():
        assert function is not None
        given = [*zip(function.explicit_parameters, site.node.args), *((keyword.arg, keyword.value) for keyword in site.node.keywords)]
        yield from ((name, value.id) for name, value in given if name is not None and isinstance(value, ast.Name))


def _is_alias(target: cst.CSTNode, value: cst.CSTNode) -> set[tuple[str, str]]:
    match target, value:
        case cst.Name(value=name), cst.Subscript(value=inner):
            while isinstance(inner, cst.Subscript):
                inner = inner.value
            source = dotted(inner)
            return {(source, name)} if source is not None else set()
        case cst.Name(value=name), cst.Call(func=func, args=args) if (dotted(func) or "").rpartition(".")[2] in _VIEWS:
            return {(source, name) for arg in args if (source := dotted(arg.value)) is not None}
        case cst.Name(value=name), _ if (source := dotted(value)) is not None:
            return {(source, name)}
        case (cst.Tuple() | cst.List()), (cst.Tuple() | cst.List()):
            return set().union(*(_is_alias(one.value, other.value) for one, other in zip(target.elements, value.elements)))
        case _:
            return set()


@dataclass(frozen=True)
class _Reads:
    """What the body of a function reads itself: dotted names, and attribute names; and what it calls, or runs by reading an attribute."""

    paths: frozenset[str]
    attributes: frozenset[str]
    callees: Sequence[object]


@memoized_for_last
def _reads_of(function: Function, facts: Facts) -> _Reads:
    """Return what a function of the file reads, on the standard tree; nothing for a lambda."""
    if not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return _Reads(frozenset(), frozenset(), ())
    body = function.node.body
    own = set(function.bindings) | set(function.parameters)
    paths = frozenset(path for path in standard.read_paths(body) if path.partition(".")[0] not in own)
    own = set(function.bindings) - set(function.parameters)
    attributes: set[str] = set()
    callees: list[object] = []
    for node in walk(*body):
        if isinstance(node, ast.Call):
            callees.append(facts.known.callee(node))
        elif isinstance(node, ast.Attribute):
            path = standard.dotted(node)
            if path is not None and path.partition(".")[0] not in own:
                attributes.add(node.attr)
            callees += facts.properties(node.attr)
    return _Reads(paths, frozenset(attributes), [one for one in callees if isinstance(one, (Function, Class))])


class _Walk:
    """Collects what code reads, also in the functions of the file, which are analysed on the standard tree."""

    def __init__(self, facts: Facts, found: FreeVariables) -> None:
        self.facts = facts
        self.found = found
        self.seen: set[Function] = set()

    def over(self, nodes: Iterable[cst.CSTNode], own: set[str]) -> None:
        for node in nodes:
            for inner in self.facts.descendants(node):
                kind = type(inner)
                if kind is cst.Call:
                    self.enter(self.facts.callee(inner))  # type: ignore[arg-type]
                elif kind is cst.Attribute:
                    self.look_at(dotted(inner), inner.attr.value, own)  # type: ignore[attr-defined]

    def look_at(self, path: str | None, name: str, own: set[str]) -> None:
        if path is not None and path.partition(".")[0] not in own:
            self.found.attributes.add(name)
        for function in self.facts.properties(name):
            self.enter(function)

    def enter(self, callee: object) -> None:
        """Add what a function of the file reads, itself and through those that it calls."""
        pending = [callee]
        while pending:
            one = pending.pop()
            if isinstance(one, Class):
                one = self.facts.resolver.attribute(one, "__init__")
            if isinstance(one, Function) and one not in self.seen:
                self.seen.add(one)
                reads = _reads_of(one, self.facts)
                self.found.paths |= reads.paths
                self.found.attributes |= reads.attributes
                pending += reads.callees

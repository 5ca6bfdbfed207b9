"""What a lazy iterable reads during the loop: generators, filters and mapped functions read files, or send requests, item by item."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from par_lint.analysis.effects.function_values import FunctionValues
from par_lint.analysis.effects.interference import FILE_KINDS, Interference
from par_lint.analysis.effects.pure_names import PURE_METHODS
from par_lint.analysis.effects.special_methods import special_methods_by_node_type
from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.iterables import COPIES
from par_lint.analysis.semantics.ast_walk import children, walk
from par_lint.analysis.semantics.dataflow.code_patterns import LoopNode
from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.analysis.semantics.values import LocalObject, Named, Value
from par_lint.core.catalog.entry import Entry, Kind, Trait
from par_lint.core.memo import memoized_for_last

_AT_ONCE = frozenset({"os.listdir", "glob.glob"})
_GIVING_DATA = PURE_METHODS | {"json", "group", "groups"}
"""Methods of data, or that return all of it together."""
_READING_ON = (Trait.RETURNS_ITERATOR, Trait.GIVES_PARTS, Trait.READS_LATER)
_CHANGES_IN_PLACE = re.compile(r"a[bt+]*|[rwx][bt]*\+[bt]*")
_WAYS = {**dict.fromkeys((*FILE_KINDS, Kind.SUBPROCESS), Interference.FILES), Kind.NETWORK: Interference.SERVER}


def read_by_iterable(loop: LoopNode, scope: Scope, facts: Facts, *, is_flattened: bool) -> Interference:
    """Return what the iterable of a loop depends on whenever it gives an item. What is evaluated before the first item does not count.

    `is_flattened`: the loop is read as one with the loop in it, over whose iterable it goes for each item.
    """
    reads = _LazyReads(facts)
    if isinstance(loop, (ast.For, ast.AsyncFor)):
        reads.lazy(loop.iter, scope)
        for inner in loop.body if is_flattened else ():
            if isinstance(inner, ast.For):
                reads.evaluated(inner.iter, scope)
        return reads.ways
    reads.lazy(loop.generators[0].iter, scope)
    for number, clause in enumerate(loop.generators):
        for part in (*clause.ifs, *([clause.iter] if number else ())):
            reads.evaluated(part, scope)
    return reads.ways


class _LazyReads:
    """Walks the parts of an iterable that are evaluated item by item, and the functions of the file that they call."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.values = FunctionValues(facts)
        self.ways = Interference.NONE
        self._special = special_methods_by_node_type(facts)
        self._done: set[Function] = set()
        self._iterated: set[Function] = set()
        self._seen: set[int] = set()

    def lazy(self, node: ast.AST, scope: Scope) -> None:
        """Add what an expression reads while it is iterated over."""
        if id(node) in self._seen:
            return
        self._seen.add(id(node))
        match node:
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.Constant():
                pass  # complete before the first item
            case ast.GeneratorExp(elt=elt, generators=[first, *others]):
                self.lazy(first.iter, scope)
                for part in (elt, *first.ifs, *others):
                    self.evaluated(part, scope)
            case ast.Call():
                self._call(node, scope)
            case ast.Name(id=name):
                for value in self.values.values_of_name(name, scope) or self._some_bound(name, scope):
                    self.lazy(value, scope)
            case ast.Attribute():
                for value, at in self.values.values_given_for(node, scope):
                    self.lazy(value, at)
                for function in self.facts.properties(node.attr):
                    self._iterated_result(function)
            case _:
                for child in children(node):
                    self.lazy(child, scope)

    def _some_bound(self, name: str, scope: Scope) -> Iterator[ast.expr]:
        """Yield the known values of a name that has unknown ones as well."""
        found = scope.find(name)
        yield from (value for one in (found[1] if found is not None else ()) if isinstance(value := getattr(one, "value", None), ast.expr))

    def _call(self, node: ast.Call, scope: Scope) -> None:
        """Add what iterating over the result of a call reads."""
        if isinstance(node.func, ast.Name) and node.func.id in COPIES and scope.find(node.func.id) is None:
            return
        callee = self.facts.known.callee(node)
        given = (*node.args, *(keyword.value for keyword in node.keywords))
        for function in self._functions(node.func, callee):
            self._iterated_result(function)
        entry = self.facts.known.entry(node)
        if entry is not None and entry.name not in _AT_ONCE and entry.kind in (Kind.LISTING, Kind.NETWORK):
            self.ways |= _WAYS[entry.kind]
        elif entry is not None and _reads_on(entry, self.facts) and _appends(self.facts):
            self.ways |= Interference.FILES
        for found in self.values.resolve_values(given, scope):  # functions that are mapped, or that filter
            self._called_value(found)
        gives_data = entry is not None and not _reads_on(entry, self.facts) and entry.kind in _WAYS
        for value in given if not gives_data else ():
            self.lazy(value, scope)
        if isinstance(node.func, ast.Attribute) and node.func.attr not in _GIVING_DATA:
            self.lazy(node.func.value, scope)

    def _functions(self, func: ast.expr, callee: Value | None) -> list[Function]:
        match callee:
            case Function():
                return [callee]
            case Class() | LocalObject():
                cls = callee if isinstance(callee, Class) else callee.cls
                return [method for method in self.facts.index.functions if method.owner is cls]
            case None:
                return list(self.facts.methods(func.attr)) if isinstance(func, ast.Attribute) else []
            case _:
                return []

    def _iterated_result(self, function: Function) -> None:
        """Add what iterating over the result of a function reads: all of a generator, else what the returned iterable reads."""
        if function.is_generator or function.owner is not None and function.name.startswith("__"):
            self._function(function)
            return
        if function in self._iterated:
            return
        self._iterated.add(function)
        for node in walk(function.node):
            if type(node) is ast.Return and node.value is not None:
                self.lazy(node.value, function)

    def _called_value(self, found: Value | str) -> None:
        match found:
            case Function():
                self._function(found)
            case Class() | LocalObject():
                for method in self._functions(ast.Name(""), found):
                    self._function(method)
            case Named(name=name):
                entry = self.facts.resolver.catalog.find(name)
                self.ways |= _WAYS.get(entry.kind, Interference.NONE) if entry is not None else Interference.NONE
            case str():
                self._by_name(found)
            case _:
                pass

    def _by_name(self, name: str) -> None:
        """Add what a method of an unknown object reads: one of a class of the file, or of a path."""
        for method in self.facts.methods(name):
            self._function(method)
        entry = self.facts.resolver.catalog.find(f"pathlib.Path.{name}") if name not in _GIVING_DATA else None
        self.ways |= _WAYS.get(entry.kind, Interference.NONE) if entry is not None else Interference.NONE

    def _function(self, function: Function) -> None:
        if function in self._done:
            return
        self._done.add(function)
        body = function.node.body  # type: ignore[attr-defined]
        for part in body if isinstance(body, list) else [body]:
            self.evaluated(part, function)

    def evaluated(self, part: ast.AST, scope: Scope) -> None:
        """Add what code reads that runs for an item."""
        special = self._special
        for node in walk(part):
            for function in special.get(type(node), ()):
                self._function(function)
            if isinstance(node, ast.Attribute):
                for function in self.facts.properties(node.attr):
                    self._function(function)
            elif isinstance(node, (ast.For, ast.comprehension)):
                self.lazy(node.iter, scope)
            elif isinstance(node, ast.YieldFrom):
                self.lazy(node.value, scope)
            elif isinstance(node, ast.Call):
                self._evaluated_call(node, scope)

    def _evaluated_call(self, node: ast.Call, scope: Scope) -> None:
        site = self.facts.known.site(node)
        at = site.scope if site is not None else scope
        callee = self.facts.known.callee(node)
        entry = self.facts.known.entry(node)
        self.ways |= _WAYS.get(entry.kind, Interference.NONE) if entry is not None else Interference.NONE
        for function in self._functions(node.func, callee):
            self._function(function)
        if callee is None and isinstance(node.func, ast.Attribute):
            self._by_name(node.func.attr)
        elif callee is None and isinstance(node.func, ast.Name):
            for found in self.values.resolve_values(self.values.values_of_name(node.func.id, at) or (), at):
                self._called_value(found)
        for found in self.values.resolve_values((*node.args, *(keyword.value for keyword in node.keywords)), at):
            self._called_value(found)


def _reads_on(entry: Entry, facts: Facts) -> bool:
    """Whether a call returns an object that goes on reading an open file."""
    has = facts.resolver.catalog.has_trait
    is_of_handle = has(entry.name, Trait.READS_HANDLE) and not has(entry.name, Trait.READS_ALL)
    return is_of_handle or any(has(entry.name, trait) for trait in _READING_ON)


@memoized_for_last
def _appends(facts: Facts) -> bool:
    """Whether the file opens any file to append to it, or to change it in place: it may be one that is open for reading."""
    for site in facts.index.calls:
        for value in (*site.node.args[:2], *(keyword.value for keyword in site.node.keywords if keyword.arg == "mode")):
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and _CHANGES_IN_PLACE.fullmatch(value.value):
                return True
    return False

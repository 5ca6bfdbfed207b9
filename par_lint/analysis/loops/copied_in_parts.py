"""A reason to exclude a loop: it copies parts of each item to one shared output while it still reads the item."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Sequence

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.reached_calls import loop_record
from par_lint.analysis.semantics.access_path import access_path, last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.dataflow.code_patterns import LoopNode, loop_targets, repeated_parts
from par_lint.analysis.semantics.dataflow.dotted_names import bound_names
from par_lint.analysis.semantics.dataflow.symbols import OPEN_FILE, open_mode
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.loop_variance import mentioned_names
from par_lint.analysis.semantics.scopes import Function, Scope
from par_lint.analysis.semantics.values import Named
from par_lint.core.catalog.entry import Kind, Trait

_TERMINALS = frozenset({"stdout", "stderr", "tqdm", "pbar", "progress", "bar", "log", "logger", "console", "terminal"})
"""Words in names of outputs that only report progress."""
_READING = frozenset({"read", "read1", "readline", "readinto", "recv", "next"})
_READING_ALL = frozenset({"read", "readlines", "readall", "fetchall", "getvalue", "splitlines"})


def streamed_output(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Return the reason if parts of the item's file are written to an output from outside the loop while the file is read."""
    loop = loop_record(site, facts)
    if loop is None or isinstance(loop.node, ast.Call) or any(work.entry.kind is not Kind.FILE for work in site.io_calls):
        return None
    streams = _Streams(loop.node, loop.scope, facts)
    call = next(streams.written(), None)
    return Exclusion("what it reads is written to one file on the way", facts.call_node(call) or site.node, call.lineno) if call is not None else None


class _Streams:
    """The files that one iteration reads part by part, and what it writes meanwhile."""

    def __init__(self, node: LoopNode, scope: Scope, facts: Facts) -> None:
        self._body = repeated_parts(node)
        self._scope = scope
        self._facts = facts
        self._own = {*loop_targets(node), *(name for part in self._body for name in _bound_in(part))}

    def written(self) -> Iterator[ast.Call]:
        """Yield the calls that write to an outer output while a file of the iteration is read."""
        for node in walk(*self._body):
            match node:
                case ast.For(iter=iterable, body=body) if self._is_read_on(iterable):
                    yield from self._writes_in(body)
                case ast.While(test=test, body=body) if any(self._reads_part(inner) for inner in walk(test, *body)):
                    yield from self._writes_in(body)
                case ast.ListComp(elt=elt, generators=clauses) if any(self._is_read_on(clause.iter) for clause in clauses):
                    yield from self._writes_in([elt])
                case ast.Call() if self._writes(node) and any(self._is_read_on(value) for value in node.args):
                    yield node
                case _:
                    pass

    def _writes_in(self, body: Sequence[ast.AST]) -> Iterator[ast.Call]:
        return (node for node in walk(*body) if isinstance(node, ast.Call) and self._writes(node))

    def _writes(self, call: ast.Call) -> bool:
        """Whether a call writes to an output from outside the loop: `out.write(x)`, `print(x, file=out)`, `json.dump(x, out)`."""
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr.startswith("write") and self._is_outer(func.value):
            return not self._facts.known.is_in_memory(func.value, self._scope)
        given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg in ("file", "fp", "stream"))]
        return any(isinstance(one, ast.Name) and self._is_outer(one) and self._facts.known.is_open_file(one, self._scope) for one in given)

    def _is_outer(self, output: ast.expr) -> bool:
        path = access_path(output)
        if path[0] in self._own and not any(self._is_opened_again(value) for value in self._values_of(path[0])):
            return False
        return path[0].isidentifier() and not any(words(step) & _TERMINALS for step in path)

    def _is_opened_again(self, value: ast.expr) -> bool:
        """Whether a value is the file of all iterations, to which each adds."""
        return isinstance(value, ast.Call) and "a" in open_mode(value) and mentioned_names(value).isdisjoint(self._own)

    def _is_read_on(self, node: ast.expr, depth: int = 4) -> bool:
        """Whether iterating over an expression reads a file of the iteration in parts."""
        if not depth:
            return False
        match node:
            case ast.Name(id=name) if name in self._own:
                return self._facts.known.is_open_file(node, self._scope) or any(self._is_read_on(value, depth - 1) for value in self._values_of(name))
            case ast.Starred(value=value):
                return self._is_read_on(value, depth - 1)
            case ast.Call():
                return self._gives_parts(node, depth - 1)
            case ast.GeneratorExp(generators=clauses):
                return any(self._is_read_on(clause.iter, depth - 1) for clause in clauses)
            case _:
                return False

    def _gives_parts(self, call: ast.Call, depth: int) -> bool:
        """Whether a call returns a lazy reader: an open file, a parser of one, or a generator."""
        known = self._facts.known
        if known.result(call) == OPEN_FILE:
            return not mentioned_names(call).isdisjoint(self._own)
        callee = known.callee(call)
        if isinstance(callee, Function):
            return callee.is_generator and not mentioned_names(call).isdisjoint(self._own) and self._opens(callee)
        if isinstance(callee, Named):
            entry, has_trait = known.entry(call), self._facts.resolver.catalog.has_trait
            is_reader = has_trait(callee.name, Trait.GIVES_PARTS) or has_trait(callee.name, Trait.READS_LATER)
            if callee.name in _EXHAUSTING or not is_reader and (entry is not None and entry.kind is Kind.FILE or has_trait(callee.name, Trait.READS_ALL)):
                return False
        func = call.func
        if isinstance(func, ast.Attribute) and (func.attr in _READING_ALL or func.attr.startswith("read_") or isinstance(func.value, ast.Call)):
            return False
        given = [*call.args, *([func.value] if isinstance(func, ast.Attribute) else [])]
        return any(self._is_read_on(one, depth) or isinstance(one, (ast.Lambda, ast.Call)) and any(map(self._reads_part, walk(one))) for one in given)

    def _opens(self, generator: Function) -> bool:
        """Whether a generator of the file opens a file, or iterates over one that it is given."""
        return any(self._facts.known.result(call.node) == OPEN_FILE for call in generator.calls)

    def _reads_part(self, node: ast.AST) -> bool:
        """Whether a call reads the next part of a file of the iteration: `f.read(n)`, `f.readline()`, `next(f)`."""
        match node:
            case ast.Call(func=func, args=[ast.Attribute(value=ast.Name() as file, attr=method), *_]) if last_name(func) == "partial":
                return method in _READING and self._is_own_file(file)
            case ast.Call(func=ast.Attribute(value=ast.Name() as file, attr=method)):
                return method in _READING and self._is_own_file(file)
            case ast.Call(func=ast.Name("next"), args=[ast.Name() as file, *_]):
                return self._is_own_file(file)
            case _:
                return False

    def _is_own_file(self, node: ast.Name) -> bool:
        return node.id in self._own and self._is_read_on(node)

    def _values_of(self, name: str) -> Sequence[ast.expr]:
        """Return the values that one iteration binds to a name."""
        return self._values.get(name, ())

    @functools.cached_property
    def _values(self) -> dict[str, list[ast.expr]]:
        found: dict[str, list[ast.expr]] = {}
        for node in walk(*self._body):
            match node:
                case ast.Assign(targets=targets, value=value):
                    for name in {one.id for one in targets if isinstance(one, ast.Name)}:
                        found.setdefault(name, []).append(value)
                case ast.withitem(context_expr=value, optional_vars=ast.Name(id=bound)):
                    found.setdefault(bound, []).append(value)
                case _:
                    pass
        return found


_EXHAUSTING = frozenset({"list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max", "bytes", "bytearray", "str", "len", "any", "all"})
"""Built-ins that take all parts of their argument before they return."""


def _bound_in(part: ast.AST) -> Iterator[str]:
    """Yield the names that a part of a loop's body binds."""
    for node in walk(part):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.comprehension(target=target):
                yield from bound_names(target)
            case _:
                pass

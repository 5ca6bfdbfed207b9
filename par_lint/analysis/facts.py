"""The facts that rules need about the nodes of a slice: the index and the resolver of the file, by LibCST node."""

from __future__ import annotations

import ast
import builtins
import functools
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import libcst as cst

from par_lint.analysis.gate.candidates import THREADS
from par_lint.analysis.gate.missing_timeouts import MissingTimeout, find_missing_timeouts
from par_lint.analysis.gate.slices import Slice, slice_function
from par_lint.analysis.semantics.access_path import access_path, last_name
from par_lint.analysis.semantics.bindings import Assigned, Import
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.dataflow.body_summary import Change
from par_lint.analysis.semantics.dataflow.symbols import definition_around, open_mode, symbols_of
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.known_sizes import known_size
from par_lint.analysis.semantics.made_properties import properties_made
from par_lint.analysis.semantics.scopes import CallSite, Function, Scope
from par_lint.analysis.semantics.values import Named, Object, Value
from par_lint.analysis.syntax.ast_mapping import AstMapping
from par_lint.analysis.syntax.expression_names import UNBINDING, assigned, deleted, dotted
from par_lint.analysis.syntax.nodes import SCOPES, Span, descend
from par_lint.analysis.syntax.parents import NodeTree
from par_lint.analysis.syntax.parsed_slice import ParsedSlice
from par_lint.analysis.syntax.parser import parse_module
from par_lint.core.catalog.entry import Entry, Sharing
from par_lint.core.deep_recursion import should_retry_with_deep_stack
from par_lint.core.internal_errors import UnknownGrammar

_Node = TypeVar("_Node", bound=cst.CSTNode)
_Result = TypeVar("_Result")


class Facts:
    """Facts about one parsed slice of a file."""

    def __init__(
        self, index: FileIndex, resolver: Resolver, piece: Slice, lines: Sequence[str], module: cst.Module, runtime: str | None = None,
        project: Resolver | None = None,
    ) -> None:  # fmt: skip
        self.index = index
        self.resolver = resolver
        self.project = project or resolver
        """The same, through the other modules of the project: for what is reported. Only the file itself shows that a fix is safe."""
        self.module = module
        self.runtime = runtime
        self.lines = lines
        self.failures: dict[int, tuple[cst.CSTNode, Exception]] = {}
        """Internal errors with the node at which they occurred, by line."""
        self.answers: dict[tuple[object, ...], Any] = {}
        """Memoized results of other analyses of the slice."""
        self._slice = ParsedSlice(piece, module, lines, index)
        self._is_whole = piece.is_whole
        self.known = symbols_of(resolver)
        self.counterparts = AstMapping(self._slice, index)
        self._apart: dict[Function, ParsedSlice | None] = {}
        self._homes: dict[int, ParsedSlice] = {}  # the parsed slices of functions that were parsed separately
        self._around: dict[int, cst.FunctionDef | None] = {}
        self._assigned: dict[cst.CSTNode, frozenset[str]] = {}
        self._kinds: dict[cst.CSTNode, frozenset[type]] = {}

    @property
    def tree(self) -> NodeTree:
        """All code nodes of the slice."""
        return self._slice.tree

    def _home(self, node: cst.CSTNode) -> ParsedSlice:
        """Return the parsed slice that contains a node."""
        return self._homes.get(id(node), self._slice)

    def descendants(self, node: cst.CSTNode) -> Sequence[cst.CSTNode]:
        """Return a node and all its descendants in source order, like `descend` into functions, without a walk."""
        tree = self._home(node).tree
        reach = tree.reach(node)
        return tree.nodes[reach.start:reach.stop] if reach else list(descend(node, into_functions=True))

    def named_below(self, node: cst.CSTNode, name: str) -> Sequence[cst.Name]:
        """Return the occurrences of a variable in a node."""
        return self._home(node).tree.named_below(node, name)

    def own_descendants(self, node: cst.CSTNode) -> Sequence[cst.CSTNode]:
        """Return the same without the bodies of nested functions, lambdas and classes."""
        return self.descendants(node) if self.node_types(node).isdisjoint(SCOPES) else list(descend(node))

    def node_types(self, node: cst.CSTNode) -> frozenset[type]:
        """Return the classes of a node and all its descendants: what none of them is need not be searched for."""
        found = self._kinds.get(node)
        if found is None:
            found = self._kinds[node] = frozenset(map(type, self.descendants(node)))
        return found

    def assigned(self, node: cst.CSTNode) -> frozenset[str]:
        """Return the names that a piece of code binds in its own scope, or in comprehensions and lambdas."""
        found = self._assigned.get(node)
        if found is None:
            found = self._assigned[node] = frozenset(assigned(node, self.own_descendants(node)))
        return found

    def deleted(self, node: cst.CSTNode) -> frozenset[str]:
        """Return the names that a piece of code unbinds in its own scope."""
        return frozenset(deleted(self.own_descendants(node))) if not self.node_types(node).isdisjoint(UNBINDING) else frozenset()

    def all_of(self, *kinds: type[_Node]) -> Sequence[_Node]:
        """Return the nodes of the slice of exactly these classes, in source order."""
        return self.tree.all_of(*kinds)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the parent of a node."""
        return self._home(node).tree.parent(node)

    def catch_internal_error(self, node: cst.CSTNode, look: Callable[[], _Result]) -> _Result | None:
        """Return `look()`. An internal error is recorded for `node`, and does not affect other places."""
        try:
            return look()
        except Exception as error:
            if should_retry_with_deep_stack(error):
                raise
            self.failures.setdefault(self.line(node), (node, error))
            return None

    def position(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return line and column (1-based, in characters) of a node's first character, in the file."""
        line, column, _, _ = self.span(node)
        return line, column + 1

    def line(self, node: cst.CSTNode) -> int:
        """Return the line of the file at which a node starts."""
        return self.span(node)[0]

    def span(self, node: cst.CSTNode) -> Span:
        """Return the span of a node in lines of the file; a node without a position has that of its first child."""
        return self._home(node).span(node)

    # Calls --------------------------------------------------------------------------------------------------------

    def site(self, call: cst.Call) -> CallSite | None:
        """Return the index's record of a call."""
        return self._home(call).sites.get(id(call))

    def callee(self, call: cst.Call) -> Value | None:
        """Return the callee of a call."""
        site = self.site(call)
        return self.resolver.callee(site) if site is not None else None

    def name(self, call: cst.Call) -> str | None:
        """Return the qualified name of a callee, as in the catalogue."""
        callee = self.callee(call)
        return self.resolver.catalog.canonical(callee.name) if isinstance(callee, Named) else None

    def entry(self, call: cst.Call) -> Entry | None:
        """Return the catalogue entry of a call."""
        site = self.site(call)
        return self.resolver.entry(site) if site is not None else None

    def refers_to(self, node: cst.BaseExpression, at: cst.CSTNode) -> Value | None:
        """Return what a plain or dotted name refers to, as seen from a node."""
        path: list[str] = []
        while type(node) is cst.Attribute:
            path.append(node.attr.value)
            node = node.value
        if type(node) is not cst.Name:
            return None
        return self.resolver.value((node.value, *reversed(path)), self.scope(at), self.line(at))

    def sharing(self, call: cst.Call) -> Sharing | None:
        """Return how the receiver of a method call may be shared between threads."""
        entry = self.entry(call)
        name = entry.name if entry is not None else self.name(call)
        return self.resolver.catalog.sharing(name.rpartition(".")[0]) if name is not None else None

    def result_type(self, call: cst.Call) -> str | None:
        """Return the class of a call's result."""
        site = self.site(call)
        value = self.resolver.expression(site.node, site.scope) if site is not None else None
        return value.type if isinstance(value, Object) else None

    def missing_timeouts(self) -> Iterator[tuple[cst.Call, MissingTimeout]]:
        """Yield the calls without a timeout."""
        for found in find_missing_timeouts(self.resolver).values():
            call = self.call_node(found.node)
            if call is not None:
                yield call, found

    def call_node(self, node: ast.Call) -> cst.Call | None:
        """Return the slice's node of a call."""
        return self._slice.calls.get(node)

    def complete_call(self, node: ast.Call) -> cst.Call | None:
        """Return the node of a call, from its separately parsed function if the slice does not contain it."""
        if node in self._slice.calls:
            return self._slice.calls[node]
        site = self.known.site(node)
        function = definition_around(site.scope) if site is not None else None
        apart = self._parsed_apart(function) if function is not None else None
        return apart.calls.get(node) if apart is not None else None

    def changed_node(self, change: Change) -> cst.CSTNode | None:
        """Return the slice's node of a change."""
        return self.counterparts.changed(change.node)

    def calls_of(self, function: Function) -> Sequence[CallSite]:
        """Return the calls of a function in the file, by its name."""
        sites = (*self.index.called(function.name), *self.index.called(""))
        return [site for site in sites if access_path(site.node.func)[-1] == function.name and self.resolver.callee(site) is function]

    # Functions and scopes -----------------------------------------------------------------------------------------

    @functools.cached_property
    def _definitions(self) -> dict[Function, cst.FunctionDef]:
        return {function: node for node in self.all_of(cst.FunctionDef) if (function := self.function(node)) is not None}

    def function(self, node: cst.FunctionDef) -> Function | None:
        """Return the index's record of a function."""
        return self._home(node).functions.get(id(node))

    def properties(self, name: str) -> Sequence[Function]:
        """Return the properties with this name in all classes of the file, and those whose name is not shown."""
        named, unnamed = self._properties.get(name, ()), self._properties.get("", ())
        return [*named, *unnamed] if unnamed else named

    def methods(self, name: str) -> Sequence[Function]:
        """Return the methods with this name in all classes of the file."""
        return self._methods.get(name, ())

    @functools.cached_property
    def _methods(self) -> dict[str, list[Function]]:
        found: dict[str, list[Function]] = {}
        for function in self.index.functions:
            if function.owner is not None:
                found.setdefault(function.name, []).append(function)
        return found

    @functools.cached_property
    def _properties(self) -> dict[str, list[Function]]:
        found: dict[str, list[Function]] = {}
        for function in self.index.functions:
            if function.is_property:
                found.setdefault(function.name, []).append(function)
        for name, value in properties_made(self.index):
            functions = [one for arg in value.args[:1] for one in self.index.functions if one.name == last_name(arg) or one.node is arg]
            found.setdefault(name, []).extend(functions)
        return found

    def definition(self, function: Function) -> cst.FunctionDef | None:
        """Return the slice's node of a function, which may be incomplete."""
        return self._definitions.get(function)

    def body(self, function: Function) -> cst.FunctionDef | None:
        """Return the complete node of a function of this file; None for a lambda. It is parsed separately if necessary."""
        if self._is_whole:
            return self._definitions.get(function)
        parsed = self._parsed_apart(function)
        nodes = parsed.tree.all_of(cst.FunctionDef) if parsed is not None else ()
        return next((node for node in nodes if self.function(node) is function), None)

    def _parsed_apart(self, function: Function) -> ParsedSlice | None:
        """Return a function parsed separately, on first use."""
        if function not in self._apart:
            self._apart[function] = self._parse(function)
        return self._apart[function]

    def _parse(self, function: Function) -> ParsedSlice | None:
        if not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
        piece = slice_function(function.node, self.lines)
        try:
            parsed = ParsedSlice(piece, parse_module(piece.text), self.lines, self.index)
        except UnknownGrammar:  # the function is then treated like an unresolved one
            return None
        self._homes.update(dict.fromkeys(map(id, parsed.tree.nodes), parsed))
        return parsed

    def enclosing_function(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        """Return the function around a node. Cached, because it is needed for each part of a long expression."""
        passed, known = [], self._around
        while id(node) not in known:
            passed.append(id(node))
            above = self.parent(node)
            if above is None and type(node) is not cst.Module:
                return None  # a new node: another one may soon have its identity
            if above is None or type(above) is cst.FunctionDef:
                known[id(node)] = above
                break
            node = above
        found = known[id(node)]
        known.update(dict.fromkeys(passed, found))
        return found

    def enclosing_statement(self, node: cst.CSTNode) -> cst.SimpleStatementLine | cst.BaseCompoundStatement | None:
        """Return the statement around a node before which another statement can be inserted: one in a block or in the module."""
        above = self.parent(node)
        while above is not None and not isinstance(above, cst.Lambda):
            outer = self.parent(above)
            if isinstance(outer, (cst.IndentedBlock, cst.Module)):
                assert isinstance(above, (cst.SimpleStatementLine, cst.BaseCompoundStatement))
                return above
            node, above = above, outer
        return None

    def enclosing_nodes(self, node: cst.CSTNode, kept: Callable[[cst.CSTNode], bool]) -> tuple[cst.CSTNode, ...]:
        """Return the ancestors of a node in the same function or class body for which `kept` is true, outermost first."""
        found: list[cst.CSTNode] = []
        above = self.parent(node)
        while above is not None and type(above) not in SCOPES:
            if kept(above):
                found.append(above)
            above = self.parent(above)
        found.reverse()
        return tuple(found)

    def is_top_level(self, node: cst.CSTNode) -> bool:
        """Return whether a statement is directly in the module."""
        return isinstance(self.parent(node), cst.Module)

    def is_in_class_body(self, node: cst.CSTNode) -> bool:
        """Return whether a node is in a class body, whose names are not visible in nested functions."""
        above = self.parent(node)
        while above is not None and not isinstance(above, (cst.FunctionDef, cst.Lambda)):
            if isinstance(above, cst.ClassDef):
                return True
            above = self.parent(above)
        return False

    def is_first(self, node: cst.CSTNode) -> bool:
        """Return whether a statement is the first of its block."""
        block = self.parent(node)
        return isinstance(block, (cst.IndentedBlock, cst.Module)) and block.body[0] is node

    def scope(self, node: cst.CSTNode) -> Scope:
        """Return the scope that contains a node."""
        above: cst.CSTNode | None = self.enclosing_function(node)
        if isinstance(above, cst.FunctionDef):
            found = self.function(above)
            if found is not None:
                return found
        return self.index.module

    def may_not_exist(self, func: cst.BaseExpression) -> bool:
        """Return whether looking up a function may fail although calling it for no item would not: `toml.load`, if `toml` may be None
        or undefined because its import failed.
        """
        path = dotted(func) or ""
        root, dot, _ = path.partition(".")
        found = self.scope(func).find(root)
        if found is None:
            return False
        if any(isinstance(binding, Import) and self._is_tried(binding.line) for binding in found[1]):
            return True
        return bool(dot) and len(found[1]) > 1 and any(isinstance(binding, Assigned) for binding in found[1])

    def _is_tried(self, line: int) -> bool:
        """Return whether a line of the module is in a `try`."""
        body = self.index.tree.body
        place = bisect_right(body, line, key=lambda node: node.lineno) - 1
        return place >= 0 and isinstance(node := body[place], ast.Try) and node.lineno < line <= (node.end_lineno or 0)

    def comes_from_generator(self, node: cst.Name) -> bool:
        """Return whether a name is bound to the result of a generator function of the file, or to a generator expression."""
        found = self.scope(node).find(node.value)
        for binding in found[1] if found is not None else ():
            match binding:
                case Assigned(value=ast.GeneratorExp()):
                    return True
                case Assigned(value=ast.Call(func=func)):
                    function = self.resolver.value(access_path(func), self.scope(node), self.line(node))
                    if isinstance(function, Function) and function.is_generator:
                        return True
                case _:
                    pass
        return False

    def is_builtin(self, name: str, node: cst.CSTNode) -> bool:
        """Return whether a name, as seen from a node, is a built-in."""
        return self.scope(node).find(name) is None and hasattr(builtins, name)

    def open_mode(self, call: cst.Call) -> str:
        """Return the mode in a call of open, or of a method with that name: `r` by default."""
        site = self.site(call)
        if site is None:
            return "r"
        mode = open_mode(site.node)
        is_unshown = mode == "r" and site.node.args and not isinstance(site.node.args[0], ast.Constant)
        return "?" if is_unshown and self.name(call) == "pathlib.Path.open" else mode

    def is_open_file(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression is an open file or its list of lines."""
        match node:
            case cst.Name(value=name):
                return self.resolver.value((name,), self.scope(node), self.line(node)) == Object("io.File")
            case cst.Call(func=cst.Attribute(attr=cst.Name("readlines"))):
                return True
            case cst.Call(func=cst.Name("enumerate"), args=[first, *_]):
                return self.is_open_file(first.value)
            case cst.Call():
                return self.result_type(node) == "io.File"
            case _:
                return False

    def known_size(self, node: ast.expr, at: cst.CSTNode) -> int | None:
        """Return how many items an iterable has at most, as seen from a node, if the file shows it."""
        return known_size(node, self.scope(at), self.project)

    @functools.cached_property
    def pooled_functions(self) -> frozenset[str]:
        """Return the names of functions that the file passes to a pool, a thread or the runtime."""
        return frozenset(name for name, _ in self._pooled)

    @functools.cached_property
    def pooled_coroutines(self) -> frozenset[str]:
        """Return those that may be names of coroutine functions: a thread that is waited for runs none."""
        return frozenset(name for name, method in self._pooled if method not in _OF_THREADS)

    @functools.cached_property
    def _pooled(self) -> frozenset[tuple[str, str]]:
        """The names of the functions, each with that of what they are passed to."""
        found: set[tuple[str, str]] = set()
        functions = {function.name for function in self.index.functions}
        for site in self.index.calls:
            node, method = site.node, site.name
            is_pool = words(method) & _AT_ONCE or _adds_to_pool(node) or any(keyword.arg in _WORKERS for keyword in node.keywords)
            if not is_pool and method not in _POOL_METHODS and method not in THREADS:
                continue
            if method == "map" and isinstance(node.func, ast.Name):
                continue  # the built-in runs immediately
            targets = [keyword.value for keyword in node.keywords if keyword.arg == "target"]
            given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg in _FUNCTIONS)] if is_pool else []
            handed = [value for value in given if last_name(value) in functions]
            if handed:
                targets += handed
            elif method in _POOL_METHODS and node.args:
                targets.append(node.args[0])
                targets += node.args[1:2] if method == "run_in_executor" else []
            elif method not in THREADS:
                targets = []
            found.update((access_path(target)[-1], method) for target in targets if not self._is_of_a_library(target, site))
        return frozenset(found)

    def _is_of_a_library(self, target: ast.expr, site: CallSite) -> bool:
        """Whether a method is one of an imported class, whatever functions of the file have the same name: `path.open`."""
        return isinstance(target, ast.Attribute) and isinstance(self.resolver.expression(target, site.scope), Named)


def _adds_to_pool(call: ast.Call) -> bool:
    """Whether a method gives work to an object that is called a pool: `pool.add(process, item)`."""
    match call.func:
        case ast.Attribute(value=receiver, attr="add" | "put" | "enqueue" | "schedule" | "add_task" | "add_job"):
            return bool(words(last_name(receiver)) & _POOLS)
        case _:
            return False


_POOLS = frozenset({"pool", "threadpool", "workers", "executor"})
_POOL_METHODS = frozenset({
    "submit", "map", "imap", "imap_unordered", "apply_async", "map_async", "starmap", "to_thread", "run_in_executor", "run_parallel",
    "batch_map", "run_together", "start_soon", "run_sync", "delayed", "thread_map", "process_map", "spawn", "starmap_async", "apply", "imap_async",
})  # fmt: skip
_OF_THREADS = frozenset({"to_thread", "run_in_executor", "run_sync", "Thread", "Process"})
_WORKERS = frozenset({
    "num_workers", "n_workers", "max_workers", "workers", "n_jobs", "num_jobs", "jobs", "njobs", "processes", "num_processes", "n_processes", "nprocs",
    "threads", "num_threads", "n_threads", "max_threads", "nthreads", "concurrency", "max_concurrency", "pool", "executor",
})  # fmt: skip
"""Keywords that say how many call the function which is passed in, or in what: a call with one of them is a pool's."""
_FUNCTIONS = frozenset({"func", "function", "target", "worker", "task", "fn"})
_AT_ONCE = frozenset({"parallel", "parallelize", "concurrently", "multithread", "multithreaded", "multiprocess", "threadpool"})

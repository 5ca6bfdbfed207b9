"""The gate: whether a file can contain a finding at all, decided on the index alone, and around which lines.

These are necessary conditions only: if none is met, LibCST is never imported; if one is met, the rules decide on the slice.
"""

from __future__ import annotations

import ast
import functools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence, Set
from typing import Any

from par_lint.analysis.gate.blocks import lines_of
from par_lint.analysis.gate.missing_timeouts import find_missing_timeouts, handler_lines
from par_lint.analysis.gate.slices import Wanted
from par_lint.analysis.semantics import loop_variance
from par_lint.analysis.semantics.ast_walk import children, walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.io_reachability import handoff_position, reachability_of
from par_lint.analysis.semantics.loop_variance import mentioned_names
from par_lint.analysis.semantics.scopes import CallSite, Class, Function, Loop, Repeating, Scope
from par_lint.analysis.semantics.values import Named
from par_lint.core.catalog import Catalog
from par_lint.core.catalog.entry import Kind
from par_lint.core.memo import memoized, memoized_for_last

THREAD_POOLS = frozenset({"concurrent.futures.ThreadPoolExecutor", "multiprocessing.pool.ThreadPool"})
"""Thread pools."""
PROCESS_POOLS = frozenset({"concurrent.futures.ProcessPoolExecutor", "multiprocessing.Pool"})
EXECUTORS = frozenset({f"concurrent.futures.{name}" for name in ("ThreadPoolExecutor", "ProcessPoolExecutor", "Executor")})
"""Pools that return futures."""
THREAD_STARTERS = frozenset({"asyncio.to_thread", "threading.Thread", "asyncio.Semaphore", "joblib.Parallel"})
"""Calls that start threads, or limit concurrency, without being a pool."""
SUBMITTERS = frozenset({"submit", "map", "imap", "imap_unordered", "apply", "apply_async", "map_async", "starmap", "starmap_async"})
RUNTIME_CALLS = frozenset({"run_parallel", "batch_map"})


_LOOP_METHOD = "run_in_executor"
_GATHER = "gather"
FUTURE_MAKERS = frozenset({"submit", "apply_async"})
FUTURE_WAITS = frozenset({"result", "get"})
TASK_MAKERS = frozenset({"create_task", "ensure_future"})
_TASK_GROUP_METHODS = TASK_MAKERS | {"gather", "start_soon"}
THREADS = frozenset({"Thread", "Process"})
_STARTING = FUTURE_MAKERS | THREADS | _TASK_GROUP_METHODS
"""Names of calls that start work which is waited for later."""
ROW_KINDS = frozenset({Kind.NETWORK, Kind.SUBPROCESS})
MIN_ITEMS = 3
"""The minimum number of items that are worth running concurrently."""
MIN_ROW = 3
"""The minimum number of consecutive calls that are worth running together."""


def is_runtime_call(name: str, runtime: str | None) -> bool:
    """Return whether a qualified name is the runtime: in a module named `parallel`, or in the configured module."""
    module, _, last = name.rpartition(".")
    return last in RUNTIME_CALLS and (module.rpartition(".")[2] == "parallel" or module == runtime)


@memoized_for_last
def candidates_of(resolver: Resolver) -> Candidates:
    """Return the candidates of a file, computed once for the slice and the rules."""
    return Candidates(resolver)


class Candidates:
    """The candidates of one file."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._index = resolver.index
        self._reach = reachability_of(resolver)

    def wanted(self) -> Wanted:
        """Return the parts of the file that rules must see."""
        statements = (lines for lines in self.pools if isinstance(lines, range))
        around = {*self._loops(), *map(lines_of, self.nested_listing_ranges), *self.call_sequence_ranges, *statements}
        functions = frozenset(scope.line for scope in self.pools if isinstance(scope, Function))
        unlimited = find_missing_timeouts(self._resolver)
        alone = [*unlimited, *(found.takes for found in unlimited.values() if found.takes is not None)]
        handlers = handler_lines(self._resolver, unlimited) if unlimited else ()
        return Wanted(list(around), frozenset((*(node.lineno for node in alone), *handlers)), functions)

    @memoized
    def nested_listing_ranges(self) -> frozenset[Repeating]:
        """The loops over folders that may contain a loop over the files of each folder."""
        return frozenset(self._find_nested_listings())

    @memoized
    def call_sequence_ranges(self) -> list[range]:
        """The lines of consecutive calls that may be slow."""
        return list(self._find_call_sequences())

    @memoized
    def pools(self) -> list[Function | range]:
        """The outermost functions that create or use pools; outside functions, the lines of the statements."""
        return list(self._pools())

    def _loops(self) -> Iterator[range]:
        """The lines of loops that may wait for I/O in each iteration."""
        may_start = not _STARTING.isdisjoint(self._index.by_method) or not _STARTING.isdisjoint(self._index.by_name)
        for loop in self._index.loops:
            starts = may_start and _starts_and_waits(loop)
            if (starts or self._reach.may_do_io(loop)) and not self._is_left_alone(loop) and (starts or self._reach.loop(loop) and self._does_own_io(loop)):
                yield lines_of(loop.node)

    def _does_own_io(self, loop: Loop) -> bool:
        """Return whether a loop that reaches I/O does some itself in each iteration. For coroutines the rules decide."""
        if loop.scope.is_in_coroutine:
            return True
        from par_lint.analysis.semantics.dataflow.body_summary import is_worth_a_worker
        from par_lint.analysis.semantics.dataflow.code_patterns import loop_targets
        from par_lint.analysis.semantics.dataflow.data_flow import data_flow_of
        from par_lint.analysis.semantics.dataflow.loop_carried import aliases_in, rules_out_finding

        flow, scope = data_flow_of(self._resolver), self._home(loop.scope)
        if isinstance(loop.node, ast.Call):
            return any(map(is_worth_a_worker, flow.mapped(loop.node, scope).io_calls))
        own = loop_targets(loop.node)
        trace = flow.loop(loop.node, own, scope)
        io_calls = list(filter(is_worth_a_worker, trace.io_calls))
        return bool(io_calls) and not rules_out_finding(trace, io_calls, own, aliases_in(scope, self._resolver))

    def _home(self, scope: Scope) -> Scope:
        """Return the function whose names are followed, or the module."""
        from par_lint.analysis.semantics.dataflow.symbols import definition_around

        return definition_around(scope) or self._index.module

    def _pools(self) -> Iterator[Function | range]:
        for site in self._near_pools():
            if self._makes_pool(site):
                function = _outermost(site.scope)
                yield function if function is not None else self._statement_lines(site.node.lineno)

    def _statement_lines(self, line: int) -> range:
        """Return the lines of the module's statement that contains a line."""
        body = self._index.tree.body
        return lines_of(body[bisect_right(body, line, key=lambda statement: statement.lineno) - 1])

    def _find_nested_listings(self) -> Iterator[Repeating]:
        for inner in self._index.loops:
            outer = inner.outer
            while outer is not None:
                if self._lists_in_turn(outer, inner) and not self._is_left_alone(outer):
                    yield outer.node
                outer = outer.outer

    def _is_left_alone(self, loop: Loop) -> bool:
        """Return whether a loop can exit early or has too few items: no rule reports it, or an outer loop because of it."""
        return isinstance(loop.node, ast.For) and (_is_tiny(loop.node) or _ends_early(loop.node, loop.scope))

    def _lists_in_turn(self, outer: Loop, inner: Loop) -> bool:
        """Return whether a loop may iterate over the files of each folder, or pattern, of the outer loop."""
        if type(outer.node) is not ast.For or type(inner.node) is not ast.For or not inner.calls or outer.scope.is_in_coroutine:
            return False
        if not self._lists(inner) and not self._lists(outer):
            return False
        return not mentioned_names(inner.node.iter).isdisjoint(loop_variance.names_varying_in_loop(outer))

    def _lists(self, loop: Loop) -> bool:
        """Return whether a loop iterates over the result of a listing call."""
        calls = self._index.calls[loop.start:loop.first]
        if isinstance(loop.node, ast.For) and isinstance(loop.node.iter, ast.Name):
            calls = self._made_by(loop.node.iter.id, loop.scope)
        sites = filter(self._resolver.name_filter.is_listed, calls)
        return any(entry is not None and entry.kind is Kind.LISTING for entry in map(self._resolver.entry, sites))

    def _made_by(self, name: str, scope: Scope) -> list[CallSite]:
        """The calls in what a name of a scope is bound to."""
        values = [binding.value for binding in scope.bindings.get(name, ()) if isinstance(binding, Assigned) and binding.value is not None]
        calls = [node for value in values for node in walk(value) if isinstance(node, ast.Call)]
        return [site for call in calls for site in self._index.calls_at(call.lineno) if site.node is call]

    def _makes_pool(self, site: CallSite) -> bool:
        """Return whether a call creates a pool, submits work to it, or is the runtime."""
        if site.name == _LOOP_METHOD:
            return len(site.node.args) > 1
        if site.name == _GATHER:
            return self._resolver.callee(site) == Named("asyncio.gather") and _is_dropped(site)
        callee = self._resolver.callee(site)
        if not isinstance(callee, Named) or not self._is_pool(callee.name):
            return False
        return site.loop is not None or self._resolver.catalog.canonical(callee.name) != "threading.Thread"

    def _near_pools(self) -> Iterator[CallSite]:
        """Yield the calls that may create a pool, submit work to it, or be the runtime, judged by their names."""
        index, name_filter = self._index, self._resolver.name_filter
        yield from index.called(_LOOP_METHOD)
        yield from index.called(_GATHER)
        if name_filter.may_import_from(_roots_to_pools(self._resolver.catalog)) or index.mentions(RUNTIME_CALLS):
            functions = name_filter.called(self._is_pool) - {_LOOP_METHOD}
            for called, names in ((index.by_method, _POOL_TERMINALS), (index.by_name, functions)):
                yield from (site for name in called if name in names for site in called[name])

    def _is_pool(self, called: str) -> bool:
        name = self._resolver.catalog.canonical(called)
        owner, _, last = name.rpartition(".")
        return name in _MAKERS or last in RUNTIME_CALLS or last in SUBMITTERS and owner in _POOLS_AND_EXECUTORS

    def _find_call_sequences(self) -> Iterator[range]:
        if len(self._index.calls) < MIN_ROW or not self._index.imported & self._resolver.catalog.request_and_subprocess_roots:
            return
        for scope in (self._index.module, *self._index.classes, *self._index.functions):
            working = self._resolver.name_filter.possible_io_calls_in(scope)
            if len(working) < MIN_ROW or scope.is_in_coroutine:
                continue
            calls = list(filter(self._resolver.name_filter.may_be_request_or_subprocess, working))
            if not any(_call_sequences_in(scope.node, {site.node for site in calls})):
                continue  # judged by their names alone
            for row in _call_sequences_in(scope.node, {site.node for site in calls if self.may_be_in_call_sequence(site)}):
                if self._are_requests_or_subprocesses(row, scope):
                    yield range(row[0].lineno, (row[-1].end_lineno or row[-1].lineno) + 1)

    def _are_requests_or_subprocesses(self, row: Sequence[ast.stmt | ast.expr], scope: Scope) -> bool:
        """Return whether enough consecutive parts of a sequence wait for the network or a subprocess."""
        from par_lint.analysis.semantics.dataflow.data_flow import data_flow_of

        flow, length = data_flow_of(self._resolver), 0
        for part in row:
            trace = flow.body([part], (), self._home(scope))
            length = length + 1 if any(work.entry.kind in ROW_KINDS for work in trace.io_calls) else 0
            if length == MIN_ROW:
                return True
        return False

    def may_be_in_call_sequence(self, site: CallSite) -> bool:
        """Return whether a call may be in a call sequence: slow itself, or the creation of a slow object, or of a function that is passed on."""
        callee = self._resolver.callee(site)
        init = self._resolver.attribute(callee, "__init__") if isinstance(callee, Class) else None
        is_handing = handoff_position(site.node, site.scope, self._resolver) is not None
        return is_handing or self._is_request_or_subprocess(site) or isinstance(init, Function) and self._reach.function(init)

    def _is_request_or_subprocess(self, site: CallSite) -> bool:
        """Return whether a call may wait for the network or a subprocess, itself or through functions of the file."""
        callee = self._resolver.callee(site)
        if isinstance(callee, Function):
            return self._reach.function(callee)
        entry = self._resolver.entry(site)
        return entry is not None and entry.kind in ROW_KINDS


@functools.lru_cache(maxsize=2)
def _roots_to_pools(catalog: Catalog) -> frozenset[str]:
    return catalog.roots_leading_to({name.partition(".")[0] for name in _POOLS_AND_EXECUTORS})


def _is_dropped(site: CallSite) -> bool:
    """Whether a call is a statement by itself: nothing is done with what it gives."""
    return any(isinstance(node, ast.Expr) and node.value is site.node for node in walk(site.scope.node))


def _outermost(scope: Scope) -> Function | None:
    """Return the outermost function around a scope; None if there is none."""
    found = None
    around: Scope | None = scope
    while around is not None:
        found, around = around.function or found, around.parent
    return found


def _call_sequences_in(scope: ast.AST, slow: Set[ast.Call]) -> Iterator[list[Any]]:
    """Yield each sequence of statements in one block, or of elements in one display, that contain a slow call each.

    Code with too few slow calls is skipped.
    """
    lines = sorted(node.lineno for node in slow)
    stack = [scope] if len(slow) >= MIN_ROW else []
    while stack:
        node = stack.pop()
        for parts in _sequences(node):
            row: list[Any] = []
            for part in (*parts, None):
                if part is not None and _may_be_part(part) and _count(lines, part) and not slow.isdisjoint(walk(part)):
                    row.append(part)
                    continue
                if len(row) >= MIN_ROW:
                    yield row
                row = []
        stack.extend(child for child in children(node) if _count(lines, child) >= MIN_ROW)


def _count(lines: Sequence[int], node: ast.AST) -> int:
    """Return how many of some ascending lines are in a node; all if it has no position."""
    decorators = getattr(node, "decorator_list", None)
    first = decorators[0].lineno if decorators else getattr(node, "lineno", 0)
    return bisect_right(lines, getattr(node, "end_lineno", None) or lines[-1]) - bisect_left(lines, first)


def _sequences(node: ast.AST) -> Iterator[Sequence[ast.AST]]:
    """Yield the blocks of a statement, the elements of a display, the arguments of a call."""
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.Dict(values=parts):
            yield parts
        case ast.Call(args=args, keywords=keywords):
            yield [*(arg for arg in args if not isinstance(arg, ast.Starred)), *(one.value for one in keywords if one.arg is not None)]
        case ast.stmt() | ast.Module() | ast.ExceptHandler() | ast.match_case():
            yield from (block for name in ("body", "orelse", "finalbody") if isinstance(block := getattr(node, name, None), list))
        case _:
            pass


def _may_be_part(part: ast.AST) -> bool:
    match part:
        case ast.stmt():
            return isinstance(part, ast.Assign) or isinstance(part, ast.Expr) and isinstance(part.value, ast.Call)
        case _:
            return True


def _is_tiny(loop: ast.For) -> bool:
    """Return whether a loop iterates over a display of fewer than three items."""
    items = loop.iter.elts if isinstance(loop.iter, (ast.List, ast.Tuple, ast.Set)) else None
    return items is not None and len(items) < MIN_ITEMS and not any(isinstance(item, ast.Starred) for item in items)


def _ends_early(loop: ast.For, scope: Scope) -> bool:
    """Return whether an iteration may leave the loop or its function, or yield: `break`, `return` or `yield` of its own.

    `early_exit` in `analysis/loops/exclusions.py` decides the same for what this lets pass, and has the words for `--why-silent`.
    """
    may_yield = isinstance(scope, Function) and scope.is_generator
    stack: list[tuple[ast.AST, bool]] = [(statement, False) for statement in loop.body]
    while stack:
        node, inner = stack.pop()
        kind = type(node)
        if kind in _ENDING or kind is ast.Break and not inner:
            return True
        if kind not in _SCOPES and (may_yield or not isinstance(node, ast.expr)):
            below = inner or kind in _LOOP_TYPES
            stack += [(child, below) for child in children(node)]
    return False


_ENDING = frozenset({ast.Return, ast.Yield, ast.YieldFrom})
_SCOPES = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef})
_LOOP_TYPES = frozenset({ast.For, ast.AsyncFor, ast.While})


def _starts_and_waits(loop: Loop) -> bool:
    """Return whether an iteration makes calls that, judged by their names, may start work and wait for it."""
    names = {site.name for site in loop.calls}
    if names & FUTURE_MAKERS and names & FUTURE_WAITS or names & THREADS and {"start", "join"} <= names:
        return True
    return bool(names & _TASK_GROUP_METHODS) and loop.scope.is_in_coroutine


_MAKERS = THREAD_POOLS | PROCESS_POOLS | THREAD_STARTERS
_POOLS_AND_EXECUTORS = _MAKERS | EXECUTORS
_POOL_TERMINALS = frozenset(name.rpartition(".")[2] for name in _MAKERS) | RUNTIME_CALLS | SUBMITTERS | {"BoundedSemaphore", "Pool"}

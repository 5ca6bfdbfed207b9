"""The gate: whether a file can hold a finding at all, decided on the index alone, and around which lines.

Necessary conditions only, over-approximate: where nothing passes, LibCST is never imported. What passes is decided by
the rules on the slice.
"""

from __future__ import annotations

import ast
import functools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import TypeAlias

from par_lint.access import OPENED, access_path
from par_lint.bindings import Assigned
from par_lint.catalog.entry import Kind
from par_lint.leads import HANDOVER_TERMINALS, HANDOVERS
from par_lint.limits import find_unlimited
from par_lint.resolve import Named, Object, Resolver, Value
from par_lint.scopes import CallSite, Class, Function, Loop, Scope
from par_lint.vocabulary import may_wait

WORTH = frozenset({Kind.NETWORK, Kind.SUBPROCESS, Kind.FILE})
"""Kinds of I/O that are worth running at once."""

POOLS = frozenset({"concurrent.futures.ThreadPoolExecutor", "multiprocessing.pool.ThreadPool"})
"""Pools of threads."""
PROCESS_POOLS = frozenset({"concurrent.futures.ProcessPoolExecutor", "multiprocessing.Pool"})
EXECUTORS = frozenset({f"concurrent.futures.{name}" for name in ("ThreadPoolExecutor", "ProcessPoolExecutor", "Executor")})
"""Pools that give futures."""
STARTERS = frozenset({"asyncio.to_thread", "threading.Thread", "asyncio.Semaphore", "joblib.Parallel"})
"""What starts threads, or limits how much runs at once, without a pool of its own."""
SUBMITTERS = frozenset({"submit", "map", "imap", "imap_unordered", "apply", "apply_async", "map_async", "starmap", "starmap_async"})
RUNTIME_CALLS = frozenset({"run_parallel", "batch_map"})


FUTURE_MAKERS = frozenset({"submit", "apply_async"})
FUTURE_WAITS = frozenset({"result", "get"})
TASK_MAKERS = frozenset({"create_task", "ensure_future"})
THREADS = frozenset({"Thread", "Process"})
ROW_KINDS = frozenset({Kind.NETWORK, Kind.SUBPROCESS})
MIN_ITEMS = 3
"""How many items are worth being worked on at once."""
MIN_ROW = 3
"""How many calls in a row are worth running together."""
Root: TypeAlias = "range | Scope"
"""Lines, or a whole scope, whose calls say which functions of the file have to be seen."""
_RUNNERS = ("asyncio.", "anyio.", "trio.", "contextlib.")


def handed_position(call: ast.Call, scope: Scope, resolver: Resolver) -> int | None:
    """The position (0-based) of the function that a call hands over and waits for: None where it does no such thing."""
    terminal = _terminal(call)
    if terminal == "run_in_executor" and len(call.args) > 1:
        return 1
    if terminal not in HANDOVER_TERMINALS or not call.args:
        return None
    match resolver.expression(call.func, scope):
        case Named(name=name):
            return HANDOVERS.get(name)
        case _:
            return None


def is_unseen(callee: Value | None, resolver: Resolver) -> bool:
    """Whether neither the file nor the catalogue shows what a callee does."""
    match callee:
        case None:
            return True
        case Named(name=name):
            return "." in name and not name.startswith(_RUNNERS) and resolver.catalog.find(name) is None
        case _:
            return False


def is_runtime_call(name: str, runtime: str | None) -> bool:
    """Whether a qualified name is our runtime: of a module named `parallel`, or of the configured one."""
    module, _, last = name.rpartition(".")
    return last in RUNTIME_CALLS and (module.rpartition(".")[2] == "parallel" or module == runtime)


class Candidates:
    """The candidates of one file."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._index = resolver.index
        self._reach: dict[Function, bool] = {}

    @functools.cached_property
    def _calls_by_line(self) -> list[CallSite]:
        return sorted(self._index.calls, key=lambda site: site.node.lineno)

    @functools.cached_property
    def _call_lines(self) -> list[int]:
        return [site.node.lineno for site in self._calls_by_line]

    @functools.cached_property
    def _attributes_by_line(self) -> list[tuple[int, str]]:
        return sorted((node.lineno, node.attr) for node in ast.walk(self._index.tree) if isinstance(node, ast.Attribute))

    def lines(self) -> set[int]:
        """Lines around which the file has to be looked at, helpers that these reach included."""
        found: set[int] = set()
        roots: list[Root] = []
        for line, root in self._sites():
            found.add(line)
            roots.append(root)
        if found:
            found.update(self._helpers(roots))
        return found | {node.lineno for node in find_unlimited(self._resolver)}

    def _sites(self) -> Iterator[tuple[int, Root]]:
        """The lines of candidates, each with the lines, or the scope, whose calls say which helpers have to be seen."""
        for loop in self._index.loops:
            if self._is_left_alone(loop):
                continue
            if self._is_worth(loop.calls) or isinstance(loop.node, ast.Call) and self._maps_io(loop.node, loop.scope):
                yield loop.node.lineno, _lines(loop.node)
            elif loop.outer is not None and self._goes_over_listing(loop.outer) and not self._is_left_alone(loop.outer):
                yield loop.outer.node.lineno, _lines(loop.outer.node)
            if _starts_and_waits(loop):
                yield loop.node.lineno, _lines(loop.node)
        yield from self._rows()
        for site in (*(site for site in self._index.calls if site.name in _POOL_TERMINALS), *self._index.plain):
            if self._makes_pool(site):
                yield site.node.lineno, site.scope

    def _is_left_alone(self, loop: Loop) -> bool:
        """Whether a loop by itself ends early or has too few items: no rule reports it, and none a loop around it for what it does."""
        return isinstance(loop.node, ast.For) and (_is_tiny(loop.node) or _ends_early(loop.node))

    def _is_worth(self, calls: Iterable[CallSite]) -> bool:
        return any(self._does_io(site) for site in calls)

    def _does_io(self, site: CallSite) -> bool:
        if not self._resolver.leads.may_work(site):
            return False
        callee = self._resolver.callee(site)
        if isinstance(callee, Function):
            return self.reaches_io(callee)
        if isinstance(callee, Class):
            init = self._resolver.attribute(callee, "__init__")
            return isinstance(init, Function) and self.reaches_io(init)
        position = handed_position(site.node, site.scope, self._resolver)
        if position is not None:
            func = site.node.args[position]
            return isinstance(func, ast.Lambda) or self._applies_io(func, site.scope)
        if site.scope.function is not None and site.scope.function.is_async and is_unseen(callee, self._resolver):
            return may_wait(".".join(access_path(site.node.func)))  # the rest is for the rule to say
        entry = self._resolver.entry(site)
        if entry is None:
            return access_path(site.node)[-1] == OPENED and self._resolver.expression(site.node, site.scope) == Object("io.File")
        return entry.kind in WORTH or entry.kind is Kind.LISTING or self._resolver.catalog.returns(entry.name) == "io.File"

    def _goes_over_listing(self, loop: Loop) -> bool:
        """Whether a `for` goes over what a call lists: the loop inside it may work on each file by means unknown."""
        if not isinstance(loop.node, ast.For):
            return False
        calls = (node for node in ast.walk(loop.node.iter) if isinstance(node, ast.Call))
        return any(self._lists(call, loop.scope) for call in calls)

    def _lists(self, call: ast.Call, scope: Scope) -> bool:
        match self._resolver.expression(call.func, scope):
            case Named(name=name):
                entry = self._resolver.catalog.find(name)
                return entry is not None and entry.kind is Kind.LISTING
            case _:
                return False

    def reaches_io(self, function: Function) -> bool:
        """Whether a function of the file does I/O, itself or through others; recursion counts as no."""
        if function not in self._reach:
            self._reach[function] = False
            self._reach[function] = self._is_worth(function.calls)
        return self._reach[function]

    def _maps_io(self, call: ast.Call, scope: Scope) -> bool:
        return self._applies_io(call.args[0], scope)

    def _applies_io(self, func: ast.expr, scope: Scope) -> bool:
        """Whether calling what an expression refers to does I/O."""
        match self._resolver.expression(func, scope):
            case Function() as function:
                return self.reaches_io(function)
            case Named(name=name):
                entry = self._resolver.catalog.find(name)
                return entry is not None and entry.kind in WORTH
            case _:
                return False

    def _makes_pool(self, site: CallSite) -> bool:
        """Whether a call makes a pool, gives it work, or is our runtime."""
        if site.name == "run_in_executor":
            return len(site.node.args) > 1
        if isinstance(site.node.func, ast.Name):
            names = self._resolver.leads.named(site.name)
            if names is not None and not any(self._is_pool(name, site) for name in names):
                return False
        callee = self._resolver.callee(site)
        return isinstance(callee, Named) and self._is_pool(callee.name, site)

    def _is_pool(self, called: str, site: CallSite) -> bool:
        name = self._resolver.catalog.canonical(called)
        if name == "threading.Thread":
            return site.loop is not None
        owner, _, last = name.rpartition(".")
        return name in _MAKERS or last in RUNTIME_CALLS or last in SUBMITTERS and owner in _MAKERS | EXECUTORS

    def _rows(self) -> Iterator[tuple[int, Root]]:
        """The lines of rows of calls that may be slow; all lines of a row where a slice may drop some."""
        if len(self._index.calls) < MIN_ROW or not self._index.imported & self._resolver.catalog.slow_roots:
            return
        for scope in (self._index.module, *self._index.classes, *self._index.functions):
            if scope.last - scope.first < MIN_ROW or isinstance(scope, Function) and scope.is_async:
                continue
            calls = [site for site in scope.calls if self._resolver.leads.may_work(site)]
            slow = {site.node for site in calls if self.may_wait_in_row(site)} if len(calls) >= MIN_ROW else set()
            for first, last in _find_rows(scope.node, slow) if len(slow) >= MIN_ROW else ():
                root = range(first, last + 1)
                yield from ((line, root) for line in (root[:1] if isinstance(scope, Function) else root))

    def may_wait_in_row(self, site: CallSite) -> bool:
        """Whether a call may be one of a row: slow itself, the making of an object that is, or of what is handed over."""
        callee = self._resolver.callee(site)
        init = self._resolver.attribute(callee, "__init__") if isinstance(callee, Class) else None
        is_handing = handed_position(site.node, site.scope, self._resolver) is not None
        return is_handing or self._is_slow(site) or isinstance(init, Function) and self.reaches_io(init)

    def _is_slow(self, site: CallSite) -> bool:
        """Whether a call may wait for the network or a subprocess, itself or through functions of the file."""
        callee = self._resolver.callee(site)
        if isinstance(callee, Function):
            return self.reaches_io(callee)
        entry = self._resolver.entry(site)
        return entry is not None and entry.kind in ROW_KINDS

    def _helpers(self, roots: Iterable[Root]) -> Iterator[int]:
        """The lines of all functions of the file that the candidates reach."""
        seen: set[Function] = set()
        pending: list[Function] = []
        properties = {function.name for function in self._index.functions if function.is_property}
        for root in dict.fromkeys(roots):
            if isinstance(root, Function):
                pending.append(root)
                continue
            pending += (one for site in self._calls_below(root) for one in self._called(site))
            if properties and isinstance(root, range):
                used = self._attributes_by_line
                names = {name for _, name in used[bisect_left(used, (root.start, "")):bisect_left(used, (root.stop, ""))]}
                pending += (one for name in names & properties for one in self._properties(name))
        while pending:
            function = pending.pop()
            if function in seen:
                continue
            seen.add(function)
            yield function.line
            for site in function.calls:
                pending.extend(self._called(site))
            if properties and isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                pending += (one for name in _attributes(function.node) & properties for one in self._properties(name))

    def _properties(self, name: str) -> list[Function]:
        return [function for function in self._index.functions if function.is_property and function.name == name]

    def _calls_below(self, root: range | Scope) -> Iterator[CallSite]:
        """The calls in some lines, nested functions included; those that stand outside functions where it is a module or a class."""
        if isinstance(root, range):
            first, last = bisect_left(self._call_lines, root.start), bisect_left(self._call_lines, root.stop)
            yield from self._calls_by_line[first:last]
        else:
            yield from (site for site in self._index.calls if not isinstance(site.scope, Function))

    def _called(self, site: CallSite) -> Iterator[Function]:
        for node in (site.node.func, *_handed(site)):
            match self._resolver.expression(node, site.scope):
                case Function() as function:
                    yield function
                case Class() as cls:
                    init = self._resolver.attribute(cls, "__init__")
                    if isinstance(init, Function):
                        yield init
                case None if isinstance(node, ast.Attribute) and node is not site.node.func and _terminal(site.node) in SUBMITTERS:
                    yield from (one for one in self._index.functions if one.owner is not None and one.name == node.attr)
                case _:
                    pass


def _handed(site: CallSite) -> Iterator[ast.expr]:
    """What a call is given that may be a function: names, what partials and lambdas call, the first of a tuple."""
    for given in (*site.node.args, *(keyword.value for keyword in site.node.keywords if keyword.arg in ("target", "func", "function"))):
        match given:
            case ast.Name() | ast.Attribute():
                yield given
            case ast.Call(args=[ast.Name() | ast.Attribute() as first, *_]):
                yield first
            case ast.Lambda(body=body):
                yield from (inner.func for inner in ast.walk(body) if isinstance(inner, ast.Call) and isinstance(inner.func, (ast.Name, ast.Attribute)))
            case ast.Starred(value=ast.Name(id=name)):
                found = site.scope.find(name)
                for binding in found[1] if found is not None else ():
                    match binding:
                        case Assigned(value=ast.Tuple(elts=[ast.Name() | ast.Attribute() as first, *_])):
                            yield first
                        case _:
                            pass
            case _:
                pass


def _lines(node: ast.expr | ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _find_rows(scope: ast.AST, slow: Set[ast.Call]) -> Iterator[tuple[int, int]]:
    """First and last line of each run of statements of one block, or of elements of one display, with a slow call each.

    What has too few of them by its lines is not looked into.
    """
    lines = sorted(node.lineno for node in slow)
    stack = [scope]
    while stack:
        node = stack.pop()
        for parts in _sequences(node):
            row: list[ast.AST] = []
            for part in (*parts, None):
                if part is not None and _may_be_part(part) and _count(lines, part) and any(inner in slow for inner in ast.walk(part)):
                    row.append(part)
                    continue
                if len(row) >= MIN_ROW:
                    yield row[0].lineno, row[-1].end_lineno or row[-1].lineno  # type: ignore[attr-defined]
                row = []
        stack.extend(child for child in ast.iter_child_nodes(node) if _count(lines, child) >= MIN_ROW)


def _count(lines: Sequence[int], node: ast.AST) -> int:
    """How many of some lines, in ascending order, are those of a node; all where it has no place."""
    first = min([getattr(node, "lineno", 0), *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
    return bisect_right(lines, getattr(node, "end_lineno", None) or lines[-1]) - bisect_left(lines, first)


def _sequences(node: ast.AST) -> Iterator[Sequence[ast.AST]]:
    """The blocks of a statement, the elements of a display, the arguments of a call."""
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


def _attributes(node: ast.AST) -> set[str]:
    return {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}


def _is_tiny(loop: ast.For) -> bool:
    """Whether a loop goes over a display of fewer than three items."""
    items = loop.iter.elts if isinstance(loop.iter, (ast.List, ast.Tuple, ast.Set)) else None
    return items is not None and len(items) < MIN_ITEMS and not any(isinstance(item, ast.Starred) for item in items)


def _ends_early(loop: ast.For) -> bool:
    """Whether a pass may end the loop, its function, or give something away: `break`, `return` or `yield` of its own."""
    stack: list[tuple[ast.AST, bool]] = [(statement, False) for statement in loop.body]
    while stack:
        node, inner = stack.pop()
        if isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom)) or isinstance(node, ast.Break) and not inner:
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            below = inner or isinstance(node, (ast.For, ast.AsyncFor, ast.While))
            stack.extend((child, below) for child in ast.iter_child_nodes(node))
    return False


def _starts_and_waits(loop: Loop) -> bool:
    """Whether a pass makes calls by whose names it may start work and wait for it."""
    names = {site.name for site in loop.calls}
    if names & FUTURE_MAKERS and names & FUTURE_WAITS or names & THREADS and {"start", "join"} <= names:
        return True
    return bool(names & (TASK_MAKERS | {"gather", "start_soon"})) and loop.scope.function is not None and loop.scope.function.is_async


_MAKERS = POOLS | PROCESS_POOLS | STARTERS
_POOL_TERMINALS = frozenset(name.rpartition(".")[2] for name in _MAKERS) | RUNTIME_CALLS | SUBMITTERS | {"BoundedSemaphore", "Pool", "run_in_executor"}


def _terminal(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""

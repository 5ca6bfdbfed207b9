"""The gate: whether a file can hold a finding at all, decided on the index alone, and around which lines.

Necessary conditions only, over-approximate: where nothing passes, LibCST is never imported. What passes is decided by
the rules on the slice.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from par_lint.access import OPENED, access_path
from par_lint.catalog.entry import Kind
from par_lint.limits import find_unlimited
from par_lint.resolve import Named, Object, Resolver, Value
from par_lint.scopes import Assigned, CallSite, Class, Function, Loop, Scope
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


_HANDOVERS = {"asyncio.to_thread": 0, "anyio.to_thread.run_sync": 0, "trio.to_thread.run_sync": 0, "starlette.concurrency.run_in_threadpool": 0,
              "fastapi.concurrency.run_in_threadpool": 0}  # fmt: skip
FUTURE_MAKERS = frozenset({"submit", "apply_async"})
FUTURE_WAITS = frozenset({"result", "get"})
TASK_MAKERS = frozenset({"create_task", "ensure_future"})
THREADS = frozenset({"Thread", "Process"})
ROW_KINDS = frozenset({Kind.NETWORK, Kind.SUBPROCESS})
MIN_ROW = 3
"""How many calls in a row are worth running together."""
_RUNNERS = ("asyncio.", "anyio.", "trio.", "contextlib.")
_HANDOVER_TERMINALS = frozenset(name.rpartition(".")[2] for name in _HANDOVERS)


def handed_position(call: ast.Call, scope: Scope, resolver: Resolver) -> int | None:
    """The position (0-based) of the function that a call hands over and waits for: None where it does no such thing."""
    terminal = _terminal(call)
    if terminal == "run_in_executor" and len(call.args) > 1:
        return 1
    if terminal not in _HANDOVER_TERMINALS or not call.args:
        return None
    match resolver.expression(call.func, scope):
        case Named(name=name):
            return _HANDOVERS.get(name)
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

    def lines(self) -> set[int]:
        """Lines around which the file has to be looked at, helpers that these reach included."""
        found: set[int] = set()
        scopes: list[Scope] = []
        for site, scope in self._sites():
            found.add(site)
            scopes.append(scope)
        if found:
            found.update(self._helpers(scopes, found))
        return found | {node.lineno for node in find_unlimited(self._resolver)}

    def _sites(self) -> Iterator[tuple[int, Scope]]:
        for loop in self._index.loops:
            if self._is_worth(loop.calls) or isinstance(loop.node, ast.Call) and self._maps_io(loop.node, loop.scope):
                yield loop.node.lineno, loop.scope
            elif loop.outer is not None and self._goes_over_listing(loop.outer):
                yield loop.outer.node.lineno, loop.scope
            if _starts_and_waits(loop):
                yield loop.node.lineno, loop.scope
        yield from self._rows()
        for site in self._index.calls:
            if self._makes_pool(site):
                yield site.node.lineno, site.scope

    def _is_worth(self, calls: Iterable[CallSite]) -> bool:
        return any(self._does_io(site) for site in calls)

    def _does_io(self, site: CallSite) -> bool:
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
        terminal = _terminal(site.node)
        if terminal == "run_in_executor":
            return len(site.node.args) > 1
        if isinstance(site.node.func, ast.Attribute) and terminal not in _POOL_TERMINALS:
            return False
        callee = self._resolver.callee(site)
        if not isinstance(callee, Named):
            return False
        name = self._resolver.catalog.canonical(callee.name)
        if name == "threading.Thread":
            return site.loop is not None
        owner, _, last = name.rpartition(".")
        return name in _MAKERS or last in RUNTIME_CALLS or last in SUBMITTERS and owner in _MAKERS | EXECUTORS

    def _rows(self) -> Iterator[tuple[int, Scope]]:
        """The lines of scopes that make enough slow calls for a row of them; all lines between where a slice may drop some."""
        if not self._index.imported & self._resolver.catalog.slow_roots:
            return
        for scope in (self._index.module, *self._index.classes, *self._index.functions):
            if isinstance(scope, Function) and scope.is_async:
                continue
            calls = self._calls_of(scope)
            lines = [site.node.lineno for site in calls if self._is_slow(site)] if len(calls) >= MIN_ROW else []
            if len(lines) >= MIN_ROW:
                between = [min(lines)] if isinstance(scope, Function) else range(min(lines), max(lines) + 1)
                yield from ((line, scope) for line in between)

    def _calls_of(self, scope: Scope) -> list[CallSite]:
        return scope.calls if isinstance(scope, Function) else [site for site in self._index.calls if site.scope is scope]

    def _is_slow(self, site: CallSite) -> bool:
        """Whether a call may wait for the network or a subprocess, itself or through functions of the file."""
        callee = self._resolver.callee(site)
        if isinstance(callee, Function):
            return self.reaches_io(callee)
        entry = self._resolver.entry(site)
        return entry is not None and entry.kind in ROW_KINDS

    def _helpers(self, scopes: Iterable[Scope], lines: set[int]) -> Iterator[int]:
        """The lines of all functions of the file that the candidates' functions reach."""
        seen: set[Function] = set()
        pending = [scope for scope in scopes if isinstance(scope, Function)]
        loose = [site for site in self._index.calls if not isinstance(site.scope, Function)]
        for site in loose:
            pending.extend(self._called(site))
        while pending:
            function = pending.pop()
            if function in seen:
                continue
            seen.add(function)
            yield function.line
            for site in function.calls:
                pending.extend(self._called(site))

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


def _starts_and_waits(loop: Loop) -> bool:
    """Whether a pass makes calls by whose names it may start work and wait for it."""
    names = {_terminal(site.node) for site in loop.calls}
    if names & FUTURE_MAKERS and names & FUTURE_WAITS or names & THREADS and {"start", "join"} <= names:
        return True
    return bool(names & (TASK_MAKERS | {"gather", "start_soon"})) and loop.scope.function is not None and loop.scope.function.is_async


_MAKERS = POOLS | PROCESS_POOLS | STARTERS
_POOL_TERMINALS = frozenset(name.rpartition(".")[2] for name in _MAKERS) | RUNTIME_CALLS | SUBMITTERS | {"BoundedSemaphore", "Pool"}


def _terminal(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""

"""The gate: whether a file can hold a finding at all, decided on the index alone, and around which lines.

Necessary conditions only, over-approximate: where nothing passes, LibCST is never imported. What passes is decided by
the rules on the slice.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from par_lint.catalog.entry import Kind
from par_lint.limits import find_unlimited
from par_lint.resolve import Named, Resolver
from par_lint.scopes import CallSite, Class, Function, Scope

WORTH = frozenset({Kind.NETWORK, Kind.SUBPROCESS, Kind.FILE})
"""Kinds of I/O that are worth running at once."""

POOLS = frozenset({
    "concurrent.futures.ThreadPoolExecutor", "concurrent.futures.thread.ThreadPoolExecutor",
    "multiprocessing.pool.ThreadPool", "multiprocessing.dummy.Pool",
})  # fmt: skip
RUNTIME_CALLS = frozenset({"run_parallel", "batch_map"})


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
        entry = self._resolver.entry(site)
        if entry is None:
            return False
        return entry.kind in WORTH or entry.kind is Kind.LISTING or self._resolver.catalog.returns(entry.name) == "io.File"

    def reaches_io(self, function: Function) -> bool:
        """Whether a function of the file does I/O, itself or through others; recursion counts as no."""
        if function not in self._reach:
            self._reach[function] = False
            self._reach[function] = self._is_worth(function.calls)
        return self._reach[function]

    def _maps_io(self, call: ast.Call, scope: Scope) -> bool:
        match self._resolver.expression(call.args[0], scope):
            case Function() as function:
                return self.reaches_io(function)
            case Named(name=name):
                entry = self._resolver.catalog.find(name)
                return entry is not None and entry.kind in WORTH
            case _:
                return False

    def _makes_pool(self, site: CallSite) -> bool:
        terminal = _terminal(site.node)
        if isinstance(site.node.func, ast.Attribute) and terminal not in _POOL_TERMINALS:
            return False
        callee = self._resolver.callee(site)
        return isinstance(callee, Named) and (callee.name in POOLS or callee.name.rpartition(".")[2] in RUNTIME_CALLS)

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
        names: list[ast.expr] = [site.node.func, *site.node.args]
        for node in names:
            if isinstance(node, (ast.Name, ast.Attribute)):
                match self._resolver.expression(node, site.scope):
                    case Function() as function:
                        yield function
                    case Class() as cls:
                        init = self._resolver.attribute(cls, "__init__")
                        if isinstance(init, Function):
                            yield init
                    case _:
                        pass


_POOL_TERMINALS = frozenset(name.rpartition(".")[2] for name in POOLS) | RUNTIME_CALLS


def _terminal(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""

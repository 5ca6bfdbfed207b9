"""Where the calls of a file can lead, as far as their names alone say: asked before anything is resolved.

Necessary conditions, and cheap ones: most calls of most files lead to no I/O, and this says so of nearly all of them.
"""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Iterable

from par_lint.catalog import PASSED_ON_ROOTS, PASSING_ON, Catalog
from par_lint.evidence import may_tell, name_by_use
from par_lint.index import FileIndex
from par_lint.scopes import CallSite, Function

HANDOVERS = {"asyncio.to_thread": 0, "anyio.to_thread.run_sync": 0, "trio.to_thread.run_sync": 0, "starlette.concurrency.run_in_threadpool": 0,
             "fastapi.concurrency.run_in_threadpool": 0}  # fmt: skip
"""What calls a function in a thread and waits for it, with the position of the function."""
HANDOVER_TERMINALS = frozenset(name.rpartition(".")[2] for name in HANDOVERS)
_HANDING = HANDOVER_TERMINALS | {"run_in_executor"}


@functools.lru_cache(maxsize=2)
def _without_imports(catalog: Catalog) -> frozenset[str]:
    """Names by which something of the catalogue may be called in a file without any import."""
    roots = (*dir(builtins), "io", "pathlib")
    return frozenset().union(*map(catalog.names_from, roots))


class Leads:
    """Answers about the names of one file."""

    def __init__(self, index: FileIndex, catalog: Catalog) -> None:
        self._index = index
        self._catalog = catalog
        self._names: dict[str, bool] = {}

    # The catalogue ------------------------------------------------------------------------------------------------

    def is_listed(self, site: CallSite) -> bool:
        """Whether a call may be one of the catalogue that does I/O or takes a time limit, by whatever name it goes here."""
        name = site.name
        if isinstance(site.node.func, ast.Attribute):
            return name in self._methods or self._is_wide
        found = self._names.get(name)
        if found is None:
            names = self.named(name)
            found = self._names[name] = not name or names is None or any(self._catalog.find(one) is not None for one in names)
        return found

    def named(self, name: str) -> list[str] | None:
        """The qualified names of what is called by a name alone; None where it may stand for any value."""
        return None if name in self._index.assigned else [*self._index.imports.get(name, ()), name]

    @functools.cached_property
    def _methods(self) -> frozenset[str]:
        """Names of attributes by which something of the catalogue may be called, reached through what the file imports."""
        passed_on = {part for name in self._passing_on for part in name.split(".")}
        roots = self._index.imported | passed_on | (PASSED_ON_ROOTS if passed_on else set())
        return _without_imports(self._catalog).union(self._index.assigned, *map(self._catalog.names_from, roots))

    @functools.cached_property
    def _passing_on(self) -> list[str]:
        """The imported names that other packages pass on."""
        names = [name for names in self._index.imports.values() for name in names]
        joined = " ".join(names)
        return [name for name in names if any(mark in name for mark in PASSING_ON)] if any(mark in joined for mark in PASSING_ON) else []

    @functools.cached_property
    def _is_wide(self) -> bool:
        """Whether the file imports classes of which all methods are listed at once, or a whole folder of packages passed on."""
        return not self._methods.isdisjoint(("*", "**")) or any("vendor" in name.rpartition(".")[2] for name in self._passing_on)

    # Work ---------------------------------------------------------------------------------------------------------

    def may_work(self, site: CallSite) -> bool:
        """Whether a call may do I/O, itself or through functions of the file that go by its name."""
        return site.name in self._working or self._may_work_itself(site)

    def _may_work_itself(self, site: CallSite) -> bool:
        name, scope = site.name, site.scope
        if name in _HANDING or name.endswith("open") or self.is_listed(site) or isinstance(scope, Function) and scope.is_async:
            return True
        return may_tell(name) and name_by_use(site, self._index) is not None

    @functools.cached_property
    def _working(self) -> frozenset[str]:
        """The names of functions and classes of the file whose calls may do I/O, themselves or through one another."""
        callers: dict[str, list[str]] = {}
        found: set[str] = set()
        pending: list[str] = []
        for function in self._index.functions:
            if function.is_property or any(map(self._may_work_itself, function.calls)):  # what a property gives may be a function
                pending.append(function.name)
            else:
                for site in function.calls:
                    callers.setdefault(site.name, []).append(function.name)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending += callers.get(name, ())
                pending += self._classes if name == "__init__" else ()
        return frozenset(found)

    @property
    def _classes(self) -> Iterable[str]:
        """The names that classes of the file go by, those in their own methods included."""
        yield from (cls.name for cls in self._index.classes)
        yield from (function.parameters[0] for function in self._index.functions if function.is_class_method and function.parameters)

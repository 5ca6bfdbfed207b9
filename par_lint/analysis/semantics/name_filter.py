"""What the calls of a file may do, judged by their names alone, before anything is resolved.

These are cheap necessary conditions: most calls in most files do no I/O, and nearly all of them are excluded here. The result for a
name is computed once for all its calls.
"""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence, Set

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.io_words import CLIENT_CLASSES, STORE_CLASSES, words
from par_lint.analysis.semantics.naming_evidence import may_be_request, names_suggest_io
from par_lint.analysis.semantics.receiver_evidence import has_evidence_for, infer_name
from par_lint.analysis.semantics.scopes import CallSite, Function, Loop, Scope
from par_lint.core.catalog import REEXPORTED_ROOTS, REEXPORTING_MODULES, Catalog
from par_lint.core.catalog.coroutines import THREAD_HANDOFFS
from par_lint.core.memo import memoized

THREAD_HANDOFF_NAMES = frozenset(name.rpartition(".")[2] for name in THREAD_HANDOFFS)
_CALLING_FUNCTIONS = THREAD_HANDOFF_NAMES | {"run_in_executor", "iter"}


@functools.lru_cache(maxsize=2)
def names_without_imports(catalog: Catalog) -> frozenset[str]:
    """Return names by which something in the catalogue may be called in a file without any import."""
    roots = (*dir(builtins), "io", "pathlib")
    return frozenset().union(*map(catalog.io_names_reached_from, roots))


class NameFilter:
    """Name-based filters for one file.

    Args:
        index: the file.
        catalog: what calls of libraries do.
        is_of_project: whether a qualified name belongs to the project; None if only the file counts.
        is_followed: whether other files call its functions, so that not only those in its own loops count.
    """

    def __init__(self, index: FileIndex, catalog: Catalog, is_of_project: Callable[[str], bool] | None = None, *, is_followed: bool = False) -> None:
        self._index = index
        self._catalog = catalog
        self._is_of_project = is_of_project
        self._is_followed = is_followed

    # The catalogue ------------------------------------------------------------------------------------------------

    def is_listed(self, site: CallSite) -> bool:
        """Return whether a call may be a catalogue entry that does I/O or takes a timeout, under any name in this file."""
        if isinstance(site.node.func, ast.Attribute):
            return site.name in self._methods or self._is_wide
        return site.name in self._functions

    def called(self, is_it: Callable[[str], bool]) -> set[str]:
        """Return the plain names that are called here and may refer to a qualified name for which `is_it` is true.

        The empty name, for callees without a name, and names bound to values may refer to anything.
        """
        assigned, imports = self._index.assigned, self._index.imports
        return {
            name for name in self._index.by_name
            if not name or name in assigned or is_it(name) or name in imports and any(map(is_it, imports[name]))
        }  # fmt: skip

    @memoized
    def _functions(self) -> set[str]:
        """Plain names by which something in the catalogue may be called."""
        return self.called(self._catalog.may_do_io)

    @memoized
    def _slow_functions(self) -> set[str]:
        return self.called(self._catalog.is_request_or_subprocess)

    @memoized
    def _methods(self) -> frozenset[str]:
        """Names of attributes by which something in the catalogue may be called, reached through the imports of the file."""
        passed_on = {part for name in self._reexported for part in name.split(".")}
        roots = self._index.imported | passed_on | (REEXPORTED_ROOTS if passed_on else set())
        return names_without_imports(self._catalog).union(self._index.attributes, *map(self._catalog.io_names_reached_from, roots))

    @memoized
    def _reexported(self) -> list[str]:
        """The imported names that other packages re-export."""
        names = [name for names in self._index.imports.values() for name in names]
        joined = " ".join(names)
        return [name for name in names if any(mark in name for mark in REEXPORTING_MODULES)] if any(mark in joined for mark in REEXPORTING_MODULES) else []

    @memoized
    def _is_wide(self) -> bool:
        """Whether the file imports classes with a `*` entry, or a whole package of re-exports."""
        return not self._methods.isdisjoint(("*", "**")) or any("vendor" in name.rpartition(".")[2] for name in self._reexported)

    def may_import_from(self, roots: Set[str]) -> bool:
        """Return whether an import of the file may reach names with these first parts."""
        return not self._index.imported.isdisjoint(roots) or bool(self._reexported)

    # Work ---------------------------------------------------------------------------------------------------------

    def may_do_io(self, site: CallSite) -> bool:
        """Return whether a call may do I/O, itself or through functions of the file with its name."""
        return site.name in self._functions_doing_io or site in self._doing_io_directly

    def may_be_request_or_subprocess(self, site: CallSite) -> bool:
        """Return whether a call may wait for the network or a subprocess, itself or through functions of the file with its name."""
        name = site.name
        if name in self._functions_doing_io or name in _CALLING_FUNCTIONS:
            return True
        if not isinstance(site.node.func, ast.Attribute):
            return name in self._slow_functions
        return site in self._doing_io_directly and (self._is_wide or name in self._index.attributes or name in self._catalog.request_and_subprocess_names or has_evidence_for(name))

    def possible_io_calls_in(self, part: Loop | Scope) -> Sequence[CallSite]:
        """Return the calls in a loop or a scope that may do I/O, or use an open file that they get, in source order."""
        return self._inside.get(part, ())

    @memoized
    def _inside(self) -> dict[Loop | Scope, list[CallSite]]:
        found: dict[Loop | Scope, list[CallSite]] = {}
        working, themselves, managed = self._functions_doing_io, self._doing_io_directly, self._index.managed
        for site in self._index.calls if working or themselves else ():
            if site.name in working or site in themselves or managed and _is_given(site.node, managed):
                found.setdefault(site.scope, []).append(site)
                loop = site.loop
                while loop is not None:
                    found.setdefault(loop, []).append(site)
                    loop = loop.outer
        return found

    @memoized
    def _doing_io_directly(self) -> frozenset[CallSite]:
        """Return the calls that may do I/O themselves."""
        return frozenset(self._find_doing_io_directly())

    def _find_doing_io_directly(self) -> Iterator[CallSite]:
        functions, applying = self._functions, self.functions_calling_parameters
        for name, sites in self._index.by_name.items():
            if name in functions or name in applying or _hands_over_or_opens(name):
                yield from sites
        methods, is_wide = self._methods, self._is_wide
        for name, sites in self._index.by_method.items():
            if name in methods or name in applying or is_wide or _hands_over_or_opens(name):
                yield from sites
            elif has_evidence_for(name) or self._index.answered:
                yield from (site for site in sites if infer_name(site, self._index) is not None)
        has_clients = any(words(name) & (CLIENT_CLASSES | STORE_CLASSES) for name in self._index.imports)
        for function in self._index.coroutines:
            yield from filter(names_suggest_io, function.calls)
            if has_clients:
                yield from filter(may_be_request, function.calls)
        yield from self._imported_calls

    # The project's other modules -------------------------------------------------------------------------------------

    @memoized
    def _imported_calls(self) -> frozenset[CallSite]:
        """The calls that may be of what another module of the project defines: those in loops or in what loops call, unless others call them."""
        own = self._own_names
        sites = () if not own else self._index.calls if self._is_followed else self._called_in_loops()
        return frozenset(site for site in sites if _may_be_imported(site, own))

    def may_be_imported(self, site: CallSite) -> bool:
        """Return whether a call may be of what another module of the project defines, judged by its names."""
        return site in self._imported_calls

    @memoized
    def _own_names(self) -> frozenset[str]:
        """The names that imports bind to modules of the project, or to what those define."""
        is_of_project = self._is_of_project
        if is_of_project is None:
            return frozenset()
        return frozenset(name for name, several in self._index.imports.items() if any(map(is_of_project, several)))

    def _called_in_loops(self) -> Iterator[CallSite]:
        """Yield the calls in loops, and those of the functions of the file that they call, judged by their names."""
        defined: dict[str, list[Function]] = {}
        for function in self._index.functions:
            defined.setdefault(function.name, []).append(function)
            if function.name == "__init__" and function.owner is not None:
                defined.setdefault(function.owner.name, []).append(function)
        pending = [site for site in self._index.calls if site.loop is not None]
        mapped = [last_name(loop.node.args[0]) for loop in self._index.loops if isinstance(loop.node, ast.Call)]  # `map(f, items)`
        pending += [site for name in mapped for function in defined.get(name, ()) for site in function.calls]
        seen: set[str] = set()
        while pending:
            site = pending.pop()
            yield site
            if site.name not in seen:
                seen.add(site.name)
                pending += [inner for function in defined.get(site.name, ()) for inner in function.calls if inner.loop is None]

    @memoized
    def functions_calling_parameters(self) -> frozenset[str]:
        """Return the names of functions of the file that call one of their parameters, themselves or through each other: `retry(fetch, url)`."""
        found: set[str] = set()
        pending = [site.scope.name for name, sites in self._index.by_name.items() for site in sites if _is_parameter(name, site.scope)]
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending += [site.scope.name for site in self._index.called(name) if any(_is_parameter(last_name(arg), site.scope) for arg in site.node.args)]
        return frozenset(found)

    @memoized
    def _functions_doing_io(self) -> frozenset[str]:
        """Return the names of functions and classes of the file whose calls may do I/O, directly or indirectly."""
        found: set[str] = set()
        pending = [function.name for function in self._index.decorated if function.is_property]  # a property may return a function
        pending += [site.scope.name for site in self._doing_io_directly if isinstance(site.scope, Function)]
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending += [site.scope.name for site in self._index.called(name) if isinstance(site.scope, Function)]
                pending += self._classes if name == "__init__" else ()
        return frozenset(found)

    @property
    def _classes(self) -> Iterable[str]:
        """Yield the names of the classes of the file, including their names in their own methods."""
        yield from (cls.name for cls in self._index.classes)
        yield from (function.parameters[0] for function in self._index.decorated if function.is_class_method and function.parameters)


_OF_BUILTINS = frozenset(name for kind in (str, bytes, list, dict, set, tuple, int) for name in dir(kind)) - {
    "get", "update", "pop", "copy", "index", "count",
} | {"exists", "group", "groups", "debug", "info", "warning", "error", "exception"}  # fmt: skip
"""Methods of built-in objects, and of others, that need no look."""


def _may_be_imported(site: CallSite, own: Set[str]) -> bool:
    """Return whether a call may be of what an import from the project leads to, by the first name of its callee; `own` are the imported names."""
    func: ast.expr = site.node.func
    is_method = isinstance(func, ast.Attribute)
    while isinstance(func, (ast.Attribute, ast.Call)):
        func = func.value if isinstance(func, ast.Attribute) else func.func
    return isinstance(func, ast.Name) and func.id in own or is_method and site.name not in _OF_BUILTINS


def _is_parameter(name: str, scope: Scope) -> bool:
    return type(scope) is Function and name in scope.parameters and not scope.is_generator


def _is_given(call: ast.Call, names: set[str]) -> bool:
    """Return whether one of some names is passed to a call as a plain argument."""
    for arg in call.args:
        if type(arg) is ast.Name and arg.id in names:
            return True
    for keyword in call.keywords:
        if type(keyword.value) is ast.Name and keyword.value.id in names:
            return True
    return False


@functools.lru_cache(maxsize=4096)
def _hands_over_or_opens(name: str) -> bool:
    return name in _CALLING_FUNCTIONS or name.endswith("open")

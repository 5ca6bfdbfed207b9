"""The modules of a project, read when a call of a file leads into them.

A module is parsed once for a run. What a name stands for is looked up through re-exports, `import *`, classes and their bases, and
modules of alternatives (`try: import`), with the resolver of the module in which each part of the name is bound.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Set

from par_lint.analysis.semantics.bindings import Assigned, is_placeholder
from par_lint.analysis.semantics.call_resolver import Definition, Home, Resolver
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.project.module_search import Folders, ModuleSearch
from par_lint.analysis.semantics.project.module_text import ModuleText
from par_lint.analysis.semantics.scopes import Class, Defined, Function
from par_lint.analysis.semantics.values import Elements, LocalObject, Named, Object, Value
from par_lint.core.catalog import Catalog
from par_lint.core.files.source_text import UnparsableSource, parse_tree

_MOST_REEXPORTS = 8
_LONGEST_FILE = 2_000_000
"""Bytes of the largest file that is read."""


def read_file(path: str) -> bytes | None:
    """Return the bytes of a file; None if it cannot be read, or is so large that it is data."""
    try:
        with open(path, "rb") as file:
            source = file.read(_LONGEST_FILE + 1)
    except OSError:
        return None
    return source if len(source) <= _LONGEST_FILE else None


def state_of(path: str, folders: Folders, read: Callable[[str], bytes | None] = read_file) -> str:
    """Return a value that changes with the content of a module or, if the path ends with a separator, with the importable entries of a folder."""
    content = "\n".join(sorted(folders.names(path[:-1]))).encode("utf-8", "surrogateescape") if path.endswith(os.sep) else read(path)
    return hashlib.sha256(content).hexdigest()[:20] if content is not None else ""


class Project:
    """The modules of one project. It lives as long as a run: a file that changes meanwhile is not read again."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._folders = Folders()
        self._sources: dict[str, bytes | None] = {}
        self._states: dict[str, str] = {}
        self._modules: dict[str, Resolver | None] = {}
        self._texts: dict[str, ModuleText | None] = {}
        self._by_name: dict[str, str] = {}
        self._found: dict[str, _Imports] = {}
        self.lines = 0
        """The lines of all modules that were read."""

    def imports_of(self, path: str) -> _Imports:
        """Return what the imports of a file lead to; `path` is absolute."""
        if path not in self._found:
            self._found[path] = _Imports(ModuleSearch(path, self._folders), self)
        return self._found[path]

    def module(self, path: str) -> Resolver | None:
        """Return what the names of the module in a file refer to; None if it cannot be read or parsed."""
        if path not in self._modules:
            self._modules[path] = None  # while it is read
            self._modules[path] = self._load(path)
        return self._modules[path]

    def text(self, path: str) -> ModuleText | None:
        """Return the text of the module in a file; None if it cannot be read."""
        if path not in self._texts:
            source, imports = self._source(path), self.imports_of(path)
            text = source.decode("utf-8", "replace") if source is not None else None
            self._texts[path] = ModuleText(text, self._catalog, imports.is_of_project, imports.may_do_io) if text is not None else None
        return self._texts[path]

    def _source(self, path: str) -> bytes | None:
        """Return the bytes of a file, as `read_file` does, once for a run."""
        if path not in self._sources:
            self._sources[path] = read_file(path)
        return self._sources[path]

    def _load(self, path: str) -> Resolver | None:
        source = self._source(path)
        try:
            tree = parse_tree(source) if source is not None else None
        except UnparsableSource:
            tree = None
        if source is None or tree is None:
            return None
        self.lines += source.count(b"\n")
        imports = self.imports_of(path)
        return Resolver(FileIndex(tree), self._catalog, imports, self._register(path, imports.roots[0]))

    def _register(self, path: str, root: str) -> Home:
        """Return the module with a dotted name that stands for this file of the run only."""
        shown = os.path.relpath(path, root).replace(os.sep, "/")
        parts = shown.removesuffix(".py").replace("-", "_").split("/")
        name = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
        while self._by_name.setdefault(name, path) != path:
            name += "_"
        return Home(name, path, shown)

    def registered(self, name: str) -> tuple[str, tuple[str, ...]] | None:
        """Return the file for which the beginning of a name was registered, and the other parts of the name."""
        parts = name.split(".")
        for end in range(len(parts), 0, -1):
            path = self._by_name.get(".".join(parts[:end]))
            if path is not None:
                return path, tuple(parts[end:])
        return None

    def dependencies_of(self, path: str) -> dict[str, str]:
        """Return what the results for a file depend on besides the file: the states of modules and folders, by path."""
        needs: dict[str, str] = {}
        pending, seen = [path], {path}
        while pending:
            imports = self._found.get(pending.pop())
            if imports is None:
                continue
            needs.update((folder + os.sep, self._state(folder + os.sep)) for folder in imports.folders)  # noqa: PRL101 - all is read by now
            for module in imports.modules - seen:  # noqa: PRL101 - the same
                seen.add(module)
                pending.append(module)
                needs[module] = self._state(module)
        return needs

    def _state(self, path: str) -> str:
        if path not in self._states:
            self._states[path] = state_of(path, self._folders, self._source)
        return self._states[path]


class _Imports:
    """What the imports of one file lead to in the project."""

    def __init__(self, search: ModuleSearch, project: Project) -> None:
        self._search = search
        self._project = project
        self._found: dict[str, Definition | None] = {}
        self._may: dict[tuple[str, bool], bool] = {}
        self.modules: set[str] = set()
        """The files of the modules that were asked for."""

    @property
    def folders(self) -> Set[str]:
        """The folders whose contents decided what was found."""
        return self._search.asked

    @property
    def roots(self) -> tuple[str, ...]:
        return self._search.roots

    def is_of_project(self, name: str) -> bool:
        """Return whether a qualified name may be the project's, judged by its first part."""
        return self._search.is_of_project(name)

    def may_do_io(self, name: str, is_whole: bool = False) -> bool:
        """Return whether what a qualified name stands for may do I/O, judged by the texts of the modules; of a whole class, in any method."""
        key = name, is_whole
        if key not in self._may:
            self._may[key] = False  # names that import one another
            located = self._search.locate(name)
            self.modules.update({located.path} if located is not None else ())
            text = self._project.text(located.path) if located is not None and located.rest else None
            self._may[key] = text is None or text.may_do_io(located.rest[-1], is_whole) if located is not None else True
        return self._may[key]

    def find(self, name: str) -> Definition | None:
        """Return what a qualified name stands for, if the project defines it; of a library's object, under the library's name."""
        if name not in self._found:
            self._found[name] = None  # names that import one another stand for nothing
            self._found[name] = self._look_up(name, _MOST_REEXPORTS)
        return self._found[name]

    def _look_up(self, name: str, hops: int) -> Definition | None:
        located = self._search.locate(name)
        place = (located.path, located.rest) if located is not None else self._project.registered(name)
        if place is None:
            return None
        path, rest = place
        if not rest:  # a name that a package binds to something else than its module
            package = os.path.dirname(path) if not path.endswith("__init__.py") else os.path.dirname(os.path.dirname(path))
            path, rest = os.path.join(package, "__init__.py"), (name.rpartition(".")[2],)
        self.modules.add(path)
        module = self._project.module(path)
        return self._member(module, rest, hops) if module is not None else None

    def _member(self, resolver: Resolver, rest: tuple[str, ...], hops: int) -> Definition | None:
        """Return what the parts of a name stand for in a module."""
        scope = resolver.index.module
        if rest[0] not in scope.bindings:
            return self._through_star(resolver, rest, hops)
        if len(rest) == 1 and _is_rebound(resolver, rest[0]):
            return None
        value = resolver.value(rest, scope, 0)
        if isinstance(value, Named) and hops:
            return self._through(value, resolver, hops)
        return Definition(value, resolver) if value is not None else None

    def _through(self, value: Named, resolver: Resolver, hops: int) -> Definition:
        """Follow a name that a module has imported itself."""
        imports = self._of(resolver)
        found = imports._look_up(value.name, hops - 1) if imports.is_of_project(value.name) else None
        return found or Definition(value, resolver)

    def _through_star(self, resolver: Resolver, rest: tuple[str, ...], hops: int) -> Definition | None:
        """Look for a name in the modules from which a module imports everything."""
        if rest[0].startswith("_") or not hops:
            return None
        imports = self._of(resolver)
        for name in resolver.index.imports.get("*", ()):
            base = name.removesuffix("*").removesuffix(".") or "."
            full = base + "".join(f".{part}" if number or not base.endswith(".") else part for number, part in enumerate(rest))
            if not imports.is_of_project(full):
                return Definition(Named(full), resolver)
            found = imports._look_up(full, hops - 1)
            if found is not None:
                return found
        return None

    def qualified(self, definition: Definition) -> Value | None:
        """Return a value of another module as files refer to it: by qualified names."""
        value, resolver = definition
        match value:
            case Function() | Class():
                name = _path_in_module(value)
                return Named(f"{_name_of(resolver)}.{name}") if name is not None else None
            case LocalObject(cls=cls):
                name = _path_in_module(cls)
                return Object(f"{_name_of(resolver)}.{name}") if name is not None else None
            case Elements(of=inner):
                of = self.qualified(Definition(inner, resolver))
                return Elements(of) if of is not None else None
            case Named(name=name) if name.startswith("."):
                found = self._of(resolver).find(name)
                return self.qualified(found) if found is not None else None
            case Object(type=name) if name.startswith("."):
                found = self._of(resolver).find(name)
                told = self.qualified(found) if found is not None else None
                return Object(told.name) if isinstance(told, Named) else None
            case _:
                return value

    def _of(self, resolver: Resolver) -> _Imports:
        """Return the imports of another module."""
        assert resolver.home is not None
        return self._project.imports_of(resolver.home.path)


def _name_of(resolver: Resolver) -> str:
    assert resolver.home is not None
    return resolver.home.name


def _path_in_module(what: Function | Class) -> str | None:
    """Return the dotted name of a function or class in its module; None inside a function."""
    parts = [what.name]
    around = what.parent
    while around is not None and around.parent is not None:
        if not isinstance(around, Class):
            return None
        parts.append(around.name)
        around = around.parent
    return ".".join(reversed(parts))


def _is_rebound(resolver: Resolver, name: str) -> bool:
    """Return whether a module binds a function or class again to something else: which one callers get is unknown."""
    bindings = resolver.index.module.bindings[name]
    return any(isinstance(one, Defined) for one in bindings) and any(isinstance(one, Assigned) and not is_placeholder(one) for one in bindings)

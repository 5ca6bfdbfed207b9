"""Resolve access paths to an imported name, an object of a known class, or a function or class of the same file.

The evidence is in the file: imports, constructor calls, annotations, `with ... as`, loop items, `self.x = ...`, returns. Names are
resolved by scope, never by spelling. None means unknown.
"""

from __future__ import annotations

import ast
import builtins
import sys
from typing import Any, NamedTuple, Protocol

from par_lint.analysis.semantics.access_path import CALL, COLLECT, DIVIDE, ENTER, ITEM, MERGE, OPENED, SLICE, UNKNOWN, AccessPath, access_path
from par_lint.analysis.semantics.bindings import Assigned, Import, is_placeholder
from par_lint.analysis.semantics.cheap_calls import (
    IN_MEMORY,
    LINE_PARSERS,
    is_header_only,
    is_of_lines_in_memory,
    may_be_console,
    may_be_text,
    reads_almost_nothing,
    reads_process_table,
    returns_text,
)
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.name_filter import NameFilter
from par_lint.analysis.semantics.receiver_evidence import has_evidence_for, infer_name, is_used_as_response, reads_bytes_of_other_class
from par_lint.analysis.semantics.scopes import Binding, CallSite, Class, Defined, Function, Scope
from par_lint.analysis.semantics.values import Elements, LocalObject, Named, Object, Value
from par_lint.core.catalog import Catalog
from par_lint.core.catalog.entry import Entry, Kind, Sharing, Trait
from par_lint.core.catalog.http_clients import TEST_CLIENT_PACKAGES

_BUILTINS = frozenset(dir(builtins))
_KNOWN_ROOTS = _BUILTINS | sys.stdlib_module_names
"""Names with these roots that are not in the catalogue do no relevant I/O."""
_MAX_DEPTH = 24  # bindings followed for one path; stops at cycles of bindings


class Home(NamedTuple):
    """A module of the project.

    `name` is its dotted name, which no other module of the run has; `shown` is its path as messages show it, from the folder of the outermost package.
    """

    name: str
    path: str
    shown: str


class Definition(NamedTuple):
    """What a qualified name stands for, and the resolver of the module that says so."""

    value: Value
    resolver: Resolver


class Imports(Protocol):
    """What the imports of a file lead to in the other modules of its project."""

    def is_of_project(self, name: str) -> bool:
        """Return whether a qualified name may be the project's, judged by its first part."""

    def may_do_io(self, name: str) -> bool:
        """Return whether what a qualified name stands for may do I/O, judged by the texts of the modules."""

    def find(self, name: str) -> Definition | None:
        """Return what a qualified name stands for; None if the project does not show it."""

    def qualified(self, definition: Definition) -> Value | None:
        """Return a value of another module as files refer to it: by qualified names."""


_PATH = Object("pathlib.Path")
_FILE = Object("io.File")
_NONE = Object("NoneType")
_CONSOLE = Named("sys.stdout")
_DECISIVE_STEPS = frozenset({OPENED, DIVIDE})
"""Steps that determine the result for any input."""
_SAME_ELEMENTS = frozenset({SLICE, ENTER, MERGE, "union", "difference", "intersection", "symmetric_difference", "copy", CALL})
"""Steps from a collection to one with the same elements, or with some of them; a call is that of such a method."""
_FILLED = frozenset({"list", "set"})
_ADDING = ("append", "add", "appendleft")


class Resolver:
    """Resolves the expressions of one file.

    Args:
        index: the file.
        catalog: what calls of libraries do.
        imports: what its imports lead to in the project; None if only this file counts.
        home: the file as a module of the project, if others call it.
    """

    def __init__(self, index: FileIndex, catalog: Catalog, imports: Imports | None = None, home: Home | None = None) -> None:
        self.index = index
        self.catalog = catalog
        self.imports = imports
        self.home = home
        self.name_filter = NameFilter(index, catalog, imports.is_of_project if imports is not None else None, is_followed=home is not None)
        self._values: dict[tuple[AccessPath, Scope, int], Value | None] = {}
        self._callees: dict[CallSite, Value | None] = {}
        self._collections: dict[tuple[Scope, str], Value | None] = {}
        self._attributes: dict[tuple[Class, str], Value | None] = {}
        self._entries: dict[CallSite, Entry | None] = {}
        self.answers: dict[tuple[object, ...], Any] = {}
        """Memoized results of other analyses of the file."""
        self._active: set[tuple[AccessPath, Scope, int]] = set()

    def is_known_root(self, root: str) -> bool:
        """Return whether a first part of qualified names belongs to Python itself or to a library in the catalogue."""
        return root in _KNOWN_ROOTS or root in self.catalog.roots

    def callee(self, site: CallSite) -> Value | None:
        """Return the callee of a call."""
        try:
            return self._callees[site]
        except KeyError:
            found = self._callees[site] = self.value(access_path(site.node.func), site.scope, site.node.lineno)
            return found

    def entry(self, site: CallSite) -> Entry | None:
        """Return the catalogue entry of a callee, by its name or else by its spelling."""
        if site not in self._entries:
            self._entries[site] = self._entry(site)
        return self._entries[site]

    def _entry(self, site: CallSite) -> Entry | None:
        callee = self.callee(site)
        if isinstance(callee, (Function, Class)):
            return None
        if callee is None and "isinstance" in self.index.by_name and (found := self._narrowed(site)) is not None:
            return found
        if isinstance(callee, Named):
            found = self.catalog.find(callee.name)
            definition = self.imported(callee) if found is None and self.may_reach_io(callee.name) else None
            if definition is not None:
                found = self.catalog.find(definition.value.name) if isinstance(definition.value, Named) else None
                if found is None:
                    return None
            if found is not None and self._is_cheap(found, site):
                return found._replace(kind=Kind.METADATA)
            if found is not None or callee.name.partition(".")[0] in _KNOWN_ROOTS:
                return found
        if not has_evidence_for(site.name) and not (self.index.answered and is_used_as_response(site, self.index)):
            return None
        is_function = isinstance(callee, Named) and callee.name.rpartition(".")[0].islower()
        if isinstance(callee, Named) and (callee.name.partition(".")[0] in TEST_CLIENT_PACKAGES or reads_bytes_of_other_class(callee.name)):
            return None
        name = infer_name(site, self.index, is_function=is_function, is_shown=callee is not None)
        found = self.catalog.find(name) if name is not None else None
        return found._replace(kind=Kind.METADATA) if found is not None and reads_almost_nothing(site.node, found.name) else found

    def may_reach_io(self, name: str) -> bool:
        """Return whether what the project defines under a qualified name may do I/O, as far as the texts of its modules show."""
        return self.is_of_project(name) and self.imports is not None and self.imports.may_do_io(name)

    def is_of_project(self, name: str) -> bool:
        """Return whether a qualified name belongs to another module of the project."""
        return self.imports is not None and self.imports.is_of_project(name)

    def imported(self, value: Value | None) -> Definition | None:
        """Return what a qualified name stands for in another module of the project; None if none shows it."""
        return self.imports.find(value.name) if isinstance(value, Named) and self.imports is not None and self.imports.is_of_project(value.name) else None

    def _narrowed(self, site: CallSite) -> Entry | None:
        """Return the entry of a method of an object that is nothing but its name, if the function asks whether it is of a class that has it."""
        func = site.node.func
        if not isinstance(func, ast.Attribute) or not isinstance(func.value, ast.Name):
            return None
        for cls in self.index.narrowed.get((site.scope, func.value.id), ()):
            value = self.expression(cls, site.scope)
            found = self.catalog.find(f"{value.name}.{func.attr}") if isinstance(value, Named) else None
            if found is not None:
                return found
        return None

    def _is_cheap(self, entry: Entry, site: CallSite) -> bool:
        """Whether a call of what the catalogue lists touches no whole file as it is given."""
        node = site.node
        if reads_almost_nothing(node, entry.name):
            return True
        if entry.kind is not Kind.FILE:
            return False
        if returns_text(entry.name, node, site.scope) or reads_process_table(node, entry.name, site.scope):
            return True
        if entry.name in LINE_PARSERS and node.args and is_of_lines_in_memory(node.args[0], site.scope):
            return True
        if self.catalog.has_trait(entry.name, Trait.READS_TEXT) and may_be_text(node) and not self._may_be_file(node.args[0], site.scope):
            return True
        given = (*node.args, *(keyword.value for keyword in node.keywords))
        return any(self.is_in_memory(value, site.scope) for value in given) or is_header_only(entry.name, site)

    def _may_be_file(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression is an open file, a path, or what a `with` binds."""
        return isinstance(node, ast.Name) and node.id in self.index.managed or self.expression(node, scope) in (_FILE, _PATH)

    def is_in_memory(self, node: ast.expr, scope: Scope) -> bool:
        """Return whether an expression is an open file that is only in memory."""
        if not isinstance(node, (ast.Name, ast.Call, ast.Attribute)):
            return False
        value = self.expression(node, scope)
        return isinstance(value, Object) and value.type in IN_MEMORY

    def expression(self, node: ast.expr, scope: Scope) -> Value | None:
        """Return what an expression in `scope` refers to."""
        return self.value(access_path(node), scope, node.lineno)

    def value(self, path: AccessPath, scope: Scope, line: int) -> Value | None:
        """Return what an access path at `line` of `scope` refers to."""
        name = path[0]
        if path == UNKNOWN:
            return None
        if not name.startswith("<") and name != "super":
            found = self._find(name, scope)
            if found is None:
                scope, line = self.index.module, 0  # a built-in or unknown: the same everywhere
            else:
                line = line if found[0] is scope and len(found[1]) > 1 else 0
                scope = found[0]
        key = (path, scope, line)
        if key in self._values:
            return self._values[key]
        if key in self._active or len(self._active) > _MAX_DEPTH:
            return None
        self._active.add(key)
        try:
            found_value = self._after_steps(path, scope, line)
        finally:
            self._active.discard(key)
        self._values[key] = found_value
        return found_value

    def _find(self, name: str, scope: Scope) -> tuple[Scope, list[Binding]] | None:
        """Return the scope that binds a name as seen from another one; functions that cannot bind it are skipped."""
        module = self.index.module
        if type(scope) is not Function or name in self.index.local:
            return scope.find(name)
        around: Scope = scope
        while around.parent is not None:
            if type(around) is Function and name in around.parameters:
                return scope.find(name)
            around = around.parent
        bindings = module.bindings.get(name)
        return (module, bindings) if bindings is not None else None

    def _after_steps(self, path: AccessPath, scope: Scope, line: int) -> Value | None:
        """Return the result of the steps of a path."""
        if path[:2] == ("super", CALL) and len(path) > 2:
            path = path[2:]
            found = self._of_super(path[0], scope)
        else:
            found = self._root(path[0], scope, line)
        before = path[0]
        for step in path[1:]:
            if found is not None or step in _DECISIVE_STEPS:
                found = self.after_step(found, before, step)
            before = step
        return found

    def after_step(self, found: Value | None, before: str, step: str) -> Value | None:
        """Return the result of one step of a path; `before` precedes it."""
        if step == OPENED:
            opened = self._step(found, CALL) if found is not None else None
            return opened or (_FILE if before.endswith("open") else None)  # the project's own `open`
        if found is None:
            return _PATH if step == DIVIDE else None  # the result of `/` is a path, whatever the operand is
        return self._step(found, step)

    # Roots --------------------------------------------------------------------------------------------------------

    def _root(self, name: str, scope: Scope, line: int) -> Value | None:
        if name == "<self>":
            return _self_of(scope)
        if name.startswith("<"):
            return Object(name.strip("<>"))
        found = self._find(name, scope)
        if found is None:
            return Named(name) if name in _BUILTINS else None
        home = found[0]
        binding = home.bound_at(name, line if home is scope else 0)
        value = self._bound(home, binding, len(found[1]), name) if binding is not None else None
        if type(value) is Object and value.type in _FILLED and name in home.added:
            return self._element_type(home, name) or value
        if type(value) is Object and value.type in IN_MEMORY and len(found[1]) > 1 and self._may_be_opened(home, found[1]):
            return _FILE  # in memory in the one case only
        return value

    def _may_be_opened(self, home: Scope, bindings: list[Binding]) -> bool:
        """Whether one of the bindings of a name is an open file."""
        return any(self._bound(home, binding, len(bindings)) == _FILE for binding in bindings)

    def _bound(self, home: Scope, binding: Binding, number: int, name: str = "") -> Value | None:
        """Return the value of one of the bindings of a name."""
        if isinstance(binding, Import):
            return Named(binding.name)
        if isinstance(binding, Defined):
            return binding.what
        # The right side sees the earlier binding: `path = Path(path)`.
        path, at = binding.path, binding.line
        if path == UNKNOWN and type(home) is Function and binding.value is None and number == 1:
            return self._shared_argument(home, name)
        return self.value(path, home, at - 1 if number > 1 and path[0] in home.bindings else at)

    def _shared_argument(self, function: Function, name: str) -> Value | None:
        """The client, or the open file or connection, that all calls of a function in the file give it for a parameter."""
        if name not in function.parameters or isinstance(function.node, ast.Lambda):
            return None
        places = function.explicit_parameters
        found: set[Value | None] = set()
        for site in (*self.index.by_name.get(function.name, ()), *self.index.by_method.get(function.name, ())):
            if self.callee(site) is not function:
                continue
            keywords = {keyword.arg: keyword.value for keyword in site.node.keywords}
            at = places.index(name) if name in places else len(site.node.args)
            is_plain = None not in keywords and not any(isinstance(arg, ast.Starred) for arg in site.node.args)
            given = keywords.get(name) or (site.node.args[at] if at < len(site.node.args) else None) if is_plain else None
            found.add(self.expression(given, site.scope) if given is not None else None)
            if len(found) > 1 or len(found) == 1 and None in found:
                return None
        value = next(iter(found), None)
        return value if isinstance(value, Object) and self._is_shared_thing(value.type) else None

    def _is_shared_thing(self, type_name: str) -> bool:
        """Whether objects of a class are clients of a library, or have one position or connection."""
        is_foreign = type_name.partition(".")[0] not in _KNOWN_ROOTS and "." in type_name
        return is_foreign or self.catalog.sharing(type_name) is Sharing.STATEFUL

    def _element_type(self, home: Scope, name: str) -> Value | None:
        """Return the type of a list's or set's elements if everything that is added to it has one type."""
        key = (home, name)
        if key not in self._collections:
            first, *others = home.added[name]
            value = self.value(first, home, 0)
            is_one = isinstance(value, Elements) and all(self.value(path, home, 0) == value for path in others)
            self._collections[key] = value if is_one else None
        return self._collections[key]

    def _element_type_of_attribute(self, cls: Class, name: str) -> Value | None:
        """Return the type of the elements of an attribute of a class if everything that its methods add to it has one type."""
        found: set[Value | None] = set()
        for site in (site for method in _ADDING for site in self.index.by_method.get(method, ())):
            match site.node:
                case ast.Call(func=ast.Attribute(value=ast.Attribute(value=owner, attr=attr)), args=[item]) if attr == name:
                    if self.expression(owner, site.scope) == LocalObject(cls):
                        found.add(self.expression(item, site.scope))
                case _:
                    pass
        value = next(iter(found)) if len(found) == 1 else None
        return Elements(value) if value is not None else None

    def _of_super(self, name: str, scope: Scope) -> Value | None:
        """Return the value of `super().name`, if a base class in the file or a known one has it."""
        match _self_of(scope):
            case LocalObject(cls=cls):
                return self._inherited(cls, name, frozenset({cls}))
            case _:
                return None

    # Steps --------------------------------------------------------------------------------------------------------

    def _step(self, value: Value, step: str) -> Value | None:
        if isinstance(value, Elements):
            return value.of if step == ITEM else value if step in _SAME_ELEMENTS else None
        if step == COLLECT:
            return Elements(value)
        if isinstance(value, Named):
            return self._step_named(value.name, step)
        if isinstance(value, Object):
            return self._step_object(value.type, step)
        if isinstance(value, Function):
            return self.result(value) if step == CALL else None
        cls = value.cls if isinstance(value, LocalObject) else value
        if step == ENTER and value is not cls:
            return self._entered(cls)
        if step == CALL and value is cls:
            return LocalObject(cls)
        return self.attribute(cls, step) if step.isidentifier() else None

    def _step_named(self, name: str, step: str) -> Value | None:
        if step == CALL:
            definition = self.imported(Named(name)) if self.catalog.returns(name) is None and not _is_class(name) else None
            return self._result_of_library_call(name) if definition is None else self._result_of_project_call(definition)
        given = self.catalog.returns(name)
        if given is not None:  # a property: its attributes are those of its value
            value = _parse_type(given)
            return value if value is None else self._step(value, step)
        return Named(f"{name}.{step}") if step.isidentifier() else None

    def _result_of_library_call(self, name: str) -> Value | None:
        """Return the result of calling what a library defines."""
        given = self.catalog.returns(name)
        if given is not None:
            return _parse_type(given)
        return Object(self.catalog.canonical(name)) if _is_class(name) else None

    def _result_of_project_call(self, definition: Definition) -> Value | None:
        """Return the result of calling what another module of the project defines, as this file refers to it."""
        value, resolver = definition
        made = self._result_of_library_call(value.name) if isinstance(value, Named) else resolver._step(value, CALL)
        return self.imports.qualified(Definition(made, resolver)) if made is not None and self.imports is not None else None

    def _step_object(self, type_name: str, step: str) -> Value | None:
        if step.isidentifier() and step != ENTER:
            return Named(f"{type_name}.{step}")
        special = self.catalog.returns(f"{type_name}.{step}")
        if special is not None:
            return _parse_type(special)
        return Object(type_name) if step in (ENTER, SLICE) else None

    def _entered(self, cls: Class) -> Value | None:
        enter = self.attribute(cls, "__enter__")
        return self.result(enter) if isinstance(enter, Function) and enter.returns else LocalObject(cls)

    # Same-file functions and classes ------------------------------------------------------------------------------

    def result(self, function: Function) -> Value | None:
        """Return the result of calling a function of this file: by its annotation, else by its first conclusive return."""
        if function.annotation is not None:
            home = function.parent or function
            value = self.value(function.annotation, home, 0)
            if value is not None:
                return value
        for path in function.returns:
            value = self.value(path, function, 0)
            if value is not None and value != _NONE:
                return value
        return None

    def attribute(self, cls: Class, name: str) -> Value | None:
        """Return the value of `self.name` in a class of this file: a method, an attribute bound in the class, or an inherited one."""
        key = (cls, name)
        if key not in self._attributes:
            self._attributes[key] = self._attribute(cls, name, frozenset())
        return self._attributes[key]

    def _attribute(self, cls: Class, name: str, seen: frozenset[Class]) -> Value | None:
        if cls in seen:
            return None
        for binding in reversed(cls.bindings.get(name, [])):
            if isinstance(binding, Defined):
                what = binding.what
                return self.result(what) if isinstance(what, Function) and what.is_property else what
            if not is_placeholder(binding):
                value = self._bound(cls, binding, 1)
                if value is not None and value != _NONE:
                    return _CONSOLE if value == _FILE and isinstance(binding, Assigned) and may_be_console(binding.value, cls) else value
        for scope, assigned in cls.attributes.get(name, []):
            value = self.value(assigned.path, scope, assigned.line)
            if value is not None and value != _NONE:
                if type(value) is Object and value.type in _FILLED:
                    return self._element_type_of_attribute(cls, name) or value
                return _CONSOLE if value == _FILE and may_be_console(assigned.value, scope) else value
        return self._inherited(cls, name, seen | {cls})

    def _inherited(self, cls: Class, name: str, seen: frozenset[Class]) -> Value | None:
        for base in cls.bases:
            match self.value(base, cls.parent or cls, 0):
                case Class() as parent:
                    found = self._attribute(parent, name, seen)
                    if found is not None:
                        return found
                case Named(name=parent_name) if self._has(parent_name, name):
                    return Named(f"{parent_name}.{name}")
        return None

    def _has(self, cls: str, name: str) -> bool:
        """Return whether a class of a library, or of another module of the project, is known to have an attribute."""
        full = f"{cls}.{name}"
        return self.catalog.find(full) is not None or self.imported(Named(full)) is not None


def _is_class(name: str) -> bool:
    """Return whether a qualified name is a class, by its capital letter or as one of a few exceptions."""
    return name.rpartition(".")[2][:1].isupper() or name == "threading.local"


def _parse_type(text: str) -> Value | None:
    if text.startswith("iter[") and text.endswith("]"):
        inner = _parse_type(text[5:-1])
        return None if inner is None else Elements(inner)
    return Object(text)


def _self_of(scope: Scope) -> Value | None:
    around: Scope | None = scope
    while around is not None:
        if isinstance(around, Function) and around.owner is not None:
            return LocalObject(around.owner)
        around = around.parent
    return None

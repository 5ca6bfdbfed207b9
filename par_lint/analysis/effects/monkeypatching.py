"""Functions, methods and built-ins that the file replaces: through attributes, strings, imports, changed classes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import access_path, last_name
from par_lint.analysis.semantics.bindings import Import
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.scopes import Defined, Function
from par_lint.analysis.syntax.expression_names import dotted, terminal
from par_lint.core.memo import memoized_for_last

_PATCHING_CALLS = frozenset({"setattr", "__setattr__", "delattr", "patch", "object", "multiple", "setitem", "spy", "stub"})
"""Calls with a string that names what to replace: `setattr`, `mock.patch`, `monkeypatch`, `mocker`."""
_REPLACING_CALLS = _PATCHING_CALLS | {"type", "update", "setdefault", "__setitem__", "pop", "dict"}
"""Calls that may put something elsewhere."""
_CODE = frozenset({"__code__", "__defaults__", "__kwdefaults__"})
_CLASSES = frozenset({"__class__", "__dict__", "__bases__"})
_PLAIN_METACLASSES = frozenset({"ABCMeta", "EnumMeta", "EnumType", "type"})
_HARMLESS_STARS = frozenset({
    "typing", "tkinter", "tkinter.ttk", "ctypes", "struct", "threading", "collections", "itertools", "pathlib", "datetime", "time", "os.path", "decimal",
    "json", "glob", "functools", "unittest", "turtle", "par_lint.parallel",
})  # fmt: skip
"""Modules whose `import *` replaces no built-ins."""


class Rebindings(NamedTuple):
    """The names that the file binds in other ways than by a `def` or an import at the start."""

    attributes: frozenset[str]  # bound as attributes of any object
    elsewhere: frozenset[str]  # the same, of other objects than `self`
    texts: frozenset[str]  # named in strings
    methods: bool  # any method: the file stores into namespaces of objects
    functions: bool  # any function, even
    stars: int  # the line of the last `import *` that may bring any name; 0 for none
    later: int  # the line of the last `import *`


@memoized_for_last
def find_rebindings(resolver: Resolver) -> Rebindings:
    """Return what the file rebinds, found in one walk."""
    attributes, elsewhere, texts = set[str](), set[str](), set[str]()
    kinds = set[str]()
    stars = later = 0
    index = resolver.index
    for cls in index.all_of(ast.ClassDef):
        kinds.update("methods" for one in cls.keywords if one.arg == "metaclass" and _last(one.value) not in _PLAIN_METACLASSES)
    for attribute in index.all_of(ast.Attribute):
        if type(attribute.ctx) is not ast.Load:
            attr, value = attribute.attr, attribute.value
            attributes.add(attr)
            if not (isinstance(value, ast.Name) and value.id in ("self", "cls")):
                elsewhere.add(attr)
            kinds.update({"functions", "methods"} if attr in _CODE else {"methods"} if attr in _CLASSES else ())
    for item in index.all_of(ast.Subscript):
        if type(item.ctx) is not ast.Load and (space := _namespace(item.value)) is not None:
            kinds.update(_named(item.slice, texts, space))
    for call in index.all_of(ast.Call):
        for told, space in _patched_names(call):
            kinds.update(_named(told, texts, space))
        if call.keywords:
            texts.update(one.arg for one in call.keywords if one.arg is not None and (_replaces_keywords(call) or _is_function(one.value, resolver, call)))
    for imported in index.all_of(ast.ImportFrom):
        if imported.names[0].name == "*":
            later = max(later, imported.lineno)
            stars = max(stars, imported.lineno if imported.module not in _HARMLESS_STARS or imported.level else 0)
    if _unbound_methods(index):
        kinds.add("methods")
    return Rebindings(frozenset(attributes), frozenset(elsewhere), frozenset(texts), "methods" in kinds, "functions" in kinds, stars, later)


def _is_function(value: ast.expr, resolver: Resolver, call: ast.Call) -> bool:
    """Whether a keyword argument of a class is a function of the file, which its objects may get as an attribute with that name."""
    if not _last(call)[:1].isupper():
        return False
    return isinstance(value, ast.Lambda) or isinstance(value, ast.Name) and any(one.name == value.id for one in resolver.index.functions)


def _unbound_methods(index: FileIndex) -> bool:
    """Whether the file uses a method of one of its classes as a function: it may be called with an object of another class."""
    classes = {cls.name: cls for cls in index.classes}
    own = {id(site.node.func) for site in index.calls if site.node.args and isinstance(site.node.args[0], ast.Name) and site.node.args[0].id in ("self", "cls")}
    for node in index.all_of(ast.Attribute):
        if isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load) and node.value.id in classes and id(node) not in own:
            methods = [one for one in classes[node.value.id].methods if one.name == node.attr]
            if any(not (one.is_static or one.is_class_method or one.is_property) for one in methods):
                return True
    return False


def _last(node: ast.expr) -> str:
    named = node.func if isinstance(node, ast.Call) else node
    return last_name(named) or access_path(named)[-1]


def _namespace(node: ast.expr) -> str | None:
    """Return the kind of namespace that an expression is, of an object or of a module; None if it is none."""
    match node:
        case ast.Attribute(attr="__dict__", value=value):
            return "globals" if isinstance(value, ast.Subscript) else "object"
        case ast.Attribute(attr="modules"):
            return "modules"
        case ast.Call(func=ast.Name(id="vars" | "globals" | "locals" as name)):
            return "object" if name == "vars" else "globals"
        case _:
            return None


def _named(key: ast.expr | None, texts: set[str], space: str) -> set[str]:
    """Add the name in a string; without a constant string, any name of the namespace may be meant."""
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        texts.add(key.value.rpartition(".")[2])
        return set()
    return {"object": {"methods"}, "modules": set[str]()}.get(space, {"methods", "functions"})


def _patched_names(call: ast.Call) -> Iterator[tuple[ast.expr | None, str]]:
    """Yield the names that a call replaces, each with its namespace."""
    last = _last(call)
    if last not in _REPLACING_CALLS:
        return
    match call:
        case ast.Call(func=ast.Name(id="type"), args=[_, _, space]):
            yield from _keys(space, "object")
        case ast.Call(func=ast.Attribute(attr="update" | "setdefault" | "__setitem__" | "pop" as method, value=value), args=args) if (
            (around := _namespace(value)) is not None
        ):
            if method == "update":
                for arg in args:
                    yield from _keys(arg, around)
                yield from ((ast.Constant(one.arg) if one.arg is not None else None, around) for one in call.keywords)
            else:
                yield args[0] if args else None, around
        case ast.Call(args=[_, ast.Dict() as space]) if last == "dict":
            yield from _keys(space, "modules")  # patch.dict(sys.modules, {...})
        case ast.Call(args=[first, *others]) if last in _PATCHING_CALLS:
            if isinstance(first, ast.Constant):
                yield first, "object"
            elif others:
                is_module = isinstance(first, ast.Subscript)  # sys.modules[...]
                yield others[0], "globals" if is_module else "object"
        case _:
            pass


def _keys(node: ast.expr, space: str) -> Iterator[tuple[ast.expr | None, str]]:
    if isinstance(node, ast.Dict):
        yield from ((key, space) for key in node.keys)
    else:
        yield None, space


def _replaces_keywords(call: ast.Call) -> bool:
    """Whether the keywords of a call are the names that it replaces: `patch.multiple(module, load=...)`."""
    return _last(call) == "multiple"


def is_rebound(function: Function, facts: Facts) -> bool:
    """Return whether a function of the file may be replaced."""
    found = find_rebindings(facts.resolver)
    name = function.name
    bindings = function.parent.bindings.get(name, ()) if function.parent is not None else ()
    if name in found.attributes or name in found.texts or found.functions or any(not isinstance(one, Defined) for one in bindings):
        return True
    if function.owner is None:
        return function.parent is facts.index.module and found.later > function.line
    return found.methods or any(not isinstance(one, Defined) for cls in facts.index.classes for one in cls.bindings.get(name, ()))


def is_patched(call: cst.Call, name: str, facts: Facts) -> bool:
    """Return whether the file replaces a function with a qualified name."""
    found = find_rebindings(facts.resolver)
    spelled = {name.rpartition(".")[2], terminal(call)}
    root = (dotted(call.func) or "").partition(".")[0]
    if spelled & found.elsewhere or {*spelled, root} & found.texts:
        return True
    if not found.stars:
        return False
    if not root:
        return False
    bound = facts.scope(call).find(root)
    if bound is None:
        return True
    return bound[0] is facts.index.module and all(isinstance(one, Import) and one.line < found.stars for one in bound[1])


def is_bound_dynamically(method: str, facts: Facts) -> bool:
    """Return whether a class of the file, or an object of it, has a name that is not bound by a `def`."""
    found = find_rebindings(facts.resolver)
    if method in found.texts or method in found.attributes:
        return True
    return any(not isinstance(one, Defined) for cls in facts.index.classes for one in cls.bindings.get(method, ()))

"""Which objects code reads and which it may change, including aliases. A call is assumed to change its arguments unless a closed list excludes it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from par_lint.analysis.effects.library_results import ARGUMENT_MUTATORS, DATA_METHODS, MUTATING_METHODS
from par_lint.analysis.effects.object_graph import AbstractObject
from par_lint.analysis.effects.points_to import PointsTo
from par_lint.analysis.effects.possible_writers import NON_WRITING_METHODS
from par_lint.analysis.effects.pure_names import PURE_METHODS
from par_lint.analysis.effects.special_methods import overriding_methods
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.ast_walk import children
from par_lint.analysis.semantics.scopes import Class, Function
from par_lint.analysis.semantics.values import Named
from par_lint.core.catalog.entry import Kind, Trait

ELEMENTS = "[]"
ANY = "*"
ADDITIONS = "+"
"""Added to another object: the elements of a container."""
TEXT = "text"
"""Read as one value, such as a string, a number or a path. Only an object that is known to be a container has elements then."""
_OF_TEXTS = frozenset({"__str__", "__repr__", "__format__", "__fspath__", "__bytes__", "__add__", "__radd__", "__truediv__", "__rtruediv__", "__mod__", "__rmod__"})
_OF_ATTRIBUTES = frozenset({"__getattr__", "__getattribute__", "__get__"})
_SHALLOW = frozenset({"len", "bool", "iter", "next", "enumerate", "zip", "range", "reversed", "isinstance", "issubclass", "id", "type", "callable", "hasattr"})
_TEXTS = frozenset({"str", "int", "float", "open", "format", "bytes", "ord", "chr", "print", "os", "pathlib", "glob", "shutil", "urllib.parse", "subprocess"})
_NON_MUTATING_MODULES = frozenset({
    "math", "json", "re", "datetime", "os", "itertools", "textwrap", "statistics", "string", "hashlib", "hmac", "base64", "urllib", "time", "typing", "dataclasses", "decimal", "fractions",
    "uuid", "difflib", "html", "fnmatch", "glob", "logging", "warnings", "traceback", "sys", "csv", "contextlib", "copy", "pathlib", "collections", "functools", "pprint", "shlex",
    "zlib", "gzip", "bz2", "lzma", "binascii", "secrets", "types", "enum", "inspect", "locale", "unicodedata", "shutil", "tempfile", "subprocess", "pickle",
    "marshal", "plistlib", "tomllib", "xml", "ast", "io", "zipfile", "tarfile", "configparser", "email", "mimetypes", "platform", "getpass", "threading", "queue", "asyncio",
    "concurrent", "unittest", "argparse", "operator", "heapq", "bisect", "random", "struct", "weakref", "gc",
    "sqlite3", "signal", "socket", "ssl", "http", "ftplib", "smtplib", "select", "errno", "stat", "filecmp", "linecache", "codecs", "reprlib", "numbers", "calendar", "zoneinfo", "keyword",
})  # fmt: skip
"""Modules of Python whose functions change nothing that they are given, but for those of `ARGUMENT_MUTATORS`, and what is named `..._into`."""
NON_MUTATING_BUILTINS = frozenset({"len", "print", "str", "repr", "sorted", "list", "dict", "set", "tuple", "isinstance", "bool", "sum", "any", "all", "enumerate", "zip", "min", "max", "iter", "id", "type"})


class Change(NamedTuple):
    """The objects that a node may change: `what` is their elements, an attribute, or anything."""

    things: frozenset[AbstractObject]
    what: str
    node: ast.AST
    at: ast.expr  # the expression through which they are changed


class ObjectUses:
    """The objects that code reads: their elements, attributes by name, or anything."""

    def __init__(self, points: PointsTo, made: set[int]) -> None:
        """`made` are the identities of the nodes of one iteration: the objects that they create are new in each iteration."""
        self.points = points
        self.facts: Facts = points.facts
        self.found: dict[AbstractObject, set[str]] = {}
        self._made = made
        self.entered: set[Function] = set()

    def over(self, node: ast.AST, above: list[ast.AST], is_moved: Callable[[ast.AST], bool]) -> None:
        """Record what moved code reads. `above` are the nodes around it, the innermost first."""
        pending = [(node, above)]
        while pending:
            node, above = pending.pop()
            is_result = bool(above) and isinstance(above[0], (ast.Attribute, ast.Call)) and not is_moved(above[0])  # the code that stays reads it later
            if isinstance(node, ast.expr) and is_moved(node):
                self._note(node, [] if is_result else above)
            pending += [(child, [node, *above[:6]]) for child in children(node)]

    def enter(self, function: object) -> None:
        """Record what a function of the file reads."""
        if isinstance(function, Class):
            function = self.facts.resolver.attribute(function, "__init__")
        if not isinstance(function, Function) or function in self.entered:
            return
        self.entered.add(function)
        self.over(function.node, [], lambda _: True)

    def matches(self, change: Change) -> bool:
        """Return whether a change may affect a recorded object."""
        for thing in change.things:
            looks = self.found.get(thing)
            if looks is None:
                continue
            if change.what in looks or ANY in looks:
                return True
            if change.what == ANY and not looks <= {TEXT, ADDITIONS}:
                return True
            if change.what in (ANY, ELEMENTS) and (thing.is_container or ADDITIONS in looks and change.what == ELEMENTS and not thing.is_open):
                return True
        return False

    def _note(self, node: ast.expr, above: list[ast.AST]) -> None:
        if isinstance(node, ast.Call):
            self._follow(node)
        if isinstance(node, ast.Attribute):
            for function in self.facts.properties(node.attr):
                self.enter(function)
        if not isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)) or self.points.is_imported(node):
            return
        around: ast.expr = node
        while True:
            what = self._way(around, above)
            if what is not None:
                self._add(node, what)
            if not above or not isinstance(above[0], (ast.IfExp, ast.BoolOp, ast.NamedExpr, ast.Starred)):
                break
            around, *above = above  # type: ignore[assignment]

    def _add(self, node: ast.expr, what: str) -> None:
        graph = self.points.graph
        things = set(self.points.objects_of(node))
        if what in (TEXT, ADDITIONS):
            things = graph.texts(things)
        else:
            things = graph.closure(things) if what == ANY else graph.opened(things)
        for thing in things:
            if not self._is_new(thing):
                self.found.setdefault(thing, set()).add(what)
            if thing.function is not None and what == ANY:
                self.enter(thing.function)
            for method in thing.cls.methods if thing.cls is not None else ():
                if _is_called_implicitly(method.name, what):
                    self.enter(method)

    def _is_new(self, thing: AbstractObject) -> bool:
        """Whether each iteration creates the object, itself or in a function whose results no decorator caches."""
        home = thing.made_in
        is_called = isinstance(home, Function) and home in self.entered and not getattr(home.node, "decorator_list", ())
        return id(thing.made_at) in self._made or is_called

    def _follow(self, call: ast.Call) -> None:
        callee = self.facts.known.callee(call)
        self.enter(callee)
        if isinstance(callee, Function) and callee.owner is not None:
            for method in overriding_methods(callee, self.facts):
                self.enter(method)
        if callee is None or self.points.is_variable_value(call.func):
            for method in self.facts.methods(call.func.attr) if isinstance(call.func, ast.Attribute) else ():
                self.enter(method)
            if not isinstance(call.func, ast.Attribute):
                self._add(call.func, ANY)

    def _way(self, node: ast.expr, above: list[ast.AST]) -> str | None:
        """Return how a place reads the value of an expression; None if it only passes it on."""
        around = above[0] if above else None
        match around:
            case ast.Subscript(value=value) if value is node:
                return ELEMENTS
            case ast.Attribute(attr=name):
                return self._method(name, around, above)
            case ast.Call(func=func):
                return None if func is node else self._change_by_argument(around)
            case ast.keyword():
                return self._change_by_argument(above[1]) if len(above) > 1 and isinstance(above[1], ast.Call) else None
            case ast.Starred():
                return ELEMENTS
            case ast.For(iter=source) | ast.AsyncFor(iter=source) | ast.comprehension(iter=source) if source is node:
                return ELEMENTS
            case ast.Compare(ops=ops):
                return None if all(isinstance(op, (ast.Is, ast.IsNot)) for op in ops) else ELEMENTS if all(isinstance(op, (ast.In, ast.NotIn)) for op in ops) and node is not around.left else ANY
            case ast.If() | ast.While() | ast.IfExp() | ast.UnaryOp() | ast.BoolOp() | ast.comprehension() | ast.Assert():
                return ELEMENTS
            case ast.BinOp(op=ast.Add(), left=one, right=other) if not any(isinstance(part, (ast.Constant, ast.JoinedStr)) for part in (one, other)):
                return ADDITIONS
            case ast.FormattedValue() | ast.BinOp():
                return TEXT
            case _:
                return None

    def _method(self, name: str, node: ast.Attribute, above: list[ast.AST]) -> str | None:
        call = above[1] if len(above) > 1 else None
        if not (isinstance(call, ast.Call) and call.func is node):
            return name
        if isinstance(self.facts.known.callee(call), (Function, Class)) or self.facts.methods(name):
            return name
        if name in PURE_METHODS or name in MUTATING_METHODS:
            return ELEMENTS
        return TEXT if self.facts.known.entry(call) is not None else ANY

    def _change_by_argument(self, call: ast.Call) -> str | None:
        callee = self.facts.known.callee(call)
        if isinstance(callee, (Function, Class)):
            return None
        entry = self.facts.known.entry(call)
        if isinstance(callee, Named):
            if callee.name in _SHALLOW:
                return ELEMENTS
            if callee.name in _TEXTS or callee.name.partition(".")[0] in _TEXTS or callee.name.startswith("urllib.parse."):
                return TEXT
        return TEXT if entry is not None and entry.kind in (Kind.FILE, Kind.METADATA, Kind.LISTING, Kind.SUBPROCESS) else ANY


def _is_called_implicitly(method: str, what: str) -> bool:
    """Whether Python calls a method when an object of its class is read."""
    if not method.startswith("__") or method in ("__init__", "__enter__", "__exit__"):
        return False
    if what == ELEMENTS:
        return method not in _OF_TEXTS and method not in _OF_ATTRIBUTES
    return what == ANY or method in (_OF_TEXTS if what in (TEXT, ADDITIONS) else _OF_ATTRIBUTES)


class ObjectChanges:
    """The objects that code may change."""

    def __init__(self, points: PointsTo) -> None:
        self.points = points
        self.facts: Facts = points.facts
        self.come_to: set[Function] = set()
        """Functions that are called through the object that contains them."""

    def of(self, nodes: Iterable[ast.AST], is_left_out: Callable[[ast.AST], bool]) -> Iterator[Change]:
        """Return the changes that code may make, without the nodes that `is_left_out` excludes."""
        pending = list(nodes)
        while pending:
            node = pending.pop()
            pending += children(node)
            if not (isinstance(node, ast.expr) and is_left_out(node)):
                yield from self._of_node(node)

    def _of_node(self, node: ast.AST) -> Iterator[Change]:
        match node:
            case ast.Attribute(value=value, attr=name, ctx=ast.Store() | ast.Del()):
                yield self._change(value, name, node)
            case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
                yield self._change(value, ELEMENTS, node)
            case ast.Subscript(value=value):
                yield from self._filled([value], node)
            case ast.AugAssign(target=target, value=value) if not isinstance(value, (ast.Constant, ast.JoinedStr)):
                yield self._change(target, ELEMENTS, node)
            case ast.BinOp(op=ast.Mod(), right=right):
                yield from self._filled([right], node)
            case ast.Call():
                yield from self._called(node)
            case _:
                pass

    def _change(self, value: ast.expr, what: str, node: ast.AST) -> Change:
        graph = self.points.graph
        things = self.points.objects_of(value)
        return Change(frozenset(graph.closure(things) if what == ANY else graph.opened(things)), what, node, value)

    def _filled(self, values: Iterable[ast.expr], node: ast.AST) -> Iterator[Change]:
        """Yield look-ups that add a missing key."""
        for value in values if self.points.fills else ():
            things = frozenset(thing for thing in self.points.graph.closure(self.points.objects_of(value)) if thing.fills)
            if things:
                yield Change(things, ELEMENTS, node, value)

    def _called(self, node: ast.Call) -> Iterator[Change]:
        callee = self.facts.known.callee(node)
        given = [*(arg.value if isinstance(arg, ast.Starred) else arg for arg in node.args), *(keyword.value for keyword in node.keywords)]
        if isinstance(callee, (Function, Class)):
            return  # followed
        func = node.func
        receiver = func.value if isinstance(func, ast.Attribute) else None
        name = callee.name if isinstance(callee, Named) and not self.points.is_variable_value(func) else ""
        last = func.attr if isinstance(func, ast.Attribute) else name.rpartition(".")[2]
        if name not in NON_MUTATING_BUILTINS:
            yield from self._filled(given, node)
        if name in ARGUMENT_MUTATORS or name == "next" or last.endswith("_into") or last == "readinto":
            for value in given:
                yield self._change(value, ELEMENTS, node)
        if receiver is not None and last in MUTATING_METHODS and not self.points.is_imported(receiver):
            yield self._change(receiver, ELEMENTS, node)
        elif name and last in MUTATING_METHODS and given:  # `list.append(rows, 1)`
            yield self._change(given[0], ELEMENTS, node)
        elif not leaves_objects_unchanged(node, name, last, self.facts):
            for value in [*given, receiver if receiver is not None else func]:
                yield self._change(value, ANY, node)
                self._come_to(value)
            return
        parts = [*given, *([receiver] if receiver is not None else []), *([] if self.points.is_imported(func) else [func])]
        if self.points.mutates and any(thing.mutates for value in parts for thing in self.points.graph.closure(self.points.objects_of(value))):
            for value in parts:
                yield self._change(value, ANY, node)

    def _come_to(self, value: ast.expr) -> None:
        self.come_to |= {thing.function for thing in self.points.graph.closure(self.points.objects_of(value)) if thing.function is not None}


def leaves_objects_unchanged(node: ast.Call, name: str, last: str, facts: Facts) -> bool:
    """Return whether a call changes neither its arguments nor its receiver. `name` is the qualified name of a function of another file, `last` its last part."""
    if isinstance(node.func, ast.Name) and not name:
        return False
    if name:
        root = name.partition(".")[0]
        if root == name:
            return name not in ("exec", "eval", "setattr", "delattr")
        if root in _NON_MUTATING_MODULES or facts.resolver.catalog.has_trait(name, Trait.KEEPS_ARGUMENTS) or name.partition(".")[0] in ("str", "bytes", "int", "float", "list", "dict", "set", "tuple", "frozenset", "bytearray", "range"):
            return True
        if name.rpartition(".")[2][:1].isupper():
            return True  # a class
    if facts.known.entry(node) is not None:
        return True
    return isinstance(node.func, ast.Attribute) and (last in PURE_METHODS or last in NON_WRITING_METHODS or last in DATA_METHODS or last.startswith("assert"))

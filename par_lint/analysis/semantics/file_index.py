"""Index a file in one walk over flake8's `ast`: scopes and their bindings, calls, loops.

Everything that needs the whole file is here, so that LibCST only parses the few lines that a rule needs. The walk is iterative (generated
files nest deeper than Python's recursion limit), visits only what can contain a call, a loop or a binding, and leaves to the scopes what
may never be needed.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence, Set
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar

from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import imported_names, source_of
from par_lint.analysis.semantics.io_words import SERIAL_DEVICES, words
from par_lint.analysis.semantics.scopes import CallSite, Class, Function, Loop, Repeating, Scope
from par_lint.core.memo import memoized

_SKIPPED = frozenset({"ctx", "op", "ops", "type_comment", "type_params", "kind", "returns", "annotation", "conversion", "simple", "level"})
_ANSWER = frozenset({"status_code", "raise_for_status"})  # attributes that only an HTTP response has
_CHANGING = frozenset({"append", "extend", "add", "update", "insert", "setdefault"})
_NOTHING = frozenset({
    type(None), str, int, bool, type, ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue,
    *ast.expr_context.__subclasses__(), *ast.operator.__subclasses__(), *ast.unaryop.__subclasses__(), *ast.cmpop.__subclasses__(),
    *ast.boolop.__subclasses__(),
})  # fmt: skip
"""Types of field values that contain nothing to index."""
_Node = TypeVar("_Node", bound=ast.AST)


class FileIndex:
    """The result of one walk over a file. Line numbers are those of the file, 1-based."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.calls: list[CallSite] = []
        self.by_method: defaultdict[str, list[CallSite]] = defaultdict(list)
        """The calls of attributes, by attribute name."""
        self.by_name: defaultdict[str, list[CallSite]] = defaultdict(list)
        """The other calls by the name of the callee; empty if it has none."""
        self.module = Scope("<module>", tree, None, self.calls)
        self.functions: list[Function] = []
        self.coroutines: list[Function] = []
        self.decorated: list[Function] = []
        self.classes: list[Class] = []
        self.loops: list[Loop] = []
        self.imported: set[str] = set()
        """First parts of the modules that the file imports."""
        self.imported_modules: set[str] = set()
        self.referred: set[str] = set()
        """Names of attributes that are read without being called immediately."""
        self.answered: set[ast.expr] = set()
        """Expressions whose `status_code` or `raise_for_status` is used directly."""
        self.imports: defaultdict[str, list[str]] = defaultdict(list)
        """The qualified names for each name that an import binds."""
        self.assigned: set[str] = set()
        """Names that are bound to values, except parameters."""
        self.attributes: set[str] = set()
        """Attributes that are: attributes of objects that are assigned, and all names bound in class bodies, including imports."""
        self.local: set[str] = set()
        """Names that function bodies bind."""
        self.iterated: set[str] = set()
        """Names that loops go over as they are."""
        self.iterated_calls: set[ast.expr] = set()
        """Calls that loops go over as they are."""
        self.managed: set[str] = set()
        """Names that `with ... as` binds."""
        self.tries: list[ast.Try] = []
        _Walk(self).over(tree)
        self.module.last = len(self.calls)

    def forget(self) -> None:
        """Break the reference cycles of scopes, loops and calls. The index cannot be used afterwards."""
        for one in (self.module, *self.functions, *self.classes, *self.loops):
            one.__dict__.clear()

    def called(self, name: str) -> Sequence[CallSite]:
        """Return the calls whose callee's name ends with `name`; calls without a name if it is empty."""
        return [*self.by_name.get(name, ()), *self.by_method.get(name, ())]

    def mentions(self, names: Set[str]) -> bool:
        """Return whether any of some names is imported, or read as an attribute."""
        if not names.isdisjoint(self.referred) or not names.isdisjoint(self.by_method):
            return True
        return any(name.rpartition(".")[2] in names for several in self.imports.values() for name in several)

    def calls_at(self, line: int) -> Sequence[CallSite]:
        """Return the calls that start on a line."""
        return self._by_line.get(line, ())

    @memoized
    def _by_line(self) -> dict[int, list[CallSite]]:
        found: dict[int, list[CallSite]] = {}
        for site in self.calls:
            found.setdefault(site.node.lineno, []).append(site)
        return found

    def all_of(self, kind: type[_Node]) -> Sequence[_Node]:
        """Return all nodes of exactly this class, in no particular order."""
        return self._by_kind.get(kind, ())  # type: ignore[return-value]

    @memoized
    def _by_kind(self) -> dict[type, list[ast.AST]]:
        found: defaultdict[type, list[ast.AST]] = defaultdict(list)
        for node in walk(self.tree):
            found[type(node)].append(node)
        return found

    @memoized
    def defined(self) -> dict[tuple[int, str], Function]:
        """Return the functions by the line of their `def` and their name."""
        return {(function.line, function.name): function for function in self.functions if function.name != "<lambda>"}

    def is_mutated(self, name: str) -> bool:
        """Return whether a container with this name is changed in place anywhere in the file."""
        return name in self._mutated

    @memoized
    def uses_serial_device(self) -> bool:
        """Whether the file imports a library for serial devices: a "client" is then a single connection."""
        return any(words(module) & SERIAL_DEVICES for module in self.imported_modules)

    @memoized
    def narrowed(self) -> dict[tuple[Scope, str], list[ast.expr]]:
        """The classes that `isinstance` asks for, by the scope and the name that is asked about."""
        found: defaultdict[tuple[Scope, str], list[ast.expr]] = defaultdict(list)
        for site in self.by_name.get("isinstance", ()):
            match site.node.args:
                case [ast.Name(id=name), classes]:
                    found[site.scope, name] += classes.elts if isinstance(classes, ast.Tuple) else [classes]
                case _:
                    pass
        return found

    @memoized
    def _mutated(self) -> frozenset[str]:
        owners = (site.node.func.value for name in _CHANGING for site in self.by_method.get(name, ()))  # type: ignore[attr-defined]
        return frozenset(owner.id for owner in owners if isinstance(owner, ast.Name))


_Turn: TypeAlias = "tuple[Scope, Loop | None, Scope | Loop, bool]"
"""A point of the walk at which it enters or leaves a scope or a loop: the current scope and loop, the one concerned, and whether it is entered."""


class _Walk:
    """The stack of nodes to visit, and the current scope and loop."""

    def __init__(self, index: FileIndex) -> None:
        self.index = index
        self.scope: Scope = index.module
        self.loop: Loop | None = None
        self.left: list[ast.AST | _Turn] = []
        self.assign = index.assigned.add
        self.bound: dict[type, set[str]] = {Scope: set(), Class: index.attributes, Function: index.local}

    def over(self, tree: ast.Module) -> None:
        """Visit a whole tree, in source order."""
        left, visitors, refer = self.left, _VISITORS, self.index.referred.add
        left += tree.body[::-1]
        while left:
            node: Any = left.pop()
            kind = type(node)
            while kind is ast.Attribute:  # by far the most frequent
                refer(node.attr)
                if node.attr in _ANSWER:
                    self._answer(node.value)
                node = node.value
                kind = type(node)
            if kind not in _NOTHING:
                visitors[kind](self, node)

    def _parts(self, node: ast.AST) -> None:
        """Push all parts of a node that can contain something to index."""
        left = self.left
        value: Any
        for value in _PARTS[type(node)](node):
            if type(value) is not list:
                if type(value) not in _NOTHING:
                    left.append(value)
            elif value:
                left += value[::-1]

    def _value(self, node: ast.Expr | ast.Starred | ast.Await | ast.NamedExpr) -> None:
        if type(node.value) not in _NOTHING:
            self.left.append(node.value)

    # Scopes -------------------------------------------------------------------------------------------------------

    def _turn(self, node: _Turn) -> None:
        self.scope, self.loop, what, is_entering = node
        if is_entering:
            what.first = len(self.index.calls)
        else:
            what.last = len(self.index.calls)

    def _inside(self, scope: Scope, loop: Loop | None, entered: Scope | Loop, before: Sequence[ast.AST], body: Sequence[ast.AST]) -> None:
        """Push the code before a scope or a loop, then its body."""
        left = self.left
        left.append((self.scope, self.loop, entered, False))
        left += body[::-1]
        if before:
            left.append((scope, loop, entered, True))
            left += before[::-1]
        else:
            self.scope, self.loop = scope, loop
            entered.first = len(self.index.calls)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        function = Function(node.name, node, self.scope, self.index.calls)
        self.scope.add(function)
        if type(self.scope) is Class:
            function.owner, function.method = self.scope, function
        elif type(self.scope) is Function:
            self.index.local.add(node.name)
        if type(node) is ast.AsyncFunctionDef:
            function.is_in_coroutine = True
            self.index.coroutines.append(function)
        if node.decorator_list:
            self.index.decorated.append(function)
        self._function_body(function, node.decorator_list, node.args, node.body)

    def _lambda(self, node: ast.Lambda) -> None:
        function = Function("<lambda>", node, self.scope, self.index.calls)
        function.returned = [node.body]
        self._function_body(function, (), node.args, [node.body])

    def _function_body(self, function: Function, decorators: Sequence[ast.expr], args: ast.arguments, body: Sequence[ast.AST]) -> None:
        self.index.functions.append(function)
        if function.method is None and function.parent is not self.index.module:
            function.method = _method_around(function)
        if function.method is not None and function.method.owner is not None:
            function.method.owner.methods.append(function)
        before = [*decorators, *args.defaults, *args.kw_defaults] if decorators or args.defaults or args.kw_defaults else ()
        self._inside(function, None, function, before, body)  # type: ignore[arg-type]

    def _class(self, node: ast.ClassDef) -> None:
        cls = Class(node.name, node, self.scope, self.index.calls)
        self.index.classes.append(cls)
        self.scope.add(cls)
        if type(self.scope) is Function:
            self.index.local.add(node.name)
        self._inside(cls, None, cls, [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)], node.body)

    # Loops --------------------------------------------------------------------------------------------------------

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        loop = self._loop(node)
        self._goes_over(node.iter)
        self._bind(node)
        self._value_of(node.target)
        self.left += node.orelse[::-1]
        self._inside(self.scope, loop, loop, [node.iter], node.body)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        loop = self._loop(node)
        self._bind(node)
        for clause in node.generators:
            self._goes_over(clause.iter)
            self._value_of(clause.target)
        first, *others = node.generators
        inside = [*first.ifs, *(part for clause in others for part in (clause.iter, *clause.ifs))]
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        inside += [part for part in parts if part is not None]  # `{**key for ...}` (Python 3.15) has no value
        self._inside(self.scope, loop, loop, [first.iter], inside)

    def _goes_over(self, iterable: ast.expr) -> None:
        if type(iterable) is ast.Name:
            self.index.iterated.add(iterable.id)
        elif type(iterable) is ast.Call:
            self.index.iterated_calls.add(iterable)

    def _loop(self, node: Repeating) -> Loop:
        index = self.index
        loop = Loop(node, self.scope, self.loop, len(index.calls))
        index.loops.append(loop)
        return loop

    # Calls --------------------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call) -> None:
        index, left, args = self.index, self.left, node.args
        inner: Any = node.func
        kind = type(inner)
        if kind is ast.Attribute:
            name, inner = inner.attr, inner.value
            site = CallSite(node, self.scope, self.loop, name)
            index.by_method[name].append(site)
            if name in _ANSWER:
                self._answer(inner)
        else:
            name = inner.id if kind is ast.Name else ""
            site = CallSite(node, self.scope, self.loop, name)
            index.by_name[name].append(site)
            if name == "map" and len(args) > 1:
                self._loop(node)
        index.calls.append(site)
        for keyword in node.keywords[::-1]:
            if type(keyword.value) not in _NOTHING:
                left.append(keyword.value)
        if args:
            left += args[::-1]
        if type(inner) not in _NOTHING:
            left.append(inner)

    def _answer(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name):
            self.scope.answers |= {node.id}
        self.index.answered.add(node)

    # Bindings -----------------------------------------------------------------------------------------------------

    def _bind(self, node: ast.AST) -> None:
        scope = self.scope
        if scope.outward:
            scope.add(node)
        else:
            scope.binders.append(node)

    def _value_of(self, target: ast.expr) -> None:
        """Record the names that a target binds to a value."""
        if isinstance(target, ast.Name):
            self.assign(target.id)
            self.bound[type(self.scope)].add(target.id)
        elif isinstance(target, ast.Attribute):
            self.index.attributes.add(target.attr)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for part in target.elts:
                self._value_of(part)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        index = self.index
        for module in [alias.name for alias in node.names] if isinstance(node, ast.Import) else (source_of(node),):
            index.imported_modules.add(module)
            index.imported.add(module.partition(".")[0])
        self._bind(node)
        for name, qualified in imported_names(node):
            index.imports[name].append(qualified)
            self.bound[type(self.scope)].add(name)

    def _assign(self, node: ast.Assign) -> None:
        self._bind(node)
        left = self.left
        if type(node.value) not in _NOTHING:
            left.append(node.value)
        for target in node.targets[::-1]:
            if type(target) is ast.Name:
                self.assign(target.id)
                self.bound[type(self.scope)].add(target.id)
            else:
                self._value_of(target)
                left.append(target)

    def _annotated(self, node: ast.AnnAssign) -> None:
        self._bind(node)
        self._value_of(node.target)
        self.left += [part for part in (node.value, node.target) if part is not None]

    def _named(self, node: ast.NamedExpr) -> None:
        self._bind(node)
        self._value_of(node.target)
        self._value(node)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        self.left += node.body[::-1]
        is_binding = False
        for item in node.items[::-1]:
            self.left.append(item.context_expr)
            if item.optional_vars is not None:
                is_binding = True
                self._value_of(item.optional_vars)
                if isinstance(item.optional_vars, ast.Name):
                    self.index.managed.add(item.optional_vars.id)
        if is_binding:
            self._bind(node)

    def _augmented(self, node: ast.AugAssign) -> None:
        self._bind(node)
        if type(node.target) is ast.Name:
            self.bound[type(self.scope)].add(node.target.id)
        self.left += (node.value, node.target)

    def _handler(self, node: ast.ExceptHandler) -> None:
        if node.name is not None:
            self._bind(node)
            self.bound[type(self.scope)].add(node.name)
        self.left += node.body[::-1]

    def _capture(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        self._bind(node)
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name is not None:
            self.bound[type(self.scope)].add(name)
        self._parts(node)

    def _try(self, node: ast.Try) -> None:
        self.index.tries.append(node)
        self._parts(node)

    def _outward(self, node: ast.Global | ast.Nonlocal) -> None:
        self.scope.outward |= set(node.names)

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        if isinstance(self.scope, Function):
            self.scope.is_generator = True
        if node.value is not None:
            self.left.append(node.value)

    def _return(self, node: ast.Return) -> None:
        value = node.value
        if value is None:
            return
        scope = self.scope
        if isinstance(scope, Function):
            if isinstance(scope.returned, list):
                scope.returned.append(value)
            else:
                scope.returned = [value]
        if type(value) not in _NOTHING:
            self.left.append(value)


def _method_around(function: Function) -> Function | None:
    around = function.parent
    while around is not None and not isinstance(around, Function):
        around = around.parent
    return around.method if around is not None else None


def _all_types(base: type[ast.AST]) -> Iterator[type[ast.AST]]:
    yield base
    for one in base.__subclasses__():
        yield from _all_types(one)


def _parts_of(kind: type[ast.AST]) -> Callable[[Any], Sequence[object]]:
    """Return a function that returns the field values of a type of node that need a visit, the last first."""
    names = [name for name in kind._fields if name not in _SKIPPED][::-1]
    if len(names) == 1:
        names.append("__class__")  # for two names `attrgetter` returns a tuple
    return attrgetter(*names) if names else lambda node: ()


_PARTS = {kind: _parts_of(kind) for kind in _all_types(ast.AST)}
_Visitor: TypeAlias = Callable[[_Walk, Any], None]
_VISITORS: dict[type, _Visitor] = {
    **dict.fromkeys(_PARTS, _Walk._parts),
    tuple: _Walk._turn,
    ast.FunctionDef: _Walk._function,
    ast.AsyncFunctionDef: _Walk._function,
    ast.Lambda: _Walk._lambda,
    ast.ClassDef: _Walk._class,
    ast.For: _Walk._for,
    ast.AsyncFor: _Walk._for,
    ast.ListComp: _Walk._comprehension,
    ast.SetComp: _Walk._comprehension,
    ast.DictComp: _Walk._comprehension,
    ast.GeneratorExp: _Walk._comprehension,
    ast.Call: _Walk._call,
    ast.Expr: _Walk._value,
    ast.Await: _Walk._value,
    ast.Starred: _Walk._value,
    ast.Import: _Walk._import,
    ast.ImportFrom: _Walk._import,
    ast.Assign: _Walk._assign,
    ast.AnnAssign: _Walk._annotated,
    ast.NamedExpr: _Walk._named,
    ast.With: _Walk._with,
    ast.AsyncWith: _Walk._with,
    ast.AugAssign: _Walk._augmented,
    ast.Try: _Walk._try,
    ast.ExceptHandler: _Walk._handler,
    ast.MatchAs: _Walk._capture,
    ast.MatchStar: _Walk._capture,
    ast.MatchMapping: _Walk._capture,
    ast.Global: _Walk._outward,
    ast.Nonlocal: _Walk._outward,
    ast.Yield: _Walk._yield,
    ast.YieldFrom: _Walk._yield,
    ast.Return: _Walk._return,
}
"""The visitor for each type of node."""

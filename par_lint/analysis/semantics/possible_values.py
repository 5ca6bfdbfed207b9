"""All that an expression may refer to, as far as the file shows: `resolver.expression` says what it probably refers to, which is enough to report a loop."""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from par_lint.analysis.semantics.access_path import COLLECT, CALL, ELEMENT_PRESERVING, ENTER, ITEM, MERGE, OPENED, SLICE, access_path, annotation_path, last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import Assigned, imported_names, parameters
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.reaching_bindings import PARAMETER, ReachingBindings, Source
from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.analysis.semantics.values import Elements, LocalObject, Named, Object, Value
from par_lint.core.memo import memoized_for_last

_DEEPEST = 40
_PLAIN_DECORATORS = frozenset({"dataclass", "final", "total_ordering", "runtime_checkable", "define", "frozen", "s", "attrs", "dataclass_json"})
_ADDING = ("append", "add", "appendleft", "insert", "extend", "setdefault", "update")
_FILLED = frozenset({"list", "set", "collections.deque"})


class Unshown(enum.Enum):
    """What else an expression may be, where the file does not show all that it may be."""

    ANYTHING = "anything"
    ALIKE = "an object of another class with the same methods: annotations may be wrong, and lists hold more than they are made with"


class Made(NamedTuple):
    """An object of a library that is made with functions, or objects of classes, of the file: it may call them."""

    call: ast.Call
    scope: Scope


class Partial(NamedTuple):
    """A function that is called with more arguments than its call shows."""

    call: ast.Call


Possible: TypeAlias = "Value | Unshown | Made | Partial"
Values: TypeAlias = "frozenset[Possible]"
_ANYTHING: Values = frozenset({Unshown.ANYTHING})
_NOTHING: Values = frozenset()


@memoized_for_last
def possible_values(resolver: Resolver) -> PossibleValues:
    """Return the possible values of the expressions of a file, cached."""
    return PossibleValues(resolver)


class PossibleValues:
    """Follows each expression of a file to everything that may be bound to it, called for it, or passed for it."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._index = resolver.index
        self._known: dict[object, Values] = {}
        self._active: set[object] = set()
        self._is_partial = False  # whether a result depends on one that is being computed
        self._reaching: dict[Scope, ReachingBindings] = {}
        self.scopes: dict[ast.AST, Function | Class] = {one.node: one for one in (*self._index.functions, *self._index.classes)}
        self._subclasses: dict[Class, list[Class]] | None = None
        self._stores: dict[str, list[tuple[ast.expr, Scope]]] | None = None

    # Memoization --------------------------------------------------------------------------------------------------

    def of(self, node: ast.expr, scope: Scope) -> Values:
        """Return all that an expression in `scope` may refer to."""
        return self._asked((node, scope), lambda: self._with_belief(self._of(node, scope), node, scope))

    def attribute(self, cls: Class, name: str) -> Values:
        """Return all that an attribute of an object of a class of the file may be."""
        return self._asked((cls, name), lambda: self._attribute(cls, name))

    def result(self, function: Function) -> Values:
        """Return all that a call of a function of the file may give."""
        return self._asked((function,), lambda: self._result(function))

    def _asked(self, key: tuple[object, ...], find: object) -> Values:
        if key in self._known:
            return self._known[key]
        if key in self._active:
            self._is_partial = True
            return _NOTHING
        if len(self._active) > _DEEPEST:
            return _ANYTHING
        outer, self._is_partial = self._is_partial, False
        self._active.add(key)
        try:
            found: Values = find()  # type: ignore[operator]
        finally:
            self._active.discard(key)
        if not self._is_partial or not self._active:
            self._known[key] = found
            self._is_partial = False
        self._is_partial |= outer
        return found

    def _with_belief(self, found: Values, node: ast.expr, scope: Scope) -> Values:
        """Return what the resolver knows where nothing else is found."""
        if found != _ANYTHING and not any(isinstance(one, Object) and one.type in _FILLED for one in found):
            return found
        believed = self._resolver.expression(node, scope)
        if believed is None:
            return found
        if found == _ANYTHING:
            return frozenset({believed})
        return frozenset({believed, Unshown.ALIKE}) | {one for one in found if not isinstance(one, Object)} if isinstance(believed, Elements) else found

    # Expressions --------------------------------------------------------------------------------------------------

    def _of(self, node: ast.expr, scope: Scope) -> Values:
        match node:
            case ast.Name():
                return self._name(node, scope)
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super"))):
                return self._believed(node, scope)
            case ast.Attribute(value=owner, attr=name):
                return self._step(self.of(owner, scope), access_path(owner)[-1], name)
            case ast.Call():
                return self._call(node, scope)
            case ast.IfExp(body=one, orelse=other):
                return self.of(one, scope) | self.of(other, scope)
            case ast.BoolOp(values=values):
                return self._union(values, scope)
            case ast.NamedExpr(value=value) | ast.Await(value=value) | ast.Starred(value=value):
                return self.of(value, scope)
            case ast.Constant(value=None):
                return _NOTHING
            case ast.Subscript(value=value, slice=key):
                return self._subscript(value, key, scope)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) if parts:
                starred = [one for one in parts if isinstance(one, ast.Starred)]
                plain = [one for one in parts if not isinstance(one, (ast.Starred, ast.Constant))] or parts[:1]
                return self._step(self._union(plain, scope), "", COLLECT) | self._union(starred, scope)
            case ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element) if not isinstance(element, ast.Constant):
                return self._step(self.of(element, scope), "", COLLECT)
            case ast.BinOp(left=left, op=ast.BitOr() | ast.Add(), right=right):
                return self._step(self.of(left, scope) | self.of(right, scope), "", MERGE)
            case ast.Lambda() if (function := self.scopes.get(node)) is not None:
                return frozenset({function})
            case _:
                return self._believed(node, scope)

    def _believed(self, node: ast.expr, scope: Scope) -> Values:
        found = self._resolver.expression(node, scope)
        return frozenset({found}) if found is not None else _ANYTHING

    def _union(self, nodes: Iterable[ast.expr], scope: Scope) -> Values:
        return _NOTHING.union(*(self.of(node, scope) for node in nodes))

    def _subscript(self, value: ast.expr, key: ast.expr, scope: Scope) -> Values:
        if isinstance(key, ast.Slice):
            return self._step(self.of(value, scope), "", SLICE)
        if isinstance(value, ast.Dict):
            return self._union((one for one in value.values if one is not None), scope) or _ANYTHING
        return self._items(value, scope)

    def _items(self, iterable: ast.expr, scope: Scope) -> Values:
        """Return all that an item of an iterable may be; one that has a name may be filled elsewhere."""
        found = self._step(self.of(iterable, scope), "", ITEM)
        return found if isinstance(iterable, (ast.List, ast.Tuple, ast.Set, ast.ListComp, ast.Call)) else found | self._added(iterable, scope)

    def _added(self, iterable: ast.expr, scope: Scope) -> Values:
        """Return what the file adds to a collection by its name, or to one with that name elsewhere."""
        name = last_name(iterable)
        found: set[Possible] = {Unshown.ALIKE}
        for site in (site for method in _ADDING for site in self._index.by_method.get(method, ()) if name):
            if isinstance(site.node.func, ast.Attribute) and last_name(site.node.func.value) == name:
                for arg in site.node.args[-1:]:
                    given = self.of(arg, site.scope)
                    found |= {one for one in (self._step(given, "", ITEM) if site.name in ("extend", "update") else given) if not isinstance(one, Unshown)}
        return frozenset(found)

    def _step(self, values: Values, before: str, step: str) -> Values:
        found: set[Possible] = set()
        for value in values:
            match value:
                case Made() | Partial():
                    if step in (ENTER, COLLECT, ITEM, SLICE, MERGE):
                        found.add(value)
                case Unshown():
                    found.add(value)
                case LocalObject(cls=cls) | (Class() as cls) if step.isidentifier() and step not in (ENTER,):
                    found |= self.attribute(cls, step)
                    if isinstance(value, LocalObject) and self.has_unshown_subclasses:
                        found.add(Unshown.ALIKE)
                case _:
                    after = self._resolver.step(value, before, step)
                    found.add(after if after is not None else Unshown.ANYTHING)
        return frozenset(found)

    # Calls --------------------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call, scope: Scope) -> Values:
        func = node.func
        if node.args and isinstance(func, ast.Name) and func.id in ELEMENT_PRESERVING:
            return self._step(self._collection(node.args[0], scope), "", SLICE)
        if node.args and last_name(func) == "chain":
            return self._step(self._union(node.args, scope), "", MERGE)
        if node.args and last_name(func) == "partial":
            found = self.of(node.args[0], scope)
            return found | {Partial(node)} if len(node.args) > 1 or node.keywords else found
        if node.args and isinstance(func, ast.Name) and func.id in ("next", "min", "max", "getattr") and scope.find(func.id) is None:
            return self._picked(node, func.id, scope)
        callees = self.of(func, scope)
        if access_path(node)[-1:] == (OPENED,):
            return self._step(callees, last_name(func), OPENED)
        found = _NOTHING.union(*(self._called(value, node, scope) for value in callees))
        return found

    def _collection(self, node: ast.expr, scope: Scope) -> Values:
        found = self.of(node, scope)
        return found if isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.ListComp, ast.Call)) else found | {Unshown.ALIKE}

    def _picked(self, node: ast.Call, name: str, scope: Scope) -> Values:
        """Return what `next(...)`, `max(...)` or `getattr(...)` may give."""
        if name == "getattr":
            if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str):
                found = self._step(self.of(node.args[0], scope), "", node.args[1].value)
                return found | self._union(node.args[2:], scope)
            return _ANYTHING
        if len(node.args) == 1 or name == "next":
            return self._items(node.args[0], scope) | self._union(node.args[1:], scope)
        return self._union(node.args, scope)

    def _called(self, value: Possible, node: ast.Call, scope: Scope) -> Values:
        match value:
            case Function():
                return self.result(value)
            case Class():
                found: Values = frozenset({LocalObject(value)})
                return found | _ANYTHING if self._may_make_another(value) else found
            case LocalObject(cls=cls):
                results = (self.result(one) if isinstance(one, Function) else _ANYTHING for one in self.attribute(cls, "__call__"))
                return _NOTHING.union(*results)
            case Unshown():
                return frozenset({value})
            case Made() | Partial():
                return _NOTHING
            case _:
                made = self._resolver.step(value, "", CALL)
                if made is None:
                    return _ANYTHING
                return frozenset({made, Made(node, scope)}) if isinstance(made, Object) and self._passes_own(node, scope) else frozenset({made})

    def _passes_own(self, node: ast.Call, scope: Scope) -> bool:
        """Whether a call passes a function, or an object of a class, of the file."""
        return any(isinstance(one, (Function, Class, LocalObject)) for arg in arguments(node) for one in self.of(arg, scope))

    def _may_make_another(self, cls: Class) -> bool:
        """Whether calling a class may give something else than an object of it."""
        for one in self.lineage(cls):
            decorators = [access_path(each.func if isinstance(each, ast.Call) else each)[-1] for each in one.node.decorator_list]  # type: ignore[attr-defined]
            if "__new__" in one.bindings or not _PLAIN_DECORATORS.issuperset(decorators):
                return True
            if any(keyword.arg == "metaclass" and "__call__" in getattr(self.scopes_of(keyword.value, one), "bindings", ()) for keyword in one.node.keywords):  # type: ignore[attr-defined]
                return True
        return False

    def scopes_of(self, node: ast.expr, scope: Scope) -> Class | None:
        """Return the class of the file that an expression names."""
        found = self._resolver.expression(node, scope.parent or scope)
        return found if isinstance(found, Class) else None

    def _result(self, function: Function) -> Values:
        believed = self._resolver.result(function)
        if function.is_generator or function.is_async or not isinstance(function.node, ast.Lambda) and function.node.decorator_list:  # type: ignore[attr-defined]
            return frozenset({believed}) if believed is not None else _ANYTHING
        returned = self._union(function.returned, function)
        if function.annotation is not None:
            told = self._resolver.value(function.annotation, function.parent or function, 0)
            if told is not None:
                return frozenset({told, Unshown.ALIKE}) | _shown(returned)
        if not function.returned:
            return frozenset({Object("NoneType")})
        return returned

    # Names --------------------------------------------------------------------------------------------------------

    def _name(self, node: ast.Name, scope: Scope) -> Values:
        found = scope.find(node.id)
        if found is None:
            return self._believed(node, scope)
        home = found[0]
        sources = self._sources(node, scope, home)
        return _NOTHING.union(*(self._bound(node.id, source, origin, home) for source, origin in sources))

    def _sources(self, node: ast.Name, scope: Scope, home: Scope) -> list[tuple[Source, Scope]]:
        """Return what may have bound a name where it is read, each with the scope of its code."""
        elsewhere: list[tuple[Source, Scope]] = []
        every: list[tuple[Source, Scope]] = []
        if isinstance(home, Function) and node.id in home.parameters:
            every.append((PARAMETER, home))
        for binder in self._binders(home).get(node.id, ()):
            (elsewhere if isinstance(binder, tuple) else every).append(binder if isinstance(binder, tuple) else (binder, home))  # type: ignore[arg-type]
        every = [*elsewhere, *every]  # type: ignore[list-item]
        if scope is not home or len(every) == 1 or isinstance(home, Class):
            return every
        if home not in self._reaching:
            names = frozenset(name for name, several in self._binders(home).items() if len(several) + (isinstance(home, Function) and name in home.parameters) > 1)
            self._reaching[home] = ReachingBindings(home, names, self.scopes)
        reached = self._reaching[home].at(node)
        return [*elsewhere, *((one, home) for one in reached)] if reached else every  # type: ignore[list-item]

    def _binders(self, home: Scope) -> dict[str, list[object]]:
        """Return what binds each name of a scope: nodes, or code of nested scopes with the scope."""
        found: dict[str, list[object]] | None = self._resolver.answers.get((PossibleValues, home))
        if found is None:
            found = self._resolver.answers[PossibleValues, home] = {}
            for binder in home.binders:
                origin, own = binder if isinstance(binder, tuple) else (home, binder)
                for name in names_bound_by(own):
                    if origin is home and name not in home.outward or origin is not home and name in origin.outward:
                        found.setdefault(name, []).append(own if origin is home else (own, origin))
        return found

    def _bound(self, name: str, source: Source, scope: Scope, home: Scope) -> Values:
        """Return all that one binding may give a name."""
        match source:
            case str():
                assert isinstance(home, Function)
                return self._parameter(home, name)
            case Function() | Class():
                return frozenset({source})
            case ast.Import() | ast.ImportFrom():
                return frozenset(Named(qualified) for one, qualified in imported_names(source) if one == name)
            case ast.Assign(targets=targets, value=value):
                return _NOTHING.union(*(self._matched(target, value, name, scope) for target in targets))
            case ast.AnnAssign():
                return self._annotated(source, scope, is_field=isinstance(scope, Class))
            case ast.NamedExpr(value=value):
                return self.of(value, scope)
            case ast.For(target=target, iter=iterable) | ast.AsyncFor(target=target, iter=iterable):
                return self._element(target, iterable, name, scope)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return _NOTHING.union(*(self._element(clause.target, clause.iter, name, scope) for clause in source.generators))
            case ast.With(items=items) | ast.AsyncWith(items=items):
                return _NOTHING.union(*(self._entered(item, name, scope) for item in items))
            case ast.AugAssign():
                return self._augmented(name, source, home)
            case _:
                return _ANYTHING

    def _matched(self, target: ast.expr, value: ast.expr, name: str, scope: Scope) -> Values:
        if isinstance(target, ast.Name):
            return self.of(value, scope) if target.id == name else _NOTHING
        if name not in _names_in(target):
            return _NOTHING
        parts = getattr(target, "elts", ())
        if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(parts) and not any(isinstance(one, ast.Starred) for one in (*parts, *value.elts)):
            return _NOTHING.union(*(self._matched(one, its, name, scope) for one, its in zip(parts, value.elts)))
        if any(isinstance(one, ast.Name) and one.id == name for one in parts):
            items = self._items(value, scope)
            return items if Unshown.ANYTHING not in items else _ANYTHING
        return _ANYTHING

    def _element(self, target: ast.expr, iterable: ast.expr, name: str, scope: Scope) -> Values:
        if name not in _names_in(target):
            return _NOTHING
        match target, iterable:
            case (ast.Tuple(elts=[count, item]), ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_])):
                if name in _names_in(count):
                    return frozenset({Object("int")})
                return self._element(item, inner, name, scope)
            case (ast.Tuple(elts=targets), ast.Call(func=ast.Name(id="zip"), args=columns)) if len(targets) == len(columns):
                return _NOTHING.union(*(self._element(one, column, name, scope) for one, column in zip(targets, columns)))
            case (ast.Tuple(), ast.List(elts=rows) | ast.Tuple(elts=rows)) if all(isinstance(row, (ast.Tuple, ast.List)) for row in rows):
                return _NOTHING.union(*(self._matched(target, row, name, scope) for row in rows))
            case (ast.Name(), _):
                return self._items(iterable, scope)
            case _:
                return _ANYTHING

    def _entered(self, item: ast.withitem, name: str, scope: Scope) -> Values:
        if item.optional_vars is None or name not in _names_in(item.optional_vars):
            return _NOTHING
        return self._step(self.of(item.context_expr, scope), "", ENTER) if isinstance(item.optional_vars, ast.Name) else _ANYTHING

    def _augmented(self, name: str, source: ast.AugAssign, home: Scope) -> Values:
        """Return what `name += value` may give: data stays data of the same type."""
        others = [one for one in self._binders(home).get(name, ()) if one is not source and not isinstance(one, ast.AugAssign)]
        before = _NOTHING.union(*(self._bound(name, *(one if isinstance(one, tuple) else (one, home)), home) for one in others))  # type: ignore[misc, arg-type]
        if isinstance(home, Function) and name in home.parameters:
            before |= self._parameter(home, name)
        return frozenset(one if isinstance(one, (Object, Elements)) else Unshown.ANYTHING for one in before if not isinstance(one, (Made, Partial)))

    def _annotated(self, node: ast.AnnAssign, scope: Scope, *, is_field: bool) -> Values:
        """Return all that an annotated name may be; a field may be set by what creates its object."""
        given = self.of(node.value, scope) if node.value is not None else _NOTHING
        told = self._resolver.value(annotation_path(node.annotation), scope, node.lineno)
        if told is not None:
            return frozenset({told, Unshown.ALIKE}) | _shown(given)
        return given | _ANYTHING if is_field else given

    # Parameters ---------------------------------------------------------------------------------------------------

    def _parameter(self, function: Function, name: str) -> Values:
        """Return all that the calls in the file pass for a parameter, its default, and what its annotation says."""
        return self._asked((function, name), lambda: self._given(function, name))

    def _given(self, function: Function, name: str) -> Values:
        own = function.parameters[:1] if function.owner is not None and not function.is_static else ()
        if own == (name,) and function.owner is not None:
            return frozenset({function.owner if function.is_class_method else LocalObject(function.owner)})
        node = function.node.args  # type: ignore[attr-defined]
        arg = next(one for one in parameters(node) if one.arg == name)
        if arg in (node.vararg, node.kwarg):
            return self._believed(ast.copy_location(ast.Name(name, ast.Load()), arg), function)
        sites = list(self._calls_of(function))
        passed = [value for call, scope in sites for value in passed_for(call, function, name) for value in self.of(value, scope)]
        default = _default(node, name)
        found = frozenset(passed) | (self.of(default, function.parent or function) if default is not None else _NOTHING)
        if arg.annotation is not None:
            told = self._resolver.value(annotation_path(arg.annotation), function.parent or function, 0)
            if told is not None:
                return frozenset({told, Unshown.ALIKE}) | _shown(found)
        is_shown = sites and all(is_plain(call) for call, _ in sites) and not self._escapes(function)
        return found if is_shown else found | _ANYTHING

    def _calls_of(self, function: Function) -> Iterator[tuple[ast.Call, Scope]]:
        """Yield the calls in the file that may be calls of a function, by its name; for `__init__` by that of its class."""
        names = [function.name]
        if function.owner is not None and function.name in ("__init__", "__new__", "__post_init__"):
            names += [one.name for one in self.descendants(function.owner)] + ["cls"]
        for name in names:
            yield from ((site.node, site.scope) for site in self._index.called(name))

    def _escapes(self, function: Function) -> bool:
        """Whether a function, or the class that it initializes, is used otherwise than by calling its name."""
        names = {function.name}
        if function.owner is not None and function.name == "__init__":
            names = {one.name for one in self.descendants(function.owner)}
        return function.name == "<lambda>" or not names.isdisjoint(_names_as_values(self._resolver)) or bool(function.node.decorator_list)  # type: ignore[attr-defined]

    # Classes ------------------------------------------------------------------------------------------------------

    def bases(self, cls: Class) -> Values:
        """Return all that the bases of a class may be."""
        nodes = [base.value if isinstance(base, ast.Subscript) else base for base in cls.node.bases]  # type: ignore[attr-defined]
        return self._union(nodes, cls.parent or cls)

    def lineage(self, cls: Class) -> list[Class]:
        """Return a class with its bases in the file."""
        found: dict[Class, None] = {}
        pending = [cls]
        while pending:
            one = pending.pop()
            if one not in found:
                found[one] = None
                pending += [base for base in self.bases(one) if isinstance(base, Class)]
        return list(found)

    def descendants(self, cls: Class) -> list[Class]:
        """Return a class with its subclasses in the file."""
        if self._subclasses is None:
            self._subclasses = {}
            for one in self._index.classes:
                for base in self.lineage(one):
                    self._subclasses.setdefault(base, []).append(one)
        return self._subclasses.get(cls, [cls])

    @property
    def has_unshown_subclasses(self) -> bool:
        """Whether the file makes classes that may have bases which it does not show."""
        return _has_unshown_subclasses(self._resolver)

    def _attribute(self, cls: Class, name: str) -> Values:
        found: set[Possible] = set()
        classes = list(dict.fromkeys(inner for one in self.descendants(cls) for inner in self.lineage(one)))
        for one in classes:
            for binder in self._binders(one).get(name, ()):
                source, origin = binder if isinstance(binder, tuple) else (binder, one)
                value = self._bound(name, source, origin, one)
                for each in value:
                    found |= self.result(each) if isinstance(each, Function) and each.is_property else {each}
            for scope, assigned in one.attributes.get(name, ()):
                found |= self._assigned(assigned, scope)
        for node, scope in self._stored(name):
            found |= self.of(node, scope)
        if not found:
            for one in self.lineage(cls):
                found |= {Named(f"{base.name}.{name}") for base in self.bases(one) if isinstance(base, Named) and base.name != "object"}
        return frozenset(found) or _ANYTHING

    def _assigned(self, assigned: Assigned, scope: Scope) -> Values:
        """Return all that `self.name = ...` may store."""
        if isinstance(assigned.value, ast.expr):
            found = self.of(assigned.value, scope)
            told = self._resolver.value(assigned.path, scope, assigned.line)
            is_annotated = assigned.path != access_path(assigned.value)
            return frozenset({told, Unshown.ALIKE}) | _shown(found) if is_annotated and told is not None else found
        told = self._resolver.value(assigned.path, scope, assigned.line)
        return frozenset({told}) if told is not None else _ANYTHING

    def _stored(self, name: str) -> Sequence[tuple[ast.expr, Scope]]:
        """Return the values that code stores into an attribute of other objects than `self`."""
        if self._stores is None:
            self._stores = {}
            for scope in (self._index.module, *self._index.functions, *self._index.classes):
                for binder in scope.binders:
                    own = binder[1] if isinstance(binder, tuple) else binder
                    if isinstance(own, ast.Assign):
                        for target in own.targets:
                            if isinstance(target, ast.Attribute) and not (isinstance(target.value, ast.Name) and target.value.id == "self"):
                                self._stores.setdefault(target.attr, []).append((own.value, scope))
        return self._stores.get(name, ())


def _shown(values: Values) -> Values:
    """Return what contradicts an annotation: functions, classes, objects of classes of the file."""
    return frozenset(one for one in values if isinstance(one, (Function, Class, LocalObject, Made, Partial)) or isinstance(one, Elements) and isinstance(one.of, LocalObject))


def arguments(call: ast.Call) -> list[ast.expr]:
    """Return the values of all arguments of a call."""
    return [*(one.value if isinstance(one, ast.Starred) else one for one in call.args), *(keyword.value for keyword in call.keywords)]


def is_plain(call: ast.Call) -> bool:
    """Return whether a call shows which argument is which."""
    return not any(isinstance(one, ast.Starred) for one in call.args) and not any(keyword.arg is None for keyword in call.keywords)


def passed_for(call: ast.Call, function: Function, name: str) -> Iterator[ast.expr]:
    """Yield what a call may pass for a parameter; a method may be called with its object."""
    plain = [one.arg for one in (*function.node.args.posonlyargs, *function.node.args.args)]  # type: ignore[attr-defined]
    is_method = function.owner is not None and not function.is_static
    yield from (keyword.value for keyword in call.keywords if keyword.arg == name)
    if name not in plain:
        return
    place = plain.index(name) - is_method
    for one in call.args[: place + 1]:
        if isinstance(one, ast.Starred):
            return
    yield from call.args[place : place + 1]


def _default(node: ast.arguments, name: str) -> ast.expr | None:
    plain = [one.arg for one in (*node.posonlyargs, *node.args)]
    found: dict[str, ast.expr | None] = dict(zip(reversed(plain), reversed(node.defaults)))
    found.update(zip((one.arg for one in node.kwonlyargs), node.kw_defaults))
    return found.get(name)


def names_bound_by(own: object) -> Iterator[str]:
    """Yield the names that a part of a scope binds."""
    match own:
        case Function() | Class():
            yield own.name
        case ast.Import() | ast.ImportFrom():
            yield from (name for name, _ in imported_names(own))
        case ast.Assign(targets=targets):
            for target in targets:
                yield from _names_in(target)
        case ast.AnnAssign(target=target, value=value):
            yield from _names_in(target)
        case ast.NamedExpr(target=target) | ast.For(target=target) | ast.AsyncFor(target=target) | ast.AugAssign(target=target):
            yield from _names_in(target)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            for clause in own.generators:
                yield from _names_in(clause.target)
        case ast.With(items=items) | ast.AsyncWith(items=items):
            for item in items:
                if item.optional_vars is not None:
                    yield from _names_in(item.optional_vars)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name
        case _:
            pass


def _names_in(target: ast.expr) -> list[str]:
    return [node.id for node in walk(target) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]


@memoized_for_last
def _names_as_values(resolver: Resolver) -> frozenset[str]:
    """Return the names, and the last names of attributes, that the file reads otherwise than to call them."""
    called = {id(site.node.func) for site in resolver.index.calls}
    names = (node.id for node in resolver.index.all_of(ast.Name) if isinstance(node.ctx, ast.Load) and id(node) not in called)
    attributes = (node.attr for node in resolver.index.all_of(ast.Attribute) if isinstance(node.ctx, ast.Load) and id(node) not in called)
    return frozenset((*names, *attributes))


@memoized_for_last
def _has_unshown_subclasses(resolver: Resolver) -> bool:
    index = resolver.index
    if any(len(site.node.args) == 3 for site in index.called("type")) or index.called("new_class") or index.called("make_dataclass"):
        return True
    for cls in index.classes:
        for base in cls.node.bases:  # type: ignore[attr-defined]
            inner = base.value if isinstance(base, ast.Subscript) else base
            if not isinstance(resolver.expression(inner, cls.parent or cls), (Class, Named)):
                return True
    return False

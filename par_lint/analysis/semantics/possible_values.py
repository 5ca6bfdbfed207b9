"""All that an expression may refer to, as far as the file shows: `resolver.expression` says what it probably refers to, which is enough to report a loop."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

from par_lint.analysis.semantics.access_path import (
    CALL,
    COLLECT,
    ELEMENT_PRESERVING,
    ENTER,
    ITEM,
    MERGE,
    OPENED,
    SLICE,
    access_path,
    annotation_path,
    last_name,
)
from par_lint.analysis.semantics.binders import binders_of, names_in, stored_in_attributes
from par_lint.analysis.semantics.bindings import Assigned, imported_names, parameters
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.passed_arguments import arguments, default_of, is_plain, passed_for
from par_lint.analysis.semantics.reaching_bindings import PARAMETER, ReachingBindings, Source
from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.analysis.semantics.unshown_uses import has_unshown_subclasses, names_as_values
from par_lint.analysis.semantics.value_sets import ANYTHING, FOREIGN, NOTHING, Inherited, Made, Partial, Possible, Unshown, Values, contradicting
from par_lint.analysis.semantics.values import Elements, LocalObject, Named, Object
from par_lint.core.memo import memoized_for_last

_DEEPEST = 40
_MOST_STEPS = 3000  # of one question: values that depend on each other are followed again and again
_PLAIN_DECORATORS = frozenset({"dataclass", "final", "total_ordering", "runtime_checkable", "define", "frozen", "s", "attrs", "dataclass_json"})
_ADDING = ("append", "add", "appendleft", "insert", "extend", "setdefault", "update")
_INERT_DECORATORS = frozenset({"property", "cached_property", "staticmethod", "classmethod", "abstractmethod", "override", "final", "cache", "lru_cache"})
"""Decorators that leave what a function gives."""
_FILLED = frozenset({"list", "set", "collections.deque"})


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
        self._left = 0
        self._reaching: dict[Scope, ReachingBindings] = {}
        self.scopes: dict[ast.AST, Function | Class] = {**{one.node: one for one in self._index.functions}, **{one.node: one for one in self._index.classes}}
        self._subclasses: dict[Class, list[Class]] | None = None

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

    def _asked(self, key: tuple[object, ...], find: Callable[[], Values]) -> Values:
        if key in self._known:
            return self._known[key]
        if key in self._active:
            self._is_partial = True
            return NOTHING
        if not self._active:
            self._left = _MOST_STEPS
        self._left -= 1
        if len(self._active) > _DEEPEST or self._left < 0:
            return ANYTHING
        outer, self._is_partial = self._is_partial, False
        self._active.add(key)
        try:
            found = find()
        finally:
            self._active.discard(key)
        if not self._is_partial or not self._active:
            self._known[key] = found
            self._is_partial = False
        self._is_partial |= outer
        return found

    def _with_belief(self, found: Values, node: ast.expr, scope: Scope) -> Values:
        """Return what the resolver knows where nothing else is found."""
        inherited = frozenset(one for one in found if isinstance(one, Inherited))
        is_unknown = found - inherited in (ANYTHING, FOREIGN)
        if not is_unknown and not any(isinstance(one, Object) and one.type in _FILLED for one in found):
            return found
        believed = self._resolver.expression(node, scope)
        if believed is None:
            return found
        if is_unknown:
            return inherited | {believed}
        others = frozenset(one for one in found if not isinstance(one, Object))
        return others | {believed, Unshown.ALIKE} if isinstance(believed, Elements) else found

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
                return NOTHING
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
        return frozenset({found}) if found is not None else ANYTHING

    def _union(self, nodes: Iterable[ast.expr], scope: Scope) -> Values:
        return NOTHING.union(*(self.of(node, scope) for node in nodes))

    def _subscript(self, value: ast.expr, key: ast.expr, scope: Scope) -> Values:
        if isinstance(key, ast.Slice):
            return self._step(self.of(value, scope), "", SLICE)
        if isinstance(value, ast.Dict):
            return self._union((one for one in value.values if one is not None), scope) or ANYTHING
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
                case Unshown() | Inherited():
                    found.add(value)
                case LocalObject(cls=cls) | (Class() as cls) if step.isidentifier() and step not in (ENTER,):
                    found |= self.attribute(cls, step)
                    if isinstance(value, LocalObject) and has_unshown_subclasses(self._resolver):
                        found.add(Unshown.ALIKE)
                case _:
                    after = self._resolver.after_step(value, before, step)
                    found.add(after if after is not None else Unshown.ANYTHING)
                    if after is None and isinstance(value, LocalObject):
                        found.add(Inherited(value.cls))
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
        if node.args and isinstance(func, ast.Name) and func.id in ("staticmethod", "classmethod"):
            return self.of(node.args[0], scope)
        if node.args and isinstance(func, ast.Name) and func.id in ("next", "min", "max", "getattr") and scope.find(func.id) is None:
            return self._picked(node, func.id, scope)
        callees = self.of(func, scope)
        if access_path(node)[-1:] == (OPENED,):
            return self._step(callees, last_name(func), OPENED)
        found = NOTHING.union(*(self._called(value, node, scope) for value in callees))
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
            return ANYTHING
        if len(node.args) == 1 or name == "next":
            return self._items(node.args[0], scope) | self._union(node.args[1:], scope)
        return self._union(node.args, scope)

    def _called(self, value: Possible, node: ast.Call, scope: Scope) -> Values:
        match value:
            case Function():
                return self.result(value)
            case Class():
                found: Values = frozenset({LocalObject(value)})
                return found | ANYTHING if self._may_make_another(value) else found
            case LocalObject(cls=cls):
                results = (self.result(one) if isinstance(one, Function) else ANYTHING for one in self.attribute(cls, "__call__"))
                return NOTHING.union(*results)
            case Unshown() | Inherited():
                return frozenset({value})
            case Made() | Partial():
                return NOTHING
            case _:
                made = self._resolver.after_step(value, "", CALL)
                if made is None:
                    is_known = isinstance(value, Named) and self._resolver.is_known_root(value.name.partition(".")[0])
                    return FOREIGN if is_known and not self._passes_own(node, scope) else ANYTHING
                return frozenset({made, Made(node, scope)}) if isinstance(made, Object) and self._passes_own(node, scope) else frozenset({made})

    def _passes_own(self, node: ast.Call, scope: Scope) -> bool:
        """Whether a call passes a function, or an object of a class, of the file, also among the items of a collection."""
        given = (getattr(one, "of", one) for arg in arguments(node) for one in self.of(arg, scope))
        return any(isinstance(one, (Function, Class, LocalObject)) for one in given)

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
        if function.is_generator or function.is_async or not _INERT_DECORATORS.issuperset(access_path(one)[-1] for one in getattr(function.node, "decorator_list", ())):
            return frozenset({believed}) if believed is not None else ANYTHING
        returned = self._union(function.returned, function)
        if function.annotation is not None:
            told = self._resolver.value(function.annotation, function.parent or function, 0)
            if told is not None:
                return frozenset({told, Unshown.ALIKE}) | contradicting(returned)
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
        return NOTHING.union(*(self._bound(node.id, source, origin, home) for source, origin in sources))

    def _sources(self, node: ast.Name, scope: Scope, home: Scope) -> list[tuple[Source, Scope]]:
        """Return what may have bound a name where it is read, each with the scope of its code."""
        every = self._binders(home, node.id)
        if scope is not home or len(every) == 1 or isinstance(home, Class):
            return every
        if home not in self._reaching:
            names = frozenset(name for name in binders_of(home, self._resolver) if len(self._binders(home, name)) > 1)
            self._reaching[home] = ReachingBindings(home, names, self.scopes)
        reached = self._reaching[home].at(node)
        return [one for one in every if one[1] is not home or one[0] in reached] if reached else every

    def _binders(self, home: Scope, name: str) -> list[tuple[Source, Scope]]:
        """Return all that binds a name of a scope, each with the scope of its code."""
        found = binders_of(home, self._resolver).get(name, [])
        return [(PARAMETER, home), *found] if isinstance(home, Function) and name in home.parameters else found

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
                return NOTHING.union(*(self._matched(target, value, name, scope) for target in targets))
            case ast.AnnAssign():
                return self._annotated(source, scope, is_field=isinstance(scope, Class))
            case ast.NamedExpr(value=value):
                return self.of(value, scope)
            case ast.For(target=target, iter=iterable) | ast.AsyncFor(target=target, iter=iterable):
                return self._element(target, iterable, name, scope)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return NOTHING.union(*(self._element(clause.target, clause.iter, name, scope) for clause in source.generators))
            case ast.With(items=items) | ast.AsyncWith(items=items):
                return NOTHING.union(*(self._entered(item, name, scope) for item in items))
            case ast.AugAssign():
                return self._augmented(name, source, home)
            case _:
                return ANYTHING

    def _matched(self, target: ast.expr, value: ast.expr, name: str, scope: Scope) -> Values:
        if isinstance(target, ast.Name):
            return self.of(value, scope) if target.id == name else NOTHING
        if name not in names_in(target):
            return NOTHING
        parts = getattr(target, "elts", ())
        if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(parts) and not any(isinstance(one, ast.Starred) for one in (*parts, *value.elts)):
            return NOTHING.union(*(self._matched(one, its, name, scope) for one, its in zip(parts, value.elts)))
        if any(isinstance(one, ast.Name) and one.id == name for one in parts):
            items = self._items(value, scope)
            return items if Unshown.ANYTHING not in items else ANYTHING
        return ANYTHING

    def _element(self, target: ast.expr, iterable: ast.expr, name: str, scope: Scope) -> Values:
        if name not in names_in(target):
            return NOTHING
        match target, iterable:
            case (ast.Tuple(elts=[count, item]), ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_])):
                if name in names_in(count):
                    return frozenset({Object("int")})
                return self._element(item, inner, name, scope)
            case (ast.Tuple(elts=targets), ast.Call(func=ast.Name(id="zip"), args=columns)) if len(targets) == len(columns):
                return NOTHING.union(*(self._element(one, column, name, scope) for one, column in zip(targets, columns)))
            case (ast.Tuple(), ast.List(elts=rows) | ast.Tuple(elts=rows)) if all(isinstance(row, (ast.Tuple, ast.List)) for row in rows):
                return NOTHING.union(*(self._matched(target, row, name, scope) for row in rows))
            case (ast.Name(), _):
                return self._items(iterable, scope)
            case _:
                return ANYTHING

    def _entered(self, item: ast.withitem, name: str, scope: Scope) -> Values:
        if item.optional_vars is None or name not in names_in(item.optional_vars):
            return NOTHING
        return self._step(self.of(item.context_expr, scope), "", ENTER) if isinstance(item.optional_vars, ast.Name) else ANYTHING

    def _augmented(self, name: str, source: ast.AugAssign, home: Scope) -> Values:
        """Return what `name += value` may give: data stays data of the same type."""
        others = [one for one in self._binders(home, name) if not isinstance(one[0], ast.AugAssign)]
        before = NOTHING.union(*(self._bound(name, binder, scope, home) for binder, scope in others))
        return frozenset(one if isinstance(one, (Object, Elements)) else Unshown.ANYTHING for one in before if not isinstance(one, (Made, Partial, Inherited)))

    def _annotated(self, node: ast.AnnAssign, scope: Scope, *, is_field: bool) -> Values:
        """Return all that an annotated name may be; a field may be set by what creates its object."""
        given = self.of(node.value, scope) if node.value is not None else NOTHING
        told = self._resolver.value(annotation_path(node.annotation), scope, node.lineno)
        if told is not None:
            return frozenset({told, Unshown.ALIKE}) | contradicting(given)
        return given | ANYTHING if is_field else given

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
        passed = NOTHING.union(*(self.of(value, scope) for call, scope in sites for value in passed_for(call, function, name)))
        default = default_of(node, name)
        found = passed | (self.of(default, function.parent or function) if default is not None else NOTHING)
        if arg.annotation is not None:
            told = self._resolver.value(annotation_path(arg.annotation), function.parent or function, 0)
            if told is not None:
                return frozenset({told, Unshown.ALIKE}) | contradicting(found)
        is_shown = sites and all(is_plain(call) for call, _ in sites) and not self._escapes(function)
        return found if is_shown else found | ANYTHING

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
        return function.name == "<lambda>" or not names.isdisjoint(names_as_values(self._resolver)) or bool(function.node.decorator_list)  # type: ignore[attr-defined]

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

    def _attribute(self, cls: Class, name: str) -> Values:
        found: set[Possible] = set()
        classes = list(dict.fromkeys(inner for one in self.descendants(cls) for inner in self.lineage(one)))
        for one in classes:
            for source, origin in self._binders(one, name):
                for each in self._bound(name, source, origin, one):
                    found |= self.result(each) if isinstance(each, Function) and each.is_property else {each}
            for scope, assigned in one.attributes.get(name, ()):
                found |= self._assigned(assigned, scope)
        for stored, home in stored_in_attributes(self._resolver).get(name, ()):
            found |= self.of(stored, home)
        if not found:
            for one in self.lineage(cls):
                found |= {Named(f"{base.name}.{name}") for base in self.bases(one) if isinstance(base, Named) and base.name != "object"}
            found |= {Inherited(cls)} if found else set()
        return frozenset(found) or ANYTHING

    def _assigned(self, assigned: Assigned, scope: Scope) -> Values:
        """Return all that `self.name = ...` may store."""
        if isinstance(assigned.value, ast.expr):
            found = self.of(assigned.value, scope)
            told = self._resolver.value(assigned.path, scope, assigned.line)
            is_annotated = assigned.path != access_path(assigned.value)
            return frozenset({told, Unshown.ALIKE}) | contradicting(found) if is_annotated and told is not None else found
        told = self._resolver.value(assigned.path, scope, assigned.line)
        return frozenset({told}) if told is not None else ANYTHING

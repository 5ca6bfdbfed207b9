"""The records for scopes, calls and loops of a file: the index fills them and the resolver reads them."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

from par_lint.analysis.semantics.access_path import COLLECT, AccessPath, access_path, annotation_path
from par_lint.analysis.semantics.bindings import BINDING, Assigned, Bound, Import, Place, bound_parameters, is_placeholder, parameters
from par_lint.core.memo import memoized

_ADDING = frozenset({"append", "add", "appendleft"})
_LINE = attrgetter("line")


class Defined(NamedTuple):
    """A name bound by `def` or `class`."""

    what: Function | Class
    line: int


Binding: TypeAlias = Import | Assigned | Defined


class Scope:
    """A module, class or function body: its names, and the enclosing scope. Lines are 1-based and inclusive.

    `everything` is the list of all calls in the file; those from `first` to `last` are in this scope or in a nested one.
    """

    first = last = 0
    is_in_coroutine = False  # whether this is the body of an `async def`
    outward: Set[str] = frozenset()  # names declared global or nonlocal
    answers: Set[str] = frozenset()  # names whose `status_code` or `raise_for_status` is used

    def __init__(self, name: str, node: ast.AST, parent: Scope | None, everything: list[CallSite]) -> None:
        self.name = name
        self.node = node
        self.parent = parent
        self.everything = everything
        self.binders: list[Binder] = []  # the parts that bind names here, in source order

    @property
    def function(self) -> Function | None:
        """The function whose body this is, or None."""
        return self if isinstance(self, Function) else None

    @memoized
    def calls(self) -> list[CallSite]:
        """The calls directly in this scope, in source order."""
        return [site for site in self.everything[self.first:self.last] if site.scope is self]

    # Names --------------------------------------------------------------------------------------------------------

    def add(self, binder: Own) -> None:
        """Add a part of the scope that binds names; also to the outer scopes of names declared global or nonlocal here."""
        self.binders.append(binder)
        scope = self
        while scope.outward and scope.parent is not None:
            scope = scope.parent
            scope.binders.append((self, binder))

    @memoized
    def bindings(self) -> dict[str, list[Binding]]:
        """The bindings of each name in the scope, sorted by line."""
        found: dict[str, list[Binding]] = {}
        for parameter, its in self._parameters():
            found[parameter] = [its]  # type: ignore[index]
        for binder in self.binders:
            origin, own = binder if type(binder) is tuple else (self, binder)
            if type(own) is ast.Assign and type(own.targets[0]) is ast.Attribute and len(own.targets) == 1:
                continue  # no name
            is_whole = origin is self and not self.outward
            for name, binding in _BOUND_BY[type(own)](own):
                if type(name) is not str or not is_whole and origin._home(name) is not self:
                    continue
                if name not in found:
                    found[name] = [binding]
                elif origin is not self or not isinstance(own, ast.AugAssign):
                    found[name].append(binding)
        for several in found.values():
            if len(several) > 1:
                several.sort(key=_LINE)
        return found

    def _parameters(self) -> Iterator[Bound]:
        return iter(())

    def _home(self, name: str) -> Scope:
        """Return the scope in which a name is bound that is assigned here."""
        scope = self
        while name in scope.outward and scope.parent is not None:
            scope = scope.parent
        return scope

    def find(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """Return the scope that binds `name` as seen from here, and its bindings in source order."""
        bindings = self.bindings.get(name)
        if bindings is not None and name not in self.outward:
            return self, bindings
        scope = self.parent
        while scope is not None:
            if not isinstance(scope, Class) and name in scope.bindings:
                return scope, scope.bindings[name]
            scope = scope.parent
        return None

    def bound_at(self, name: str, line: int) -> Binding | None:
        """Return the binding of a name at a line: the last one up to there that has a value.

        If there is none above, and for line 0 (another scope), it is the last of all.
        """
        bindings = self.bindings[name]
        telling = bindings if len(bindings) == 1 else self._conclusive(name)
        if line and bindings[0].line <= line:
            count = bisect_right(telling, line, key=_LINE)
            return telling[count - 1] if count and not is_placeholder(telling[count - 1]) else None
        return telling[-1] if telling and not is_placeholder(telling[-1]) else None

    @memoized
    def _conclusive_bindings(self) -> dict[str, list[Binding]]:
        return {}

    def _conclusive(self, name: str) -> list[Binding]:
        """Return the bindings of a name without placeholders."""
        found = self._conclusive_bindings.get(name)
        if found is None:
            found = self._conclusive_bindings[name] = [binding for binding in self.bindings[name] if not is_placeholder(binding)]
        return found

    @memoized
    def added(self) -> dict[str, list[AccessPath]]:
        """The values that `name.append(...)` and similar calls add to the names of the scope."""
        found: dict[str, list[AccessPath]] = {}
        for site in self.calls:
            match site.node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name)), args=[item]) if site.name in _ADDING:
                    found.setdefault(name, []).append((*access_path(item), COLLECT))
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="extend"), args=[items]):
                    found.setdefault(name, []).append(access_path(items))
                case _:
                    pass
        return found


class Class(Scope):
    """A class body. `methods` are the functions whose `self` is an object of the class, including functions nested in methods."""

    def __init__(self, name: str, node: ast.AST, parent: Scope | None, everything: list[CallSite]) -> None:
        super().__init__(name, node, parent, everything)
        self.methods: list[Function] = []

    @memoized
    def bases(self) -> tuple[AccessPath, ...]:
        """Return the access paths of its bases."""
        return tuple(access_path(base) for base in self.node.bases)  # type: ignore[attr-defined]

    @memoized
    def attributes(self) -> dict[str, list[tuple[Scope, Assigned]]]:
        """The bindings of `self.x = ...` in its methods, each with its scope, by line."""
        found: dict[str, list[tuple[Scope, Assigned]]] = {}
        for function in self.methods:
            assert function.method is not None
            own = function.method.parameters[:1]
            for binder in function.binders:
                for place, binding in BINDING[type(binder)](binder) if isinstance(binder, ast.AST) else ():
                    if not isinstance(place, str) and place[:1] == own and isinstance(binding, Assigned):
                        found.setdefault(place[1], []).append((function, binding))
                if isinstance(binder, ast.Assign) and function.method is function and _is_validator(function):
                    for name in _validated(binder.targets, function.parameters[1:2]):
                        found.setdefault(name, []).append((function, Assigned(binder.lineno, binder.value, value=binder.value)))
        for several in found.values():
            several.sort(key=lambda one: one[1].line)
        return found


_VALIDATORS = frozenset({"root_validator", "model_validator", "pre_init"})


def _is_validator(function: Function) -> bool:
    decorators = getattr(function.node, "decorator_list", ())
    return any(not _VALIDATORS.isdisjoint(access_path(decorator)) for decorator in decorators)


def _validated(targets: Iterable[ast.expr], values: tuple[str, ...]) -> Iterator[str]:
    """Yield the attributes that a validator of pydantic sets: `values["client"] = ...`."""
    for target in targets:
        match target:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))) if name in values:
                yield key
            case _:
                pass


class Function(Scope):
    """A function body or a lambda. `owner` is its class if it is a method, `method` is the method that it is or is nested in."""

    owner: Class | None = None
    method: Function | None = None
    is_generator = False
    returned: Sequence[ast.expr] = ()

    @property
    def line(self) -> int:
        """Return the line of its `def`."""
        return self.node.lineno  # type: ignore[attr-defined,no-any-return]

    @property
    def is_async(self) -> bool:
        """Return whether it is an `async def`."""
        return self.is_in_coroutine

    @memoized
    def is_static(self) -> bool:
        """Return whether it is a static method."""
        return "staticmethod" in self._decorators

    @property
    def is_class_method(self) -> bool:
        """Return whether it is a class method."""
        return "classmethod" in self._decorators

    @memoized
    def is_property(self) -> bool:
        """Return whether it is a property."""
        return not self._decorators.isdisjoint(("property", "cached_property"))

    @memoized
    def _decorators(self) -> frozenset[str]:
        return frozenset(access_path(decorator)[-1] for decorator in getattr(self.node, "decorator_list", ()))

    @memoized
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters, `*args` and `**kwargs` last."""
        return tuple([arg.arg for arg in parameters(self.node.args)])  # type: ignore[attr-defined]

    @memoized
    def explicit_parameters(self) -> tuple[str, ...]:
        """The names of the parameters that the arguments of a call stand for: all but the object or class that a method is called on."""
        return self.parameters[self.owner is not None and not self.is_static:]

    @memoized
    def returns(self) -> list[AccessPath]:
        """The access paths of its return values."""
        return [access_path(value) for value in self.returned]

    @memoized
    def annotation(self) -> AccessPath | None:
        """The access path of its return annotation."""
        told: ast.expr | None = getattr(self.node, "returns", None)
        return annotation_path(told) if told is not None else None

    def _parameters(self) -> Iterator[Bound]:
        first: AccessPath | None = None
        if self.owner is not None and not self.is_static:
            first = (self.owner.name,) if self.is_class_method else ("<self>",)
        return bound_parameters(self.node.args, first)  # type: ignore[attr-defined]


Repeating: TypeAlias = ast.For | ast.AsyncFor | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Call
Own: TypeAlias = "ast.AST | Function | Class"
"""A part of a scope that binds names: a node of a type in `bindings.BINDING`, a `def` or a `class`."""
Binder: TypeAlias = "Own | tuple[Scope, Own]"
"""The same, or a nested scope that declares names global or nonlocal."""


def _defined(scope: Function | Class) -> Iterable[tuple[Place, Defined]]:
    return ((scope.name, Defined(scope, scope.node.lineno)),)  # type: ignore[attr-defined]


_BOUND_BY: dict[type, Callable[[Any], Iterable[tuple[Place, Binding]]]] = {**BINDING, Function: _defined, Class: _defined}


class Loop:
    """A `for` loop, a comprehension, or a call of `map`: its scope, and the enclosing loop in the same scope.

    Of the calls in the file, those from `start` to `first` are in the iterable, and those up to `last` are in the body.
    """

    def __init__(self, node: Repeating, scope: Scope, outer: Loop | None, start: int) -> None:
        self.node = node
        self.scope = scope
        self.outer = outer
        self.start = self.first = self.last = start

    @memoized
    def calls(self) -> list[CallSite]:
        """The calls in every iteration, except those in nested functions."""
        return [site for site in self.scope.everything[self.first:self.last] if site.scope is self.scope]


class CallSite:
    """One call: its scope, the innermost loop that makes it in every iteration, and the last part of the callee's name."""

    __slots__ = ("loop", "name", "node", "scope")

    def __init__(self, node: ast.Call, scope: Scope, loop: Loop | None, name: str) -> None:
        self.node = node
        self.scope = scope
        self.loop = loop
        self.name = name

"""Scopes of a file and what their names are bound to: the records that the index fills and the resolver reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from par_lint.access import AccessPath


@dataclass(frozen=True)
class Import:
    """A name bound by an import: the qualified name that it stands for."""

    name: str
    line: int


@dataclass(frozen=True)
class Assigned:
    """A name bound to the value of an expression, known by its access path; `value` where the expression stands whole."""

    path: AccessPath
    line: int
    value: ast.expr | None = None


@dataclass(frozen=True)
class Defined:
    """A name bound by `def` or `class`."""

    what: Function | Class
    line: int


Binding: TypeAlias = Import | Assigned | Defined


@dataclass(eq=False)
class Scope:
    """A module, class or function body: its names, and the scope around it. Lines are 1-based and inclusive."""

    name: str
    node: ast.AST
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    outward: set[str] = field(default_factory=set)  # names declared global or nonlocal
    added: dict[str, list[AccessPath]] = field(default_factory=dict)  # what `name.append(...)` and its like put into a name
    managed: set[str] = field(default_factory=set)  # names that `with ... as` binds
    answers: set[str] = field(default_factory=set)  # names whose `status_code` or `raise_for_status` is used

    @property
    def function(self) -> Function | None:
        """The function whose body this is."""
        return self if isinstance(self, Function) else None

    @property
    def is_in_coroutine(self) -> bool:
        """Whether this is the body of an `async def`."""
        return self.function is not None and self.function.is_async

    def bind(self, name: str, binding: Binding) -> None:
        """Record one more binding of `name`, in the scope that a global or nonlocal declaration points to."""
        scope = self
        while name in scope.outward and scope.parent is not None:
            scope = scope.parent
        scope.bindings.setdefault(name, []).append(binding)

    def chain(self) -> Iterator[Scope]:
        """The scopes in which Python looks for a name that is used here, innermost first."""
        yield self
        scope = self.parent
        while scope is not None:
            if not isinstance(scope, Class):
                yield scope
            scope = scope.parent

    def find(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """The scope that binds `name` as seen from here, and its bindings in source order."""
        for scope in self.chain():
            if name in scope.bindings and (scope is not self or name not in scope.outward):
                return scope, scope.bindings[name]
        return None


@dataclass(eq=False)
class Class(Scope):
    """A class body; `bases` are access paths, `attributes` what `self.x = ...` binds in its methods."""

    bases: tuple[AccessPath, ...] = ()
    attributes: dict[str, list[tuple[Scope, Assigned]]] = field(default_factory=dict)


@dataclass(eq=False)
class Function(Scope):
    """A function body or a lambda. `owner` is the class it is a method of."""

    owner: Class | None = None
    parameters: tuple[str, ...] = ()
    is_async: bool = False
    is_generator: bool = False
    is_static: bool = False
    is_property: bool = False
    returns: list[AccessPath] = field(default_factory=list)
    annotation: AccessPath | None = None
    calls: list[CallSite] = field(default_factory=list)

    @property
    def line(self) -> int:
        """The line of its `def`."""
        return self.node.lineno  # type: ignore[attr-defined,no-any-return]


@dataclass(eq=False)
class Loop:
    """A `for` loop, a comprehension, or a call of `map`: where it stands, and the loop around it in the same scope."""

    node: ast.For | ast.AsyncFor | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Call
    scope: Scope
    outer: Loop | None
    calls: list[CallSite] = field(default_factory=list)


@dataclass(eq=False)
class CallSite:
    """One call: the scope it stands in and the innermost loop whose every pass makes it."""

    node: ast.Call
    scope: Scope
    loop: Loop | None

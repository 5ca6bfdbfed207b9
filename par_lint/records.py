"""Dataclasses that take a tenth of the time to define: defining ours was a quarter of the time that the rules take to import.

To type checkers they are dataclasses. When they run they have an `__init__`, equality, a hash where they are frozen, `__match_args__`
and a `repr`, and nothing keeps one from changing a frozen one but its type.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:

    def dataclass(cls=None, /, *, frozen=False, eq=True):
        """Make a class of annotated names a record; without base classes that are some."""
        return _define(cls, frozen, eq) if cls is not None else lambda cls: _define(cls, frozen, eq)

    def field(*, default_factory):
        """A default that is made anew for each record."""
        return _Made(default_factory)

    def replace(record, /, **changes):
        """A record like another but for some of its values."""
        return type(record)(**{name: getattr(record, name) for name in record.__match_args__} | changes)


__all__ = ["dataclass", "field", "replace"]

_Class = TypeVar("_Class", bound=type)


class _Made:
    def __init__(self, make: Any) -> None:
        self.make = make


def _define(cls: _Class, frozen: bool, eq: bool) -> _Class:
    names = tuple(cls.__annotations__)
    scope: dict[str, Any] = {name: vars(cls)[name] for name in names if name in vars(cls)}
    made = {name for name, default in scope.items() if isinstance(default, _Made)}
    parameters = ", ".join(f"{name}={name}" if name in scope else name for name in names)
    values = (f"{name}.make() if isinstance({name}, _Made) else {name}" if name in made else name for name in names)
    body = "; ".join(f"self.{name} = {value}" for name, value in zip(names, values))
    scope["_Made"] = _Made
    exec(f"def __init__(self, {parameters}): {body}", scope)
    methods = {"__init__": scope["__init__"], "__match_args__": names, "__repr__": _shown}
    if eq:
        methods |= _comparing(names, frozen)
    for name, method in methods.items():
        setattr(cls, name, method)
    return cls


def _comparing(names: tuple[str, ...], frozen: bool) -> dict[str, Any]:
    values: Any = attrgetter(*names)

    def equals(self: Any, other: Any) -> bool:
        return values(self) == values(other) if type(self) is type(other) else NotImplemented

    return {"__eq__": equals, "__hash__": (lambda self: hash(values(self))) if frozen else None}


def _shown(self: Any) -> str:
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__match_args__)})"

"""What expressions refer to: names of libraries, objects, collections; functions and classes of a file are scopes."""

from __future__ import annotations

from typing import TypeAlias

from par_lint.analysis.semantics.scopes import Class, Function


class _Known:
    """Equality by class and part. Importing dataclasses would take longer than checking most files."""

    __slots__ = ("_part",)

    def __init__(self, part: object) -> None:
        self._part = part

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, _Known) and self._part == other._part

    def __hash__(self) -> int:
        return hash(self._part)


class Named(_Known):
    """Something reached through an import, or a built-in: a module, class, function or attribute."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Object(_Known):
    """An instance of an imported or built-in class."""

    __slots__ = ("type",)

    def __init__(self, type: str) -> None:
        super().__init__(type)
        self.type = type


class LocalObject(_Known):
    """An instance of a class in this file."""

    __slots__ = ("cls",)

    def __init__(self, cls: Class) -> None:
        super().__init__(cls)
        self.cls = cls


class Elements(_Known):
    """A collection whose element type is known."""

    __slots__ = ("of",)

    def __init__(self, of: Value) -> None:
        super().__init__(of)
        self.of = of


Value: TypeAlias = Named | Object | LocalObject | Elements | Function | Class

"""Sets of what an expression may refer to."""

from __future__ import annotations

import ast
import enum
from typing import NamedTuple, TypeAlias

from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.analysis.semantics.values import Elements, LocalObject, Value


class Unshown(enum.Enum):
    """What else an expression may be, where the file does not show all that it may be."""

    ANYTHING = "anything"
    FOREIGN = "what a known library gives that gets nothing of the file"
    ALIKE = "an object of another class with the same methods: annotations may be wrong, and lists hold more than they are made with"


class Made(NamedTuple):
    """An object of a library that is made with functions, or objects of classes, of the file: it may call them."""

    call: ast.Call
    scope: Scope


class Partial(NamedTuple):
    """A function that is called with more arguments than its call shows."""

    call: ast.Call


class Inherited(NamedTuple):
    """What an object of a class of the file gives through code of a library that the class inherits: it may call the object's methods later."""

    cls: Class


Possible: TypeAlias = "Value | Unshown | Made | Partial | Inherited"
Values: TypeAlias = "frozenset[Possible]"
ANYTHING: Values = frozenset({Unshown.ANYTHING})
FOREIGN: Values = frozenset({Unshown.FOREIGN})
NOTHING: Values = frozenset()


def contradicting(values: Values) -> Values:
    """Return what contradicts an annotation: functions, classes, objects of classes of the file."""
    return frozenset(one for one in values if isinstance(one, (Function, Class, LocalObject, Made, Partial, Inherited)) or isinstance(one, Elements) and isinstance(one.of, LocalObject))

"""Attributes that are found out when they are first asked for, and then kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

__all__ = ["kept"]

if TYPE_CHECKING:
    from functools import cached_property as kept
else:

    class kept:
        """As `functools.cached_property`, which before Python 3.12 takes a lock for each, and a dictionary for each object."""

        def __init__(self, find: Callable[[Any], object]) -> None:
            self._find = find
            self._name = find.__name__
            self.__doc__ = find.__doc__

        def __get__(self, owner: Any, kind: type | None = None) -> Any:
            if owner is None:
                return self
            found = self._find(owner)
            setattr(owner, self._name, found)
            return found

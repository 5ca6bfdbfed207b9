"""Settings that a pyproject.toml has for other tools: the oldest supported Python, and the line length."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_LOWEST = re.compile(r"(?:>=|~=|\^|~|===?|>)\s*3\.(\d+)")
_TARGET = re.compile(r"py3(\d+)")


def lowest_python(pyproject: Mapping[str, Any]) -> int | None:
    """Return the minor version of the oldest supported Python 3, from `requires-python`, Poetry's `python` or ruff's `target-version`."""
    for keys in (("project", "requires-python"), ("tool", "poetry", "dependencies", "python")):
        found = lowest_in(_text(pyproject, keys))
        if found is not None:
            return found
    target = _TARGET.fullmatch(_text(pyproject, ("tool", "ruff", "target-version")))
    return int(target.group(1)) if target else None


def lowest_in(specifier: str) -> int | None:
    """Return the minor version of the oldest Python 3 that a specifier such as `>=3.8,<4` allows; None if it names none."""
    found = _LOWEST.findall(specifier)
    return max(map(int, found)) if found else None


def configured_line_length(pyproject: Mapping[str, Any]) -> int | None:
    """Return the maximum line length in the settings of ruff or black."""
    for keys in (("tool", "ruff", "line-length"), ("tool", "black", "line-length")):
        length = _value(pyproject, keys)
        if isinstance(length, int) and not isinstance(length, bool) and length > 0:
            return length
    return None


def _text(table: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    value = _value(table, keys)
    return value if isinstance(value, str) else ""


def _value(table: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    """Return a value of nested tables; None if it is missing or a parent is not a table (other tools report that)."""
    value: Any = table
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value

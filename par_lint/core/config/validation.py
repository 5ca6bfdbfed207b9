"""Checking a table by its schema: the first fault, with its place, what is allowed there, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from par_lint.core.config.rule_codes import unknown
from par_lint.core.config.schema import CODE

_WIDTH = 60  # characters of a wrong value that are shown
_TYPES: dict[str, type | tuple[type, ...]] = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}


class Fault(Exception):
    """A value that the schema does not allow: `key` is where it stands."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(key, problem)
        self.key = key
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.key}: {self.problem}" if self.key else self.problem


def validate(value: object, schema: dict[str, Any], key: str = "") -> None:
    """Raise Fault for the first fault of a value. The only thing that schemas refer to is a code."""
    if "$ref" in schema:
        schema = CODE
    if not _fits(value, schema):
        if schema is CODE and isinstance(value, str):
            raise Fault(key.rpartition(" ")[0] or key, unknown(value))
        raise Fault(key, f"must be {_wanted(schema)}, not {_shown(value)}")
    if isinstance(value, dict):
        _validate_table(value, schema, key)
    elif isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            raise Fault(key, f"must be {_wanted(schema)}, not empty")
        for number, item in enumerate(value, start=1):
            validate(item, schema["items"], f"{key} {number}")


def _validate_table(table: dict[str, Any], schema: dict[str, Any], key: str) -> None:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", False)
    inside = f"{key}: " if key[-1:].isdigit() else f"{key}." if key else ""
    for name, value in table.items():
        if name not in properties and not others:
            raise Fault(f"{inside}{_key(name)}", f"is no key of par-lint; {hint(name, properties)}known are {', '.join(properties)}")
        validate(value, properties.get(name, others), f"{inside}{_key(name)}")
    for name in schema.get("required", ()):
        if name not in table:
            raise Fault(f"{inside}{name}", f"is missing; it must be {_wanted(properties[name])}")


def hint(word: str, known: Iterable[str]) -> str:
    """`did you mean 'x'? ` where a known word is nearly this one."""
    import difflib

    close = difflib.get_close_matches(word.lower().replace("_", "-"), known, n=1)
    return f"did you mean {close[0]!r}? " if close else ""


def _fits(value: object, schema: dict[str, Any]) -> bool:
    if not isinstance(value, _TYPES[schema["type"]]) or isinstance(value, bool):
        return False
    if isinstance(value, str):
        return value in schema.get("enum", [value]) and re.search(schema.get("pattern", ""), value) is not None
    if isinstance(value, (int, float)):
        least, most = schema["minimum"], schema["maximum"]
        return bool(least < value if schema.get("exclusiveMinimum") else least <= value) and bool(value <= most)  # of nan, nothing is true
    return True


def _wanted(schema: dict[str, Any]) -> str:
    """What a value must be, in words."""
    if "title" in schema:
        return str(schema["title"])
    match schema["type"]:
        case "integer":
            return f"a whole number from {schema['minimum']} to {schema['maximum']}"
        case "number":
            return f"a number above {schema['minimum']}, up to {schema['maximum']}"
        case "string":
            return f"one of {', '.join(schema['enum'])}"
        case _:
            return "a table"


def _shown(value: object) -> str:
    """A wrong value as Python writes it, in one line that is not too long."""
    try:
        text = repr(value)
    except ValueError:  # more digits than Python turns into text
        return "a number of thousands of digits"
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}..."


def _key(name: str) -> str:
    """A key as TOML writes it."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _shown(name)

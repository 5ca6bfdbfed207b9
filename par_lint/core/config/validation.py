"""Validate a table with its schema: report the first wrong value, its key, the valid values, and a likely correction."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from par_lint.core.config.rule_codes import unknown_code_message
from par_lint.core.config.schema import CODE

_WIDTH = 60  # maximum characters of a wrong value in a message
_TYPES: dict[str, type | tuple[type, ...]] = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}


class SchemaViolation(Exception):
    """A value that the schema does not allow. `key` is its path in the table."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(key, problem)
        self.key = key
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.key}: {self.problem}" if self.key else self.problem


def validate(value: object, schema: dict[str, Any], key: str = "") -> None:
    """Raise SchemaViolation for the first wrong value. The only `$ref` in the schema is to a code."""
    if "$ref" in schema:
        schema = CODE
    if not _matches(value, schema):
        if schema is CODE and isinstance(value, str):
            raise SchemaViolation(key.rpartition(" ")[0] or key, unknown_code_message(value))
        raise SchemaViolation(key, f"must be {_expected(schema)}, not {_abbreviated(value)}")
    if isinstance(value, dict):
        _validate_table(value, schema, key)
    elif isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            raise SchemaViolation(key, f"must be {_expected(schema)}, not empty")
        for number, item in enumerate(value, start=1):
            validate(item, schema["items"], f"{key} {number}")


def _validate_table(table: dict[str, Any], schema: dict[str, Any], key: str) -> None:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", False)
    inside = f"{key}: " if key[-1:].isdigit() else f"{key}." if key else ""
    for name, value in table.items():
        if name not in properties and not others:
            raise SchemaViolation(f"{inside}{_toml_key(name)}", f"unknown key; {did_you_mean(name, properties)}valid keys: {', '.join(properties)}")
        validate(value, properties.get(name, others), f"{inside}{_toml_key(name)}")
    for name in schema.get("required", ()):
        if name not in table:
            raise SchemaViolation(f"{inside}{name}", f"missing required key; it must be {_expected(properties[name])}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'? ` if a valid word is similar to this one, else an empty string."""
    import difflib

    close = difflib.get_close_matches(word.lower().replace("_", "-"), known, n=1)
    return f"did you mean {close[0]!r}? " if close else ""


def _matches(value: object, schema: dict[str, Any]) -> bool:
    if not isinstance(value, _TYPES[schema["type"]]) or isinstance(value, bool) != (schema["type"] == "boolean"):
        return False
    if isinstance(value, str):
        return value in schema.get("enum", [value]) and re.search(schema.get("pattern", ""), value) is not None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        least, most = schema["minimum"], schema["maximum"]
        return bool(least < value if schema.get("exclusiveMinimum") else least <= value) and bool(value <= most)  # nan fails every comparison
    return True


def _expected(schema: dict[str, Any]) -> str:
    """Return a description of the expected value."""
    if "title" in schema:
        return str(schema["title"])
    match schema["type"]:
        case "integer":
            return f"a whole number from {schema['minimum']} to {schema['maximum']}"
        case "number":
            return f"a number above {schema['minimum']}, up to {schema['maximum']}"
        case "string":
            return f"one of {', '.join(schema['enum'])}"
        case "boolean":
            return "true or false"
        case _:
            return "a table"


def _abbreviated(value: object) -> str:
    """Return the repr of a wrong value, in one line of limited length."""
    try:
        text = repr(value)
    except ValueError:  # more digits than Python converts to text
        return "a number of thousands of digits"
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}..."


def _toml_key(name: str) -> str:
    """Return a key in TOML's spelling."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _abbreviated(name)

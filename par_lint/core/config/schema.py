"""The keys of [tool.par-lint], once: the loader checks by them, `par-lint config --schema` prints them, `par-lint explain settings` tells them.

It is a JSON schema of draft 4, the last one to which 3.0 is no whole number. `title` says what a value must be, where that is not plain.
"""

from __future__ import annotations

import keyword
from typing import Any

from par_lint.core.catalog.entry import Effect, Kind
from par_lint.core.config.rule_codes import RULES, UNHIDEABLE
from par_lint.core.config.settings import TIMEOUTS, WORKERS

_END = r"$(?!\n)"
_PART = rf"(?!(?:{'|'.join(keyword.kwlist)})\b)[^\W\d]\w*"
_MOST_WORKERS = 1000
_MOST_SECONDS = 7 * 24 * 60 * 60

_KINDS = {
    "network": "requests and connections",
    "file": "files",
    "subprocess": "commands",
    "cpu": "processes for computing",
}


def _in_any_case(word: str) -> str:
    return "".join(f"[{letter.upper()}{letter.lower()}]" if letter.isalpha() else letter for letter in word)


def _beginnings(codes: tuple[str, ...]) -> str:
    """A pattern of all that codes begin with."""
    found = {code[:length] for code in codes for length in range(1, len(code) + 1)}
    return "|".join(_in_any_case(one) for one in sorted(found, key=lambda one: (-len(one), one)))


def _count(most: int, text: str, default: int | None = None) -> dict[str, Any]:
    schema = {"description": text, "type": "integer", "minimum": 1, "maximum": most}
    return schema if default is None else {**schema, "default": default}


def _codes(text: str, **more: Any) -> dict[str, Any]:
    return {"description": text, "title": "a list of codes, their beginnings or names of rules, such as [\"PRL103\"]", "type": "array", "items": {"$ref": "#/definitions/code"}, **more}


def _patterns(text: str) -> dict[str, Any]:
    item = {"title": "a pattern such as \"generated/*\"", "type": "string", "pattern": r"\S"}
    return {"description": text, "title": "a list of patterns such as [\"generated/*\"]", "type": "array", "items": item, "default": []}


CODE: dict[str, Any] = {
    "title": "a code, its beginning or the name of a rule, such as \"PRL101\"",
    "type": "string",
    "pattern": f"^(?:{_beginnings((*RULES, *UNHIDEABLE))}|{'|'.join(map(_in_any_case, (*RULES.values(), *UNHIDEABLE.values())))}){_END}",
}

CALL: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "kind"],
    "properties": {
        "name": {
            "description": "its qualified name; `*` as the last part stands for all methods of a class, `**` for those of what it holds, too",
            "title": "a qualified name such as \"package.module.function\"",
            "type": "string",
            "pattern": rf"^(?:{_PART}|\*\*?)(?:\.(?:{_PART}|\*\*?))*{_END}",
        },
        "kind": {"description": "what it waits for, or does", "type": "string", "enum": [kind.value for kind in Kind]},
        "effect": {
            "description": "what it changes (of a subprocess write, of what else waits read, else none)",
            "type": "string",
            "enum": [effect.value for effect in Effect],
        },
        "timeout-parameter": {
            "description": "the parameter that takes its time limit",
            "title": "a parameter's name such as \"timeout\"",
            "type": "string",
            "pattern": f"^{_PART}{_END}",
        },
        "timeout-position": {"description": "the place of that parameter, from 0", "type": "integer", "minimum": 0, "maximum": 100},
        "timeout-default": {
            "description": "the time limit in seconds that it has without one", "type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": _MOST_SECONDS,
        },
    },
}  # fmt: skip

SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "description": "[tool.par-lint] in pyproject.toml",
    "definitions": {"code": CODE},
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "select": _codes("the codes to look for", minItems=1, default=["PRL"]),
        "ignore": _codes("the codes to leave out", default=[]),
        "per-file-ignores": {
            "description": "the codes to leave out in files, by patterns of their paths",
            "type": "object",
            "additionalProperties": _codes("codes"),
            "default": {},
        },
        "exclude": _patterns("files and folders to leave out"),
        "extend-exclude": _patterns("files and folders to leave out, too, whatever flake8 excludes"),
        "baseline": {
            "description": "the file with the findings that are known; its path is from the folder of the pyproject.toml",
            "title": "a file such as \"known.json\"",
            "type": "string",
            "pattern": r"\S",
        },
        "runtime": {
            "description": "the module that fixed code imports run_parallel from",
            "title": "a module such as \"myapp.parallel\"",
            "type": "string",
            "pattern": rf"^{_PART}(?:\.{_PART})*{_END}",
        },
        "line-length": _count(1000, "for code that fixes write (what ruff or black are told, else 88)"),
        "target-version": {
            "description": "the lowest Python that fixed code runs on (what requires-python says, else 3.10)",
            "title": "a version of Python such as \"3.11\"",
            "type": "string",
            "pattern": rf"^3\.(?:[0-9]|[1-9][0-9]){_END}",
        },
        "workers": {
            "description": "the recommended max_workers by kind of work",
            "type": "object",
            "additionalProperties": False,
            "properties": {kind: _count(_MOST_WORKERS, text, WORKERS[kind]) for kind, text in _KINDS.items()},
        },
        "timeouts": {
            "description": "time limits in seconds, by the words that a command begins with, beside those that par-lint knows; `network` is for requests, "
            "`default` for quick commands and those that no row knows",
            "type": "object",
            "additionalProperties": _count(_MOST_SECONDS, "seconds"),
            "default": dict(TIMEOUTS),
        },
        "extend-safe-fixes": _codes("the codes whose unsafe fixes count as safe", default=[]),
        "extend-unsafe-fixes": _codes("the codes whose safe fixes count as unsafe; stronger than extend-safe-fixes", default=[]),
        "call": {
            "description": "a call of the project's that is like those par-lint knows",
            "title": "an array of tables, written [[tool.par-lint.call]]",
            "type": "array",
            "items": CALL,
            "default": [],
        },
    },
}

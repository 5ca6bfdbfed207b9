"""The JSON schema of [tool.par-lint]. The loader validates with it, `par-lint config --schema` and `par-lint explain settings` print it.

It uses draft 4 of JSON schema, the last draft in which 3.0 is not an integer. `title` describes the expected value for error messages.
"""

from __future__ import annotations

import keyword
from typing import Any

from par_lint.core.catalog.entry import Effect, Kind
from par_lint.core.config.rule_codes import OPTIONAL, RULES, UNSUPPRESSIBLE
from par_lint.core.config.settings import TIMEOUTS, WORKERS

_END = r"$(?!\n)"
_PART = rf"(?!(?:{'|'.join(keyword.kwlist)})\b)[^\W\d]\w*"
_MOST_WORKERS = 1000
_MOST_SECONDS = 7 * 24 * 60 * 60

_KINDS = {
    "network": "requests and connections",
    "file": "files",
    "subprocess": "commands",
    "cpu": "processes for CPU-bound work",
}


def _in_any_case(word: str) -> str:
    return "".join(f"[{letter.upper()}{letter.lower()}]" if letter.isalpha() else letter for letter in word)


def _beginnings(codes: tuple[str, ...]) -> str:
    """Return a regular expression for all prefixes of the codes, in any case."""
    found = {code[:length] for code in codes for length in range(1, len(code) + 1)}
    return "|".join(_in_any_case(one) for one in sorted(found, key=lambda one: (-len(one), one)))


def _count(most: int, text: str, default: int | None = None) -> dict[str, Any]:
    schema = {"description": text, "type": "integer", "minimum": 1, "maximum": most}
    return schema if default is None else {**schema, "default": default}


def _codes(text: str, **more: Any) -> dict[str, Any]:
    return {"description": text, "title": "a list of codes, prefixes of codes or rule names, such as [\"PRL103\"]", "type": "array", "items": {"$ref": "#/definitions/code"}, **more}


def _patterns(text: str) -> dict[str, Any]:
    item = {"title": "a pattern such as \"generated/*\"", "type": "string", "pattern": r"\S"}
    return {"description": text, "title": "a list of patterns such as [\"generated/*\"]", "type": "array", "items": item, "default": []}


CODE: dict[str, Any] = {
    "title": "a code, a prefix of codes or a rule name, such as \"PRL101\"",
    "type": "string",
    "pattern": f"^(?:{_beginnings((*RULES, *UNSUPPRESSIBLE, *OPTIONAL))}|{'|'.join(map(_in_any_case, (*RULES.values(), *UNSUPPRESSIBLE.values(), *OPTIONAL.values())))}){_END}",
}

CALL: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "kind"],
    "properties": {
        "name": {
            "description": "its qualified name; the last part `*` matches all methods of a class, `**` also those of its attributes",
            "title": "a qualified name such as \"package.module.function\"",
            "type": "string",
            "pattern": rf"^(?:{_PART}|\*\*?)(?:\.(?:{_PART}|\*\*?))*{_END}",
        },
        "kind": {"description": "the kind of work that it does", "type": "string", "enum": [kind.value for kind in Kind]},
        "effect": {
            "description": "its side effect; query: it reads, but through a session, a login or a paid service, so that a fix is unsafe "
            "(default: write for a subprocess, query for the network, read for other I/O, else none)",
            "type": "string",
            "enum": [effect.value for effect in Effect],
        },
        "timeout-parameter": {
            "description": "the name of its timeout parameter",
            "title": "a parameter's name such as \"timeout\"",
            "type": "string",
            "pattern": f"^{_PART}{_END}",
        },
        "timeout-position": {"description": "the 0-based position of that parameter", "type": "integer", "minimum": 0, "maximum": 100},
        "timeout-default": {
            "description": "the default timeout in seconds", "type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": _MOST_SECONDS,
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
        "select": _codes("the codes to report", minItems=1, default=["PRL"]),
        "ignore": _codes("the codes to ignore", default=[]),
        "per-file-ignores": {
            "description": "the codes to ignore in files whose paths match a pattern",
            "type": "object",
            "additionalProperties": _codes("codes"),
            "default": {},
        },
        "exclude": _patterns("files and folders to exclude"),
        "extend-exclude": _patterns("additional files and folders to exclude"),
        "baseline": {
            "description": "the baseline file; its path is relative to the folder of the pyproject.toml",
            "title": "a file such as \"known.json\"",
            "type": "string",
            "pattern": r"\S",
        },
        "runtime": {
            "description": "the module from which fixed code imports run_parallel",
            "title": "a module such as \"myapp.parallel\"",
            "type": "string",
            "pattern": rf"^{_PART}(?:\.{_PART})*{_END}",
        },
        "line-length": _count(1000, "the maximum line length of code that fixes write (default: that of ruff or black, else flake8's max-line-length, else what the file keeps to: 79, 88, or its longest line up to 120)"),
        "target-version": {
            "description": "the oldest Python version that fixed code must support (default: from requires-python, else 3.10)",
            "title": "a version of Python such as \"3.11\"",
            "type": "string",
            "pattern": rf"^(?:3\.|py3)(?:[0-9]|[1-9][0-9]){_END}",
        },
        "free-threaded": {
            "description": "whether the project runs on free-threaded Python, whose threads do CPU-bound work at the same time (PRL301, PRL402)",
            "type": "boolean",
            "default": False,
        },
        "cross-module": {
            "description": "whether calls are followed into the other modules of the project (a preview)",
            "type": "boolean",
            "default": False,
        },
        "workers": {
            "description": "the recommended max_workers for each kind of work",
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
        "extend-safe-fixes": _codes("codes whose unsafe fixes are treated as safe", default=[]),
        "extend-unsafe-fixes": _codes("codes whose safe fixes are treated as unsafe; overrides extend-safe-fixes", default=[]),
        "call": {
            "description": "a function of the project that does I/O or other work",
            "title": "an array of tables, written [[tool.par-lint.call]]",
            "type": "array",
            "items": CALL,
            "default": [],
        },
    },
}

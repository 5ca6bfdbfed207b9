"""Whether a list of requirements contains par-lint: PEP 508 strings, pip's requirement files, tables of Poetry and Pipenv."""

from __future__ import annotations

import codecs
import enum
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from par_lint.core.files.read_errors import unreadable


class Requirements(enum.Enum):
    """How a project lists par-lint."""

    ALWAYS = "lists par-lint as a dependency"
    CONDITION = "lists par-lint only under a condition"
    EXTRA = "lists par-lint only in an extra"
    DEVELOPMENT = "lists par-lint only for development"
    UNKNOWN = "computes its dependencies"
    NO = "does not list par-lint"


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_IN_LOCATION = re.compile(r"(?:^|[/\\])par[-_.]+lint(?:\.git|-\d[^/\\]*)?(?:[@#\[]|$)|[#&]egg=par[-_.]+lint(?![\w.-])", re.IGNORECASE)
_LOCATION = re.compile(r"[./]|[a-z+]+:")
_ARCHIVES = (".whl", ".tar.gz", ".zip")
_INCLUDE = re.compile(r"(?:-r|--requirement)[\s=]*(.+)")
_EDITABLE = re.compile(r"(?:-e|--editable)[\s=]*(.+)")
_ON_ALL_PYTHONS = re.compile(r"python_(?:full_)?version\s*(?:>=?\s*['\"]3\.[0-9](?:\.\d+)?['\"]|>=\s*['\"]3\.10(?:\.0)?['\"])")


def is_par_lint(name: object) -> bool:
    """Return whether a project name is par-lint, in any spelling."""
    return isinstance(name, str) and re.sub(r"[-_.]+", "-", name.strip()).lower() == "par-lint"


def listed_in(requirements: object) -> Requirements:
    """Return how strings such as `par-lint>=0.1; python_version < "3.12"` list par-lint."""
    found = [_listed(one) for one in requirements if isinstance(one, str)] if isinstance(requirements, list) else []
    return next((kind for kind in (Requirements.ALWAYS, Requirements.CONDITION) if kind in found), Requirements.NO)


def listed_in_table(table: object) -> Requirements:
    """Return how a table of Poetry or Pipenv, names to constraints, lists par-lint."""
    constraint: Any = next((value for name, value in table.items() if is_par_lint(name)), None) if isinstance(table, dict) else None
    if constraint is None:
        return Requirements.NO
    constraints = constraint if isinstance(constraint, list) else [constraint]
    if any(isinstance(one, dict) and one.get("optional") is True for one in constraints):
        return Requirements.EXTRA
    is_conditional = all(isinstance(one, dict) and one.keys() & {"python", "platform", "markers", "sys_platform", "os_name"} for one in constraints)
    return Requirements.CONDITION if is_conditional else Requirements.ALWAYS


def listed_in_files(paths: Iterable[Path]) -> Requirements:
    """Return how requirement files, including those included with `-r`, list par-lint. Raises Problem for an unreadable file."""
    return listed_in([line for path in paths for line in _lines(path, set())])  # noqa: PRL101 - a few small files


def _listed(requirement: str) -> Requirements:
    text, _, marker = requirement.partition(" ;") if "://" in requirement else requirement.partition(";")
    text = text.strip()
    name = _NAME.match(text)
    is_location = bool(_LOCATION.match(text)) or "/" in text.partition("@")[0] or text.endswith(_ARCHIVES)
    is_named = bool(_IN_LOCATION.search(text)) if is_location else name is not None and is_par_lint(name[0])
    if not is_named:
        return Requirements.NO
    return Requirements.ALWAYS if not marker.strip() or _ON_ALL_PYTHONS.fullmatch(marker.strip()) else Requirements.CONDITION


def _lines(path: Path, seen: set[Path]) -> Iterator[str]:
    """Yield the requirements in a file, without comments and options."""
    if path in seen or not path.is_file():
        return
    seen.add(path)
    for line in re.sub(r"\\\r?\n", " ", _text(path)).splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        include, editable = _INCLUDE.fullmatch(line), _EDITABLE.fullmatch(line)
        if include is not None:
            yield from _lines(path.parent / include[1].strip(" '\""), seen)
        elif editable is not None:
            yield editable[1].strip(" '\"")
        elif line and not line.startswith("-"):
            yield re.split(r"\s--?[a-z]", line)[0]


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # PowerShell writes UTF-16 when pip's output is redirected
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")

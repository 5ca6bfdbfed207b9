"""Read a pyproject.toml: the validated table [tool.par-lint], and settings of other tools. Imported only if there is such a file."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from par_lint.core.catalog.entry import Effect, Entry, Kind, Timeout
from par_lint.core.config.rule_codes import require_code
from par_lint.core.config.schema import SCHEMA
from par_lint.core.config.settings import TIMEOUTS, WORKERS, Config, ConfigError, ProjectSelection
from par_lint.core.config.target_project import configured_line_length, lowest_python
from par_lint.core.config.validation import SchemaViolation, validate

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TABLE = "par-lint"
_SEPARATORS = re.compile(r"[-_. ]")
_TIMEOUT_KEYS = frozenset({"timeout-parameter", "timeout-position", "timeout-default"})


def read_config(path: Path, above: Callable[[], Config]) -> Config:
    """Return the settings in a pyproject.toml; if it has no [tool.par-lint], those of the parent folders (`above`). Raises ConfigError."""
    pyproject = read_toml(path)
    own = find_table(pyproject, path)
    if own is not None:
        return _configured(own, path, _from_other_tools(pyproject, Config()))
    found = above()
    return _from_other_tools(pyproject, found) if found.path is None else found


def _from_other_tools(pyproject: Mapping[str, Any], config: Config) -> Config:
    """Return the configuration of a project without [tool.par-lint], with the settings of other tools that apply."""
    return Config(line_length=configured_line_length(pyproject) or config.line_length, python=lowest_python(pyproject) or config.python)


def read_toml(path: Path) -> dict[str, Any]:
    """Parse a TOML file. Raises ConfigError with its path and the position of the error."""
    try:
        return parse_toml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not valid UTF-8 (byte {error.start}); save it as UTF-8") from error
    except (ValueError, RecursionError) as error:  # also raised for integers of thousands of digits and for deeply nested brackets
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML. Raises ValueError, or RecursionError for deeply nested brackets."""
    table: dict[str, Any] = tomllib.loads(text)
    return table


def find_table(pyproject: Mapping[str, Any], path: Path) -> Any:
    """Return the value of [tool.par-lint], or None. Raises ConfigError if the table is misspelled or at the wrong place."""
    for table, prefix in ((pyproject, ""), (pyproject.get("tools"), "tools.")):
        misplaced = next((name for name in table if _is_our_name(name)), None) if isinstance(table, dict) else None
        if misplaced is not None:
            raise ConfigError(f"{path}: [{prefix}{misplaced}] is ignored; rename it to [tool.{TABLE}]")
    tools = pyproject.get("tool", {})
    for name in tools if isinstance(tools, dict) else ():
        if name != TABLE and _is_our_name(name):
            raise ConfigError(f"{path}: [tool.{name}] is ignored; rename it to [tool.{TABLE}]")
    return tools.get(TABLE) if isinstance(tools, dict) else None


def _is_our_name(name: str) -> bool:
    """Return whether a table has our name, in any spelling."""
    return _SEPARATORS.sub("", name.lower()) == "parlint"


def _configured(own: Any, path: Path, other_settings: Config) -> Config:
    """Return the settings in a table. Raises ConfigError."""
    try:
        validate(own, SCHEMA)
    except SchemaViolation as fault:
        raise ConfigError(f"{path}: [tool.{TABLE}]{' ' if fault.key else ': '}{fault}") from None
    return Config(
        own.get("runtime"), own.get("line-length", other_settings.line_length), _numbers(own, "workers", WORKERS), _numbers(own, "timeouts", TIMEOUTS),
        tuple(map(_entry, own.get("call", ()))), path, _codes(own, "extend-safe-fixes"), _codes(own, "extend-unsafe-fixes"),
        int(own["target-version"].removeprefix("py").removeprefix("3").removeprefix(".")) if "target-version" in own else other_settings.python, _project_selection(own, path),
        own.get("free-threaded", False), own.get("cross-module", False),
    )  # fmt: skip


def _project_selection(own: Mapping[str, Any], path: Path) -> ProjectSelection:
    root = os.path.dirname(os.path.abspath(path))
    per_file = {pattern: tuple(map(require_code, codes)) for pattern, codes in own.get("per-file-ignores", {}).items()}
    baseline = Path(root, own["baseline"]) if "baseline" in own else None
    return ProjectSelection(
        root, _codes(own, "select"), _codes(own, "ignore"), MappingProxyType(per_file), tuple(own.get("exclude", ())),
        tuple(own.get("extend-exclude", ())), baseline,
    )  # fmt: skip


def _numbers(own: Mapping[str, Any], key: str, defaults: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType({**defaults, **own.get(key, {})})


def _codes(own: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(map(require_code, own.get(key, ())))


def _entry(call: Mapping[str, Any]) -> Entry:
    kind = call["kind"]
    default = {"subprocess": "write", "network": "query"}.get(kind, "read" if kind in ("file", "metadata", "listing") else "none")
    timeout = None
    if not _TIMEOUT_KEYS.isdisjoint(call):
        timeout = Timeout(call.get("timeout-parameter", "timeout"), call.get("timeout-position"), call.get("timeout-default"))
    return Entry(call["name"], Kind(kind), Effect(call.get("effect", default)), timeout)

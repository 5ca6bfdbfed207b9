"""Reading a pyproject.toml: the table [tool.par-lint], checked, and what is told to other tools. Needed where there is one."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from par_lint.catalog.entry import Effect, Entry, Kind, Timeout
from par_lint.config import TIMEOUTS, WORKERS, Config, ConfigError
from par_lint.project import told_line_length, told_python

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_KEYS = ("runtime", "line-length", "target-version", "workers", "timeouts", "extend-safe-fixes", "extend-unsafe-fixes", "call")
_CODE = re.compile(r"PRL\d{0,3}")
_VERSION = re.compile(r"3\.\d{1,2}")
_CALL_KEYS = ("name", "kind", "effect", "timeout-parameter", "timeout-position", "timeout-default")


def read_config(path: Path, above: Callable[[], Config]) -> Config:
    """The settings in a pyproject.toml; where it has no [tool.par-lint], those `above` it. Raises ConfigError."""
    pyproject = read_toml(path)
    table = pyproject.get("tool", {})
    own = table.get("par-lint") if isinstance(table, dict) else None
    if own is not None:
        return _Reader(path).config(own, _told(pyproject, Config()))
    found = above()
    return _told(pyproject, found) if found.path is None else found


def _told(pyproject: Mapping[str, Any], config: Config) -> Config:
    """A configuration that no [tool.par-lint] sets, with what a pyproject.toml tells other tools that is of use here."""
    return Config(line_length=told_line_length(pyproject) or config.line_length, python=told_python(pyproject) or config.python)


def read_toml(path: Path) -> dict[str, Any]:
    """The contents of a TOML file. Raises ConfigError with its path and the place of the fault."""
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return table
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from error


class _Reader:
    """Checks one table."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def config(self, table: object, told: Config) -> Config:
        own = self._table(table, "[tool.par-lint]")
        self._known(own, _KEYS, "[tool.par-lint]")
        line_length = own.get("line-length", told.line_length)
        if not _is_count(line_length):
            raise self._error("line-length", f"must be a whole number above 0, not {line_length!r}")
        target = own.get("target-version", f"3.{told.python}")
        if not (isinstance(target, str) and _VERSION.fullmatch(target)):
            raise self._error("target-version", f"must be a version of Python such as \"3.11\", not {target!r}")
        runtime = own.get("runtime")
        if runtime is not None and not (isinstance(runtime, str) and all(part.isidentifier() for part in runtime.split("."))):
            raise self._error("runtime", f"must be a module such as \"myapp.parallel\", not {runtime!r}")
        return Config(
            runtime, line_length, self._numbers(own, "workers", WORKERS, closed=True), self._numbers(own, "timeouts", TIMEOUTS, closed=False),
            self._calls(own.get("call", [])), self._path, self._codes(own, "extend-safe-fixes"), self._codes(own, "extend-unsafe-fixes"),
            int(target.partition(".")[2]),
        )  # fmt: skip

    def _numbers(self, own: Mapping[str, Any], key: str, defaults: Mapping[str, int], *, closed: bool) -> Mapping[str, int]:
        table = self._table(own.get(key, {}), key)
        if closed:
            self._known(table, tuple(defaults), key)
        for name, value in table.items():
            if not _is_count(value):
                raise self._error(f"{key}.{name}", f"must be a whole number above 0, not {value!r}")
        return MappingProxyType({**defaults, **table})

    def _codes(self, own: Mapping[str, Any], key: str) -> tuple[str, ...]:
        codes = own.get(key, [])
        if not isinstance(codes, list) or not all(isinstance(code, str) and _CODE.fullmatch(code) for code in codes):
            raise self._error(key, f"must be a list of codes or their beginnings such as [\"PRL103\"], not {codes!r}")
        return tuple(codes)

    def _calls(self, calls: object) -> tuple[Entry, ...]:
        if not isinstance(calls, list):
            raise self._error("call", "must be an array of tables, written [[tool.par-lint.call]]")
        return tuple(self._call(call, number) for number, call in enumerate(calls, start=1))

    def _call(self, call: object, number: int) -> Entry:
        where = f"call {number}"
        table = self._table(call, where)
        self._known(table, _CALL_KEYS, where)
        name = table.get("name")
        if not (isinstance(name, str) and all(part.isidentifier() or part in ("*", "**") for part in name.split("."))):
            raise self._error(f"{where}: name", f"must be a qualified name such as \"package.module.function\", not {name!r}")
        kind = self._word(table, "kind", tuple(member.value for member in Kind), where)
        default = "write" if kind == "subprocess" else "read" if kind in ("network", "file", "metadata", "listing") else "none"
        effect = self._word({"effect": default, **table}, "effect", tuple(member.value for member in Effect), where)
        return Entry(name, Kind(kind), Effect(effect), self._timeout(table, where))

    def _timeout(self, table: Mapping[str, Any], where: str) -> Timeout | None:
        parameter, position, default = (table.get(f"timeout-{part}") for part in ("parameter", "position", "default"))
        if parameter is None and position is None and default is None:
            return None
        if parameter is not None and not (isinstance(parameter, str) and parameter.isidentifier()):
            raise self._error(f"{where}: timeout-parameter", f"must be a parameter's name, not {parameter!r}")
        if position is not None and (not isinstance(position, int) or isinstance(position, bool) or position < 0):
            raise self._error(f"{where}: timeout-position", f"must be a whole number from 0, not {position!r}")
        if default is not None and (not isinstance(default, (int, float)) or isinstance(default, bool) or default <= 0):
            raise self._error(f"{where}: timeout-default", f"must be a number of seconds above 0, not {default!r}")
        return Timeout(parameter or "timeout", position, default)

    def _word(self, table: Mapping[str, Any], key: str, allowed: tuple[str, ...], where: str) -> str:
        value = table.get(key)
        if value not in allowed:
            raise self._error(f"{where}: {key}", f"must be one of {', '.join(allowed)}, not {value!r}")
        return str(value)

    def _table(self, value: object, key: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self._error(key, f"must be a table, not {value!r}")
        return value

    def _known(self, table: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in allowed:
                import difflib

                close = difflib.get_close_matches(key, allowed, n=1)
                hint = f"did you mean {close[0]!r}? " if close else ""
                raise self._error(f"{where}: {key}" if where != "[tool.par-lint]" else key, f"is no key of par-lint; {hint}known are {', '.join(allowed)}")

    def _error(self, key: str, problem: str) -> ConfigError:
        return ConfigError(f"{self._path}: [tool.par-lint] {key}: {problem}")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0

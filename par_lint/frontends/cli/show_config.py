"""`par-lint config`: the settings in effect for a path, and where each one is set."""

from __future__ import annotations

import configparser
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flake8.options.config import load_config as load_flake8_config

from par_lint.core.catalog.entry import Entry
from par_lint.core.config.loading import load_config
from par_lint.core.config.other_line_length import find_line_length
from par_lint.core.config.pyproject import find_table, read_toml
from par_lint.core.config.rule_codes import PREFIX
from par_lint.core.config.schema import SCHEMA
from par_lint.core.config.settings import Config
from par_lint.core.config.target_project import configured_line_length, lowest_python
from par_lint.core.files.read_errors import Problem
from par_lint.engine.runtime_module.location import PACKAGED, find_runtime
from par_lint.engine.suppression.project_selection import Flake8Selection
from par_lint.engine.suppression.rule_selection import Selection

_DEFAULT = "default"
_FLAKE8 = ("select", "extend-select", "ignore", "extend-ignore", "per-file-ignores", "exclude", "extend-exclude", "disable-noqa")
_FLAKE8_FILES = ("setup.cfg", "tox.ini", ".flake8")


@dataclass(frozen=True)
class Setting:
    """One setting: its key, its value, and `file:key` or another source."""

    key: str
    value: Any
    source: str


def show_schema() -> str:
    """Return the JSON schema of [tool.par-lint]."""
    return json.dumps(SCHEMA, indent=2)


def show_settings(path: str, arguments: list[str], *, as_json: bool) -> str:
    """Return the settings for a file or folder, including flake8's. Raises Problem or ConfigError."""
    if not os.path.exists(path):
        raise Problem(f"{path}: no such file or folder; check the spelling")
    selection = Selection(arguments)
    flake8 = list(_flake8_settings(selection))
    config = load_config(Path(path))
    table = find_table(read_toml(config.path), config.path) if config.path is not None else {}
    settings = [*_selection_settings(config, table, selection.said, {one.key: one for one in flake8}), *_own_settings(Path(path), config, table), *flake8]
    if as_json:
        return json.dumps([asdict(setting) for setting in settings], indent=2)
    shown = [(f"{setting.key} = {_toml(setting.value)}", setting.source) for setting in settings]
    room = max(len(text) for text, _ in shown if len(text) < 60)
    return "\n".join(f"{text:<{room}}  # {source}" for text, source in shown)


def _selection_settings(config: Config, table: Mapping[str, Any], said: Flake8Selection, flake8: Mapping[str, Setting]) -> Iterator[Setting]:
    """Yield the settings of the selection: from flake8's configuration if it has them, else from the table."""
    selection = config.selection
    per_file = {pattern: list(codes) for pattern, codes in selection.per_file_ignores.items()}
    selects = flake8["flake8.select"] if flake8["flake8.select"].source != _DEFAULT else flake8["flake8.extend-select"]
    for key, value, told, instead in (
        ("select", list(selection.select) or [PREFIX], selects if said.replaces_select else None, list(said.select)),
        ("ignore", list(selection.ignore), flake8["flake8.ignore"] if said.replaces_ignore else None, list(said.ignore)),
        ("per-file-ignores", per_file, flake8["flake8.per-file-ignores"] if said.replaces_per_file else None, None),
        ("exclude", list(selection.exclude), flake8["flake8.exclude"] if said.replaces_exclude else None, None),
        ("extend-exclude", list(selection.extend_exclude), None, None),
    ):
        own = _source(config, table, key)
        if told is None:
            yield Setting(key, value, own)
        else:
            over = f" (overrides {own})" if own != _DEFAULT else ""
            yield Setting(key, told.value if instead is None else instead, f"{told.source}{over}")
    yield Setting("baseline", _display_path(selection.baseline) if selection.baseline is not None else None, _source(config, table, "baseline"))


def _own_settings(path: Path, config: Config, table: Mapping[str, Any]) -> Iterator[Setting]:
    yield _runtime(path, config)
    told = [(file, read_toml(file)) for file in _pyprojects(path, config)]
    for key, value, tells in (("line-length", config.line_length, configured_line_length), ("target-version", f"3.{config.python}", lowest_python)):
        elsewhere = next((f"{_display_path(file)}, from the settings of other tools" for file, pyproject in told if tells(pyproject)), None)
        if elsewhere is None and key == "line-length" and (other := find_line_length(str(_folder_of(path)))) is not None:
            elsewhere = f"{_display_path(Path(other[1]))}, from the settings of other tools"
        elsewhere = elsewhere or _DEFAULT
        yield Setting(key, value, _source(config, table, key) if key in table else elsewhere)
    yield Setting("free-threaded", config.free_threaded, _source(config, table, "free-threaded"))
    yield Setting("cross-module", config.cross_module, _source(config, table, "cross-module"))
    for name, numbers in (("workers", config.workers), ("timeouts", config.timeouts)):
        for key, value in numbers.items():
            yield Setting(f"{name}.{_key(key)}", value, _source(config, table, name, key))
    yield Setting("extend-safe-fixes", list(config.safe_codes), _source(config, table, "extend-safe-fixes"))
    yield Setting("extend-unsafe-fixes", list(config.unsafe_codes), _source(config, table, "extend-unsafe-fixes"))
    yield Setting("call", [_call(entry) for entry in config.entries], _source(config, table, "call"))


def _pyprojects(path: Path, config: Config) -> list[Path]:
    """Return the files with settings of other tools that apply: the one with the configuration, else all in the parent folders."""
    if config.path is not None:
        return [config.path]
    folder = _folder_of(path)
    return [file for file in (above / "pyproject.toml" for above in (folder, *folder.parents)) if file.is_file()]


def _folder_of(path: Path) -> Path:
    place = Path(os.path.abspath(path))
    return place if place.is_dir() else place.parent


def _runtime(path: Path, config: Config) -> Setting:
    """Return the module that fixed code imports, and how it was found."""
    runtime = find_runtime(path, config)
    found = runtime.module
    if config.runtime is not None:
        source = f"{_display_path(config.path)}:tool.par-lint.runtime" + (f", but {runtime.reason}" if found is None else "")
        found = config.runtime
    elif found is None:
        source = f"not set: {runtime.reason}"
    else:
        source = "par-lint itself" if found == PACKAGED else "a copy in the project"
    return Setting("runtime", found, source)


def _source(config: Config, table: Mapping[str, Any], *keys: str) -> str:
    for key in keys:
        if key not in table:
            return _DEFAULT
        table = table[key]
    return ":".join([_display_path(config.path), ".".join(["tool", "par-lint", *map(_key, keys)])])


def _call(entry: Entry) -> dict[str, str]:
    return {"name": entry.name, "kind": entry.kind.value, "effect": entry.effect.value}


def _flake8_settings(selection: Selection) -> Iterator[Setting]:
    table, folder = load_flake8_config(None, [], isolated=False)
    path = next((os.path.join(folder, name) for name in _FLAKE8_FILES if _has_flake8(os.path.join(folder, name))), None)
    written = {key.replace("_", "-") for key in table["flake8"]} if "flake8" in table else set()
    for key in _FLAKE8:
        value = getattr(selection.options, key.replace("-", "_"))
        source = f"{_display_path(Path(path))}:flake8.{key}" if path is not None and key in written else _DEFAULT
        yield Setting(f"flake8.{key}", _display_value(value), source)


def _has_flake8(path: str) -> bool:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return False
    return "flake8" in parser or "flake8:local-plugins" in parser


def _display_value(value: Any) -> Any:
    """Return a value of flake8 for display: paths relative to the working folder, text in one line."""
    if isinstance(value, (list, tuple)):
        return [_display_value(one) for one in value]
    if not isinstance(value, str):
        return value
    return os.path.relpath(value) if value.startswith(os.getcwd() + os.sep) else " ".join(value.split())


def _display_path(path: Path | None) -> str:
    text = os.path.relpath(path) if path is not None else ""
    return str(path) if text.startswith(os.pardir) else text


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() else json.dumps(key)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_toml(one)}" for key, one in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return '""' if value is None else json.dumps(value, ensure_ascii=False)

"""The keys of [tool.par-lint]: the schema, the loader and the documents have the same ones, and the first two allow the same."""

from __future__ import annotations

import copy
import datetime
import json
import random
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from par_lint.core.config.pyproject import read_toml
from par_lint.core.config.schema import CALL, SCHEMA
from par_lint.core.config.validation import SchemaViolation, validate
from par_lint.frontends.cli.main import main

README = (Path(__file__).parents[2] / "README.md").read_text()
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)
FULL: dict[str, Any] = {
    "select": ["PRL"],
    "ignore": ["prl101", "Too-Few-Workers", "PRL2"],
    "per-file-ignores": {"tests/*": ["PRL"], "a.py": []},
    "exclude": ["generated/*"],
    "extend-exclude": ["old"],
    "baseline": "known.json",
    "runtime": "myapp.class_.parallel",
    "line-length": 100,
    "target-version": "3.11",
    "free-threaded": True,
    "cross-module": True,
    "workers": {"network": 80, "file": 30, "subprocess": 12, "cpu": 16},
    "timeouts": {"terraform apply": 600, "network": 5, "default": 20},
    "extend-safe-fixes": ["PRL103"],
    "extend-unsafe-fixes": ["lost-errors"],
    "call": [
        {"name": "myapp.store.Client.fetch", "kind": "network", "effect": "read", "timeout-parameter": "limit", "timeout-position": 2, "timeout-default": 0.5},
        {"name": "lake.*", "kind": "file"},
        {"name": "lake.**", "kind": "pure"},
    ],
}
BOUNDS = {
    ("line-length",): (1, 1000), ("workers", "network"): (1, 1000), ("workers", "cpu"): (1, 1000), ("timeouts", "make"): (1, 604800),
    ("call", 0, "timeout-position"): (0, 100), ("call", 0, "timeout-default"): (0.001, 604800),
}  # fmt: skip
VALUES = (
    None, True, False, 0, -1, 1, 10**30, 10**400, 1.0, 1.5, float("inf"), "", " ", "x", "x\n", "a.b", "a b", "a-b", "class", "class.x", "classy.x", "a.import", ".a", "a.", "é.b",
    "3.11", "3.9", "3.07", "3.100", "3.1\n", "4.0", "3", "٣.١", "PRL101", "prl1", "PRL101\n", "PRL1011", "PRL9", "PRL1O1", "E501", "await-in-loop", "Await-In-Loop",
    "await", [], [1], ["PRL101"], ["x"], [[]], [{}], {}, {"network": 3}, {"x": 1}, {"x": []}, {"x": ["PRL1"]}, {"name": "a.b", "kind": "file"},
    "network", "Network", "write", "none",
)  # fmt: skip


def is_valid(table: Any) -> bool:
    try:
        validate(table, SCHEMA)
    except SchemaViolation:
        return False
    return True


def put(table: Any, place: tuple[Any, ...], value: Any) -> Any:
    """A copy of a table with another value in one place."""
    changed = copy.deepcopy(table)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed


def places(table: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all values in a table."""
    inner = table.items() if isinstance(table, dict) else enumerate(table) if isinstance(table, list) else ()
    return [place for key, value in inner for place in [(*above, key), *places(value, (*above, key))]]


def test_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--schema"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads(json.dumps(SCHEMA))
    jsonschema.Draft4Validator.check_schema(printed)


def test_the_example_has_all_keys_and_is_allowed() -> None:
    assert set(FULL) == set(SCHEMA["properties"])
    assert set(FULL["call"][0]) == set(CALL["properties"])
    VALIDATOR.validate(FULL)
    assert is_valid(FULL)


@pytest.mark.parametrize("place", [place for place in places(FULL)], ids=str)
def test_the_loader_and_the_schema_allow_the_same_values(place: tuple[Any, ...]) -> None:
    """Whatever stands in whichever place."""
    for value in VALUES:
        table = put(FULL, place, value)
        assert is_valid(table) is VALIDATOR.is_valid(table), (place, value)


@pytest.mark.parametrize("place", [(), ("workers",), ("timeouts",), ("call", 0), ("per-file-ignores",)], ids=str)
@pytest.mark.parametrize("key", ["x", "", "line_length", "name", "Workers", "timeout"])
def test_they_allow_the_same_keys(place: tuple[Any, ...], key: str) -> None:
    for value in VALUES:
        table = put(FULL, (*place, key), value)
        assert is_valid(table) is VALIDATOR.is_valid(table), (place, key, value)
    assert is_valid(put(FULL, (*place, key), 3)) is (place == ("timeouts",))


def test_they_miss_the_same_keys() -> None:
    for place in places(FULL):
        table = copy.deepcopy(FULL)
        inner = table
        for key in place[:-1]:
            inner = inner[key]
        del inner[place[-1]]
        assert is_valid(table) is VALIDATOR.is_valid(table), place


def test_random_tables(seed: int = 7) -> None:
    choose = random.Random(seed)
    allowed = 0
    for _ in range(1500):
        table = {key: FULL[key] for key in choose.sample(list(FULL), choose.randint(0, 5))}
        for place in choose.sample(places(table), min(len(places(table)), choose.randint(0, 1))):
            table = put(table, place, choose.choice(VALUES))
        assert is_valid(table) is VALIDATOR.is_valid(table), table
        allowed += is_valid(table)
    assert 300 < allowed < 1300


@pytest.mark.parametrize(("place", "bounds"), BOUNDS.items(), ids=str)
def test_numbers_have_bounds(place: tuple[Any, ...], bounds: tuple[float, float]) -> None:
    least, most = bounds
    allowed = [least, most]
    refused = [0 if least else -1, -1, most + 1, 10**30, 10**400, True, False, "1", "", float("nan"), float("inf"), float("-inf"), [], None, datetime.date(2026, 1, 1)]
    refused += [1.0, 1.5] if isinstance(least, int) else []
    assert [value for value in allowed if not is_valid(put(FULL, place, value))] == []
    assert [value for value in refused if is_valid(put(FULL, place, value))] == []


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("line-length = {}", "line-length", "a whole number from 1 to 1000"),
        ("workers.network = {}", "workers.network", "a whole number from 1 to 1000"),
        ("workers = {{cpu = {}}}", "workers.cpu", "a whole number from 1 to 1000"),
        ("timeouts.\"terraform apply\" = {}", "timeouts.'terraform apply'", "a whole number from 1 to 604800"),
        ("call = [{{name = 'a.b', kind = 'file', timeout-position = {}}}]", "call 1: timeout-position", "a whole number from 0 to 100"),
        ("call = [{{name = 'a.b', kind = 'file', timeout-default = {}}}]", "call 1: timeout-default", "a number above 0, up to 604800"),
    ],
)
@pytest.mark.parametrize("value", ["-1", "true", "'x'", "-1.5", "inf", "nan", "99999999", "1979-05-27", "[]", "{}", "'" + "x" * 500 + "'", "'''a\nb'''", "0x" + "f" * 6000])
def test_a_wrong_number_is_one_line(text: str, key: str, allowed: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.py").write_text("x = 1\n")
    (tmp_path / "pyproject.toml").write_text(f"[tool.par-lint]\n{text.format(value)}\n")
    for command in ("check", "config"):
        assert main([command]) == 2
        err = capsys.readouterr().err
        assert err.startswith(f"par-lint: {tmp_path / 'pyproject.toml'}: [tool.par-lint] {key}: must be {allowed}, not ")
        assert (len(err.splitlines()), err.count("\n"), len(err) < len(str(tmp_path)) + 300) == (1, 1, True)


@pytest.mark.parametrize("text", ["line-length = " + "9" * 6000, "exclude = " + "[" * 20000])
def test_toml_that_python_does_not_read_is_one_line(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.py").write_text("x = 1\n")
    (tmp_path / "pyproject.toml").write_text(f"[tool.par-lint]\n{text}\n")
    assert main(["check"]) == 2
    assert re.fullmatch(rf"par-lint: {tmp_path / 'pyproject.toml'}: not valid TOML: [^\n]*\n", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[tool.par_lint]\nline-length = 3", "[tool.par_lint] is ignored; rename it to [tool.par-lint]"),
        ("[tool.parlint]", "[tool.parlint] is ignored; rename it to [tool.par-lint]"),
        ("[tool.Par-Lint]\n[tool.par-lint]", "[tool.Par-Lint] is ignored; rename it to [tool.par-lint]"),
        ("[tool]\npar-lint = 3", "[tool.par-lint]: must be a table, not 3"),
        ("[[tool.par-lint]]", "[tool.par-lint]: must be a table, not [{}]"),
        ("[tool.par-lint]\nline_length = 3", "[tool.par-lint] line_length: unknown key; did you mean 'line-length'? valid keys: select, "),
        ("[tool.par-lint]\nExclude = []", "[tool.par-lint] Exclude: unknown key; did you mean 'exclude'? valid keys: "),
        ("[tool.par-lint]\nselect = []", "[tool.par-lint] select: must be a list of codes, prefixes of codes or rule names, such as [\"PRL103\"], not empty"),
        ("[tool.par-lint]\nexclude = 'x'", "[tool.par-lint] exclude: must be a list of patterns such as [\"generated/*\"], not 'x'"),
        ("[[tool.par-lint.call]]\nname = 'a.b'\nkinds = 'file'", "[tool.par-lint] call 1: kinds: unknown key; did you mean 'kind'? valid keys: "),
        ("[[tool.par-lint.call]]\nname = 'a.b'", "[tool.par-lint] call 1: kind: missing required key; it must be one of network, "),
    ],
)
def test_wrong_keys_get_a_hint(text: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.py").write_text("x = 1\n")
    (tmp_path / "pyproject.toml").write_text(f"{text}\n")
    assert main(["check"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"par-lint: {tmp_path / 'pyproject.toml'}: {problem}")
    assert len(err.splitlines()) == 1


def test_every_key_is_documented_and_every_documented_key_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "readme.toml").write_text(re.findall(r"^```toml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)[0])
    shown = read_toml(tmp_path / "readme.toml")["tool"]["par-lint"]
    VALIDATOR.validate(shown)
    named = set(re.findall(r"`([a-z-]+)` and `([a-z-]+)` in `\[tool\.par-lint\]`", README)[0])
    assert set(shown) | named == set(SCHEMA["properties"])
    assert set(shown["call"][0]) | {"timeout-position", "timeout-default"} == set(CALL["properties"])
    assert set(shown["workers"]) == set(SCHEMA["properties"]["workers"]["properties"])
    assert main(["explain", "settings"]) == 0
    page = capsys.readouterr().out
    keys = {*SCHEMA["properties"], *CALL["properties"], *SCHEMA["properties"]["workers"]["properties"]}
    assert set(re.findall(r"^ *([a-z-]+): ", page, re.MULTILINE)) == keys
    assert main(["explain", "settings", "PRL101"]) == 0
    assert "\n\n\nPRL101 sequential-file-io\n" in capsys.readouterr().out
    assert main(["explain", "settings", "--output-format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["properties"].keys() == SCHEMA["properties"].keys()

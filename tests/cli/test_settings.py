"""`par-lint config`: every setting with its value and where it came from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from par_lint.core.config import loading
from par_lint.core.config.schema import SCHEMA
from par_lint.frontends.cli.main import main

PYPROJECT = """\
[project]
name = "app"

[tool.par-lint]
line-length = 100
extend-safe-fixes = ["PRL103"]

[tool.par-lint.workers]
network = 80

[tool.par-lint.timeouts]
"terraform apply" = 600

[[tool.par-lint.call]]
name = "myapp.store.fetch"
kind = "network"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "tox.ini").write_text("[tox]\n\n[flake8]\nextend-ignore = PRL201,\n    PRL402\nper-file-ignores =\n    tests/*: PRL\n    docs/*: PRL1\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, tuple[Any, str]]:
    capsys.readouterr()
    assert main(["config", "--output-format", "json", *arguments]) == 0
    return {one["key"]: (one["value"], one["source"]) for one in json.loads(capsys.readouterr().out)}


def test_values_and_where_they_come_from(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = settings(capsys, "src/a.py")
    assert found["line-length"] == (100, "pyproject.toml:tool.par-lint.line-length")
    assert found["workers.network"] == (80, "pyproject.toml:tool.par-lint.workers.network")
    assert found["workers.file"] == (20, "default")
    assert found['timeouts."terraform apply"'] == (600, 'pyproject.toml:tool.par-lint.timeouts."terraform apply"')
    assert found["extend-safe-fixes"] == (["PRL103"], "pyproject.toml:tool.par-lint.extend-safe-fixes")
    assert found["extend-unsafe-fixes"] == ([], "default")
    assert found["call"] == ([{"name": "myapp.store.fetch", "kind": "network", "effect": "query"}], "pyproject.toml:tool.par-lint.call")
    assert found["flake8.extend-ignore"] == (["PRL201", "PRL402"], "tox.ini:flake8.extend-ignore")
    assert found["flake8.per-file-ignores"] == ("tests/*: PRL docs/*: PRL1", "tox.ini:flake8.per-file-ignores")
    assert found["flake8.disable-noqa"] == (False, "default")


def test_every_key_is_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert {key.partition(".")[0] for key in settings(capsys)} == {*SCHEMA["properties"], "flake8"}


def test_what_other_tools_are_told_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settings(capsys)["target-version"] == ("3.10", "default")
    (project / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.12"\n[tool.black]\nline-length = 77\n')
    loading._read_nearest.cache_clear()
    found = settings(capsys, "src")
    assert found["target-version"] == ("3.12", "pyproject.toml, from the settings of other tools")
    assert found["line-length"] == (77, "pyproject.toml, from the settings of other tools")


def test_where_the_runtime_comes_from(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settings(capsys, "src/a.py")["runtime"] == (None, "not set: pyproject.toml does not list par-lint")
    assert main(["vendor", "src/tools.py"]) == 0
    from par_lint.engine.runtime_module import location

    location.clear_project_cache()
    assert settings(capsys, "src/a.py")["runtime"] == ("tools", "a copy in the project")
    (project / "pyproject.toml").write_text('[tool.par-lint]\nruntime = "app.parallel"\n')
    loading._read_nearest.cache_clear()
    assert settings(capsys)["runtime"] == ("app.parallel", "pyproject.toml:tool.par-lint.runtime, but the module app.parallel does not exist")
    (project / "app").mkdir()
    assert main(["vendor", "app"]) == 0
    capsys.readouterr()
    assert settings(capsys)["runtime"] == ("app.parallel", "pyproject.toml:tool.par-lint.runtime")


def test_without_any_configuration_all_is_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    found = settings(capsys)
    assert found.pop("runtime") == ("par_lint.parallel", "par-lint itself")
    assert {source for _, source in found.values()} == {"default"}


def test_text_is_one_line_a_setting(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config"]) == 0
    lines = capsys.readouterr().out.splitlines()
    line = next(line for line in lines if line.startswith("line-length"))
    assert line.split() == ["line-length", "=", "100", "#", "pyproject.toml:tool.par-lint.line-length"]
    assert all(" = " in line and "  # " in line for line in lines)


def test_what_is_wrong_is_one_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "nowhere"]) == 2
    assert capsys.readouterr().err == "par-lint: nowhere: no such file or folder; check the spelling\n"
    (project / "pyproject.toml").write_text("[tool.par-lint]\nline-lenght = 3\n")
    loading._read_nearest.cache_clear()
    assert main(["config"]) == 2
    assert "did you mean 'line-length'?" in capsys.readouterr().err


@pytest.mark.parametrize(("line", "message"), [
    ("max-line-length = x", "[flake8] max-line-length: must be a whole number, not 'x'"),
    ("exclude = x\nindent-size = x", "[flake8] indent-size: must be a whole number, not 'x'"),
    ("filename = 7\nstatistics = 7", "[flake8] statistics: must be true or false, not '7'"),
    ("exclude = x\njobs = x", "[flake8] jobs: 'x' must be 'auto' or an integer; correct it"),
    ("select = PRL\nper-file-ignores = m.py", "[flake8] per-file-ignores: must name files and codes, such as tests/*:PRL101, not 'm.py'"),
    ("format = %(name)s", "[flake8] format: must use path, row, col, code and text, such as %(path)s:%(row)d:%(col)d: %(code)s %(text)s"),
    ("extend-ignore = E501;PRL101", "[flake8] extend-ignore: Error code 'E501;PRL101' supplied to 'extend-ignore' option does not match"),
    ("ignore = E501, # W503", "[flake8] ignore: Error code '#' supplied to 'ignore' option does not match"),
])  # fmt: skip
def test_a_value_that_flake8_cannot_read_is_named_with_its_file(line: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for name, arguments in ((".flake8", []), ("other.cfg", ["--config", "other.cfg"])):
        (tmp_path / name).write_text(f"[flake8]\n{line}\n")
        assert main(["check", *arguments]) == 2
        (shown,) = capsys.readouterr().err.splitlines()
        assert shown.startswith(f"par-lint: {name}: {message}")
        (tmp_path / name).unlink()

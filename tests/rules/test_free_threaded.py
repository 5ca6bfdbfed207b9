"""`free-threaded = true`: CPU-bound work in threads is fine where no GIL is, and only as many of them as processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from par_lint.frontends.cli.main import main

WORK = """\
from concurrent.futures import ThreadPoolExecutor


def total(limit):
    return sum(number * number for number in range(limit))


def totals(limits):
    with ThreadPoolExecutor(max_workers={size}) as pool:
        return list(pool.map(total, limits))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "few.py").write_text(WORK.format(size=4))
    (tmp_path / "many.py").write_text(WORK.format(size=200))
    return tmp_path


@pytest.mark.parametrize(("setting", "found"), [("true", {"many.py:9:5: PRL402", "many.py:9:10: PRL402"}), ("false", {"few.py:10:21: PRL301", "many.py:10:21: PRL301"})])
def test_the_gil_is_spoken_of_where_there_is_one(setting: str, found: set[str], project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text(f"[tool.par-lint]\nfree-threaded = {setting}\n")
    assert main(["check"]) == 1
    out = capsys.readouterr().out
    shown = {" ".join(line.removeprefix("./").split()[:2]) for line in out.splitlines()}
    assert shown and shown <= found
    assert ("GIL" in out) == (setting == "false")
    done = subprocess.run([sys.executable, "-m", "flake8", "--select=PRL", "."], capture_output=True, text=True, timeout=60)
    assert {" ".join(line.removeprefix("./").split()[:2]) for line in done.stdout.splitlines()} == shown


@pytest.mark.parametrize("value", ["1", '"yes"', "[]"])
def test_other_values_are_refused(value: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text(f"[tool.par-lint]\nfree-threaded = {value}\n")
    assert main(["check"]) == 2
    assert "free-threaded: must be true or false, not" in capsys.readouterr().err


def test_it_is_among_the_settings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[tool.par-lint]\nfree-threaded = true\n")
    assert main(["config"]) == 0
    assert "free-threaded = true" in capsys.readouterr().out

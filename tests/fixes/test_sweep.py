"""The sweep over folders sees what goes wrong, and counts what Python refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
import sweep

from par_lint.rules import prl101

GOOD = "def f(names, found):\n    for name in(names):\n        found.append(open(name).read())\n"


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr("sys.argv", ["sweep.py", str(folder), *options])
    monkeypatch.setattr(sweep, "map_on_cores", lambda func, items, **_: map(func, items))
    return sweep.main()


def test_what_is_whole_and_what_python_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "old.py").write_text("print 'old'\n")
    assert run(tmp_path, monkeypatch) == 0
    counted = capsys.readouterr().out
    assert "2 files" in counted
    assert "1 unparsable" in counted
    assert "1 fixed" in counted
    assert "0 faults" in counted


def test_an_error_of_ours_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*arguments: object) -> None:
        raise ZeroDivisionError

    (tmp_path / "good.py").write_text(GOOD)
    monkeypatch.setattr(prl101.Visitor, "__init__", fail)
    assert run(tmp_path, monkeypatch) == 1
    assert "good.py: lint: 1: internal error (ZeroDivisionError at" in capsys.readouterr().out


def test_a_part_of_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(5):
        (tmp_path / f"m{number}.py").write_text(GOOD)
    assert run(tmp_path, monkeypatch, "--part", "2/3") == 0
    assert "2 files" in capsys.readouterr().out

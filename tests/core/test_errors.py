"""Whatever is wrong with a file, a folder or the configuration: one line, exit code 2, and every file whole."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from par_lint.core.files import atomic_write
from par_lint.frontends.cli.main import main
from par_lint.plugin import Plugin

GOOD = "from pathlib import Path\n\n\ndef f(names):\n    return [Path(name).read_text() for name in names]\n"
BROKEN: dict[str, tuple[bytes, str]] = {
    "syntax error": (b"x = 1\ndef f(:\n", "bad.py:2:7: SyntaxError"),
    "latin-1 without a declaration": ("x = 'é'\n".encode("latin-1"), "bad.py:1:1: not valid utf-8, and no encoding is declared; save it as UTF-8"),
    "null bytes": (b"x = 1\n\0\n", "bad.py:2:1: the file contains null bytes"),
    "unknown encoding": (b"# coding: klingon\nx = 1\n", "bad.py:1:1: "),
    "wrong indentation": (b"if x:\ny = 1\n", "bad.py:2:1: IndentationError: "),
    "tabs and spaces": (b"if x:\n\ty = 1\n        z = 2\n", "bad.py:3:1: TabError: "),
    "deep nesting": (b"x = " + b"-" * 20_000 + b"1\n", "bad.py:1:1: the code is nested too deeply for Python's parser; fix it or exclude the file"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.py").write_text(GOOD)
    return tmp_path


@pytest.mark.parametrize("command", ["check", "fix"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_python_gets_one_line_and_the_others_their_turn(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, name: str
) -> None:
    source, message = BROKEN[name]
    (folder / "bad.py").write_bytes(source)
    assert main([command, *["-q"] * (command == "check"), "bad.py", "good.py"]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(f"par-lint: {message}")
    assert len(shown.err.splitlines()) == 1
    assert (folder / "bad.py").read_bytes() == source
    if command == "check":
        assert "good.py:5:12: PRL101" in shown.out
    else:
        assert "run_parallel" in (folder / "good.py").read_text()


@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_path_that_is_not_there(folder: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert main([command, *["-q"] * (command == "check"), "nowhere"]) == 2
    assert capsys.readouterr().err == "par-lint: nowhere: no such file or folder; check the spelling\n"


@pytest.mark.parametrize("command", ["check", "fix"])
@pytest.mark.parametrize("text", ["[tool.par-lint\n", "[tool.par-lint]\nunknown = 1\n"])
def test_a_wrong_configuration(folder: Path, capsys: pytest.CaptureFixture[str], command: str, text: str) -> None:
    (folder / "pyproject.toml").write_text(text)
    assert main([command, *["-q"] * (command == "check"), "good.py"]) == 2
    shown = capsys.readouterr()
    assert len(shown.err.splitlines()) == 1
    assert "pyproject.toml" in shown.err
    assert (folder / "good.py").read_text() == GOOD


def test_flake8_gives_a_wrong_configuration_one_line_too(folder: Path) -> None:
    import subprocess
    import sys

    (folder / "pyproject.toml").write_text("[tool.par-lint]\nunknown = 1\n")
    done = subprocess.run([sys.executable, "-m", "flake8", "--select", "PRL", "good.py"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "unknown: unknown key" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["check", "fix"])
def test_an_unreadable_file(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert main([command, *["-q"] * (command == "check"), "good.py"]) == 2
    assert capsys.readouterr().err == "par-lint: good.py: cannot be read: Permission denied; check its permissions or exclude it\n"


def test_a_folder_that_cannot_be_written(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(atomic_write, "_private", refuse)
    assert main(["fix", "good.py"]) == 2
    assert capsys.readouterr().err == (
        "par-lint: good.py: cannot be written: Permission denied; left unchanged; check the permissions of its folder\n"
    )
    assert (folder / "good.py").read_text() == GOOD


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_whoever_is_stopped_while_writing_leaves_the_file_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    def stop(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, step, stop)
    assert main(["fix", "good.py"]) in (2, 130)
    assert (folder / "good.py").read_text() == GOOD
    assert [path.name for path in folder.iterdir()] == ["good.py"]


def test_code_that_nests_deeper_than_python_recurses(folder: Path) -> None:
    (folder / "deep.py").write_text("x = " + "-" * 3000 + "1\n" + "y = " + "+".join(["1"] * 5000) + "\n")
    assert main(["check", "deep.py"]) in (0, 2)
    assert main(["fix", "deep.py"]) in (0, 2)


@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_defect_of_par_lint_costs_one_line_and_no_file(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a defect")

    monkeypatch.setattr("par_lint.engine.lint_files.lint", fail)
    monkeypatch.setattr("par_lint.frontends.cli.fix.fix", fail)
    assert main([command, *["-q"] * (command == "check"), "good.py"]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("par-lint: good.py:1: PRL000 internal error (AssertionError at ")
    assert len(shown.err.splitlines()) == 1
    assert shown.out.startswith("good.py:1:1: PRL000 ") if command == "check" else shown.out == ""
    assert (folder / "good.py").read_text() == GOOD


def test_a_defect_of_par_lint_is_a_finding_of_flake8(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a defect")

    monkeypatch.setattr("par_lint.engine.lint_file.File", fail)
    (finding,) = Plugin(ast.parse(GOOD), GOOD.splitlines(keepends=True), "good.py").run()
    assert finding[:2] == (1, 0)
    assert finding[2].startswith("PRL000 internal error (AssertionError at ")
    assert capsys.readouterr().err == f"par-lint: good.py:1: {finding[2]}\n"

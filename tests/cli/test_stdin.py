"""Standard input that belongs to a file: the settings, ignores and excludes of that file count, whether it is there or not."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flake8 import utils
from flake8.main.cli import main as run_flake8
from small_texts import READS, UNLIMITED

from par_lint.frontends.cli.main import main

NAMES = ("--stdin-filename", "--stdin-display-name")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings of its own in one folder below, as the working folder."""
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'app'\ndependencies = ['par-lint']\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "tools.py").write_text("from par_lint.parallel import run_parallel\n")
    (tmp_path / "sub" / "pyproject.toml").write_text("[tool.par-lint]\nruntime = 'sub.tools'\nworkers = { file = 7 }\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], text: str, *arguments: str) -> tuple[int, str, str]:
    """The exit code, standard output and standard error of a command that is given a text."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    with io.TextIOWrapper(os.fdopen(os.dup(1), "wb")) as out, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", out)
        code = main(arguments)
    shown = capfdbinary.readouterr()
    return code, shown.out.decode(), shown.err.decode()


@pytest.mark.parametrize("option", NAMES)
@pytest.mark.parametrize("dash", [["-"], []])
def test_settings_are_those_of_the_file(
    option: str, dash: list[str], project: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    code, out, error = ask(monkeypatch, capfdbinary, READS, "check", option, "sub/new.py", *dash)
    assert (code, error) == (1, "")
    assert out.startswith("sub/new.py:6:5: PRL101 ") and out.endswith("use run_parallel(..., max_workers=7)\n")
    code, out, error = ask(monkeypatch, capfdbinary, READS, "fix", option, str(project / "sub" / "new.py"), *dash)
    assert code == 0
    assert "from sub.tools import run_parallel\n" in out and "max_workers=7" in out
    assert error == "1 finding in 1 file: 1 fixed, 0 fixable with --unsafe-fixes, 0 need a manual fix\n"
    assert "from par_lint.parallel import run_parallel\n" in ask(monkeypatch, capfdbinary, READS, "fix", option, "new.py", *dash)[1]
    assert not list(project.rglob("new.py"))


@pytest.mark.parametrize("format", ["full", "json", "github", "sarif"])
def test_reports_name_the_file(format: str, project: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    code, out, error = ask(monkeypatch, capfdbinary, READS, "check", "--stdin-filename", "sub/new.py", "--output-format", format, "-")
    assert (code, error) == (1, "")
    assert "sub/new.py" in out
    if format == "json":
        (finding,) = json.loads(out)
        assert "from sub.tools import run_parallel" in finding["fix"]["edits"][0]["text"]


def test_a_diff_names_the_file(project: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    code, out, _ = ask(monkeypatch, capfdbinary, READS, "fix", "--diff", "--stdin-filename", "sub/new.py", "-")
    assert code == 1
    assert out.startswith("--- a/sub/new.py\n+++ b/sub/new.py\n")


EXCLUDED = (
    ("exclude = gen", "gen/m.py"), ("exclude = gen", "sub/gen/deep/m.py"), ("extend-exclude = sub/m.py", "sub/m.py"), ("exclude = m.py", "sub/m.py"),
    ("extend-exclude = */gen/*", "sub/gen/m.py"), ("", "build/m.py"), ("", ".venv/lib/m.py"), ("", "sub/site-packages/m.py"),
)  # fmt: skip


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize(("configuration", "name"), EXCLUDED)
def test_what_is_excluded_has_no_findings_and_comes_back_unchanged(
    configuration: str, name: str, is_there: bool, project: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (project / ".flake8").write_text(f"[flake8]\n{configuration}\n")
    if is_there:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("x = 1\n")
    text = READS.replace("\n", "\r\n")
    for path in (name, f"./{name}", str(project / name)):
        assert ask(monkeypatch, capfdbinary, text, "check", "--stdin-filename", path, "-") == (0, "", "")
        code, out, _ = ask(monkeypatch, capfdbinary, text, "fix", "--unsafe-fixes", "--stdin-filename", path, "-")
        assert (code, out) == (0, text)
        assert ask(monkeypatch, capfdbinary, text, "fix", "--diff", "--stdin-filename", path, "-")[:2] == (0, "")
    assert ask(monkeypatch, capfdbinary, text, "check", "--stdin-filename", "other.py", "-")[0] == 1


def test_ignores_are_those_of_the_file(project: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    (project / ".flake8").write_text("[flake8]\nper-file-ignores =\n    sub/*: PRL101\n")
    text = READS + UNLIMITED
    code, out, _ = ask(monkeypatch, capfdbinary, text, "check", "--stdin-filename", "sub/m.py", "-")
    assert (code, re.findall(r"PRL\d+", out)) == (1, ["PRL201"])
    assert re.findall(r"PRL\d+", ask(monkeypatch, capfdbinary, text, "check", "--stdin-filename", "m.py", "-")[1]) == ["PRL101", "PRL201"]
    assert ask(monkeypatch, capfdbinary, READS, "fix", "--stdin-filename", "sub/m.py", "-")[:2] == (0, READS)


@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_stub_and_a_notebook(command: str, project: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    shown = READS if command == "fix" else ""
    code, out, error = ask(monkeypatch, capfdbinary, READS, command, "--stdin-filename", "m.pyi", "-")
    assert (code, out) == (0, shown)
    assert error.startswith("par-lint: m.pyi: skipped")
    code, out, error = ask(monkeypatch, capfdbinary, READS, command, "--stdin-filename", "m.ipynb", "-")
    assert (code, out) == (2, shown)
    assert error.startswith("par-lint: m.ipynb: notebooks are")


@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_name_goes_with_no_other_file(command: str, project: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    (project / "m.py").write_text(READS)
    code, out, error = ask(monkeypatch, capfdbinary, READS, command, "--stdin-filename", "sub/m.py", "m.py")
    assert (code, out) == (2, "")
    assert error == "par-lint: --stdin-filename: cannot be combined with paths other than `-`\n"
    assert (project / "m.py").read_text() == READS


@pytest.mark.parametrize("command", ["check", "fix"])
def test_an_error_names_the_file(command: str, project: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    code, out, error = ask(monkeypatch, capfdbinary, "def f(:\n", command, "--stdin-filename", "sub/m.py", "-")
    assert (code, out) == (2, "")
    assert error.startswith("par-lint: sub/m.py:1:7: SyntaxError")


def flake8s(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str) -> str:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(READS.encode())))
    utils.stdin_get_value.cache_clear()
    run_flake8(["--select=PRL", "--jobs=1", "--stdin-display-name", name, "-"])
    return capsys.readouterr().out


def test_flake8_is_told_the_name_too(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for path in ("sub/new.py", "new.py", "gen/new.py"):  # some other plugins read the file
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).write_text("x = 1\n")
    for name in ("sub/new.py", str(project / "sub" / "new.py")):
        assert flake8s(monkeypatch, capsys, name).endswith("use run_parallel(..., max_workers=7)\n")
    assert flake8s(monkeypatch, capsys, "new.py").endswith("use run_parallel(..., max_workers=20)\n")
    (project / ".flake8").write_text("[flake8]\nper-file-ignores =\n    sub/*: PRL101\nextend-exclude = gen/*\n")
    assert flake8s(monkeypatch, capsys, "sub/new.py") == flake8s(monkeypatch, capsys, "gen/new.py") == ""
    assert flake8s(monkeypatch, capsys, "new.py") != ""


def test_as_an_editor_runs_it(project: Path) -> None:
    command = [sys.executable, "-m", "par_lint", "fix", "--stdin-filename", "sub/m.py", "-"]
    done = subprocess.run(command, input=READS, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "1 finding in 1 file: 1 fixed, 0 fixable with --unsafe-fixes, 0 need a manual fix\n")
    assert "run_parallel(" in done.stdout


@pytest.mark.parametrize("name", ["", "-"])
def test_a_text_without_a_name_is_called_a_dash(name: str, project: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    code, out, _ = ask(monkeypatch, capfdbinary, READS, "check", "-", NAMES[0], name)
    assert code == 1
    assert out.startswith("-:6:5: PRL101 [*] ")
    code, out, _ = ask(monkeypatch, capfdbinary, READS, "fix", "-", NAMES[0], name)
    assert code == 0
    assert "from par_lint.parallel import run_parallel" in out

"""A copy of the runtime in a project: what tools make of it, how it is known again, and when it is not written."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import parse_tree, split_lines
from par_lint.engine.fix_file import fix
from par_lint.engine.lint_file import lint
from par_lint.engine.runtime_module.vendored_copy import copy_source, find_drift, is_copy, runtime_source, vendor
from par_lint.frontends.cli.main import main

SETTINGS = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.10"
[tool.ruff.lint]
select = ["ALL"]
[tool.isort]
force_single_line = true
[tool.mypy]
strict = true
disallow_any_explicit = true
"""
CHECKS = {
    "black": ["black", "--check", "--line-length", "60"],
    "ruff format": ["ruff", "format", "--check"],
    "ruff check": ["ruff", "check"],
    "isort": ["isort", "--check"],
    "flake8": ["flake8", "--isolated", "--max-complexity", "3", "--max-line-length", "60"],
    "mypy": ["mypy", "--strict"],
    "pylint": ["pylint"],
    "par-lint": ["par_lint", "check", "--no-cache"],
}
FORMATS = {
    "black": ["black", "--quiet"],
    "black, narrow": ["black", "--quiet", "--line-length", "60", "--skip-string-normalization"],
    "ruff format": ["ruff", "format", "--isolated"],
    "isort": ["isort", "--quiet"],
}


def run(folder: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a tool of this environment."""
    if importlib.util.find_spec(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    environment = {**os.environ, "MYPY_CACHE_DIR": str(folder / "cache"), "RUFF_NO_CACHE": "true"}
    return subprocess.run([sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)


def without_wishes(copy: bytes) -> bytes:
    """A copy without the comments that ask tools to leave it alone."""
    return re.sub(rb"^# (?:fmt|isort|ruff|flake8|mypy|pylint|autopep8): .*\n", b"", copy, flags=re.MULTILINE)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").touch()
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", CHECKS.values(), ids=CHECKS)
def test_tools_leave_a_copy_alone(command: list[str], project: Path) -> None:
    vendor(project / "app")
    done = run(project, [*command, "app/parallel.py"])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", [*FORMATS.values(), ["ruff", "check", "--fix", "--unsafe-fixes"], ["par_lint", "fix", "--unsafe-fixes"]], ids=str)
def test_tools_do_not_change_a_copy(command: list[str], project: Path) -> None:
    vendor(project / "app")
    done = run(project, [*command, "app/parallel.py"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert (project / "app" / "parallel.py").read_bytes() == copy_source()


def test_coverage_has_nothing_to_say_of_a_copy(project: Path) -> None:
    vendor(project / "app")
    (project / "use.py").write_text("from app.parallel import run_parallel\n\nprint([one.result for one in run_parallel(abs, [-1, -2, -3])])\n")
    done = run(project, ["coverage", "run", "--branch", "--source=app", "use.py"])
    assert done.returncode == 0, done.stderr
    report = run(project, ["coverage", "report", "--fail-under=100"])
    assert report.returncode == 0, report.stdout
    assert "parallel.py" in report.stdout


def test_mypy_knows_the_types_of_a_copy(project: Path) -> None:
    vendor(project / "app")
    (project / "use.py").write_text("from app.parallel import run_parallel\n\nfor one in run_parallel(abs, [-1]):\n    reveal_type(one.result)\n")
    done = run(project, ["mypy", "--strict", "use.py"])
    assert 'Revealed type is "int"' in done.stdout.replace("builtins.", ""), done.stdout


@pytest.mark.parametrize("command", FORMATS.values(), ids=FORMATS)
def test_a_copy_that_was_formatted_is_known_again(command: list[str], project: Path) -> None:
    path = project / "app" / "parallel.py"
    path.write_bytes(without_wishes(copy_source()))
    before = path.read_bytes()
    done = run(project, [*command, "app/parallel.py"])
    assert done.returncode == 0, done.stderr
    assert path.read_bytes() != before
    assert is_copy(path)
    assert find_drift(path) is None
    assert main(["check", "--no-cache", "app"]) == 0
    assert main(["fix", "--unsafe-fixes", "app"]) == 0
    assert vendor(path).endswith("is up to date")
    path.write_bytes(path.read_bytes().replace(b"_MAX_IO_WORKERS", b"_MOST_IO_WORKERS"))
    assert "was modified" in (find_drift(path) or "")


@pytest.mark.parametrize("source", [copy_source(), runtime_source(), without_wishes(copy_source()), b'"""Head."""\n' + copy_source()], ids=["copy", "plain", "bare", "under a head"])
def test_a_copy_is_known_by_what_is_in_it(source: bytes, project: Path) -> None:
    (project / "app" / "parallel.py").write_bytes(source)
    assert is_copy(project / "app" / "parallel.py")


@pytest.mark.parametrize("source", [copy_source(), runtime_source()], ids=["copy", "plain"])
def test_the_runtime_itself_is_neither_reported_nor_changed(source: bytes) -> None:
    assert lint(parse_tree(source), split_lines(source.decode()), Config()) == []
    assert fix(source, Config(), unsafe=True, runtime="app.parallel").source == source


def test_a_copy_of_an_older_version_is_renewed_without_a_question(project: Path) -> None:
    import hashlib

    path = project / "app" / "parallel.py"
    body = runtime_source().replace(b"_MAX_IO_WORKERS = 100", b"_MAX_IO_WORKERS = 99")
    path.write_bytes(f"# par-lint runtime, version 0.0.9, sha256 {hashlib.sha256(body).hexdigest()}. Made by `par-lint vendor`.\n".encode() + body)
    assert "was created by par-lint 0.0.9 and is out of date; run `par-lint vendor " in (find_drift(path) or "")
    assert "written" in vendor(path)
    assert path.read_bytes() == copy_source()


def test_a_plain_copy_is_told_and_can_be_replaced(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app" / "parallel.py").write_bytes(runtime_source())
    assert main(["vendor", "--check", "app"]) == 1
    assert "has lost its first line" in capsys.readouterr().err
    assert main(["vendor", "app"]) == 2
    assert main(["vendor", "--force", "app"]) == 0
    assert main(["vendor", "--check", "app"]) == 0


@pytest.mark.parametrize("name", ["app/my-parallel.py", "app/class.py", "app/1x", "app/a.b", "queue.py", "asyncio", "par_lint.py", "app/__init__.py", "app/__main__", "-", "nowhere/parallel.py", "app/", "nowhere/", "hidden"])
def test_what_cannot_be_imported_is_refused_in_one_line(name: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if name == "app/":
        (project / "app").rename(project / "my-app")
        name = "my-app"
    elif name == "hidden":  # by a package of the same name beside it
        (project / "hidden" / "__init__.py").parent.mkdir()
        (project / "hidden" / "__init__.py").touch()
        name = "hidden.py"
    before = sorted(project.rglob("*"))
    assert main(["vendor", name]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("par-lint: ")
    assert ";" in line
    assert sorted(project.rglob("*")) == before


def test_a_copy_that_is_missing_is_not_checked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vendor", "--check", "app"]) == 1
    assert capsys.readouterr().err == "par-lint: app/parallel.py: there is no copy; run `par-lint vendor app` to create one\n"


@pytest.mark.parametrize(("typed", "written"), [("app/parallel", "app/parallel.py"), ("app", "app/parallel.py"), ("app/", "app/parallel.py"), ("app/queue", "app/queue.py"), (".", "parallel.py")])
def test_the_name_may_be_short(typed: str, written: str, project: Path) -> None:
    assert main(["vendor", typed]) == 0
    assert (project / written).read_bytes() == copy_source()
    assert main(["vendor", "--check", typed]) == 0


def test_other_files_are_never_overwritten(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app" / "parallel.py").write_text("x = 1\n")
    assert main(["vendor", "--force", "app"]) == 2
    assert "already exists and is not a vendored runtime; choose another path" in capsys.readouterr().err
    assert (project / "app" / "parallel.py").read_text() == "x = 1\n"


def test_nothing_is_written_through_a_dangling_link(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app" / "parallel.py").symlink_to("elsewhere.py")
    assert main(["vendor", "--force", "app/parallel"]) == 2
    assert "broken symbolic link to elsewhere.py" in capsys.readouterr().err
    assert not (project / "app" / "elsewhere.py").exists()


def test_a_question_is_asked_before_changes_are_overwritten(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project / "app" / "parallel.py"
    path.write_bytes(copy_source() + b"# mine\n")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    for name in ("CI", "PRE_COMMIT", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    asked: list[str] = []

    def answering(answer: str) -> None:
        monkeypatch.setattr("builtins.input", lambda question: (asked.append(question), answer)[1])

    answering("n")
    assert main(["vendor", "app"]) == 2
    assert path.read_bytes().endswith(b"# mine\n")
    answering("y")
    assert main(["vendor", "app"]) == 0
    assert path.read_bytes() == copy_source()
    assert asked == ["app/parallel.py was modified. Overwrite it? [y/N] "] * 2


def test_a_write_that_fails_leaves_the_old_copy(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project / "app" / "parallel.py"
    path.write_bytes(copy_source() + b"# mine\n")

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    assert main(["vendor", "--force", "app"]) == 2
    assert path.read_bytes() == copy_source() + b"# mine\n"
    assert sorted(one.name for one in (project / "app").iterdir()) == ["__init__.py", "parallel.py"]


def test_the_size_of_a_copy_is_told_and_its_docstring_names_no_other_module(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vendor", "app"]) == 0
    copy = (project / "app" / "parallel.py").read_bytes()
    assert f"{len(copy.splitlines())} lines, {len(copy) // 1000} kB" in capsys.readouterr().out
    assert b"par_lint.parallel import" not in copy
    assert find_drift(project / "app") is None


def test_a_missing_copy_is_told_with_the_command_that_makes_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vendor", "--check", "app"]) == 1
    assert capsys.readouterr().err == "par-lint: app/parallel.py: there is no copy; run `par-lint vendor app` to create one\n"


def test_without_a_path_vendor_proposes_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text(SETTINGS + "[build-system]\nrequires = ['hatchling']\n")
    assert main(["vendor"]) == 2
    assert capsys.readouterr().err == "par-lint: vendor: name the file to write, such as `par-lint vendor app/parallel.py`\n"

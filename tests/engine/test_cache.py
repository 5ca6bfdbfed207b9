"""The cache of `par-lint check`: it is used, it is never wrong, and nothing that is wrong with it is an error."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import par_lint
from par_lint.core.config.loading import _read_nearest
from par_lint.engine import cache, lint_files
from par_lint.engine.cache import FOLDER, Cache
from par_lint.frontends.cli.check import check

LOOP = "def load(paths):\n    found = {}\n    for path in paths:\n        found[path] = open(path).read()\n    return found\n"
CLEAN = "print(1)\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.par-lint]\n")
    (tmp_path / "loop.py").write_text(LOOP)
    (tmp_path / "clean.py").write_text(CLEAN)
    monkeypatch.chdir(tmp_path)
    _read_nearest.cache_clear()
    return tmp_path


@pytest.fixture
def linted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first lines of the files that were really looked at."""
    seen: list[str] = []
    lint = lint_files.lint

    def watched(tree: object, lines: list[str], config: object, path: str) -> object:
        seen.append(lines[0])
        return lint(tree, lines, config, path)  # type: ignore[arg-type]

    monkeypatch.setattr(lint_files, "lint", watched)
    return seen


def run(capsys: pytest.CaptureFixture[str], **options: bool) -> str:
    check(["."], ["--select=PRL"], diff=False, **options)
    return capsys.readouterr().out


def entries(project: Path) -> dict[str, object]:
    return json.loads((project / FOLDER / "findings.json").read_text())["entries"]  # type: ignore[no-any-return]


def test_the_second_run_looks_at_nothing_and_says_the_same(project: Path, linted: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    first = run(capsys)
    assert "PRL101" in first and len(linted) == 2
    assert run(capsys) == first
    assert len(linted) == 2
    assert (project / FOLDER / ".gitignore").read_text() == "*\n"


def test_the_second_run_loads_no_rules(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys)
    code = "import sys; from par_lint.frontends.cli.main import main; main(['check']); print('par_lint.analysis.facts' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "PRL101" in done.stdout and done.stdout.endswith("False\n")


def _edit(project: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    (project / "loop.py").write_text(LOOP + "\n")
    return 1


def _configure(project: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    (project / "pyproject.toml").write_text("[tool.par-lint]\nworkers = { file = 7 }\n")
    _read_nearest.cache_clear()
    return 2


def _upgrade(project: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(par_lint, "__version__", "999")
    cache._program_version.cache_clear()
    cache._settings_digest.cache_clear()
    return 2


@pytest.mark.parametrize("change", [_edit, _configure, _upgrade])
def test_what_findings_depend_on_is_part_of_the_key(
    change: Callable[[Path, pytest.MonkeyPatch], int], project: Path, linted: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys)
    again = change(project, monkeypatch)
    run(capsys)
    assert len(linted) == 2 + again
    monkeypatch.undo()
    cache._program_version.cache_clear()
    cache._settings_digest.cache_clear()


def test_settings_show_in_what_is_said(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert "max_workers=20" in run(capsys)
    _configure(project, monkeypatch)
    assert "max_workers=7" in run(capsys)


def test_no_cache_neither_reads_nor_writes(project: Path, linted: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, use_cache=False)
    assert not (project / FOLDER).exists()
    run(capsys)
    run(capsys, use_cache=False)
    assert len(linted) == 6


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"format": 1}', '{"format": 99, "entries": {}}', '{"format": 1, "entries": [1]}', "[" * 100_000, "\0\xff"])
def test_a_damaged_cache_is_no_cache(damage: str, project: Path, linted: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    first = run(capsys)
    (project / FOLDER / "findings.json").write_text(damage, encoding="latin-1")
    assert run(capsys) == first
    assert len(linted) == 4 and len(entries(project)) == 2


@pytest.mark.parametrize("row", [
    7, [7], [[]], [[1, 1, "PRL101"]], [["1", 1, "PRL101", "m", 1, 2, "safe", None, None]], [[1, 1, "PRL101", "m", 1, None, "safe", None, None]],
    [[1, 1, "PRL101", "m", 1, 2, "?", None, None]], [[1, 1, "PRL101", "m", 1, 2, "safe", [1], None]],
])  # fmt: skip
def test_a_damaged_entry_is_no_entry(row: object, project: Path, linted: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    first = run(capsys)
    damaged = {"format": cache._FORMAT, "entries": dict.fromkeys(entries(project), row)}
    (project / FOLDER / "findings.json").write_text(json.dumps(damaged))
    assert run(capsys) == first
    assert len(linted) == 4


def test_a_folder_that_cannot_be_written_to_is_left_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / FOLDER).write_text("in the way")
    assert "PRL101" in run(capsys)
    assert (project / FOLDER).read_text() == "in the way"


def test_runs_at_the_same_time_keep_the_cache_whole(project: Path) -> None:
    for number in range(40):
        (project / f"m{number}.py").write_text(f"{LOOP}# {number}\n")
    command = [sys.executable, "-m", "par_lint", "check"]
    runs = [subprocess.Popen([*command, *(f"m{number}.py" for number in range(start, 40, 2))], stdout=subprocess.PIPE, text=True) for start in (0, 1, 0, 1)]
    outputs = [one.communicate(timeout=120)[0] for one in runs]
    assert [output.count("PRL101") for output in outputs] == [20] * 4
    assert len(entries(project)) >= 20
    assert not list((project / FOLDER).glob("*.tmp"))


def test_what_two_runs_note_is_kept(tmp_path: Path) -> None:
    one, other = Cache(tmp_path), Cache(tmp_path)
    one.note("a", [])
    other.note("b", [])
    one.save()
    other.save()
    assert Cache(tmp_path).find("a") == Cache(tmp_path).find("b") == ((), ())
    assert Cache(tmp_path).find("c") is None


def test_standard_input_has_no_cache(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "par_lint", "check", "-"], input=LOOP, capture_output=True, text=True, timeout=60)
    assert "PRL101" in done.stdout
    assert not (project / FOLDER).exists()

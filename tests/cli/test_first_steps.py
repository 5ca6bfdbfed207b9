"""What somebody meets who uses par-lint for the first time: a misspelled option, a clean file, a file that is not Python."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from small_texts import COPIES, READS

from par_lint.core.config.loading import load_config
from par_lint.core.config.settings import ConfigError
from par_lint.frontends.cli import terminal
from par_lint.frontends.cli.main import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a clean file, one with a safe fix and one with an unsafe fix, as the working folder."""
    for name, text in {"clean.py": "x = 1\n", "reads.py": READS, "copies.py": COPIES}.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


WRONG = {
    "check --slect PRL1": "unknown option '--slect'; did you mean '--select'? See `par-lint check --help`",
    "fix --watch .": "unknown option '--watch'; it is an option of `par-lint check`; see `par-lint fix --help`",
    "check --zzz": "unknown option '--zzz'; see `par-lint check --help`",
    "chek": "unknown command 'chek'; did you mean 'check'? use one of check, fix, explain, config, rules, vendor, completion, lsp, demo, help; see `par-lint --help`",
    ". -q": "unknown command '.'; did you mean `par-lint check .`? use one of check, fix, explain, config, rules, vendor, completion, lsp, demo, help; see `par-lint --help`",
    "m.py": "unknown command 'm.py'; did you mean `par-lint check m.py`? use one of check, fix, explain, config, rules, vendor, completion, lsp, demo, help; see `par-lint --help`",
    "check --output-format xml": (
        "--output-format: unknown value 'xml'; use one of text, grouped, full, json, json-lines, github, gitlab, junit, sarif; see `par-lint check --help`"
    ),
    "check -j 0": "-j/--jobs: 0: give a number of processes, 1 or more; see `par-lint check --help`",
    "check --select": "--select: expected one argument; see `par-lint check --help`",
    "vendor a b": "unexpected argument 'b'; see `par-lint vendor --help`",
    "completion basch": "shell: unknown value 'basch'; did you mean 'bash'? use one of bash, zsh, fish; see `par-lint completion --help`",
}


@pytest.mark.parametrize(("typed", "message"), WRONG.items(), ids=WRONG)
def test_a_wrong_argument_is_one_line_with_what_was_meant(typed: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(typed.split())
    shown = capsys.readouterr()
    assert (stopped.value.code, shown.out, shown.err) == (2, "", f"par-lint: {message}\n")


def test_alone_it_prints_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "report findings, like flake8" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["lsp", "explain", "demo", "help", "rules", "config", "completion"])
def test_the_help_of_a_command_has_its_own_exit_codes_only(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert "vendor also use" not in capsys.readouterr().out


def test_a_clean_file_is_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "clean.py"]) == 0
    assert capsys.readouterr() == ("", "0 findings in 1 file\n")
    assert main(["check", "-q", "clean.py"]) == 0
    assert capsys.readouterr() == ("", "")


def test_what_the_baseline_hides_is_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--write-baseline", "known.json"]) == 0
    (folder / "reads.py").write_text(READS + "\n\n" + READS.partition("\n\n\n")[2].replace("sizes", "again").replace("paths", "names"))
    capsys.readouterr()
    assert main(["check", "--baseline", "known.json", "copies.py"]) == 0
    assert capsys.readouterr().err == "0 findings in 1 file; 1 known finding in the baseline\n"
    assert main(["check", "--baseline", "known.json", "reads.py", "copies.py"]) == 1
    assert capsys.readouterr().err.startswith("1 finding in 2 files; 2 known findings in the baseline; fixable: ")


@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_file_that_is_not_python_is_said_to_be_none(command: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "DATA.json").write_text("{}")
    (folder / "README.rst").write_text("1st\n===\n")
    assert main([command, "DATA.json", "README.rst", "clean.py"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"par-lint: {name}: not a Python file; name Python files or folders" for name in ("DATA.json", "README.rst")
    ]  # fmt: skip


def test_a_script_needs_no_suffix(folder: Path) -> None:
    (folder / "tool").write_text(READS)
    assert main(["check", "tool"]) == 1


def test_notebooks_beside_python_files_are_not_mentioned(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "a.ipynb").write_text("{}")
    assert main(["check", "--exit-zero"]) == 0
    assert "notebook" not in capsys.readouterr().err
    assert main(["check", "data"]) == 0
    assert "notebooks are not supported directly" in capsys.readouterr().err


def test_verbose_fix_lists_the_files_with_findings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "-v"]) == 0
    assert [line for line in capsys.readouterr().err.splitlines() if " fixed, " in line] == [
        "par-lint: ./copies.py: 0 fixed, 1 left", "par-lint: ./reads.py: 1 fixed, 0 left",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["text", "grouped", "full"])
def test_statistics_name_the_rule(kind: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--statistics", "--output-format", kind]) == 1
    assert "2     PRL101 sequential-file-io\n" in capsys.readouterr().out


def test_quiet_leaves_nothing_but_the_diff(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "--unsafe-fixes", "--diff", "-q"]) == 1
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.startswith("--- a/copies.py\n")


def test_on_a_terminal_the_notes_follow_the_diff(folder: Path) -> None:
    command = [sys.executable, "-m", "par_lint", "fix", "--unsafe-fixes", "--diff"]
    shown = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60).stdout
    assert shown.index("+++ b/copies.py") < shown.index("copies.py:5:5: PRL101 would be fixed") < shown.index("+++ b/reads.py")


class _Terminal(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("kind", ["text", "json"])
def test_progress_is_shown_while_findings_go_to_a_file(kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        (folder / f"reads{number}.py").write_text(READS)
    monkeypatch.setattr(terminal, "_PATIENCE", -1.0)
    monkeypatch.setattr(terminal, "_EVERY", -1.0)
    monkeypatch.setattr(sys, "stderr", _Terminal())
    assert main(["check", "--no-cache", "--output-format", kind]) == 1
    assert isinstance(sys.stderr, _Terminal)
    shown = sys.stderr.getvalue()
    assert [f"{number}/6 files" in shown for number in range(1, 7)] == [True] * 6


@pytest.mark.parametrize(("value", "python"), [("3.11", 11), ("py311", 11), ("py39", 9), ("py3", None), ("py3.11", None), ("311", None)])
def test_the_target_version_may_be_spelled_as_for_ruff_and_black(value: str, python: int | None, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[tool.par-lint]\ntarget-version = "{value}"\n')
    if python is not None:
        assert load_config(tmp_path).python == python
    else:
        with pytest.raises(ConfigError, match="must be a version of Python"):
            load_config(tmp_path)


def test_forges_get_paths_in_the_repository_from_wherever_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (".git", "app", "tools"):
        (tmp_path / name).mkdir()
    (tmp_path / "app" / "m.py").write_text(READS)
    for place, typed in ((tmp_path, "app"), (tmp_path / "tools", "../app"), (tmp_path / "app", "m.py")):
        monkeypatch.chdir(place)
        assert main(["check", "--no-cache", "--output-format", "gitlab", typed]) == 1
        assert [one["location"]["path"] for one in json.loads(capsys.readouterr().out)] == ["app/m.py"]
        assert main(["check", "--no-cache", "--output-format", "github", typed]) == 1
        assert "file=app/m.py," in capsys.readouterr().out


def test_all_clean_files_are_one_test_in_junit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(5):
        (folder / f"clean{number}.py").write_text("x = 1\n")
    assert main(["check", "--output-format", "junit"]) == 1
    shown = capsys.readouterr().out
    assert shown.count("<testcase") == 3
    assert '<testcase name="6 files without findings" classname="clean files"/>' in shown


@pytest.mark.parametrize("arguments", [["--write-baseline", "data"], ["--baseline", "data"], ["--output-file", "data"]], ids=lambda arguments: arguments[0])
def test_a_folder_in_the_place_of_a_file_is_said_to_be_one(arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "data").mkdir()
    assert main(["check", *arguments, "clean.py"]) == 2
    assert capsys.readouterr().err.splitlines()[0] == "par-lint: data: is a folder; name a file"


def test_a_baseline_in_a_folder_that_is_missing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--write-baseline", "no/known.json"]) == 2
    assert capsys.readouterr().err == "par-lint: no/known.json: cannot be written: directory no does not exist; create it first\n"


def test_explain_hints_at_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "setings"]) == 2
    assert capsys.readouterr().err == "par-lint: setings: no such rule; did you mean `settings`?\n"
    assert main(["explain", "xyz"]) == 2
    assert capsys.readouterr().err.endswith("PRL000, PRL001, or `settings`\n")


def test_rules_lists_all_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    assert "\n| PRL000 | internal-error |" in (shown := capsys.readouterr().out) and "\n| PRL001 | unused-noqa |" in shown


NOQA = {
    "PRL999": ("x = 1  # noqa: PRL999\n", "noqa: PRL999: no such rule; valid rules: "),
    "one of two": ("x = 1  # noqa: E501, prl120 because\n", "noqa: prl120: no such rule; did you mean "),
    "a name": ("x = 1  # noqa: sequential-file-io\n", "noqa: sequential-file-io: comments need the code: write PRL101 (flake8 reads this comment as a noqa for all codes)"),
    "a name behind a code": ("x = 1  # noqa: E501,sequential-file-io\n", "noqa: sequential-file-io: comments need the code: write PRL101"),
    "the whole file": ("# flake8: noqa: PRL77\n", "noqa: PRL77: no such rule; "),
    "a known code": ("x = 1  # noqa: PRL101\n", None),
    "a prefix": ("x = 1  # noqa: PRL1\n", None),
    "another linter's code": ("x = 1  # noqa: PRX999\n", None),
    "an explanation": ("x = 1  # noqa: PRL101 - instead of PRL999\n", None),
    "a text": ("x = 'see # noqa: PRL999'\n", None),
}


@pytest.mark.parametrize(("text", "warning"), NOQA.values(), ids=NOQA)
def test_a_noqa_for_what_is_no_code_is_warned_of(text: str, warning: str | None, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "clean.py").write_text(text)
    for _ in range(2):  # also from the cache
        assert main(["check", "clean.py"]) == 0
        (*warned, _) = capsys.readouterr().err.splitlines()
        assert len(warned) == (warning is not None)
        assert all(line.startswith(f"par-lint: warning: clean.py:1: {warning}") for line in warned)
    assert main(["check", "-q", "clean.py"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_run_without_files_has_no_count(command: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "nowhere.py"]) == 2
    assert capsys.readouterr() == ("", "par-lint: nowhere.py: no such file or folder; check the spelling\n")

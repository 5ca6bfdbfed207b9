"""Codes, wherever a user writes them: in all spellings that mean one, and an error with a hint for those that mean none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from small_texts import READS, UNLIMITED

from par_lint.core.config import rule_codes
from par_lint.frontends.cli.main import main
from par_lint.rules import all_rules

SPELLINGS = ("PRL101", "prl101", "Prl101", "sequential-file-io", "Sequential-File-IO", "PRL1", "prl10", "PRL", "p")
WRONG = {"PRL1O1": "did you mean PRL101", "PLR101": "did you mean PRL101", "PRL999": "valid rules: PRL101, ", "sequental-file-io": "did you mean PRL101", "E501": "valid rules: "}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a loop (PRL101) and a call without a limit (PRL201), as the working folder."""
    (tmp_path / "loop.py").write_text(READS)
    (tmp_path / "call.py").write_text(UNLIMITED)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str, fails: bool = False) -> set[str]:
    """The codes that `check` shows."""
    capsys.readouterr()
    code = main(["check", "-q", *arguments])
    out, err = capsys.readouterr()
    assert (code == 2, bool(err)) == (fails, fails), err
    return {line.split()[1] for line in out.splitlines()}


def by_flake8(*arguments: str) -> tuple[set[str], str]:
    """The codes that flake8 shows of ours, and all that it says."""
    done = subprocess.run([sys.executable, "-m", "flake8", "--jobs=1", *arguments], capture_output=True, text=True, timeout=120)
    return {line.split()[1] for line in done.stdout.splitlines() if " PRL" in line and ": " in line and line.split()[1].startswith("PRL")}, done.stdout + done.stderr


def test_the_table_is_that_of_the_rules() -> None:
    assert {module.RULE.code: module.RULE.name for module in all_rules()} == dict(rule_codes.RULES)
    assert not set(rule_codes.UNSUPPRESSIBLE) & set(rule_codes.RULES)


@pytest.mark.parametrize("word", SPELLINGS)
def test_all_spellings_mean_the_code(word: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = {"PRL101", "PRL201"} if word in ("PRL", "p") else {"PRL101"}
    assert shown(capsys, f"--select={word}") == expected
    for option in ("--ignore", "--extend-ignore"):
        assert shown(capsys, f"{option}={word}") == {"PRL101", "PRL201"} - expected
    assert shown(capsys, f"--per-file-ignores=loop.py:{word}") == {"PRL201"}
    (project / "pyproject.toml").write_text(f"[tool.par-lint]\nselect = ['{word}']\nextend-safe-fixes = ['{word}']\n")
    assert shown(capsys) == expected
    (project / "pyproject.toml").write_text(f"[tool.par-lint]\nignore = ['{word}']\n")
    assert shown(capsys) == {"PRL101", "PRL201"} - expected
    (project / "pyproject.toml").write_text(f"[tool.par-lint.per-file-ignores]\n'loop.py' = ['{word}']\n")
    assert shown(capsys) == {"PRL201"}


@pytest.mark.parametrize("word", ["prl101", "sequential-file-io", "PRL1"])
def test_flake8_takes_them_too_where_it_lets_a_plugin(word: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert by_flake8(f"--select={word}")[0] == {"PRL101"}
    assert by_flake8(f"--ignore={word}")[0] == {"PRL201"}
    for key, expected in (("select", {"PRL101"}), ("per-file-ignores", {"PRL201"})):
        (project / ".flake8").write_text(f"[flake8]\n{key} = {'loop.py: ' if key != 'select' else ''}{word}\n")
        assert by_flake8()[0] == expected
        assert shown(capsys) == expected


@pytest.mark.parametrize("option", ["--select", "--ignore", "--extend-ignore", "--per-file-ignores"])
@pytest.mark.parametrize(("word", "hint"), WRONG.items())
def test_a_wrong_code_on_the_command_line(option: str, word: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    value = f"loop.py:PRL2,{word}" if option == "--per-file-ignores" else f"PRL2,{word}"
    for command in ("check", "fix"):
        assert main([command, f"{option}={value}"]) == 2
        out, err = capsys.readouterr()
        assert err.startswith(f"par-lint: {option}: {word}: no such rule; ")
        assert (out, len(err.splitlines()), hint in err) == ("", 1, True)


@pytest.mark.parametrize("value", ["", ",", " "])
def test_a_selection_of_nothing_is_not_green(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", f"--select={value}"]) == 2
    assert capsys.readouterr().err == "par-lint: --select: is empty; give a code such as PRL101, or PRL for all\n"


def test_ignoring_nothing_is_in_the_place_of_what_is_configured(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".flake8").write_text("[flake8]\nignore = PRL201\n")
    assert shown(capsys) == {"PRL101"}
    assert shown(capsys, "--ignore=") == {"PRL101", "PRL201"}


@pytest.mark.parametrize("key", ["select", "extend-select", "extend_select", "ignore", "extend-ignore", "per-file-ignores"])
@pytest.mark.parametrize("word", ["PRL999", "PRL1O1", "PRL10I"])
def test_a_wrong_code_in_flake8s_configuration(key: str, word: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "tox.ini").write_text(f"[flake8]\n{key} = {'call.py,x.py: E5,' if key.startswith('per') else 'E5,'}{word}\n")
    for arguments in (["check"], ["fix"], ["check", "--select=PRL"], ["config"]):
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert err.startswith(f"par-lint: tox.ini: [flake8] {key}: {word}: no such rule; ")
        assert (out, len(err.splitlines())) == ("", 1)
    found, said = by_flake8()
    assert found == set()
    assert word in said
    if "ignore" not in key or word == "PRL999" or key.startswith("per"):  # else flake8 itself refuses it
        assert f"tox.ini: [flake8] {key}: {word}: no such rule; " in said


def test_what_flake8_does_not_read_is_told_with_the_remedy(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".flake8").write_text("[flake8]\nextend-ignore = prl101\n")
    assert main(["check"]) == 2
    assert capsys.readouterr().err == "par-lint: .flake8: [flake8] extend-ignore: prl101: flake8 requires upper case here; write PRL101\n"


@pytest.mark.parametrize("configuration", ["select = PRL,XYZ1,PLR101", "extend-ignore = XYZ,PL999", "per-file-ignores =\n    PRLx.py: XYZ1\n    prl999: E5 loop.py,PRL9:PLR101"])
def test_codes_of_other_plugins_are_none_of_our_business(configuration: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".flake8").write_text(f"[flake8]\n{configuration}\n")
    assert shown(capsys) == {"PRL101", "PRL201"}
    assert by_flake8("--select=PRL,XYZ")[0] == {"PRL101", "PRL201"}


def test_a_mapping_that_flake8_cannot_read_is_one_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".flake8").write_text("[flake8]\nper-file-ignores = loop.py: e501\n")
    assert main(["check"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("key", ["select", "ignore", "extend-safe-fixes", "extend-unsafe-fixes", "per-file-ignores"])
@pytest.mark.parametrize(("word", "hint"), WRONG.items())
def test_a_wrong_code_in_the_table(key: str, word: str, hint: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    value = f"{{'*.py' = ['PRL2', '{word}']}}" if key == "per-file-ignores" else f"['PRL2', '{word}']"
    (project / "pyproject.toml").write_text(f"[tool.par-lint]\n{key} = {value}\n")
    for command in ("check", "fix", "config"):
        assert main([command]) == 2
        err = capsys.readouterr().err
        assert err.startswith(f"par-lint: {project / 'pyproject.toml'}: [tool.par-lint] {key}")
        assert f": {word}: no such rule; " in err
        assert (len(err.splitlines()), hint in err) == (1, True)


def test_explain_takes_the_beginning_of_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "prl4", "lost-errors"]) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("PRL")] == ["PRL401 too-few-workers", "PRL402 too-many-workers", "PRL501 lost-errors"]


def test_what_must_not_be_hidden_is_selected_by_name_and_ignored_by_nothing(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Here with a code that can be found; what is in the table is for errors of par-lint itself."""
    monkeypatch.setattr(rule_codes, "UNSUPPRESSIBLE", {"PRL101": "sequential-file-io"})
    for module in ("project_selection", "rule_selection", "baseline"):
        monkeypatch.setattr(f"par_lint.engine.suppression.{module}.UNSUPPRESSIBLE", rule_codes.UNSUPPRESSIBLE)
    for arguments in (["--ignore=PRL101"], ["--extend-ignore=PRL"], ["--select=PRL2"], ["--per-file-ignores=loop.py:PRL1"]):
        assert "PRL101" in shown(capsys, *arguments)
    (project / "pyproject.toml").write_text("[tool.par-lint]\nignore = ['PRL']\n")
    assert shown(capsys) == {"PRL101"}


def test_an_error_of_ours_has_a_page_and_can_be_selected(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "prl000"]) == 0
    assert capsys.readouterr().out.startswith("PRL000 internal-error\n")
    assert main(["check", "--select=internal-error,PRL0"]) == 0

"""Comments, ignores and selection mean the same in `check` and in `fix` as in flake8 itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from flake8.main.cli import main as run_flake8

from par_lint.frontends.cli.main import main

CALL = "requests.get({argument!r}){comment}"
COMMENTS = (
    "", "  # noqa", "  #noqa", "  # NOQA", "  # noqa:PRL202", "  # noqa: PRL202", "  # noqa: prl202", "  # noqa: PRL2", "  # noqa: P", "  # noqa: PRL1",
    "  # NOQA : PRL202,E501", "  # NoQA:PRL202,E501", "  # noqa: E501", "  # noqa: E501 PRL202", "  # noqa: E501, PRL202 because", "  # noqa : E501",
    "  # why  # noqa: PRL202", "  # noqa: PRL202  # noqa: E501", "  # noqa: E501  # noqa: PRL202", "  # noqa:  PRL202", "  # noqa PRL201", "  # nosec noqa",
)  # fmt: skip
HEAD = "import requests\nimport subprocess\n\n"
LAYOUTS = {
    "last_line": 'requests.post("""\ntext\n""", 1)  # noqa: PRL202\n',
    "first_line": 'requests.post("""  # noqa: PRL202\ntext\n""", 1)\n',
    "inner_line": "requests.get(  # noqa: PRL202\n    'u',\n)\n",
    "after_line": "requests.get(\n    'u',\n)  # noqa: PRL202\n",
    "backslash": "x = requests.get('u') + \\\n    1  # noqa: PRL202\n",
    "in_string": "requests.get('# noqa: PRL202')\n",
    "own_line": "# noqa: PRL202\nrequests.get('u')\n",
    "two": "requests.get(subprocess.check_output(['ls']))  # noqa: PRL201\n",
}
WHOLE_FILE = {
    "all": "# flake8: noqa\n", "codes": "# flake8: noqa: PRL202\n", "other_codes": "# flake8: noqa: E501\n", "equals": "# flake8=noqa\n",
    "behind": "x = 1  # flake8: noqa\n", "case": "# FLAKE8: NOQA\n",
}  # fmt: skip
CONFIGURATIONS = (
    "", "select = PRL", "select = PRL2", "select = PRL201", "extend-select = PRL", "ignore = PRL202", "ignore = E501", "extend-ignore = PRL2",
    "extend-ignore = PRL202,PRL201", "select = PRL202\nextend-ignore = PRL2", "select = PRL2\nignore = PRL202", "disable-noqa = True",
    "per-file-ignores =\n    pkg/*: PRL\n    comments.py: PRL202", "per-file-ignores = ./pkg/inner.py:PRL201,PRL202 *all*:E", "exclude = pkg", "extend-exclude = */inner.py,all.py",
)  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose files spell comments in all ways, as the working folder."""
    (tmp_path / "comments.py").write_text(HEAD + "".join(CALL.format(argument="u", comment=comment) + "\n" for comment in COMMENTS))
    for name, text in LAYOUTS.items():
        (tmp_path / f"{name}.py").write_text(HEAD + text)
    for name, text in WHOLE_FILE.items():
        (tmp_path / f"file_{name}.py").write_text(text + HEAD + "requests.get('u')\n")
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "inner.py").write_text(HEAD + "requests.get('u')\nsubprocess.check_output(['ls'])\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def places(text: str) -> set[str]:
    """PATH:LINE:COLUMN: CODE of each line of output, without `./`."""
    return {match[0].removeprefix("./") for match in re.finditer(r"^\S+?:\d+:\d+: PRL\d+", text, re.MULTILINE)}


def by_flake8(capsys: pytest.CaptureFixture[str], *arguments: str) -> set[str]:
    capsys.readouterr()
    run_flake8(["--jobs=1", *arguments])
    shown = capsys.readouterr()
    assert shown.err == ""
    return places(shown.out)


def by_check(capsys: pytest.CaptureFixture[str], *arguments: str) -> set[str]:
    capsys.readouterr()
    assert main(["check", *arguments]) in (0, 1)
    return places(capsys.readouterr().out)


def by_fix(capsys: pytest.CaptureFixture[str], *arguments: str) -> set[str]:
    """What `fix` would look at: all that it does not fix, asked for safe fixes only, of which there are none here."""
    capsys.readouterr()
    assert main(["fix", "--diff", "--show-withheld", *arguments]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    return places(shown.err)


@pytest.mark.parametrize(
    ("name", "configuration"),
    [*((".flake8", one) for one in CONFIGURATIONS), *(("setup.cfg", one) for one in CONFIGURATIONS[1::5]), *(("tox.ini", one) for one in CONFIGURATIONS[3::5])],
)  # fmt: skip
def test_configurations_mean_the_same(name: str, configuration: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / name).write_text(f"[flake8]\n{configuration}\n")
    found = by_flake8(capsys)
    assert by_check(capsys) == found
    assert by_fix(capsys) == found
    assert found


@pytest.mark.parametrize(
    "arguments",
    [
        ("--select=PRL202",), ("--select=PRL", "--extend-ignore=PRL201"), ("--ignore=PRL202",), ("--disable-noqa",), ("--per-file-ignores=comments.py:PRL2",),
        ("--exclude=pkg,comments.py",), ("--extend-exclude=pkg",), ("--isolated",), ("--config=other.cfg",),
    ],
)  # fmt: skip
def test_options_mean_the_same(arguments: tuple[str, ...], project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".flake8").write_text("[flake8]\nextend-ignore = PRL201\n")
    (project / "other.cfg").write_text("[flake8]\nignore = PRL202\n")
    found = by_flake8(capsys, *arguments)
    assert found
    assert by_check(capsys, *arguments) == found
    assert by_fix(capsys, *arguments) == found


@pytest.mark.parametrize("pattern", ["pkg", "pkg/inner.py", "inner.py", "*/inner.py"])
def test_a_file_that_is_named_is_left_out_as_flake8_leaves_it_out(pattern: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".flake8").write_text(f"[flake8]\nexclude = {pattern}\n")
    found = by_flake8(capsys, "pkg/inner.py")
    assert bool(found) is (pattern == "pkg")
    assert by_check(capsys, "pkg/inner.py") == found
    assert by_fix(capsys, "pkg/inner.py") == found


def test_fix_changes_what_flake8_shows_and_no_more(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "first_line.py").unlink()  # its fix is withheld
    shown = by_flake8(capsys, "--select=PRL2")
    before = {path: path.read_text().splitlines() for path in project.rglob("*.py")}
    assert main(["fix", "--unsafe-fixes", "--select=PRL2"]) == 0
    changed = set()
    for path, lines in before.items():
        left = path.read_text().splitlines()
        changed |= {f"{path.relative_to(project).as_posix()}:{number}" for number, line in enumerate(lines, start=1) if line not in left}
    assert {":".join(place.split(":")[:2]) for place in shown} - {"after_line.py:4"} == changed - {"after_line.py:5"}
    assert by_flake8(capsys, "--select=PRL2") == set()


def test_lines_may_end_as_on_old_machines(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in project.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r" if path.name == "comments.py" else b"\r\n"))
    found = by_flake8(capsys)
    assert by_check(capsys) == found
    assert len(found) > len(COMMENTS) / 4


def test_a_selection_without_our_codes_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".flake8").write_text("[flake8]\nselect = E,W,F\n")
    for command in ("check", "fix"):
        assert main([command]) == 2
        assert capsys.readouterr().err == "par-lint: no PRL rule is selected by `select` in .flake8: add PRL to it, or use --select PRL\n"
    assert main(["check", "-q", "--select", "PRL"]) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["default", "json", "github"])
def test_text_is_by_the_formatter_that_flake8_is_told_to_use(name: str, project: Path) -> None:
    if name != "default":
        pytest.importorskip({"json": "flake8_json_reporter", "github": "flake8_github_annotations"}[name])
    (project / ".flake8").write_text(f"[flake8]\nformat = {name}\nselect = PRL\nshow-source = True\n")
    commands = ([sys.executable, "-m", "flake8", "pkg", "two.py"], [sys.executable, "-m", "par_lint", "check", "pkg", "two.py"])
    flake8s, ours = (subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout for command in commands)
    assert ours == flake8s
    assert "PRL201" in ours

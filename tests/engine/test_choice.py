"""What a project's own table selects, ignores, leaves out and knows: for check, fix, flake8 and editors alike; flake8's configuration is stronger."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from small_texts import READS, UNLIMITED

from par_lint.frontends.cli.main import main
from par_lint.frontends.editors.workspace import Workspace

BOTH = {f"{folder}{name}" for folder in ("", "pkg/") for name in ("call.py PRL201", "loop.py PRL101")}
LOOPS = {"loop.py PRL101", "pkg/loop.py PRL101"}
CALLS = BOTH - LOOPS


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, and one in it, each with a loop (PRL101) and a call without a limit (PRL201); it is the working folder."""
    for folder in (tmp_path, tmp_path / "pkg"):
        folder.mkdir(exist_ok=True)
        (folder / "loop.py").write_text(READS)
        (folder / "call.py").write_text(UNLIMITED)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def places(text: str) -> set[str]:
    return {f"{match[1]} {match[2]}" for match in re.finditer(r"^(?:\./)?(\S+?):\d+:\d+: (PRL\d+)", text, re.MULTILINE)}


def by_check(capsys: pytest.CaptureFixture[str], *arguments: str) -> set[str]:
    capsys.readouterr()
    assert main(["check", *arguments]) in (0, 1)
    return places(capsys.readouterr().out)


def by_flake8(*arguments: str) -> set[str]:
    done = subprocess.run([sys.executable, "-m", "flake8", "--jobs=1", *arguments], capture_output=True, text=True, timeout=120)
    assert "error" not in done.stdout + done.stderr, done.stdout + done.stderr
    return places(done.stdout)


def by_fix(capsys: pytest.CaptureFixture[str], *arguments: str) -> set[str]:
    """What `fix` would look at: with a runtime that is not there, what it does not fix."""
    capsys.readouterr()
    main(["fix", "--diff", "--show-withheld", *arguments])
    shown = capsys.readouterr()
    fixed = {f"{match[1]} PRL101" for match in re.finditer(r"^--- a/(?:\./)?(\S+)", shown.out, re.MULTILINE)}
    return fixed | places(shown.err)


def in_editor(project: Path) -> set[str]:
    workspace = Workspace(project)
    found = set()
    for path in project.rglob("*.py"):
        buffer = workspace.open(path, path.read_text())
        found |= {f"{path.relative_to(project).as_posix()} {marked.finding.code}" for marked in buffer.findings} if buffer else set()
    return found


def everywhere(project: Path, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """What check, fix, flake8 and an editor all show."""
    found = by_check(capsys)
    assert by_fix(capsys) == found
    assert by_flake8() == found
    assert in_editor(project) == found
    return found


@pytest.mark.parametrize(
    ("table", "flake8", "expected"),
    [
        ("select = ['PRL1']", "", LOOPS),
        ("ignore = ['PRL1']", "", CALLS),
        ("select = ['PRL1', 'PRL2']\nignore = ['PRL']", "", BOTH),
        ("select = ['PRL']\nignore = ['PRL2']", "", LOOPS),
        ("per-file-ignores = {'pkg/*' = ['PRL2'], 'loop.py' = ['PRL101']}", "", {"call.py PRL201"}),
        ("exclude = ['pkg']", "", {"loop.py PRL101", "call.py PRL201"}),
        ("exclude = ['pkg/']", "", {"loop.py PRL101", "call.py PRL201"}),
        ("exclude = ['pkg/c*.py']\nextend-exclude = ['loop.py']", "", {"call.py PRL201"}),
        # flake8 says something of the same, and is stronger
        ("select = ['PRL1']", "select = E,PRL2", CALLS),
        ("select = ['PRL1']", "extend-select = PRL2", BOTH),
        ("ignore = ['PRL1']", "select = PRL", CALLS),
        ("ignore = ['PRL101']", "select = PRL101", LOOPS),
        ("ignore = ['PRL1']", "extend-select = PRL1", BOTH),
        ("ignore = ['PRL1']", "ignore = PRL201", LOOPS),
        ("ignore = ['PRL1']", "extend-ignore = PRL201", set()),
        ("per-file-ignores = {'pkg/*' = ['PRL']}", "per-file-ignores = loop.py: PRL1", CALLS),
        ("exclude = ['pkg']", "exclude = loop.py", CALLS),
        ("extend-exclude = ['pkg']", "exclude = loop.py", {"call.py PRL201"}),
        # flake8 says nothing of the same
        ("select = ['PRL1']", "extend-select = E", LOOPS),
        ("ignore = ['PRL1']", "ignore = E5,W", CALLS),
        ("ignore = ['PRL1']", "extend-exclude = nothing", CALLS),
        ("per-file-ignores = {'pkg/*' = ['PRL']}", "per-file-ignores = loop.py: E1", {"loop.py PRL101", "call.py PRL201"}),
        ("exclude = ['pkg']", "extend-exclude = loop.py", {"call.py PRL201"}),
    ],
)
def test_the_table_holds_everywhere(table: str, flake8: str, expected: set[str], project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text(f"[project]\nname = 'par-lint'\n[tool.par-lint]\n{table}\n")
    (project / ".flake8").write_text(f"[flake8]\n{flake8}\n")
    assert everywhere(project, capsys) == expected


def test_a_folder_may_have_its_own(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = 'par-lint'\n[tool.par-lint]\nignore = ['PRL2']\nexclude = ['pkg']\n")
    (project / "pkg" / "pyproject.toml").write_text("[project]\nname = 'par-lint'\n[tool.par-lint]\nselect = ['PRL2']\n")
    assert everywhere(project, capsys) == {"loop.py PRL101", "pkg/call.py PRL201"}


def test_what_the_table_excludes_stays_so_when_it_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As pre-commit names files."""
    (project / "pyproject.toml").write_text("[project]\nname = 'par-lint'\n[tool.par-lint]\nexclude = ['pkg']\n")
    for arguments in (("pkg/loop.py", "call.py"), ("pkg", "call.py")):
        assert by_check(capsys, *arguments) == by_fix(capsys, *arguments) == by_flake8(*arguments) == {"call.py PRL201"}


def test_the_command_line_is_stronger_than_the_table(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = "select = ['PRL2']\nignore = ['PRL201']\nper-file-ignores = {'*' = ['PRL1']}\nexclude = ['pkg']"
    (project / "pyproject.toml").write_text(f"[tool.par-lint]\n{table}\n")
    assert by_check(capsys) == set()
    assert by_check(capsys, "--ignore=") == {"call.py PRL201"}
    assert by_check(capsys, "--select=PRL201", "--exclude=nothing") == CALLS
    assert by_check(capsys, "--select=PRL", "--per-file-ignores=x.py:PRL1") == {"loop.py PRL101"}
    assert by_check(capsys, "--ignore=PRL1", "--extend-exclude=call.py") == set()
    assert by_check(capsys, "--isolated") == set()


def test_a_table_says_where_each_of_its_values_comes_from(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text(
        "[tool.par-lint]\nselect = ['prl1']\nignore = ['await-in-loop']\nper-file-ignores = {'a b.py' = ['PRL']}\nextend-exclude = ['gen']\nbaseline = 'known.json'\n"
    )

    def settings() -> dict[str, tuple[Any, str]]:
        capsys.readouterr()
        assert main(["config", "--output-format", "json"]) == 0
        return {one["key"]: (one["value"], one["source"]) for one in json.loads(capsys.readouterr().out)}

    found = settings()
    assert found["select"] == (["PRL1"], "pyproject.toml:tool.par-lint.select")
    assert found["ignore"] == (["PRL104"], "pyproject.toml:tool.par-lint.ignore")
    assert found["per-file-ignores"] == ({"a b.py": ["PRL"]}, "pyproject.toml:tool.par-lint.per-file-ignores")
    assert found["exclude"] == ([], "default")
    assert found["extend-exclude"] == (["gen"], "pyproject.toml:tool.par-lint.extend-exclude")
    assert found["baseline"] == ("known.json", "pyproject.toml:tool.par-lint.baseline")
    (project / "setup.cfg").write_text("[flake8]\nextend-select = PRL2\nignore = E1,PRL3\nper-file-ignores = x.py: PRL1\nexclude = gone\n")
    found = settings()
    assert found["select"] == (["PRL2"], "setup.cfg:flake8.extend-select (overrides pyproject.toml:tool.par-lint.select)")
    assert found["ignore"] == (["PRL3"], "setup.cfg:flake8.ignore (overrides pyproject.toml:tool.par-lint.ignore)")
    assert found["per-file-ignores"] == ("x.py: PRL1", "setup.cfg:flake8.per-file-ignores (overrides pyproject.toml:tool.par-lint.per-file-ignores)")
    assert found["exclude"] == (["gone"], "setup.cfg:flake8.exclude")
    assert main(["config"]) == 0
    assert 'extend-exclude = ["gen"]' in capsys.readouterr().out


def test_the_baseline_of_the_table_holds_everywhere(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = 'par-lint'\n[tool.par-lint]\nbaseline = 'known.json'\n")
    assert main(["check", "--write-baseline", "known.json", "loop.py", "pkg"]) == 0
    expected = {"call.py PRL201"}
    assert by_check(capsys) == by_flake8() == in_editor(project) == expected
    assert by_check(capsys, "pkg") == by_flake8("pkg") == set()
    text = READS + READS.replace("sizes", "more")
    (project / "loop.py").write_text(text)
    assert by_check(capsys, "loop.py") == by_flake8("loop.py") == {"loop.py PRL101"}
    buffer = Workspace(project).open(project / "loop.py", text)
    assert buffer is not None
    assert [marked.finding.line for marked in buffer.findings] == [READS.count("\n") + 6]
    assert main(["check", "--baseline", "other.json"]) == 2
    assert "other.json: no such baseline file" in capsys.readouterr().err
    (project / "loop.py").write_text("")
    main(["check"])
    assert "par-lint: stale entry in known.json: loop.py: PRL101 for path in paths" in capsys.readouterr().err
    assert main(["check", "--add-noqa"]) == 0
    assert "noqa" not in (project / "pkg" / "loop.py").read_text()
    assert "noqa" in (project / "call.py").read_text()


def test_the_editors_fix_of_all_leaves_what_is_known(project: Path) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = 'par-lint'\n[tool.par-lint]\nbaseline = 'known.json'\n")
    assert main(["check", "--write-baseline", "known.json", "loop.py"]) == 0
    workspace = Workspace(project)
    known = workspace.open(project / "loop.py", READS)
    assert known is not None and known.findings == () and known.fix_all is None
    new = workspace.open(project / "loop.py", READS + READS.replace("path ", "name ").replace("path.", "name."))
    assert new is not None and new.fix_all is not None
    assert all(edit.span.start.line == 2 or edit.span.start.line > READS.count("\n") for edit in new.fix_all.edits)


def test_an_editor_reads_a_baseline_that_changes_anew(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.par-lint]\nbaseline = 'known.json'\n")
    assert main(["check", "--write-baseline", "known.json"]) == 0
    workspace = Workspace(project)
    assert len(in_editor(project)) == 0
    buffer = workspace.open(project / "loop.py", READS)
    assert buffer is not None and buffer.findings == ()
    (project / "known.json").write_text('{"version": 1, "findings": {}}')
    buffer = workspace.open(project / "loop.py", READS)
    assert buffer is not None and len(buffer.findings) == 1


@pytest.mark.parametrize(("text", "problem"), [(None, "no such baseline file"), ("[]", "is not a par-lint baseline file")])
def test_a_baseline_that_cannot_be_used_is_one_line(text: str | None, problem: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[tool.par-lint]\nbaseline = 'known.json'\n")
    if text is not None:
        (project / "known.json").write_text(text)
    assert main(["check"]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert problem in err
    done = subprocess.run([sys.executable, "-m", "flake8", "--jobs=1"], capture_output=True, text=True, timeout=120)
    assert problem in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_broken_table_is_told_once_and_others_are_done(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pkg" / "pyproject.toml").write_text("[tool.par-lint]\nselect = []\n")
    for command in ("check", "fix"):
        assert main([command, "--diff"]) == 2
        out, err = capsys.readouterr()
        assert len([line for line in err.splitlines() if "tool.par-lint" in line]) == 1
        assert "loop.py" in out

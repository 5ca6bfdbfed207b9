"""`--unused-noqa`: comments that suppress nothing are reported, and removed with all else kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_texts import READS

from par_lint.frontends.cli.main import main

LOOP = READS.replace("for path in paths:", "for path in paths:{comment}")
CASES = {  # the comment on a line without findings: what is left of the line, or None if it stays
    "x = 1  # noqa: PRL101": "x = 1",
    "x = 1  # noqa:PRL101,PRL102": "x = 1",
    "x = 1  # noqa: PRL1": "x = 1",
    "x = 1  # noqa: prl202": "x = 1",
    "x = 1  # noqa: E501,PRL101": "x = 1  # noqa: E501",
    "x = 1  # noqa: PRL101, E501, PRL2": "x = 1  # noqa: E501",
    "x = 1  # noqa: PRL101 E501": "x = 1  # noqa: E501",
    "x = 1  # noqa: PRL101  # type: ignore": "x = 1  # type: ignore",
    "x = 1  # type: ignore  # noqa: PRL101": "x = 1  # type: ignore",
    "x = 1  # why  # noqa: PRL101": "x = 1  # why",
    "x = 1  # noqa: PRL101 - it is fast": "x = 1  # - it is fast",
    "# noqa: PRL101": "",
    "x = 1  # noqa": None,
    "x = 1  # noqa: E501": None,
    "x = '# noqa: PRL101'": None,
    'x = """  # noqa: PRL101\n"""': None,
    'x = """\n"""  # noqa: PRL101': 'x = """\n"""',
    "x = 1 + \\\n    2  # noqa: PRL101": "x = 1 + \\\n    2",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("line", CASES)
def test_it_is_reported_and_removed(line: str, newline: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, left = folder / "m.py", CASES[line]
    text = f"y = 0\n{line}\nz = 2\n".replace("\n", newline).encode()
    path.write_bytes(text)
    assert main(["check", "m.py"]) == 0
    assert main(["fix", "m.py"]) == 0
    assert path.read_bytes() == text
    assert main(["check", "--unused-noqa", "m.py"]) == (1 if left is not None else 0)
    assert capsys.readouterr().out.count("PRL001 [*] # noqa for ") == (left is not None)
    assert main(["fix", "--unused-noqa", "m.py"]) == 0
    wanted = text if left is None else f"y = 0\n{left}\nz = 2\n".replace("\n", newline).encode()
    assert path.read_bytes() == wanted
    assert main(["check", "--unused-noqa", "m.py"]) == 0


@pytest.mark.parametrize("comment", ["  # noqa: PRL101", "  # noqa: PRL1", "  # noqa: PRL101,E501"])
def test_a_comment_that_suppresses_is_used(comment: str, folder: Path) -> None:
    Path("m.py").write_text(LOOP.format(comment=comment))
    assert main(["check", "--unused-noqa"]) == 0
    assert main(["fix", "--unused-noqa"]) == 0
    assert Path("m.py").read_text() == LOOP.format(comment=comment)


def test_of_several_codes_the_unused_ones_go(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("m.py").write_text(LOOP.format(comment="  # noqa: PRL101, PRL202"))
    assert main(["check", "--unused-noqa", "m.py"]) == 1
    assert capsys.readouterr().out == "m.py:6:25: PRL001 [*] # noqa for PRL202 suppresses nothing: remove it\n"
    assert main(["check", "--fix", "--unused-noqa", "m.py"]) == 0
    assert Path("m.py").read_text() == LOOP.format(comment="  # noqa: PRL101")


@pytest.mark.parametrize(
    "arguments", [["--ignore=PRL101"], ["--select=PRL2,PRL001"], ["--select=PRL1"], ["--disable-noqa"], ["--extend-ignore=PRL001"], ["--ignore=unused-noqa"]]
)
def test_codes_that_are_not_selected_are_left_alone(arguments: list[str], folder: Path) -> None:
    Path("m.py").write_text("x = 1  # noqa: PRL101\n")
    assert main(["check", "--unused-noqa", *arguments]) == 0


def test_a_comment_for_the_whole_file_counts(folder: Path) -> None:
    Path("m.py").write_text("# flake8: noqa\nx = 1  # noqa: PRL101\n")
    assert main(["check", "--unused-noqa"]) == 0


@pytest.mark.parametrize("use_cache", [True, False])
def test_it_is_found_in_unchanged_files(use_cache: bool, folder: Path) -> None:
    Path("pyproject.toml").write_text("[tool.par-lint]\n")
    Path("m.py").write_text("x = 1  # noqa: PRL101\n")
    for _ in range(2):
        assert main(["check", "--unused-noqa", *([] if use_cache else ["--no-cache"])]) == 1


@pytest.mark.parametrize("format", ["json", "sarif", "full", "github", "gitlab", "junit"])
def test_reports_have_it_with_its_fix(format: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("m.py").write_text("x = 1  # noqa: PRL101\n")
    assert main(["check", "--unused-noqa", "--output-format", format]) == 1
    out = capsys.readouterr().out
    assert "PRL001" in out
    if format == "json":
        (found,) = json.loads(out)
        assert found["name"] == "unused-noqa"
        assert found["fix"] == {"applicability": "safe", "edits": [{"line": 1, "column": 6, "end_line": 1, "end_column": 22, "text": ""}]}
    if format == "full":
        assert "    -x = 1  # noqa: PRL101\n    +x = 1\n" in out


def test_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "unused-noqa"]) == 0
    assert capsys.readouterr().out.startswith("PRL001 unused-noqa\nFix: safe\n")

"""`--baseline`: what is known stays silent however the file is laid out, and what is new does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from par_lint.frontends.cli.main import main

LOOP = """\
from pathlib import Path


def sizes(paths: list[Path], more):
    total = 0
    for path in sorted(paths, key=lambda p: p.name or 'x'):
        total += len(path.read_bytes())
    return total


def again(paths: list[Path], more):
    total = 0
    for path in sorted(paths, key=lambda p: p.name or 'x'):
        total += len(path.read_bytes())
    return total
"""
NEW = """

def texts(paths: list[Path]):
    return [path.read_text() for path in paths]
"""
REFORMATTED = '''\
"""A docstring."""

from pathlib import Path


def sizes(
    paths: list[Path],
    more,
):
    total = 0
    for path in sorted(
        paths,
        key=lambda p: (p.name or "x"),
    ):  # a comment
        print(path)
        total += len(path.read_bytes())
    return total


def other():
    pass


def again(paths: list[Path], more):
    total = 0
    for path in (
        sorted(paths, key=lambda p: p.name or "x")
    ):
        total += len(path.read_bytes())
    return total
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "loop.py").write_text(LOOP)
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--write-baseline", "known.json"]) == 0
    return tmp_path


KNOWN = "; 2 known findings in the baseline"


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["check", "--baseline", "known.json", *arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_what_is_known_is_silent(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--write-baseline", "known.json"]) == 0
    assert capsys.readouterr().out == "known.json: 2 findings\n"
    assert check(capsys) == (0, "", f"0 findings in 1 file{KNOWN}\n")
    assert main(["check"]) == 1


def test_the_file_is_sorted_and_one_finding_a_line(project: Path) -> None:
    text = Path("known.json").read_text()
    table = json.loads(text)
    assert table["version"] == 1
    (entries,) = table["findings"].values()
    assert list(table["findings"]) == ["app/loop.py"]
    assert [key.split()[0::2] for key in entries] == [["PRL101", "1"], ["PRL101", "2"]]
    assert set(entries.values()) == {"for path in sorted(paths, key=lambda p: p.name or 'x')"}
    assert sum("PRL101" in line for line in text.splitlines()) == 2
    assert main(["check", "--write-baseline", "known.json"]) == 0
    assert Path("known.json").read_text() == text


def test_new_findings_are_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("app/loop.py").write_text(LOOP + NEW)
    code, out, err = check(capsys)
    assert (code, err) == (1, f"1 finding in 1 file{KNOWN}; fixable: [*] 1 with `par-lint fix`\n")
    assert out.splitlines() == ["./app/loop.py:19:12: PRL101 [*] `path.read_text` waits for one file at a time: use run_parallel(..., max_workers=20)"]


def test_one_more_of_the_same_is_new(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("app/loop.py").write_text(LOOP + LOOP.partition("\n")[2].replace("def ", "def third_"))
    code, out, _ = check(capsys)
    assert (code, len(out.splitlines())) == (1, 2)


def test_it_survives_moving_and_formatting(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("app/loop.py").write_text(REFORMATTED)
    assert check(capsys) == (0, "", f"0 findings in 1 file{KNOWN}\n")


def test_another_call_in_the_same_loop_is_new(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("app/loop.py").write_text(LOOP.replace("path.read_bytes", "path.read_text"))
    code, out, err = check(capsys)
    assert (code, len(out.splitlines()), err.count("stale entry")) == (1, 2, 2)


def test_stale_entries_are_told_and_renewed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("app/loop.py").write_text(LOOP[: LOOP.index("def again")])
    code, out, err = check(capsys)
    assert (code, out) == (0, "")
    assert err.splitlines() == [
        "par-lint: stale entry in known.json: app/loop.py: PRL101 for path in sorted(paths, key=lambda p: p.name or 'x')",
        "par-lint: known.json: update it with: par-lint check --write-baseline known.json",
        "0 findings in 1 file; 1 known finding in the baseline",
    ]
    assert main(["check", "--write-baseline", "known.json"]) == 0
    assert check(capsys) == (0, "", "0 findings in 1 file; 1 known finding in the baseline\n")
    Path("app/loop.py").unlink()
    assert "stale entry in known.json: app/loop.py: PRL101" in check(capsys)[2]


def test_what_a_run_does_not_look_at_is_not_stale_and_stays(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("other.py").write_text("x = 1\n")
    before = Path("known.json").read_text()
    assert check(capsys, "other.py") == (0, "", "0 findings in 1 file\n")
    assert check(capsys, "--select", "PRL2") == (0, "", "0 findings in 2 files\n")
    assert main(["check", "--write-baseline", "known.json", "other.py"]) == 0
    assert main(["check", "--write-baseline", "known.json", "--select", "PRL2"]) == 0
    assert Path("known.json").read_text() == before


def test_a_file_that_cannot_be_read_keeps_its_entries(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path("known.json").read_text()
    Path("app/loop.py").write_text("def broken(:\n")
    code, _, err = check(capsys)
    assert (code, err.count("stale entry")) == (2, 0)
    assert main(["check", "--write-baseline", "known.json"]) == 2
    assert Path("known.json").read_text() == before


def test_paths_are_relative_to_the_baseline(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(project / "app")
    assert main(["check", "--baseline", "../known.json", str(project / "app" / "loop.py")]) == 0
    assert main(["check", "--baseline", "../known.json"]) == 0
    assert capsys.readouterr().err == 2 * f"0 findings in 1 file{KNOWN}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not valid JSON"), ("[]", 'no "version" key'), ('{"version": 2, "findings": {}}', "unsupported version 2"),
        ('{"version": 1, "findings": []}', "is not an object of files"), ('{"version": 1, "findings": {"a.py": {"PRL101": "x"}}}', "invalid entry 'PRL101'"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("option", ["--baseline", "--write-baseline"])
def test_a_file_that_is_no_baseline_is_one_clear_line(text: str, told: str, option: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.json").write_text(text)
    capsys.readouterr()
    assert main(["check", option, "bad.json"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert told in shown.err
    assert Path("bad.json").read_text() == text


def test_a_baseline_that_is_not_there_says_how_to_make_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--baseline", "none.json"]) == 2
    assert "create it with: par-lint check --write-baseline none.json" in capsys.readouterr().err


def test_reports_leave_out_what_is_known(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("app/loop.py").write_text(LOOP + NEW)
    code, out, _ = check(capsys, "--output-format", "json")
    assert [one["line"] for one in json.loads(out)] == [19]


def test_fix_fixes_what_is_known_too(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix"]) == 0
    assert "2 fixed" in capsys.readouterr().out
    assert check(capsys)[2].count("stale entry") == 2

"""The lines that `par-lint fix` prints are those of the file before it was fixed, also where one fix moves the code of the next."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from par_lint.frontends.cli.main import main

PROGRAM = """\
import subprocess
import urllib.request


def run(names: list[str]) -> None:
    for name in names:
        subprocess.run(["convert", name], check=True)


def fetch(urls: list[str]) -> list[bytes]:
    pages = []
    for url in urls:
        with urllib.request.urlopen(url) as answer:
            pages.append(answer.read())
    return pages


def first(names: list[str]) -> str:
    for name in names:
        found = subprocess.run(["file", name], capture_output=True, text=True).stdout
        if "image" in found:
            return name
    return ""


def check() -> str:
    return subprocess.run(["git", "status"], capture_output=True, text=True).stdout
"""
_PLACE = re.compile(r"a\.py:(\d+:\d+: PRL\d+) ", re.MULTILINE)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "a.py"


@pytest.mark.parametrize("options", [["--diff", "--unsafe-fixes"], ["--unsafe-fixes"], ["--diff", "--show-withheld"]], ids=" ".join)
def test_all_notes_are_about_the_lines_of_the_file_as_it_was(options: list[str], program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "a.py"]) == 1
    reported = set(_PLACE.findall(capsys.readouterr().out))
    assert len(reported) >= 5
    main(["fix", "--show-fixes", *options, "a.py"])
    shown = capsys.readouterr()
    notes = (shown.err if "--diff" in options else shown.out).splitlines()
    places = [match[1] for match in map(_PLACE.match, notes) if match is not None]
    assert set(places) == reported
    assert len(places) == len(reported)


def test_the_line_of_the_reason_moves_with_its_finding(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["fix", "--diff", "--unsafe-fixes", "a.py"])
    notes = capsys.readouterr().err.splitlines()
    (inner,) = [note for note in notes if note.startswith("a.py:7:9: PRL201")]
    assert inner.endswith("(line 7)")

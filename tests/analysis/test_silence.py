"""`par-lint check --why-silent`: each silent loop with its reason and the line of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from par_lint.frontends.cli.main import main

SOURCE = """\
import time
import requests


def first_alive(urls):
    for url in urls:
        if requests.get(url, timeout=5).ok:
            return url


def paced(urls):
    for url in urls:
        requests.get(url, timeout=5)
        time.sleep(1)


def no_io(numbers):
    for number in numbers:
        print(number)


def reported(urls):
    return [requests.get(url, timeout=5) for url in urls]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "module.py"
    path.write_text(SOURCE)
    return path


def test_each_silent_loop_of_a_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--why-silent", str(file)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{file}:6:5: silent: the loop returns early (line 8)",
        f"{file}:12:5: silent: the loop throttles itself (line 14)",
    ]


def test_one_loop_is_named_by_any_of_its_lines(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--why-silent", f"{file}:19"]) == 0
    assert capsys.readouterr().out == f"{file}:18:5: silent: it contains no known blocking call (line 18)\n"


def test_a_line_without_a_silent_loop_is_a_problem(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--why-silent", f"{file}:1"]) == 2
    assert "no unreported loop at this line" in capsys.readouterr().err

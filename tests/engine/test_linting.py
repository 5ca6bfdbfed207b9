"""Many files: in order, each read once, and only some of them at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from par_lint.engine import lint_files as linting
from par_lint.engine.cache import Cache
from par_lint.engine.lint_files import lint_files
from par_lint.engine.process_pool import map_on_cores

LOOP = "def load(paths):\n    for path in paths:\n        print(open(path).read())\n"
MANY = 150  # enough for processes


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read by this process, in order."""
    paths: list[str] = []
    read_source = linting.read_source

    def watched(path: str) -> bytes:
        paths.append(path)
        return read_source(path)

    monkeypatch.setattr(linting, "read_source", watched)
    return paths


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Files with a finding each, but for every third."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for number in range(MANY):
        (tmp_path / f"m{number:03}.py").write_text(f"{LOOP if number % 3 else ''}# {number}\n")
    return sorted(str(path) for path in tmp_path.glob("*.py"))


@pytest.mark.parametrize("known", [0, 1, 5, 100, MANY - 1, MANY])
def test_files_come_in_order_and_are_read_once(known: int, files: list[str], tmp_path: Path, read: list[str]) -> None:
    expected = [(path, bool(number % 3)) for number, path in enumerate(files)]
    list(lint_files(files[7 : 7 + known], Cache(tmp_path)))
    read.clear()
    (tmp_path / "m008.py").unlink()
    checked = list(lint_files(files, Cache(tmp_path)))
    assert [(one.path, bool(one.findings)) for one in checked if one.problem is None] == [one for one in expected if "m008" not in one[0]]
    assert [one.path for one in checked if one.problem is not None] == [str(tmp_path / "m008.py")]
    assert [one.lines[-1] for one in checked if one.findings] == [f"# {number}\n" for number in range(MANY) if number % 3 and number != 8]
    assert read == files


def test_no_more_is_read_than_is_soon_needed(files: list[str], read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linting, "is_worth_processes", lambda *_: False)
    monkeypatch.setattr(linting, "_ENOUGH_FOR_PROCESSES", 10)
    found = lint_files(files, None)
    next(found)
    assert len(read) == 10


def test_processes_are_fed_a_little_ahead() -> None:
    taken: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(10_000):
            taken.append(number)
            yield number

    results = map_on_cores(abs, numbers(), chunk=2, lost=abs)
    assert next(results) == 0
    assert len(taken) <= ((os.cpu_count() or 1) * 8 + 1) * 2
    results.close()  # type: ignore[attr-defined]
    assert list(map_on_cores(abs, range(100), chunk=7, lost=abs)) == list(range(100))
    assert list(map_on_cores(abs, [], chunk=7, lost=abs)) == []

"""Loops whose errors are told by their class do what they did: with missing and unreadable files, and where a handler of theirs fails."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from fixture_cases import FOLDER

SOURCE = FOLDER / "PRL101" / "report_errors_told_plainly.py"
PATHS = [["a", "b", "missing", "a"], ["missing", "folder", "a", "a"], ["a", "bad", "b", "a"], ["folder", "missing", "bad", "x"], []]


class Log:
    """Notes what it is told, and which error is being handled then."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def exception(self, *words: object) -> None:
        self.told.append((*words, sys.exc_info()[0]))


def check(text: str) -> None:
    if text == "A a ":
        raise KeyError(text)
    if not text:
        raise ZeroDivisionError


def functions(path: Path) -> dict[str, Callable[..., object]]:
    names: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    return {name: one for name, one in names.items() if isinstance(one, FunctionType) and one.__code__.co_filename == str(path) and name != "checked"}


def outcome(func: Callable[..., object], name: str, paths: list[str]) -> object:
    log, given = Log(), list[object]()
    more = {"the_error_is_shown": [given], "the_traceback_is_shown": [log, check], "only_checked": [given], "all_errors": [check, given]}.get(name, [])
    try:
        result: object = func(list(paths), *more)
    except Exception as error:
        result = (type(error), str(error))
    return result, list(map(repr, given)), log.told


@pytest.mark.parametrize("level", ["safe", "unsafe"])
@pytest.mark.parametrize("paths", PATHS, ids=",".join)
def test_before_and_after_do_the_same(level: str, paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_text("A a ")
    (tmp_path / "b").write_text("")
    (tmp_path / "bad").write_bytes(b"\xff\xfe\x80")
    (tmp_path / "folder").mkdir()
    before, after = functions(SOURCE), functions(SOURCE.with_suffix(f".{level}.out"))
    assert len(before) == 12
    for name, func in before.items():
        assert (outcome(func, name, paths), capsys.readouterr().out) == (outcome(after[name], name, paths), capsys.readouterr().out)

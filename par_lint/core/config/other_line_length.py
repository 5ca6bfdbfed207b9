"""The line length in the files of other tools beside pyproject.toml: ruff.toml, then flake8's setup.cfg, tox.ini or .flake8."""

from __future__ import annotations

import functools
import os

_RUFF = ("ruff.toml", ".ruff.toml")
_FLAKE8 = ("setup.cfg", "tox.ini", ".flake8")  # in flake8's order


def find_line_length(folder: str) -> tuple[int, str] | None:
    """Return the line length that applies in a folder, and the file that sets it: the nearest upward, ruff's before flake8's; None if none does."""
    return _nearest(folder, _RUFF) or _nearest(folder, _FLAKE8)


def _nearest(folder: str, names: tuple[str, ...]) -> tuple[int, str] | None:
    while True:
        for name in names:
            path = os.path.join(folder, name)
            try:
                state = os.stat(path)
            except OSError:
                continue
            length, is_decisive = _read(path, state.st_mtime_ns, state.st_size)
            if is_decisive:
                return (length, path) if length is not None else None
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


@functools.lru_cache(maxsize=256)
def _read(path: str, modified: int, size: int) -> tuple[int | None, bool]:
    """Return the line length in a file, and whether the tool looks no further. Invalid files are for the tool itself to report."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError):
        return None, False
    return _in_toml(text) if path.endswith(".toml") else _in_ini(text)


def _in_toml(text: str) -> tuple[int | None, bool]:
    from par_lint.core.config.pyproject import parse_toml

    try:
        length = parse_toml(text).get("line-length")
    except (ValueError, RecursionError):
        return None, True
    return (length if isinstance(length, int) and not isinstance(length, bool) and length > 0 else None), True


def _in_ini(text: str) -> tuple[int | None, bool]:
    if "[flake8" not in text:
        return None, False
    import configparser  # only where there is something to read

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error:
        return None, True
    if not parser.has_section("flake8"):
        return None, parser.has_section("flake8:local-plugins")
    table = parser["flake8"]
    words = (table.get("max-line-length") or table.get("max_line_length") or "").split()
    number = int(words[0]) if words and words[0].isdecimal() else 0
    return number or None, True

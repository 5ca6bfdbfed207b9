"""Where the settings of a file are looked for: the nearest pyproject.toml with [tool.par-lint], read once and again when it changes."""

from __future__ import annotations

import functools
import os
import stat
from pathlib import Path

from par_lint.core.config.settings import Config


def load_config(start: Path) -> Config:
    """The settings for a file or folder: the nearest pyproject.toml upward that has [tool.par-lint], else the defaults.

    Raises ConfigError for one that cannot be read or used.
    """
    place = os.path.join(os.getcwd(), start)
    found = []
    for path in _places(place if os.path.isdir(place) else os.path.dirname(place)):
        try:
            state = os.stat(path)
        except OSError:
            continue
        if stat.S_ISREG(state.st_mode):
            found.append((path, state.st_mtime_ns, state.st_size))
    return _read(tuple(found))


@functools.cache
def settings_of(folder: str) -> Config:
    """The settings for the files of a folder, looked for once in a run, which begins with `settings_of.cache_clear()`."""
    return load_config(Path(folder))


@functools.lru_cache(maxsize=64)
def _places(folder: str) -> tuple[str, ...]:
    """Where the settings for a folder may be, the nearest first."""
    above = os.path.dirname(folder)
    return (os.path.join(folder, "pyproject.toml"), *(_places(above) if above != folder else ()))


@functools.lru_cache(maxsize=64)
def _read(found: tuple[tuple[str, int, int], ...]) -> Config:
    """The settings in files, the nearest first, each with its time of change and size: editors run for days and see them change."""
    if not found:
        return Config()
    from par_lint.core.config.pyproject import read_config

    return read_config(Path(found[0][0]), functools.partial(_read, found[1:]))

"""Find the settings of a file: the nearest pyproject.toml with [tool.par-lint]. A file is read once, and again when it changes."""

from __future__ import annotations

import functools
import os
import stat
from pathlib import Path

from par_lint.core.config.other_line_length import find_line_length
from par_lint.core.config.settings import Config


def load_config(start: Path) -> Config:
    """Return the settings for a file or folder: the nearest pyproject.toml upward that has [tool.par-lint], else the defaults.

    If no pyproject.toml sets the line length, that of ruff.toml or of flake8's configuration counts.

    Raises:
        ConfigError: the file cannot be read or has invalid settings.
    """
    place = os.path.join(os.getcwd(), start)
    folder = place if os.path.isdir(place) else os.path.dirname(place)
    found = []
    for path in _candidate_paths(folder):
        try:
            state = os.stat(path)
        except OSError:
            continue
        if stat.S_ISREG(state.st_mode):
            found.append((path, state.st_mtime_ns, state.st_size))
    config = _read_nearest(tuple(found))
    other = None if config.line_length is not None else find_line_length(os.path.normpath(folder))
    return config if other is None else _with_line_length(config, other[0])


@functools.lru_cache(maxsize=64)
def _with_line_length(config: Config, length: int) -> Config:
    return config.with_line_length(length)


@functools.cache
def settings_of(folder: str) -> Config:
    """Return the settings for the files of a folder, cached for one run. A run starts with `settings_of.cache_clear()`."""
    return load_config(Path(folder))


@functools.lru_cache(maxsize=64)
def _candidate_paths(folder: str) -> tuple[str, ...]:
    """Return the paths of a pyproject.toml that may apply to a folder, nearest first."""
    above = os.path.dirname(folder)
    return (os.path.join(folder, "pyproject.toml"), *(_candidate_paths(above) if above != folder else ()))


@functools.lru_cache(maxsize=64)
def _read_nearest(found: tuple[tuple[str, int, int], ...]) -> Config:
    """Return the settings of the nearest file.

    Args:
        found: path, modification time (ns) and size (bytes) of each pyproject.toml, nearest first. Editors run for days, so a change must be noticed.
    """
    if not found:
        return Config()
    from par_lint.core.config.pyproject import read_config

    return read_config(Path(found[0][0]), functools.partial(_read_nearest, found[1:]))

"""The settings of a project and their defaults."""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from par_lint.core.catalog import Catalog, builtin_catalog
from par_lint.core.catalog.entry import Entry

WORKERS: Mapping[str, int] = MappingProxyType({"network": 50, "file": 20, "subprocess": 10, "cpu": 32})
"""Recommended `max_workers` for each kind of work. For CPU-bound work: an upper limit for the number of cores."""

MOST_WORKERS: Mapping[str, int] = MappingProxyType({"network": 100, "file": 50, "subprocess": 20})
"""Above these, `max_workers` is too high for its kind of work."""

TIMEOUTS: Mapping[str, int] = MappingProxyType({"git push": 30, "pytest": 60, "npm install": 120})
"""Time limits in seconds by command, as the guide gives them; those of other commands are in `command_durations`."""


class ConfigError(Exception):
    """A configuration that cannot be used. The message is one line: file, key, problem, valid values."""


class ProjectSelection:
    """The selection in [tool.par-lint]: codes, excluded files, baseline. Codes are in flake8's spelling; `root` is the folder that patterns are relative to."""

    def __init__(
        self, root: str = "", select: tuple[str, ...] = (), ignore: tuple[str, ...] = (), per_file_ignores: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
        exclude: tuple[str, ...] = (), extend_exclude: tuple[str, ...] = (), baseline: Path | None = None,
    ) -> None:  # fmt: skip
        self.root = root
        self.select = select
        """Empty: all codes."""
        self.ignore = ignore
        self.per_file_ignores = per_file_ignores
        self.exclude = exclude
        self.extend_exclude = extend_exclude
        self.baseline = baseline
        self.is_empty = not (select or ignore or per_file_ignores or exclude or extend_exclude)


class Config:
    """The settings of one project; immutable. It is a plain class because importing dataclasses takes longer than checking most files."""

    def __init__(
        self, runtime: str | None = None, line_length: int | None = None, workers: Mapping[str, int] = WORKERS, timeouts: Mapping[str, int] = TIMEOUTS,
        entries: tuple[Entry, ...] = (), path: Path | None = None, safe_codes: tuple[str, ...] = (), unsafe_codes: tuple[str, ...] = (), python: int = 10,
        selection: ProjectSelection | None = None, free_threaded: bool = False, cross_module: bool = False,
    ) -> None:  # fmt: skip
        self.runtime = runtime
        self.line_length = line_length
        """The line length that the project sets, for par-lint or for another tool; None: the lines of each file show it."""
        self.workers = workers
        self.timeouts = timeouts
        self.entries = entries
        """The calls that the project adds to the catalogue."""
        self.path = path
        """The pyproject.toml that was read, or None."""
        self.safe_codes = safe_codes
        """Codes, or prefixes, whose unsafe fixes are treated as safe."""
        self.unsafe_codes = unsafe_codes
        """Codes, or prefixes, whose safe fixes are treated as unsafe; overrides `safe_codes`."""
        self.python = python
        """The minor version of the oldest Python 3 that fixed code must support."""
        self.free_threaded = free_threaded
        """Whether the project runs on free-threaded Python, whose threads do not share a GIL."""
        self.cross_module = cross_module
        """Whether calls are followed into the other modules of the project."""
        self.selection = selection or ProjectSelection()

    def with_line_length(self, length: int) -> Config:
        """Return the same settings with another line length."""
        changed = copy.copy(self)
        changed.line_length = length
        return changed

    @functools.cached_property
    def catalog(self) -> Catalog:
        """Return the catalogue with the project's own calls."""
        return builtin_catalog().with_entries(self.entries) if self.entries else builtin_catalog()

"""What a project asks of par-lint: its settings and their defaults."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from par_lint.core.catalog import Catalog, builtin_catalog
from par_lint.core.catalog.entry import Entry

WORKERS: Mapping[str, int] = MappingProxyType({"network": 50, "file": 20, "subprocess": 10, "cpu": 32})
"""Recommended `max_workers` by kind: the lower ends of the guide's ranges; for computing the cores that a machine may have."""

MOST_WORKERS: Mapping[str, int] = MappingProxyType({"network": 100, "file": 50, "subprocess": 20})
"""The upper ends of the guide's ranges."""

TIMEOUTS: Mapping[str, int] = MappingProxyType({"git push": 30, "pytest": 60, "npm install": 120})
"""Time limits in seconds by command, as the guide gives them; those of other commands are in `command_durations`."""


class ConfigError(Exception):
    """A configuration that cannot be used. The message is one line: file, key, problem, allowed words."""


class Choice:
    """What of a project is looked at and shown, by its own table. Codes are as flake8 writes them, paths are from `root`."""

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
        self.says_nothing = not (select or ignore or per_file_ignores or exclude or extend_exclude)


class Config:
    """The settings of one project, which stay as they are. A plain class: dataclasses take longer to import than most files to check."""

    def __init__(
        self, runtime: str | None = None, line_length: int = 88, workers: Mapping[str, int] = WORKERS, timeouts: Mapping[str, int] = TIMEOUTS,
        entries: tuple[Entry, ...] = (), path: Path | None = None, safe_codes: tuple[str, ...] = (), unsafe_codes: tuple[str, ...] = (), python: int = 10,
        choice: Choice | None = None,
    ) -> None:  # fmt: skip
        self.runtime = runtime
        self.line_length = line_length
        self.workers = workers
        self.timeouts = timeouts
        self.entries = entries
        """The calls that it adds to the catalogue."""
        self.path = path
        """Its pyproject.toml."""
        self.safe_codes = safe_codes
        """Codes, or their beginnings, whose unsafe fixes this project takes as safe."""
        self.unsafe_codes = unsafe_codes
        """Codes, or their beginnings, whose safe fixes this project wants to be asked about; stronger than `safe_codes`."""
        self.python = python
        """The minor version of the lowest Python 3 that fixed code is to run on."""
        self.choice = choice or Choice()

    @functools.cached_property
    def catalog(self) -> Catalog:
        """The catalogue with the project's own calls."""
        return builtin_catalog().with_entries(self.entries) if self.entries else builtin_catalog()

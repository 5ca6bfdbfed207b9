"""Whether the module that `runtime` in [tool.par-lint] names exists: in the project, or surely as something that is installed with it."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from par_lint.core.files.read_errors import unreadable
from par_lint.engine.runtime_module.import_names import Layout, package_root

_DEPENDENCY_FILES = ("pyproject.toml", "setup.cfg", "setup.py", "Pipfile", "environment.yml", "requirements*.txt", "requirements*.in", "requirements/*")
_OWN_NAME = re.compile(r"^\s*name\s*=.*$", re.MULTILINE)
_NAMES = ("run_parallel", "import *", "__getattr__")  # what a module that provides the function contains


@dataclass(frozen=True)
class MissingModule:
    """Why fixed code cannot import the configured module. `copy` is where a copy of the runtime would be that module; None if it cannot."""

    reason: str
    copy: Path | None = None


def find_missing(name: str, file: Path, layout: Layout, settings: Path | None) -> MissingModule | None:
    """Return why a configured module cannot be imported; None if it can, or if that is not known.

    Args:
        name: the dotted name.
        file: the file that would import it.
        layout: the layout of its project.
        settings: the pyproject.toml that names the module.

    Raises:
        Problem: the module, or a file of the project, cannot be read.
    """
    top, _, rest = name.partition(".")
    if top == "par_lint" or layout.renamed:
        return None
    bases = dict.fromkeys([*layout.sources, layout.root, *([settings.absolute().parent] if settings is not None else []), package_root(file), file.parent])
    for base in bases:
        path = base.joinpath(*name.split("."))
        if (path / "__init__.py").is_file():
            return None
        if any(path.parent.glob(f"{path.name}.*")):  # also compiled, or a stub of something compiled
            return _without_function(name, path.with_suffix(".py"))
    package = next((base / top for base in bases if (base / top / "__init__.py").is_file()), None)
    if package is None and (_is_installed(top) or _is_named(top, layout.root)):
        return None
    if package is None or not rest:
        return MissingModule(f"the module {name} does not exist")
    copy = package.joinpath(*rest.split(".")).with_suffix(".py")
    return MissingModule(f"the module {name} does not exist", copy if copy.parent.is_dir() else None)


def _without_function(name: str, path: Path) -> MissingModule | None:
    try:
        text = path.read_text("utf-8", "replace") if path.is_file() else _NAMES[0]
    except OSError as error:
        raise unreadable(path, error) from error
    return None if any(word in text for word in _NAMES) else MissingModule(f"the module {name} has no run_parallel")


def _is_installed(top: str) -> bool:
    """Return whether par-lint's own environment has a top-level module; it is not imported."""
    try:
        return importlib.util.find_spec(top) is not None
    except (ImportError, ValueError):
        return False


def _is_named(top: str, root: Path) -> bool:
    """Return whether a file with dependencies names something like a module: then it may be installed where the program runs.

    The name of the project itself does not count: its packages were searched.
    """
    named = re.compile(rf"(?<![\w.-]){re.sub('_+', '[-_.]+', re.escape(top.strip('_')))}(?![\w.])", re.IGNORECASE)
    return any(named.search(_OWN_NAME.sub("", path.read_text("utf-8", "replace"))) for path in _dependency_files(root))


def _dependency_files(root: Path) -> Iterator[Path]:
    return (path for pattern in _DEPENDENCY_FILES for path in sorted(root.glob(pattern)) if path.is_file())

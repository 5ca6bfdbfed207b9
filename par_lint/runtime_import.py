"""Which module a fixed file imports run_parallel from."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from par_lint.config import Config
from par_lint.pyproject import read_toml
from par_lint.vendor import find_vendored

PACKAGED = "par_lint.parallel"
_NAME = re.compile(r"^\s*par[-_.]lint\b", re.IGNORECASE)

HOW_TO_GET_ONE = (
    "par-lint: loop fixes need run_parallel: copy it into the project with `par-lint vendor PATH`,",
    "par-lint: or add par-lint to the dependencies in pyproject.toml, or name a module with --runtime.",
)


def find_runtime(path: Path, config: Config, given: str | None = None) -> str | None:
    """The module for a file: the one given, or configured, or vendored in its project, or par-lint's own.

    par-lint's own counts when the project depends on par-lint, or has no pyproject.toml at all. None: there is none.
    Raises ConfigError for a broken pyproject.toml.
    """
    if given is not None or config.runtime is not None:
        return given or config.runtime
    folder = path.absolute()
    return _for_project(folder if folder.is_dir() else folder.parent)


@functools.cache
def _for_project(folder: Path) -> str | None:
    project = next((parent for parent in (folder, *folder.parents) if (parent / "pyproject.toml").is_file()), None)
    root = project or next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)
    vendored = find_vendored(root)
    if vendored is not None:
        return vendored
    return PACKAGED if project is None or _depends(project / "pyproject.toml") else None


def _depends(path: Path) -> bool:
    project = read_toml(path).get("project", {})
    dependencies = project.get("dependencies", []) if isinstance(project, dict) else []
    return project.get("name") == "par-lint" or any(isinstance(one, str) and _NAME.match(one) for one in dependencies)


def forget_projects() -> None:
    """Look anew for copies of the runtime and for dependencies, in a process that has lived for a while."""
    _for_project.cache_clear()

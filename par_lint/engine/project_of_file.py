"""The projects of linted files, cached for a run, and the other modules on which the results for a file depend."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from par_lint.core.config.settings import Config

if TYPE_CHECKING:
    from par_lint.analysis.semantics.call_resolver import Imports
    from par_lint.analysis.semantics.file_index import FileIndex
    from par_lint.analysis.semantics.project.project_modules import Project

_MOST_LINES = 60_000
"""Lines of modules that are kept in memory: about 2 kB each."""
_projects: dict[Config, Project] = {}
_states: dict[str, str] = {}
"""The states that were found for needs of cached results, in this run."""


def imports_of(path: str, index: FileIndex, config: Config) -> Imports | None:
    """Return what the imports of a file lead to; None for a file without a path, or one that imports nothing of its project."""
    if not config.cross_module or not path or path == "-" or index.imported <= sys.stdlib_module_names:
        return None
    imports = _project(config).imports_of(os.path.abspath(path))
    return imports if any(imports.is_of_project(name) for names in index.imports.values() for name in names) else None


def dependencies_of(path: str, config: Config) -> Mapping[str, str]:
    """Return the states of the modules and folders that a file's results depend on, by path; folders end with a separator."""
    project = _projects.get(config)
    return project.dependencies_of(os.path.abspath(path)) if project is not None else {}


def are_unchanged(needs: Mapping[str, str]) -> bool:
    """Return whether the modules and folders that results depend on are as they were."""
    return all(_state(path) == state for path, state in needs.items())


def _state(path: str) -> str:
    if path not in _states:
        from par_lint.analysis.semantics.project.module_search import Folders
        from par_lint.analysis.semantics.project.project_modules import state_of

        _states[path] = state_of(path, Folders())
    return _states[path]


def _project(config: Config) -> Project:
    found = _projects.get(config)
    if found is None or found.lines > _MOST_LINES:
        from par_lint.analysis.semantics.project.project_modules import Project

        forget_projects()
        found = _projects[config] = Project(config.catalog)
    return found


def forget_projects() -> None:
    """Forget all modules: a run starts, and files may have changed."""
    _projects.clear()
    _states.clear()

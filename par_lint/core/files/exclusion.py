"""Folders without the project's own code: environments, installed packages, build output, caches."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path

Exclude = Callable[[str], bool]
"""Returns whether flake8's configuration excludes a file or folder."""

_ALSO_PACKAGES = frozenset({"build", "dist", "_build", "buck-out", "venv"})
"""Names that a package of the project may also have."""
_NAMES = _ALSO_PACKAGES | {
    ".git", ".git-rewrite", ".hg", ".svn", ".bzr", "CVS", ".venv", ".tox", ".nox", ".eggs", ".direnv", ".pyenv", ".pants.d", ".vscode", ".cache",
    ".mypy_cache", ".pytest_cache", ".pytype", ".pyre", ".ruff_cache", ".par_lint_cache", ".hypothesis", ".ipynb_checkpoints",
    "__pycache__", "__pypackages__", "node_modules", "site-packages", "dist-packages",
}  # fmt: skip
_SUFFIXES = (".egg", ".egg-info", ".dist-info")
_MARKERS = ("pyvenv.cfg", "conda-meta")  # in the root folder of a virtual or Conda environment, whatever its name


class FolderFilter:
    """Decides which folders below `root` are skipped. The name of `root` and the folders above it do not count."""

    def __init__(self, root: str, is_excluded: Exclude) -> None:
        self._root = root
        self._is_excluded = is_excluded
        self.left_out = functools.cache(self._left_out)
        """Return whether a folder, relative to the root, or a parent of it is skipped; the root itself (`""`) is not."""

    def _left_out(self, inner: str) -> bool:
        if inner in ("", os.curdir):
            return False
        outer, name = os.path.split(inner)
        path = os.path.join(self._root, inner)
        return self.left_out(outer) or is_non_project_name(name) or self._is_excluded(path) or is_environment(path)


def is_non_project_name(name: str) -> bool:
    """Return whether folders with a name hold generated files or code of others."""
    return name in _NAMES or name.endswith(_SUFFIXES)


def is_environment(path: str) -> bool:
    """Return whether a folder is a virtual environment."""
    return any(os.path.exists(os.path.join(path, marker)) for marker in _MARKERS)


def may_be_package(path: str) -> bool:
    """Return whether a folder that is skipped only for its name looks like a package of the project."""
    return os.path.basename(path) in _ALSO_PACKAGES and os.path.exists(os.path.join(path, "__init__.py")) and not is_environment(path)


def is_skipped(root: Path, path: Path, is_excluded: Exclude) -> bool:
    """Return whether a walk of `root` would skip a file in it; for a file elsewhere, whether it is excluded or installed."""
    if is_excluded(str(path)):
        return True
    if not path.is_relative_to(root):
        return "site-packages" in path.parts
    return FolderFilter(str(root), is_excluded).left_out(str(Path(*path.relative_to(root).parts[:-1])))

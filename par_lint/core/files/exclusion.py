"""Folders that hold no code of the project itself: environments, installed packages, build output, caches."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path

Exclude = Callable[[str], bool]
"""Whether flake8's configuration excludes a file or folder."""

_ALSO_PACKAGES = frozenset({"build", "dist", "_build", "buck-out", "venv"})
"""Names that a package of the project may have, too."""
_NAMES = _ALSO_PACKAGES | {
    ".git", ".git-rewrite", ".hg", ".svn", ".bzr", "CVS", ".venv", ".tox", ".nox", ".eggs", ".direnv", ".pyenv", ".pants.d", ".vscode", ".cache",
    ".mypy_cache", ".pytest_cache", ".pytype", ".pyre", ".ruff_cache", ".par_lint_cache", ".hypothesis", ".ipynb_checkpoints",
    "__pycache__", "__pypackages__", "node_modules", "site-packages", "dist-packages",
}  # fmt: skip
_SUFFIXES = (".egg", ".egg-info", ".dist-info")
_MARKERS = ("pyvenv.cfg", "conda-meta")  # in the folder of a virtual or a Conda environment, whatever its name


class FolderFilter:
    """Which folders below one are left out. What lies above it, and its own name, do not count."""

    def __init__(self, root: str, is_excluded: Exclude) -> None:
        self._root = root
        self._is_excluded = is_excluded
        self.left_out = functools.cache(self._left_out)
        """Whether a folder, given relative to the root, or one around it, is left out; the root itself (`""`) is not."""

    def _left_out(self, inner: str) -> bool:
        if inner in ("", os.curdir):
            return False
        outer, name = os.path.split(inner)
        path = os.path.join(self._root, inner)
        return self.left_out(outer) or is_foreign(name) or self._is_excluded(path) or is_environment(path)


def is_foreign(name: str) -> bool:
    """Whether folders of a name hold what is not the project's own, or is made from it."""
    return name in _NAMES or name.endswith(_SUFFIXES)


def is_environment(path: str) -> bool:
    """Whether a folder is a virtual environment."""
    return any(os.path.exists(os.path.join(path, marker)) for marker in _MARKERS)


def may_be_package(path: str) -> bool:
    """Whether a folder that is left out by its name alone looks like a package of the project."""
    return os.path.basename(path) in _ALSO_PACKAGES and os.path.exists(os.path.join(path, "__init__.py")) and not is_environment(path)


def is_left_out(root: Path, path: Path, is_excluded: Exclude) -> bool:
    """Whether a walk of `root` would not come to a file in it; of a file elsewhere, whether it is excluded or installed."""
    if is_excluded(str(path)):
        return True
    if not path.is_relative_to(root):
        return "site-packages" in path.parts
    return FolderFilter(str(root), is_excluded).left_out(str(Path(*path.relative_to(root).parts[:-1])))

"""Find the files of a project's modules by the names under which a file imports them.

Only the file system is asked: nothing is imported, and no search path of an interpreter is used. What is not found in the project is a
library's or unknown.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import NamedTuple

from par_lint.core.memo import memoized

_PROJECT_FILES = frozenset({"pyproject.toml", "setup.py", "setup.cfg", ".git", ".hg"})
_SOURCE_FOLDERS = ("src", "lib", "python")
_MOST_FOLDERS_UP = 12
"""Folders above a file in which a project's own file is looked for."""


class Located(NamedTuple):
    """The file of a module, and the parts of a qualified name that are not part of the module's."""

    path: str
    rest: tuple[str, ...]


class Folders:
    """What folders contain that matters for imports, listed once for a run."""

    def __init__(self) -> None:
        self._listed: dict[str, frozenset[str]] = {}

    def names(self, folder: str) -> frozenset[str]:
        """Return the names of modules (`a.py`), of folders (`a/`) and of files that mark a project."""
        if folder not in self._listed:
            self._listed[folder] = frozenset(_list(folder))
        return self._listed[folder]


def _list(folder: str) -> Iterator[str]:
    try:
        with os.scandir(folder or os.curdir) as entries:
            for entry in entries:
                name = entry.name
                if name in _PROJECT_FILES or name.endswith(".py") and entry.is_file():
                    yield name
                elif name.isidentifier() and name != "__pycache__" and entry.is_dir():
                    yield name + "/"
    except OSError:  # a folder that may not be read, or is none
        return


class ModuleSearch:
    """The modules that one file can import from its own project.

    Args:
        path: the file, as an absolute path.
        folders: what exists.
    """

    def __init__(self, path: str, folders: Folders) -> None:
        self._folder = os.path.dirname(path)
        self._folders = folders
        self.asked: set[str] = set()
        """The folders whose contents decided what was found."""
        self._located: dict[str, Located | None] = {}
        self._own: dict[str, bool] = {}

    def is_of_project(self, name: str) -> bool:
        """Return whether a qualified name belongs to the project, judged by its first part."""
        first = name.partition(".")[0]
        if first not in self._own:
            self._own[first] = not first or first not in sys.stdlib_module_names and any(self._exists(root, first) for root in self.roots)
        return self._own[first]

    def _names(self, folder: str) -> frozenset[str]:
        self.asked.add(folder)
        return self._folders.names(folder)

    def _exists(self, folder: str, part: str) -> bool:
        names = self._names(folder)
        return part + ".py" in names or part + "/" in names

    @memoized
    def roots(self) -> tuple[str, ...]:
        """The folders in which absolute imports of the file are looked for, most likely first."""
        top = self._folder
        while "__init__.py" in self._names(top) and os.path.dirname(top) != top:
            top = os.path.dirname(top)
        project = self._project_folder(top)
        if project is None:
            return (top,)
        sources = (os.path.join(project, name) for name in _SOURCE_FOLDERS if name + "/" in self._names(project))
        return tuple(dict.fromkeys([top, project, *sources]))

    def _project_folder(self, folder: str) -> str | None:
        """Return the nearest folder upward that has a project's own file."""
        for _ in range(_MOST_FOLDERS_UP):
            if not self._names(folder).isdisjoint(_PROJECT_FILES):
                return folder
            above = os.path.dirname(folder)
            if above == folder:
                return None
            folder = above
        return None

    def locate(self, name: str) -> Located | None:
        """Return the module that contains a qualified name: the longest part of the name that is a module."""
        if name not in self._located:
            self._located[name] = self._locate(name)
        return self._located[name]

    def _locate(self, name: str) -> Located | None:
        level = len(name) - len(name.lstrip("."))
        parts = [part for part in name[level:].split(".") if part]
        if level:
            folder = self._folder
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            return self._below(folder, parts, self._package(folder, parts))
        if not parts or not self.is_of_project(name):
            return None
        return next((found for root in self.roots if self._exists(root, parts[0]) and (found := self._below(root, parts, None)) is not None), None)

    def _below(self, folder: str, parts: list[str], found: Located | None) -> Located | None:
        """Walk down from a folder along the parts of a name; `found` is what the folder itself is."""
        for number, part in enumerate(parts, 1):
            where, rest, names = os.path.join(folder, part), parts[number:], self._names(folder)
            is_package = part + "/" in names and "__init__.py" in self._names(where)
            if not is_package and part + ".py" in names:
                return Located(where + ".py", tuple(rest))
            if part + "/" not in names:
                return found
            found = self._package(where, rest) or found
            folder = where
        return found

    def _package(self, folder: str, rest: list[str]) -> Located | None:
        return Located(os.path.join(folder, "__init__.py"), tuple(rest)) if "__init__.py" in self._names(folder) else None

"""Which files a command works on: what git knows of a folder, else what a walk finds; and what is in one."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from par_lint.problems import Problem, unreadable

_GIT_SECONDS = 30  # for listing a repository, however large
_EXCLUDED = frozenset({
    ".git", ".hg", ".svn", ".bzr", "CVS", ".tox", ".nox", ".venv", ".eggs", "node_modules", "__pycache__", ".mypy_cache", ".pytest_cache",
    ".ruff_cache", ".hypothesis", ".ipynb_checkpoints",
})  # fmt: skip
_EXCLUDED_AT_TOP = frozenset({"build", "dist", "venv", "env"})


def find_files(paths: Sequence[str], is_excluded: Callable[[str], bool] = lambda path: False) -> Iterator[str]:
    """The Python files of paths, spelled as the paths are; a file that is named itself needs no `.py`.

    Raises Problem for a path that is not there.
    """
    seen: set[str] = set()
    for path in paths:
        if os.path.isdir(path):
            found = _in_folder(path, is_excluded)
        elif os.path.exists(path) or path == "-":
            found = iter([path])
        else:
            raise Problem(f"{path}: no such file or folder; check the spelling")
        for name in found:
            real = os.path.abspath(name)
            if real not in seen and not is_excluded(name):
                seen.add(real)
                yield name


def is_left_out(root: Path, path: Path, is_excluded: Callable[[str], bool]) -> bool:
    """Whether a walk of `root` would not come to a file in it; wherever the file is, whether it is excluded or installed."""
    folders = path.relative_to(root).parts[:-1] if path.is_relative_to(root) else ()
    if is_excluded(str(path)) or "site-packages" in path.parts:
        return True
    if not _EXCLUDED.isdisjoint(folders) or not _EXCLUDED_AT_TOP.isdisjoint(folders[:1]):
        return True
    parents = [root.joinpath(*folders[:depth]) for depth in range(1, len(folders) + 1)]
    return any(is_excluded(str(parent)) or (parent / "pyvenv.cfg").exists() for parent in parents)


def read_source(path: str) -> bytes:
    """The bytes of a file, or of standard input for `-`. Raises Problem."""
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def _in_folder(folder: str, is_excluded: Callable[[str], bool]) -> Iterator[str]:
    listed = _from_git(folder)
    names = listed if listed is not None else _from_walk(folder)

    @functools.cache
    def is_left_out(inner: str) -> bool:
        """Whether a folder, relative to this one, or one around it, is excluded."""
        return inner != "" and (is_left_out(os.path.dirname(inner)) or is_excluded(os.path.join(folder, inner)))

    for name in names:
        if name.endswith(".py") and not is_left_out(os.path.dirname(name)):
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                yield path


def _from_git(folder: str) -> list[str] | None:
    """Tracked files and new ones that are not ignored, relative to the folder; None outside of a repository."""
    import subprocess

    command = ["git", "-C", folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", "*.py"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_GIT_SECONDS)
        if done.returncode != 0 and b"deduplicate" in done.stderr:  # git before 2.31
            command.remove("--deduplicate")
            done = subprocess.run(command, capture_output=True, timeout=_GIT_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    names = sorted({os.fsdecode(name) for name in done.stdout.split(b"\0") if name})
    return names or None  # an ignored folder inside a repository: walk it


def _from_walk(folder: str) -> Iterator[str]:
    for root, folders, names in os.walk(folder):
        excluded = _EXCLUDED | _EXCLUDED_AT_TOP if root == folder else _EXCLUDED
        folders[:] = sorted(
            name for name in folders
            if name not in excluded and not name.endswith(".egg-info") and not os.path.exists(os.path.join(root, name, "pyvenv.cfg"))
        )  # fmt: skip
        inner = os.path.relpath(root, folder)
        yield from sorted(names) if inner == os.curdir else [os.path.join(inner, name) for name in sorted(names)]

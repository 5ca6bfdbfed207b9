"""Copy the runtime into a project, and know such a copy again by its banner."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from par_lint import __version__
from par_lint.atomic import write_atomically
from par_lint.problems import Problem, unreadable

_BANNER = re.compile(rb"^# par-lint runtime, version (\S+), sha256 ([0-9a-f]{64})\.")
_SKIPPED = frozenset({".git", ".tox", ".venv", "venv", "node_modules", "__pycache__", "site-packages", "build", "dist", ".nox"})
_BANNER_BYTES = 200


def runtime_source() -> bytes:
    """The runtime as it ships."""
    return Path(__file__).with_name("parallel.py").read_bytes()


def banner() -> bytes:
    """The first line of a copy."""
    digest = hashlib.sha256(runtime_source()).hexdigest()
    return f"# par-lint runtime, version {__version__}, sha256 {digest}. Made by `par-lint vendor`: change the original, not this copy.\n".encode()


def vendor(path: Path) -> str:
    """Write a copy to a file, or as parallel.py into a folder; a line that says what was done.

    Raises Problem for a file that is no copy, or a folder that is not there or cannot be written.
    """
    target = path / "parallel.py" if path.is_dir() else path
    if not target.parent.is_dir():
        raise Problem(f"{target.parent}: no such folder; make it first")
    if target.exists() and not is_copy(target):
        raise Problem(f"{target}: is there and no copy of the runtime; name another file")
    data = banner() + runtime_source()
    if target.exists() and target.read_bytes() == data:
        return f"{target} is up to date"
    write_atomically(target, data)
    return f"{target} written (par-lint {__version__})"


def drift(path: Path) -> str | None:
    """How a copy differs from what this version would write, as one line; None when it does not."""
    target = path / "parallel.py" if path.is_dir() else path
    try:
        data = target.read_bytes()
    except OSError as error:
        raise unreadable(target, error) from error
    found = _BANNER.match(data)
    if found is None:
        return f"{target}: is no copy of the runtime; `par-lint vendor` makes one"
    body = data[data.index(b"\n") + 1:]
    if hashlib.sha256(body).hexdigest() != found.group(2).decode():
        return f"{target}: was changed by hand; run `par-lint vendor {target}` to restore it"
    if data != banner() + runtime_source():
        return f"{target}: is of par-lint {found.group(1).decode()}; run `par-lint vendor {target}` to renew it"
    return None


def is_copy(path: Path) -> bool:
    """Whether a file begins with the banner of a copy."""
    try:
        with path.open("rb") as file:
            return _BANNER.match(file.read(_BANNER_BYTES)) is not None
    except OSError as error:
        raise unreadable(path, error) from error


def find_vendored(root: Path) -> str | None:
    """The dotted module of a copy somewhere in a project, as its own code imports it; None when there is none."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if name.endswith(".py") and _can_be_imported(path):
                return _dotted(path)
    return None


def _can_be_imported(path: Path) -> bool:
    """Whether a path is a copy that can be read; links to nowhere and files of other people are none."""
    try:
        return path.stat().st_size > _BANNER_BYTES and is_copy(path)
    except (OSError, Problem):
        return False


def _dotted(path: Path) -> str:
    """The module's name from the outermost package around it."""
    parts = [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)

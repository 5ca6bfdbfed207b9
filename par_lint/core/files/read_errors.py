"""Errors for the user: one line with the file, the problem and the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from par_lint.core.internal_errors import CHECK_FILE, internal_error_finding, stderr_line

if TYPE_CHECKING:
    from par_lint.core.files.source_text import UnparsableSource


class Problem(Exception):
    """A file or an argument that cannot be used. The message is one line: place, problem, remedy."""


@dataclass(frozen=True)
class SyntaxProblem:
    """A file that Python cannot parse, for reports that show it at its place. Line and column are 1-based."""

    path: str
    line: int
    column: int
    message: str

    CODE = "E999"
    """The code under which flake8 reports it."""
    NAME = "syntax-error"

    @classmethod
    def of(cls, path: str, error: UnparsableSource) -> SyntaxProblem:
        """Return the record of an error in a file."""
        return cls(path, error.line, error.column, error.reason)


def unparsable(path: str | Path, error: UnparsableSource) -> Problem:
    """Return the problem of a file that Python cannot parse."""
    encoding = "utf-8" in error.reason or "encoding" in error.reason or "not valid" in error.reason
    remedy = "save it as UTF-8 or declare its encoding in line 1" if encoding else "fix it or exclude the file"
    if error.reason.startswith("libcst"):
        remedy = "update libcst, or please report it"
    return Problem(f"{path}:{error.line}:{error.column}: {error.reason}; {remedy}")


def unreadable(path: str | Path, error: OSError) -> Problem:
    """Return the problem of a file that cannot be read."""
    if isinstance(error, IsADirectoryError):
        return _folder(path)
    return Problem(f"{path}: cannot be read: {error.strerror or error}; check its permissions or exclude it")


def unwritable(path: str | Path, error: OSError) -> Problem:
    """Return the problem of a file that cannot be replaced."""
    if isinstance(error, IsADirectoryError):
        return _folder(path)
    if isinstance(error, FileNotFoundError):
        return Problem(f"{path}: cannot be written: directory {Path(path).parent} does not exist; create it first")
    return Problem(f"{path}: cannot be written: {error.strerror or error}; left unchanged; check the permissions of its folder")


def _folder(path: str | Path) -> Problem:
    return Problem(f"{path}: is a folder; name a file")


def inaccessible(error: OSError) -> Problem:
    """Return the problem of a file, folder or command that the system refuses, wherever par-lint asked for it."""
    if error.filename is None:
        return Problem(f"the system refused: {error.strerror or error}; check the working folder, its permissions and free space")
    return Problem(f"{error.filename}: {error.strerror or error}; check its permissions and those of the folders above it")


def internal(path: str | Path, error: Exception, task: str = CHECK_FILE) -> Problem:
    """Return the problem of a file on which par-lint itself fails. Such a bug must not stop the run."""
    return Problem(stderr_line(str(path), internal_error_finding(error, task=task)))

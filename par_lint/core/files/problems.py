"""Errors for the user: one line with the file, the problem and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from par_lint.core.internal_errors import CHECK_FILE, internal_error_finding, stderr_line

if TYPE_CHECKING:
    from par_lint.core.files.source_text import UnparsableSource


class Problem(Exception):
    """A file or an argument that cannot be used. The message is one line: place, problem, remedy."""


def unparsable(path: str | Path, error: UnparsableSource) -> Problem:
    """Return the problem of a file that Python cannot parse."""
    encoding = "utf-8" in error.reason or "encoding" in error.reason or "not valid" in error.reason
    remedy = "save it as UTF-8 or declare its encoding in line 1" if encoding else "fix it or exclude the file"
    if error.reason.startswith("libcst"):
        remedy = "update libcst, or please report it"
    return Problem(f"{path}:{error.line}: {error.reason}; {remedy}")


def unreadable(path: str | Path, error: OSError) -> Problem:
    """Return the problem of a file that cannot be read."""
    return Problem(f"{path}: cannot be read: {error.strerror or error}; check its permissions or exclude it")


def unwritable(path: str | Path, error: OSError) -> Problem:
    """Return the problem of a file that cannot be replaced."""
    return Problem(f"{path}: cannot be written: {error.strerror or error}; left unchanged; check the permissions of its folder")


def internal(path: str | Path, error: Exception, task: str = CHECK_FILE) -> Problem:
    """Return the problem of a file on which par-lint itself fails. Such a bug must not stop the run."""
    return Problem(stderr_line(str(path), internal_error_finding(error, task=task)))

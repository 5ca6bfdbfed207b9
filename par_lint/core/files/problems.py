"""What a user is told when something cannot be done: one line with the file, the problem and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from par_lint.core.internal_errors import CHECK_FILE, as_line, failure

if TYPE_CHECKING:
    from par_lint.core.files.source_text import UnparsableSource


class Problem(Exception):
    """A file or an argument that cannot be worked on. The message is one line: place, problem, remedy."""


def unparsable(path: str | Path, error: UnparsableSource) -> Problem:
    """The problem of a file that Python cannot read."""
    encoding = "utf-8" in error.reason or "encoding" in error.reason or "not valid" in error.reason
    remedy = "save it as UTF-8 or declare its encoding in line 1" if encoding else "mend it, or exclude it"
    if error.reason.startswith("libcst"):
        remedy = "update libcst, or please report it"
    return Problem(f"{path}:{error.line}: {error.reason}; {remedy}")


def unreadable(path: str | Path, error: OSError) -> Problem:
    """The problem of a file that the system does not hand out."""
    return Problem(f"{path}: cannot be read: {error.strerror or error}; check its permissions or leave it out")


def unwritable(path: str | Path, error: OSError) -> Problem:
    """The problem of a file that cannot be replaced."""
    return Problem(f"{path}: cannot be written: {error.strerror or error}; nothing was changed; check the permissions of its folder")


def internal(path: str | Path, error: Exception, task: str = CHECK_FILE) -> Problem:
    """The problem of a file on which par-lint itself fails: a defect of ours, which must not cost anyone their run."""
    return Problem(as_line(str(path), failure(error, task=task)))

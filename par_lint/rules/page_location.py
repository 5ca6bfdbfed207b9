"""Where an editor finds the page of a rule: on the web, or in a file that is written when it is first needed."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path

from par_lint import __version__
from par_lint.core.files.atomic_write import write_atomically
from par_lint.core.files.problems import Problem
from par_lint.rules.pages import help_uri, markdown


@functools.cache
def page_link(code: str) -> str | None:
    """What an editor opens for a code; None where there is no page on the web and no file can be written.

    The file is Markdown: what follows such a link in an editor shows the text of a file, and not what a browser would make of it.
    """
    return help_uri(code) or _write_page(code)


def _write_page(code: str) -> str | None:
    data = markdown(code).encode()
    try:
        path = _cache_folder() / "par-lint" / __version__ / f"{code}.md"
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, data)
        return path.as_uri()
    except (OSError, RuntimeError, Problem):  # a home that is not there, or cannot be written to
        return None


def _cache_folder() -> Path:
    """Where the user's system keeps what can be made anew."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return named if named.is_absolute() else Path.home() / ".cache"

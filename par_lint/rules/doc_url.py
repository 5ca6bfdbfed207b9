"""The link that an editor opens for the page of a rule: a URL, or a file that is written on first use."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path

from par_lint import __version__
from par_lint.core.files.atomic_write import write_atomically
from par_lint.core.files.read_errors import Problem
from par_lint.rules.rule_docs import help_uri, markdown


@functools.cache
def page_link(code: str) -> str | None:
    """Return the link for a code; None if there is no page on the web and no file can be written.

    The file is Markdown, because editors open such a link as text.
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
    except (OSError, RuntimeError, Problem):  # no home folder, or not writable
        return None


def _cache_folder() -> Path:
    """Return the user's cache folder."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return named if named.is_absolute() else Path.home() / ".cache"

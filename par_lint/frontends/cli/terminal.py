"""Questions to a person at the terminal."""

from __future__ import annotations

import os
import sys

_UNATTENDED = ("CI", "PRE_COMMIT", "GIT_INDEX_FILE")  # git sets the last one while it runs hooks


def is_interactive() -> bool:
    """Return whether a person can see and answer a question: never in pipes, CI and hooks."""
    if any(os.environ.get(name) for name in _UNATTENDED):
        return False
    return sys.stdin is not None and sys.stdout is not None and sys.stdin.isatty() and sys.stdout.isatty()


def confirm(question: str) -> bool:
    """Ask a question. Return whether the answer is `y` or `yes`; False if nobody can answer."""
    if not is_interactive():
        return False
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False

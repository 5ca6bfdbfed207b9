"""Asking a person, where one sits at the terminal."""

from __future__ import annotations

import os
import sys

_UNATTENDED = ("CI", "PRE_COMMIT", "GIT_INDEX_FILE")  # the last is set where git runs hooks


def may_ask() -> bool:
    """Whether a question would be seen and can be answered: never in pipes, in CI and in hooks."""
    if any(os.environ.get(name) for name in _UNATTENDED):
        return False
    return sys.stdin is not None and sys.stdout is not None and sys.stdin.isatty() and sys.stdout.isatty()


def confirm(question: str) -> bool:
    """Ask a question to which only `y` and `yes` mean yes; no where nobody can be asked."""
    if not may_ask():
        return False
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False

"""What a person at the terminal sees: questions, progress, notes."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass

_UNATTENDED = ("CI", "PRE_COMMIT", "GIT_INDEX_FILE")  # git sets the last one while it runs hooks
_PATIENCE = 1.0  # seconds before progress is shown
_EVERY = 0.1  # seconds between two drawings


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


@dataclass(frozen=True)
class Verbosity:
    """How much a command prints on standard error: with `quiet` only errors, with `verbose` also each file."""

    quiet: bool = False
    verbose: bool = False

    def note(self, text: str) -> None:
        """Print a note for people, unless there is none or they asked for quiet."""
        if text and not self.quiet:
            sys.stdout.flush()  # it belongs after the report
            print(text, file=sys.stderr)

    def detail(self, text: str) -> None:
        """Print what only `--verbose` asks for."""
        if self.verbose:
            print(f"par-lint: {text}", file=sys.stderr)


NORMAL = Verbosity()


class Progress:
    """A line on the terminal that counts files, in runs that take longer than a second. It is gone at the end."""

    def __init__(self, total: int, verbosity: Verbosity) -> None:
        is_shown = not (verbosity.quiet or verbosity.verbose) and sys.stderr is not None and sys.stderr.isatty()
        self._total = total if is_shown else 0
        self._done = 0
        self._next = time.monotonic() + _PATIENCE
        self._is_drawn = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *unused: object) -> None:
        self.clear()

    def advance(self, *, is_printed: bool) -> None:
        """Count one file, and draw the line at most ten times a second; remove it if something about the file will be printed."""
        self._done += 1
        if is_printed:
            self.clear()
        elif self._total and time.monotonic() >= self._next:
            sys.stderr.write(f"\r{self._done}/{self._total} files\x1b[K")
            sys.stderr.flush()
            self._is_drawn = True
            self._next = time.monotonic() + _EVERY

    def clear(self) -> None:
        """Remove the line, so that something can be printed."""
        if self._is_drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
        self._is_drawn = False

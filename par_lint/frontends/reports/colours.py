"""Colours on a terminal."""

from __future__ import annotations

import os
from collections.abc import Mapping

_STYLES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36", "dim": "2"}


CHOICES = ("auto", "always", "never")
"""The values of `--color`."""


def wants_colour(is_terminal: bool, environment: Mapping[str, str] = os.environ, choice: str = "auto") -> bool:
    """Return whether to use colours: `--color` decides, else NO_COLOR turns them off, else FORCE_COLOR turns them on, else the terminal decides."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return environment["FORCE_COLOR"] != "0"
    return is_terminal and environment.get("TERM") != "dumb"


class Paint:
    """Colours text if it is on."""

    def __init__(self, is_on: bool) -> None:
        self.is_on = is_on

    def __call__(self, text: str, *styles: str) -> str:
        """Return text in the given styles: bold, dim, red, green, yellow, blue, cyan."""
        return f"\x1b[{';'.join(_STYLES[style] for style in styles)}m{text}\x1b[0m" if self.is_on and styles else text

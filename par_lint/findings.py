"""What par-lint says about a place in a file: findings, how far their fix can be trusted, and why a fix was refused."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Applicability(enum.Enum):
    """How far the fix of one finding can be trusted."""

    SAFE = "safe"  # what can be observed stays the same
    UNSAFE = "unsafe"  # mechanical, but a person must decide
    NONE = "none"  # worth reporting, no rewrite


class FixAvailability(enum.Enum):
    """How often a rule has a fix at all."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"
    NEVER = "never"


@dataclass(frozen=True)
class Withheld:
    """A fix that was not made: the reason, and the line (1-based) of the code that is the reason."""

    reason: str
    line: int

    def __str__(self) -> str:
        return f"{self.reason} (line {self.line})"


@dataclass(frozen=True)
class Finding:
    """One report about one place: line and column are 1-based, the column counts characters, not bytes."""

    line: int
    column: int
    code: str
    message: str
    applicability: Applicability = Applicability.NONE
    withheld: Withheld | None = None

    def __lt__(self, other: Finding) -> bool:
        return (self.line, self.column, self.code) < (other.line, other.column, other.code)


class UnparsableSource(Exception):
    """A file that cannot be read as Python: the line (1-based) of the fault, and the reason in a few words."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"

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


class Ground(enum.Enum):
    """The closed list of grounds on which a fix is not safe, or not made at all. Called with words, it gives a Reason."""

    WRITES = "writes"  # more than reading would run at once
    STATE = "state"  # variables, objects, output or the process are changed on the way
    DEPENDENCE = "dependence"  # one pass may need what another did
    ORDER = "order"  # work begins before what comes ahead of it is done
    SHARED = "shared"  # one object would be used by several threads
    UNSEEN = "unseen"  # it hangs on code that is not in the file
    NAMES = "names"  # names are bound or used where new code does not reach
    FORM = "form"  # the code stands in a form that is not rewritten
    MEMORY = "memory"  # more would be held in memory
    ERRORS = "errors"  # an exception may be raised that was not before
    LOAD = "load"  # more, or less, would run at once
    PROCESSES = "processes"  # processes share nothing: arguments and results are copied
    PERSON = "person"  # what is wanted, only a person knows
    RUNTIME = "runtime"  # there is no module to import run_parallel from
    GENERATED = "generated"  # the file is generated
    LAW = "law"  # the fixed file would break one of the laws of fixed files
    INTERNAL = "internal"  # par-lint itself failed
    OVERLAP = "overlap"  # another fix of the same lines comes first

    def __call__(self, words: str) -> Reason:
        return Reason(self, words)


@dataclass(frozen=True)
class Reason:
    """Why a fix is not safe, or not made: one of the closed list of grounds, and the words for this case."""

    ground: Ground
    words: str

    def __str__(self) -> str:
        return self.words

    def at(self, place: str) -> Reason:
        """The same reason, with the words for where it holds."""
        return Reason(self.ground, f"{self.words} {place}")


@dataclass(frozen=True)
class Withheld:
    """Why a fix was not made, or is not safe, and the line (1-based) of the code that is the reason."""

    reason: Reason
    line: int

    def __str__(self) -> str:
        return f"{self.reason} (line {self.line})"


@dataclass(frozen=True)
class Finding:
    """One report about one place: lines and columns are 1-based, columns count characters, not bytes."""

    line: int
    column: int
    code: str
    message: str
    end: tuple[int, int]
    """Where what is meant ends, exclusive: a call, a comprehension, a statement; of a loop, its header."""
    applicability: Applicability = Applicability.NONE
    withheld: Withheld | None = None
    """Why there is no fix."""
    doubt: Withheld | None = None
    """What a person should look at before an unsafe fix is made."""

    def __lt__(self, other: Finding) -> bool:
        return (self.line, self.column, self.code) < (other.line, other.column, other.code)

"""The finding record, how far its fix can be trusted, and why a fix was withheld."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple


class Applicability(enum.Enum):
    """How far the fix of one finding can be trusted."""

    SAFE = "safe"  # observable behaviour stays the same
    UNSAFE = "unsafe"  # a person must review it
    NONE = "none"  # reported, but there is no fix


class FixAvailability(enum.Enum):
    """Which fixes a rule offers."""

    SAFE = "safe"
    SAFE_FOR_READS = "safe for reads, otherwise unsafe"
    UNSAFE_ONLY = "unsafe only"
    NEVER = "never"


class ReasonKind(enum.Enum):
    """The closed list of reasons why a fix is unsafe or withheld. Calling a member with words creates a Reason."""

    WRITES = "writes"  # more than reads would run concurrently
    STATE = "state"  # variables, objects, output or the process change meanwhile
    DEPENDENCE = "dependence"  # an iteration may depend on another one
    ORDER = "order"  # work starts before earlier work is done
    SHARED = "shared"  # several threads would use one object
    UNSEEN = "unseen"  # depends on code outside the file
    NAMES = "names"  # names would be bound or used in another scope
    FORM = "form"  # this syntax is not rewritten
    MEMORY = "memory"  # more data would be held in memory
    ERRORS = "errors"  # a new exception may be raised
    LOAD = "load"  # more, or less, would run at the same time
    PROCESSES = "processes"  # processes share nothing: arguments and results are copied
    PERSON = "person"  # only a person knows what is intended
    RUNTIME = "runtime"  # no module to import run_parallel from
    GENERATED = "generated"  # the file is generated
    INVARIANT = "invariant"  # the fixed file would break an invariant of fixed files
    INTERNAL = "internal"  # par-lint itself failed
    OVERLAP = "overlap"  # overlaps with another fix that is applied first

    def __call__(self, words: str) -> Reason:
        return Reason(self, words)


@dataclass(frozen=True)
class Reason:
    """Why a fix is unsafe or withheld: one of the closed list of kinds, and the words for this case."""

    kind: ReasonKind
    words: str

    def __str__(self) -> str:
        return self.words

    def at(self, place: str) -> Reason:
        """Return the same reason, followed by a place."""
        return Reason(self.kind, f"{self.words} {place}")


def quoted(name: str | None) -> str:
    """Return a name as messages show code; empty if there is none."""
    return f"`{name}`" if name else ""


@dataclass(frozen=True)
class Withheld:
    """Why a fix is unsafe or withheld, and the line (1-based) of the code that is the reason."""

    reason: Reason
    line: int

    def __str__(self) -> str:
        if self.reason.kind is ReasonKind.RUNTIME:  # it is in a file of the project, not in this one
            return str(self.reason)
        return f"{self.reason} (line {self.line})"


class CallStep(NamedTuple):
    """A function in another file on the way to the I/O of a finding.

    `shown` is its path as messages show it. `line` (1-based) is that of the next call in it; of the last step, that of the I/O.
    """

    function: str
    path: str
    shown: str
    line: int


@dataclass(frozen=True)
class Finding:
    """One reported problem. Lines and columns are 1-based; columns count characters, not bytes."""

    line: int
    column: int
    code: str
    message: str
    end: tuple[int, int]
    """The exclusive end of the reported call, comprehension or statement; for a loop, of its header."""
    applicability: Applicability = Applicability.NONE
    withheld: Withheld | None = None
    """Why there is no fix."""
    caveat: Withheld | None = None
    """What a person should check before an unsafe fix is applied."""
    via: tuple[CallStep, ...] = ()
    """The functions of other modules that lead to the I/O; empty if it is in the file."""
    uses_runtime: bool = False
    """Whether its fix imports run_parallel or run_together."""

    def __lt__(self, other: Finding) -> bool:
        return (self.line, self.column, self.code) < (other.line, other.column, other.code)

"""lint() and fix(): what one file comes to. libcst is imported when it is needed, and only then.

The flake8 plugin takes lint() from where it is: it starts faster without what fixes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from par_lint.config import Config
from par_lint.deep import with_enough_stack
from par_lint.looking import File, collector_paused, lint
from par_lint.repairing import NO_RUNTIME, FixResult, SingleFixes, fix
from par_lint.slices import whole
from par_lint.source import UnparsableSource

if TYPE_CHECKING:
    from par_lint.analysis.facts import Facts
    from par_lint.analysis.loops import SilentLoop

__all__ = ["NO_RUNTIME", "FixResult", "Silence", "SingleFixes", "UnparsableSource", "find_silences", "fix", "lint"]


@dataclass(frozen=True)
class Silence:
    """A loop that is not reported, from `line` to `end_line`, and the reason with its line; all 1-based."""

    line: int
    column: int
    end_line: int
    reason: str
    reason_line: int
    is_io: bool


def find_silences(source: bytes, config: Config) -> list[Silence]:
    """The loops of a file that are not reported, in source order. Raises UnparsableSource, and UnknownGrammar."""
    with collector_paused():
        return with_enough_stack(lambda: _silences(File.of(source, config)))


def _silences(file: File) -> list[Silence]:
    from par_lint.analysis.loops import find_silent
    from par_lint.analysis.parsing import unvalidated

    with unvalidated():
        facts = file.facts(whole(file.lines))
        return [_silence(loop, facts) for loop in find_silent(facts)]


def _silence(loop: SilentLoop, facts: Facts) -> Silence:
    line, column = facts.position(loop.node)
    return Silence(line, column, facts.span(loop.node)[2], loop.blocked.reason, facts.line(loop.blocked.node), loop.is_io)

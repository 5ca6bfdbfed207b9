"""The loops of a file that are not reported, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from par_lint.analysis.gate.slices import whole
from par_lint.core.config.settings import Config
from par_lint.core.deep_recursion import with_enough_stack
from par_lint.engine.lint_file import File, collector_paused

if TYPE_CHECKING:
    from par_lint.analysis.facts import Facts
    from par_lint.analysis.loops.sequential_io import SilentLoop


NEST_REPORTED = "another one of the nested loops is reported"
"""The reason of a loop that is reported with another one."""


@dataclass(frozen=True)
class UnreportedLoop:
    """A loop that is not reported, from `line` to `end_line`, with the reason and its line; all 1-based."""

    line: int
    column: int
    end_line: int
    reason: str
    reason_line: int
    is_io: bool


def find_unreported_loops(source: bytes, config: Config, path: str = "") -> list[UnreportedLoop]:
    """Return the unreported loops of a file in source order. Raises UnparsableSource and UnknownGrammar."""
    with collector_paused():
        return with_enough_stack(lambda: _unreported_loops(File.of(source, config, path)))


def _unreported_loops(file: File) -> list[UnreportedLoop]:
    from par_lint.analysis.loops.await_in_loop import find_reasons
    from par_lint.analysis.loops.sequential_io import find_silent
    from par_lint.analysis.syntax.parser import unvalidated

    with unvalidated():
        facts = file.facts(whole(file.lines))
        awaiting = find_reasons(facts)
        silent = []
        for loop in find_silent(facts):
            if loop.node not in awaiting:
                silent.append(loop)
            elif (exclusion := awaiting[loop.node]) is not None:
                silent.append(replace(loop, exclusion=exclusion, is_io=True))
        return [_unreported_loop(loop, facts) for loop in silent]


def _unreported_loop(loop: SilentLoop, facts: Facts) -> UnreportedLoop:
    line, column = facts.position(loop.node)
    return UnreportedLoop(line, column, facts.span(loop.node)[2], loop.exclusion.reason, loop.exclusion.line or facts.line(loop.exclusion.node), loop.is_io)

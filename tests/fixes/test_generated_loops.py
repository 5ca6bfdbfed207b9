"""Programs out of a grammar do the same after their safe fix, and the generator finds faults that are put in on purpose.

`python tests/fixes/test_generated_loops.py --examples 20000 --seed 7` is the long run: it prints every divergence.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from divergence import Trial, try_program, try_unsafe
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from loops_grammar import RandomChoices, write_program

from par_lint.analysis.effects import effects_of_moved, free_variables
from par_lint.analysis.loops import read_write_conflicts, split_body

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

EXAMPLES = int(os.environ.get("PAR_LINT_EXAMPLES", "2000" if "CI" in os.environ else "300"))
UNSAFE_EXAMPLES = EXAMPLES // 3
LEAST_CHANGED = 0.4
LEAST_CHANGED_BY_ALL = 0.6
PLANTED_TRIES = 1000  # programs in which a planted fault must show


class DrawnChoices:
    """Choices that hypothesis makes, and shrinks."""

    def __init__(self, draw: DrawFn) -> None:
        self._draw = draw

    def number(self, below: int) -> int:
        return self._draw(_NUMBERS[below])


_NUMBERS = {below: st.integers(0, below - 1) for below in range(1, 101)}


@st.composite
def programs(draw: DrawFn) -> str:
    """A program that compiles."""
    return write_program(DrawnChoices(draw))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "work"


def test_generated_programs_do_the_same_after_their_safe_fix(folder: Path) -> None:
    tried: list[bool] = []

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink]
    )
    @given(programs())
    def try_one(source: str) -> None:
        trial = try_program(source, folder)
        tried.append(trial.fixed is not None)
        assert not trial.difference, str(trial)

    try_one()
    assert len(tried) >= EXAMPLES * 0.9
    assert sum(tried) >= LEAST_CHANGED * len(tried)


def test_generated_programs_are_not_broken_by_unsafe_fixes(folder: Path) -> None:
    tried = [try_unsafe(write_program(RandomChoices(seed)), folder) for seed in range(UNSAFE_EXAMPLES)]
    assert not (broken := [str(trial) for trial in tried if trial.difference]), "\n\n".join(broken)
    assert sum(trial.fixed is not None for trial in tried) >= LEAST_CHANGED_BY_ALL * len(tried)


def trials(seeds: range, folder: Path) -> Iterator[Trial]:
    """Programs of plain random choices, tried."""
    for seed in seeds:
        yield try_program(write_program(RandomChoices(seed)), folder)


def _no_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ordered rest may change what the moved part needs."""
    monkeypatch.setattr(free_variables.FreeVariables, "names", lambda self, path: False)
    monkeypatch.setattr(free_variables.FreeVariables, "alias_affected_by", lambda self, path, aliases: None)


def _no_file_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ordered rest may write files that are read ahead."""
    monkeypatch.setattr(read_write_conflicts, "_files", lambda *arguments: effects_of_moved.Verdict())


def _no_failing_item(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler may look at the names of a pass that failed."""
    monkeypatch.setattr(split_body, "is_read_after_error", lambda *arguments: False)


def _no_effects_of_helpers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions of the file have no effects."""
    monkeypatch.setattr(effects_of_moved.SideEffects, "_body", lambda self, function, node, is_init=False: effects_of_moved.Verdict())


PLANTED = [_no_conflict, _no_file_conflict, _no_failing_item, _no_effects_of_helpers]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_found(plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    plant(monkeypatch)
    assert any(trial.difference for trial in trials(range(PLANTED_TRIES), folder))


def main() -> int:
    """The long run."""
    parser = argparse.ArgumentParser(description="Look for programs that do something else after their safe fix.")
    parser.add_argument("--examples", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--unsafe", action="store_true", help="apply all fixes, and look for programs that they break")
    options = parser.parse_args()
    changed = found = 0
    with tempfile.TemporaryDirectory() as place:
        work, seeds = Path(place) / "work", range(options.seed, options.seed + options.examples)
        for trial in (try_unsafe(write_program(RandomChoices(seed)), work) for seed in seeds) if options.unsafe else trials(seeds, work):
            changed += trial.fixed is not None
            if trial.difference:
                found += 1
                print(trial, end="\n\n", flush=True)
    print(f"{options.examples} programs, {changed} changed, {found} divergences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

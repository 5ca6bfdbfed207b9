"""What fixing one finding alone would do to its file: the replacements, how far they can be trusted, or why there are none."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from par_lint.config import load_config
from par_lint.cores import is_worth_processes, map_on_cores
from par_lint.engine import fix
from par_lint.findings import Applicability, Finding, Withheld
from par_lint.found import Found
from par_lint.problems import internal
from par_lint.repairing import alone
from par_lint.runtime_import import find_runtime
from par_lint.source import decode, split_lines

_ENOUGH_FOR_PROCESSES = 24  # findings; below that, starting processes takes longer than it saves


@dataclass(frozen=True)
class Replacement:
    """Text in the place of what stands between two places: lines and columns 1-based, in characters, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True)
class Proposal:
    """The fix of one finding, or why it is withheld; `doubt` is what to look at before an unsafe one is made.

    `lines` are those of the fixed file; without a fix they and the replacements are empty.
    """

    applicability: Applicability
    withheld: Withheld | None = None
    doubt: Withheld | None = None
    lines: tuple[str, ...] = ()
    replacements: tuple[Replacement, ...] = ()


def propose_all(files: Sequence[Found]) -> Iterator[Found]:
    """The files with a proposal for each of their findings, on all cores where there are enough findings."""
    is_much = is_worth_processes(files, sum(len(file.findings) for file in files), _ENOUGH_FOR_PROCESSES)
    return map_on_cores(propose, files, chunk=4) if is_much else map(propose, files)


def propose(file: Found) -> Found:
    """A file with a proposal for each of its findings. Raises ConfigError."""
    return replace(file, proposals=tuple(_propose(file, finding) for finding in file.findings)) if file.findings else file


def _propose(file: Found, finding: Finding) -> Proposal:
    if finding.applicability is Applicability.NONE:
        return Proposal(finding.applicability, finding.withheld)
    place = Path(file.path if file.path != "-" else ".")
    config = load_config(place)
    try:
        result = fix(file.source, config, unsafe=True, runtime=find_runtime(place, config), wanted=alone(finding, file.lines))
    except Exception as error:  # the finding is shown all the same
        print(f"par-lint: {internal(file.path, error)}", file=sys.stderr)
        return Proposal(Applicability.NONE)
    if not result.fixed:
        left = next(iter(result.remaining), finding)
        return Proposal(left.applicability, left.withheld, left.doubt)
    fixed = tuple(split_lines(decode(result.source)[0].removeprefix("\ufeff")))
    done = result.fixed[0]
    return Proposal(done.applicability, None, done.doubt, fixed, tuple(find_replacements(file.lines, fixed)))


def find_replacements(before: Sequence[str], after: Sequence[str]) -> Iterator[Replacement]:
    """The whole lines to replace, in order, to make one text out of another; lines with their ends."""
    for tag, start, stop, new_start, new_stop in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield Replacement(*_place(before, start), *_place(before, stop), "".join(after[new_start:new_stop]))


def _place(lines: Sequence[str], index: int) -> tuple[int, int]:
    """The place before a line; at the end of a text without a final line end, behind its last character."""
    if index and index == len(lines) and not lines[-1].endswith(("\n", "\r")):
        return index, len(lines[-1]) + 1
    return index + 1, 1

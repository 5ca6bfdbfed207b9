"""What a check came to in one file."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from par_lint.findings import Finding
from par_lint.source import parse_tree
from par_lint.statements import Statements

if TYPE_CHECKING:
    from par_lint.proposals import Proposal


@dataclass(frozen=True)
class Found:
    """The findings of one file that are to be shown, sorted, and the file: `path` as the user spelled it, its lines and its bytes.

    `proposals`, one a finding, are there for reports that show fixes; `problems` say where par-lint failed to make one.
    """

    path: str
    lines: tuple[str, ...]
    source: bytes
    findings: tuple[Finding, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    problems: tuple[str, ...] = ()

    @functools.cached_property
    def statements(self) -> Statements:
        """What findings stand in. Raises UnparsableSource."""
        return Statements(parse_tree(self.source), self.lines)

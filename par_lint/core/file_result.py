"""The result of checking one file."""

from __future__ import annotations

import functools
import io
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from par_lint.core.files.source_text import UnparsableSource, parse_tree
from par_lint.core.files.statements import Statements
from par_lint.core.findings import Applicability, Finding, Withheld

if TYPE_CHECKING:
    from par_lint.core.files.text_spans import TextEdit


@dataclass(frozen=True)
class Proposal:
    """The fix of one finding, or why it is withheld. `caveat` is what to check before an unsafe fix is applied. Without a fix, `edits` is empty."""

    applicability: Applicability
    withheld: Withheld | None = None
    caveat: Withheld | None = None
    edits: tuple[TextEdit, ...] = ()


@dataclass(frozen=True)
class FileFindings:
    """The reported findings of one file, sorted. `path` is as the user spelled it, `lines` and `source` are its contents.

    `proposals` has an entry for each finding, for reports that show fixes; `problems` are the errors of par-lint while making them.
    """

    path: str
    lines: tuple[str, ...]
    source: bytes
    findings: tuple[Finding, ...] = ()
    proposals: Mapping[Finding, Proposal] = field(default_factory=dict, hash=False)
    problems: tuple[str, ...] = ()

    def proposed(self) -> Iterator[tuple[Finding, Proposal]]:
        """Yield each finding with its proposal."""
        return ((finding, self.proposals[finding]) for finding in self.findings)

    @functools.cached_property
    def statements(self) -> Statements:
        """Return the statements of the file. Raises UnparsableSource."""
        return Statements(parse_tree(self.source), self.lines)


def findings_of_text(path: str, lines: Sequence[str], findings: Sequence[Finding]) -> FileFindings:
    """Return the findings of a text that may not be saved, with the bytes that saving would write. Raises UnparsableSource."""
    text = "".join(lines)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(text.encode("utf-8", "replace")).readline)
        return FileFindings(path, tuple(lines), text.encode(encoding), tuple(findings))
    except (SyntaxError, LookupError, UnicodeEncodeError) as error:
        raise UnparsableSource(1, str(error)) from None

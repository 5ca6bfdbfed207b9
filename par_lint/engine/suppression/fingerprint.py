"""The identity of a finding when lines move and code is reformatted: its code, its statement and the call that it names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from par_lint.core.file_result import FileFindings
from par_lint.core.findings import Finding

_LAYOUT = re.compile(r"[\s(),\\;]+")
_NAMED = re.compile(r"`([^`]+)`")


def fingerprint(statement: str, finding: Finding) -> str:
    """Return 16 hexadecimal digits that do not depend on layout: spaces, brackets, commas, quotes and case are ignored.

    The first call in the message is included, because a loop may have more than one finding.
    """
    words = [statement, *_NAMED.findall(finding.message)[:1]]
    text = "\n".join(_LAYOUT.sub("", word).replace("'", '"').casefold() for word in words)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def with_fingerprints(file: FileFindings) -> Iterator[tuple[Finding, str, str]]:
    """Yield the findings of a file with their fingerprints and the first lines of their statements."""
    for finding in file.findings:
        statement = file.statements.around(finding.line, finding.column)
        yield finding, fingerprint(statement, finding), statement.partition("\n")[0].strip()

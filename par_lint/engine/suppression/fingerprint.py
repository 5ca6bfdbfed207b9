"""What a finding is known by when lines move and code is formatted anew: its code, its statement and the call that it names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from par_lint.core.file_result import FileFindings
from par_lint.core.findings import Finding

_LAYOUT = re.compile(r"[\s(),\\;]+")
_NAMED = re.compile(r"`([^`]+)`")


def fingerprint(statement: str, finding: Finding) -> str:
    """16 hexadecimal digits, the same for any layout of a statement: spaces, brackets, commas, kinds of quotes and case do not count.

    With the statement counts the call that the message names first: a loop may do more than one thing.
    """
    words = [statement, *_NAMED.findall(finding.message)[:1]]
    text = "\n".join(_LAYOUT.sub("", word).replace("'", '"').casefold() for word in words)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def with_fingerprints(file: FileFindings) -> Iterator[tuple[Finding, str, str]]:
    """The findings of a file, each with its fingerprint and the first line of its statement."""
    for finding in file.findings:
        statement = file.statements.around(finding.line, finding.column)
        yield finding, fingerprint(statement, finding), statement.partition("\n")[0].strip()

"""The Code Quality report of GitLab: a JSON array, with fingerprints that stay the same when lines move."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from par_lint.core.file_result import FileFindings
from par_lint.engine.suppression.fingerprint import with_fingerprints
from par_lint.engine.suppression.rule_selection import Selection
from par_lint.frontends.reports.base import Output, Report, repository_path


class Writer(Report):
    """The report as one array."""

    def __init__(self, selection: Selection, output: Output) -> None:
        super().__init__(selection, output)
        self._records: list[dict[str, Any]] = []
        self._seen: Counter[str] = Counter()

    def show(self, file: FileFindings) -> None:
        """Keep the records of a file."""
        for finding, fingerprint, _ in with_fingerprints(file):
            self._add(file.path, finding.line, finding.end[0], finding.code, finding.message, fingerprint, "minor")

    def close(self, problems: Sequence[str]) -> None:
        """Write the array; files that cannot be parsed are blockers."""
        for problem in self.syntax_problems:
            self._add(problem.path, problem.line, problem.line, problem.CODE, problem.message, problem.message, "blocker")
        self.output.write(json.dumps(self._records, indent=2) + "\n")

    def _add(self, path: str, line: int, end: int, code: str, message: str, fingerprint: str, severity: str) -> None:
        shown = repository_path(path)
        identity = f"{shown}:{code}:{fingerprint}"
        self._seen[identity] += 1  # GitLab drops the second of two equal fingerprints
        self._records.append({
            "description": message, "check_name": code, "severity": severity,
            "fingerprint": hashlib.sha256(f"{identity}:{self._seen[identity]}".encode("utf-8", "surrogateescape")).hexdigest()[:40],
            "location": {"path": shown, "lines": {"begin": line, "end": end}},
        })  # fmt: skip

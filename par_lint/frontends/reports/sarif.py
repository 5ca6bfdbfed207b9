"""SARIF 2.1.0, for code scanning and viewers: rules with their pages, findings with fixes and fingerprints."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from par_lint import __version__
from par_lint.core.file_result import FileFindings, Proposal
from par_lint.core.files.read_errors import SyntaxProblem
from par_lint.core.files.text_spans import Place, Span, span_of_finding, to_code_units
from par_lint.core.findings import Applicability, Finding
from par_lint.engine.suppression.fingerprint import with_fingerprints
from par_lint.engine.suppression.rule_selection import Selection
from par_lint.frontends.reports.base import Output, Report, relative_path, uri
from par_lint.rules.rule_docs import Page, all_pages, help_uri, markdown, pages

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"


class Writer(Report):
    """The report as one SARIF log with one run; columns in UTF-16 code units."""

    wants_fixes = True

    def __init__(self, selection: Selection, output: Output) -> None:
        super().__init__(selection, output)
        self._results: list[dict[str, Any]] = []
        self._rules = {page.code: number for number, page in enumerate(all_pages())}

    def show(self, file: FileFindings) -> None:
        """Keep the results of a file."""
        seen: Counter[str] = Counter()
        for finding, fingerprint, _ in with_fingerprints(file):
            seen[f"{finding.code}:{fingerprint}"] += 1
            result = self._result(file, finding, file.proposals[finding])
            result["partialFingerprints"] = {"statement/v1": f"{fingerprint}:{seen[f'{finding.code}:{fingerprint}']}"}
            self._results.append(result)

    def close(self, problems: Sequence[str]) -> None:
        """Write the log."""
        codes = {result["ruleId"] for result in self._results}
        run = {
            "tool": {"driver": {
                "name": "par-lint", "version": __version__, "rules": [_rule_record(page) for page in (pages() if codes <= {page.code for page in pages()} else all_pages())],
            }},
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder in which par-lint was started."}}},
            "invocations": [{
                "executionSuccessful": not problems,
                "toolExecutionNotifications": [*map(_notification, self.syntax_problems), *(
                    {"level": "error", "message": {"text": problem}} for problem in problems if not self._is_syntax_problem(problem)
                )],
            }],
            "results": self._results,
        }  # fmt: skip
        self.output.write(json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n")

    def _is_syntax_problem(self, problem: str) -> bool:
        return any(problem.startswith(f"{one.path}:{one.line}:{one.column}: {one.message}") for one in self.syntax_problems)

    def _result(self, file: FileFindings, finding: Finding, proposal: Proposal) -> dict[str, Any]:
        result: dict[str, Any] = {
            "ruleId": finding.code, "ruleIndex": self._rules[finding.code], "level": "warning", "message": {"text": finding.message},
            "locations": [{"physicalLocation": {
                "artifactLocation": _artifact_location(file), "region": _region(file.lines, span_of_finding(finding)),
            }}],
            "properties": {"applicability": proposal.applicability.value},
        }  # fmt: skip
        if proposal.edits:
            result["fixes"] = [_fix_record(file, proposal)]
        for label, why in (("No fix", proposal.withheld), ("Unsafe fix", proposal.caveat)):
            if why is not None:
                place = {"artifactLocation": _artifact_location(file), "region": {"startLine": why.line}}
                result["relatedLocations"] = [{"message": {"text": f"{label}: {why.reason}"}, "physicalLocation": place}]
        if finding.via:
            steps = [_location(step.path, step.line, f"{step.function}()") for step in finding.via]
            result["codeFlows"] = [{"threadFlows": [{"locations": [{"location": location} for location in (result["locations"][0], *steps)]}]}]
            result["relatedLocations"] = [*result.get("relatedLocations", ()), *steps]
        return result


def _location(path: str, line: int, text: str) -> dict[str, Any]:
    """Return a line of another file, with a message."""
    return {"message": {"text": text}, "physicalLocation": {"artifactLocation": _location_of(path), "region": {"startLine": line}}}


def _notification(problem: SyntaxProblem) -> dict[str, Any]:
    """Return the notification about a file that cannot be parsed, with its place."""
    place = {"artifactLocation": _location_of(problem.path), "region": {"startLine": problem.line, "startColumn": problem.column}}
    return {"level": "error", "message": {"text": problem.message}, "locations": [{"physicalLocation": place}]}


def _rule_record(page: Page) -> dict[str, Any]:
    rule = {
        "id": page.code, "name": page.name.title().replace("-", ""), "shortDescription": {"text": page.summary},
        "fullDescription": {"text": page.why}, "help": {"text": page.text, "markdown": markdown(page.code)}, "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["performance", "concurrency"], "fix": page.fix},
    }  # fmt: skip
    link = help_uri(page.code)
    return rule if link is None else {**rule, "helpUri": link}


def _fix_record(file: FileFindings, proposal: Proposal) -> dict[str, Any]:
    is_safe = proposal.applicability is Applicability.SAFE
    text = "Safe: only the timing changes." if is_safe else "Unsafe: review it before you apply it."
    replacements = [
        {"deletedRegion": _region(file.lines, edit.span), "insertedContent": {"text": edit.text}} for edit in proposal.edits
    ]
    return {"description": {"text": text}, "artifactChanges": [{"artifactLocation": _artifact_location(file), "replacements": replacements}]}


def _artifact_location(file: FileFindings) -> dict[str, str]:
    return _location_of(file.path)


def _location_of(path: str) -> dict[str, str]:
    reference = {"uri": uri(path)}
    return reference if relative_path(path) is None else {**reference, "uriBaseId": _ROOT}


def _region(lines: Sequence[str], span: Span) -> dict[str, int]:
    (start, begin), (end, stop) = _utf16(lines, span.start), _utf16(lines, span.end)
    return {"startLine": start, "startColumn": begin, "endLine": end, "endColumn": stop}


def _utf16(lines: Sequence[str], place: Place) -> tuple[int, int]:
    """Return a line and a column in UTF-16 code units, both 1-based."""
    line = lines[place.line] if place.line < len(lines) else ""
    return place.line + 1, to_code_units(line, place.column, "utf-16") + 1

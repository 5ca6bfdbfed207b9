"""JUnit XML, which most CI systems show as test results: each finding is a failed test, all clean files together a passed one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from par_lint.core.file_result import FileFindings
from par_lint.engine.suppression.rule_selection import Selection
from par_lint.frontends.reports.base import Output, Report, plural

_NOT_XML = re.compile("[^\\t\\n\\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Writer(Report):
    """The report as one suite for each file with findings or errors, and one for the clean files."""

    def __init__(self, selection: Selection, output: Output) -> None:
        super().__init__(selection, output)
        self._suites: list[str] = []
        self._clean = 0
        self._failures = 0

    def show(self, file: FileFindings) -> None:
        """Keep the suite of a file."""
        if not file.findings:
            self._clean += 1
            return
        self._failures += len(file.findings)
        self._suites.append(_suite(file.path, [
            _case(file.path, finding.line, finding.column, finding.code, finding.message, "failure") for finding in file.findings
        ], failures=len(file.findings)))  # fmt: skip

    def close(self, problems: Sequence[str]) -> None:
        """Write all suites. Other errors than those of syntax are on standard error only."""
        for one in self.syntax_problems:
            self._suites.append(_suite(one.path, [_case(one.path, one.line, one.column, one.CODE, one.message, "error")], errors=1))
        clean = [f'    <testcase name="{plural(self._clean, "file")} without findings" classname="clean files"/>\n'] if self._clean else []
        if clean or not self._suites:
            self._suites.append(_suite("clean files", clean))
        errors = len(self.syntax_problems)
        tests = self._failures + errors + len(clean)
        self.output.write('<?xml version="1.0" encoding="utf-8"?>\n')
        self.output.write(f'<testsuites name="par-lint" tests="{tests}" failures="{self._failures}" errors="{errors}">\n')
        self.output.write("".join(self._suites) + "</testsuites>\n")


def _suite(name: str, cases: Sequence[str], *, failures: int = 0, errors: int = 0) -> str:
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}"'
    return f"  <testsuite name={_quoted(name)} {counts}>\n{''.join(cases)}  </testsuite>\n"


def _case(path: str, line: int, column: int, code: str, message: str, kind: str) -> str:
    return (
        f"    <testcase name={_quoted(f'{code} line {line}')} classname={_quoted(path)} file={_quoted(path)} line=\"{line}\">\n"
        f"      <{kind} type={_quoted(code)} message={_quoted(f'{path}:{line}:{column}: {code} {message}')}/>\n"
        "    </testcase>\n"
    )


def _quoted(text: str) -> str:
    """Return an attribute value. Characters that XML cannot contain are shown as question marks."""
    return quoteattr(_NOT_XML.sub("?", text))

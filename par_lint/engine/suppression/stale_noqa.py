"""Find and remove the `# noqa` comments that suppress no finding of par-lint."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flake8.violation import _find_noqa

from par_lint.core.config.rule_codes import PREFIX
from par_lint.core.file_result import FileFindings, Proposal
from par_lint.core.files.source_text import decode
from par_lint.core.files.text_spans import compute_edits
from par_lint.core.findings import Applicability, Finding
from par_lint.core.unused_noqa import CODE, MESSAGE
from par_lint.engine.suppression.logical_lines import LogicalLines
from par_lint.engine.suppression.rule_selection import Selection

_WORD = re.compile(r"[A-Za-z]+[0-9]*")


@dataclass(frozen=True)
class StaleNoqa:
    """A comment of which some codes suppress nothing: its finding, and its line (1-based) without them."""

    finding: Finding
    line: str

    def proposal(self, lines: Sequence[str]) -> Proposal:
        """Return the fix; `lines` are those of the file."""
        number = self.finding.line - 1
        return Proposal(Applicability.SAFE, edits=tuple(compute_edits(lines, [*lines[:number], self.line, *lines[number + 1 :]])))


def find_stale_noqa(file: FileFindings, selection: Selection) -> list[StaleNoqa]:
    """Return the comments of a file that suppress nothing. `file` has all its findings, also those that comments suppress."""
    if selection.options.disable_noqa or not selection.is_selected(file.path, CODE) or not any("noqa" in line.lower() for line in file.lines):
        return []
    if not selection.reads_noqa(file.path, file.lines):
        return []
    return list(_find(file, selection))


def without_stale_noqa(file: FileFindings, selection: Selection, is_to_remove: Callable[[Finding], bool]) -> tuple[bytes, list[Finding]]:
    """Return the source of a file without those of these comments that are to be removed, and their findings."""
    stale = [one for one in find_stale_noqa(file, selection) if is_to_remove(one.finding)]
    if not stale:
        return file.source, []
    text, encoding = decode(file.source)
    lines = list(file.lines)
    for one in stale:
        lines[one.finding.line - 1] = one.line
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    return (mark + "".join(lines)).encode(encoding), [one.finding for one in stale]


def _find(file: FileFindings, selection: Selection) -> Iterator[StaleNoqa]:
    logical = LogicalLines(file.lines)
    found: dict[tuple[int, int], set[str]] = {}
    for finding in file.findings:
        found.setdefault(logical.range(finding.line), set()).add(finding.code)
    for number, column in sorted(logical.comments.items()):
        first, last = logical.range(number)
        before = sum(len(line) for line in file.lines[first - 1 : number - 1]) + column
        match = _find_noqa("".join(file.lines[first - 1 : last]))  # flake8 reads only the first one of a group of lines
        if match is None or match["codes"] is None or not before <= match.start() < before - column + len(file.lines[number - 1]):
            continue
        offset = before - column
        codes = list(_WORD.finditer(match["codes"]))
        hidden = found.get((first, last), set())
        unused = [word for word in codes if _is_unused(word[0].upper(), hidden, file.path, selection)]
        if unused:
            line = file.lines[number - 1]
            written = match["codes"].rstrip(", \t\r\n")
            start, end = match.start() - offset, match.start("codes") + len(written) - offset
            names = ", ".join(word[0] for word in unused)
            finding = Finding(number, start + 1, CODE, MESSAGE.format(codes=names), (number, end + 1), Applicability.SAFE)
            kept = [word[0] for word in codes if word not in unused]
            yield StaleNoqa(finding, _rewritten(line, start, end, written, kept))


def _is_unused(code: str, hidden: set[str], path: str, selection: Selection) -> bool:
    """Return whether a code in a comment is one of par-lint's, is selected, and suppresses nothing."""
    if not code.startswith(PREFIX) or any(found.startswith(code) for found in hidden):
        return False
    return selection.selects_any(path, code)


def _rewritten(line: str, start: int, end: int, codes: str, kept: Sequence[str]) -> str:
    """Return a line with only these codes in its comment; without the comment, or the noqa in it, if there are none."""
    if kept:
        separator = ", " if ", " in codes else "," if "," in codes else " "
        return line[: end - len(codes)] + separator.join(kept) + line[end:]
    body, newline = line.rstrip("\r\n"), line[len(line.rstrip("\r\n")) :]
    before, after = body[:start].rstrip(), body[end:].strip()
    if after and not after.startswith("#"):
        after = f"# {after}"
    if not before.strip():
        return f"{body[: len(body) - len(body.lstrip())]}{after}{newline}" if after else newline
    return f"{before}{'  ' + after if after else ''}{newline}"

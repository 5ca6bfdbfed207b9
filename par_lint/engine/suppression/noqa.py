"""Write the `# noqa` comments that suppress findings, at the lines at which flake8 reads them."""

from __future__ import annotations

import ast

from flake8.violation import _find_noqa

from par_lint.core.file_result import FileFindings
from par_lint.core.files.read_errors import Problem
from par_lint.core.files.source_text import decode, parse_tree
from par_lint.engine.suppression.logical_lines import LogicalLines
from par_lint.engine.suppression.rule_selection import Selection


def with_noqa(file: FileFindings, selection: Selection) -> bytes:
    """Return the source of a file with a comment for each of its findings. Raises Problem if no comment can suppress one of them."""
    text, encoding = decode(file.source)
    lines = list(file.lines)
    ranges = LogicalLines(lines)
    for (first, last), codes in ranges.codes(file.findings).items():
        lines[first - 1 : last] = _add_codes(file.path, lines[first - 1 : last], codes, ranges.comments.get(last))
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    source = (mark + "".join(lines)).encode(encoding)
    left = [finding for finding in file.findings if selection.is_wanted(file.path, finding, lines)]
    if left or ast.dump(parse_tree(source)) != ast.dump(parse_tree(file.source)):
        where = (left or file.findings)[0]
        raise Problem(f"{file.path}:{where.line}: no comment can suppress {where.code} here; use per-file-ignores or a baseline")
    return source


def _add_codes(path: str, lines: list[str], codes: list[str], comment: int | None) -> list[str]:
    """Return a group of lines with a comment for codes at the end, or with the codes added to the existing comment."""
    *before, last = lines
    match = _find_noqa("".join(lines))
    if match is None:
        body = last.rstrip("\r\n")
        return [*before, f"{body.rstrip()}  # noqa: {','.join(codes)}{last[len(body) :]}"]
    start = match.start() - sum(map(len, before))
    known = match["codes"]
    if known is None or comment is None or start < comment:
        raise Problem(f"{path}: {match.group().strip()!r} is in a string, which flake8 reads as a comment; use per-file-ignores or a baseline")
    separator = ", " if ", " in known else "," if "," in known or " " not in known.strip() else " "
    end = start + match.start("codes") - match.start() + len(known.rstrip(", \t\r\n"))
    return [*before, last[:end] + "".join(separator + code for code in codes) + last[end:]]

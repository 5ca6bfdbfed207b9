"""Write the `# noqa` comments that suppress findings, at the lines at which flake8 reads them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from flake8.violation import _find_noqa

from par_lint.core.file_result import FileFindings, findings_of_text
from par_lint.core.files.read_errors import Problem
from par_lint.core.files.source_text import UnparsableSource, decode, parse_tree, split_lines
from par_lint.core.files.text_spans import TextEdit, compute_edits
from par_lint.core.findings import Finding
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


def comment_edits(path: str, lines: Sequence[str], tree: ast.Module, finding: Finding, selection: Selection) -> list[TextEdit]:
    """Return the edits that add the comment for one finding. Only the function, or statement of a module or class, around it is read.

    Raises Problem if no comment can suppress the finding.
    """
    first, last, is_indented = _statement_around(tree, finding.line)
    try:
        return _edits_in(path, ["if 1:\n", *lines[first - 1 : last]] if is_indented else lines[first - 1 : last], first - 1 - is_indented, finding, selection)
    except UnparsableSource:  # a line of the statement belongs to another one, too
        return _edits_in(path, lines, 0, finding, selection)


def _edits_in(path: str, piece: Sequence[str], above: int, finding: Finding, selection: Selection) -> list[TextEdit]:
    """Return the edits of a piece of a file, which has `above` lines above it. Raises Problem and UnparsableSource."""
    inner = replace(finding, line=finding.line - above, end=(finding.end[0] - above, finding.end[1]))
    try:
        source = with_noqa(findings_of_text(path, piece, [inner]), selection)
    except Problem as error:
        raise Problem(str(error).replace(f"{path}:{inner.line}:", f"{path}:{finding.line}:", 1)) from None
    return [edit.moved(above) for edit in compute_edits(piece, split_lines(decode(source)[0]))]


def _statement_around(tree: ast.Module, line: int) -> tuple[int, int, bool]:
    """Return the first and last line of the statement of a module or class at a line, and whether it is in a class."""
    body: Sequence[ast.stmt] = tree.body
    found: ast.stmt | None = None
    while True:
        inside = [node for node in body if _first_line(node) <= line <= (node.end_lineno or 0)]
        if not inside:
            return (1, max(line, tree.body[-1].end_lineno or 0) if tree.body else line, False) if found is None else _range(found, tree)
        found = inside[0]
        if len(inside) > 1 or not isinstance(found, ast.ClassDef):
            return _range(found, tree, inside[-1])
        body = found.body


def _range(node: ast.stmt, tree: ast.Module, last: ast.stmt | None = None) -> tuple[int, int, bool]:
    return _first_line(node), (last or node).end_lineno or 0, node not in tree.body


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min(node.lineno, *(one.lineno for one in decorators)) if decorators else node.lineno


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

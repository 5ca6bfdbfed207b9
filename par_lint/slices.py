"""The lines of a file that a rule has to see, as a module of their own made of whole original lines.

A slice holds the methods and functions around the candidates and the same-file functions that these reach, under the
headers of their classes. Columns stay as they are; a line table leads back to the file.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Slice:
    """Source text, and for each of its lines the line of the file that it is (both 1-based)."""

    text: str
    file_lines: Sequence[int]


def whole(lines: Sequence[str]) -> Slice:
    """The slice that is the whole file."""
    return Slice("".join(lines), range(1, len(lines) + 1))


def slice_around(tree: ast.Module, lines: Sequence[str], wanted: Iterable[int]) -> Slice:
    """The smallest slice that holds the definitions or statements in which the `wanted` lines stand."""
    kept: set[int] = set()
    _keep(tree.body, sorted(set(wanted)), kept)
    numbers = sorted(number for number in kept if number <= len(lines))
    return Slice("".join(lines[number - 1] for number in numbers), numbers)


def _keep(body: Sequence[ast.stmt], wanted: Sequence[int], kept: set[int]) -> None:
    """Add the lines of the statements in which `wanted` lines, in ascending order, stand: of classes, the members alone."""
    for statement in body:
        first, last = _first_line(statement), statement.end_lineno or statement.lineno
        here = wanted[bisect_left(wanted, first):bisect_right(wanted, last)]
        if not here:
            continue
        inner = _first_line(statement.body[0]) if isinstance(statement, ast.ClassDef) else 0
        if isinstance(statement, ast.ClassDef) and here[0] >= inner > statement.lineno:
            kept.update(range(first, inner))
            _keep(statement.body, here, kept)
        else:
            kept.update(range(first, last + 1))


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])

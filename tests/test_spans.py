"""Columns in an editor's units, what is underlined, and edits that turn one text into another."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_lint.config import Config
from par_lint.engine import lint
from par_lint.findings import Finding
from par_lint.source import split_lines
from par_lint.spans import Place, Span, TextEdit, apply_edits, find_edits, find_span, from_units, to_units

LINES = st.lists(st.sampled_from(["", "a", "  b", "é = 𝒳", "\x0c", "c\u2028d"]), max_size=8)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def texts() -> st.SearchStrategy[str]:
    return st.tuples(LINES, ENDS, st.booleans()).map(lambda made: made[1].join(made[0]) + made[1] * made[2])


@settings(max_examples=300, deadline=None)
@given(texts(), texts())
def test_edits_turn_one_text_into_the_other(before: str, after: str) -> None:
    edits = find_edits(before, after)
    assert apply_edits(before, edits) == after
    lines = split_lines(before)
    for edit in edits:  # no place is inside of a line end, or past it
        for place in (edit.span.start, edit.span.end):
            assert place.column <= len(lines[place.line].rstrip("\r\n")) if place.line < len(lines) else place == Place(len(lines), 0)


def test_edits_are_few() -> None:
    assert find_edits("a = f(1)\nb\n", "a = f(1, timeout=5)\nb\n") == [TextEdit(Span(Place(0, 7), Place(0, 7)), ", timeout=5")]
    assert find_edits("a\nb\nc\n", "a\nb\nc\n") == []
    assert find_edits("a\nb\nc\n", "x\na\nb\nd\ne\n") == [
        TextEdit(Span(Place(0, 0), Place(0, 0)), "x\n"),
        TextEdit(Span(Place(2, 0), Place(3, 0)), "d\ne\n"),
    ]


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", [0, 4, 6, 7]), ("utf-16", [0, 2, 3, 4]), ("utf-32", [0, 1, 2, 3])])
def test_columns_in_all_units(encoding: str, units: list[int]) -> None:
    assert [to_units("𝒳éx", column, encoding) for column in range(4)] == units
    assert [from_units("𝒳éx", unit, encoding) for unit in units] == [0, 1, 2, 3]
    assert from_units("𝒳éx", 99, encoding) == 3


def test_a_column_inside_of_a_character_is_that_characters() -> None:
    assert from_units("𝒳x", 1, "utf-16") == 0
    assert from_units("éx", 1, "utf-8") == 0


@pytest.mark.parametrize(
    ("text", "column", "underlined"),
    [
        ("for a in [\n  1]:\n    f(a)\n", 1, "for a in [\n  1]"),
        ("while f(1):\n    g()\n", 1, "while f(1)"),
        ("with f(1) as g:\n    pass\n", 1, "with f(1) as g"),
        ("x = é.run(a).wait(b) + 1\n", 5, "é.run(a).wait(b)"),
        ("x = [f(a) for a in b]\n", 5, "[f(a) for a in b]"),
        ("x = f(1)\n", 1, "x = f(1)"),
        ("abc  \n", 2, "bc"),
    ],
)
def test_what_is_underlined(text: str, column: int, underlined: str) -> None:
    span = find_span(Finding(1, column, "PRL101", ""), ast.parse(text), split_lines(text))
    assert apply_edits(text, [TextEdit(span, "@")]) == text.replace(underlined, "@", 1)


def test_a_loops_body_is_not_underlined() -> None:
    text = "for name in names:\n    print(open(name).read())\n"
    tree = ast.parse(text)
    (finding,) = lint(tree, split_lines(text), Config())
    assert find_span(finding, tree, split_lines(text)) == Span(Place(0, 0), Place(0, 17))

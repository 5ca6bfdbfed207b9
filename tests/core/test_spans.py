"""Columns in an editor's units, what is underlined, and edits that turn one text into another."""

from __future__ import annotations

import ast
import re

import pytest
from applied import apply_edits
from hypothesis import given, settings
from hypothesis import strategies as st

from par_lint.core.config.settings import Config
from par_lint.core.files import text_spans as spans
from par_lint.core.files.source_text import split_lines
from par_lint.core.files.text_spans import Place, Span, TextEdit, compute_edits, from_code_units, moved_down, span_of_finding, to_code_units, whole_lines
from par_lint.engine.lint_file import lint

LINES = st.lists(st.sampled_from(["", "a", "  b", "é = 𝒳", "\x0c", "c\u2028d"]), max_size=8)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def texts() -> st.SearchStrategy[str]:
    return st.tuples(LINES, ENDS, st.booleans()).map(lambda made: made[1].join(made[0]) + made[1] * made[2])


@settings(max_examples=300, deadline=None)
@given(texts(), texts())
def test_edits_turn_one_text_into_the_other(before: str, after: str) -> None:
    lines = split_lines(before)
    edits = compute_edits(lines, split_lines(after))
    assert apply_edits(before, edits) == after
    for edit in edits:  # no place is inside of a line end, or past it
        for place in (edit.span.start, edit.span.end):
            assert place.column <= len(lines[place.line].rstrip("\r\n")) if place.line < len(lines) else place == Place(len(lines), 0)


def edits_between(before: str, after: str) -> list[TextEdit]:
    return compute_edits(split_lines(before), split_lines(after))


def test_edits_are_few() -> None:
    assert edits_between("a = f(1)\nb\n", "a = f(1, timeout=5)\nb\n") == [TextEdit(Span(Place(0, 7), Place(0, 7)), ", timeout=5")]
    assert edits_between("a\nb\nc\n", "a\nb\nc\n") == []
    assert edits_between("a\nb\nc\n", "x\na\nb\nd\ne\n") == [
        TextEdit(Span(Place(0, 0), Place(0, 0)), "x\n"),
        TextEdit(Span(Place(2, 0), Place(3, 0)), "d\ne\n"),
    ]


def test_edits_stay_few_in_long_texts_of_like_lines() -> None:
    pages = [f"a = {number}\nprint()\n" for number in range(300)]
    before, after = "".join(pages), "".join(["import x\n", *pages[:150], "y\n", *pages[150:], "z\n"])
    assert [edit.text for edit in edits_between(before, after)] == ["import x\n", "y\n", "z\n"]


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", [0, 4, 6, 7]), ("utf-16", [0, 2, 3, 4]), ("utf-32", [0, 1, 2, 3])])
def test_columns_in_all_units(encoding: str, units: list[int]) -> None:
    assert [to_code_units("𝒳éx", column, encoding) for column in range(4)] == units
    assert [from_code_units("𝒳éx", unit, encoding) for unit in units] == [0, 1, 2, 3]
    assert from_code_units("𝒳éx", 99, encoding) == 3


def test_a_column_inside_of_a_character_is_that_characters() -> None:
    assert from_code_units("𝒳x", 1, "utf-16") == 0
    assert from_code_units("éx", 1, "utf-8") == 0


HEAD = "from pathlib import Path\nfrom subprocess import Popen\nimport requests\n\n\n"


@pytest.mark.parametrize(
    "marked",
    [
        "def f(names):\n    «for name in names»:\n        print(open(name).read())\n",
        "def f(names):\n    «for name in (\n        names  # (all)\n    )»:\n        print(open(name).read())\n",
        "def f():\n    «for name in ('a', 'é', 'c', )»: print(open(name).read())\n",
        "def f(names):\n    «for name in names[(0)]»: print(open(name).read())\n",
        "def f(names):\n    é = «[Path(n).read_text() for n in names]» + ['x']\n    return é\n",
        "def f(url):\n    return «requests.get(url)».json()['a']\n",
        "def f(name):\n    return «Popen(\n        [name],\n    ).communicate()»[0].decode()\n",
        "def f(a):\n    «x = requests.get(f'{a}/1', timeout=5)»\n    y = requests.get(f'{a}/2', timeout=5)\n    z = requests.get(f'{a}/3', timeout=5)\n    return x, y, z\n",
    ],
)  # fmt: skip
def test_what_is_underlined(marked: str) -> None:
    text = HEAD + marked.replace("«", "").replace("»", "")
    (finding,) = lint(ast.parse(text), split_lines(text), Config())
    assert apply_edits(text, [TextEdit(span_of_finding(finding), "@")]) == HEAD + re.sub("«.*»", "@", marked, flags=re.DOTALL)


@settings(max_examples=300, deadline=None)
@given(texts(), texts())
def test_edits_by_whole_lines_are_the_same_edits(before: str, after: str) -> None:
    lines = split_lines(before)
    edits = compute_edits(lines, split_lines(after))
    assert "".join(spans.apply_edits(lines, edits)) == after
    shown, at = "", 0
    for start, end, new in (whole_lines(lines, edit) for edit in edits):
        assert at <= start <= end <= len(lines)
        shown += "".join(lines[at:start] + new)
        at = end
    assert shown + "".join(lines[at:]) == after


@settings(max_examples=300, deadline=None)
@given(texts(), texts())
def test_an_insertion_may_be_moved_down(before: str, after: str) -> None:
    lines = split_lines(before)
    for edit in compute_edits(lines, split_lines(after)):
        assert apply_edits(before, [moved_down(lines, edit)]) == apply_edits(before, [edit])

"""Arguments are added and replaced in the layout of the call; comments stay, and the text parses."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_lint.fixes.set_argument import set_argument, set_keyword

ADDED = [
    ("run()", "run(timeout=10)"),
    ("run( )", "run(timeout=10)"),
    ("run(\n)", "run(timeout=10)"),
    ("run(a)", "run(a, timeout=10)"),
    ("run(a )", "run(a, timeout=10 )"),
    ("run( a )", "run( a, timeout=10 )"),
    ("run(a,)", "run(a, timeout=10,)"),
    ("run(a, )", "run(a, timeout=10, )"),
    ("run(a, check=True)", "run(a, check=True, timeout=10)"),
    ("run(a, check = True)", "run(a, check = True, timeout = 10)"),
    ("run(*args)", "run(*args, timeout=10)"),
    ("run(a, *args)", "run(a, *args, timeout=10)"),
    ("run(check=True, *args)", "run(check=True, *args, timeout=10)"),
    ("run(**options)", "run(timeout=10, **options)"),
    ("run(a, **options)", "run(a, timeout=10, **options)"),
    ("run(*args, **options)", "run(*args, timeout=10, **options)"),
    ("run(a, **options, check=True)", "run(a, timeout=10, **options, check=True)"),
    ("run(x for x in y)", "run((x for x in y), timeout=10)"),
    ("run((x for x in y))", "run((x for x in y), timeout=10)"),
    ("run(\n    x for x in y\n)", "run(\n    (x for x in y), timeout=10\n)"),
    ("run(\n    [\n        a,\n    ]\n)", "run(\n    [\n        a,\n    ],\n    timeout=10,\n)"),
    ("run(\n    f(\n        a,\n    )\n)", "run(\n    f(\n        a,\n    ),\n    timeout=10,\n)"),
    ("run(\n    [\n        a\n    ]\n)", "run(\n    [\n        a\n    ],\n    timeout=10\n)"),
    ("run([\n    a,\n])", "run([\n    a,\n], timeout=10)"),
    ("run(lambda: a)", "run(lambda: a, timeout=10)"),
    ("run(a := b)", "run(a := b, timeout=10)"),
    ("run(a if b else c)", "run(a if b else c, timeout=10)"),
    ("run(\n    a\n)", "run(\n    a, timeout=10\n)"),
    ("run(\n    a,\n)", "run(\n    a,\n    timeout=10,\n)"),
    ("run(\n    a,\n    b,\n)", "run(\n    a,\n    b,\n    timeout=10,\n)"),
    ("run(\n    a, b\n)", "run(\n    a, b, timeout=10\n)"),
    ("run(a,\n    b)", "run(a,\n    b,\n    timeout=10)"),
    ("run(a, b,\n    c)", "run(a, b,\n    c,\n    timeout=10)"),
    ("run(\n    a)", "run(\n    a, timeout=10)"),
    ("run(a\n    , b\n)", "run(a\n    , b, timeout=10\n)"),
    ("run(a, \\\n    b)", "run(a, \\\n    b, timeout=10)"),
    ("run(a \\\n)", "run(a, timeout=10 \\\n)"),
    ("run(\n    a,  # first\n)", "run(\n    a,  # first\n    timeout=10,\n)"),
    ("run(\n    a  # first\n)", "run(\n    a,  # first\n    timeout=10\n)"),
    ("run(a  # first\n)", "run(a,  # first\n    timeout=10\n)"),
    ("run(\n    a,\n    # last\n)", "run(\n    a,\n    # last\n    timeout=10,\n)"),
    ("run(\n    # nothing\n)", "run(\n    # nothing\n    timeout=10\n)"),
    ("run(  # nothing\n)", "run(  # nothing\n    timeout=10\n)"),
    (
        "run(\n    a,  # first\n    # rest\n    **options,  # rest\n)",
        "run(\n    a,  # first\n    # rest\n    timeout=10,\n    **options,  # rest\n)",
    ),
    ("run(\n    **options\n)", "run(\n    timeout=10,\n    **options\n)"),
]

REPLACED = [
    ("run(a, timeout=None)", "run(a, timeout=10)"),
    ("run(a, timeout = None, check=True)", "run(a, timeout = 10, check=True)"),
    ("run(a, timeout=None  # for ever\n)", "run(a, timeout=10  # for ever\n)"),
    ("run(a, timeout=(None))", "run(a, timeout=10)"),
    ("run(a, timeout=(  # for ever\n    None))", "run(a, timeout=(  # for ever\n    10))"),
    ("run(timeout=None, **options)", "run(timeout=10, **options)"),
]


def added(source: str) -> str:
    call = cst.parse_expression(source)
    assert isinstance(call, cst.Call)
    return cst.Module([]).code_for_node(set_keyword(call, "timeout", cst.Integer("10")))


def comments(source: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source + "\n").readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


@pytest.mark.parametrize(("before", "after"), [*ADDED, *REPLACED])
def test_keyword_is_set(before: str, after: str) -> None:
    assert added(before) == after
    ast.parse(after)
    assert comments(after) == comments(before)


def test_layout_holds_inside_an_indented_block() -> None:
    module = cst.parse_module("if a:\n    run(\n        b,  # c\n    )\n")
    block = module.body[0]
    assert isinstance(block, cst.If)
    line = block.body.body[0]
    call = line.body[0].value  # type: ignore[union-attr]
    changed = module.deep_replace(call, set_keyword(call, "timeout", cst.Integer("10")))
    assert changed.code == "if a:\n    run(\n        b,  # c\n        timeout=10,\n    )\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("urlopen(u, None, None)", "urlopen(u, None, 10)"),
        ("urlopen(u, None)", "urlopen(u, None, timeout=10)"),
        ("urlopen(u, *rest)", "urlopen(u, *rest, timeout=10)"),
        ("urlopen(u, *rest, x)", "urlopen(u, *rest, x, timeout=10)"),
        ("urlopen(u, data=None, timeout=None)", "urlopen(u, data=None, timeout=10)"),
        ("urlopen(u, data=None, context=c)", "urlopen(u, data=None, context=c, timeout=10)"),
    ],
)
def test_argument_by_position_is_replaced(before: str, after: str) -> None:
    call = cst.parse_expression(before)
    assert isinstance(call, cst.Call)
    changed = set_argument(call, 2, "timeout", cst.Integer("10"))
    assert cst.Module([]).code_for_node(changed) == after


def test_argument_without_position_is_a_keyword() -> None:
    call = cst.parse_expression("run(a)")
    assert isinstance(call, cst.Call)
    changed = set_argument(call, None, "timeout", cst.Integer("10"))
    assert cst.Module([]).code_for_node(changed) == "run(a, timeout=10)"


SPACE = st.sampled_from(["", " ", "\n", "\n    ", "  # c1\n    ", "\n    # c2\n    ", " \\\n    "])
ARGS = st.lists(st.sampled_from(["a", "b(c)", "'#'", "[1, 2]", "lambda: d"]), max_size=3)
TAIL = st.sampled_from([[], ["*e"], ["k=f"], ["k = f", "**g"], ["*e", "**g"], ["**g"], ["**g", "**h"]])


@settings(max_examples=300, deadline=None)
@given(args=ARGS, tail=TAIL, spaces=st.lists(SPACE, min_size=20, max_size=20), trailing=st.booleans())
def test_any_layout_keeps_its_arguments_and_comments(
    args: list[str], tail: list[str], spaces: list[str], trailing: bool
) -> None:
    gaps = iter(spaces)
    items = [next(gaps) + arg + next(gaps) for arg in [*args, *tail]]
    source = "run(" + ",".join(items) + ("," + next(gaps) if trailing and items else "") + ")"
    result = added(source)
    before, after = (ast.parse(text, mode="eval").body for text in (source, result))
    assert isinstance(before, ast.Call)
    assert isinstance(after, ast.Call)
    assert comments(result) == comments(source)
    assert [ast.dump(arg) for arg in after.args] == [ast.dump(arg) for arg in before.args]
    named = {keyword.arg: ast.unparse(keyword.value) for keyword in after.keywords if keyword.arg}
    assert named.pop("timeout") == "10"
    assert named == {keyword.arg: ast.unparse(keyword.value) for keyword in before.keywords if keyword.arg}
    assert sum(k.arg is None for k in after.keywords) == sum(k.arg is None for k in before.keywords)

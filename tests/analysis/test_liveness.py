"""Which names a loop leaves to what comes after it."""

from __future__ import annotations

import ast
import random

import libcst as cst
import pytest

from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.slices import whole
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.variables.liveness import is_read_after, is_read_after_error
from par_lint.core.catalog import builtin_catalog
from par_lint.core.files.source_text import split_lines

READ = {
    "plain": "LOOP\n    return x",
    "in a condition": "LOOP\n    if x: pass",
    "in one branch": "LOOP\n    if a:\n        x = 1\n    return x",
    "before it is bound again": "LOOP\n    x = x + 1",
    "augmented": "LOOP\n    x += 1",
    "deleted": "LOOP\n    del x",
    "by the next pass of an outer loop": "while a:\n        print(x)\n        LOOP",
    "by an outer loop's test": "while x:\n        LOOP",
    "by a nested function": "def later(): return x\n    LOOP",
    "by a nested function that rebinds it": "def later():\n        nonlocal x\n        x += 1\n    LOOP",
    "by a default": "LOOP\n    def later(x=x): return x",
    "by locals()": "LOOP\n    return locals()",
    "declared global": "global x\n    LOOP",
    "by a finally": "try:\n        LOOP\n    finally:\n        print(x)",
    "in a loop that may run no pass": "LOOP\n    for x in a: pass\n    return x",
    "behind what may swallow": "LOOP\n    with a:\n        x = 1\n    return x",
    "element of it": "LOOP\n    x[0] = 1",
    "by the first iterable of a comprehension": "LOOP\n    return [x for x in x]",
    "by the first iterable, for an inner variable": "LOOP\n    return [x for y in x for x in y]",
    "by a comprehension over another name": "LOOP\n    return [x for y in a]",
    "beside a comprehension": "LOOP\n    return [x for x in a], x",
    "behind a comprehension": "LOOP\n    b = [x for x in a]\n    return x",
    "by the loop's else": "for y in a:\n        LOOP\n    else:\n        print(x)",
}
NOT_READ = {
    "nothing follows": "LOOP",
    "bound again": "LOOP\n    x = 1\n    return x",
    "bound in both branches": "LOOP\n    if a:\n        x = 1\n    else:\n        x = 2\n    return x",
    "target of another loop": "LOOP\n    for x in a:\n        print(x)",
    "read before only": "print(x)\n    LOOP",
    "bound by an open file": "LOOP\n    with open(a) as x:\n        print(x)",
    "bound anew in each outer pass": "for y in a:\n        LOOP\n        x = y\n        print(x)",
    "another function's own variable": "def other(x): return x\n    LOOP",
    "another function's own name": "def other():\n        x = 1\n        return x\n    LOOP",
    "a comprehension's own variable": "LOOP\n    return [x for x in a]",
    "a generator's own variable, in conditions": "LOOP\n    if any(x for x in a if x):\n        return {x: x for x, y in a}",
    "an inner variable of a comprehension": "LOOP\n    return [x for y in a for x in y]",
    "a variable of the comprehension around": "LOOP\n    return [[y for y in x] for x in a]",
    "an attribute of that name": "LOOP\n    return a.x",
    "a keyword of that name": "LOOP\n    return a(x=1)",
}


def loop_of(body: str) -> tuple[cst.For, Facts]:
    """The loop over `rows` in a function of this body."""
    indents = {line: line[: len(line) - len(line.lstrip())] for line in body.splitlines() if "LOOP" in line}
    for line, indent in indents.items():
        body = body.replace(line, line.replace("LOOP", f"for x in rows:\n    {indent or ''}    work(x)"))
    text = f"def f(a, rows):\n    {body}\n"
    index = FileIndex(ast.parse(text))
    module = cst.parse_module(text)
    lines = split_lines(text)
    facts = Facts(index, Resolver(index, builtin_catalog()), whole(lines), lines, module)
    loops = [node for node in descend(module, into_functions=True) if isinstance(node, cst.For)]
    return next(node for node in loops if isinstance(node.iter, cst.Name) and node.iter.value == "rows"), facts


@pytest.mark.parametrize("body", READ.values(), ids=READ)
def test_is_read(body: str) -> None:
    assert is_read_after("x", *loop_of(body))


@pytest.mark.parametrize("body", NOT_READ.values(), ids=NOT_READ)
def test_is_not_read(body: str) -> None:
    assert not is_read_after("x", *loop_of(body))


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("LOOP\n    return x", False),
        ("try:\n        LOOP\n    except E:\n        print(x)", True),
        ("try:\n        LOOP\n    except E:\n        pass\n    return x", True),
        ("try:\n        LOOP\n    except E:\n        pass", False),
        ("with suppress(E):\n        LOOP\n    return x", True),
        ("def later(): return x\n    LOOP", True),
    ],
)
def test_is_read_after_an_error(body: str, wanted: bool) -> None:
    assert is_read_after_error("x", *loop_of(body)) is wanted


@pytest.mark.parametrize("seed", range(60))
def test_what_is_asked_before_changes_no_answer(seed: int) -> None:
    """Answers about one block are kept: asked in any order, they are those of a fresh start."""
    chosen = random.Random(seed)
    parts = ["x = 1", "print(x)", "a = 1", "for x in rows:\n    work(x)", "if a:\n        x = 2", "if a:\n        return x", "x = x + 1"]
    body = "\n    ".join(chosen.choices(parts, [1, 1, 6, 6, 2, 1, 1], k=12)).replace("\n    work", "\n        work")
    first, facts = loop_of("for y in rows:\n        LOOP\n    " + body)
    loops = [node for node in facts.all_of(cst.For) if node is not first]
    alone = {loop: is_read_after("x", loop, Facts(facts.index, facts.resolver, whole(facts.lines), facts.lines, facts.module)) for loop in loops}
    chosen.shuffle(loops)
    assert {loop: is_read_after("x", loop, facts) for loop in loops} == alone

"""Nodes of a slice and of the standard tree find each other, however they are bracketed, and whatever stands before them."""

from __future__ import annotations

import ast
import sys

import libcst as cst
import pytest

from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.slices import whole
from par_lint.core.config.settings import Config
from par_lint.engine.lint_file import File

LOOPS = '''
for a in xs: pass
for (b, c), *d in xs:
    for e.f in xs: pass
for [g, h] in xs: pass
for i[0] in xs: pass
one = [j for j in xs]
two = sum(k for k in xs)
three = ((l for (l) in xs))
four = {m: n for (m, n) in xs if m for o in n}
five = "ä"; six = {"ä" for p in [q for q in xs]}
class C:
    r = [s
         for s in xs]
async def f():
    async for t in xs: pass
    return [u async for u in xs]
'''
STATEMENTS = '''
a = 1; b = (2)
(c.d)[0].e(
    f)
with (g) as h:
    i = 1
if j: k = 1
else: l = 2
@m
def n(): return o
try: p()
except q as r: s = 1
'''


def facts_of(text: str) -> Facts:
    file = File.of(text.encode(), Config())
    facts = file.facts(whole(file.lines))
    assert facts is not None
    return facts


def test_every_loop_is_found() -> None:
    facts = facts_of(LOOPS)
    loops = facts.all_of(cst.For, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
    found = [facts.counterparts.loop(loop) for loop in loops]
    standard = [node for node in ast.walk(ast.parse(LOOPS)) if isinstance(node, (ast.For, ast.AsyncFor, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp))]
    assert len(loops) == len(standard) == 14
    assert len({id(node) for node in found}) == 14
    for loop, node in zip(loops, found):
        assert type(node).__name__.removeprefix("Async") == type(loop).__name__
        first = loop.for_in.iter if isinstance(loop, cst.BaseComp) else loop.iter
        own = node.iter if isinstance(node, (ast.For, ast.AsyncFor)) else node.generators[0].iter  # type: ignore[union-attr]
        assert facts.span(first)[:2] == (own.lineno, len(LOOPS.splitlines()[own.lineno - 1].encode()[: own.col_offset].decode()))


def test_every_statement_of_a_block_is_found() -> None:
    facts = facts_of(STATEMENTS)
    found = [node for statement in facts.module.body for node in facts.counterparts.of(statement)]
    assert [type(node).__name__ for node in found if not isinstance(node, ast.FunctionDef)] == ["Assign", "Assign", "Expr", "With", "If", "Try"]


def test_what_is_changed_is_found_in_the_slice() -> None:
    facts = facts_of(STATEMENTS)
    for node in ast.walk(facts.index.tree):
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.ExceptHandler)):
            found = facts.counterparts.changed(node)
            assert type(found).__name__ == type(node).__name__
            assert facts.span(found)[0] == node.lineno  # type: ignore[arg-type]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="places in f-strings are right from 3.12 on")
def test_calls_in_strings_are_found() -> None:
    facts = facts_of('x = f"{a(1)} {b(f"{c(2)}")}"\n')
    calls = [facts.call_node(node) for node in ast.walk(facts.index.tree) if isinstance(node, ast.Call)]
    assert len(calls) == 3 and None not in calls

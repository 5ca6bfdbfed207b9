"""Walks over the nodes of a slice, and the checks of new nodes."""

from __future__ import annotations

import libcst as cst
import pytest

from par_lint.analysis.gate.slices import whole
from par_lint.analysis.syntax.nodes import SCOPES, descend
from par_lint.analysis.syntax.parser import parse_expression, unvalidated
from par_lint.core.config.settings import Config
from par_lint.engine.lint_file import File

SOURCE = b"""
def outer(paths, *, key=lambda path: path.name):
    total = 0
    for path in sorted(paths, key=key):
        def inner(one):
            del one.cache
            return [part for part in one]
        try:
            first, *rest = inner(path)
        except OSError as error:
            print(error)
        total += len(rest)
    return {name: (other := name) for name in first}
"""


def test_the_list_of_nodes_gives_what_a_walk_gives() -> None:
    file = File.of(SOURCE, Config())
    facts = file.facts(whole(file.lines))
    for node in facts.tree.nodes:
        assert list(facts.descendants(node)) == list(descend(node, into_functions=True))
        assert list(facts.own_descendants(node)) == list(descend(node))
        assert facts.node_types(node) == {type(one) for one in descend(node, into_functions=True)}
    assert SCOPES & facts.node_types(facts.module)


def test_new_nodes_are_walked() -> None:
    file = File.of(SOURCE, Config())
    facts = file.facts(whole(file.lines))
    loop = next(iter(facts.all_of(cst.For)))
    new = cst.If(cst.Name("wanted"), cst.IndentedBlock([cst.SimpleStatementLine([cst.Del(cst.Name("gone"))]), loop]))
    assert list(facts.descendants(new)) == list(descend(new, into_functions=True))
    assert facts.deleted(new) == {"gone", "error"}
    assert facts.assigned(new) == facts.assigned(loop) >= {"path", "inner", "first"}


def test_checks_of_nodes_are_off_until_the_outermost_block_ends() -> None:
    with unvalidated():
        parse_expression("name")
        cst.Name("")  # not checked: the parser has not switched the checks on again
    with pytest.raises(cst.CSTValidationError):
        cst.Name("")

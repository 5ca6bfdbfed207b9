"""Placeholders for imported names, until their spelling in the module is known."""

from __future__ import annotations

from typing import TypeVar, Union, cast

import libcst as cst

from par_lint.analysis.syntax.nodes import descend
from par_lint.fixes.codegen.replace import replace_inside

_Node = TypeVar("_Node", bound=Union[cst.CSTNode, "cst.FlattenSentinel[cst.CSTNode]"])
_MARK = ord("𝐚") - ord("a")


def import_placeholder(name: str) -> str:
    """Return the placeholder of an imported name: of the same length, with a last letter that nobody uses, so that no name of the module clashes."""
    return name[:-1] + chr(ord(name[-1]) + _MARK)


def rename_call(node: _Node, name: str, spelling: str) -> _Node:
    """Return `node` with every call of the placeholder of `name` changed to a call of `spelling`, which may be dotted."""
    if isinstance(node, cst.FlattenSentinel):
        return cast(_Node, cst.FlattenSentinel([rename_call(part, name, spelling) for part in node]))
    marked = import_placeholder(name)
    found = [one for one in descend(cast(cst.CSTNode, node), into_functions=True) if isinstance(one, cst.Name) and one.value == marked]
    return cast(_Node, replace_inside(cast(cst.CSTNode, node), {one: cst.parse_expression(spelling) for one in found}))

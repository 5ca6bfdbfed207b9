"""Names that a fix imports: told from the module's own until it is known how they are spelled there."""

from __future__ import annotations

from typing import TypeVar, Union, cast

import libcst as cst

from par_lint.analysis.syntax.nodes import descend
from par_lint.fixes.codegen.replace import replace_inside

_Node = TypeVar("_Node", bound=Union[cst.CSTNode, "cst.FlattenSentinel[cst.CSTNode]"])
_MARK = ord("𝐚") - ord("a")


def imported(name: str) -> str:
    """A name as it stands in what a fix builds: as long, but with a last letter that nobody types. So the module may have one like it."""
    return name[:-1] + chr(ord(name[-1]) + _MARK)


def rename_call(node: _Node, name: str, spelling: str) -> _Node:
    """`node` with every call of the imported `name` made a call of `spelling`, which may be dotted."""
    if isinstance(node, cst.FlattenSentinel):
        return cast(_Node, cst.FlattenSentinel([rename_call(part, name, spelling) for part in node]))
    marked = imported(name)
    found = [one for one in descend(cast(cst.CSTNode, node), into_functions=True) if isinstance(one, cst.Name) and one.value == marked]
    return cast(_Node, replace_inside(cast(cst.CSTNode, node), {one: cst.parse_expression(spelling) for one in found}))

"""Call a name that a replacement uses by another spelling: an alias, or a name under a module."""

from __future__ import annotations

from typing import TypeVar, Union, cast

import libcst as cst

_Node = TypeVar("_Node", bound=Union[cst.CSTNode, "cst.FlattenSentinel[cst.CSTNode]"])


def rename_call(node: _Node, name: str, spelling: str) -> _Node:
    """`node` with every call of `name` made a call of `spelling`, which may be dotted."""
    renamer = _Renamer(name, cst.parse_expression(spelling))
    if isinstance(node, cst.FlattenSentinel):
        return cast(_Node, cst.FlattenSentinel([cast(cst.CSTNode, part.visit(renamer)) for part in node]))
    return cast(_Node, cast(cst.CSTNode, node).visit(renamer))


class _Renamer(cst.CSTTransformer):
    def __init__(self, name: str, spelling: cst.BaseExpression) -> None:
        super().__init__()
        self._name = name
        self._spelling = spelling

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        match updated_node.func:
            case cst.Name(value=value) if value == self._name:
                return updated_node.with_changes(func=self._spelling)
            case _:
                return updated_node

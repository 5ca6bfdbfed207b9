"""Put replacement nodes in the place of nodes of a module, and change nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, Union, cast

import libcst as cst

_Node = TypeVar("_Node", bound=cst.CSTNode)
Replacement = Union[cst.CSTNode, cst.FlattenSentinel[cst.CSTNode], cst.RemovalSentinel]


def replace_nodes(module: cst.Module, replacements: Mapping[cst.CSTNode, Replacement]) -> cst.Module:
    """`module` with each key, found by identity, replaced by its value.

    A replacement is taken as it is: nodes inside a replaced node are not looked for in its replacement.
    Raises LookupError when a key is no node of the module, which would be a fix that is lost in silence.
    """
    if not replacements:
        return module
    replacer = _Replacer(replacements)
    changed = module.visit(replacer)
    if replacer.missing:
        raise LookupError(f"{len(replacer.missing)} replaced nodes are not in the module")
    return changed


def replace_inside(node: _Node, replacements: Mapping[cst.CSTNode, Replacement] | Mapping[cst.CSTNode, cst.BaseExpression]) -> _Node:
    """A copy of `node` with what stands inside it replaced; keys that are not in it are passed over."""
    return cast(_Node, node.visit(_Replacer(replacements))) if replacements else node


class _Replacer(cst.CSTTransformer):
    def __init__(self, replacements: Mapping[cst.CSTNode, Replacement]) -> None:
        super().__init__()
        self._replacements = replacements
        self.missing = set(replacements)

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> Replacement:  # type: ignore[override]
        self.missing.discard(original_node)
        return self._replacements.get(original_node, updated_node)

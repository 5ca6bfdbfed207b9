"""Put replacement nodes in the place of nodes of a module, and change nothing else."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import TypeVar, Union, cast

import libcst as cst

from par_lint.analysis.nodes import parts

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
    """`node` with what stands inside it replaced; keys that are not in it are passed over. All that stays is the very same."""
    by_identity = {id(old): new for old, new in replacements.items()}
    return cast(_Node, _rebuilt(node, by_identity)) if by_identity else node


def _rebuilt(node: cst.CSTNode, replacements: Mapping[int, Replacement]) -> Replacement:
    """The replacement of a node, or the node with the replacements inside it: LibCST would make all nodes anew."""
    if id(node) in replacements:
        return replacements[id(node)]
    changes = {}
    for name, old in parts(node):
        new = _rebuilt(old, replacements) if isinstance(old, cst.CSTNode) else _rebuilt_all(old, replacements)
        if new is not old:
            changes[name] = None if new is cst.RemovalSentinel.REMOVE else new
    return node.with_changes(**changes) if changes else node


def _rebuilt_all(nodes: Sequence[cst.CSTNode], replacements: Mapping[int, Replacement]) -> Sequence[cst.CSTNode]:
    found: list[cst.CSTNode] = []
    for node in nodes:
        new = _rebuilt(node, replacements)
        if isinstance(new, cst.FlattenSentinel):
            found += new
        elif isinstance(new, cst.CSTNode):
            found.append(new)
    return nodes if len(found) == len(nodes) and all(map(operator.is_, found, nodes)) else found


class _Replacer(cst.CSTTransformer):
    def __init__(self, replacements: Mapping[cst.CSTNode, Replacement]) -> None:
        super().__init__()
        self._replacements = replacements
        self.missing = set(replacements)

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> Replacement:  # type: ignore[override]
        self.missing.discard(original_node)
        return self._replacements.get(original_node, updated_node)

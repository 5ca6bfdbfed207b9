"""Replace nodes of a module, and change nothing else."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import TypeVar, Union, cast

import libcst as cst

from par_lint.analysis.syntax.nodes import descend, parts

_Node = TypeVar("_Node", bound=cst.CSTNode)
Replacement = Union[cst.CSTNode, cst.FlattenSentinel[cst.CSTNode], cst.RemovalSentinel]


def replace_nodes(module: cst.Module, replacements: Mapping[cst.CSTNode, Replacement]) -> cst.Module:
    """Return `module` with each key, found by identity, replaced by its value.

    A replacement is inserted unchanged: replaced nodes inside it are not replaced again.

    Raises:
        LookupError: a key is not in the module; without the error, the fix would be lost silently.
    """
    if not replacements:
        return module
    found: set[int] = set()
    changed = _rebuilt(module, {id(old): new for old, new in replacements.items()}, found)
    missing = {id(old) for old in replacements} - found
    missing -= {id(inner) for old in replacements for inner in descend(old, into_functions=True) if inner is not old and id(old) in found}
    if missing:
        raise LookupError(f"{len(missing)} replaced nodes are not in the module")
    return cast(cst.Module, changed)


def replace_inside(node: _Node, replacements: Mapping[cst.CSTNode, Replacement] | Mapping[cst.CSTNode, cst.BaseExpression]) -> _Node:
    """Return `node` with nodes inside it replaced; keys that are not in it are ignored. Unchanged nodes keep their identity."""
    by_identity = {id(old): new for old, new in replacements.items()}
    return cast(_Node, _rebuilt(node, by_identity, set())) if by_identity else node


def _rebuilt(node: cst.CSTNode, replacements: Mapping[int, Replacement], found: set[int]) -> Replacement:
    """Return the replacement of a node, or the node with replacements inside it; their keys are added to `found`.

    LibCST's own transformers would copy every node.
    """
    if id(node) in replacements:
        found.add(id(node))
        return replacements[id(node)]
    changes: dict[str, object] = {}
    for name, old in parts(node):
        if not isinstance(old, cst.CSTNode):
            new: object = _rebuilt_all(old, replacements, found)
        else:
            made = _rebuilt(old, replacements, found)
            new = _as_branch(made) if isinstance(made, cst.FlattenSentinel) else None if made is cst.RemovalSentinel.REMOVE else made
        if new is not old:
            changes[name] = new
    return node.with_changes(**changes) if changes else node


def _rebuilt_all(nodes: Sequence[cst.CSTNode], replacements: Mapping[int, Replacement], found: set[int]) -> Sequence[cst.CSTNode]:
    kept: list[cst.CSTNode] = []
    for node in nodes:
        new = _rebuilt(node, replacements, found)
        if isinstance(new, cst.FlattenSentinel):
            kept += new
        elif isinstance(new, cst.CSTNode):
            kept.append(new)
    return nodes if len(kept) == len(nodes) and all(map(operator.is_, kept, nodes)) else kept


def _as_branch(nodes: Sequence[cst.CSTNode]) -> cst.CSTNode | None:
    """Return several statements that replace an `elif` as one branch: a single `if` stays an `elif`, others go into an `else`."""
    match list(nodes):
        case []:
            return None
        case [cst.If() as alone]:
            return alone
        case statements:
            return cst.Else(cst.IndentedBlock(cast("list[cst.BaseStatement]", statements)))

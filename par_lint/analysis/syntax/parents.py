"""The nodes of one module in source order, with their parents and descendants, collected in one pass.

Nodes are compared by identity: LibCST hashes them in Python, which would be slow.
"""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Sequence
from typing import TypeVar

import libcst as cst

from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.analysis.syntax.nodes import children, clauses

_Node = TypeVar("_Node", bound=cst.CSTNode)


class NodeTree:
    """All code nodes of a module."""

    def __init__(self, module: cst.Module) -> None:
        self.module = module
        self.nodes: list[cst.CSTNode] = []
        """All of them, in source order: the descendants of a node follow it."""
        self._numbers: dict[int, int] = {}
        self._parents: dict[int, cst.CSTNode] = {}
        self._survey()

    def _survey(self) -> None:
        nodes, numbers, parents = self.nodes, self._numbers, self._parents
        stack: list[cst.CSTNode] = [self.module]
        while stack:
            node = stack.pop()
            numbers[id(node)] = len(nodes)
            nodes.append(node)
            below = children(node)
            if below:
                parents.update(dict.fromkeys(map(id, below), node))
                below.reverse()
                stack += below

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the parent of a node."""
        return self._parents.get(id(node))

    def number(self, node: cst.CSTNode) -> int:
        """Return the index of a node in `nodes`; -1 for a node of another module."""
        return self._numbers.get(id(node), -1)

    # What is below ------------------------------------------------------------------------------------------------

    @functools.cached_property
    def _ends(self) -> list[int]:
        """For each node, the index after its last descendant."""
        ends = list(range(1, len(self.nodes) + 1))
        numbers, parents = self._numbers, self._parents
        for node in reversed(self.nodes[1:]):
            own, above = ends[numbers[id(node)]], numbers[id(parents[id(node)])]
            if own > ends[above]:
                ends[above] = own
        return ends

    def reach(self, node: cst.CSTNode) -> range:
        """Return the indices of a node and its descendants; empty for a node of another module."""
        first = self.number(node)
        return range(first, self._ends[first]) if first >= 0 else range(0)

    def holds(self, node: cst.CSTNode, inner: cst.CSTNode) -> bool:
        """Return whether a node is another one, or contains it."""
        return self.number(inner) in self.reach(node)

    # By kind ------------------------------------------------------------------------------------------------------

    @functools.cached_property
    def _by_kind(self) -> dict[type, list[cst.CSTNode]]:
        found: dict[type, list[cst.CSTNode]] = {}
        for node in self.nodes:
            kind = type(node)
            if kind in found:
                found[kind].append(node)
            else:
                found[kind] = [node]
        return found

    def all_of(self, *kinds: type[_Node]) -> Sequence[_Node]:
        """Return the nodes of exactly these classes, in source order."""
        lists: list[list[_Node]] = [self._by_kind[kind] for kind in kinds if kind in self._by_kind]  # type: ignore[misc]
        if len(lists) <= 1:
            return lists[0] if lists else ()
        return sorted((node for nodes in lists for node in nodes), key=self.number)

    def below(self, node: cst.CSTNode, kind: type[_Node]) -> Sequence[_Node]:
        """Return a node and its descendants of exactly this class, including those in nested functions."""
        return within(self.reach(node), self.all_of(kind), self)

    # By name ------------------------------------------------------------------------------------------------------

    @functools.cached_property
    def _by_name(self) -> dict[str, list[cst.Name]]:
        found: dict[str, list[cst.Name]] = {}
        for node in self.all_of(cst.Name):
            found.setdefault(node.value, []).append(node)
        return found

    def named(self, name: str) -> Sequence[cst.Name]:
        """Return all occurrences of a name as a variable, an attribute or a keyword, in source order."""
        return self._by_name.get(name, ())

    def named_below(self, node: cst.CSTNode, name: str) -> Sequence[cst.Name]:
        """Return the occurrences of a name in a node."""
        return within(self.reach(node), self.named(name), self)

    @functools.cached_property
    def _variables(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        of_comprehensions = self._names_of_comprehensions()
        for node in self.all_of(cst.Name):
            above = self.parent(node)
            kind = type(above)
            if not (kind is cst.Attribute and above.attr is node or kind is cst.Arg and above.keyword is node):  # type: ignore[union-attr]
                number = self.number(node)
                if number not in of_comprehensions:
                    found.setdefault(node.value, []).append(number)
        return found

    def _names_of_comprehensions(self) -> set[int]:
        """Return the occurrences of names that a comprehension binds for itself: they are other variables than those around it."""
        found: set[int] = set()
        for kind in (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp):
            for comp in self.all_of(kind):
                first = self.reach(comp.for_in.iter)
                for bound in {name for clause in clauses(comp) for name in bound_names(clause.target)}:
                    numbers = map(self.number, self.named_below(comp, bound))
                    found.update(number for number in numbers if number not in first)
        return found

    def mentions(self, node: cst.CSTNode, name: str) -> bool:
        """Return whether a variable occurs in a node; attributes, keywords and a comprehension's own variables of that name are others."""
        return is_any_in(self.reach(node), self._variables.get(name, ()))


def is_any_in(reach: range, numbers: Sequence[int]) -> bool:
    """Return whether one of some ascending numbers is in a range."""
    first = bisect_left(numbers, reach.start)
    return first < len(numbers) and numbers[first] < reach.stop


def is_any_outside(reach: range, numbers: Sequence[int]) -> bool:
    """Return whether one of some ascending numbers is outside a range."""
    return bool(numbers) and (numbers[0] not in reach or numbers[-1] not in reach)


def within(reach: range, nodes: Sequence[_Node], tree: NodeTree) -> Sequence[_Node]:
    """Return those of some nodes in source order whose indices are in a range."""
    first = bisect_left(nodes, reach.start, key=tree.number)
    return nodes[first:bisect_left(nodes, reach.stop, first, key=tree.number)]

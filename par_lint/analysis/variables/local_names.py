"""The names of one function or module: where it binds and reads them, and which nested functions use them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.expression_names import bound_by, bound_names, reads
from par_lint.analysis.syntax.nodes import SCOPES, children, clauses, descend
from par_lint.analysis.syntax.parents import is_any_outside
from par_lint.analysis.variables.reflection import sees_frames
from par_lint.core.memo import memoized_for_last

_REFLECTIVE_CALLS = frozenset({"locals", "vars", "eval", "exec", "globals", "dir"})
_COMPS = frozenset({cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp})
_HIDES_NOTHING: frozenset[str] = frozenset()
_OUTWARD = frozenset({cst.Global, cst.Nonlocal})


@memoized_for_last
def _known(facts: Facts) -> dict[cst.CSTNode, Variables]:
    return {}


def variables_of(around: cst.FunctionDef | cst.Module, facts: Facts) -> Variables:
    """Return the names of a function or of the module, cached."""
    known = _known(facts)
    if around not in known:
        known[around] = Variables(around, facts)
    return known[around]


class Variables:
    """The names of a function or a module. Positions are indices of nodes, in source order."""

    def __init__(self, around: cst.FunctionDef | cst.Module, facts: Facts) -> None:
        self._facts = facts
        self._tree = facts.tree
        self._body = around.body if isinstance(around, cst.FunctionDef) else around
        self._bound: dict[str, list[int]] = {}
        self._asked: dict[str, list[int]] = {}
        self._outward: dict[str, list[int]] = {}  # in global and nonlocal statements
        self._everything: list[int] = []  # where all names are read: `locals()`
        self._is_framed = sees_frames(facts)
        self._nested: list[cst.FunctionDef | cst.Lambda | cst.ClassDef] = []
        self._exported = _exported(around) if isinstance(around, cst.Module) else set()
        self._nested_readers: dict[str, list[int]] = {}
        self._walk()

    def is_seen_elsewhere(self, name: str, statement: cst.CSTNode) -> bool:
        """Return whether code outside a statement uses a name at an unknown time: nested functions, importers, `locals()`."""
        inside = self._tree.reach(statement)
        if name in self._exported or self._everything or self._is_framed or is_any_outside(inside, self._outward.get(name, ())):
            return True
        return is_any_outside(inside, self._readers(name))

    def is_bound_outside(self, name: str, statement: cst.CSTNode) -> bool:
        """Return whether code outside a statement also makes a name a variable."""
        return is_any_outside(self._tree.reach(statement), self._bound.get(name, ()))

    def is_read_outside(self, name: str, statement: cst.CSTNode) -> bool:
        """Return whether code outside a statement reads a name, without nested functions."""
        return is_any_outside(self._tree.reach(statement), self._asked.get(name, ()))

    def declaration(self, names: Iterable[str]) -> cst.CSTNode | None:
        """Return the first statement that declares one of some names global or nonlocal."""
        numbers = [self._outward[name][0] for name in names if name in self._outward]
        return self._tree.nodes[min(numbers)] if numbers else None

    def _walk(self) -> None:
        """Record the names of all nodes except nested functions; names bound in a comprehension are its own."""
        stack: list[tuple[cst.CSTNode, frozenset[str]]] = [(self._body, _HIDES_NOTHING)]
        while stack:
            node, hidden = stack.pop()
            kind = type(node)
            if kind in _COMPS:
                hidden |= {name for clause in clauses(node) for name in bound_names(clause.target)}  # type: ignore[arg-type]
            self._note(node, kind, hidden)
            if kind not in SCOPES:
                stack += [(child, hidden) for child in reversed(children(node))]

    def _note(self, node: cst.CSTNode, kind: type, hidden: frozenset[str]) -> None:
        number = self._tree.number(node)
        if kind is cst.Name:
            name: str = node.value  # type: ignore[attr-defined]
            if self._is_label(node):
                return
            if name in _REFLECTIVE_CALLS:
                self._everything.append(number)
            if name not in hidden:
                self._asked.setdefault(name, []).append(number)
            return
        for name in bound_by(node):
            if name not in hidden:
                self._bound.setdefault(name, []).append(number)
        if kind in SCOPES:
            self._nested.append(node)  # type: ignore[arg-type]
        elif kind is cst.Global or kind is cst.Nonlocal:
            for item in node.names:  # type: ignore[attr-defined]
                self._outward.setdefault(item.name.value, []).append(number)

    def _is_label(self, name: cst.CSTNode) -> bool:
        """Return whether a name is an attribute or a keyword."""
        above: Any = self._tree.parent(name)
        kind = type(above)
        return kind is cst.Attribute and above.attr is name or kind is cst.Arg and above.keyword is name

    def _readers(self, name: str) -> list[int]:
        """Return the nested functions and classes that read a name of the outer function."""
        if name not in self._nested_readers:
            places = self._tree.named_below(self._body, name)
            around = dict.fromkeys(self._nested_around(place) for place in places) if self._nested else {}
            self._nested_readers[name] = [
                self._tree.number(node) for node in around if node is not None and self._tree.mentions(node, name) and not _has_own(node, name, self._facts)
            ]
        return self._nested_readers[name]

    def _nested_around(self, node: cst.CSTNode) -> cst.FunctionDef | cst.Lambda | cst.ClassDef | None:
        """Return the outermost nested function around a node."""
        found = None
        above = self._tree.parent(node)
        while above is not None and above is not self._body:
            if isinstance(above, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
                found = above
            above = self._tree.parent(above)
        return found


def _exported(module: cst.Module) -> set[str]:
    """Return the names in `__all__`."""
    found: set[str] = set()
    for statement in module.body:
        if "__all__" in reads(statement):
            found |= {str(node.evaluated_value) for node in descend(statement) if isinstance(node, cst.SimpleString)}
    return found


def _has_own(node: cst.FunctionDef | cst.Lambda | cst.ClassDef, name: str, facts: Facts) -> bool:
    """Return whether a function has its own variable with this name."""
    if isinstance(node, cst.ClassDef):
        return False
    params = node.params
    named = [*params.posonly_params, *params.params, *params.kwonly_params]
    if name in [param.name.value for param in named]:
        return not any(name in reads(param.default) for param in named if param.default is not None)
    if isinstance(node, cst.Lambda):
        return False
    if name not in facts.assigned(node.body) or name in _reads_of_header(node):
        return False
    outward = () if facts.node_types(node.body).isdisjoint(_OUTWARD) else facts.descendants(node.body)
    return not any(name in [item.name.value for item in inner.names] for inner in outward if isinstance(inner, (cst.Global, cst.Nonlocal)))


def _reads_of_header(node: cst.FunctionDef) -> set[str]:
    """Return the names that a definition reads in the enclosing scope: decorators, defaults, annotations."""
    return set().union(*(reads(part) for part in (*node.decorators, node.params)))

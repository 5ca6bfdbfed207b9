"""Awaited calls that neither the file nor the catalogue shows, and whose names tell that they wait for I/O."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from par_lint.analysis.awaited import is_awaited
from par_lint.analysis.facts import Facts
from par_lint.analysis.names import bound_names
from par_lint.analysis.nodes import clauses
from par_lint.reach import is_unseen
from par_lint.catalog.entry import Effect, Entry, Kind
from par_lint.vocabulary import WIRES, may_wait, waits, words

_TOLD = Entry("?", Kind.NETWORK, Effect.WRITE)


def find_telling(facts: Facts) -> Callable[[cst.Call], Entry | None]:
    """What says of a call that it is such a one, and of what entry; none is where the module talks over one wire."""
    is_wired = any(words(module) & WIRES for module in facts.index.imported_modules)
    return lambda call: _TOLD if not is_wired and _tells(call, facts) else None


def _tells(call: cst.Call, facts: Facts) -> bool:
    spelled = _spelled(call.func)
    if spelled is None or not may_wait(spelled) or not is_awaited(call, facts):
        return False
    if not is_unseen(facts.callee(call), facts.resolver):
        return False
    receiver, _, method = spelled.rpartition(".")
    root = receiver.partition(".")[0]
    return waits(receiver, method, is_item=root in _items(call, facts))


def _spelled(node: cst.BaseExpression) -> str | None:
    """The names that lead to a callee, calls and subscripts on the way left out."""
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=value, attr=attr):
            inner = _spelled(value)
            return None if inner is None else f"{inner}.{attr.value}"
        case cst.Call(func=inner) | cst.Subscript(value=inner):
            return _spelled(inner)
        case _:
            return None


def _items(node: cst.CSTNode, facts: Facts) -> set[str]:
    """The names that the loops around a node bind."""
    found: set[str] = set()
    above = facts.parent(node)
    while above is not None and not isinstance(above, cst.FunctionDef):
        if isinstance(above, cst.For):
            found.update(bound_names(above.target))
        elif isinstance(above, cst.BaseComp):
            found.update(name for clause in clauses(above) for name in bound_names(clause.target))
        above = facts.parent(above)
    return found

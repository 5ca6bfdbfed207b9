"""Code that runs later than it stands: generator expressions and lambdas, which part runs immediately, and which code runs the rest."""

from __future__ import annotations

from collections.abc import Collection

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.expression_names import is_label, terminal
from par_lint.analysis.syntax.nodes import descend

_GOING_OVER = frozenset({"list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max", "any", "all", "bytes", "bytearray"})
"""Built-ins that exhaust their argument before they return."""

_DEFERRING = (cst.GeneratorExp, cst.Lambda, cst.FunctionDef)
_CALLING = frozenset({"functools.reduce", "re.sub", "re.subn"})
"""Functions that call their argument before they return."""


def deferred_parts(node: cst.GeneratorExp) -> set[cst.CSTNode]:
    """Return the parts of a generator that run lazily: all except its first iterable."""
    return set(descend(node, into_functions=True)) - set(descend(node.for_in.iter, into_functions=True))


def find_deferred_io(loop: cst.For, calls: Collection[cst.Call], facts: Facts) -> cst.GeneratorExp | None:
    """Return a generator with I/O that is consumed later: it is stored, and not passed to a call or a loop."""
    for node in facts.own_descendants(loop.body) if cst.GeneratorExp in facts.node_types(loop.body) else ():
        if isinstance(node, cst.GeneratorExp) and not isinstance(facts.parent(node), (cst.Arg, cst.For, cst.CompFor, cst.StarredElement)):
            if not deferred_parts(node).isdisjoint(calls):
                return node
    return None


def exhausts_argument(node: cst.CSTNode, facts: Facts) -> bool:
    """Return whether a call exhausts its only argument before it returns."""
    if not isinstance(node, cst.Call) or len(node.args) != 1:
        return False
    is_join = isinstance(node.func, cst.Attribute) and node.func.attr.value == "join" and isinstance(node.func.value, (cst.SimpleString, cst.ConcatenatedString))
    return is_join or facts.name(node) in _GOING_OVER


def find_late_reader(nodes: Collection[cst.CSTNode], names: Collection[str], facts: Facts) -> cst.CSTNode | None:
    """Return code among some nodes that may run after its iteration, and then reads names of it: `defaultdict(lambda: path)`, `[(path for ...)]`.

    In a loop it sees what the last iteration bound; in a worker, the worker's own variables.
    """
    for node in sorted((node for node in nodes if isinstance(node, _DEFERRING)), key=facts.tree.number):
        match node:
            case cst.GeneratorExp():
                late = deferred_parts(node)
            case cst.Lambda() | cst.FunctionDef():
                late = set(descend(node.body, into_functions=True))
        if not _runs_at_once(node, facts) and any(isinstance(inner, cst.Name) and inner.value in names and not is_label(inner, facts.parent(inner)) for inner in late):
            return node
    return None


def _runs_at_once(node: cst.CSTNode, facts: Facts) -> bool:
    """Whether the call that gets a generator or a lambda runs it to its end: `sum(...)`, `sorted(..., key=...)`."""
    arg = facts.parent(node)
    call = facts.parent(arg) if isinstance(arg, cst.Arg) else None
    if isinstance(node, cst.GeneratorExp):
        return call is not None and exhausts_argument(call, facts) or isinstance(arg, (cst.For, cst.CompFor))
    if not isinstance(call, cst.Call) or not isinstance(node, cst.Lambda):
        return False
    if facts.name(call) == "iter":  # `for block in iter(lambda: file.read(n), b"")`
        return isinstance(facts.parent(call), (cst.For, cst.CompFor))
    is_key = isinstance(arg, cst.Arg) and arg.keyword is not None and arg.keyword.value == "key"
    return is_key and (facts.name(call) in _GOING_OVER or terminal(call) == "sort") or facts.name(call) in _CALLING

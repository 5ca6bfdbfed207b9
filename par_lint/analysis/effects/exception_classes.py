"""Exception classes whose creation has no side effects: built-in ones and those of libraries."""

from __future__ import annotations

import builtins

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.scopes import Class
from par_lint.analysis.semantics.values import Named
from par_lint.analysis.syntax.expression_names import dotted

_ENDING_ITERATION = frozenset({"StopIteration", "StopAsyncIteration"})


def is_exception(name: str, resolver: Resolver) -> bool:
    """Return whether a qualified name is an exception class that the file does not define."""
    root, dot, _ = name.partition(".")
    if not dot:
        found = getattr(builtins, name, None)
        return isinstance(found, type) and issubclass(found, BaseException)
    last = name.rpartition(".")[2]
    return last[:1].isupper() and last.endswith(("Error", "Exception", "Warning")) and resolver.is_known_root(root)


def raised_elsewhere(raised: cst.BaseExpression, at: cst.CSTNode, facts: Facts) -> str | None:
    """Return the name of a raised exception that the runtime cannot raise at its place in the order; None for other exceptions.

    A generator turns StopIteration into RuntimeError, and only an Exception is recorded as the outcome of an item. An exception object in a
    module variable would keep the traceback of an earlier error.
    """
    node = raised.func if isinstance(raised, cst.Call) else raised
    if not isinstance(node, (cst.Name, cst.Attribute)):
        return None
    found = facts.refers_to(node, at)
    name = dotted(node) or "it"
    if isinstance(found, Class):
        return name if bases_of(found, facts) & (_ENDING_ITERATION | {"BaseException"}) else None
    if isinstance(found, Named):
        return name if found.name in _ENDING_ITERATION else None
    if isinstance(raised, cst.Name) and (home := facts.scope(at).find(raised.value)) is not None and home[0] is facts.index.module:
        return name
    return None


def bases_of(cls: Class, facts: Facts) -> set[str]:
    """Return the last parts of the names of all known bases of a class."""
    found, pending, seen = set[str](), [cls], set[Class]()
    while pending:
        one = pending.pop()
        if one not in seen:
            seen.add(one)
            for path in one.bases:
                base = facts.resolver.value(path, one.parent or one, 0)
                found.add(base.name.rpartition(".")[2] if isinstance(base, Named) else path[-1])
                pending += [base] if isinstance(base, Class) else []
    return found

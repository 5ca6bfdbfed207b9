"""Exception classes whose creation has no side effects: built-in ones and those of libraries."""

from __future__ import annotations

import builtins

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.call_resolver import Named, Resolver
from par_lint.analysis.semantics.scopes import Class
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
    """The name of what is raised, if that may be an exception that a stream of outcomes cannot raise in its place.

    A generator makes a RuntimeError of a StopIteration, and what is no Exception is no outcome of an item. An object that the module holds is
    raised with what was raised before.
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
    """The last names of all bases of a class that the file shows."""
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

"""Exception classes whose creation has no side effects: built-in ones and those of libraries."""

from __future__ import annotations

import builtins

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.scopes import Class
from par_lint.analysis.semantics.values import Named

ENDING_ITERATION = frozenset({"StopIteration", "StopAsyncIteration"})


def is_exception(name: str, resolver: Resolver) -> bool:
    """Return whether a qualified name is an exception class that the file does not define."""
    root, dot, _ = name.partition(".")
    if not dot:
        found = getattr(builtins, name, None)
        return isinstance(found, type) and issubclass(found, BaseException)
    last = name.rpartition(".")[2]
    return last[:1].isupper() and last.endswith(("Error", "Exception", "Warning")) and resolver.is_known_root(root)


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

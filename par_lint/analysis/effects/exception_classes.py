"""Exception classes whose creation has no side effects: built-in ones and those of libraries."""

from __future__ import annotations

import builtins

from par_lint.analysis.semantics.resolver import Resolver


def is_exception(name: str, resolver: Resolver) -> bool:
    """Return whether a qualified name is an exception class that the file does not define."""
    root, dot, _ = name.partition(".")
    if not dot:
        found = getattr(builtins, name, None)
        return isinstance(found, type) and issubclass(found, BaseException)
    last = name.rpartition(".")[2]
    return last[:1].isupper() and last.endswith(("Error", "Exception", "Warning")) and resolver.is_known_root(root)

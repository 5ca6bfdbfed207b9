"""Classes of exceptions: making one has no effects, where it is Python's own or that of a library."""

from __future__ import annotations

import builtins

from par_lint.analysis.semantics.resolver import Resolver


def is_exception(name: str, resolver: Resolver) -> bool:
    """Whether a qualified name is that of an exception class which is no one's own."""
    root, dot, _ = name.partition(".")
    if not dot:
        found = getattr(builtins, name, None)
        return isinstance(found, type) and issubclass(found, BaseException)
    last = name.rpartition(".")[2]
    return last[:1].isupper() and last.endswith(("Error", "Exception", "Warning")) and resolver.is_known_root(root)

"""Objects that several threads must never use: one file, socket, cursor or connection of a database. No fix moves their use into workers."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.effects.fresh_objects import FreshObjects
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.catalog.entry import Sharing
from par_lint.core.findings import ReasonKind

_OF_DATABASES = frozenset({"execute", "executemany", "executescript", "fetchone", "fetchall", "fetchmany", "commit", "rollback", "cursor", "callproc"})
_CONNECTIONS = frozenset({"conn", "connection", "con", "cur", "curs", "cursor", "crsr", "db", "database", "dbh", "sql", "sqlite"})


def shared_object_verdict(root: str, sharing: Sharing, call: cst.Call) -> Verdict:
    """Return the verdict on a method of an object that exists outside of the worker and that threads may not simply share."""
    if sharing is Sharing.STATEFUL:
        return Verdict(Level.IMMOVABLE, ReasonKind.SHARED(f"`{root}` must not be used by several threads"), call)
    return Verdict(Level.UNSAFE, ReasonKind.SHARED(f"`{root}` would be shared between threads"), call)


def uses_one_database(call: cst.Call, local: FreshObjects) -> Verdict | None:
    """Return the verdict on a call that goes by its names through one connection of a database: `self.conn.execute(...)`; None for others."""
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in _OF_DATABASES:
        return None
    path = dotted(call.func.value) or ""
    if path.partition(".")[0] in local.bound or _CONNECTIONS.isdisjoint(words(path.rpartition(".")[2])):
        return None
    return Verdict(Level.IMMOVABLE, ReasonKind.SHARED(f"`{path}` must not be used by several threads"), call)

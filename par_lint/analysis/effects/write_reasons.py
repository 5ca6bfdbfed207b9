"""What a call changes outside the program, in words: the gravest reason why its loop is not fixed without asking."""

from __future__ import annotations

from collections.abc import Iterable

from par_lint.analysis.semantics.dataflow.body_summary import SliceIoCall
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.catalog.entry import Effect, Entry, Kind
from par_lint.core.findings import Reason, ReasonKind

_DELETING = frozenset({"rmtree", "unlink", "remove", "rmdir", "removedirs", "send2trash", "delete", "delete_object", "delete_objects", "drop"})


_LESS_GRAVE = frozenset({ReasonKind.UNSEEN, ReasonKind.STATE})


def write_reason(entry: Entry) -> Reason | None:
    """Return the reason of a call that changes something outside the program; None for one that only reads."""
    name = entry.name.rpartition(".")[2]
    if entry.kind is Kind.SUBPROCESS:
        return ReasonKind.WRITES(f"{name} runs a command with unknown effects")
    if entry.effect is not Effect.WRITE or entry.kind is Kind.CPU:
        return None
    return ReasonKind.WRITES(f"{name} {'deletes' if name in _DELETING else 'writes'}")


def with_worst_write_reason(verdict: Verdict, io_calls: Iterable[SliceIoCall]) -> Verdict:
    """Return the verdict on a loop with the gravest reason: what its I/O changes says more than that some code is not seen, or changes an object."""
    if verdict.level is not Level.UNSAFE or verdict.why.kind not in _LESS_GRAVE:
        return verdict
    for work in io_calls:
        if (reason := write_reason(work.entry)) is not None:
            return Verdict(Level.UNSAFE, reason, work.call)
    return verdict

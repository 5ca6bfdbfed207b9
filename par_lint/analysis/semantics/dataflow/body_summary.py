"""The summary of a body: its I/O, its changes, and the origins of their values."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from par_lint.analysis.semantics.io_words import words
from par_lint.core.catalog.entry import Effect, Entry, Kind, Sharing
from par_lint.core.findings import CallStep

if TYPE_CHECKING:
    import libcst as cst

Origins = frozenset[str]

FROM_ITEM = "<item>"
FROM_RESULT = "<result>"  # of I/O
FROM_NEW = "<new>"  # created in each iteration: a temporary file, a reader
FROM_THIS_ITERATION = frozenset({FROM_ITEM, FROM_NEW})
"""Origins of objects that differ between iterations."""
NO_ORIGIN: Origins = frozenset()
_Call = TypeVar("_Call")
_Other = TypeVar("_Other")


@dataclass(frozen=True)
class IoCall(Generic[_Call]):
    """One I/O call of a body, direct or through functions of the file or of the project (`call` is in the body)."""

    call: _Call
    entry: Entry
    inputs: Origins
    guards: Origins
    handle: Origins | None  # origins of a receiver with one position or connection
    sharing: Sharing | None
    path: Origins  # origins of the first argument: the path of a file operation
    loops: tuple[ast.AST, ...] = ()  # loops in the body around the call, outermost first
    direct: bool = True
    region: tuple[int, ...] = ()  # the conditional blocks around the call, outermost first
    made: ast.Call | None = None  # the call that does the I/O, in the function that makes it
    target: Origins | None = None  # origins of the place that it writes to, if that is not `path`
    via: tuple[CallStep, ...] = ()  # the functions of other modules through which it is reached; the line of the last is that of the I/O

    def at(self, call: _Other) -> IoCall[_Other]:
        """Return the same call, for another node that stands for it."""
        return IoCall(
            call, self.entry, self.inputs, self.guards, self.handle, self.sharing, self.path, self.loops, self.direct, self.region, self.made, self.target, self.via
        )  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A change of an object that the body did not create itself; `path` is a dotted name."""

    path: str
    origins: Origins
    how: str  # assign, rebind (of an outer name), augment, add, store, call
    node: ast.AST
    guards: Origins = NO_ORIGIN
    slot: str | None = None  # the constant key under which an element is changed
    key: Origins = NO_ORIGIN  # of the key
    takes: bool = False  # whatever comes first is taken out
    is_new: bool = False  # the iteration has not read it before, and its old value is replaced
    is_default: bool = False  # a constant is stored under a missing key
    is_ordered: bool = False  # elements are added to a sequence, in the order of the calls
    region: tuple[int, ...] = ()
    is_made: bool = False  # an attribute gets a new object, the result of a call
    is_counter: bool = False  # every iteration adds the same number, so its value follows from the item's position

    @property
    def place(self) -> str:
        """The dotted name of what is changed, a constant key of it included."""
        return self.path if self.slot is None else f"{self.path}.[{self.slot}]"


@dataclass
class SummaryOf(Generic[_Call]):
    """The effects of a body. `sleeps` are throttling calls, `globals` are changes of process state."""

    io_calls: list[IoCall[_Call]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    returns: Origins = NO_ORIGIN
    sleeps: list[ast.Call] = field(default_factory=list)
    globals: list[ast.Call] = field(default_factory=list)
    opens: list[IoCall[ast.Call]] = field(default_factory=list)
    """Calls that open a file to write to it."""
    reads: dict[str, int] = field(default_factory=dict)
    """What is looked at that the body has not bound before, each with how much was read before it."""

    def was_read(self, place: str, most: int) -> bool:
        """Return whether a place, a part of it or what it is a part of is among the first `most` that were looked at."""
        return any(
            number < most and (name == place or name.startswith(place + ".") or place.startswith(name + ".")) for name, number in self.reads.items()
        )  # fmt: skip


_SLOWEST_FIRST = (Kind.NETWORK, Kind.SUBPROCESS, Kind.FILE)


def is_worth_a_worker(work: IoCall[_Call]) -> bool:
    """Return whether an I/O call is worth a worker: it uses the loop's item, and no handle that all iterations share."""
    if work.entry.kind not in _SLOWEST_FIRST or FROM_ITEM not in work.inputs:
        return False
    if work.handle is None or not FROM_THIS_ITERATION.isdisjoint(work.handle):
        return True
    return not work.handle and work.entry.kind is Kind.NETWORK


def is_for_item(work: IoCall[_Call]) -> bool:
    """Return whether I/O in another module is what the call is for.

    Of a file, the item says which, and it is not read to make an object; no helper on the way is there for other things.
    """
    if any(words(step.function) & _INCIDENTAL for step in work.via):
        return False
    if work.entry.kind is not Kind.FILE:
        return FROM_ITEM in work.inputs
    return FROM_ITEM in work.path and all(step.function != "__init__" for step in work.via)


_INCIDENTAL = frozenset({
    "log", "logger", "logging", "debug", "info", "warn", "warning", "print", "echo", "display", "render", "template", "templates", "translate", "gettext",
    "progress", "option", "options", "setting", "settings", "plugin", "plugins", "telemetry", "metrics", "notify", "auth", "credentials", "ssl",
})  # fmt: skip
"""Words of functions whose I/O is beside the point of what calls them: messages, templates, options, telemetry, credentials."""


def slowest(io_calls: Sequence[IoCall[_Call]]) -> IoCall[_Call] | None:
    """Return the first I/O call of the slowest kind."""
    return min(io_calls, key=lambda work: _SLOWEST_FIRST.index(work.entry.kind), default=None)


SliceIoCall: TypeAlias = "IoCall[cst.Call]"
Summary: TypeAlias = "SummaryOf[cst.Call]"
"""For a slice."""
Trace: TypeAlias = "SummaryOf[ast.Call]"
"""For a part of the file, in the standard tree."""


@dataclass(frozen=True)
class Arguments:
    """How the names of a called function map to those of its caller."""

    parameters: frozenset[str]
    own: frozenset[str]
    """Names that only the function itself knows."""
    origins: Mapping[str, Origins]
    paths: Mapping[str, str | None]
    module: str = ""
    """Of a function in another module: what distinguishes the names of that module from those of this one."""

    def all(self, origins: Origins) -> Origins:
        return NO_ORIGIN.union(*(self.one(origin) for origin in origins))

    def one(self, origin: str) -> Origins:
        root, dot, rest = origin.partition(".")
        if root in self.own:
            return NO_ORIGIN
        if root not in self.parameters:
            return frozenset({self._elsewhere(origin)})
        path = self.paths.get(root)
        its = self.origins.get(root, NO_ORIGIN)
        if dot and path is not None and its and FROM_THIS_ITERATION.isdisjoint(its):
            return frozenset({f"{path}.{rest}"})
        return its

    def path(self, path: str) -> str | None:
        root, dot, rest = path.partition(".")
        if root in self.own:
            return None
        if root not in self.parameters:
            return self._elsewhere(path)
        base, its = self.paths.get(root), self.origins.get(root, NO_ORIGIN)
        if base is None or not FROM_THIS_ITERATION.isdisjoint(its) and base not in its:
            return None  # an object of this iteration
        return base + dot + rest

    def _elsewhere(self, name: str) -> str:
        """Return a name of the function's module as one of its own."""
        return name if not self.module or name.startswith("<") or ":" in name else f"{self.module}:{name}"


def without_incidental(trace: Trace) -> Trace:
    """Return the effects of an iteration without what other modules do besides: I/O that has nothing to do with the item.

    A call that also writes to a file which all iterations share is not followed: they would overwrite one another.
    """
    shared = [work.call for work in trace.io_calls if 0 < len(work.via) <= _NEAR and _is_write(work) and FROM_THIS_ITERATION.isdisjoint(work.path if work.handle is None else work.handle)]
    return replace(trace, io_calls=[work for work in trace.io_calls if not work.via or is_for_item(work) and work.call not in shared])


_NEAR = 2  # functions of other modules in which a write to one file counts: further down it is a cache or a log


def _is_write(work: IoCall[_Call]) -> bool:
    return work.entry.kind is Kind.FILE and work.entry.effect is Effect.WRITE

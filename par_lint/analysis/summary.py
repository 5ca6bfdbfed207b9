"""What a body does, as data: its I/O, its changes, and where the values in them come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import libcst as cst

from par_lint.catalog.entry import Entry, Sharing

Origins = frozenset[str]

ITEM = "<item>"
RESULT = "<result>"  # of I/O
NOWHERE: Origins = frozenset()


@dataclass(frozen=True)
class Work:
    """One I/O call that a body makes, itself or through functions of the file (`call` stands in the body)."""

    call: cst.Call
    entry: Entry
    inputs: Origins
    guards: Origins
    handle: Origins | None  # origins of a receiver that has one position or one connection
    sharing: Sharing | None
    path: Origins  # origins of the first argument: what a file operation works on
    loops: tuple[cst.CSTNode, ...] = ()  # loops of the body around the call, outermost first
    direct: bool = True


@dataclass(frozen=True)
class Change:
    """A change of something that the body did not make itself: `path` is a dotted name."""

    path: str
    origins: Origins
    how: str  # assign, augment, add, store, call
    node: cst.CSTNode
    guards: Origins = NOWHERE


@dataclass
class Summary:
    """What a body does. `sleeps` are calls that pace it, `unknown` calls whose body is not visible."""

    works: list[Work] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    returns: Origins = NOWHERE
    sleeps: list[cst.Call] = field(default_factory=list)
    globals: list[cst.Call] = field(default_factory=list)  # calls that change state of the whole process


@dataclass(frozen=True)
class Arguments:
    """How names of a called function look to its caller."""

    parameters: frozenset[str]
    own: frozenset[str]
    """Names that only the function itself knows."""
    origins: Mapping[str, Origins]
    paths: Mapping[str, str | None]

    def all(self, origins: Origins) -> Origins:
        return NOWHERE.union(*(self.one(origin) for origin in origins))

    def one(self, origin: str) -> Origins:
        root, dot, rest = origin.partition(".")
        if root in self.own:
            return NOWHERE
        if root not in self.parameters:
            return frozenset({origin})
        path = self.paths.get(root)
        its = self.origins.get(root, NOWHERE)
        if dot and path is not None and its and ITEM not in its:
            return frozenset({f"{path}.{rest}"})
        return its

    def path(self, path: str) -> str | None:
        root, dot, rest = path.partition(".")
        if root in self.own:
            return None
        if root not in self.parameters:
            return path
        base = self.paths.get(root)
        return None if base is None or ITEM in self.origins.get(root, NOWHERE) else base + dot + rest

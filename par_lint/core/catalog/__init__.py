"""The catalogue: what calls do, looked up by qualified name. Rules ask it for kinds of work, never for names."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set

from par_lint.core.catalog.entry import Calls, Entry, Family, Kind, Sharing, spelled, spread, stems

_MOST_FOUND = 10_000
"""Names whose look-ups are kept: files of one project ask for the same ones."""
PASSING_ON = ("compat", "six.moves", "vendor")
"""Parts of the names of modules that pass on the names of others."""
_SLOW = (Kind.NETWORK, Kind.SUBPROCESS)
_WORKING = (*_SLOW, Kind.FILE, Kind.LISTING)


class Catalog:
    """An immutable look-up over all families of entries. Most of it is never asked for, so that texts of tables are read root by root."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = tuple(families)
        self._entries = _Entries(self._families)
        self._returns: dict[str, str] = {}
        self._aliases: dict[str, str] = {}
        self._found: dict[str, Entry | None] = {}
        self._names_from: dict[str, frozenset[str]] = {}
        self._may_work: dict[str, bool] = {}
        for family in self._families:
            self._returns.update(family.returns)
            self._aliases.update(family.aliases)

    @functools.cached_property
    def roots(self) -> frozenset[str]:
        """First parts of all names: a module that imports none of them can do no known work."""
        return frozenset({*self._entries.parts, *self._further})

    @functools.cached_property
    def timed(self) -> frozenset[str]:
        """Last parts of the names of what takes a time limit, or waits for a subprocess."""
        return frozenset(self._last_parts(lambda one: one.timeout is not None or one.kind is Kind.SUBPROCESS))

    @functools.cached_property
    def slow_names(self) -> frozenset[str]:
        """Last parts of the names of network requests and subprocesses, and of what else may stand for one."""
        return frozenset((*self._last_parts(lambda one: one.kind in _SLOW), *(name.rpartition(".")[2] for name in self._aliases)))

    def _last_parts(self, is_wanted: Callable[[Entry | Calls], bool]) -> Iterator[str]:
        for one in (one for family in self._families for one in family.entries if is_wanted(one)):
            yield from (name.rpartition(".")[2] for name in ([one.name] if isinstance(one, Entry) else spread(one.names)))

    def is_slow(self, name: str) -> bool:
        """Whether what goes by a qualified name makes a network request or runs a subprocess."""
        entry = self.find(name)
        return entry is not None and entry.kind in _SLOW

    def is_timed(self, name: str) -> bool:
        """Whether what goes by a qualified name takes a time limit, or waits for a subprocess."""
        entry = self.find(name)
        return entry is not None and (entry.timeout is not None or entry.kind is Kind.SUBPROCESS)

    @functools.cached_property
    def slow_roots(self) -> frozenset[str]:
        """First parts of the names that lead to network requests and subprocesses."""
        slow = {root for root, parts in self._entries.parts.items() if any(part[0].kind in _SLOW for part in parts)}
        return frozenset(slow | {root for root, further in self._further.items() if not further.isdisjoint(slow)})

    def names_from(self, root: str) -> frozenset[str]:
        """Last parts of the names of what does I/O, or takes a time limit, and is reached through a module of this first part.

        That are its own, and those of the objects that it gives; `*` stands for every method of a class.
        """
        found = self._names_from.get(root)
        if found is None:
            is_listed = root in self._entries.parts or root in self._further
            found = self._names_from[root] = frozenset(self._reached_from(root)) if is_listed else frozenset()
        return found

    def may_work(self, name: str) -> bool:
        """Whether what goes by a qualified name does I/O, takes a time limit, or opens a file."""
        found = self._may_work.get(name)
        if found is None:
            if len(self._may_work) > _MOST_FOUND:
                self._may_work.clear()
            entry = self.find(name)
            found = entry is not None and (entry.kind in _WORKING or entry.timeout is not None) or self.returns(name) == "io.File"
            self._may_work[name] = found
        return found

    def _reached_from(self, root: str) -> Iterator[str]:
        roots, more = set[str](), {root}
        while more:
            roots |= more
            more = {further for one in more for further in self._further.get(one, ())} - roots
        return (name for one in roots for name in self._working(one))

    def _working(self, root: str) -> Iterator[str]:
        """Last parts of the names of what does I/O, or takes a time limit, with this first one."""
        for entry in self._entries[root].values():
            if entry.kind in _WORKING or entry.timeout is not None:
                yield entry.name.rpartition(".")[2]
        yield from self._leading.get(root, ())

    @functools.cached_property
    def _leading(self) -> dict[str, set[str]]:
        """Last parts of the names of what opens files, and of aliases, by the first one."""
        opening = (name for name, what in self._returns.items() if what == "io.File")
        found: dict[str, set[str]] = {}
        for name in (*opening, *self._aliases):
            found.setdefault(name.partition(".")[0], set()).add(name.rpartition(".")[2])
        return found

    @functools.cached_property
    def _further(self) -> dict[str, set[str]]:
        """First parts of the names of types that callables give, and of what aliases stand for, by those of the callables and aliases."""
        found: dict[str, set[str]] = {}
        for name, what in (*self._returns.items(), *self._aliases.items()):
            found.setdefault(name.partition(".")[0], set()).add(what.removeprefix("iter[").partition(".")[0])
        return found

    def roots_to(self, roots: Set[str]) -> frozenset[str]:
        """First parts of the names that lead to names of these first parts, these among them."""
        found = frozenset[str]()
        more = frozenset(roots)
        while not more <= found:
            found |= more
            more = frozenset(one for one, further in self._further.items() if not further.isdisjoint(found))
        return found

    def canonical(self, name: str) -> str:
        """The name under which `name` is listed: aliases of functions and of the classes around methods resolved."""
        if name in self._aliases:
            return self._aliases[name]
        if "compat" in name or "six.moves." in name or "vendor" in name:
            name = _original(name)
        owner, dot, last = name.rpartition(".")
        return self.canonical(owner) + dot + last if owner in self._aliases else name

    def find(self, name: str) -> Entry | None:
        """The entry of a qualified name, else of its class (`Class.*`), else of all below a class (`Class.**`), else None."""
        try:
            return self._found[name]
        except KeyError:
            if len(self._found) > _MOST_FOUND:
                self._found.clear()
            found = self._found[name] = self._look_up(name)
            return found

    def _look_up(self, name: str) -> Entry | None:
        name = self.canonical(name)
        root = name.partition(".")[0]
        entries = self._entries[root]
        if not entries:
            return None
        found = entries.get(name) or entries.get(name.rpartition(".")[0] + ".*")
        return found or (_below(name, entries) if root in self._entries.deep else None)

    def returns(self, name: str) -> str | None:
        """The type that a callable or an attribute gives, or None when that is not known."""
        return self._returns.get(self.canonical(name))

    def sharing(self, type_name: str) -> Sharing | None:
        """How objects of a class behave between threads, or None when the catalogue does not say."""
        return self._sharing.get(self.canonical(type_name))

    def with_entries(self, entries: Iterable[Entry]) -> Catalog:
        """A new catalogue in which `entries` are added, or replace those of the same name."""
        return Catalog([*self._families, Family(entries=tuple(entries))])

    @functools.cached_property
    def _sharing(self) -> dict[str, Sharing]:
        return {name: types.sharing for family in self._families for types in family.types for name in spread(types.names)}

    def __iter__(self) -> Iterator[Entry]:
        for root in self._entries.parts:
            yield from self._entries[root].values()

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Entries(dict[str, dict[str, Entry]]):
    """Entries by the first part of their names, and by their names. Those of one first part are made when it is asked for."""

    def __init__(self, families: Iterable[Family]) -> None:
        super().__init__()
        self.parts: defaultdict[str, list[tuple[Calls | Entry, str, str]]] = defaultdict(list)
        """What is listed, by the first part of the name: what it is an example of, the name, and its endings."""
        self.deep: set[str] = set()
        """First parts of the names that stand for all below a class, as far as they have been asked for."""
        for listed in (one for family in families for one in family.entries):
            for stem, endings in [(listed.name, "")] if isinstance(listed, Entry) else stems(listed.names):
                self.parts[stem.partition(".")[0]].append((listed, stem, endings))

    def __missing__(self, root: str) -> dict[str, Entry]:
        if root not in self.parts:
            return _NONE
        made = self[root] = {
            name: listed if isinstance(listed, Entry) else Entry(name, listed.kind, listed.effect, listed.timeout)
            for listed, stem, endings in self.parts[root] for name in spelled(stem, endings)
        }  # fmt: skip
        if any(name.endswith(".**") for name in made):
            self.deep.add(root)
        return made


_NONE: dict[str, Entry] = {}


def _below(name: str, entries: Mapping[str, Entry]) -> Entry | None:
    """The entry of all below a class that is around a name."""
    owner = name.rpartition(".")[0]
    while owner:
        if (found := entries.get(owner + ".**")) is not None:
            return found
        owner = owner.rpartition(".")[0]
    return None


def _original(name: str) -> str:
    """The name that another package passes on: vendored (`pip._vendor.requests.get`), by six, or by its `compat` module."""
    for mark in ("._vendor.", ".vendor.", ".vendored."):
        name = name.rpartition(mark)[2]
    name = name.rpartition("six.moves.")[2].replace("http_client.", "http.client.")
    module, _, last = name.rpartition(".")
    return _PASSED_ON.get(last, name) if module.rpartition(".")[2].strip("_") in ("compat", "pycompat") else name


_PASSED_ON = {
    "urlopen": "urllib.request.urlopen", "urlretrieve": "urllib.request.urlretrieve", "check_output": "subprocess.check_output",
    "HTTPConnection": "http.client.HTTPConnection", "HTTPSConnection": "http.client.HTTPSConnection",
}  # fmt: skip
PASSED_ON_ROOTS = frozenset(name.partition(".")[0] for name in _PASSED_ON.values())
"""First parts of the names that modules called `compat` pass on."""


@functools.cache
def _families() -> tuple[Family, ...]:
    from par_lint.core.catalog import (
        ai_services,
        cloud,
        coroutines,
        databases,
        executors,
        file_formats,
        filesystem,
        hosted_services,
        http_clients,
        in_process,
        sockets,
        subprocesses,
        untyped,
    )

    modules = (coroutines, cloud, in_process, file_formats, filesystem, ai_services, sockets, executors, subprocesses, hosted_services, databases, untyped, http_clients)
    return tuple(module.FAMILY for module in modules)


@functools.cache
def builtin_catalog() -> Catalog:
    """The catalogue that ships with par-lint."""
    return Catalog(_families())

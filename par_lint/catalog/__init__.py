"""The catalogue: what calls do, looked up by qualified name. Rules ask it for kinds of work, never for names."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Set

from par_lint.catalog.entry import Entry, Family, Kind, Sharing


_MOST_FOUND = 10_000
"""Names whose look-ups are kept: files of one project ask for the same ones."""
PASSING_ON = ("compat", "six.moves", "vendor")
"""Parts of the names of modules that pass on the names of others."""
_SLOW = (Kind.NETWORK, Kind.SUBPROCESS)
_WORKING = (*_SLOW, Kind.FILE, Kind.LISTING)


class Catalog:
    """An immutable look-up over all families of entries."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = tuple(families)
        self._entries: dict[str, Entry] = {}
        self._sharing: dict[str, Sharing] = {}
        self._returns: dict[str, str] = {}
        self._aliases: dict[str, str] = {}
        self._found: dict[str, Entry | None] = {}
        self._may_work: dict[str, bool] = {}
        for family in self._families:
            self._entries.update((entry.name, entry) for entry in family.entries)
            self._sharing.update((info.name, info.sharing) for info in family.types)
            self._returns.update(family.returns or {})
            self._aliases.update(family.aliases or {})
        self._deep = {name.removesuffix(".**"): entry for name, entry in self._entries.items() if name.endswith(".**")}
        self._deep_roots = frozenset(name.partition(".")[0] for name in self._deep)

    @functools.cached_property
    def roots(self) -> frozenset[str]:
        """First parts of all names: a module that imports none of them can do no known work."""
        return frozenset(name.partition(".")[0] for name in (*self._entries, *self._aliases, *self._returns))

    @functools.cached_property
    def timed(self) -> frozenset[str]:
        """Last parts of the names of what takes a time limit, or waits for a subprocess."""
        timed = (entry.name for entry in self if entry.timeout is not None or entry.kind is Kind.SUBPROCESS)
        return frozenset(name.rpartition(".")[2] for name in timed)

    @functools.cached_property
    def slow_names(self) -> frozenset[str]:
        """Last parts of the names of network requests and subprocesses, and of what else may stand for one."""
        return frozenset(name.rpartition(".")[2] for name in (*(entry.name for entry in self if entry.kind in _SLOW), *self._aliases))

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
        slow = {entry.name.partition(".")[0] for entry in self if entry.kind in _SLOW}
        leading = {**self._returns, **self._aliases}
        return frozenset(slow | {name.partition(".")[0] for name, what in leading.items() if what.partition(".")[0] in slow})

    def names_from(self, root: str) -> frozenset[str]:
        """Last parts of the names of what does I/O, or takes a time limit, and is reached through a module of this first part.

        That are its own, and those of the objects that it gives; `*` stands for every method of a class.
        """
        found = self._names_from.get(root)
        if found is None:
            roots, more = set[str](), {root}
            while more:
                roots |= more
                more = {further for one in more for further in self._further.get(one, ())} - roots
            found = self._names_from[root] = frozenset(name for one in roots for name in self._working.get(one, ()))
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

    @functools.cached_property
    def _names_from(self) -> dict[str, frozenset[str]]:
        return {}

    @functools.cached_property
    def _working(self) -> dict[str, set[str]]:
        """Last parts of the names of what does I/O, or takes a time limit, by the first one."""
        opening = (name for name, what in self._returns.items() if what == "io.File")
        names = (entry.name for entry in self if entry.kind in _WORKING or entry.timeout is not None)
        found: dict[str, set[str]] = {}
        for name in (*names, *opening, *self._aliases):
            found.setdefault(_root(name), set()).add(name.rpartition(".")[2])
        return found

    @functools.cached_property
    def _further(self) -> dict[str, set[str]]:
        """First parts of the names of types that callables give, and of what aliases stand for, by those of the callables and aliases."""
        found: dict[str, set[str]] = {}
        for name, what in (*self._returns.items(), *self._aliases.items()):
            found.setdefault(_root(name), set()).add(_root(what))
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
        found = self._entries.get(name) or self._entries.get(name.rpartition(".")[0] + ".*")
        return found or (self._below(name) if name.partition(".")[0] in self._deep_roots else None)

    def _below(self, name: str) -> Entry | None:
        owner = name.rpartition(".")[0]
        while owner:
            if owner in self._deep:
                return self._deep[owner]
            owner = owner.rpartition(".")[0]
        return None

    def returns(self, name: str) -> str | None:
        """The type that a callable or an attribute gives, or None when that is not known."""
        return self._returns.get(self.canonical(name))

    def sharing(self, type_name: str) -> Sharing | None:
        """How objects of a class behave between threads, or None when the catalogue does not say."""
        return self._sharing.get(self.canonical(type_name))

    def with_entries(self, entries: Iterable[Entry]) -> Catalog:
        """A new catalogue in which `entries` are added, or replace those of the same name."""
        return Catalog([*self._families, Family(entries=tuple(entries))])

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)


def _root(name: str) -> str:
    while name.startswith("iter["):
        name = name[5:]
    return name.partition(".")[0]


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
    modules = sorted(info.name for info in pkgutil.iter_modules(__path__) if info.name != "entry")
    return tuple(importlib.import_module(f"{__name__}.{name}").FAMILY for name in modules)


@functools.cache
def builtin_catalog() -> Catalog:
    """The catalogue that ships with par-lint."""
    return Catalog(_families())

"""The call catalogue: what library calls do, by qualified name. Rules ask it for the kind of work, never for names."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set

from par_lint.core.catalog.entry import Calls, Entry, Family, Kind, Sharing, Trait, expand_endings, parse_names, spread

_MOST_FOUND = 10_000
"""The maximum number of cached lookups; files of one project look up the same names."""
REEXPORTING_MODULES = ("compat", "six.moves", "vendor", ".requests")
"""Parts of the names of modules that re-export names of other modules."""
_SLOW = (Kind.NETWORK, Kind.SUBPROCESS)
_WORKING = (*_SLOW, Kind.FILE, Kind.LISTING)


class Catalog:
    """An immutable lookup over all families of entries. The text of a table is parsed on first use, by the first part of the names."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = tuple(families)
        self._entries = _Entries(self._families)
        self._returns: dict[str, str] = {}
        self._aliases: dict[str, str] = {}
        self._found: dict[str, Entry | None] = {}
        self._names_from: dict[str, frozenset[str]] = {}
        self._may_work: dict[str, bool] = {}
        self._names_with: dict[Trait, tuple[frozenset[str], frozenset[str]]] = {}
        for family in self._families:
            self._returns.update(family.returns)
            self._aliases.update(family.aliases)

    @functools.cached_property
    def roots(self) -> frozenset[str]:
        """First parts of all names. A module that imports none of them calls nothing in the catalogue."""
        return frozenset({*self._entries.parts, *self._roots_reached_from})

    @functools.cached_property
    def timeout_names(self) -> frozenset[str]:
        """Last parts of the names of calls that take a timeout or run a subprocess, and of their aliases."""
        names = frozenset(self._last_parts(lambda one: one.timeout is not None or one.kind is Kind.SUBPROCESS))
        return names.union(name.rpartition(".")[2] for name, listed in self._aliases.items() if listed.rpartition(".")[2] in names)

    @functools.cached_property
    def request_and_subprocess_names(self) -> frozenset[str]:
        """Last parts of the names of network requests and subprocesses, and of aliases."""
        return frozenset((*self._last_parts(lambda one: one.kind in _SLOW), *(name.rpartition(".")[2] for name in self._aliases)))

    def _last_parts(self, is_wanted: Callable[[Entry | Calls], bool]) -> Iterator[str]:
        for one in (one for family in self._families for one in family.entries if is_wanted(one)):
            yield from (name.rpartition(".")[2] for name in ([one.name] if isinstance(one, Entry) else spread(one.names)))

    def is_request_or_subprocess(self, name: str) -> bool:
        """Return whether a qualified name makes a network request or runs a subprocess."""
        entry = self.find(name)
        return entry is not None and entry.kind in _SLOW

    def takes_timeout(self, name: str) -> bool:
        """Return whether a qualified name takes a timeout or runs a subprocess."""
        entry = self.find(name)
        return entry is not None and (entry.timeout is not None or entry.kind is Kind.SUBPROCESS)

    @functools.cached_property
    def request_and_subprocess_roots(self) -> frozenset[str]:
        """First parts of the names through which network requests and subprocesses are reached."""
        slow = {root for root, parts in self._entries.parts.items() if any(part[0].kind in _SLOW for part in parts)}
        return frozenset(slow | {root for root, further in self._roots_reached_from.items() if not further.isdisjoint(slow)})

    def io_names_reached_from(self, root: str) -> frozenset[str]:
        """Return the last parts of the names that do I/O, or take a timeout, and are reached through modules with this first part.

        These are its own names and those of the objects that it returns; `*` stands for every method of a class.
        """
        found = self._names_from.get(root)
        if found is None:
            is_listed = root in self._entries.parts or root in self._roots_reached_from
            found = self._names_from[root] = frozenset(self._reached_from(root)) if is_listed else frozenset()
        return found

    def may_do_io(self, name: str) -> bool:
        """Return whether a qualified name does I/O, takes a timeout, or opens a file."""
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
            more = {further for one in more for further in self._roots_reached_from.get(one, ())} - roots
        return (name for one in roots for name in self._working(one))

    def _working(self, root: str) -> Iterator[str]:
        """Yield the last parts of the names with this first part that do I/O or take a timeout."""
        for entry in self._entries[root].values():
            if entry.kind in _WORKING or entry.timeout is not None:
                yield entry.name.rpartition(".")[2]
        yield from self._opening_names_by_root.get(root, ())

    @functools.cached_property
    def _opening_names_by_root(self) -> dict[str, set[str]]:
        """Last parts of the names that open files, and of aliases, by the first part."""
        opening = (name for name, what in self._returns.items() if what == "io.File")
        found: dict[str, set[str]] = {}
        for name in (*opening, *self._aliases):
            found.setdefault(name.partition(".")[0], set()).add(name.rpartition(".")[2])
        return found

    @functools.cached_property
    def _roots_reached_from(self) -> dict[str, set[str]]:
        """First parts of the names of returned types and alias targets, by the first parts of the callables and aliases."""
        found: dict[str, set[str]] = {}
        for name, what in (*self._returns.items(), *self._aliases.items()):
            found.setdefault(name.partition(".")[0], set()).add(what.removeprefix("iter[").partition(".")[0])
        return found

    def roots_leading_to(self, roots: Set[str]) -> frozenset[str]:
        """Return the first parts of the names through which names with these first parts are reached, including themselves."""
        found = frozenset[str]()
        more = frozenset(roots)
        while not more <= found:
            found |= more
            more = frozenset(one for one, further in self._roots_reached_from.items() if not further.isdisjoint(found))
        return found

    def canonical(self, name: str) -> str:
        """Return the name under which `name` is listed: aliases of functions and of classes are resolved."""
        if name in self._aliases:
            return self._aliases[name]
        if "compat" in name or "six.moves." in name or "vendor" in name or ".requests." in name:
            name = _original(name)
        owner, dot, last = name.rpartition(".")
        return self.canonical(owner) + dot + last if owner in self._aliases else name

    def find(self, name: str) -> Entry | None:
        """Return the entry of a qualified name, else of its class (`Class.*`), else of an enclosing class (`Class.**`), else None."""
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
        if name.endswith(_GONE_OVER_LATER):
            return entries.get(name)
        found = entries.get(name) or entries.get(name.rpartition(".")[0] + ".*")
        return found or (_below(name, entries) if root in self._entries.deep else None)

    def returns(self, name: str) -> str | None:
        """Return the type that a callable returns or an attribute has, or None if it is unknown."""
        return self._returns.get(self.canonical(name))

    def sharing(self, type_name: str) -> Sharing | None:
        """Return how objects of a class may be shared between threads, or None if it is unknown."""
        return self._sharing.get(self.canonical(type_name))

    def has_trait(self, name: str, trait: Trait) -> bool:
        """Return whether a qualified name, or a module or class above it that is listed with `**`, has a trait."""
        names, deep = self._table(trait)
        name = self.canonical(name)
        if name in names:
            return True
        return bool(deep) and any(name[:end] in deep for end in (*(place for place, letter in enumerate(name) if letter == "."), len(name)))

    def names_with(self, trait: Trait) -> frozenset[str]:
        """Return the names that are listed with a trait, without those with `**`."""
        return self._table(trait)[0]

    def packages_with(self, trait: Trait) -> frozenset[str]:
        """Return the modules and classes that are listed with a trait for all that is below them, with `**`."""
        return self._table(trait)[1]

    def _table(self, trait: Trait) -> tuple[frozenset[str], frozenset[str]]:
        """Return the names with a trait, and the names that stand for all names below them."""
        found = self._names_with.get(trait)
        if found is None:
            listed = [name for family in self._families for name in spread(family.traits.get(trait, ""))]
            deep = frozenset(name.removesuffix(".**") for name in listed if name.endswith(".**"))
            found = self._names_with[trait] = (frozenset(name for name in listed if not name.endswith(".**")), deep)
        return found

    @functools.cached_property
    def sleep_functions(self) -> frozenset[str]:
        """The qualified names of the calls that sleep."""
        parts = (part for parts in self._entries.parts.values() for part in parts if part[0].kind is Kind.SLEEP)
        return frozenset(name for _, stem, endings in parts for name in expand_endings(stem, endings))

    def mode_position(self, name: str) -> int | None:
        """Return the 0-based position of the mode of a call that opens something other than a plain file; None for other calls."""
        return self._mode_positions.get(name)

    @functools.cached_property
    def _mode_positions(self) -> dict[str, int]:
        return {name: position for family in self._families for name, position in family.mode_positions.items()}

    def target(self, name: str) -> tuple[int, str] | None:
        """Return the 0-based position and the keyword of the place to which a call writes, if it is another than the first argument."""
        return self._targets.get(self.canonical(name))

    @functools.cached_property
    def _targets(self) -> dict[str, tuple[int, str]]:
        return {name: place for family in self._families for name, place in family.targets.items()}

    def lazy_keyword(self, name: str) -> str | None:
        """Return the keyword that makes the result of a call read later, or None if it has none."""
        return self._lazy_keywords.get(name) or self._lazy_keywords.get(name.partition(".")[0] + ".**")

    @functools.cached_property
    def _lazy_keywords(self) -> dict[str, str]:
        return {name: keyword for family in self._families for name, keyword in family.lazy_keywords.items()}

    def caught_by(self, exception: str) -> frozenset[str]:
        """Return the last parts of the base classes of an exception that a timeout raises."""
        return frozenset(name for family in self._families for name in family.caught_by.get(exception, "").split())

    def related_errors(self, exception: str) -> frozenset[str]:
        """Return the last parts of other errors of the calls that raise an exception: whoever catches one may expect it to be all."""
        return frozenset(name for family in self._families for name in family.related_errors.get(exception, "").split())

    def with_entries(self, entries: Iterable[Entry]) -> Catalog:
        """Return a new catalogue in which `entries` are added, or replace those of the same name."""
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
    """Entries by the first part of their names, then by name. The entries of one first part are created on first use."""

    def __init__(self, families: Iterable[Family]) -> None:
        super().__init__()
        self.parts: defaultdict[str, list[tuple[Calls | Entry, str, str]]] = defaultdict(list)
        """What is listed, by the first part of the name: the table or entry, the stem of the name, and its endings."""
        self.deep: set[str] = set()
        """First parts of the names with a `**` entry, among the tables parsed so far."""
        for listed in (one for family in families for one in family.entries):
            for stem, endings in [(listed.name, "")] if isinstance(listed, Entry) else parse_names(listed.names):
                self.parts[stem.partition(".")[0]].append((listed, stem, endings))

    def __missing__(self, root: str) -> dict[str, Entry]:
        if root not in self.parts:
            return _NONE
        made = self[root] = {
            name: listed if isinstance(listed, Entry) else Entry(name, listed.kind, listed.effect, listed.timeout)
            for listed, stem, endings in self.parts[root] for name in expand_endings(stem, endings)
        }  # fmt: skip
        if any(name.endswith(".**") for name in made):
            self.deep.add(root)
        return made


_NONE: dict[str, Entry] = {}


_GONE_OVER_LATER = ("_iter", "_iterator", "_generator", "_paginator", "_nowait")
"""Ends of names of methods that ask nobody yet: what they give does, while it is iterated over. They count only where they are listed themselves."""


def _below(name: str, entries: Mapping[str, Entry]) -> Entry | None:
    """Return the `**` entry of the innermost enclosing class."""
    owner = name.rpartition(".")[0]
    while owner:
        if (found := entries.get(owner + ".**")) is not None:
            return found
        owner = owner.rpartition(".")[0]
    return None


def _original(name: str) -> str:
    """Return the original of a re-exported name: vendored (`pip._vendor.requests.get`), from six, or from a `compat` module."""
    for mark in ("._vendor.", ".vendor.", ".vendored."):
        name = name.rpartition(mark)[2]
    name = name.rpartition("six.moves.")[2].replace("http_client.", "http.client.")
    module, _, last = name.rpartition(".")
    if module.endswith(".requests") and module != ".requests" and last in _VERBS and not module.startswith(_WITH_OWN_REQUESTS):
        return f"untyped.Session.{last}"  # a project's own requests, which may have timeouts of its own
    return _REEXPORTED.get(last, name) if module.rpartition(".")[2].strip("_") in ("compat", "pycompat") else name


_REEXPORTED = {
    "urlopen": "urllib.request.urlopen", "urlretrieve": "urllib.request.urlretrieve", "check_output": "subprocess.check_output",
    "HTTPConnection": "http.client.HTTPConnection", "HTTPSConnection": "http.client.HTTPSConnection",
}  # fmt: skip
_VERBS = frozenset({"get", "head", "options", "post", "put", "patch", "delete", "request"})
_WITH_OWN_REQUESTS = ("curl_cffi.", "google.")
"""Beginnings of the names of libraries whose `requests` is listed by itself, or is no HTTP client."""
REEXPORTED_ROOTS = frozenset(name.partition(".")[0] for name in _REEXPORTED.values())
"""First parts of the names that `compat` modules re-export."""


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
        methods_by_name,
        not_io,
        sockets,
        subprocesses,
    )

    modules = (coroutines, cloud, not_io, file_formats, filesystem, ai_services, sockets, executors, subprocesses, hosted_services, databases, methods_by_name, http_clients)
    return tuple(module.FAMILY for module in modules)


@functools.cache
def builtin_catalog() -> Catalog:
    """Return the catalogue that ships with par-lint."""
    return Catalog(_families())

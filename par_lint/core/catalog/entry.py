"""One line of knowledge about one call: its kind of work, its effect, and where its time limit goes.

Pure data, no syntax trees. Names are fully qualified as the import that reaches them resolves
(`requests.get`, `pathlib.Path.read_text`); built-ins have their bare name (`open`). A method is listed under the
class of its receiver. A last part of `*` stands for every method of that class (`botocore.client.BaseClient.*`), one of
`**` also for those of the objects that are its attributes (`hcloud.Client.**`); the more exact name wins.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Kind(enum.Enum):
    """What a call spends its time on."""

    NETWORK = "network"
    SUBPROCESS = "subprocess"
    FILE = "file"  # whole files: read, write, copy, hash, parse, remove a tree
    METADATA = "metadata"  # stat, exists, mkdir, unlink, rename, open without reading: too cheap to parallelise alone
    LISTING = "listing"  # glob, listdir, walk: names of files
    CPU = "cpu"  # computing that holds the GIL
    NATIVE = "native"  # computing that releases the GIL
    SLEEP = "sleep"  # pacing
    LOG = "log"  # logging, warnings: thread-safe by contract
    PURE = "pure"  # cheap computing without any effect


class Effect(enum.Enum):
    """What a call changes."""

    NONE = "none"
    READ = "read"
    WRITE = "write"
    GLOBAL = "global"  # state of the whole process or account: chdir, environment, installs, commits in one repository


class Sharing(enum.Enum):
    """What happens when several threads use one object of a type."""

    SAFE = "safe"  # documented as thread-safe (boto3 clients), or without state (pathlib.Path)
    UNSURE = "unsure"  # works in practice, not promised (requests.Session): fixes through it are unsafe
    STATEFUL = "stateful"  # one position, one connection (files, sockets, cursors): not parallel at all


FOREVER = None  # default timeout of a library that waits without limit


class Timeout(NamedTuple):
    """Where a call takes its time limit, in seconds.

    `position` is the 0-based positional index without the receiver, None when it is keyword-only.
    `default` is the library's own limit in seconds; FOREVER (None) when it waits without one.
    `raises` is the exception that a limit brings. `others` are parameters that limit the wait too. `needs` is the first
    parameter of a constructor that waits only if it is given (`SMTP(host)`). `kept` says that the receiver may hold a
    limit: of its constructor, of an adapter mounted on it.
    """

    parameter: str = "timeout"
    position: int | None = None
    default: float | None = FOREVER
    raises: str = ""
    others: tuple[str, ...] = ()
    needs: str | None = None
    kept: bool = False


class Entry(NamedTuple):
    """What one call does. `timeout` is None where the call takes no time limit."""

    name: str
    kind: Kind
    effect: Effect = Effect.NONE
    timeout: Timeout | None = None


class Calls:
    """What several calls do alike. `names` is the text of a table, which is read once one of them is asked for."""

    __slots__ = ("effect", "kind", "names", "timeout")

    def __init__(self, kind: Kind, effect: Effect, names: str, timeout: Timeout | None = None) -> None:
        self.kind = kind
        self.effect = effect
        self.names = names
        self.timeout = timeout


class Types:
    """How objects of several classes behave when they are shared between threads; `names` as of Calls."""

    __slots__ = ("names", "sharing")

    def __init__(self, sharing: Sharing, names: str) -> None:
        self.sharing = sharing
        self.names = names


class Family:
    """One table of the catalogue.

    `returns` maps a callable or attribute to what it gives: a type name (`"boto3.client": "botocore.client.BaseClient"`),
    or `iter[...]` of one for what is iterated (`"pathlib.Path.glob": "iter[pathlib.Path]"`). Calling a name whose last
    part starts with a capital letter gives an object of that class and needs no line.
    `aliases` maps a second name to the one that is listed (`"requests.api.get": "requests.get"`).
    """

    __slots__ = ("aliases", "entries", "returns", "types")

    def __init__(
        self, entries: Iterable[Calls | Entry], types: Iterable[Types] = (), returns: Mapping[str, str] | None = None, aliases: Mapping[str, str] | None = None
    ) -> None:
        self.entries = tuple(entries)
        self.types = tuple(types)
        self.returns = returns or {}
        self.aliases = aliases or {}


def stems(names: str) -> list[tuple[str, str]]:
    """What stands in the text of a table, apart at white space: a name and the endings in braces behind it, which may be none."""
    found: list[tuple[str, str]] = []
    for part in names.split("}"):
        before, _, endings = part.partition("{")
        plain = before.split()
        if plain and plain[0].startswith("."):
            raise ValueError(f"{names.strip()[:40]!r}: {plain[0]!r} stands behind braces, which only end a name")
        last = plain.pop() if endings else ""
        found += [(stem, "") for stem in plain]
        if endings:
            found.append((last, endings))
    return found


def spelled(stem: str, endings: str) -> list[str]:
    """The names that a stem and its endings stand for: `os.` and `stat lstat` for `os.stat` and `os.lstat`."""
    return [stem + ending for ending in endings.split()] if endings else [stem]


def spread(names: str) -> list[str]:
    """The names of a table's text; `{a b}` at the end of one stands for both endings."""
    return [name for stem, endings in stems(names) for name in spelled(stem, endings)]

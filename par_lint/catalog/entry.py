"""One line of knowledge about one call: its kind of work, its effect, and where its time limit goes.

Pure data, no syntax trees. Names are fully qualified as the import that reaches them resolves
(`requests.get`, `pathlib.Path.read_text`); built-ins have their bare name (`open`). A method is listed under the
class of its receiver. A last part of `*` stands for every method of that class (`botocore.client.BaseClient.*`), one of
`**` also for those of the objects that are its attributes (`hcloud.Client.**`); the more exact name wins.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
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


class TypeInfo(NamedTuple):
    """How objects of a class behave when they are shared between threads."""

    name: str
    sharing: Sharing


class Family(NamedTuple):
    """One table of the catalogue.

    `returns` maps a callable or attribute to what it gives: a type name (`"boto3.client": "botocore.client.BaseClient"`),
    or `iter[...]` of one for what is iterated (`"pathlib.Path.glob": "iter[pathlib.Path]"`). Calling a name whose last
    part starts with a capital letter gives an object of that class and needs no line.
    `aliases` maps a second name to the one that is listed (`"requests.api.get": "requests.get"`).
    """

    entries: tuple[Entry, ...]
    types: tuple[TypeInfo, ...] = ()
    returns: Mapping[str, str] | None = None
    aliases: Mapping[str, str] | None = None


def entries(kind: Kind, effect: Effect, names: str, timeout: Timeout | None = None) -> tuple[Entry, ...]:
    """One entry for each of the names, which white space separates; `{a b}` at the end of one stands for both endings."""
    return tuple(Entry(name, kind, effect, timeout) for name in spread(names))


def spread(names: str) -> list[str]:
    """The names of a table's text: `os.{stat lstat}` is `os.stat` and `os.lstat`."""
    found: list[str] = []
    for match in re.finditer(r"([^\s{}]+)(?:\{([^}]*)\})?", names):
        stem, endings = match.groups()
        if stem.startswith("."):
            raise ValueError(f"{names.strip()[:40]!r}: {stem!r} stands behind braces, which only end a name")
        found += [stem + ending for ending in endings.split()] if endings is not None else [stem]
    return found


def types(sharing: Sharing, names: str) -> tuple[TypeInfo, ...]:
    """One TypeInfo for each of the names."""
    return tuple(TypeInfo(name, sharing) for name in spread(names))

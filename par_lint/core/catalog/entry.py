"""The records of the call catalogue: a call's kind of work, its effect, and its timeout parameter.

Pure data, no syntax trees. Names are fully qualified, as the import resolves (`requests.get`, `pathlib.Path.read_text`);
built-ins have their bare name (`open`). A method is listed under the class of its receiver. The last part `*` matches every
method of that class (`botocore.client.BaseClient.*`), `**` also the methods of its attributes (`hcloud.Client.**`). The more
specific name wins.
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
    CPU = "cpu"  # CPU-bound, holds the GIL
    NATIVE = "native"  # CPU-bound, releases the GIL
    SLEEP = "sleep"  # throttling
    LOG = "log"  # logging, warnings: thread-safe by contract
    PURE = "pure"  # cheap computation without side effects


class Effect(enum.Enum):
    """What a call changes."""

    NONE = "none"
    READ = "read"  # several may run concurrently, and ahead of their turn
    QUERY = "query"  # reads through a session, a login or a paid service: whether several may run concurrently needs a person's judgement
    WRITE = "write"
    GLOBAL = "global"  # state of the whole process or account: chdir, environment, installs, commits in one repository


class Sharing(enum.Enum):
    """What happens when several threads use one object of a type."""

    SAFE = "safe"  # documented as thread-safe (boto3 clients), or stateless (pathlib.Path)
    UNSURE = "unsure"  # works in practice, not documented (requests.Session): fixes are unsafe
    STATEFUL = "stateful"  # one position or connection (files, sockets, cursors): never used concurrently


class Trait(enum.Enum):
    """What is known of a name beyond its kind and its effect. A call that has one of these needs a line in the traits of its family."""

    HTTP = "makes HTTP requests: coroutines may share its sessions"
    READS_HANDLE = "reads an open file to its end, and does not take a file name"
    READS_ALL = "reads its argument to the end and returns data"
    READS_TABLE = "reads its argument to the end and returns data, unless it is asked for chunks"
    READS_LATER = "returns an object that keeps a file open and reads it later"
    GIVES_PARTS = "gives one part of an open file after the other, as it reads on"
    READS_TEXT = "parses a text as well as an open file"
    WRITES_BY_DEFAULT = "opens a file for writing unless its mode says otherwise"
    UNPICKLES = "creates objects of any class that the data names"
    ONE_THREAD = "is documented as not thread-safe"
    THREAD_LOCAL = "is another object in each thread"
    THREAD_STATE = "has state of its own in each thread"
    RUNS_CODE = "may run code of the file while files are read"
    RUNS_MODULES = "runs the code of other files, or imports them"
    RECORDS_CALLS = "records calls, which are of other threads in a worker"
    SEES_MEMORY = "sees what is read ahead"
    SEES_THREADS = "sees the threads of the program"
    PRINTS_THREADS = "prints the threads of the program"
    SETS_THREAD_LIMITS = "sets limits that more threads reach sooner"
    BLOCKS_SIGNALS = "blocks signals, which other threads still get"
    SHARES_DESCRIPTOR = "gives descriptors, which share their place in a file"
    STANDS_FOR_ANYTHING = "may stand for anything"
    ANSWERS_REQUESTS = "answers requests in the same program"
    IS_SERVER = "is a server in the same program"
    MAY_SERVE = "is a framework of which the program may run a server"
    RUNS_EVENT_LOOP = "runs an event loop until the coroutine that it is given ends"
    AWAITS_ARGUMENT = "awaits the coroutine that it is given"
    YIELDS_COMPLETED = "returns pieces of work as they end: they run already"
    RANDOM_GENERATOR = "draws random numbers, each of which changes what is drawn next"
    OPENS_CONNECTION = "opens a connection that keeps the time limit of this call"
    HAS_WEBSOCKETS = "is a framework whose connections are websockets"
    DRIVES_BROWSER = "drives a browser through one connection"
    MAPS_FILE = "changes a file wherever its elements are set"
    WRITES_NO_FILES = "writes no files for any arguments, except where an entry says so"
    KEEPS_ARGUMENTS = "changes nothing that it is given"
    RETURNS_ITERATOR = "returns an iterator, or another object that is consumed"
    RETURNS_DATA = "returns data that holds nothing of what it is given"
    CACHED_PROPERTY = "decorates a method whose result is cached in the object"
    PLAIN_BASE = "is a base class that adds no side effects to creating an object"
    ASKS_USER = "waits for the user"
    INTO_FOLDER = "takes a folder for the file of the same name in it"
    FILLS_FOLDER = "writes many files into one folder, over those of the same names"
    LOCKS = "waits until nobody else holds the lock on a file"
    RUNS_COROUTINES = "runs coroutines that it is given"


FOREVER = None  # the default timeout of a library that blocks without limit


class Timeout(NamedTuple):
    """Where a call takes its timeout, in seconds.

    `parameter` is empty for a coroutine that takes none: only `asyncio.wait_for` around it limits it. `position` is the 0-based
    positional index without the receiver, None if it is keyword-only. `default` is the library's default in seconds; FOREVER (None)
    if there is none. `raises` is the exception that an expired timeout raises. `others` are other parameters that limit the wait.
    `needs` is the first parameter of a constructor that blocks only if it is given (`SMTP(host)`). `kept`: the receiver may hold a
    timeout, from its constructor or from an adapter mounted on it. `off_by` are other parameters that, where they are None, switch off a
    default of the library.
    """

    parameter: str = "timeout"
    position: int | None = None
    default: float | None = FOREVER
    raises: str = ""
    others: tuple[str, ...] = ()
    needs: str | None = None
    kept: bool = False
    off_by: tuple[str, ...] = ()


class Entry(NamedTuple):
    """What one call does. `timeout` is None if the call takes no timeout."""

    name: str
    kind: Kind
    effect: Effect = Effect.NONE
    timeout: Timeout | None = None


class Calls:
    """Several calls that do the same. `names` is the text of a table, parsed on first use."""

    __slots__ = ("effect", "kind", "names", "timeout")

    def __init__(self, kind: Kind, effect: Effect, names: str, timeout: Timeout | None = None) -> None:
        self.kind = kind
        self.effect = effect
        self.names = names
        self.timeout = timeout


class Types:
    """How objects of several classes may be shared between threads. `names` is as in Calls."""

    __slots__ = ("names", "sharing")

    def __init__(self, sharing: Sharing, names: str) -> None:
        self.sharing = sharing
        self.names = names


class Family:
    """One table of the catalogue.

    `returns` maps a callable or attribute to its type: a type name (`"boto3.client": "botocore.client.BaseClient"`), or
    `iter[...]` for an iterable (`"pathlib.Path.glob": "iter[pathlib.Path]"`). A name whose last part starts with a capital
    letter is a class: calling it returns an object of that class, and it needs no line. `aliases` maps another name to the
    listed one (`"requests.api.get": "requests.get"`). `targets` maps a call that writes elsewhere than to its first argument
    or its receiver to the position and the keyword of the place. `traits` maps a trait to the text of a table; a name that ends in `.**`
    stands for itself and all names below it. `mode_positions` maps a call that opens a file to the 0-based position of its mode.
    `lazy_keywords` maps a call to the keyword that makes its result read later (`"requests.**": "stream"`). `caught_by` maps an
    exception that a timeout raises to the last parts of its base classes, `related_errors` to those of other errors of the same calls.
    """

    __slots__ = ("aliases", "caught_by", "entries", "lazy_keywords", "mode_positions", "related_errors", "returns", "targets", "traits", "types")

    def __init__(
        self,
        entries: Iterable[Calls | Entry],
        types: Iterable[Types] = (),
        returns: Mapping[str, str] | None = None,
        aliases: Mapping[str, str] | None = None,
        *,
        traits: Mapping[Trait, str] | None = None,
        mode_positions: Mapping[str, int] | None = None,
        lazy_keywords: Mapping[str, str] | None = None,
        caught_by: Mapping[str, str] | None = None,
        related_errors: Mapping[str, str] | None = None,
        targets: Mapping[str, tuple[int, str]] | None = None,
    ) -> None:
        self.entries = tuple(entries)
        self.types = tuple(types)
        self.returns = returns or {}
        self.aliases = aliases or {}
        self.traits = traits or {}
        self.mode_positions = mode_positions or {}
        self.lazy_keywords = lazy_keywords or {}
        self.caught_by = caught_by or {}
        self.related_errors = related_errors or {}
        self.targets = targets or {}


def parse_names(names: str) -> list[tuple[str, str]]:
    """Split the text of a table at white space into pairs: a name and the endings in braces after it, which may be empty."""
    found: list[tuple[str, str]] = []
    for part in names.split("}"):
        before, _, endings = part.partition("{")
        plain = before.split()
        if plain and plain[0].startswith("."):
            raise ValueError(f"{names.strip()[:40]!r}: {plain[0]!r} follows braces, which may only end a name")
        last = plain.pop() if endings else ""
        found += [(stem, "") for stem in plain]
        if endings:
            found.append((last, endings))
    return found


def expand_endings(stem: str, endings: str) -> list[str]:
    """Return the names for a stem and its endings: `os.` and `stat lstat` for `os.stat` and `os.lstat`."""
    return [stem + ending for ending in endings.split()] if endings else [stem]


def spread(names: str) -> list[str]:
    """Return the names in the text of a table; `{a b}` at the end of a name stands for both endings."""
    return [name for stem, endings in parse_names(names) for name in expand_endings(stem, endings)]

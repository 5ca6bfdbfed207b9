"""The catalogue: large enough, without contradictions, and true for what can be imported here."""

from __future__ import annotations

import builtins
import importlib
import inspect
import pkgutil
import sys
from collections import Counter

import pytest

import par_lint.core.catalog
from par_lint.core.catalog import Catalog, _families, builtin_catalog
from par_lint.core.catalog.entry import Effect, Entry, Kind, Sharing, spread

CATALOG = builtin_catalog()
LIBRARIES = [
    "requests", "httpx", "httpx2", "urllib3", "aiohttp", "botocore", "google", "azure", "openai", "anthropic", "redis", "paramiko", "PIL", "pandas",
    "numpy", "yaml", "docker", "git", "subprocess", "urllib", "socket", "shutil", "pathlib",
]  # fmt: skip
GONE = {"telnetlib"}  # from Python 3.13 on
NOT_EVERYWHERE = {"os.fork", "os.mkfifo", "os.mknod", "pty.spawn", "os.lchmod", "msvcrt.locking"}
NEWER = {"pathlib.Path.copy", "pathlib.Path.copy_into", "pathlib.Path.move", "pathlib.Path.move_into", "pathlib.Path.walk", "pathlib.Path.full_match",
         "hashlib.file_digest", "contextlib.chdir", "pathlib.Path.link_to", "tomllib.load", "tomllib.loads", "pathlib.Path.lchmod"}  # fmt: skip


def standard_entries() -> list[Entry]:
    return [entry for entry in CATALOG if entry.name.partition(".")[0] in sys.stdlib_module_names - GONE and not entry.name.startswith("io.File")]


def found(name: str) -> object:
    """What a qualified name of the standard library stands for; None when it is not there."""
    parts = name.split(".")
    for size in range(len(parts) - 1, 0, -1):
        try:
            value: object = importlib.import_module(".".join(parts[:size]))
        except ImportError:
            continue
        for part in parts[size:]:
            value = getattr(value, part, None)
        return value
    return getattr(builtins, name, None)


def test_is_large_and_covers_the_common_libraries() -> None:
    assert len(CATALOG) >= 350
    assert set(LIBRARIES) <= CATALOG.roots


def test_no_family_lists_a_name_twice_with_another_meaning() -> None:
    meanings = Counter(name for family in _families() for name in {entry.name for entry in Catalog([family])})
    assert [name for name, count in meanings.items() if count > 1] == []


@pytest.mark.parametrize("entry", standard_entries(), ids=lambda entry: entry.name)
def test_names_of_the_standard_library_exist(entry: Entry) -> None:
    if entry.name not in NOT_EVERYWHERE | NEWER and not entry.name.startswith("os."):
        assert found(entry.name) is not None


@pytest.mark.parametrize("entry", [e for e in standard_entries() if e.timeout is not None], ids=lambda entry: entry.name)
def test_timeouts_of_the_standard_library_are_where_they_are_said_to_be(entry: Entry) -> None:
    value = found(entry.name)
    if entry.name == "subprocess.check_call":  # hands all that it is given on to call
        value = found("subprocess.call")
    if entry.name.startswith("subprocess.") and "Popen" not in entry.name:
        assert "timeout" in inspect.getsource(value)  # type: ignore[arg-type]
        return
    parameters = list(inspect.signature(value).parameters)  # type: ignore[arg-type]
    if parameters[0] == "self":
        parameters = parameters[1:]
    assert entry.timeout is not None
    assert entry.timeout.parameter in parameters
    if entry.timeout.position is not None:
        assert parameters[entry.timeout.position] == entry.timeout.parameter


@pytest.mark.parametrize(
    ("name", "kind", "effect"),
    [
        ("pathlib.Path.read_text", Kind.FILE, Effect.READ),
        ("shutil.rmtree", Kind.FILE, Effect.WRITE),
        ("os.path.exists", Kind.METADATA, Effect.READ),
        ("os.chdir", Kind.METADATA, Effect.GLOBAL),
        ("requests.api.get", Kind.NETWORK, Effect.READ),
        ("requests.sessions.Session.post", Kind.NETWORK, Effect.WRITE),
        ("botocore.client.BaseClient.put_object", Kind.NETWORK, Effect.WRITE),
        ("botocore.client.BaseClient.get_paginator", Kind.PURE, Effect.NONE),
        ("time.sleep", Kind.SLEEP, Effect.NONE),
    ],
)
def test_kinds_and_effects(name: str, kind: Kind, effect: Effect) -> None:
    entry = CATALOG.find(name)
    assert entry is not None
    assert (entry.kind, entry.effect) == (kind, effect)


def test_what_threads_may_share() -> None:
    assert CATALOG.sharing("io.File") is Sharing.STATEFUL
    assert CATALOG.sharing("requests.sessions.Session") is Sharing.UNSURE
    assert CATALOG.sharing("botocore.client.BaseClient") is Sharing.SAFE
    assert CATALOG.sharing("unknown.Thing") is None


def test_what_calls_give() -> None:
    assert CATALOG.returns("boto3.client") == "botocore.client.BaseClient"
    assert CATALOG.returns("pathlib.Path.glob") == "iter[pathlib.Path]"
    assert CATALOG.returns("openai.OpenAI.chat") == "openai.resources.chat.Chat"


def test_added_entries_win_and_earlier_ones_stay() -> None:
    first = CATALOG.with_entries([Entry("a.b", Kind.FILE)])
    second = first.with_entries([Entry("requests.get", Kind.PURE)])
    assert second.find("a.b") == Entry("a.b", Kind.FILE)
    assert second.find("requests.get") == Entry("requests.get", Kind.PURE)
    assert CATALOG.find("a.b") is None


def test_every_family_is_in_the_catalogue() -> None:
    modules = [importlib.import_module(f"par_lint.core.catalog.{info.name}") for info in pkgutil.iter_modules(par_lint.core.catalog.__path__) if info.name != "entry"]
    assert sorted(id(module.FAMILY) for module in modules) == sorted(map(id, _families()))


def test_braces_only_end_a_name() -> None:
    with pytest.raises(ValueError, match="follows braces"):
        spread("a.{B C}.*")


def test_two_stars_stand_for_what_is_below_a_class() -> None:
    catalog = builtin_catalog().with_entries([Entry("cloud.Client.**", Kind.NETWORK), Entry("cloud.Client.close", Kind.PURE)])
    assert found_kind(catalog, "cloud.Client.get") is found_kind(catalog, "cloud.Client.images.tags.get") is Kind.NETWORK
    assert found_kind(catalog, "cloud.Client.close") is Kind.PURE
    assert catalog.find("cloud.Server.get") is None


def found_kind(catalog: Catalog, name: str) -> Kind | None:
    entry = catalog.find(name)
    return entry.kind if entry is not None else None

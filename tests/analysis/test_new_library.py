"""A library that the catalogue does not have: one line is enough for findings and fixes, in the catalogue or in pyproject.toml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import par_lint.core.catalog as catalog_module
from par_lint.core.catalog import Catalog, builtin_catalog
from par_lint.core.catalog.entry import Calls, Effect, Entry, Family, Kind, Sharing, Timeout, Trait, Types
from par_lint.frontends.cli.main import main

PLAIN = "import weather\n\n\ndef temperatures(cities):\n    return [weather.today(city) for city in cities]\n"
METHOD = "import weather\n\nclient = weather.Client()\n\n\ndef temperatures(cities):\n    return [client.today(city) for city in cities]\n"
SAFE = "safe"
UNSAFE = "unsafe"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    builtin_catalog.cache_clear()


def with_family(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    families = (*catalog_module._families(), family)
    monkeypatch.setattr(catalog_module, "_families", lambda: families)
    builtin_catalog.cache_clear()


def fix_of(text: str, project: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Whether the finding in a text gets a safe fix or an unsafe one."""
    path = project / "cities.py"
    path.write_text(text)
    assert main(["check", "--no-cache", "cities.py"]) == 1
    assert "PRL102" in capsys.readouterr().out
    main(["fix", "cities.py"])
    if path.read_text() != text:
        return SAFE
    main(["fix", "--unsafe-fixes", "cities.py"])
    assert path.read_text() != text
    return UNSAFE


@pytest.mark.parametrize(
    ("effect", "text", "types", "level"),
    [
        (Effect.READ, PLAIN, (), SAFE),
        (Effect.QUERY, PLAIN, (), UNSAFE),
        (Effect.WRITE, PLAIN, (), UNSAFE),
        (Effect.READ, METHOD, (), UNSAFE),
        (Effect.READ, METHOD, (Types(Sharing.SAFE, "weather.Client"),), SAFE),
        (Effect.READ, METHOD, (Types(Sharing.UNSURE, "weather.Client"),), UNSAFE),
    ],
)
def test_a_line_in_the_catalogue(
    effect: Effect, text: str, types: tuple[Types, ...], level: str, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_family(Family((Calls(Kind.NETWORK, effect, "weather.today weather.Client.today", Timeout(default=5.0)),), types), monkeypatch)
    assert fix_of(text, project, capsys) == level


def test_a_trait_in_the_catalogue(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with_family(Family((Calls(Kind.NETWORK, Effect.READ, "weather.today"),), traits={Trait.ONE_THREAD: "weather.**"}), monkeypatch)
    assert fix_of(PLAIN, project, capsys) == UNSAFE


@pytest.mark.parametrize(("effect", "level"), [('effect = "read"', SAFE), ('effect = "query"', UNSAFE), ("", UNSAFE)])
def test_a_call_in_the_settings(effect: str, level: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text(f'[tool.par-lint]\nruntime = "par_lint.parallel"\n[[tool.par-lint.call]]\nname = "weather.today"\nkind = "network"\n{effect}\n')
    assert fix_of(PLAIN, project, capsys) == level


def test_two_stars_in_a_trait_stand_for_all_names_below() -> None:
    catalog = Catalog([Family((), traits={Trait.HTTP: "weather.** maps.get"}, aliases={"maps.api.get": "maps.get"})])
    assert all(catalog.has_trait(name, Trait.HTTP) for name in ("weather", "weather.today", "weather.Client.today", "maps.get", "maps.api.get"))
    assert not any(catalog.has_trait(name, Trait.HTTP) for name in ("weathers.today", "maps", "maps.get.all", "maps.post"))
    assert catalog.names_with(Trait.HTTP) == {"maps.get"}


def test_every_trait_is_one_of_some_name() -> None:
    assert [trait for trait in Trait if not builtin_catalog()._table(trait)[0] | builtin_catalog()._table(trait)[1]] == []


def test_calls_of_a_project_may_sleep() -> None:
    assert "nap.doze" in builtin_catalog().with_entries([Entry("nap.doze", Kind.SLEEP)]).sleep_functions
    assert {"time.sleep", "trio.sleep"} <= builtin_catalog().sleep_functions

"""What all tests share: caches of configuration and projects are dropped between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from par_lint import config, rule_pages, runtime_import


@pytest.fixture(autouse=True)
def _no_caches() -> Iterator[None]:
    yield
    config._read.cache_clear()
    runtime_import.forget_projects()


@pytest.fixture
def user_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder for the pages of rules, which is not there yet, instead of the user's own."""
    folder = tmp_path_factory.mktemp("user") / "a cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    rule_pages.page_link.cache_clear()
    yield folder
    rule_pages.page_link.cache_clear()

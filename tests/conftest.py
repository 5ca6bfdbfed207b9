"""What all tests share: how many processes run them; caches of configuration and projects are dropped between them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from par_lint.core.config import loading
from par_lint.engine.runtime_module import location
from par_lint.rules import doc_url


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many processes run the tests: two for each processor, as tests wait half of the time; none but this one for files and tests that are named."""
    if not any(Path(argument).is_dir() for argument in config.args):
        return 0
    return int(os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS", min(8, 2 * (os.cpu_count() or 1))))


@pytest.fixture(autouse=True)
def _no_caches() -> Iterator[None]:
    yield
    loading._read_nearest.cache_clear()
    location.clear_project_cache()


@pytest.fixture
def user_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder for the pages of rules, which is not there yet, instead of the user's own."""
    folder = tmp_path_factory.mktemp("user") / "a cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    doc_url.page_link.cache_clear()
    yield folder
    doc_url.page_link.cache_clear()

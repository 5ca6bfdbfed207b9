"""What all tests share: caches of configuration and projects are dropped between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from par_lint import config, runtime_import


@pytest.fixture(autouse=True)
def _no_caches() -> Iterator[None]:
    yield
    config._read.cache_clear()
    runtime_import._for_project.cache_clear()

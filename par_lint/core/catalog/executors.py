"""Worker pools: aliases of their classes. What a pool does depends on the submitted function, so pools have no entries.

Source: the documentation of concurrent.futures and multiprocessing.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Family

FAMILY = Family(
    entries=(),
    aliases={
        "concurrent.futures.thread.ThreadPoolExecutor": "concurrent.futures.ThreadPoolExecutor",
        "concurrent.futures.process.ProcessPoolExecutor": "concurrent.futures.ProcessPoolExecutor",
        "concurrent.futures._base.Executor": "concurrent.futures.Executor",
        "multiprocessing.dummy.Pool": "multiprocessing.pool.ThreadPool",
        "multiprocessing.pool.Pool": "multiprocessing.Pool",
        "asyncio.locks.Semaphore": "asyncio.Semaphore", "asyncio.BoundedSemaphore": "asyncio.Semaphore",
        "joblib.parallel.Parallel": "joblib.Parallel",
    },
)  # fmt: skip

"""The loads on which runtime.py compares run_parallel with its alternatives.

A load is a function to call, the items to call it with, and a number of workers. Some need files, a database or a server:
their items come from a context manager, which makes these things when the load begins and removes them when it ends, on
Ctrl-C as well.
"""

from __future__ import annotations

import hashlib
import os
import pkgutil
import random
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

LIMIT = 1.15  # the highest good ratio of the wall time to the best alternative's
SHORT_WAIT_LIMIT = 1.5  # the same where an item waits less than 0.1 ms: to hand it to another thread costs about as much

Work = Callable[[Any], Any]
Items = Sequence[Any]
Step = tuple[int, float]  # microseconds to compute, then seconds to wait


@dataclass(frozen=True)
class Load:
    """A function to call for each of many items; `items` may be a function that provides them for a while."""

    name: str
    work: Work
    items: Items | Callable[[], AbstractContextManager[Items]]
    workers: int = 50
    limit: float = LIMIT
    needs: str = ""  # what not every machine has: "package.module" or "module:function"

    def provide(self) -> AbstractContextManager[Items]:
        """The items, with all that they need, until the context ends."""
        return self.items() if callable(self.items) else nullcontext(self.items)

    def is_possible(self) -> bool:
        """Whether this machine has what the load needs."""
        try:
            return not self.needs or bool(pkgutil.resolve_name(self.needs))
        except (ImportError, AttributeError):
            return False


# Computing and waiting ----------------------------------------------------------------------------------------------


def _compute_and_wait(step: Step) -> None:
    """Compute in pure Python, for about the given time: the number of rounds is fixed. Then wait."""
    microseconds, seconds = step
    total = 0
    for number in range(15 * microseconds):
        total += number
    if seconds:
        time.sleep(seconds)


INSTANT: Step = (0, 0)
COMPUTE_20_US: Step = (20, 0)
COMPUTE_100_US: Step = (100, 0)
COMPUTE_200_US: Step = (200, 0)
WAIT_5_MS: Step = (0, 0.005)
WAIT_20_MS: Step = (0, 0.02)

# Work that computes without the GIL ---------------------------------------------------------------------------------

BLOCK = random.Random(0).randbytes(1 << 20)


def _compress(level: int) -> bytes:
    return zlib.compress(BLOCK, level)


def _hash_blocks(count: int) -> bytes:
    """Hash so many blocks in a row; to put them together takes the GIL for a while."""
    return hashlib.sha256(BLOCK * count).digest()


def _hash_start(size: int) -> bytes:
    """Hash the first bytes of the block."""
    return hashlib.sha256(BLOCK[:size]).digest()


def _sort(seed: int) -> Any:
    import numpy

    return numpy.sort(numpy.random.default_rng(seed).random(1_000_000))


def _halve(image: Any) -> Any:
    from PIL import Image

    return image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)


@contextmanager
def _images() -> Iterator[Items]:
    from PIL import Image

    yield [Image.effect_noise((1200, 900), 50)] * 40


def _query(query: tuple[str, int]) -> tuple[int, int]:
    """Open a database and look at all its rows."""
    path, lowest = query
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT count(*), sum(a * b) FROM t WHERE b > ?", (lowest,))
        found: tuple[int, int] = rows.fetchone()
    return found


@contextmanager
def _queries() -> Iterator[Items]:
    """Queries for a database of 60,000 rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rows.db")
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("CREATE TABLE t (a, b)")
            rows = ((number, number * 7 % 1000) for number in range(60_000))
            connection.executemany("INSERT INTO t VALUES (?, ?)", rows)
        yield [(path, lowest) for lowest in range(40)]


# Files --------------------------------------------------------------------------------------------------------------


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _read_and_hash(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _read_from_disk(path: str) -> int:
    """Take a file out of the page cache, then read it."""
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return len(file.read())


@contextmanager
def _small_files() -> Iterator[Items]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, str(number)) for number in range(400)]
        for path in paths:
            Path(path).write_bytes(BLOCK[:4096])
        yield paths


@contextmanager
def _large_files() -> Iterator[Items]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, str(number)) for number in range(24)]
        for path in paths:
            with open(path, "wb") as file:
                file.write(BLOCK * 4)
                os.fsync(file.fileno())  # the page cache keeps what is not on the disk yet, whatever posix_fadvise says
        yield paths


# Other processes and the network ------------------------------------------------------------------------------------


def _run(command: str) -> int:
    return subprocess.run([command], check=True).returncode


def _resolve(host: str) -> Any:
    return socket.getaddrinfo(host, 80)


class Connection(threading.local):
    """A connection to a port of this machine. Each thread that uses it gets its own, by another call of `__init__`."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _ask(request: tuple[Connection, float]) -> bytes:
    """One round trip to a server that waits for some seconds."""
    connection, seconds = request
    connection.socket.sendall(struct.pack("d", seconds))
    return connection.socket.recv(8)


@contextmanager
def _requests(milliseconds: float) -> Iterator[Items]:
    """Requests to tcp_server.py, which runs in another process meanwhile."""
    command = [sys.executable, str(Path(__file__).with_name("tcp_server.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            connection = Connection(int(process.stdout.readline()))
            yield [(connection, milliseconds / 1000)] * 300
        finally:
            process.kill()


# The loads ----------------------------------------------------------------------------------------------------------

LOADS = [
    Load("sleep 0.05 ms x 400", time.sleep, [0.00005] * 400, limit=SHORT_WAIT_LIMIT),
    Load("sleep 0.1 ms x 400", time.sleep, [0.0001] * 400),
    Load("sleep 0.14 ms x 400", time.sleep, [0.00014] * 400),
    Load("sleep 0.2 ms x 400", time.sleep, [0.0002] * 400),
    Load("sleep 0.3 ms x 400", time.sleep, [0.0003] * 400),
    Load("sleep 0.5 ms x 400", time.sleep, [0.0005] * 400),
    Load("sleep 1 ms x 400", time.sleep, [0.001] * 400),
    Load("sleep 2 ms x 400", time.sleep, [0.002] * 400),
    Load("sleep 5 ms x 400", time.sleep, [0.005] * 400),
    Load("compute 1 + wait 0.4 ms x 100", _compute_and_wait, [(1000, 0.0004)] * 100),
    Load("compute 1 + wait 0.8 ms x 100", _compute_and_wait, [(1000, 0.0008)] * 100),
    Load("compute 0.2 + wait 0.2 ms x 300", _compute_and_wait, [(200, 0.0002)] * 300),
    Load("compute 0.5 + wait 5 ms x 200", _compute_and_wait, [(500, 0.005)] * 200),
    Load("compute 5 + wait 50 ms x 40", _compute_and_wait, [(5000, 0.05)] * 40),
    Load("2000 instant, then 50 x 20 ms", _compute_and_wait, [INSTANT] * 2000 + [WAIT_20_MS] * 50),
    Load("2000 x 20 us, then 50 x 20 ms", _compute_and_wait, [COMPUTE_20_US] * 2000 + [WAIT_20_MS] * 50),
    Load("50 x 20 ms, then 2000 x 20 us", _compute_and_wait, [WAIT_20_MS] * 50 + [COMPUTE_20_US] * 2000),
    Load("phases: 100 x 0.1 ms CPU, 10 x 5 ms, 5 times", _compute_and_wait, ([COMPUTE_100_US] * 100 + [WAIT_5_MS] * 10) * 5),
    Load("every 20th waits 5 ms, else 0.2 ms CPU, x 400", _compute_and_wait, ([WAIT_5_MS] + [COMPUTE_200_US] * 19) * 20),
    Load("few: 3 x 2 ms", time.sleep, [0.002] * 3),
    Load("few: 3 x 5 ms", time.sleep, [0.005] * 3),
    Load("few: 10 x 1 ms", time.sleep, [0.001] * 10),
    Load("few: 10 x 10 ms", time.sleep, [0.01] * 10),
    Load("zlib level 6, 1 MiB x 12, 8 workers", _compress, [6] * 12, 8),
    Load("sha256 of 4 MiB x 30, 8 workers", _hash_blocks, [4] * 30, 8),
    Load("sha256 of 256 KiB x 300, 8 workers", _hash_start, [256 << 10] * 300, 8),
    Load("numpy sort 1e6 x 10, 8 workers", _sort, range(10), 8, needs="numpy"),
    Load("PIL resize 1200x900 x 40, 8 workers", _halve, _images, 8, needs="PIL.Image"),
    Load("sqlite3 scan of 60k rows x 40, 8 workers", _query, _queries, 8),
    Load("400 cached 4 KiB files", _read, _small_files),
    Load("24 cached files of 4 MiB, read + sha256, 8 workers", _read_and_hash, _large_files, 8),
    Load("24 files of 4 MiB, dropped from the cache, 8 workers", _read_from_disk, _large_files, 8, needs="os:posix_fadvise"),
    Load("subprocess true x 60, 10 workers", _run, ["/bin/true"] * 60, 10),
    Load("getaddrinfo localhost x 300", _resolve, ["localhost"] * 300),
    Load("TCP round trip + 0 ms x 300, 20 workers", _ask, partial(_requests, 0), 20, limit=SHORT_WAIT_LIMIT),
    Load("TCP round trip + 0.2 ms x 300, 20 workers", _ask, partial(_requests, 0.2), 20),
    Load("TCP round trip + 0.5 ms x 300, 20 workers", _ask, partial(_requests, 0.5), 20),
    Load("TCP round trip + 1 ms x 300, 20 workers", _ask, partial(_requests, 1), 20),
    Load("TCP round trip + 2 ms x 300, 20 workers", _ask, partial(_requests, 2), 20),
    Load("TCP round trip + 10 ms x 300, 20 workers", _ask, partial(_requests, 10), 20),
]

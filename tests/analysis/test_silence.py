"""`par-lint check --why-silent`: each silent loop with its reason and the line of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from par_lint.frontends.cli.main import main

SOURCE = """\
import time
import requests


def first_alive(urls):
    for url in urls:
        if requests.get(url, timeout=5).ok:
            return url


def paced(urls):
    for url in urls:
        requests.get(url, timeout=5)
        time.sleep(1)


def no_io(numbers):
    for number in numbers:
        print(number)


def reported(urls):
    return [requests.get(url, timeout=5) for url in urls]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "module.py"
    path.write_text(SOURCE)
    return path


def test_each_silent_loop_of_a_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--why-silent", str(file)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{file}:6:5: silent: the loop returns early (line 8)",
        f"{file}:12:5: silent: the loop throttles itself (line 14)",
    ]


def test_one_loop_is_named_by_any_of_its_lines(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--why-silent", f"{file}:19"]) == 0
    assert capsys.readouterr().out == f"{file}:18:5: silent: it contains no known blocking call (line 18)\n"


def test_a_line_without_a_silent_loop_is_a_problem(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--why-silent", f"{file}:1"]) == 2
    assert "no unreported loop at this line" in capsys.readouterr().err


REASONS = """\
import asyncio
import asyncpg
from project.stages import Base


class Chunks(Base):
    def __enter__(self):
        self.files = [self.stack.enter_context(open(path, "rb")) for path in self.paths]  # it only opens files
        return self

    def names(self, paths):
        for path in paths:
            yield path.name  # the loop is a generator

    async def run(self, batch):
        for content in batch:
            await self.put(content)  # what it awaits is not shown to be I/O

    def keep(self, batch):
        for content in batch:
            self.put(content)  # it contains no known blocking call

    async def fetch(self, name, pool: asyncpg.Pool):
        return await pool.fetch("SELECT 1", name)

    async def gather(self, names, pool: asyncpg.Pool):
        return await asyncio.gather(*[self.fetch(name, pool) for name in names])  # what it starts is waited for elsewhere

    async def start(self, names, pool: asyncpg.Pool):
        for name in names:
            self.tasks.add(asyncio.create_task(self.fetch(name, pool)))  # what it starts is waited for elsewhere


class Db:
    def __init__(self, pool: asyncpg.Pool):
        self.pool = pool

    async def run(self, operation):
        async with self.pool.acquire() as connection:
            await connection.execute("SET search_path = graph")
            return await operation(connection)


class Graph:
    db: Db

    async def remove(self, batches):
        for chunk in batches:
            queries = [f"DELETE {name}" for name in chunk]

            async def operation(connection, _queries=queries):
                return _queries

            await self.db.run(operation)  # it hands a function on, which is not followed
"""


def test_each_reason_is_the_true_one_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "module.py"
    path.write_text(REASONS)
    lines = REASONS.splitlines()
    expected = [(number, line.partition("  # ")[2]) for number, line in enumerate(lines, 1) if "  # " in line]
    for number, reason in expected:
        assert main(["check", "--why-silent", f"{path}:{number}"]) == 0
        said = capsys.readouterr().out
        assert f"silent: {reason} (line {number})" in said, (number, said)

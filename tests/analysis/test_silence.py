"""`par-lint check --why-silent`: each silent loop with its reason and the line of it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from par_lint.engine.silence_reasons import NEST_REPORTED
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
    last = len(SOURCE.splitlines())
    for line, why in (
        (1, "there is no loop at this line; name a line of one"), (last, "the loop at this line is reported; `par-lint check` shows it"),
        (999, f"the file has {last} lines; name one of them"),
    ):  # fmt: skip
        assert main(["check", "--why-silent", f"{file}:{line}"]) == 2
        assert capsys.readouterr().err == f"par-lint: {file}:{line}: {why}\n"


OTHERS = """\
def one(paths):
    while paths:
        print(open(paths.pop()).read())


def two(paths):
    for path in paths:  # noqa: PRL101
        print(open(path).read())
"""


def test_a_loop_that_is_neither_silent_nor_reported(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(OTHERS)
    for line, why in (
        (3, "`while` loops are not checked: what they go over is not known before they do"),
        (8, "PRL101 finds the loop at this line, but a comment, or the selection of codes, leaves it out"),
    ):  # fmt: skip
        assert main(["check", "--why-silent", f"{file}:{line}"]) == 2
        assert capsys.readouterr().err == f"par-lint: {file}:{line}: {why}\n"


def test_a_loop_that_is_reported_with_another_one_is_not_listed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(NESTED)
    assert main(["check", str(file)]) == 1
    assert "PRL111" in capsys.readouterr().out
    assert main(["check", "--why-silent", f"{file}:7"]) == 0
    assert NEST_REPORTED in capsys.readouterr().out
    assert main(["check", "--why-silent", str(file)]) == 0
    assert capsys.readouterr().out == ""


NESTED = """\
import os


def sizes(top: str):
    total = 0
    for root, _, names in os.walk(top):
        for name in names:
            with open(os.path.join(root, name), "rb") as file:
                total += len(file.read())
    return total
"""
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
            await self.put(content)  # what it awaits is not known to do I/O

    def keep(self, batch):
        for content in batch:
            self.put(content)  # what it calls is not known to do I/O

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


OF_A_HELPER = """\
        import os
        from project.pages import load

        def reflow(name, args):
            if os.path.exists(name):
                print(load(name), args)

        def reflow_all(names, args):
            for name in names:  # loop
                reflow(name, args)  # here
        """
SHOWN_ELSEWHERE = {
    "too few items": """\
        import requests

        def both(name):
            names = {name, name.lower()}  # here
            for one in names:  # loop
                requests.get(one, timeout=5)
        """,
    "its requests are limited": """\
        import requests
        from limits import limits

        @limits(calls=1, period=5)  # here
        def ask(url):
            return requests.get(url, timeout=5)

        def all_of(urls):
            for url in urls:  # loop
                ask(url)
        """,
    "only the item that equals something is worked on": """\
        import requests

        def chosen(items, name):
            for item in items:  # loop
                if item.name == name:  # here
                    print("found")
                    requests.get(item.url, timeout=5)
        """,
    "all iterations add to `path_hash` in order": """\
        import hashlib

        def walk(path, path_hash):
            if path.is_file():
                path_hash.update(hashlib.sha256(path.read_bytes()).digest())  # here
            else:
                for inner in sorted(path.iterdir()):  # loop
                    walk(inner, path_hash)
        """,
    "it goes on by calling the function around it": """\
        def walk(path, found):
            if path.is_file():
                found.append(path.read_bytes())
            else:
                for inner in path.iterdir():  # loop
                    walk(inner, found)  # here
        """,
    "the loop returns early": """\
        import re

        async def ask(session, url, parts):
            for attempt in range(5):  # loop
                for part in parts:
                    re.sub("[a-z]", lambda found: found.group(0), part)
                async with session.request("GET", url) as response:
                    if response.status == 200:
                        return await response.text()  # here
        """,
    "the loop retries": """\
        import asyncio

        async def settle(page, script):
            for attempt in range(4):  # loop # here
                await page.evaluate(script)
        """,
    "the loop throttles itself": """\
        import time
        import requests
        from project.channels import versions

        def build(packages, names, is_forced):
            for package in packages:  # loop
                found = versions(package, names)
                if not is_forced:
                    time.sleep(1)  # here
                requests.get("https://example.org/limits", timeout=5)
                print(found)
        """,
    "what it calls is not known to do I/O": """\
        from project.command import Command
        from project.logging import log_line

        def clone(source, devices):
            for device in devices:  # loop
                log_line(f"to {device}")
                Command.run(["dd", f"if={source}", f"of={device}"])  # here
        """,
    "it opens files, and what it writes is unknown": """\
        import os

        class Pages:
            def make(self, name):
                path = os.path.join(self.folder, name)
                if not os.path.exists(path):
                    file = open(path, "w", encoding="utf-8")
                    self.say(f"= {name}", file=file)

            def make_all(self, names):
                for name in names:  # loop
                    self.make(name)  # here
        """,
    "the loop ends early": """\
        from pathlib import Path

        def read_backwards(file):
            yield from reversed([*file])

        def lines(base, most):
            found = []
            for number in range(9):  # loop
                with Path(f"{base}.{number}").open("rb") as file:
                    if len(found) >= most:
                        break  # here
                    yield from read_backwards(file)
        """,
    "the loop is a generator": """\
        async def batches(self, items, size):
            for start in range(0, len(items), size):  # loop
                found = await self.fetch(items[start : start + size])
                yield found  # here
        """,
    "a generator does its I/O, which is not followed": """\
        from pathlib import Path

        def lines_of(path):
            if path.is_file():
                with open(path) as file:
                    yield from file

        def all_of(names):
            found = {}
            for name in names:  # loop
                path = Path(name).resolve()
                for line in lines_of(path):  # here
                    found[line] = None
            return found
        """,
    "all iterations share one file or connection": """\
        import zipfile, io
        from astropy.io import fits

        def images(path):
            found = []
            archive = zipfile.ZipFile(path, "r")
            for name in archive.namelist():  # loop
                found.append(fits.open(io.BytesIO(archive.open(name).read())))  # here
            return found
        """,
    "what it does with the item is not known to do I/O": """\
        import httpx

        async def tell(bot, chat, texts):
            async with httpx.AsyncClient() as client:
                for text in texts:  # loop
                    await bot.send_message(chat_id=chat, text=text)  # here
                    await client.get("https://example.org")
        """,
    "what it awaits is not known to do I/O": """\
        import asyncio
        from project.files import atomic_write

        class Store:
            async def push(self, item, number):
                await asyncio.to_thread(self.folder.mkdir, parents=True)
                await atomic_write(self.folder / str(number), item)

            async def push_all(self, items):
                for number, item in enumerate(items):  # loop
                    await self.push(item, number)  # here
        """,
    "it contains no known blocking call": """\
        import asyncio, base64

        def shrink(image):
            return image[:10]

        async def small(image):
            return await asyncio.to_thread(shrink, image)

        async def all_of(images):
            found = []
            for image in images:  # loop
                text = base64.b64encode(b"1").decode("utf-8")
                found.append((await small(image), text))  # here
            print(found)
        """,
    "its I/O does not depend on the item": """\
        import aiohttp, subprocess

        async def poll(process):
            async with aiohttp.ClientSession() as session:
                for _ in range(10):  # loop
                    if process.poll() is not None:
                        subprocess.run(["reap"], timeout=5)
                    async with session.get("http://127.0.0.1/tunnels") as answer:  # here
                        print(answer.status)
        """,
    "an unresolved call may change `self`": """\
        import shutil
        from project.exchange import Exchange

        class Collect(Exchange):
            def run(self, records):
                for source, target in records:  # loop
                    if self.update:
                        shutil.rmtree(target)
                    self.copy_over(self.inbound)  # here
        """,
}


@pytest.mark.parametrize(("reason", "source"), [*SHOWN_ELSEWHERE.items(), ("what it calls is not known to do I/O", OF_A_HELPER)])
def test_the_line_is_the_one_that_shows_the_reason(reason: str, source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = textwrap.dedent(source).splitlines()
    path = tmp_path / "module.py"
    path.write_text("\n".join(lines) + "\n")
    (asked,) = [number for number, line in enumerate(lines, 1) if "# loop" in line]
    (shown,) = [number for number, line in enumerate(lines, 1) if "# here" in line]
    assert main(["check", "--why-silent", f"{path}:{asked}"]) == 0
    assert f":{asked}:" in (said := capsys.readouterr().out)
    assert said.rstrip().endswith(f"silent: {reason} (line {shown})")

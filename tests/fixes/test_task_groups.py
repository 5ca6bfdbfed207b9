"""`asyncio.TaskGroup` where a project needs Python 3.11: how it looks, that it does the same, and where `gather` stays."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from fixture_cases import FOLDER, name

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

CONFIG = Config(python=11)
FIXTURES = [FOLDER / "PRL104" / "report.py", FOLDER / "PRL104" / "adds_the_import.py", FOLDER / "PRL104" / "handled.py", FOLDER / "PRL105" / "report.py"]

PROGRAM = """
import asyncio
import typing

if typing.TYPE_CHECKING:
    import httpx


class Client:
    async def get(self, number):
        await asyncio.sleep(0.001 * (5 - number))
        if number == 9:
            raise OSError(number)
        return number * number


async def loops(client: "httpx.AsyncClient", numbers):
    lines = []
    for number in numbers:
        if number == 1:
            continue
        blob = await client.get(number)
        lines.append((number, blob))
    return lines


async def values(client: "httpx.AsyncClient", numbers):
    first = [await client.get(number) for number in numbers if number]
    pairs = {number: await client.get(number) for number in numbers}
    return first, pairs, {await client.get(number) for number in numbers}


async def alone(client: "httpx.AsyncClient", numbers):
    for number in numbers:
        await client.get(number)


async def main():
    client = Client()
    print(await loops(client, range(5)), await values(client, range(5)), await alone(client, range(5)))
    try:
        await loops(client, [1, 2, 9, 3])
    except (OSError, Exception) as error:
        print(error.args if isinstance(error, OSError) else [one.args for one in error.exceptions])


asyncio.run(main())
"""


@pytest.mark.parametrize("path", FIXTURES, ids=name)
def test_groups_have_the_expected_text(path: Path) -> None:
    result = fix(path.read_bytes(), CONFIG, unsafe=True, runtime="par_lint.parallel")
    output = path.with_suffix(".groups.out")
    if os.environ.get("PAR_LINT_UPDATE"):
        output.write_bytes(result.source)
    assert result.source.decode() == output.read_text()
    again = fix(result.source, CONFIG, unsafe=True, runtime="par_lint.parallel")
    assert (again.source, again.fixed) == (result.source, ())


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.TaskGroup came with Python 3.11")
def test_a_program_with_groups_does_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    fixed = fix(PROGRAM.encode(), CONFIG, unsafe=True).source.decode()
    assert fixed.count("TaskGroup()") == 4
    printed = []
    for text in (PROGRAM, fixed):
        exec(compile(text, "program.py", "exec"), {})
        printed.append(capsys.readouterr().out.splitlines())
    assert printed[0][0] == printed[1][0]
    assert (printed[0][1], printed[1][1]) == ("(9,)", "[(9,)]")


def test_a_project_for_older_pythons_gets_gather() -> None:
    assert "TaskGroup" not in fix(PROGRAM.encode(), Config(), unsafe=True).source.decode()

"""Fixes that could be written but that nobody would merge: none is offered, and the reason says why. What is merged reads as one would write it."""

from __future__ import annotations

import ast

import pytest

from par_lint.core.catalog import builtin_catalog
from par_lint.core.catalog.entry import Kind
from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.core.findings import Applicability, ReasonKind
from par_lint.engine.fix_file import fix
from par_lint.engine.lint_file import lint

GET = "    return requests.get(url, timeout=9).json()\n"
PACED = (
    "import time\n\nimport requests\n\n\ndef page(url):\n    time.sleep({pause})\n" + GET + "\n\ndef one(url):\n" + GET
    + "\n\ndef all_of(urls):\n    found = []\n    for url in urls:\n        found.append(one(url))\n    return found\n"
)  # fmt: skip
RETRIED = PACED.replace("    time.sleep({pause})\n", "    for attempt in range(3):\n        time.sleep(1)\n    while not ready(url):\n        time.sleep(2)\n")
MANY = (
    "import aiohttp\n\n\nasync def infos(session: aiohttp.ClientSession, urls):\n    found = []\n    for url in urls:\n        one = url.lower()\n        two = one + '2'\n"
    "        three = two + '3'\n        four = three + '4'\n{five}        async with session.get(four) as answer:\n            text = await answer.text()\n"
    "        found.append((one, two, three{given}, text))\n    return found\n"
)  # fmt: skip
LONG = "import shutil\n\n\ndef copy(names, check):\n    for name in names:\n{lines}        shutil.copy(name, name + '.bak')\n"


def reasons(text: str) -> list[tuple[ReasonKind, str] | None]:
    """Why no fix is offered for each finding; None where one is."""
    found = sorted(lint(ast.parse(text), split_lines(text), Config()))
    return [(one.withheld.reason.kind, one.withheld.reason.words) if one.withheld is not None else None for one in found]


def fixed(text: str) -> str:
    return fix(text.encode(), Config(), unsafe=True, runtime="par_lint.parallel").source.decode()


@pytest.mark.parametrize("pause", ["1", "0.34", "DELAY", "self.sleep_time", "random.uniform(1, interval)"])
def test_a_service_that_the_file_asks_slowly_is_not_asked_at_once(pause: str) -> None:
    (why,) = reasons(PACED.format(pause=pause))
    assert why == (ReasonKind.LOAD, "the file waits between requests elsewhere, as if the service had a limit")


def test_pauses_between_tries_and_while_something_is_awaited_are_no_limit() -> None:
    assert reasons(RETRIED) == [None]
    assert reasons(PACED.format(pause="int(answer)")) == [None]


def test_files_are_not_paced_by_pauses_between_requests() -> None:
    assert reasons(PACED.format(pause="1").replace("found.append(one(url))", "found.append(open(url).read())")) == [None]


@pytest.mark.parametrize("items", ["('a', 'b', 'c')", "['a', 'b', name]", "range(3)", "{'a': 1, 'b': 2, 'c': 3}.items()"])
def test_three_items_are_too_few_for_a_fix(items: str) -> None:
    text = f"import shutil\n\n\ndef copy(name):\n    for one in {items}:\n        shutil.copy(str(one), name + str(one))\n"
    assert reasons(text) == [(ReasonKind.LOAD, "it has only 3 items, and fixes are made for 4 or more")]
    awaited = f"import aiohttp\n\n\nasync def ask(session: aiohttp.ClientSession, name):\n    for one in {items}:\n        await session.post(f'{{name}}{{one}}')\n"
    assert reasons(awaited) == [(ReasonKind.LOAD, "it has only 3 items, and fixes are made for 4 or more")]


def test_four_items_are_enough() -> None:
    assert reasons("import shutil\n\n\ndef copy(name):\n    for one in ('a', 'b', 'c', 'd'):\n        shutil.copy(one, name + one)\n") == [None]


def test_what_gives_more_values_than_a_reader_can_tell_apart_has_no_fix() -> None:
    assert reasons(MANY.format(five="", given="")) == [None]
    (why,) = reasons(MANY.format(five="        five = four + '5'\n", given=", four, five"))
    assert why == (ReasonKind.FORM, "the rest of the loop would need 6 values of what moves")


def test_a_worker_as_long_as_a_program_has_no_fix() -> None:
    assert reasons(LONG.format(lines="        check(name)\n" * 10)) == [None]
    (why,) = reasons(LONG.format(lines="        shutil.copy(name, check(name))\n" * 60))
    assert why == (ReasonKind.FORM, "61 statements would move to a worker")


def test_threads_do_not_share_the_connection_of_a_google_client() -> None:
    text = "def names(service, ids):\n    return [service.files().get(fileId=one).execute({http}) for one in ids]\n"
    assert reasons(text.format(http="")) == [(ReasonKind.SHARED, "a Google client has one connection (httplib2), which is not thread-safe")]
    assert reasons(text.format(http="http=fresh()")) == [None]


@pytest.mark.parametrize("name", ["simple_salesforce.Salesforce.query_all_iter", "wandb.log", "wandb.save"])
def test_what_only_notes_what_to_ask_is_no_request(name: str) -> None:
    entry = builtin_catalog().find(name)
    assert entry is None or entry.kind is Kind.METADATA


def test_a_display_keeps_its_form_where_it_stands_less_deep() -> None:
    text = (
        "from pathlib import Path\n\n\ndef load(folder, lines):\n    return {\n        'lines': [\n            {\n                'line': line.upper(),\n"
        "                'text': Path(folder, line).read_text(),\n            }\n            for line in lines\n        ],\n    }\n"
    )  # fmt: skip
    assert "        return {\n            'line': line.upper(),\n            'text': Path(folder, line).read_text(),\n        }\n" in fixed(text)


def test_arguments_below_a_bracket_stay_below_it() -> None:
    text = (
        "import requests\n\n\ndef load(rows, session):\n    found = []\n    for row in rows:\n        if row['url']:\n            answer = requests.get(row['url'], auth=session,\n"
        "                                  timeout=10, params=row['params'])\n            found.append(answer.text)\n    return found\n"
    )  # fmt: skip
    lines = fixed(text).splitlines()
    first = next(line for line in lines if "requests.get(" in line)
    assert lines[lines.index(first) + 1] == " " * (first.index("requests.get(") + len("requests.get(")) + "timeout=10, params=row['params'])"


def test_an_unsafe_fix_says_what_comes_next_before_it_is_done() -> None:
    text = "import shutil\n\n\ndef copy(names):\n    for name in names:\n        print('copying', name)\n        shutil.copy(name, name + '.bak')\n"
    assert "        print('copying', name)\n        shutil.copy(name, name + '.bak')\n\n    run_parallel(copy_name, names, max_workers=20, fail_fast=True)\n" in fixed(text)
    noted = text.replace("name)\n", "name, file=index)\n", 1)
    assert "):\n        print('copying', name, file=index)\n" in fixed(noted)  # lines of a file keep their order


def test_a_line_that_is_printed_in_parts_stays_whole() -> None:
    text = (
        "import shutil\n\n\ndef copy(names):\n    for name in names:\n        print('copying', name, end=' ')\n"
        "        shutil.copy(name, name + '.bak')\n        print('done')\n"
    )  # fmt: skip
    (finding,) = lint(ast.parse(text), split_lines(text), Config())
    assert finding.applicability is Applicability.NONE
    assert finding.withheld is not None
    assert finding.withheld.line == 6

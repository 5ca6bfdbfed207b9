"""Code in any form that Python takes is fixed, or left alone for a reason that is known before the fix is written."""

from __future__ import annotations

from collections import Counter

import pytest
from fault_search import find_faults

from par_lint.core.config.settings import Config
from par_lint.core.findings import Withheld
from par_lint.engine.fix_file import fix
from par_lint.engine.fix_result import FixResult

HEAD = """import aiohttp
import asyncio
import requests
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def load(path):
    with open(path) as file:
        return file.read()


"""
START = "def f(paths: list[str], found, a, b, c):\n"
ASYNC = "async def f(paths: list[str], found, session: aiohttp.ClientSession, a, b):\n"


def program(body: str, start: str = START) -> str:
    return HEAD + start + "".join(f"    {line}\n" for line in body.splitlines())


def fixed(text: str) -> FixResult:
    assert list(find_faults(text.encode(), Counter())) == []
    result = fix(text.encode(), Config(), unsafe=True, runtime="par_lint.parallel")
    compile(result.source, "<fixed>", "exec", dont_inherit=True)
    return result


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("for path in(paths):\n    text = open(path).read()\n    found.append(text)", "in run_parallel("),
        ("for path in(paths):\n    if(lambda: path):\n        continue\n    found.append(open(path).read())", "(path for path in (paths) if not (lambda: path))"),
        ("for path in paths:\n    found.append(not(open(path).read()))", "append_it(not content)"),
        ("for path in paths:\n    found.append(a if(open(path).read())else b)", "append_it(a if content else b)"),
        ("for path in paths:\n    found.append(a in(open(path).read()))", "append_it(a in content)"),
        ("for path in paths:\n    for line in(open(path).readlines()):\n        found.append(line)", "for line in lines"),
        ("return[open(path).read()for path in(paths)if(a.b)]", "(path for path in(paths) if(a.b))"),
        ("return[open(path).read()for path in paths]if(b)else c", "]if(b)else c"),
        ("return[open(path).read()for path in(paths)if(lambda: path)]", "(path for path in(paths) if(lambda: path))"),
        ("return[path for path in(paths)if(open(path).read())]", "if content"),
        ("assert[open(path).read()for path in(paths)if not(path)]", "assert[content for "),
        ("while([open(path).read()for path in(paths)]):pass", "while([content for "),
        ("return list(map(load,paths))if(a)else b", "if(a)else b"),
    ],
)  # fmt: skip
def test_words_that_touch_what_stood_there(body: str, shown: str) -> None:
    result = fixed(program(body))
    assert shown in result.source.decode()
    assert not result.remaining


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("for path in(paths):\n    await session.get(path)", "for path in (paths)"),
        ("for path in paths:\n    if(lambda: path):\n        continue\n    await session.get(path)", "if(lambda: path):"),
        ("return[await session.get(path)for path in(paths)if(a)]", "return await asyncio.gather("),
        ("return{await session.get(path)for path in(paths)}if(a)else b", "return set("),
    ],
)  # fmt: skip
def test_words_that_touch_what_stood_there_in_a_coroutine(body: str, shown: str) -> None:
    result = fixed(program(body, ASYNC))
    assert shown in result.source.decode()


ITERABLE = "the iterable of a comprehension cannot contain :="


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return list(map(load, (c := a)))", f"{ITERABLE} (line 14)"),
        ("return list(map(load, a(lambda: (c := a))))", f"{ITERABLE} (line 14)"),
        ("for path in (c := paths):\n    text = ThreadPoolExecutor().submit(load, path).result()\n    found.append(text)", f"{ITERABLE} (line 14)"),
    ],
)  # fmt: skip
def test_an_assignment_expression_that_a_comprehension_refuses(body: str, reason: str) -> None:
    text = program(body)
    result = fixed(text)
    assert result.source.decode() == text
    assert reason in [str(left.withheld) for left in result.remaining]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("for path in (c := paths):\n    found.append(await session.get(path))", ITERABLE),
        ("return [text := await session.get(path) for path in paths], text", "an assignment expression binds a name outside of the comprehension"),
        ("return {await session.get(path): (text := path) for path in paths}", "an assignment expression binds a name outside of the comprehension"),
        ("return [await session.get(text) for path in paths if (text := a(path))]", "an assignment expression binds a name outside of the comprehension"),
        ("for path in paths:\n    if (path := a(path)):\n        continue\n    found.append(await session.get(path))", ":= in a comprehension cannot bind its own target `path`"),
    ],
)  # fmt: skip
def test_an_assignment_expression_that_a_comprehension_of_coroutines_refuses(body: str, reason: str) -> None:
    (left,) = fixed(program(body, ASYNC)).remaining
    assert isinstance(left.withheld, Withheld)
    assert str(left.withheld.reason) == reason


@pytest.mark.parametrize("test", ["a if(lambda: b)else c", "(lambda: a)if(b)else c", "lambda:(a)", "(lambda: path)if(lambda: b)else(lambda: c)"])
def test_code_that_is_laid_out_anew_is_taken_as_it_was(test: str) -> None:
    body = f"found.append(requests.get(a.the_long_name_of_the_address, headers=a.the_long_name_of_headers, params={test}).text)"
    assert "timeout=10,\n" in fixed(program(body)).source.decode()


def test_fixes_that_break_nothing_are_made_where_one_among_many_does() -> None:
    from par_lint.engine import fix_checks

    body = "".join(f"for path in paths:\n    requests.get(a, params={number})\n    path.mark()\n" for number in range(12))
    tried = 0
    found = fix_checks.violations

    def counted(before: bytes, after: bytes) -> list[str]:
        nonlocal tried
        tried += 1
        return ["of no law"] if b"params=7, timeout" in after else found(before, after)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fix_checks, "violations", counted)
        result = fix(program(body).encode(), Config(), unsafe=True, wanted=lambda finding, _: finding.code == "PRL202", runtime="par_lint.parallel")
    assert len(result.fixed) == 11
    assert [str(left.withheld) for left in result.remaining] == ["of no law (line 36)"]
    assert tried <= 10


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("for folder in paths if b else [c]:\n    for path in Path(folder).iterdir():\n        found.append(open(path).read())", "for folder in (paths if b else [c])"),
        ("for folder in a:\n    for path in b if folder else c:\n        found.append(open(path).read())", "b if folder else c"),
        ("for path in paths if b else [c]:\n    if path:\n        continue\n    found.append(open(path).read())", "(path for path in (paths if b else [c]) if not path)"),
    ],
)  # fmt: skip
def test_what_needs_brackets_in_a_clause_gets_them(body: str, shown: str) -> None:
    assert shown in fixed(program(body)).source.decode()


def test_a_generator_that_reads_later_is_left_alone() -> None:
    result = fixed(program("for path in paths:\n    pages = (load(one) for one in path)\n    for page in pages:\n        print(page)"))
    assert not result.fixed
    assert any("a generator does its I/O when it is iterated over" in str(left.withheld) for left in result.remaining)


@pytest.mark.parametrize("lazy", ["(line for line in load(path).split() if line)", "(a + line for line in load(path) for a in line)"])
def test_what_a_generator_goes_over_first_is_read_ahead(lazy: str) -> None:
    result = fixed(program(f"for path in paths:\n    lines = {lazy}\n    print(*lines)"))
    assert b"run_parallel(load, paths" in result.source or b"lambda path: load(path).split()" in result.source
    assert b"lambda path: (line" not in result.source


@pytest.mark.parametrize("call", ["list", "tuple", "sorted", "set", "sum", "''.join"])
def test_a_call_that_goes_over_a_generator_moves_with_it(call: str) -> None:
    result = fixed(program(f"for path in paths:\n    b = {call}(c for c in a if load(path))\n    print(b)"))
    assert f"{call}(c for c in a if load(path))".encode() in result.source
    assert b"run_parallel(" in result.source
    assert b"(load, " not in result.source

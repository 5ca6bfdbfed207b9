"""The cost of linting a file grows as the file does, whatever is in it: counted in calls of functions, and so the same on any machine."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable

import pytest

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.engine.lint_file import lint

CONFIG = Config()
STEEPEST = 4.8  # calls for four times the code: 4 and what a logarithm adds; a part that is quadratic makes more of it, sooner or later
LOOP = "    for path in paths:\n        found.append(open(path).read())\n"
Writer = Callable[[int], str]


def function(*parts: str, head: str = "") -> str:
    return f"{head}def f(paths, kind, pool):\n    found = []\n{''.join(parts)}    return found\n"


def functions(number: int) -> str:
    """Many functions, one in five of which waits."""
    other = "    found.append(g(value))\n"
    return "\n\n".join(f"def f{n}(paths):\n    found = []\n    value = {n} + len(paths)\n{other if n % 5 else LOOP}    return found\n" for n in range(number))


def branches(number: int) -> str:
    """One function of many branches, with loops that wait before and after them."""
    tests = "".join(f"    if kind == {n}:\n        value{n} = make({n})\n" for n in range(number))
    return function(LOOP, tests, LOOP)


def branches_inside(number: int) -> str:
    """A loop of many branches, each of which binds a name of its own."""
    tests = "".join(f"        if kind == {n}:\n            value{n} = make({n})\n" for n in range(number))
    return function("    for path in paths:\n        text = open(path).read()\n", tests, "        found.append(text)\n")


def branches_that_leave(number: int) -> str:
    """A loop that many conditions may go on with the next item of."""
    tests = "".join(f"        if text == kind[{n}]:\n            continue\n" for n in range(number))
    return function("    for path in paths:\n        text = open(path).read()\n", tests, "        found.append(text)\n")


def handlers_inside(number: int) -> str:
    """A loop with many blocks of `try`."""
    blocks = "".join(f"        try:\n            value{n} = make({n})\n        except ValueError:\n            value{n} = None\n" for n in range(number))
    return function("    for path in paths:\n        text = open(path).read()\n", blocks, "        found.append(text)\n")


def one_of(number: int) -> str:
    """A loop before one long `elif`."""
    tests = "".join(f"    {'el' if n else ''}if kind == {n}:\n        value = make({n})\n" for n in range(number))
    return function(LOOP, tests)


def attributes(number: int) -> str:
    """A loop that binds the attribute of an attribute of an attribute..."""
    return function(f"    for path in paths:\n        text = open(path).read()\n        pool{'.part' * number} = text\n")


def loops(number: int) -> str:
    """One function of many loops that wait."""
    return function(LOOP * number)


def loops_with_names_of_their_own(number: int) -> str:
    """The same where each loop has its own names."""
    one = "    for path{n} in paths:\n        text{n} = open(path{n}).read()\n        found.append(text{n})\n"
    return function(*(one.format(n=n) for n in range(number)))


def loops_in_a_loop(number: int) -> str:
    """Many loops that wait, in one that does not."""
    inner = "        for path in group.part{n}:\n            found.append(open(path).read())\n"
    return function("    for group in paths:\n", *(inner.format(n=n) for n in range(number)))


def loops_of_a_module(number: int) -> str:
    """Many loops in no function, whose results are kept in new names."""
    one = "for url{n} in urls:\n    text{n} = url{n}\n    if url{n}:\n        text{n} = requests.get(url{n}, timeout=5).text\n    found.append(text{n})\n"
    return "import requests\nfound = []\n" + "".join(one.format(n=n) for n in range(number))


def comprehensions(number: int) -> str:
    """Many comprehensions that wait."""
    return function(*(f"    texts{n} = [open(path).read() for path in paths if path]\n" for n in range(number)))


def second_names(number: int) -> str:
    """Many lists with second names, and loops that fill them."""
    one = "    kept{n} = []\n    also{n} = kept{n}\n    for path in paths:\n        text = open(path).read()\n        kept{n}.append(text)\n"
    return function(*(one.format(n=n) for n in range(number)))


def short_lists(number: int) -> str:
    """Many lists that one of two branches binds, another statement fills, and a loop goes over."""
    one = "    if flag:\n        few{n} = [paths[{n}]]\n    else:\n        few{n} = []\n    few{n} += more{m}\n    for path in few{n}:\n        open(path).read()\n"
    two = "    more{n} = few{n} + paths[:2]\n"
    return function(*((one + two).format(n=n, m=max(n - 1, 0)) for n in range(number)))


def pools(number: int) -> str:
    """Many pools, each with one task that is forgotten."""
    one = "    with ThreadPoolExecutor(4) as pool:\n        pool.submit(work, paths)\n        future{n} = pool.submit(kind.work, paths)\n    future{n}.done()\n"
    return function(*(one.format(n=n) for n in range(number)), head="from concurrent.futures import ThreadPoolExecutor\n")


def pools_by_name(number: int) -> str:
    """Many pools in names of their own."""
    one = "    pool{n} = ThreadPoolExecutor(4)\n    pool{n}.submit(work, paths)\n"
    return function(*(one.format(n=n) for n in range(number)), head="from concurrent.futures import ThreadPoolExecutor\n")


def waits_right_after(number: int) -> str:
    """Many loops that start work and wait for it."""
    return function("    for path in paths:\n        future = pool.submit(work, path)\n        found.append(future.result())\n" * number)


def coroutines(number: int) -> str:
    """Many coroutines, each with one that starts it many times."""
    one = (
        "async def f{n}(session: aiohttp.ClientSession, urls):\n    for url in urls:\n        await session.get(url)\n\n\n"
        "async def g{n}(session, items):\n    await asyncio.gather(f{n}(session, items))\n\n\n"
    )
    return "import aiohttp\nimport asyncio\n\n\n" + "".join(one.format(n=n) for n in range(number))


def calls_without_limit(number: int) -> str:
    """Many calls that wait for ever."""
    return function("    subprocess.run(['ls'])\n" * number, head="import subprocess\n")


def waits_without_limit(number: int) -> str:
    """Many children that are waited for in one function."""
    one = "    if kind:\n        child{n} = subprocess.Popen(['ls'])\n        child{n}.wait()\n"
    return function(*(one.format(n=n) for n in range(number)), head="import subprocess\n")


def remote_calls(number: int) -> str:
    """Many calls of one gRPC stub."""
    return function("    stub = paths_pb2_grpc.PathsStub(pool)\n", *(f"    answer{n} = stub.Get(kind)\n" for n in range(number)), head="import paths_pb2_grpc\n")


def rows(number: int) -> str:
    """Many rows of calls that could run together."""
    one = "".join(f"    {name}{{n}} = requests.get('http://{name}', timeout=3)\n" for name in "abc") + "    log(a{n})\n"
    return function(*(one.format(n=n) for n in range(number)), head="import requests\n")


SIZES: dict[Writer, int] = {
    functions: 60, branches: 60, branches_inside: 60, branches_that_leave: 60, handlers_inside: 40, attributes: 20, one_of: 15, loops: 12, loops_with_names_of_their_own: 12,
    loops_in_a_loop: 12, loops_of_a_module: 12, comprehensions: 25, second_names: 12, short_lists: 12, pools: 20, pools_by_name: 20, waits_right_after: 15, coroutines: 15,
    calls_without_limit: 30, waits_without_limit: 30, remote_calls: 60, rows: 15,
}  # fmt: skip


def calls(source: str) -> int:
    """How many functions the lint of a source calls, in Python and in C."""
    tree, lines = ast.parse(source), split_lines(source)
    counted = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        findings = lint(tree, lines, CONFIG)
    finally:
        sys.setprofile(None)
    assert findings
    return counted


@pytest.mark.parametrize(("write", "size"), SIZES.items(), ids=[write.__name__ for write in SIZES])
def test_cost_grows_as_the_file_does(write: Writer, size: int) -> None:
    calls(write(5))  # what is done once
    small, large = calls(write(size)), calls(write(4 * size))
    assert large < STEEPEST * small


def test_each_of_many_loops_gets_a_name_for_its_function() -> None:
    loop = "    for path in paths:\n        with open(path) as file:\n            text = file.read()\n            size = len(text)\n        found[path] = text, size\n"
    source = function(loop * 1100).replace("found = []", "found = {}")
    assert len(lint(ast.parse(source), split_lines(source), CONFIG)) == 1100


# Depth ----------------------------------------------------------------------------------------------------------------

DEEP = {
    "nested calls": "x = " + "f(" * 90 + "1" + ")" * 90,
    "chained calls": "x = y" + ".f()" * 2000,
    "a long sum": "x = " + " + ".join(["open(p).read()"] * 2000),
    "nested displays": "x = " + "[" * 90 + "open(p).read()" + "]" * 90,
    "a chain in a loop": "for path in paths:\n    y = open(path)" + ".f()" * 2000,
    "a sum in a loop": "for path in paths:\n    y = " + " + ".join(["open(path).read()"] * 1000),
    "nested brackets in a loop": "for path in paths:\n    y = " + "(" * 150 + "open(path).read()" + ")" * 150,
    "nested operators in a loop": "for path in paths:\n    y = " + "-" * 500 + "open(path).read()",
    "nested blocks": "".join(f"{' ' * n}for path in paths:\n" for n in range(20)) + " " * 20 + "open(path).read()",
    "a long elif in a loop": "for path in paths:\n    text = open(path).read()\n    if text == 0:\n        pass\n" + "".join(
        f"    elif text == {n}:\n        pass\n" for n in range(500)
    ),
}


@pytest.mark.parametrize("source", DEEP.values(), ids=DEEP)
def test_code_that_nests_deeply_neither_fails_nor_takes_for_ever(source: str) -> None:
    try:
        tree = ast.parse(source)
    except (RecursionError, MemoryError, SyntaxError):
        pytest.skip("this Python does not parse it either")
    assert len(lint(tree, split_lines(source), CONFIG)) <= 1

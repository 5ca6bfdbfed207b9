"""The gate's cost grows as files do: counted in instructions of Python, so that no stopwatch is needed."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from types import FrameType

import pytest

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.engine.lint_file import File

LOOP = "    for path in paths:\n        found.append(open(path).read())\n"


def functions(number: int) -> str:
    """Many functions, one in four hundred of which waits."""
    return "".join(
        f"def f{n}(paths):\n    found = []\n    value = {n} + len(paths)\n{LOOP if n % 400 == 0 else '    found.append(g(value))'}\n    return found\n\n\n" for n in range(number)
    )


def branches(number: int) -> str:
    """One function of many branches, with a loop that waits at its end."""
    tests = "".join(f"    if kind == {n}:\n        found.append(make({n}))\n" for n in range(number))
    return f"def f(kind, paths):\n    found = []\n{tests}{LOOP}    return found\n"


def assigned(number: int) -> str:
    """One name of many values, called after each."""
    return "import requests\nx = requests.Session()\n" + "x = x or None\nx.get(url, timeout=1)\n" * number


def placeholders(number: int) -> str:
    """An attribute that is None in many places, and asked for in many."""
    return "import requests\nclass A:\n" + "".join(f"    def f{n}(self):\n        self.x = None\n        self.x.get(url)\n" for n in range(number))


def chained(number: int) -> str:
    """A chain of many calls."""
    return "import requests\nx = requests" + ".get()" * number + "\n"


def added(number: int) -> str:
    """One list, filled and gone over in many places."""
    return "import subprocess\nx = []\n" + "x.append(subprocess.Popen(c))\nfor p in x:\n    p.wait(1)\n" * number


def declared(number: int) -> str:
    """A function that binds a global name in many places."""
    return "import requests\ndef f():\n    global x\n" + "    x = requests.Session()\n    x.get(url, timeout=1)\n" * number


def members(number: int) -> str:
    """Many classes with calls in their bodies."""
    return "import subprocess\n" + "".join(f"class A{n}:\n    x = make(1)\n    y = make(2)\n    z = make(3)\n" for n in range(number))


def otherwise(number: int) -> str:
    """A loop with a chain of tests, each of which is nested in those before it."""
    tests = "".join(f"        elif kind == {n}:\n            found.append(open(path).read())\n" for n in range(number))
    return f"def f(kind, paths):\n    found = []\n    for path in paths:\n        if kind:\n            pass\n{tests}    return found\n"


def opcodes(source: str) -> int:
    """How many instructions of Python the gate carries out on a source."""
    tree, lines = ast.parse(source), split_lines(source)
    counted = 0

    def count(frame: FrameType, event: str, argument: object) -> object:
        nonlocal counted
        frame.f_trace_opcodes = True
        counted += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        File(tree, lines, Config()).slice()
    finally:
        sys.settrace(before)
    return counted


@pytest.mark.parametrize("write", [assigned, placeholders, chained, added, declared, members, branches, functions])
def test_the_gate_takes_the_same_time_for_each_line_however_many_there_are(write: Callable[[int], str]) -> None:
    opcodes(write(3))  # what is done once
    small, large = opcodes(write(150)), opcodes(write(600))
    assert large < 1.5 * 4 * small


def test_the_gate_takes_the_same_time_for_each_test_of_a_chain() -> None:
    opcodes(otherwise(3))  # what is done once
    small, large = opcodes(otherwise(20)), opcodes(otherwise(80))
    assert large < 1.5 * 4 * small

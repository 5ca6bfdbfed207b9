"""What linting costs, in exact counts: a regression shows here without a stopwatch, on any machine and under any load.

`tests/benchmarks/lint.py` measures the same in seconds, over real code.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import libcst.metadata
import pytest

from par_lint.config import Config
from par_lint.engine import lint
from par_lint.looking import File
from par_lint.source import split_lines

SAMPLE = Path(__file__).parent / "cost"
CONFIG = Config()


def file(source: str) -> File:
    return File(ast.parse(source), split_lines(source), CONFIG)


@pytest.mark.parametrize(
    ("name", "seen", "nodes"),
    [
        ("computes.py", [], 0),
        ("waits.py", ["class Store", "def rows", "def parse", "def version"], 91),
    ],
)
def test_of_a_module_only_what_a_rule_may_report_is_parsed(name: str, seen: list[str], nodes: int) -> None:
    looked = file((SAMPLE / name).read_text())
    piece = looked.slice()
    headers = [line.strip() for line in piece.text.splitlines() if line.lstrip().startswith(("def ", "class "))] if piece is not None else []
    assert [header[: len(start)] for header, start in zip(headers, seen, strict=True)] == seen
    facts = looked.facts(piece) if piece is not None else None
    assert (len(facts.nodes) if facts is not None else 0) == nodes


def test_rules_are_not_loaded_where_nothing_may_be_reported() -> None:
    code = "import sys; from par_lint.cli import main; main(['check', '--no-cache', sys.argv[1]]); print('par_lint.analysis' in sys.modules)"
    for name, is_imported in (("computes.py", "False"), ("waits.py", "True")):
        done = subprocess.run([sys.executable, "-c", code, str(SAMPLE / name)], capture_output=True, text=True, timeout=60)
        assert done.stdout.split()[-1] == is_imported


def test_no_stock_metadata_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise AssertionError("a stock provider runs over all nodes, whatever is asked of it")

    for provider in (
        libcst.metadata.ScopeProvider, libcst.metadata.QualifiedNameProvider, libcst.metadata.PositionProvider,
        libcst.metadata.WhitespaceInclusivePositionProvider, libcst.metadata.ParentNodeProvider, libcst.metadata.MetadataWrapper,
    ):  # fmt: skip
        monkeypatch.setattr(provider, "__init__", fail)
    monkeypatch.setattr(libcst.Module, "visit", fail)
    source = (SAMPLE / "waits.py").read_text()
    assert [finding.code for finding in lint(ast.parse(source), split_lines(source), CONFIG)] == ["PRL101", "PRL201"]


# Growth ---------------------------------------------------------------------------------------------------------------

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


def loops(number: int) -> str:
    """One function of many loops that wait."""
    return "def f(paths):\n    found = []\n" + LOOP * number + "    return found\n"


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


@pytest.mark.parametrize(("write", "size"), [(functions, 1700), (branches, 300)], ids=["50,000 lines", "1,200 branches"])
def test_cost_grows_as_the_file_does(write: Callable[[int], str], size: int) -> None:
    calls(write(10 * 100 if write is functions else 10))  # what is done once
    small, large = calls(write(size)), calls(write(4 * size))
    assert large < 4.4 * small


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
        File(tree, lines, CONFIG).slice()
    finally:
        sys.settrace(before)
    return counted


@pytest.mark.parametrize("write", [assigned, placeholders, chained, added, declared, members, branches, functions])
def test_the_gate_takes_the_same_time_for_each_line_however_many_there_are(write: Callable[[int], str]) -> None:
    opcodes(write(3))  # what is done once
    small, large = opcodes(write(150)), opcodes(write(600))
    assert large < 1.5 * 4 * small


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "f(" * 90 + "1" + ")" * 90,
        "x = y" + ".f()" * 2000,
        "x = " + " + ".join(["open(p).read()"] * 2000),
        "x = " + "[" * 90 + "open(p).read()" + "]" * 90,
    ],
    ids=["nested calls", "chained calls", "a long sum", "nested displays"],
)
def test_code_that_nests_deeply_neither_fails_nor_takes_for_ever(source: str) -> None:
    try:
        tree = ast.parse(source)
    except (RecursionError, MemoryError):
        pytest.skip("this Python does not parse it either")
    assert lint(tree, split_lines(source), CONFIG) == []

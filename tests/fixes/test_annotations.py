"""An annotation that runs code keeps a fix from being safe, where Python evaluates it; one that only names types does not."""

from __future__ import annotations

import textwrap

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

ACTS = """
import os, sys
def act():
    os.chdir("..")
    return int
class Acting:
    def __class_getitem__(cls, item):
        os.chdir("..")
        return int
class Holder:
    @property
    def kind(self):
        os.chdir("..")
        return int
holder = Holder()
class C:
    x = 0
c = C()
out = []
"""
LOOP = "for path in sys.argv[1:]:\n    with open(path) as file:\n        text = file.read()\n{rest}\n    out.append(len(text))\n"
RESTS = {
    "name": "n: act() = len(text)",
    "name without a value": "n: act()",
    "part of a type": "n: list[act()] = []",
    "attribute": "c.x: act() = 1",
    "subscript of a class": "n: Acting[str] = len(text)",
    "property": "n: holder.kind = len(text)",
    "lambda that is called": "n: (lambda: os.chdir('..'))() = 1",
    "parameter": "def show(x: act()): pass",
    "result": "def show(x) -> act(): pass",
    "keyword parameter": "def show(*, x: act()): pass",
    "rest of the arguments": "def show(*x: act()): pass",
    "class body": "class Made:\n        y: act() = 1",
}
PLAIN = ["n: int = len(text)", "n: list[str] | None = None", "n: 'act()' = 1", "c.x: int = 1", "n: os.PathLike = text", "n: dict[str, list[int]] = {}"]


def _is_safe(source: str) -> bool:
    """Whether a safe fix rewrites a program."""
    compile(source, "program", "exec")
    return bool(fix(source.encode(), Config(), runtime="par_lint.parallel").fixed)


@pytest.mark.parametrize("rest", RESTS.values(), ids=list(RESTS))
def test_the_rest(rest: str) -> None:
    program = ACTS + LOOP.format(rest=textwrap.indent(rest, "    "))
    assert not _is_safe(program)
    assert _is_safe(ACTS + LOOP.format(rest="    n = 1"))


@pytest.mark.parametrize("loaded", ["    text: act() = open(path).read()\n    return text", "    def inner(x: act()): pass\n    return open(path).read()"], ids=["name", "parameter"])
def test_what_moves(loaded: str) -> None:
    program = ACTS + f"def load(path):\n{loaded}\nfor path in sys.argv[1:]:\n    text = load(path)\n    out.append(text)\n"
    assert _is_safe(program) == ("text: act()" in loaded), "Python leaves annotations of local names alone"
    assert not _is_safe(ACTS + LOOP.format(rest="").replace("text =", "text: act() ="))


@pytest.mark.parametrize("rest", PLAIN)
def test_types(rest: str) -> None:
    assert _is_safe(ACTS + LOOP.format(rest="    " + rest))


def test_they_are_not_evaluated() -> None:
    in_function = "def main(paths):\n" + textwrap.indent(LOOP.format(rest="    n: act() = 1\n    c.x: act() = 2").replace("sys.argv[1:]", "paths"), "    ")
    assert _is_safe(ACTS + in_function)
    late = [RESTS["name"], RESTS["attribute"], RESTS["subscript of a class"]]
    assert all(_is_safe("from __future__ import annotations\n" + ACTS + LOOP.format(rest="    " + rest)) for rest in late)

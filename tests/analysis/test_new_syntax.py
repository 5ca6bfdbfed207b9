"""Syntax of Python 3.14 and 3.15: no internal error, and loops around it are found. On older Pythons the trees are built by hand."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix
from par_lint.engine.lint_file import File, lint
from par_lint.frontends.cli.main import main

LOOP = """

def sizes(paths):
    total = 0
    for path in paths:
        total += len(open(path).read())
    return total
"""
NEW = {  # the oldest minor version that knows it, and code with it
    "template": (14, 'name = "x"\nt = t"hello {name!r:>{10}}"\n'),
    "template in the loop": (14, 'def f(paths):\n    for path in paths:\n        show(t"{open(path).read()}")\n'),
    "except without brackets": (14, "try:\n    x = 1\nexcept ValueError, TypeError:\n    pass\n"),
    "deferred annotations": (14, "def f(x: Later) -> Other: ...\n\n\nclass Later: ...\n"),
    "unpacking of mappings": (15, "def h(paths):\n    return {**load(open(p).read()) for p in paths}\n"),
    "unpacking of lists": (15, "def h(paths):\n    return [*open(p).read() for p in paths]\n"),
    "unpacking of a plain mapping": (15, "rows = [{1: 2}]\nd = {**row for row in rows}\n"),
    "lazy import": (15, "lazy import json\n"),
}


@pytest.mark.parametrize("name", NEW)
def test_a_file_with_it_is_checked_and_fixed(name: str) -> None:
    minor, code = NEW[name]
    if sys.version_info < (3, minor):
        pytest.skip(f"needs Python 3.{minor}")
    source = code + LOOP
    findings = lint(ast.parse(source), source.splitlines(keepends=True), Config())
    assert "PRL000" not in {finding.code for finding in findings}
    assert source.splitlines().index("    for path in paths:", code.count("\n")) + 1 in {finding.line for finding in findings}
    result = fix(source.encode(), Config(), runtime="par_lint.parallel", unsafe=True)
    assert not result.failures
    assert b"run_parallel(" in result.source


@pytest.mark.skipif(sys.version_info < (3, 14), reason="needs Python 3.14")
def test_a_template_that_keeps_its_text_moves_whole() -> None:
    result = fix(NEW["template in the loop"][1].encode(), Config(), runtime="par_lint.parallel", unsafe=True)
    assert b't"{open(path).read()}"' in result.source
    assert b"run_parallel(" in result.source


@pytest.mark.parametrize("name", NEW)
def test_an_older_python_says_what_it_parsed_the_file_as(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    minor, code = NEW[name]
    if sys.version_info >= (3, minor) or name == "deferred annotations":
        pytest.skip("this Python knows it")
    path = tmp_path / "m.py"
    path.write_text(code + LOOP)
    for command in ("check", "fix"):
        assert main([command, str(path)]) == 2
        assert f"(parsed as Python 3.{sys.version_info[1]}); fix it or exclude the file\n" in capsys.readouterr().err
    assert path.read_text() == code + LOOP


@pytest.mark.parametrize("call", ["open(p).read()", "load(open(p).read())", "p", "rows[p]"])
def test_a_dict_comprehension_without_values(call: str) -> None:
    """The tree of `{**call for p in paths}` as Python 3.15 builds it: the mapping is the key, and there is no value."""
    tree = ast.parse(f"def h(paths, rows):\n    found = {{{call}: 1 for p in paths}}\n    for key in found:\n        print(open(key).read())\n    return found\n")
    for node in ast.walk(tree):
        if isinstance(node, ast.DictComp):
            node.value = None  # type: ignore[assignment]
    lines = f"def h(paths, rows):\n    found = {{**{call} for p in paths}}\n    for key in found:\n        print(open(key).read())\n    return found\n".splitlines(keepends=True)
    file = File(tree, lines, Config())
    assert file.slice() is not None
    assert not file.failures

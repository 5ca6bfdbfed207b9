"""A name that stands for an iterator is no collection: read ahead only if somebody asks for it, and then really."""

from __future__ import annotations

import ast

import pytest

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.core.findings import Applicability
from par_lint.engine.fix_file import fix
from par_lint.engine.lint_file import lint

LOOP = "from pathlib import Path\ndef texts(paths):\n    files = {made}\n    found = []\n    for file in files:\n        found.append(Path(file).read_text())\n    return found\n"
COMPREHENSION = "from pathlib import Path\ndef texts(paths):\n    files = {made}\n    return [Path(file).read_text() for file in files]\n"


@pytest.mark.parametrize("program", [LOOP, COMPREHENSION], ids=["loop", "comprehension"])
@pytest.mark.parametrize("made", ["map(Path, paths)", "filter(None, paths)", "(path for path in paths if path)", "zip(paths)", "iter(paths)"])
def test_an_iterator(program: str, made: str) -> None:
    source = program.format(made=made)
    (found,) = lint(ast.parse(source), split_lines(source), Config())
    assert found.applicability is Applicability.UNSAFE
    assert "stream=True" in fix(source.encode(), Config(), unsafe=True, runtime="par_lint.parallel").source.decode()


@pytest.mark.parametrize("program", [LOOP, COMPREHENSION], ids=["loop", "comprehension"])
@pytest.mark.parametrize("made", ["list(map(Path, paths))", "sorted(paths)", "[path for path in paths]", "paths[1:]"])
def test_a_collection(program: str, made: str) -> None:
    source = program.format(made=made)
    (found,) = lint(ast.parse(source), split_lines(source), Config())
    assert found.applicability is Applicability.SAFE
    assert "stream=True" not in fix(source.encode(), Config(), runtime="par_lint.parallel").source.decode()

"""Loops of many shapes, for all rules about loops at once: what is reported, and what is left alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from fixture_cases import expected, loop_files

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.engine.lint_file import lint

FILES = loop_files()


@pytest.mark.parametrize("gate", [True, False], ids=["gate", "whole"])
@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_marked_loops_are_reported_and_no_others(path: Path, gate: bool) -> None:
    text = path.read_text()
    found = lint(ast.parse(text), split_lines(text), Config(), gate=gate)
    assert {(one.line, one.column, one.code) for one in found if one.code.startswith("PRL1")} == expected(path)

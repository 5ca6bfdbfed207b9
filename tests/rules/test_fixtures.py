"""Every rule on its fixtures: what is reported where, and what fixes make of it."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest
from fixture_cases import expected, fixture_files, name

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.engine.fix_file import fix
from par_lint.engine.lint_file import lint

CONFIG = Config()
RUNTIME = "par_lint.parallel"


def findings(text: str) -> set[tuple[int, int, str]]:
    found = lint(ast.parse(text), split_lines(text), CONFIG)
    return {(finding.line, finding.column, finding.code) for finding in found}


@pytest.mark.parametrize("path", fixture_files(), ids=name)
def test_reports_the_marked_lines_and_no_others(path: Path) -> None:
    code = path.parent.name
    found = {finding for finding in findings(path.read_text()) if finding[2] == code}
    assert found == {mark for mark in expected(path) if mark[2] == code}


@pytest.mark.parametrize("path", fixture_files(), ids=name)
def test_the_gate_and_the_slice_lose_nothing(path: Path) -> None:
    text = path.read_text()
    assert lint(ast.parse(text), split_lines(text), CONFIG) == lint(ast.parse(text), split_lines(text), CONFIG, gate=False)


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@pytest.mark.parametrize("path", fixture_files(), ids=name)
def test_fixes_give_the_expected_text(path: Path, unsafe: bool) -> None:
    code = path.parent.name
    source = path.read_bytes()
    result = fix(source, CONFIG, unsafe=unsafe, wanted=lambda finding, _: finding.code == code, runtime=RUNTIME)
    output = path.with_suffix(".unsafe.out" if unsafe else ".safe.out")
    if os.environ.get("PAR_LINT_UPDATE"):
        output.unlink(missing_ok=True)
        if result.source != source:
            output.write_bytes(result.source)
    wanted = output.read_bytes() if output.exists() else source
    assert result.source.decode() == wanted.decode()


@pytest.mark.parametrize("path", fixture_files(), ids=name)
def test_fixed_findings_are_gone_and_none_is_new(path: Path) -> None:
    source = path.read_bytes()
    before = [finding.code for finding in lint(ast.parse(source), split_lines(source.decode()), CONFIG)]
    result = fix(source, CONFIG, unsafe=True, runtime=RUNTIME)
    after = [finding.code for finding in lint(ast.parse(result.source), split_lines(result.source.decode()), CONFIG)]
    assert sorted(after) == sorted(finding.code for finding in result.remaining)
    assert len(before) == len(result.fixed) + len(result.remaining)


@pytest.mark.parametrize("path", fixture_files(), ids=name)
def test_a_second_fix_changes_nothing(path: Path) -> None:
    once = fix(path.read_bytes(), CONFIG, unsafe=True, runtime=RUNTIME).source
    again = fix(once, CONFIG, unsafe=True, runtime=RUNTIME)
    assert again.source == once
    assert not again.fixed

"""What linting costs, in exact counts: a regression shows here without a stopwatch, on any machine and under any load.

`tests/benchmarks/lint.py` measures the same in seconds, over real code.
"""

from __future__ import annotations

import ast
import gc
import subprocess
import sys
from pathlib import Path

import libcst as cst
import libcst.metadata
import pytest

from par_lint.analysis.syntax.parents import NodeTree
from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.engine.lint_file import File, lint

SAMPLE = Path(__file__).parents[1] / "cost"
CONFIG = Config()


def file(source: str) -> File:
    return File(ast.parse(source), split_lines(source), CONFIG)


@pytest.mark.parametrize(
    ("name", "headers", "lines", "nodes"),
    [
        ("computes.py", [], 0, 0),
        ("waits.py", ["class Store:", "def rows(self)"], 9, 69),
    ],
)
def test_of_a_module_only_what_a_rule_may_report_is_parsed(
    name: str, headers: list[str], lines: int, nodes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[str] = []
    trees: list[NodeTree] = []
    parse_module, survey = cst.parse_module, NodeTree._survey
    monkeypatch.setattr(cst, "parse_module", lambda text, *options: (texts.append(text), parse_module(text, *options))[1])
    monkeypatch.setattr(NodeTree, "_survey", lambda tree: (trees.append(tree), survey(tree))[1])
    looked = file((SAMPLE / name).read_text())
    lint(looked.tree, looked.lines, CONFIG)
    parsed = [line.strip() for text in texts for line in text.splitlines()]
    assert [line.partition(" ->")[0] for line in parsed if line.startswith(("def ", "class "))] == headers
    assert len(parsed) == lines
    assert sum(len(tree.nodes) for tree in trees) == nodes


def test_nothing_is_left_to_the_collector() -> None:
    source = (SAMPLE / "waits.py").read_text()
    tree, lines = ast.parse(source), split_lines(source)
    for _ in range(9):
        lint(tree, lines, CONFIG)  # what is made once is made, and what is kept of other files forgotten
    gc.collect()
    gc.disable()
    try:
        assert lint(tree, lines, CONFIG)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_rules_are_not_loaded_where_nothing_may_be_reported() -> None:
    code = "import sys; from par_lint.frontends.cli.main import main; main(['check', '--no-cache', sys.argv[1]]); print('par_lint.analysis.facts' in sys.modules)"
    for name, is_imported in (("computes.py", "False"), ("waits.py", "True")):
        done = subprocess.run([sys.executable, "-c", code, str(SAMPLE / name)], capture_output=True, text=True, timeout=60)
        assert done.stdout.split()[-1] == is_imported


def test_what_fixes_and_shares_out_is_not_loaded_to_check_a_file() -> None:
    parts = ["par_lint.frontends.cli.fix", "par_lint.engine.fix_file", "par_lint.engine.fix_diff", "par_lint.engine.runtime_module.vendored_copy", "concurrent.futures", "difflib"]
    code = f"import sys; from par_lint.frontends.cli.main import main; main(['check', '--no-cache', sys.argv[1]]); print(*sys.modules.keys() & {parts})"
    done = subprocess.run([sys.executable, "-c", code, str(SAMPLE / "computes.py")], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []


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


def test_the_benchmark_finds_all_stages_and_rules() -> None:
    profile = [sys.executable, str(SAMPLE.parent / "benchmarks" / "stages.py"), *map(str, sorted(SAMPLE.glob("*.py")))]
    done = subprocess.run(profile, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for stage in ("index", "candidates", "slice", "parse", "survey", "positions", "walk", "rule _sequential"):
        assert f"  {stage}\n" in done.stdout

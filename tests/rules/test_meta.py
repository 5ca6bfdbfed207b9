"""Rules, their pages, their fixtures and the README hang together."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path
from types import ModuleType

import libcst as cst
import pytest
from fixture_cases import FOLDER, expected, fixture_files, loop_files

from par_lint import codemod
from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.slices import whole
from par_lint.analysis.loops.exclusions import _EXCLUSIONS
from par_lint.analysis.loops.sequential_io import _Finder
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog import builtin_catalog
from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.core.findings import FixAvailability
from par_lint.engine.lint_file import lint
from par_lint.rules import all_rules
from par_lint.rules.rule_docs import insert_rules_table

README = Path(__file__).parents[2] / "README.md"


def code(rule: ModuleType) -> str:
    return str(rule.RULE.code)


def example(rule: ModuleType, label: str) -> str:
    """The code under `Bad::` or `Good::` of a rule's page."""
    match = re.search(rf"^{label}::\n\n((?:    .*\n|\n)+)", rule.__doc__ or "", re.MULTILINE)
    assert match is not None, f"the page has no `{label}::` with an indented block below it"
    return textwrap.dedent(match.group(1))


def codes(text: str, *, gate: bool = True) -> set[str]:
    return {finding.code for finding in lint(ast.parse(text), split_lines(text), Config(), gate=gate)}


@pytest.mark.parametrize("rule", all_rules(), ids=code)
def test_a_page_has_all_its_parts(rule: ModuleType) -> None:
    titles = re.findall(r"^(.+)\n-+$", rule.__doc__ or "", re.MULTILINE)
    assert titles == ["Why", "Example", "Not reported when", "Fix safety"]


@pytest.mark.parametrize("rule", all_rules(), ids=code)
def test_the_bad_example_is_reported_and_the_good_one_is_not(rule: ModuleType) -> None:
    bad = example(rule, "Bad")
    assert code(rule) in codes(bad) or code(rule) not in codes(bad, gate=False), "the gate (par_lint/analysis/gate/candidates.py) drops its lines"
    assert code(rule) in codes(bad)
    assert codes(example(rule, "Good")) == set()


@pytest.mark.parametrize("rule", all_rules(), ids=code)
def test_a_rule_has_reporting_and_silent_fixtures_and_an_expected_fix(rule: ModuleType) -> None:
    folder = FOLDER / code(rule)
    files = list(folder.glob("*.py"))
    assert any(mark[2] == code(rule) for path in files for mark in expected(path)), f"{folder} has no file with a mark `# {code(rule)}: COLUMN`"
    assert any(path.name.startswith("silent") for path in files), f"{folder} has no silent*.py"
    if rule.RULE.fix is not FixAvailability.NEVER:
        assert list(folder.glob("*.out")), f"no fix changes a file of {folder}: `par-lint fix --diff --unsafe-fixes --show-withheld FILE` says why"


@pytest.mark.parametrize("rule", all_rules(), ids=code)
def test_messages_suit_editors(rule: ModuleType) -> None:
    message = rule.RULE.message
    assert "\n" not in message
    assert not re.search(r":\d+:\d+: ", message)
    assert len(message) <= 110
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.RULE.name)


def test_every_rule_has_a_codemod() -> None:
    commands = {value.CODE for value in vars(codemod).values() if isinstance(value, type) and hasattr(value, "CODE")}
    assert commands == {code(rule) for rule in all_rules() if rule.RULE.fix is not FixAvailability.NEVER}, "par_lint/codemod.py has one for each rule with fixes"


def test_the_readme_holds_the_table_of_rules() -> None:
    text = README.read_text()
    assert text == insert_rules_table(text), "run: python -c \"import pathlib; from par_lint.rules.rule_docs import insert_rules_table; p = pathlib.Path('README.md'); p.write_text(insert_rules_table(p.read_text()))\""


def test_each_blocker_leaves_a_loop_of_the_fixtures_alone() -> None:
    seen: set[str] = set()
    for path in [*fixture_files(), *loop_files()]:
        text = path.read_text()
        index, lines = FileIndex(ast.parse(text)), split_lines(text)
        facts = Facts(index, Resolver(index, builtin_catalog()), whole(lines), lines, cst.parse_module(text))
        finder = _Finder(facts)
        for node in descend(facts.module, into_functions=True):
            if finder._is_loop(node) and not isinstance(node, cst.Call):
                site = finder._site(node)
                seen.update(check.__name__ for check in _EXCLUSIONS if site.summary.io_calls and check(site, facts) is not None)
    assert {check.__name__ for check in _EXCLUSIONS} - seen == {"changed_elsewhere"}  # of other modules: tests/engine/test_cross_module.py

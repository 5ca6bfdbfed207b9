"""`par-lint explain`: pages as text and as data, and hints for words that are nearly right."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from types import ModuleType

import pytest
from fixture_cases import fixture_files

from par_lint.core.config.rule_codes import RULES
from par_lint.core.findings import Applicability, FixAvailability
from par_lint.engine.lint_files import lint_file
from par_lint.frontends.cli.main import main
from par_lint.frontends.cli.terminal_markdown import for_terminal
from par_lint.frontends.reports.colours import Paint
from par_lint.rules import all_rules
from par_lint.rules import rule_docs as docs


def test_several_rules_by_code_and_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "prl101", "Network-Without-Timeout"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("PRL101 sequential-file-io\nFix: safe for reads, otherwise unsafe\n\nA loop reads or writes")
    assert "\n\n\nPRL202 network-without-timeout\n" in out


def test_json_has_the_parts_of_each_page(capsys: pytest.CaptureFixture[str]) -> None:
    codes = [module.RULE.code for module in all_rules()]
    assert main(["explain", *codes, "--output-format", "json"]) == 0
    pages = json.loads(capsys.readouterr().out)
    assert [page["code"] for page in pages] == codes
    for page in pages:
        assert all(page[key] for key in ("name", "fix", "summary", "message", "why", "silent_when", "fix_safety"))
        for example in ("bad", "good"):
            compile(page["examples"][example], example, "exec")
        assert page["url"] is None


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("PRL110", "or PRL111 (nested-listing)?"), ("PRL1O1", "PRL101 (sequential-file-io)"),
        ("sequental-file-io", "PRL101 (sequential-file-io)"), ("subprocess-timeout", "PRL201 (subprocess-without-timeout)"), ("PLR202", "PRL202"),
        ("E501", "valid rules: PRL101, PRL102, "), ("", "valid rules: PRL101, "),
    ],
)  # fmt: skip
def test_near_misses_get_a_hint(word: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "PRL101", word]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"par-lint: {word}: no such rule; ")
    assert len(shown.err.splitlines()) == 1
    assert hint in shown.err


def test_links_come_from_the_distribution(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Metadata:
        @staticmethod
        def get_all(name: str) -> list[str]:
            return ["Homepage, https://example.org", "Documentation, https://example.org/docs"] if name == "Project-URL" else []

    monkeypatch.setattr(docs.importlib.metadata, "metadata", lambda name: Metadata)
    docs._documentation_url.cache_clear()
    try:
        main(["explain", "PRL101", "--output-format", "json"])
    finally:
        docs._documentation_url.cache_clear()
    assert json.loads(capsys.readouterr().out)[0]["url"] == "https://example.org/docs#prl101"


def test_it_needs_no_flake8() -> None:
    code = "import sys\nsys.modules['flake8'] = None\nfrom par_lint.frontends.cli.main import main\nsys.exit(main(['explain', 'PRL101']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_all_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--all"]) == 0
    text = capsys.readouterr().out
    assert all(f"{code} {name}\nFix: " in text for code, name in {**RULES, "PRL000": "internal-error", "PRL001": "unused-noqa"}.items())
    assert main(["explain", "--all", "--output-format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(RULES) + 2
    assert main(["explain"]) == main(["explain", "--all", "PRL101"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_page_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["explain", "PRL101", "--color=always"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("\x1b[1;36mPRL101 sequential-file-io\x1b[0m\n")
    plain = re.sub(r"\x1b\[[\d;]*m", "", text)
    assert "\x1b[1mWhy\x1b[0m\n" in text
    assert "---" not in plain and "::" not in plain and "\0" not in plain and "\1" not in plain
    assert all(len(line) <= 60 for line in plain.splitlines() if not line.startswith("    ") and " " in line.strip())
    assert main(["explain", "PRL101"]) == 0
    page = capsys.readouterr().out
    words = re.sub(r"[`:-]", " ", page).split()
    assert re.sub(r"[`:-]", " ", plain).split() == words  # nothing is lost


def test_code_in_a_page_is_not_broken() -> None:
    text = for_terminal("A line with `a piece of code that is long` in it, and - a dash.\n\n- one\n- two `x y`\n", Paint(False))
    assert "`a piece of code that is long`" in text
    assert text.endswith("- one\n- two `x y`")


@pytest.mark.parametrize("module", all_rules(), ids=lambda module: module.RULE.code)
def test_what_a_page_says_of_the_fix_is_so(module: ModuleType) -> None:
    """Over all fixtures of a rule: some fix is safe only if the page says so, and each rule has a fix."""
    found = {
        finding.applicability for path in fixture_files() if path.parent.name == module.RULE.code
        for finding in lint_file(str(path)).findings if finding.code == module.RULE.code
    }  # fmt: skip
    assert (Applicability.SAFE in found) == (module.RULE.fix is FixAvailability.SAFE_FOR_READS)
    assert Applicability.UNSAFE in found

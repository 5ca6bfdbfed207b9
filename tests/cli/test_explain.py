"""`par-lint explain`: pages as text and as data, and hints for words that are nearly right."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from par_lint.frontends.cli.main import main
from par_lint.rules import all_rules
from par_lint.rules import pages as docs


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
    docs.help_uri.cache_clear()
    try:
        main(["explain", "PRL101", "--output-format", "json"])
    finally:
        docs.help_uri.cache_clear()
    assert json.loads(capsys.readouterr().out)[0]["url"] == "https://example.org/docs#prl101"


def test_it_needs_no_flake8() -> None:
    code = "import sys\nsys.modules['flake8'] = None\nfrom par_lint.frontends.cli.main import main\nsys.exit(main(['explain', 'PRL101']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")

"""The page of a rule as something that an editor can open."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pygls.uris import to_fs_path

from par_lint import __version__
from par_lint.rules import all_rules, doc_url
from par_lint.rules.doc_url import page_link
from par_lint.rules.rule_docs import markdown, pages


def linked(code: str) -> Path:
    link = page_link(code)
    assert link is not None
    assert link.startswith("file:///")
    path = to_fs_path(link)
    assert path is not None
    return Path(path)


def test_a_page_is_a_file(user_cache: Path) -> None:
    for page in pages():
        path = linked(page.code)
        assert path.is_relative_to(user_cache)
        text = path.read_text()
        assert text == markdown(page.code)
        assert text.startswith(f"{page.code} {page.name}\n====")
        assert text.count("```python\n") == 2
        assert "::\n" not in text


def test_pages_are_those_of_the_rules() -> None:
    """They are read from the source, as importing a rule imports libcst."""
    expected = [(rule.RULE.code, rule.RULE.name, rule.RULE.fix.value, rule.RULE.message, (rule.__doc__ or "").strip()) for rule in all_rules()]
    assert [(page.code, page.name, page.fix, page.message, page.text) for page in pages()] == expected
    code = "import sys; from par_lint.rules.rule_docs import pages; pages(); print('libcst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout == "False\n"


def test_a_page_of_other_words_is_written_anew(user_cache: Path) -> None:
    path = linked("PRL101")
    path.write_text("old")
    assert linked("PRL101").read_text() == "old"  # it is looked at once
    page_link.cache_clear()
    assert linked("PRL101").read_text() == markdown("PRL101")
    assert [file.name for file in path.parent.iterdir()] == ["PRL101.md"]


def test_where_nothing_can_be_written_there_is_no_link(user_cache: Path) -> None:
    user_cache.write_text("a file is in the way")
    assert page_link("PRL101") is None


def test_a_page_on_the_web_comes_first(user_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doc_url, "help_uri", lambda code: f"https://example.org/#{code}")
    assert page_link("PRL101") == "https://example.org/#PRL101"
    assert not user_cache.exists()


@pytest.mark.parametrize(("platform", "folder"), [("darwin", "Library/Caches"), ("win32", "AppData/Local"), ("linux", ".cache")])
@pytest.mark.usefixtures("user_cache")
def test_each_system_has_its_place(platform: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doc_url.sys, "platform", platform)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    assert linked("PRL202") == tmp_path / folder / "par-lint" / __version__ / "PRL202.md"

"""What editors are told about a text, whatever protocol they speak."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from applied import apply_edits
from small_texts import BY_HAND, COPIES, READS, UNLIMITED, WIDE

from par_lint.core.config.settings import ConfigError
from par_lint.core.files.read_errors import Problem
from par_lint.core.files.text_spans import Place, Span
from par_lint.engine.lint_files import lint_file
from par_lint.engine.runtime_module.location import clear_project_cache
from par_lint.engine.runtime_module.vendored_copy import copy_source
from par_lint.engine.suppression.rule_selection import Selection
from par_lint.frontends.cli.fix import Fixer
from par_lint.frontends.editors import code_actions
from par_lint.frontends.editors.code_actions import FIX_ALL, QUICK_FIX, Action, Buffer
from par_lint.frontends.editors.lsp_messages import Client, DocumentMessages
from par_lint.frontends.editors.workspace import Workspace

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures").glob("PRL*/*.py"))
EVERYWHERE = Span(Place(0, 0), Place(10**6, 0))


def opened(folder: Path, text: str, name: str = "m.py") -> Buffer:
    buffer = Workspace(folder).open(folder / name, text)
    assert buffer is not None
    return buffer


def actions(buffer: Buffer) -> dict[str, Action]:
    return {action.title: action for action in buffer.find_actions(EVERYWHERE)}


def codes(buffer: Buffer) -> list[str]:
    return [marked.finding.code for marked in buffer.findings]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_finds_what_check_finds(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "m.py"
    copy.write_bytes(path.read_bytes())
    selection = Selection(["--select=PRL", "--isolated"])
    checked = lint_file(str(copy))
    buffer = opened(tmp_path, path.read_bytes().decode())
    assert [marked.finding for marked in buffer.findings] == [one for one in checked.findings if selection.is_wanted("m.py", one, checked.lines)]


def test_a_safe_fix_is_named_so_and_preferred(tmp_path: Path) -> None:
    found = actions(opened(tmp_path, READS))
    assert list(found) == ["PRL101: use run_parallel(..., max_workers=20) (safe)", "Disable PRL101 for this line"]
    action = next(iter(found.values()))
    assert (action.kind, action.is_preferred) == (QUICK_FIX, True)
    assert [edit.span.start.line for edit in action.edits] == [2, 5]


def test_an_unsafe_fix_says_what_to_check_and_is_never_preferred(tmp_path: Path) -> None:
    for text, title in (
        (COPIES, "PRL101: use run_parallel(..., max_workers=20) (unsafe: `copy()` changes files, line 6)"),
        (UNLIMITED, "PRL201: add timeout=30 (raises subprocess.TimeoutExpired) (unsafe: 30 is a proposal; nothing catches the exception, line 3)"),
    ):
        buffer = opened(tmp_path, text)
        assert not actions(buffer)[title].is_preferred
        assert buffer.fix_all is None


def test_fixes_are_those_of_the_command(tmp_path: Path) -> None:
    for text in (READS, WIDE):
        expected = Fixer(Selection(["--select=PRL", "--isolated"]), unsafe=False, runtime=None).fix(str(tmp_path / "m.py"), text.encode())
        buffer = opened(tmp_path, text)
        assert buffer.fix_all is not None
        assert buffer.fix_all.kind == FIX_ALL
        assert apply_edits(text, buffer.fix_all.edits).encode() == expected.source != text.encode()


def test_a_fix_changes_one_of_two_equal_loops(tmp_path: Path) -> None:
    loop = "for path in paths:\n    print(open(path).read())\n"
    text = f"paths = input().split()\n{loop}{loop}"  # the import of the second's fix puts the first where the second was
    buffer = opened(tmp_path, text)
    first, second = [action for action in buffer.find_actions(EVERYWHERE) if action.is_preferred]
    for action in (first, second):
        fixed = apply_edits(text, action.edits)
        assert fixed.count("in run_parallel(") == 1
        assert fixed.count(loop) == 1
    assert apply_edits(text, first.edits) != apply_edits(text, second.edits)
    assert buffer.fix_all is not None
    assert apply_edits(text, buffer.fix_all.edits).count("in run_parallel(") == 2


def test_fixes_that_take_long_are_not_prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would delay the next check, while the user types on."""
    for longest, expected in ((1.0, 1), (-1.0, 0)):
        monkeypatch.setattr(code_actions, "_LONGEST_CHECK", longest)
        buffer = opened(tmp_path, READS + "\n" * expected)
        buffer.prepare()
        assert len(buffer._quick_fixes) == expected
        assert buffer.fix_all is not None


def test_findings_are_kept_when_only_the_project_changes(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'app'\n")
    folder = Workspace(tmp_path)
    buffer = folder.open(tmp_path / "m.py", READS)
    assert buffer is not None
    found = buffer.findings
    assert buffer.fix_all is None
    (tmp_path / "parallel.py").write_bytes(copy_source())
    clear_project_cache()
    assert folder.open(tmp_path / "m.py", READS) is buffer
    assert buffer.findings is found
    assert buffer.fix_all is not None
    assert "from parallel import run_parallel" in apply_edits(READS, buffer.fix_all.edits)
    assert buffer.quick_fix(found[0]) is not None


def test_a_document_that_is_no_file_needs_no_walk_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walks: list[object] = []
    walk = os.walk
    monkeypatch.setattr(os, "walk", lambda *arguments, **options: (walks.append(arguments), walk(*arguments, **options))[1])
    for is_file in (False, True):
        buffer = Workspace(tmp_path).open(tmp_path / "m.py", READS, is_file=is_file)
        assert buffer is not None
        assert buffer.fix_all is not None
        assert bool(walks) is is_file


def test_a_fix_that_would_lose_a_line_for_ipython_is_not_offered(tmp_path: Path) -> None:
    for line, offered in (("", 2), ("        %time\n", 1)):
        text = READS.replace("        total", f"{line}        total").replace("total += len(path.read_bytes())", "text = path.read_bytes()\n        total += len(text)")
        buffer = Workspace(tmp_path).open(tmp_path / "m.ipynb", text, is_file=False, is_cell=True)
        assert buffer is not None
        fixed = [apply_edits(text, action.edits) for action in buffer.find_actions(EVERYWHERE) if action.edits]
        assert len(fixed) == offered
        assert all(line in one for one in fixed)


def test_all_safe_fixes_leave_the_unsafe_ones_out(tmp_path: Path) -> None:
    text = READS + "\n\n" + COPIES.replace("import shutil\n", "").lstrip() + "\n\nimport shutil\n"
    buffer = opened(tmp_path, text)
    assert buffer.fix_all is not None
    assert "shutil.copy(name, name" in apply_edits(text, buffer.fix_all.edits)
    assert len([title for title in actions(buffer) if "unsafe" in title]) == 1


def test_where_no_fix_can_be_made_there_is_the_comment_only(tmp_path: Path) -> None:
    buffer = opened(tmp_path, BY_HAND)
    assert list(actions(buffer)) == ["Disable PRL101 for this line"]
    (marked,) = buffer.findings
    assert marked.finding.withheld is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    for path in paths:\n", "    for path in paths:  # noqa: PRL101\n"),
        ("    for path in paths:  # each\n", "    for path in paths:  # each  # noqa: PRL101\n"),
        ("    for path in paths:  # noqa: E501 , W2  \n", "    for path in paths:  # noqa: E501 , W2, PRL101  \n"),
        ("    for path in \\\n            paths:\n", "    for path in \\\n            paths:  # noqa: PRL101\n"),
        ("    for path in (\n        paths\n    ):\n", "    for path in (  # noqa: PRL101\n        paths\n    ):\n"),
    ],
)
def test_a_comment_silences_a_finding(tmp_path: Path, before: str, after: str) -> None:
    text = READS.replace("    for path in paths:\n", before)
    action = actions(opened(tmp_path, text))["Disable PRL101 for this line"]
    silenced = apply_edits(text, action.edits)
    assert silenced == text.replace(before, after)
    assert opened(tmp_path, silenced).findings == ()


def test_no_comment_is_offered_where_comments_do_not_count(tmp_path: Path) -> None:
    (tmp_path / ".flake8").write_text("[flake8]\ndisable-noqa = true\n")
    assert [title for title in actions(opened(tmp_path, READS)) if "Disable" in title] == []


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_are_kept(tmp_path: Path, end: str) -> None:
    text = READS.replace("\n", end)
    buffer = opened(tmp_path, text)
    assert buffer.fix_all is not None
    fixed = apply_edits(text, buffer.fix_all.edits)
    assert "run_parallel" in fixed
    assert fixed.count("\n") == (fixed.count("\r\n") if end == "\r\n" else 0)


def test_a_byte_order_mark_is_kept(tmp_path: Path) -> None:
    for text in ("\ufeff" + READS, "\ufefffor name in input().split():\n    print(open(name).read())\n"):
        buffer = opened(tmp_path, text)
        (action, comment) = buffer.find_actions(EVERYWHERE)
        plain = opened(tmp_path, text[1:])
        (expected, expected_comment) = plain.find_actions(EVERYWHERE)
        assert apply_edits(text, action.edits) == "\ufeff" + apply_edits(text[1:], expected.edits)
        assert apply_edits(text, comment.edits) == "\ufeff" + apply_edits(text[1:], expected_comment.edits)


def test_a_declared_encoding_is_that_of_the_saved_file(tmp_path: Path) -> None:
    text = "# coding: latin-1\n" + READS.replace("total = 0", "total = len('é')")
    buffer = opened(tmp_path, text)
    assert buffer.fix_all is not None
    assert "len('é')" in apply_edits(text, buffer.fix_all.edits)
    assert codes(opened(tmp_path, text.replace("é", "€"))) == []  # which latin-1 has not


def test_flake8s_configuration_of_the_folder_counts(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("[flake8]\nper-file-ignores =\n    quiet.py: PRL\nexclude = old\nextend-ignore = PRL2\n")
    inner = tmp_path / "package"
    assert codes(opened(tmp_path, READS)) == ["PRL101"]
    assert codes(opened(tmp_path, READS, "quiet.py")) == []
    assert codes(opened(tmp_path, UNLIMITED)) == []
    inner.mkdir()
    assert codes(opened(inner, UNLIMITED)) == []
    project = Workspace(tmp_path)
    for name in ("old/m.py", ".venv/m.py", "build/m.py", "a/build/m.py", "lib/site-packages/m.py", "a/node_modules/m.py"):
        assert project.open(tmp_path / name, READS) is None
    assert project.open(tmp_path / "a" / "builds" / "m.py", READS) is not None


def test_changed_settings_count_at_once(tmp_path: Path) -> None:
    project, path = Workspace(tmp_path), tmp_path / "m.py"
    first = project.open(path, READS)
    assert first is not None
    assert project.open(path, READS) is first
    (tmp_path / ".flake8").write_text("[flake8]\nextend-ignore = PRL101\n")
    second = project.open(path, READS)
    assert second is not None
    assert codes(second) == []
    (tmp_path / ".flake8").unlink()
    (tmp_path / "pyproject.toml").write_text("[tool.par-lint.workers]\nfile = 33\n")
    third = project.open(path, READS)
    assert third is not None
    assert "max_workers=33" in third.findings[0].finding.message


def test_the_folder_of_the_process_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".flake8").write_text("[flake8]\nextend-ignore = PRL\n")
    (tmp_path / "project").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))  # flake8 looks no higher
    monkeypatch.chdir(tmp_path)
    assert codes(opened(tmp_path / "project", READS)) == ["PRL101"]
    assert codes(opened(tmp_path, READS)) == []


@pytest.mark.parametrize(("name", "text", "error"), [
    ("pyproject.toml", "[tool.par-lint]\nrun-time = 1\n", ConfigError), (".flake8", "[flake8]\nextend-ignore = no code\n", Problem),
])  # fmt: skip
def test_settings_that_cannot_be_used_are_said(tmp_path: Path, name: str, text: str, error: type[Exception]) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(error):
        Workspace(tmp_path).open(tmp_path / "m.py", READS)


@pytest.mark.parametrize("text", [READS, COPIES])
@pytest.mark.parametrize("is_lazy", [False, True])
def test_a_fix_without_a_runtime_to_import_is_a_note_why_not(is_lazy: bool, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'app'\n")
    buffer = opened(tmp_path, text)
    note, disable = buffer.find_actions(EVERYWHERE, is_lazy=is_lazy)
    assert (note.title, note.is_note, note.edits) == ("PRL101: no fix yet: pyproject.toml does not list par-lint", True, ())
    assert note.offer == "copy the runtime to parallel.py first"
    assert disable.title == "Disable PRL101 for this line"
    assert not buffer.offers_fix_all
    for client, title in ((Client(vendors=True), f"{note.title}; {note.offer}"), (Client(), note.title)):
        sent = DocumentMessages("file:///m.py", 1, client, buffer).actions({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}, {})[0]
        assert (sent["title"], "edit" in sent, "data" in sent) == (title, False, False)
        assert sent.get("command", {}).get("arguments") == (["file:///m.py"] if client.vendors else None)
        assert ("disabled" in sent) is not client.vendors


@pytest.mark.parametrize("seed", range(30))
def test_survives_any_text(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    text = chance.choice(FIXTURES).read_text()
    for _ in range(chance.randrange(3)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(["", "\r", "\x0c", "\0", "\ud800", "𝒳", "'''", "(", "\t", "\\", "# noqa", "# coding: rot13\n"]) + text[at + chance.randrange(9) :]
    text = text[: chance.choice([len(text), chance.randrange(len(text))])]
    buffer = opened(tmp_path, text)
    for action in [*buffer.find_actions(EVERYWHERE), *filter(None, [buffer.fix_all])]:
        assert apply_edits(text, action.edits) != text

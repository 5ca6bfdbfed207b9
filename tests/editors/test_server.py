"""The language server, driven by a client as an editor does."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pygls import uris
from pytest_lsp import ClientServerConfig, LanguageClient
from small_texts import BY_HAND, COPIES, READS, WIDE

from par_lint import __version__
from par_lint.rules.rule_docs import markdown

pytestmark = pytest.mark.usefixtures("user_cache")
TAGS = [types.DiagnosticTag.Unnecessary, types.DiagnosticTag.Deprecated]
SERVER = ClientServerConfig(server_command=[sys.executable, "-m", "par_lint", "lsp"])
TITLE = "PRL101: use run_parallel(..., max_workers=20)"


def capabilities(encoding: str) -> types.ClientCapabilities:
    return types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=[encoding]),
        text_document=types.TextDocumentClientCapabilities(
            publish_diagnostics=types.PublishDiagnosticsClientCapabilities(
                tag_support=types.ClientDiagnosticsTagOptions(TAGS), code_description_support=True,
            ),
        ),
        workspace=types.WorkspaceClientCapabilities(
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
        ),
    )


@pytest_lsp.fixture(config=SERVER, params=["utf-16"])
async def client(request: pytest.FixtureRequest, lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    """An editor that has `tmp_path` open, and counts columns in the unit that the test asks for."""
    folder = types.WorkspaceFolder(tmp_path.as_uri(), "project")
    await lsp_client.initialize_session(
        types.InitializeParams(capabilities=capabilities(request.param), root_uri=tmp_path.as_uri(), workspace_folders=[folder])
    )
    yield
    await lsp_client.shutdown_session()


def uri_of(folder: Path, name: str = "m.py") -> str:
    found = uris.from_fs_path(str(folder / name))
    assert found is not None
    return found


def open_text(client: LanguageClient, uri: str, text: str, version: int = 1) -> None:
    item = types.TextDocumentItem(uri=uri, language_id="python", version=version, text=text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))


def change_text(client: LanguageClient, uri: str, text: str, version: int) -> None:
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(version, uri), [types.TextDocumentContentChangeWholeDocument(text)]
        )
    )


async def diagnostics(client: LanguageClient, uri: str) -> list[types.Diagnostic]:
    """The next diagnostics that the server publishes, which are those of one document."""
    await asyncio.wait_for(client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS), 30)
    return list(client.diagnostics[uri])


async def code_actions(client: LanguageClient, uri: str, line: int, only: list[str] | None = None) -> list[types.CodeAction]:
    place = types.Position(line, 0)
    params = types.CodeActionParams(
        types.TextDocumentIdentifier(uri), types.Range(place, place), types.CodeActionContext([], only=only)
    )
    found = await asyncio.wait_for(client.text_document_code_action_async(params), 30)
    assert all(isinstance(action, (types.CodeAction, types.Command)) for action in found or [])  # lsprotocol reads an action with a command as a command
    return list(found or [])


def edits_of(action: types.CodeAction, version: int) -> list[types.TextEdit]:
    """The edits of an action, which must be of one document in this version."""
    assert action.edit is not None
    (change,) = action.edit.document_changes or []
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document.version == version
    return [edit for edit in change.edits if isinstance(edit, types.TextEdit)]


@pytest.mark.asyncio
async def test_a_finding_underlines_the_loops_header(client: LanguageClient, tmp_path: Path) -> None:
    uri = uri_of(tmp_path)
    open_text(client, uri, READS)
    (found,) = await diagnostics(client, uri)
    assert (found.source, found.code, found.severity) == ("par-lint", "PRL101", types.DiagnosticSeverity.Warning)
    assert found.message.startswith("`path.read_bytes` waits for one file at a time")
    assert found.range == types.Range(types.Position(5, 4), types.Position(5, 21))


@pytest.mark.asyncio
async def test_a_code_links_to_the_page_of_its_rule(client: LanguageClient, tmp_path: Path, user_cache: Path) -> None:
    uri = uri_of(tmp_path)
    open_text(client, uri, READS)
    (found,) = await diagnostics(client, uri)
    assert found.code_description is not None
    path = uris.to_fs_path(found.code_description.href)
    assert path is not None
    assert Path(path) == user_cache / "par-lint" / __version__ / "PRL101.md"
    assert Path(path).read_text() == markdown("PRL101")
    assert [file.name for file in user_cache.rglob("*") if file.is_file()] == ["PRL101.md"]


@pytest.mark.asyncio
async def test_findings_are_never_faded_or_struck_out(client: LanguageClient, tmp_path: Path) -> None:
    """Though the editor takes tags: nothing that is found is without use, or not to be used any more."""
    for folder in (Path(__file__).parents[1] / "fixtures").glob("PRL*"):
        path = sorted(folder.glob("report*.py"))[0]
        uri = uri_of(tmp_path, f"{folder.name}.py")
        open_text(client, uri, path.read_text())
        found = await diagnostics(client, uri)
        assert found
        assert not any(one.tags for one in found)


@pytest.mark.asyncio
@pytest.mark.parametrize(("client", "start"), [("utf-8", 29), ("utf-16", 26), ("utf-32", 25)], indirect=["client"])
async def test_columns_are_counted_as_the_editor_asks(client: LanguageClient, tmp_path: Path, start: int) -> None:
    uri = uri_of(tmp_path)
    open_text(client, uri, WIDE)
    (found,) = await diagnostics(client, uri)
    assert found.range.start == types.Position(4, start)
    assert found.range.end == types.Position(4, start + len("[Path(n).read_text() for n in names]"))
    (safe, *_) = await code_actions(client, uri, 4)
    assert safe.is_preferred


@pytest.mark.asyncio
async def test_fixes_are_of_the_unsaved_text(client: LanguageClient, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("as it was before\n")
    uri = uri_of(tmp_path)
    open_text(client, uri, "x = 1\n")
    assert await diagnostics(client, uri) == []
    change_text(client, uri, READS, 2)
    assert len(await diagnostics(client, uri)) == 1
    safe, comment, everything = await code_actions(client, uri, 5)
    assert (safe.title, safe.kind, safe.is_preferred) == (f"{TITLE} (safe)", types.CodeActionKind.QuickFix, True)
    assert [diagnostic.code for diagnostic in safe.diagnostics or []] == ["PRL101"]
    assert edits_of(safe, 2) == edits_of(everything, 2) != []
    assert edits_of(comment, 2) == [types.TextEdit(types.Range(types.Position(5, 22), types.Position(5, 22)), "  # noqa: PRL101")]
    assert everything.kind == "source.fixAll.par-lint"


@pytest.mark.asyncio
async def test_unsafe_fixes_are_offered_singly_and_never_at_once(client: LanguageClient, tmp_path: Path) -> None:
    uri = uri_of(tmp_path)
    open_text(client, uri, COPIES)
    await diagnostics(client, uri)
    unsafe, comment = await code_actions(client, uri, 4)
    assert unsafe.title == f"{TITLE} (unsafe: `copy()` changes files, line 6)"
    assert not unsafe.is_preferred
    assert comment.title == "Disable PRL101 for this line"
    assert await code_actions(client, uri, 4, ["source.fixAll"]) == []
    assert await code_actions(client, uri, 0) == []


@pytest.mark.asyncio
async def test_an_editor_asks_for_kinds(client: LanguageClient, tmp_path: Path) -> None:
    uri = uri_of(tmp_path)
    open_text(client, uri, READS)
    await diagnostics(client, uri)
    for only in ("source", "source.fixAll", "source.fixAll.par-lint"):
        assert [action.kind for action in await code_actions(client, uri, 0, [only])] == ["source.fixAll.par-lint"]
    assert len(await code_actions(client, uri, 5, ["quickfix"])) == 2
    assert await code_actions(client, uri, 5, ["refactor", "source.fixAll.ruff", "source.organizeImports"]) == []


@pytest.mark.asyncio
async def test_the_reason_of_a_withheld_fix_is_related(client: LanguageClient, tmp_path: Path) -> None:
    uri = uri_of(tmp_path)
    open_text(client, uri, BY_HAND)
    (found,) = await diagnostics(client, uri)
    (related,) = found.related_information or []
    assert related.message == "not fixed: `path` is used after the loop"
    assert related.location.uri == uri


@pytest.mark.asyncio
async def test_hovering_shows_the_rules_page(client: LanguageClient, tmp_path: Path) -> None:
    uri = uri_of(tmp_path)
    open_text(client, uri, READS)
    await diagnostics(client, uri)
    asked = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(5, 6))
    shown = await client.text_document_hover_async(asked)
    assert shown is not None
    assert isinstance(shown.contents, types.MarkupContent)
    assert "Fix safety" in shown.contents.value
    asked.position = types.Position(0, 0)
    assert await client.text_document_hover_async(asked) is None


@pytest.mark.asyncio
async def test_the_newest_text_wins_and_closing_takes_findings_away(client: LanguageClient, tmp_path: Path) -> None:
    uri = uri_of(tmp_path)
    open_text(client, uri, READS)
    published: list[types.PublishDiagnosticsParams] = []
    for version in range(2, 30):  # typed faster than anything can be looked at
        change_text(client, uri, READS + "x" * version, version)
    change_text(client, uri, "x = 1\n", 30)
    while not published or published[-1].version != 30:
        published.append(await asyncio.wait_for(client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS), 30))
    assert len(published) <= 2
    assert list(client.diagnostics[uri]) == []
    change_text(client, uri, READS, 31)
    assert len(await diagnostics(client, uri)) == 1
    client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    assert await diagnostics(client, uri) == []


@pytest.mark.asyncio
async def test_an_answer_about_an_older_text_is_withdrawn(client: LanguageClient, tmp_path: Path) -> None:
    uri = uri_of(tmp_path)
    open_text(client, uri, READS)
    await diagnostics(client, uri)
    asking = asyncio.ensure_future(code_actions(client, uri, 5))
    await asyncio.sleep(0)
    change_text(client, uri, COPIES, 2)
    try:
        found = await asking
    except Exception as error:
        assert getattr(error, "code", None) == types.LSPErrorCodes.ContentModified
    else:  # it was sent before the change came
        assert all(edits_of(action, 1) for action in found)
    assert len(await diagnostics(client, uri)) == 1


@pytest.mark.asyncio
async def test_text_that_is_no_python_stops_nothing(client: LanguageClient, tmp_path: Path) -> None:
    uri = uri_of(tmp_path)
    open_text(client, uri, "def broken(:\n\x00\ud83d\x0c'''")
    assert [found.code for found in await diagnostics(client, uri)] == ["E999"]
    assert await code_actions(client, uri, 0) == []
    assert await code_actions(client, uri, 10**6) == []
    change_text(client, uri, "'\x0c'\n" + READS, 2)
    (found,) = await diagnostics(client, uri)
    assert found.range.start.line == 6
    assert client.messages == []


@pytest.mark.asyncio
async def test_a_broken_configuration_is_one_message(client: LanguageClient, tmp_path: Path) -> None:
    config = tmp_path / "pyproject.toml"
    config.write_text("[tool.par-lint]\nrun-time = 'x'\n")
    uri = uri_of(tmp_path)
    open_text(client, uri, READS)
    while not client.messages:
        await asyncio.sleep(0.05)
    change_text(client, uri, READS + "\n", 2)
    assert await code_actions(client, uri, 5) == []
    await asyncio.sleep(0.5)  # until the changed text was checked, too
    assert uri not in client.diagnostics
    (message,) = client.messages
    assert message.type == types.MessageType.Error
    assert message.message.startswith(f"par-lint: {config}: [tool.par-lint] run-time: unknown key; did you mean 'runtime'?")
    config.write_text("[tool.par-lint.workers]\nfile = 33\n")
    change = types.FileEvent(config.as_uri(), types.FileChangeType.Changed)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
    (found,) = await diagnostics(client, uri)
    assert "max_workers=33" in found.message


@pytest.mark.asyncio
async def test_a_missing_runtime_is_said_in_an_action_and_found_once_it_is_there(client: LanguageClient, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'app'\n")
    uri = uri_of(tmp_path)
    open_text(client, uri, READS)
    await diagnostics(client, uri)
    for _ in range(2):
        note, disable = await code_actions(client, uri, 5)
        reason = f"PRL101: no fix yet: {tmp_path / 'pyproject.toml'} does not list par-lint"
        assert (note.title, disable.title) == (f"{reason}; copy the runtime to {tmp_path / 'parallel.py'} first", "Disable PRL101 for this line")
    assert client.messages == []  # editors ask for actions whenever the cursor moves
    published = asyncio.create_task(diagnostics(client, uri))
    await asyncio.sleep(0)  # it listens: the diagnostics may come before the answer to the command
    await client.workspace_execute_command_async(types.ExecuteCommandParams("par-lint.vendor", [uri]))
    await published
    (safe, *_) = await code_actions(client, uri, 5)
    assert "from parallel import run_parallel" in "".join(edit.new_text for edit in edits_of(safe, 1))


@pytest.mark.asyncio
async def test_files_that_flake8_leaves_out_are_silent(client: LanguageClient, tmp_path: Path) -> None:
    (tmp_path / ".flake8").write_text("[flake8]\nexclude = generated\nper-file-ignores = quiet.py: PRL101\n")
    for name in ("generated/m.py", "quiet.py"):
        uri = uri_of(tmp_path, name)
        open_text(client, uri, READS)
        assert await diagnostics(client, uri) == []
        assert await code_actions(client, uri, 5) == []


@pytest.mark.asyncio
async def test_the_projects_choice_and_baseline_hold(client: LanguageClient, tmp_path: Path) -> None:
    """As for `par-lint check`: by its own table, by flake8's selection, and by the baseline that the table names."""
    uri, known = uri_of(tmp_path), tmp_path / "known.json"
    (tmp_path / "m.py").write_text(READS)
    subprocess.run([sys.executable, "-m", "par_lint", "check", "--write-baseline", str(known), "m.py"], check=True, cwd=tmp_path, timeout=60, capture_output=True)
    open_text(client, uri, READS)
    assert len(await diagnostics(client, uri)) == 1
    for name, text, shown in (
        ("pyproject.toml", "[tool.par-lint]\nignore = ['sequential-file-io']\n", 0), ("pyproject.toml", "[tool.par-lint]\nselect = ['prl1']\n", 1),
        ("pyproject.toml", "[tool.par-lint]\nexclude = ['m.py']\n", 0), ("pyproject.toml", "[tool.par-lint]\nbaseline = 'known.json'\n", 0),
        ("pyproject.toml", "[project]\nname = 'par-lint'\n", 1), (".flake8", "[flake8]\nselect = E,PRL2\n", 0), (".flake8", "[flake8]\nselect = E,F\n", 0), (".flake8", "[flake8]\nselect = PRL1\n", 1),
    ):  # fmt: skip
        (tmp_path / name).write_text(f"{text}[project]\nname = 'par-lint'\n" if "[tool" in text else text)
        change = types.FileEvent((tmp_path / name).as_uri(), types.FileChangeType.Changed)
        client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
        assert len(await diagnostics(client, uri)) == shown, text
        assert bool(await code_actions(client, uri, 5)) is bool(shown), text
    assert client.messages == []


def test_without_pygls_one_line_names_the_extra(tmp_path: Path) -> None:
    (tmp_path / "pygls.py").write_text("raise ModuleNotFoundError(\"No module named 'pygls'\", name='pygls')\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from par_lint.frontends.cli.main import main; sys.exit(main(['lsp']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line == "par-lint: the language server needs pygls 2 or newer (No module named 'pygls'): pip install \"par-lint[lsp]\""

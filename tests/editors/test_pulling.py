"""The language server with an editor that pulls diagnostics, resolves actions and has settings, as VS Code does."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient
from small_texts import COPIES, READS

pytestmark = pytest.mark.usefixtures("user_cache")
SERVER = ClientServerConfig(server_command=[sys.executable, "-m", "par_lint", "lsp"])
CAPABILITIES = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(
        diagnostic=types.DiagnosticClientCapabilities(),
        code_action=types.CodeActionClientCapabilities(
            data_support=True, resolve_support=types.ClientCodeActionResolveOptions(["edit"]),
        ),
    ),
    workspace=types.WorkspaceClientCapabilities(
        configuration=True, diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True),
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
    ),
)  # fmt: skip


@pytest_lsp.fixture(config=SERVER)
async def client(lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    """An editor that has `tmp_path` open."""
    lsp_client.set_configuration({"par-lint": {"severity": "information"}})
    folder = types.WorkspaceFolder(tmp_path.as_uri(), "project")
    await lsp_client.initialize_session(types.InitializeParams(capabilities=CAPABILITIES, workspace_folders=[folder]))
    yield
    await lsp_client.shutdown_session()


def open_text(client: LanguageClient, uri: str, text: str) -> None:
    client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, text)))


def change_text(client: LanguageClient, uri: str, text: str, version: int) -> None:
    changes = [types.TextDocumentContentChangeWholeDocument(text)]
    client.text_document_did_change(types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(version, uri), changes))


async def pull(client: LanguageClient, uri: str, previous: str | None = None) -> Any:
    params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri), previous_result_id=previous)
    return await asyncio.wait_for(client.text_document_diagnostic_async(params), 60)


async def codes(client: LanguageClient, uri: str) -> list[tuple[Any, int]]:
    """The code and line (0-based) of each diagnostic."""
    return [(found.code, found.range.start.line) for found in (await pull(client, uri)).items]


async def actions(client: LanguageClient, uri: str, line: int, only: list[str] | None = None) -> list[types.CodeAction]:
    place = types.Position(line, 0)
    params = types.CodeActionParams(types.TextDocumentIdentifier(uri), types.Range(place, place), types.CodeActionContext([], only=only))
    found = await asyncio.wait_for(client.text_document_code_action_async(params), 60)
    return [action for action in found or [] if isinstance(action, types.CodeAction)]


@pytest.mark.asyncio
async def test_diagnostics_are_pulled_and_not_pushed_too(client: LanguageClient, tmp_path: Path) -> None:
    uri = (tmp_path / "m.py").as_uri()
    open_text(client, uri, READS)
    report = await pull(client, uri)
    assert [(found.code, found.severity) for found in report.items] == [("PRL101", types.DiagnosticSeverity.Information)]
    assert (await pull(client, uri, report.result_id)).kind == "unchanged"
    change_text(client, uri, COPIES, 2)
    assert [found.range.start.line for found in (await pull(client, uri, report.result_id)).items] == [4]
    client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    assert list((await pull(client, uri)).items) == []
    assert client.diagnostics == {}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["with space.py", "größe.py", "100%.py", "50%25.py"])
async def test_any_file_name_will_do(client: LanguageClient, tmp_path: Path, name: str) -> None:
    """In a URI, these are percent-encoded."""
    uri = (tmp_path / name).as_uri()
    open_text(client, uri, READS)
    assert await codes(client, uri) == [("PRL101", 5)]
    assert (await client.code_action_resolve_async((await actions(client, uri, 5))[0])).edit is not None


@pytest.mark.asyncio
async def test_edits_are_sent_when_the_user_chose_an_action(client: LanguageClient, tmp_path: Path) -> None:
    uri = (tmp_path / "m.py").as_uri()
    open_text(client, uri, READS)
    offered = await actions(client, uri, 5)
    assert [action.edit for action in offered] == [None, None, None]
    resolved = [await client.code_action_resolve_async(action) for action in offered]
    new = ["".join(edit.new_text for edit in action.edit.document_changes[0].edits) for action in resolved]  # type: ignore[union-attr, index]
    assert "in run_parallel(" in new[0]
    assert new[1] == "  # noqa: PRL101"
    assert "in run_parallel(" in new[2]
    assert offered[2].kind == "source.fixAll.par-lint"


@pytest.mark.asyncio
async def test_an_action_that_is_not_possible_after_all_says_so(client: LanguageClient, tmp_path: Path) -> None:
    uri = (tmp_path / "m.py").as_uri()
    (tmp_path / ".flake8").write_text("[flake8]\ndisable-noqa = true\n")
    open_text(client, uri, READS)
    comment = next(action for action in await actions(client, uri, 5) if action.title.startswith("Disable"))
    assert (await client.code_action_resolve_async(comment)).edit is None
    (message,) = client.messages
    assert message.message == f"par-lint: cannot be applied to this code: {comment.title}"


@pytest.mark.asyncio
async def test_findings_stay_in_place_while_the_text_does_not_parse(client: LanguageClient, tmp_path: Path) -> None:
    uri = (tmp_path / "m.py").as_uri()
    open_text(client, uri, READS)
    assert await codes(client, uri) == [("PRL101", 5)]
    change_text(client, uri, "x = (\n" + READS, 2)
    (error, kept) = (await pull(client, uri)).items
    assert (error.code, error.severity, error.message.partition(":")[0]) == ("E999", types.DiagnosticSeverity.Error, "SyntaxError")
    assert (kept.code, kept.range.start) == ("PRL101", types.Position(6, 4))
    change_text(client, uri, "x = (\n" + READS.replace("in paths:", "in paths["), 3)  # that line was changed: who knows
    assert [code for code, _ in await codes(client, uri)] == ["E999"]
    change_text(client, uri, READS, 4)
    assert await codes(client, uri) == [("PRL101", 5)]


@pytest.mark.asyncio
async def test_findings_stay_while_the_settings_are_invalid(client: LanguageClient, tmp_path: Path) -> None:
    uri = (tmp_path / "m.py").as_uri()
    open_text(client, uri, READS)
    assert await codes(client, uri) == [("PRL101", 5)]
    (tmp_path / "pyproject.toml").write_text("[tool.par-lint]\nnonsense = 1\n")
    assert await codes(client, uri) == [("PRL101", 5)]
    assert len(client.messages) == 1
    (tmp_path / "setup.cfg").write_text("[flake8]\nselect = \u00e9!\n")  # flake8 exits for this
    assert await codes(client, uri) == [("PRL101", 5)]
    (tmp_path / "pyproject.toml").unlink()
    (tmp_path / "setup.cfg").unlink()
    change_text(client, uri, "", 2)
    assert await codes(client, uri) == []


@pytest.mark.asyncio
async def test_the_severity_is_a_setting_of_the_editor(client: LanguageClient, tmp_path: Path) -> None:
    uri = (tmp_path / "m.py").as_uri()
    open_text(client, uri, READS)
    for named, severity in (("error", types.DiagnosticSeverity.Error), ("hint", types.DiagnosticSeverity.Hint), ("loud", types.DiagnosticSeverity.Warning)):
        client.set_configuration({"par-lint": {"severity": named}})
        client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))
        assert [found.severity for found in (await pull(client, uri)).items] == [severity]
    (message,) = client.messages
    assert message.message == "par-lint.severity: unknown value 'loud'; use one of error, warning, information, hint"


@pytest.mark.asyncio
@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "vscode-notebook-cell:/elsewhere/book.ipynb#W0sZmlsZQ%3D%3D"])
async def test_what_is_no_file_is_checked_too(client: LanguageClient, uri: str) -> None:
    open_text(client, uri, READS)
    assert await codes(client, uri) == [("PRL101", 5)]
    resolved = await client.code_action_resolve_async((await actions(client, uri, 5))[0])
    assert "from par_lint.parallel import run_parallel" in str(resolved.edit)


@pytest.mark.asyncio
async def test_lines_for_ipython_hide_nothing_in_a_cell(client: LanguageClient, tmp_path: Path) -> None:
    uri = f"vscode-notebook-cell:{tmp_path}/book.ipynb#W1"
    open_text(client, uri, "%matplotlib inline\n!ls\n" + READS)
    assert await codes(client, uri) == [("PRL101", 7)]
    other = f"vscode-notebook-cell:{tmp_path}/book.ipynb#W2"
    open_text(client, other, "found = !ls\n" + READS)
    assert await codes(client, other) == []  # not Python, and no error of the user's
    assert await codes(client, uri) == [("PRL101", 7)]


@pytest.mark.asyncio
async def test_commands_vendor_the_runtime_and_list_the_rules(client: LanguageClient, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'app'\n")
    uri = (tmp_path / "m.py").as_uri()
    open_text(client, uri, READS)
    await client.workspace_execute_command_async(types.ExecuteCommandParams("par-lint.vendor", [uri]))
    assert client.messages[-1].message.startswith(f"par-lint: {tmp_path / 'parallel.py'} written")
    resolved = await client.code_action_resolve_async((await actions(client, uri, 5))[0])
    assert "from parallel import run_parallel" in str(resolved.edit)
    await client.workspace_execute_command_async(types.ExecuteCommandParams("par-lint.vendor", [uri]))
    assert client.messages[-1].message == "par-lint: no copy is needed: m.py can import run_parallel from parallel"
    rules = await client.workspace_execute_command_async(types.ExecuteCommandParams("par-lint.rules"))
    assert isinstance(rules, list)
    assert {"code": "PRL101", "name": "sequential-file-io"}.items() <= rules[0].items()
    assert str(rules[0]["page"]).endswith("PRL101.md")


@pytest.mark.asyncio
async def test_fixes_are_ready_when_they_are_asked_for(client: LanguageClient, tmp_path: Path) -> None:
    """In a long file one fix takes seconds; while the user reads the finding, the server computes all of them."""
    body = "\n\n".join(READS.partition("\n\n\n")[2].replace("sizes", f"sizes{number}") + "\n" for number in range(12))
    fill = "".join(f"def f{number}(x):\n    y = [x, {number}]\n    return g(y) if y else h({{'a': x}})\n\n\n" for number in range(950))
    uri = (tmp_path / "m.py").as_uri()
    open_text(client, uri, f"from pathlib import Path\n\n\n{fill}{body}")
    lines = [line for _, line in await codes(client, uri)]
    assert len(lines) == 12
    await asyncio.sleep(1)
    await actions(client, uri, lines[0])  # waits for what is under way
    taken = []
    for line in lines:
        fix = (await actions(client, uri, line))[0]
        start = time.perf_counter()
        assert (await client.code_action_resolve_async(fix)).edit is not None
        taken.append(time.perf_counter() - start)
    assert sorted(taken)[-2] < 0.15, taken

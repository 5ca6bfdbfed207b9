"""`par-lint lsp`: the language server. Findings as you type, and their fixes as quick fixes, on stdin and stdout."""

from __future__ import annotations

import os
import sys
from typing import Any

from lsprotocol import types
from lsprotocol.converters import get_converter

from par_lint.core.config.settings import ConfigError
from par_lint.core.files.read_errors import Problem
from par_lint.engine.runtime_module.location import clear_project_cache
from par_lint.frontends.editors import commands
from par_lint.frontends.editors.code_actions import FIX_ALL, QUICK_FIX
from par_lint.frontends.editors.document_server import DocumentServer, QuestionFailed
from par_lint.frontends.editors.editor_settings import SECTION
from par_lint.frontends.editors.lsp_messages import SOURCE, VENDOR
from par_lint.rules.rule_docs import markdown

_TYPING_SECONDS = 0.2  # after the last change, before a text is checked
_SETTINGS = ("pyproject.toml", "setup.cfg", "tox.ini", ".flake8")
_converter = get_converter()
SERVER = DocumentServer()


@SERVER.feature(types.INITIALIZE)
def initialize(ls: DocumentServer, params: types.InitializeParams) -> None:
    """Take the settings of editors that send them at the start."""
    ls.apply_settings(params.initialization_options)


@SERVER.feature(types.INITIALIZED)
async def initialized(ls: DocumentServer, params: types.InitializedParams) -> None:
    """Ask for the settings, and register for their changes and those of settings files, if the editor supports it."""
    ls.ask_for_settings()
    workspace = ls.client_capabilities.workspace
    registrations = []
    configuration = workspace and workspace.did_change_configuration
    if configuration and configuration.dynamic_registration:
        section = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
        registrations.append(types.Registration("par-lint-editor-settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, section))
    watching = workspace and workspace.did_change_watched_files
    if watching and watching.dynamic_registration:
        watchers = [types.FileSystemWatcher(f"**/{name}") for name in _SETTINGS]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        registrations.append(types.Registration("par-lint-settings", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
    if registrations:
        await ls.client_register_capability_async(types.RegistrationParams(registrations))


@SERVER.feature(types.TEXT_DOCUMENT_DID_OPEN)
def opened(ls: DocumentServer, params: types.DidOpenTextDocumentParams) -> None:
    """Check a new document immediately."""
    ls.schedule_check(params.text_document.uri)


@SERVER.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(ls: DocumentServer, params: types.DidChangeTextDocumentParams) -> None:
    """Check a document when the user pauses typing."""
    ls.schedule_check(params.text_document.uri, _TYPING_SECONDS)


@SERVER.feature(types.TEXT_DOCUMENT_DID_SAVE)
def saved(ls: DocumentServer, params: types.DidSaveTextDocumentParams) -> None:
    """Check a saved document again. Its project may have changed with it: dependencies, a copy of the runtime."""
    clear_project_cache()
    ls.schedule_check(params.text_document.uri)


@SERVER.feature(types.TEXT_DOCUMENT_DID_CLOSE)
def closed(ls: DocumentServer, params: types.DidCloseTextDocumentParams) -> None:
    """Remove the findings of a closed document."""
    ls.forget(params.text_document.uri)


@SERVER.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
def settings_changed(ls: DocumentServer, params: types.DidChangeWatchedFilesParams) -> None:
    """Check all open documents again."""
    ls.schedule_check_all()


@SERVER.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
def configured(ls: DocumentServer, params: types.DidChangeConfigurationParams) -> None:
    """Check all open documents again, with the new settings of the editor."""
    if not ls.ask_for_settings():
        ls.apply_settings(params.settings)
    ls.schedule_check_all()


@SERVER.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
def folders_changed(ls: DocumentServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Check all open documents again."""
    ls.schedule_check_all()


@SERVER.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False, identifier=SOURCE))
async def pulled(ls: DocumentServer, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """Return the diagnostics of a document to an editor that decides itself when it needs them."""
    return await ls.pull(params.text_document.uri, params.previous_result_id)


@SERVER.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions([types.CodeActionKind(QUICK_FIX), FIX_ALL], resolve_provider=True))
async def code_actions(ls: DocumentServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Return the actions for a range."""
    asked, context = _converter.unstructure(params.range), _converter.unstructure(params.context)
    try:
        found = await ls.ask(params.text_document.uri, lambda messages: messages.actions(asked, context))
    except QuestionFailed:
        return []
    return [_converter.structure(one, types.CodeAction) for one in found or []]


@SERVER.feature(types.CODE_ACTION_RESOLVE)
async def resolved(ls: DocumentServer, action: types.CodeAction) -> types.CodeAction:
    """Return an action with its edits, now that the user chose it."""
    data: Any = action.data
    if action.edit is not None or not isinstance(data, dict):
        return action
    try:
        found = await ls.ask(data["uri"], lambda messages: messages.resolve(data))
    except QuestionFailed:
        return action
    if found is None:
        ls.show(types.MessageType.Warning, f"cannot be applied to this code: {action.title}")
        return action
    action.edit = _converter.structure(found, types.WorkspaceEdit)
    return action


@SERVER.feature(types.TEXT_DOCUMENT_HOVER)
async def hovered(ls: DocumentServer, params: types.HoverParams) -> types.Hover | None:
    """Return the page of the rule whose finding is under the pointer."""
    place = _converter.unstructure(params.position)
    try:
        found = await ls.ask(params.text_document.uri, lambda messages: messages.find_code(place))
    except QuestionFailed:
        return None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, markdown(found))) if found else None


@SERVER.command(VENDOR)
async def vendor(ls: DocumentServer, uri: str) -> None:
    """Copy the runtime into the project of a document, and say where."""
    document = ls.workspace.get_text_document(uri)
    location = ls.location(uri)
    if not location.is_file:
        ls.show(types.MessageType.Warning, "save the file first: the runtime is copied into its project")
        return
    try:
        said, is_new = await ls.run(lambda: commands.vendor_for(location.path, document.source))
    except (Problem, ConfigError) as error:
        ls.show(types.MessageType.Error, str(error))
        return
    ls.show(types.MessageType.Info, said)
    if is_new:
        ls.schedule_check_all()


@SERVER.command(commands.RULES)
def rules(ls: DocumentServer) -> list[dict[str, str | None]]:
    """Return all rules, for an editor to show a list of them."""
    return commands.rules()


def serve() -> int:
    """Serve one editor until it exits. Everything else that is printed goes to stderr, to keep the protocol clean."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        SERVER.start_io(stdout=out)
    return 0

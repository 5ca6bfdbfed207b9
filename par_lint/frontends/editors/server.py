"""`par-lint lsp`: the language server. Findings as you type, and their fixes as quick fixes, on stdin and stdout."""

from __future__ import annotations

import asyncio
import functools
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcContentModified
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from par_lint import __version__
from par_lint.core.config.settings import ConfigError
from par_lint.core.files.read_errors import Problem, internal
from par_lint.engine.runtime_module.location import clear_project_cache
from par_lint.frontends.editors.code_actions import FIX_ALL, QUICK_FIX, Buffer
from par_lint.frontends.editors.protocol import Client, DocumentMessages
from par_lint.frontends.editors.workspace import Workspace
from par_lint.rules.rule_docs import markdown

_TYPING_SECONDS = 0.2  # after the last change, before a text is checked
_SETTINGS = ("pyproject.toml", "setup.cfg", "tox.ini", ".flake8")
_converter = get_converter()
_T = TypeVar("_T")


class Server(LanguageServer):
    """Checks documents in one worker thread while it reads messages. Only the newest state of each document is checked."""

    def __init__(self) -> None:
        # full sync: pygls splits lines where the protocol does not (form feeds), so incremental edits would be misplaced
        super().__init__("par-lint", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self._projects: dict[Path, Workspace] = {}
        self._pending: dict[str, asyncio.Task[None]] = {}
        self._worker = ThreadPoolExecutor(1)
        self._hinted: set[Path] = set()

    def schedule_check(self, uri: str, delay: float = 0) -> None:
        """Check a document after a delay in seconds; cancel the pending check of it."""
        self.cancel(uri)
        self._pending[uri] = asyncio.get_running_loop().create_task(self._check(uri, delay))

    def schedule_check_all(self) -> None:
        """Check all open documents, because their settings may have changed."""
        clear_project_cache()
        for uri in self.workspace.text_documents:
            self.schedule_check(uri)

    def cancel(self, uri: str) -> None:
        """Cancel the pending check of a document."""
        pending = self._pending.pop(uri, None)
        if pending is not None:
            pending.cancel()

    async def _check(self, uri: str, delay: float) -> None:
        await asyncio.sleep(delay)
        try:
            self.publish(uri, await self.ask(uri, lambda messages: messages.diagnostics()) or [])
        except JsonRpcContentModified:
            return

    def publish(self, uri: str, found: list[dict[str, Any]]) -> None:
        """Publish the findings of a document; they replace the earlier ones."""
        document = self.workspace.text_documents.get(uri)
        diagnostics = [_converter.structure(one, types.Diagnostic) for one in found]
        version = document.version if document else None
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    async def ask(self, uri: str, question: Callable[[DocumentMessages], _T]) -> _T | None:
        """Return the answer to a question about a document, computed in the worker; None if there is none.

        Raises JsonRpcContentModified if the document has changed meanwhile.
        """
        document = self.workspace.text_documents.get(uri)
        if document is None:
            return None
        path = Path(to_fs_path(uri) or "untitled.py").absolute()
        root = self._root(path)
        project = self._projects.setdefault(root, Workspace(root))
        version = document.version
        messages = functools.partial(DocumentMessages, uri, version, self._client)
        loop = asyncio.get_running_loop()
        try:
            answer, remedies, failures = await loop.run_in_executor(self._worker, _answer, project, path, document.source, messages, question)
        except Exception as error:  # the server must survive every text and every configuration
            message = str(error if isinstance(error, (Problem, ConfigError)) else internal(path, error))
            if project.should_show(message):
                self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"par-lint: {message}"))
            return None
        for failed in failures:
            if project.should_show(failed):
                self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"par-lint: {failed}"))
        if remedies and root not in self._hinted:
            self._hinted.add(root)
            self.window_show_message(types.ShowMessageParams(types.MessageType.Info, "\n".join(remedies)))
        current = self.workspace.text_documents.get(uri)
        if current is None or current.version != version:
            raise JsonRpcContentModified
        return answer

    def _root(self, path: Path) -> Path:
        """Return the innermost open folder that contains a file; the file's own folder if there is none."""
        uris = [*self.workspace.folders, *([self.workspace.root_uri] if self.workspace.root_uri else [])]
        folders = [Path(folder) for folder in map(to_fs_path, uris) if folder is not None]
        around = [folder for folder in folders if path.is_relative_to(folder)]
        return max(around, key=lambda folder: len(folder.parts), default=path.parent)

    @property
    def _client(self) -> Client:
        edits = self.client_capabilities.workspace and self.client_capabilities.workspace.workspace_edit
        return Client(self.workspace.position_encoding or "utf-16", bool(edits and edits.document_changes))


def _answer(
    project: Workspace, path: Path, text: str, messages: Callable[[Buffer], DocumentMessages], question: Callable[[DocumentMessages], _T]
) -> tuple[_T | None, tuple[str, ...], list[str]]:
    """Return the answer; hints if a fix lacks a runtime module to import; internal errors while making fixes. Runs in the worker."""
    buffer = project.open(path, text)
    if buffer is None:
        return None, (), []
    answer = question(messages(buffer))
    return answer, buffer.settings.runtime.remedies() if buffer.lacks_runtime else (), buffer.failures


SERVER = Server()


@SERVER.feature(types.INITIALIZED)
async def initialized(ls: Server, params: types.InitializedParams) -> None:
    """Register for changes of settings files, if the editor supports it."""
    workspace = ls.client_capabilities.workspace
    watching = workspace and workspace.did_change_watched_files
    if watching and watching.dynamic_registration:
        watchers = [types.FileSystemWatcher(f"**/{name}") for name in _SETTINGS]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        registration = types.Registration("par-lint-settings", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        await ls.client_register_capability_async(types.RegistrationParams([registration]))


@SERVER.feature(types.TEXT_DOCUMENT_DID_OPEN)
def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Check a new document immediately."""
    ls.schedule_check(params.text_document.uri)


@SERVER.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Check a document when the user pauses typing."""
    ls.schedule_check(params.text_document.uri, _TYPING_SECONDS)


@SERVER.feature(types.TEXT_DOCUMENT_DID_SAVE)
def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    """Check a saved document again, including what depends on other files."""
    clear_project_cache()
    ls.schedule_check(params.text_document.uri)


@SERVER.feature(types.TEXT_DOCUMENT_DID_CLOSE)
def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Remove the findings of a closed document."""
    ls.cancel(params.text_document.uri)
    ls.publish(params.text_document.uri, [])


@SERVER.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
def settings_changed(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Check all open documents again."""
    ls.schedule_check_all()


@SERVER.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
def configured(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    """Check all open documents again."""
    ls.schedule_check_all()


@SERVER.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
def folders_changed(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Check all open documents again."""
    ls.schedule_check_all()


@SERVER.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions([types.CodeActionKind(QUICK_FIX), FIX_ALL]))
async def code_actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Return the actions for a range."""
    asked, context = _converter.unstructure(params.range), _converter.unstructure(params.context)
    found = await ls.ask(params.text_document.uri, lambda messages: messages.actions(asked, context))
    return [_converter.structure(one, types.CodeAction) for one in found or []]


@SERVER.feature(types.TEXT_DOCUMENT_HOVER)
async def hovered(ls: Server, params: types.HoverParams) -> types.Hover | None:
    """Return the page of the rule whose finding is under the pointer."""
    place = _converter.unstructure(params.position)
    found = await ls.ask(params.text_document.uri, lambda messages: messages.find_code(place))
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, markdown(found))) if found else None


def serve() -> int:
    """Serve one editor until it exits. Everything else that is printed goes to stderr, to keep the protocol clean."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        SERVER.start_io(stdout=out)
    return 0

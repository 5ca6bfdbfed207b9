"""`par-lint lsp`: the language server. Findings as you type, and their fixes as quick fixes; speaks on stdin and stdout."""

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
from par_lint.core.files.problems import Problem, internal
from par_lint.engine.runtime_module.location import forget_projects
from par_lint.frontends.editors.actions import FIX_ALL, QUICK_FIX, Buffer
from par_lint.frontends.editors.protocol import Client, DocumentMessages
from par_lint.frontends.editors.workspace import Workspace
from par_lint.rules.pages import markdown

_TYPING_SECONDS = 0.2  # of silence before a text that is being typed is looked at
_SETTINGS = ("pyproject.toml", "setup.cfg", "tox.ini", ".flake8")
_converter = get_converter()
_T = TypeVar("_T")


class Server(LanguageServer):
    """Looks at documents, one at a time, beside the reading of messages. Only the newest state of each is looked at."""

    def __init__(self) -> None:
        # the whole text each time: pygls divides lines where the protocol does not (form feeds), and edits would go astray
        super().__init__("par-lint", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self._projects: dict[Path, Workspace] = {}
        self._pending: dict[str, asyncio.Task[None]] = {}
        self._worker = ThreadPoolExecutor(1)
        self._hinted: set[Path] = set()

    def look_at(self, uri: str, delay: float = 0) -> None:
        """Look at a document after some seconds, instead of any look at it that has not ended."""
        self.drop(uri)
        self._pending[uri] = asyncio.get_running_loop().create_task(self._look(uri, delay))

    def look_at_all(self) -> None:
        """Look at all open documents: what is said of them may have changed."""
        forget_projects()
        for uri in self.workspace.text_documents:
            self.look_at(uri)

    def drop(self, uri: str) -> None:
        """End the look at a document that is under way."""
        pending = self._pending.pop(uri, None)
        if pending is not None:
            pending.cancel()

    async def _look(self, uri: str, delay: float) -> None:
        await asyncio.sleep(delay)
        try:
            self.publish(uri, await self.ask(uri, lambda letter: letter.diagnostics()) or [])
        except JsonRpcContentModified:
            return

    def publish(self, uri: str, found: list[dict[str, Any]]) -> None:
        """Show findings, and no others, on a document."""
        document = self.workspace.text_documents.get(uri)
        diagnostics = [_converter.structure(one, types.Diagnostic) for one in found]
        version = document.version if document else None
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    async def ask(self, uri: str, question: Callable[[DocumentMessages], _T]) -> _T | None:
        """The answer to a question about a document, found in the worker; None where there is nothing to say.

        Raises JsonRpcContentModified when the document has changed meanwhile.
        """
        document = self.workspace.text_documents.get(uri)
        if document is None:
            return None
        path = Path(to_fs_path(uri) or "untitled.py").absolute()
        root = self._root(path)
        project = self._projects.setdefault(root, Workspace(root))
        version = document.version
        letter = functools.partial(DocumentMessages, uri, version, self._client)
        loop = asyncio.get_running_loop()
        try:
            answer, remedies, failures = await loop.run_in_executor(self._worker, _answer, project, path, document.source, letter, question)
        except Exception as error:  # the server of an editor outlives every text and every configuration
            message = str(error if isinstance(error, (Problem, ConfigError)) else internal(path, error))
            if project.is_news(message):
                self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"par-lint: {message}"))
            return None
        for failed in failures:
            if project.is_news(failed):
                self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"par-lint: {failed}"))
        if remedies and root not in self._hinted:
            self._hinted.add(root)
            self.window_show_message(types.ShowMessageParams(types.MessageType.Info, "\n".join(remedies)))
        current = self.workspace.text_documents.get(uri)
        if current is None or current.version != version:
            raise JsonRpcContentModified
        return answer

    def _root(self, path: Path) -> Path:
        """The innermost folder that is open and holds a file; the file's own folder where none does."""
        uris = [*self.workspace.folders, *([self.workspace.root_uri] if self.workspace.root_uri else [])]
        folders = [Path(folder) for folder in map(to_fs_path, uris) if folder is not None]
        around = [folder for folder in folders if path.is_relative_to(folder)]
        return max(around, key=lambda folder: len(folder.parts), default=path.parent)

    @property
    def _client(self) -> Client:
        edits = self.client_capabilities.workspace and self.client_capabilities.workspace.workspace_edit
        return Client(self.workspace.position_encoding or "utf-16", bool(edits and edits.document_changes))


def _answer(
    project: Workspace, path: Path, text: str, letter: Callable[[Buffer], DocumentMessages], question: Callable[[DocumentMessages], _T]
) -> tuple[_T | None, tuple[str, ...], list[str]]:
    """In the worker: the answer; where a fix lacks a runtime to import, what helps; where par-lint failed to make a fix."""
    buffer = project.open(path, text)
    if buffer is None:
        return None, (), []
    answer = question(letter(buffer))
    return answer, buffer.settings.runtime.remedies() if buffer.lacks_runtime else (), buffer.failures


SERVER = Server()


@SERVER.feature(types.INITIALIZED)
async def initialized(ls: Server, params: types.InitializedParams) -> None:
    """Ask to be told of changed settings, where the editor can tell."""
    workspace = ls.client_capabilities.workspace
    watching = workspace and workspace.did_change_watched_files
    if watching and watching.dynamic_registration:
        watchers = [types.FileSystemWatcher(f"**/{name}") for name in _SETTINGS]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        registration = types.Registration("par-lint-settings", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        await ls.client_register_capability_async(types.RegistrationParams([registration]))


@SERVER.feature(types.TEXT_DOCUMENT_DID_OPEN)
def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Look at a new document at once."""
    ls.look_at(params.text_document.uri)


@SERVER.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Look at a document once its typist pauses."""
    ls.look_at(params.text_document.uri, _TYPING_SECONDS)


@SERVER.feature(types.TEXT_DOCUMENT_DID_SAVE)
def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    """Look again, at what depends on other files too."""
    forget_projects()
    ls.look_at(params.text_document.uri)


@SERVER.feature(types.TEXT_DOCUMENT_DID_CLOSE)
def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Take a document's findings away."""
    ls.drop(params.text_document.uri)
    ls.publish(params.text_document.uri, [])


@SERVER.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
def settings_changed(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Judge all anew."""
    ls.look_at_all()


@SERVER.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
def configured(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    """Judge all anew."""
    ls.look_at_all()


@SERVER.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
def folders_changed(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Judge all anew."""
    ls.look_at_all()


@SERVER.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions([types.CodeActionKind(QUICK_FIX), FIX_ALL]))
async def code_actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    """What can be done about a range."""
    asked, context = _converter.unstructure(params.range), _converter.unstructure(params.context)
    found = await ls.ask(params.text_document.uri, lambda letter: letter.actions(asked, context))
    return [_converter.structure(one, types.CodeAction) for one in found or []]


@SERVER.feature(types.TEXT_DOCUMENT_HOVER)
async def hovered(ls: Server, params: types.HoverParams) -> types.Hover | None:
    """The page of the rule whose finding the pointer is on."""
    place = _converter.unstructure(params.position)
    found = await ls.ask(params.text_document.uri, lambda letter: letter.find_code(place))
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, markdown(found))) if found else None


def serve() -> int:
    """Serve one editor until it leaves; what anything prints meanwhile goes to stderr, not between the messages."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        SERVER.start_io(stdout=out)
    return 0

"""Checks the documents of an editor in one worker thread, and sends what it finds: pushed, or when the editor pulls."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcContentModified, JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from par_lint import __version__
from par_lint.core.config.settings import ConfigError
from par_lint.core.files.read_errors import Problem, internal
from par_lint.engine.runtime_module.location import clear_project_cache
from par_lint.frontends.editors.code_actions import Buffer
from par_lint.frontends.editors.document_location import DocumentLocation, locate
from par_lint.frontends.editors.editor_settings import SECTION, InvalidSetting, severity_in
from par_lint.frontends.editors.lsp_messages import Client, DocumentMessages
from par_lint.frontends.editors.workspace import Workspace

_ANSWER_SECONDS = 2  # for the editor to send its settings; the defaults apply until then
_IDLE_SECONDS = 0.3  # after a check, before the fixes are computed that may be asked for next
_CANCELLED = -32802  # ServerCancelled
_converter = get_converter()
_T = TypeVar("_T")


class QuestionFailed(Exception):
    """A question about a document has no answer: par-lint failed or its configuration is invalid, and the user was told."""


class _Outdated(Exception):
    """The document has changed since the question."""


class DocumentServer(LanguageServer):
    """Answers questions about documents in one worker while it reads messages. Only the newest state of each document is checked."""

    def __init__(self) -> None:
        # full sync: pygls splits lines where the protocol does not (form feeds), so incremental edits would be misplaced
        super().__init__("par-lint", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self._projects: dict[Path, Workspace] = {}
        self._pending: dict[str, asyncio.Task[None]] = {}
        self._worker = ThreadPoolExecutor(1)
        self._reports: dict[str, list[dict[str, Any]]] = {}
        self._settings: asyncio.Task[None] | None = None
        self._severity = severity_in(None)

    # What the editor is and wants -----------------------------------------------------------------------------------

    def apply_settings(self, settings: Any) -> None:
        """Use the settings that the editor sent; those that are invalid are reported, and the defaults apply."""
        try:
            self._severity = severity_in(settings)
        except InvalidSetting as error:
            self._severity = severity_in(None)
            self.show(types.MessageType.Error, str(error))

    def ask_for_settings(self) -> bool:
        """Ask the editor for its settings, if it gives them out. What is checked meanwhile waits for them."""
        workspace = self.client_capabilities.workspace
        if not (workspace and workspace.configuration):
            return False
        self._settings = asyncio.get_running_loop().create_task(self._ask_for_settings())
        return True

    async def _ask_for_settings(self) -> None:
        asked = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
        try:
            found = await asyncio.wait_for(self.workspace_configuration_async(asked), _ANSWER_SECONDS)
        except (asyncio.TimeoutError, JsonRpcException):
            return
        self.apply_settings(found[0] if found else None)

    @property
    def client(self) -> Client:
        """Return the capabilities and settings of the editor."""
        workspace, document = self.client_capabilities.workspace, self.client_capabilities.text_document
        edits = workspace.workspace_edit if workspace else None
        actions = document.code_action if document else None
        resolved = actions.resolve_support.properties if actions and actions.data_support and actions.resolve_support else ()
        return Client(self.workspace.position_encoding or "utf-16", bool(edits and edits.document_changes), "edit" in resolved, self._severity, vendors=True)

    @property
    def _pulls(self) -> bool:
        """Return whether the editor asks for diagnostics: pushing them too would show each twice."""
        document = self.client_capabilities.text_document
        return bool(document and document.diagnostic)

    def show(self, kind: types.MessageType, message: str) -> None:
        """Show a message to the user."""
        self.window_show_message(types.ShowMessageParams(kind, message if message.startswith("par-lint") else f"par-lint: {message}"))

    # When documents are checked -------------------------------------------------------------------------------------

    def schedule_check(self, uri: str, delay: float = 0) -> None:
        """Check a document after a delay in seconds, unless the editor pulls; cancel the pending check of it."""
        self.cancel(uri)
        if not self._pulls:
            self._pending[uri] = asyncio.get_running_loop().create_task(self._check(uri, delay))

    def schedule_check_all(self) -> None:
        """Check all open documents, because their settings or other files may have changed."""
        clear_project_cache()
        workspace = self.client_capabilities.workspace
        if self._pulls and workspace and workspace.diagnostics and workspace.diagnostics.refresh_support:
            self.workspace_diagnostic_refresh(None)
        for document in self.workspace.text_documents.values():
            self.schedule_check(document.uri)

    def cancel(self, uri: str) -> None:
        """Cancel the pending check of a document, or the preparation of its fixes."""
        pending = self._pending.pop(uri, None)
        if pending is not None:
            pending.cancel()

    def forget(self, uri: str) -> None:
        """Remove the findings of a closed document."""
        self.cancel(uri)
        self._reports.pop(uri, None)
        for project in self._projects.values():
            project.close(uri)
        if not self._pulls:
            self._publish(uri, [])

    async def _check(self, uri: str, delay: float) -> None:
        await asyncio.sleep(delay)
        try:
            found = await self.ask(uri, lambda messages: messages.diagnostics())
        except (QuestionFailed, JsonRpcContentModified):
            return  # what is shown stays
        self._publish(uri, found or [])
        await self._prepare(uri)

    def _publish(self, uri: str, found: list[dict[str, Any]]) -> None:
        """Publish the findings of a document; they replace the earlier ones."""
        document = self._document(uri)
        version = document.version if document else None
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, _diagnostics(found), version))

    async def pull(self, uri: str, previous: str | None) -> types.DocumentDiagnosticReport:
        """Return the diagnostics of a document; without an answer, the last ones."""
        try:
            found = await self.ask(uri, lambda messages: messages.diagnostics()) or []
        except QuestionFailed:
            found = self._reports.get(uri, [])
        except JsonRpcContentModified:
            raise JsonRpcException("the document has changed", _CANCELLED, {"retriggerRequest": True}) from None
        self._reports[uri] = found
        self.cancel(uri)
        self._pending[uri] = asyncio.get_running_loop().create_task(self._prepare(uri))
        result = hashlib.sha256(json.dumps(found).encode()).hexdigest()[:16]
        if result == previous:
            return types.RelatedUnchangedDocumentDiagnosticReport(result)
        return types.RelatedFullDocumentDiagnosticReport(_diagnostics(found), result_id=result)

    async def _prepare(self, uri: str) -> None:
        """Compute the fixes of a document when nothing else is to be done: the user may ask for one."""
        await asyncio.sleep(_IDLE_SECONDS)
        try:
            await self.ask(uri, lambda messages: messages.buffer.prepare())
            await self.ask(uri, lambda messages: messages.buffer.prepare_fix_all())  # by itself, so that others need not wait for both
        except (QuestionFailed, JsonRpcContentModified):
            pass

    # Questions about a document -------------------------------------------------------------------------------------

    async def ask(self, uri: str, question: Callable[[DocumentMessages], _T]) -> _T | None:
        """Return the answer to a question about a document, computed in the worker; None if the document is excluded or closed.

        Raises JsonRpcContentModified if the document has changed meanwhile, and QuestionFailed.
        """
        if self._settings is not None:
            await asyncio.shield(self._settings)
        document = self._document(uri)
        if document is None:
            return None
        location = self.location(uri)
        project = self._projects.setdefault(location.root, Workspace(location.root))
        version = document.version
        messages = functools.partial(DocumentMessages, uri, version, self.client)

        def answer() -> tuple[_T | None, list[str]]:
            if self._is_outdated(uri, version):  # typed on while this waited for the worker
                raise _Outdated
            return _answer(project, uri, location, document.source, messages, question)

        try:
            found, failures = await asyncio.get_running_loop().run_in_executor(self._worker, answer)
        except _Outdated:
            raise JsonRpcContentModified from None
        except Exception as error:  # the server must survive every text and every configuration
            message = str(error if isinstance(error, (Problem, ConfigError)) else internal(location.path, error))
            if project.should_show(message):
                self.show(types.MessageType.Error, message)
            raise QuestionFailed from None
        for failed in failures:
            if project.should_show(failed):
                self.show(types.MessageType.Error, failed)
        if self._is_outdated(uri, version):
            raise JsonRpcContentModified
        return found

    async def run(self, task: Callable[[], _T]) -> _T:
        """Return the result of a task, run in the worker."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, task)

    def location(self, uri: str) -> DocumentLocation:
        """Return where a document is."""
        uris = [*(folder.uri for folder in self.workspace.folders.values()), *([self.workspace.root_uri] if self.workspace.root_uri else [])]
        return locate(uri, to_fs_path(uri), [Path(folder) for folder in map(to_fs_path, uris) if folder is not None])

    def _document(self, uri: str) -> TextDocument | None:
        """Return an open document. pygls keeps them under URIs without percent encoding."""
        documents: dict[str, TextDocument] = self.workspace.text_documents
        return documents.get(uri) or documents.get(unquote(uri))

    def _is_outdated(self, uri: str, version: int | None) -> bool:
        current = self._document(uri)
        return current is None or current.version != version


def _answer(
    project: Workspace, uri: str, location: DocumentLocation, text: str, messages: Callable[[Buffer], DocumentMessages],
    question: Callable[[DocumentMessages], _T],
) -> tuple[_T | None, list[str]]:  # fmt: skip
    """Return the answer, and internal errors while making fixes. Runs in the worker."""
    buffer = project.open(location.path, text, key=uri, is_file=location.is_file, is_cell=location.is_cell)
    if buffer is None:
        return None, []
    return question(messages(buffer)), buffer.failures


def _diagnostics(found: list[dict[str, Any]]) -> list[types.Diagnostic]:
    return [_converter.structure(one, types.Diagnostic) for one in found]

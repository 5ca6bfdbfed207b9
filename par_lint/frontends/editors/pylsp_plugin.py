"""The plugin for python-lsp-server: the same findings and actions as `par-lint lsp`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pylsp
from pylsp import lsp

from par_lint.core.config.settings import ConfigError
from par_lint.core.files.read_errors import Problem
from par_lint.frontends.editors.lsp_messages import Client, DocumentMessages
from par_lint.frontends.editors.workspace import Workspace

_F = TypeVar("_F", bound=Callable[..., Any])
_hook: Callable[[_F], _F] = pylsp.hookimpl


@_hook
def pylsp_settings() -> dict[str, Any]:
    """Enable the plugin by default."""
    return {"plugins": {"par_lint": {"enabled": True}}}


@_hook
def pylsp_lint(config: Any, workspace: Any, document: Any) -> list[dict[str, Any]]:
    """Return the diagnostics of a document. Plugins of python-lsp-server itself show syntax errors."""
    messages = _messages_for(config, workspace, document)
    return messages.diagnostics(with_syntax_error=False) if messages else []


@_hook
def pylsp_code_actions(config: Any, workspace: Any, document: Any, range: dict[str, Any], context: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the actions for a range of a document."""
    messages = _messages_for(config, workspace, document)
    return messages.actions(range, context) if messages else []


def _messages_for(config: Any, workspace: Any, document: Any) -> DocumentMessages | None:
    """Return the messages for a document; None if it is excluded, or if its configuration is invalid (the user is notified)."""
    path = Path(document.path)
    project = _project(Path(workspace.root_path or path.parent))
    try:
        buffer = project.open(path, document.source)
    except (Problem, ConfigError) as error:
        if project.should_show(str(error)):
            workspace.show_message(f"par-lint: {error}", lsp.MessageType.Error)
        return None
    edits = config.capabilities.get("workspace", {}).get("workspaceEdit", {})
    client = Client("utf-16", bool(edits.get("documentChanges")))
    return DocumentMessages(document.uri, document.version, client, buffer) if buffer else None


@functools.lru_cache(maxsize=8)
def _project(root: Path) -> Workspace:
    return Workspace(root)

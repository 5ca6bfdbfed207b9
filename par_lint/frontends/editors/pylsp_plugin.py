"""The plugin for python-lsp-server, which shows the same findings and offers the same actions as `par-lint lsp`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pylsp
from pylsp import lsp

from par_lint.core.config.settings import ConfigError
from par_lint.core.files.problems import Problem
from par_lint.frontends.editors.protocol import Client, DocumentMessages
from par_lint.frontends.editors.workspace import Workspace

_F = TypeVar("_F", bound=Callable[..., Any])
_hook: Callable[[_F], _F] = pylsp.hookimpl


@_hook
def pylsp_settings() -> dict[str, Any]:
    """On, unless the user says otherwise."""
    return {"plugins": {"par_lint": {"enabled": True}}}


@_hook
def pylsp_lint(config: Any, workspace: Any, document: Any) -> list[dict[str, Any]]:
    """The findings of a document."""
    letter = _letter(config, workspace, document)
    return letter.diagnostics() if letter else []


@_hook
def pylsp_code_actions(config: Any, workspace: Any, document: Any, range: dict[str, Any], context: dict[str, Any]) -> list[dict[str, Any]]:
    """What can be done about a range of a document."""
    letter = _letter(config, workspace, document)
    return letter.actions(range, context) if letter else []


def _letter(config: Any, workspace: Any, document: Any) -> DocumentMessages | None:
    """Who writes about a document; None where it is excluded or its configuration cannot be used, which the user is told."""
    path = Path(document.path)
    project = _project(Path(workspace.root_path or path.parent))
    try:
        buffer = project.open(path, document.source)
    except (Problem, ConfigError) as error:
        if project.is_news(str(error)):
            workspace.show_message(f"par-lint: {error}", lsp.MessageType.Error)
        return None
    edits = config.capabilities.get("workspace", {}).get("workspaceEdit", {})
    client = Client("utf-16", bool(edits.get("documentChanges")))
    return DocumentMessages(document.uri, document.version, client, buffer) if buffer else None


@functools.lru_cache(maxsize=8)
def _project(root: Path) -> Workspace:
    return Workspace(root)

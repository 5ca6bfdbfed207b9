"""The plugin inside python-lsp-server."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from pylsp import lsp, uris
from pylsp.config.config import Config
from pylsp.workspace import Document, Workspace
from small_texts import READS, WIDE

from par_lint.frontends.editors import pylsp_plugin

pytestmark = pytest.mark.usefixtures("user_cache")


class Endpoint:
    """What a workspace sends its messages through; keeps them."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def notify(self, method: str, params: dict[str, Any]) -> None:
        self.sent.append((method, params))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """pylsp's configuration, with all plugins of this environment."""
    capabilities = {"workspace": {"workspaceEdit": {"documentChanges": True}}}
    return Config(uris.from_fs_path(str(tmp_path)), {}, 0, capabilities)


@pytest.fixture
def workspace(tmp_path: Path, config: Config) -> Workspace:
    """A folder that pylsp serves."""
    return Workspace(uris.from_fs_path(str(tmp_path)), Endpoint(), config)


def document(workspace: Workspace, folder: Path, text: str) -> Document:
    uri = uris.from_fs_path(str(folder / "m.py"))
    workspace.put_document(uri, text, version=7)
    return workspace.get_document(uri)


def test_pylsp_loads_it_and_it_is_on(config: Config) -> None:
    (point,) = [point for point in entry_points(group="pylsp") if point.name == "par_lint"]
    assert point.load() is pylsp_plugin
    assert config.plugin_manager.get_plugin("par_lint") is pylsp_plugin
    assert config.plugin_settings("par_lint") == {"enabled": True}
    assert pylsp_plugin not in config.disabled_plugins


def test_columns_are_utf_16_and_edits_name_the_version(config: Config, workspace: Workspace, tmp_path: Path) -> None:
    opened = document(workspace, tmp_path, WIDE)
    (found,) = pylsp_plugin.pylsp_lint(config, workspace, opened)
    assert found["range"] == {"start": {"line": 4, "character": 26}, "end": {"line": 4, "character": 62}}
    assert found["codeDescription"]["href"].endswith("/PRL101.md")
    assert (found["source"], found["code"], found["severity"]) == ("par-lint", "PRL101", lsp.DiagnosticSeverity.Warning)
    safe, *_ = pylsp_plugin.pylsp_code_actions(config, workspace, opened, found["range"], {"diagnostics": [found]})
    (change,) = safe["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": opened.uri, "version": 7}


def test_an_editor_without_versions_gets_plain_changes(workspace: Workspace, tmp_path: Path) -> None:
    plain = Config(uris.from_fs_path(str(tmp_path)), {}, 0, {})
    opened = document(workspace, tmp_path, READS)
    where = {"start": {"line": 5, "character": 0}, "end": {"line": 5, "character": 0}}
    actions = pylsp_plugin.pylsp_code_actions(plain, workspace, opened, where, {})
    assert [action["kind"] for action in actions] == ["quickfix", "quickfix", "source.fixAll.par-lint"]
    assert all(list(action["edit"]) == ["changes"] for action in actions)


def test_a_broken_configuration_is_a_message(config: Config, workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.par-lint]\nrun-time = 1\n")
    opened = document(workspace, tmp_path, READS)
    workspace._endpoint.sent.clear()
    for _ in range(2):
        assert pylsp_plugin.pylsp_lint(config, workspace, opened) == []
    ((method, params),) = workspace._endpoint.sent
    assert method == "window/showMessage"
    assert "run-time: unknown key" in params["message"]
    (tmp_path / "pyproject.toml").unlink()
    assert len(pylsp_plugin.pylsp_lint(config, workspace, opened)) == 1


@pytest.mark.parametrize(
    ("name", "settings", "count"),
    [
        ("pyproject.toml", "[tool.par-lint]\nignore = ['prl1']\n", 0), ("pyproject.toml", "[tool.par-lint]\nbaseline = 'known.json'\n", 0),
        (".flake8", "[flake8]\nselect = E\n", 0), (".flake8", "[flake8]\nselect = E,prl1\n", 1),
    ],
)  # fmt: skip
def test_the_projects_choice_and_baseline_hold(config: Config, workspace: Workspace, tmp_path: Path, name: str, settings: str, count: int) -> None:
    (tmp_path / "m.py").write_text(READS)
    command = [sys.executable, "-m", "par_lint", "check", "--write-baseline", "known.json", "m.py"]
    subprocess.run(command, check=True, cwd=tmp_path, timeout=60, capture_output=True)
    (tmp_path / name).write_text(settings)
    assert len(pylsp_plugin.pylsp_lint(config, workspace, document(workspace, tmp_path, READS))) == count


@pytest.mark.parametrize("text", ["def broken(:\n", "\x00", "\ud800"])
def test_text_that_is_no_python_is_silent(config: Config, workspace: Workspace, tmp_path: Path, text: str) -> None:
    assert pylsp_plugin.pylsp_lint(config, workspace, document(workspace, tmp_path, text)) == []


def test_it_needs_nothing_of_the_language_servers_extra() -> None:
    code = "import sys, par_lint.frontends.editors.pylsp_plugin; sys.exit(bool({'pygls', 'lsprotocol'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)

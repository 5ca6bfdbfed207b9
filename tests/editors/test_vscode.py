"""The extension for VS Code agrees with the server, and is packed as VS Code reads it. `editors/vscode/test` tries it in VS Code itself."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

import par_lint
from par_lint.frontends.editors import commands, lsp_messages
from par_lint.frontends.editors.code_actions import FIX_ALL
from par_lint.frontends.editors.editor_settings import SECTION, SEVERITY
from par_lint.frontends.editors.lsp_messages import SEVERITIES, SOURCE
from par_lint.frontends.editors.server import SERVER

EXTENSION = Path(__file__).parents[2] / "editors" / "vscode"
if not EXTENSION.is_dir():
    pytest.skip("the extension is in the repository, not in the source distribution", allow_module_level=True)
PACKAGE: dict[str, Any] = json.loads((EXTENSION / "package.json").read_text())
CODE = (EXTENSION / "extension.js").read_text()
sys.path.insert(0, str(EXTENSION))
import pack  # noqa: E402


def test_it_has_the_version_of_the_package() -> None:
    lock = json.loads((EXTENSION / "package-lock.json").read_text())
    assert {PACKAGE["version"], lock["version"], lock["packages"][""]["version"]} == {par_lint.__version__}
    assert lock["packages"][""]["dependencies"] == PACKAGE["dependencies"]


def test_every_command_is_registered_and_no_other() -> None:
    declared = {command["command"].removeprefix(f"{SECTION}.") for command in PACKAGE["contributes"]["commands"]}
    (registered,) = re.findall(r"const commands = \{ (.*) \};", CODE)
    assert declared == set(registered.split(", "))
    for entry in PACKAGE["contributes"]["menus"]["commandPalette"]:
        assert entry["command"].removeprefix(f"{SECTION}.") in declared


def test_it_asks_the_server_only_for_what_it_has() -> None:
    asked = dict(re.findall(r"(\w+): \"(par-lint\.\w+)\"", re.findall(r"const SERVER_COMMANDS = (.*);", CODE)[0]))
    assert asked == {"vendor": lsp_messages.VENDOR, "rules": commands.RULES}
    assert set(asked.values()) == set(SERVER.protocol.fm.commands)
    assert set(asked.values()).isdisjoint(command["command"] for command in PACKAGE["contributes"]["commands"])  # VS Code registers the server's
    assert f'const FIX_ALL = "{FIX_ALL}";' in CODE
    assert f'const SECTION = "{SECTION}";' in CODE
    assert SOURCE == SECTION
    assert {types.TEXT_DOCUMENT_DIAGNOSTIC, types.CODE_ACTION_RESOLVE} <= set(SERVER.protocol.fm.features)


def test_settings_are_those_that_are_read() -> None:
    settings = PACKAGE["contributes"]["configuration"]["properties"]
    assert set(settings) == {f"{SECTION}.path", f"{SECTION}.{SEVERITY}", f"{SECTION}.trace.server"}
    severity = settings[f"{SECTION}.{SEVERITY}"]
    assert severity["enum"] == list(SEVERITIES)
    assert SEVERITIES[severity["default"]] == types.DiagnosticSeverity.Warning
    assert '.get("path")' in CODE


def test_the_archive_is_what_vs_code_reads(tmp_path: Path) -> None:
    libraries = tmp_path / "node_modules"
    for name in ("vscode-languageclient/node.js", "vscode-languageclient/LICENSE", "vscode-languageclient/node.d.ts", ".bin/semver", ".package-lock.json"):
        (libraries / name).parent.mkdir(parents=True, exist_ok=True)
        (libraries / name).write_text("x")
    for target in (tmp_path / "a.vsix", tmp_path / "b.vsix"):
        pack.pack(target, libraries)
    assert (tmp_path / "a.vsix").read_bytes() == (tmp_path / "b.vsix").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.vsix") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        manifest = ElementTree.fromstring(archive.read("extension.vsixmanifest"))
        kinds = ElementTree.fromstring(archive.read("[Content_Types].xml"))
        package = json.loads(archive.read("extension/package.json"))
    assert "extension/node_modules/vscode-languageclient/node.js" in names
    assert not [name for name in names if name.endswith((".d.ts", ".package-lock.json")) or "/.bin/" in name]
    assert package == PACKAGE
    space = "{http://schemas.microsoft.com/developer/vsx-schema/2011}"
    identity = manifest.find(f"{space}Metadata/{space}Identity")
    assert identity is not None
    assert (identity.get("Id"), identity.get("Version"), identity.get("Publisher")) == (PACKAGE["name"], par_lint.__version__, PACKAGE["publisher"])
    assets = [asset.get("Path") for asset in manifest.iter(f"{space}Asset")]
    assert set(assets) <= set(names)
    known = {kind.get("Extension") for kind in kinds}
    assert {f".{name.rpartition('.')[2]}" for name in names if "." in Path(name).name and not name.startswith("[")} <= known


@pytest.mark.skipif(shutil.which("node") is None, reason="missing: node")
def test_the_code_is_javascript() -> None:
    subprocess.run(["node", "--check", str(EXTENSION / "extension.js")], check=True, timeout=60, capture_output=True)

"""The extension in a real VS Code, as a user sees it. By command, as VS Code has to be built first:

    editors/vscode/test/set_up.sh ../vscode-for-tests
    pip install -e ".[dev]" playwright
    PAR_LINT_VSCODE=../vscode-for-tests python -m pytest editors/vscode/test/test_in_vscode.py

Pictures of what was seen are kept in the folder `pictures` there.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

PLACE = os.environ.get("PAR_LINT_VSCODE")
SERVER = Path(PLACE or "", "node_modules/code-server/out/node/entry.js")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MISSING = [
    what for what, is_there in (
        ("PAR_LINT_VSCODE, the folder that set_up.sh built", PLACE and SERVER.is_file()), ("chromium", CHROMIUM),
    ) if not is_there
]  # fmt: skip
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"missing: {', '.join(MISSING)}")
playwright = pytest.importorskip("playwright.sync_api", reason="missing: pip install playwright") if not MISSING else None

PROGRAM = str(Path(sys.executable).with_name("par-lint"))
SQUIGGLES = ".squiggly-error, .squiggly-warning, .squiggly-info, .squiggly-hint"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
LOOP = """\
from pathlib import Path


def sizes(paths: list[Path]) -> list[int]:
    found = []
    for path in paths:
        found.append(len(path.read_bytes()))
    return found
"""


class VSCode:
    """One VS Code with the extension, and a browser."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = _free_port()
        archive = home / "par-lint.vsix"
        subprocess.run([sys.executable, Path(__file__).parents[1] / "pack.py", archive], check=True, timeout=300)
        self.command = [
            f"{PLACE}/nodeenv/bin/node", str(SERVER), "--config", str(home / "config.yaml"),
            "--user-data-dir", str(home / "data"), "--extensions-dir", str(home / "extensions"),
        ]  # fmt: skip
        subprocess.run([*self.command, "--install-extension", str(archive)], check=True, timeout=300)
        self.log = (home / "server.log").open("wb")
        self.process = subprocess.Popen(
            [*self.command, "--auth", "none", "--bind-addr", f"127.0.0.1:{self.port}", "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"],
            stdout=self.log, stderr=self.log, start_new_session=True,
        )  # fmt: skip
        until(lambda: _answers(self.port), "code-server answers", 120)

    def close(self) -> None:
        os.killpg(self.process.pid, 15)
        self.process.wait(30)
        self.log.close()


class Editor:
    """A window of VS Code with a folder and its file app.py."""

    def __init__(self, vscode: VSCode, page: Any, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.file = folder / "app.py"
        authority = f"127.0.0.1:{vscode.port}"
        payload = json.dumps([["openFile", f"vscode-remote://{authority}{self.file}"]])
        page.goto(f"http://{authority}/?folder={quote(str(folder))}&payload={quote(payload)}", timeout=120_000)
        page.wait_for_selector(".monaco-editor .view-line", timeout=120_000)

    def squiggles(self, kind: str = SQUIGGLES) -> int:
        return int(self.page.locator(kind).count())

    def wait_for_squiggle(self, kind: str = SQUIGGLES) -> None:
        self.page.wait_for_selector(kind, timeout=90_000)

    def click(self, text: str) -> None:
        """Put the cursor into a line."""
        self.page.locator(".view-line", has_text=text).first.click()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text, delay=20)

    def command(self, title: str) -> None:
        """Run a command from the palette."""
        self.press("F1")
        self.page.wait_for_selector(".quick-input-widget input", timeout=20_000)
        self.type(title)
        self.page.locator(".quick-input-list .monaco-list-row", has_text=title).first.wait_for(timeout=20_000)
        self.press("Enter")

    def actions(self) -> list[str]:
        """Open the menu of quick fixes, and return what it offers."""
        rows = self.page.locator(".action-widget .monaco-list-row")

        def are_shown() -> bool:  # the menu closes again while VS Code is still busy with its start
            if not rows.count():
                self.press("Control+.")
                time.sleep(3)
            return bool(rows.count())

        until(are_shown, "the menu of quick fixes is open")
        return [str(text) for text in self.page.locator(".action-widget .monaco-list-row.action").all_inner_texts()]

    def choose(self, title: str) -> None:
        self.page.locator(".action-widget .monaco-list-row.action", has_text=title).first.click()

    def text(self) -> str:
        """Save the file, which was changed in the editor, and return what it has then."""
        before = self.file.read_text()
        self.press("Control+s")
        until(lambda: self.file.read_text() not in ("", before), "the file is saved")
        return self.file.read_text()

    def notification(self, words: str) -> str:
        found = self.page.locator(".notification-toast", has_text=words).first
        found.wait_for(timeout=60_000)
        return str(found.inner_text())

    def settings(self, **settings: object) -> None:
        _write_settings(self.folder, settings)

    def picture(self, name: str) -> None:
        folder = Path(str(PLACE), "pictures")
        folder.mkdir(exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png")


def until(is_so: Callable[[], object], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.3)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
            return True
    except OSError:
        return False


def _write_settings(folder: Path, settings: dict[str, object]) -> None:
    (folder / ".vscode").mkdir(exist_ok=True)
    plain = {"workbench.startupEditor": "none", "chat.disableAIFeatures": True, "workbench.secondarySideBar.defaultVisibility": "hidden"}
    (folder / ".vscode" / "settings.json").write_text(json.dumps({**plain, "par-lint.path": PROGRAM, **settings}))


@pytest.fixture(scope="module")
def vscode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VSCode]:
    running = VSCode(tmp_path_factory.mktemp("vscode"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    assert playwright is not None
    with playwright.sync_playwright() as started:
        yield started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@pytest.fixture
def opened(vscode: VSCode, browser: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Editor]]:
    page = browser.new_page(viewport={"width": 1400, "height": 800})
    editors: list[Editor] = []

    def open_folder(text: str = LOOP, project: str = "", **settings: object) -> Editor:
        (tmp_path / "app.py").write_text(text)
        if project:
            (tmp_path / "pyproject.toml").write_text(project)
        _write_settings(tmp_path, settings)
        editors.append(Editor(vscode, page, tmp_path))
        return editors[-1]

    yield open_folder
    for editor in editors:
        editor.picture(f"{request.node.name}-end")
    page.close()


def test_findings_are_underlined_and_listed(opened: Callable[..., Editor]) -> None:
    editor = opened()
    editor.wait_for_squiggle(".squiggly-warning")
    editor.press("Control+Shift+m")
    row = editor.page.locator(".markers-panel .monaco-list-row", has_text="waits for one file at a time").first
    row.wait_for(timeout=30_000)
    assert "PRL101" in row.inner_text()
    assert editor.page.locator(".markers-panel .monaco-list-row", has_text="waits for one file").count() == 1  # not pushed and pulled


def test_hovering_shows_the_rules_page(opened: Callable[..., Editor]) -> None:
    editor = opened()
    editor.wait_for_squiggle()
    editor.click("for path in paths")
    editor.press("Home", "Control+k", "Control+i")
    editor.page.locator(".monaco-hover", has_text="Fix safety").first.wait_for(timeout=30_000)


def test_a_quick_fix_changes_the_code(opened: Callable[..., Editor]) -> None:
    editor = opened()
    editor.wait_for_squiggle()
    editor.click("for path in paths")
    titles = editor.actions()
    editor.picture("quick-fix-menu")
    assert any("use run_parallel" in title and "(safe)" in title for title in titles)
    editor.choose("use run_parallel")
    until(lambda: not editor.squiggles(), "the finding is gone")
    assert "in run_parallel(" in editor.text()


def test_a_line_can_be_disabled(opened: Callable[..., Editor]) -> None:
    editor = opened()
    editor.wait_for_squiggle()
    editor.click("for path in paths")
    editor.actions()
    editor.choose("Disable PRL101 for this line")
    until(lambda: not editor.squiggles(), "the finding is gone")
    assert "    for path in paths:  # noqa: PRL101\n" in editor.text()


def test_findings_stay_while_the_text_does_not_parse(opened: Callable[..., Editor]) -> None:
    editor = opened()
    editor.wait_for_squiggle(".squiggly-warning")
    editor.click("return found")
    editor.press("Control+End")
    editor.type("\ndef broken(:")
    editor.wait_for_squiggle(".squiggly-error")
    assert editor.squiggles(".squiggly-warning")
    editor.press("Control+Shift+m")
    editor.page.locator(".markers-panel .monaco-list-row", has_text="SyntaxError").first.wait_for(timeout=30_000)
    editor.picture("syntax-error")


def test_saving_applies_all_safe_fixes(opened: Callable[..., Editor]) -> None:
    loops = LOOP + LOOP.partition("\n\n\n")[2].join(["\n\n", ""]).replace("sizes", "more")
    editor = opened(loops, **{"editor.codeActionsOnSave": {"source.fixAll.par-lint": "explicit"}})
    editor.wait_for_squiggle()
    editor.click("return found")
    editor.press("Control+Home")
    editor.type("# typed\n")
    editor.press("Control+s")
    until(lambda: editor.file.read_text().count("in run_parallel(") == 2, "both loops are fixed in the file")


def test_the_severity_is_a_setting_and_may_change(opened: Callable[..., Editor]) -> None:
    editor = opened(**{"par-lint.severity": "error"})
    editor.wait_for_squiggle(".squiggly-error")
    editor.settings(**{"par-lint.severity": "information"})
    editor.wait_for_squiggle(".squiggly-info")
    until(lambda: not editor.squiggles(".squiggly-error"), "it is no error any more")


def test_a_wrong_path_is_explained_and_can_be_corrected(opened: Callable[..., Editor]) -> None:
    editor = opened(**{"par-lint.path": "/nowhere/par-lint"})
    said = editor.notification("cannot start /nowhere/par-lint")
    editor.picture("wrong-path")
    assert "there is no such program" in said
    assert 'pip install "par-lint[lsp]"' in said
    assert "Open Settings" in said
    assert editor.page.locator(".notification-toast").count() == 1
    editor.command("par-lint: Show Rule")
    editor.notification("the server is not running")
    editor.settings()
    editor.wait_for_squiggle()


def test_commands_fix_all_and_show_a_rule(opened: Callable[..., Editor]) -> None:
    editor = opened()
    editor.wait_for_squiggle()
    editor.click("for path in paths")
    editor.command("par-lint: Show Rule")
    editor.page.locator(".tab", has_text="PRL101.md").first.wait_for(timeout=30_000)
    time.sleep(2)
    editor.picture("rule-page")
    editor.page.locator(".tab", has_text="app.py").first.click()
    editor.click("def sizes")
    editor.command("par-lint: Show Rule")
    editor.page.locator(".quick-input-list .monaco-list-row", has_text="PRL103").first.wait_for(timeout=30_000)
    editor.press("Escape")
    editor.command("par-lint: Fix All")
    until(lambda: not editor.squiggles(), "the finding is gone")
    assert "in run_parallel(" in editor.text()


def test_a_command_vendors_the_runtime(opened: Callable[..., Editor]) -> None:
    editor = opened(project='[project]\nname = "app"\nversion = "1"\ndependencies = []\n')
    editor.wait_for_squiggle()
    editor.click("for path in paths")
    editor.command("par-lint: Vendor the Runtime")
    said = editor.notification("parallel.py written")
    assert (editor.folder / "parallel.py").is_file(), said
    editor.click("for path in paths")
    editor.actions()
    editor.choose("use run_parallel")
    until(lambda: not editor.squiggles(), "the finding is gone")
    assert "from parallel import run_parallel" in editor.text()


def test_a_new_document_that_was_never_saved_is_checked(opened: Callable[..., Editor]) -> None:
    editor = opened()
    editor.wait_for_squiggle()
    editor.click("for path in paths")
    editor.press("Control+Alt+n")
    editor.page.locator(".tab", has_text="Untitled-1").first.wait_for(timeout=30_000)
    editor.command("Change Language Mode")
    editor.page.wait_for_selector(".quick-input-widget input", timeout=20_000)
    time.sleep(1)
    editor.type("Python")
    time.sleep(1)
    editor.press("Enter")
    assert not editor.squiggles()
    editor.type("for name in names:\nprint(open(name).read())\n")
    editor.wait_for_squiggle(".squiggly-warning")

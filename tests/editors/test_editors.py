"""What editors that run flake8 make of our output: each one's own command and pattern, on the output of the real flake8.

The patterns are those of VS Code's flake8 extension, python-lsp-server, nvim-lint, ALE, flycheck and SublimeLinter.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_texts import BY_HAND, READS, WIDE

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.engine.lint_file import lint

STDIN = ["--stdin-display-name", "m.py", "-"]


@dataclass(frozen=True)
class Editor:
    """How an editor calls flake8 and reads a line; with `-` it sends the unsaved text."""

    arguments: list[str]
    pattern: str

    def __post_init__(self) -> None:
        assert {"line", "column", "code", "text"} <= set(re.compile(self.pattern).groupindex)


EDITORS = {
    "VS Code": Editor(
        ["--format=%(row)d,%(col)d,%(code).1s,%(code)s:%(text)s", "m.py"],
        r"(?P<line>\d+),(?P<column>-?\d+),(?P<type>\w+),(?P<code>\w+\d+):(?P<text>[^\r\n]*)",
    ),
    "pylsp": Editor(STDIN, r"(.*):(?P<line>\d*):(?P<column>\d*): (?P<code>\w*) (?P<text>.*)"),
    "nvim-lint": Editor(
        ["--format=%(path)s:%(row)d:%(col)d:%(code)s:%(text)s", "--no-show-source", "m.py"],
        r"[^:]+:(?P<line>\d+):(?P<column>\d+):(?P<code>\w+):(?P<text>.+)",
    ),
    "ALE": Editor(
        ["--format=default", *STDIN],
        r"(?P<path>[a-zA-Z]?:?[^:]+):(?P<line>\d+):?(?P<column>\d+)?: (?P<code>[A-Za-z0-9]+):? (?P<text>.*)",
    ),
    "flycheck": Editor(
        ["--format=default", *STDIN], r"^(?P<path>[^:]+):(?P<line>\d+):((?P<column>\d+):)? (?P<code>[A-Za-z]+[0-9]+) (?P<text>.*)$",
    ),
    "SublimeLinter": Editor(
        ["--format=default", *STDIN], r"^(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<code>\w+\d+):? (?P<text>.*)",
    ),
}
TEXTS = {"by hand": (BY_HAND, 6, 5, "PRL101"), "wide": (WIDE, 5, 26, "PRL101")}


@pytest.mark.parametrize("name", EDITORS)
@pytest.mark.parametrize("text", TEXTS)
def test_an_editor_reads_what_flake8_prints(tmp_path: Path, name: str, text: str) -> None:
    editor, (source, line, column, code) = EDITORS[name], TEXTS[text]
    unsaved = "-" in editor.arguments
    (tmp_path / "m.py").write_text("as = it was before\n" if unsaved else source)
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--isolated", "--select=PRL", *editor.arguments],
        input=source if unsaved else None, capture_output=True, text=True, cwd=tmp_path, timeout=60,
    )  # fmt: skip
    (printed,) = done.stdout.splitlines()
    found = re.match(editor.pattern, printed)
    assert found is not None, printed
    assert (int(found["line"]), int(found["column"]), found["code"]) == (line, column, code)
    assert found["text"].startswith("`")
    assert ":3:4: " not in found["text"]


def test_no_message_looks_like_a_place() -> None:
    """pylsp's pattern is greedy: it takes the last thing that looks like a place for the place."""
    shown = []
    for path in (Path(__file__).parents[1] / "fixtures").glob("PRL*/*.py"):
        text = path.read_bytes().decode()
        shown += [finding.message for finding in lint(ast.parse(path.read_bytes()), split_lines(text), Config())]
    assert len(shown) > 100
    assert not [message for message in shown if re.search(r":\d+:\d+: ", message) or "\n" in message or "\r" in message]


HOST = """
import contextlib, io, json, sys
from pathlib import Path
from flake8.main.cli import main

def lint(text, path):
    sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()))
    out = io.StringIO()
    out.buffer = io.BytesIO()
    with contextlib.redirect_stdout(out):
        main(["--isolated", "--select=PRL", "-j1", "--stdin-display-name", str(path), "-"])
    return out.buffer.getvalue().decode() + out.getvalue()

folder, text = Path(sys.argv[1]), sys.argv[2]
shown = []
for setting in ("[tool.par-lint.workers]\\nfile = 33\\n", "[tool.par-lint.workers]\\nfile = 34\\n", "", "[tool.par-lint]\\nbad = 1\\n", "[project]\\n"):
    (folder / "pyproject.toml").write_text(setting)
    shown.append(lint(text, folder / "m.py"))
print(json.dumps(shown))
"""


def test_a_host_that_stays_alive_sees_changed_settings(tmp_path: Path) -> None:
    """As VS Code's extension runs it: many times in one process. The settings are found from the path, also with stdin."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "m.py").write_text("x = 1\n")
    done = subprocess.run([sys.executable, "-c", HOST, str(project), READS], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 0, done.stderr
    first, second, third, broken, last = json.loads(done.stdout)
    assert "max_workers=33" in first
    assert "max_workers=34" in second
    assert third == last
    assert "max_workers=20" in third
    assert "bad: unknown key" in broken
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("", ["PRL101"]), ("extend-ignore = PRL", []), ("select = E,F", []), ("select = PRL1", ["PRL101"]), ("extend-select = PRL2", ["PRL101"]),
        ("ignore = PRL101", []), ("per-file-ignores = m.py: PRL101", []), ("per-file-ignores = other.py: PRL101", ["PRL101"]), ("exclude = m.py", []),
    ],
)  # fmt: skip
def test_flake8s_own_selection_decides(tmp_path: Path, settings: str, expected: list[str]) -> None:
    (tmp_path / "m.py").write_text(READS)
    (tmp_path / ".flake8").write_text(f"[flake8]\n{settings}\n")
    command = [sys.executable, "-m", "flake8", "--format=%(code)s", *STDIN]
    done = subprocess.run(command, input=READS, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert [code for code in done.stdout.split() if code.startswith("PRL")] == expected, done.stdout + done.stderr

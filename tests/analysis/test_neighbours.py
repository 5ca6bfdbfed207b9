"""Other linters on the same code: flake8 plugins beside ours, and ruff, which knows nothing of our codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ALL = """\
import time
from pathlib import Path


def load(paths: list[Path], found=[]):
    for path in paths:
        found.append((path.read_text()))
    return found


async def wait():
    time.sleep(1)
"""
SILENCED = """\
from pathlib import Path


def load(paths: list[Path]) -> list[str]:
    return [path.read_text() for path in paths]  # noqa: PRL101
"""


def run(*command: str, cwd: Path) -> list[str]:
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=cwd, timeout=60)
    assert "Traceback" not in done.stderr
    return done.stdout.splitlines()


def test_plugins_live_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(ALL)
    shown = run("flake8", "--isolated", "--select=PRL,B,ASYNC,PAR", "m.py", cwd=tmp_path)
    assert {line.split()[1].rstrip(":") for line in shown} >= {"PRL101", "B006", "ASYNC251", "PAR001"}
    ours = [line for line in shown if " PRL" in line]
    assert ours == run("flake8", "--isolated", "--select=PRL", "m.py", cwd=tmp_path) == [line.replace("[*] ", "") for line in run("par_lint", "check", "m.py", cwd=tmp_path)]
    assert ours == ["m.py:6:5: PRL101 `path.read_text` waits for one file at a time: use run_parallel(..., max_workers=20)"]


@pytest.mark.parametrize("is_told", [True, False])
def test_ruff_leaves_our_comments_where_it_is_told_of_our_codes(tmp_path: Path, is_told: bool) -> None:
    setting = '[tool.ruff]\nlint.external = ["PRL"]\n' if is_told else ""
    (tmp_path / "pyproject.toml").write_text(setting)
    (tmp_path / "m.py").write_text(SILENCED)
    run("ruff", "check", "--no-cache", "--select", "RUF100,RUF102", "--fix", "m.py", cwd=tmp_path)
    assert (tmp_path / "m.py").read_text() == (SILENCED if is_told else SILENCED.replace("  # noqa: PRL101", ""))

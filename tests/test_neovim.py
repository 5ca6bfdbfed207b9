"""A real Neovim: open a file, see the finding, apply the action, save; under both servers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from editor_texts import READS, WIDE

from par_lint.config import load_config
from par_lint.engine import fix

SCRIPT = Path(__file__).parent / "nvim.lua"
OURS = f"{sys.executable} -m par_lint lsp"
PYLSP = f"{sys.executable} -m pylsp"


@pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is not installed")
@pytest.mark.parametrize("server", [OURS, PYLSP], ids=["par-lint", "pylsp"])
@pytest.mark.parametrize("text", [READS, WIDE], ids=["reads", "wide"])
def test_from_the_finding_to_the_fixed_file(tmp_path: Path, text: str, server: str) -> None:
    path = tmp_path / "m.py"
    path.write_text(text)
    homes = {f"XDG_{kind}_HOME": str(tmp_path / ".nvim" / kind) for kind in ("STATE", "DATA", "CONFIG", "CACHE")}
    done = subprocess.run(
        ["nvim", "--headless", "--clean", "-i", "NONE", path.name, "-c", f"luafile {SCRIPT}"],
        cwd=tmp_path, env={**os.environ, **homes, "LSP_CMD": server, "LSP_SOURCE": "par-lint"}, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    column = 4 if text == READS else len("    𝒳, é = 1, 2; found = ".encode())  # Neovim counts bytes
    assert f"PRL101 {column} PRL101: use run_parallel(..., max_workers=20) (safe)" in done.stdout + done.stderr
    assert path.read_bytes() == fix(text.encode(), load_config(tmp_path), runtime="par_lint.parallel").source != text.encode()

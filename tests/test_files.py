"""Which files are looked at."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from par_lint.files import find_files


def made(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_walk_leaves_out_what_is_not_the_projects_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made(tmp_path, "a.py", "b.txt", "pkg/c.py", "pkg/build/d.py", ".venv/e.py", "build/f.py", "node_modules/g.py", "my/pyvenv.cfg", "my/h.py")
    made(tmp_path, "x.egg-info/i.py", "pkg/__pycache__/j.py")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert list(find_files(["."])) == ["./a.py", "./pkg/c.py", "./pkg/build/d.py"]


def test_git_says_which_files_count(tmp_path: Path) -> None:
    made(tmp_path, "tracked.py", "new.py", "ignored.py", "gone.py")
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True, timeout=30)
    subprocess.run([*git, "add", "tracked.py", "gone.py"], check=True, timeout=30)
    (tmp_path / "gone.py").unlink()
    assert [Path(name).name for name in find_files([str(tmp_path)])] == ["new.py", "tracked.py"]


def test_a_file_that_is_named_is_taken_and_none_twice(tmp_path: Path) -> None:
    made(tmp_path, "script", "a.py")
    names = [str(tmp_path / "script"), str(tmp_path / "a.py"), str(tmp_path)]
    assert list(find_files(names)) == names[:2]

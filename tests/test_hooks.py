"""The hooks of this repository, as pre-commit installs and runs them from a clone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_texts import READS

ROOT = Path(__file__).parent.parent


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com", "-C", str(folder), *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def try_hooks(project: Path, repository: Path, home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(repository), "--all-files", "--verbose"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        command, cwd=project, env={**environment, "PRE_COMMIT_HOME": str(home)}, capture_output=True, text=True, timeout=600,
    )  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A clone of this repository as it is in the working folder."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone of the repository")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(tmp_path / "wheels"), "flake8"]
    if subprocess.run(command, capture_output=True, timeout=120).returncode:
        pytest.skip("hooks are installed by pip, which reaches no index here")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], check=True, capture_output=True, timeout=60)
    names = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True, capture_output=True, timeout=60,
    ).stdout  # fmt: skip
    for name in filter(None, os.fsdecode(names).split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes((ROOT / name).read_bytes())
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "as it is here")
    return clone


def test_the_lint_hook_fails_on_a_finding_and_the_fix_hook_mends_it(tmp_path: Path, repository: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    git(project, "init", "--quiet")
    (project / "m.py").write_text(READS)
    git(project, "add", "m.py")
    first = try_hooks(project, repository, tmp_path / "home")
    assert first.returncode == 1, first.stdout + first.stderr
    lint, _, fix = first.stdout.partition("- hook id: par-lint-fix")
    assert "m.py:6:5: PRL101 `path.read_bytes` waits for one file at a time" in lint
    assert "files were modified by this hook" in fix
    assert "1 file, 1 finding: 1 fixed" in fix
    assert "run_parallel(" in (project / "m.py").read_text()
    git(project, "add", "m.py")
    second = try_hooks(project, repository, tmp_path / "home")
    assert second.returncode == 0, second.stdout + second.stderr
    assert second.stdout.count("Passed") == 2

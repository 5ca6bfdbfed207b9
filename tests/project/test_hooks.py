"""The hooks of this repository, as pre-commit and prek install and run them from a clone; lefthook."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from small_texts import READS

ROOT = Path(__file__).parents[2]


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com", "-C", str(folder), *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def try_hooks(project: Path, repository: Path, home: Path) -> subprocess.CompletedProcess[str]:
    return run(project, [sys.executable, "-m", "pre_commit", "try-repo", str(repository), "--all-files", "--verbose"], PRE_COMMIT_HOME=str(home))


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


def run(project: Path, command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(command, cwd=project, env={**environment, **variables}, capture_output=True, text=True, timeout=600)


def beside(name: str) -> str:
    """A program of this environment."""
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        pytest.skip(f"{name} is not installed")
    return str(path)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a file to commit, which has a finding."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "m.py").write_text(READS)
    (folder / "requirements.txt").write_text("par-lint\n")  # or the hook, in its own environment, would have nothing to import
    git(folder, "add", "m.py", "requirements.txt")
    return folder


def test_prek_runs_the_same_hooks(tmp_path: Path, project: Path, repository: Path) -> None:
    prek = beside("prek")
    revision = subprocess.run(["git", "-C", str(repository), "rev-parse", "HEAD"], check=True, capture_output=True, text=True, timeout=60).stdout.strip()
    (example,) = [block for block in blocks("yaml") if "- id: par-lint-fix" in block]
    hooks = example.replace("REPOSITORY", str(repository)).replace("TAG", revision)
    (project / ".pre-commit-config.yaml").write_text(hooks)
    git(project, "add", ".pre-commit-config.yaml")
    first = run(project, [prek, "run", "--verbose"], PREK_HOME=str(tmp_path / "home"))
    assert first.returncode == 1, first.stdout + first.stderr
    assert first.stdout.index("1 finding in 1 file: 1 fixed") < first.stdout.index("0 findings in 1 file")  # what is fixed is not reported as well
    assert "run_parallel(" in (project / "m.py").read_text()
    git(project, "add", "m.py")
    second = run(project, [prek, "run"], PREK_HOME=str(tmp_path / "home"))
    assert second.returncode == 0, second.stdout + second.stderr


def test_it_is_a_plugin_of_a_flake8_hook(tmp_path: Path, project: Path, repository: Path) -> None:
    """As in the README, but with flake8 from the index of packages, and not from its repository."""
    hook = {
        "id": "flake8", "name": "flake8", "entry": "flake8", "language": "python", "types": ["python"],
        "additional_dependencies": ["flake8", f"par-lint @ git+{repository.as_uri()}"],
    }  # fmt: skip
    (project / ".pre-commit-config.yaml").write_text(json.dumps({"repos": [{"repo": "local", "hooks": [hook]}]}))
    git(project, "add", ".pre-commit-config.yaml")
    done = run(project, [beside("prek"), "run"], PREK_HOME=str(tmp_path / "home"))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "m.py:6:5: PRL101 `path.read_bytes` waits for one file at a time" in done.stdout


@pytest.mark.skipif(not Path(sys.executable).with_name("par-lint").exists(), reason="par-lint is not installed as a command")
def test_lefthook_runs_the_command(project: Path) -> None:
    lefthook = beside("lefthook")
    (settings,) = [block for block in blocks("yaml") if "{staged_files}" in block]
    (project / "lefthook.yml").write_text(settings)
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    first = run(project, [lefthook, "run", "pre-commit"], PATH=folders)
    assert first.returncode == 1, first.stdout + first.stderr
    assert "m.py:6:5: PRL101 [*] `path.read_bytes` waits for one file at a time" in first.stdout
    run(project, [sys.executable, "-m", "par_lint", "fix", "m.py"])
    git(project, "add", "m.py")
    second = run(project, [lefthook, "run", "pre-commit"], PATH=folders)
    assert second.returncode == 0, second.stdout + second.stderr


def blocks(language: str) -> list[str]:
    """The examples of the README in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)


def test_the_lint_hook_fails_on_a_finding_and_the_fix_hook_mends_it(tmp_path: Path, project: Path, repository: Path) -> None:
    first = try_hooks(project, repository, tmp_path / "home")
    assert first.returncode == 1, first.stdout + first.stderr
    lint, _, fix = first.stdout.partition("- hook id: par-lint-fix")
    assert "m.py:6:5: PRL101 [*] `path.read_bytes` waits for one file at a time" in lint
    assert "files were modified by this hook" in fix
    assert "1 finding in 1 file: 1 fixed" in fix
    assert "run_parallel(" in (project / "m.py").read_text()
    git(project, "add", "m.py")
    second = try_hooks(project, repository, tmp_path / "home")
    assert second.returncode == 0, second.stdout + second.stderr
    assert second.stdout.count("Passed") == 2

"""Which files are looked at, and what is said of the others."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from small_texts import BY_HAND, READS, UNLIMITED

from par_lint.core.files.discovery import find_files
from par_lint.core.files.exclusion import is_skipped
from par_lint.engine.suppression.rule_selection import Selection
from par_lint.frontends.cli import accept_findings, fix
from par_lint.frontends.cli.main import main

FOREIGN = (
    ".venv", "venv", "node_modules", "site-packages", "dist-packages", ".tox", ".nox", ".eggs", "build", "dist", "_build", "buck-out", "__pypackages__",
    "__pycache__", ".git", ".hg", ".svn", ".bzr", "CVS", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".cache", ".direnv", ".ipynb_checkpoints",
    "x.egg-info", "x.egg", "x.dist-info",
)  # fmt: skip
HERE = ("git", "git and .gitignore", "no git")


def made(folder: Path, *names: str, text: str = "") -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, timeout=30, capture_output=True)


def told(errors: str) -> str:
    """What is on standard error besides the count of findings."""
    return re.sub(r"^\d+ findings? in \d+ files?(;.*)?\n", "", errors, flags=re.MULTILINE)


def found(*paths: str) -> list[str]:
    return find_files(paths).files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder outside of any repository, as the working folder."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    path = tmp_path / "project"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


def under(kind: str, folder: Path) -> None:
    """Make a folder a repository that tracks all that it can, or knows what to ignore."""
    if kind == "no git":
        return
    git(folder, "init", "-q")
    if kind == "git":
        git(folder, "add", "-f", ".")
    else:
        (folder / ".gitignore").write_text("*.log\nbuild/\n.venv/\n")


@pytest.mark.parametrize("kind", HERE)
def test_what_is_not_the_projects_own_is_left_out_wherever_it_lies(kind: str, folder: Path) -> None:
    made(folder, "a.py", "b.txt", "pkg/c.py", "my/pyvenv.cfg", "my/lib/h.py", "conda/conda-meta/history", "conda/lib/i.py", "src/env/j.py")
    made(folder, *(f"{outer}{name}/x.py" for name in FOREIGN if name != ".git" for outer in ("", "pkg/", "src/deep/er/")))
    under(kind, folder)
    assert found(".") == ["./a.py", "./pkg/c.py", "./src/env/j.py"]
    assert found(str(folder)) == [str(folder / name) for name in ("a.py", "pkg/c.py", "src/env/j.py")]


@pytest.mark.parametrize("kind", HERE)
@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_named_is_looked_at(name: str, kind: str, folder: Path) -> None:
    made(folder, f"{name}/x.py", f"{name}/deep/y.py", text=READS)
    made(folder, "my/pyvenv.cfg", "my/lib/h.py")
    if name != ".git":
        under(kind, folder)
    assert found(name) == [f"{name}/deep/y.py", f"{name}/x.py"] or found(name) == [f"{name}/x.py", f"{name}/deep/y.py"]
    assert found(f"{name}/x.py", "my/lib/h.py") == [f"{name}/x.py", "my/lib/h.py"]
    assert found("my") == ["my/lib/h.py"]
    if kind == "no git" and name in (".tox", "build"):  # flake8 leaves out the one of its own accord
        assert main(["check", name]) == main(["check", f"{name}/x.py"]) == 1


@pytest.mark.parametrize("kind", HERE)
@pytest.mark.parametrize("outer", ["build", "site-packages/x", ".venv/src", "venv"])
def test_what_lies_above_does_not_count(outer: str, kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(folder, f"{outer}/project/a.py", f"{outer}/project/build/b.py", ".venv/pyvenv.cfg", "pyvenv.cfg")
    under(kind.removesuffix(" and .gitignore"), folder)
    assert found(f"{outer}/project") == [f"{outer}/project/a.py"]
    monkeypatch.chdir(folder / outer / "project")
    assert found(".") == ["./a.py"]
    assert not is_skipped(Path.cwd(), Path("a.py").absolute(), lambda path: False)
    assert is_skipped(Path.cwd(), Path("build/b.py").absolute(), lambda path: False)


def test_fix_leaves_installed_code_alone(folder: Path) -> None:
    made(folder, "venv/pyvenv.cfg", "venv/lib/site-packages/m.py", "build/lib/m.py", "m.py", text=READS)
    assert main(["fix"]) == 0
    changed = {str(path.relative_to(folder)) for path in folder.rglob("*.py") if path.read_text() != READS}
    assert changed == {"m.py"}


def test_a_package_that_is_left_out_by_its_name_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(folder, "src/build/__init__.py", "src/build/deep/m.py", "build/lib/m.py", "dist/x.whl", text=READS)
    assert main(["check"]) == 0
    assert told(capsys.readouterr().err) == (
        "par-lint: ./src/build: skipped: folders with this name usually contain build output; name the folder to check it\n"
    )
    assert main(["check", "src/build"]) == 1
    shown = capsys.readouterr()
    assert (shown.out.count("PRL101"), told(shown.err)) == (2, "")
    (folder / ".flake8").write_text("[flake8]\nextend-exclude = build\n")
    made(folder, "a.py")
    assert main(["check"]) == 0
    assert told(capsys.readouterr().err) == ""


@pytest.mark.parametrize("kind", HERE)
def test_a_run_that_finds_no_file_says_so(kind: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(folder, "docs/index.txt", "node_modules/x.py", ".venv/y.py")
    under(kind, folder)
    assert main(["check", "docs", "."]) == 0
    assert told(capsys.readouterr().err) == "par-lint: docs: no Python files found\npar-lint: .: no Python files found; skipped: ./node_modules\n"


def test_the_excludes_of_flake8_count_for_folders_that_are_named_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(folder, "gen/a.py", text=READS)
    (folder / ".flake8").write_text("[flake8]\nexclude = gen\n")
    done = subprocess.run([sys.executable, "-m", "flake8", "--select=PRL", "gen"], capture_output=True, text=True, timeout=60)
    assert (main(["check", "gen"]), capsys.readouterr().out) == (0, "") == (done.returncode, done.stdout)


def test_git_says_which_files_count(folder: Path) -> None:
    made(folder, "tracked.py", "new.py", "ignored.py", "gone.py")
    (folder / ".gitignore").write_text("ignored.py\n")
    git(folder, "init", "-q")
    git(folder, "add", "tracked.py", "gone.py")
    (folder / "gone.py").unlink()
    assert found(".") == ["./new.py", "./tracked.py"]
    assert found("ignored.py") == ["ignored.py"]


def test_ignored_files_are_not_taken_where_there_are_no_others(folder: Path) -> None:
    made(folder, "ignored.py", "out/made.py")
    (folder / ".gitignore").write_text("ignored.py\nout\n")
    git(folder, "init", "-q")
    assert found(".") == []
    assert found("out") == ["out/made.py"]


def test_a_file_that_is_named_is_taken_and_none_twice(folder: Path) -> None:
    made(folder, "script", "a.py")
    assert found("script", "a.py", ".", str(folder)) == ["script", "a.py"]


LINKS: dict[str, tuple[str, str, str]] = {
    "to nowhere": ("gone.py", "bad.py", "broken symbolic link to gone.py; fix or remove the link"),
    "to itself": ("bad.py", "bad.py", "symbolic link loop; fix or remove the link"),
    "in a circle": ("other.py", "bad.py", "symbolic link loop; fix or remove the link"),
}


@pytest.mark.skipif(os.name == "nt", reason="links")
@pytest.mark.parametrize("kind", HERE)
@pytest.mark.parametrize("command", ["check", "fix"])
@pytest.mark.parametrize("link", LINKS)
def test_a_link_that_leads_nowhere_is_told_and_the_others_are_done(
    link: str, command: str, kind: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target, name, problem = LINKS[link]
    os.symlink(target, name)
    if target == "other.py":
        os.symlink(name, target)
    made(folder, "good.py", text=READS)
    under(kind, folder)
    for arguments, shown in (([], f"./{name}"), ([name, "good.py"], name)):
        (folder / "good.py").write_text(READS)
        assert main([command, *arguments]) == 2
        output = capsys.readouterr()
        lines = [line for line in told(output.err).splitlines() if "other.py: " not in line]
        assert lines == [f"par-lint: {shown}: {problem}"]
        assert "PRL101" in output.out if command == "check" else "run_parallel" in (folder / "good.py").read_text()


@pytest.mark.skipif(os.name == "nt", reason="links")
@pytest.mark.parametrize("kind", HERE)
@pytest.mark.parametrize("command", ["check", "fix"])
def test_the_lock_of_an_editor_is_no_problem(command: str, kind: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(folder, "good.py", text=READS)
    os.symlink("someone@machine.1234:567", ".#good.py")
    under(kind, folder)
    assert main([command]) == int(command == "check")
    assert told(capsys.readouterr().err) == ""
    assert main([command, ".#good.py"]) == 2


@pytest.mark.skipif(os.name == "nt", reason="links")
@pytest.mark.parametrize("kind", HERE)
def test_links_are_followed_within_the_project_only(kind: str, folder: Path) -> None:
    made(folder, "src/good.py", "lib/other.py", ".venv/lib/m.py", "../outside.py", "../site-packages/n.py", "my/lib/m.py", "src/gen/m.py", text=READS)
    made(folder, "my/pyvenv.cfg")
    (folder / ".flake8").write_text("[flake8]\nexclude = gen\n")
    for name, target in (("my", "../my/lib/m.py"), ("gen", "gen/m.py"), ("in", "good.py"), ("lib", "../lib/other.py"), ("venv", "../.venv/lib/m.py"), ("out", "../../outside.py"), ("site", "../../site-packages/n.py")):
        os.symlink(target, f"src/{name}.py")
    os.symlink("../lib", "src/folder")
    os.symlink("..", "src/circle")
    under(kind, folder)
    is_excluded = Selection([]).is_excluded
    assert find_files(["src"], is_excluded).files == ["src/good.py", "src/in.py", "src/lib.py"]
    assert found("src/venv.py", "src/folder/") == ["src/venv.py", "src/folder/other.py"]


def make_socket(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)


SPECIAL: dict[str, tuple[Callable[[str], None], str]] = {}
if os.name != "nt":
    SPECIAL = {"pipe": (os.mkfifo, "a pipe"), "socket": (make_socket, "a socket")}


@pytest.mark.parametrize("kind", HERE)
@pytest.mark.parametrize("command", ["check", "fix"])
@pytest.mark.parametrize("special", SPECIAL)
def test_what_is_no_file_is_passed_over_and_told_where_it_is_named(
    special: str, command: str, kind: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, words = SPECIAL[special]
    make("bad.py")
    made(folder, "good.py", text=READS)
    made(folder, "folder.py/inner.py", "folder.py/deeper.py/more.py")
    under(kind, folder)
    assert found(".") == ["./folder.py/deeper.py/more.py", "./folder.py/inner.py", "./good.py"] if kind != "no git" else True
    assert set(found(".", "folder.py")) == {"./folder.py/deeper.py/more.py", "./folder.py/inner.py", "./good.py"}
    assert main([command]) == int(command == "check")
    assert told(capsys.readouterr().err) == ""
    (folder / "good.py").write_text(READS)
    assert main([command, "bad.py", "good.py"]) == 2
    assert told(capsys.readouterr().err) == f"par-lint: bad.py: is {words}, not a file; pipe its text to `-`\n"


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="shells that put commands in the place of files")
def test_what_a_shell_puts_in_the_place_of_a_file_is_read(folder: Path) -> None:
    made(folder, "good.py", text=READS)
    command = f"{sys.executable} -m par_lint check <(cat good.py)"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert (done.returncode, told(done.stderr)) == (1, "")
    assert "PRL101" in done.stdout
    assert main(["check", os.devnull]) == main(["fix", os.devnull]) == 0


WITHOUT_RIGHTS = """\
import ctypes, os, sys
for right in (1, 2):  # those by which root reads and writes whatever it likes
    ctypes.CDLL(None).prctl(24, right, 0, 0, 0)
os.execv(sys.executable, [sys.executable, "-m", "par_lint", *sys.argv[1:]])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="rights that root can do without")
@pytest.mark.parametrize(
    ("mode", "command", "kind"),
    [*((mode, "check", kind) for mode in ("closed", "listed") for kind in HERE), ("closed", "fix", "no git"), ("file", "check", "git"), ("file", "fix", "no git")],
)  # fmt: skip
def test_what_may_not_be_read_is_told_and_the_others_are_done(mode: str, command: str, kind: str, folder: Path) -> None:
    made(folder, "good.py", "private/a.py", "private/b.py", text=READS)
    under(kind, folder)
    made(folder, "private/new.py", text="x = 1\n")
    closed = folder / ("private/b.py" if mode == "file" else "private")
    closed.chmod({"closed": 0, "listed": 0o444, "file": 0}[mode])
    done = subprocess.run([sys.executable, "-c", WITHOUT_RIGHTS, command], capture_output=True, text=True, timeout=60)
    closed.chmod(0o755)
    bad = "./private/b.py" if mode == "file" else "./private"
    assert told(done.stderr) == f"par-lint: {bad}: cannot be read: Permission denied; check its permissions or exclude it\n"
    assert done.returncode == 2
    assert "./good.py:6:5: PRL101" in done.stdout if command == "check" else "run_parallel" in (folder / "good.py").read_text()


def test_a_file_that_goes_while_files_are_listed_was_never_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(folder, "a.py", "b.py")
    walk = os.walk

    def walked(*arguments: object, **options: object) -> object:
        for entry in walk(*arguments, **options):  # type: ignore[arg-type]
            (folder / "a.py").unlink(missing_ok=True)
            yield entry

    monkeypatch.setattr(os, "walk", walked)
    listed = find_files(["."])
    assert (listed.files, listed.problems) == (["./b.py"], [])


@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_file_that_goes_before_it_is_read_is_told(
    command: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made(folder, "a.py", "b.py", text=READS)
    read_bytes = Path.read_bytes

    def read(path: Path) -> bytes:
        if path.name == "a.py":
            path.unlink(missing_ok=True)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    assert main([command]) == 2
    shown = capsys.readouterr()
    assert told(shown.err) == "par-lint: ./a.py: was deleted after the files were listed; run again\n"
    assert "b.py" in shown.out if command == "check" else "run_parallel" in (folder / "b.py").read_text()


@pytest.mark.parametrize("meanwhile", ["changed", "removed"])
def test_fix_does_not_write_over_what_was_done_meanwhile(
    meanwhile: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made(folder, "a.py", "b.py", text=READS)
    repair = fix.fix

    def slow(*arguments: object, **options: object) -> object:
        if meanwhile == "changed":
            (folder / "a.py").write_text("x = 1\n")
        else:
            (folder / "a.py").unlink(missing_ok=True)
        return repair(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(fix, "fix", slow)
    assert main(["fix", "a.py", "b.py"]) == 2
    error = told(capsys.readouterr().err)
    assert len(error.splitlines()) == 1
    assert error.startswith("par-lint: a.py: ") and error.endswith("run again\n")
    assert (folder / "a.py").read_text() == "x = 1\n" if meanwhile == "changed" else not (folder / "a.py").exists()
    assert "run_parallel" in (folder / "b.py").read_text()


def test_no_comment_is_written_over_what_was_done_meanwhile(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    made(folder, "a.py", text=READS)
    comment = accept_findings.with_noqa

    def slow(*arguments: object) -> object:
        (folder / "a.py").write_text("x = 1\n")
        return comment(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(accept_findings, "with_noqa", slow)
    assert main(["check", "--add-noqa"]) == 2
    assert told(capsys.readouterr().err) == "par-lint: ./a.py: was modified by another program after it was read; left unchanged; run again\n"
    assert (folder / "a.py").read_text() == "x = 1\n"


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_a_file_of_two_names_is_fixed_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(60):  # enough for processes, which read ahead
        made(folder, f"m{number:02}.py", text=READS)
        os.symlink(f"m{number:02}.py", f"l{number:02}.py")
    assert main(["fix"]) == 0
    assert told(capsys.readouterr().err) == ""
    assert {path.read_text().count("import run_parallel") for path in folder.glob("m*.py")} == {1}


@pytest.mark.parametrize("kind", HERE)
def test_pyw_is_python(kind: str, folder: Path) -> None:
    made(folder, "gui.pyw", "other.pyc", text=READS)
    under(kind, folder)
    assert found(".") == ["./gui.pyw"]
    assert main(["fix", "gui.pyw"]) == 0
    assert "run_parallel" in (folder / "gui.pyw").read_text()


SHEBANGS = {
    "#!/usr/bin/env python3": True, "#!/usr/bin/python": True, "#! /usr/bin/env -S python3.11 -u": True, "#!/opt/venv/bin/python3": True, "#!python": True,
    "#!/usr/bin/env python2": False, "#!/bin/sh": False, "#!/usr/bin/env pythonw-wrapper": False, "# python3": False, "": False,
}  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="executable files")
@pytest.mark.parametrize("kind", HERE)
def test_scripts_without_a_suffix_are_what_pre_commit_calls_python(kind: str, folder: Path) -> None:
    from identify import identify

    for number, shebang in enumerate(SHEBANGS):
        made(folder, f"bin/s{number}", text=f"{shebang}\n{READS}")
        (folder / "bin" / f"s{number}").chmod(0o755)
    made(folder, "bin/not-executable", "node_modules/x/s", "bin/s.txt", text=f"#!/usr/bin/env python3\n{READS}")
    (folder / "node_modules" / "x" / "s").chmod(0o755)
    (folder / "bin" / "s.txt").chmod(0o755)
    (folder / "bin" / "link").symlink_to("s0")
    under(kind, folder)
    wanted = [f"bin/s{number}" for number, is_ours in enumerate(SHEBANGS.values()) if is_ours]
    assert found("bin") == wanted
    tags = {path: identify.tags_from_path(str(path)) for path in (folder / "bin").iterdir()}
    assert sorted(f"bin/{path.name}" for path, tag in tags.items() if "python" in tag and "python2" not in tag) == wanted
    assert found("bin/not-executable") == ["bin/not-executable"]


def test_fix_takes_scripts_in_folders(folder: Path) -> None:
    made(folder, "tool", text=f"#!/usr/bin/env python3\n{READS}")
    (folder / "tool").chmod(0o755)
    assert main(["fix"]) == 0
    assert (folder / "tool").read_text().startswith("#!/usr/bin/env python3\n")
    assert "run_parallel(" in (folder / "tool").read_text()
    assert os.access("tool", os.X_OK)


@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_stub_has_nothing_to_check(command: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(folder, "m.pyi", "m.py", text=READS)
    assert found(".") == ["./m.py"]
    assert main([command, "m.pyi"]) == 0
    assert told(capsys.readouterr().err) == "par-lint: m.pyi: skipped: stub files contain no code that runs\n"
    assert (folder / "m.pyi").read_text() == READS


@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_path_that_is_not_there_does_not_stop_the_others(command: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(folder, "a.py", text=READS)
    assert main([command, "nowhere", "a.py", "a.py/b.py"]) == 2
    shown = capsys.readouterr()
    assert told(shown.err).splitlines() == [f"par-lint: {name}: no such file or folder; check the spelling" for name in ("nowhere", "a.py/b.py")]
    assert "PRL101" in shown.out if command == "check" else "run_parallel" in (folder / "a.py").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text")
@pytest.mark.parametrize("arguments", [["check"], ["check", "--output-format=full"], ["check", "--output-format=github"], ["fix", "--diff"], ["fix", "--unsafe-fixes", "--show-withheld"]])
def test_a_name_that_is_no_text(arguments: list[str], folder: Path) -> None:
    with open(os.fsencode(folder) + b"/caf\xe9.py", "w", encoding="utf-8") as file:
        file.write(READS + UNLIMITED + BY_HAND)
    made(folder, "z.py", text=READS)
    done = subprocess.run([sys.executable, "-m", "par_lint", *arguments], capture_output=True, timeout=60)
    assert (done.returncode, b"Traceback" in done.stderr) == (int("--unsafe-fixes" not in arguments), False), done.stderr


def notebook(*cells: str) -> str:
    sources = [{"cell_type": "code", "execution_count": 1, "id": str(number), "metadata": {}, "outputs": [], "source": cell.splitlines(keepends=True)}
               for number, cell in enumerate(cells)]
    return json.dumps({"cells": sources, "metadata": {"ü": 1}, "nbformat": 4, "nbformat_minor": 5}, indent=1, ensure_ascii=False) + "\n"


ADVICE = "not supported directly; use nbQA: nbqa \"par_lint check\""


@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_notebook_that_is_named_is_told(command: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(folder, "a.ipynb", "b.ipynb", text=notebook(READS))
    made(folder, "m.py", text="x = 1\n")
    for names, what in (["a.ipynb"], "a.ipynb: notebooks are"), (["a.ipynb", "b.ipynb", "a.ipynb"], "a.ipynb and 1 more: notebooks are"):
        assert main([command, *names]) == 2
        assert told(capsys.readouterr().err) == f"par-lint: {what} {ADVICE} a.ipynb\n"
        assert main([command, *names, "m.py"]) == 0
        assert told(capsys.readouterr().err) == f"par-lint: {what} {ADVICE} a.ipynb\n"
    assert (folder / "a.ipynb").read_text() == notebook(READS)


@pytest.mark.parametrize("kind", HERE)
def test_notebooks_that_are_found_are_told_in_one_line(kind: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(folder, "a.ipynb", "deep/b.ipynb", "build/c.ipynb", ".ipynb_checkpoints/a.ipynb", text=notebook(READS))
    under(kind, folder)
    assert main(["check"]) == 0
    assert told(capsys.readouterr().err) == f"par-lint: ./a.ipynb and 1 more: notebooks are {ADVICE} ./a.ipynb\n"
    made(folder, "n.py", text="x = 1\n")  # beside Python files, nobody asked for notebooks
    assert main(["check"]) == 0
    assert told(capsys.readouterr().err) == ""
    (folder / "n.py").unlink()
    (folder / ".flake8").write_text("[flake8]\nextend-exclude = *.ipynb\n")
    made(folder, "m.py")
    assert main(["check"]) == 0
    assert told(capsys.readouterr().err) == ""


def test_nbqa_hands_notebooks_over(folder: Path) -> None:
    pytest.importorskip("nbqa")
    text = notebook("%matplotlib inline\nfrom pathlib import Path\n!ls é\n", READS.partition("\n\n\n")[2].rstrip("\n"), "%%bash\nfor x in *; do ls; done\n")
    made(folder, "a.ipynb", text=text)
    nbqa = [sys.executable, "-m", "nbqa"]
    done = subprocess.run([*nbqa, "par_lint check", "a.ipynb"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert done.stdout.startswith("a.ipynb:cell_2:3:5: PRL101 ")
    assert subprocess.run([*nbqa, "par_lint fix", "a.ipynb"], capture_output=True, timeout=120).returncode == 0
    fixed = (folder / "a.ipynb").read_text()
    sources = ["".join(cell["source"]) for cell in json.loads(fixed)["cells"]]
    assert sources[0].count("from par_lint.parallel import run_parallel\n") == 1
    assert "run_parallel(\n" in sources[1]
    assert fixed == notebook(*sources)
    assert sources[2] == "%%bash\nfor x in *; do ls; done\n"

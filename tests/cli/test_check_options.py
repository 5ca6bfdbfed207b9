"""The options of `check` and `fix` that users of other linters expect."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from small_texts import COPIES, READS

from par_lint.frontends.cli.main import main
from par_lint.frontends.reports import FORMATS

BROKEN = "x = 1\ny = (1,\n"
COMMANDS = ("check", "fix", "explain", "config", "rules", "vendor", "completion", "lsp", "demo", "help")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a safe and an unsafe finding, as the working folder."""
    (tmp_path / "reads.py").write_text(READS)
    (tmp_path / "copies.py").write_text(COPIES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def git(*arguments: str) -> None:
    settings = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"]
    subprocess.run(["git", *settings, *arguments], check=True, capture_output=True, timeout=60)


def places(text: str) -> list[str]:
    return re.findall(r"^(\S+:\d+:\d+: PRL\d+)", text, re.MULTILINE)


# Exit codes ------------------------------------------------------------------------------------------------------------


def test_exit_zero_is_for_findings_and_not_for_errors(project: Path) -> None:
    assert main(["check", "--exit-zero"]) == 0
    (project / "broken.py").write_text(BROKEN)
    assert main(["check", "--exit-zero"]) == 2


def test_check_fix_reports_what_is_left(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--fix"]) == 1
    shown = capsys.readouterr()
    assert places(shown.out) == ["./copies.py:5:5: PRL101"]
    assert shown.err == "1 finding fixed, 1 finding in 2 files left; fixable: 1 with `par-lint fix --unsafe-fixes`\n"
    assert "run_parallel(" in (project / "reads.py").read_text()
    assert main(["check", "--fix", "reads.py"]) == 0


def test_check_fix_with_everything_fixed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--fix", "--unsafe-fixes"]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.endswith("2 findings fixed, none left\n")


def test_exit_non_zero_on_fix(project: Path) -> None:
    assert main(["check", "--fix", "--unsafe-fixes", "--exit-non-zero-on-fix", "copies.py"]) == 1
    assert main(["fix", "--exit-non-zero-on-fix", "reads.py"]) == 1
    assert main(["fix", "--exit-non-zero-on-fix"]) == 0


def test_check_fix_says_once_what_cannot_be_parsed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "broken.py").write_text(BROKEN)
    assert main(["check", "--fix"]) == 2
    assert capsys.readouterr().err.count("broken.py") == 1


@pytest.mark.parametrize("arguments", [["-"], ["--diff"], ["--write-baseline", "b.json"], ["--add-noqa"], ["--why-silent"]])
def test_check_fix_is_not_combined_with_what_excludes_it(project: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--fix", *arguments]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert (project / "reads.py").read_text() == READS


def test_a_baseline_of_a_folder_with_a_file_that_is_no_python(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "broken.py").write_text(BROKEN)
    assert main(["check", "--write-baseline", "known.json"]) == 2
    assert "known.json: 2 findings" in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_documents_its_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", command]) == 0
    text = capsys.readouterr().out
    assert "Exit codes" in text
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert capsys.readouterr().out == text


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == 0
    assert all(command in capsys.readouterr().out for command in ("--version",))
    with pytest.raises(SystemExit) as ended:
        main(["-V"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("par-lint ")


# What is printed -------------------------------------------------------------------------------------------------------


def test_text_marks_what_is_fixable_and_counts(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 1
    shown = capsys.readouterr()
    assert [" [*] " in line for line in shown.out.splitlines()] == [False, True]
    assert shown.err == "2 findings in 2 files; fixable: [*] 1 with `par-lint fix`, 1 with `par-lint fix --unsafe-fixes`\n"


@pytest.mark.parametrize("format", ["text", "grouped"])
def test_what_needs_a_module_that_is_not_there_is_not_marked(format: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1"\ndependencies = []\n')
    assert main(["check", "reads.py", "--output-format", format]) == 1
    assert "[*]" not in capsys.readouterr().out
    assert main(["fix", "reads.py"]) == 0
    assert (project / "reads.py").read_text() == READS


def test_the_count_says_what_needs_the_runtime_first(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1"\ndependencies = []\n')
    (project / "runs.py").write_text('import subprocess\n\nsubprocess.run(["make"])\n')
    assert main(["check"]) == 1
    counted = "3 findings in 3 files; fixable: 1 with `par-lint fix --unsafe-fixes`, 2 after `par-lint vendor parallel.py` (they import run_parallel, and pyproject.toml does not list par-lint)\n"
    assert capsys.readouterr().err == counted
    assert main(["fix", "--show-withheld"]) == 0
    shown = capsys.readouterr()
    assert "./copies.py:5:5: PRL101 needs run_parallel and --unsafe-fixes [" in shown.out
    assert "3 findings in 3 files: 0 fixed, 1 fixable with --unsafe-fixes, 0 need a manual fix, 2 need run_parallel\n" in shown.out
    assert shown.err.count("`par-lint vendor parallel.py`") == 1
    assert main(["vendor", "parallel.py"]) == 0
    capsys.readouterr()
    assert main(["check", "copies.py", "reads.py", "runs.py"]) == 1
    assert capsys.readouterr().err == "3 findings in 3 files; fixable: [*] 1 with `par-lint fix`, 2 with `par-lint fix --unsafe-fixes`\n"


def test_the_count_sends_to_fix_if_files_need_different_remedies(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        (project / name).mkdir()
        (project / name / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1"\ndependencies = []\n')
        (project / name / "reads.py").write_text(READS)
    assert main(["check", "one", "two"]) == 1
    assert capsys.readouterr().err == "2 findings in 2 files; fixable: 2 when run_parallel can be imported (`par-lint fix` says how)\n"


def test_a_generated_file_is_not_marked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "reads.py").write_text("# @generated\n" + READS)
    assert main(["check", "reads.py"]) == 1
    assert "[*]" not in capsys.readouterr().out


def test_quiet(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "-q", "."]) == 1
    assert capsys.readouterr().err == ""
    (project / "empty").mkdir()
    assert main(["check", "-q", "empty"]) == 0
    assert main(["fix", "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_verbose(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[tool.par-lint]\n")
    main(["check", "-v"])
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["par-lint: ./copies.py: 1 finding", "par-lint: ./reads.py: 1 finding"]
    assert lines[2].startswith("par-lint: 2 files, 0 from the cache, in ")
    main(["check", "--verbose"])
    assert "par-lint: ./copies.py: 1 finding, from the cache" in capsys.readouterr().err
    main(["fix", "-v"])
    assert "par-lint: ./reads.py: 1 fixed, 0 left" in capsys.readouterr().err


def test_show_fixes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "--diff", "--show-fixes"]) == 1
    assert "./reads.py:6:5: PRL101 would be fixed: `path.read_bytes` waits" in capsys.readouterr().err
    assert main(["check", "--fix", "--show-fixes"]) == 1
    assert "./reads.py:6:5: PRL101 fixed: `path.read_bytes` waits" in capsys.readouterr().err


@pytest.mark.parametrize("format", ["text", "grouped", "full"])
def test_color(format: str, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    main(["check", "--output-format", format, "--color", "always"])
    assert "\x1b[" in capsys.readouterr().out
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    main(["check", "--output-format", format, "--color=never"])
    assert "\x1b[" not in capsys.readouterr().out


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_jobs(jobs: str, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from par_lint.engine import process_pool

    asked: list[int] = []
    make = process_pool._make_pool
    monkeypatch.setattr(process_pool, "_make_pool", lambda size, **named: asked.append(size) or make(size, **named))  # type: ignore[func-returns-value]
    monkeypatch.setattr("par_lint.engine.lint_files._ENOUGH_FOR_PROCESSES", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    for number in range(60):
        (project / f"m{number}.py").write_text("x = 1\n")
    try:
        assert main(["check", "-j", jobs, "--no-cache"]) == 1
    finally:
        process_pool.set_jobs(None)
    assert asked == ([] if jobs == "1" else [2])
    assert len(places(capsys.readouterr().out)) == 2


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5"])
def test_jobs_that_are_no_number(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", f"--jobs={text}"])
    assert ended.value.code == 2
    assert "give a number of processes, 1 or more" in capsys.readouterr().err


def test_timing_names_stages_and_rules(project: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "par_lint", "check", "--timing"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    rows = {line.split("%", 1)[1].strip(): float(line.split()[0]) for line in done.stderr.splitlines() if re.match(r" *[\d.]+ +\d+%", line)}
    assert {"parse (ast)", "parse candidates (LibCST)", "PRL101 sequential-file-io", "everything else", "total"} <= set(rows)
    assert sum(rows.values()) == pytest.approx(2 * rows["total"], abs=0.02)


def run_in_terminal(*arguments: str, until: bytes = b"", seconds: float = 60) -> bytes:
    """What a command prints on a terminal, until it ends or prints `until`; then it is interrupted."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-m", "par_lint", *arguments])
    shown, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        shown += piece
        if not piece:
            break
        if until and until in shown:
            os.kill(pid, signal.SIGINT)
            until = b""
    os.waitpid(pid, 0)
    os.close(terminal)
    return shown


def test_progress_on_a_terminal(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "".join(f"def f{number}(paths):\n    for path in paths:\n        print(open(path).read())\n\n\n" for number in range(40))
    for number in range(20):
        (project / f"m{number:02}.py").write_text(body.replace("print", "return print"))  # costs time, gives no finding
    shown = run_in_terminal("check", "--no-cache", "-j1", "--select=PRL2", ".")
    assert re.search(rb"\r\d+/22 files", shown) or b"/22 files" not in shown
    from par_lint.frontends.cli import terminal

    class Screen:
        text = ""

        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> None:
            self.text += text

        def flush(self) -> None:
            pass

    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(terminal, "_PATIENCE", 0)
    with terminal.Progress(3, terminal.Verbosity()) as progress:
        progress.advance(is_printed=False)
        progress.advance(is_printed=True)
    assert screen.text == "\r1/3 files\x1b[K\r\x1b[K"
    with terminal.Progress(3, terminal.Verbosity(quiet=True)) as progress:
        progress.advance(is_printed=False)
    assert screen.text == "\r1/3 files\x1b[K\r\x1b[K"


def test_watch_checks_again_after_a_change_and_ends_with_ctrl_c(project: Path) -> None:
    process = subprocess.Popen([sys.executable, "-m", "par_lint", "check", "--watch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    lines = iter(process.stderr.readline, "")
    assert next(lines).startswith("2 findings")
    assert "watching for changes" in next(lines)
    (project / "copies.py").write_text("x = 1\n")
    assert next(lines).startswith("1 finding ")
    assert "watching for changes" in next(lines)
    (project / "pyproject.toml").write_text('[tool.par-lint]\nignore = ["PRL101"]\n')
    assert next(lines) == "0 findings in 2 files\n"
    assert "watching for changes" in next(lines)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    process.stdout.close()  # type: ignore[union-attr]
    process.stderr.close()


# Only what changed -----------------------------------------------------------------------------------------------------


@pytest.fixture
def repository(project: Path) -> Path:
    (project / "both.py").write_text(READS + "\n\n" + COPIES)
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "a")
    return project


def since(capsys: pytest.CaptureFixture[str], ref: str = "HEAD", *arguments: str) -> list[str]:
    main(["check", "--since", ref, *arguments])
    return places(capsys.readouterr().out)


def test_since_reports_statements_with_changed_lines(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert since(capsys) == []
    path = repository / "both.py"
    path.write_text(path.read_text().replace("        total += ", "        total +=  "))
    (found,) = since(capsys)
    assert found == "./both.py:6:5: PRL101"
    git("commit", "-q", "-a", "-m", "b")
    assert since(capsys) == []
    assert since(capsys, "HEAD~1") == ["./both.py:6:5: PRL101"]
    assert since(capsys, "HEAD~1", "both.py", "reads.py") == ["both.py:6:5: PRL101"]


def test_since_counts_new_files_from_any_folder(repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "sub").mkdir()
    (repository / "sub" / "ä new.py").write_text(READS)
    assert since(capsys, "main") == ["./sub/ä"] or main(["check", "--since", "main"]) == 1
    monkeypatch.chdir(repository / "sub")
    assert main(["check", "--since", "main"]) == 1
    git("add", ".")
    assert main(["check", "--since", "main"]) == 1
    git("commit", "-q", "-m", "b")
    assert main(["check", "--since", "HEAD~1"]) == 1
    assert main(["check", "--since", "main"]) == 0


def test_since_is_where_the_branch_left(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git("checkout", "-q", "-b", "work")
    git("checkout", "-q", "main")
    (repository / "reads.py").write_text(READS.replace("total", "sum_of_all"))
    git("commit", "-q", "-a", "-m", "on main")
    git("checkout", "-q", "work")
    assert since(capsys, "main") == []


def test_fix_since(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    second = READS.replace("def ", "def second_")
    (repository / "reads.py").write_text(READS + "\n\n" + second.partition("\n\n\n")[2])
    assert main(["fix", "--since", "HEAD"]) == 0
    text = (repository / "reads.py").read_text()
    assert text.count("run_parallel(") == 1
    assert text.index("for path in paths:") < text.index("run_parallel(")


MANY = """\
import subprocess
from pathlib import Path


def old(names):
    for name in names:
        subprocess.run(["convert", name])
    return [Path(one).read_text() for one in names]  # noqa: PRL201


"""
"""Findings that did not change: their fixes are safe, unsafe, and overlap."""


def test_fix_since_is_about_the_findings_of_check_since(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = repository / "reads.py"
    path.write_text(MANY)
    git("commit", "-q", "-a", "-m", "many")
    path.write_text(MANY + MANY.partition("\n\n\n")[2].replace("old", "new"))
    shown = ["./reads.py:12:5: PRL103", "./reads.py:13:9: PRL201", "./reads.py:14:12: PRL101", "./reads.py:14:54: PRL001"]
    assert since(capsys, "HEAD", "--unused-noqa") == shown
    assert main(["fix", "--since", "HEAD", "--unused-noqa", "--show-withheld", "--show-fixes", "--diff", "--unsafe-fixes"]) == 1
    assert sorted(places(capsys.readouterr().err))[:3] == shown[:3]  # also those that can be fixed only after the others
    assert main(["fix", "--since", "HEAD", "--unused-noqa", "--show-withheld", "--show-fixes"]) == 0
    told = capsys.readouterr().out
    assert "4 findings in 1 file: 2 fixed, 2 fixable with --unsafe-fixes, 0 need a manual fix" in told
    text = path.read_text()
    assert text.partition("def new")[0].count("noqa") == 1
    assert "noqa" not in text.partition("def new")[2]
    assert text.index("def new") < text.index("run_parallel(")


@pytest.mark.parametrize("ref", ["nowhere", "--output=x", ""])
def test_a_commit_that_is_not_there(ref: str, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", f"--since={ref}"]) == 2
    assert capsys.readouterr().err == f"par-lint: --since {ref}: git has no such commit; check the spelling, or fetch it (CI often clones without history)\n"


def test_since_outside_a_repository(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--since", "HEAD"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("par-lint: --since HEAD: not a git repository") and len(shown.splitlines()) == 1


def test_since_says_what_git_says(repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert main(["check", "--since", "HEAD"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("par-lint: --since HEAD: detected dubious ownership in repository at ") and len(shown.splitlines()) == 1
    monkeypatch.setenv("PATH", "")
    assert main(["check", "--since", "HEAD"]) == 2
    assert capsys.readouterr().err.startswith("par-lint: --since HEAD: git cannot be run: ")


# The diff ------------------------------------------------------------------------------------------------------------------


ODD = {"my reads.py": READS.encode(), "crlf.py": READS.replace("\n", "\r\n").encode(), "feed.py": READS.replace("import", "\fimport", 1).encode(),
       "latin.py": b"# -*- coding: latin-1 -*-\n# \xe9\n" + READS.encode(), "end.py": READS.rstrip("\n").encode(), "ä.py": READS.encode()}  # fmt: skip


@pytest.mark.parametrize("kind", ["no path", "dot", "name", "absolute", "in a subfolder"])
def test_git_applies_the_diff(kind: str, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = repository / "pkg"
    folder.mkdir()
    for name, source in ODD.items():
        (folder / name).write_bytes(source)
    git("add", ".")
    where = {"no path": [], "dot": ["."], "name": [f"pkg/{name}" for name in ODD], "absolute": [str(folder)], "in a subfolder": []}[kind]
    if kind == "in a subfolder":
        monkeypatch.chdir(folder)
    done = subprocess.run([sys.executable, "-m", "par_lint", "fix", "--diff", *where], capture_output=True, timeout=120)
    assert done.returncode == 1
    applied = subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=done.stdout, capture_output=True, timeout=60)
    assert (applied.returncode, applied.stderr) == (0, b"")
    by_git = {name: (folder / name).read_bytes() for name in ODD}
    for name, source in ODD.items():
        (folder / name).write_bytes(source)
    assert main(["fix", "-q", str(folder)]) == 0
    assert by_git == {name: (folder / name).read_bytes() for name in ODD}
    assert all(b"run_parallel(" in source for source in by_git.values())


# Formats ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def broken(project: Path) -> Path:
    """The project with a file that is no Python."""
    (project / "sub").mkdir()
    (project / "sub" / "broken.py").write_text(BROKEN)
    (project / "clean.py").write_text("x = 1\n")
    return project


WORDS = f"'(' was never closed (parsed as Python {sys.version_info[0]}.{sys.version_info[1]})"


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_has_the_place_of_a_syntax_error(format: str, broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--output-format", format]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(f"par-lint: ./sub/broken.py:2:5: SyntaxError: {WORDS}; fix it or exclude the file\n")
    if format in ("text", "grouped", "full"):
        return
    assert f"SyntaxError: {WORDS}" in shown.out
    assert re.search({
        "json": r'"line": 2,\s+"column": 5,', "json-lines": r'"line": 2, "column": 5,', "github": r"^::error file=sub/broken.py,line=2,col=5,",
        "gitlab": r'"begin": 2,', "junit": r"\./sub/broken.py:2:5: E999 ", "sarif": r'"startLine": 2,\s+"startColumn": 5\b',
    }[format], shown.out, re.MULTILINE)  # fmt: skip


def test_json_lines_are_the_objects_of_json(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--output-format", "json"])
    whole = json.loads(capsys.readouterr().out)
    main(["check", "--output-format", "json-lines"])
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == whole
    assert [one["code"] for one in whole] == ["PRL101", "PRL101", "E999"]


def test_gitlab(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (broken / "reads.py").write_text(READS + "\n\n" + READS)
    main(["check", "--output-format", "gitlab"])
    found = json.loads(capsys.readouterr().out)
    assert [(one["location"]["path"], one["check_name"], one["severity"]) for one in found] == [
        ("copies.py", "PRL101", "minor"), ("reads.py", "PRL101", "minor"), ("reads.py", "PRL101", "minor"), ("sub/broken.py", "E999", "blocker"),
    ]  # fmt: skip
    assert found[0]["location"]["lines"] == {"begin": 5, "end": 5}
    before = [one["fingerprint"] for one in found]
    assert len(set(before)) == 4
    (broken / "copies.py").write_text("# moved\n\n" + COPIES)
    main(["check", "--output-format", "gitlab"])
    assert [one["fingerprint"] for one in json.loads(capsys.readouterr().out)] == before


def test_junit(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (broken / "od&d <\x07>.py").write_text(COPIES)
    main(["check", "--output-format", "junit"])
    root = ElementTree.fromstring(capsys.readouterr().out)
    assert root.attrib == {"name": "par-lint", "tests": "5", "failures": "3", "errors": "1"}
    suites = {suite.attrib["name"]: suite for suite in root}
    assert set(suites) == {"./copies.py", "./reads.py", "./od&d <?>.py", "./sub/broken.py", "clean files"}
    assert sum(int(suite.attrib["tests"]) for suite in root) == len(root.findall(".//testcase")) == 5
    (failure,) = suites["./reads.py"].findall(".//failure")
    assert failure.attrib["message"].startswith("./reads.py:6:5: PRL101 `path.read_bytes` waits")
    (case,) = suites["clean files"]
    assert (case.attrib["name"], len(case)) == ("1 file without findings", 0)


def test_grouped(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--output-format", "grouped"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "./copies.py:"
    assert lines[1].startswith("  5:5  PRL101 `copy` waits") or lines[1].startswith("  5:5  PRL101 ")
    assert lines[2:4] == ["", "./reads.py:"]
    assert lines[4].startswith("  6:5  PRL101 [*] `path.read_bytes` waits")


@pytest.mark.parametrize("format", ["json", "json-lines", "sarif", "full"])
def test_formats_with_fixes_use_the_cache(format: str, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "pyproject.toml").write_text("[tool.par-lint]\n")
    main(["check", "--output-format", format])
    first = capsys.readouterr().out
    assert "run_parallel(" in first

    def fail(*_: object) -> None:
        raise AssertionError("linted again")

    monkeypatch.setattr("par_lint.engine.fix_diff.lint_and_propose", fail)
    assert main(["check", "--output-format", format]) == 1
    assert capsys.readouterr().out == first
    (project / "pyproject.toml").write_text('[tool.par-lint]\nruntime = "app.tools"\n')
    assert main(["check", "--output-format", format]) == 2  # the fixes import from elsewhere: made again


def test_a_fix_of_each_finding_costs_little_more_than_the_findings(tmp_path: Path) -> None:
    from par_lint.core.config.settings import Config
    from par_lint.core.files.source_text import parse_tree, split_lines
    from par_lint.engine.fix_diff import Import, lint_and_propose
    from par_lint.engine.lint_file import lint

    text = "from pathlib import Path\n\n\n" + "".join(READS.partition("\n\n\n")[2].replace("def ", f"def f{number}_") + "\n\n" for number in range(60))

    def seconds(work: object) -> float:
        began = time.process_time()
        work()  # type: ignore[operator]
        return time.process_time() - began

    def find() -> None:
        assert len(lint(parse_tree(text.encode()), split_lines(text), Config())) == 60

    def propose() -> None:
        _, proposals, problems = lint_and_propose("m.py", text.encode(), Config(), Import("par_lint.parallel", None))
        assert not problems
        assert all(len(one.edits) == 2 for one in proposals)

    find()
    assert min(seconds(propose) for _ in range(2)) < 4 * min(seconds(find) for _ in range(2))  # it was 30 times as much


@pytest.mark.parametrize("options", [[], ["--select", "PRL101"], ["--isolated"]])
def test_findings_are_reported_where_par_lint_is_not_installed_but_found_on_the_path(options: list[str], tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("from pathlib import Path\ndef f(paths: list[Path]):\n    for path in paths:\n        print(path.read_text())\n")
    code = (
        "import importlib.metadata as metadata, sys\n"
        "everything = metadata.distributions\n"
        "metadata.distributions = lambda **given: (one for one in everything(**given) if one.metadata['Name'].replace('_', '-') != 'par-lint')\n"
        "from par_lint.frontends.cli.main import main\n"
        "sys.exit(main(['check', '--no-cache', *sys.argv[1:], 'm.py']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *options], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "m.py:3:5: PRL101" in done.stdout) == (1, True), done.stderr

"""The command line, as a user types it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_texts import COPIES as COPY
from small_texts import READS as LOOP

from par_lint.frontends.cli.main import main
from par_lint.rules import all_rules

SEARCH = """\
from pathlib import Path


def find(paths: list[Path]):
    for path in paths:
        if path.read_text():
            return path
"""
MESSAGE = "PRL101 `path.read_bytes` waits for one file at a time: use run_parallel(..., max_workers=20)"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three modules, as the working folder."""
    (tmp_path / "loop.py").write_text(LOOP)
    (tmp_path / "copy_all.py").write_text(COPY)
    (tmp_path / "search.py").write_text(SEARCH)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_check_prints_findings_like_flake8(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert f"./loop.py:6:5: {MESSAGE.replace('PRL101', 'PRL101 [*]')}" in shown
    done = subprocess.run([sys.executable, "-m", "flake8", "--select", "PRL", "."], capture_output=True, text=True, timeout=60)
    assert sorted(line.replace(" [*]", "") for line in shown) == sorted(done.stdout.splitlines())


def test_check_is_silent_about_clean_files(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "search.py"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("arguments", [["--select", "PRL2"], ["--extend-ignore", "PRL101"]])
def test_check_takes_a_selection(project: Path, arguments: list[str]) -> None:
    assert main(["check", *arguments]) == 0


def test_check_obeys_flake8s_configuration(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".flake8").write_text("[flake8]\nper-file-ignores =\n    loop.py: PRL101\nexclude = copy_all.py\n")
    assert main(["check"]) == 0
    (project / ".flake8").write_text("[flake8]\nextend-ignore = PRL101\n")
    assert main(["check"]) == 0
    assert capsys.readouterr().out == ""


def test_check_and_fix_obey_noqa(project: Path) -> None:
    text = LOOP.replace("in paths:\n", "in paths:  # noqa: PRL101\n", 1).replace("for path in paths:\n", "for path in paths:  # noqa: PRL101\n")
    (project / "loop.py").write_text(text)
    assert main(["check", "loop.py"]) == 0
    assert main(["fix", "loop.py"]) == 0
    assert (project / "loop.py").read_text() == text


def test_check_shows_the_diff_of_safe_fixes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--diff", "loop.py"]) == 1
    assert "+from par_lint.parallel import run_parallel" in capsys.readouterr().out
    assert (project / "loop.py").read_text() == LOOP


def test_fix_applies_safe_fixes_and_says_what_is_left(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out == ["2 findings in 3 files: 1 fixed, 1 fixable with --unsafe-fixes, 0 need a manual fix (--show-withheld shows the reasons)"]
    assert "run_parallel" in (project / "loop.py").read_text()
    assert (project / "copy_all.py").read_text() == COPY
    assert main(["fix"]) == 0


def test_fix_applies_unsafe_fixes_when_asked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "--unsafe-fixes"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "./copy_all.py:5:5: PRL101 fixed, please review [writes]: `copy()` changes files (line 6)",
        "2 findings in 3 files: 2 fixed, 0 fixable with --unsafe-fixes, 0 need a manual fix",
    ]
    assert main(["check"]) == 0


def test_fix_can_show_the_diff_only(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "--diff", "loop.py"]) == 1
    shown = capsys.readouterr()
    assert shown.out.startswith("--- a/loop.py\n+++ b/loop.py\n")
    assert "1 would be fixed" in shown.err
    assert (project / "loop.py").read_text() == LOOP


def test_fix_reads_stdin_and_writes_stdout(project: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LOOP.encode())))
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(os.fdopen(os.dup(1), "wb")))
    assert main(["fix", "-"]) == 0
    sys.stdout.flush()
    assert b"run_parallel(" in capfdbinary.readouterr().out


def test_fix_names_the_reason_and_the_line_of_a_withheld_fix(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "loop.py").write_text(LOOP.replace("    return total", "    return path, total"). replace("total += len(path.read_bytes())", "if path:\n            total += len(path.read_bytes())"))
    main(["fix", "--show-withheld"])
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "./copy_all.py:5:5: PRL101 needs --unsafe-fixes [writes]: `copy()` changes files (line 6)"
    assert out[1:] == ["./loop.py:6:5: PRL101 not fixed [names]: `path` is used after the loop (line 6)", "2 findings in 3 files: 0 fixed, 1 fixable with --unsafe-fixes, 1 needs a manual fix"]
    main(["fix", "loop.py"])
    assert "--show-withheld" in capsys.readouterr().out


def test_fix_keeps_the_mode_and_follows_links(project: Path) -> None:
    (project / "loop.py").chmod(0o755)
    (project / "link.py").symlink_to("loop.py")
    assert main(["fix", "link.py"]) == 0
    assert (project / "link.py").is_symlink()
    assert (project / "loop.py").stat().st_mode & 0o777 == 0o755
    assert "run_parallel" in (project / "loop.py").read_text()


def test_fix_needs_a_runtime_to_import(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = 'app'\ndependencies = ['requests']\n")
    assert main(["fix", "--show-withheld", "loop.py"]) == 0
    shown = capsys.readouterr()
    assert "not fixed [runtime]: pyproject.toml does not list par-lint\n" in shown.out
    assert shown.err.splitlines() == [
        "par-lint: loop fixes need run_parallel, and pyproject.toml does not list par-lint:",
        "par-lint: add par-lint to the dependencies in pyproject.toml, or copy the runtime into the project: `par-lint vendor parallel.py`.",
    ]
    assert main(["fix", "--runtime", "app.parallel", "loop.py"]) == 0
    assert "from app.parallel import run_parallel" in (project / "loop.py").read_text()


def test_fix_uses_a_vendored_runtime(project: Path) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = 'app'\n")
    package = project / "app" / "tools"
    package.mkdir(parents=True)
    (project / "app" / "__init__.py").touch()
    (package / "__init__.py").touch()
    assert main(["vendor", str(package)]) == 0
    assert main(["fix", "loop.py"]) == 0
    assert "from app.tools.parallel import run_parallel" in (project / "loop.py").read_text()


def test_fix_uses_par_lint_itself_where_the_project_depends_on_it(project: Path) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = 'app'\ndependencies = ['par-lint>=0.1']\n")
    assert main(["fix", "loop.py"]) == 0
    assert "from par_lint.parallel import run_parallel" in (project / "loop.py").read_text()


def test_explain_and_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "prl101"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("PRL101 sequential-file-io\n")
    assert all(part in page for part in ("Why", "Example", "Not reported when", "Fix safety"))
    assert main(["rules"]) == 0
    assert capsys.readouterr().out.count("| PRL") == len(all_rules()) + 2  # and two codes that are not rules
    assert main(["explain", "PRL999"]) == 2
    assert capsys.readouterr().err.startswith("par-lint: PRL999: no such rule; valid rules: PRL101, ")


def test_vendor_writes_a_copy_and_notices_drift(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = project / "parallel.py"
    assert main(["vendor", str(target)]) == 0
    assert main(["vendor", "--check", str(target)]) == 0
    subprocess.run([sys.executable, "-I", "-c", "import runpy; runpy.run_path('parallel.py')"], check=True, timeout=30)
    target.write_text(target.read_text() + "# mine\n")
    capsys.readouterr()
    assert main(["vendor", "--check", str(target)]) == 1
    assert "was modified" in capsys.readouterr().err
    assert main(["vendor", str(target)]) == 2
    assert capsys.readouterr().err == f"par-lint: {target} was modified and is left unchanged; run `par-lint vendor --force {target}` to overwrite it\n"
    assert target.read_text().endswith("# mine\n")
    assert main(["vendor", "--force", str(target)]) == 0
    assert main(["vendor", "--check", str(target)]) == 0


def test_vendor_overwrites_nothing_but_copies(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vendor", "loop.py"]) == 2
    assert (project / "loop.py").read_text() == LOOP
    assert "already exists and is not a vendored runtime" in capsys.readouterr().err


def test_help_and_version_import_nothing_heavy() -> None:
    code = "import sys\nfrom par_lint.frontends.cli.main import main\ntry:\n    main(['--version'])\nexcept SystemExit:\n    pass\nsys.exit('libcst' in sys.modules or 'flake8' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


def test_python_m_par_lint(project: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "par_lint", "check", "loop.py"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, f"loop.py:6:5: {MESSAGE.replace('PRL101', 'PRL101 [*]')}\n")
    assert done.stderr == "1 finding in 1 file; fixable: [*] 1 with `par-lint fix`\n"


def test_many_files_are_fixed_and_a_bad_one_stops_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(60):
        (project / f"many{number:02}.py").write_text(LOOP)
    (project / "many30.py").write_text("def broken(:\n")
    assert main(["fix", "--runtime", "par_lint.parallel"]) == 2
    shown = capsys.readouterr()
    assert "many30.py:1:12: SyntaxError" in shown.err
    assert "60 fixed" in shown.out
    assert all("run_parallel" in (project / f"many{number:02}.py").read_text() for number in range(60) if number != 30)


INTERRUPTIBLE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is started to ignore it
from par_lint.frontends.cli.main import main
print("started", flush=True)
sys.exit(main(["fix", "many"]))
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_leaves_every_file_whole(project: Path) -> None:
    """Each file is as it was, or fixed in whole; nothing else is left behind, no process goes on, and one line says so."""
    (project / "many").mkdir()
    files = [project / "many" / f"f{number}.py" for number in range(400)]
    for number, path in enumerate(files):
        path.write_text(f"# {number}\n{LOOP}")
    running = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=project, start_new_session=True
    )
    assert running.stdout is not None and running.stdout.readline() == "started\n"
    deadline = time.monotonic() + 60
    while not any("run_parallel" in path.read_text() for path in files) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does, to the whole group
    _, error = running.communicate(timeout=60)
    assert running.returncode == 130
    assert error == "par-lint: interrupted; no file was left half-written\n"
    assert sorted(path.name for path in (project / "many").iterdir()) == sorted(path.name for path in files)
    texts = [path.read_text() for path in files]
    fixed = [text for text in texts if "run_parallel" in text]
    assert 0 < len(fixed) < len(files)
    assert all(text.endswith("return total\n") for text in texts)
    with pytest.raises(ProcessLookupError):
        for _ in range(100):  # the server of forks, from Python 3.14 on, ends when it notices that its pipe is closed
            os.killpg(running.pid, 0)
            time.sleep(0.1)


@pytest.mark.parametrize("command", [["check"], ["fix", "loop.py"], ["config"], ["vendor", "parallel.py"]], ids=lambda one: one[0])
def test_a_working_folder_that_is_gone_is_one_line_and_no_finding(command: list[str], tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"rmdir {gone} && exec {sys.executable} -m par_lint {' '.join(command)}"
    done = subprocess.run(["sh", "-c", script], cwd=gone, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "check the working folder" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (PermissionError(13, "Permission denied", "secret/x.py"), "par-lint: secret/x.py: Permission denied; check its permissions and those of the folders above it"),
        (TypeError("no"), "par-lint: rules: PRL000 internal error (TypeError at main.py:"),
    ],
)  # fmt: skip
def test_an_unexpected_error_is_one_line_and_no_finding(
    error: Exception, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> str:
        raise error

    monkeypatch.setattr("par_lint.rules.rule_docs.rules_table", fail)
    assert main(["rules"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(line) and shown.count("\n") == 1


def test_a_closed_output_is_no_error(tmp_path: Path) -> None:
    done = subprocess.run(["sh", "-c", f"{sys.executable} -m par_lint rules >&-"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_selection_that_reports_nothing_is_an_error(command: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--select", "prl001", "loop.py"]) == 2
    assert capsys.readouterr().err == "par-lint: --select: PRL001 is reported only with --unused-noqa; add that option\n"
    assert main([command, "--select", "unused-noqa", "--unused-noqa", "loop.py"]) == 0
    assert (project / "loop.py").read_text() == LOOP

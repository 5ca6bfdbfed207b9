"""`par-lint completion`: the scripts complete in real shells, where those are installed."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from par_lint.frontends.cli.main import main
from par_lint.frontends.cli.options import SHELLS
from par_lint.frontends.reports import FORMATS

needs = {shell: pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed") for shell in SHELLS}


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("shell", [pytest.param(shell, marks=needs[shell]) for shell in SHELLS])
def test_the_shell_reads_it(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "script"
    path.write_text(script(shell, capsys))
    done = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


BASH = """\
source ./script
COMP_WORDS=({words})
COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
_par_lint
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
CASES = [
    ("par-lint ''", {"check", "fix", "explain", "rules", "config", "vendor", "completion", "lsp", "demo", "help", "--help", "--version"}),
    ("par-lint ex", {"explain"}),
    ("par-lint check --out", {"--output-format", "--output-file"}),
    ("par-lint check --output-format ''", set(FORMATS)),
    ("par-lint check --output-format s", {"sarif"}),
    ("par-lint explain PRL20", {"PRL201", "PRL202"}),
    ("par-lint completion ''", {"bash", "zsh", "fish", "-h", "--help"}),
    ("par-lint check lo", {"loop.py"}),
    ("par-lint fix --unsafe-fixes lo", {"loop.py"}),
    ("par-lint check --baseline lo", {"loop.py"}),
    ("par-lint check --select PRL50", {"PRL501"}),
    ("par-lint fix --runtime lo", {""}),
]


@needs["bash"]
@pytest.mark.parametrize(("words", "expected"), CASES)
def test_bash_completes(words: str, expected: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "script").write_text(script("bash", capsys))
    (tmp_path / "loop.py").touch()
    done = subprocess.run(["bash", "--norc", "-c", BASH.format(words=words)], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    assert set(done.stdout.splitlines()) == expected


@needs["fish"]
def test_fish_completes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "script").write_text(script("fish", capsys))
    (tmp_path / "loop.py").touch()

    def completed(line: str) -> set[str]:
        command = ["fish", "--no-config", "-c", f"source script; complete -C {line!r}"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
        assert done.stderr == ""
        return {word.partition("\t")[0] for word in done.stdout.splitlines()}

    assert completed("par-lint ex") == {"explain"}
    assert completed("par-lint check --output-format ") == set(FORMATS)
    assert completed("par-lint check --out") == {"--output-format", "--output-file"}
    assert completed("par-lint check lo") == {"loop.py"}
    assert completed("par-lint explain PRL20") == {"PRL201", "PRL202"}


def test_the_scripts_know_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    options = set(re.findall(r"^ +(?:-\w(?: \w+)?, )?(--[\w-]+)", capsys.readouterr().out, re.MULTILINE))
    assert len(options) > 15
    for shell in SHELLS:
        text = script(shell, capsys)
        assert [option for option in options if (f"-l {option[2:]} " if shell == "fish" else option) not in text] == []


def test_printing_one_imports_no_flake8() -> None:
    code = "import sys\nfrom par_lint.frontends.cli.main import main\nmain(['completion', 'bash'])\nsys.exit('flake8' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True)


@needs["zsh"]
def test_zsh_completes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "script").write_text(script("zsh", capsys))
    (tmp_path / "loop.py").touch()
    keys = ["par-lint exp\t", "par-lint check --output-format sa\t", "par-lint check lo\t", "par-lint explain PRL50\t"]
    assert [word in _typed(line, tmp_path) for line, word in zip(keys, ["explain ", "sarif ", "loop.py ", "PRL501 "], strict=True)] == [True] * 4


def _typed(keys: str, folder: Path) -> str:
    """What zsh shows after keys were typed, at a terminal: it completes nowhere else."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(str(shutil.which("zsh")), ["zsh", "-f", "-i"], {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(folder), "PS1": "ready"})
    try:
        _read_until(terminal, "ready")
        os.write(terminal, b"autoload -Uz compinit; compinit -u -D; source ./script; print loa''ded\n")
        _read_until(terminal, "loaded")
        os.write(terminal, keys.encode())
        return _read_until(terminal, keys.split()[-1][:2], quiet=2)
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


def _read_until(terminal: int, word: str, quiet: float = 0) -> str:
    """What a terminal shows up to a word, at most for 30 s; with `quiet`, up to so many seconds of silence after it."""
    shown = ""
    for _ in range(300):
        ready = select.select([terminal], [], [], quiet or 0.1)[0]
        if ready:
            shown += os.read(terminal, 4096).decode(errors="replace")
        if word in shown and (not quiet or not ready):
            return shown
    raise AssertionError(f"{word!r} did not come: {shown!r}")

"""What the fixes of PRL201 write ends the wait, whatever the child does: programs that are fixed, and run against children that do not end."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.engine.fix_file import fix
from par_lint.engine.lint_file import lint
from par_lint.rules.rule_docs import pages

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the children are scripts of sh")

HEAD = "import os\nimport subprocess\nimport sys\nfrom subprocess import PIPE, Popen\n\n"
LONG = 40  # seconds that a child lives
MOST = 20  # seconds that a program may take whose limit is one second, on a machine that is busy
CHILDREN = {
    "hangs": f"exec sleep {LONG}",
    "ignores SIGTERM": f"trap '' TERM; sleep {LONG} & wait",
    "has a grandchild that holds the pipe": f"sleep {LONG} & sleep {LONG}",
    "floods its output": "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done",
}
FORMS = {
    "run": "subprocess.run(COMMAND)",
    "run, captured": "subprocess.run(COMMAND, capture_output=True)",
    "run in a shell": "subprocess.run(TEXT, shell=True, stdout=PIPE)",
    "a pipe in a shell": "subprocess.run(TEXT + ' | cat', shell=True, capture_output=True)",
    "call": "subprocess.call(COMMAND)",
    "call, its pipe full": "subprocess.call(COMMAND, stdout=PIPE)",
    "check_call": "subprocess.check_call(COMMAND)",
    "check_output": "subprocess.check_output(COMMAND)",
    "communicate": "p = Popen(COMMAND, stdout=PIPE)\nout, _ = p.communicate()",
    "communicate, with more done": "p = Popen(COMMAND, stdout=PIPE)\nprint(p.pid)\nout, _ = p.communicate()",
    "communicate, both read": "p = Popen(COMMAND, stdout=PIPE, stderr=PIPE)\nout, err = p.communicate()\nprint(p.returncode)",
    "communicate in a with": "with Popen(COMMAND, stdout=PIPE) as p:\n    print(p.communicate()[0])",
    "communicate in a shell": "p = Popen(TEXT, shell=True, stdout=PIPE)\np.communicate()",
    "wait": "p = Popen(COMMAND, stdout=PIPE)\np.wait()",
    "wait, with more done": "p = Popen(COMMAND)\nprint(p.pid)\np.wait()",
    "wait alone": "p = Popen(COMMAND)\np.wait()",
    "wait in a with": "with Popen(COMMAND) as p:\n    p.wait()",
    "wait of a group": "p = Popen(TEXT, shell=True, start_new_session=True)\np.wait()",
    "communicate with a group": "p = Popen(TEXT, shell=True, stdout=PIPE, preexec_fn=os.setsid)\np.communicate()",
    "wait in a condition": "p = Popen(COMMAND)\nif p.wait() != 0:\n    print(p)",
    "wait of what is made there": "Popen(COMMAND).wait()",
    "communicate of what is made there": "print(Popen(COMMAND, stdout=PIPE).communicate()[0])",
    "a handler that kills": "p = Popen(COMMAND, stdout=PIPE)\ntry:\n    p.communicate()\nexcept subprocess.TimeoutExpired:\n    p.kill()\n    raise",
    "os.system": "os.system(TEXT)",
    "os.system in a condition": "if not os.system(TEXT) == 0:\n    print()",
    "os.popen": "print(os.popen(TEXT).read())",
    "getoutput": "print(subprocess.getoutput(TEXT))",
}


def fixed(text: str) -> str:
    """The program with its one finding fixed, with a limit of a second."""
    result = fix((HEAD + text + "\n").encode(), Config(timeouts={"default": 1}), unsafe=True, wanted=lambda finding, _: finding.code == "PRL201", runtime="r")
    assert len(result.fixed) == 1
    assert not result.remaining
    return result.source.decode()


def run_all(program: str, folder: Path) -> dict[str, tuple[int, str]]:
    """The exit code and the errors of a program with each of the children."""
    path = folder / "program.py"
    path.write_text(program.replace("TEXT", "sys.argv[1]").replace("COMMAND", "['sh', '-c', sys.argv[1]]"))
    begun = time.monotonic()
    running = {
        name: subprocess.Popen([sys.executable, str(path), script], stdout=subprocess.DEVNULL, stderr=(folder / name).open("w")) for name, script in CHILDREN.items()
    }
    try:
        codes = {name: process.wait(timeout=max(0.1, begun + MOST - time.monotonic())) for name, process in running.items()}
    finally:
        for process in running.values():
            process.kill()
            process.wait()
    return {name: (code, (folder / name).read_text()) for name, code in codes.items()}


@pytest.mark.parametrize("form", FORMS)
def test_the_wait_ends(form: str, tmp_path: Path) -> None:
    for name, (code, errors) in run_all(fixed(FORMS[form]), tmp_path).items():
        assert code == 1, name
        assert "subprocess.TimeoutExpired" in errors.splitlines()[-1], name


@pytest.mark.parametrize("form", ["run, captured", "check_output", "os.system", "wait, with more done", "communicate in a with"])
def test_a_handler_of_failures_takes_it_as_one(form: str, tmp_path: Path) -> None:
    body = textwrap.indent(FORMS[form], "    ")
    program = fixed(f"try:\n{body}\nexcept (subprocess.CalledProcessError, OSError) as e:\n    print(f'failed: {{e}}', file=sys.stderr)\n    sys.exit(3)")
    for name, (code, errors) in run_all(program, tmp_path).items():
        assert (code, "failed: Command" in errors) == (3, True), name


def test_what_was_told_to_end_is_killed_and_nothing_raised(tmp_path: Path) -> None:
    text = "p = Popen(COMMAND)\nimport time\ntime.sleep(0.5)\np.terminate()\np.wait()\nassert p.returncode < 0"
    program = fixed(text)
    assert "timeout=10" in program
    for name, (code, errors) in run_all(program.replace("timeout=10", "timeout=1"), tmp_path).items():
        assert (code, errors) == (0, ""), name


@pytest.mark.parametrize("form", ["run", "check_output", "communicate", "communicate in a with", "wait", "wait, with more done", "wait alone", "communicate, both read", "wait of what is made there"])
def test_no_child_is_left(form: str, tmp_path: Path) -> None:
    marker = f"{LONG}.{os.getpid()}{list(FORMS).index(form)}"
    path = tmp_path / "program.py"
    path.write_text(fixed(FORMS[form]).replace("COMMAND", f"['sleep', '{marker}']"))
    assert subprocess.run([sys.executable, str(path)], stderr=subprocess.DEVNULL, timeout=MOST, check=False).returncode == 1
    left = [file for file in Path("/proc").glob("[0-9]*/cmdline") if file.exists() and marker.encode() in file.read_bytes()]
    assert left == []


def grandchildren_left(program: str, folder: Path) -> int:
    """How many grandchildren live on after a program whose shell started a command and waits for it."""
    marker = f"{LONG}.{os.getpid()}{int(time.monotonic() * 1000)}"
    path = folder / "program.py"
    path.write_text(program.replace("TEXT", f"'sleep {marker} | cat'"))
    assert subprocess.run([sys.executable, str(path)], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=MOST, check=False).returncode == 1
    time.sleep(0.2)
    left = [int(file.parent.name) for file in Path("/proc").glob("[0-9]*/cmdline") if file.exists() and b"sleep\0" + marker.encode() in file.read_bytes()]
    for process in left:
        os.kill(process, signal.SIGKILL)
    return len(left)


@pytest.mark.parametrize("option", ["start_new_session=True", "preexec_fn=os.setsid", "preexec_fn=lambda: os.setpgrp()"])
@pytest.mark.parametrize("wait", ["p.wait()", "if p.wait():\n    print()", "p.communicate()"])
def test_a_group_is_ended_wholly(option: str, wait: str, tmp_path: Path) -> None:
    program = fixed(f"p = Popen(TEXT, shell=True, {option})\n{wait}")
    assert "os.killpg(p.pid, signal.SIGKILL)" in program
    assert "import signal\n" in program
    assert grandchildren_left(program, tmp_path) == 0


@pytest.mark.parametrize("text", ["subprocess.run(TEXT, shell=True)", "p = Popen(TEXT, shell=True)\np.wait()", "p = Popen(TEXT, shell=True, start_new_session=False)\np.wait()"])
def test_without_a_group_grandchildren_run_on_and_that_is_said(text: str, tmp_path: Path) -> None:
    assert grandchildren_left(fixed(text), tmp_path) == 1
    (finding,) = [one for one in lint(ast.parse(HEAD + text), split_lines(HEAD + text), Config(timeouts={"default": 1})) if one.code == "PRL201"]
    assert "what the shell started runs on" in finding.message


def test_a_file_that_runs_on_windows_too_gets_no_killpg() -> None:
    text = "if os.name == 'nt':\n    print()\np = Popen(TEXT, shell=True, start_new_session=True)\np.wait()"
    assert "killpg" not in fixed(text)
    assert "    p.kill()\n    p.wait()\n    raise" in fixed(text)


def test_the_recipe_of_the_page_ends_all(tmp_path: Path) -> None:
    (page,) = [page for page in pages() if page.code == "PRL201"]
    recipe = textwrap.dedent(page.sections["Fix safety"].partition("everything it started:\n\n")[2])
    assert '"make 2>&1 | tee log"' in recipe
    program = HEAD + "import signal\n" + recipe.replace('"make 2>&1 | tee log"', "TEXT").replace("timeout=1800", "timeout=1")
    assert grandchildren_left(program, tmp_path) == 0


@pytest.mark.parametrize(("text", "output"), [
    ("print(os.popen('printf \"a\\\\r\\\\nb\\\\n\"; echo c >&2').read() == 'a\\nb\\n')", "True"),
    ("print([subprocess.getoutput('echo a; echo b >&2; echo; exit 3')])", r"['a\nb\n']"),
    ("print([subprocess.getoutput('printf a')])", "['a']"),
    ("if os.system('test -e /nowhere') != 0:\n    print('failed')", "failed"),
    ("if not os.system('true'):\n    print('done')", "done"),
    ("print(Popen(['echo', 'a'], stdout=PIPE, text=True).communicate()[0])", "a\n"),
    ("with Popen(['echo', 'a'], stdout=PIPE) as p:\n    print(p.communicate()[0])", r"b'a\n'"),
    ("p = Popen(['sh', '-c', 'echo a; echo b >&2; exit 3'], stdout=PIPE, stderr=PIPE)\nout, err = p.communicate()\nprint(out, err, p.returncode)", r"b'a\n' b'b\n' 3"),
    ("def f():\n    p = Popen(['sh', '-c', 'test -e /nowhere || exit 3'])\n    p.wait()\n    return p.returncode\nprint(f())", "3"),
    ("p = Popen(['echo', 'a'])\nout = p.communicate()[0]\nprint(out)", "a\nNone"),
    ("p = Popen(['false'])\nif p.wait() == 1:\n    print('failed')", "failed"),
    ("def f():\n    p = Popen(['false'])\n    return p.wait()\nprint(f())", "1"),
])  # fmt: skip
def test_a_child_that_ends_gives_what_it_gave(text: str, output: str, tmp_path: Path) -> None:
    for number, program in enumerate((HEAD + text, fixed(text).replace("timeout=1", f"timeout={MOST}"))):
        path = tmp_path / f"program{number}.py"
        path.write_text(program)
        done = subprocess.run([sys.executable, str(path)], stdout=subprocess.PIPE, text=True, timeout=MOST, check=True)
        assert done.stdout == output + "\n"


@pytest.mark.parametrize(("text", "reason", "line"), [
    ("p = Popen(['ls'], stdout=PIPE)\nfor line in p.stdout:\n    break\np.wait()", "its output is read before, without a limit that would end that", 7),
    ("p = Popen(['ls'], stdout=PIPE)\nprint(p.stdout.readline())\np.wait()", "its output is read before, without a limit that would end that", 7),
    ("p = Popen(['ls'], stdout=PIPE)\nprint(p.stdout.read(3))\np.communicate()", "its output is read before, without a limit that would end that", 7),
    ("code = os.system('ls')", "`os.system()` takes no timeout, and the exit status of `subprocess.call` is another number", 6),
    ("for line in os.popen('ls'):\n    print(line)", "`os.popen()` takes no timeout, and its output is not read immediately", 6),
    ("print(subprocess.getstatusoutput('ls'))", "`subprocess.getstatusoutput()` takes no timeout", 6),
    ("out, err = Popen(['ls']).communicate()", "nothing holds the child that would have to be killed: use subprocess.run", 6),
    ("p = Popen(['ls'])\nwhile p.wait():\n    pass", "the wait is part of a larger statement: the child would have to be killed before it goes on", 7),
])  # fmt: skip
def test_where_it_would_not_end_there_is_no_fix(text: str, reason: str, line: int) -> None:
    result = fix((HEAD + text + "\n").encode(), Config(), unsafe=True, wanted=lambda finding, _: finding.code == "PRL201", runtime="r")
    (finding,) = result.remaining
    assert finding.withheld is not None
    assert (str(finding.withheld.reason), finding.withheld.line) == (reason, line)

"""A subprocess call has no timeout.

Why
---
A child process that hangs (a prompt for a password, a dead network share) blocks the caller forever, without any output.
With `timeout=1`, `subprocess.run(["sleep", "60"])` returns after 1.0 s and the child is killed; without it, after a minute.

Example
-------
Bad::

    import subprocess

    def push():
        subprocess.run(["git", "push"], check=True)

Good::

    import subprocess

    def push():
        subprocess.run(["git", "push"], check=True, timeout=30)

Not reported when
-----------------
A timeout is given, by keyword or by position, or may be in `**kwargs`; the process is only started; the process was killed or waited for before,
or its output read to the end (a child that hangs does so there); a person sits at the command (an editor, a pager, a viewer, a shell, ssh on the
terminal) or is asked for something (`openssl req -new` without `-subj`, `ssh-keygen` without `-N`), it serves until it is stopped, or the
program ends as a command of its user's does (`sys.exit(subprocess.call(command))`); a `with Popen(...) as process` ended above, which waits
itself; a function `wait` only hands the wait on, and one that installs signal handlers waits as long as its user does, as does
`if args.wait: process.wait()`; a command ends after a time that it is given (`timeout 5 ...`, `ping -W`, `curl --max-time`) or at once
(`server &`, `start x`, `xdg-open x`, `stty size`); a caller may give the limit, and the code handles its end (`limit=None` with
`except subprocess.TimeoutExpired`).
`timeout=None`, and a name that is None, count as none.

Fix safety
----------
Always unsafe: `subprocess.TimeoutExpired` can newly appear. The limit comes from the command: 30 s for `git push`, 60 for `pytest`, 120 for
`npm install`, 10 for quick commands (`ls`, `ps`, `--version`), 60 for questions to a work tree (`git status`), for filters that read a file
(`grep x file`) and for what may ask for a password first (`sudo`, `ssh`), 600 for work on many or large files (`git checkout`, `cp`, `cmp`),
1800 for archives, builds and installs (`tar`, `make`, `pip install`, `git clone`), an hour for what is as long as its input (`ffmpeg`, `rsync`,
`wget`, scripts), 120 for moments of such programs (`helm list`). It is generous, and a proposal: rows of `[tool.par-lint.timeouts]` come first.
A command that the file does not show, that no row knows, or that has no usual length (`docker run` without `-d`, `docker attach`,
`pytest benchmarks`) gets no fix unless `default` is set there. A parameter of the function for the limit (`timeout=30`) is passed on.

Where a handler around the call treats all failures of it alike (`except CalledProcessError: return False`), the fix lets it catch
`TimeoutExpired` too, and so does one that goes on without a program that is not installed (`except FileNotFoundError: pass`) around a quick
command. One that asks for what only its own exception has (`error.returncode`) stays as it is, and the finding says so.

`subprocess.run`, `call`, `check_call` and `check_output` kill the child and wait for it when their timeout is over. A `Popen` does not. One that
is waited for in the next statement, and used for no more than its output and `returncode`, becomes `subprocess.run` or `call`. Elsewhere the
fix writes `except subprocess.TimeoutExpired: process.kill(); process.wait(); raise` around the wait, without `raise` after `terminate()`. It
waits instead of calling `communicate()` again, which hangs as long as a grandchild holds the pipe open. `os.system` whose result is only
compared with 0, `os.popen(...).read()` and `getoutput` become `subprocess.call` and `run`; other forms of them, and a wait after the output was
read in a loop, are left to a person.

What ends. On Linux and macOS each of these fixes ends the wait, also of a child that ignores SIGTERM, that floods its output, or whose own
children hold its pipe open. On Windows `run` and `check_output` with a pipe read on after the kill, until such grandchildren have ended too.
Everywhere only the child itself is killed. Of `shell=True` that is the shell: the command that it started runs on, and the finding says so.
A `Popen` with `start_new_session=True`, `process_group=0` or `preexec_fn=os.setsid` leads a process group: there the fix kills the whole group
(`os.killpg`; not in files that also run on Windows, which has no such groups). No fix starts a new session by itself: its commands would get
neither Ctrl-C nor the terminal (`sudo` and `ssh` could not ask for a password). Where that is fine, this ends a shell with all that it started:

    process = subprocess.Popen("make 2>&1 | tee log", shell=True, start_new_session=True)
    try:
        process.wait(timeout=1800)
    except BaseException:  # the time is over, or Ctrl-C
        os.killpg(process.pid, signal.SIGKILL)  # on Windows: taskkill /T /F /PID
        process.wait()
        raise
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.gate.missing_timeouts import MissingTimeout
from par_lint.analysis.semantics.proposed_timeouts import longest_limit
from par_lint.core.findings import FixAvailability, ReasonKind
from par_lint.rules._rule import Rule
from par_lint.rules._timeouts import TimeoutVisitor

RULE = Rule(
    "PRL201", "subprocess-without-timeout", "`{call}` without a timeout blocks forever if the child process hangs: {remedy}", FixAvailability.UNSAFE_ONLY,
    ReasonKind.ERRORS("may raise TimeoutExpired"),
)  # fmt: skip


class Visitor(TimeoutVisitor):
    """Report subprocess calls without a timeout."""

    rule = RULE
    for_subprocesses = True

    def limit(self, node: cst.Call, found: MissingTimeout) -> str | None:
        """The limit of the command; None where nothing says how long it takes."""
        seconds = longest_limit(found.commands, self.config.timeouts)
        return None if seconds is None else str(seconds)

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
- The call has a timeout, by keyword, by position, or possibly in `**kwargs`. `timeout=None`, and a name that is None, do not count.
- The process is only started; or it was already killed or waited for, for example by a `with Popen(...) as process`; or its output was read to the
  end: a child that hangs does so there.
- A person uses the command (an editor, a pager, a viewer, a shell, ssh on the terminal) or is asked for something (`openssl req -new` without
  `-subj`, `ssh-keygen` without `-N`), it is a server that runs until it is stopped, or the program
  is a wrapper that ends when the command of its user ends (`sys.exit(subprocess.call(command))`).
- Waiting is what the caller asked for: a function named `wait` only passes the wait on, the function installs signal handlers, or there is a
  condition such as `if args.wait: process.wait()`.
- The command has a time limit of its own (`timeout 5 ...`, `ping -W`, `curl --max-time`), or returns immediately (`server &`, `start x`, `xdg-open x`,
  `stty size`).
- The caller can pass the limit, and the code handles the timeout (`limit=None` with `except subprocess.TimeoutExpired`).

Fix safety
----------
Always unsafe: the call may now raise `subprocess.TimeoutExpired`. The proposed limit depends on the command:

- 10 s: quick commands (`ls`, `ps`, `--version`);
- 30 s: `git push`;
- 60 s: `pytest`, queries of a work tree (`git status`), filters that read a file (`grep x file`), and commands that may first ask for a password (`sudo`, `ssh`);
- 120 s: `npm install`, and quick subcommands of long-running programs (`helm list`);
- 600 s: work on many or large files (`git checkout`, `cp`, `cmp`);
- 1800 s: archives, builds and installs (`tar`, `make`, `pip install`, `git clone`);
- one hour: commands that take as long as their input (`ffmpeg`, `rsync`, `wget`, scripts).

The limits are generous; rows of `[tool.par-lint.timeouts]` replace them. There is no fix for a command that the file does not show, that is in no row,
or that has no usual duration (`docker run` without `-d`, `docker attach`, `pytest benchmarks`), unless `default` is set there. If the function has
a parameter for the limit (`timeout=30`), the fix passes it on.

If a handler around the call treats all its failures alike (`except CalledProcessError: return False`), the fix adds `TimeoutExpired` to it; for a quick
command, also to a handler that ignores a missing program (`except FileNotFoundError: pass`). A handler that uses attributes which only its own exception
has (`error.returncode`) stays unchanged, and the finding says so.

`subprocess.run`, `call`, `check_call` and `check_output` kill the child after the timeout and wait for it. A `Popen` does not. If the next statement
waits for it, and only its output and `returncode` are used, it becomes `subprocess.run` or `call`. Otherwise the fix writes
`except subprocess.TimeoutExpired: process.kill(); process.wait(); raise` around the wait, without `raise` after `terminate()`. It does not call
`communicate()` again, which would block as long as a grandchild holds the pipe open. `os.system` whose result is only compared with 0,
`os.popen(...).read()` and `getoutput` become `subprocess.call` and `run`. There is no fix for other forms of them, nor for a wait after a loop that reads
the output.

On Linux and macOS each of these fixes ends the wait, even if the child ignores SIGTERM or floods its output, or if its own children hold its pipe open.
On Windows, `run` and `check_output` with a pipe keep reading after the kill until such grandchildren have ended too.
Only the child itself is killed. With `shell=True` that is the shell: the command that it started keeps running, and the finding says so.
A `Popen` with `start_new_session=True`, `process_group=0` or `preexec_fn=os.setsid` leads a process group, and the fix kills the whole group
(`os.killpg`; not in files that also run on Windows, which has no process groups). No fix starts a new session itself: Ctrl-C would not reach its commands,
and they would have no terminal (`sudo` and `ssh` could not ask for a password). If that is acceptable, this ends a shell and everything it started:

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
    "PRL201", "subprocess-without-timeout", "`{call}` without a timeout blocks forever if the child hangs: {remedy}", FixAvailability.UNSAFE_ONLY,
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

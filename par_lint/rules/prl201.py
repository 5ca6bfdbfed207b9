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
A timeout is given, by keyword or by position, or may be in `**kwargs`; the process is started but not waited for; the process
was killed before, or its output was read to the end just before; the command is interactive (an editor, a pager, a shell, ssh on
the terminal), serves until it is stopped, or is the last action of the program (`sys.exit(subprocess.call(command))`); a function
named `wait` only forwards the wait, or a function that installs signal handlers waits until the user interrupts it.
`timeout=None` counts as no timeout.

Fix safety
----------
Always unsafe: the call may now raise `subprocess.TimeoutExpired`. The timeout depends on the command (`git push` 30 s,
`pytest` 60 s, `npm install` 120 s, others 10 s) and on `[tool.par-lint.timeouts]`. Calls without a timeout parameter have no fix.
"""

from __future__ import annotations

from par_lint.analysis.gate.missing_timeouts import MissingTimeout
from par_lint.analysis.semantics.command_lines import time_limit
from par_lint.core.findings import FixAvailability, Ground
from par_lint.rules._rule import Rule
from par_lint.rules._timeouts import TimeoutVisitor

RULE = Rule(
    "PRL201", "subprocess-without-timeout", "`{call}` without a timeout blocks forever if the child process hangs: {remedy}", FixAvailability.UNSAFE_ONLY,
    Ground.ERRORS("may raise TimeoutExpired"),
)  # fmt: skip


class Visitor(TimeoutVisitor):
    """Report subprocess calls without a timeout."""

    rule = RULE
    for_subprocesses = True

    def seconds(self, found: MissingTimeout) -> int:
        """Return the recommended timeout of the command in seconds."""
        return time_limit(found.words, self.config.timeouts)

"""A subprocess call waits without a time limit.

Why
---
A child that hangs (a prompt for a password, a dead network share) hangs the caller with it, for ever and in silence.

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

Silent when
-----------
A timeout is given, by keyword or by position, or may be in `**kwargs`; the process is only started; the process was
killed, or its output read to the end, right before.

Fix safety
----------
Always unsafe: `subprocess.TimeoutExpired` can newly appear. The limit comes from the command (`git push` 30 s, `pytest` 60,
`npm install` 120, others 10) and `[tool.par-lint.timeouts]`. Calls that take no timeout are left to a person.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.commands import time_limit, waits_for_ever
from par_lint.findings import Applicability, FixAvailability, Withheld
from par_lint.fixes.edit import Edit
from par_lint.fixes.keyword import set_argument
from par_lint.rules._rule import Rule, RuleVisitor
from par_lint.rules._sequential import spelled

RULE = Rule(
    "PRL201", "subprocess-without-timeout", "`{call}` waits for ever if its child hangs: {remedy}", FixAvailability.SOMETIMES,
)  # fmt: skip


class Visitor(RuleVisitor):
    """Reports subprocess calls without a time limit."""

    rule = RULE

    def visit_Call(self, node: cst.Call) -> None:
        """Report a call that waits for ever."""
        entry = waits_for_ever(node, self.facts)
        if entry is None:
            return
        seconds = time_limit(node, self.facts, self.config.timeouts)
        timeout = entry.timeout
        if timeout is None:
            withheld = Withheld(f"{entry.name} takes no timeout", self.facts.line(node))
            remedy = f"use subprocess.run(..., timeout={seconds})"
            self.report(node, withheld=withheld, call=spelled(node), remedy=remedy)
            return

        def build() -> Edit:
            return Edit(((node, set_argument(node, timeout.position, timeout.parameter, cst.Integer(str(seconds)))),))

        self.report(node, Applicability.UNSAFE, build, call=spelled(node), remedy=f"add timeout={seconds}")

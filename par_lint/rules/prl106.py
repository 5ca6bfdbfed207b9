"""Three or more independent network or subprocess calls stand in a row.

Why
---
Each waits for the other side, and none needs what another gave. Eight probes of 0.3 s take 2.4 s in a row, and 0.3 s
together.

Example
-------
Bad::

    import requests

    def overview(base):
        users = requests.get(f"{base}/users", timeout=10)
        orders = requests.get(f"{base}/orders", timeout=10)
        stock = requests.get(f"{base}/stock", timeout=10)
        return users.json(), orders.json(), stock.json()

Good::

    import requests
    from par_lint.parallel import run_together

    def overview(base):
        users, orders, stock = run_together(
            lambda: requests.get(f"{base}/users", timeout=10),
            lambda: requests.get(f"{base}/orders", timeout=10),
            lambda: requests.get(f"{base}/stock", timeout=10),
        )
        return users.json(), orders.json(), stock.json()

Silent when
-----------
A call uses what an earlier one gave; one may change what another sees (anything but requests that only ask and commands
that only look, such as `--version`); all go through one connection; they stand in a coroutine; they are local file operations.

Fix safety
----------
Always unsafe: where one call fails, those after it have been made. The results come back in the order of the calls.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.loops.call_sequences import CallSequence, find_call_sequences
from par_lint.core.findings import FixAvailability, Ground
from par_lint.fixes.run_together import plan_run_together
from par_lint.rules._rule import Rule, RuleVisitor
from par_lint.rules._sequential import spelled

RULE = Rule(
    "PRL106", "calls-in-a-row", "`{call}` and the {others} calls after it wait for one another: use run_together(...)",
    FixAvailability.SOMETIMES,
    Ground.ORDER("all calls are made at once, and all of them where one fails"),
)  # fmt: skip


class Visitor(RuleVisitor):
    """Reports rows of independent calls."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every row of the module."""
        for row in find_call_sequences(self.facts):
            self.guarded(row.parts[0], self._report, row)

    def _report(self, row: CallSequence) -> None:
        plan = plan_run_together(row, self.facts)
        self.report_plan(row.parts[0], plan, call=spelled(row.works[0].call), others=len(row.parts) - 1)

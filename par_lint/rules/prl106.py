"""Three or more independent network or subprocess calls run one after another.

Why
---
Each call waits for a server or a process, and none needs the result of another. Eight probes of 0.3 s take 2.4 s one after
another, and 0.3 s together.

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

Not reported when
-----------------
A call uses the result of an earlier one; a call may change what another one sees (any request that is not read-only, any
command that does more than print information, such as `--version`); all calls use one connection; they are in a coroutine; they are local file operations.

Fix safety
----------
Always unsafe: if one call fails, the later calls are made anyway. The results keep the order of the calls.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.loops.consecutive_calls import CallSequence, find_call_sequences
from par_lint.core.findings import FixAvailability, ReasonKind
from par_lint.fixes.run_together import plan_run_together
from par_lint.rules._rule import Rule, RuleVisitor
from par_lint.rules._sequential import call_text

RULE = Rule(
    "PRL106", "calls-in-a-row", "`{call}` and the {others} calls after it are independent but run one after another: use run_together(...)",
    FixAvailability.UNSAFE_ONLY,
    ReasonKind.ORDER("all calls run concurrently, and all of them run even if one fails"),
)  # fmt: skip


class Visitor(RuleVisitor):
    """Report sequences of independent calls."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every such sequence in the module."""
        for row in find_call_sequences(self.facts):
            self.report_safely(row.parts[0], self._report, row)

    def _report(self, row: CallSequence) -> None:
        plan = plan_run_together(row, self.facts)
        self.report_plan(row.parts[0], plan, uses_runtime=True, call=call_text(row.io_calls[0].call), others=len(row.parts) - 1)

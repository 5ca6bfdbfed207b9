"""The errors of work that was given to a pool are never looked at.

Why
---
A future keeps the exception of its task until somebody asks for the result; nobody does, and the failure leaves no trace.
Of 100 submitted tasks that all raise, `wait(futures)` reports none, and `for future in futures: future.result()` the first.

Example
-------
Bad::

    from concurrent.futures import ThreadPoolExecutor, wait

    def save_all(records, save):
        with ThreadPoolExecutor() as pool:
            wait([pool.submit(save, record) for record in records])

Good::

    from concurrent.futures import ThreadPoolExecutor

    def save_all(records, save):
        with ThreadPoolExecutor() as pool:
            futures = [pool.submit(save, record) for record in records]
        for future in futures:
            future.result()

Silent when
-----------
A result or exception is asked for; the futures are returned, stored or handed on; they have a callback; the visible callee
catches everything itself; the results of `map` are consumed; `run_parallel` has `fail_fast=True` or stands as a statement of its
own, as the guide has it, or its results are returned, stored, or looped over with the error read. `batch_map` is reported where its results are counted against its items.

Fix safety
----------
Always unsafe: an exception that was lost is raised. `run_parallel` gets `fail_fast=True`, and the results of `map` are consumed
by `list`; what is to become of a future's error is left to a person.
"""

from __future__ import annotations

from typing import Any

import libcst as cst

from par_lint.analysis.pools.unobserved_errors import SubmittedBy, UnobservedWork, find_unobserved
from par_lint.core.findings import Applicability, FixAvailability, Ground, Withheld
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.set_argument import set_keyword
from par_lint.rules._rule import Rule, RuleVisitor
from par_lint.rules._sequential import spelled

RULE = Rule(
    "PRL501", "lost-errors", "errors of `{call}` are lost: {remedy}", FixAvailability.SOMETIMES,
    Ground.ERRORS("errors that were lost are raised"),
)  # fmt: skip
_REMEDIES = {
    SubmittedBy.FUTURE: "ask each future for its result()",
    SubmittedBy.MAP: "consume the results",
    SubmittedBy.RUNTIME: "read each error, or set fail_fast=True",
    SubmittedBy.GATHERED: "await it",
    SubmittedBy.SUCCESSES: "its results may be fewer than its items: use run_parallel",
}


class Visitor(RuleVisitor):
    """Reports work whose errors nobody looks at."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every call that gives work away and forgets it."""
        for lost in find_unobserved(self.facts):
            self.guarded(lost.call, self._report, lost)

    def _report(self, lost: UnobservedWork) -> None:
        call = lost.call
        names: dict[str, Any] = {"call": spelled(call), "remedy": _REMEDIES[lost.form]}
        new = self._looking(lost)
        if new is None:
            self.report(call, withheld=Withheld(Ground.PERSON("who looks at the error is a person's decision"), self.facts.line(call)), **names)
        else:
            self.report(call, Applicability.UNSAFE, lambda: Edit(((call, new),)), **names)

    def _looking(self, lost: UnobservedWork) -> cst.Call | None:
        """The call that raises the errors."""
        call = lost.call
        if lost.form is SubmittedBy.RUNTIME:
            return set_keyword(call, "fail_fast", cst.Name("True"))
        if lost.form is SubmittedBy.MAP and isinstance(self.facts.parent(call), cst.Expr) and self.facts.is_builtin("list", call):
            return cst.Call(cst.Name("list"), [cst.Arg(call)])
        return None

"""The errors of work in a pool are never checked.

Why
---
A future keeps the exception of its task until somebody asks for the result. If nobody does, the failure leaves no trace.
Of 100 submitted tasks that all raise, `wait(futures)` reports none, and `for future in futures: future.result()` the first one.

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

Not reported when
-----------------
A result or exception is read; the futures are returned, stored or passed on; they have a callback; the called function is
defined in this file and catches every exception; the results of `map` are consumed; `run_parallel` has `fail_fast=True` or is used as a
statement; its results are returned, stored, or looped over with the error read. `batch_map` is reported if its results are matched with
its items, as if none could be missing.

Fix safety
----------
Always unsafe: an exception that was lost is now raised. `run_parallel` gets `fail_fast=True`, and `list` consumes the results
of `map`. The error of a future has no fix: a person must decide what happens with it.
"""

from __future__ import annotations

from typing import Any

import libcst as cst

from par_lint.analysis.pools.unobserved_errors import SubmittedBy, UnobservedWork, find_unobserved
from par_lint.core.findings import Applicability, FixAvailability, ReasonKind, Withheld
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.set_argument import set_keyword
from par_lint.rules._rule import Rule, RuleVisitor
from par_lint.rules._sequential import call_text

RULE = Rule(
    "PRL501", "lost-errors", "errors of `{call}` are lost: {remedy}", FixAvailability.UNSAFE_ONLY,
    ReasonKind.ERRORS("raises exceptions that were lost before"),
)  # fmt: skip
_REMEDIES = {
    SubmittedBy.FUTURE: "call result() on each future",
    SubmittedBy.MAP: "consume the results",
    SubmittedBy.RUNTIME: "check each error, or set fail_fast=True",
    SubmittedBy.GATHERED: "await it",
    SubmittedBy.SUCCESSES: "it drops failed items: use run_parallel",
}


class Visitor(RuleVisitor):
    """Report work whose errors are never checked."""

    rule = RULE

    def visit_Module(self, node: cst.Module) -> None:
        """Report every call that submits work and ignores its errors."""
        for lost in find_unobserved(self.facts):
            self.report_safely(lost.call, self._report, lost)

    def _report(self, lost: UnobservedWork) -> None:
        call = lost.call
        names: dict[str, Any] = {"call": call_text(call), "remedy": _REMEDIES[lost.form]}
        new = self._with_errors_raised(lost)
        if new is None:
            self.report(call, withheld=Withheld(ReasonKind.PERSON("a person must decide what happens with the error"), self.facts.line(call)), **names)
        else:
            self.report(call, Applicability.UNSAFE, lambda: Edit(((call, new),)), **names)

    def _with_errors_raised(self, lost: UnobservedWork) -> cst.Call | None:
        """Return the call that raises the errors, or None."""
        call = lost.call
        if lost.form is SubmittedBy.RUNTIME:
            return set_keyword(call, "fail_fast", cst.Name("True"))
        if lost.form is SubmittedBy.MAP and isinstance(self.facts.parent(call), cst.Expr) and self.facts.is_builtin("list", call):
            return cst.Call(cst.Name("list"), [cst.Arg(call)])
        return None

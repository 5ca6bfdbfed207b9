"""Sleeps between attempts at the same I/O: they do not throttle the loop."""

from __future__ import annotations

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.dataflow.body_summary import FROM_ITEM, Trace


class RetrySleeps:
    """What a body had done before a block that may be left out."""

    def __init__(self, summary: Trace) -> None:
        self._summary = summary
        self._sleeps = len(summary.sleeps)
        self._works = len(summary.io_calls)

    def forget_sleeps(self, *, on_error: bool) -> None:
        """Drop the block's sleeps before I/O that an error, or a call of the same before the block, shows to be another try."""
        sleeps, io_calls = self._summary.sleeps, self._summary.io_calls
        if len(sleeps) == self._sleeps or len(io_calls) == self._works:
            return
        done = {last_name(work.call.func) for work in io_calls[: self._works]}
        again = [work.call for work in io_calls[self._works :] if FROM_ITEM in work.inputs and (on_error or last_name(work.call.func) in done)]
        last = max((call.lineno for call in again), default=0)
        sleeps[self._sleeps :] = [sleep for sleep in sleeps[self._sleeps :] if sleep.lineno > last]

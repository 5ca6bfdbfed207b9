"""A network call waits without a time limit.

Why
---
A server that accepts the connection and never answers holds the caller for ever: most libraries have no limit of their own.
Against such a server `urlopen(url, timeout=1)` raises after 1.0 s; without a timeout it still waits after ten minutes.

Example
-------
Bad::

    import requests

    def page(url):
        return requests.get(url).text

Good::

    import requests

    def page(url):
        return requests.get(url, timeout=10).text

Silent when
-----------
A timeout is given, by keyword or by position, or may be in `**kwargs`; the library has a limit of its own (httpx 5 s, aiohttp
300 s, boto3 60 s: reported for `timeout=None` only); the pool or connection was made with one; the file mounts an adapter
that has one, wraps `session.request`, or calls `socket.setdefaulttimeout`; `SMTP()` and `FTP()` without a host don't connect.

Fix safety
----------
Always unsafe: an exception can newly appear, which the message names. The limit is 10 s, or `network` of
`[tool.par-lint.timeouts]`.
"""

from __future__ import annotations

from par_lint.analysis.gate.missing_timeouts import Unlimited
from par_lint.core.findings import FixAvailability, Ground
from par_lint.rules._rule import Rule
from par_lint.rules._timeouts import TimeoutVisitor

_SECONDS = 10

RULE = Rule(
    "PRL202", "network-without-timeout", "`{call}` waits for ever if the other side hangs: {remedy}", FixAvailability.SOMETIMES,
    Ground.ERRORS("it may raise when the time is over"),
)  # fmt: skip


class Visitor(TimeoutVisitor):
    """Reports network calls without a time limit."""

    rule = RULE
    of_subprocesses = False

    def seconds(self, found: Unlimited) -> int:
        """The limit for the network."""
        return self.config.timeouts.get("network", _SECONDS)

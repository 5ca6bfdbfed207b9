"""A network call has no timeout.

Why
---
A server that accepts the connection and never answers blocks the caller forever: most libraries have no default timeout.
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

Not reported when
-----------------
A timeout is given, by keyword or by position, or may be in `**kwargs`; the library has a default timeout (httpx 5 s, aiohttp
300 s, boto3 60 s: reported only for `timeout=None`); the pool or connection was created with one; the file mounts an adapter
that has one, wraps `session.request`, or calls `socket.setdefaulttimeout`; `SMTP()` and `FTP()` without a host do not connect.

Fix safety
----------
Always unsafe: the call may now raise the exception that the message names. The timeout is 10 s, or the value of `network` in
`[tool.par-lint.timeouts]`.
"""

from __future__ import annotations

from par_lint.analysis.gate.missing_timeouts import MissingTimeout
from par_lint.core.findings import FixAvailability, Ground
from par_lint.rules._rule import Rule
from par_lint.rules._timeouts import TimeoutVisitor

_SECONDS = 10

RULE = Rule(
    "PRL202", "network-without-timeout", "`{call}` without a timeout blocks forever if the server does not answer: {remedy}", FixAvailability.UNSAFE_ONLY,
    Ground.ERRORS("may raise an exception when the timeout expires"),
)  # fmt: skip


class Visitor(TimeoutVisitor):
    """Report network calls without a timeout."""

    rule = RULE
    for_subprocesses = False

    def seconds(self, found: MissingTimeout) -> int:
        """Return the recommended timeout for the network in seconds."""
        return self.config.timeouts.get("network", _SECONDS)

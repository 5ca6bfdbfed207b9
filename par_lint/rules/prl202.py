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
- The call has a timeout, by keyword, by position, or possibly in `**kwargs`. `timeout=None`, `(3, None)`, `float("inf")` and names that are None do
  not count.
- The library has a default timeout (httpx 5 s, aiohttp 300 s, boto3 60 s): only `timeout=None` is reported.
- The pool or connection was created with a timeout; or the file mounts an adapter that has one, wraps `session.request`, or calls
  `socket.setdefaulttimeout`.
- `SMTP()` and `FTP()` without a host do not connect.
- The surrounding code limits the call: `asyncio.wait_for`, `asyncio.timeout`, `anyio.fail_after`, `with gevent.Timeout(5)`, `@timeout(5)`, an alarm.
- A loop iterates over the answer of a gRPC method (a stream), or its channels are kept alive (`grpc.keepalive_time_ms`).

Fix safety
----------
Always unsafe: the call may now raise an exception, which the message names. The proposed limit is

- 10 s for most requests;
- 60 s for uploads (`files=`), downloads (`stream=True`), large remote calls (`BatchMatch`) and archives that compute their answers (SPARQL, Overpass, NCBI,
  EBI);
- 600 s for language models and other models, recognised by the address (`.../chat/completions`, `:predict`) or by the data (`"messages"`).

For requests, longer limits are pairs such as `timeout=(10, 60)`: 10 s to connect, 60 s for each part of the answer. If the call turns off the default of its
library, the limit is at least that default, and 60 s for HTTP. If a request asks the server to wait (`params={"timeout": 100}`), its limit is 10 s longer than
that. If the function has a parameter for the limit (`timeout=30`), the fix passes it on; if the other requests of the
file get one constant or attribute (`timeout=API_TIMEOUT`), so does this one. A command over SSH (`exec_command`) has the limit of the
command, as with PRL201. aiomcache has no parameter for a limit, so the fix writes `asyncio.wait_for`.

There is no fix if the file does not show how long a request takes (`RunJob`, `duration=seconds`); if `http.client` or `urlopen`, whose limits include the
time to send the body, send a file or data of unknown size; if a socket is stored (`self.socket = socket.create_connection(...)`), because the limit would
also apply to later reads that wait for the next message; or if the limit is a name that is None (a constant, the default of a parameter).

A handler that treats `requests.ConnectionError` or `URLError` as any failure of the call also gets the new exception. So does a handler for errors that
a server reports (`HTTPError`, `SMTPException`) if it shows the error or tries again, and one that sleeps before the next attempt. Each number is a proposal:
`network`, `upload`, `download` and `completion` in `[tool.par-lint.timeouts]` replace them.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.gate.missing_timeouts import MissingTimeout, command_argument
from par_lint.analysis.semantics.proposed_timeouts import longest_limit
from par_lint.analysis.semantics.request_body_size import is_whole_file, sends_unknown_body
from par_lint.analysis.semantics.request_kinds import remote_kind, request_body, request_kind, server_wait_seconds
from par_lint.analysis.semantics.scopes import CallSite
from par_lint.analysis.semantics.shared_limits import shared_limit
from par_lint.analysis.semantics.subprocess_commands import possible_commands
from par_lint.core.findings import FixAvailability, Reason, ReasonKind
from par_lint.rules._rule import Rule
from par_lint.rules._timeouts import TimeoutVisitor

_SECONDS = {
    "network": 10,  # requests advises slightly more than 3 s, the default of TCP for the second packet, and LANs need less; 10 is the guide's
    "upload": 60, "download": 60,  # a server answers once it has stored, or found, a large file; each part that arrives restarts the time
    "completion": 600,  # what the clients of openai and anthropic wait for a language model
}  # fmt: skip

_COMMAND = "paramiko.SSHClient.exec_command"
"""Its answer takes as long as the command."""
_IN_ONE_PIECE = ("http.client.", "urllib.request.urlopen")
"""Libraries whose limit counts over the whole of what is sent."""
_MODELS = ("openai.", "anthropic.", "ollama.", "litellm.")
_HTTP_CLIENTS = frozenset({"httpx", "httpx2", "aiohttp"})
_GOOGLE_DEFAULT = 60
"""What googleapiclient gives the `httplib2.Http` that it makes itself."""

_AS_ASKED = ReasonKind.PERSON("it takes as long as it is asked to, or as what it starts: set more than that")
RULE = Rule(
    "PRL202", "network-without-timeout", "`{call}` without a timeout blocks forever if the server does not answer: {remedy}", FixAvailability.UNSAFE_ONLY,
    ReasonKind.ERRORS("may raise an exception when the timeout expires"),
)  # fmt: skip


class Visitor(TimeoutVisitor):
    """Report network calls without a timeout."""

    rule = RULE
    for_subprocesses = False
    unknown = ReasonKind.PERSON("the limit counts over all that is sent, and that may be large: set it, or upload, in [tool.par-lint.timeouts]")

    def _may_be_large(self, found: MissingTimeout, site: CallSite) -> bool:
        if found.entry.name.startswith("http.client."):
            return sends_unknown_body(site, self.facts.index)
        return any(is_whole_file(body, site.scope) for body in request_body(found.node, site.scope))

    def _kind(self, found: MissingTimeout, site: CallSite | None) -> str | None:
        """The row of the limits for a call; None where its name says that it takes as long as what it starts."""
        name = found.entry.name
        if name.startswith("grpc.Stub.") and site is not None:
            return remote_kind(site.name)
        if name.startswith(_MODELS):
            return "completion"
        kind = request_kind(found.node, site.scope) if site is not None else "network"
        if kind == "network" and name.partition(".")[0] in _HTTP_CLIENTS:  # the library has a default, which was too short for the one who wrote this
            own = self.facts.index.imports.values()
            return "completion" if any(f"{one}.".startswith(_MODELS) for names in own for one in names) else "download"
        return kind

    def why_unknown(self, node: cst.Call, found: MissingTimeout) -> Reason:
        """Say that the limit would count over all that is sent, or that the call takes as long as it is asked to."""
        site = self.facts.site(node) if found.entry.name.startswith(_IN_ONE_PIECE) else None
        return self.unknown if site is not None and self._may_be_large(found, site) else _AS_ASKED

    def limit(self, node: cst.Call, found: MissingTimeout) -> str | None:
        """The limit for what the call does; a pair, for connecting and for each part of the answer, where the library has it and they differ."""
        timeouts = {**_SECONDS, **self.config.timeouts}
        site = self.facts.site(node)
        if found.entry.name == _COMMAND and site is not None:
            limit = longest_limit(possible_commands(command_argument(found.node), site.scope), self.config.timeouts)
            return None if limit is None else str(limit)
        if site is not None and found.entry.name.startswith(_IN_ONE_PIECE) and "upload" not in self.config.timeouts and self._may_be_large(found, site):
            return None
        asked = server_wait_seconds(found.node, site.scope) if site is not None else 0
        kind = self._kind(found, site)
        if asked is None or kind is None:
            return None
        seconds = timeouts[kind] + asked
        connect = timeouts["network"]
        if kind not in self.config.timeouts and found.entry.timeout is not None and found.entry.timeout.default is not None:
            seconds = max(seconds, int(found.entry.timeout.default))
        if found.entry.name == "httplib2.Http" and "network" not in self.config.timeouts:
            seconds = max(seconds, _GOOGLE_DEFAULT)
        if (kind, asked) == ("network", 0) and seconds == _SECONDS["network"] and "network" not in self.config.timeouts and site is not None:
            shared = shared_limit(site, self.facts.index)
            if shared is not None:
                return shared
        return f"({connect}, {seconds})" if seconds != connect and found.entry.name.startswith("requests.") else str(seconds)

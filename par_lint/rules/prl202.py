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
A timeout is given, by keyword or by position, or may be in `**kwargs`; the library has a limit of its own (httpx 5 s, aiohttp
300 s, boto3 60 s: reported for `timeout=None` only); the pool or connection was made with one; the file mounts an adapter
that has one, wraps `session.request`, or calls `socket.setdefaulttimeout`; `SMTP()` and `FTP()` without a host don't connect; `asyncio.wait_for`,
`asyncio.timeout` or `anyio.fail_after` around limits what is awaited, `with gevent.Timeout(5)`, `@timeout(5)` or an alarm what runs in it; the
answer of a gRPC method is gone over in a loop (a stream), or its channels are kept alive (`grpc.keepalive_time_ms`). `timeout=None`,
`(3, None)`, `float("inf")` and names that are None count as none.

Fix safety
----------
Always unsafe: an exception can newly appear, which the message names. The limit is 10 s; 60 for uploads (`files=`), downloads
(`stream=True`), large remote calls (`BatchMatch`) and archives that compute their answers (SPARQL, Overpass, NCBI, EBI); 600 for answers of
language and other models (known by the address, `.../chat/completions`, `:predict`, or by what is sent, `"messages"`), with requests as
`timeout=(10, 60)`: 10 to connect, 60 for each part of the answer. Where a call switches off the default of its library, it is at least that
default, and 60 for HTTP. A request that asks the server to wait (`params={"timeout": 100}`) gets 10 s more than that; a parameter of the
function for the limit (`timeout=30`) is passed on; where the other requests of the file are given one constant or attribute
(`timeout=API_TIMEOUT`, `timeout=self.timeout`), so is this one.

There is no fix where the file does not show how long a request waits (`RunJob`, `duration=seconds`), where `http.client` or `urlopen`, which
count the limit over all that they send, send a file or something that is not seen, or where a socket is kept (`self.socket =
socket.create_connection(...)`): the limit would stay on it, also for reads that wait for the next message. A command over SSH (`exec_command`)
has the limit of the command, as with PRL201. aiomcache has no parameter for a limit: there the fix writes `asyncio.wait_for`. Where the limit
is a name that is None (a constant, the default of a parameter), that is left to a person.

A handler that takes `requests.ConnectionError` or `URLError` for any failure of the call catches the new exception too. So does one of the
errors that a server answers with (`HTTPError`, `SMTPException`) if it shows the error or tries again, and one that sleeps before the next
attempt. Each number is a proposal: `network`, `upload`, `download` and `completion` of `[tool.par-lint.timeouts]` say other numbers.
"""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.gate.missing_timeouts import MissingTimeout, command_argument
from par_lint.analysis.semantics.proposed_timeouts import longest_limit
from par_lint.analysis.semantics.request_kinds import asked_wait, remote_kind, request_kind, sent_data
from par_lint.analysis.semantics.scopes import CallSite
from par_lint.analysis.semantics.sent_bodies import is_whole_file, sends_unknown_body
from par_lint.analysis.semantics.shared_limits import shared_limit
from par_lint.analysis.semantics.subprocess_commands import possible_commands
from par_lint.core.findings import FixAvailability, Reason, ReasonKind
from par_lint.rules._rule import Rule
from par_lint.rules._timeouts import TimeoutVisitor

_SECONDS = {
    "network": 10,  # requests advises slightly more than 3 s, the default of TCP for the second packet, and LANs need less; 10 is the guide's
    "upload": 60, "download": 60,  # a server answers once it has stored, or found, a large file; each part that comes starts the time anew
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
        return any(is_whole_file(body, site.scope) for body in sent_data(found.node, site.scope))

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
        asked = asked_wait(found.node, site.scope) if site is not None else 0
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

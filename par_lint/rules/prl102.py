"""A loop makes network requests one at a time.

Why
---
A request spends nearly all of its time waiting for the server. One hundred requests of 100 ms take 10 s one after the
other, and a fraction of a second with 50 at a time.

Example
-------
Bad::

    import requests

    def titles(urls):
        found = []
        for url in urls:
            response = requests.get(url, timeout=10)
            found.append(response.text)
        return found

Good::

    import requests

    from par_lint.parallel import run_parallel

    def titles(urls):
        found = []
        for url, response, _ in run_parallel(
            lambda url: requests.get(url, timeout=10), urls, max_workers=50, as_loop=True
        ):
            found.append(response.text)
        return found

Not reported when
-----------------
A request needs the answer of an earlier one (paging, tokens); the loop can exit early, retries, polls, throttles itself, or
has fewer than three items; all iterations share one connection; the code already runs in a worker.

Fix safety
----------
Safe for name look-ups, and for GET and HEAD requests through module-level functions. Unsafe for requests that change data,
for shared sessions and SDK clients, and if functions that are not defined in this file would run concurrently.
No fix is made for a loop that is known to have only three items: it is reported, but there is little to gain.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import FixAvailability
from par_lint.rules._rule import Rule
from par_lint.rules._sequential import SequentialVisitor

RULE = Rule(
    "PRL102", "sequential-network-io",
    "`{call}`{where} waits for one answer at a time: use run_parallel(..., max_workers={workers})",
    FixAvailability.SAFE_FOR_READS,
)  # fmt: skip


class Visitor(SequentialVisitor):
    """Report loops that wait for the network."""

    rule = RULE
    kind = Kind.NETWORK

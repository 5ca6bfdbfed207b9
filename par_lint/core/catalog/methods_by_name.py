"""Methods that are recognised by name and arguments on receivers of unknown type (see `par_lint.analysis.semantics.receiver_evidence`).

The classes are names for this table only: an HTTP session, a client of a remote service, a wrapper around subprocess.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Calls, Effect, Family, Kind, Sharing, Types

FAMILY = Family(
    entries=(
        Calls(Kind.NETWORK, Effect.QUERY, "untyped.Session.{get head options} untyped.Client.read googleapiclient.http.HttpRequest.read"),
        Calls(Kind.NETWORK, Effect.WRITE, "untyped.Session.{post put patch delete request} untyped.Client.write googleapiclient.http.HttpRequest.write"),
        Calls(Kind.SUBPROCESS, Effect.WRITE, "untyped.Subprocess.{run call check_call check_output}"),
    ),
    types=(Types(Sharing.UNSURE, "untyped.Session untyped.Client"),),
)

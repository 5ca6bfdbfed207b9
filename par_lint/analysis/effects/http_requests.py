"""Read-only requests: they may run concurrently and ahead of their turn."""

from __future__ import annotations

import ast
import re

import libcst as cst

from par_lint.analysis.effects.shared_iterators import is_created_elsewhere
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.values import Named, Object
from par_lint.core.catalog.entry import Effect, Entry, Kind
from par_lint.core.memo import memoized_for_last

_OPEN = "urllib.request.urlopen"
_REQUEST = "urllib.request.Request"


def is_read_only_request(call: cst.Call, entry: Entry, facts: Facts) -> bool:
    """Return whether a network call of this catalogue entry changes nothing, neither on the server nor locally."""
    if entry.effect not in (Effect.NONE, Effect.READ) or _is_of_unknown_object(call, entry, facts):
        return False
    if any(arg.star or arg.keyword is not None and arg.keyword.value in _STATEFUL_KEYWORDS and not _is_data_only(arg.value, arg.keyword.value) for arg in call.args):
        return False
    if entry.name != _OPEN:
        return True
    if facts.index.called("install_opener"):
        return False  # it may keep cookies, or a login
    if len(call.args) > 1 and any(arg.star or arg.keyword is None or arg.keyword.value == "data" for arg in call.args[1:]):
        return False
    if not call.args or isinstance(call.args[0].value, (cst.BaseString, cst.BinaryOperation)):
        return True
    return not _makes_sending_requests(facts) and not is_created_elsewhere(call.args[0].value, call, facts) and not _is_request_made_elsewhere(call.args[0].value, call, facts)


def _is_of_unknown_object(call: cst.Call, entry: Entry, facts: Facts) -> bool:
    """Whether a request is a method of a class of which the catalogue does not say how threads may share its objects."""
    owner = (facts.name(call) or entry.name).rpartition(".")[0]
    return owner.rpartition(".")[2][:1].isupper() and facts.sharing(call) is None


def _is_request_made_elsewhere(value: cst.BaseExpression, at: cst.Call, facts: Facts) -> bool:
    """Whether an argument is said to be a request where the file makes none."""
    return facts.refers_to(value, at) == Object(_REQUEST) and not facts.index.called("Request")


_STATEFUL_KEYWORDS = frozenset({"auth", "cookies", "hooks", "data", "json", "files", "stream_callback", "event_hooks"})
"""Arguments that may be objects which record the request, or that are sent."""


def _is_data_only(value: cst.BaseExpression, keyword: str) -> bool:
    """Whether an argument is nothing but values: `("me", password)`, `None`; hooks are functions."""
    match value:
        case cst.Tuple() | cst.Dict() | cst.BaseString():
            return not keyword.endswith("hooks")
        case _:
            return isinstance(value, cst.Name) and value.value == "None"


@memoized_for_last
def _makes_sending_requests(facts: Facts) -> bool:
    """Whether the file makes a `urllib.request.Request` with a body or a method of its own."""
    for site in facts.index.calls:
        node = site.node
        chosen = len(node.args) > 1 or any(keyword.arg in ("data", "method", None) for keyword in node.keywords)
        if chosen and isinstance(callee := facts.resolver.callee(site), Named):
            if facts.resolver.catalog.canonical(callee.name) == _REQUEST:
                return True
    return bool(facts.methods("get_method")) or any(
        isinstance(node.ctx, ast.Store) and node.attr in ("get_method", "method", "data") for node in facts.index.all_of(ast.Attribute)
    )


_ASKING_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
DOWNLOADING = re.compile(r"retrieve|download", re.IGNORECASE)
"""Requests that write the response to a file."""


def may_change_server(node: ast.Call, entry: Entry, facts: Facts) -> bool:
    """Return whether a call may change what a server answers: a request other than GET and its like, or a command."""
    if entry.kind is not Kind.NETWORK:
        return entry.kind is Kind.SUBPROCESS
    if entry.name == _OPEN:
        is_sending = len(node.args) > 1 or any(keyword.arg in ("data", None) for keyword in node.keywords)
        is_text = bool(node.args) and isinstance(node.args[0], (ast.Constant, ast.JoinedStr, ast.BinOp))
        return is_sending or not is_text and _makes_sending_requests(facts)
    if entry.effect not in (Effect.WRITE, Effect.GLOBAL) or DOWNLOADING.search(entry.name):
        return False
    methods = [value.value for value in (*node.args[:2], *(keyword.value for keyword in node.keywords if keyword.arg == "method")) if isinstance(value, ast.Constant)]
    return not (entry.name.endswith("request") and any(isinstance(one, str) and one.upper() in _ASKING_METHODS for one in methods))

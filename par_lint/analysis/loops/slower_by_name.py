"""I/O of a loop that only names show: it is no reason to report a loop, but decides what a reported one waits for longest."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.loops.reached_calls import reached_calls
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.dataflow.body_summary import is_worth_a_worker, slowest
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.scopes import CallSite
from par_lint.analysis.semantics.values import Named
from par_lint.analysis.slice_flow import SliceFlow
from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.core.catalog.entry import Effect, Entry, Kind

_TRANSFERS = re.compile(r"_*(down|up)load(?![a-z])")
_FETCHES = re.compile(r"_*(fetch|scrape|crawl)(?![a-z])")
_ABOUT_TRANSFERS = frozenset({"path", "paths", "dir", "folder", "name", "names", "filename", "link", "links", "size", "count", "status", "info", "options", "config"})
"""Words of functions that tell something of a transfer, and make none: `download_path(name)`."""
_RUNNING = frozenset({"run", "exec", "execute", "call"})
_COMMANDS = frozenset({"command", "commands", "cmd", "cmds", "cmdline", "shell", "subprocess"})
_RUNNERS = frozenset({"run", "call", "check_call", "check_output", "execute"})
_TRANSFER = Entry("untyped.Client.transfer", Kind.NETWORK, Effect.WRITE)
_COMMAND = Entry("untyped.Subprocess.run", Kind.SUBPROCESS, Effect.WRITE)


def with_slower_calls(site: LoopSite, facts: Facts) -> LoopSite:
    """Return a loop with the I/O that names of its calls leave no caveat of, if that is slower than all that the file shows."""
    known = slowest(site.io_calls)
    if known is None or known.entry.kind is Kind.NETWORK or not isinstance(site.node, (cst.For, cst.BaseComp)):
        return site
    named = {call.node: entry for call in reached_calls(site, facts) if (entry := entry_by_name(call, facts)) is not None and entry.kind is not known.entry.kind}
    if not named:
        return site
    summary = SliceFlow(facts, named.get).loop(site.node, bound_names(site.target))
    slower = tuple(work for work in summary.io_calls if work.entry in (_TRANSFER, _COMMAND) and is_worth_a_worker(work))
    return replace(site, io_calls=(*site.io_calls, *slower))


def entry_by_name(call: CallSite, facts: Facts) -> Entry | None:
    """Return what a call does that neither the file nor the catalogue shows, by its name: it transfers a file, or runs a command."""
    callee = facts.project.callee(call)
    is_imported = isinstance(callee, Named)
    if callee is not None and not isinstance(callee, Named) or facts.project.entry(call) is not None or facts.project.imported(callee) is not None:
        return None
    if isinstance(callee, Named):
        owner = callee.name.rpartition(".")[0].rpartition(".")[2]
        if facts.resolver.is_known_root(callee.name.partition(".")[0]) or owner[:1].isupper():
            return None  # a method of a class that stands elsewhere may have no body, whatever its name says
    elif _is_of_imported_class(call):
        return None
    said = words(call.name)
    if (_TRANSFERS.match(call.name) or is_imported and _FETCHES.match(call.name)) and not said & _ABOUT_TRANSFERS and call.node.args:
        return _TRANSFER
    if isinstance(callee, Named) and _is_request_of_service(callee.name) and (call.node.args or call.node.keywords):
        return _TRANSFER
    is_runner = bool(said & _RUNNING and said & _COMMANDS) or is_imported and call.name in _RUNNERS and _is_given_command(call.node)
    return _COMMAND if is_runner and call.node.args else None


def _is_request_of_service(name: str) -> bool:
    """Whether a function of a module that is called like a cloud service asks it: `cloudwatch.get_log_events`."""
    *_, owner, method = ("", *name.split("."))
    return owner in _SERVICES and method.partition("_")[0] in _REQUESTS and "_" in method


_SERVICES = frozenset("cloudwatch cloudformation cloudfront dynamodb ec2 ecs ecr eks elasticbeanstalk glue iam kinesis kms rds route53 s3 sns sqs gcs bigquery pubsub azureblob".split())
_REQUESTS = frozenset("get list describe put create delete update query scan send publish invoke copy".split())


def _is_of_imported_class(call: CallSite) -> bool:
    """Whether a method's object is made by a class, or by a method of a class, that stands elsewhere."""
    path = access_path(call.node.func)
    found = call.scope.find(path[0]) if len(path) > 1 else None
    values = [binding.entered or binding.value for binding in found[1] if isinstance(binding, Assigned)] if found is not None else []
    return any(isinstance(value, ast.Call) and any(part.lstrip("_")[:1].isupper() for part in access_path(value.func)) for value in values)


def _is_given_command(call: ast.Call) -> bool:
    """Whether the first argument is a command by the names in it: `cmd`, `cmd.format(name)`, `setup + " ".join(command)`."""
    return any(isinstance(node, ast.Name) and words(node.id) & _COMMANDS for node in (walk(call.args[0]) if call.args else ()))

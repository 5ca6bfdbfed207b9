"""Read-only calls, whose order does not matter."""

from __future__ import annotations

import re

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.scopes import Class, Function
from par_lint.analysis.slice_flow import SliceFlow
from par_lint.analysis.syntax.command_words import command_words
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Effect, Kind

_READING_VERB = re.compile(r"^_?(get|list|describe|head|read|fetch|find|search|query|count|lookup|show|retrieve|scan|exists|hget|mget|smembers)(_|$|[A-Z])")
_READ_ONLY_OPTIONS = frozenset({"--version", "-version", "-V", "-v", "version", "--help", "-h"})
_READ_ONLY_COMMANDS = frozenset({
    "df", "du", "ps", "lscpu", "lsblk", "lspci", "lsusb", "nvidia-smi", "rocm-smi", "sw_vers", "system_profiler", "sysctl", "ip", "ifconfig", "netstat", "ss",
    "ldd", "getconf", "dmidecode", "ping", "dig", "nslookup", "host", "ioreg", "lsb_release", "dpkg-query", "otool", "objdump", "readelf", "ffprobe",
})  # fmt: skip
"""Read-only commands that take long; `which` and `uname` do not."""
_READ_ONLY_SUBCOMMANDS = {
    "git": {"log", "show", "diff", "rev-parse", "rev-list", "ls-files", "ls-remote", "status", "cat-file", "blame", "describe", "symbolic-ref",
            "show-ref", "merge-base", "name-rev", "for-each-ref"},
    "docker": {"ps", "images", "inspect", "info", "version"}, "kubectl": {"get", "describe", "version", "cluster-info"},
    "pip": {"list", "show", "freeze"}, "pip3": {"list", "show", "freeze"}, "conda": {"list", "info"}, "npm": {"ls", "list", "view"},
    "systemctl": {"status", "is-active", "is-enabled", "show"}, "gcloud": {"info", "version"}, "adb": {"devices"},
}  # fmt: skip
_DEPTH = 4


def is_read_only(call: cst.Call, facts: Facts, flow: SliceFlow, depth: int = _DEPTH) -> bool:
    """Return whether all network requests and subprocesses of a call, also through functions of the file, are read-only."""
    callee = facts.callee(call)
    if isinstance(callee, Class):
        return False
    if isinstance(callee, Function):
        return depth > 0 and (_runs_read_only_command(call) or _has_only_reading_io(callee, facts, flow, depth - 1))
    entry = facts.entry(call)
    if entry is None:
        return False
    if entry.kind is Kind.SUBPROCESS:
        return _runs_read_only_command(_popen(call) or call)
    method = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
    return entry.effect in (Effect.READ, Effect.QUERY) or _READING_VERB.match(method) is not None


def _has_only_reading_io(function: Function, facts: Facts, flow: SliceFlow, depth: int) -> bool:
    """Whether a function does only read-only I/O, and changes nothing outside itself."""
    summary = flow.function(function)
    if any(change.how in ("add", "store", "augment") or "." in change.path for change in summary.changes):
        return False
    io_calls = [work for work in summary.io_calls if work.entry.kind in (Kind.NETWORK, Kind.SUBPROCESS, Kind.FILE)]
    files = [work for work in io_calls if work.entry.kind is Kind.FILE]
    if any(work.entry.effect is Effect.WRITE for work in files):
        return False
    calls = [facts.complete_call(work.call) for work in io_calls if work not in files]
    return all(call is not None and is_read_only(call, facts, flow, depth) for call in calls)


def _runs_read_only_command(call: cst.Call) -> bool:
    """Whether a call runs a literal command that is read-only."""
    commands = [words for words in (command_words(call), *_lists(call)) if words]
    return bool(commands) and all(_is_read_only_command(words) for words in commands)


def _lists(call: cst.Call) -> list[list[str]]:
    """Yield the commands in further arguments: lists of words."""
    return [command_words(cst.Call(cst.Name("run"), [cst.Arg(arg.value)])) for arg in call.args[1:] if isinstance(arg.value, cst.List)]


def _is_read_only_command(words: list[str]) -> bool:
    command = words[0].rpartition("/")[2].lower()
    if command in ("sudo", "env") and len(words) > 1:
        return _is_read_only_command(words[1:])
    if any(">" in word or word in ("&&", ";", "|") for word in words):
        return False
    rest = [word for word in words[1:] if not word.startswith("-")]
    if command in _READ_ONLY_SUBCOMMANDS and rest:
        return rest[0] in _READ_ONLY_SUBCOMMANDS[command]
    return command in _READ_ONLY_COMMANDS or len(words) > 1 and words[1] in _READ_ONLY_OPTIONS


def _popen(call: cst.Call) -> cst.Call | None:
    """Return the call with the command in `Popen(...).communicate()`."""
    return next((node for node in descend(call.func) if isinstance(node, cst.Call)), None)

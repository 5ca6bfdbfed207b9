"""Ways in which the ordered rest of a loop may disturb what is read ahead, and those of single calls."""

from __future__ import annotations

import ast
import enum
import re

from par_lint.analysis.effects.http_requests import may_change_server
from par_lint.analysis.effects.open_modes import READING_FLAGS
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.core.catalog.entry import Effect, Entry, Kind
from par_lint.core.findings import ReasonKind

FILE_KINDS = frozenset({Kind.FILE, Kind.METADATA, Kind.LISTING})
_READING = frozenset("rbtU")
_MODE = frozenset("rwaxbtU+")
_OPENING = frozenset({"open", "fdopen", "ZipFile", "TarFile", "GzipFile", "BZ2File", "LZMAFile", "FileIO", "PyZipFile"})
"""Calls that open files with a mode."""
_AMBIGUOUS = {"rename": 1, "replace": 1, "open": 0, "touch": 0, "chmod": 1, "copy": 1, "move": 1}
"""Writing methods of paths whose names other classes use as well, with the least number of positional arguments they have there."""
_SENDING = frozenset({
    "post", "patch", "sendall", "sendto", "send_message", "sendmail", "send_email", "publish", "upload", "upload_file", "upload_fileobj", "put_object", "delete_object",
    "storbinary", "storlines", "request", "urlopen", "send_json", "send_text", "send_bytes", "post_json",
})  # fmt: skip
"""Methods that, judged by their names, send something to a server, whatever their object is."""


class Interference(enum.Flag):
    """Ways to disturb reading ahead."""

    NONE = 0
    FILES = enum.auto()  # files are written
    SERVER = enum.auto()  # a request may change what a server answers
    PROCESS = enum.auto()  # the folder or the environment is changed
    PACE = enum.auto()  # it waits, so that its requests are spaced out
    CLOCK = enum.auto()  # it reads a clock, which matters before and after the reading


SEEN_BY_SOME = Interference.FILES | Interference.SERVER
"""What disturbs only code that reads files, or that asks servers."""
REASONS = {
    Interference.PROCESS: ReasonKind.STATE("the rest of the loop changes state of the whole process"),
    Interference.FILES: ReasonKind.DEPENDENCE("the rest of the loop changes files while later ones are read"),
    Interference.SERVER: ReasonKind.DEPENDENCE("the rest of the loop may change a server while it is asked for later items"),
    Interference.PACE: ReasonKind.LOAD("the rest of the loop waits between iterations"),
}


def interference_of(entry: Entry, node: ast.Call, facts: Facts) -> Interference:
    """Return what a call may do whose argument is a function in the catalogue: `map(os.chdir, folders)`."""
    if entry.effect is Effect.GLOBAL:
        return Interference.PROCESS
    if entry.kind is Kind.SLEEP:
        return Interference.PACE if any(isinstance(value, ast.Attribute | ast.Name) for value in node.args) else Interference.NONE
    if facts.resolver.catalog.returns(entry.name) == "io.File" or opens_with_mode(entry):
        texts = [value.value for value in (*node.args, *(keyword.value for keyword in node.keywords)) if isinstance(value, ast.Constant)]
        return Interference.FILES if any(isinstance(text, str) and set(text) <= _MODE and not is_reading(text) for text in texts) else Interference.NONE
    is_writing = entry.effect is Effect.WRITE and entry.kind in FILE_KINDS
    ways = Interference.FILES if is_writing or entry.kind is Kind.SUBPROCESS else Interference.NONE
    return ways | (Interference.SERVER if may_change_server(node, entry, facts) else Interference.NONE)


def interference_by_name(node: ast.Call, entry: Entry | None, facts: Facts) -> Interference:
    """Return what a method of an object of unknown type may do, judged by its name: the object may be a path, or a client of a server.

    `entry` is that of the call, if its spelling shows one.
    """
    if not isinstance(node.func, ast.Attribute):
        return Interference.NONE
    name = node.func.attr
    ways = Interference.SERVER if name in _SENDING or entry is not None and may_change_server(node, entry, facts) else Interference.NONE
    writing = facts.resolver.catalog.find(f"pathlib.Path.{name}")
    if writing is not None and not facts.methods(name) and (name not in _AMBIGUOUS or len(node.args) == _AMBIGUOUS[name] or name == "open"):
        ways |= interference_of(writing, node, facts)
    return ways


def is_reading(mode: str) -> bool:
    """Return whether a mode opens a file for reading only."""
    return set(mode) <= _READING


def opens_with_mode(entry: Entry) -> bool:
    """Return whether a call opens a file with a mode."""
    return entry.name.rpartition(".")[2] in _OPENING


def opens_for_reading(node: ast.Call, name: str) -> bool:
    """Return whether a call that takes a mode, or flags, opens a file for reading."""
    given = [*node.args[1:2], *(keyword.value for keyword in node.keywords if keyword.arg in ("mode", "flags"))]
    if name == "os.open":
        names = {inner.attr if isinstance(inner, ast.Attribute) else inner.id for value in given for inner in walk(value) if isinstance(inner, (ast.Name, ast.Attribute))}
        numbers = [inner.value for value in given for inner in walk(value) if isinstance(inner, ast.Constant)]
        return names - {"os"} <= READING_FLAGS and not any(numbers)
    if any(keyword.arg is None for keyword in node.keywords):
        return False
    modes = [value.value if isinstance(value, ast.Constant) else "?" for value in given]
    return all(isinstance(mode, str) and is_reading(re.split("[:|]", mode)[0]) for mode in modes)

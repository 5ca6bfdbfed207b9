"""Code that may raise before the I/O of a loop: its error must still come first, and be caught by the same handlers."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Kind

_NON_RAISING_BUILTINS = frozenset("str repr bool len isinstance issubclass type id dict list tuple set frozenset sorted enumerate zip range reversed".split())
_NON_RAISING_METHODS = frozenset("""
    startswith endswith strip lstrip rstrip removeprefix removesuffix lower upper title split rsplit splitlines partition rpartition join replace
    get items keys values copy joinpath relative_to with_suffix with_name as_posix exists is_file is_dir append add extend
""".split())  # fmt: skip
_IO_ERRORS = frozenset("""
    OSError IOError EnvironmentError FileNotFoundError FileExistsError PermissionError IsADirectoryError NotADirectoryError InterruptedError
    ConnectionError ConnectionRefusedError ConnectionResetError ConnectionAbortedError BrokenPipeError TimeoutError timeout URLError HTTPError
    JSONDecodeError UnicodeDecodeError YAMLError ParserError ParseError TOMLDecodeError UnpicklingError BadZipFile ReadError EOFError
""".split())  # fmt: skip
"""Errors of reading and parsing: looking something up, or building a path, raises none of them."""


def find_raising_node(nodes: Iterable[cst.CSTNode], facts: Facts) -> cst.CSTNode | None:
    """Return the first node that may raise by itself: an assertion, a look-up, a call that may fail."""
    for node in nodes:
        for inner in descend(node):
            if isinstance(inner, (cst.Raise, cst.Assert)) or isinstance(inner, cst.Call) and not _never_raises(inner, facts):
                return inner
            if isinstance(inner, cst.Subscript) and not _is_slice(inner):
                return inner
    return None


def find_io_error_source(nodes: Iterable[cst.CSTNode], facts: Facts) -> cst.CSTNode | None:
    """Return the first call that may raise a system or parse error: all calls except those that build paths and texts."""
    for node in nodes:
        for inner in descend(node):
            if isinstance(inner, cst.Call) and not (_never_raises(inner, facts) and facts.entry(inner) is None) and not _builds_path(inner, facts):
                return inner
    return None


def _builds_path(call: cst.Call, facts: Facts) -> bool:
    name = facts.name(call) or ""
    entry = facts.entry(call) if facts.site(call) is not None else None
    return name.startswith(("os.path.join", "posixpath.join", "pathlib.P")) and (entry is None or entry.kind is Kind.PURE)


def catches_other_errors(handlers: Iterable[cst.ExceptHandler]) -> bool:
    """Return whether handlers catch more than reading errors: then the exact contents of their `try` matter."""
    return any(not catches_only_io_errors(handler.type) for handler in handlers)


def catches_only_io_errors(caught: cst.BaseExpression | None) -> bool:
    """Return whether an `except` or a `suppress` names only reading errors."""
    match caught:
        case None:
            return False
        case cst.Tuple(elements=elements):
            return all(catches_only_io_errors(element.value) for element in elements)
        case _:
            return (dotted(caught) or "").rpartition(".")[2] in _IO_ERRORS


def _is_slice(node: cst.Subscript) -> bool:
    return all(isinstance(element.slice, cst.Slice) for element in node.slice)


def _never_raises(call: cst.Call, facts: Facts) -> bool:
    """Whether a call does not raise for valid arguments: it builds a path, inspects a string, or checks whether a file exists."""
    name = facts.name(call) or ""
    if name.startswith(("os.path.", "posixpath.")):
        return not name.endswith(("getsize", "getmtime", "getatime", "getctime", "samefile"))
    if name in ("pathlib.Path", "pathlib.PurePath", "os.fsdecode", "os.fspath"):
        return True
    match call.func:
        case cst.Name(value=spelled):
            return spelled in _NON_RAISING_BUILTINS and facts.is_builtin(spelled, call)
        case cst.Attribute(attr=cst.Name(value=method)):
            entry = facts.entry(call)
            return method in _NON_RAISING_METHODS and (entry is None or entry.kind in (Kind.METADATA, Kind.PURE))
        case _:
            return False

"""LibCST's parser for code that CPython accepts. Every failure is an ordinary exception."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState

from par_lint.core.internal_errors import ParserPanic, UnknownGrammar

_LOCK = threading.RLock()
_ACCEPT: Any = tuple
"""What is called for each new node in place of its checks: a class of C, which gets no arguments and does nothing."""


def _write(self: cst.CSTNode, state: CodegenState, **kwargs: Any) -> None:
    """Write a node as `CSTNode._codegen` does, with one call of a Python function for each level instead of one that C makes."""
    state.before_codegen(self)
    if kwargs:
        self._codegen_impl(state, **kwargs)
    else:
        self._codegen_impl(state)
    state.after_codegen(self)


if sys.version_info[:2] == (3, 12):  # no setting raises its limit for calls through C: a sum of 700 terms would cost the whole file
    cst.CSTNode._codegen = _write  # type: ignore[method-assign]


def parse_module(text: str, encoding: str = "utf-8") -> cst.Module:
    """Parse a text that CPython can parse. Raises UnknownGrammar if libcst does not support its grammar, and ParserPanic."""
    try:
        with unvalidated():
            return cst.parse_module(text, _config(encoding))
    except cst.ParserSyntaxError as error:
        raise UnknownGrammar(error.raw_line) from None
    except Exception:
        raise
    except BaseException as error:  # a panic of the native parser is not an Exception
        if type(error).__name__ != "PanicException":
            raise
        raise ParserPanic(" ".join(str(error).split())) from None


@functools.cache
def _config(encoding: str) -> cst.PartialParserConfig:
    """Return the settings of the parser: to make them takes as long as to parse a line."""
    return cst.PartialParserConfig(encoding=encoding)


def parse_expression(text: str) -> cst.BaseExpression:
    """Parse an expression of the file after it was reformatted."""
    with unvalidated():
        return cst.parse_expression(text)


@contextmanager
def unvalidated() -> Iterator[None]:
    """Create nodes without libcst's checks of white space.

    The checks reject code that Python accepts, such as `assert(a if b else c)`, and changed nodes before `node_text` adds the spaces.
    """
    with _LOCK:
        check = cst.CSTNode.__post_init__
        if check is _ACCEPT:  # to set it again would cost: Python then forgets which methods it found in classes of nodes
            yield
            return
        cst.CSTNode.__post_init__ = _ACCEPT  # type: ignore[method-assign]
        try:
            yield
        finally:
            cst.CSTNode.__post_init__ = check  # type: ignore[method-assign]

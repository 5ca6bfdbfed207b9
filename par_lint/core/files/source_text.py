"""Decode and parse a file. Everything that Python rejects becomes one exception with its line."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
import warnings

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


class UnparsableSource(Exception):
    """A file that cannot be parsed as Python: the line and column (1-based, in characters) of the error, and the reason."""

    def __init__(self, line: int, reason: str, column: int = 1) -> None:
        super().__init__(line, reason, column)
        self.line = line
        self.reason = reason
        self.column = column

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


def split_lines(text: str) -> list[str]:
    """Return the lines of `text` with their line ends, split only where Python splits lines (`str.splitlines` splits more)."""
    return _LINE.findall(text)


def decode(source: bytes) -> tuple[str, str]:
    """Return the text of a file and its encoding (from the cookie or the byte order mark). Raises UnparsableSource."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        text = source.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise _undecodable(source, error) from None
    if "\0" in text:
        raise UnparsableSource(text.count("\n", 0, text.index("\0")) + 1, "the file contains null bytes")
    if text.encode(encoding) != source:
        raise UnparsableSource(1, f"text in {encoding} cannot be written back byte for byte")
    return text, encoding


def parse_tree(source: bytes) -> ast.Module:
    """Return the standard syntax tree of a file. Raises UnparsableSource for everything that Python itself rejects."""
    decode(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        reason = f"{type(error).__name__}: {error.msg} (parsed as Python {sys.version_info[0]}.{sys.version_info[1]})"
        raise UnparsableSource(max(error.lineno or 1, 1), reason, max(error.offset or 1, 1)) from None
    except (MemoryError, RecursionError):
        raise UnparsableSource(1, "the code is nested too deeply for Python's parser") from None
    except ValueError as error:
        raise UnparsableSource(1, str(error)) from None


def _undecodable(source: bytes, error: Exception) -> UnparsableSource:
    if isinstance(error, UnicodeDecodeError):
        return UnparsableSource(source.count(b"\n", 0, error.start) + 1, f"not valid {error.encoding}")
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as fault:
        if "invalid or missing" in str(error) or "null bytes" in str(error):  # from Python 3.14 on, of UTF-16
            line = source.count(b"\n", 0, fault.start) + 1
            return UnparsableSource(line, "not valid utf-8, and no encoding is declared")
    return UnparsableSource(1, str(error))

"""The laws that every fixed file keeps, whatever rule it was fixed by. A fix that breaks one is taken back."""

from __future__ import annotations

import ast
import codecs
import io
import tokenize
import warnings
from collections import Counter
from collections.abc import Sequence

_HEAD = 20  # lines in which generators put their mark


def is_generated(lines: Sequence[str]) -> bool:
    """Whether a comment at the top of a file says that a program wrote it: a fix would be overwritten."""
    return any(line.lstrip().startswith("#") and "@generated" in line for line in lines[:_HEAD])


def violations(before: bytes, after: bytes) -> list[str]:
    """The laws that a fixed file breaks, each as a short phrase; empty when it keeps them all."""
    found = []
    if not _compiles(after) and (_compiles(before) or not _parses(after)):
        return ["the result would not be Python"]
    if b"#" in before and _comments(before) - _comments(after):
        found.append("a comment would be lost")
    if before.startswith(codecs.BOM_UTF8) != after.startswith(codecs.BOM_UTF8):
        found.append("the byte order mark would change")
    if _encoding(before) != _encoding(after):
        found.append("the encoding would change")
    if _newlines(after) - _newlines(before):
        found.append("the line ends would change")
    if _ends_with_newline(before) != _ends_with_newline(after):
        found.append("the end of the file would change")
    return found


def _compiles(source: bytes) -> bool:
    """Whether Python takes a file: some of what it refuses, it parses, such as a second binding of a parameter as `global`."""
    return _is_taken(source, 0)


def _parses(source: bytes) -> bool:
    return _is_taken(source, ast.PyCF_ONLY_AST)


def _is_taken(source: bytes, flags: int) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<fixed>", "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    except (RecursionError, MemoryError):
        return bool(flags)  # deeper than Python compiles: what else it would refuse, nobody knows
    return True


def _comments(source: bytes) -> Counter[str]:
    try:
        return Counter(token.string.strip() for token in tokenize.tokenize(io.BytesIO(source).readline) if token.type == tokenize.COMMENT)
    except (tokenize.TokenError, SyntaxError):
        return Counter()


def _encoding(source: bytes) -> str:
    return tokenize.detect_encoding(io.BytesIO(source).readline)[0]


def _newlines(source: bytes) -> set[bytes]:
    """The kinds of line ends in a file."""
    rest = source.replace(b"\r\n", b"")
    return {end for end, is_there in ((b"\r\n", b"\r\n" in source), (b"\n", b"\n" in rest), (b"\r", b"\r" in rest)) if is_there}


def _ends_with_newline(source: bytes) -> bool:
    return source.endswith((b"\n", b"\r"))

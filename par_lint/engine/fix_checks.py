"""The invariants of fixed files, the same for all rules. A fix that breaks one is undone."""

from __future__ import annotations

import ast
import codecs
import io
import tokenize
import warnings
from collections import Counter
from collections.abc import Sequence

from par_lint.engine.unbound_names import newly_unbound

_HEAD = 20  # lines at the top of a file that may contain the marker


def is_generated(lines: Sequence[str]) -> bool:
    """Return whether a comment at the top of a file says that it was generated: a fix would be overwritten."""
    return any(line.lstrip().startswith("#") and "@generated" in line for line in lines[:_HEAD])


def violations(before: bytes, after: bytes) -> list[str]:
    """Return the invariants that a fixed file breaks, each as a short phrase."""
    found = []
    if not _compiles(after) and (_compiles(before) or not _parses(after)):
        return ["the result would not be Python"]
    if unbound := _newly_unbound(before, after):
        found.append(f"{unbound[0]} would be read before it is bound")
    if _may_lose_comment(before, after) and _comments(before) - _comments(after):
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


def _newly_unbound(before: bytes, after: bytes) -> list[str]:
    """Return the names that a fixed file may read unbound; none where the file is nested too deeply to look."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return newly_unbound(ast.parse(before), ast.parse(after))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _compiles(source: bytes) -> bool:
    """Return whether Python compiles a file. Some invalid code can be parsed, such as a parameter declared `global`."""
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
        return bool(flags)  # nested too deeply to compile: other errors cannot be detected
    return True


def _may_lose_comment(before: bytes, after: bytes) -> bool:
    """Return whether something that a comment may be part of is gone. Files are tokenized only then, which takes long."""
    return bool(_after_hashes(before) - _after_hashes(after))


def _after_hashes(source: bytes) -> Counter[bytes]:
    """Return the ends of lines from the first `#` on."""
    return Counter(line[line.index(b"#") :].strip() for line in source.splitlines() if b"#" in line)


def _comments(source: bytes) -> Counter[str]:
    try:
        return Counter(token.string.strip() for token in tokenize.tokenize(io.BytesIO(source).readline) if token.type == tokenize.COMMENT)
    except (tokenize.TokenError, SyntaxError):
        return Counter()


def _encoding(source: bytes) -> str:
    return tokenize.detect_encoding(io.BytesIO(source).readline)[0]


def _newlines(source: bytes) -> set[bytes]:
    """Return the kinds of line ends in a file."""
    rest = source.replace(b"\r\n", b"")
    return {end for end, is_there in ((b"\r\n", b"\r\n" in source), (b"\n", b"\n" in rest), (b"\r", b"\r" in rest)) if is_there}


def _ends_with_newline(source: bytes) -> bool:
    return source.endswith((b"\n", b"\r"))

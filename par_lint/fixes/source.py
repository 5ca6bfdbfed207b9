"""Between the bytes of a file and its libcst module, so that what no fix touched comes back byte for byte.

libcst keeps the encoding, the byte order mark and every newline. It drops a form feed that stands before code on its
line, and a lone carriage return at the very end; `ParsedSource.render` puts those lines back as they were.
"""

from __future__ import annotations

import ast
import difflib
import io
import re
import tokenize
import warnings
from dataclasses import dataclass

import libcst as cst

from par_lint.findings import UnparsableSource

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


@dataclass(frozen=True)
class ParsedSource:
    """A file as a module, with what is needed to write a changed module back in the same encoding and style."""

    source: bytes
    text: str
    encoding: str
    module: cst.Module

    def render(self, module: cst.Module) -> bytes:
        """The bytes of `module`, a changed version of `self.module`."""
        if module is self.module:
            return self.source
        return self._restore(module.code).encode(self.encoding)

    def _restore(self, changed: str) -> str:
        """Give unchanged lines the spelling of the file where libcst prints them otherwise."""
        printed = self.module.code
        if printed == self.text:
            return changed
        old, new = split_lines(printed), split_lines(changed)
        originals = split_lines(self.text)
        restored: list[str] = []
        for tag, start, end, new_start, new_end in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
            restored += originals[start:end] if tag == "equal" else new[new_start:new_end]
        return "".join(restored)


def split_lines(text: str) -> list[str]:
    """The lines of `text` with their ends, divided only where Python divides lines (`str.splitlines` knows more)."""
    return _LINE.findall(text)


def decode(source: bytes) -> tuple[str, str]:
    """The text of a file and its encoding (from the cookie or the byte order mark); raises UnparsableSource."""
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
    """The standard syntax tree of a file; raises UnparsableSource for all that Python itself refuses."""
    decode(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        raise UnparsableSource(max(error.lineno or 1, 1), error.msg) from None
    except (MemoryError, RecursionError, ValueError) as error:
        raise UnparsableSource(1, str(error) or "nested too deeply") from None


def parse_source(source: bytes) -> ParsedSource:
    """The libcst module of a file; raises UnparsableSource when it cannot be read, or not be given back whole."""
    text, encoding = decode(source)
    try:
        module = cst.parse_module(text, cst.PartialParserConfig(encoding=encoding))
        printed = module.code
    except cst.ParserSyntaxError as error:
        parse_tree(source)  # knows the line, libcst's native parser does not
        raise UnparsableSource(error.raw_line, "libcst cannot parse this file") from None
    except RecursionError:
        raise UnparsableSource(1, "nested too deeply") from None
    if printed != text and len(split_lines(printed)) != len(split_lines(text)):
        raise UnparsableSource(1, "libcst cannot give this file back unchanged")
    return ParsedSource(source, text, encoding, module)


def _undecodable(source: bytes, error: Exception) -> UnparsableSource:
    if isinstance(error, UnicodeDecodeError):
        return UnparsableSource(source.count(b"\n", 0, error.start) + 1, f"not valid {error.encoding}")
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as fault:
        if "invalid or missing" in str(error):
            line = source.count(b"\n", 0, fault.start) + 1
            return UnparsableSource(line, "not valid utf-8, and no encoding is declared")
    return UnparsableSource(1, str(error))

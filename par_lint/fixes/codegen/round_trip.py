"""Convert between the bytes of a file and its libcst module, so that untouched code is preserved byte for byte.

libcst keeps the encoding, the byte order mark and every newline. It drops a form feed before code on the same line, and a lone
carriage return at the very end; `ParsedSource.render` restores those lines.
"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass

import libcst as cst

from par_lint.analysis.syntax.node_text import write
from par_lint.analysis.syntax.parser import parse_module
from par_lint.core.files.source_text import UnparsableSource, decode, parse_tree, split_lines


@dataclass(frozen=True)
class ParsedSource:
    """A parsed file, with what is needed to write a changed module in the same encoding and style."""

    source: bytes
    text: str
    encoding: str
    module: cst.Module

    @functools.cached_property
    def texts(self) -> tuple[str, ...]:
        """Return the text of each of `pieces_of` the module, as libcst prints it. Printing takes as long as parsing."""
        return tuple(write(piece, self.module) for piece in pieces_of(self.module))

    @functools.cached_property
    def printed(self) -> str:
        """Return the text as libcst prints it."""
        return "".join(self.texts) if self.module.has_trailing_newline and self.texts else write(self.module, self.module)

    def render(self, module: cst.Module) -> bytes:
        """Return the bytes of `module`, a changed version of `self.module`. Only the statements that are new are printed."""
        if module is self.module:
            return self.source
        known = {id(piece): text for piece, text in zip(pieces_of(self.module), self.texts, strict=True)}
        pieces = pieces_of(module)
        if not module.has_trailing_newline or not pieces:
            return self._restore(write(module, module)).encode(self.encoding)
        return self._restore("".join(known[id(piece)] if id(piece) in known else write(piece, module) for piece in pieces)).encode(self.encoding)

    def _restore(self, changed: str) -> str:
        """Restore the original spelling of unchanged lines that libcst prints differently."""
        if self.printed == self.text:
            return changed
        old, new = split_lines(self.printed), split_lines(changed)
        originals = split_lines(self.text)
        restored: list[str] = []
        for tag, start, end, new_start, new_end in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
            restored += originals[start:end] if tag == "equal" else new[new_start:new_end]
        return "".join(restored)


def parse_source(source: bytes) -> ParsedSource:
    """Return the libcst module of a file. Raises UnparsableSource if it cannot be parsed or not be written back exactly, and UnknownGrammar."""
    parse_tree(source)  # first: reports the line of an error, and rejects nesting that would crash native code
    text, encoding = decode(source)
    module = parse_module(text, encoding)
    parsed = ParsedSource(source, text, encoding, module)
    if parsed.printed != text and len(split_lines(parsed.printed)) != len(split_lines(text)):
        raise UnparsableSource(1, "libcst cannot give this file back unchanged")
    return parsed


def pieces_of(module: cst.Module) -> list[cst.CSTNode]:
    """Return the nodes that make up a module, in order: comments at its top, statements, comments at its end."""
    return [*module.header, *module.body, *module.footer]

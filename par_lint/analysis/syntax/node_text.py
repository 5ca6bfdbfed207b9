"""The text of LibCST nodes, with a space wherever a keyword would touch code that a fix inserted.

`for x in(names)` needs no space, but `for x in run_parallel(...)` does, and LibCST keeps the white space of a changed node.
"""

from __future__ import annotations

import keyword

import libcst as cst
from libcst._nodes.internal import CodegenState

_KEYWORDS = frozenset(keyword.kwlist)
_EMPTY = cst.Module([])


def write(node: cst.CSTNode, module: cst.Module = _EMPTY) -> str:
    """Return the code of a node, with the indentation and the line ends of a module."""
    state = _SpacedState(module.default_indent, module.default_newline)
    node._codegen(state)
    return "".join(state.tokens)


class _SpacedState(CodegenState):
    """Code generation that separates words. A number may touch the keyword after it, as in `1if x else 2`."""

    def __init__(self, indent: str, newline: str) -> None:
        super().__init__(indent, newline)
        self._last = "\n"

    def add_token(self, value: str) -> None:
        if not value:
            return
        last = self._last
        if (value in _KEYWORDS or last in _KEYWORDS) and _is_word(value[0]) and _is_word(last[-1]) and last[0] not in ".0123456789":
            self.tokens.append(" ")
        self.tokens.append(value)
        self._last = value


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"

"""The text edits of one fix, from the top-level statements that it changes: the rest of the file is not printed again."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from par_lint.core.files.source_text import split_lines
from par_lint.core.files.text_spans import TextEdit, compute_edits, moved_down

if TYPE_CHECKING:
    import libcst as cst

    from par_lint.fixes.codegen.round_trip import ParsedSource


class StatementEdits:
    """Computes the edits between a file and changed versions of its module that share most of its top-level statements."""

    def __init__(self, parsed: ParsedSource) -> None:
        from par_lint.analysis.syntax.node_text import write
        from par_lint.analysis.syntax.nodes import descend
        from par_lint.fixes.codegen.round_trip import pieces_of

        self._write: Callable[..., str] = write
        self._pieces_of: Callable[[cst.Module], list[cst.CSTNode]] = pieces_of
        self._pieces = pieces_of(parsed.module)
        self._texts = parsed.texts
        self._lines = split_lines(parsed.text)
        self._is_exact = "".join(self._texts) == parsed.text == parsed.printed
        self._home = {id(node): number for number, statement in enumerate(parsed.module.body) for node in descend(statement, into_functions=True)}
        self._starts = [0]
        for text in self._texts:
            self._starts.append(self._starts[-1] + len(split_lines(text)))

    def home(self, nodes: Sequence[cst.CSTNode]) -> int | None:
        """Return the number of the top-level statement that all nodes are in; None if there is none, or the file is not printed exactly."""
        homes = {self._home.get(id(node)) for node in nodes}
        return homes.pop() if len(homes) == 1 and self._is_exact else None

    def between(self, changed: cst.Module) -> list[TextEdit]:
        """Return the edits that turn the file into `changed`, in order."""
        new = self._pieces_of(changed)
        old_keys, new_keys = list(map(id, self._pieces)), list(map(id, new))
        edits: list[TextEdit] = []
        for tag, first, last, start, end in difflib.SequenceMatcher(None, old_keys, new_keys, autojunk=False).get_opcodes():
            if tag != "equal":
                before = split_lines("".join(self._texts[first:last]))
                after = split_lines("".join(self._write(piece, changed) for piece in new[start:end]))
                edits += [moved_down(self._lines, edit.moved(self._starts[first])) for edit in compute_edits(before, after)]
        return edits

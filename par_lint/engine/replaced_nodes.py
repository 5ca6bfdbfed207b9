"""The nodes that fixes replace which are applied together: they must not overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from par_lint.fixes.codegen.edit import Edit


class ReplacedNodes:
    """The nodes that chosen fixes replace."""

    def __init__(self) -> None:
        self._replaced: set[int] = set()
        self._inside: set[int] = set()

    def take(self, edit: Edit) -> bool:
        """Return whether an edit overlaps none that was taken, and take it."""
        from par_lint.analysis.syntax.nodes import descend

        replaced = {id(old) for old, _ in edit.replaced}
        inside = {id(inner) for old, _ in edit.replaced for inner in descend(old, into_functions=True)}
        if replaced & self._inside or inside & self._replaced:
            return False
        self._replaced |= replaced
        self._inside |= inside
        return True

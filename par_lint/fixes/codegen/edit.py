"""What a builder gives back: nodes to replace, and the imports that the new ones need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

import libcst as cst

Replaced = Union[cst.CSTNode, "cst.FlattenSentinel[cst.CSTNode]"]
"""What stands in the place of a node: another, or several statements."""


@dataclass(frozen=True)
class Edit:
    """A fix: nodes of the module and what stands in their place, and the imports that these need.

    `imports` are pairs of module and name; the module `RUNTIME` stands for the project's runtime module. A builder writes
    an imported name as it is; the engine renames it where the module already uses the name for something else.
    """

    replaced: tuple[tuple[cst.CSTNode, Replaced], ...]
    imports: tuple[tuple[str, str], ...] = ()


RUNTIME = "<runtime>"

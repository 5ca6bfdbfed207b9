"""The result of a fix builder: nodes to replace, and the imports that the new nodes need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

import libcst as cst

Replaced = Union[cst.CSTNode, "cst.FlattenSentinel[cst.CSTNode]"]
"""The replacement of a node: another node, or several statements."""


@dataclass(frozen=True)
class Edit:
    """A fix: nodes of the module with their replacements, and the imports that the replacements need.

    `imports` are pairs of module and name; the module `RUNTIME` stands for the project's runtime module. A builder uses the imported name
    as it is; the engine renames it if the module already uses the name for something else.
    """

    replaced: tuple[tuple[cst.CSTNode, Replaced], ...]
    imports: tuple[tuple[str, str], ...] = ()


RUNTIME = "<runtime>"

"""Names in LibCST trees: dotted ones, and those that a target binds."""

from __future__ import annotations

import libcst as cst


def dotted(node: cst.CSTNode | None) -> str | None:
    """`a.b.c` of a name or an attribute of one."""
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=value, attr=attr):
            base = dotted(value)
            return None if base is None else f"{base}.{attr.value}"
        case _:
            return None


def bound_names(target: cst.CSTNode) -> list[str]:
    """The plain names that an assignment to `target` binds."""
    match target:
        case cst.Name(value=name):
            return [name]
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            return [name for element in elements for name in bound_names(element.value)]
        case _:
            return []

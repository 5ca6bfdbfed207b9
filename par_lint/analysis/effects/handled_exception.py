"""Code that uses the exception that its caller handles: a worker has none."""

from __future__ import annotations

import libcst as cst

_ASKING = frozenset({"format_exc", "print_exc", "exc_info", "exception", "print_last", "format_last"})


def outside_handlers(root: cst.CSTNode) -> cst.CSTNode | None:
    """Return the nodes that use the exception being handled, outside handlers below `root`: a bare `raise`, `traceback.format_exc()`,
    `logging.exception(...)`, `exc_info=True`.
    """
    below = [root]
    while below:
        node = below.pop()
        if _looks(node):
            return node
        if not isinstance(node, (cst.ExceptHandler, cst.ExceptStarHandler)):
            below.extend(node.children)
    return None


def _looks(node: cst.CSTNode) -> bool:
    match node:
        case cst.Raise(exc=None):
            return True
        case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name))):
            return name in _ASKING
        case cst.Arg(keyword=cst.Name(value="exc_info"), value=cst.Name(value="None" | "False") | cst.Integer(value="0")):
            return False
        case cst.Arg(keyword=cst.Name(value="exc_info")):
            return True
        case _:
            return False

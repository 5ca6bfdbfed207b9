"""Code that uses the exception which its caller is handling: a worker thread has none."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.expression_names import terminal
from par_lint.analysis.syntax.nodes import children
from par_lint.core.memo import memoized_for_last

_HANDLERS = frozenset({cst.ExceptHandler, cst.ExceptStarHandler})
_USING_NODES = frozenset({cst.Raise, cst.Call, cst.Arg})
_EXCEPTION_READERS = frozenset({"format_exc", "print_exc", "exc_info", "exception", "print_last", "format_last"})


@memoized_for_last
def uses_of_outer_exception(root: cst.CSTNode, facts: Facts) -> cst.CSTNode | None:
    """Return the nodes that use the exception being handled, outside handlers below `root`: a bare `raise`, `traceback.format_exc()`,
    `logging.exception(...)`, `exc_info=True`.
    """
    if not any(type(node) in _USING_NODES and _reads_current_exception(node) for node in facts.descendants(root)):
        return None
    below = [root]
    while below:
        node = below.pop()
        kind = type(node)
        if kind in _USING_NODES and _reads_current_exception(node):
            return node
        if kind not in _HANDLERS:
            below += children(node)
    return None


def _reads_current_exception(node: cst.CSTNode) -> bool:
    if type(node) is cst.Call:
        return terminal(node) in _EXCEPTION_READERS
    match node:
        case cst.Raise(exc=None):
            return True
        case cst.Arg(keyword=cst.Name(value="exc_info"), value=cst.Name(value="None" | "False") | cst.Integer(value="0")):
            return False
        case cst.Arg(keyword=cst.Name(value="exc_info")):
            return True
        case _:
            return False

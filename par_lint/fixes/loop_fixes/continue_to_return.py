"""Change `continue` to `return` in a loop body that becomes a function."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from par_lint.analysis.syntax.nodes import children


def has_continue(definition: cst.FunctionDef) -> bool:
    """Return whether a function's body contains a `continue` of the enclosing loop."""
    stack: list[cst.CSTNode] = [definition.body]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Continue):
            return True
        if not isinstance(node, (cst.For, cst.While, cst.FunctionDef)):
            stack += children(node)
    return False


def with_returns(body: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
    """Return statements with `continue` of the enclosing loop changed to `return`."""
    block = cst.IndentedBlock(list(body)).visit(_ContinueToReturn())
    assert isinstance(block, cst.IndentedBlock)
    return list(block.body)


class _ContinueToReturn(cst.CSTTransformer):
    def visit_For(self, node: cst.For) -> bool:
        return False

    def visit_While(self, node: cst.While) -> bool:
        return False

    def leave_Continue(self, original_node: cst.Continue, updated_node: cst.Continue) -> cst.Return:
        return cst.Return(semicolon=updated_node.semicolon)

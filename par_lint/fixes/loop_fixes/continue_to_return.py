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
        kind = type(node)
        if kind is cst.Continue:
            return True
        if kind is cst.For or kind is cst.While:
            stack += [node.orelse] if node.orelse is not None else []  # type: ignore[attr-defined]
        elif kind is not cst.FunctionDef:
            stack += children(node)
    return False


def with_returns(body: Sequence[cst.BaseStatement], value: cst.BaseExpression | None = None) -> list[cst.BaseStatement]:
    """Return statements with `continue` of the enclosing loop changed to `return`, or `return value`."""
    block = cst.IndentedBlock(list(body)).visit(_ContinueToReturn(value))
    assert isinstance(block, cst.IndentedBlock)
    return list(block.body)


class _ContinueToReturn(cst.CSTTransformer):
    def __init__(self, value: cst.BaseExpression | None) -> None:
        super().__init__()
        self._value = value

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return False

    def visit_For(self, node: cst.For) -> bool:
        return False

    def visit_While(self, node: cst.While) -> bool:
        return False

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> cst.For:
        return updated_node.with_changes(orelse=self._else_of(updated_node))

    def leave_While(self, original_node: cst.While, updated_node: cst.While) -> cst.While:
        return updated_node.with_changes(orelse=self._else_of(updated_node))

    def _else_of(self, node: cst.For | cst.While) -> cst.CSTNode | None:
        """Return the `else` of an inner loop, whose `continue` belongs to the enclosing loop."""
        changed = node.orelse.visit(self) if node.orelse is not None else None
        return changed if isinstance(changed, cst.CSTNode) else None

    def leave_Continue(self, original_node: cst.Continue, updated_node: cst.Continue) -> cst.Return:
        return cst.Return(self._value, semicolon=updated_node.semicolon)

"""The expressions of which one gives the value of another: the branches of a condition, the operands of `and` and `or`."""

from __future__ import annotations

import ast


def alternatives(node: ast.expr) -> list[ast.expr]:
    """Return the expressions of which one is the value of an expression; that is itself, unless it has branches or is a `:=`."""
    found: list[ast.expr] = []
    pending = [node]
    while pending:
        match pending.pop():
            case ast.IfExp(body=one, orelse=other):
                pending += [other, one]
            case ast.BoolOp(values=values):
                pending += reversed(values)
            case ast.NamedExpr(value=value):
                pending.append(value)
            case value:
                found.append(value)
    return found

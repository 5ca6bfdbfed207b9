"""Move an executor out of the loop that creates it in every iteration."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.pools.executor_in_loop import ExecutorInLoop
from par_lint.analysis.syntax.expression_names import assigned
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.findings import ReasonKind, Withheld
from par_lint.fixes.codegen.edit import Edit


def plan_hoist(found: ExecutorInLoop, facts: Facts) -> Edit | Withheld:
    """Change `for ...: with Pool() as pool: BODY` to `with Pool() as pool: for ...: BODY`."""
    line = facts.line(found.call)
    loop = found.loop
    item = facts.parent(found.call)
    block = facts.parent(item) if isinstance(item, cst.WithItem) else None
    if loop is None:
        return Withheld(ReasonKind.FORM("there is no enclosing for statement"), line)
    if not isinstance(block, cst.With) or [*loop.body.body] != [block]:
        return Withheld(ReasonKind.FORM("the loop does more than the with statement of the executor"), line)
    if len(block.items) > 1 or loop.orelse is not None or loop.asynchronous is not None or block.asynchronous is not None:
        return Withheld(ReasonKind.FORM("the loop has an else clause, or its with statement has other items"), line)
    made_in_loop = set(assigned(loop.body)) | set(assigned(cst.AssignTarget(loop.target)))
    if any(isinstance(node, cst.Name) and node.value in made_in_loop for arg in found.call.args for node in descend(arg.value)):
        return Withheld(ReasonKind.DEPENDENCE("the executor's arguments depend on the loop"), line)
    if not isinstance(loop.body, cst.IndentedBlock) or not isinstance(block.body, cst.IndentedBlock):
        return Withheld(ReasonKind.FORM("the body is on the same line as the statement"), line)
    inner = loop.with_changes(body=block.body.with_changes(header=loop.body.header), leading_lines=block.leading_lines)
    outer = block.with_changes(body=cst.IndentedBlock([inner], header=block.body.header), leading_lines=loop.leading_lines)
    return Edit(((loop, outer),))

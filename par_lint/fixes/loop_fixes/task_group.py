"""Use `asyncio.TaskGroup` instead of `asyncio.gather` in projects that require Python 3.11: if one task fails, the others are cancelled.

It raises an ExceptionGroup, which a handler for the original exception does not catch: inside a handler, `gather` is used.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.fixes.loop_fixes.fission import Style

TASK_GROUPS = 11
"""The first Python 3 minor version with asyncio.TaskGroup."""


def is_grouped(node: cst.CSTNode, facts: Facts, style: Style) -> bool:
    """Return whether to use a task group: no enclosing handler in the function expects the exceptions themselves."""
    if style.python < TASK_GROUPS:
        return False
    above = facts.parent(node)
    while above is not None and not isinstance(above, (cst.FunctionDef, cst.Lambda)):
        if isinstance(above, cst.Try) and above.handlers:
            return False
        if isinstance(above, cst.With) and any("suppress" in _called(item) or "raises" in _called(item) for item in above.items):
            return False
        above = facts.parent(above)
    return True


def _called(item: cst.WithItem) -> str:
    match item.item:
        case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name))):
            return name
        case _:
            return ""


def started_in_loop(
    module: str, group: str, work: cst.Call, node: cst.For, iterable: cst.BaseExpression, tests: Sequence[cst.BaseExpression]
) -> cst.With:
    """Return `async with TaskGroup() as group:` around a loop that starts the work of each item, for a loop without a rest."""
    start: cst.BaseStatement = cst.SimpleStatementLine([cst.Expr(_create(group, work))])
    for test in reversed(tests):
        start = cst.If(test, cst.IndentedBlock([start]))
    assert isinstance(node.body, cst.IndentedBlock)
    loop = node.with_changes(iter=iterable, body=node.body.with_changes(body=[start], footer=[]), leading_lines=[])
    return _group(module, group, loop, node.leading_lines)


def started_as_list(
    module: str, group: str, tasks: str, work: cst.Call, clause: cst.CompFor, leading_lines: Sequence[cst.EmptyLine]
) -> cst.With:
    """Return `async with TaskGroup() as group:` around a list of the tasks of all items."""
    made = cst.ListComp(_create(group, work), clause)
    return _group(module, group, cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(tasks))], made)]), leading_lines)


def result_of(task: str) -> cst.Call:
    """Return `task.result()`."""
    return cst.Call(cst.Attribute(cst.Name(task), cst.Name("result")))


def _create(group: str, work: cst.Call) -> cst.Call:
    return cst.Call(cst.Attribute(cst.Name(group), cst.Name("create_task")), [cst.Arg(work)])


def _group(module: str, group: str, inner: cst.BaseStatement, leading_lines: Sequence[cst.EmptyLine]) -> cst.With:
    made = cst.Call(cst.parse_expression(f"{module}TaskGroup"))
    item = cst.WithItem(made, cst.AsName(cst.Name(group)))
    return cst.With([item], cst.IndentedBlock([inner]), asynchronous=cst.Asynchronous(), leading_lines=leading_lines)

"""Executors that a loop creates in every iteration."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.candidates import MIN_ITEMS, PROCESS_POOLS, THREAD_POOLS, is_runtime_call
from par_lint.analysis.loops.exclusions import is_retrying
from par_lint.analysis.pools.worker_counts import find_pools
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.syntax.expression_names import bound_names, dotted, terminal
from par_lint.analysis.syntax.nodes import clauses, descend

_LEAVES = (cst.Return, cst.Break, cst.Raise)


@dataclass(frozen=True)
class ExecutorInLoop:
    """The call that creates an executor, and the loop around it; None if the worker of a pool creates it."""

    call: cst.Call
    loop: cst.For | None


def find_executors_in_loops(facts: Facts) -> Iterator[ExecutorInLoop]:
    """Yield all executors that are created for each item."""
    for node in facts.all_of(cst.Call):
        if facts.name(node) in THREAD_POOLS | PROCESS_POOLS and not _is_kept(node, facts):
            yield from _around(node, facts)
    yield from _nested(facts)


def _around(call: cst.Call, facts: Facts) -> Iterator[ExecutorInLoop]:
    """Yield the innermost loop that creates an executor in each iteration."""
    below: cst.CSTNode = call
    above = facts.parent(call)
    while above is not None and not isinstance(above, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
        match above:
            case cst.For() if below is above.body:
                if not _is_needed(call, above, facts):
                    yield ExecutorInLoop(call, above)
                return
            case cst.BaseComp() if below is not above.for_in:
                if not _uses(call, [name for clause in clauses(above) for name in bound_names(clause.target)]):
                    yield ExecutorInLoop(call, None)
                return
            case cst.If() if below is above.body and _checks_for_missing(above.test):
                return  # created once, if it does not exist
            case cst.IndentedBlock(body=statements) if isinstance(below, cst.BaseStatement) and _leaves_loop(statements, below, facts):
                return
            case _:
                pass
        below, above = above, facts.parent(above)


def _is_needed(call: cst.Call, loop: cst.For, facts: Facts) -> bool:
    """Return whether each iteration needs its own executor: for its size, after a failure, or because there are only one or two."""
    found = facts.counterparts.loop(loop)
    size = facts.known_size(found.iter, loop) if isinstance(found, (ast.For, ast.AsyncFor)) else None
    return _uses(call, bound_names(loop.target)) or is_retrying(loop.target) or size is not None and size < MIN_ITEMS


def _is_kept(call: cst.Call, facts: Facts) -> bool:
    """Return whether an executor is kept under another name for each item: an element, an attribute, an argument."""
    match facts.parent(call):
        case cst.WithItem():
            return False
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
            around = facts.enclosing_function(call) or facts.module
            return any(_stores(use, facts) and facts.enclosing_function(use) is facts.enclosing_function(call) for use in facts.named_below(around, name))
        case cst.Attribute():
            return False
        case _:
            return True


def _stores(use: cst.Name, facts: Facts) -> bool:
    """Return whether this use stores an executor in something that outlives the iteration."""
    match facts.parent(use):
        case cst.Arg(value=value) as arg if value is use:
            call = facts.parent(arg)
            return isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and terminal(call) in ("append", "add", "enter_context")
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Subscript() | cst.Attribute())]) | cst.Yield():
            return True
        case _:
            return False


def _checks_for_missing(test: cst.BaseExpression) -> bool:
    """Return whether a test checks for a missing executor: `x is None`, `not x`, `key not in pools`."""
    match test:
        case cst.Comparison(comparisons=[cst.ComparisonTarget(operator=cst.Is() | cst.NotIn())]) | cst.UnaryOperation(operator=cst.Not()):
            return True
        case _:
            return False


def _leaves_loop(statements: object, below: cst.CSTNode, facts: Facts) -> bool:
    """Return whether the block that creates the executor, or the executor's own block, leaves the loop or the function."""
    assert isinstance(statements, (list, tuple))
    last = [statements[-1]]
    if isinstance(below, cst.With) and isinstance(below.body, cst.IndentedBlock):
        last.append(below.body.body[-1])
    return any(isinstance(one, cst.SimpleStatementLine) and isinstance(one.body[-1], _LEAVES) for one in last)


def _uses(call: cst.Call, names: list[str]) -> bool:
    return any(isinstance(node, cst.Name) and node.value in names for arg in call.args for node in descend(arg.value))


def _nested(facts: Facts) -> Iterator[ExecutorInLoop]:
    """Yield calls of the runtime in a function that the runtime calls for each item."""
    workers = {facts.refers_to(task.func, task.call) for pool in find_pools(facts) if pool.is_runtime for task in pool.tasks}
    for pool in find_pools(facts):
        around = facts.enclosing_function(pool.call) if pool.is_runtime else None
        function = facts.function(around) if around is not None else None
        if isinstance(function, Function) and function in workers and is_runtime_call(pool.maker, facts.runtime):
            yield ExecutorInLoop(pool.call, None)


def plain_name(call: cst.Call) -> str:
    """Return the last part of a callee's name."""
    return (dotted(call.func) or "an executor").rpartition(".")[2]

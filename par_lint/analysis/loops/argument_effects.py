"""Reasons to exclude a loop because of the arguments of its calls: they turn off the I/O of the function, or make it do all I/O concurrently."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import parameters
from par_lint.analysis.semantics.dataflow.code_patterns import ends_iteration
from par_lint.analysis.semantics.dataflow.symbols import arguments_by_parameter
from par_lint.analysis.semantics.io_reachability import reachability_of
from par_lint.analysis.semantics.scopes import CallSite, Function

_GATHERING = frozenset({"gather", "as_completed", "wait", "create_task", "start_soon", "map", "run_parallel", "batch_map"})


def io_disabled_by_arguments(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Constant arguments, or defaults, keep the called functions from doing I/O: `stop(name, notify=False)`."""
    for work in site.io_calls:
        found = facts.site(work.call)
        callee = facts.resolver.callee(found) if found is not None and not work.direct else None
        if found is None or not isinstance(callee, Function) or not isinstance(callee.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
        constants = _constants(found.node, callee)
        working = [call for call in callee.calls if reachability_of(facts.resolver).call(call)] if constants else []
        if not working or any(_is_reached(call.node, callee.node.body, constants) for call in working):
            return None
    return Exclusion("its arguments keep what it calls from doing I/O", site.io_calls[0].call) if site.io_calls else None


def _constants(call: ast.Call, function: Function) -> dict[str, bool | None]:
    """The parameters that one call leaves or sets to True, False or None, if the function binds them no more."""
    args = function.node.args  # type: ignore[attr-defined]
    places = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    values: dict[str, ast.expr | None] = dict(zip(places[len(places) - len(args.defaults):], args.defaults))
    values.update(zip((arg.arg for arg in args.kwonlyargs), args.kw_defaults))
    if any(isinstance(arg, ast.Starred) for arg in call.args) or any(keyword.arg is None for keyword in call.keywords):
        return {}
    if function.owner is not None and not function.is_static:
        places = places[1:]
    values.update(zip(places, call.args))
    values.update((keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg is not None)
    known = {arg.arg for arg in parameters(args)}
    return {
        name: value.value for name, value in values.items()
        if name in known and isinstance(value, ast.Constant) and (value.value is None or isinstance(value.value, bool)) and len(function.bindings[name]) == 1
    }  # fmt: skip


def _is_reached(call: ast.Call, block: Sequence[ast.stmt], constants: Mapping[str, bool | None]) -> bool:
    """Whether a call of a block is reached, where conditions of nothing but a parameter are known."""
    for statement in block:
        truth = _truth(statement.test, constants) if isinstance(statement, ast.If) else None
        taken = [] if not isinstance(statement, ast.If) or truth is None else statement.body if truth else statement.orelse
        if statement.lineno <= call.lineno <= (statement.end_lineno or statement.lineno):
            inner = [part for part in _blocks(statement) if any(node is call for one in part for node in walk(one))]
            return all((truth is None or part is taken) and _is_reached(call, part, constants) for part in inner)
        if ends_iteration(taken):
            return False
    return True


def _truth(test: ast.expr, constants: Mapping[str, bool | None]) -> bool | None:
    match test:
        case ast.Name(id=name) if name in constants:
            return bool(constants[name])
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]) if name in constants:
            return (constants[name] is None) is isinstance(op, ast.Is)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            truth = _truth(inner, constants)
            return None if truth is None else not truth
        case ast.BoolOp(op=op, values=values):
            decisive = isinstance(op, ast.Or)
            return decisive if decisive in [_truth(value, constants) for value in values] else None
        case _:
            return None


def _blocks(statement: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, None) or ()
    for handler in getattr(statement, "handlers", ()):
        yield handler.body


def does_batched_io(site: LoopSite, facts: Facts) -> Exclusion | None:
    """What is called with the item does its I/O for all elements of the item at the same time."""
    for work in site.io_calls:
        found = facts.site(work.call)
        callee = facts.resolver.callee(found) if found is not None and not work.direct else None
        if found is not None and isinstance(callee, Function) and _gathers(callee, _parameters_given_names(found, callee), facts):
            return Exclusion("each item is a batch whose elements are worked on at the same time", work.call)
    return None


def _parameters_given_names(site: CallSite, callee: Function) -> set[str]:
    """The parameters of a function for which a call gives it a plain name."""
    return {name for name, value in arguments_by_parameter(site.node, callee) if isinstance(value, ast.Name)}


def _gathers(function: Function, names: set[str], facts: Facts) -> bool:
    """Whether a function starts all of its I/O for the elements of a parameter, and waits for it later, or in a pool."""
    if not any(last_name(call.node.func) in _GATHERING for call in function.calls):
        return False
    working = [call.node for call in function.calls if reachability_of(facts.resolver).call(call)]
    started: set[ast.AST] = set()
    for node in walk(function.node):
        match node:
            case ast.For(iter=ast.Name(id=name), body=body) if name in names:
                started.update(walk(*body))
            case ast.GeneratorExp(generators=[clause, *_]) | ast.ListComp(generators=[clause, *_]) if last_name(clause.iter) in names:
                started.update(walk(node))
            case _:
                pass
    waited = {node.value for node in walk(function.node) if isinstance(node, ast.Await)}
    return bool(working) and all(call in started and call not in waited for call in working)

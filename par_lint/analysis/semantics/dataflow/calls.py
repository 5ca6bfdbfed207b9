"""What calls do in a body that is followed: I/O that the catalogue lists, changes of what they are called on, and what the
functions of the file do that they call."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from par_lint.analysis.semantics.dataflow.dotted_names import dotted
from par_lint.analysis.semantics.dataflow.execution import Execution
from par_lint.analysis.semantics.dataflow.summary import FROM_ITEM, FROM_RESULT, NO_ORIGIN, Arguments, Change, IoCall, Origins
from par_lint.analysis.semantics.dataflow.symbols import OPEN_FILE, arguments
from par_lint.analysis.semantics.reachability import WORTH
from par_lint.analysis.semantics.receiver_evidence import is_client
from par_lint.analysis.semantics.scopes import Function
from par_lint.core.catalog.entry import Effect, Entry, Kind, Sharing

MUTATORS = frozenset({
    "append", "appendleft", "add", "update", "extend", "insert", "pop", "popitem", "popleft", "remove", "discard", "clear",
    "setdefault", "sort", "reverse", "put", "put_nowait", "push", "difference_update", "intersection_update",
})  # fmt: skip
_WAITING = WORTH | {Kind.METADATA, Kind.LISTING}


def apply_entry(run: Execution, node: ast.Call, entry: Entry, receiver: Origins, given: Sequence[Origins], func: ast.expr | None = None) -> Origins:
    """A call that the catalogue knows; `func` is what is called, where that is handed to the call."""
    is_method = isinstance(func or node.func, ast.Attribute)
    inputs = receiver.union(*given)
    if entry.kind is Kind.SLEEP:
        run.summary.sleeps.append(node)
    if entry.effect is Effect.GLOBAL:
        run.summary.globals.append(node)
    sharing = run.known.catalog.sharing(entry.name.rpartition(".")[0]) if is_method else None
    if run.known.result(node) == OPEN_FILE:
        return receiver if sharing is Sharing.STATEFUL else inputs  # a member is read and written through its archive
    if entry.kind not in _WAITING:
        return inputs
    handle = receiver if sharing is Sharing.STATEFUL else _given_files(run, node, given)
    path = given[0] if given else receiver
    if is_method and entry.kind is Kind.FILE and receiver:
        path = receiver
    run.summary.works.append(IoCall(node, entry, inputs, run.guards, handle, sharing, path, run.loops))
    return inputs | {FROM_RESULT} if entry.kind in WORTH else inputs


def _given_files(run: Execution, node: ast.Call, given: Sequence[Origins]) -> Origins | None:
    """The origins of the open file that a call is given; of several, those of one that all passes share."""
    opened = [its for (_, value), its in zip(arguments(node), given) if run.known.is_open_file(value, run.scope)]
    return next((its for its in opened if its and FROM_ITEM not in its), opened[0] if opened else None)


def apply_unknown(run: Execution, node: ast.Call, receiver: Origins, given: Sequence[Origins]) -> None:
    """A call whose body is not visible: a mutator changes its receiver; one given an open file reads it."""
    func = node.func
    if isinstance(func, ast.Attribute):
        if func.attr in MUTATORS:
            run.change(func.value, NO_ORIGIN.union(*given), "add")
        elif node is run.stands_alone and receiver and FROM_ITEM not in receiver and not is_client(func.value):
            run.change(func.value, NO_ORIGIN.union(*given), "call")  # a request changes the other side, not its client
    for (_, value), origins in zip(arguments(node), given):
        opened = run.known.opened_mode(value, run.scope)
        if opened is not None:
            effect = Effect.READ if opened.startswith("r") and "+" not in opened else Effect.WRITE
            entry = Entry("io.File.read" if effect is Effect.READ else "io.File.write", Kind.FILE, effect)
            inputs = origins.union(*given)
            run.summary.works.append(IoCall(node, entry, inputs, run.guards, origins, Sharing.STATEFUL, origins, run.loops))


def apply_summary(run: Execution, node: ast.Call, function: Function, receiver: Origins, given: Sequence[Origins], written: ast.Call) -> Origins:
    """Map the summary of a function of the file onto one call of it."""
    summary = run.flow.function(function)
    mapping = _arguments(written, function, receiver, given)
    for work in summary.works:
        handle = mapping.all(work.handle) if work.handle is not None else None
        run.summary.works.append(
            replace(
                work, call=node, inputs=mapping.all(work.inputs), guards=mapping.all(work.guards) | run.guards,
                handle=handle, path=mapping.all(work.path), loops=run.loops, direct=False,
            )  # fmt: skip
        )
    for change in summary.changes:
        if change.how == "assign" and "." not in change.path:
            continue  # a local of the function
        path = mapping.path(change.path)
        root = (path or "").partition(".")[0]
        if path is not None and (root not in run.env or root in run.alias):
            path = run.alias[root] + path[len(root):] if root in run.alias else path
            run.summary.changes.append(Change(path, mapping.all(change.origins), change.how, node, run.guards))
    run.summary.globals += [node for _ in summary.globals]
    return mapping.all(summary.returns) | NO_ORIGIN.union(*given)


def _arguments(node: ast.Call, function: Function, receiver: Origins, given: Sequence[Origins]) -> Arguments:
    """How the names of a function look to one call of it."""
    parameters = list(function.parameters)
    origins: dict[str, Origins] = {}
    paths: dict[str, str | None] = {}
    if function.owner is not None and not function.is_static and parameters:
        first = parameters.pop(0)
        origins[first] = receiver
        paths[first] = dotted(node.func.value) if isinstance(node.func, ast.Attribute) else None
    for position, ((keyword, value), its) in enumerate(zip(arguments(node), given)):
        name = keyword if keyword is not None else parameters[min(position, len(parameters) - 1)] if parameters else ""
        name = name if name in function.parameters else _rest_of_keywords(function) or name
        origins[name] = origins.get(name, NO_ORIGIN) | its
        paths[name] = dotted(value)
    known = frozenset(function.parameters)
    return Arguments(known, frozenset(function.bindings) - known, origins, paths)


def _rest_of_keywords(function: Function) -> str | None:
    """The parameter that takes the keywords which have none of their own."""
    args = getattr(function.node, "args", None)
    return args.kwarg.arg if isinstance(args, ast.arguments) and args.kwarg is not None else None

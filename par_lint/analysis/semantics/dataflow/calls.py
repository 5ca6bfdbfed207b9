"""The effects of calls: I/O from the catalogue, changes of receivers, and the effects of functions of the file."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.dataflow.body_summary import FROM_ITEM, FROM_NEW, FROM_RESULT, NO_ORIGIN, Arguments, IoCall, Origins, Trace
from par_lint.analysis.semantics.dataflow.code_patterns import is_copy
from par_lint.analysis.semantics.dataflow.dotted_names import dotted
from par_lint.analysis.semantics.dataflow.execution import Execution, Summaries
from par_lint.analysis.semantics.dataflow.symbols import OPEN_FILE, arguments, arguments_by_parameter, method_behind, open_mode
from par_lint.analysis.semantics.io_reachability import WORTHWHILE_KINDS, passes_parameter_to_unknown_call
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.receiver_evidence import is_client
from par_lint.analysis.semantics.scopes import Function, Scope
from par_lint.analysis.semantics.values import Object
from par_lint.core.catalog.entry import Effect, Entry, Kind, Sharing
from par_lint.core.findings import CallStep

_IO_KINDS = WORTHWHILE_KINDS | {Kind.METADATA, Kind.LISTING}


def apply_entry(
    run: Execution, node: ast.Call, entry: Entry, receiver: Origins, given: Sequence[Origins], func: ast.expr | None = None, written: ast.Call | None = None
) -> Origins:
    """Apply a call in the catalogue, and return the origins of its result.

    Args:
        receiver: The origins of the object whose method is called.
        given: The origins of each argument.
        func: The callee, if it is an argument of the actual call `node`.
        written: The call as if it were direct, if `node` runs it elsewhere.
    """
    if func is None and isinstance(node.func, ast.Name) and "." in entry.name and (func := method_behind(node.func.id, run.scope)) is not None:
        receiver = run.eval(func.value)
    is_method = isinstance(func or node.func, ast.Attribute)
    inputs = _with_written(run, receiver.union(*given))
    if entry.kind is Kind.SLEEP:
        if not run.whiles:  # else it waits between the tries of one item
            run.summary.sleeps.append(node)
    if entry.effect is Effect.GLOBAL:
        run.summary.globals.append(node)
    sharing = run.known.catalog.sharing(entry.name.rpartition(".")[0]) if is_method else None
    if run.known.result(node) == OPEN_FILE:
        _note_opening(run, node, entry, receiver if is_method and receiver else given[0] if given else receiver, inputs)
        return receiver if sharing is Sharing.STATEFUL else inputs  # a member is read and written through its archive
    if entry.name in _ARCHIVES and given:
        _note_opening(run, node, entry, given[0], inputs)
    if entry.kind not in _IO_KINDS:
        return inputs
    handle = _handle(run, node, func or node.func, receiver) if sharing is Sharing.STATEFUL else _given_files(run, node, given)
    path = given[0] if given else receiver
    if is_method and entry.kind in (Kind.FILE, Kind.METADATA) and receiver:
        path = receiver
    made = written or node
    target = _target(run, made, entry, given) if entry.effect is Effect.WRITE else None
    run.summary.io_calls.append(IoCall(node, entry, inputs, run.guards, handle, sharing, path, run.loops, region=run.region, made=made, target=target))
    return inputs | {FROM_RESULT} if entry.kind in WORTHWHILE_KINDS else inputs


def _target(run: Execution, node: ast.Call, entry: Entry, given: Sequence[Origins]) -> Origins | None:
    """Return the origins of the argument that says where a call writes; none of the current folder, where it is left out."""
    place = run.known.catalog.target(entry.name)
    if place is None or any(isinstance(arg, ast.Starred) for arg in node.args) or any(one.arg is None for one in node.keywords):
        return None
    at = target_argument(node, place)
    return next((its for (_, value), its in zip(arguments(node), given) if value is at), NO_ORIGIN)


def target_argument(node: ast.Call, place: tuple[int, str]) -> ast.expr | None:
    """Return the argument of a call at a position, or under a keyword."""
    position, keyword = place
    named = next((one.value for one in node.keywords if one.arg == keyword), None)
    return named or (node.args[position] if len(node.args) > position else None)


def _with_written(run: Execution, inputs: Origins) -> Origins:
    """Origins, and those of what was written to the files that the iteration has made: a command on a temporary file works on its text."""
    if FROM_NEW not in inputs:
        return inputs
    written = (work.inputs for work in run.summary.io_calls if work.entry.effect is Effect.WRITE and FROM_NEW in work.path)
    return inputs.union(*written) - ({FROM_RESULT} - inputs)


def _handle(run: Execution, node: ast.Call, func: ast.expr, receiver: Origins) -> Origins:
    """Return the origins of the handle that a method uses: that of a cursor is its connection's, whatever the cursor was asked."""
    owner = func.value if isinstance(func, ast.Attribute) else func
    handle = run.handles.get(owner.id if isinstance(owner, ast.Name) else owner, receiver)
    result = run.known.result(node)
    if isinstance(result, Object) and run.known.catalog.sharing(result.type) is Sharing.STATEFUL:
        run.handles[node] = handle
    return handle


_ARCHIVES = frozenset({"zipfile.ZipFile", "tarfile.open", "tarfile.TarFile"})


def _note_opening(run: Execution, node: ast.Call, entry: Entry, path: Origins, inputs: Origins) -> None:
    """Note a call that opens a file to write to it."""
    mode = open_mode(node)
    if set(mode) & set("wax+") and not _is_devnull(node):
        run.summary.opens.append(IoCall(node, entry, inputs, run.guards, None, None, path, run.loops, region=run.region, made=node))


def _is_devnull(node: ast.Call) -> bool:
    """Whether what is opened swallows all: `os.devnull`."""
    return any(last_name(arg) == "devnull" or isinstance(arg, ast.Constant) and arg.value in ("/dev/null", "nul") for arg in node.args)


def makes_handle(run: Execution, name: str, node: ast.Call) -> bool:
    """Whether a call makes an object with one position or one connection: of a class of such, of a pool or a browser, or an archive to read."""
    if name == "tarfile.open":
        return open_mode(node).startswith("r")
    owner, _, last = name.rpartition(".")
    sharing = run.known.catalog.sharing
    if last[:1].isupper():
        return sharing(name) is Sharing.STATEFUL
    result = run.known.result(node) if owner.rpartition(".")[2][:1].isupper() and sharing(owner) is not Sharing.STATEFUL else None
    return isinstance(result, Object) and not result.type.endswith(_FILES) and sharing(result.type) is Sharing.STATEFUL


_FILES = ("File", "AsyncBase")  # the same file may be opened in each iteration


def apply_iteration(run: Execution, iterable: ast.expr, origins: Origins) -> None:
    """A loop over the lines of an open file reads it to its end; one over a generator of the file runs it."""
    if isinstance(iterable, ast.Call):
        callee = run.known.callee(iterable)
        if isinstance(callee, Function) and callee.is_generator and not callee.is_async and isinstance(callee.node, ast.FunctionDef):
            receiver = run.eval(iterable.func.value) if isinstance(iterable.func, ast.Attribute) else NO_ORIGIN
            given = [run.eval(value) for _, value in arguments(iterable)]
            apply_summary(run, iterable, callee, receiver, given, iterable, run.flow.generator(callee))
            return
        opening: ast.expr | None = iterable if run.known.result(iterable) == OPEN_FILE else None
    else:
        opening = run.known.opening(iterable, run.scope)
    if isinstance(opening, ast.Call):
        entry = Entry("io.File.read", Kind.FILE, Effect.READ)
        run.summary.io_calls.append(IoCall(opening, entry, origins, run.guards, origins, Sharing.STATEFUL, origins, run.loops, region=run.region, made=opening))


def _given_files(run: Execution, node: ast.Call, given: Sequence[Origins]) -> Origins | None:
    """Return the origins of the open file in the arguments; of several files, one that all iterations share."""
    opened = [its for (_, value), its in zip(arguments(node), given) if run.known.is_open_file(value, run.scope)]
    return next((its for its in opened if its and FROM_ITEM not in its), opened[0] if opened else None)


def apply_unknown(run: Execution, node: ast.Call, receiver: Origins, given: Sequence[Origins]) -> None:
    """Apply an unresolved call: a mutator changes its receiver, and a call with an open file reads it."""
    func = node.func
    if isinstance(func, ast.Attribute):
        if func.attr in MUTATORS:
            run.change(func.value, NO_ORIGIN.union(*given), "add")
            _refine_change(run, node, func)
        elif node is run.stands_alone and receiver and FROM_ITEM not in receiver and not is_client(func.value) and not words(func.attr) & LOGGING_WORDS and func.attr not in _OF_PATHS and not _puts_back(node, func):
            run.change(func.value, NO_ORIGIN.union(*given), "call")  # a request changes the server, not the client
    for (_, value), origins in zip(arguments(node), given):
        opened = run.known.opened_mode(value, run.scope)
        if opened is not None:
            _use_open_file(run, node, opened, origins, origins.union(*given))
    if "open" in last_name(func).lower() and node.args and _is_file_name(node.args[0]):
        entry = Entry("open", Kind.METADATA, Effect.WRITE)  # of another module: it may write
        run.summary.opens.append(IoCall(node, entry, NO_ORIGIN, run.guards, None, None, given[0], run.loops, region=run.region))


def _use_open_file(run: Execution, node: ast.Call, mode: str, origins: Origins, inputs: Origins, *, direct: bool = True) -> None:
    """Record that an unresolved call reads or writes the open file that it gets."""
    effect = Effect.READ if mode.startswith("r") and "+" not in mode else Effect.WRITE
    entry = Entry("io.File.read" if effect is Effect.READ else "io.File.write", Kind.FILE, effect)
    run.summary.io_calls.append(IoCall(node, entry, inputs, run.guards, origins, Sharing.STATEFUL, origins, run.loops, direct=direct, region=run.region))


def _puts_back(node: ast.Call, func: ast.Attribute) -> bool:
    """Whether a call puts back what a context variable stood for: `options.reset(token)`."""
    return func.attr == "reset" and any("token" in words(last_name(arg)) for arg in node.args)


LOGGING_WORDS = frozenset({"log", "debug", "info", "warn", "warning", "error", "exception", "critical", "fatal", "trace", "verbose", "print", "echo", "notice", "message", "progress"})
"""Names of methods that report progress to a user or a log."""


_OF_PATHS = frozenset({"mkdir", "rmdir", "touch", "unlink", "chmod", "symlink_to", "write_text", "write_bytes"})
"""Methods that change a file or a folder, and not the path that they are called on."""


def _refine_change(run: Execution, node: ast.Call, func: ast.Attribute) -> None:
    """Record, for the change of a mutator, whether it removes the first element, stores a constant under a missing key, or adds to a sequence."""
    changes = run.summary.changes
    if not changes or changes[-1].node is not func.value:
        return
    is_taking = func.attr in _POPPING_METHODS and not (node.args and not isinstance(node.args[0], (ast.Constant, ast.UnaryOp)))
    is_default = func.attr == "setdefault" and not changes[-1].origins
    is_ordered = func.attr in _SEQUENCE_METHODS
    if is_taking or is_default or is_ordered:
        changes[-1] = replace(changes[-1], takes=is_taking, is_default=is_default, is_ordered=is_ordered)


_SEQUENCE_METHODS = frozenset({"append", "appendleft", "extend", "extendleft", "insert"})
_POPPING_METHODS = frozenset({"pop", "popleft", "popitem"})


def _is_file_name(node: ast.expr) -> bool:
    """Whether an argument is the constant name of a file."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and ("/" in node.value or "." in node.value)


def apply_summary(
    run: Execution, node: ast.Call, function: Function, receiver: Origins, given: Sequence[Origins], written: ast.Call, summary: Trace | None = None
) -> Origins:
    """Map the summary of a function of the file, or the one given, to one call of it."""
    summary = summary if summary is not None else run.flow.function(function)
    for name, value in arguments_by_parameter(written, function):
        opened = run.known.opened_mode(value, run.scope)
        if opened is not None and passes_parameter_to_unknown_call(function, name, run.known.resolver):
            _use_open_file(run, node, opened, run.eval(value), NO_ORIGIN.union(receiver, *given), direct=False)
    return _apply(run, node, function, summary, _arguments(written, function, receiver, given), given)


def apply_imported(
    run: Execution, node: ast.Call, function: Function, flow: Summaries, receiver: Origins, given: Sequence[Origins], written: ast.Call
) -> Origins:
    """Map the summary of a function of another module to one call of it; `flow` is the data flow of that module."""
    home = flow.known.resolver.home
    assert home is not None
    mapping = replace(_arguments(written, function, receiver, given), module=home.name.replace(".", "/"))
    summary = flow.function(function)
    if any(run.known.is_in_memory(value, run.scope) for _, value in arguments(written)):
        summary = replace(summary, io_calls=[work for work in summary.io_calls if work.entry.kind is not Kind.FILE])
    shared = _given_files(run, written, given)
    io_calls = [
        replace(work, via=(CallStep(function.name, home.path, home.shown, work.call.lineno), *work.via), handle=shared if shared is not None else work.handle)
        for work in summary.io_calls if work.entry.kind in WORTHWHILE_KINDS and len(work.via) < _MOST_STEPS
    ]  # fmt: skip
    return _apply(run, node, function, replace(_seen_from_afar(summary, function, flow), io_calls=io_calls), mapping, given)


def _seen_from_afar(summary: Trace, function: Function, flow: Summaries) -> Trace:
    """Return what counts of the other effects of a function for another module.

    What a module keeps to itself does not: its caches and clients, folders that it makes, attributes that are set when they are missing.
    """
    inside = frozenset(function.parameters)
    changes = [change for change in summary.changes if change.path.partition(".")[0] in inside and change.path not in change.guards]
    globals_ = [call for call in summary.globals if (entry := flow.known.entry(call)) is not None and entry.effect is Effect.GLOBAL]
    reads = {path: number for path, number in summary.reads.items() if path.partition(".")[0] in inside}
    return replace(summary, changes=changes, globals=globals_, opens=[], reads=reads)


_MOST_STEPS = 4
"""Functions of other modules through which I/O may be reached."""


def _apply(run: Execution, node: ast.Call, function: Function, summary: Trace, mapping: Arguments, given: Sequence[Origins]) -> Origins:
    """Add the effects of a function to those of the code that calls it."""

    def seen(origins: Origins) -> Origins:
        return _as_bound(run, function, mapping.all(origins))

    def mapped(work: IoCall[ast.Call]) -> IoCall[ast.Call]:
        return replace(
            work, call=node, inputs=seen(work.inputs), guards=seen(work.guards) | run.guards,
            handle=seen(work.handle) if work.handle is not None else None, path=seen(work.path), loops=run.loops, direct=False,
            region=run.region + work.region, target=seen(work.target) if work.target is not None else None,
        )  # fmt: skip

    run.summary.io_calls += map(mapped, summary.io_calls)
    run.summary.opens += map(mapped, summary.opens)
    for change in summary.changes:
        if change.how == "assign" and "." not in change.path:
            continue  # a local of the function
        path = mapping.path(change.path)
        root = (path or "").partition(".")[0]
        if path is not None and (root not in run.env or root in run.alias):
            path = run.alias[root] + path[len(root):] if root in run.alias else path
            told = replace(
                change, path=path, origins=seen(change.origins), node=node, guards=run.guards | seen(change.guards), key=seen(change.key),
                region=run.region + change.region,
            )  # fmt: skip
            run.summary.changes.append(replace(told, is_new=told.is_new and not run.was_read(told.place)))
    for read in summary.reads:
        path = mapping.path(read)
        if path is not None and path.partition(".")[0] not in run.env:
            run.summary.reads.setdefault(path, len(run.summary.reads))
    run.summary.globals += [node for _ in summary.globals]
    made = run.env.get(function.name, NO_ORIGIN) if function.parent is run.scope else NO_ORIGIN  # derived from values of this iteration
    return seen(summary.returns) | NO_ORIGIN.union(made, *given)


def _as_bound(run: Execution, function: Function, origins: Origins) -> Origins:
    """Return the origins of a function's values as seen from its caller, which may bind the free names of the function."""
    found = set(origins)
    for origin in origins:
        root, dot, _ = origin.partition(".")
        if dot and run.env.of(origin) is not None or root in run.env and _is_seen(root, function, run.scope):
            found.discard(origin)
            found |= run.look_up(origin)
    return frozenset(found)


def _is_seen(name: str, function: Function, scope: Scope) -> bool:
    """Whether a free name of a function refers to a variable of the calling scope."""
    inside, here = function.find(name), scope.find(name)
    return inside is not None and here is not None and inside[0] is here[0]


def _arguments(node: ast.Call, function: Function, receiver: Origins, given: Sequence[Origins]) -> Arguments:
    """Return how the names of a function map to the arguments of one call."""
    parameters = list(function.parameters)
    origins: dict[str, Origins] = {}
    paths: dict[str, str | None] = {}
    if function.owner is not None and not function.is_static and parameters:
        first = parameters.pop(0)
        origins[first] = receiver
        paths[first] = dotted(node.func.value) if isinstance(node.func, ast.Attribute) else None
    for position, ((keyword, value), its) in enumerate(zip(arguments(node), given)):
        if keyword is None and position >= len(node.args):  # `**options`: of any parameter that nothing else is given for
            named = {one.arg for one in node.keywords}
            origins.update((name, origins.get(name, NO_ORIGIN) | its) for name in parameters[len(node.args):] if name not in named)
            continue
        name = keyword if keyword is not None else parameters[min(position, len(parameters) - 1)] if parameters else ""
        name = name if name in function.parameters else _rest_of_keywords(function) or name
        origins[name] = origins.get(name, NO_ORIGIN) | its
        paths[name] = dotted(_in_any_case(value))
    known = frozenset(function.parameters)
    return Arguments(known, frozenset(function.bindings) - known, origins, paths)


def _in_any_case(value: ast.expr) -> ast.expr:
    """Return the argument in an expression with a default: `seen` in `seen or set()` and `seen if seen is not None else set()`."""
    match value:
        case ast.BoolOp(op=ast.Or(), values=[first, second]) if is_copy(second):
            return first
        case ast.IfExp(body=first, orelse=second) if is_copy(second):
            return first
        case ast.IfExp(body=second, orelse=first) if is_copy(second):
            return first
        case _:
            return value


def _rest_of_keywords(function: Function) -> str | None:
    """Return the `**kwargs` parameter of a function."""
    args = getattr(function.node, "args", None)
    return args.kwarg.arg if isinstance(args, ast.arguments) and args.kwarg is not None else None

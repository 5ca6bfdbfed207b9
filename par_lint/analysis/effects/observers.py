"""Observers: code of a file that can tell threads apart, or that runs while other code reads files.

Examples are hooks of the interpreter and of libraries, and state of a thread or of the process. One observer in a file is enough to make its
fixes unsafe: which loops it can observe is not analysed.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Container, Iterator

import libcst as cst

from par_lint.analysis.effects.callbacks import CALLBACK_KEYWORDS
from par_lint.analysis.effects.exception_classes import bases_of
from par_lint.analysis.effects.function_values import callees
from par_lint.analysis.effects.library_globals import (
    BUILTIN_COLLECTIONS,
    changes_first_argument,
    is_imported_object,
    is_module_attribute,
    is_module_level_object,
    object_changed_by,
)
from par_lint.analysis.effects.library_patches import find_library_patches
from par_lint.analysis.effects.logging_observers import has_keyword, logging_observers
from par_lint.analysis.effects.monkeypatching import find_rebindings
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.dataflow.dotted_names import dotted
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.scopes import CallSite, Class, Function
from par_lint.analysis.semantics.values import LocalObject, Named, Object
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.catalog import Catalog
from par_lint.core.catalog.entry import Kind, Trait
from par_lint.core.findings import ReasonKind
from par_lint.core.memo import memoized_for_last

_THREAD_STATE = Trait.THREAD_STATE.value
_RUNS_CODE = Trait.RUNS_CODE.value
_RECORDING = frozenset({"setprofile", "settrace", "setprofile_all_threads", "settrace_all_threads", "monitoring", "call_tracing"})
_SEES_MEMORY = Trait.SEES_MEMORY.value
_OBSERVING = (
    Trait.THREAD_STATE, Trait.RUNS_CODE, Trait.RUNS_MODULES, Trait.MAPS_FILE, Trait.RECORDS_CALLS, Trait.SEES_MEMORY, Trait.SEES_THREADS, Trait.PRINTS_THREADS,
    Trait.SETS_THREAD_LIMITS, Trait.BLOCKS_SIGNALS, Trait.SHARES_DESCRIPTOR, Trait.STANDS_FOR_ANYTHING,
)  # fmt: skip
"""Traits of names of which each use is an observer."""
_OBSERVING_PACKAGES = (Trait.RECORDS_CALLS, Trait.SEES_MEMORY, Trait.IS_SERVER, Trait.ANSWERS_REQUESTS)
"""Traits of packages of which each use is an observer."""
_OTHER_OBSERVERS: dict[str, str] = {
    "warnings._filters_mutated": "changes what is done with warnings",
    "operator.methodcaller": "may call what changes files",
    "re.DEBUG": "prints what is compiled",
    "__main__": "may be this file under another name",
}
"""Other names of the standard library, and what each does that other threads may show."""
_SERVING = ("handle_request", "start_server", "start_unix_server", "create_server", "make_server", "run_simple")
"""Calls that serve requests in this program, where it imports a web framework or what makes servers."""
_SERVER_MODULES = frozenset({"asyncio", "socket"})
_SETTING_COLLECTOR = frozenset({"gc", "gc.enable", "gc.disable", "gc.isenabled", "gc.set_threshold", "gc.get_threshold", "gc.freeze", "gc.unfreeze", "gc.collect"})
"""Names of the garbage collector that tell nothing of what is alive; a result of `gc.collect` does."""
_FROZEN_ONLY = frozenset({"tz_offset", "ignore", "as_arg", "as_kwarg", "real_asyncio", "time_to_freeze"})
"""Arguments of `freeze_time` with which the time does not go on when somebody looks at it."""
_OBSERVING_ATTRIBUTES = {
    **dict.fromkeys(("yaml_constructors", "yaml_multi_constructors", "add_done_callback"), _RUNS_CODE),
    "loggerDict": "sees the loggers that readers make",
}
"""Attributes of objects of any type."""
_HOOKED_CLASSES = re.compile(r"(Handler|Filter|Formatter|LogRecord|Logger|LoggerAdapter|JSONEncoder|JSONDecoder|YAMLObject|IncrementalDecoder|IncrementalEncoder|Codec)$")
"""Classes whose methods a library calls for log records or for decoded data."""
_MODULES_WITH_HOOKS = frozenset({"logging", "json", "yaml", "codecs"})
_BACKGROUND = ("Thread", "Process", "Timer", "submit", "start_new_thread", "run_in_executor")
_SERVER_NAME = re.compile(r"(^|[._])(run|serve|server|start|app)\b|serve|uvicorn|run_app", re.IGNORECASE)
_EXIT_STACK_REGISTRATIONS = ("callback", "push", "enter_context", "push_async_callback", "push_async_exit", "enter_async_context")
_EXIT_METHODS = ("close", "pop_all", "__exit__", "aclose", "__aexit__")
_EAGER_CONSUMERS = frozenset({"list", "tuple", "set", "dict", "sorted", "sum", "any", "all", "min", "max", "join", "extend", "update", "frozenset"})
_PLAIN_DUNDERS = frozenset({"__doc__", "__name__", "__qualname__", "__module__", "__version__", "__author__", "__wrapped__", "__signature__", "__annotations__", "__all__", "__file__", "__path__"})
_EXITS = frozenset({"SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException", "BaseExceptionGroup", "CancelledError"})
_MAY_WRITE = "may change files unseen"
_WRITERS = frozenset({
    "write_text", "write_bytes", "rename", "unlink", "rmtree", "chdir", "truncate", "symlink_to", "hardlink_to", "touch", "rmdir", "removedirs", "renames", "copyfile", "copytree", "move",
    "system", "putenv", "unsetenv", "fchdir", "umask", "utime", "replace", "makedirs", "mkdir", "remove", "copy2", "tofile",
})  # fmt: skip
_MODULES = frozenset({"os", "sys", "shutil", "subprocess", "pathlib", "builtins", "io"})
_OPENING = frozenset({"open", "fdopen", "FileIO", "TemporaryFile", "NamedTemporaryFile"})
_WAITING = frozenset({Kind.FILE, Kind.NETWORK, Kind.SUBPROCESS, Kind.LISTING})
_EXITING = frozenset({"exit", "quit", "_exit", "abort", "interrupt_main", "raise_signal"})
_OF_LOGS = "changes what is logged while later items are read"
_OBSERVING_METHODS = {
    **dict.fromkeys(("parse_args", "parse_known_args", "parse_intermixed_args"), "may call functions that the parser was given"),
    **dict.fromkeys(("setLevel", "removeHandler", "addHandler", "removeFilter", "disable", "setFormatter", "setStream", "basicConfig", "dictConfig", "fileConfig"), _OF_LOGS),
    **dict.fromkeys(("FileHandler", "RotatingFileHandler", "tofile", "savez", "savetxt", "to_csv", "to_parquet", "savefig"), _MAY_WRITE),
}
"""Methods that are observers if a loop calls them, and what each of them does."""


def observer_verdict(node: cst.CSTNode, facts: Facts) -> Verdict:
    """Return the verdict on the observers of a file that may notice that a loop, or a comprehension, runs in several threads."""
    if (found := _observer(facts)) is not None:
        words, line = found
        return Verdict(Level.UNSAFE, ReasonKind.STATE(f"{words} (line {line})"), node)
    inner: cst.CSTNode | None = node
    while (above := facts.parent(inner) if inner is not None else None) is not None and not isinstance(above, (cst.FunctionDef, cst.Lambda)):
        if isinstance(above, (cst.ExceptHandler, cst.ExceptStarHandler, cst.Finally)):
            return Verdict(Level.UNSAFE, ReasonKind.STATE("the exception that is handled around the loop is not seen in other threads"), above)
        inner = above
    reached = [_reached(callee, facts) for part in descend(node) if isinstance(part, cst.Call) and isinstance(callee := facts.callee(part), Function)]
    loop = facts.counterparts.loop(node) if isinstance(node, (cst.For, cst.BaseComp)) else None
    for one in walk(*([loop] if loop is not None else []), *(function.node for function in set[Function]().union(*reached))):
        if (reason := _observable_setting(one, facts)) is not None:
            return Verdict(Level.UNSAFE, ReasonKind.STATE(f"{reason} (line {one.lineno})"), node)  # type: ignore[attr-defined]
    if any(_reads_and_exits(functions, facts) for functions in reached):  # the rest of the iteration would come too late
        return Verdict(Level.UNSAFE, ReasonKind.ERRORS("a function that reads may end the program, which is not noticed in its place where a worker does so"), node)
    return Verdict()


def _observable_setting(node: ast.AST, facts: Facts) -> str | None:
    """Return the message for a node in a loop body that sets up logging, changes an object of a module, or parses arguments."""
    match node:
        case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()) | ast.Attribute(value=value, ctx=ast.Store() | ast.Del()) if is_module_attribute(value, facts):
            return f"{dotted(value)} of a library is changed"
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in MUTATORS and is_module_level_object(value, facts):
            return f"{dotted(value)} of a library is changed"
        case ast.AugAssign(target=ast.Name() as value, op=ast.BitOr() | ast.Add()) if isinstance(node.op, ast.BitOr) and is_module_level_object(value, facts) or is_imported_object(value, facts):
            return f"{dotted(value)} of a library is changed"
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name), args=[value, *_]) if changes_first_argument(owner, name) and is_module_level_object(value, facts):
            return f"{dotted(value)} of a library is changed"
        case ast.Call() if (changed := object_changed_by(node, facts)) is not None:
            return f"{changed} of a library is changed"
        case ast.Call(func=ast.Attribute(attr=name)) if name in _OBSERVING_METHODS:
            return f"{name}() {_OBSERVING_METHODS[name]}"
        case ast.Attribute(attr="handlers" | "_style"):
            return f".{node.attr} {_OF_LOGS}"
        case ast.Attribute(attr="disabled" | "propagate" | "level" | "formatter", ctx=ast.Store()):
            return f".{node.attr} {_OF_LOGS}"
        case _:
            return None


def _reads_and_exits(functions: set[Function], facts: Facts) -> bool:
    exits = any(_exits(inner, one, facts) for one in functions for inner in walk(one.node))
    return exits and any((entry := facts.resolver.entry(site)) is not None and entry.kind in _WAITING for one in functions for site in one.calls)


def _reached(start: Function, facts: Facts) -> set[Function]:
    """Return a function with all functions of the file that it calls, directly or indirectly."""
    found, pending = set[Function](), [start]
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            pending += [callee for site in one.calls if isinstance(callee := facts.resolver.callee(site), Function)]
    return found


def _exits(node: ast.AST, function: Function, facts: Facts) -> bool:
    match node:
        case ast.Raise(exc=ast.Call(func=raised)) | ast.Raise(exc=ast.expr() as raised):
            found = facts.resolver.expression(raised, function)
            found = facts.resolver.result(found) if isinstance(found, Function) else found
            if isinstance(found, (Class, LocalObject)):
                return not bases_of(found if isinstance(found, Class) else found.cls, facts).isdisjoint(_EXITS)
            name = found.name if isinstance(found, Named) else found.type if isinstance(found, Object) else access_path(raised)[-1]
            return name.rpartition(".")[2] in _EXITS
        case ast.Call(func=func):
            callee = facts.known.callee(node)
            return (callee.name.rpartition(".")[2] if isinstance(callee, Named) else access_path(func)[-1]) in _EXITING
        case _:
            return False


@memoized_for_last
def _observer(facts: Facts) -> tuple[str, int] | None:
    """Return the message for the first observer of a file, and its line."""
    return min(_observers(facts), key=lambda one: one[1], default=None)


@functools.lru_cache(maxsize=2)
def _all_observers(catalog: Catalog) -> dict[str, str]:
    """Return the names of which each use is an observer, and what each does."""
    return {**{name: trait.value for trait in _OBSERVING for name in catalog.names_with(trait)}, **_OTHER_OBSERVERS}


@functools.lru_cache(maxsize=2)
def _observing_packages(catalog: Catalog) -> dict[str, str]:
    """Return the packages of which each use is an observer, and what each does."""
    return {name: trait.value for trait in _OBSERVING_PACKAGES for name in catalog.packages_with(trait)}


def _observers(facts: Facts) -> Iterator[tuple[str, int]]:
    index, known, packages = facts.index, _all_observers(facts.resolver.catalog), _observing_packages(facts.resolver.catalog)
    for node in (*index.all_of(ast.Attribute), *index.all_of(ast.Name), *index.all_of(ast.Import)):
        for name in _qualified_names(node, facts):
            if name in known:
                yield f"{name} {known[name]}", node.lineno  # type: ignore[attr-defined]
            elif not isinstance(node, ast.Import) and (module := _package_of(name, packages)) is not None:
                yield f"{module} {packages[module]}", node.lineno  # type: ignore[attr-defined]
            elif name.startswith("gc.") and name not in _SETTING_COLLECTOR:
                yield f"{name} {_SEES_MEMORY}", node.lineno  # type: ignore[attr-defined]
    yield from _results_of_collecting(facts)
    yield from _servers(facts)
    yield from (("the time goes on whenever it is read", site.node.lineno) for site in _called_as("freeze_time", facts) if any(one.arg not in _FROZEN_ONLY for one in site.node.keywords))
    for cls in index.classes:
        if index.imported & _MODULES_WITH_HOOKS and any(_HOOKED_CLASSES.search(base[-1]) for base in cls.bases):
            yield f"{cls.name} {_RUNS_CODE}", cls.node.lineno  # type: ignore[attr-defined]
    yield from logging_observers(facts)
    if index.attributes & {"stdout", "stderr"} or index.called("redirect_stdout") or index.called("redirect_stderr"):
        yield "what is printed goes where the file puts it", 1
    for name in ("JSONDecoder", "JSONEncoder", "getincrementaldecoder", "getincrementalencoder"):
        yield from ((f"{name}() {_RUNS_CODE}", site.node.lineno) for site in index.called(name) if site.node.keywords or name.startswith("get"))
    yield from (("the state of the process is read from /proc", one.lineno) for one in index.all_of(ast.Constant) if isinstance(one.value, str) and f"{one.value}/".startswith(("/proc/", "/dev/fd/")))
    yield from ((f"{name} {words}", 1) for name, words in _OBSERVING_ATTRIBUTES.items() if index.mentions({name}))
    yield from (("warnings that are recorded come in another order", site.node.lineno) for site in index.called("catch_warnings") if has_keyword(site.node, "record"))
    yield from ((f"a weak reference {_RUNS_CODE}", site.node.lineno) for name in ("ref", "proxy", "WeakMethod") for site in index.called(name) if _is_weak(site.node, facts))
    if index.mentions({"ExitStack", "AsyncExitStack"}) and any(index.called(name) for name in _EXIT_METHODS):
        yield from ((f"{name}() {_RUNS_CODE}", site.node.lineno) for name in _EXIT_STACK_REGISTRATIONS for site in index.called(name))
    yield from ((f"what partial() makes {_RUNS_CODE}", site.node.lineno) for site in index.called("partial") if _binds_more(site, facts))
    yield from ((f"{name} {_MAY_WRITE}", line) for name, line in _writers_as_values(facts))
    set_later = find_rebindings(facts.resolver)
    yield from ((f"{name} is set outside of its class", 1) for name in sorted(set_later.texts | set_later.elsewhere) if name.startswith("__") and name.endswith("__") and name not in _PLAIN_DUNDERS)
    for cls in index.classes:
        if any(base[-1] in BUILTIN_COLLECTIONS for base in cls.bases) and any(_changes_elsewhere(one) for one in cls.methods):
            yield f"methods of {cls.name}, which Python's own functions call, change other objects", cls.node.lineno  # type: ignore[attr-defined]
    yield from _suspended_generators(facts)
    yield from find_library_patches(facts)


def _called_as(name: str, facts: Facts) -> Iterator[CallSite]:
    """Yield the calls of a function that is imported, under whatever name."""
    aliases = {alias for alias, names in facts.index.imports.items() if any(one.endswith(f".{name}") for one in names)}
    for alias in sorted(aliases | {name}):
        yield from facts.index.called(alias)


def _package_of(name: str, packages: Container[str]) -> str | None:
    """Return the one of some packages that a qualified name is in."""
    parts = name.split(".")
    return next((package for count in (1, 2) if (package := ".".join(parts[:count])) in packages), None)


def _results_of_collecting(facts: Facts) -> Iterator[tuple[str, int]]:
    """Yield calls of `gc.collect` whose result is used: how much garbage there is depends on what is read ahead."""
    if "gc" not in facts.index.imported:
        return
    unused = {id(node.value.func) for node in facts.index.all_of(ast.Expr) if isinstance(node.value, ast.Call)}
    for node in (*facts.index.all_of(ast.Attribute), *facts.index.all_of(ast.Name)):
        if id(node) not in unused and "gc.collect" in _qualified_names(node, facts):
            yield f"the result of gc.collect() {_SEES_MEMORY}", node.lineno


def _servers(facts: Facts) -> Iterator[tuple[str, int]]:
    """Yield servers that this program runs itself: requests of the loop may reach them, and they share its objects."""
    index, frameworks = facts.index, facts.resolver.catalog.packages_with(Trait.MAY_SERVE)
    for name in ("serve_forever", *(_SERVING if index.imported & (frameworks | _SERVER_MODULES) else ())):
        yield from ((f"{name}() starts a server in the same program", site.node.lineno) for site in index.called(name))
    if "socket" in index.imported:
        yield from (("accept() makes a server in the same program", site.node.lineno) for site in index.called("accept") if not site.node.args)
    if index.imported & frameworks and any(index.called(name) for name in _BACKGROUND):
        yield from (("run() starts a server in the same program", site.node.lineno) for name in _BACKGROUND for site in index.called(name) if _runs_server(site.node))


def _runs_server(call: ast.Call) -> bool:
    """Whether a thread or a process is given something that serves: `Thread(target=app.run)`."""
    texts = (ast.unparse(value) for value in (*call.args, *(keyword.value for keyword in call.keywords)))
    return any(_SERVER_NAME.search(text) for text in texts)


def _binds_more(site: CallSite, facts: Facts) -> bool:
    """Whether `functools.partial` binds a callback, or the mode of a function that opens files."""
    call = site.node
    if any(one.arg is None or one.arg in CALLBACK_KEYWORDS for one in call.keywords) or any(isinstance(facts.resolver.expression(arg, site.scope), Function) for arg in call.args[1:]):
        return True
    function = facts.resolver.expression(call.args[0], site.scope) if call.args else None
    return isinstance(function, Named) and function.name.rpartition(".")[2] in _OPENING and (bool(call.keywords) or len(call.args) > 1)


def _writers_as_values(facts: Facts) -> Iterator[tuple[str, int]]:
    """Yield functions that change files and are used as values, or that are reached by a computed name."""
    index, called, packages = facts.index, callees(facts), _observing_packages(facts.resolver.catalog)
    for node in index.all_of(ast.Attribute):
        is_module = node.attr in _MODULES and (isinstance(node.value, ast.Attribute) or isinstance(node.value, ast.Name) and node.value.id in index.imports)
        if isinstance(node.ctx, ast.Load) and node.attr in MUTATORS and id(node) not in called and is_module_level_object(node.value, facts):
            yield f"{dotted(node)}", node.lineno
        if isinstance(node.ctx, ast.Load) and (is_module or node.attr in _WRITERS and id(node) not in called):
            yield f".{node.attr}", node.lineno
    for name, place in (("getattr", 1), ("import_module", 0), ("__import__", 0)):
        for site in index.called(name):
            text = site.node.args[place] if len(site.node.args) > place else None
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value.partition(".")[0] in _WRITERS | _MODULES | (packages.keys() if name != "getattr" else _RECORDING):
                yield f"{name}({text.value!r})", site.node.lineno
    for making in index.all_of(ast.Assign):
        if isinstance(making.value, ast.Name) and not _MODULES.isdisjoint(index.imports.get(making.value.id, ())):
            yield f"{making.value.id} under another name", making.lineno
    yield from ((f"inplace= of {name}()", site.node.lineno) for name in ("input", "FileInput") for site in index.called(name) if has_keyword(site.node, "inplace"))


def _is_weak(call: ast.Call, facts: Facts) -> bool:
    return len(call.args) > 1 and any(name.startswith("weakref.") for name in _qualified_names(call.func, facts))


def _qualified_names(node: ast.AST, facts: Facts) -> Iterator[str]:
    """Yield the qualified names that a name, an attribute of a module, or an import may refer to."""
    if isinstance(node, ast.Import):
        yield from (one.name for one in node.names)
        return
    root, _, rest = (dotted(node) or "").partition(".")
    for name in facts.index.imports.get(root, ()):
        yield f"{name}.{rest}" if rest else name


def _suspended_generators(facts: Facts) -> Iterator[tuple[str, int]]:
    """Yield generators with code that runs when they are closed, if that may happen in the middle of a loop."""
    ending = {one.name: one for one in facts.index.functions if one.is_generator and _ends_later(one)}
    if any(facts.index.called(name) for name in ("__exit__", "__aexit__", "__enter__")):
        yield from ((f"{one.name}() is left by hand", one.line) for one in facts.index.functions if one.is_generator and _is_decorated(one))
    if not ending:
        return
    taken = {id(node) for node in _iterated_expressions(facts)}
    for name, function in ending.items():
        if not _is_decorated(function) and any(id(site.node) not in taken for site in facts.calls_of(function)):
            yield f"{name}() does something when it is dropped", function.line


def _is_decorated(function: Function) -> bool:
    return bool(getattr(function.node, "decorator_list", ()))


def _ends_later(function: Function) -> bool:
    """Whether closing a generator runs the end of a `with` or a `finally`."""
    return any(
        isinstance(node, (ast.With, ast.AsyncWith, ast.Try)) and any(isinstance(inner, (ast.Yield, ast.YieldFrom)) for inner in walk(node))
        for node in walk(function.node)
    )  # fmt: skip


def _iterated_expressions(facts: Facts) -> Iterator[ast.expr]:
    """Yield expressions whose values are immediately iterated over, entered by a `with`, or returned."""
    index = facts.index
    yield from (loop.iter for loop in index.all_of(ast.For))
    yield from (loop.iter for loop in index.all_of(ast.AsyncFor))
    yield from (clause.iter for clause in index.all_of(ast.comprehension))
    yield from (item.context_expr for item in index.all_of(ast.withitem))
    yield from (node.value for node in index.all_of(ast.YieldFrom))
    yield from (node.value for node in index.all_of(ast.Return) if node.value is not None)
    yield from (arg for site in index.calls if access_path(site.node.func)[-1] in _EAGER_CONSUMERS for arg in site.node.args)


def _changes_elsewhere(function: Function) -> bool:
    """Whether a method may change an object other than `self`."""
    own = function.parameters[:1]
    for node in walk(function.node):
        match node:
            case ast.Global() | ast.Nonlocal():
                return True
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in MUTATORS:
                if (dotted(value) or "").partition(".")[0] not in own:
                    return True
            case ast.Attribute(value=value, ctx=ast.Store() | ast.Del()) | ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
                if (dotted(value) or "").partition(".")[0] not in own:
                    return True
            case _:
                pass
    return False

"""Context managers of the project that change the whole process when they are entered: its current folder, or its environment."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.dataflow.body_summary import Trace
from par_lint.analysis.semantics.dataflow.execution import Summaries
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.scopes import Class, Function
from par_lint.analysis.semantics.values import LocalObject, Named, Value

_ENVIRONMENT = "os.environ"


def changes_process_state(entered: ast.Call, flow: Summaries) -> bool:
    """Return whether the context manager that a call makes, here or in another module, changes state of the process while it is entered."""
    callee = flow.known.callee(entered)
    if isinstance(callee, (Function, Class)):
        return _changes(callee, flow)
    if not isinstance(callee, Named) or "." not in callee.name or flow.known.catalog.find(callee.name) is not None:
        return False
    definition = flow.known.resolver.imported(callee) if flow.hops else None
    return _changes(definition.value, flow.elsewhere(definition.resolver)) if definition is not None else _is_said_to(callee.name)


def _is_said_to(name: str) -> bool:
    """Whether the name of an unresolved context manager says that it changes the current folder or the environment."""
    last = name.rpartition(".")[2]
    said = words(last)
    is_moving = said & _MOVING or last.startswith(("in_", "inside_", "within_"))
    return bool(said & _CHANGING or is_moving and said & _FOLDERS or said & _SETTING and said & _ENVIRONMENTS or said >= {"env"} and said & {"var", "vars"})


_CHANGING = frozenset({"chdir", "pushd", "cd", "cwd", "workdir", "environ", "envvar", "envvars"})
_MOVING = frozenset({"change", "changed", "working", "current", "enter", "switch"})
_FOLDERS = frozenset({"dir", "directory", "folder"})
_SETTING = frozenset({"temp", "temporary", "set", "modified", "modify", "patch", "patched", "override", "overridden", "use", "change", "changed", "update", "updated"})
_ENVIRONMENTS = frozenset({"env", "environment", "environments"})


def _changes(manager: Value, flow: Summaries) -> bool:
    return any(_is_changing(trace, flow) for trace in _traces(manager, flow))


def _traces(manager: Value, flow: Summaries) -> Iterator[Trace]:
    """Yield the effects of what runs where a context manager is entered and left: a generator, or two methods."""
    if isinstance(manager, Function):
        if manager.is_generator and not manager.is_async:
            yield flow.generator(manager)
            return
        made = flow.known.resolver.result(manager)
        manager = made.cls if isinstance(made, LocalObject) else manager
    if isinstance(manager, Class):
        for name in ("__enter__", "__exit__"):
            method = flow.known.resolver.attribute(manager, name)
            if isinstance(method, Function):
                yield flow.function(method)


def _is_changing(trace: Trace, flow: Summaries) -> bool:
    """Whether code changes state of the process, as the catalogue says, or the environment."""
    return bool(trace.globals) or any(_is_environment(change.path, flow.known.resolver) for change in trace.changes)


def _is_environment(path: str, resolver: Resolver) -> bool:
    root, *rest = path.split(".")
    value = resolver.value((root, *rest), resolver.index.module, 0)
    return isinstance(value, Named) and value.name.startswith(_ENVIRONMENT)

"""Functions of a file that are used as values: passed to calls, stored in names and tables, run by threads or signals."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.analysis.semantics.values import LocalObject, Named, Value
from par_lint.core.memo import memoized_for_last

_BACKGROUND = frozenset({
    "Thread", "Timer", "Process", "submit", "signal", "apply_async", "map_async", "imap", "imap_unordered", "start_new_thread", "run_in_executor",
    "call_soon", "call_soon_threadsafe", "call_later", "create_task", "finalize", "register", "add_done_callback", "Pool",
})  # fmt: skip
"""Calls that take functions to call later, concurrently with the following code."""
_HANDOFF_METHODS = frozenset({
    "put", "put_nowait", "send", "send_bytes", "sendall", "notify", "notify_all", "release", "acquire", "set", "wait", "raise_signal", "kill", "submit", "start",
    "join", "result", "apply_async", "pthread_kill", "alarm", "barrier", "publish", "collect",
})  # fmt: skip
"""Methods that trigger concurrently running code."""
_ASYNCHRONOUS_HOOKS = frozenset({"finalize", "setprofile", "settrace", "addaudithook", "setprofile_all_threads", "settrace_all_threads", "unraisablehook", "set_asyncgen_hooks"})
"""Calls that take functions which the following code may call."""


@memoized_for_last
def callees(facts: Facts) -> frozenset[int]:
    """Return the identities of all callee nodes in the file."""
    return frozenset(id(site.node.func) for site in facts.index.calls)


@memoized_for_last
def names_as_values(facts: Facts) -> frozenset[str]:
    """Return the names, and the last names of attributes, that the file reads other than to call them."""
    called = callees(facts)
    names = (node.id for node in facts.index.all_of(ast.Name) if type(node.ctx) is ast.Load and id(node) not in called)
    attributes = (node.attr for node in facts.index.all_of(ast.Attribute) if type(node.ctx) is ast.Load and id(node) not in called)
    return frozenset((*names, *attributes))


class FunctionValues:
    """Looks up the callable values of one file."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def resolve_values(self, nodes: Iterable[ast.expr], scope: Scope) -> Iterator[Value | str]:
        """Return what values refer to, including those in displays: functions, classes, objects; for unknown values the attribute name."""
        pending = list(nodes)
        while pending:
            node = pending.pop()
            match node:
                case ast.Starred(value=value) | ast.NamedExpr(value=value):
                    pending.append(value)
                case ast.List(elts=values) | ast.Tuple(elts=values) | ast.Set(elts=values) | ast.Dict(values=values) | ast.BoolOp(values=values):
                    pending += values
                case ast.IfExp(body=one, orelse=other):
                    pending += [one, other]
                case ast.Lambda():
                    yield from (function for function in self.facts.index.functions if function.node is node)
                case ast.Name() | ast.Attribute() | ast.Call():
                    found = self.facts.resolver.expression(node, scope)
                    if isinstance(found, (Function, Class, LocalObject, Named)) and not (isinstance(node, ast.Call) and isinstance(found, Function)):
                        yield found
                    elif isinstance(node, ast.Attribute):
                        yield node.attr
                case _:
                    pass

    def values_of_name(self, name: str, scope: Scope) -> list[ast.expr] | None:
        """Return the values to which a name is bound; None if not all are known."""
        found = scope.find(name)
        values = [one.value if isinstance(one, Assigned) else None for one in found[1]] if found is not None else [None]
        return None if None in values else [value for value in values if value is not None]

    def values_given_for(self, func: ast.expr, scope: Scope, depth: int = 3) -> Iterator[tuple[ast.expr, Scope]]:
        """Return the values that the file passes for a parameter, or assigns to an attribute of its objects, each with its scope."""
        match func:
            case ast.Name(id=name) if depth and (found := scope.find(name)) is not None:
                home = found[0]
                for value, at in self._arguments(home, name) if isinstance(home, Function) and name in home.parameters else ():
                    yield value, at
                    yield from self.values_given_for(value, at, depth - 1)
            case ast.Attribute(attr=name) if depth:
                for cls in self.facts.index.classes:
                    for at, one in cls.attributes.get(name, ()):
                        if one.value is not None:
                            yield one.value, at
                            yield from self.values_given_for(one.value, at, depth - 1)
            case ast.BoolOp(values=values):
                for value in values:
                    yield value, scope
                    yield from self.values_given_for(value, scope, depth)
            case _:
                pass

    def _arguments(self, home: Function, name: str) -> Iterator[tuple[ast.expr, Scope]]:
        """Yield the default of a parameter, and the arguments that calls in the file pass for it."""
        arguments = home.node.args  # type: ignore[attr-defined]
        plain = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        defaults = dict(zip(reversed(plain), reversed(arguments.defaults)))
        defaults.update({one.arg: value for one, value in zip(arguments.kwonlyargs, arguments.kw_defaults) if value is not None})
        if name in defaults:
            yield defaults[name], home.parent or home
        is_method = home.owner is not None and not home.is_static
        called = home.owner.name if home.owner is not None and home.name == "__init__" else home.name
        place = plain.index(name) - is_method if name in plain else len(plain)
        for site in self.facts.index.called(called):
            yield from ((value, site.scope) for value in site.node.args[place:place + 1] if not isinstance(value, ast.Starred))
            yield from ((keyword.value, site.scope) for keyword in site.node.keywords if keyword.arg == name)

    @functools.cached_property
    def escaping_functions(self) -> list[Function]:
        """Return the functions of the file that are used as values: any unresolved call may call them."""
        used = names_as_values(self.facts)
        return [one for one in self.facts.index.functions if one.name in used or isinstance(one.node, ast.Lambda) or one.name == "__call__"]

    @functools.cached_property
    def generators(self) -> list[Function]:
        """Return the generator functions of the file."""
        return [one for one in self.facts.index.functions if one.is_generator]

    @functools.cached_property
    def concurrent_functions(self) -> list[Function]:
        """Return the functions of the file that run concurrently or on signals."""
        found = [method for name in ("run",) for method in self.facts.methods(name) if method.owner is not None and method.owner.bases]
        for name in _BACKGROUND:
            for site in self.facts.index.called(name):
                given = (*site.node.args, *(keyword.value for keyword in site.node.keywords))
                for value in self.resolve_values(given, site.scope):
                    found += [value] if isinstance(value, Function) else self.facts.methods(value) if isinstance(value, str) else ()
        return found

    def setters(self, name: str) -> list[Function]:
        """Return the code in classes of the file that runs when an attribute with this name is set or deleted."""
        return self._setters.get(name, [])

    @functools.cached_property
    def _setters(self) -> dict[str, list[Function]]:
        found: dict[str, list[Function]] = {}
        for function in self.facts.index.functions:
            for decorator in getattr(function.node, "decorator_list", ()):
                if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "deleter"):
                    found.setdefault(function.name, []).append(function)
        for cls in self.facts.index.classes:
            for statement in getattr(cls.node, "body", ()):
                if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):  # `size = property(get_size, set_size)`
                    given = (*statement.value.args, *(keyword.value for keyword in statement.value.keywords))
                    functions = [one for one in self.resolve_values(given, cls) if isinstance(one, Function)]
                    for target in statement.targets:
                        found.setdefault(target.id if isinstance(target, ast.Name) else "", []).extend(functions)
        return found

    @functools.cached_property
    def asynchronous_code(self) -> list[Function]:
        """Return code that runs when an object is finalized, or on each call: it may run anywhere."""
        return [*self.facts.methods("__del__")] + [
            value for name in _ASYNCHRONOUS_HOOKS for site in self.facts.index.called(name)
            for value in self.resolve_values(site.node.args, site.scope) if isinstance(value, Function)
        ]  # fmt: skip

    def registered(self, name: str) -> list[Function]:
        """Return the functions that a function with this name passes on: `@name.register`."""
        return self._registered.get(name, [])

    @functools.cached_property
    def _registered(self) -> dict[str, list[Function]]:
        found: dict[str, list[Function]] = {}
        for function in self.facts.index.functions:
            for decorator in getattr(function.node, "decorator_list", ()):
                inner = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
                    found.setdefault(inner.value.id, []).append(function)
        return found

    @functools.cached_property
    def replaces_output(self) -> bool:
        """Whether the file replaces `sys.stdout` or `sys.stderr`."""
        return not self.facts.index.attributes.isdisjoint(("stdout", "stderr")) or any(
            self.facts.index.called(name) for name in ("redirect_stdout", "redirect_stderr")
        )


def may_trigger_concurrent_code(node: ast.Call) -> bool:
    """Return whether a call may trigger concurrently running code."""
    if not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr == "join" and node.args:
        return False  # of texts
    return node.func.attr in _HANDOFF_METHODS

"""Whether a call, a function or a loop may do I/O that is worth running concurrently, as far as the index shows.

These are necessary conditions only. With the names that vary between iterations, I/O that uses none of them does not count: every
iteration would do the same.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from par_lint.analysis.semantics import loop_variance
from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.fixpoint import Fixpoint
from par_lint.analysis.semantics.io_words import is_request_of
from par_lint.analysis.semantics.loop_variance import Names, mentioned_names
from par_lint.analysis.semantics.name_filter import THREAD_HANDOFF_NAMES
from par_lint.analysis.semantics.naming_evidence import awaited_calls, is_certainly_io_by_name, is_sent_to_each, may_be_request, names_suggest_io
from par_lint.analysis.semantics.scopes import CallSite, Class, Function, Loop, Scope
from par_lint.analysis.semantics.values import Named, Object, Value
from par_lint.core.catalog.coroutines import THREAD_HANDOFFS
from par_lint.core.catalog.entry import Entry, Kind, Sharing, Trait
from par_lint.core.memo import memoized_for_last

WORTHWHILE_KINDS = frozenset({Kind.NETWORK, Kind.SUBPROCESS, Kind.FILE})
"""Kinds of I/O that are worth running concurrently."""


class Reachability:
    """The I/O that the calls of one file reach. `names` are the varying names; None if they do not matter.

    Calls lead through at most `hops` other modules of the project.
    """

    def __init__(self, resolver: Resolver, hops: int) -> None:
        self._resolver = resolver
        self._hops = hops
        self._name_filter = resolver.name_filter
        self._functions: Fixpoint[Function, bool] = Fixpoint(False, beyond=True)
        self._generators: Fixpoint[Function, bool] = Fixpoint(False, beyond=True)
        self._with: Fixpoint[tuple[Function, bool, bool], bool] = Fixpoint(False, beyond=True)
        self._waits: dict[Scope, frozenset[ast.Call]] = {}

    def loop(self, loop: Loop) -> bool:
        """Return whether an iteration of a loop may do I/O with its own item; in a coroutine, only awaited calls count."""
        if isinstance(loop.node, ast.Call):
            return self._applied(loop.node.args[0], loop.scope, given=True)
        sites = [site for site in self._possible_io_calls(loop) if self._name_filter.may_be_imported(site) or self.call(site)]
        if not sites:
            return False
        names = loop_variance.names_varying_in_loop(loop)
        return any(self.call(site, names) for site in sites)

    def may_do_io(self, loop: Loop) -> bool:
        """Return whether an iteration of a loop makes calls that may do I/O, judged by their names."""
        return isinstance(loop.node, ast.Call) or bool(self._possible_io_calls(loop))

    def _possible_io_calls(self, loop: Loop) -> Sequence[CallSite]:
        """Return the calls of a loop that may do I/O, judged by their names; in a coroutine, those that are awaited."""
        calls = self._name_filter.possible_io_calls_in(loop)
        if calls and loop.scope.is_in_coroutine:
            calls = [site for site in calls if site.node in self._awaited(loop.scope)]
        return calls

    def function(self, function: Function) -> bool:
        """Return whether a function of the file does I/O, directly or indirectly; a recursive call adds none."""
        return self._functions.of(function, self._function_does_io)

    def _function_does_io(self, function: Function) -> bool:
        return not _is_lazy(function) and self._does_when_run(function)

    def _does_when_run(self, function: Function) -> bool:
        return any(map(self.call, self._name_filter.possible_io_calls_in(function)))

    def call(self, site: CallSite, names: Names | None = None) -> bool:
        """Return whether a call does I/O, itself or through functions of the file."""
        if not self._name_filter.may_do_io(site):
            return self._works_on_given(site, names)
        callee = self._resolver.callee(site)
        if isinstance(callee, Function):
            is_gone_over = site.node in self._resolver.index.iterated_calls
            return self._called(callee, site.node, names, is_gone_over=is_gone_over) or self._hands_over(site, names) or self._gives_open_file(callee, site, names)
        if isinstance(callee, Class):
            init = self._resolver.attribute(callee, "__init__")
            return isinstance(init, Function) and self._called(init, site.node, names)
        is_of_project = isinstance(callee, Named) and self._resolver.is_of_project(callee.name)
        if is_of_project and not self._may_be_worth(callee, site, names):  # type: ignore[arg-type]
            return self._works_on_given(site, names)
        if not is_of_project and handoff_position(site.node, site.scope, self._resolver) is not None:
            return self._hands_over(site, names)
        if site.scope.is_in_coroutine and self._name_suggests_io(site, callee):
            return names is None or not names.isdisjoint(mentioned_names(site.node))
        if not is_of_project and self._opens_lines(site):
            return names is None or not names.isdisjoint(mentioned_names(site.node))
        entry = self._resolver.entry(site)
        if entry is None:
            return self._calls_imported(callee, site, names) or self._works_on_given(site, names)
        if entry.kind not in WORTHWHILE_KINDS or self._resolver.expression(site.node, site.scope) == _FILE:
            return False  # opening a file is not work, reading it is
        return names is None or not names.isdisjoint(mentioned_names(site.node)) and not self._is_shared(entry, site, names)

    def _may_be_worth(self, callee: Named, site: CallSite, names: Names | None) -> bool:
        """Return whether a call of what another module defines is a reason to read that: it uses the item, and may do I/O."""
        return (names is None or not names.isdisjoint(mentioned_names(site.node))) and self._resolver.may_reach_io(callee.name)

    def _calls_imported(self, callee: Value | None, site: CallSite, names: Names | None) -> bool:
        """Return whether a call of a function in another module does I/O."""
        if not self._hops:
            return False
        found = imported_function(callee, self._resolver)
        if found is None:
            return False
        function, home = found
        return reachability_within(self._hops - 1, home)._called(function, site.node, names)

    def _name_suggests_io(self, site: CallSite, callee: Value | None) -> bool:
        """Return whether the names of an awaited call suggest that it waits."""
        if self._resolver.index.uses_serial_device or not is_io_by_name(site, callee, self._resolver):
            return False
        return site.node in self._awaited(site.scope)

    def _awaited(self, scope: Scope) -> frozenset[ast.Call]:
        """Return the calls of a coroutine that may be awaited."""
        if scope not in self._waits:
            self._waits[scope] = frozenset(awaited_calls(scope.node))
        return self._waits[scope]

    def _works_on_given(self, site: CallSite, names: Names | None) -> bool:
        """Return whether an unknown call gets an open file, which it may read or write."""
        given = (arg.value if isinstance(arg, ast.keyword) else arg for arg in (*site.node.args, *site.node.keywords))
        return any(
            isinstance(arg, ast.Name) and arg.id in self._resolver.index.managed and (names is None or arg.id in names)
            and self._resolver.expression(arg, site.scope) == _FILE
            for arg in given
        )  # fmt: skip

    def _gives_open_file(self, function: Function, site: CallSite, names: Names | None) -> bool:
        """Return whether a function of the file passes an open file from its arguments to an unresolved call."""
        return self._works_on_given(site, names) and any(passes_parameter_to_unknown_call(function, name, self._resolver) for name in function.explicit_parameters)

    def _opens_lines(self, site: CallSite) -> bool:
        """Whether a call opens a file over whose lines a loop may go."""
        index = self._resolver.index
        if site.node not in index.iterated_calls and index.iterated.isdisjoint(site.scope.bindings):
            return False
        return self._resolver.expression(site.node, site.scope) == _FILE

    def _is_shared(self, entry: Entry, site: CallSite, names: Names) -> bool:
        """Return whether a call uses a file that all iterations share."""
        if not isinstance(site.node.func, ast.Attribute) or entry.kind is Kind.NETWORK or site.scope.is_in_coroutine:
            return False
        sharing = self._resolver.catalog.sharing(entry.name.rpartition(".")[0])
        return sharing is Sharing.STATEFUL and names.isdisjoint(mentioned_names(site.node.func))

    def _called(self, function: Function, node: ast.Call, names: Names | None, *, is_gone_over: bool = False) -> bool:
        """Return whether a call of a function of the file does I/O; with varying names, only I/O that depends on its object or arguments.

        A generator runs where a loop iterates over it.
        """
        does = self._generators.of(function, self._does_when_run) if is_gone_over and _is_lazy(function) else self.function(function)
        if names is None or not does:
            return does
        own = not names.isdisjoint(mentioned_names(node.func))
        given = any(not names.isdisjoint(mentioned_names(arg)) for arg in (*node.args, *node.keywords))
        return self._varied(function, own=own, given=given)

    def _varied(self, function: Function, *, own: bool, given: bool) -> bool:
        return self._with.of((function, own, given), self._function_does_io_with)

    def _function_does_io_with(self, key: tuple[Function, bool, bool]) -> bool:
        function, own, given = key
        names = loop_variance.names_varying_by_call(function, own=own, given=given)
        return any(self.call(site, names) for site in self._name_filter.possible_io_calls_in(function))

    def _hands_over(self, site: CallSite, names: Names | None) -> bool:
        """Return whether a call does I/O by a function that it is given and that it calls, here or in a thread."""
        position = handoff_position(site.node, site.scope, self._resolver)
        if position is None or position >= len(site.node.args):
            return False
        return self._applied(site.node.args[position], site.scope, given=names is None or not names.isdisjoint(mentioned_names(site.node)))

    def _applied(self, func: ast.expr, scope: Scope, *, given: bool) -> bool:
        """Return whether calling the value of an expression does I/O; its arguments vary if `given`."""
        if isinstance(func, ast.Lambda):
            return True
        match self._resolver.expression(func, scope):
            case Function() as function:
                return self.function(function) and self._varied(function, own=given, given=given)
            case Named(name=name) as callee:
                entry = self._resolver.catalog.find(name)
                if entry is not None:
                    return entry.kind in WORTHWHILE_KINDS
                found = imported_function(callee, self._resolver) if self._hops else None
                if found is None:
                    return scope.is_in_coroutine and is_io_by_name(site_of(func, scope), callee, self._resolver)
                reach = reachability_within(self._hops - 1, found[1])
                return reach.function(found[0]) and reach._varied(found[0], own=given, given=given)
            case _:
                return False


_FILE = Object("io.File")


MOST_HOPS = 3
"""Other modules of the project through which calls are followed."""


def _is_lazy(function: Function) -> bool:
    """Whether calling a function runs nothing of it: a generator."""
    return function.is_generator and not function.is_async


def reachability_of(resolver: Resolver) -> Reachability:
    """Return the reachability of a file, computed once for the gate and the rules."""
    return reachability_within(MOST_HOPS, resolver)


@memoized_for_last
def reachability_within(hops: int, resolver: Resolver) -> Reachability:
    """Return the reachability of a file through so many other modules."""
    return Reachability(resolver, hops)


def imported_function(callee: Value | None, resolver: Resolver) -> tuple[Function, Resolver] | None:
    """Return the function that a call of another module's name runs, with the resolver of its module: of a class, its constructor."""
    definition = resolver.imported(callee)
    if definition is None:
        return None
    what = definition.value
    if isinstance(what, Class):
        what = definition.resolver.attribute(what, "__init__")  # type: ignore[assignment]
    return (what, definition.resolver) if isinstance(what, Function) else None


def handoff_position(call: ast.Call, scope: Scope, resolver: Resolver) -> int | None:
    """Return the position (0-based) of the function that a call runs elsewhere and waits for; None if it does not."""
    terminal = last_name(call.func)
    if terminal == "run_in_executor" and len(call.args) > 1:
        return 1
    if is_iter_of_calls(call):
        return 0 if resolver.expression(call.func, scope) == Named("iter") else None
    if not call.args:
        return None
    if terminal in resolver.name_filter.functions_calling_parameters and isinstance(function := resolver.expression(call.func, scope), Function):
        return _called_parameter(function, resolver)
    if terminal not in THREAD_HANDOFF_NAMES:
        return None
    match resolver.expression(call.func, scope):
        case Named(name=name):
            return THREAD_HANDOFFS.get(name)
        case _:
            return None


def _called_parameter(function: Function, resolver: Resolver) -> int | None:
    """Return which positional argument (0-based) a function of the file calls, itself or through another one; None if it calls none."""
    key = "called parameter", function
    if key not in resolver.answers:
        resolver.answers[key] = None  # for a recursive call
        own = isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not function.is_generator
        args = function.node.args  # type: ignore[attr-defined]
        places = [arg.arg for arg in (*args.posonlyargs, *args.args)][function.owner is not None and not function.is_static:] if own else []
        resolver.answers[key] = next((places.index(name) for name in map(_applied_name(resolver), function.calls) if name in places), None)
    found: int | None = resolver.answers[key]
    return found


def _applied_name(resolver: Resolver) -> Callable[[CallSite], str]:
    """Return a function that returns the plain name whose value a call calls, directly or by handing it over."""

    def applied(site: CallSite) -> str:
        if isinstance(site.node.func, ast.Name) and site.name not in resolver.name_filter.functions_calling_parameters:
            return site.name
        position = handoff_position(site.node, site.scope, resolver)
        given = site.node.args[position] if position is not None and position < len(site.node.args) else None
        return given.id if isinstance(given, ast.Name) else ""

    return applied


def passes_parameter_to_unknown_call(function: Function, name: str, resolver: Resolver) -> bool:
    """Return whether a function gives a parameter of its own to a call that neither the file nor the catalogue shows."""
    for site in function.calls if name in function.parameters else ():
        given = (*site.node.args, *(keyword.value for keyword in site.node.keywords))
        if any(isinstance(arg, ast.Name) and arg.id == name for arg in given) and site.name not in loop_variance.MUTATORS:
            callee = resolver.callee(site)
            is_shown = isinstance(callee, Named) and ("." not in callee.name or resolver.is_known_root(callee.name.partition(".")[0]))
            if not is_shown and not isinstance(callee, (Function, Class)) and resolver.entry(site) is None:
                return True
    return False


def site_of(func: ast.expr, scope: Scope) -> CallSite:
    """Return the record of a call of a callable argument."""
    return CallSite(ast.Call(func, [], []), scope, None, last_name(func))


def is_io_by_name(site: CallSite, callee: Value | None, resolver: Resolver) -> bool:
    """Whether awaiting an unresolved call waits for I/O: its name is unmistakable, or it is a request of a class that is named a client."""
    if not is_unresolved(callee, resolver):
        return False
    if names_suggest_io(site) and is_certainly_io_by_name(site, is_imported=isinstance(callee, Named)):
        return True
    if is_sent_to_each(site) and not resolver.index.imported.isdisjoint(resolver.catalog.packages_with(Trait.HAS_WEBSOCKETS)):
        return True
    if not isinstance(callee, Named):
        return False
    owner, _, method = callee.name.rpartition(".")
    return is_request_of(owner, method) and may_be_request(site)


def is_iter_of_calls(call: ast.Call) -> bool:
    """Return whether a call is `iter(func, end)`, which calls a function repeatedly."""
    return isinstance(call.func, ast.Name) and call.func.id == "iter" and len(call.args) == 2


def is_unresolved(callee: Value | None, resolver: Resolver) -> bool:
    """Return whether a callee is neither defined in the file nor in the catalogue."""
    match callee:
        case None:
            return True
        case Named(name=name):
            is_runner = name.startswith("contextlib.") or resolver.catalog.has_trait(name, Trait.RUNS_COROUTINES)
            if "." not in name or is_runner or resolver.catalog.find(name) is not None:
                return False
            return not resolver.is_of_project(name) or resolver.may_reach_io(name) and resolver.imported(callee) is None
        case _:
            return False

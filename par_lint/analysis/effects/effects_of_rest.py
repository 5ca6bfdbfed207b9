"""Side effects of the ordered rest of a loop that interfere with reading ahead: it writes files, changes the folder or environment, or waits.

Its calls are followed through the functions of the file: methods of objects with unknown class, lambdas, overrides, context managers,
operators. An unresolved call may write a file if it gets the name of one that is read.
"""

from __future__ import annotations

import ast
import functools
import operator
import re
from collections.abc import Iterable, Iterator

import libcst as cst

from par_lint.analysis.effects.function_values import FunctionValues, may_trigger_concurrent_code
from par_lint.analysis.effects.http_requests import may_change_server
from par_lint.analysis.effects.interference import (
    FILE_KINDS,
    REASONS,
    SEEN_BY_SOME,
    Interference,
    interference_by_name,
    interference_of,
    is_reading,
    opens_for_reading,
    opens_with_mode,
)
from par_lint.analysis.effects.pacing import is_clock, unknown_clock_or_pause, waits_for_time
from par_lint.analysis.effects.possible_writers import LOGGING, NON_WRITING_METHODS, gets_data, is_unresolved_with_name, may_create_input
from par_lint.analysis.effects.special_methods import overriding_methods, special_methods_by_node_type, special_methods_of
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.ast_walk import children, walk
from par_lint.analysis.semantics.dataflow.symbols import open_mode
from par_lint.analysis.semantics.fixpoint import Fixpoint
from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.analysis.semantics.values import LocalObject, Named, Object, Value
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Effect, Entry, Kind
from par_lint.core.findings import Reason, ReasonKind
from par_lint.core.memo import memoized_for_last

_CODE_RUNNER_NAME = re.compile(r"(run|exec|execute_(?!many$)\w+|run_\w+|exec_\w+|eval|evaluate)$")
"""Methods that execute their argument; `execute` and `executemany` are those of databases."""
_PRINTING = frozenset({"print", "sys.stdout.write", "sys.stderr.write", "sys.stdout.writelines", "sys.stdout.flush", "input", "pprint.pprint"})
_PASSED = "the rest of the loop passes the name of a file that is read to an unresolved call, which may write it"
_PASSED_ON = "the rest of the loop passes what a server is asked for to an unresolved call, which may change it there"


class OrderedRest:
    """Finds what code of one file may do to its environment."""

    def __init__(self, facts: Facts, home: Scope) -> None:
        self.facts = facts
        self.home = home  # the scope of the loop
        self.known = facts.known
        self.values = FunctionValues(facts)
        self.reached: set[Function] = set()
        """The functions of the file that the analysed code may call."""
        self._ways: Fixpoint[Function, Interference] = Fixpoint(Interference.NONE, join=operator.or_)

    def find_interference(
        self, nodes: Iterable[cst.CSTNode], names: frozenset[str], moved: frozenset[ast.AST], sees: Interference, data: frozenset[str], end: int
    ) -> tuple[Reason, cst.CSTNode] | None:
        """Return the first reason why these nodes may disturb the `moved` calls, which read files, or ask servers, with some `names`.

        `sees`: which of FILES and SERVER the code that runs ahead depends on. `data`: the names of what is read. `end`: the number of the last
        node that moves.
        """
        what = "files while later ones are read" if Interference.FILES in sees else "a server while it is asked for later items"
        for node in nodes:
            ways = self._node(node) & (sees | ~SEEN_BY_SOME)
            for way, reason in REASONS.items():
                if way in ways:
                    return reason, node
            if sees and isinstance(node, cst.Call) and (site := self.facts.site(node)) is not None:
                if self._runs_argument(site.node):
                    return ReasonKind.UNSEEN(f"code that the rest of the loop runs may change {what}"), node
                is_before = self.facts.tree.reach(node).stop <= end  # not around what moves
                if is_before and may_create_input(site.node, self.facts):
                    return ReasonKind.UNSEEN("an unresolved call before the I/O may create what is read"), node
                if gets_data(site.node, data, moved, self.facts):
                    return ReasonKind.UNSEEN("an unresolved call gets the data, and may change what is read next"), node
                if is_unresolved_with_name(site.node, names, moved, self.facts):
                    return ReasonKind.UNSEEN(_PASSED if Interference.FILES in sees else _PASSED_ON), node
        return None

    def called_functions(self, nodes: Iterable[cst.CSTNode]) -> set[Function]:
        """Return the functions of the file that some nodes may call."""
        for node in nodes:
            self._node(node)
        for function in self.values.asynchronous_code:
            self.function(function)
        return self.reached

    def reads_clock(self, call: cst.Call) -> bool:
        """Return whether a call reads the time, itself or through functions of the file."""
        site = self.facts.site(call)
        return site is not None and Interference.CLOCK in self.call(site.node, site.scope)

    def _node(self, node: cst.CSTNode) -> Interference:
        ways = Interference.NONE
        if isinstance(node, cst.Call) and (site := self.facts.site(node)) is not None:
            ways |= self.call(site.node, site.scope, is_direct=site.scope is self.home)
        elif isinstance(node, cst.WithItem):
            ways |= self._context_manager_effects(self._value_of(node.item))
        elif isinstance(node, cst.While) and any(
            isinstance(one, cst.Call) and (site := self.facts.site(one)) is not None and is_clock(site.node, self.facts) for one in descend(node.test)
        ):
            ways |= Interference.PACE
        elif isinstance(node, cst.ClassDef):
            ways |= self._any_of("__init_subclass__", "__set_name__", "__prepare__")
        elif isinstance(node, cst.Decorator) and not isinstance(node.decorator, cst.Call):
            found = self.facts.refers_to(node.decorator, node)
            ways |= self._effects_of_instantiation(found) | (self.function(found) if isinstance(found, Function) else Interference.NONE)
        elif isinstance(node, cst.Raise) and isinstance(node.exc, (cst.Name, cst.Attribute)):
            ways |= self._effects_of_instantiation(self.facts.refers_to(node.exc, node))
        elif isinstance(node, (cst.For, cst.CompFor)) and isinstance(node.iter, cst.Name):
            ways |= self._consumed_name(node.iter.value, self.facts.scope(node), is_asked=False)
        for function in special_methods_of(node, self.facts):
            ways |= self.function(function)
        if isinstance(node, cst.Attribute):
            ways |= self._attribute_effects(node.attr.value)
        return ways

    def _attribute_effects(self, name: str) -> Interference:
        """Return what reading or binding an attribute with this name may do."""
        ways = Interference.NONE
        for one in (*self.facts.properties(name), *self.values.setters(name)):
            ways |= self.function(one)
        return ways

    def _value_of(self, node: cst.BaseExpression) -> Value | None:
        if isinstance(node, cst.Call):
            site = self.facts.site(node)
            return self._result(site.node) if site is not None else None
        return self.facts.refers_to(node, node)

    def _result(self, call: ast.Call) -> Value | None:
        callee = self.known.callee(call)
        return LocalObject(callee) if isinstance(callee, Class) else callee if isinstance(callee, Function) else self.known.result(call)

    def _context_manager_effects(self, value: Value | None) -> Interference:
        """Return what entering and leaving a context manager of the file may do; an unknown one may be any of them."""
        if isinstance(value, Function):
            result = self.facts.resolver.result(value)
            return self.function(value) | (self._context_manager_effects(result) if not value.is_generator and not isinstance(result, Function) else Interference.NONE)
        if value is None:
            return self._any_of("__enter__", "__exit__")
        return self._methods(value.cls, ("__enter__", "__exit__")) if isinstance(value, LocalObject) else Interference.NONE

    def _effects_of_instantiation(self, value: Value | None) -> Interference:
        """Return what creating an object of a class of the file may do, and what deleting it does."""
        return self._methods(value, ("__new__", "__init__", "__post_init__", "__del__")) if isinstance(value, Class) else Interference.NONE

    def _methods(self, cls: Class, names: Iterable[str]) -> Interference:
        ways = Interference.NONE
        for name in names:
            method = self.facts.resolver.attribute(cls, name)
            if isinstance(method, Function):
                ways |= self.function(method)
        return ways

    def _any_of(self, *names: str) -> Interference:
        """Return what methods with some names may do, of any class of the file."""
        return self._all(method for name in names for method in self.facts.methods(name))

    def _all(self, functions: Iterable[Function]) -> Interference:
        ways = Interference.NONE
        for function in functions:
            ways |= self.function(function)
        return ways

    def function(self, function: Function) -> Interference:
        """Return what a call of a function in the file, or of its replacement, may do."""
        ways = Interference.NONE
        for one in (*overriding_methods(function, self.facts), *self.values.registered(function.name)):
            self.reached.add(one)
            ways |= self._ways.of(one, self._body)
        return ways

    def own_interference(self, function: Function) -> Interference:
        """Return what a function itself does to files or to what reading depends on."""
        return self._ways.of(function, self._body) & (Interference.PROCESS | SEEN_BY_SOME)

    def _body(self, function: Function) -> Interference:
        node = function.node
        parts = node.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else [node.body]  # type: ignore[attr-defined]
        ways, special = Interference.NONE, special_methods_by_node_type(self.facts)
        for inner in _effects_outside_handlers(parts, function):
            match inner:
                case ast.Call():
                    site = self.known.site(inner)
                    ways |= self.call(inner, site.scope if site is not None else function)
                case ast.withitem(context_expr=ast.Call() as call):
                    ways |= self._context_manager_effects(self._result(call))
                case ast.withitem(context_expr=expression):
                    ways |= self._context_manager_effects(self.facts.resolver.expression(expression, function))
                case ast.While(test=test) if any(isinstance(one, ast.Call) and is_clock(one, self.facts) for one in walk(test)):
                    ways |= Interference.PACE
                case ast.ClassDef():
                    ways |= self._any_of("__init_subclass__", "__set_name__", "__prepare__")
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    decorators = [found for one in inner.decorator_list if isinstance(found := self.facts.resolver.expression(one, function), Function)]
                    ways |= self._all(decorators)
                case ast.Raise(exc=ast.Name() | ast.Attribute() as raised):
                    ways |= self._effects_of_instantiation(self.facts.resolver.expression(raised, function))
                case ast.For(iter=ast.Name(id=name)) | ast.comprehension(iter=ast.Name(id=name)):
                    ways |= self._consumed_name(name, function, is_asked=False)
                case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
                    found = self.facts.resolver.expression(value, function)
                    ways |= Interference.PROCESS if isinstance(found, Named) and found.name == "os.environ" else Interference.NONE
                    ways |= self._stores(found)
                case ast.Attribute(attr=name):
                    ways |= self._attribute_effects(name)
                case _:
                    pass
            if type(inner) in special:
                ways |= self._all(special[type(inner)])
        for decorator in getattr(node, "decorator_list", ()):
            around = self.facts.resolver.expression(decorator.func if isinstance(decorator, ast.Call) else decorator, function.parent or function)
            if isinstance(around, Class):
                ways |= self._methods(around, ("__init__", "__call__", "__get__"))
            ways |= self.function(around) if isinstance(around, Function) else Interference.NONE
        return ways

    def _stores(self, value: Value | None) -> Interference:
        """Return what `value[key] = ...` may do, if the object is of a class of the file or unknown."""
        return self._any_of("__setitem__", "__delitem__") if value is None or isinstance(value, LocalObject) else Interference.NONE

    # Calls --------------------------------------------------------------------------------------------------------

    def call(self, node: ast.Call, scope: Scope, *, is_direct: bool = False) -> Interference:
        """Return what a call may do. `is_direct`: it is in the loop itself, whose summary already contains its writes and sleeps."""
        callee = self.known.callee(node)
        ways = self._effects_of_arguments(node, scope, callee)
        if may_trigger_concurrent_code(node):
            ways |= self._all(self.values.concurrent_functions) & ~Interference.PACE | self._unresolved_in_background
        match callee:
            case Function():
                return ways | self.function(callee)
            case Class():
                return ways | self._effects_of_instantiation(callee)
            case LocalObject(cls=cls):
                return ways | self._methods(cls, ("__call__",))
            case Named(name=name) if not name.startswith("types.SimpleNamespace."):
                return ways | self._effects_of_named_call(node, name, scope, is_direct=is_direct)
            case _:
                return ways | self._effects_of_unresolved_call(node, scope)

    @functools.cached_property
    def _unresolved_in_background(self) -> Interference:
        """What unresolved calls may do that concurrent functions of the file give anything: `frame.to_csv(jobs.get())`."""
        nodes = [node for function in self.values.concurrent_functions for node in walk(function.node)]
        names = frozenset(node.id for node in nodes if isinstance(node, ast.Name))
        is_unseen = any(isinstance(node, ast.Call) and is_unresolved_with_name(node, names, frozenset(), self.facts) for node in nodes)
        return SEEN_BY_SOME if is_unseen else Interference.NONE

    def _effects_of_arguments(self, node: ast.Call, scope: Scope, callee: Value | None) -> Interference:
        """Return what the arguments of a call may do: it may call functions, and methods of objects."""
        ways = Interference.NONE
        if isinstance(callee, Named) and callee.name in ("isinstance", "issubclass"):
            return ways
        given = (*node.args, *(keyword.value for keyword in node.keywords))
        for found in self.values.resolve_values(given, scope):
            match found:
                case Function():
                    ways |= self.function(found)
                case Class() if isinstance(callee, Named):
                    ways |= self._effects_of_instantiation(found)
                case LocalObject(cls=cls):
                    ways |= self._effects_on_instance(cls, node, callee)
                case Named(name=name) if (entry := self.facts.resolver.catalog.find(name)) is not None:
                    ways |= interference_of(entry, node, self.facts)
                case str() if not isinstance(callee, (Function, Class)):
                    ways |= self._any_of(found)
                case _:
                    pass
        is_printed = isinstance(callee, Named) and callee.name == "print" and any(keyword.arg == "file" for keyword in node.keywords)
        if is_printed or self.values.replaces_output and isinstance(callee, Named) and callee.name in _PRINTING:
            ways |= self._any_of("write", "flush")
        return ways

    def _effects_on_instance(self, cls: Class, node: ast.Call, callee: Value | None) -> Interference:
        """Return what a call may do with an argument of a class of the file."""
        if isinstance(callee, Named):
            entry = self.known.entry(node) or self.facts.resolver.catalog.find(callee.name)
            if entry is not None and entry.kind not in FILE_KINDS or "." not in callee.name and callee.name != "print":
                return Interference.NONE  # it calls only the methods of operators
        elif callee is not None or isinstance(node.func, ast.Attribute) and node.func.attr in NON_WRITING_METHODS:
            return Interference.NONE
        return self._all(method for method in self.facts.index.functions if method.owner is cls and not method.name.startswith("__"))

    def _effects_of_named_call(self, node: ast.Call, name: str, scope: Scope, *, is_direct: bool) -> Interference:
        if name in ("contextvars.ContextVar.set", "contextvars.ContextVar.reset"):
            return Interference.PROCESS
        if waits_for_time(node, name):
            return Interference.PACE
        if is_clock(node, self.facts):
            return Interference.CLOCK
        if name == "next" and node.args:
            return self._advanced_iterator(node.args[0], scope)
        if isinstance(node.func, ast.Name) and (given := self._partial_arguments(node.func.id, scope)):
            return given
        entry = self.known.entry(node) or self.facts.resolver.catalog.find(name)
        if entry is None:
            return self._consumed_by_builtin(node, scope) if "." not in name else Interference.NONE
        return self._effects_of_entry(node, entry, is_direct=is_direct) | (Interference.SERVER if may_change_server(node, entry, self.facts) else Interference.NONE)

    def _effects_of_entry(self, node: ast.Call, entry: Entry, *, is_direct: bool) -> Interference:
        """Return what a call in the catalogue may do, other than to servers."""
        if entry.effect is Effect.GLOBAL:
            return Interference.PROCESS
        if entry.kind is Kind.LOG:
            return self._logging_effects()
        if entry.kind is Kind.SLEEP:
            return Interference.NONE if is_direct else Interference.PACE
        if self.known.result(node) == Object("io.File"):
            return Interference.NONE if is_reading(open_mode(node)) else Interference.FILES
        if opens_with_mode(entry) and not opens_for_reading(node, entry.name):
            return Interference.FILES
        if is_direct or entry.name.startswith("io.File."):
            return Interference.NONE
        is_writing = entry.effect is Effect.WRITE and entry.kind in FILE_KINDS
        return Interference.FILES if is_writing or entry.kind is Kind.SUBPROCESS else Interference.NONE

    def _logging_effects(self) -> Interference:
        """Return what log handlers, filters and formatters of the file may do."""
        return self._all(
            method for name in ("emit", "filter", "format", "process", "handle") for method in self.facts.methods(name)
            if method.owner is not None and method.owner.bases
        )  # fmt: skip

    def _effects_of_unresolved_call(self, node: ast.Call, scope: Scope) -> Interference:
        """Return what an unresolved call may do: for a method, any method with its name; for a variable, its values; for an element,
        any function of the file."""
        asks, pauses = unknown_clock_or_pause(node, self.facts)
        if pauses:
            return Interference.PACE
        ways = (Interference.CLOCK if asks else Interference.NONE) | interference_by_name(node, self.known.entry(node), self.facts)
        for value, at in self.values.values_given_for(node.func, scope):
            if isinstance(value, ast.Attribute) and waits_for_time(node, f"?.{value.attr}"):
                return Interference.PACE
            ways |= self._all(one for one in self.values.resolve_values([value], at) if isinstance(one, Function))
        return ways | self._called_in_other_scope(node, scope)

    def _called_in_other_scope(self, node: ast.Call, scope: Scope) -> Interference:
        match node.func:
            case ast.Attribute(value=value, attr=name):
                if waits_for_time(node, name):
                    return Interference.PACE
                ways = self._any_of(name)
                if name in ("send", "throw", "__next__"):
                    ways |= self._advanced_iterator(value, scope)
                if name in LOGGING:
                    ways |= self._logging_effects()
                if name in self.facts.index.attributes and not self.facts.methods(name) and name not in NON_WRITING_METHODS:
                    ways |= self._all(self.values.escaping_functions) & ~Interference.PACE  # the attribute may be any of these functions
                return ways
            case ast.Name(id=name):
                return self._effects_of_variable_call(name, node, scope)
            case ast.Call(args=[*_, ast.Constant(value=str(method))]) if isinstance(node.func.func, ast.Name) and node.func.func.id == "getattr":
                return self._any_of(method)
            case _:
                return self._all(self.facts.index.functions) & ~Interference.PACE

    def _effects_of_variable_call(self, name: str, node: ast.Call, scope: Scope) -> Interference:
        """Return what a call of a variable may do: its value is a function from a table, a lambda, or a partial."""
        ways = Interference.NONE
        values = self.values.values_of_name(name, scope)
        if values is None:
            return self._all(self.values.escaping_functions) & ~Interference.PACE
        for value in values:
            for found in self.values.resolve_values([value], scope):
                if isinstance(found, Function):
                    ways |= self.function(found)
                elif isinstance(found, LocalObject):
                    ways |= self._methods(found.cls, ("__call__",))
                elif isinstance(found, str):
                    ways |= self._any_of(found)
                elif isinstance(found, Named) and (entry := self.facts.resolver.catalog.find(found.name)) is not None:
                    ways |= interference_of(entry, node, self.facts)
            if isinstance(value, ast.Attribute) and waits_for_time(node, f"{name}.{value.attr}"):
                ways |= Interference.PACE
            if isinstance(value, ast.Subscript):
                ways |= self._all(self.values.escaping_functions) & ~Interference.PACE
            for entry in self._looked_up_by_name(value, scope):
                ways |= interference_of(entry, node, self.facts)
            if isinstance(value, ast.Call):
                ways |= self._effects_of_arguments(value, scope, self.known.callee(value))
        return ways

    def _partial_arguments(self, name: str, scope: Scope) -> Interference:
        """Return the arguments that a partial binds: `save = partial(open, mode="w")`."""
        ways = Interference.NONE
        for value in self.values.values_of_name(name, scope) or ():
            ways |= self._effects_of_arguments(value, scope, self.known.callee(value)) if isinstance(value, ast.Call) else Interference.NONE
        return ways

    def _runs_argument(self, node: ast.Call) -> bool:
        """Whether an unresolved call executes its argument, judged by its name: code, a command, a job."""
        if self.known.callee(node) is not None or self.known.entry(node) is not None or not isinstance(node.func, ast.Attribute):
            return False
        return bool(node.args) and _CODE_RUNNER_NAME.match(node.func.attr) is not None and not self.facts.methods(node.func.attr)

    def _looked_up_by_name(self, value: ast.expr, scope: Scope) -> Iterator[Entry]:
        """Return the qualified names for `getattr(os, "remove")`; an unknown object may be a path."""
        match value:
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str(name)), *_]):
                found = self.facts.resolver.expression(owner, scope)
                prefix = found.name if isinstance(found, Named) else "pathlib.Path"
                entry = self.facts.resolver.catalog.find(f"{prefix}.{name}")
                if entry is not None:
                    yield entry
            case _:
                pass

    # Generators ---------------------------------------------------------------------------------------------------

    def _consumed_by_builtin(self, node: ast.Call, scope: Scope) -> Interference:
        """Return what a built-in may do that iterates over its argument: `list(lines)`."""
        ways = Interference.NONE
        for arg in node.args:
            if isinstance(arg, ast.Name):
                ways |= self._consumed_name(arg.id, scope, is_asked=False)
        return ways

    def _advanced_iterator(self, node: ast.expr, scope: Scope) -> Interference:
        """Return what advancing an iterator may do; an unknown one may be any generator of the file."""
        return self._consumed_name(node.id, scope, is_asked=True) if isinstance(node, ast.Name) else self._all(self.values.generators)

    def _consumed_name(self, name: str, scope: Scope, *, is_asked: bool) -> Interference:
        ways = Interference.NONE
        values = self.values.values_of_name(name, scope)
        if values is None:
            return self._all(self.values.generators) if is_asked else ways
        for value in values:
            for inner in walk(value):
                callee = self.known.callee(inner) if isinstance(inner, ast.Call) else None
                if isinstance(callee, Function) and callee.is_generator:
                    ways |= self.function(callee)
        return ways


@memoized_for_last
def interfering_functions(sees: Interference, facts: Facts) -> frozenset[Function]:
    """Return the functions of a file that change what is read ahead (`sees`), or what reading depends on."""
    return frozenset(function for function, harm in _interference_by_function(facts).items() if harm & (sees | Interference.PROCESS))


@memoized_for_last
def _interference_by_function(facts: Facts) -> dict[Function, Interference]:
    rest = OrderedRest(facts, facts.index.module)
    return {function: rest.own_interference(function) for function in facts.index.functions}


def _effects_outside_handlers(parts: Iterable[ast.AST], function: Function) -> Iterator[ast.AST]:
    """Return what a function may do, except in its error handlers."""
    pending = list(parts)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.ExceptHandler):
            pending += [inner for inner in walk(node) if isinstance(inner, ast.Call) and not _sleeps(inner)]
            continue
        yield node
        pending += children(node)


def _sleeps(node: ast.Call) -> bool:
    func = node.func
    return (func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else "") in ("sleep", "wait")

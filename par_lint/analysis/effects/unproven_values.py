"""What a loop may call or use besides what the other analyses take its expressions for.

They follow the one thing that a name, an attribute or a callee probably is. A fix is safe only if everything else that it may be, as far as the file
shows, is harmless as well: other bindings, arguments that the file passes, other classes with the same methods, methods that a library calls.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import libcst as cst

from par_lint.analysis.effects.effects_of_moved import SideEffects
from par_lint.analysis.effects.effects_of_rest import OrderedRest
from par_lint.analysis.effects.exception_classes import ENDING_ITERATION, bases_of, is_exception
from par_lint.analysis.effects.function_values import callees
from par_lint.analysis.effects.instance_creation import construction_verdict
from par_lint.analysis.effects.interference import Interference, interference_of
from par_lint.analysis.effects.library_classes import classes_like, functions_stored_in, has_library_base, may_be_thread_local, thread_locals_escape
from par_lint.analysis.effects.monkeypatching import find_rebindings
from par_lint.analysis.effects.pure_names import KNOWN_TYPES, PURE_BUILTINS, PURE_METHODS
from par_lint.analysis.effects.shared_iterators import is_iterator
from par_lint.analysis.effects.special_methods import overriding_methods
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import access_path, last_name
from par_lint.analysis.semantics.ast_walk import children, walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.passed_arguments import arguments
from par_lint.analysis.semantics.possible_values import possible_values
from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.analysis.semantics.value_sets import Inherited, Made, Partial, Possible, Unshown, Values
from par_lint.analysis.semantics.values import Elements, LocalObject, Named, Object, Value
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.catalog.entry import Effect, Kind, Sharing, Trait
from par_lint.core.findings import ReasonKind
from par_lint.core.memo import memoized_for_last

_PLAIN_ARGUMENTS = frozenset({"timeout", "headers", "params", "verify", "stream", "allow_redirects", "encoding", "errors", "context", "newline"})
"""Arguments that leave a call a read, if a partial binds them."""
_MAKING = frozenset({"__init__", "__new__", "__post_init__"})
_REACHED_BY_OBJECTS = _MAKING | {"__call__", "__enter__", "__exit__", "__iter__", "__next__", "__del__", "__init_subclass__", "__set_name__"}
"""Special methods that only an object which is seen in the loop may have; the others may be called by any operator."""


class _Doubt(NamedTuple):
    """What an expression may be that would change behaviour."""

    text: str
    node: ast.AST


class _Seen(NamedTuple):
    """A node that the loop evaluates, its scope, and whether it moves to the workers."""

    node: ast.AST
    scope: Scope
    moves: bool


def unproven_verdict(loop: cst.CSTNode, moved: Sequence[cst.CSTNode], facts: Facts) -> Verdict:
    """Return the verdict on a loop whose `moved` part runs in workers, as far as it may be something else than what it is taken for."""
    if _runs_code(facts):
        return Verdict(Level.UNSAFE, ReasonKind.UNSEEN("the file runs code that may replace what it uses"), loop)
    found = _Judge(facts).first(loop, moved)
    if found is None:
        return Verdict()
    shown = facts.call_node(found.node) if isinstance(found.node, ast.Call) else None
    return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(found.text), shown or loop)


@memoized_for_last
def _runs_code(facts: Facts) -> bool:
    """Whether the file runs code in a string with its own names: in a namespace of its own, the code may not bind them."""
    own = {id(site.node.func) for site in facts.index.called("exec") if _has_own_namespace(site.node, site.scope)}
    names = [node for node in facts.index.all_of(ast.Name) if node.id == "exec" and isinstance(node.ctx, ast.Load)]
    if names and facts.index.module.find("exec") is None and any(id(node) not in own for node in names):
        return True
    return any(last_name(node.value) == "builtins" and id(node) not in own for node in facts.index.all_of(ast.Attribute) if node.attr == "exec")


def _has_own_namespace(call: ast.Call, scope: Scope) -> bool:
    """Whether a call of `exec` gives the code a namespace that is a dict of its own."""
    match call.args[1:2]:
        case [ast.Dict()]:
            return True
        case [ast.Name(id=name)]:
            found = scope.find(name)
            return found is not None and all(isinstance(one, Assigned) and isinstance(one.value, ast.Dict) for one in found[1])
        case _:
            return False


class _Judge:
    """Looks at everything that a loop evaluates, also in the functions of the file that it may call."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._resolver = facts.resolver
        self._possible = possible_values(facts.resolver)
        self._effects = SideEffects(facts)
        self._rest = OrderedRest(facts, facts.index.module)
        self._pending: list[_Seen] = []
        self._reached: set[tuple[Function, bool]] = set()

    def first(self, loop: cst.CSTNode, moved: Sequence[cst.CSTNode]) -> _Doubt | None:
        """Return the first doubt about a loop."""
        inside = {id(node) for part in moved for node in self._facts.counterparts.of(part)}
        inside |= {id(site.node) for part in moved for inner in self._facts.descendants(part) if isinstance(inner, cst.Call) and (site := self._facts.site(inner)) is not None}
        nodes: Sequence[ast.AST] = ()
        if isinstance(loop, (cst.For, cst.BaseComp)):
            found = self._facts.counterparts.loop(loop)
            nodes = [found] if found is not None else []
        elif isinstance(loop, cst.Call) and (site := self._facts.site(loop)) is not None:
            nodes = [site.node]
            inside |= {id(arg) for arg in site.node.args[:1]}
        self._pending = [_Seen(node, self._facts.scope(loop), False) for node in nodes]
        for method in self._facts.index.functions:
            if method.owner is not None and _is_special(method) and method.name not in _REACHED_BY_OBJECTS:
                self._reach(method, moves=True)
        while self._pending:
            for seen in _evaluated(self._pending.pop(), inside, self._possible.scopes):
                if (doubt := self._one(seen)) is not None:
                    return doubt
        return None

    def _reach(self, function: Function, *, moves: bool) -> None:
        if (function, moves) in self._reached or (function, True) in self._reached:
            return
        self._reached.add((function, moves))
        node = function.node
        body = node.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else [node.body]  # type: ignore[attr-defined]
        self._pending += [_Seen(one, function, moves) for one in body]

    def _one(self, seen: _Seen) -> _Doubt | None:
        match seen.node:
            case ast.Call():
                return self._call(seen.node, seen) or self._value(seen.node, seen) or self._used(seen.node.func, seen)
            case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
                return self._value(seen.node, seen)
            case ast.Raise(exc=ast.expr() as raised):
                return self._raised(raised, seen)
            case ast.Subscript(value=value) | ast.BinOp(left=value, op=ast.Div()):
                return self._used(value, seen)
            case _:
                return None

    # Calls --------------------------------------------------------------------------------------------------------

    def _call(self, call: ast.Call, seen: _Seen) -> _Doubt | None:
        values = self._possible.of(call.func, seen.scope)
        believed = self._resolver.expression(call.func, seen.scope)
        for value in values:
            self._follow(value, seen)
        same = [*overriding_methods(believed, self._facts), believed] if isinstance(believed, Function) else [believed]
        name = last_name(call.func) or "what is called"
        if believed is not None and (stored := self._stored_by_name(call.func, seen.scope)) is not None:
            return _Doubt(f"{stored} may be replaced by its name", call)
        for value in values:
            if value in same:
                continue
            if value in (Unshown.ANYTHING, Unshown.FOREIGN):
                if believed is not None and (seen.moves or value is Unshown.ANYTHING):
                    return _Doubt(f"{name} may be another function, which is not shown", call)
            elif value is Unshown.ALIKE:
                if (doubt := self._alike(call, name, believed, values, seen)) is not None:
                    return doubt
            elif isinstance(value, Partial):
                if not self._is_plain_partial(value, values):
                    return _Doubt(f"{name} has arguments that its call does not show", call)
            elif not isinstance(value, (Made, Inherited)) and self._is_harmful(value, call, believed, seen):
                return _Doubt(f"{name} may be something else, which may have effects", call)
        return None

    def _stored_by_name(self, func: ast.expr, scope: Scope) -> str | None:
        """Return the part of a callee that the file may store by its name: `vars(app)["disk"] = ...`; without the name, it may be any attribute but a method."""
        found = find_rebindings(self._resolver)
        node = func
        while isinstance(node, ast.Attribute):
            if node.attr in found.texts:
                return node.attr
            if found.methods and any(isinstance(one, LocalObject) for one in self._possible.of(node.value, scope)):
                if not isinstance(self._resolver.expression(node, scope), (Function, Class)):
                    return node.attr
            node = node.value
        bound = scope.find(node.id) if isinstance(node, ast.Name) else None
        is_global = bound is not None and bound[0] is self._facts.index.module
        return node.id if isinstance(node, ast.Name) and is_global and node.id in found.texts else None

    def _follow(self, value: Possible, seen: _Seen) -> None:
        """Look into the functions of the file that a call of a value runs."""
        for function in self._run_by(value):
            self._reach(function, moves=seen.moves)

    def _run_by(self, value: Possible) -> Iterator[Function]:
        """Yield the functions of the file that a call of a value runs."""
        match value:
            case Function():
                yield from (value, *overriding_methods(value, self._facts))
            case Class():
                yield from (one for name in sorted(_MAKING) for one in self._possible.attribute(value, name) if isinstance(one, Function))
            case LocalObject(cls=cls):
                yield from (one for one in self._possible.attribute(cls, "__call__") if isinstance(one, Function))
            case _:
                pass

    def _alike(self, call: ast.Call, name: str, believed: Value | None, values: Values, seen: _Seen) -> _Doubt | None:
        """Judge the methods of other classes of the file with the name of the one that is called."""
        is_shown = isinstance(believed, Function) and believed.owner is not None or isinstance(believed, Named) or any(isinstance(one, Function) for one in values)
        if not is_shown or not isinstance(call.func, ast.Attribute):
            return None
        for method in self._facts.methods(name):
            if method is not believed and self._is_function_harmful(method, call, believed, seen):
                return _Doubt(f"{name} may be that of {method.owner.name if method.owner is not None else 'another class'}, which has effects", call)
        return None

    def _is_plain_partial(self, partial: Partial, values: Values) -> bool:
        """Whether the arguments that a partial binds leave a call of the catalogue what it is."""
        named = [one for one in values if isinstance(one, Named) and not self._is_pure(one.name)]
        texts = [one.value for one in arguments(partial.call) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        is_plain = len(partial.call.args) == 1 and all(keyword.arg in _PLAIN_ARGUMENTS for keyword in partial.call.keywords)
        return not named or is_plain or all(self._is_file(one.name) for one in named) and not any(set(text) & set("wax+") and len(text) < 4 for text in texts)

    def _is_file(self, name: str) -> bool:
        entry = self._resolver.catalog.find(name)
        return entry is not None and entry.kind is Kind.FILE

    def _is_pure(self, name: str) -> bool:
        entry = self._resolver.catalog.find(name)
        return entry.kind is Kind.PURE if entry is not None else name in PURE_BUILTINS

    # Harm ---------------------------------------------------------------------------------------------------------

    def _is_harmful(self, value: Possible, call: ast.Call, believed: Value | None, seen: _Seen) -> bool:
        """Whether a call would change behaviour if it were one of this value."""
        match value:
            case Function():
                return self._is_function_harmful(value, call, believed, seen)
            case Class():
                return self._is_making_harmful(value, seen)
            case LocalObject(cls=cls):
                called = self._possible.attribute(cls, "__call__")
                return any(not isinstance(one, Function) or self._is_function_harmful(one, call, believed, seen) for one in called)
            case Named(name=name):
                return self._is_named_harmful(name, call, believed, seen)
            case Object() | Elements():
                return seen.moves and believed is not None
            case _:
                return False

    def _is_function_harmful(self, function: Function, call: ast.Call | None, believed: Value | None, seen: _Seen) -> bool:
        if function.is_async or function.is_generator and not (isinstance(believed, Function) and believed.is_generator):
            return True
        if not seen.moves:
            return self._disturbs(function)
        verdict = self._effects.function(function)
        is_taken = call is not None and bool(verdict.takes) and any(is_iterator(arg, seen.scope, self._resolver) for arg in arguments(call))
        return verdict.level > Level.READ or is_taken

    def _is_making_harmful(self, cls: Class, seen: _Seen) -> bool:
        reason, functions = construction_verdict(cls, self._facts)
        if not seen.moves:
            return any(self._disturbs(one) for one, is_init in functions if not is_init)
        verdicts = [self._effects.instance_creation(one) if is_init else self._effects.function(one) for one, is_init in functions]
        return reason is not None or any(one.level > Level.READ for one in verdicts)

    def _disturbs(self, function: Function) -> bool:
        """Whether a function may disturb the reading ahead, if the rest of the loop calls it."""
        return self._rest.own_interference(function) is not Interference.NONE or self._changes_state(function, set(), of_self=True)

    def _changes_state(self, function: Function, seen: set[Function], *, of_self: bool) -> bool:
        """Whether a function changes objects that exist outside it, itself or through functions of the file; `of_self`: its own object counts."""
        if function in seen:
            return False
        seen.add(function)
        if _changes_objects(function, of_self=of_self):
            return True
        called = (one for site in function.calls for one in self._possible.of(site.node.func, function) if isinstance(one, Function))
        return any(self._changes_state(one, seen, of_self=of_self) for one in called)

    def _is_named_harmful(self, name: str, call: ast.Call, believed: Value | None, seen: _Seen) -> bool:
        """Whether a call of what a library defines may have effects; in what stays, only those on what is read count."""
        catalog = self._resolver.catalog
        entry = catalog.find(name)
        owner, _, method = name.rpartition(".")
        if entry is None:
            is_data = owner in KNOWN_TYPES and (not seen.moves or method in PURE_METHODS or method in MUTATORS)
            if believed is None or is_data or name in PURE_BUILTINS or is_exception(name, self._resolver):
                return False
            root = name.partition(".")[0]
            is_counterpart = isinstance(believed, Named) and believed.name.rpartition(".")[2] == method and root in _tried_roots(self._facts)
            return not is_counterpart and (seen.moves or not self._resolver.is_known_root(root))
        if entry.effect is Effect.GLOBAL or catalog.has_trait(entry.name, Trait.ONE_THREAD):
            return True
        if not seen.moves:
            return interference_of(entry, call, self._facts) is not Interference.NONE
        if entry.effect not in (Effect.READ, Effect.NONE) or entry.kind in (Kind.SLEEP, Kind.LOG, Kind.SUBPROCESS):
            return True
        return catalog.has_trait(entry.name, Trait.UNPICKLES) or catalog.sharing(owner) not in (None, Sharing.SAFE) and not isinstance(believed, Named)

    # Values -------------------------------------------------------------------------------------------------------

    def _value(self, node: ast.expr, seen: _Seen) -> _Doubt | None:
        """Judge what a value may be that Python, or what gets it, calls or enters."""
        if isinstance(node, ast.Attribute):
            for one in self._facts.properties(node.attr):
                self._reach(one, moves=seen.moves)
            owners = self._possible.of(node.value, seen.scope) if seen.moves else ()
            if any(may_be_thread_local(one, self._facts) for one in owners) or thread_locals_escape(self._facts) and any(map(_is_held, owners)):
                return _Doubt(f"{node.attr} may differ between threads", node)
        values = self._possible.of(node, seen.scope)
        if len(values) == 1 and isinstance(next(iter(values)), Named):  # most
            return None
        believed = self._resolver.expression(node, seen.scope)
        name = last_name(node) or "a value"
        for value in values:
            if isinstance(value, Function) and not isinstance(node, ast.Call):
                self._reach(value, moves=seen.moves)
            if isinstance(value, LocalObject) and seen.moves:
                for one in self._special(value.cls):
                    self._reach(one, moves=True)
            if value == believed:
                continue
            match value:
                case Function() if seen.moves and not isinstance(node, ast.Call) and id(node) not in callees(self._facts) and self._is_function_harmful(value, None, believed, seen):
                    return _Doubt(f"{name} may be {value.name}, which has effects", node)
                case LocalObject() | Object() if seen.moves and may_be_thread_local(value, self._facts):
                    return _Doubt(f"{name} may differ between threads", node)
                case LocalObject(cls=cls) if any(self._is_function_harmful(one, None, None, seen) for one in self._special(cls)):
                    return _Doubt(f"{name} may be an object of {cls.name}, which has effects", node)
                case _:
                    pass
        return None

    def _special(self, cls: Class) -> Iterator[Function]:
        """Yield the special methods of a class of the file, other than those that make its objects."""
        for one in self._possible.lineage(cls):
            yield from (method for method in one.methods if method.owner is one and _is_special(method) and method.name not in _MAKING)

    def _raised(self, raised: ast.expr, seen: _Seen) -> _Doubt | None:
        node = raised.func if isinstance(raised, ast.Call) else raised
        for value in self._possible.of(node, seen.scope):
            cls = value.cls if isinstance(value, LocalObject) else value
            is_ending = isinstance(cls, Named) and cls.name in ENDING_ITERATION
            if is_ending or isinstance(cls, Class) and bases_of(cls, self._facts) & (ENDING_ITERATION | {"BaseException"}):
                return _Doubt(f"{last_name(node) or 'what is raised'} may be a StopIteration, or no Exception", raised) if seen.moves else None
        return None

    # Methods that a library calls ---------------------------------------------------------------------------------

    def _used(self, node: ast.expr, seen: _Seen) -> _Doubt | None:
        """Judge the functions of the file that a method of a library may call: overridden methods, and what its object was made with."""
        called = node if isinstance(node, ast.Attribute) and isinstance(seen.node, ast.Call) else None
        if isinstance(seen.node, ast.Call) and called is None:
            return None
        receiver = called.value if called is not None else node
        values = self._possible.of(receiver, seen.scope)
        for value in values:
            for function in self._called_by_library(value, values, called, seen):
                is_harmful = self._is_function_harmful(function, None, function, seen) if seen.moves else self._changes_state(function, set(), of_self=False)
                if is_harmful:
                    return _Doubt(f"a method of a library may call {function.name}, which has effects", seen.node)
        return None

    def _called_by_library(self, value: Possible, values: Values, called: ast.Attribute | None, seen: _Seen) -> Iterator[Function]:
        name = called.attr if called is not None else ""
        match value:
            case Made(call=call, scope=scope):
                for arg in arguments(call):
                    for one in self._possible.of(arg, scope):
                        if isinstance(one, Function):
                            yield one
                        elif isinstance(one, (LocalObject, Class)):
                            yield from self._overrides(one.cls if isinstance(one, LocalObject) else one)
            case Inherited(cls=cls) if has_library_base(cls, self._facts):
                yield from self._overrides(cls)
            case LocalObject(cls=cls) if has_library_base(cls, self._facts):
                is_own = name and any(name in one.bindings for one in self._possible.lineage(cls))
                if not is_own:
                    yield from self._overrides(cls)
            case Object(type=kind):
                yield from functions_stored_in(kind, self._facts)
                yield from () if Unshown.ALIKE not in values else (one for cls in classes_like(kind, self._facts) for one in self._overrides(cls))
            case Unshown.ANYTHING if called is not None:
                site = self._facts.known.site(seen.node) if isinstance(seen.node, ast.Call) else None
                entry = self._resolver.entry(site) if site is not None else None
                if entry is not None and self._resolver.callee(site) is None:  # type: ignore[arg-type]
                    yield from (one for cls in classes_like(entry.name.rpartition(".")[0], self._facts) for one in self._overrides(cls))
            case _:
                pass

    def _overrides(self, cls: Class) -> Iterator[Function]:
        """Yield the functions in a class of the file, its methods and others that have names there."""
        for one in self._possible.lineage(cls):
            for name in one.bindings:
                if name not in _MAKING:
                    yield from (value for value in self._possible.attribute(one, name) if isinstance(value, Function))


def _evaluated(start: _Seen, inside: set[int], scopes: dict[ast.AST, Function | Class]) -> Iterator[_Seen]:
    """Yield a node and all that its code evaluates; functions that it defines count as if it called them."""
    pending = [start]
    while pending:
        seen = pending.pop()
        node = seen.node
        moves = seen.moves or id(node) in inside
        yield _Seen(node, seen.scope, moves)
        inner = scopes.get(node)
        pending += [_Seen(child, inner or seen.scope, moves) for child in children(node)]


def _is_held(value: Possible) -> bool:
    """Whether a value is what an object or a collection holds, which may be anything."""
    parts = value.name.split(".") if isinstance(value, Named) else []
    return value in (Unshown.ANYTHING, Unshown.FOREIGN) or any(part[:1].isupper() for part in parts[:-1])


def _is_special(method: Function) -> bool:
    return method.name.startswith("__") and method.name.endswith("__")


def _changes_objects(function: Function, *, of_self: bool) -> bool:
    """Whether a function itself changes objects that exist outside it."""
    own = function.bindings.keys() - set(function.parameters) - function.outward
    own |= set(function.parameters[:1]) if function.owner is not None and not of_self else set()
    for node in walk(function.node):
        match node:
            case ast.Global() | ast.Nonlocal():
                return True
            case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()) | ast.Attribute(value=value, ctx=ast.Store() | ast.Del()) if access_path(value)[0] not in own:
                return True
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in MUTATORS and access_path(value)[0] not in own:
                return True
            case _:
                pass
    return False


@memoized_for_last
def _tried_roots(facts: Facts) -> frozenset[str]:
    """Return the first parts of the modules of which the file imports the one if the other is missing."""
    found: set[str] = set()
    for node in facts.index.all_of(ast.Try):
        for inner in walk(node):
            if isinstance(inner, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in inner.names)
            elif isinstance(inner, ast.ImportFrom) and not inner.level and inner.module is not None:
                found.add(inner.module.partition(".")[0])
    return frozenset(found)

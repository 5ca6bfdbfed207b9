"""Points-to analysis of a file: the objects that its expressions may refer to. Flow-insensitive: the order of statements does not matter.

Each statement adds edges to an object graph. The result of an unknown call is an open object: it may be, or contain, any argument of the call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from par_lint.analysis.effects.function_values import callees
from par_lint.analysis.effects.library_results import ARGUMENT_MUTATORS, CONTAINER_METHODS, CONTAINERS, MUTATING_METHODS, LibraryResults
from par_lint.analysis.effects.object_graph import (
    AbstractObject,
    Node,
    TooManyObjects,
    added_contents_node,
    attribute_node,
    contents_node,
    keys_node,
    variable_node,
)
from par_lint.analysis.effects.special_methods import overriding_methods
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.ast_walk import children
from par_lint.analysis.semantics.bindings import Assigned, Import
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.analysis.semantics.values import Named, Value
from par_lint.core.memo import memoized_for_last

_OPERATORS = ("lt", "le", "gt", "ge", "neg", "pos", "invert", "add", "sub", "mul", "or", "and", "xor", "mod", "truediv", "floordiv", "matmul", "pow", "lshift", "rshift")


def points_to(facts: Facts) -> PointsTo | None:
    """Return the points-to analysis of a file; None if it would take too long."""
    return _points_to(facts, facts.resolver)


@memoized_for_last
def _points_to(facts: Facts, resolver: Resolver) -> PointsTo | None:
    """Cached with the resolver, because the analysis refers to the facts."""
    try:
        return PointsTo(facts)
    except TooManyObjects:
        return None


class PointsTo(LibraryResults):
    """The graph of one file, and the nodes of its expressions."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.scope_of: dict[int, Scope] = {}
        self._nodes: dict[int, Node] = {}
        self._variables: set[Node] = set()
        self._functions: dict[ast.AST, Function] = {one.node: one for one in facts.index.functions}
        self._things: dict[Function, AbstractObject] = {}
        self._bound: set[tuple[object, ...]] = set()
        self._called = callees(facts)
        self._classes: dict[ast.AST, Class] = {one.node: one for one in facts.index.classes}
        self._globals = AbstractObject(facts.index.tree, facts.index.module, is_open=True)
        self._has_operators = any(facts.methods(f"__{prefix}{name}__") for name in _OPERATORS for prefix in ("", "r"))
        self._visit(facts.index.tree, facts.index.module)
        self.graph.settle()
        things = self.graph.things()
        self.fills = any(thing.fills for thing in things)
        self.mutates = any(thing.mutates for thing in things)

    def objects_of(self, node: ast.expr) -> frozenset[AbstractObject]:
        """Return the objects that an expression may refer to."""
        return self.graph.objects_of(self._nodes.get(id(node)))

    def is_variable_value(self, func: ast.expr) -> bool:
        """Return whether a callee is the value of a variable, not a function that a `def` or an import binds to a name."""
        if not isinstance(func, (ast.Name, ast.Attribute)):
            return True
        found = self.scope_of[id(func)].find(func.id) if isinstance(func, ast.Name) and id(func) in self.scope_of else None
        return found is not None and any(isinstance(one, Assigned) for one in found[1])

    def is_imported(self, node: ast.expr) -> bool:
        """Return whether an expression refers to a built-in, or to a module, a class or a function of another file."""
        scope = self.scope_of.get(id(node))
        if not isinstance(node, (ast.Name, ast.Attribute)) or scope is None or self.is_variable_value(node):
            return False
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            root = root.value
        bindings = found[1] if isinstance(root, ast.Name) and (found := scope.find(root.id)) is not None else ()
        is_given = isinstance(root, ast.Name) and all(isinstance(one, Import) for one in bindings)
        return is_given and isinstance(self.facts.resolver.expression(node, scope), Named)

    # Statements ---------------------------------------------------------------------------------------------------

    def _visit(self, tree: ast.AST, scope: Scope) -> None:
        pending: list[tuple[ast.AST, Scope]] = [(tree, scope)]
        while pending:
            node, scope = pending.pop()
            self.scope_of[id(node)] = scope
            inner = scope
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                inner = self._functions.get(node, scope)
                for default in (*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None), *getattr(node, "decorator_list", ())):
                    pending.append((default, scope))
                parts = node.body if isinstance(node.body, list) else [node.body]
                pending += [(part, inner) for part in parts]
                self._define(node, scope)
                continue
            if isinstance(node, ast.ClassDef):
                inner = self._classes.get(node, scope)
            self._statement(node, inner if isinstance(node, ast.ClassDef) else scope)
            pending += [(child, inner) for child in children(node)]

    def _statement(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.expr):
            self.of(node, scope)
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value, scope)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, value, scope)
            case ast.AugAssign(target=target, value=value):
                step: Node = ("step", id(node))
                self.graph.walk(self.of(value, scope), step)
                self.graph.store(self.of(target, scope), step)
            case ast.For(target=target, iter=source) | ast.AsyncFor(target=target, iter=source) | ast.comprehension(target=target, iter=source):
                step = ("step", id(target))
                self.graph.walk(self.of(source, scope), step)
                if hooks := self._hooks("__iter__", "__next__", "__getitem__"):
                    self._hook(hooks, self.of(source, scope), ("iterated", id(target)))
                    self.graph.walk(("iterated", id(target)), step)
                    self.graph.flow(("iterated", id(target)), step)
                self._bind(target, step, scope)
            case ast.withitem(context_expr=entered, optional_vars=ast.expr() as target):
                step = ("step", id(target))
                self.graph.flow(self.of(entered, scope), step)
                self.graph.load(self.of(entered, scope), step)
                self._hook(self._hooks("__enter__", "__aenter__"), self.of(entered, scope), step)
                self._bind(target, step, scope)
            case ast.Match(subject=subject, cases=cases):
                whole = self._open([self.of(subject, scope)], node, scope)
                for one in (inner for case in cases for inner in ast.walk(case.pattern)):
                    for name in (getattr(one, "name", None), getattr(one, "rest", None)):
                        if isinstance(name, str):
                            self.graph.flow(whole, self.variable(name, scope))
            case ast.Yield(value=ast.expr() as value):
                self.graph.flow(self.of(value, scope), ("yielded", scope))
            case ast.YieldFrom(value=value):
                self.graph.walk(self.of(value, scope), ("yielded", scope))
            case _:
                pass

    def _define(self, node: ast.AST, scope: Scope) -> None:
        """Add a function with the defaults of its parameters."""
        function = self._functions.get(node)
        if function is None:
            return
        thing = self._things[function] = AbstractObject(node, scope)
        thing.function = function
        if function.name and not isinstance(node, ast.Lambda):
            self.graph.put(self.variable(function.name, scope), thing)
            if isinstance(scope, Class):
                self.graph.put(attribute_node(function.name), thing)
        arguments: ast.arguments = node.args  # type: ignore[attr-defined]
        plain = [*arguments.posonlyargs, *arguments.args]
        pairs = [*zip(reversed(plain), reversed(arguments.defaults)), *zip(arguments.kwonlyargs, arguments.kw_defaults)]
        for parameter, default in pairs:
            if default is not None:
                self.graph.flow(self.of(default, scope), self.variable(parameter.arg, function))

    def variable(self, name: str, scope: Scope) -> Node:
        """Return the node of a name as seen from a scope."""
        found = scope.find(name)
        home = found[0] if found is not None else self.facts.index.module
        node = variable_node(home, name)
        if node not in self._variables:
            self._variables.add(node)
            is_given = isinstance(home, Function) and name in home.parameters
            is_own = is_given and isinstance(home, Function) and home.owner is not None and not home.is_static and name == home.parameters[:1][0]
            if is_given or found is None or any(getattr(one, "name", None) is not None for one in found[1]):  # a parameter, or imported
                thing = AbstractObject(None, home)
                if is_own and isinstance(home, Function):
                    thing.cls = home.owner
                self.graph.put(node, thing)
                self.graph.put(contents_node(thing), AbstractObject(None, home, is_open=True))
            if home is self.facts.index.module:
                self.graph.flow(added_contents_node(self._globals), node)
                self.graph.flow(node, contents_node(self._globals))
            if isinstance(home, Class):
                self._attribute(name)
                self.graph.flow(node, attribute_node(name))
        return node

    def _assign(self, target: ast.expr, value: ast.expr, scope: Scope) -> None:
        if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)) and len(target.elts) == len(value.elts):
            if not any(isinstance(one, ast.Starred) for one in (*target.elts, *value.elts)):
                for one, its in zip(target.elts, value.elts):
                    self._assign(one, its, scope)
                return
        self._bind(target, self.of(value, scope), scope)

    def _bind(self, target: ast.expr, value: Node, scope: Scope) -> None:
        match target:
            case ast.Name(id=name):
                self.graph.flow(value, self.variable(name, scope))
            case ast.Attribute(attr=name):
                self.graph.flow(value, self._attribute(name))
                self.graph.store(self.of(target.value, scope), value)
            case ast.Subscript(value=owner, slice=key):
                step: Node = ("step", id(target))
                if isinstance(key, ast.Slice):
                    self.graph.walk(value, step)
                else:
                    self.graph.flow(value, step)
                    into = self.of(key, scope)
                    self.graph.watch(self.of(owner, scope), lambda thing: self.graph.flow(into, keys_node(thing)))
                self.graph.store(self.of(owner, scope), step)
            case ast.Starred(value=inner):
                self._bind(inner, self._new([value], target, scope), scope)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                step = ("step", id(target))
                self.graph.walk(value, step)
                for element in elements:
                    self._bind(element, step, scope)
            case _:
                pass

    # Expressions --------------------------------------------------------------------------------------------------

    def of(self, node: ast.expr, scope: Scope) -> Node:
        """Return the node of an expression."""
        found = self._nodes.get(id(node))
        if found is None:
            found = self._nodes[id(node)] = self.variable(node.id, scope) if isinstance(node, ast.Name) else ("expression", id(node))
            self.scope_of.setdefault(id(node), scope)
            self._expression(node, scope, found)
        return found

    def _expression(self, node: ast.expr, scope: Scope, found: Node) -> None:
        graph = self.graph
        match node:
            case ast.Name(id=name) if self._changes_given(node, scope):
                graph.put(found, AbstractObject(node, scope, mutates=True))
            case ast.Attribute(value=value, attr=name):
                self._attribute_node(self.of(value, scope), name, node, scope, found)
            case ast.Subscript(value=value, slice=ast.Slice()):
                graph.flow(self.of(value, scope), found)
            case ast.Subscript(value=value):
                graph.load(self.of(value, scope), found)
                self._hook(self._hooks("__getitem__", "__missing__", "__class_getitem__"), self.of(value, scope), found)
            case ast.Starred(value=value):
                graph.walk(self.of(value, scope), found)
            case ast.Await(value=value):
                graph.flow(self.of(value, scope), found)
            case ast.NamedExpr(target=target, value=value):
                graph.flow(self.of(value, scope), found)
                graph.flow(found, self.of(target, scope))
            case ast.IfExp(body=one, orelse=other):
                graph.flow(self.of(one, scope), found)
                graph.flow(self.of(other, scope), found)
            case ast.BoolOp(values=values):
                for value in values:
                    graph.flow(self.of(value, scope), found)
            case ast.List(elts=values) | ast.Tuple(elts=values) | ast.Set(elts=values):
                self._make(node, scope, found, [self.of(value, scope) for value in values], is_container=not isinstance(node, ast.Tuple))
            case ast.Dict(keys=names, values=values):
                thing = self._make(node, scope, found, [self.of(value, scope) for key, value in zip(names, values) if key is not None])
                for key, value in zip(names, values):
                    if key is None:
                        graph.load(self.of(value, scope), contents_node(thing))
                    else:
                        graph.flow(self.of(key, scope), keys_node(thing))
            case ast.ListComp(elt=value) | ast.SetComp(elt=value) | ast.GeneratorExp(elt=value):
                self._make(node, scope, found, [self.of(value, scope)], is_container=not isinstance(node, ast.GeneratorExp))
            case ast.DictComp(key=mapping, value=None):  # `{**mapping for ...}`, Python 3.15
                thing = self._make(node, scope, found, ())
                graph.load(self.of(mapping, scope), contents_node(thing))
            case ast.DictComp(key=name, value=value):
                graph.flow(self.of(name, scope), keys_node(self._make(node, scope, found, [self.of(value, scope)])))
            case ast.BinOp(left=left, right=right):
                if not (isinstance(node.op, ast.Mod) and isinstance(left, (ast.Constant, ast.JoinedStr))):
                    thing = self._make(node, scope, found, ())
                    for value in (left, right):
                        graph.walk(self.of(value, scope), contents_node(thing))
                        self._like(self.of(value, scope), thing)
                        if self._has_operators:  # operators of classes of the file may return either operand
                            graph.flow(self.of(value, scope), contents_node(thing))
                            thing.is_open = True
            case ast.Compare(left=left, comparators=others) if self._has_operators:
                graph.flow(self._open([self.of(value, scope) for value in (left, *others)], node, scope), found)
            case ast.UnaryOp(operand=value) if self._has_operators:
                graph.flow(self._open([self.of(value, scope)], node, scope), found)
            case ast.Lambda():
                self._define(node, scope)
                if node in self._functions:
                    graph.put(found, self._things[self._functions[node]])
            case ast.Yield() | ast.YieldFrom():
                graph.flow(self._open([], node, scope), found)
            case ast.Call():
                self._call(node, scope, found)
            case _:
                pass

    def _attribute_node(self, owner: Node, name: str, node: ast.Attribute, scope: Scope, found: Node) -> None:
        """Add an attribute: what the file binds to it, the contents of an open object, or a bound method."""
        graph = self.graph
        graph.flow(attribute_node(name) if id(node) in self._called else self._attribute(name), found)  # a method from another file is not an object that is shared
        graph.watch(owner, lambda thing: graph.take(thing, found) if thing.is_open else None)
        self._hook([*self.facts.properties(name), *self._hooks("__getattr__", "__getattribute__", "__get__")], owner, found)
        if id(node) in self._called:
            return
        if isinstance(self.facts.resolver.expression(node.value, scope), Named) and self._changes_given(node, scope):
            graph.put(found, AbstractObject(node, scope, mutates=True))
        if name in CONTAINER_METHODS or self.facts.methods(name):
            method = AbstractObject(node, scope, is_open=True, mutates=name in MUTATING_METHODS)
            graph.put(found, method)
            graph.flow(owner, contents_node(method))

    def _hooks(self, *names: str) -> list[Function]:
        return [method for name in names for method in self.facts.methods(name)]

    def _hook(self, methods: Iterable[Function], owner: Node, found: Node) -> None:
        """Add the results of special methods that Python calls on an object."""
        for method in methods:
            if method.parameters:
                self.graph.flow(owner, self.variable(method.parameters[0], method))
            for value in method.returned:
                self.graph.flow(self.of(value, method), found)
            self.graph.flow(("yielded", method), found)

    def _changes_given(self, node: ast.Name | ast.Attribute, scope: Scope) -> bool:
        """Whether a name refers to a function that changes its arguments: `setattr`, `list.append`."""
        value = self.facts.resolver.expression(node, scope) if isinstance(node.ctx, ast.Load) and id(node) not in self._called else None
        if not isinstance(value, Named):
            return False
        owner, _, method = value.name.rpartition(".")
        return value.name in ARGUMENT_MUTATORS or owner in CONTAINERS and method in MUTATING_METHODS or value.name in ("exec", "eval")

    # Calls --------------------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call, scope: Scope, found: Node) -> None:
        receiver = self.of(node.func.value, scope) if isinstance(node.func, ast.Attribute) and not self.is_imported(node.func.value) else None
        given = [self.of(arg, scope) for arg in node.args] + [self.of(keyword.value, scope) for keyword in node.keywords]
        callee = self.facts.known.callee(node)
        if isinstance(callee, Named) and callee.name == "globals":
            self.graph.put(found, self._globals)
        elif isinstance(callee, Function):
            self._called_function(callee, node, scope, receiver, found)
        elif isinstance(callee, Class):
            self._instantiate(callee, node, scope, given, found)
        elif isinstance(callee, Named) and not self.is_variable_value(node.func) and self._by_name(callee.name, node, scope, given, found):
            if callee.name.partition(".")[0] not in ("os", "pathlib", "open", "str", "len", "print"):
                self._call_with_callbacks(given, node, scope, found)
        elif isinstance(node.func, ast.Attribute) and receiver is not None and self._by_method(node.func.attr, node, scope, receiver, given, found):
            self._call_with_callbacks(given, node, scope, found)
        else:
            self._unknown(node, scope, receiver, given, found)
        if not isinstance(callee, (Function, Class)):
            self._put_by(node, callee, given, [] if self.is_imported(node.func) else [self.of(node.func, scope)])

    def _put_by(self, node: ast.Call, callee: Value | None, given: list[Node], func: list[Node]) -> None:
        """Add the flows of a function that changes its arguments, whether it is the callee or an argument."""
        name = callee.name if isinstance(callee, Named) else ""
        owner, _, method = name.rpartition(".")
        if name in ARGUMENT_MUTATORS or owner in CONTAINERS and method in MUTATING_METHODS or method == "__setattr__":
            self._merge_contents(given, node)
        for one in (*given, *func):
            self.graph.watch(one, lambda thing: self._merge_contents([*given, contents_node(thing)], node) if thing.mutates and thing.cls is None else None)

    def _merge_contents(self, nodes: list[Node], node: ast.Call) -> None:
        """Add each of some nodes to the contents of each other."""
        for one in nodes:
            step: Node = ("mixed", id(node), one)
            self.graph.walk(one, step)
            for other in nodes:
                self.graph.store(other, one)
                self.graph.store(other, step)

    def _call_with_callbacks(self, given: list[Node], node: ast.Call, scope: Scope, found: Node) -> None:
        """A call may call its function arguments with its other arguments, and return their results."""
        for one in given:
            self.graph.watch(one, lambda thing: self._call_with_arguments(thing, given, node, scope, found))

    def _call_with_arguments(self, thing: AbstractObject, given: list[Node], node: ast.Call, scope: Scope, found: Node) -> None:
        if thing.function is not None:
            for value in thing.function.returned:
                self.graph.flow(self.of(value, thing.function), found)
                self.graph.store(found, self.of(value, thing.function))
        if thing.function is not None and (thing, node) not in self._bound:
            self._bound.add((thing, node))
            everything = self._open(given, node, scope)
            for parameter in thing.function.parameters:
                self.graph.flow(everything, self.variable(parameter, thing.function))

    def _unknown(self, node: ast.Call, scope: Scope, receiver: Node | None, given: list[Node], found: Node) -> None:
        func = self.of(node.func, scope)
        sources = [*given, *([receiver] if receiver is not None else []), *([] if self.is_imported(node.func) else [func])]
        self.graph.flow(self._open(sources, node, scope), found)
        self._call_with_callbacks(given, node, scope, found)

        self.graph.watch(func, lambda thing: self._call_object(thing, node, scope, receiver, found))
        for method in self.facts.methods(node.func.attr) if isinstance(node.func, ast.Attribute) else ():
            self._called_function(method, node, scope, receiver, found)

    def _call_object(self, thing: AbstractObject, node: ast.Call, scope: Scope, receiver: Node | None, found: Node) -> None:
        """Add a call of an object: of the function that it is, or of those from which it was created."""
        if thing.function is not None:
            self._called_function(thing.function, node, scope, receiver, found)
        if thing.cls is not None:
            self._hook(self._hooks("__call__"), ("object", thing), found)
            self.graph.put(("object", thing), thing)
        if thing.is_open and (thing, found) not in self._bound:
            self._bound.add((thing, found))
            self.graph.watch(contents_node(thing), lambda one: self._call_object(one, node, scope, receiver, found))

    def _called_function(self, function: Function, node: ast.Call, scope: Scope, receiver: Node | None, found: Node) -> None:
        if (function, node) in self._bound:
            return
        self._bound.add((function, node))
        self._pass_on(function, node, scope, receiver)
        returned = found
        if function.is_generator:
            thing = self._make(node, scope, found, [("yielded", function)], is_container=False)
            returned = contents_node(thing)
        for value in function.returned:
            self.graph.flow(self.of(value, function), returned)
        if getattr(function.node, "decorator_list", ()) and not (function.is_static or function.is_class_method or function.is_property):
            self.graph.load(found, found)
        if receiver is not None and function.owner is not None:
            for method in overriding_methods(function, self.facts):
                self._called_function(method, node, scope, receiver, found)

    def _pass_on(self, function: Function, node: ast.Call, scope: Scope, receiver: Node | None) -> None:
        parameters = list(function.parameters)
        if function.owner is not None and not function.is_static and parameters:
            first = parameters.pop(0)
            if receiver is not None:
                self.graph.flow(receiver, self.variable(first, function))
        arguments: ast.arguments = function.node.args  # type: ignore[attr-defined]
        extra = {one.arg for one in (arguments.vararg, arguments.kwarg) if one is not None}
        for number, arg in enumerate(node.args):
            value = self.of(arg, scope)
            if isinstance(arg, ast.Starred):
                for name in parameters[number:]:
                    self._give(function, name, value, node, is_extra=name in extra)
                continue
            name = parameters[number] if number < len(parameters) else ""
            if not name or name in extra or any(name == one.arg for one in arguments.kwonlyargs):
                name = arguments.vararg.arg if arguments.vararg is not None else ""
            if name:
                self._give(function, name, value, node, is_extra=name in extra)
        for keyword in node.keywords:
            value = self.of(keyword.value, scope)
            if keyword.arg is None:
                for name in parameters:
                    self.graph.load(value, self.variable(name, function))
            elif keyword.arg in parameters and keyword.arg not in extra:
                self._give(function, keyword.arg, value, node, is_extra=False)
            elif arguments.kwarg is not None:
                self._give(function, arguments.kwarg.arg, value, node, is_extra=True)

    def _give(self, function: Function, name: str, value: Node, node: ast.Call, *, is_extra: bool) -> None:
        target = self.variable(name, function)
        if is_extra:
            self.graph.store(target, value)
        else:
            self.graph.flow(value, target)

    def _instantiate(self, cls: Class, node: ast.Call, scope: Scope, given: list[Node], found: Node) -> None:
        """Add a new object of a class of the file."""
        init = self.facts.resolver.attribute(cls, "__init__")
        thing = AbstractObject(node, scope, is_container=bool(cls.bases))
        thing.cls = cls
        for line in self._lines(cls):
            thing.fills = thing.fills or "__missing__" in line.bindings or any(base[-1] == "defaultdict" for base in line.bases)
            for statement in getattr(line.node, "body", ()):
                if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
                    self.graph.watch(self.of(statement.value, line), lambda value: setattr(thing, "mutates", thing.mutates or value.mutates))
        is_filled = bool(given) and (not isinstance(init, Function) or bool(cls.bases))
        thing.is_open = is_filled
        self.graph.put(found, thing)
        if isinstance(init, Function):
            self._pass_on(init, node, scope, found)
        for one in given if is_filled else ():
            self.graph.flow(one, contents_node(thing))
            self.graph.load(one, contents_node(thing))

    def _lines(self, cls: Class) -> Iterator[Class]:
        """Return a class with its base classes in the file."""
        pending, seen = [cls], set[Class]()
        while pending:
            one = pending.pop()
            if one not in seen:
                seen.add(one)
                yield one
                pending += [base for path in one.bases if isinstance(base := self.facts.resolver.value(path, one.parent or one, 0), Class)]

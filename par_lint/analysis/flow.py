"""Where the values in a body come from: which I/O it does, from which inputs, under which conditions, and what it changes.

A body is the statements of one pass of a loop, or of a function. Each expression is given its origins: the loop's item,
the results of I/O, and the names (dotted, `self.cache`) that the body reads before it binds them. A function of the
same file is summed up once and its summary is mapped onto the arguments of each call.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import libcst as cst

from par_lint.analysis.branches import Changes, Names
from par_lint.analysis.facts import Facts
from par_lint.analysis.handed import handed_call
from par_lint.analysis.names import bound_names, dotted
from par_lint.analysis.nodes import children, results
from par_lint.analysis.summary import ITEM, NOWHERE, RESULT, Arguments, Change, Origins, Summary, Work
from par_lint.catalog.entry import Effect, Entry, Kind, Sharing
from par_lint.evidence import is_client
from par_lint.reach import WORTH
from par_lint.resolve import Named, Value
from par_lint.scopes import Class, Function
from par_lint.varying import UNIQUE

MUTATORS = frozenset({
    "append", "appendleft", "add", "update", "extend", "insert", "pop", "popitem", "popleft", "remove", "discard", "clear",
    "setdefault", "sort", "reverse", "put", "put_nowait", "push", "difference_update", "intersection_update",
})  # fmt: skip
FILE_KIND_OPENERS = "io.File"
_WAITING = WORTH | {Kind.METADATA, Kind.LISTING}


class Flow:
    """Sums up bodies and functions of one slice. `noted` gives an entry for calls that count as I/O of it, whatever they call."""

    def __init__(self, facts: Facts, noted: Callable[[cst.Call], Entry | None] = lambda call: None) -> None:
        self.facts = facts
        self.noted = noted
        self._functions: dict[Function, Summary] = {}

    def loop_body(self, target: cst.CSTNode, body: Sequence[cst.CSTNode], targets_from: Origins = NOWHERE) -> Summary:
        """What one pass of a loop does; names of its target have the origin ITEM."""
        run = _Run(self, {name: frozenset({ITEM}) | targets_from for name in bound_names(target)})
        for part in body:
            run.node(part)
        return run.summary

    def mapped(self, call: cst.Call, func: cst.BaseExpression) -> Summary | None:
        """What `map` does on one item with its first argument; None where that is not visible."""
        run = _Run(self, {})
        match func:
            case cst.Lambda(params=params, body=body):
                run.env.update((param.name.value, frozenset({ITEM})) for param in params.params)
                run.eval(body)
            case cst.Attribute(value=value) if isinstance(callee := self.facts.refers_to(func, call), Named):
                entry = self.facts.resolver.catalog.find(callee.name)
                if entry is not None:
                    run.catalogued(call, entry, run.eval(value), [frozenset({ITEM})], func)
            case _:
                run.called(call, self.facts.refers_to(func, call), NOWHERE, [frozenset({ITEM})])
        return run.summary

    def function(self, function: Function) -> Summary:
        """What a call of a function does; parameters have their own names as origins. A recursive call adds nothing."""
        known = self._functions.get(function)
        if known is not None:
            return known
        summary = self._functions[function] = Summary()
        node = self.facts.body(function)
        if node is not None and (function.is_async or not function.is_generator):
            run = _Run(self, {})
            run.node(node.body)
            self._functions[function] = summary = run.summary
        return summary


class _Run:
    """One abstract execution of a body."""

    def __init__(self, flow: Flow, env: dict[str, Origins]) -> None:
        self.flow = flow
        self.facts = flow.facts
        self.env = Names()
        self.env.update(env)
        self.targets = frozenset(env)
        self.alias: dict[str, str] = {}
        self.guards = NOWHERE
        self.loops: tuple[cst.CSTNode, ...] = ()
        self.summary = Summary()

    # Statements ---------------------------------------------------------------------------------------------------

    def node(self, node: cst.CSTNode) -> None:
        """Execute a statement, a block, or evaluate an expression."""
        kind = type(node)
        execute = _STATEMENTS.get(kind)
        if execute is not None:
            execute(self, node)
        elif is_expression(kind):
            self.eval(node)
        else:
            for child in children(node):
                self.node(child)

    def block(self, node: cst.CSTNode | None) -> None:
        if node is not None:
            self.node(node)

    def bind(self, node: cst.Assign) -> None:
        origins = self.eval(node.value)
        for one in node.targets:
            self.assign(one.target, origins, node.value)

    def bind_annotated(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.eval(node.value), node.value)
        else:
            self.node(node.target)

    def enter(self, node: cst.With) -> None:
        for item in node.items:
            origins = self.eval(item.item)
            if item.asname is not None:
                self.assign(item.asname.name, origins, item.item)
        self.node(node.body)

    def give(self, node: cst.Return) -> None:
        if node.value is not None:
            self.summary.returns |= self.eval(node.value)

    def define(self, node: cst.FunctionDef | cst.ClassDef) -> None:
        self.env[node.name.value] = NOWHERE

    def repeat(self, node: cst.For) -> None:
        self.loop(node.target, node.iter, [node.body], node)
        self.block(node.orelse)

    def choose(self, node: cst.If) -> None:
        leaves = _leaves(node.body) or node.orelse is not None and _leaves(node.orelse)
        self.guarded(self.eval(node.test), node.body, node.orelse, after=leaves)

    def guarded(self, test: Origins, body: cst.CSTNode, orelse: cst.CSTNode | None, *, after: bool) -> None:
        """Both branches under the condition; what follows is under it too where a branch leaves the pass."""
        outside = self.guards
        self.guards = outside | test
        taken = self.env.after(lambda: self.node(body))
        other = self.env.after(lambda: self.block(orelse))
        if orelse is not None and _leaves(orelse):
            self.env.become(taken)
        else:
            self.env.become(other if _leaves(body) else self.env.either(taken, other, test))
        self.guards = outside | test if after else outside

    def tried(self, node: cst.Try | cst.TryStar) -> None:
        done = self.env.after(lambda: self.node(node.body))
        for handler in node.handlers:
            caught = self.env.after(functools.partial(self.handle, handler, self.env.either({}, done)))
            done = done if _leaves(handler.body) else self.env.either(done, caught)
        self.env.become(done)
        self.block(node.orelse)
        self.block(node.finalbody)

    def handle(self, handler: cst.ExceptHandler | cst.ExceptStarHandler, so_far: Changes) -> None:
        self.env.become(so_far)
        if handler.name is not None:
            self.assign(handler.name.name, NOWHERE, None)
        self.node(handler.body)

    def loop(self, target: cst.CSTNode, iterable: cst.BaseExpression, body: Iterable[cst.CSTNode], node: cst.CSTNode) -> None:
        origins = self.eval(iterable)
        self.assign(target, origins, None)
        self.loops = (*self.loops, node)
        for part in body:
            self.node(part)
        self.loops = self.loops[:-1]

    def assign(self, target: cst.CSTNode, origins: Origins, value: cst.BaseExpression | None) -> None:
        match target:
            case cst.Name(value=name):
                self.env[name] = origins
                self.summary.changes.append(Change(name, origins, "assign", target, self.guards))
                path = dotted(value) if value is not None else None
                if isinstance(value, cst.Subscript):
                    path = dotted(value.value)
                self.alias.pop(name, None)
                if path is not None:
                    self.alias[name] = self.alias.get(path.partition(".")[0], path)
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                for element in elements:
                    self.assign(element.value, origins, None)
            case _:
                self.change(target, origins, "assign" if isinstance(target, cst.Attribute) else "store")
                path = dotted(target)
                if path is not None:
                    self.env[path] = origins

    def change(self, target: cst.CSTNode, origins: Origins, how: str) -> None:
        """Note a change of a name, an attribute or an element."""
        inner = target
        while isinstance(inner, cst.Subscript):
            for part in inner.slice:
                origins |= self.eval_all(part)
            inner, how = inner.value, "store"
        path = dotted(inner)
        if path is None:
            return
        root = path.partition(".")[0]
        if root in self.alias:
            path = self.alias[root] + path[len(root):]
        elif root in self.env and how != "augment":
            if path not in self.targets and (ITEM in self.env[root] or not isinstance(inner, cst.Name)):
                return  # an object of this pass
        if how == "augment" and isinstance(inner, cst.Name):
            origins |= self.env.get(path, frozenset({path}))
            if path in self.env:
                self.env[path] = origins
                return
        self.summary.changes.append(Change(path, origins, how, target, self.guards))

    # Expressions --------------------------------------------------------------------------------------------------

    def eval_all(self, node: cst.CSTNode) -> Origins:
        found = NOWHERE
        for child in children(node):
            found |= self.eval(child)
        return found

    def eval(self, node: cst.CSTNode) -> Origins:
        """The origins of an expression's value; what the expression does is noted on the way."""
        evaluate = _EXPRESSIONS.get(type(node))
        return evaluate(self, node) if evaluate is not None else self.eval_all(node)

    def named(self, node: cst.NamedExpr) -> Origins:
        origins = self.eval(node.value)
        self.assign(node.target, origins, node.value)
        return origins

    def chosen(self, node: cst.IfExp) -> Origins:
        outside = self.guards
        condition = self.eval(node.test)
        self.guards = outside | condition
        origins = condition | self.eval(node.body) | self.eval(node.orelse)
        self.guards = outside
        return origins

    def operation(self, node: cst.BooleanOperation) -> Origins:
        outside = self.guards
        origins = self.eval(node.left)
        self.guards = outside | origins
        origins |= self.eval(node.right)
        self.guards = outside
        return origins

    def read(self, node: cst.Name | cst.Attribute) -> Origins:
        path = dotted(node)
        if path is None:
            return self.eval(node.value) if isinstance(node, cst.Attribute) else NOWHERE
        prefix = path
        while prefix:
            if prefix in self.env:
                return self.env[prefix]
            prefix = prefix.rpartition(".")[0]
        return NOWHERE if self.is_constant(path.partition(".")[0], node) else frozenset({path})

    def is_constant(self, name: str, node: cst.CSTNode) -> bool:
        """Whether a name stands for an import, a definition or a built-in."""
        return not self.facts.is_variable(name, node)

    def comprehension(self, node: cst.BaseComp) -> Origins:
        clause: cst.CompFor | None = node.for_in
        outside, loops = self.guards, self.loops
        hidden: dict[str, Origins | None] = {}
        while clause is not None:
            origins = self.eval(clause.iter)
            for name in bound_names(clause.target):
                hidden.setdefault(name, self.env.get(name))
                self.env[name] = origins
            self.loops = (*loops, node)
            for test in clause.ifs:
                self.guards |= self.eval(test.test)
            clause = clause.inner_for_in
        found = NOWHERE
        for result in results(node):
            found |= self.eval(result)
        for name, old in hidden.items():
            if old is None:
                del self.env[name]
            else:
                self.env[name] = old
        self.guards, self.loops = outside, loops
        return found

    # Calls --------------------------------------------------------------------------------------------------------

    def call(self, node: cst.Call) -> Origins:
        receiver = self.eval(node.func.value) if isinstance(node.func, cst.Attribute) else NOWHERE
        noted = self.flow.noted(node)
        if noted is None and (handed := handed_call(node, self.facts)) is not None:
            return self.handed(node, *handed)
        given = [self.eval(arg.value) for arg in node.args]
        if noted is not None:
            inputs = receiver.union(*given)
            self.summary.works.append(Work(node, noted, inputs, self.guards, None, None, inputs, self.loops))
            return inputs | {RESULT}
        return self.called(node, self.facts.callee(node), receiver, given)

    def handed(self, node: cst.Call, written: cst.Call, callee: Value | None) -> Origins:
        """A call that hands a function over and waits for it, as the call of that function."""
        func = written.func
        if isinstance(func, cst.Lambda):
            return self.eval_all(func.params) | self.eval(func.body) | frozenset().union(*(self.eval(arg.value) for arg in written.args))
        receiver = self.eval(func.value) if isinstance(func, cst.Attribute) else NOWHERE
        return self.called(node, callee, receiver, [self.eval(arg.value) for arg in written.args], written)

    def called(
        self, node: cst.Call, callee: Value | None, receiver: Origins, given: Sequence[Origins], written: cst.Call | None = None
    ) -> Origins:
        """A call of `callee` with arguments of known origins, noted at `node`; `written` is the call that it comes to."""
        inputs = receiver.union(*given)
        match callee:
            case Function() as function:
                return self.apply(node, function, receiver, given, written or node)
            case Class() as cls:
                init = self.facts.resolver.attribute(cls, "__init__")
                if isinstance(init, Function):
                    self.apply(node, init, NOWHERE, given, written or node)
                return inputs
            case Named(name=name) if name in UNIQUE:
                return inputs | {ITEM}
            case Named(name=name):
                entry = self.facts.entry(node) or self.facts.resolver.catalog.find(name)
            case _:
                entry = self.facts.entry(node)
        if entry is None:
            self.unknown(node, receiver, given)
            return inputs
        return self.catalogued(node, entry, receiver, given)

    def catalogued(
        self, node: cst.Call, entry: Entry, receiver: Origins, given: Sequence[Origins], func: cst.BaseExpression | None = None
    ) -> Origins:
        """A call that the catalogue knows; `func` is what is called, where that is handed to the call."""
        is_method = isinstance(func or node.func, cst.Attribute)
        inputs = receiver.union(*given)
        if entry.kind is Kind.SLEEP:
            self.summary.sleeps.append(node)
        if entry.effect is Effect.GLOBAL:
            self.summary.globals.append(node)
        owner = entry.name.rpartition(".")[0]
        sharing = self.facts.resolver.catalog.sharing(owner) if is_method else None
        if self.facts.result_type(node) == FILE_KIND_OPENERS:
            return receiver if sharing is Sharing.STATEFUL else inputs  # a member is read and written through its archive
        if entry.kind not in _WAITING:
            return inputs
        handle = receiver if sharing is Sharing.STATEFUL else self.given_files(node, given)
        path = given[0] if given else receiver
        if is_method and entry.kind is Kind.FILE and receiver:
            path = receiver
        self.summary.works.append(Work(node, entry, inputs, self.guards, handle, sharing, path, self.loops))
        return inputs | {RESULT} if entry.kind in WORTH else inputs

    def given_files(self, node: cst.Call, given: Sequence[Origins]) -> Origins | None:
        """The origins of the open file that a call is given; of several, those of one that all passes share."""
        opened = [its for arg, its in zip(node.args, given) if isinstance(arg.value, cst.Name) and self.facts.is_open_file(arg.value)]
        return next((its for its in opened if its and ITEM not in its), opened[0] if opened else None)

    def unknown(self, node: cst.Call, receiver: Origins, given: Sequence[Origins]) -> None:
        """A call whose body is not visible: a mutator changes its receiver; one given an open file reads it."""
        if isinstance(node.func, cst.Attribute):
            name = node.func.attr.value
            if name in MUTATORS:
                self.change(node.func.value, frozenset().union(*given), "add")
            elif isinstance(self.facts.parent(node), cst.Expr) and receiver and ITEM not in receiver and not self.asks_a_client(node):
                self.change(node.func.value, frozenset().union(*given), "call")
        for arg, origins in zip(node.args, given):
            opened = self.facts.opened_mode(arg.value)
            if opened is not None:
                effect = Effect.READ if opened.startswith("r") and "+" not in opened else Effect.WRITE
                entry = Entry("io.File.read" if effect is Effect.READ else "io.File.write", Kind.FILE, effect)
                self.summary.works.append(
                    Work(node, entry, origins.union(*given), self.guards, origins, Sharing.STATEFUL, origins, self.loops)
                )

    def asks_a_client(self, node: cst.Call) -> bool:
        """Whether a call is a request of what is called a client: it changes the other side, not the client."""
        site = self.facts.site(node)
        return site is not None and isinstance(site.node.func, ast.Attribute) and is_client(site.node.func.value)

    def apply(self, node: cst.Call, function: Function, receiver: Origins, given: Sequence[Origins], written: cst.Call) -> Origins:
        """Map the summary of a function of the file onto one call of it."""
        summary = self.flow.function(function)
        mapping = self.arguments(written, function, receiver, given)
        for work in summary.works:
            handle = mapping.all(work.handle) if work.handle is not None else None
            self.summary.works.append(
                replace(
                    work, call=node, inputs=mapping.all(work.inputs), guards=mapping.all(work.guards) | self.guards,
                    handle=handle, path=mapping.all(work.path), loops=self.loops, direct=False,
                )  # fmt: skip
            )
        for change in summary.changes:
            if change.how == "assign" and "." not in change.path:
                continue  # a local of the function
            path = mapping.path(change.path)
            root = (path or "").partition(".")[0]
            if path is not None and (root not in self.env or root in self.alias):
                path = self.alias[root] + path[len(root):] if root in self.alias else path
                self.summary.changes.append(Change(path, mapping.all(change.origins), change.how, node, self.guards))
        self.summary.globals += [node for _ in summary.globals]
        return mapping.all(summary.returns) | frozenset().union(*given)

    def arguments(self, node: cst.Call, function: Function, receiver: Origins, given: Sequence[Origins]) -> Arguments:
        parameters = list(function.parameters)
        origins: dict[str, Origins] = {}
        paths: dict[str, str | None] = {}
        if function.owner is not None and not function.is_static and parameters:
            first = parameters.pop(0)
            origins[first] = receiver
            paths[first] = dotted(node.func.value) if isinstance(node.func, cst.Attribute) else None
        for position, (arg, its) in enumerate(zip(node.args, given)):
            name = arg.keyword.value if arg.keyword is not None else parameters[min(position, len(parameters) - 1)] if parameters else ""
            name = name if name in function.parameters else _rest_of_keywords(function) or name
            origins[name] = origins.get(name, NOWHERE) | its
            paths[name] = dotted(arg.value)
        known = frozenset(function.parameters)
        return Arguments(known, frozenset(function.bindings) - known, origins, paths)


def _rest_of_keywords(function: Function) -> str | None:
    """The parameter that takes the keywords which have none of their own."""
    args = getattr(function.node, "args", None)
    return args.kwarg.arg if isinstance(args, ast.arguments) and args.kwarg is not None else None


def _leaves(block: cst.CSTNode) -> bool:
    """Whether a block ends the pass: its last statement is continue, break, return or raise."""
    match block:
        case cst.IndentedBlock(body=[*_, cst.SimpleStatementLine(body=[*_, last])]) | cst.SimpleStatementSuite(body=[*_, last]):
            return isinstance(last, (cst.Continue, cst.Break, cst.Return, cst.Raise))
        case cst.Else(body=body):
            return _leaves(body)
        case _:
            return False


@functools.cache
def is_expression(kind: type) -> bool:
    """Whether nodes of a kind are expressions: LibCST's classes are slow to ask."""
    return issubclass(kind, cst.BaseExpression)


_STATEMENTS: dict[type, Callable[[_Run, Any], None]] = {
    cst.Assign: _Run.bind,
    cst.AnnAssign: _Run.bind_annotated,
    cst.AugAssign: lambda run, node: run.change(node.target, run.eval(node.value), "augment"),
    cst.For: _Run.repeat,
    cst.While: lambda run, node: run.guarded(run.eval(node.test), node.body, node.orelse, after=False),
    cst.If: _Run.choose,
    cst.With: _Run.enter,
    cst.Try: _Run.tried,
    cst.TryStar: _Run.tried,
    cst.Return: _Run.give,
    cst.Del: lambda run, node: run.change(node.target, NOWHERE, "store"),
    cst.FunctionDef: _Run.define,
    cst.ClassDef: _Run.define,
}
_EXPRESSIONS: dict[type, Callable[[_Run, Any], Origins]] = {
    cst.Name: _Run.read,
    cst.Attribute: _Run.read,
    cst.Call: _Run.call,
    cst.Lambda: lambda run, node: NOWHERE,  # done later, if at all
    cst.NamedExpr: _Run.named,
    cst.IfExp: _Run.chosen,
    cst.BooleanOperation: _Run.operation,
    **dict.fromkeys((cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp), _Run.comprehension),
}

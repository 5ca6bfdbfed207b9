"""Abstract interpretation of a body: which I/O it does, with which inputs, under which conditions, and what it changes.

A body is the statements of one iteration of a loop, or of a function. Each expression has origins: the loop's item, the results of I/O,
and the names (dotted, `self.cache`) that the body reads before it binds them. A function of the same file is summarized once, and its
summary is mapped to the arguments of each call. Everything uses the standard tree, so functions are not parsed again.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import imported_names
from par_lint.analysis.semantics.cheap_calls import IN_MEMORY
from par_lint.analysis.semantics.dataflow import calls
from par_lint.analysis.semantics.dataflow.body_summary import (
    FROM_ITEM,
    FROM_NEW,
    FROM_RESULT,
    NO_ORIGIN,
    Change,
    IoCall,
    Origins,
    SummaryOf,
    Trace,
)
from par_lint.analysis.semantics.dataflow.code_patterns import (
    comprehension_results,
    constant_key,
    ends_iteration,
    inner_locals,
    is_call,
    is_copy,
    is_retry_loop,
    is_tested,
)
from par_lint.analysis.semantics.dataflow.dotted_names import bound_names, dotted, in_order
from par_lint.analysis.semantics.dataflow.execution import Summaries
from par_lint.analysis.semantics.dataflow.origin_environment import Changes, Environment
from par_lint.analysis.semantics.dataflow.process_wide_contexts import changes_process_state
from par_lint.analysis.semantics.dataflow.retry_sleeps import RetrySleeps
from par_lint.analysis.semantics.dataflow.symbols import arguments, is_variable
from par_lint.analysis.semantics.dataflow.thread_handoff import handoff_call
from par_lint.analysis.semantics.io_reachability import WORTHWHILE_KINDS, imported_function
from par_lint.analysis.semantics.loop_variance import UNIQUE
from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.analysis.semantics.values import Named, Value
from par_lint.core.memo import memoized


class Interpreter:
    """One abstract execution of a body."""

    def __init__(self, flow: Summaries, env: dict[str, Origins], scope: Scope) -> None:
        self.flow = flow
        self.known = flow.known
        self.scope = scope
        self.env = Environment()
        self.env.update(env)
        self.targets = frozenset(env)
        self.alias: dict[str, str] = {}
        self.guards = NO_ORIGIN
        self.loops: tuple[ast.AST, ...] = ()
        self.region: tuple[int, ...] = ()
        self.whiles = 0  # inner loops that try again around what is executed
        self.read_so_far = -1  # how much had been read before the arguments of the call that is followed
        self.copies: set[str] = set()  # names bound to copies
        self.handles: dict[ast.expr | str, Origins] = {}  # what makes or holds a handle that uses another one, with that one's origins
        self.may_skip = False  # whether an iteration may have been left before
        self.body: Sequence[ast.AST] = ()  # what is executed
        self._regions = 0
        self.stands_alone: ast.expr | None = None  # the expression that is a statement by itself
        self.summary: Trace = SummaryOf()

    # Statements ---------------------------------------------------------------------------------------------------

    def execute(self, node: ast.AST) -> None:
        """Execute a statement, or evaluate an expression."""
        execute = _STATEMENTS.get(type(node))
        if execute is not None:
            execute(self, node)
        elif isinstance(node, ast.expr):
            self.eval(node)
        else:
            self.exec_block(in_order(node))

    def exec_block(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.execute(node)

    def exec_expr(self, node: ast.Expr) -> None:
        self.stands_alone = node.value
        self.eval(node.value)

    def exec_assign(self, node: ast.Assign) -> None:
        origins = self.eval(node.value)
        for target in node.targets:
            self.assign(target, origins, node.value)

    def exec_ann_assign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.eval(node.value), node.value)
        else:
            self.eval(node.target)

    def exec_with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            origins = self.eval(item.context_expr)
            if isinstance(item.context_expr, ast.Call) and changes_process_state(item.context_expr, self.flow):
                self.summary.globals.append(item.context_expr)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, origins, item.context_expr)
        self.exec_block(node.body)

    def exec_return(self, node: ast.Return) -> None:
        if node.value is not None:
            self.summary.returns |= self.eval(node.value)

    def exec_def(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        names = {inner.id for inner in walk(node) if isinstance(inner, ast.Name)}
        self.bind_name(node.name, NO_ORIGIN.union(*(self.env[name] for name in names if name in self.env)), node)

    def exec_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, _ in imported_names(node):
            if is_variable(name, self.scope):  # otherwise it is the same in every iteration
                self.bind_name(name, NO_ORIGIN, node)

    def exec_capture(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        self.exec_block(in_order(node))
        if name is not None:
            self.bind_name(name, NO_ORIGIN, node)

    def exec_for(self, node: ast.For | ast.AsyncFor) -> None:
        origins = self.eval(node.iter)
        calls.apply_iteration(self, node.iter, origins)
        self.assign(node.target, origins, None)
        outside, is_retry = self.guards, is_retry_loop(node)
        self.guards = outside | origins
        self.loops = (*self.loops, node)
        self.whiles += is_retry
        self.exec_branch(node.body)
        self.whiles -= is_retry
        self.loops = self.loops[:-1]
        self.guards = outside
        self.exec_block(node.orelse)

    def exec_while(self, node: ast.While) -> None:
        test = self.eval(node.test)
        self.whiles += 1
        self.exec_under_condition(test, node.body, node.orelse, after=False)
        self.whiles -= 1

    def exec_branch(self, nodes: Iterable[ast.AST], *, on_error: bool = False) -> None:
        """Execute a block that may be left out; `on_error`: that of a handler."""
        self._regions += 1
        self.region = (*self.region, self._regions)
        tries = RetrySleeps(self.summary)
        self.exec_block(nodes)
        tries.forget_sleeps(on_error=on_error)
        self.region = self.region[:-1]

    def exec_if(self, node: ast.If) -> None:
        self.exec_under_condition(self.eval(node.test), node.body, node.orelse, after=ends_iteration(node.body) or ends_iteration(node.orelse))

    def exec_under_condition(self, test: Origins, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt], *, after: bool) -> None:
        """Execute both branches under the condition; so is the following code if a branch leaves the iteration."""
        outside = self.guards
        self.guards = outside | test
        taken = self.env.run_branch(lambda: self.exec_branch(body))
        other = self.env.run_branch(lambda: self.exec_branch(orelse))
        self.env.apply_changes(taken if ends_iteration(orelse) else other if ends_iteration(body) else self.env.merge_branches(taken, other, test))
        self.guards = outside | test if after else outside

    def exec_try(self, node: Any) -> None:
        """Execute `try` with `except` or `except*`."""
        before = len(self.summary.io_calls)
        tried = self.env.run_branch(lambda: self.exec_block(node.body))
        is_io = any(work.entry.kind in WORTHWHILE_KINDS for work in self.summary.io_calls[before:])
        done = self.env.run_branch(lambda: self.exec_following(tried, node.orelse))
        for handler in node.handlers:
            caught = self.env.run_branch(functools.partial(self.exec_handler, handler, self.env.merge_branches({}, tried), is_io))
            done = done if ends_iteration(handler.body) else self.env.merge_branches(done, caught)
        self.env.apply_changes(done)
        self.exec_block(node.finalbody)

    def exec_following(self, so_far: Changes, nodes: Iterable[ast.AST]) -> None:
        """Execute what follows on a branch."""
        self.env.apply_changes(so_far)
        self.exec_block(nodes)

    def exec_handler(self, handler: ast.ExceptHandler, so_far: Changes, is_io: bool) -> None:
        """Execute a handler; `is_io`: an error of I/O brings it there."""
        outside = self.guards
        self.env.apply_changes(so_far)
        if handler.name is not None:
            self.bind_name(handler.name, NO_ORIGIN, handler)
        self.guards = outside | {FROM_RESULT} if is_io else outside
        self.exec_branch(handler.body, on_error=True)
        self.guards = outside

    def exec_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id not in self.scope.outward:
                self.env[target.id] = NO_ORIGIN  # the name alone
                self.alias.pop(target.id, None)
            else:
                self.change(target, NO_ORIGIN, "store")

    def assign(self, target: ast.expr, origins: Origins, value: ast.expr | None) -> None:
        match target:
            case ast.Name(id=name):
                self.bind_name(name, origins, target)
                if value is not None and is_copy(value):
                    self.copies.add(name)
                if value in self.handles:
                    self.handles[name] = self.handles[value]
                path = dotted(value.value if isinstance(value, ast.Subscript) else value)
                if path is not None and not self.is_element_of_item(value):
                    self.alias[name] = self.alias.get(path.partition(".")[0], path)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                for element in elements:
                    self.assign(element, origins, None)
            case ast.Starred(value=inner):
                self.assign(inner, origins, None)
            case _:
                self.change(target, origins, "assign" if isinstance(target, ast.Attribute) else "store")
                if is_call(value) and self.summary.changes and self.summary.changes[-1].node is target:
                    self.summary.changes[-1] = replace(self.summary.changes[-1], is_made=True)
                path = dotted(target)
                if path is not None:
                    self.env[path] = origins

    def bind_name(self, name: str, origins: Origins, node: ast.AST) -> None:
        self.env.forget_parts(name)
        self.env[name] = origins
        self.copies.discard(name)
        self.handles.pop(name, None)
        how = "rebind" if name in self.scope.outward else "assign"
        self.summary.changes.append(Change(name, origins, how, node, self.guards))
        self.alias.pop(name, None)

    def exec_aug_assign(self, node: ast.AugAssign) -> None:
        self.change(node.target, self.eval(node.value), "augment")
        if self._is_count(node):
            self.summary.changes[-1] = replace(self.summary.changes[-1], is_counter=True)

    def _is_count(self, node: ast.AugAssign) -> bool:
        """Whether the last change counts the iterations: every one of them makes it, and no condition asks for the number."""
        changes = self.summary.changes
        if not changes or changes[-1].node is not node.target or self.may_skip or self.guards or self.region:
            return False
        match node:
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub(), value=ast.Constant(value=int())):
                return not is_tested(name, self.body)
            case _:
                return False

    def exec_continue(self, node: ast.Continue) -> None:
        self.may_skip = True

    def change(self, target: ast.expr, origins: Origins, how: str) -> None:
        """Record a change of a name, an attribute or an element."""
        inner, slot, key, is_plain = target, None, NO_ORIGIN, how in ("assign", "store") and isinstance(target, (ast.Subscript, ast.Attribute))
        value = origins
        while isinstance(inner, ast.Subscript):
            key, slot = self.eval(inner.slice), constant_key(inner.slice)
            is_plain = is_plain and inner is target
            origins |= key
            inner, how = inner.value, "store"
        path = dotted(inner)
        if path is None:
            return
        root = path.partition(".")[0]
        if root in self.alias:
            path = self.alias[root] + path[len(root):]
        elif root in self.env and how != "augment":
            if inner is not target or how == "add":
                self.env.put_into(path, slot, origins, is_plain=is_plain and isinstance(target, ast.Subscript))
            if path not in self.targets and (FROM_ITEM in self.env[root] or not isinstance(inner, ast.Name)):
                return  # an object of this iteration
            if root in self.copies and root in getattr(self.scope, "parameters", ()):
                return  # no longer what the caller gave
        elif how in ("store", "add"):
            self.env.put_into(path, slot, origins, is_plain=is_plain and isinstance(target, ast.Subscript))
        if how == "augment" and isinstance(inner, ast.Name):
            origins |= self.env.get(path, frozenset({path}))
            if path in self.env:
                self.env[path] = origins
                return
        change = Change(path, origins, how, target, self.guards, slot, key, region=self.region)
        is_new = is_plain and (slot is not None or how == "assign") and not self.was_read(change.place)
        is_default = is_plain and slot is not None and not value and self.guards == {path}
        self.summary.changes.append(replace(change, is_new=is_new, is_default=is_default))

    def was_read(self, place: str) -> bool:
        """Return whether this iteration has read a variable or element, a part of it, or an object of which it is a part."""
        return self.summary.was_read(place, self.read_so_far if self.read_so_far >= 0 else len(self.summary.reads))

    def is_element_of_item(self, value: ast.expr | None) -> bool:
        """Whether a value is an element under a key made of the item: `pages[i]`."""
        return isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Name) and FROM_ITEM in self.env.get(value.slice.id, NO_ORIGIN)

    # Expressions --------------------------------------------------------------------------------------------------

    def eval_all(self, node: ast.AST) -> Origins:
        return NO_ORIGIN.union(*[self.eval(child) for child in in_order(node)])  # no generator: it takes a part of the C stack for each level

    def eval(self, node: ast.AST) -> Origins:
        """Return the origins of an expression's value; its effects are recorded."""
        evaluate = _EXPRESSIONS.get(type(node))
        return evaluate(self, node) if evaluate is not None else self.eval_all(node)

    def eval_named_expr(self, node: ast.NamedExpr) -> Origins:
        origins = self.eval(node.value)
        self.assign(node.target, origins, node.value)
        return origins

    def eval_if_exp(self, node: ast.IfExp) -> Origins:
        outside = self.guards
        condition = self.eval(node.test)
        self.guards = outside | condition
        origins = condition | self.eval(node.body) | self.eval(node.orelse)
        self.guards = outside
        return origins

    def eval_bool_op(self, node: ast.BoolOp) -> Origins:
        outside = self.guards
        origins = NO_ORIGIN
        for value in node.values:
            origins |= self.eval(value)
            self.guards = outside | origins
        self.guards = outside
        return origins

    def eval_name(self, node: ast.Name | ast.Attribute) -> Origins:
        path = dotted(node)
        if path is None:
            return self.eval(node.value) if isinstance(node, ast.Attribute) else NO_ORIGIN
        return self.look_up(path)

    def look_up(self, path: str) -> Origins:
        """The origins of what a dotted name, which may end in a constant key, stands for."""
        found = self.env.of(path)
        if found is None:
            found = frozenset({path}) if is_variable(path.partition(".")[0], self.scope) else NO_ORIGIN
        if len(found) > 1 and path in found and path in self._inner_locals:
            found -= {path}  # without a value before the loop, every iteration must bind it
        if path in found:
            self.summary.reads.setdefault(path, len(self.summary.reads))
        return found

    @memoized
    def _inner_locals(self) -> frozenset[str]:
        """The variables that only inner loops bind."""
        return inner_locals(self.body, self.scope)

    def eval_subscript(self, node: ast.Subscript) -> Origins:
        """An element: under a constant key, of no others."""
        path, slot = dotted(node.value), constant_key(node.slice)
        return self.eval_all(node) if path is None or slot is None else self.look_up(f"{path}.[{slot}]")

    def eval_comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> Origins:
        outside, loops, chosen = self.guards, self.loops, NO_ORIGIN
        hidden: dict[str, Origins | None] = {}
        for clause in node.generators:
            origins = self.eval(clause.iter)
            calls.apply_iteration(self, clause.iter, origins)
            for name in bound_names(clause.target):
                hidden.setdefault(name, self.env.get(name))
                self.env[name] = origins
            self.loops = (*loops, node)
            for test in clause.ifs:
                chosen |= self.eval(test)
                self.guards |= chosen
        found = chosen  # which elements there are depends on the tests
        for result in comprehension_results(node):
            found |= self.eval(result)
        for name, old in hidden.items():
            if old is None:
                del self.env[name]
            else:
                self.env[name] = old
        self.guards, self.loops = outside, loops
        return found

    # Calls --------------------------------------------------------------------------------------------------------

    def eval_call(self, node: ast.Call) -> Origins:
        before = self.read_so_far
        self.read_so_far = len(self.summary.reads)
        mark = self.read_so_far
        found = self.eval_call_after(node, mark)
        self.read_so_far = before
        return found

    def eval_call_after(self, node: ast.Call, mark: int) -> Origins:
        """A call; `mark` is how much had been read before its arguments."""
        receiver = self.eval(node.func.value) if isinstance(node.func, ast.Attribute) else NO_ORIGIN
        noted = self.flow.noted(node)
        handed, callee = handoff_call(node, self.known) if noted is None else None, self.known.callee(node)
        if handed is not None and not isinstance(callee, Function):
            return self.apply_handoff(node, *handed)
        given = [self.eval(value) for _, value in arguments(node)]
        if noted is not None:
            inputs = receiver.union(*given)
            self.summary.io_calls.append(IoCall(node, noted, inputs, self.guards, None, None, inputs, self.loops, region=self.region))
            return inputs | {FROM_RESULT}
        self.read_so_far = mark
        found = self.apply_call(node, callee, receiver, given)
        return found | self.apply_handoff(node, *handed) if handed is not None else found  # a function of the file calls it

    def apply_handoff(self, node: ast.Call, written: ast.Call, callee: Value | None) -> Origins:
        """Apply a call that runs a function elsewhere and waits for it, as a call of that function."""
        func = written.func
        given = arguments(written)
        if isinstance(func, ast.Lambda):
            first = len(self.summary.io_calls)
            found = self.eval_all(func.args) | self.eval(func.body) | NO_ORIGIN.union(*(self.eval(value) for _, value in given))
            self.summary.io_calls[first:] = [replace(work, call=node, direct=False) for work in self.summary.io_calls[first:]]
            return found
        receiver = self.eval(func.value) if isinstance(func, ast.Attribute) else NO_ORIGIN
        return self.apply_call(node, callee, receiver, [self.eval(value) for _, value in given], written)

    def apply_call(
        self, node: ast.Call, callee: Value | None, receiver: Origins, given: Sequence[Origins], written: ast.Call | None = None
    ) -> Origins:
        """Apply a call of `callee` with arguments of known origins, recorded at `node`; `written` is the equivalent direct call."""
        inputs = receiver.union(*given)
        match callee:
            case Function() as function:
                return calls.apply_summary(self, node, function, receiver, given, written or node)
            case Class() as cls:
                init = self.known.resolver.attribute(cls, "__init__")
                if isinstance(init, Function):
                    calls.apply_summary(self, node, init, NO_ORIGIN, given, written or node)
                return inputs
            case Named(name=name) if name in UNIQUE or name in IN_MEMORY:
                return inputs | {FROM_NEW}
            case Named(name=name):
                entry = self.known.entry(node) or self.known.catalog.find(name)
            case _:
                entry = self.known.entry(node)
        if entry is None and (imported := self.imported_function_of(callee)) is not None:
            return calls.apply_imported(self, node, *imported, receiver, given, written or node)
        if entry is None:
            calls.apply_unknown(self, node, receiver, given)
        found = inputs if entry is None else calls.apply_entry(self, node, entry, receiver, given, written=written)
        return found | {FROM_NEW} if isinstance(callee, Named) and calls.makes_handle(self, callee.name, node) else found

    def imported_function_of(self, callee: Value | None) -> tuple[Function, Summaries] | None:
        """Return the function of another module of the project that a call runs, with the data flow of its module."""
        found = imported_function(callee, self.known.resolver) if self.flow.hops else None
        return (found[0], self.flow.elsewhere(found[1])) if found is not None else None


_STATEMENTS: dict[type, Callable[[Interpreter, Any], None]] = {
    ast.Expr: Interpreter.exec_expr,
    ast.Assign: Interpreter.exec_assign,
    ast.AnnAssign: Interpreter.exec_ann_assign,
    ast.AugAssign: Interpreter.exec_aug_assign,
    ast.Continue: Interpreter.exec_continue,
    ast.While: Interpreter.exec_while,
    ast.If: Interpreter.exec_if,
    ast.Return: Interpreter.exec_return,
    ast.Delete: Interpreter.exec_delete,
    **dict.fromkeys((ast.For, ast.AsyncFor), Interpreter.exec_for),
    **dict.fromkeys((ast.With, ast.AsyncWith), Interpreter.exec_with),
    **dict.fromkeys((ast.Try, getattr(ast, "TryStar", ast.Try)), Interpreter.exec_try),
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef), Interpreter.exec_def),
    **dict.fromkeys((ast.Import, ast.ImportFrom), Interpreter.exec_import),
    **dict.fromkeys((ast.MatchAs, ast.MatchStar, ast.MatchMapping), Interpreter.exec_capture),
}
_EXPRESSIONS: dict[type, Callable[[Interpreter, Any], Origins]] = {
    ast.Name: Interpreter.eval_name,
    ast.Attribute: Interpreter.eval_name,
    ast.Subscript: Interpreter.eval_subscript,
    ast.Call: Interpreter.eval_call,
    ast.Lambda: lambda run, node: NO_ORIGIN,  # runs later, if at all
    ast.NamedExpr: Interpreter.eval_named_expr,
    ast.IfExp: Interpreter.eval_if_exp,
    ast.BoolOp: Interpreter.eval_bool_op,
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), Interpreter.eval_comprehension),
}

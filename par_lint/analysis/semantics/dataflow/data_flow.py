"""The data flow of one file: summaries of its loops, functions and other code, each computed once."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence

from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.dataflow import calls
from par_lint.analysis.semantics.dataflow.body_summary import FROM_ITEM, NO_ORIGIN, SummaryOf, Trace, without_incidental
from par_lint.analysis.semantics.dataflow.code_patterns import LoopNode, repeated_parts
from par_lint.analysis.semantics.dataflow.interpreter import Interpreter
from par_lint.analysis.semantics.dataflow.symbols import Symbols, symbols_of
from par_lint.analysis.semantics.fixpoint import Fixpoint
from par_lint.analysis.semantics.io_reachability import MOST_HOPS
from par_lint.analysis.semantics.scopes import Function, Scope
from par_lint.analysis.semantics.values import Named
from par_lint.core.catalog.entry import Entry
from par_lint.core.memo import memoized_for_last


def data_flow_of(resolver: Resolver) -> DataFlow:
    """Return the data flow of a file, computed once for the gate and the rules."""
    return data_flow_within(MOST_HOPS, resolver)


@memoized_for_last
def data_flow_within(hops: int, resolver: Resolver) -> DataFlow:
    """Return the data flow of a file through so many other modules of the project."""
    return DataFlow(symbols_of(resolver), hops=hops)


class DataFlow:
    """Summarizes bodies and functions of one file. `noted` returns an entry for calls that count as I/O whatever they call.

    Calls are followed through at most `hops` other modules of the project.
    """

    def __init__(self, known: Symbols, noted: Callable[[ast.Call], Entry | None] = lambda call: None, hops: int = MOST_HOPS) -> None:
        self.known = known
        self.noted = noted
        self.hops = hops
        self._functions: Fixpoint[Function, Trace] = Fixpoint(SummaryOf())
        self._generators: Fixpoint[Function, Trace] = Fixpoint(SummaryOf())
        self._loops: dict[tuple[LoopNode, tuple[str, ...]], Trace] = {}

    def elsewhere(self, resolver: Resolver) -> DataFlow:
        """Return the data flow of another module that calls of this one lead into."""
        return data_flow_within(self.hops - 1, resolver)

    def loop(self, node: LoopNode, items: Sequence[str], scope: Scope) -> Trace:
        """Return the effects of one iteration of a loop; `items` are the names that it binds."""
        key = node, tuple(items)
        if key not in self._loops:
            inner = () if isinstance(node, (ast.For, ast.AsyncFor)) else node.generators[1:]
            self._loops[key] = without_incidental(self.body(repeated_parts(node)[len(inner):], items, scope, [clause.iter for clause in inner]))
        return self._loops[key]

    def body(self, nodes: Iterable[ast.AST], items: Iterable[str], scope: Scope, gone_over: Iterable[ast.expr] = ()) -> Trace:
        """Return the effects of code in a scope; `items` are the names that the enclosing loop binds, `gone_over` what inner clauses go over before."""
        nodes = [*nodes]
        run = Interpreter(self, dict.fromkeys(items, frozenset({FROM_ITEM})), scope)
        run.body = nodes
        for iterable in gone_over:
            calls.apply_iteration(run, iterable, run.eval(iterable))
        for node in nodes:
            run.execute(node)
        return run.summary

    def mapped(self, call: ast.Call, scope: Scope) -> Trace:
        """Return the effects of `map` on one item, from its first argument."""
        func, item = call.args[0], frozenset({FROM_ITEM})
        run = Interpreter(self, {}, scope)
        callee = self.known.refers_to(func, scope, call.lineno)
        if isinstance(func, ast.Lambda):
            run.env.update((arg.arg, item) for arg in func.args.args)
            run.eval(func.body)
        elif isinstance(func, ast.Attribute) and isinstance(callee, Named):
            entry = self.known.catalog.find(callee.name)
            if entry is not None:
                calls.apply_entry(run, call, entry, run.eval(func.value), [item], func)
        else:
            run.apply_call(call, callee, NO_ORIGIN, [item])
        return without_incidental(run.summary)

    def function(self, function: Function) -> Trace:
        """Return the effects of calling a function; its parameters are their own origins. A recursive call adds nothing."""
        return self._functions.of(function, self._once)

    def generator(self, function: Function) -> Trace:
        """Return the effects of iterating over all that a generator gives."""
        return self._generators.of(function, lambda one: self.body(one.node.body, (), one))  # type: ignore[attr-defined]

    def _once(self, function: Function) -> Trace:
        node = function.node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or function.is_generator and not function.is_async:
            return SummaryOf()
        if self.known.never_returns(node, function):
            return SummaryOf()  # no loop calls it twice
        return self.body(node.body, (), function)

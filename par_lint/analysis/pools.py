"""Pools of threads in a module: how many workers they have, and what kind of work they are given."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from par_lint.analysis.blockers import is_runtime_call
from par_lint.analysis.effects import Effects, Level
from par_lint.analysis.facts import Facts
from par_lint.analysis.flow import Flow
from par_lint.analysis.names import dotted
from par_lint.analysis.nodes import descend
from par_lint.candidates import POOLS
from par_lint.catalog.entry import Kind
from par_lint.resolve import Named
from par_lint.scopes import Assigned, Function

_SUBMITTERS = frozenset({"submit", "map", "imap", "imap_unordered", "apply", "apply_async", "map_async", "starmap", "starmap_async"})
_ONE_EACH = frozenset({"submit", "apply", "apply_async"})
_SLOWEST_FIRST = (Kind.NETWORK, Kind.SUBPROCESS, Kind.FILE)
_REPEATED = (cst.For, cst.While, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


@dataclass(frozen=True)
class Task:
    """One call that gives work to a pool: `func` is the argument that names it, `kind` what it spends its time on."""

    call: cst.Call
    func: cst.BaseExpression
    kind: Kind | None


@dataclass(frozen=True)
class Pool:
    """A pool, or a call of the runtime, with what it is given. `parameter` names its number of workers, at `position`."""

    call: cst.Call
    tasks: tuple[Task, ...]
    workers: cst.BaseExpression | None
    parameter: str
    position: int
    is_runtime: bool


@functools.lru_cache(maxsize=1)
def find_pools(facts: Facts) -> tuple[Pool, ...]:
    """All thread pools and runtime calls of a module, in source order."""
    return tuple(_Finder(facts).find())


class _Finder:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.effects = Effects(facts)
        self.flow = Flow(facts)
        self.calls = [node for node in descend(facts.module, into_functions=True) if isinstance(node, cst.Call)]

    def find(self) -> Iterator[Pool]:
        for call in self.calls:
            callee = self.facts.callee(call)
            if not isinstance(callee, Named):
                continue
            if callee.name in POOLS:
                parameter = "max_workers" if callee.name.endswith("Executor") else "processes"
                yield Pool(call, tuple(self._tasks(call)), argument(call, 0, parameter), parameter, 0, False)
            elif is_runtime_call(callee.name, self.facts.runtime) and call.args:
                task = Task(call, call.args[0].value, self._kind(call.args[0].value, call))
                yield Pool(call, (task,), argument(call, 2, "max_workers"), "max_workers", 2, True)

    def _tasks(self, creation: cst.Call) -> Iterator[Task]:
        names = self._names(creation)
        reach = self._reach(creation)
        for call in self.calls:
            if not (isinstance(call.func, cst.Attribute) and call.func.attr.value in _SUBMITTERS and call.args):
                continue
            receiver = dotted(call.func.value)
            is_its = receiver in names and ("." in (receiver or "") or call in reach)
            if is_its or call.func.value is creation:
                yield Task(call, call.args[0].value, self._kind(call.args[0].value, call))

    def _reach(self, creation: cst.Call) -> set[cst.CSTNode]:
        """The nodes in which a plain name still stands for a pool: its with block, else its function."""
        item = self.facts.parent(creation)
        block = self.facts.parent(item) if isinstance(item, cst.WithItem) else self.facts.around(creation) or self.facts.module
        return set(descend(block, into_functions=True)) if block is not None else set()

    def _names(self, creation: cst.Call) -> set[str]:
        """The dotted names that a pool is bound to where it is made."""
        above = self.facts.parent(creation)
        match above:
            case cst.WithItem(asname=cst.AsName(name=name)):
                path = dotted(name)
                return {path} if path is not None else set()
            case cst.Assign(targets=targets):
                return {path for target in targets if (path := dotted(target.target)) is not None}
            case cst.AnnAssign(target=target):
                path = dotted(target)
                return {path} if path is not None else set()
            case _:
                return set()

    def _kind(self, func: cst.BaseExpression, at: cst.CSTNode) -> Kind | None:
        """What calling an expression spends its time on; None where that is not visible."""
        if isinstance(func, cst.Lambda):
            summary = self.flow.loop_body(cst.Name("_"), [func.body])
            return self._slowest([work.entry.kind for work in summary.works])
        match self.facts.refers_to(func, at):
            case Function() as function:
                kinds = [work.entry.kind for work in self.flow.function(function).works]
                return self._slowest(kinds) or (Kind.CPU if self._computes(function) else None)
            case Named(name=name):
                entry = self.facts.resolver.catalog.find(name)
                return entry.kind if entry is not None else None
            case _:
                return None

    def _slowest(self, kinds: list[Kind]) -> Kind | None:
        return next((kind for kind in _SLOWEST_FIRST if kind in kinds), None)

    def _computes(self, function: Function, depth: int = 3) -> bool:
        """Whether the visible body of a function is Python-level computing, and nothing else."""
        node = self.facts.body(function)
        if node is None or function.is_async or self.effects.function(function).level is not Level.PURE:
            return False
        return self._holds_the_gil(node.body, depth)

    def _holds_the_gil(self, body: cst.CSTNode, depth: int) -> bool:
        found = False
        for node in descend(body, into_functions=True):
            match node:
                case cst.Call():
                    entry = self.facts.entry(node)
                    if entry is not None and entry.kind is Kind.NATIVE and not self._is_repeated(node, body):
                        return False
                    callee = self.facts.callee(node)
                    if isinstance(callee, Function) and depth and self._computes(callee, depth - 1):
                        found = True
                    found = found or entry is not None and entry.kind is Kind.CPU
                case cst.For() | cst.While() | cst.ListComp() | cst.SetComp() | cst.DictComp() | cst.GeneratorExp():
                    found = True
                case _:
                    pass
        return found

    def _is_repeated(self, node: cst.CSTNode, body: cst.CSTNode) -> bool:
        """Whether a call stands in a counting loop, as key stretching does: on small inputs it keeps the GIL."""
        above = self.facts.parent(node)
        while above is not None and above is not body:
            if isinstance(above, cst.For) and isinstance(above.iter, cst.Call) and dotted(above.iter.func) == "range":
                return True
            above = self.facts.parent(above)
        return False


def argument(call: cst.Call, position: int, name: str) -> cst.BaseExpression | None:
    """The argument of a call that is given by position (0-based) or by name."""
    for number, arg in enumerate(call.args):
        if arg.keyword is not None and arg.keyword.value == name:
            return arg.value
        if arg.keyword is None and not arg.star and number == position:
            return arg.value
    return None


def literal_size(node: cst.BaseExpression | None, facts: Facts) -> int | None:
    """A number of workers that a literal or a constant of the module gives."""
    match node:
        case cst.Integer(value=value):
            return int(value.replace("_", ""), 0)
        case cst.Name(value=name):
            bindings = facts.index.module.bindings.get(name, [])
            match bindings:
                case [Assigned(value=ast.Constant(value=int(number)))] if not isinstance(number, bool):
                    return number
                case _:
                    return None
        case _:
            return None


def task_count(pool: Pool, facts: Facts) -> int | None:
    """How many tasks a pool gets, where the file shows it: single submissions, or an iterable of known size."""
    total = 0
    for task in pool.tasks:
        method = task.call.func.attr.value if isinstance(task.call.func, cst.Attribute) else ""
        if method in _ONE_EACH:
            if _in_loop(task.call, facts):
                return None
            total += 1
            continue
        size = facts.known_size(task.call.args[1].value) if len(task.call.args) > 1 else None
        if size is None:
            return None
        total += size
    return total


def _in_loop(node: cst.CSTNode, facts: Facts) -> bool:
    above = facts.parent(node)
    while above is not None and not isinstance(above, cst.FunctionDef):
        if isinstance(above, _REPEATED):
            return True
        above = facts.parent(above)
    return False

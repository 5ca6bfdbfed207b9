"""The thread pools of a module: their number of workers and their kind of work."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from par_lint.analysis.effects.cpu_bound import CpuBound, TimeSpent
from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.candidates import PROCESS_POOLS, SUBMITTERS, THREAD_POOLS, candidates_of, is_runtime_call
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.dataflow.symbols import arguments
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.semantics.values import Named
from par_lint.analysis.slice_flow import SliceFlow
from par_lint.analysis.syntax.expression_names import dotted, terminal
from par_lint.analysis.syntax.parents import within
from par_lint.core.catalog.entry import Kind
from par_lint.core.memo import memoized_for_last

_RUN_IN_EXECUTOR = "run_in_executor"
_SINGLE_SUBMITTERS = frozenset({"submit", "apply", "apply_async", _RUN_IN_EXECUTOR})
_GIL_HOLDERS = frozenset({"sorted", *(f"re.{owner}{name}" for owner in ("", "Pattern.") for name in ("findall", "finditer", "sub", "subn", "split"))})
"""C functions that compute while holding the GIL; only if a task does nothing else, its data is likely to be large."""
_SLOWEST_FIRST = (Kind.NETWORK, Kind.SUBPROCESS, Kind.FILE)
REPEATING_NODES = (cst.For, cst.While, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_SIZES = {
    "ThreadPoolExecutor": "max_workers", "ProcessPoolExecutor": "max_workers", "ThreadPool": "processes", "Pool": "processes",
    "Semaphore": "value", "Parallel": "n_jobs",
}  # fmt: skip


@dataclass(frozen=True)
class Task:
    """One call that submits work to threads: `func` is the submitted function, `kind` its kind of work."""

    call: cst.Call
    func: cst.BaseExpression
    kind: Kind | None


@dataclass(frozen=True)
class Pool:
    """A pool, or another call that starts threads, with its tasks.

    `maker` is the qualified name of the callee; `parameter` is its parameter for the number of workers, at `position`, or None.
    """

    call: cst.Call
    maker: str
    tasks: tuple[Task, ...]
    workers: cst.BaseExpression | None = None
    parameter: str | None = None
    position: int = 0
    is_runtime: bool = False

    @property
    def is_of_processes(self) -> bool:
        """Return whether its workers are processes."""
        return self.maker in PROCESS_POOLS


@memoized_for_last
def find_pools(facts: Facts) -> tuple[Pool, ...]:
    """Return all pools, runtime calls, threads and semaphores of a module, in source order."""
    return tuple(_Finder(facts).find()) if candidates_of(facts.resolver).pools else ()


class _Finder:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.flow = SliceFlow(facts)
        self.computing = CpuBound(facts)
        self.calls = facts.all_of(cst.Call)

    def find(self) -> Iterator[Pool]:
        for call in self.calls:
            name = self.facts.name(call)
            if isinstance(call.func, cst.Attribute) and call.func.attr.value == _RUN_IN_EXECUTOR:
                if len(call.args) > 1 and _is_none(call.args[0].value):
                    yield self._pool(call, _RUN_IN_EXECUTOR, self._task(call, 1))
            elif name in THREAD_POOLS or name in PROCESS_POOLS:
                yield self._pool(call, name, *self._tasks(call))
            elif name == "asyncio.to_thread" and call.args:
                yield self._pool(call, name, self._task(call, 0))
            elif name == "threading.Thread" and (target := argument(call, 1, "target")) is not None and in_loop(call, self.facts):
                yield self._pool(call, name, Task(call, target, self.kind(target, call)))
            elif name == "asyncio.Semaphore":
                yield self._pool(call, name, *self._guarded(call))
            elif name == "joblib.Parallel" and _uses_threads(call):
                yield self._pool(call, name, *self._delayed(call))
            elif name is not None and is_runtime_call(name, self.facts.runtime) and call.args and not self._in_processes(call):
                yield Pool(call, name, (self._task(call, 0),), argument(call, 2, "max_workers"), "max_workers", 2, True)

    def _pool(self, call: cst.Call, maker: str, *tasks: Task) -> Pool:
        parameter = _SIZES.get(maker.rpartition(".")[2])
        return Pool(call, maker, tasks, argument(call, 0, parameter) if parameter is not None else None, parameter)

    def _in_processes(self, call: cst.Call) -> bool:
        """Return whether a call of the runtime has its own executor: processes, or an unknown one."""
        given = argument(call, -1, "executor")
        return given is not None and not (isinstance(given, cst.Call) and self.facts.name(given) in THREAD_POOLS) and not _is_none(given)

    # Tasks --------------------------------------------------------------------------------------------------------

    def _task(self, call: cst.Call, position: int) -> Task:
        func = self._function_in_argument(call.args[position], call)
        return Task(call, func, self.kind(func, call))

    def _function_in_argument(self, arg: cst.Arg, call: cst.Call) -> cst.BaseExpression:
        """Return the function that an argument is, also as the first element of a tuple: `pool.map(*arguments)`."""
        if arg.star == "*" and isinstance(arg.value, cst.Name):
            found = self.facts.scope(call).find(arg.value.value)
            for binding in found[1] if found is not None else ():
                match binding:
                    case Assigned(value=ast.Tuple(elts=[ast.Name() | ast.Attribute() as first, *_])):
                        return cst.parse_expression(ast.unparse(first))
                    case _:
                        pass
        return arg.value

    def _tasks(self, creation: cst.Call) -> Iterator[Task]:
        """Yield the tasks of a pool, through its names (plain names in their scope only) or its creation."""
        reach = self._reach(creation)
        outer = self.facts.parent(self.facts.parent(creation) or creation)
        calls = [outer] if isinstance(outer, cst.Call) and terminal(outer) in SUBMITTERS and self._receiver(outer) is creation else []
        for path in self._names(creation):
            named = self._submissions.get(path, [])
            calls += named if "." in path else within(reach, named, self.facts.tree)
        for call in sorted(calls, key=self.facts.tree.number):
            yield self._task(call, int(terminal(call) == _RUN_IN_EXECUTOR))

    @functools.cached_property
    def _submissions(self) -> dict[str, list[cst.Call]]:
        """Return the calls that submit work to a pool, by the dotted name of the pool."""
        found: dict[str, list[cst.Call]] = {}
        for call in self.calls:
            path = dotted(self._receiver(call))
            if path is not None:
                found.setdefault(path, []).append(call)
        return found

    def _receiver(self, call: cst.CSTNode | None) -> cst.BaseExpression | None:
        """Return the pool to which a call submits work; None for other calls."""
        if not (isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and call.args):
            return None
        if call.func.attr.value == _RUN_IN_EXECUTOR and len(call.args) > 1:
            return call.args[0].value
        return call.func.value if call.func.attr.value in SUBMITTERS else None

    def _guarded(self, creation: cst.Call) -> Iterator[Task]:
        """Yield the calls inside `async with semaphore:`."""
        blocks = {node: None for path in self._names(creation) for node in self._entered.get(path, ())}
        for node in sorted(blocks, key=self.facts.tree.number):
            io_calls = self.flow.block(node).io_calls
            kind = self._slowest([work.entry.kind for work in io_calls])
            yield Task(creation, creation.func, kind)

    @functools.cached_property
    def _entered(self) -> dict[str, list[cst.With]]:
        """Return the `with` blocks by the dotted names of their context managers."""
        found: dict[str, list[cst.With]] = {}
        for node in self.facts.all_of(cst.With):
            for item in node.items:
                path = dotted(item.item)
                if path is not None:
                    found.setdefault(path, []).append(node)
        return found

    def _delayed(self, creation: cst.Call) -> Iterator[Task]:
        """Yield the tasks of `Parallel(...)(delayed(f)(x) for x in xs)`."""
        outer = self.facts.parent(creation)
        if isinstance(outer, cst.Call) and outer.func is creation and outer.args:
            match outer.args[0].value:
                case cst.GeneratorExp(elt=cst.Call(func=cst.Call(args=[given, *_]))) | cst.ListComp(elt=cst.Call(func=cst.Call(args=[given, *_]))):
                    yield Task(outer, given.value, self.kind(given.value, outer))
                case _:
                    pass

    def _reach(self, creation: cst.Call) -> range:
        """Return the nodes in which a plain name refers to a pool: its with block, else its function."""
        item = self.facts.parent(creation)
        block = self.facts.parent(item) if isinstance(item, cst.WithItem) else self.facts.enclosing_function(creation) or self.facts.module
        return self.facts.tree.reach(block) if block is not None else range(0)

    def _names(self, creation: cst.Call) -> set[str]:
        """Return the dotted names to which a pool is bound at its creation."""
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

    # Kinds of work ------------------------------------------------------------------------------------------------

    def kind(self, func: cst.BaseExpression, at: cst.CSTNode) -> Kind | None:
        """Return the kind of work of a function; None if it is unknown."""
        match func:
            case cst.Lambda():
                io_calls = self.flow.lambda_body(func).io_calls
                computes = self.computing.body(func.body, frozenset(param.name.value for param in func.params.params)) is TimeSpent.COMPUTING
                return self._slowest([work.entry.kind for work in io_calls]) or (Kind.CPU if computes else None)
            case cst.Call(func=cst.Name("partial") | cst.Attribute(attr=cst.Name("partial")), args=[first, *_]):
                return self.kind(first.value, at)
            case _:
                pass
        match self.facts.refers_to(func, at):
            case Function() as function:
                kinds = [work.entry.kind for work in self.flow.function(function).io_calls]
                return self._slowest(kinds) or (Kind.CPU if self.computing.function(function) is TimeSpent.COMPUTING else None)
            case Named(name=name):
                entry = self.facts.resolver.catalog.find(name)
                return Kind.CPU if name in _GIL_HOLDERS else entry.kind if entry is not None else None
            case _:
                return None

    def _slowest(self, kinds: list[Kind]) -> Kind | None:
        return next((kind for kind in _SLOWEST_FIRST if kind in kinds), None)


def _uses_threads(call: cst.Call) -> bool:
    """Return whether a joblib call requests threads."""
    words = {arg.value.evaluated_value for arg in call.args if arg.keyword is not None and isinstance(arg.value, cst.SimpleString)}
    return bool(words & {"threads", "threading", "sharedmem"})


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def argument(call: cst.Call, position: int, name: str) -> cst.BaseExpression | None:
    """Return the argument at a position (0-based) or with a name."""
    for number, arg in enumerate(call.args):
        if arg.keyword is not None and arg.keyword.value == name:
            return arg.value
        if arg.keyword is None and not arg.star and number == position:
            return arg.value
    return None


def literal_size(node: cst.BaseExpression | None, facts: Facts) -> int | None:
    """Return the number of workers if it is a literal or a constant of the module."""
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
    """Return the number of tasks of a pool, if it is known: single submissions, or an iterable of known size."""
    total = 0
    for task in pool.tasks:
        method = task.call.func.attr.value if isinstance(task.call.func, cst.Attribute) else ""
        if method in _SINGLE_SUBMITTERS:
            size = _loop_size(task.call, facts)
        else:
            site = facts.site(task.call)
            given = [value for _, value in arguments(site.node)] if site is not None else []
            size = facts.known_size(given[1], task.call) if len(given) > 1 else None
        if size is None:
            return None
        total += size
    return total


def _loop_size(node: cst.CSTNode, facts: Facts) -> int | None:
    """Return how often a call is made in its function: once, or for each item of loops of known size."""
    size = 1
    above = facts.parent(node)
    while above is not None and not isinstance(above, cst.FunctionDef):
        loop = facts.counterparts.loop(above) if isinstance(above, (cst.For, cst.BaseComp)) else None
        iterable = loop.iter if isinstance(loop, (ast.For, ast.AsyncFor)) else loop.generators[0].iter if loop is not None else None
        count = facts.known_size(iterable, above) if iterable is not None else None
        if isinstance(above, REPEATING_NODES) and count is None:
            return None
        size *= count if count is not None else 1
        above = facts.parent(above)
    return size


def in_loop(node: cst.CSTNode, facts: Facts) -> bool:
    """Return whether a node is in a loop over items in its function."""
    above = facts.parent(node)
    while above is not None and not isinstance(above, cst.FunctionDef):
        if isinstance(above, REPEATING_NODES) and not isinstance(above, cst.While):
            return True
        above = facts.parent(above)
    return False

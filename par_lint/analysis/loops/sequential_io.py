"""Sequential loops: the loops of a module that wait for I/O one item at a time, and its nested listings."""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.candidates import candidates_of
from par_lint.analysis.loops.chosen_items import ONE_KIND
from par_lint.analysis.loops.exclusions import find_exclusion, is_search, is_tiny
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.nested_directory_loops import find_nested
from par_lint.analysis.loops.no_io_reasons import no_io_reason
from par_lint.analysis.loops.slower_by_name import with_slower_calls
from par_lint.analysis.loops.waiting_calls import possible_io_calls
from par_lint.analysis.semantics.dataflow.body_summary import SliceIoCall, is_worth_a_worker, slowest
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.slice_flow import SliceFlow
from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.analysis.syntax.nodes import clauses, results
from par_lint.core.catalog.coroutines import gives_awaitable
from par_lint.core.catalog.entry import Kind
from par_lint.core.memo import memoized_for_last

LoopNode = cst.For | cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp | cst.Call

_REPEATING = (cst.For, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_EAGER = frozenset({
    "list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max", "bytes", "bytearray", "Counter", "deque", "OrderedDict",
    "extend", "update", "join", "writelines", "fromkeys", "fsum", "array", "concat",
})  # fmt: skip
"""Callables that immediately take all items of an iterable."""


@dataclass(frozen=True)
class SequentialLoop:
    """A loop, comprehension or `map` call that does I/O item by item. `works` is its I/O of the slowest kind."""

    node: LoopNode
    site: LoopSite
    kind: Kind
    work: SliceIoCall


@dataclass(frozen=True)
class NestedLoop:
    """A `for`, or a comprehension, with a loop over a listing of its item; `inner` is the loop over the files."""

    node: cst.For | cst.BaseComp
    inner: cst.For | cst.CompFor
    site: LoopSite


@dataclass(frozen=True)
class SilentLoop:
    """A loop that is not reported: the reason, and its node. `is_io`: it does I/O."""

    node: cst.CSTNode
    exclusion: Exclusion
    is_io: bool = True


@dataclass(frozen=True)
class Loops:
    """All loops of a module to report, in source order, and the others: those that were judged, and `idle` ones, which do no I/O that is worth a worker."""

    sequential: tuple[SequentialLoop, ...]
    nested: tuple[NestedLoop, ...]
    silent: tuple[SilentLoop, ...]
    without_io: tuple[LoopNode, ...]


@memoized_for_last
def find_loops(facts: Facts) -> Loops:
    """Return the loops of a module to report, one per nest: PRL111 first, else the innermost that does I/O with its item."""
    return _Finder(facts).find()


def find_silent(facts: Facts) -> list[SilentLoop]:
    """Return the loops of a module that are not reported, in source order."""
    loops, finder = find_loops(facts), _Finder(facts)
    without_io = [SilentLoop(node, no_io_reason(site, facts), bool(site.summary.io_calls)) for node, site in ((node, finder.site(node)) for node in loops.without_io)]
    return sorted([*loops.silent, *without_io], key=lambda loop: facts.tree.number(loop.node))


class _Finder:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.flow = SliceFlow(facts)
        self.sequential: list[SequentialLoop] = []
        self.nested: list[NestedLoop] = []
        self.silent: list[SilentLoop] = []
        self.without_io: list[LoopNode] = []
        self.exclusion: set[ast.AST | None] = set()
        self._sites: dict[cst.CSTNode, LoopSite] = {}
        self._exclusions: dict[tuple[cst.CSTNode, int], Exclusion | None] = {}

    def find(self) -> Loops:
        self._judge_all()
        return Loops(tuple(reversed(self.sequential)), tuple(reversed(self.nested)), tuple(self.silent), tuple(self.without_io))

    def _judge_all(self) -> None:
        """Judge all loops, inner ones first; what is around a reported one is done with."""
        order = [(node, self.facts.enclosing_nodes(node, self._is_loop)) for node in self._all() if self._is_loop(node)]
        done: set[cst.CSTNode] = set()
        nests: set[cst.CSTNode] = set()
        for node, around in reversed(order):
            nested = self.facts.catch_internal_error(node, functools.partial(self._nested, node)) if node not in done else None
            if nested is not None:
                self.nested.append(nested)
                nests.add(node)
                done |= {node, nested.inner, *around}
        fallbacks = [(node, around) for node, around in order if self._is_fallback(node, around)]
        others = [(node, around) for node, around in order if (node, around) not in fallbacks] if fallbacks else order
        for node, around in [*reversed(others), *reversed(fallbacks)]:
            if node in done or not nests.isdisjoint(around):
                self.silent.append(SilentLoop(node, Exclusion("another one of the nested loops is reported", node)))
                continue
            found = self.facts.catch_internal_error(node, functools.partial(self._sequential, node))
            if found is not None:
                self.sequential.append(found)
                done |= {node, *around, *(inner for inner, outside in fallbacks if node in outside)}

    def _is_fallback(self, node: LoopNode, around: Sequence[cst.CSTNode]) -> bool:
        """Whether a loop is in an error handler of an enclosing loop: its fallback."""
        above = self.facts.parent(node) if around else None
        while above is not None and above is not around[-1]:
            if isinstance(above, (cst.ExceptHandler, cst.ExceptStarHandler)):
                return True
            above = self.facts.parent(above)
        return False

    def _all(self) -> list[LoopNode]:
        """All that may be a loop, in source order."""
        tree = self.facts.tree
        maps = [call for name in tree.named("map") if isinstance(call := tree.parent(name), cst.Call) and call.func is name]
        return sorted([*cast("Sequence[LoopNode]", tree.all_of(*_REPEATING)), *maps], key=tree.number)

    def _is_loop(self, node: cst.CSTNode) -> bool:
        kind = type(node)
        if kind is cst.For:
            return node.asynchronous is None  # type: ignore[attr-defined]
        if kind is cst.Call:
            return _is_map(node) and self._is_consumed(node)  # type: ignore[arg-type]
        if kind not in _REPEATING or any(clause.asynchronous is not None for clause in clauses(node)):  # type: ignore[arg-type]
            return False
        return kind is not cst.GeneratorExp or self._is_consumed(node)

    def _is_consumed(self, node: cst.CSTNode) -> bool:
        """Whether a lazy expression is consumed in place."""
        above = self.facts.parent(node)
        match above:
            case cst.StarredElement() | cst.Assign(targets=[cst.AssignTarget(target=cst.Tuple() | cst.List())]):
                return True
            case _:
                pass
        if not isinstance(above, cst.Arg):
            return False
        call = self.facts.parent(above)
        if not isinstance(call, cst.Call):
            return False
        if _zips_with_items(call, node) and self.facts.is_builtin("zip", call):
            return self._is_consumed(call)
        match call.func:
            case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
                return name in _EAGER and not self._is_of_ours(call, name) or above.star == "*"
            case _:
                return False

    def _is_of_ours(self, call: cst.Call, name: str) -> bool:
        """Whether a call may be of a method of the file, which does with the items what it likes."""
        return isinstance(call.func, cst.Attribute) and self.facts.callee(call) is None and bool(self.facts.methods(name)) or (
            isinstance(call.func, cst.Attribute) and isinstance(self.facts.callee(call), Function)
        )

    # Verdicts -----------------------------------------------------------------------------------------------------

    def _sequential(self, node: LoopNode) -> SequentialLoop | None:
        if not isinstance(node, cst.Call) and not possible_io_calls(self.facts).are_in(node):
            self.without_io.append(node)
            return None
        site = self.site(node)
        work = slowest(site.io_calls)
        if work is None:
            self.without_io.append(node)
            return None
        blocked = self._exclusion_of(site)
        if blocked is not None:
            self.silent.append(SilentLoop(node, blocked, bool(site.summary.io_calls)))
            if not isinstance(node, cst.Call) and not is_tiny(site, self.facts) and not is_search(site) and blocked.reason != ONE_KIND:
                self.exclusion.add(self.facts.counterparts.loop(node))
            return None
        site = with_slower_calls(site, self.facts)
        work = slowest(site.io_calls) or work
        return SequentialLoop(node, site, work.entry.kind, work)

    def site(self, node: LoopNode) -> LoopSite:
        """Return a loop with the effects of its body."""
        return self._mapped(node) if isinstance(node, cst.Call) else self._without_io_of_excluded_loops(self._site(node))

    def _site(self, node: cst.For | cst.BaseComp) -> LoopSite:
        if node not in self._sites:
            target, iterable, body = parts(node)
            summary = self.flow.loop(node, bound_names(target))
            io_calls = tuple(work for work in summary.io_calls if is_worth_a_worker(work) and _blocks(work))
            self._sites[node] = LoopSite(node, target, iterable, tuple(body), summary, io_calls)
        return self._sites[node]

    def _exclusion_of(self, site: LoopSite) -> Exclusion | None:
        """Return the reason to exclude a loop; one that may be a nested listing is asked about twice."""
        key = site.node, len(site.io_calls)
        if key not in self._exclusions:
            self._exclusions[key] = find_exclusion(site, self.facts)
        return self._exclusions[key]

    def _without_io_of_excluded_loops(self, site: LoopSite) -> LoopSite:
        """The loop without the I/O of inner loops that do it with items of their own and have a reason to be as they are."""
        io_calls = tuple(work for work in site.io_calls if self.exclusion.isdisjoint(work.loops))
        return replace(site, io_calls=io_calls) if len(io_calls) < len(site.io_calls) else site

    def _mapped(self, call: cst.Call) -> LoopSite:
        """`map(f, items)` as the loop that calls `f` on each item."""
        summary = self.flow.mapped(call)
        io_calls = tuple(work for work in summary.io_calls if is_worth_a_worker(work) and _blocks(work))
        return LoopSite(call, cst.Name("item"), call.args[1].value, (), summary, io_calls)

    def _nested(self, node: LoopNode) -> NestedLoop | None:
        nests = candidates_of(self.facts.resolver).nested_listing_ranges
        if not nests or not isinstance(node, cst.For) or self.facts.counterparts.loop(node) not in nests:
            return None
        inner = find_nested(node, self.facts)
        if inner is None:
            return None
        site = self._site(node)
        if self._exclusion_of(site) is not None:
            return None
        return NestedLoop(node, inner, site)


def _is_map(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Name) and call.func.value == "map" and len(call.args) > 1


def _zips_with_items(call: cst.Call, node: cst.CSTNode) -> bool:
    """Whether a call is `zip(items, map(func, items))`: it takes as many of the one as of the other."""
    match call:
        case cst.Call(func=cst.Name("zip"), args=[cst.Arg(value=cst.Name(value=one), keyword=None, star=""), cst.Arg(value=cst.Call() as mapped, keyword=None, star="")]):
            given = [arg.value for arg in mapped.args if not arg.star and arg.keyword is None]
            return mapped is node and len(given) == len(mapped.args) == 2 and isinstance(given[1], cst.Name) and given[1].value == one
        case _:
            return False


def parts(node: cst.CSTNode) -> tuple[cst.CSTNode, cst.BaseExpression, Sequence[cst.CSTNode]]:
    """Return target, iterable and body of a `for` or a comprehension; for several clauses, the target contains all their names."""
    match node:
        case cst.For(target=target, iter=iterable, body=body):
            return target, iterable, [body]
        case cst.BaseComp():
            all_clauses = list(clauses(node))
            names = [name for clause in all_clauses for name in bound_names(clause.target)]
            target = all_clauses[0].target if len(all_clauses) == 1 else cst.Tuple([cst.Element(cst.Name(name)) for name in names])
            tests = [test.test for clause in all_clauses for test in clause.ifs]
            inner = [clause.iter for clause in all_clauses[1:]]
            return target, all_clauses[0].iter, [*inner, *tests, *results(node)]
        case _:
            raise TypeError(type(node).__name__)


def _blocks(work: SliceIoCall) -> bool:
    """Return whether a call waits itself, and does not only make something to await: `tasks.append(session.get(url))` with aiohttp."""
    return not (work.direct and gives_awaitable(work.entry.name))

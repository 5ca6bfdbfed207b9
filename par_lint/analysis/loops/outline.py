"""Outlining: cut a loop body after its last I/O, and move the statements before the cut to the worker unchanged.

It is used if no single expression can move. Statements that only print or log stay in order; so do those that change objects of other
iterations, unless the I/O needs them. A `continue` in the moved part ends the worker early.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import libcst as cst

from par_lint.analysis.effects.effects_of_moved import SideEffects
from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.guards import is_bare_guard, is_console_output, is_continue_guard, may_continue, only_prints_or_logs
from par_lint.analysis.loops.partition import NotSplittable, Split
from par_lint.analysis.loops.with_blocks import holds
from par_lint.analysis.syntax.expression_names import bound_names, reads
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.variables.definite_assignment import binds
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.findings import ReasonKind

_COMPUTED = ReasonKind.DEPENDENCE("the I/O depends on a condition that is computed in the loop")


def items_of(nodes: Iterable[cst.CSTNode], own: Iterable[str], facts: Facts) -> frozenset[str]:
    """Return the names of the iteration's own objects: the item, parts of it, and slices of a list."""
    found = set(own)
    for node in nodes:
        for inner in facts.own_descendants(node):
            if type(inner) not in (cst.Assign, cst.For):
                continue
            match inner:
                case cst.Assign(targets=targets, value=value) if (names := _parts_of(value)) and names <= found:
                    found.update(name for target in targets for name in bound_names(target.target))
                case cst.Assign(targets=targets, value=cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Slice())])):  # a copy, of a list
                    found.update(name for target in targets for name in bound_names(target.target))
                case cst.For(target=target, iter=value) if (names := _parts_of(value)) and names <= found:
                    found.update(bound_names(target))
                case _:
                    pass
    return frozenset(found)


def _parts_of(value: cst.BaseExpression) -> set[str]:
    """Return the name whose object has the value as a part: `item.meta`, `item["meta"]`, `item.get("meta")`."""
    while True:
        match value:
            case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name("get"))) | cst.Attribute(value=inner) | cst.Subscript(value=inner):
                value = inner
            case cst.Name(value=name):
                return {name}
            case _:
                return set()


def _interrupt_verdict(nodes: Iterable[cst.CSTNode], facts: Facts) -> Verdict:
    """Return the verdict on handlers that catch an interrupt, which is only raised in the calling thread."""
    for node in (inner for one in nodes for inner in facts.own_descendants(one)):
        if isinstance(node, cst.ExceptHandler) and (node.type is None or reads(node.type) & {"BaseException", "KeyboardInterrupt"}):
            return Verdict(Level.UNSAFE, ReasonKind.ERRORS("a handler would no longer catch an interrupt, which comes to the calling thread"), node)
    return Verdict()


class Outline:
    """Cuts the body of one loop."""

    def __init__(self, loop: cst.For, block: Sequence[cst.BaseStatement], calls: set[cst.Call], own: frozenset[str], effects: SideEffects, *, prints: bool) -> None:
        self._loop = loop
        self._block = block
        self._calls = calls
        self._own = own
        self._effects = effects
        self._prints = prints
        self._number = effects.facts.tree.number

    def cut(self, *, filters: bool) -> Split:
        """Return the partition. With `filters`, leading guards that only look may filter the items."""
        guards = self._filters() if filters else []
        block = self._block[len(guards):]
        hits = [place for place, st in enumerate(block) if holds(st, self._calls, self._effects.facts)]
        if not hits:
            raise NotSplittable(ReasonKind.FORM("the call cannot be moved out of this expression"), self._loop)
        moved = list(block[:hits[-1] + 1])
        for st in block[:hits[-1] + 1]:
            if only_prints_or_logs(st, self._effects.facts) and not holds(st, self._calls, self._effects.facts) and not (self._prints and is_console_output(st, self._effects.facts)):
                moved.remove(st)
        moved = self._without_pinned(moved, block[:hits[-1] + 1])
        stays = [st for st in block if st not in moved]
        return self._with_exits(Split(block=tuple(moved), filters=tuple(guards), verdict=_interrupt_verdict(moved, self._effects.facts)), moved, stays)

    def _filters(self) -> list[cst.If]:
        found: list[cst.If] = []
        for st in self._block:
            if not isinstance(st, cst.If) or not is_bare_guard(st) or holds(st, self._calls, self._effects.facts):
                break
            if self._effects.verdict_on([st.test], self._own).level > Level.READ:
                break
            found.append(st)
        return found

    def _without_pinned(self, moved: list[cst.BaseStatement], before: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
        """Return the statements that move: without those that must stay in order, and those that depend on them."""
        while True:
            bound = self._own.union(*map(self._effects.facts.assigned, moved))
            verdict = self._effects.verdict_on(moved, bound, items=items_of(moved, self._own, self._effects.facts), prints=self._prints)
            if verdict.level is Level.IMMOVABLE:
                assert verdict.node is not None
                pinned = next((st for st in moved if verdict.node in set(self._effects.facts.descendants(st))), None)
                if pinned is None or holds(pinned, self._calls, self._effects.facts):
                    raise NotSplittable(verdict.why, verdict.node)
                moved.remove(pinned)
                continue
            needing = self._needing(moved, [st for st in before if st not in moved])
            if needing is None:
                return moved
            moved.remove(needing)

    def _needing(self, moved: list[cst.BaseStatement], stays: list[cst.BaseStatement]) -> cst.BaseStatement | None:
        """Return a moved statement that needs a name bound by an earlier statement that stays. Raises NotSplittable if it contains the I/O."""
        for st in moved:
            for other in stays:
                made = binds(other) & reads(st) if self._number(other) < self._number(st) else set()
                if made and holds(st, self._calls, self._effects.facts):
                    raise NotSplittable(ReasonKind.DEPENDENCE(f"the I/O uses `{min(made)}`, which is created by code that must stay in the loop"), other)
                if made:
                    return st
        return None

    def _with_exits(self, split: Split, moved: list[cst.BaseStatement], stays: list[cst.BaseStatement]) -> Split:
        """Return the split in which the worker ends early where the iteration did, and the rest of that iteration is skipped."""
        exits = [st for st in moved if may_continue(st)]
        last = self._number(moved[-1])
        leaving = [st for st in stays if may_continue(st) and self._number(st) < last]
        made = set().union(*map(binds, moved))
        if len(leaving) == 1 and not exits and self._is_apart(leaving[0], made):
            return self._guarded(split, leaving[0], stays, made)
        if leaving:
            raise NotSplittable(_COMPUTED, leaving[0])
        if len(exits) == 1 and stays and not is_bare_guard(exits[0]) and self._is_apart(exits[0], made) and not holds(exits[0], self._calls, self._effects.facts):
            return self._guarded(split, exits[0], stays, made)
        self._check_order(exits, stays, made)
        return replace(split, exits=tuple(exits))

    def _is_apart(self, statement: cst.BaseStatement, made: set[str]) -> bool:
        """Whether the worker can evaluate the condition of a guard, while the body of the guard stays in place."""
        if not isinstance(statement, cst.If) or not is_continue_guard(statement) or any(isinstance(node, cst.NamedExpr) for node in descend(statement.test)):
            return False
        return not reads(statement.body) & made and not binds(statement.body)

    def _guarded(self, split: Split, guard: cst.BaseStatement, stays: Sequence[cst.BaseStatement], made: set[str]) -> Split:
        assert isinstance(guard, cst.If)
        self._check_order([guard], [st for st in stays if st is not guard], made)
        before = [st for st in split.block if self._number(st) < self._number(guard)]
        after = [st for st in split.block if st is not guard and st not in before]
        bound = self._own.union(*map(self._effects.facts.assigned, split.block))
        verdict = self._effects.verdict_on([*before, guard.test], bound, items=frozenset())
        if verdict.level is Level.IMMOVABLE or reads(guard.test) & set().union(*(binds(st) for st in stays if self._number(st) < self._number(guard))):
            raise NotSplittable(_COMPUTED, guard)
        return replace(split, block=(*before, guard.test, *after), guard=guard)

    def _check_order(self, exits: list[cst.BaseStatement], stays: Iterable[cst.BaseStatement], made: set[str]) -> None:
        """Raise NotSplittable if a statement stays between two exits, or needs a name from before the first: it cannot know which exit was taken."""
        if not exits:
            return
        first, last = self._number(exits[0]), self._number(exits[-1])
        for st in stays:
            if first < self._number(st) < last or self._number(st) < first and reads(st) & made:
                raise NotSplittable(_COMPUTED, st)

"""The partition of a loop body: the part that moves to the workers, and the rest, which stays in order.

The smallest part that contains the I/O moves: an expression, the read in a `with` block, or whole statements, together with the plain
assignments that it uses. Everything else, including conditions and handlers, stays on the calling thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import libcst as cst

from par_lint.analysis.effects.closed_file_data import is_data
from par_lint.analysis.effects.early_exceptions import catches_only_io_errors, catches_other_errors, find_io_error_source, find_raising_node
from par_lint.analysis.effects.iterator_consumption import is_shared_iterator
from par_lint.analysis.effects.operators import operator_verdict
from par_lint.analysis.effects.side_effects import side_effects_of
from par_lint.analysis.effects.unread_responses import unread_names_verdict, unread_value_verdict
from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.evaluation_order import EvaluationOrder, late_error_verdict
from par_lint.analysis.loops.guards import (
    is_bare_guard,
    is_console_output,
    is_continue_guard,
    is_plain_assignment,
    is_repeatable,
    is_repeatable_condition,
    may_continue,
    only_prints_or_logs,
    raises_nothing_noticeable,
    root_of,
)
from par_lint.analysis.loops.moved_value import MovedValue, keeps_each_item
from par_lint.analysis.loops.outline import Outline, items_of
from par_lint.analysis.loops.partition import NotSplittable, Split
from par_lint.analysis.loops.with_blocks import (
    collected,
    handles_of,
    holds,
    is_bound_by_inner_with,
    is_closing_try,
    lines_of,
    mentions,
    suppressing_items,
    without_items,
)
from par_lint.analysis.syntax.expression_names import bound_by, bound_names, reads, terminal
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.variables.definite_assignment import DefiniteAssignment, binds, free_names
from par_lint.analysis.variables.liveness import is_read_after_error, is_unbinding_observable
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.findings import ReasonKind, Withheld

_EARLY_ERROR = ReasonKind.ERRORS("an error of the I/O would be raised before earlier code has run")
_ERROR_OF_MOVED = ReasonKind.ERRORS("an error of code that the I/O needs would be raised before earlier code has run")


class Splitter:
    """Splits the bodies of the loops of one module."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.effects = side_effects_of(facts)
        self._values, self._orders = MovedValue(facts), dict[cst.For, EvaluationOrder]()
        self._own: frozenset[str] = frozenset()
        self._consent = False
        self._in_worker = False

    def split(self, loop: cst.For, calls: Iterable[cst.Call], own: Iterable[str], *, in_worker: bool = False) -> Split | Withheld:
        """Split a loop so that `calls` move; raises NotSplittable with the reason if that is impossible. `own` are the names of the iteration.

        With `in_worker` no condition filters the items beforehand: the worker evaluates those before the I/O.
        """
        self._begin(loop, own, in_worker=in_worker)
        try:
            return self._checked(loop, self._locate(loop, set(calls)))
        except NotSplittable as stuck:
            return Withheld(stuck.reason, self.facts.line(stuck.node))

    def split_with_consent(self, loop: cst.For, calls: Iterable[cst.Call], own: Iterable[str], *, in_worker: bool = False) -> Split | Withheld:
        """Split a loop so that `calls` move with everything that they need, even if it has side effects: the fix is unsafe."""
        self._consent = True
        try:
            split = self.split(loop, calls, own, in_worker=in_worker)
        finally:
            self._consent = False
        return replace(split, verdict=split.verdict | Verdict(Level.UNSAFE, _ERROR_OF_MOVED, split.moved[0])) if isinstance(split, Split) else split

    def outline_with_prints(self, loop: cst.For, calls: Iterable[cst.Call], own: Iterable[str], *, in_worker: bool = False) -> Split | Withheld:
        """Split a loop after its last I/O, and let workers print."""
        return self.outline(loop, calls, own, in_worker=in_worker, prints=True)

    def outline(self, loop: cst.For, calls: Iterable[cst.Call], own: Iterable[str], *, in_worker: bool = False, prints: bool = False) -> Split | Withheld:
        """Split a loop after its last I/O: the statements before the cut move unchanged."""
        self._begin(loop, own, in_worker=in_worker)
        try:
            split = Outline(loop, statements(loop.body, self.facts), set(calls), self._own, self.effects, prints=prints).cut(filters=not in_worker)
            return self._checked(loop, replace(split, verdict=split.verdict | self._outline_verdict(loop, split)), items_of(split.block, self._own, self.facts), prints=prints)
        except NotSplittable as stuck:
            return Withheld(stuck.reason, self.facts.line(stuck.node))

    def _begin(self, loop: cst.For, own: Iterable[str], *, in_worker: bool) -> None:
        self._own, self._in_worker = frozenset(own), in_worker
        self._order = self._orders.get(loop) or self._orders.setdefault(loop, EvaluationOrder(loop, self._own, self.effects))

    def _outline_verdict(self, loop: cst.For, split: Split) -> Verdict:
        """Return the verdict on the order of errors: an error of the moved part may come before an observable effect of what stays, or be inspected."""
        last = self.facts.tree.number(split.block[-1])
        apart = (*split.block, *split.filters, split.guard)
        stays = [st for st in statements(loop.body, self.facts) if st not in apart and self.facts.tree.number(st) < last]
        self._check_failing(loop, split.block)
        self._check_order(stays, split.block)
        if any(map(self._is_noticed, stays)):
            return Verdict(Level.UNSAFE, _EARLY_ERROR, split.block[-1])
        return Verdict()

    # Where the I/O is ---------------------------------------------------------------------------------------------

    def _locate(self, loop: cst.For, calls: set[cst.Call]) -> Split:
        block = statements(loop.body, self.facts)
        split = Split()
        earlier: list[cst.BaseStatement] = []
        leading = 0
        while leading < len(block) and is_bare_guard(block[leading]):
            leading += 1
        filters = tuple(st for st in block[:leading] if isinstance(st, cst.If))
        if any(holds(st, calls, self.facts) for st in filters):
            filters = ()
        top = block = block[len(filters):]
        if self._in_worker:
            split, filters = replace(split, conditions=tuple((one.test, False) for one in filters)), ()
        split = replace(split, filters=filters)
        while True:
            hits = [number for number, st in enumerate(block) if holds(st, calls, self.facts)]
            if not hits:
                raise NotSplittable(ReasonKind.FORM("the call cannot be moved out of this expression"), loop)
            if len(hits) > 1:
                return self._whole(loop, top, calls, filters)
            statement = block[hits[0]]
            earlier += block[:hits[0]]
            match statement:
                case cst.If(test=test, body=body, orelse=orelse):
                    if holds(test, calls, self.facts):
                        if holds(body, calls, self.facts) or orelse is not None and holds(orelse, calls, self.facts):
                            return self._whole(loop, top, calls, filters)
                        return self._expression(loop, split, earlier, statement, test, calls)
                    if holds(body, calls, self.facts):
                        if orelse is not None and holds(orelse, calls, self.facts):
                            return self._whole(loop, top, calls, filters)
                        is_whole = orelse is None and block is top and len(top) == 1
                        if is_whole and not self._in_worker:
                            split = replace(split, wrapped=statement)
                        else:
                            split = replace(split, conditions=(*split.conditions, (test, True)))
                        block = statements(body, self.facts)
                    else:
                        split = replace(split, conditions=(*split.conditions, (test, False)))
                        block = [orelse] if isinstance(orelse, cst.If) else statements(orelse.body, self.facts)  # type: ignore[union-attr]
                case cst.Try(body=body) if not any(holds(part, calls, self.facts) for part in (*statement.handlers, statement.orelse, statement.finalbody) if part):
                    if is_closing_try(statement):
                        found = self._with(loop, split, earlier, statement, calls) if self.effects.verdict_on([statement], self._own).level > Level.READ else None
                        return found if found is not None and not found.is_list else self._whole(loop, top, calls, filters)
                    split = split.below_handlers(earlier, takes_more=catches_other_errors(statement.handlers))
                    block = statements(body, self.facts)
                case cst.With(asynchronous=None) if quiet := suppressing_items(statement, self.facts):
                    caught = [arg.value for item in quiet if isinstance(item.item, cst.Call) for arg in item.item.args]
                    split = split.below_handlers(earlier, takes_more=not all(map(catches_only_io_errors, caught)))
                    if len(quiet) == len(statement.items):
                        block = statements(statement.body, self.facts)
                        continue
                    found = self._with(loop, split, earlier, without_items(statement, quiet), calls)
                    if found is None:
                        return self._whole(loop, top, calls, filters)
                    return replace(found, statement=statement, around=tuple(quiet))
                case cst.With(asynchronous=None):
                    found = self._with(loop, split, earlier, statement, calls)
                    return found if found is not None else self._whole(loop, top, calls, filters)
                case cst.SimpleStatementLine(body=[small]) if not isinstance(small, (cst.Del, cst.Assert)):
                    return self._expression(loop, split, earlier, statement, small, calls)
                case cst.For(iter=iterable, body=body, orelse=orelse) if not any(holds(part, calls, self.facts) for part in (body, orelse) if part is not None):
                    return self._expression(loop, split, earlier, statement, iterable, calls)
                case cst.SimpleStatementLine():
                    raise NotSplittable(ReasonKind.FORM("there are several statements on one line"), statement)
                case _:
                    return self._whole(loop, top, calls, filters)

    def _expression(
        self, loop: cst.For, split: Split, earlier: Sequence[cst.BaseStatement], statement: cst.BaseStatement, root: cst.CSTNode, calls: set[cst.Call]
    ) -> Split:
        value = self._order.extended(root, self._values.smallest(root, lambda node: node in calls))
        before = self._order.before(root, value)
        split = replace(split, statement=statement, value=value, early=tuple(before.early), looked=tuple(before.looked), verdict=split.verdict | before.verdict)
        return self._with_prelude(loop, split, earlier)

    def _with(
        self, loop: cst.For, split: Split, earlier: Sequence[cst.BaseStatement], statement: cst.With | cst.Try, calls: set[cst.Call]
    ) -> Split | None:
        """Split a with block after the last use of what it opens, or a `try` after the last use of what it closes."""
        body = statements(statement.body, self.facts)
        handles = handles_of(statement)
        for st in body:
            match st:
                case cst.SimpleStatementLine(body=[cst.Assign(targets=targets, value=value)]) if mentions(value, handles):
                    if not is_data(value, handles, self.facts):
                        handles |= {name for target in targets for name in bound_names(target.target)}
                case _:
                    pass
        uses = [number for number, st in enumerate(body) if mentions(st, handles) or holds(st, calls, self.facts)]
        if not uses:
            return None
        last = uses[-1]
        holder = body[last]
        match holder:
            case cst.SimpleStatementLine(body=[small]) if isinstance(small, (cst.Assign, cst.AnnAssign, cst.Expr, cst.AugAssign)):
                root: cst.CSTNode = small
            case cst.For() if self.effects.verdict_on([*filter(is_plain_assignment, earlier), statement], self._own).level <= Level.READ:
                return None  # it moves completely, and no lines are kept in memory
            case cst.For(iter=root) | cst.If(test=root):
                pass
            case _:
                return None
        chosen = collected(root, handles, loop, self.facts) or self._values.data_of(holder, root, handles, calls)
        if chosen is None:
            return None
        larger = self._order.extended(root, chosen)
        value = larger if is_data(chosen, handles, self.facts) and is_data(larger, handles, self.facts) else chosen
        is_list = not is_data(value, handles, self.facts)
        before = self._order.before(root, value)
        found = replace(
            split, verdict=split.verdict | before.verdict, early=tuple(before.early), looked=tuple(before.looked), statement=statement, value=value, manager=statement, inside=tuple(body[:last]), tail=tuple(body[last + 1:]), holder=holder,
            is_list=is_list,
        )  # fmt: skip
        return self._with_prelude(loop, found, earlier)

    def _whole(self, loop: cst.For, top: Sequence[cst.BaseStatement], calls: set[cst.Call], filters: tuple[cst.If, ...]) -> Split:
        """Move whole statements of the body: from the first to the last that contains I/O."""
        if self._in_worker:
            raise NotSplittable(ReasonKind.FORM("whole statements move, without a value to return"), loop)
        hits = [number for number, st in enumerate(top) if holds(st, calls, self.facts)]
        split = Split(block=tuple(top[hits[0]:hits[-1] + 1]), filters=filters)
        return self._with_prelude(loop, split, list(top[:hits[0]]))

    # What comes along ---------------------------------------------------------------------------------------------

    def _with_prelude(self, loop: cst.For, split: Split, earlier: Sequence[cst.BaseStatement]) -> Split:
        """Move the assignments that the moved part needs; the others before it stay in order."""
        needed = set().union(*(reads(node) for node in split.moved), *(reads(test) for test, _ in split.conditions))
        chosen: list[cst.BaseStatement] = []
        guards: list[cst.If] = []
        for st in reversed(earlier):
            if is_continue_guard(st):
                assert isinstance(st, cst.If)
                guards.insert(0, st)
                needed |= reads(st.test)
                continue
            bound = self.facts.assigned(st) | self.facts.deleted(st)
            if not bound & needed and not (self._consent and self._comes_along(st, earlier, needed)):
                continue
            verdict = self.effects.verdict_on([st], self._own)
            if (not is_plain_assignment(st) or verdict.level > Level.READ) and not self._may_come(st, earlier):
                if not (used := bound & needed or reads(st) & needed):
                    continue
                raise NotSplittable(ReasonKind.DEPENDENCE(f"the I/O uses `{min(used)}`, which is created by code that must stay in the loop"), st)
            chosen.insert(0, st)
            needed |= reads(st)
        staying = [st for st in earlier if st not in chosen and st not in guards]  # a guard that does something does no I/O
        if any(may_continue(st) for st in staying):
            raise NotSplittable(ReasonKind.DEPENDENCE("the I/O depends on a condition that is computed in the loop"), next(st for st in staying if may_continue(st)))
        self._check_order(staying, [*chosen, *split.moved])
        noticed = [st for st in staying if not self._consent and self._is_noticed(st)]
        reraise = (must := split.reraise or self._shows_when_it_fails(loop, [*earlier, *split.moved])) or bool(noticed)
        in_place = not must and all(is_console_output(st, self.facts) or self.effects.verdict_on([st], stays=True).level <= Level.READ for st in noticed)
        caught = find_raising_node([st for st in chosen if st in split.uncaught], self.facts)
        caught = caught or find_io_error_source([st for st in chosen if st in split.guarded], self.facts)
        verdict = Verdict(Level.UNSAFE, ReasonKind.ERRORS("an error of code that the I/O needs would be caught with errors of the I/O"), caught) if caught is not None else Verdict()
        conditions = sorted((*split.conditions, *((guard.test, False) for guard in guards)), key=lambda one: self.facts.tree.number(one[0]))
        split = replace(split, prelude=tuple(chosen), conditions=tuple(conditions), reraise=reraise, reraises_in_place=in_place, verdict=split.verdict | verdict)
        if split.block:  # its error is raised immediately
            self._check_failing(loop, [*chosen, *split.moved])
            late_error = Verdict(Level.UNSAFE, _EARLY_ERROR, split.block[0]) if reraise else Verdict()
            return replace(split, reraise=False, verdict=split.verdict | late_error)
        return self._with_early_errors(loop, split, staying) if not self._consent else split

    def _check_order(self, staying: Iterable[cst.BaseStatement], moved: Sequence[cst.CSTNode]) -> None:
        """Raise NotSplittable if a write would come before a statement that must precede it: one that creates a folder, or a check that raises."""
        first = next(filter(self._must_come_first, staying), None)
        if first is None:
            return
        own = self._own.union(*map(self.facts.assigned, moved))
        if any(verdict.reason is not None and verdict.reason.kind is ReasonKind.WRITES for verdict in self.effects.verdicts_on_nodes(moved, own)):
            raise NotSplittable(ReasonKind.ORDER("a write would come before code that must run first"), first)

    def _must_come_first(self, statement: cst.BaseStatement) -> bool:
        if only_prints_or_logs(statement, self.facts):
            return False
        raises = any(isinstance(node, (cst.Raise, cst.Assert)) for node in self.facts.own_descendants(statement))
        return raises or any(verdict.level is Level.UNSAFE for verdict in self.effects.verdicts_on_nodes([statement], self._own | self.facts.assigned(statement)))

    def _comes_along(self, statement: cst.BaseStatement, earlier: Sequence[cst.BaseStatement], needed: set[str]) -> bool:
        """Whether a statement may change something that the I/O needs: a file, or an object in the moved part."""
        if only_prints_or_logs(statement, self.facts):
            return False
        moved = needed & set().union(*map(self.facts.assigned, earlier))
        return bool(reads(statement) & moved) or self.effects.verdict_on([statement], self._own | self.facts.assigned(statement)).level is Level.UNSAFE

    def _check_failing(self, loop: cst.For, moved: Iterable[cst.CSTNode]) -> None:
        """Raise NotSplittable if code reads a name after the I/O has failed, when it may be unbound."""
        bound = self._own.union(*map(self.facts.assigned, moved))
        if (name := next((name for name in sorted(bound) if is_read_after_error(name, loop, self.facts)), None)) is not None:
            raise NotSplittable(ReasonKind.NAMES(f"`{name}` is used after an error of the I/O"), loop)

    def _may_come(self, statement: cst.BaseStatement, earlier: Iterable[cst.BaseStatement]) -> bool:
        """Whether a statement that does more than compute a name may move in an unsafe fix."""
        own = self._own.union(*map(self.facts.assigned, earlier))
        return self._consent and not may_continue(statement) and self.effects.verdict_on([statement], own, items=self._own).level < Level.IMMOVABLE

    def _with_early_errors(self, loop: cst.For, split: Split, staying: Sequence[cst.BaseStatement]) -> Split:
        """Return the split in which the rest repeats statements that may fail before an observable effect, so that their error comes first."""
        last = max(map(self.facts.tree.number, filter(self._is_noticed, staying)), default=-1)
        early = [st for st in split.prelude if self.facts.tree.number(st) < last and self._order.may_raise(st)]
        if split.verdict.level < Level.UNSAFE:
            early += [st for st in split.prelude if st in split.uncaught and st not in early and self._order.may_raise(st)]
        if not early:
            return split
        try:
            return replace(split, copied=self._copied(loop, split, set().union(*map(self.facts.assigned, early))))
        except NotSplittable as stuck:
            failing = Verdict(Level.UNSAFE, ReasonKind.ERRORS("an error of code that the I/O needs would be raised after earlier code has run"), stuck.node)
            return replace(split, verdict=split.verdict | failing)

    def _is_noticed(self, statement: cst.BaseStatement) -> bool:
        """Whether a statement that stays before the I/O has an observable effect, or may raise."""
        return self.effects.verdict_on([statement], stays=True).level > Level.READ or self._order.may_raise(statement)

    def _shows_when_it_fails(self, loop: cst.For, moved: Iterable[cst.CSTNode]) -> bool:
        """Whether code reads a name that an iteration binds before or in the I/O after the I/O has failed."""
        bound = self._own.union(*(self.facts.assigned(node) for node in moved))
        return any(is_read_after_error(name, loop, self.facts) for name in sorted(bound))

    # Whether it may -----------------------------------------------------------------------------------------------

    def _checked(self, loop: cst.For, split: Split, items: frozenset[str] | None = None, *, prints: bool = False) -> Split:
        own = self._own
        inside_names = set().union(*(self.facts.assigned(node) for node in split.moved))
        if self._consent:
            items = items_of(split.moved, own, self.facts)
        verdict = self.effects.verdict_on([*split.moved], own | inside_names, items=items, prints=prints)
        looked = [*split.moved, *(test for test, _ in split.conditions)]
        if items is not None and (lost := next(filter(is_shared_iterator, self.effects.verdicts_on_nodes(looked, own | inside_names)), None)) is not None:
            raise NotSplittable(lost.why, lost.node or loop)
        for test in (*(st.test for st in split.filters), *(test for test, _ in split.conditions), *([split.wrapped.test] if split.wrapped else [])):
            found = self.effects.verdict_on([test], own | inside_names)
            is_counted = found.reason is not None and found.reason.kind is ReasonKind.STATE  # what it changes must be changed in order
            if found.level > (Level.UNSAFE if self._consent and not is_counted else Level.READ):
                raise NotSplittable(found.why.at("in a condition of the I/O"), test)
            verdict |= found
        if verdict.level is Level.IMMOVABLE:
            assert verdict.node is not None
            raise NotSplittable(verdict.why, verdict.node)
        split = self._with_looked(loop, split)
        if split.early and (split.reraise or split.conditions or split.is_list):
            split = replace(split, early=(), verdict=split.verdict | late_error_verdict(split.early[0]))
        split = self._with_flags(loop, split)
        verdict |= self._tests_verdict(loop, split)
        verdict |= unread_names_verdict(split.gives, split.moved, loop, self.facts) if split.value is None else unread_value_verdict(split.value, self.facts) if not split.is_list else Verdict()
        if split.is_list and not self.facts.is_builtin("list", loop):
            raise NotSplittable(ReasonKind.NAMES("list is not the built-in here"), loop)
        if split.is_list and isinstance(split.holder, cst.For) and not keeps_each_item(split.holder, loop, self.facts):
            verdict |= Verdict(Level.UNSAFE, ReasonKind.MEMORY("whole files would be in memory instead of one line"), split.holder)
        return replace(split, verdict=verdict | split.verdict)

    def _with_looked(self, loop: cst.For, split: Split) -> Split:
        """Return the split in which the rest looks up its methods before it raises the error of the I/O, if nothing else must be reported before."""
        if not split.looked:
            return split
        prelude = [st for st in split.prelude if st not in split.copied]
        is_opened_first = split.manager is not None  # its error comes before that of the look-up, an error of reading after it
        if is_opened_first or split.conditions or any(map(self._order.may_raise, prelude)) or self._gives(loop, split):
            return replace(split, looked=(), verdict=split.verdict | late_error_verdict(split.looked[0]))
        return replace(split, reraise=True, reraises_for_looked=not split.reraise)

    def _with_flags(self, loop: cst.For, split: Split) -> Split:
        """Choose the results of a worker, and the conditions that it alone evaluates: those that cannot be evaluated twice, or decide which names it binds.

        If an error is raised later than it happens, the worker returns no names: the rest computes them itself.
        """
        gives = self._gives(loop, split)
        if (split.exits or split.guard is not None) and (live := next((name for name in gives if is_unbinding_observable(name, loop, self.facts)), None)) is not None:
            raise NotSplittable(ReasonKind.NAMES(f"`{live}` is bound only in some iterations, together with the I/O"), loop)
        made = {name: st for st in split.prelude for name in self.facts.assigned(st)}
        if split.reraise and (gives or any(reads(test) & made.keys() for test, _ in split.conditions)):
            seen = set(gives).union(*(reads(test) for test, _ in split.conditions), *map(self.facts.assigned, split.copied))
            split = replace(split, copied=self._copied(loop, split, seen & made.keys()))
            gives = tuple(name for name in gives if made.get(name) not in split.copied)
        if gives and split.reraise:
            raise NotSplittable(ReasonKind.NAMES(f"`{gives[0]}` is created together with the I/O and used later"), loop)
        split = replace(split, gives=gives)
        if not split.conditions or not gives and self._are_repeatable(split):
            return split
        for test, _ in split.conditions:
            if split.reraise and find_raising_node([test], self.facts) and (not self._consent or self._stands_outside(test, split)):
                raise NotSplittable(ReasonKind.ERRORS("an error of its condition would be mixed with errors of the I/O"), test)
            if split.reraise and (self._order.may_raise(test) or not raises_nothing_noticeable(test, split.uncaught, split.copied, self.facts)):
                failing = Verdict(Level.UNSAFE, ReasonKind.ERRORS("an error of its condition would be mixed with errors of the I/O"), test)
                if self._stands_outside(test, split) and not raises_nothing_noticeable(test, split.uncaught, split.copied, self.facts):
                    raise NotSplittable(failing.why, test)
                split = replace(split, verdict=split.verdict | failing)
        split = replace(split, flags=tuple(test for test, _ in split.conditions))
        gives = self._gives(loop, split)
        for name in gives:
            if is_unbinding_observable(name, loop, self.facts):
                raise NotSplittable(ReasonKind.NAMES(f"`{name}` is created together with the I/O and used later"), loop)
        return replace(split, gives=tuple(name for name in gives if made.get(name) not in split.copied))

    def _stands_outside(self, test: cst.CSTNode, split: Split) -> bool:
        """Whether a condition is outside the handlers around the I/O, which would catch its errors as well."""
        return any(self.facts.tree.holds(statement, test) for statement in (*split.guarded, *split.uncaught))

    def _copied(self, loop: cst.For, split: Split, names: set[str]) -> tuple[cst.BaseStatement, ...]:
        """Return the statements of the prelude that bind some names, and those on which they depend. All must have the same result when they run twice."""
        found: list[cst.BaseStatement] = []
        for st in reversed(split.prelude):
            if not self.facts.assigned(st) & names:
                continue
            if not (is_repeatable(st, loop, self.facts) or self._consent) or self.effects.verdict_on([st], self._own).level > Level.PURE:
                raise NotSplittable(ReasonKind.NAMES(f"`{min(self.facts.assigned(st) & names)}` is created together with the I/O and used later"), st)
            found.insert(0, st)
            names = names | reads(st)
        return tuple(found)

    def _are_repeatable(self, split: Split) -> bool:
        """Whether all conditions have the same value when the worker and then the rest evaluate them."""
        moved = set().union(*(self.facts.assigned(st) for st in split.prelude if st not in split.copied))
        calls = [call for test, _ in split.conditions for call in descend(test, into_functions=True) if isinstance(call, cst.Call)]
        is_pure = all(self.effects.verdict_on([test], self._own).level is Level.PURE for test, _ in split.conditions)
        return is_pure and all(is_repeatable_condition(call, self.facts) for call in calls) and not any(reads(test) & moved for test, _ in split.conditions)

    def _tests_verdict(self, loop: cst.For, split: Split) -> Verdict:
        """Return the verdict on conditions that run ahead: special methods must have no side effects, and methods must not change the objects."""
        tests = [*(st.test for st in split.filters), *(test for test, _ in split.conditions), *([split.wrapped.test] if split.wrapped else [])]
        verdict = Verdict()
        for test in tests:
            verdict |= operator_verdict(test, self.effects)
        inside = {inner for part in (*split.moved, *tests) for inner in self.facts.descendants(part)}
        for test in tests:
            looked = {root for node in descend(test) if isinstance(node, (cst.Attribute, cst.Subscript)) and (root := root_of(node)) is not None}
            for call in (node for node in self.facts.descendants(loop.body) if type(node) is cst.Call and node not in inside):
                root = root_of(call.func) if isinstance(call.func, cst.Attribute) else None
                is_late = root in self._own and self.facts.tree.number(call) > self.facts.tree.number(test)
                if root not in looked or is_late or self.effects.verdict_on([call], stays=True).level < Level.UNSAFE:
                    continue
                verdict |= Verdict(Level.UNSAFE, ReasonKind.DEPENDENCE(f"`{root}.{terminal(call)}()` may change the condition of the I/O"), call)
        return verdict

    def _gives(self, loop: cst.For, split: Split) -> tuple[str, ...]:
        """Return the names that the moved part binds and other code reads, in the order of their bindings."""
        flow = DefiniteAssignment(self.facts)
        end = flow.names_bound_after(split.moved, self._own)
        bound = dict.fromkeys(name for node in split.moved for name in sorted(binds(node)))
        for name in bound:
            if name in flow.early:
                raise NotSplittable(ReasonKind.DEPENDENCE(f"`{name}` may be read before the iteration sets it"), flow.early[name])
        inside = {inner for node in split.moved for inner in self.facts.descendants(node)}
        rest: dict[str, list[cst.Name]] = {}
        for node in free_names(loop):
            if node not in inside and not any(self.facts.tree.holds(part, node) for part in (loop.target, loop.iter)):
                rest.setdefault(node.value, []).append(node)
        filters = [*(st.test for st in split.filters), *([split.wrapped.test] if split.wrapped is not None else [])]
        gives = tuple(name for name in bound if self._is_taken(name, rest.get(name, ()), filters) or is_unbinding_observable(name, loop, self.facts))
        for name in gives:
            self._check_given(name, rest.get(name, ()), split, end)
        return gives

    def _is_taken(self, name: str, uses: Sequence[cst.Name], filters: Sequence[cst.BaseExpression]) -> bool:
        """Whether the rest uses the value that a worker binds to a name, and does not first bind the name itself in a `with` or a loop."""
        headers = filters if name in self._own else ()
        return any(not any(self.facts.tree.holds(part, use) for part in headers) and not is_bound_by_inner_with(name, use, self.facts) for use in uses)

    def _check_given(self, name: str, uses: Sequence[cst.Name], split: Split, end: frozenset[str] | None) -> None:
        """Raise NotSplittable unless every iteration binds a name that a worker returns, and the rest does not rebind it."""
        if end is not None and name not in end:
            raise NotSplittable(ReasonKind.NAMES(f"`{name}` is bound only in some iterations, together with the I/O"), next(node for node in split.moved if name in binds(node)))
        number = self.facts.tree.number
        last = max(number(inner) for node in split.moved for inner in self.facts.own_descendants(node) if name in bound_by(inner) or inner is node and name in binds(node))
        headers = [*split.filters, *([split.wrapped.test] if split.wrapped is not None else [])] if name in self._own else []
        early = [use for use in uses if number(use) < last and not any(self.facts.tree.holds(part, use) for part in headers)]
        if early:
            raise NotSplittable(ReasonKind.DEPENDENCE(f"`{name}` is used before the I/O, with another value"), early[0])


def statements(body: cst.BaseSuite, facts: Facts | None = None) -> list[cst.BaseStatement]:
    """Return the statements of a block. Raises NotSplittable if the block is on the line of its header and there are no `facts` to separate it."""
    if isinstance(body, cst.SimpleStatementSuite) and facts is not None:
        return lines_of(body, facts)
    if not isinstance(body, cst.IndentedBlock):
        raise NotSplittable(ReasonKind.FORM("the body is on the same line as the header"), body)
    return list(body.body)

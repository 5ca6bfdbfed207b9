"""Split a loop: its I/O runs in workers, the rest of its body stays in order on the calling thread (loop fission)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.iterables import is_collection, is_over_collections, items_may_be_iterators, may_be_lazy
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.loops.partition import Split
from par_lint.analysis.loops.split_body import statements
from par_lint.analysis.loops.with_blocks import with_only_items
from par_lint.analysis.semantics.dataflow.body_summary import SliceIoCall
from par_lint.analysis.syntax.expression_names import bound_by, bound_names, reads
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.variables.definite_assignment import DefiniteAssignment
from par_lint.analysis.variables.liveness import is_read_after_error, is_unbinding_observable
from par_lint.analysis.verdict import Verdict
from par_lint.core.catalog.entry import Effect, Entry
from par_lint.core.findings import Applicability, ReasonKind, Withheld
from par_lint.fixes.codegen.brackets import code
from par_lint.fixes.codegen.edit import RUNTIME, Edit
from par_lint.fixes.codegen.fresh_names import early_result_name_candidates, fresh_names, result_name_candidates
from par_lint.fixes.codegen.node_builders import (
    LIST,
    LOOP,
    STREAM,
    Line,
    comment_lines,
    comments,
    parenthesized_for_clause,
    parenthesized_tuple,
    place_function,
    runtime_call,
    without_leading_blanks,
)
from par_lint.fixes.codegen.replace import Replacement, replace_inside
from par_lint.fixes.loop_fixes.continue_to_return import has_continue, with_returns
from par_lint.fixes.loop_fixes.isinstance_checks import replace_try_with_isinstance
from par_lint.fixes.loop_fixes.skip_result import Skip, item_of, outcome_of, plan_skip
from par_lint.fixes.loop_fixes.worker import build_worker, captured_names, exact_path, negate

IMPORTS = ((RUNTIME, "run_parallel"),)
MOST_VALUES = 4  # of one item that a reader can tell apart


@dataclass(frozen=True)
class LoopFix:
    """A fix that can be built, and how far it can be trusted."""

    applicability: Applicability
    build: Callable[[], Edit | Withheld]
    verdict: Verdict = Verdict()
    is_patched: bool = False  # conditions of the rest are replaced by flags, which reads worse than statements that move whole
    shows_late: bool = False  # lines that are printed before the I/O come after it


@dataclass(frozen=True)
class Style:
    """The style of new code: the number of workers, and the oldest minor version of Python 3 that it must support."""

    workers: int
    python: int = 10


@dataclass(frozen=True)
class Shape:
    """A loop to rebuild: `node` is the `for` whose body is split, `old` is the statement that is replaced.

    They differ for flattened nested loops: `iterable` is then a comprehension over both, evaluated first under the name `listed`, or
    lazily without a name. `may_listing_fail`: listing all first may raise before work that came before; then only a fix for review does.
    """

    node: cst.For
    old: cst.For
    target: cst.BaseExpression
    iterable: cst.BaseExpression
    site: LoopSite
    entry: Entry
    listed: str | None = None
    may_listing_fail: bool = False


class Fission:
    """Builds the two parts of one split loop."""

    def __init__(self, shape: Shape, split: Split, facts: Facts, style: Style, applicability: Applicability) -> None:
        self.shape = shape
        self.applicability = applicability
        self.node = shape.node
        self.split = split
        self.facts = facts
        self.style = style
        self.names = fresh_names(facts, shape.old)
        self.kept_comments: list[str] = []
        self._lists_lazily = shape.may_listing_fail and applicability is Applicability.SAFE

    def build(self) -> Edit | Withheld:
        """Return the edit, or the reason why there is none after all."""
        slot, body = self._body()
        if len(self.slots) > MOST_VALUES:
            return Withheld(ReasonKind.FORM(f"the rest of the loop would need {len(self.slots)} values of what moves"), self.facts.line(self.node))
        if body and self._is_hollow(body):
            slot, body = None, []
            self.split = replace(self.split, flags=())
        if self.error is not None:
            body, self.error = replace_try_with_isinstance(body, self.error, self.shape.old, self.facts, is_safe=self.applicability is Applicability.SAFE)
        is_empty = not body
        may_skip = self.split.filters or self.split.wrapped or is_empty or self.node is not self.shape.old
        live = self._live(bound_names(self.shape.old.target) + bound_names(self.node.target)) if may_skip else None
        if live is not None:
            return Withheld(ReasonKind.NAMES(f"`{live}` is used after the loop"), self.facts.line(self.shape.old))
        if is_empty and slot is not None and self._live([code(slot)]) is None:
            slot = None
        target, iterable, wrap = self._items()
        may_be_endless = self.applicability is Applicability.SAFE and not is_collection(iterable, self.facts)
        if is_empty and (slot is not None or may_be_endless):
            body = [cst.SimpleStatementLine([cst.Pass()])]
            is_empty = False
        if is_empty and self.node.orelse is not None:
            return Withheld(ReasonKind.FORM("the loop has an else clause"), self.facts.line(self.node))
        captured = captured_names(self.shape.old, self.split, self.facts, bound_names(self.shape.target))
        worker = build_worker(
            self.split, target, self._entry(), self.names, self.facts, captured, exact=exact_path(iterable, self.facts), removed=self.removed, gives_nothing=is_empty,
            skip=self.skip, call=work.call if (work := self._work()) is not None else None, iterable=self.shape.iterable if isinstance(target, cst.Name) else None,
        )
        definition = worker.definition
        if is_empty and definition is not None:
            definition = definition.with_changes(body=cst.IndentedBlock(with_returns(statements(definition.body))))
        if definition is not None and has_continue(definition):
            return Withheld(ReasonKind.FORM("a continue would have to leave a function"), self.facts.line(self.node))
        new = self._statement(worker.func, iterable, wrap) if is_empty else self._loop(worker.func, target, iterable, wrap, slot, body)
        old = self.shape.old
        new_nodes: list[Line] = place_function(definition, new, old, self.facts) if definition is not None else [new]
        if self.shape.listed is not None:
            new_nodes = self._with_list(new_nodes, self.shape.listed)
        if len(new_nodes) == 1:
            return Edit(((old, new_nodes[0]),), IMPORTS)
        return Edit(((old, cst.FlattenSentinel(new_nodes)),), IMPORTS)

    def _work(self) -> SliceIoCall | None:
        """Return the moved I/O that describes the worker: one that writes, else the first."""
        inside = {node for part in self.split.moved for node in self.facts.descendants(part)}
        moved = [work for work in self.shape.site.io_calls if work.call in inside]
        writing = [work for work in moved if work.entry.effect is Effect.WRITE]
        return next(iter((*writing, *moved)), None)

    def _entry(self) -> Entry:
        work = self._work()
        return work.entry if work is not None and work.entry.effect is Effect.WRITE else self.shape.entry

    def _with_list(self, nodes: list[Line], name: str) -> list[Line]:
        """Return the statements with the one that lists all files before the loop; comments of the loop stay above it."""
        *before, last = nodes
        files = cst.GeneratorExp(self.listing.elt, self.listing.for_in) if self._lists_lazily else self.listing
        assign = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], files)], leading_lines=last.leading_lines)
        return [*before, assign, last.with_changes(leading_lines=[])]

    @property
    def listing(self) -> cst.ListComp:
        """Return the comprehension over the nested loops, with the conditions of the outer body."""
        found = self.shape.iterable
        assert isinstance(found, cst.ListComp)
        outer = found.for_in
        inner = outer.inner_for_in
        tests = [cst.CompIf(parenthesized_for_clause(test)) for test in self._tests()]
        if inner is None:
            return found.with_changes(for_in=outer.with_changes(ifs=[*outer.ifs, *tests]))
        return found.with_changes(for_in=outer.with_changes(inner_for_in=inner.with_changes(ifs=[*inner.ifs, *tests])))

    def _tests(self) -> list[cst.BaseExpression]:
        tests = [negate(guard.test) for guard in self.split.filters]
        if self.split.wrapped is not None:
            tests.append(self.split.wrapped.test)
        return tests

    # The parts of the new loop ------------------------------------------------------------------------------------

    def _body(self) -> tuple[cst.BaseAssignTargetExpression | None, list[cst.BaseStatement]]:
        """Return the target for the worker's result, and the statements that stay."""
        split = self.split
        changes: dict[cst.CSTNode, Replacement] = {}
        for statement in (*split.filters, *split.prelude, *split.block):
            if statement not in split.copied:
                changes[statement] = cst.RemoveFromParent()
        for statement in split.filters:
            self.kept_comments += comments(statement)
        slots = self._place_flags(changes)
        if split.value is not None:
            slots += self._place_value(changes)
        source: Sequence[cst.BaseStatement] = statements((split.wrapped or self.node).body, self.facts)
        slots += self._place_exits(changes, source) if split.exits or split.guard is not None else split.gives
        if split.wrapped is not None:
            self.kept_comments += comments(split.wrapped.with_changes(body=cst.IndentedBlock([])))
        body = replace_inside(cst.IndentedBlock(list(source)), changes)
        self.slots = slots
        slot: cst.BaseAssignTargetExpression | None = None
        if self.outcome is not None:
            slot = cst.Name(self.outcome)
        elif len(slots) == 1:
            slot = cst.Name(slots[0])
        elif slots:
            slot = cst.Tuple([cst.Element(cst.Name(name)) for name in slots])
        return slot, list(body.body)

    slots: Sequence[str] = ()
    """The names that the loop binds to what the worker gives."""

    def _is_hollow(self, body: Sequence[cst.BaseStatement]) -> bool:
        """Return whether nothing is left but conditions of the I/O, which the worker looks at: `if test: pass`."""
        split = self.split
        if split.gives or split.reraise or split.exits or split.guard is not None or self.error is not None or len(self.slots) > len(split.flags):
            return False
        tests = [code(test) for test, _ in split.conditions] + self.slots  # type: ignore[operator]
        return all(_is_empty(st, tests) for st in body)

    skip: Skip | None = None
    """How the rest leaves out iterations that the worker ended early."""

    def _place_exits(self, changes: dict[cst.CSTNode, Replacement], source: Sequence[cst.BaseStatement]) -> Sequence[str]:
        """Leave out the rest of iterations that the worker ended early; return the names of what the worker gives."""
        if all(changes.get(statement) is cst.RemoveFromParent() for statement in source):
            return self.split.gives
        self.skip = skip = plan_skip(self.split, self.names, self._entry(), self.facts)
        if self.split.guard is not None:
            guard = self.split.guard.with_changes(test=skip.test)
            changes[self.split.guard] = cst.FlattenSentinel([guard, *skip.unpacking])
        else:
            changes[self.split.exits[0]] = cst.FlattenSentinel(skip.statements)
        return skip.slots

    def _place_flags(self, changes: dict[cst.CSTNode, Replacement]) -> list[str]:
        """Replace the conditions that only the worker evaluates by its results; return their names."""
        split = self.split
        if not split.flags:
            return []
        if not split.reraise or split.block:
            slots = [self.names.fresh("is_wanted" if wanted else "is_skipped") for _, wanted in split.conditions]
            changes.update((test, cst.Name(name)) for test, name in zip(split.flags, slots))
            return slots
        self.outcome = self.names.fresh("outcome")
        self.error = self.names.fresh("error", "read_error")
        for place, (test, wanted) in enumerate(split.conditions):
            changes[test] = outcome_of(cst.Name(self.outcome) if self._gives_one() else item_of(self.outcome, place), self.error, wanted)
        return []

    def _gives_one(self) -> bool:
        """Whether the worker gives a flag and nothing else."""
        split = self.split
        holder = split.holder or split.statement
        is_dropped = holder is not None and split.value is not None and _is_bare(holder, split.value)
        return is_dropped and len(split.flags) == 1 and not split.gives and not split.early

    outcome: str | None = None
    """The name of the worker's outcome, which may be an error."""

    def _place_value(self, changes: dict[cst.CSTNode, Replacement]) -> list[str]:
        """Replace the moved value by the result; return the name of the result."""
        split = self.split
        holder = split.holder or split.statement
        assert holder is not None and split.value is not None
        name = self._assigned_name(holder)
        new: list[cst.BaseStatement] = []
        early: list[str] = []
        looked: list[cst.BaseStatement] = []
        if name is not None or _is_bare(holder, split.value):
            assert isinstance(holder, cst.SimpleStatementLine)
            self.removed = holder
        else:
            name = self.names.fresh(*result_name_candidates(split.value, self.shape.entry)) if self.outcome is None else self.outcome
            found = cst.Name(name) if self.outcome is None else item_of(name, len(split.flags))
            placed: dict[cst.CSTNode, cst.BaseExpression] = {split.value: found}
            for part in split.early:
                early.append(self.names.fresh(*early_result_name_candidates(part)))
                placed[part] = cst.Name(early[-1])
            for method in split.looked:
                placed[method] = cst.Name(self.names.fresh(method.attr.value, f"{method.attr.value}_it"))
                looked.append(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(placed[method])], method)]))  # type: ignore[arg-type]
            new = [replace_inside(holder, placed)]
        if split.reraise:
            self.error = self.error or self.names.fresh("error", "read_error")
            test = cst.Comparison(cst.Name(self.error), [cst.ComparisonTarget(cst.IsNot(), cst.Name("None"))])
            raising = cst.SimpleStatementLine([cst.Raise(cst.Name(self.error))])
            new[:0] = [*looked, cst.If(test, cst.IndentedBlock([raising]))]
        new += split.tail
        if split.around:
            assert isinstance(split.statement, cst.With)
            new = [with_only_items(split.statement, split.around, new or [cst.SimpleStatementLine([cst.Pass()])])]
        assert split.statement is not None
        changes[split.statement] = cst.FlattenSentinel(new) if new else cst.RemoveFromParent()
        return [*early, name] if name is not None else []

    error: str | None = None
    removed: cst.SimpleStatementLine | None = None

    def _assigned_name(self, holder: cst.BaseStatement) -> str | None:
        """Return the name in a plain `name = value`, which the loop can bind itself."""
        split = self.split
        if self.outcome is not None:
            return None
        match holder:
            case cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value)]):
                if value is not split.value:
                    return None
                is_item = name in bound_names(self.shape.target)
                if not (split.conditions or split.reraise or split.wrapped or is_item):
                    return None if self._is_read_before(name, holder) else name
                return name if self._is_only_read_behind(name, holder) else None
            case _:
                return None

    def _is_only_read_behind(self, name: str, holder: cst.BaseStatement) -> bool:
        """Return whether the loop can bind a name, there be a value or not: each iteration reads it only once it has assigned it there."""
        old = self.shape.old
        if is_unbinding_observable(name, old, self.facts) or is_read_after_error(name, old, self.facts):
            return False
        block = statements(self.node.body, self.facts)
        number = self.facts.tree.number
        names = {node.value for part in block for node in descend(part, into_functions=True) if isinstance(node, cst.Name)}
        inside = {inner for part in self.split.moved for inner in descend(part, into_functions=True)}
        flow = DefiniteAssignment(self.facts)
        flow.names_bound_after(block, frozenset(names - {name}))
        first = flow.early.get(name)
        is_early = any(number(node) < number(holder) and name in bound_by(node) for part in block for node in descend(part))
        is_item = name in bound_names(self.shape.target)
        return not is_early and (first is None or is_item and first in inside and not self._is_read_outside(name, holder, inside))

    def _is_read_outside(self, name: str, holder: cst.BaseStatement, inside: set[cst.CSTNode]) -> bool:
        """Return whether the rest may read a name of the item before it gets its new value, or where it does not get it."""
        block = self.facts.parent(self.split.statement or holder)
        uses = [use for use in self.facts.named_below(self.node.body, name) if use not in inside and not self.facts.tree.holds(holder, use)]
        number = self.facts.tree.number
        return block is None or not all(number(use) > number(holder) and self.facts.tree.holds(block, use) for use in uses)

    def _is_read_before(self, name: str, holder: cst.BaseStatement) -> bool:
        """Return whether the body reads a name before it binds it, or the function binds it as an outer name elsewhere."""
        moved = set(self.split.moved)
        for statement in statements(self.node.body, self.facts):
            if statement is holder or statement is self.split.statement:
                return False
            if statement not in moved and any(isinstance(n, cst.Name) and n.value == name for n in descend(statement, into_functions=True)):
                return True
        return True

    def _items(self) -> tuple[cst.BaseExpression, cst.BaseExpression, Callable[[cst.Call], cst.BaseExpression] | None]:
        """Return the target and the iterable of the worker, and the wrapper around the call (`enumerate`)."""
        if self.shape.listed is not None:
            return self.shape.target, cst.Name(self.shape.listed), None
        if self.node is not self.shape.old:
            return self.shape.target, cst.GeneratorExp(self.listing.elt, self.listing.for_in), None
        target, iterable = self.shape.target, self.shape.iterable
        inner = self._enumerated()
        if inner is not None:
            call = self.node.iter
            assert isinstance(call, cst.Call)
            rest = call.args[1:]
            return inner, self._taken_once(inner, call.args[0].value), lambda new: call.with_changes(args=[call.args[0].with_changes(value=new), *rest])
        tests = self._tests()
        return target, _filtered(target, iterable, tests) if tests else self._taken_once(target, iterable), None

    def _taken_once(self, target: cst.BaseExpression, iterable: cst.BaseExpression) -> cst.BaseExpression:
        """Return the iterable; its items are converted to tuples if they can be unpacked only once."""
        is_taken = isinstance(target, (cst.Tuple, cst.List)) and items_may_be_iterators(iterable, self.facts)
        return _filtered(target, iterable, []) if is_taken else iterable

    def _enumerated(self) -> cst.BaseExpression | None:
        """Return the item's target in `for number, item in enumerate(...)`, if the moved part does not use the number."""
        match self.node.target, self.node.iter:
            case cst.Tuple(elements=[cst.Element(value=cst.Name(value=number)), cst.Element(value=inner)]), cst.Call(
                func=cst.Name("enumerate") as func, args=[_, *_]
            ) if self.facts.is_builtin("enumerate", func):
                nodes = (*self.split.moved, *(test for test, _ in self.split.conditions))
                used = any(isinstance(n, cst.Name) and n.value == number for node in nodes for n in descend(node, into_functions=True))
                return None if used or self.split.filters or self.split.wrapped else inner
            case _:
                return None

    def _loop(
        self, func: cst.BaseExpression, target: cst.BaseExpression, iterable: cst.BaseExpression,
        wrap: Callable[[cst.Call], cst.BaseExpression] | None, slot: cst.BaseAssignTargetExpression | None, body: list[cst.BaseStatement],
    ) -> cst.For:  # fmt: skip
        ignored = self.names.ignored
        item = self._with_unused_ignored(parenthesized_tuple(target), body)
        triple = cst.Tuple(
            [cst.Element(item), cst.Element(slot or cst.Name(ignored)), cst.Element(cst.Name(self.error or ignored))], lpar=[], rpar=[]
        )
        new_target: cst.BaseExpression = triple if slot is not None or self.error is not None or not _is_ignored(item, ignored) else cst.Name(ignored)
        if wrap is not None:
            assert isinstance(self.node.target, cst.Tuple)
            number = self.node.target.elements[0]
            new_target = cst.Tuple([number, cst.Element(parenthesized_tuple(new_target))], lpar=[], rpar=[])
        call = self._call(func, iterable, STREAM if self._lists_lazily else call_form(iterable, self.applicability, self.facts))
        new_iter = wrap(call) if wrap is not None else call
        old = self.node.body if isinstance(self.node.body, cst.IndentedBlock) else cst.IndentedBlock([])
        block = old.with_changes(body=without_leading_blanks(body), header=self._header())
        return self.node.with_changes(
            target=new_target, iter=new_iter, body=block, leading_lines=[*self._leading(), *comment_lines(self.kept_comments)]
        )

    def _with_unused_ignored(self, target: cst.BaseExpression, body: Sequence[cst.BaseStatement]) -> cst.BaseExpression:
        """Return the item's target, with `_` for names that the worker returns again or that are unused. A module keeps its names for importers."""
        unused = set(bound_names(target)) & {*self.split.gives, *self.slots}
        if self.facts.enclosing_function(self.shape.old) is not None:
            unused |= self._unused(bound_names(target), body)
        ignored = cst.Name(self.names.ignored)
        if isinstance(target, cst.Name):
            return ignored if target.value in unused else target
        places: dict[cst.CSTNode, Replacement] = {node: ignored for node in descend(target) if isinstance(node, cst.Name) and node.value in unused}
        if unused == set(bound_names(target)):
            return ignored
        return replace_inside(target, places) if places else target

    def _unused(self, names: Sequence[str], body: Sequence[cst.BaseStatement]) -> set[str]:
        seen = set().union(*(reads(part) for part in (*body, self.node.orelse) if part is not None))
        old = self.shape.old
        return {
            name
            for name in names
            if name not in seen and not is_unbinding_observable(name, old, self.facts) and not is_read_after_error(name, old, self.facts)
        }

    def _leading(self) -> list[cst.EmptyLine]:
        return list(self.shape.old.leading_lines)

    def _header(self) -> cst.TrailingWhitespace:
        """Return the end of the loop's first line; for two flattened loops the one with a comment, else the comments of both."""
        inner, outer = _header_of(self.node), _header_of(self.shape.old)
        if self.node is self.shape.old or inner.comment is None:
            return outer
        if outer.comment is None:
            return inner
        self.kept_comments.append(inner.comment.value)
        return outer

    def _comments(self) -> list[cst.EmptyLine]:
        """Return the comments of removed code, as lines above the loop."""
        return comment_lines(self.kept_comments)

    def _statement(
        self, func: cst.BaseExpression, iterable: cst.BaseExpression, wrap: Callable[[cst.Call], cst.BaseExpression] | None
    ) -> cst.SimpleStatementLine:
        call = self._call(func, iterable, LIST)
        header = self._header()
        footer = comment_lines([text for line in getattr(self.node.body, "footer", ()) for text in comments(line)])
        return cst.SimpleStatementLine(
            [cst.Expr(call)], leading_lines=[*self._leading(), *self._comments(), *footer], trailing_whitespace=header
        )

    def _call(self, func: cst.BaseExpression, iterable: cst.BaseExpression, form: Mapping[str, bool]) -> cst.Call:
        fail_fast = self.error is None  # otherwise errors are values, raised at the place of the I/O
        return runtime_call(func, iterable, self.style.workers, form, fail_fast=fail_fast)

    def _live(self, names: Sequence[str]) -> str | None:
        """Return the first of some names whose value is used after the loop."""
        return next((name for name in names if is_unbinding_observable(name, self.shape.old, self.facts)), None)


def call_form(iterable: cst.BaseExpression, applicability: Applicability, facts: Facts) -> Mapping[str, bool]:
    """Return the options of the call: an unsafe fix reads a lazy iterable ahead, as it would otherwise wait for the items one at a time."""
    is_ahead = not is_over_collections(iterable, facts) or applicability is Applicability.UNSAFE and may_be_lazy(iterable, facts)
    return STREAM if is_ahead else LOOP


def _is_bare(holder: cst.BaseStatement, value: cst.BaseExpression) -> bool:
    match holder:
        case cst.SimpleStatementLine(body=[cst.Expr(value=inner)]):
            return inner is value
        case _:
            return False


def _is_empty(statement: cst.CSTNode, tests: Sequence[str]) -> bool:
    """Whether a statement does nothing, but for looking at some conditions."""
    match statement:
        case cst.SimpleStatementLine(body=[cst.Pass()]):
            return not comments(statement)
        case cst.If(test=test, body=body, orelse=orelse) if code(test) in tests:
            return all(_is_empty(one, tests) for one in body.body) and (orelse is None or isinstance(orelse, cst.If) and _is_empty(orelse, tests))
        case _:
            return False


def _is_ignored(target: cst.BaseExpression, ignored: str) -> bool:
    return isinstance(target, cst.Name) and target.value == ignored


def _filtered(target: cst.BaseExpression, iterable: cst.BaseExpression, tests: Sequence[cst.BaseExpression]) -> cst.GeneratorExp:
    """Return `(item for item in iterable if test)`: lazy, so a test raises at its turn."""
    assert isinstance(target, cst.BaseAssignTargetExpression)
    clause = cst.CompFor(target, parenthesized_for_clause(iterable), ifs=[cst.CompIf(parenthesized_for_clause(test)) for test in tests])
    return cst.GeneratorExp(parenthesized_tuple(target), clause)


def _header_of(loop: cst.For) -> cst.TrailingWhitespace:
    body = loop.body
    return body.header if isinstance(body, cst.IndentedBlock) else cst.TrailingWhitespace()

"""Strategies to split a `for` loop, from the smallest change to those that a person must review, and the choice among their fixes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import libcst as cst

from par_lint.analysis.effects.unproven_values import unproven_verdict
from par_lint.analysis.effects.unread_responses import unread_value_verdict
from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.guards import is_console_output
from par_lint.analysis.loops.iterables import is_iteration_known
from par_lint.analysis.loops.lazy_generators import find_deferred_io
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.loops.partition import Split
from par_lint.analysis.loops.read_write_conflicts import LAZY, find_conflict
from par_lint.analysis.loops.split_body import Splitter, statements
from par_lint.analysis.loops.worker_conflicts import worker_conflict
from par_lint.analysis.syntax.expression_names import assigned, bound_names
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.variables.local_names import variables_of
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.catalog.entry import Effect, Kind
from par_lint.core.findings import Applicability, ReasonKind, Withheld
from par_lint.fixes.loop_fixes.fission import Fission, LoopFix, Shape, Style
from par_lint.fixes.loop_fixes.unwanted_fixes import worker_is_too_long

_SETTLED = frozenset({ReasonKind.WRITES, ReasonKind.UNSEEN, ReasonKind.SHARED, ReasonKind.STATE, ReasonKind.MEMORY, ReasonKind.LOAD})
"""Reasons that concern the I/O itself: no division of the loop makes its fix safe."""


def plan_for(shape: Shape, facts: Facts, style: Style, choices: Sequence[Sequence[cst.Call]]) -> LoopFix | Withheld:
    """Return the fix of a `for` loop: of several choices of calls to move, the first that is safe, else the last that is possible."""
    splitter = Splitter(facts)
    best: LoopFix | Withheld | None = None
    for divide in (splitter.split, splitter.outline, splitter.split_with_consent, splitter.outline_with_prints):
        is_first = divide == splitter.split
        has_fix = isinstance(best, LoopFix) and not (best.is_patched or best.shows_late)
        for calls in choices:
            plan = _plan(shape, facts, style, splitter, divide, calls, only_safe=has_fix)
            if isinstance(plan, LoopFix) and plan.applicability is Applicability.SAFE:
                return plan
            if isinstance(plan, LoopFix) and not has_fix and not (isinstance(best, LoopFix) and plan.shows_late) or is_first and not isinstance(best, LoopFix):
                best = plan
        if isinstance(best, LoopFix) and not best.shows_late and (not is_first or not best.is_patched and best.verdict.reason is not None and best.verdict.reason.kind in _SETTLED):
            break
    return best or Withheld(ReasonKind.FORM("the call cannot be moved out of this expression"), facts.line(shape.old))


def calls_to_move(site: LoopSite, kind: Kind) -> list[list[cst.Call]]:
    """Return choices of calls to move: only the reads, if there are any, else all I/O of the loop's kind."""
    io_calls = [work for work in site.io_calls if work.entry.kind is kind]
    reading = [work.call for work in io_calls if work.entry.effect is not Effect.WRITE]
    choices = [reading] if reading else []
    if len(reading) != len(io_calls):
        choices.append([work.call for work in io_calls])
    return choices


def _plan(
    shape: Shape, facts: Facts, style: Style, splitter: Splitter, divide: Callable[..., Split | Withheld], calls: Sequence[cst.Call], *, only_safe: bool
) -> LoopFix | Withheld | None:
    """Return the fix by one division, or why there is none; with `only_safe` None as soon as it is known that the fix is not safe."""
    if (later := find_deferred_io(shape.node, calls, facts)) is not None:
        return Withheld(ReasonKind.FORM("a generator does its I/O when it is iterated over"), facts.line(later))
    own = bound_names(shape.target)
    split = divide(shape.node, calls, own)
    if isinstance(split, Withheld):
        return split
    if only_safe and split.verdict.level >= Level.UNSAFE:
        return None
    if (left := next((call for call in calls if not any(facts.tree.holds(part, call) for part in split.moved)), None)) is not None:
        return Withheld(ReasonKind.FORM("the I/O would stay where it is"), facts.line(left))
    if (split.filters or split.wrapped is not None) and shape.node is shape.old and not is_iteration_known(shape.iterable, facts):
        lazy = Verdict(Level.UNSAFE, LAZY, shape.iterable)
        asked = divide(shape.node, calls, own, in_worker=True)
        split = asked if isinstance(asked, Split) else replace(split, verdict=split.verdict | lazy)
    if split.value is not None and not (split.is_list or split.block or split.gives) and unread_value_verdict(split.value, facts).level > Level.READ and not _asks_network(shape):
        return Withheld(ReasonKind.FORM("what it opens is read later, one at a time"), facts.line(split.value))
    if (joined := _only_joined(shape, split, facts)) is not None:
        return joined
    verdict = find_conflict(shape.site, split, facts, splitter.effects)
    if verdict.level <= Level.READ:
        verdict |= unproven_verdict(shape.old, split.moved, facts)
    if verdict.level is Level.IMMOVABLE:
        return Withheld(verdict.why, facts.line(verdict.node or shape.old))
    if only_safe and verdict.level is Level.UNSAFE:
        return None
    obstacle = _obstacle(shape.old, shape.target, split, facts) or _written_together(split, facts) or worker_conflict(shape.site, split.moved, facts) or worker_is_too_long(split.moved, shape.site, facts)
    if obstacle is not None:
        return obstacle
    applicability = Applicability.UNSAFE if verdict.level is Level.UNSAFE else Applicability.SAFE
    if applicability is Applicability.UNSAFE and (part := _printed_in_parts(shape.node, split, facts)) is not None:
        return Withheld(ReasonKind.ORDER("a line is printed in parts, before and after the I/O"), facts.line(part))
    if applicability is Applicability.UNSAFE and split.looked:  # the order of two errors is not worth more code
        split = replace(split, looked=(), reraise=split.reraise and not split.reraises_for_looked)
    if applicability is Applicability.UNSAFE and split.reraises_in_place and not split.flags:  # nor is the order of an error and a line that is printed
        split = replace(split, reraise=False)
    built = Fission(shape, split, facts, style, applicability).build()
    if isinstance(built, Withheld):
        return built
    return LoopFix(applicability, lambda: built, verdict, bool(split.flags), _shows_late(shape.node, split, facts))


def _printed_in_parts(loop: cst.For, split: Split, facts: Facts) -> cst.Call | None:
    """Return a `print("Saving ...", end="")` that comes before the I/O, or moves with it: another item's line would follow."""
    number = facts.tree.number
    last = max(map(number, split.moved))
    inside = {inner for part in split.moved for inner in descend(part)}
    for node in descend(loop.body):
        match node:
            case cst.Call(func=cst.Name("print"), args=args) if any(arg.keyword is not None and arg.keyword.value == "end" for arg in args):
                if node in inside or number(node) < last:
                    return node
            case _:
                pass
    return None


def _shows_late(loop: cst.For, split: Split, facts: Facts) -> bool:
    """Return whether a line that says what comes next, such as `print("copying", name)`, would be printed when it is done."""
    number = facts.tree.number
    last = max(map(number, split.moved))
    shown = [st for st in loop.body.body if st not in split.moved and -1 < number(st) < last and is_console_output(st, facts)]
    return any(not any(facts.tree.holds(st, part) for part in split.moved) for st in shown)


def _written_together(split: Split, facts: Facts) -> Withheld | None:
    """Return that workers would write to one open file, in whatever order they come."""
    made = set().union(*map(assigned, split.moved))
    for node in (inner for part in split.moved for inner in descend(part)):
        match node:
            case cst.Call(func=cst.Attribute(value=cst.Name(value=name) as handle, attr=cst.Name("write" | "writelines"))) if name not in made and facts.is_open_file(handle):
                return Withheld(ReasonKind.ORDER("what is written to one file would come in another order"), facts.line(node))
            case _:
                pass
    return None


def _only_joined(shape: Shape, split: Split, facts: Facts) -> Withheld | None:
    """Return that the rest only writes what is read into one file, part by part: the disk is as busy, and all parts would be in memory."""
    if shape.entry.kind is not Kind.FILE or split.conditions or split.reraise and not split.reraises_in_place:
        return None
    holder = split.holder or split.statement
    is_named = split.value is None and len(split.gives) == 1 or isinstance(holder, cst.SimpleStatementLine) and isinstance(holder.body[0], cst.Assign)
    rest = [*split.tail, *(st for st in statements(shape.node.body, facts) if st not in split.moved and st is not split.statement)]
    rest = [st for st in [*([] if is_named else [holder]), *rest] if st is not None and not is_console_output(st, facts)]
    match rest:
        case [cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call(func=cst.Attribute(value=handle, attr=cst.Name("write")), args=[cst.Arg(value=value)]))]) as line] if (
            (value is split.value or is_named and isinstance(value, cst.Name)) and facts.is_open_file(handle)
        ):
            return Withheld(ReasonKind.MEMORY("whole files would be in memory, only to be written to one file"), facts.line(line))
        case _:
            return None


def _asks_network(shape: Shape) -> bool:
    """Whether to wait for the answer, of which the body is read later, is most of the work."""
    return shape.entry.kind is Kind.NETWORK


def _obstacle(node: cst.For, target: cst.BaseExpression, split: Split, facts: Facts) -> Withheld | None:
    """Return what makes every rewriting of the loop impossible, or None."""
    if isinstance(facts.parent(node), cst.ClassDef) or isinstance(facts.parent(facts.parent(node) or node), cst.ClassDef):
        return Withheld(ReasonKind.NAMES("names of a class body are not visible in functions"), facts.line(node))
    if any(not isinstance(part, (cst.Name, cst.Tuple, cst.List, cst.Element, cst.StarredElement)) for part in descend(target)):
        return Withheld(ReasonKind.FORM("the loop target is not a plain name"), facts.line(node))
    around = facts.enclosing_function(node)
    bound = {name for part in split.moved for name in facts.assigned(part)}
    outward = variables_of(around, facts).declaration(bound) if around is not None else None
    return Withheld(ReasonKind.NAMES("the loop body binds a name of an outer scope"), facts.line(outward)) if outward is not None else None

"""Rewrite a comprehension, a generator or `map`: the same expression over the results of run_parallel."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import libcst as cst

from par_lint.analysis.effects.effects_of_moved import SideEffects
from par_lint.analysis.effects.free_variables import aliases_of, find_free_variables, lazily_evaluated_parts
from par_lint.analysis.effects.operators import operator_verdict
from par_lint.analysis.effects.side_effects import side_effects_of
from par_lint.analysis.effects.unproven_values import unproven_verdict
from par_lint.analysis.effects.unread_responses import unread_value_verdict
from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.evaluation_order import EvaluatedBefore, EvaluationOrder, late_error_verdict
from par_lint.analysis.loops.iterables import items_may_be_iterators
from par_lint.analysis.loops.moved_value import MovedValue
from par_lint.analysis.loops.partition import NotSplittable, Split
from par_lint.analysis.loops.pruned_walks import walk_verdict
from par_lint.analysis.loops.read_write_conflicts import changes_verdict, followed_verdict, iterable_verdict
from par_lint.analysis.loops.sequential_io import SequentialLoop
from par_lint.analysis.loops.worker_conflicts import worker_conflict
from par_lint.analysis.syntax.expression_names import bound_names, dotted, reads
from par_lint.analysis.syntax.nodes import clauses, descend, results
from par_lint.analysis.variables.reflection import reflection
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.findings import Applicability, ReasonKind, Withheld
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.codegen.fresh_names import early_result_name_candidates, fresh_names, result_name_candidates
from par_lint.fixes.codegen.node_builders import comments, parenthesized_tuple, place_function, runtime_call
from par_lint.fixes.codegen.replace import replace_inside
from par_lint.fixes.loop_fixes.fission import IMPORTS, LoopFix, Style, call_form
from par_lint.fixes.loop_fixes.worker import Worker, build_worker, captured_names, exact_path, expression_names


def plan_comprehension(loop: SequentialLoop, facts: Facts, style: Style) -> LoopFix | Withheld:
    """Return the fix of a comprehension, or of a generator that is consumed in place."""
    node = loop.node
    assert isinstance(node, cst.BaseComp)
    all_clauses = list(clauses(node))
    try:
        holder, smallest = _value(loop, facts, all_clauses)
    except NotSplittable as stuck:
        return Withheld(stuck.reason, facts.line(stuck.node))
    if facts.is_in_class_body(node):
        return Withheld(ReasonKind.NAMES("names of a class body are not visible in functions"), facts.line(node))
    effects = side_effects_of(facts)
    clause = all_clauses[0]
    own = frozenset(bound_names(clause.target))
    order = EvaluationOrder(node, own, effects)
    value = order.extended(holder, smallest) if clause.inner_for_in is None else smallest
    early = _early(node, value, order, effects, own)
    moved = [*early, value]
    verdict = unread_value_verdict(value, facts) | effects.verdict_on(moved, own) | iterable_verdict(clause.iter, facts, effects)
    verdict |= _order_verdict(node, value, early, clause, effects, order)
    verdict |= walk_verdict(clause.target, clause.iter, (*results(node), *clause.ifs), facts)
    verdict |= _needs_verdict(loop, moved, clause, facts, is_followed=verdict.level <= Level.READ)
    if verdict.level is Level.IMMOVABLE:
        return Withheld(verdict.why, facts.line(verdict.node or node))
    if (conflict := worker_conflict(loop.site, moved, facts)) is not None:
        return conflict
    verdict |= _rest_verdict(node, value, effects, own)
    if verdict.level <= Level.READ:
        verdict |= unproven_verdict(node, moved, facts)
    return LoopFix(_applicability(verdict), lambda: _build_comprehension(loop, node, clause, value, early, facts, style, _applicability(verdict)), verdict)


def _early(node: cst.BaseComp, value: cst.BaseExpression, order: EvaluationOrder, effects: SideEffects, own: frozenset[str]) -> tuple[cst.BaseExpression, ...]:
    """Return the key of an element if it may raise before its value does and only computes: the worker then returns both."""
    if not isinstance(node, cst.DictComp) or not any(inner is value for inner in descend(node.value)):
        return ()
    return (node.key,) if order.may_raise(node.key) and effects.verdict_on([node.key], own).level <= Level.PURE else ()


def _order_verdict(
    node: cst.BaseComp, value: cst.BaseExpression, early: Sequence[cst.BaseExpression], clause: cst.CompFor, effects: SideEffects, order: EvaluationOrder
) -> Verdict:
    """Return whether code evaluated before the value may run after it, or ahead of its turn, unnoticed."""
    verdict = Verdict()
    for test in clause.ifs:
        found = effects.verdict_on([test.test])
        is_counted = found.reason is not None and found.reason.kind is ReasonKind.STATE  # what it changes must be changed in order
        if found.level is Level.IMMOVABLE or found.level is Level.UNSAFE and is_counted:
            return Verdict(Level.IMMOVABLE, found.why.at("in a condition of the I/O"), test)
        verdict |= found
    for test in clause.ifs:
        verdict |= operator_verdict(test.test, effects)
    if clause.inner_for_in is not None:
        try:
            return verdict | _in_place(order.before(clause.inner_for_in.iter, value))
        except NotSplittable as stuck:
            return Verdict(Level.IMMOVABLE, stuck.reason, stuck.node)
    for result in results(node):
        if result in early:
            continue
        try:
            if value in set(descend(result, into_functions=True)):
                return verdict | _in_place(order.before(result, value))
            verdict |= order.verdict_on(result)
        except NotSplittable as stuck:
            return Verdict(Level.IMMOVABLE, stuck.reason, stuck.node)
    return verdict


def _in_place(found: EvaluatedBefore) -> Verdict:
    """Return the verdict where the code before the I/O stays before it."""
    return functools.reduce(Verdict.__or__, map(late_error_verdict, (*found.early, *found.looked)), found.verdict)


def _needs_verdict(loop: SequentialLoop, moved: Sequence[cst.BaseExpression], clause: cst.CompFor, facts: Facts, *, is_followed: bool) -> Verdict:
    """Return whether the rest of an iteration, or the call that consumes a generator, changes an object that later items use.

    `is_followed`: functions that the rest calls are analysed as well, which costs most and makes the fix unsafe at worst.
    """
    own = set(bound_names(clause.target))
    needs = find_free_variables([*moved, *(test.test for test in clause.ifs), *lazily_evaluated_parts(clause.iter, facts)], own, facts)
    inside = {inner for part in moved for inner in descend(part, into_functions=True)}
    verdict = changes_verdict(loop.site, needs, inside, own, facts)
    if is_followed:
        verdict |= followed_verdict(loop.site, needs, own, inside, facts)
    fed = _fed_object(loop.node, facts)
    if fed is not None and (needs.names(fed) or needs.alias_affected_by(fed, aliases_of(fed, loop.node, facts)) is not None):
        return Verdict(Level.IMMOVABLE, ReasonKind.DEPENDENCE(f"a later item uses `{fed}`, to which earlier results are added"), loop.node)
    return verdict


def _fed_object(node: cst.CSTNode, facts: Facts) -> str | None:
    """Return the object whose method consumes a generator lazily: `found` in `found.extend(...)`."""
    arg = facts.parent(node)
    call = facts.parent(arg) if isinstance(arg, cst.Arg) else None
    if isinstance(node, (cst.GeneratorExp, cst.Call)) and isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute):
        return dotted(call.func.value)
    return None


def _rest_verdict(node: cst.BaseComp, value: cst.BaseExpression, effects: SideEffects, own: frozenset[str]) -> Verdict:
    """Return whether the remaining part writes: it would run while later items are read."""
    inside = set(descend(value, into_functions=True))
    rest = Verdict()
    for part in descend(node, into_functions=True):
        if isinstance(part, cst.Call) and part not in inside and not any(inner is value for inner in descend(part)):
            found = effects.verdict_on([part], own, stays=True)
            rest |= Verdict(Level.UNSAFE, found.reason, found.node) if found.reason is not None and found.reason.kind is ReasonKind.WRITES else Verdict()
    return rest


def _applicability(verdict: Verdict) -> Applicability:
    return Applicability.UNSAFE if verdict.level is Level.UNSAFE else Applicability.SAFE


def _value(loop: SequentialLoop, facts: Facts, all_clauses: Sequence[cst.CompFor]) -> tuple[cst.BaseExpression, cst.BaseExpression]:
    """Return the part of the comprehension that does I/O, and the expression to move: the smallest that contains all of the I/O.

    If there are two clauses, the second one iterates over the value that is read.
    """
    node, clause, inner = loop.node, all_clauses[0], all_clauses[1:]
    calls = {work.call for work in loop.site.io_calls}
    assert isinstance(node, cst.BaseComp)
    parts = (*results(node), *(test.test for one in all_clauses for test in one.ifs), *(one.iter for one in inner))
    holders = [part for part in parts if any(n in calls for n in descend(part, into_functions=True))]
    if len(holders) != 1:
        raise NotSplittable(ReasonKind.FORM("there is I/O in more than one part of the comprehension"), node)
    holder = holders[0]
    if inner and holder is not inner[0].iter:
        raise NotSplittable(ReasonKind.FORM("the comprehension has more than one for"), node)
    if clause.ifs and holder in [test.test for test in clause.ifs[1:]]:
        raise NotSplittable(ReasonKind.FORM("the I/O depends on another condition"), holder)
    return holder, MovedValue(facts).smallest(holder, lambda part: part in calls)


def _build_comprehension(
    loop: SequentialLoop, node: cst.BaseComp, clause: cst.CompFor, value: cst.BaseExpression, early: tuple[cst.BaseExpression, ...], facts: Facts, style: Style,
    applicability: Applicability,
) -> Edit | Withheld:  # fmt: skip
    names = fresh_names(facts, node)
    in_test = any(inner is value for test in clause.ifs for inner in descend(test, into_functions=True))
    iterable, tests = clause.iter, list(clause.ifs)
    is_taken = isinstance(clause.target, (cst.Tuple, cst.List)) and items_may_be_iterators(iterable, facts)
    if tests and not in_test or is_taken:
        space = cst.SimpleWhitespace(" ")
        moved = tests if not in_test else []
        ifs = [test if comments(test.whitespace_before) else test.with_changes(whitespace_before=space) for test in moved]
        spaced = clause.with_changes(whitespace_before=space, ifs=ifs, inner_for_in=None)
        iterable = cst.GeneratorExp(parenthesized_tuple(clause.target), spaced)
        tests = tests if in_test else []
    split = Split(value=value, early=early)
    captured = captured_names(node, split, facts, bound_names(clause.target))
    beyond = expression_names(node, facts) & set().union(*map(reads, (*early, value))) - set(bound_names(clause.target))
    worker = build_worker(split, clause.target, loop.work.entry, names, facts, captured, exact=exact_path(iterable, facts), in_place=bool(beyond))
    if worker.definition is not None and beyond:
        return Withheld(ReasonKind.NAMES(f"`{min(beyond)}` is a name of the enclosing expression, which is not visible in a function"), facts.line(node))
    result = names.fresh(*result_name_candidates(value, loop.work.entry))
    placed: dict[cst.CSTNode, cst.BaseExpression] = {value: cst.Name(result), **{part: cst.Name(names.fresh(*early_result_name_candidates(part))) for part in early}}
    shown = node.with_changes(for_in=clause.with_changes(ifs=tests))
    used = _fresh_names_rest(shown, (*early, value))
    is_used = set(bound_names(clause.target)) & used or reflection(node, facts).level > Level.READ
    item = parenthesized_tuple(clause.target) if is_used else cst.Name(names.ignored)
    slot = cst.Tuple([cst.Element(placed[part]) for part in (*early, value)]) if early else cst.Name(result)
    target = cst.Tuple(
        [cst.Element(item), cst.Element(slot), cst.Element(cst.Name(names.ignored))], lpar=[], rpar=[]
    )
    call = runtime_call(worker.func, iterable, style.workers, call_form(iterable, applicability, facts))
    inner = replace_inside(clause.inner_for_in, placed) if clause.inner_for_in is not None else None
    new_clause = clause.with_changes(target=target, iter=call, ifs=[replace_inside(test, placed) for test in tests], inner_for_in=inner)
    if isinstance(node, cst.DictComp):
        new: cst.BaseComp = node.with_changes(key=_placed(node.key, placed), value=_placed(node.value, placed), for_in=new_clause)
    else:
        (element,) = results(node)
        new = node.with_changes(elt=_placed(element, placed), for_in=new_clause)
    return _edit(node, new, worker, facts)


def _placed(node: cst.BaseExpression, placed: Mapping[cst.CSTNode, cst.BaseExpression]) -> cst.BaseExpression:
    return placed[node] if node in placed else replace_inside(node, placed)


def _fresh_names_rest(node: cst.BaseComp, moved: Sequence[cst.BaseExpression]) -> set[str]:
    """Return the names that the result and the conditions still use without the moved parts."""
    inside = {inner for part in moved for inner in descend(part, into_functions=True)}
    parts = [*results(node), *(test.test for clause in clauses(node) for test in clause.ifs), *(clause.iter for clause in [*clauses(node)][1:])]
    return {n.value for part in parts for n in descend(part, into_functions=True) if isinstance(n, cst.Name) and n not in inside}


def plan_map(loop: SequentialLoop, facts: Facts, style: Style) -> LoopFix | Withheld:
    """Return the fix of `map(func, items)` that is consumed in place."""
    call = loop.node
    assert isinstance(call, cst.Call)
    if len(call.args) != 2 or any(arg.star or arg.keyword for arg in call.args):
        return Withheld(ReasonKind.FORM("map has more than one iterable"), facts.line(call))
    effects = side_effects_of(facts)
    verdict = effects.verdict_on_applying(call.args[0].value, call) | iterable_verdict(call.args[1].value, facts, effects)
    if verdict.level is Level.IMMOVABLE:
        return Withheld(verdict.why, facts.line(verdict.node or call))
    if verdict.level <= Level.READ:
        verdict |= unproven_verdict(call, [], facts)
    return LoopFix(_applicability(verdict), lambda: _build_map(loop, call, facts, style, _applicability(verdict)), verdict)


def _build_map(loop: SequentialLoop, call: cst.Call, facts: Facts, style: Style, applicability: Applicability) -> Edit:
    names = fresh_names(facts, call)
    func, items = call.args[0].value, call.args[1].value
    result = names.fresh("result")
    ignored = names.ignored
    target = cst.Tuple([cst.Element(cst.Name(name)) for name in (ignored, result, ignored)], lpar=[], rpar=[])
    consumer = facts.parent(facts.parent(call) or call)
    is_list = (
        isinstance(consumer, cst.Call) and isinstance(consumer.func, cst.Name) and consumer.func.value == "list" and len(consumer.args) == 1
        and facts.is_builtin("list", consumer)
    )
    old = consumer if is_list and isinstance(consumer, cst.Call) else call
    clause = cst.CompFor(target, runtime_call(func, items, style.workers, call_form(items, applicability, facts)))
    if is_list:
        return Edit(((old, cst.ListComp(cst.Name(result), clause, lpar=old.lpar, rpar=old.rpar)),), IMPORTS)
    is_only = isinstance(consumer, cst.Call) and len(consumer.args) == 1 and consumer.args[0].value is call and not consumer.args[0].star
    new = cst.GeneratorExp(cst.Name(result), clause)
    return Edit(((old, new.with_changes(lpar=[], rpar=[]) if is_only else new),), IMPORTS)


def _edit(node: cst.CSTNode, new: cst.CSTNode, worker: Worker, facts: Facts) -> Edit | Withheld:
    if worker.definition is None:
        return Edit(((node, new),), IMPORTS)
    statement = facts.enclosing_statement(node)
    if statement is None:
        return Withheld(ReasonKind.FORM("there is no place to define a function before it"), facts.line(node))
    changed = replace_inside(statement, {node: new})
    return Edit(((statement, cst.FlattenSentinel(place_function(worker.definition, changed, statement, facts))),), IMPORTS)

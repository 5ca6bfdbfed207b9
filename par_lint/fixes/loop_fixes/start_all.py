"""Start all work first, then wait for each piece: the loop over the items becomes two loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.partition import NotSplittable
from par_lint.analysis.loops.sequential_io import SequentialLoop
from par_lint.analysis.loops.split_body import statements
from par_lint.analysis.loops.start_then_wait import StartedLoop
from par_lint.analysis.loops.start_wait_pairs import StartedBy
from par_lint.analysis.syntax.expression_names import assigned, bound_names, reads
from par_lint.analysis.syntax.nodes import clauses, descend, results
from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import ReasonKind, Withheld
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.codegen.fresh_names import NameAllocator, fresh_names
from par_lint.fixes.codegen.node_builders import Line, comments, parenthesized_for_clause
from par_lint.fixes.codegen.replace import replace_inside
from par_lint.fixes.loop_fixes import plan_fix
from par_lint.fixes.loop_fixes.fission import LoopFix, Shape, Style
from par_lint.fixes.loop_fixes.gather import plan_gather
from par_lint.fixes.loop_fixes.outlining_obstacles import plain_target
from par_lint.fixes.loop_fixes.split_strategies import plan_for


def plan_start_all(loop: StartedLoop, facts: Facts, style: Style) -> Callable[[], Edit] | Withheld:
    """Return the fix of a loop that waits for each piece of work right after starting it."""
    if loop.start.how is StartedBy.TASK:
        if loop.start.statement is not None:
            return Withheld(ReasonKind.FORM("the task is started and awaited in two statements"), facts.line(loop.start.call))
        return plan_gather(loop.node, loop.site, loop.site.io_calls[0], facts, style, _unwrapped(loop.start.call, facts))
    try:
        edit = _StartAll(loop, facts, style).build()
    except NotSplittable as stuck:
        return Withheld(stuck.reason, facts.line(stuck.node))
    return lambda: edit


def plan_popen(loop: SequentialLoop, facts: Facts, style: Style) -> LoopFix | Withheld:
    """Return the fix of a loop that starts a subprocess and waits for it: both move to a worker, to limit how many run."""
    node = loop.node
    if not isinstance(node, cst.For):
        return plan_fix(loop, facts, style)
    made = [call for call in descend(node.body) if isinstance(call, cst.Call) and facts.name(call) == "subprocess.Popen"]
    calls = [*made, *(work.call for work in loop.site.io_calls if work.entry.kind is Kind.SUBPROCESS)]
    shape = Shape(node, node, node.target, node.iter, loop.site, loop.work.entry)
    return plan_for(shape, facts, style, [calls])


def _unwrapped(call: cst.Call, facts: Facts) -> tuple[cst.Call, cst.Call] | None:
    """Return the call that starts a task, and the coroutine call that replaces it, because the worker itself is a task."""
    inner = call.args[0].value if call.args else None
    func = call.func.value if isinstance(call.func, cst.Name) else call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
    if not isinstance(inner, cst.Call) or func == "gather" and not isinstance(facts.parent(facts.parent(call) or call), cst.Expr):
        return None
    return call, inner


class _StartAll:
    """Rebuilds one loop as two."""

    def __init__(self, loop: StartedLoop, facts: Facts, style: Style) -> None:
        self.loop = loop
        self.start = loop.start
        self.facts = facts
        self.style = style
        self.names: NameAllocator = fresh_names(facts, loop.node)

    def build(self) -> Edit:
        match self.loop.node:
            case cst.For() as node:
                return self._for(node)
            case node:
                return self._comprehension(node)

    def _comprehension(self, node: cst.ListComp | cst.SetComp | cst.DictComp) -> Edit:
        """Return `[future.result() for future in [pool.submit(f, x) for x in xs]]`."""
        if len(list(clauses(node))) > 1:
            raise NotSplittable(ReasonKind.FORM("the comprehension has more than one for"), node)
        (clause,) = clauses(node)
        target = plain_target(clause.target, node)
        if any(inner is self.start.call for test in clause.ifs for inner in descend(test)):
            raise NotSplittable(ReasonKind.FORM("the condition waits for the work"), node)
        future = self.names.fresh("future", "started")
        placed: dict[cst.CSTNode, cst.BaseExpression] = {self.start.call: cst.Name(future)}
        shown = [replace_inside(part, placed) for part in results(node)]
        needed = [name for name in bound_names(target) if any(name in reads(part) for part in shown)]
        made, slot = _paired(needed, self.start.call, future)
        started = cst.ListComp(made, clause)
        new_clause = cst.CompFor(slot, started)
        if isinstance(node, cst.DictComp):
            new: cst.BaseComp = node.with_changes(key=shown[0], value=shown[1], for_in=new_clause)
        else:
            new = node.with_changes(elt=shown[0], for_in=new_clause)
        return Edit(((node, new),))

    def _for(self, node: cst.For) -> Edit:
        plain_target(node.target, node)
        body = statements(node.body)
        if node.orelse is not None:
            raise NotSplittable(ReasonKind.FORM("the loop has an else clause"), node)
        if self.start.statement is not None:
            return self._two_statements(node, body)
        place = next((number for number, one in enumerate(body) if any(inner is self.start.call for inner in descend(one))), None)
        assert place is not None
        if not isinstance(body[place], cst.SimpleStatementLine):
            raise NotSplittable(ReasonKind.FORM("the work is started inside another statement"), body[place])
        future = self.names.fresh("future", "started")
        rest = [replace_inside(body[place], {self.start.call: cst.Name(future)}), *body[place + 1 :]]
        return self._loops(node, body[:place], rest, future, self.start.call)

    def _two_statements(self, node: cst.For, body: list[cst.BaseStatement]) -> Edit:
        place = next((number for number, one in enumerate(body) if one is self.start.statement), None)
        if place is None:
            raise NotSplittable(ReasonKind.FORM("the work is started inside another statement"), self.start.statement or node)
        line = body[place]
        match line:
            case cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=cst.Call() as value)]):
                if comments(line):
                    raise NotSplittable(ReasonKind.FORM("there is a comment where the work is started"), line)
                return self._loops(node, body[:place], body[place + 1 :], name, value)
            case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call(func=cst.Attribute(value=cst.Name(value=name))))]):
                return self._loops(node, body[: place + 1], body[place + 1 :], name, cst.Name(name))
            case _:
                raise NotSplittable(ReasonKind.FORM("the started work is not bound to a plain name"), line)

    def _loops(
        self, node: cst.For, first: Sequence[cst.BaseStatement], rest: Sequence[cst.BaseStatement], name: str, started: cst.BaseExpression
    ) -> Edit:
        """Return the loop, or list, that starts everything, and the loop that waits."""
        if any(isinstance(inner, cst.Return) for one in first for inner in descend(one)):
            raise NotSplittable(ReasonKind.FORM("the loop returns before it waits"), node)
        made = {bound for one in first for bound in assigned(one)}
        read = {one for statement in rest for one in reads(statement)}
        order = (*bound_names(node.target), *sorted(made - set(bound_names(node.target))))
        needed = [one for one in order if one in read and one != name]
        element, slot = _paired(needed, started, name)
        listed = self.names.fresh(*_plural(name))
        waiting = node.with_changes(
            target=slot, iter=cst.Name(listed), leading_lines=[], body=node.body.with_changes(body=list(rest))
        )
        lines: list[Line]
        assert isinstance(node.target, cst.BaseAssignTargetExpression)
        if not first:
            made_list = cst.ListComp(element, cst.CompFor(node.target, parenthesized_for_clause(node.iter)))
            lines = [cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(listed))], made_list)], leading_lines=node.leading_lines)]
        else:
            empty = cst.Assign([cst.AssignTarget(cst.Name(listed))], cst.List([]))
            call = cst.Call(cst.Attribute(cst.Name(listed), cst.Name("append")), [cst.Arg(element)])
            block = cst.IndentedBlock([*first, cst.SimpleStatementLine([cst.Expr(call)])])
            starting = node.with_changes(body=block, leading_lines=[line for line in node.leading_lines if line.comment is not None])
            blank = [line for line in node.leading_lines if line.comment is None]
            lines = [cst.SimpleStatementLine([empty], leading_lines=blank), starting]
        return Edit(((node, cst.FlattenSentinel([*lines, waiting])),))


def _paired(needed: Sequence[str], started: cst.BaseExpression, name: str) -> tuple[cst.BaseExpression, cst.BaseAssignTargetExpression]:
    """Return what is stored for each item, and the target that unpacks it: the started work and the names that are still read."""
    if not needed:
        return started, cst.Name(name)
    kept = cst.Tuple([*(cst.Element(cst.Name(one)) for one in needed), cst.Element(started)])
    slot = cst.Tuple([*(cst.Element(cst.Name(one)) for one in needed), cst.Element(cst.Name(name))], lpar=[], rpar=[])
    return kept, slot


def _plural(name: str) -> tuple[str, ...]:
    """Return names for a list of these."""
    word = name.strip("_")
    if len(word) < 3:
        return "started", "all_started"
    return f"{word}s" if not word.endswith(("s", "h", "x")) else f"{word}es", "started", "all_started"

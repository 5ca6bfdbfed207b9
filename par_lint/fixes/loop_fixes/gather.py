"""Await the items of a loop concurrently: a worker coroutine with a semaphore, and one `gather` or `TaskGroup` for all items."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.await_in_loop import AwaitingNode
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.loops.partition import NotSplittable
from par_lint.analysis.semantics.bindings import Import
from par_lint.analysis.semantics.dataflow.body_summary import SliceIoCall
from par_lint.analysis.syntax.expression_names import assigned, bound_names, reads
from par_lint.analysis.syntax.nodes import clauses, descend, results
from par_lint.core.catalog.coroutines import OTHER_EVENT_LOOPS
from par_lint.core.findings import ReasonKind, Withheld
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.codegen.fresh_names import fresh_names, worker_name_candidates
from par_lint.fixes.codegen.node_builders import Line, call_of, parenthesized_for_clause, parenthesized_tuple, place_function, without_leading_blanks
from par_lint.fixes.codegen.replace import replace_inside
from par_lint.fixes.loop_fixes.await_split import AwaitSplit, contains_await, split_at_last_await
from par_lint.fixes.loop_fixes.continue_to_return import with_returns
from par_lint.fixes.loop_fixes.fission import MOST_VALUES, Style
from par_lint.fixes.loop_fixes.outlining_obstacles import check_can_outline, plain_target
from par_lint.fixes.loop_fixes.task_group import is_grouped, result_of, started_as_list, started_in_loop
from par_lint.fixes.loop_fixes.unwanted_fixes import has_too_few_items, paced, worker_is_too_long

_NONE = cst.SimpleWhitespace("")


def plan_gather(
    node: AwaitingNode, site: LoopSite, work: SliceIoCall, facts: Facts, style: Style, unwrapped: tuple[cst.Call, cst.Call] | None = None
) -> Callable[[], Edit] | Withheld:
    """Return the fix of a loop or comprehension that awaits each item, or the reason why there is none.

    `unwrapped` is a call that starts a task, and the coroutine call that replaces it.
    """
    if (reason := has_too_few_items(site, facts) or paced(site, work.entry.kind, facts)) is not None:
        return reason
    try:
        if facts.index.imported & OTHER_EVENT_LOOPS:
            raise NotSplittable(ReasonKind.UNSEEN("the code may not run under asyncio"), node)
        edit = _Gather(site, work, facts, style, unwrapped).build(node)
    except NotSplittable as stuck:
        return Withheld(stuck.reason, facts.line(stuck.node))
    return lambda: edit


class _Gather:
    """Rebuilds one loop."""

    def __init__(
        self, site: LoopSite, work: SliceIoCall, facts: Facts, style: Style, unwrapped: tuple[cst.Call, cst.Call] | None
    ) -> None:
        self.site = site
        self.unwrapped = unwrapped
        self.work = work
        self.facts = facts
        self.style = style
        self.names = fresh_names(facts, site.node)
        self.module, self.imports = _asyncio(facts)
        self.is_grouped = is_grouped(site.node, facts, style)

    def build(self, node: AwaitingNode) -> Edit:
        return self._loop(node) if isinstance(node, cst.For) else self._comprehension(node)

    # Loops --------------------------------------------------------------------------------------------------------

    def _loop(self, node: cst.For) -> Edit:
        if node.orelse is not None:
            raise NotSplittable(ReasonKind.FORM("the loop has an else clause"), node)
        target = plain_target(node.target, node)
        halves = split_at_last_await(node.body, self.names)
        needed = _needed(halves, bound_names(target))
        check_can_outline(node, halves, needed, self.site, self.facts)
        if (count := len(needed) + (halves.slot is not None)) > MOST_VALUES:
            raise NotSplittable(ReasonKind.FORM(f"the rest of the loop would need {count} values of what moves"), node)
        if (long := worker_is_too_long(halves.moved, self.site, self.facts)) is not None:
            raise NotSplittable(long.reason, node)
        gives: list[cst.BaseExpression] = [cst.Name(name) for name in needed]
        body = halves.first(gives)
        if not halves.rest:
            body = with_returns(body)
        worker, definition = self._worker(target, body, node)
        new = self._for(node, halves, gives, worker) if halves.rest else [self._statement(node, halves.tests, worker)]
        return Edit(((node, cst.FlattenSentinel(self._lines(definition, new, node))),), self.imports)

    def _for(self, node: cst.For, halves: AwaitSplit, gives: list[cst.BaseExpression], worker: str) -> list[Line]:
        """Return the loop over the results, for the rest that stays in order."""
        parts = [*gives, *([halves.slot] if halves.slot is not None else [])]
        target: cst.BaseExpression = cst.Name(self.names.ignored)
        if parts:
            inner = [cst.Element(parenthesized_tuple(part)) for part in parts]
            target = parts[0] if len(parts) == 1 else cst.Tuple(inner, lpar=[], rpar=[])
        work, clause = _work(worker, node.target, node.iter, halves.tests)
        assert isinstance(node.body, cst.IndentedBlock)
        if not self.is_grouped:
            call = self._gathered(work, clause)
            return [node.with_changes(target=target, iter=_awaited(call), body=node.body.with_changes(body=halves.rest))]
        tasks, task = self._task_names()
        rest = halves.rest
        if parts:
            assert isinstance(target, cst.BaseAssignTargetExpression)
            rest = [cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(target)], result_of(task))]), *without_leading_blanks(rest)]
        started = started_as_list(self.module, self.names.fresh("group", "task_group"), tasks, work, clause, node.leading_lines)
        item = cst.Name(task if parts else self.names.ignored)
        loop = node.with_changes(target=item, iter=cst.Name(tasks), body=node.body.with_changes(body=rest), leading_lines=[])
        return [started, loop]

    def _statement(self, node: cst.For, tests: Sequence[cst.BaseExpression], worker: str) -> Line:
        """Return the single statement for a loop without a rest."""
        work, clause = _work(worker, node.target, node.iter, tests)
        if self.is_grouped:
            return started_in_loop(self.module, self.names.fresh("group", "task_group"), work, node, node.iter, tests)
        call = self._gathered(work, clause)
        assert isinstance(node.body, cst.IndentedBlock)
        return cst.SimpleStatementLine([cst.Expr(_awaited(call))], leading_lines=node.leading_lines, trailing_whitespace=node.body.header)

    def _gathered(self, work: cst.Call, clause: cst.CompFor) -> cst.Call:
        """Return `asyncio.gather(*(worker(item) for item in iterable if test))`."""
        return call_of(f"{self.module}gather", [cst.Arg(cst.GeneratorExp(work, clause), star="*")])

    def _task_names(self) -> tuple[str, str]:
        """Return names for the list of tasks and for one task."""
        return self.names.fresh("tasks", "started"), self.names.fresh("task", "one_task")

    def _worker(self, target: cst.BaseExpression, body: Sequence[cst.BaseStatement], node: cst.CSTNode) -> tuple[str, cst.FunctionDef]:
        """Return the coroutine that processes one item under the semaphore, and its name."""
        self.semaphore = self.names.fresh("semaphore", "limit")
        func = self.work.call.func
        if self.unwrapped is not None:
            started, inner = self.unwrapped
            body = [replace_inside(statement, {started: inner}) for statement in body]
            func = inner.func
        name = self.names.fresh_function(*_name_candidates(self.work, func, target))
        equal = cst.AssignEqual(_NONE, _NONE)
        outer = _captured(node, body, self.facts, bound_names(target))
        if _is_in_loop(node, self.facts):
            outer.append(self.semaphore)
        params = [cst.Param(cst.Name(one)) for one in bound_names(target)]
        params += [cst.Param(cst.Name(one), default=cst.Name(one), equal=equal) for one in outer]
        guarded = cst.With([cst.WithItem(cst.Name(self.semaphore))], cst.IndentedBlock(list(body)), asynchronous=cst.Asynchronous())
        block = cst.IndentedBlock([guarded])
        return name, cst.FunctionDef(cst.Name(name), cst.Parameters(params), block, asynchronous=cst.Asynchronous())

    def _lines(self, definition: cst.FunctionDef, statements: Sequence[Line], old: cst.CSTNode) -> list[Line]:
        statement, *others = statements
        made = cst.parse_expression(f"{self.module}Semaphore({self.style.workers})")
        blank = [line for line in getattr(old, "leading_lines", ()) if line.comment is None]
        semaphore = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(self.semaphore))], made)], leading_lines=blank)
        worker, last = place_function(definition, statement, old, self.facts)
        return [semaphore, worker.with_changes(leading_lines=[cst.EmptyLine(indent=False)]), last, *others]

    # Comprehensions -----------------------------------------------------------------------------------------------

    def _comprehension(self, node: cst.ListComp | cst.SetComp | cst.DictComp) -> Edit:
        all_clauses = list(clauses(node))
        clause = all_clauses[0]
        if len(all_clauses) > 1:
            raise NotSplittable(ReasonKind.FORM("the comprehension has more than one for"), node)
        if any(contains_await(test.test) for test in clause.ifs):
            raise NotSplittable(ReasonKind.FORM("the condition contains an await"), node)
        statement = self.facts.enclosing_statement(node)
        if statement is None or self._is_inside_another(node):
            raise NotSplittable(ReasonKind.FORM("there is no place to define a function before it"), node)
        target = plain_target(clause.target, node)
        for part in (*results(node), *(test.test for test in clause.ifs)):
            bound = next((inner for inner in descend(part) if isinstance(inner, cst.NamedExpr)), None)
            if bound is not None:  # in the enclosing scope, for each item before the next one
                raise NotSplittable(ReasonKind.NAMES("an assignment expression binds a name outside of the comprehension"), bound)
        value: cst.BaseExpression
        if isinstance(node, cst.DictComp):
            value = cst.Tuple([cst.Element(node.key), cst.Element(node.value)], lpar=[], rpar=[])
        else:
            value = node.elt
        worker, definition = self._worker(target, [cst.SimpleStatementLine([cst.Return(value)])], node)
        maker = {cst.ListComp: "", cst.SetComp: "set", cst.DictComp: "dict"}[type(node)]
        work, new_clause = _work(worker, target, clause.iter, [test.test for test in clause.ifs])
        if self.is_grouped and _is_whole_value(node, statement):
            return self._grouped_comprehension(node, statement, definition, work, new_clause)
        new: cst.BaseExpression = _awaited(self._gathered(work, new_clause))
        if maker:
            new = cst.Call(cst.Name(maker), [cst.Arg(new)])
        elif not isinstance(self.facts.parent(node), (cst.Assign, cst.AnnAssign, cst.Return, cst.Arg, cst.Element)):
            new = new.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        changed = replace_inside(statement, {node: new})
        return Edit(((statement, cst.FlattenSentinel(self._lines(definition, [changed], statement))),), self.imports)

    def _grouped_comprehension(
        self, node: cst.BaseComp, statement: Line, definition: cst.FunctionDef, work: cst.Call, clause: cst.CompFor
    ) -> Edit:
        tasks, task = self._task_names()
        started = started_as_list(self.module, self.names.fresh("group", "task_group"), tasks, work, clause, statement.leading_lines)
        over = cst.CompFor(cst.Name(task), cst.Name(tasks))
        new: cst.BaseExpression
        match node:
            case cst.DictComp():
                new = cst.Call(cst.Name("dict"), [cst.Arg(cst.GeneratorExp(result_of(task), over, lpar=[], rpar=[]))])
            case cst.SetComp():
                new = cst.SetComp(result_of(task), over)
            case _:
                new = cst.ListComp(result_of(task), over)
        changed = replace_inside(statement, {node: new}).with_changes(leading_lines=[])
        return Edit(((statement, cst.FlattenSentinel(self._lines(definition, [started, changed], statement))),), self.imports)

    def _is_inside_another(self, node: cst.CSTNode) -> bool:
        above = self.facts.parent(node)
        while above is not None and not isinstance(above, cst.BaseStatement):
            if isinstance(above, (cst.BaseComp, cst.Lambda)):
                return True
            above = self.facts.parent(above)
        return isinstance(above, (cst.While, cst.If)) and self.facts.enclosing_statement(node) is not above


def _work(
    worker: str, target: cst.BaseExpression, iterable: cst.BaseExpression, tests: Sequence[cst.BaseExpression]
) -> tuple[cst.Call, cst.CompFor]:
    """Return `worker(item)` and `for item in iterable if test`."""
    assert isinstance(target, cst.BaseAssignTargetExpression)
    call = cst.Call(cst.Name(worker), [cst.Arg(cst.Name(name)) for name in bound_names(target)])
    ifs = [cst.CompIf(parenthesized_for_clause(test)) for test in tests]
    return call, cst.CompFor(target.with_changes(lpar=[], rpar=[]), parenthesized_for_clause(iterable), ifs=ifs)


def _is_whole_value(node: cst.CSTNode, statement: Line) -> bool:
    """Return whether a comprehension is the whole value of a statement, so that nothing is reordered."""
    match statement:
        case cst.SimpleStatementLine(body=[cst.Return(value=value) | cst.Expr(value=value)]):
            return value is node
        case cst.SimpleStatementLine(body=[cst.Assign(targets=targets, value=value)]):
            return value is node and all(isinstance(target.target, cst.Name) for target in targets)
        case _:
            return False


def _asyncio(facts: Facts) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the module's spelling of `asyncio.` before a name, and the imports to add if it is not imported."""
    for name, bindings in facts.index.module.bindings.items():
        if len(bindings) == 1 and isinstance(bindings[0], Import) and bindings[0].name == "asyncio":
            return f"{name}.", ()
    if "asyncio" in facts.index.module.bindings:
        raise NotSplittable(ReasonKind.NAMES("the name asyncio is bound to something else"), facts.module)
    return "asyncio.", (("asyncio", ""),)


def _needed(halves: AwaitSplit, targets: Sequence[str]) -> list[str]:
    """Return the names that the moved half binds and the rest reads, except the target of its result."""
    read = set().union(*(reads(statement) for statement in halves.rest)) if halves.rest else set()
    made = {name for node in halves.moved for name in assigned(node)}
    slot = set(bound_names(halves.slot)) if halves.slot is not None else set()
    return [name for name in (*targets, *sorted(made - set(targets))) if name in read and name not in slot]


def _name_candidates(work: SliceIoCall, func: cst.BaseExpression, target: cst.BaseExpression) -> tuple[str, ...]:
    """Return candidate names for the worker, from the awaited call if its name is descriptive."""
    if work.entry.name != "?":
        return worker_name_candidates(work.entry, target)
    called = func.attr.value if isinstance(func, cst.Attribute) else func.value if isinstance(func, cst.Name) else "await"
    verb = next((part for part in called.split("_") if part not in ("", "async")), "await")
    item = target.value.strip("_") if isinstance(target, cst.Name) else "item"
    return f"{verb}_{item or 'item'}", f"{verb}_one"


def _captured(node: cst.CSTNode, body: Sequence[cst.CSTNode], facts: Facts, own: Sequence[str]) -> list[str]:
    """Return the names of enclosing loops that the worker reads: they are bound as defaults, as linters recommend for closures."""
    found: set[str] = set()
    above = facts.parent(node)
    while above is not None and not isinstance(above, (cst.FunctionDef, cst.Lambda)):
        if isinstance(above, (cst.For, cst.While)):
            found |= assigned(above)
        above = facts.parent(above)
    inside = {name for part in body for name in assigned(part)}
    read = set().union(*(reads(part) for part in body))
    return sorted((found & read) - inside - set(own))


def _is_in_loop(node: cst.CSTNode, facts: Facts) -> bool:
    above = facts.parent(node)
    while above is not None and not isinstance(above, (cst.FunctionDef, cst.Lambda)):
        if isinstance(above, (cst.For, cst.While)):
            return True
        above = facts.parent(above)
    return False


def _awaited(call: cst.BaseExpression) -> cst.Await:
    return cst.Await(call, whitespace_after_await=cst.SimpleWhitespace(" "))

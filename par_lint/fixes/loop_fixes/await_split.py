"""Split the body of a loop into two halves: the part up to the last await, and the rest, which uses its result in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import libcst as cst

from par_lint.analysis.loops.partition import NotSplittable
from par_lint.analysis.loops.split_body import statements
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.findings import ReasonKind
from par_lint.fixes.codegen.brackets import code
from par_lint.fixes.codegen.fresh_names import NameAllocator
from par_lint.fixes.codegen.replace import replace_inside
from par_lint.fixes.loop_fixes.worker import negate

Statements = list[cst.BaseStatement]


@dataclass
class AwaitSplit:
    """The two halves: `first`, called with the values to return, builds the worker's body; `rest` stays, with `slot` bound to the result.

    `moved` are the removed nodes of the loop, `top` those of them that every iteration runs; `tests` are conditions for the whole
    iteration.
    """

    first: Callable[[list[cst.BaseExpression]], Statements]
    moved: list[cst.CSTNode]
    top: list[cst.CSTNode]
    rest: Statements = field(default_factory=list)
    value: cst.BaseExpression | None = None
    slot: cst.BaseAssignTargetExpression | None = None
    tests: list[cst.BaseExpression] = field(default_factory=list)


def split_at_last_await(body: cst.BaseSuite, names: NameAllocator) -> AwaitSplit:
    """Split the body of a loop. Raises NotSplittable if that is impossible."""
    block = statements(body)
    tests: list[cst.BaseExpression] = []
    while len(block) == 1 and isinstance(only := block[0], cst.If) and only.orelse is None and not contains_await(only.test):
        if any(contains_await(statement) for statement in statements(only.body)[:-1]) or _ends_in_rest(only):
            tests.append(only.test)
            block = statements(only.body)
        else:
            break
    guards = 0
    while guards < len(block) - 1 and _is_guard(block[guards]) and _has_rest(block):
        guard = block[guards]
        assert isinstance(guard, cst.If)
        tests.append(negate(guard.test))
        guards += 1
    halves = _split(block[guards:], names)
    halves.tests = tests
    return halves


def contains_await(node: cst.CSTNode) -> bool:
    """Return whether code contains an await."""
    return any(
        isinstance(inner, cst.Await) or isinstance(inner, (cst.With, cst.For, cst.CompFor)) and inner.asynchronous is not None
        for inner in descend(node)
    )


def _ends_in_rest(node: cst.If) -> bool:
    """Return whether code that must stay in order follows the last await in a branch, so that the branch itself must be split."""
    return _has_rest(statements(node.body))


def _has_rest(block: Sequence[cst.BaseStatement]) -> bool:
    last = max(number for number, statement in enumerate(block) if contains_await(statement))
    if last + 1 < len(block):
        return True
    match block[last]:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Await())]):
            return False
        case cst.SimpleStatementLine():
            return True
        case cst.With(body=cst.IndentedBlock(body=inner)) if any(contains_await(one) for one in inner):
            return _has_rest(inner)
        case _:
            return False


def _is_guard(statement: cst.CSTNode) -> bool:
    match statement:
        case cst.If(test=test, orelse=None, body=cst.IndentedBlock(body=[cst.SimpleStatementLine(body=[cst.Continue()])])):
            return not contains_await(test)
        case _:
            return False


def _split(block: Statements, names: NameAllocator) -> AwaitSplit:
    last = max(number for number, statement in enumerate(block) if contains_await(statement))
    before, holder, after = block[:last], block[last], block[last + 1 :]
    match holder:
        case cst.SimpleStatementLine(body=[small]):
            halves = _simple(holder, small, names)
        case cst.SimpleStatementLine():
            raise NotSplittable(ReasonKind.FORM("there are several statements on one line"), holder)
        case cst.With(body=cst.IndentedBlock() as body) if any(contains_await(one) for one in body.body) and _has_rest(body.body):
            halves = _split_with_block(holder, body, names)
        case _:
            halves = AwaitSplit(lambda gives: [holder, *_return(gives)], [holder], [])
    inner = halves.first
    halves.first = lambda gives: [*before, *inner(gives)]
    halves.moved = [*before, *halves.moved]
    halves.top = [*before, *halves.top]
    halves.rest = [*halves.rest, *after]
    return halves


def _simple(line: cst.SimpleStatementLine, small: cst.BaseSmallStatement, names: NameAllocator) -> AwaitSplit:
    match small:
        case cst.Assign(targets=[cst.AssignTarget(target=target)], value=cst.Await() as value) if _is_names_only(target):
            return AwaitSplit(_returning(line, value), [line], [], [], value, target)
        case cst.AnnAssign(target=cst.Name() as target, value=cst.Await() as value):
            return AwaitSplit(_returning(line, value), [line], [], [], value, target)
        case cst.Expr(value=cst.Await() as value):
            return AwaitSplit(lambda gives: [line, *_return(gives)], [line], [])
        case _:
            pass
    awaits = [node for node in descend(small) if isinstance(node, cst.Await)]
    if len(awaits) != 1 or any(isinstance(node, (cst.BaseComp, cst.IfExp, cst.BooleanOperation)) and contains_await(node) for node in descend(small)):
        raise NotSplittable(ReasonKind.FORM("the await is conditional, or there are several in one statement"), line)
    slot = names.fresh("result")
    rest = replace_inside(line, {awaits[0]: cst.Name(slot)})
    bare = line.with_changes(leading_lines=[], trailing_whitespace=cst.TrailingWhitespace())
    return AwaitSplit(_returning(bare, awaits[0]), [awaits[0]], [], [rest], awaits[0], cst.Name(slot))


def _is_names_only(target: cst.BaseExpression) -> bool:
    return all(isinstance(node, (cst.Name, cst.Tuple, cst.Element)) for node in descend(target))


def _returning(line: cst.SimpleStatementLine, value: cst.BaseExpression) -> Callable[[list[cst.BaseExpression]], Statements]:
    bare = value.with_changes(lpar=[], rpar=[]) if "\n" not in code(value) else value
    return lambda gives: [line.with_changes(body=_return([*gives, bare])[0].body)]


def _split_with_block(holder: cst.With, body: cst.IndentedBlock, names: NameAllocator) -> AwaitSplit:
    """Return the halves of a `with` block: the worker leaves the block with the result."""
    inner = _split(list(body.body), names)
    first = inner.first
    bound = {name for item in holder.items if item.asname is not None for name in _names(item.asname.name)}
    for statement in inner.rest:
        if _names(statement) & bound:
            raise NotSplittable(ReasonKind.DEPENDENCE("code after the await uses the context manager of the with statement"), statement)
    inner.first = lambda gives: [holder.with_changes(body=body.with_changes(body=first(gives)))]
    inner.moved = [*(item for item in holder.items), *inner.moved]
    inner.top = [*(item for item in holder.items), *inner.top]
    return inner


def _names(node: cst.CSTNode) -> set[str]:
    return {inner.value for inner in descend(node, into_functions=True) if isinstance(inner, cst.Name)}


def _return(gives: Sequence[cst.BaseExpression]) -> list[cst.SimpleStatementLine]:
    if not gives:
        return []
    whole = gives[0] if len(gives) == 1 else cst.Tuple([cst.Element(value) for value in gives], lpar=[], rpar=[])
    return [cst.SimpleStatementLine([cst.Return(whole)])]

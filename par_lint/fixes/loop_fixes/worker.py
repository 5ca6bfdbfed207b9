"""The worker callable for the runtime: an existing function if possible, else a lambda, else a new function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.partition import Split
from par_lint.analysis.syntax.expression_names import assigned, bound_names, dotted, reads
from par_lint.analysis.syntax.nodes import clauses, descend
from par_lint.analysis.variables.definite_assignment import binds, is_bound_before
from par_lint.core.catalog.entry import Entry
from par_lint.core.memo import memoized_for_last
from par_lint.fixes.codegen.brackets import code, reindented
from par_lint.fixes.codegen.fresh_names import NameAllocator, worker_name_candidates
from par_lint.fixes.codegen.node_builders import comments, parenthesized, parenthesized_tuple, without_leading_blanks
from par_lint.fixes.codegen.replace import replace_inside
from par_lint.fixes.loop_fixes.continue_to_return import with_returns
from par_lint.fixes.loop_fixes.skip_result import Skip

_LONGEST_LAMBDA = 48
_KEEPERS = frozenset({"sorted", "list", "tuple", "set", "reversed"})
_PATH_LISTINGS = frozenset({"pathlib.Path.glob", "pathlib.Path.rglob", "pathlib.Path.iterdir"})


@dataclass(frozen=True)
class Worker:
    """The callable for `run_parallel`, and the function to define before it, if any."""

    func: cst.BaseExpression
    definition: cst.FunctionDef | None = None


def build_worker(
    split: Split, target: cst.BaseExpression, entry: Entry, names: NameAllocator, facts: Facts, captured: Sequence[str] = (), *,
    exact: str | None = None, removed: cst.SimpleStatementLine | None = None, gives_nothing: bool = False, in_place: bool = False, skip: Skip | None = None,
    call: cst.Call | None = None, iterable: cst.BaseExpression | None = None,
) -> Worker:  # fmt: skip
    """Return the worker for a split loop whose items look like `target`.

    Args:
        entry: The I/O of the worker, for its name.
        captured: Names of outer loops, which are bound when the worker is created.
        exact: The class of all items, if it is certain: a subclass may override the method.
        removed: The removed statement, whose comments move.
        gives_nothing: Whether the result of the worker is not used.
        in_place: Whether only a lambda has access to the names of the enclosing expression.
        skip: What is returned for iterations that end early.
        call: The moved call, for the name of the worker.
        iterable: The iterable of the loop, for the name of the worker.
    """
    value = split.value
    is_plain = not (split.prelude or split.manager or split.block or split.gives or split.conditions or split.is_list or split.early)
    if value is not None and is_plain and not comments(value) and (removed is None or not comments(removed)):
        existing = _existing(value, target, captured, exact)
        if existing is not None and not facts.may_not_exist(existing):
            return Worker(existing)
        is_short = "\n" not in code(value) and len(code(value)) <= _LONGEST_LAMBDA
        if isinstance(target, cst.Name) and (is_short or in_place):
            return Worker(cst.Lambda(_parameters([target.value], captured), parenthesized_tuple(value)))
    name = names.fresh_function(*worker_name_candidates(entry, target, call, iterable, is_asked=value is not None and _dropped(split, removed) is None))
    return Worker(cst.Name(name), _definition(name, split, target, captured, names, removed, gives_nothing, skip, facts))


def _existing(value: cst.BaseExpression, target: cst.BaseExpression, captured: Sequence[str], exact: str | None) -> cst.BaseExpression | None:
    """Return `f` for `f(item)`, `Path.read_text` for `item.read_text()`; None if neither fits."""
    match value:
        case cst.Call(func=func, args=[cst.Arg(value=cst.Name(value=given), keyword=None, star="")]) if (
            isinstance(target, cst.Name) and given == target.value
        ):
            path = dotted(func)
            root = path.partition(".")[0] if path is not None else given
            return func if root != given and root not in captured else None
        case cst.Call(func=cst.Attribute(value=cst.Name(value=given), attr=attr), args=[]) if (
            exact is not None and isinstance(target, cst.Name) and given == target.value
        ):
            owner = cst.parse_expression(exact)
            assert isinstance(owner, (cst.Name, cst.Attribute))
            return cst.Attribute(owner, attr)
        case _:
            return None


def _parameters(names: Sequence[str], captured: Sequence[str]) -> cst.Parameters:
    params = [cst.Param(cst.Name(name)) for name in names]
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    params += [cst.Param(cst.Name(name), default=cst.Name(name), equal=equal) for name in captured]
    return cst.Parameters(params)


def _definition(
    name: str, split: Split, target: cst.BaseExpression, captured: Sequence[str], names: NameAllocator,
    removed: cst.SimpleStatementLine | None, gives_nothing: bool, skip: Skip | None, facts: Facts,
) -> cst.FunctionDef:  # fmt: skip
    body: list[cst.BaseStatement] = []
    if isinstance(target, cst.Name):
        parameter = target.value
    else:
        parameter = names.fresh("item", "one_item")
        body.append(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(_bare(_only_used(target, split, names)))], cst.Name(parameter))]))
    dropped = _dropped(split, removed)
    body += _statements_before(split, facts, is_dropped=dropped is not None)
    body += _block(split, skip)
    last = _return_statement(split, removed, gives_nothing, skip, dropped, facts)
    if split.block and len(last) == 1 and (merged := _merged(body[-1], last[0])) is not None:
        body[-1:] = []
        last = [merged]
    if split.manager is not None:
        inner = cst.IndentedBlock(without_leading_blanks([*split.inside, *last]))
        body.append(split.manager.with_changes(body=inner.with_changes(header=_header(split.manager))))
    else:
        body += last
    return cst.FunctionDef(cst.Name(name), _parameters([parameter], captured), cst.IndentedBlock(without_leading_blanks(body)))


def _only_used(target: cst.BaseExpression, split: Split, names: NameAllocator) -> cst.BaseExpression:
    """Return the target with `_` for the names that the moved part does not use: `path, _ = item`."""
    used = {node.value for part in (*split.moved, *(test for test, _ in split.conditions)) for node in descend(part, into_functions=True) if isinstance(node, cst.Name)}
    unused = [node for node in descend(target) if isinstance(node, cst.Name) and node.value not in used | set(split.gives)]
    return replace_inside(target, dict.fromkeys(unused, cst.Name(names.ignored))) if unused else target


def _block(split: Split, skip: Skip | None) -> list[cst.BaseStatement]:
    """Return the statements that move whole; where the iteration may end early, with `return` for `continue`."""
    leave = cst.IndentedBlock([cst.SimpleStatementLine([cst.Continue()])])
    block: list[cst.BaseStatement] = []
    for part in split.block:
        if isinstance(part, cst.BaseExpression):
            block.append(cst.If(part, leave))
        elif isinstance(part, cst.BaseStatement):
            block.append(part)
    return with_returns(block, skip.result) if skip is not None else block


def _dropped(split: Split, removed: cst.SimpleStatementLine | None) -> cst.SimpleStatementLine | None:
    """Return the statement whose value nobody takes: `shutil.copy(source, target)`."""
    match removed:
        case cst.SimpleStatementLine(body=[cst.Expr(value=value)]) if value is split.value:
            return removed.with_changes(leading_lines=_only_comments(removed.leading_lines))
        case _:
            return None


def _merged(line: cst.BaseStatement, last: cst.BaseStatement) -> cst.BaseStatement | None:
    """Return `return value` for `name = value` and `return name`."""
    match line, last:
        case cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value)]), cst.SimpleStatementLine(
            body=[cst.Return(value=cst.Name(value=given))]
        ) if name == given:
            return line.with_changes(body=[cst.Return(parenthesized(value))])
        case cst.With(body=cst.IndentedBlock(body=[*before, inner]) as block), _ if (merged := _merged(inner, last)) is not None:
            return line.with_changes(body=block.with_changes(body=[*before, merged]))
        case _:
            return None


def assigned_after(split: Split) -> set[str]:
    """Return the names that the moved part binds."""
    return set().union(*(assigned(node) for node in split.moved))


def _header(manager: cst.With | cst.Try) -> cst.TrailingWhitespace:
    return manager.body.header if isinstance(manager.body, cst.IndentedBlock) else cst.TrailingWhitespace()


def _bare(target: cst.BaseExpression) -> cst.BaseAssignTargetExpression:
    return target.with_changes(lpar=[], rpar=[])  # type: ignore[return-value]


def _statements_before(split: Split, facts: Facts, *, is_dropped: bool) -> list[cst.BaseStatement]:
    """Return the statements that the value needs, and `if not test: return None` for each condition around it, in source order."""
    found: list[tuple[int, cst.BaseStatement]] = [(_number(statement, facts), statement) for statement in split.prelude]
    bound: set[str] = set()
    for test, wanted in split.conditions:
        unwanted = negate(test) if wanted else test
        bound.update(*(assigned(st) for st in split.prelude if _number(st, facts) < facts.tree.number(test)))
        leave = cst.SimpleStatementLine([cst.Return(_early_result(split, test, wanted, bound, is_dropped=is_dropped))])
        found.append((facts.tree.number(test), cst.If(unwanted, cst.IndentedBlock([leave]))))
    return [statement for _, statement in sorted(found, key=lambda pair: pair[0])]


def _number(statement: cst.BaseStatement, facts: Facts) -> int:
    """Return the position of a statement; for a part of a line, that of the part."""
    is_apart = isinstance(statement, cst.SimpleStatementLine) and facts.tree.number(statement) < 0
    return facts.tree.number(statement.body[0] if is_apart else statement)  # type: ignore[attr-defined]


def _early_result(split: Split, test: cst.BaseExpression, wanted: bool, bound: set[str], *, is_dropped: bool) -> cst.BaseExpression | None:
    """Return the worker's result if a condition of the I/O is false: the condition results, and None for values that do not exist."""
    if not split.flags:
        return cst.Name("None") if not is_dropped else None
    place = next(place for place, one in enumerate(split.flags) if one is test)
    flags = [str(is_true) for _, is_true in split.conditions[:place]] + [str(not wanted)] + ["None"] * (len(split.flags) - place - 1)
    value = ["None"] if split.value is not None and not is_dropped else []
    names = [*flags, *value, *(name if name in bound else "None" for name in split.gives)]
    return cst.Tuple([cst.Element(cst.Name(name)) for name in names], lpar=[], rpar=[]) if len(names) > 1 else cst.Name(names[0])


def _return_statement(split: Split, removed: cst.SimpleStatementLine | None, gives_nothing: bool, skip: Skip | None, dropped: cst.SimpleStatementLine | None, facts: Facts) -> list[cst.BaseStatement]:
    """Return the statement that returns the worker's result, with the comments of the original statement."""
    values: list[cst.BaseExpression] = [cst.Name(str(is_true)) for _, is_true in split.conditions] if split.flags else []
    values += [cst.Name(skip.flag)] if skip is not None and skip.flag is not None else []
    values += split.early
    if split.value is not None and dropped is None:
        before = "return (" + "".join(f"{code(value)}, " for value in values) if values else "return "
        values.append(_listed(split.value, split) if split.is_list else reindented(split.value, before, facts))
    values += [cst.Name(name) for name in split.gives]
    if not values:
        return [dropped] if dropped is not None else []
    if gives_nothing and all(isinstance(value, cst.Name) for value in values):
        return [dropped] if dropped is not None else []
    whole = values[0] if len(values) == 1 else cst.Tuple([cst.Element(value) for value in values], lpar=[], rpar=[])
    small = cst.Expr(whole) if gives_nothing else cst.Return(parenthesized(whole))
    line = cst.SimpleStatementLine([small])
    if dropped is not None:
        return [dropped, line]
    if removed is not None:
        line = line.with_changes(
            leading_lines=_only_comments(removed.leading_lines), trailing_whitespace=removed.trailing_whitespace
        )
    return [line]


def _only_comments(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    return [line for line in lines if line.comment is not None]


def _listed(value: cst.BaseExpression, split: Split) -> cst.BaseExpression:
    """Return all items of an open file, or of a reader of it, as a list."""
    opened = [item.asname.name for item in split.manager.items if item.asname is not None] if isinstance(split.manager, cst.With) else []
    if isinstance(value, cst.Name) and value.value in [name for one in opened for name in bound_names(one)]:
        return cst.Call(cst.Attribute(value, cst.Name("readlines")))
    return cst.Call(cst.Name("list"), [cst.Arg(value)])


def negate(test: cst.BaseExpression) -> cst.BaseExpression:
    """Return `not test`, in its shortest form."""
    match test:
        case cst.UnaryOperation(operator=cst.Not(), expression=inner):
            return inner
        case cst.Comparison(comparisons=[cst.ComparisonTarget(operator=operator, comparator=comparator)]):
            opposite = _OPPOSITES.get(type(operator))
            if opposite is not None:
                return test.with_changes(comparisons=[cst.ComparisonTarget(opposite, comparator)])
        case cst.BooleanOperation() | cst.IfExp() | cst.NamedExpr() | cst.Lambda() if not test.lpar:
            test = test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        case _:
            pass
    return cst.UnaryOperation(cst.Not(), test)


_OPPOSITES: dict[type, cst.BaseCompOp] = {
    cst.Equal: cst.NotEqual(), cst.NotEqual: cst.Equal(), cst.In: cst.NotIn(), cst.NotIn: cst.In(), cst.Is: cst.IsNot(), cst.IsNot: cst.Is(),
}  # fmt: skip


def exact_path(iterable: cst.BaseExpression, facts: Facts) -> str | None:
    """Return the spelling of `Path` if an iterable lists files through `Path(...)` itself: `sorted(Path(top).glob("*.txt"))`."""
    while isinstance(iterable, cst.Call) and isinstance(iterable.func, cst.Name) and iterable.func.value in _KEEPERS and iterable.args:
        iterable = iterable.args[0].value
    match iterable:
        case cst.Call(func=cst.Attribute(value=cst.Call(func=cls) as made)) if facts.name(iterable) in _PATH_LISTINGS:
            return dotted(cls) if facts.name(made) == "pathlib.Path" else None
        case _:
            return None


@memoized_for_last
def _assigned(loop: cst.CSTNode, facts: Facts) -> frozenset[str]:
    return frozenset(assigned(loop))


def captured_names(node: cst.CSTNode, split: Split, facts: Facts, own: Sequence[str]) -> tuple[str, ...]:
    """Return the names of enclosing loops that the moved part reads. They are bound where the worker is created: a closure would see later values.

    Names that may be unbound there are excluded: they are read as late as before, when there is an item.
    """
    found: set[str] = set()
    above = facts.parent(node)
    while above is not None and not isinstance(above, (cst.FunctionDef, cst.Lambda)):
        if isinstance(above, (cst.For, cst.While, cst.BaseComp)):
            found |= _assigned(above, facts)
        above = facts.parent(above)
    needed = set().union(*(reads(part) for part in (*split.moved, *(test for test, _ in split.conditions))))
    needed -= set(own) | assigned_after(split)
    inner = expression_names(node, facts)
    statement = node if isinstance(node, cst.BaseCompoundStatement) else facts.enclosing_statement(node) or node
    set_there = binds(statement) if isinstance(node, cst.BaseComp) else set()
    return tuple(sorted(
        name for name in found & needed if name in inner or name not in set_there and is_bound_before(name, statement, facts)
    ))  # fmt: skip


def expression_names(node: cst.CSTNode, facts: Facts) -> set[str]:
    """Return the names of enclosing comprehensions and lambdas: statements before the expression do not see them."""
    found: set[str] = set()
    above = facts.parent(node)
    while isinstance(above, (cst.BaseExpression, cst.CompFor, cst.CompIf, cst.Arg, cst.BaseElement, cst.BaseDictElement, cst.FormattedStringExpression)):
        if isinstance(above, cst.BaseComp):
            found |= {name for clause in clauses(above) for name in bound_names(clause.target)}
        elif isinstance(above, cst.Lambda):
            found |= {inner.name.value for inner in descend(above.params) if isinstance(inner, cst.Param)}
        above = facts.parent(above)
    return found

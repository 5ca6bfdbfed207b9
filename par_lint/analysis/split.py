"""Where a loop's body can be split: what moves to the workers, and what stays in order behind it.

The smallest part that holds the I/O moves: an expression, the read in a `with` block, or whole statements. With it go
the plain assignments that it needs. Everything else, conditions and handlers included, stays on the calling thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import libcst as cst

from par_lint.analysis.answers import names_verdict, open_verdict
from par_lint.analysis.data import is_data
from par_lint.analysis.definite import Definite, binds, free_names
from par_lint.analysis.effects import PURE_BUILTINS, PURE_METHODS, Effects, Level, Verdict
from par_lint.analysis.facts import Facts
from par_lint.analysis.failing import catches_more, may_fail
from par_lint.analysis.liveness import is_missed, is_read_after_error
from par_lint.analysis.names import assigned, bound_by, bound_names, deleted, reads, terminal
from par_lint.analysis.nodes import children, descend, evaluated
from par_lint.analysis.operators import DRAWING, operators_verdict
from par_lint.findings import Ground, Reason, Withheld

_READ_ON = frozenset({"read", "json", "text", "content", "decode", "readlines", "splitlines"})
"""What is asked of a response or a file at once, and so belongs to the I/O."""


@dataclass(frozen=True)
class Split:
    """A split of a loop's body. All nodes are the loop's own."""

    statement: cst.BaseStatement | None = None  # the one that `value` stands in, or the `with` around it
    value: cst.BaseExpression | None = None  # the expression that the worker gives
    manager: cst.With | None = None  # the with block that the worker enters for it
    inside: tuple[cst.BaseStatement, ...] = ()  # statements of the with block before the value, moved
    tail: tuple[cst.BaseStatement, ...] = ()  # statements of the with block that stay
    holder: cst.BaseStatement | None = None  # the statement of the with block that holds the value
    block: tuple[cst.BaseStatement, ...] = ()  # whole statements that move, where no single value does
    prelude: tuple[cst.BaseStatement, ...] = ()  # assignments that come along
    gives: tuple[str, ...] = ()  # names that the moved part binds and others read
    filters: tuple[cst.If, ...] = ()  # leading `if test: continue`
    conditions: tuple[tuple[cst.BaseExpression, bool], ...] = ()  # tests around the value, and their wanted result
    wrapped: cst.If | None = None  # a condition around the whole rest, to be made a filter
    reraise: bool = False  # effects or handlers stand before the value: its error is raised in its place
    uncaught: tuple[cst.BaseStatement, ...] = ()  # statements of the pass before a handler that takes more than errors of reading
    is_list: bool = False  # the value is an iterable of an open file, taken whole
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def moved(self) -> tuple[cst.CSTNode, ...]:
        """All nodes that move."""
        value = (self.value,) if self.value is not None else ()
        managers = tuple(self.manager.items) if self.manager is not None else ()
        return (*self.prelude, *managers, *self.inside, *value, *self.block)


class Stuck(Exception):
    """The body cannot be split."""

    def __init__(self, reason: Reason, node: cst.CSTNode) -> None:
        super().__init__(reason, node)
        self.reason = reason
        self.node = node


class Splitter:
    """Splits the bodies of loops of one module."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.effects = Effects(facts)
        self._own: frozenset[str] = frozenset()

    def split(self, loop: cst.For, calls: Iterable[cst.Call], own: Iterable[str]) -> Split | Withheld:
        """Split a loop so that `calls` move; why not, where that can't be. `own` are the names that each pass is given."""
        self._own = frozenset(own)
        try:
            found = self._locate(loop, set(calls))
            return self._checked(loop, found)
        except Stuck as stuck:
            return Withheld(stuck.reason, self.facts.line(stuck.node))

    # Where the I/O is ---------------------------------------------------------------------------------------------

    def _locate(self, loop: cst.For, calls: set[cst.Call]) -> Split:
        block = statements(loop.body)
        split = Split()
        earlier: list[cst.BaseStatement] = []
        leading = 0
        while leading < len(block) and _is_guard(block[leading]):
            leading += 1
        filters = tuple(st for st in block[:leading] if isinstance(st, cst.If))
        if any(_holds(st, calls) for st in filters):
            filters = ()
        top = block = block[len(filters):]
        split = replace(split, filters=filters)
        while True:
            hits = [number for number, st in enumerate(block) if _holds(st, calls)]
            if not hits:
                raise Stuck(Ground.FORM("the I/O stands where it cannot move from"), loop)
            if len(hits) > 1:
                return self._whole(loop, top, calls, filters)
            statement = block[hits[0]]
            earlier += block[:hits[0]]
            match statement:
                case cst.If(test=test, body=body, orelse=orelse):
                    if _holds(test, calls):
                        if _holds(body, calls) or orelse is not None and _holds(orelse, calls):
                            return self._whole(loop, top, calls, filters)
                        return self._expression(loop, split, earlier, statement, test, calls)
                    if _holds(body, calls):
                        if orelse is not None and _holds(orelse, calls):
                            return self._whole(loop, top, calls, filters)
                        if orelse is None and block is top and len(top) == 1:
                            split = replace(split, wrapped=statement)
                        else:
                            split = replace(split, conditions=(*split.conditions, (test, True)))
                        block = statements(body)
                    else:
                        split = replace(split, conditions=(*split.conditions, (test, False)))
                        block = [orelse] if isinstance(orelse, cst.If) else statements(orelse.body)  # type: ignore[union-attr]
                case cst.Try(body=body) if not any(_holds(part, calls) for part in (*statement.handlers, statement.orelse, statement.finalbody) if part):
                    if catches_more(statement.handlers):
                        split = replace(split, uncaught=tuple(earlier))
                    split = replace(split, reraise=True)
                    block = statements(body)
                case cst.With(asynchronous=None):
                    found = self._with(loop, split, earlier, statement, calls)
                    return found if found is not None else self._whole(loop, top, calls, filters)
                case cst.SimpleStatementLine(body=[small]) if not isinstance(small, (cst.Del, cst.Assert)):
                    return self._expression(loop, split, earlier, statement, small, calls)
                case cst.For(iter=iterable, body=body) if not _holds(body, calls):
                    return self._expression(loop, split, earlier, statement, iterable, calls)
                case cst.SimpleStatementLine():
                    raise Stuck(Ground.FORM("several statements stand on one line"), statement)
                case _:
                    return self._whole(loop, top, calls, filters)

    def _expression(
        self, loop: cst.For, split: Split, earlier: Sequence[cst.BaseStatement], statement: cst.BaseStatement, root: cst.CSTNode, calls: set[cst.Call]
    ) -> Split:
        value = self.smallest(root, lambda node: node in calls)
        verdict = split.verdict | self.check_order(root, value)
        split = replace(split, statement=statement, value=value, verdict=verdict)
        return self._with_prelude(loop, split, earlier)

    def smallest(self, root: cst.CSTNode, wanted: Callable[[cst.CSTNode], bool]) -> cst.BaseExpression:
        """The smallest expression below `root` that holds all wanted nodes and is evaluated whenever `root` is."""
        found: cst.CSTNode = root
        path = [root]
        while True:
            below = [child for child in children(found) if any(wanted(n) for n in descend(child, into_functions=True))]
            if wanted(found) or len(below) != 1 or isinstance(found, (cst.Lambda, cst.BaseComp)):
                break
            if isinstance(found, cst.IfExp) and below[0] is not found.test:
                break
            if isinstance(found, cst.BooleanOperation) and below[0] is not found.left:
                break
            if isinstance(found, cst.Comparison) and below[0] is not found.left and len(found.comparisons) > 1:
                break
            found = below[0]
            path.append(found)
        while path and not isinstance(path[-1], cst.BaseExpression):
            path.pop()
        if not path:
            raise Stuck(Ground.FORM("the I/O stands where it cannot move from"), root)
        return self._grown(path)

    def _grown(self, path: list[cst.CSTNode]) -> cst.BaseExpression:
        """The last expression of a path, with the calls that read on in what it gives."""
        value = path.pop()
        while path:
            above = path[-1]
            if isinstance(above, cst.Attribute) and above.value is value and above.attr.value in _READ_ON:
                value = path.pop()
            elif isinstance(above, cst.Call) and above.func is value and isinstance(value, cst.Attribute) and not above.args:
                value = path.pop()
            else:
                break
        assert isinstance(value, cst.BaseExpression)
        return value

    def check_order(self, root: cst.CSTNode, value: cst.CSTNode) -> Verdict:
        """What the statement evaluates before the value must not be noticed if it comes after it; nor may its error, safely."""
        found = Verdict()
        node = root
        while node is not value:
            for child in evaluated(node):
                if child is value or any(inner is value for inner in descend(child, into_functions=True)):
                    break
                found |= self.check_earlier(child)
            node = next(child for child in evaluated(node) if any(inner is value for inner in descend(child, into_functions=True)))
        return found

    def check_earlier(self, part: cst.CSTNode) -> Verdict:
        """The verdict on one part of a statement that is evaluated before the I/O, and then would be after it."""
        verdict = self.effects.judge([part], stays=True)
        if verdict.level > Level.READ:
            raise Stuck(verdict.why.at("before the I/O"), part)
        failing = may_fail([part], self.facts)
        return Verdict(Level.UNSURE, Ground.ERRORS("an error of the I/O would come before that of what stands before it"), failing) if failing else Verdict()

    def _with(
        self, loop: cst.For, split: Split, earlier: Sequence[cst.BaseStatement], statement: cst.With, calls: set[cst.Call]
    ) -> Split | None:
        """Split a with block behind the last use of what it opens."""
        body = statements(statement.body)
        handles = {name for item in statement.items if item.asname is not None for name in bound_names(item.asname.name)}
        for st in body:
            match st:
                case cst.SimpleStatementLine(body=[cst.Assign(targets=targets, value=value)]) if _mentions(value, handles):
                    if not is_data(value, handles, self.facts):
                        handles |= {name for target in targets for name in bound_names(target.target)}
                case _:
                    pass
        uses = [number for number, st in enumerate(body) if _mentions(st, handles) or _holds(st, calls)]
        if not uses:
            return None
        last = uses[-1]
        holder = body[last]
        wanted = _uses_of(handles, holder, calls)
        match holder:
            case cst.SimpleStatementLine(body=[small]) if isinstance(small, (cst.Assign, cst.AnnAssign, cst.Expr, cst.AugAssign)):
                root: cst.CSTNode = small
            case cst.For(iter=iterable) if not any(wanted(node) for node in descend(holder.body, into_functions=True)):
                root = iterable
            case _:
                return None
        if isinstance(root, (cst.Assign, cst.AnnAssign)) and any(wanted(n) for t in _targets(root) for n in descend(t)):
            return None
        value = self.smallest(root, wanted)
        is_list = False
        if isinstance(value, cst.Name):
            if not isinstance(holder, cst.For):
                return None
            is_list = True
        else:
            value = self._until_data(root, value, handles)
            if not is_data(value, handles, self.facts) or _mentions_outside(root, value, handles):
                return None
        verdict = split.verdict | self.check_order(root, value)
        found = replace(
            split, verdict=verdict, statement=statement, value=value, manager=statement, inside=tuple(body[:last]), tail=tuple(body[last + 1:]), holder=holder,
            is_list=is_list,
        )  # fmt: skip
        return self._with_prelude(loop, found, earlier)

    def _until_data(self, root: cst.CSTNode, value: cst.BaseExpression, handles: set[str]) -> cst.BaseExpression:
        """The expression, or the smallest call around it that makes data of it: `list(islice(file, 2))`."""
        found = value
        while not is_data(found, handles, self.facts):
            above = self.facts.parent(found)
            above = self.facts.parent(above) if isinstance(above, cst.Arg) else above
            if not isinstance(above, (cst.Call, cst.Attribute)) or not self.facts.tree.holds(root, above):
                return value
            found = above
        return found

    def _whole(self, loop: cst.For, top: Sequence[cst.BaseStatement], calls: set[cst.Call], filters: tuple[cst.If, ...]) -> Split:
        """Move whole statements of the body: from the first to the last that holds I/O."""
        hits = [number for number, st in enumerate(top) if _holds(st, calls)]
        split = Split(block=tuple(top[hits[0]:hits[-1] + 1]), filters=filters)
        return self._with_prelude(loop, split, list(top[:hits[0]]))

    # What comes along ---------------------------------------------------------------------------------------------

    def _with_prelude(self, loop: cst.For, split: Split, earlier: Sequence[cst.BaseStatement]) -> Split:
        """Take along the assignments that the moved part needs; the others before it stay, in order."""
        needed = set().union(*(reads(node) for node in split.moved), *(reads(test) for test, _ in split.conditions))
        chosen: list[cst.BaseStatement] = []
        for st in reversed(earlier):
            bound = assigned(st) | deleted(st)
            if not bound & needed:
                continue
            verdict = self.effects.judge([st], self._own)
            if not _is_plain_assignment(st) or verdict.level > Level.READ:
                raise Stuck(Ground.DEPENDENCE(f"it needs {min(bound & needed)}, which is made by what cannot move"), st)
            chosen.insert(0, st)
            needed |= reads(st)
        staying = [st for st in earlier if st not in chosen]
        if any(_leaves_pass(st) for st in staying):
            raise Stuck(Ground.DEPENDENCE("the I/O depends on a condition that is computed in the loop"), next(st for st in staying if _leaves_pass(st)))
        is_noticed = self.effects.judge(staying, stays=True).level > Level.READ or may_fail(staying, self.facts) is not None
        reraise = split.reraise or is_noticed or self._shows_when_it_fails(loop, [*chosen, *split.moved])
        caught = may_fail([st for st in chosen if st in split.uncaught], self.facts)
        verdict = Verdict(Level.UNSURE, Ground.ERRORS("an error of what the I/O needs would be caught with those of the I/O"), caught) if caught is not None else Verdict()
        return replace(split, prelude=tuple(chosen), reraise=reraise, verdict=split.verdict | verdict)

    def _shows_when_it_fails(self, loop: cst.For, moved: Iterable[cst.CSTNode]) -> bool:
        """Whether a name that a pass binds up to the I/O is looked at once the I/O has failed."""
        bound = self._own.union(*(assigned(node) for node in moved))
        return any(is_read_after_error(name, loop, self.facts) for name in sorted(bound))

    # Whether it may -----------------------------------------------------------------------------------------------

    def _checked(self, loop: cst.For, split: Split) -> Split:
        own = self._own
        inside_names = set().union(*(assigned(node) for node in split.moved))
        verdict = self.effects.judge([*split.moved], own | inside_names)
        for test in (*(st.test for st in split.filters), *(test for test, _ in split.conditions), *([split.wrapped.test] if split.wrapped else [])):
            found = self.effects.judge([test], own)
            if found.level > Level.READ:
                raise Stuck(found.why.at("in a condition of the I/O"), test)
        if verdict.level is Level.STUCK:
            assert verdict.node is not None
            raise Stuck(verdict.why, verdict.node)
        if split.conditions and any(self.effects.judge([test], own).level > Level.PURE for test, _ in split.conditions):
            raise Stuck(Ground.DEPENDENCE("its condition may change between two looks"), split.conditions[0][0])
        for test, _ in split.conditions:
            if (drawing := next((call for call in descend(test, into_functions=True) if isinstance(call, cst.Call) and not self._is_repeatable(call)), None)) is not None:
                raise Stuck(Ground.DEPENDENCE("its condition may change between two looks"), drawing)
        verdict |= self._tests_verdict(loop, split)
        gives = self._gives(loop, split)
        verdict |= names_verdict(gives, split.moved, loop, self.facts) if split.value is None else open_verdict(split.value, self.facts) if not split.is_list else Verdict()
        if gives and (split.conditions or split.reraise):
            raise Stuck(Ground.NAMES(f"{gives[0]} is made together with the I/O and used later"), loop)
        if split.block and split.reraise:
            verdict |= Verdict(Level.UNSURE, Ground.ERRORS("an error of the I/O would come before what stands before it"), split.block[0])
        if split.is_list:
            verdict |= Verdict(Level.UNSURE, Ground.MEMORY("whole files would be held instead of one line"), split.holder)
        return replace(split, gives=gives, verdict=verdict | split.verdict)

    def _is_repeatable(self, call: cst.Call) -> bool:
        """Whether a call of a condition answers the same when it is asked twice: neither drawn, nor taken, nor measured."""
        name = self.facts.name(call)
        if name is None:
            return terminal(call) in PURE_METHODS | PURE_BUILTINS
        return not DRAWING.match(name) and terminal(call) not in ("iter", "id", "map", "filter", "zip", "enumerate", "reversed")

    def _tests_verdict(self, loop: cst.For, split: Split) -> Verdict:
        """What is asked ahead must not have effects that no call shows, nor be changed by methods of the objects that it looks into."""
        tests = [*(st.test for st in split.filters), *(test for test, _ in split.conditions), *([split.wrapped.test] if split.wrapped else [])]
        verdict = Verdict()
        for test in tests:
            verdict |= operators_verdict(test, self.effects)
        inside = {inner for part in (*split.moved, *tests) for inner in descend(part, into_functions=True)}
        for test in tests:
            looked = {root for node in descend(test) if isinstance(node, (cst.Attribute, cst.Subscript)) and (root := _root(node)) is not None}
            for call in (node for node in descend(loop.body, into_functions=True) if isinstance(node, cst.Call) and node not in inside):
                root = _root(call.func) if isinstance(call.func, cst.Attribute) else None
                is_late = root in self._own and self.facts.tree.number(call) > self.facts.tree.number(test)
                if root not in looked or is_late or self.effects.judge([call], stays=True).level < Level.UNSURE:
                    continue
                verdict |= Verdict(Level.UNSURE, Ground.DEPENDENCE(f"{root}.{terminal(call)}() may change what the condition of the I/O looks at"), call)
        return verdict

    def _gives(self, loop: cst.For, split: Split) -> tuple[str, ...]:
        """The names that the moved part binds and something else reads, in the order in which it binds them."""
        flow = Definite(self.facts)
        end = flow.follow(split.moved, self._own)
        bound = dict.fromkeys(name for node in split.moved for name in sorted(binds(node)))
        for name in bound:
            if name in flow.early:
                raise Stuck(Ground.DEPENDENCE(f"{name} may have its value from an earlier pass"), flow.early[name])
        inside = {inner for node in split.moved for inner in descend(node, into_functions=True)}
        rest: dict[str, list[cst.Name]] = {}
        for node in free_names(loop):
            if node not in inside:
                rest.setdefault(node.value, []).append(node)
        gives = tuple(name for name in bound if name in rest or is_missed(name, loop, self.facts))
        for name in gives:
            uses = [use for use in rest.get(name, ()) if not any(self.facts.tree.holds(part, use) for part in (loop.target, loop.iter))]
            self._check_given(name, uses, split, end)
        return gives

    def _check_given(self, name: str, uses: Sequence[cst.Name], split: Split, end: frozenset[str] | None) -> None:
        """A name that a worker gives must be bound by every pass, and have this one value for all that stays."""
        if end is not None and name not in end:
            raise Stuck(Ground.NAMES(f"{name} is bound by some passes only, together with the I/O"), next(node for node in split.moved if name in binds(node)))
        number = self.facts.tree.number
        last = max(number(inner) for node in split.moved for inner in descend(node) if name in bound_by(inner) or inner is node and name in binds(node))
        headers = [*split.filters, *([split.wrapped.test] if split.wrapped is not None else [])] if name in self._own else []
        early = [use for use in uses if number(use) < last and not any(self.facts.tree.holds(part, use) for part in headers)]
        if early:
            raise Stuck(Ground.DEPENDENCE(f"{name} is used before the I/O, with another value"), early[0])


def statements(body: cst.BaseSuite) -> list[cst.BaseStatement]:
    """The statements of a block; raises Stuck for one that shares its line with the header."""
    if not isinstance(body, cst.IndentedBlock):
        raise Stuck(Ground.FORM("its body stands on the line of its header"), body)
    return list(body.body)


def _root(node: cst.CSTNode) -> str | None:
    """The name at the beginning of attributes, subscripts and calls of methods."""
    while isinstance(node, (cst.Attribute, cst.Subscript, cst.Call)):
        node = node.func if isinstance(node, cst.Call) else node.value
    return node.value if isinstance(node, cst.Name) else None


def _holds(node: cst.CSTNode, calls: set[cst.Call]) -> bool:
    return any(inner in calls for inner in descend(node, into_functions=True))


def _mentions(node: cst.CSTNode, names: set[str]) -> bool:
    return any(isinstance(inner, cst.Name) and inner.value in names for inner in descend(node, into_functions=True))


def _uses_of(handles: set[str], holder: cst.CSTNode, calls: set[cst.Call]) -> Callable[[cst.CSTNode], bool]:
    """What has to move of a statement: its I/O, and the calls that are given a handle, else the handle itself."""
    direct = {node for node in descend(holder, into_functions=True) if isinstance(node, cst.Call) and _is_given(node, handles)}
    if direct:
        return lambda node: node in calls or node in direct
    return lambda node: node in calls or isinstance(node, cst.Name) and node.value in handles


def _is_given(call: cst.Call, handles: set[str]) -> bool:
    """Whether a call has a handle as its receiver or as an argument."""
    parts = [arg.value for arg in call.args] + ([call.func.value] if isinstance(call.func, cst.Attribute) else [])
    return any(isinstance(part, cst.Name) and part.value in handles for part in parts)


def _mentions_outside(root: cst.CSTNode, value: cst.CSTNode, names: set[str]) -> bool:
    inside = set(descend(value, into_functions=True))
    return any(isinstance(node, cst.Name) and node.value in names and node not in inside for node in descend(root, into_functions=True))


def _is_guard(node: cst.CSTNode) -> bool:
    match node:
        case cst.If(body=cst.IndentedBlock(body=[cst.SimpleStatementLine(body=[cst.Continue()])]), orelse=None):
            return True
        case _:
            return False


def _leaves_pass(node: cst.CSTNode) -> bool:
    """Whether a statement may end the pass with `continue`, in itself and not in a loop of its own."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Continue):
            return True
        if not isinstance(current, (cst.For, cst.While, cst.FunctionDef, cst.ClassDef, cst.Lambda)):
            stack.extend(children(current))
    return False


def _is_plain_assignment(node: cst.CSTNode) -> bool:
    match node:
        case cst.SimpleStatementLine(body=[cst.Assign() | cst.AnnAssign(value=cst.BaseExpression())]):
            return True
        case _:
            return False


def _targets(node: cst.Assign | cst.AnnAssign) -> Iterator[cst.CSTNode]:
    if isinstance(node, cst.Assign):
        yield from (target.target for target in node.targets)
    else:
        yield node.target

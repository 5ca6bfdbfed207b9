"""The maximum number of items of an iterable, if it is known: from literals, and from the values of its name before its use."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import children, walk
from par_lint.analysis.semantics.bindings import Assigned, Import
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.constant_collections import are_files, constant_display, default_display, returns_matching_files
from par_lint.analysis.semantics.container_changes import ADDING_MANY, ADDING_ONE, ContainerChanges
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.core.memo import memoized_for_last, never_in_circles

_SAME = frozenset({"list", "tuple", "set", "frozenset", "dict", "sorted", "reversed", "enumerate", "iter", "fromkeys", "OrderedDict", "deque", "copy"})
"""Functions whose result has at most as many items as their first argument."""
_LINE = attrgetter("lineno")
_FEW = 3  # iterations of an inner loop that are followed one by one
_BLOCKS = (ast.stmt, ast.ExceptHandler, ast.match_case)


def known_size(node: ast.expr, scope: Scope, resolver: Resolver) -> int | None:
    """Return the maximum number of items of an iterable, as seen from a scope; None if it is unknown."""
    return _known_sizes(resolver).size(node, scope)


@memoized_for_last
def _known_sizes(resolver: Resolver) -> _KnownSizes:
    return _KnownSizes(resolver)


class _KnownSizes:
    """The sizes in one file. Each name is followed once, wherever it is used."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self.index = resolver.index
        self.changes = ContainerChanges(resolver.index)
        self._names: dict[tuple[str, Scope], _Sizes | None] = {}

    def size(self, node: ast.expr, scope: Scope, now: tuple[str, int | None] = ("", None)) -> int | None:
        """Return the maximum number of items of an iterable; `now` is a name with its current size."""

        def size(one: ast.expr) -> int | None:
            return self.size(one, scope, now)

        match node:
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                return _sum(size(one.value) if isinstance(one, ast.Starred) else 1 for one in elements)
            case ast.Dict(keys=keys, values=values):
                return _sum(size(value) if key is None else 1 for key, value in zip(keys, values))
            case ast.ListComp(generators=clauses) | ast.SetComp(generators=clauses) | ast.DictComp(generators=clauses) | ast.GeneratorExp(generators=clauses):
                return _product(None if clause.is_async else size(clause.iter) for clause in clauses)
            case ast.IfExp(body=one, orelse=other):
                return _largest([size(one), size(other)])
            case ast.BoolOp(values=values):
                return _largest(map(size, values))
            case ast.BinOp(op=ast.Add() | ast.BitOr(), left=left, right=right):
                return _sum([size(left), size(right)])
            case ast.BinOp(op=ast.Sub(), left=left):
                return size(left)
            case ast.BinOp(op=ast.BitAnd(), left=left, right=right):
                return _smallest([size(left), size(right)])
            case ast.Subscript(slice=ast.Slice() as part):
                return _smallest([_length(part), size(node.value)])
            case ast.NamedExpr(value=value):
                return size(value)
            case ast.Call():
                found = _of_call(node, [None if isinstance(arg, ast.Starred) else size(arg) for arg in node.args], size)
                return found if found is not None else self._of_constant(node, scope) or self._of_files(node, scope) or self._of_result(node, scope)
            case ast.Name(id=name):
                return now[1] if name == now[0] else self._of_name(name, node, scope) or self._of_default(name, scope) or self._of_callers(name, scope)
            case ast.Attribute():
                return self._of_constant(node, scope)
            case _:
                return None

    def _of_constant(self, node: ast.expr, scope: Scope) -> int | None:
        """The size of the constant collection that an attribute, a property, or a call of the project stands for."""
        found = constant_display(node, scope, self._resolver)
        return _known_sizes(found[2]).size(found[0], found[1]) if found is not None else None

    def _of_files(self, node: ast.Call, scope: Scope) -> int | None:
        """The size of the list of files that fit constant names without wildcards: at most one for each."""
        given = constant_display(node.args[0], scope, self._resolver) if len(node.args) == 1 and returns_matching_files(node) else None
        return self.size(node.args[0], scope) if given is not None and are_files(given) else None

    @never_in_circles(None)
    def _of_result(self, node: ast.Call, scope: Scope) -> int | None:
        """The size of what a function of the file returns, or yields, at most."""
        function = self._resolver.expression(node.func, scope)
        if not isinstance(function, Function) or function.is_async or not isinstance(function.node, ast.FunctionDef) or is_overridden(function, self.index):
            return None
        if function.is_generator:
            return self._yielded(function.node.body, function) or None
        return _largest(self.size(value, function) for value in function.returned) or None if function.returned else None

    def _yielded(self, block: Sequence[ast.stmt], function: Scope) -> int | None:
        """The number of items that a block of a generator yields at most."""
        return _sum(self._yielded_by(statement, function) for statement in block)

    def _yielded_by(self, node: ast.stmt, function: Scope) -> int | None:
        match node:
            case ast.Expr(value=ast.YieldFrom(value=value)):
                return self.size(value, function)
            case ast.For(iter=iterable, body=body, orelse=orelse):
                each, rest = self._yielded(body, function), self._yielded(orelse, function)
                return rest if each == 0 else _sum([_product([self.size(iterable, function), each]), rest])
            case ast.While():
                return 0 if _count_yields(node) == 0 else None
            case ast.If(body=body, orelse=orelse):
                return _largest([self._yielded(body, function), self._yielded(orelse, function)])
            case ast.With(body=body):
                return self._yielded(body, function)
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
                return _sum(self._yielded(block, function) for block in (body, orelse, final, *(handler.body for handler in handlers)))
            case _:
                return _count_yields(node)

    @never_in_circles(None)
    def _of_callers(self, name: str, scope: Scope) -> int | None:
        """The size of what all calls of a function give a parameter, if the function is for this file alone."""
        found = scope.find(name)
        if found is None or not isinstance(found[0], Function) or not _is_for_this_file(found[0], self.index):
            return None
        function = found[0]
        if name not in function.explicit_parameters or len(found[1]) != 1 or self.changes.filled.get(name) or name in self.changes.resized:
            return None
        called = (*self.index.by_name.get(function.name, ()), *self.index.by_method.get(function.name, ()))
        calls = [site for site in called if self._resolver.callee(site) is function]
        at = function.explicit_parameters.index(name)
        given = [argument_at(site.node, at, name) for site in calls]
        if not given or None in given or len(calls) != len(called) or _is_handed_on(function.name, len(called), self.index):
            return None
        return _largest(self.size(value, site.scope) for value, site in zip(given, calls) if value is not None)

    def _of_default(self, name: str, scope: Scope) -> int | None:
        """The size of the default of a parameter that no call gives another value."""
        found = scope.find(name)
        if found is None or not isinstance(found[0], Function) or name not in found[0].parameters:
            if found is None or not isinstance(found[1][0], Import):
                return None
            return self._of_constant(ast.Name(name), scope)
        display = default_display(found[0], name, self._resolver)
        return self.size(display[0], display[1]) if display is not None and not self.changes.filled.get(name) and name not in self.changes.resized else None

    def _of_name(self, name: str, at: ast.Name, scope: Scope) -> int | None:
        """Return the maximum number of items of a variable at a use, from all values that may be bound to it or added before."""
        found = scope.find(name)
        if found is None or isinstance(found[0], Class):
            return None
        home = found[0]
        is_given = isinstance(home, Function) and name in home.parameters
        if not all(isinstance(binding, Assigned) and binding.value is not None for binding in found[1][is_given:]):
            return None
        if name in self.changes.declared_nonlocal:
            return None
        filled = self.changes.filled.get(name, ())
        if any(site.scope is not home and site.scope.find(name) == found for site in filled):
            return None
        if len(found[1]) == 1 and not filled and name not in self.changes.resized and not is_given:
            only = found[1][0]
            return self._of_value(only.value, home) if isinstance(only, Assigned) and only.value is not None else None
        start = _annotated(home, name) if isinstance(home, Function) and is_given else 0
        if len(found[1]) == 1 and not filled and name not in self.changes.resized:
            return start
        if (name, home) not in self._names:
            self._names[name, home] = None  # if it is derived from itself
            lines = [*(binding.line for binding in found[1]), *(site.node.lineno for site in filled if site.scope is home)]
            last = max(*lines, self.changes.resized.get(name, 0))
            self._names[name, home] = _Sizes(name, home, start, self, range(min(lines), last + 1))
        run = self._names[name, home]
        if run is None or run.is_empty_at_first and self._may_be_filled(name, at, scope):
            return None
        size = run.at.get(at.lineno) if home is scope and at.lineno in run.lines else run.end
        return size or None  # an empty one is probably filled elsewhere

    def _may_be_filled(self, name: str, at: ast.Name, scope: Scope) -> bool:
        """Whether a function may fill a container that it is given before a use of it."""
        return any(site.scope is not scope or site.loop is not None or site.node.lineno < at.lineno for site in self.changes.passed.get(name, ()))

    @never_in_circles(None)
    def _of_value(self, value: ast.expr, home: Scope) -> int | None:
        """The size of the only value of a name, which may be derived from the name itself, also by way of others."""
        return self.size(value, home) or None


def is_overridden(function: Function, index: FileIndex) -> bool:
    """Return whether another class of the file has a method of that name, which may be called instead."""
    return function.owner is not None and any(one is not function.owner and function.name in one.bindings for one in index.classes)


def _is_for_this_file(function: Function, index: FileIndex) -> bool:
    """Whether all calls of a function stand in the file: it is nested or has a private name, or the file is a script."""
    if not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)) or function.node.decorator_list:
        return False
    if function.owner is not None:
        return function.name.startswith("_") and not function.name.endswith("__") and not is_overridden(function, index)
    is_nested = isinstance(function.parent, Function)
    return is_nested or function.name.startswith("_") or any(_is_main_guard(node) for node in index.tree.body)


def _is_handed_on(name: str, calls: int, index: FileIndex) -> bool:
    """Whether a function is also used where it is not called, as an argument of another one for example."""
    uses = [node for node in index.all_of(ast.Name) if node.id == name] + [node for node in index.all_of(ast.Attribute) if node.attr == name]
    return len(uses) > calls


def _is_main_guard(node: ast.stmt) -> bool:
    match node:
        case ast.If(test=ast.Compare(left=ast.Name("__name__"), comparators=[ast.Constant("__main__")])):
            return True
        case _:
            return False


def argument_at(call: ast.Call, at: int, name: str) -> ast.expr | None:
    """Return what a call gives a parameter by its position (0-based) or its name; None if that is not shown."""
    if any(isinstance(arg, ast.Starred) for arg in call.args) or any(keyword.arg is None for keyword in call.keywords):
        return None
    named = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
    return named or (call.args[at] if len(call.args) > at else None)


def _count_yields(node: ast.AST) -> int | None:
    """Return how many items the `yield` expressions in a statement give, if each runs once; None if one gives many."""
    nodes = list(walk(node))
    return None if any(isinstance(inner, ast.YieldFrom) for inner in nodes) else sum(isinstance(inner, ast.Yield) for inner in nodes)


def _of_call(node: ast.Call, sizes: list[int | None], size: Callable[[ast.expr], int | None]) -> int | None:
    """Return the maximum number of items of the result of a call; `sizes` are those of its arguments."""
    match last_name(node.func), node.func:
        case "items" | "keys" | "values" | "copy", ast.Attribute(value=value) if not node.args:
            return size(value)
        case "split", ast.Attribute(value=ast.Constant(value=str(text))) if not node.args and not node.keywords:
            return len(text.split())
        case "dict", ast.Name() if not node.args and None not in [keyword.arg for keyword in node.keywords]:
            return len(node.keywords)
        case "zip", ast.Name():
            return _smallest(sizes) if not any(isinstance(arg, ast.Starred) for arg in node.args) else None
        case "map" | "filter", ast.Name() if len(sizes) > 1:
            return _smallest(sizes[1:])
        case "range", ast.Name():
            return _of_range(node.args)
        case "islice", _ if len(node.args) > 1:
            end = node.args[1 if len(node.args) == 2 else 2]
            return _smallest([end.value if isinstance(end, ast.Constant) and isinstance(end.value, int) else None, sizes[0]])
        case "list" | "tuple" | "set" | "frozenset", ast.Name() if not node.args:
            return 0
        case name, _ if name in _SAME and sizes and not (name == "dict" and node.keywords):
            return sizes[0]
        case _:
            return None


def _of_range(args: Sequence[ast.expr]) -> int | None:
    numbers = [arg.value for arg in args if isinstance(arg, ast.Constant) and isinstance(arg.value, int)]
    return len(range(*numbers)) if len(numbers) == len(args) and 0 < len(args) < 4 and 0 not in numbers[2:] else None


def _length(part: ast.Slice) -> int | None:
    """Return the maximum number of items of a slice: `[:2]`, `[1:3]`, `[-2:]`."""
    match part.lower, part.upper:
        case None | ast.Constant(value=0), ast.Constant(value=int(end)):
            return end
        case ast.Constant(value=int(start)), ast.Constant(value=int(end)):
            return max(end - start, 0)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(last))), _:
            return last
        case _:
            return None


def _annotated(function: Function, name: str) -> int | None:
    """Return the number of items of a parameter from its annotation: `tuple[Path, Path]`."""
    args = function.node.args  # type: ignore[attr-defined]
    for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs):
        match arg:
            case ast.arg(arg=its, annotation=ast.Subscript(value=of, slice=ast.Tuple(elts=parts))) if its == name and last_name(of) in ("tuple", "Tuple"):
                return None if any(isinstance(part, ast.Constant) and part.value is Ellipsis for part in parts) else len(parts)
            case _:
                pass
    return None


class _Sizes:
    """Tracks the maximum size of the container of one name, statement by statement."""

    def __init__(self, name: str, home: Scope, start: int | None, sizes: _KnownSizes, lines: range) -> None:
        self._name = name
        self.lines = lines  # from where the name is first bound to where it is last changed
        self._home = home
        self._sizes = sizes
        self.at: dict[int, int | None] = {}  # the maximum size before the statement at a line
        self.is_empty_at_first = False
        body = home.node.body if isinstance(home.node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)) else []
        self.end = self.block(body, start)

    def block(self, statements: Sequence[ast.stmt], size: int | None) -> int | None:
        """Return the size after a block; of its statements, only those at the lines in question matter."""
        first = max(bisect_right(statements, self.lines.start, key=_LINE) - 1, 0)
        for statement in statements[first:bisect_left(statements, self.lines.stop, key=_LINE)]:
            size = self._statement(statement, size)
        return size

    def _statement(self, node: ast.stmt, size: int | None) -> int | None:
        self._reach(node, size)
        match node:
            case ast.If(test=test, body=body, orelse=orelse):
                size = self._added_in(test, size)
                if body and isinstance(body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break)) and not orelse:
                    self.block(body, size)
                    return _at_most(self._asserted(test, is_true=False), size)
                return _largest([self.block(body, _at_most(self._asserted(test, is_true=True), size)), self.block(orelse, _at_most(self._asserted(test, is_true=False), size))])
            case ast.For(iter=iterable) if (count := self._value(iterable, size)) is not None and count <= _FEW:
                most = size
                for _ in range(count):
                    most = _largest([most, self.block(node.body, most)])
                return self.block(node.orelse, most)
            case ast.For() | ast.AsyncFor() | ast.While():
                head = node.test if isinstance(node, ast.While) else node.iter
                once = _largest([size, self.block(node.body, self._added_in(head, size))])
                is_growing = once != size and _largest([once, self.block(node.body, once)]) != once
                if is_growing:
                    self._reach(node, None)
                return self.block(node.orelse, None if is_growing else once)
            case ast.With(body=body) | ast.AsyncWith(body=body):
                return self.block(body, size)
            case ast.Try() | ast.Match():
                return self._parts(node, size)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return size
            case ast.Assert(test=test):
                return _at_most(self._asserted(test, is_true=True), size)
            case ast.AugAssign(target=ast.Name(id=name), value=value) if name == self._name:
                return _sum([size, self._value(value, size)])
            case ast.Assign(targets=targets, value=value):
                return self._assigned(targets, value, size)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return self._assigned([target], value, size)
            case _:
                return self._added_in(node, size)

    def _reach(self, node: ast.stmt, size: int | None) -> None:
        """Record the size at the lines of a statement; for a compound one, at those of its header."""
        inner = [child.lineno for child in children(node) if isinstance(child, _BLOCKS) and not isinstance(child, ast.match_case)]
        for line in range(node.lineno, min([*inner, (node.end_lineno or node.lineno) + 1])):
            self.at[line] = _largest([self.at[line], size]) if line in self.at else size

    def _value(self, node: ast.expr, size: int | None) -> int | None:
        return self._sizes.size(node, self._home, (self._name, size))

    def _parts(self, node: ast.Try | ast.Match, size: int | None) -> int | None:
        """Return the size after the blocks of a `try` or a `match`; any of them may run."""
        if isinstance(node, ast.Match):
            return _largest([size, *(self.block(case.body, size) for case in node.cases)])
        body = self.block(node.body, size)
        ends = [self.block(node.orelse, body), *(self.block(handler.body, _largest([size, body])) for handler in node.handlers)]
        return self.block(node.finalbody, _largest(ends))

    def _assigned(self, targets: Sequence[ast.expr], value: ast.expr, size: int | None) -> int | None:
        size = self._added_in(value, size)
        for target in targets:
            match target:
                case ast.Name(id=name) if name == self._name:
                    size = self._value(value, size)
                    self.is_empty_at_first |= size == 0
                case ast.Subscript(value=ast.Name(id=name), slice=key) if name == self._name:
                    size = None if isinstance(key, ast.Slice) else _sum([size, 1])
                case ast.Tuple() | ast.List() if any(isinstance(inner, ast.Name) and inner.id == self._name for inner in walk(target)):
                    size = None
                case _:
                    pass
        return size

    def _added_in(self, node: ast.AST, size: int | None) -> int | None:
        """Return how many items calls in a statement, or an expression, add."""
        for call in walk(node):
            match call:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method), args=args) if name == self._name:
                    if method in ADDING_ONE:
                        size = _sum([size, 1])
                    elif method in ADDING_MANY:
                        size = _sum([size, *(self._value(arg, size) for arg in args), len(call.keywords)])
                case ast.NamedExpr(target=ast.Name(id=name), value=value) if name == self._name:
                    size = self._value(value, size)
                case _:
                    pass
        return size

    def _asserted(self, test: ast.expr, *, is_true: bool) -> int | None:
        """Return the maximum size if a test is true, and if it is false: for `len(names) == 2`, `not len(names) > 2`."""
        match test:
            case ast.BoolOp(op=op, values=values) if isinstance(op, ast.And if is_true else ast.Or):
                return _smallest(self._asserted(value, is_true=is_true) for value in values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._asserted(operand, is_true=not is_true)
            case ast.Compare(left=ast.Call(func=ast.Name("len"), args=[ast.Name(id=name)]), ops=[op], comparators=[ast.Constant(value=int(number))]) if (
                name == self._name
            ):
                if isinstance(op, (ast.Eq, ast.LtE) if is_true else (ast.NotEq, ast.Gt)):
                    return number
                return number - 1 if isinstance(op, ast.Lt if is_true else ast.GtE) else None
            case _:
                return None


def _at_most(limit: int | None, size: int | None) -> int | None:
    return _smallest([limit, size])


def _sum(sizes: Iterable[int | None]) -> int | None:
    total = 0
    for size in sizes:
        if size is None:
            return None
        total += size
    return total


def _product(sizes: Iterable[int | None]) -> int | None:
    total = 1
    for size in sizes:
        if size is None:
            return None
        total *= size
    return total


def _largest(sizes: Iterable[int | None]) -> int | None:
    """Return the largest size; None if one is unknown."""
    found = list(sizes)
    return None if None in found else max(size for size in found if size is not None)


def _smallest(sizes: Iterable[int | None]) -> int | None:
    """Return the smallest known size."""
    return min((size for size in sizes if size is not None), default=None)

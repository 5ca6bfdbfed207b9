"""The bindings of names, read from the statements that bind them.

They are read lazily, when a scope's names are first needed: most scopes of most files never need them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

from par_lint.analysis.semantics.access_path import CALL, COLLECT, ENTER, ITEM, UNKNOWN, AccessPath, access_path, annotation_path, last_name


class Import(NamedTuple):
    """A name bound by an import to a qualified name."""

    name: str
    line: int


class Assigned:
    """A name bound to the value of an expression with an access path; `value` is the expression, if it is the whole value.

    `read` makes the path of `source`, or `source` is the path itself; `steps` lead from there to the bound value.
    """

    __slots__ = ("_path", "_read", "_source", "_steps", "line", "value")

    def __init__(
        self, line: int, source: Any, steps: AccessPath = (), value: ast.expr | None = None, read: Callable[[Any], AccessPath] = access_path
    ) -> None:
        self.line = line
        self.value = value
        self._source = source
        self._steps = steps
        self._read = read
        self._path: AccessPath | None = None

    @property
    def path(self) -> AccessPath:
        """Return the access path of the bound value."""
        if self._path is None:
            start: AccessPath = self._source if isinstance(self._source, tuple) else self._read(self._source)
            self._path = start + self._steps
        return self._path

    @property
    def entered(self) -> ast.expr | None:
        """Return the context manager if a `with` binds the name, else None."""
        return self._source if self._steps == (ENTER,) and isinstance(self._source, ast.expr) else None


Place: TypeAlias = "str | tuple[str, str]"
"""The bound place: a name, or an attribute of one."""
Bound: TypeAlias = "tuple[Place, Import | Assigned]"


def is_placeholder(binding: object) -> bool:
    """Return whether a name is bound to None, or to what stands for a class that is not imported: another binding has the actual value."""
    return isinstance(binding, Assigned) and binding.path in _PLACEHOLDERS


_PLACEHOLDERS = frozenset({("<NoneType>",), ("Any",), ("typing", "Any"), ("object",)})


def bound_parameters(args: ast.arguments, first: AccessPath | None) -> Iterator[Bound]:
    """Yield the bindings of a function's parameters; `first` is the path of the first one if it is the method's object or class."""
    for position, arg in enumerate(parameters(args)):
        if first is not None and position == 0:
            yield arg.arg, Assigned(arg.lineno, first)
        elif arg is args.kwarg:
            yield arg.arg, Assigned(arg.lineno, ("<dict>",))
        else:
            yield arg.arg, Assigned(arg.lineno, arg.annotation, (COLLECT,) if arg is args.vararg else (), read=annotation_path)


def parameters(args: ast.arguments) -> list[ast.arg]:
    """Return all parameters, `*args` and `**kwargs` last."""
    extra = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *extra]


def imported_names(node: ast.Import | ast.ImportFrom) -> list[tuple[str, str]]:
    """Return the names that an import binds, with their qualified names."""
    if isinstance(node, ast.ImportFrom):
        module = source_of(node)
        prefix = module if module.endswith(".") or not module else f"{module}."
        return [(alias.asname or alias.name, prefix + alias.name) for alias in node.names]
    found = []
    for alias in node.names:
        first = alias.name.partition(".")[0]
        found.append((alias.asname or first, alias.name if alias.asname else first))
    return found


def source_of(node: ast.ImportFrom) -> str:
    """Return the module of an import, with the dots of a relative import."""
    return "." * node.level + (node.module or "")


def _import(node: ast.Import | ast.ImportFrom) -> Iterable[Bound]:
    return [(name, Import(qualified, node.lineno)) for name, qualified in imported_names(node)]


def _assign(node: ast.Assign) -> Iterable[Bound]:
    target = node.targets[0]
    if len(node.targets) == 1:
        if type(target) is ast.Name:  # by far the most frequent
            return ((target.id, Assigned(target.lineno, node.value, (), node.value)),)
        if type(target) is ast.Attribute or type(target) is ast.Subscript:
            return _placed(target, node.value, (), node.value)
    return [bound for target in node.targets for bound in _matched(target, node.value)]


def _annotated(node: ast.AnnAssign) -> Iterator[Bound]:
    yield from _placed(node.target, node, (), node.value, _declared)


def _declared(node: ast.AnnAssign) -> AccessPath:
    path = annotation_path(node.annotation)
    if path != UNKNOWN or node.value is None:
        return path
    if isinstance(node.value, ast.Call) and last_name(node.value.func) in _FIELDS:
        made = next((keyword.value for keyword in node.value.keywords if keyword.arg == "default_factory"), None)
        return (*access_path(made), CALL) if made is not None else UNKNOWN
    return access_path(node.value)


_FIELDS = frozenset({"Field", "field", "PrivateAttr"})
"""Functions of pydantic and dataclasses that describe a field, and are not its value."""


def _named(node: ast.NamedExpr) -> Iterator[Bound]:
    yield from _matched(node.target, node.value)


def _for(node: ast.For | ast.AsyncFor) -> Iterator[Bound]:
    yield from _elements(node.target, node.iter)


def _comprehension(node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> Iterator[Bound]:
    for clause in node.generators:
        yield from _elements(clause.target, clause.iter)


def _with(node: ast.With | ast.AsyncWith) -> Iterator[Bound]:
    for item in node.items:
        if item.optional_vars is not None:
            yield from _placed(item.optional_vars, item.context_expr, (ENTER,), None)


def _augmented(node: ast.AugAssign) -> Iterator[Bound]:
    if isinstance(node.target, ast.Name):
        yield node.target.id, Assigned(node.lineno, UNKNOWN)


def _captured(node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> Iterator[Bound]:
    name = node.rest if isinstance(node, ast.MatchMapping) else node.name
    if name is not None:
        yield name, Assigned(node.lineno, UNKNOWN)


BINDING: dict[type, Callable[[Any], Iterable[Bound]]] = {
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.NamedExpr: _named,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.AugAssign: _augmented,
    ast.ExceptHandler: _captured,
    ast.MatchAs: _captured,
    ast.MatchStar: _captured,
    ast.MatchMapping: _captured,
}
"""The handler for each type of node that binds names; `def` and `class` are scopes of their own."""


def _matched(target: ast.expr, value: ast.expr) -> Iterator[Bound]:
    """Yield the bindings of `target = value`, element by element if both are displays of the same length."""
    if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
        if len(target.elts) == len(value.elts):
            for one, its in zip(target.elts, value.elts):
                yield from _matched(one, its)
            return
    yield from _placed(target, value, (), value)


def _placed(
    target: ast.expr, source: Any, steps: AccessPath, value: ast.expr | None, read: Callable[[Any], AccessPath] = access_path
) -> Iterator[Bound]:
    """Yield the bindings of a target; the parts of an unpacked value are unknown."""
    match target:
        case ast.Name(id=name):
            yield name, Assigned(target.lineno, source, steps, value, read)
        case ast.Attribute(value=ast.Name(id=owner), attr=attribute):
            yield (owner, attribute), Assigned(target.lineno, source, steps, value, read)
        case ast.Tuple() | ast.List():
            for one in target.elts:
                yield from _placed(one, UNKNOWN, (), None)
        case ast.Starred():
            yield from _placed(target.value, UNKNOWN, (), None)
        case _:
            pass


def _elements(target: ast.expr, iterable: ast.expr) -> Iterator[Bound]:
    """Yield the bindings of a loop's target, through enumerate, zip and displays of tuples."""
    match target, iterable:
        case (ast.Tuple(elts=[count, item]), ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_])):
            yield from _placed(count, ("<int>",), (), None)
            yield from _elements(item, inner)
        case (ast.Tuple(elts=targets), ast.Call(func=ast.Name(id="zip"), args=columns)) if len(targets) == len(columns):
            for one, column in zip(targets, columns):
                yield from _elements(one, column)
        case (ast.Tuple(elts=targets), ast.List(elts=[ast.Tuple(elts=first), *_]) | ast.Tuple(elts=[ast.Tuple(elts=first), *_])) if (
            len(targets) == len(first)
        ):
            for one, sample in zip(targets, first):
                yield from _placed(one, sample, (), None)
        case _:
            yield from _placed(target, iterable, (ITEM,), None)

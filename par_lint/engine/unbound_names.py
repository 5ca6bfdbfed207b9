"""Names that code may read before they are bound, or that nothing binds: a fix must not add any.

What is undefined is what pyflakes says. What may be unbound is looked up by the flow of control in one function, or in the module: a name is
bound after a statement if every way through it binds it. Bodies of nested functions run at another time, and are looked at by themselves.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from par_lint.analysis.semantics.bindings import parameters

_Bound: TypeAlias = "frozenset[str] | None"
"""The names that are bound at a place; None where nothing gets to."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def newly_unbound(before: ast.Module, after: ast.Module) -> list[str]:
    """Return the names that a changed module may read unbound, or that it leaves undefined, more often than before."""
    names: set[str] = set()
    for count in (_undefined, _maybe_unbound):
        found = count(after)
        names.update(found - count(before) if found else found)
    return sorted(names)


def _undefined(tree: ast.Module) -> Counter[str]:
    """Return how often names are used that nothing defines, as far as pyflakes sees."""
    from pyflakes import checker, messages  # only where a file is fixed

    wanted = (messages.UndefinedName, messages.UndefinedLocal)
    return Counter(one.message_args[0] for one in checker.Checker(tree).messages if isinstance(one, wanted))


def _maybe_unbound(tree: ast.Module) -> Counter[str]:
    """Return how often each name may be read before it is bound, in all functions of a module and in the module itself."""
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)):
            flow = _Flow(node)
            flow.run()
            found.update(flow.reads)
    return found


class _Flow:
    """The flow of control through one function, or the module."""

    def __init__(self, home: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.reads: list[str] = []
        """The reads of names that may be unbound."""
        self._body = home.body
        self._given = frozenset[str]() if isinstance(home, ast.Module) else frozenset(arg.arg for arg in parameters(home.args))
        self._local = frozenset(_bound_names(home.body)) | self._given
        self._leaving: list[tuple[list[_Bound], list[_Bound]]] = []
        """For each loop around: what is bound where it is left, and where it is continued."""

    def run(self) -> None:
        """Go through the body."""
        self._block(self._body, self._given)

    # Statements ---------------------------------------------------------------------------------------------------

    def _block(self, body: Sequence[ast.stmt], bound: _Bound) -> _Bound:
        for statement in body:
            if bound is None:
                return None
            bound = self._statement(statement, bound)
        return bound

    def _statement(self, node: ast.stmt, bound: frozenset[str]) -> _Bound:
        match node:
            case ast.If(test=test, body=body, orelse=orelse):
                bound = self._read(test, bound)
                return _join(self._block(body, bound), self._block(orelse, bound))
            case ast.For(target=target, iter=iterable) | ast.AsyncFor(target=target, iter=iterable):
                bound = self._read(iterable, bound)
                return self._loop(node, bound, bound | self._targets(target, bound))
            case ast.While(test=test):
                bound = self._read(test, bound)
                return self._loop(node, None if isinstance(test, ast.Constant) and test.value else bound, bound)
            case ast.Try():
                return self._try(node, bound)
            case _ if type(node).__name__ == "TryStar":  # Python 3.11
                return self._try(node, bound)  # type: ignore[arg-type]
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    bound = self._read(item.context_expr, bound)
                    bound |= self._targets(item.optional_vars, bound)
                return self._block(body, bound)
            case ast.Match(subject=subject, cases=cases):
                return self._match(self._read(subject, bound), cases)
            case ast.Return(value=value):
                self._read(value, bound)
                return None
            case ast.Raise(exc=raised, cause=cause):
                self._read(cause, self._read(raised, bound))
                return None
            case ast.Break() | ast.Continue():
                if self._leaving:
                    self._leaving[-1][isinstance(node, ast.Continue)].append(bound)
                return None
            case ast.Delete(targets=targets):
                for target in targets:
                    bound = self._read(target, bound)
                return bound - {one.id for one in targets if isinstance(one, ast.Name)}
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                for inner in _evaluated_at_definition(node):
                    bound = self._read(inner, bound)
                return bound | {node.name}
            case ast.Assign(targets=targets, value=value):
                bound = self._read(value, bound)
                return bound.union(*[self._targets(target, bound) for target in targets])
            case ast.AnnAssign(target=target, value=value):
                bound = self._read(value, bound)
                return bound | self._targets(target, bound) if value is not None else bound
            case ast.AugAssign(target=target, value=value):
                bound = self._read(value, self._read(target, bound))
                return bound | self._targets(target, bound)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                return bound | {alias.asname or alias.name.partition(".")[0] for alias in names}
            case _:
                for part in ast.iter_child_nodes(node):
                    bound = self._read(part, bound)
                return bound

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, done: _Bound, inside: frozenset[str]) -> _Bound:
        """Return what is bound after a loop; `done` is bound where it ends by itself, before its `else`."""
        self._leaving.append(([], []))
        self._block(node.body, inside)
        broken, _ = self._leaving.pop()
        after = self._block(node.orelse, done) if done is not None else None
        for one in broken:
            after = _join(after, one)
        return after

    def _try(self, node: ast.Try, bound: frozenset[str]) -> _Bound:
        after = self._block(node.orelse, self._block(node.body, bound))
        for handler in node.handlers:
            at = self._read(handler.type, bound)
            handled = self._block(handler.body, at | {handler.name} if handler.name else at)
            after = _join(after, handled - {handler.name} if handled is not None and handler.name else handled)
        if not node.finalbody:
            return after
        self._block(node.finalbody, bound)
        reads, self.reads = self.reads, []
        after = self._block(node.finalbody, after) if after is not None else None
        self.reads = reads  # counted once
        return after

    def _match(self, bound: frozenset[str], cases: Sequence[ast.match_case]) -> _Bound:
        after: _Bound = None
        for case in cases:
            at = bound.union(_names_of_pattern(case.pattern))
            after = _join(after, self._block(case.body, self._read(case.guard, at)))
        is_total = any(isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None for case in cases)
        return after if is_total else _join(after, bound)

    # Expressions --------------------------------------------------------------------------------------------------

    def _targets(self, target: ast.expr | None, bound: frozenset[str]) -> frozenset[str]:
        """Return the names that a target binds; what it reads is looked at."""
        match target:
            case None:
                return frozenset()
            case ast.Name(id=name):
                return frozenset({name})
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return frozenset().union(*[self._targets(part, bound) for part in parts])
            case ast.Starred(value=inner):
                return self._targets(inner, bound)
            case _:
                self._read(target, bound)
                return frozenset()

    def _read(self, node: ast.AST | None, bound: frozenset[str], hidden: frozenset[str] = frozenset()) -> frozenset[str]:
        """Look at an expression, where `hidden` are names of comprehensions around it; return what is bound after it."""
        match node:
            case None:
                return bound
            case ast.Name(id=name):
                if not isinstance(node.ctx, ast.Store) and name in self._local and name not in bound and name not in hidden:
                    self.reads.append(name)
                return bound
            case ast.NamedExpr(target=target, value=value):
                return self._read(value, bound, hidden) | {target.id}
            case ast.Lambda():
                for default in _evaluated_at_definition(node):
                    bound = self._read(default, bound, hidden)
                return bound
            case ast.BoolOp(values=[first, *others]):
                bound = self._read(first, bound, hidden)
                inside = bound
                for one in others:
                    inside = self._read(one, inside, hidden)
                return inside  # as if all were evaluated: a condition that binds a name is asked before the name is
            case ast.IfExp(test=test, body=body, orelse=orelse):
                bound = self._read(test, bound, hidden)
                return self._read(body, bound, hidden) & self._read(orelse, bound, hidden)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self._comprehension(node, bound, hidden)
            case _:
                for part in ast.iter_child_nodes(node):
                    bound = self._read(part, bound, hidden)
                return bound

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, bound: frozenset[str], hidden: frozenset[str]
    ) -> frozenset[str]:
        inside = self._read(node.generators[0].iter, bound, hidden)
        bound = inside
        for place, clause in enumerate(node.generators):
            if place:
                inside = self._read(clause.iter, inside, hidden)
            hidden |= frozenset(name.id for name in ast.walk(clause.target) if isinstance(name, ast.Name))
            for test in clause.ifs:
                inside = self._read(test, inside, hidden)
        for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            inside = self._read(part, inside, hidden)
        return bound


def _join(one: _Bound, other: _Bound) -> _Bound:
    return other if one is None else one if other is None else one & other


def _evaluated_at_definition(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda) -> Iterator[ast.expr]:
    """Yield what is evaluated where a function or class is defined: decorators, defaults, bases."""
    yield from getattr(node, "decorator_list", ())
    if isinstance(node, ast.ClassDef):
        yield from (*node.bases, *(keyword.value for keyword in node.keywords))
    else:
        yield from (default for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None)


def _bound_names(body: Iterable[ast.stmt]) -> set[str]:
    """Return the names that a body binds in its own scope; not those that it declares to be of another one."""
    found: set[str] = set()
    outer: set[str] = set()
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        match node:
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                outer.update(names)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.ExceptHandler(name=str(name)):
                found.add(name)
            case ast.alias(name=name, asname=asname):
                found.add(asname or name.partition(".")[0])
            case ast.match_case(pattern=pattern):
                found.update(_names_of_pattern(pattern))
            case _:
                pass
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            pending += _evaluated_at_definition(node)
        elif isinstance(node, _COMPREHENSIONS):
            pending += [inner for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)]
        else:
            pending += ast.iter_child_nodes(node)
    return found - outer


def _names_of_pattern(pattern: ast.pattern) -> Iterator[str]:
    for node in ast.walk(pattern):
        match node:
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield name
            case _:
                pass

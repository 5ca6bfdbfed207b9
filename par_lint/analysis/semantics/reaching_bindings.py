"""The bindings of a name that may have given it its value where the name is read (reaching definitions), in one scope.

Only the order of statements counts, not whether a condition can be true. In another scope, such as a function that reads a global, every binding counts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from par_lint.analysis.semantics.ast_walk import children
from par_lint.analysis.semantics.scopes import Class, Function, Own, Scope

PARAMETER = "parameter"
"""Stands for the binding of a parameter by a call."""
Source: TypeAlias = "Own | str"
"""What binds a name: a node, a function or class, or a call that passes an argument."""
_State: TypeAlias = "dict[str, frozenset[Source]]"


class ReachingBindings:
    """Follows the bindings of one scope's names, other than those that are bound once, through its statements.

    Args:
        scope: a module or a function.
        names: the names to follow.
        scopes: the functions and classes of the file, by their nodes.
    """

    def __init__(self, scope: Scope, names: frozenset[str], scopes: Mapping[ast.AST, Function | Class]) -> None:
        self._names = names
        self._scopes = scopes
        self._found: dict[ast.Name, frozenset[Source]] = {}
        self._loops: dict[ast.stmt, tuple[_State, _State | None, _State]] = {}  # the bindings before and after each loop, and all in it
        self._seen: list[_State] = []  # what holds anywhere in the enclosing `try` and loop bodies
        state: _State = {name: frozenset({PARAMETER}) for name in names if isinstance(scope, Function) and name in scope.parameters}
        body = getattr(scope.node, "body", ())
        if isinstance(body, list):
            self._block(body, state)

    def at(self, node: ast.Name) -> frozenset[Source] | None:
        """Return what may have bound a name where it is read; None if it is read in no code that was followed."""
        return self._found.get(node)

    # Statements ---------------------------------------------------------------------------------------------------

    def _block(self, body: Sequence[ast.stmt], state: _State | None) -> _State | None:
        """Return the bindings after some statements; None if their end is never reached."""
        for statement in body:
            if state is None:
                return None
            state = self._statement(statement, dict(state))
        return state

    def _statement(self, node: ast.stmt, state: _State) -> _State | None:
        match node:
            case ast.If(test=test, body=body, orelse=orelse):
                self._read(test, state)
                return _either(self._block(body, state), self._block(orelse, state))
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._loop(node, state)
            case ast.Try():
                return self._try(node, state)
            case _ if type(node).__name__ == "TryStar":  # Python 3.11
                return self._try(node, state)  # type: ignore[arg-type]
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    self._read(item.context_expr, state)
                    if item.optional_vars is not None:
                        self._bind(item.optional_vars, node, state)
                entry = dict(state)
                end, seen = self._followed(body, state)
                return _either(end, seen if end is not None else entry)  # a manager may swallow an error
            case ast.Match(subject=subject, cases=cases):
                self._read(subject, state)
                return self._cases(cases, state)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._definition(node, state)
                return state
            case ast.Return() | ast.Raise() | ast.Break() | ast.Continue():
                self._children(node, state)
                return None
            case _:
                self._simple(node, state)
                return state

    def _cases(self, cases: Sequence[ast.match_case], state: _State) -> _State | None:
        end: _State | None = dict(state)
        for case in cases:
            inner = dict(state)
            self._pattern(case.pattern, inner)
            if case.guard is not None:
                self._read(case.guard, inner)
            end = _either(end, self._block(case.body, inner))
        return end

    def _simple(self, node: ast.stmt, state: _State) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                self._read(value, state)
                for target in targets:
                    self._bind(target, node, state)
            case ast.AnnAssign(target=target, value=value):
                if value is not None:
                    self._read(value, state)
                    self._bind(target, node, state)
            case ast.AugAssign(target=target, value=value):
                self._read(value, state)
                if isinstance(target, ast.Name):
                    self._add(target.id, node, state)
                else:
                    self._read(target, state)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                for alias in aliases:
                    self._set(alias.asname or alias.name.partition(".")[0], node, state)
            case _:
                self._children(node, state)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, state: _State) -> _State | None:
        """Follow a loop until another iteration adds nothing; the same bindings before it have the same result, also in the next iteration of a loop around it."""
        entry = dict(state)
        if (known := self._loops.get(node)) is not None and known[0] == entry:
            self._note_all(known[2])
            return known[1]
        all_seen: _State = {}
        if not isinstance(node, ast.While):
            self._read(node.iter, state)
        while True:
            head = dict(state)
            if isinstance(node, ast.While):
                self._read(node.test, head)
            else:
                self._bind(node.target, node, head)
            end, seen = self._followed(node.body, head)
            all_seen = _either(all_seen, seen) or seen
            joined = _either(_either(state, end), seen) or state
            if joined == state:
                break
            state = joined
        after = _either(self._block(node.orelse, dict(state)), state)
        self._loops[node] = entry, after, all_seen
        return after

    def _try(self, node: ast.Try, state: _State) -> _State | None:
        end, seen = self._followed(node.body, state)
        raised = _either(state, seen) or state
        ends = [self._block(node.orelse, end)]
        for handler in node.handlers:
            inner = dict(raised)
            if handler.type is not None:
                self._read(handler.type, inner)
            if handler.name is not None:
                self._set(handler.name, handler, inner)
            ends.append(self._block(handler.body, inner))
        joined: _State | None = None
        for one in ends:
            joined = _either(joined, one)
        if not node.finalbody:
            return joined
        after = self._block(node.finalbody, _either(joined, raised))
        return after if joined is not None else None

    def _followed(self, body: Sequence[ast.stmt], state: _State) -> tuple[_State | None, _State]:
        """Return the bindings after some statements, and all that hold anywhere in them."""
        self._seen.append(dict(state))
        end = self._block(body, dict(state))
        seen = self._seen.pop()
        self._note_all(seen)
        return end, seen

    def _note_all(self, seen: _State) -> None:
        if self._seen:
            self._seen[-1] = _either(self._seen[-1], seen) or seen

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, state: _State) -> None:
        for part in node.decorator_list:
            self._read(part, state)
        if isinstance(node, ast.ClassDef):
            for part in (*node.bases, *(keyword.value for keyword in node.keywords)):
                self._read(part, state)
        else:
            for default in (*node.args.defaults, *node.args.kw_defaults):
                if default is not None:
                    self._read(default, state)
        self._set(node.name, self._scopes.get(node, node), state)

    # Expressions and targets --------------------------------------------------------------------------------------

    def _children(self, node: ast.AST, state: _State) -> None:
        for child in children(node):
            self._read(child, state)

    def _read(self, node: ast.AST, state: _State) -> None:
        match node:
            case ast.Name(ctx=ast.Load(), id=name):
                if name in self._names:
                    self._found[node] = self._found.get(node, frozenset()) | state.get(name, frozenset())
            case ast.NamedExpr(target=target, value=value):
                self._read(value, state)
                self._bind(target, node, state)
            case ast.Lambda(args=arguments):
                for default in (*arguments.defaults, *arguments.kw_defaults):
                    if default is not None:
                        self._read(default, state)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node, state)
            case ast.IfExp() | ast.BoolOp():
                before = dict(state)
                self._children(node, state)
                state.update(_either(before, state) or state)
            case ast.stmt():
                pass
            case _:
                self._children(node, state)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, state: _State) -> None:
        inner = dict(state)
        for clause in node.generators:
            self._read(clause.iter, inner)
            for name in _bound(clause.target):
                if name in self._names:
                    inner[name] = frozenset({node})
            for test in clause.ifs:
                self._read(test, inner)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            if part is not None:
                self._read(part, inner)
        own = {name for clause in node.generators for name in _bound(clause.target)}
        state.update({name: value for name, value in inner.items() if name not in own and value != state.get(name)})  # walrus

    def _bind(self, target: ast.expr, source: ast.AST, state: _State) -> None:
        for name in _bound(target):
            self._set(name, source, state)
        if not isinstance(target, ast.Name):
            self._children(target, state)

    def _pattern(self, pattern: ast.AST, state: _State) -> None:
        for node in ast.walk(pattern):
            name = node.rest if isinstance(node, ast.MatchMapping) else node.name if isinstance(node, (ast.MatchAs, ast.MatchStar)) else None
            if name is not None:
                self._add(name, node, state)
            elif isinstance(node, ast.Name):
                self._read(node, state)

    def _set(self, name: str, source: Source, state: _State) -> None:
        if name in self._names:
            state[name] = frozenset({source})
            self._note(name, state)

    def _add(self, name: str, source: Source, state: _State) -> None:
        if name in self._names:
            state[name] = state.get(name, frozenset()) | {source}
            self._note(name, state)

    def _note(self, name: str, state: _State) -> None:
        if self._seen:
            seen = self._seen[-1]
            seen[name] = seen.get(name, frozenset()) | state[name]


def _bound(target: ast.AST) -> Iterator[str]:
    """Yield the names that a target binds."""
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _bound(part)
        case ast.Starred(value=value):
            yield from _bound(value)
        case _:
            pass


def _either(one: _State | None, other: _State | None) -> _State | None:
    """Return what holds after either of two ways; None if neither is taken to its end."""
    if one is None or other is None:
        return dict(one) if one is not None else dict(other) if other is not None else None
    return {name: one.get(name, frozenset()) | other.get(name, frozenset()) for name in one.keys() | other.keys()}

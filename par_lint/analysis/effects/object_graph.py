"""Which objects the variables, attributes and containers of a file may hold: sets that grow along edges until nothing changes.

A node is a variable, an expression, an attribute of whatever object, or what an object holds. Where objects go is followed by
inclusion: what is put into a tuple is in the tuple, but not one with what else is put there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterable
from typing import TypeAlias

from par_lint.analysis.semantics.scopes import Class, Function, Scope

Node: TypeAlias = Hashable
_MOST_WORK = 100_000
"""Steps along edges, some 0.1 s: more have only files of thousands of lines whose objects call one another by a few names."""


class TooManyObjects(Exception):
    """A file holds so many objects that following them would take too long."""


class Thing:
    """The objects that one place of a file makes, or one that comes from elsewhere.

    `is_open`: what it holds may be anything that it was made of, at any depth, and looking at it, or changing it, may be that of those.
    """

    __slots__ = ("cls", "fills", "function", "is_container", "is_open", "made_at", "made_in", "mutates")

    def __init__(self, made_at: ast.AST | None = None, made_in: object = None, *, is_open: bool = False, is_container: bool = False, mutates: bool = False) -> None:
        self.made_at = made_at
        self.made_in = made_in  # the scope that makes it
        self.is_open = is_open
        self.is_container = is_container  # shown to be one that can be changed
        self.mutates = mutates  # whether calling it, or a method of it that Python's library calls, changes what it holds or is given
        self.fills = False  # whether looking for a key puts it in
        self.function: Function | None = None
        self.cls: Class | None = None


def inside(thing: Thing) -> Node:
    """The node of what an object holds."""
    return "inside", thing


def stored(thing: Thing) -> Node:
    """The node of what is put into an open object later, which it is not made of."""
    return "stored", thing


def keys(thing: Thing) -> Node:
    """The node of the keys that an object holds other objects under."""
    return "keys", thing


def seen_through(thing: Thing) -> Node:
    """The node of the objects that an object only gives another view of."""
    return "view", thing


def attribute(name: str) -> Node:
    """The node of what attributes of a name hold, of whatever object."""
    return "attribute", name


def variable(home: Scope, name: str) -> Node:
    """The node of a name that a scope binds."""
    return "variable", home, name


def _data(things: Iterable[Thing]) -> set[Thing]:
    return {thing for thing in things if thing.function is None}


class ObjectGraph:
    """Nodes with the objects that they may stand for."""

    def __init__(self) -> None:
        self._held: dict[Node, set[Thing]] = {}
        self._edges: dict[Node, set[Node]] = {}
        self._data_edges: dict[Node, set[Node]] = {}  # along which no functions go
        self._watchers: dict[Node, list[Callable[[Thing], object]]] = {}
        self._pending: dict[Node, set[Thing]] = {}  # what was new at a node, and is to be passed on
        self._work = 0
        self._reached: dict[Thing, set[Thing]] = {}

    def put(self, node: Node, thing: Thing) -> None:
        """Let a node stand for an object."""
        self._put_all(node, {thing})

    def _put_all(self, node: Node, things: set[Thing]) -> None:
        held = self._held.setdefault(node, set())
        new = things - held
        if new:
            held |= new
            self._pending.setdefault(node, set()).update(new)

    def flow(self, source: Node, target: Node) -> None:
        """Let a node stand for whatever another one stands for."""
        edges = self._edges.setdefault(source, set())
        if target not in edges and source != target:
            edges.add(target)
            if source in self._held:
                self._put_all(target, self._held[source])

    def watch(self, node: Node, act: Callable[[Thing], object]) -> None:
        """Do something for each object that a node stands for, once."""
        done = set[Thing]()

        def act_once(thing: Thing) -> None:
            if thing not in done:
                done.add(thing)
                act(thing)

        self._watchers.setdefault(node, []).append(act_once)
        for thing in tuple(self._held.get(node, ())):
            act_once(thing)

    def load(self, source: Node, target: Node) -> None:
        """Let a node stand for what the objects of another one hold."""

        self.watch(source, lambda thing: self.take(thing, target) if thing.is_open else self.flow(inside(thing), target))

    def take(self, thing: Thing, target: Node) -> None:
        """Let a node stand for anything that an open object may give: itself, or what it holds, but for functions, which it calls."""
        self.put(target, thing)
        self.flow(stored(thing), target)
        targets = self._data_edges.setdefault(inside(thing), set())
        if target not in targets:
            targets.add(target)
            self._put_all(target, _data(self._held.get(inside(thing), ())))

    def walk(self, source: Node, target: Node) -> None:
        """Let a node stand for what going over the objects of another one gives."""
        self.load(source, target)
        self.watch(source, lambda thing: self.flow(keys(thing), target))

    def store(self, target: Node, value: Node) -> None:
        """Let what a node stands for be held by the objects of another one."""
        self.watch(target, lambda thing: self.flow(value, stored(thing) if thing.is_open else inside(thing)))

    def settle(self) -> None:
        """Follow the edges until nothing changes, and forget them. Raises TooManyObjects."""
        while self._pending:
            node, things = self._pending.popitem()
            targets, actions = tuple(self._edges.get(node, ())), tuple(self._watchers.get(node, ()))
            self._work += len(targets) + len(actions) * len(things)
            if self._work > _MOST_WORK:
                raise TooManyObjects
            for target in targets:
                self._put_all(target, things)
            if node in self._data_edges:
                data, targets = _data(things), tuple(self._data_edges[node])
                self._work += len(targets)
                for target in targets:
                    self._put_all(target, data)
            for act in actions:
                for thing in things:
                    act(thing)
        self._watchers.clear()
        self._edges.clear()
        self._data_edges.clear()

    # Questions ----------------------------------------------------------------------------------------------------

    def texts(self, things: Iterable[Thing]) -> set[Thing]:
        """Some objects with those that the text of a container of them shows."""
        found, pending = set[Thing](), list(things)
        while pending:
            thing = pending.pop()
            if thing not in found:
                found.add(thing)
                if thing.made_at is not None and not thing.is_open and thing.cls is None:
                    pending += [*self._held.get(inside(thing), ()), *self._held.get(seen_through(thing), ())]
        return found

    def things(self) -> set[Thing]:
        """All objects."""
        return set().union(*self._held.values())

    def held(self, node: Node) -> frozenset[Thing]:
        """The objects that a node may stand for."""
        return frozenset(self._held.get(node, ()))

    def closure(self, things: Iterable[Thing]) -> set[Thing]:
        """Some objects with all that can be come to from them."""
        return set().union(*map(self._reachable, things))

    def _reachable(self, start: Thing) -> set[Thing]:
        if start in self._reached:
            return self._reached[start]
        found, pending = set[Thing](), [start]
        while pending:
            thing = pending.pop()
            if thing in found:
                continue
            if thing in self._reached:
                found |= self._reached[thing]
                continue
            found.add(thing)
            for node in (inside(thing), stored(thing), keys(thing), seen_through(thing)):
                pending += self._held.get(node, ())
            if thing.cls is not None:
                for node in (*map(attribute, thing.cls.attributes), *(variable(thing.cls, name) for name in thing.cls.bindings)):
                    pending += self._held.get(node, ())
        self._reached[start] = found
        return found

    def opened(self, things: Iterable[Thing]) -> set[Thing]:
        """The objects that looking at some, or changing them, may be that of: those that they are views of, and all in open ones."""
        found, pending = set[Thing](), list(things)
        while pending:
            thing = pending.pop()
            if thing in found:
                continue
            found.add(thing)
            made_of = self._held.get(inside(thing), ()) if thing.is_open else ()
            found |= self.closure(made_of)
            pending += self._held.get(seen_through(thing), ())
        return found

"""The constraint graph of an inclusion-based points-to analysis (Andersen's): which objects variables, attributes and containers may hold.

A node is a variable, an expression, an attribute name, or the contents of an object. Each node has a set of abstract objects; the sets grow along
the edges until nothing changes. Two objects in one container stay two objects.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterable
from typing import TypeAlias

from par_lint.analysis.semantics.scopes import Class, Function, Scope

Node: TypeAlias = Hashable
_MOST_WORK = 100_000
"""The maximum number of steps along edges, about 0.1 s. Only a few files with thousands of lines need more."""


class TooManyObjects(Exception):
    """The graph of a file is too large to be solved in reasonable time."""


class AbstractObject:
    """An abstract object: all objects that one place of a file creates, or an object from another file.

    `is_open`: its contents are unknown. They may be any object that it was created from, at any depth; a use or a change of it may be one of those.
    """

    __slots__ = ("cls", "fills", "function", "is_container", "is_open", "made_at", "made_in", "mutates")

    def __init__(self, made_at: ast.AST | None = None, made_in: object = None, *, is_open: bool = False, is_container: bool = False, mutates: bool = False) -> None:
        self.made_at = made_at
        self.made_in = made_in  # the scope that creates it
        self.is_open = is_open
        self.is_container = is_container  # known to be mutable
        self.mutates = mutates  # whether calling it, or a method that the standard library calls, changes its contents or its arguments
        self.fills = False  # whether a look-up adds a missing key
        self.function: Function | None = None
        self.cls: Class | None = None


def contents_node(thing: AbstractObject) -> Node:
    """Return the node of an object's contents."""
    return "inside", thing


def added_contents_node(thing: AbstractObject) -> Node:
    """Return the node of what is added to an open object after its creation."""
    return "stored", thing


def keys_node(thing: AbstractObject) -> Node:
    """Return the node of an object's keys."""
    return "keys", thing


def viewed_node(thing: AbstractObject) -> Node:
    """Return the node of the objects of which an object is a view."""
    return "view", thing


def attribute_node(name: str) -> Node:
    """Return the node of all attributes with a name, of objects of any type."""
    return "attribute", name


def variable_node(home: Scope, name: str) -> Node:
    """Return the node of a variable."""
    return "variable", home, name


def _data(things: Iterable[AbstractObject]) -> set[AbstractObject]:
    return {thing for thing in things if thing.function is None}


class ObjectGraph:
    """The nodes with their sets of objects, and the edges between them."""

    def __init__(self) -> None:
        self._held: dict[Node, set[AbstractObject]] = {}
        self._edges: dict[Node, set[Node]] = {}
        self._data_edges: dict[Node, set[Node]] = {}  # along which functions do not flow
        self._watchers: dict[Node, list[Callable[[AbstractObject], object]]] = {}
        self._pending: dict[Node, set[AbstractObject]] = {}  # new objects of a node, to be passed on
        self._work = 0
        self._reached: dict[AbstractObject, set[AbstractObject]] = {}

    def put(self, node: Node, thing: AbstractObject) -> None:
        """Add an object to a node."""
        self._put_all(node, {thing})

    def _put_all(self, node: Node, things: set[AbstractObject]) -> None:
        held = self._held.setdefault(node, set())
        new = things - held
        if new:
            held |= new
            self._pending.setdefault(node, set()).update(new)

    def flow(self, source: Node, target: Node) -> None:
        """Add an edge: all objects of `source` are objects of `target`."""
        edges = self._edges.setdefault(source, set())
        if target not in edges and source != target:
            edges.add(target)
            if source in self._held:
                self._put_all(target, self._held[source])

    def watch(self, node: Node, act: Callable[[AbstractObject], object]) -> None:
        """Call a function once for each object of a node, now or when it is added."""
        done = set[AbstractObject]()

        def act_once(thing: AbstractObject) -> None:
            if thing not in done:
                done.add(thing)
                act(thing)

        self._watchers.setdefault(node, []).append(act_once)
        for thing in tuple(self._held.get(node, ())):
            act_once(thing)

    def load(self, source: Node, target: Node) -> None:
        """Add the contents of the objects of `source` to `target`."""

        self.watch(source, lambda thing: self.take(thing, target) if thing.is_open else self.flow(contents_node(thing), target))

    def take(self, thing: AbstractObject, target: Node) -> None:
        """Add what an open object may return to `target`: itself and its contents, except functions, which it calls."""
        self.put(target, thing)
        self.flow(added_contents_node(thing), target)
        targets = self._data_edges.setdefault(contents_node(thing), set())
        if target not in targets:
            targets.add(target)
            self._put_all(target, _data(self._held.get(contents_node(thing), ())))

    def walk(self, source: Node, target: Node) -> None:
        """Add what iterating over the objects of `source` yields to `target`."""
        self.load(source, target)
        self.watch(source, lambda thing: self.flow(keys_node(thing), target))

    def store(self, target: Node, value: Node) -> None:
        """Add the objects of `value` to the contents of the objects of `target`."""
        self.watch(target, lambda thing: self.flow(value, added_contents_node(thing) if thing.is_open else contents_node(thing)))

    def settle(self) -> None:
        """Propagate objects along the edges until nothing changes. Raises TooManyObjects."""
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

    def texts(self, things: Iterable[AbstractObject]) -> set[AbstractObject]:
        """Return some objects with all objects that appear in their `str()`."""
        found, pending = set[AbstractObject](), list(things)
        while pending:
            thing = pending.pop()
            if thing not in found:
                found.add(thing)
                if thing.made_at is not None and not thing.is_open and thing.cls is None:
                    pending += [*self._held.get(contents_node(thing), ()), *self._held.get(viewed_node(thing), ())]
        return found

    def things(self) -> set[AbstractObject]:
        """Return all objects."""
        return set().union(*self._held.values())

    def objects_of(self, node: Node) -> frozenset[AbstractObject]:
        """Return the objects of a node."""
        return frozenset(self._held.get(node, ()))

    def closure(self, things: Iterable[AbstractObject]) -> set[AbstractObject]:
        """Return some objects with all objects that are reachable from them."""
        return set().union(*map(self._reachable, things))

    def _reachable(self, start: AbstractObject) -> set[AbstractObject]:
        if start in self._reached:
            return self._reached[start]
        found, pending = set[AbstractObject](), [start]
        while pending:
            thing = pending.pop()
            if thing in found:
                continue
            if thing in self._reached:
                found |= self._reached[thing]
                continue
            found.add(thing)
            for node in (contents_node(thing), added_contents_node(thing), keys_node(thing), viewed_node(thing)):
                pending += self._held.get(node, ())
            if thing.cls is not None:
                for node in (*map(attribute_node, thing.cls.attributes), *(variable_node(thing.cls, name) for name in thing.cls.bindings)):
                    pending += self._held.get(node, ())
        self._reached[start] = found
        return found

    def opened(self, things: Iterable[AbstractObject]) -> set[AbstractObject]:
        """Return the objects that a use or a change of some objects may affect: those of which they are views, and the contents of open ones."""
        found, pending = set[AbstractObject](), list(things)
        while pending:
            thing = pending.pop()
            if thing in found:
                continue
            found.add(thing)
            made_of = self._held.get(contents_node(thing), ()) if thing.is_open else ()
            found |= self.closure(made_of)
            pending += self._held.get(viewed_node(thing), ())
        return found

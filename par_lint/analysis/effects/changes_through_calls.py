"""Whether the rest of a loop calls code of the file, directly or indirectly, that changes what is read ahead.

A function that changes something is followed by its name: whatever mentions the name may call it, and its own name is followed in turn.
Special methods are reached from whatever mentions an object of their class.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import libcst as cst

from par_lint.analysis.effects.function_values import names_as_values
from par_lint.analysis.effects.special_methods import special_methods_of
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.scopes import Class, Function
from par_lint.analysis.semantics.values import Elements, Named, Object, Value
from par_lint.core.memo import memoized, memoized_for_last

ANY_NAME = "*"
"""Represents a change of any name: `globals()[name] = ...`."""
_REFLECTIVE_CALLS = frozenset({"globals", "vars", "exec", "eval"})
_CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__"})
_PROTOCOL = frozenset({"write", "writelines", "close", "flush", "read", "readline", "keys", "items", "send", "emit", "default", "decode", "encode", "run"})
"""Methods that the standard library calls on its arguments."""
_PLAIN_BASES = frozenset({"object", "ABC", "Exception", "abc", "Protocol", "Generic", "NamedTuple", "Enum", "str", "int"})
_CHANGING_MODULES = frozenset({"operator", "heapq", "bisect", "random"})
_CONTAINERS = frozenset({"list", "dict", "set", "bytearray", "collections.deque", "deque", "collections.OrderedDict"})
_MUTATING_METHODS = MUTATORS | {"set", "reset", "__setitem__", "__setattr__", "__delitem__", "__iadd__", "seek"}


@dataclass
class Definition:
    """A function, a class or an assignment: the names that refer to it, the names that it mentions, and the names that it changes."""

    names: set[str]
    mentions: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    changes_given: bool = False  # whether it changes an argument
    function: Function | None = None
    is_escaping: bool = False  # a lambda, or a function that is mentioned other than to call it


class IndirectChanges:
    """Finds what may change some names in one file; `harmful` are functions that disturb reading in other ways."""

    def __init__(self, facts: Facts, needed: frozenset[str], harmful: frozenset[Function]) -> None:
        self.facts = facts
        self.needed = needed
        graph = _graph(facts)
        reached = graph.closure(graph.changing(needed) | graph.anything | {id(graph.by_function[one]) for one in harmful})
        self.names = frozenset(name for unit in reached for name in graph.names_of(unit))
        self._held = frozenset(name for unit in reached if unit.function is None for name in unit.names)
        self._escapes = any(unit.is_escaping for unit in reached)
        self.functions_changing_arguments = graph.functions_changing_arguments - self.names if needed else frozenset()

    def find_reachable_change(self, nodes: Iterable[cst.CSTNode]) -> tuple[str, cst.CSTNode] | None:
        """Return the node in the remaining code of a loop that may change a needed name, with its position."""
        nodes = list(nodes)
        for node in nodes if self.names or self.needed else ():
            name = self._reached(node)
            if name is not None:
                return name, node
        if self.functions_changing_arguments & {name for node in nodes for name in _mentioned(node)}:
            for node in nodes:
                if isinstance(node, cst.Name) and node.value in self.needed and self.facts.scope(node).find(node.value) is not None:
                    return node.value, node
        return None

    def _reached(self, node: cst.CSTNode) -> str | None:
        for name in _changed_by(node):
            if name in self.needed:
                return name
        if isinstance(node, cst.Call) and (given := self._changed_by_library(node)) is not None:
            return given
        if not self.names:
            return None
        if "__del__" in self.names:
            return "__del__"
        for function in special_methods_of(node, self.facts):
            if function.name in self.names:
                return function.name
        match node:
            case cst.Name(value=name) if name in self.names and not self._is_label(node) and not self._is_harmless_reference(node):
                return name
            case cst.Attribute(attr=cst.Name(value=name)) if name in self.names and not self._is_harmless_reference(node):
                return name
            case cst.Call(func=cst.Name("getattr") | cst.Attribute(attr=cst.Name("attrgetter" | "methodcaller")), args=[*_, arg]):
                return self._named_by(arg.value)
            case cst.Call(func=cst.Name(value=name)) if self._escapes and self._is_unknown(node):
                return name
            case _:
                return None

    def _changed_by_library(self, call: cst.Call) -> str | None:
        """Return a needed name that is passed to a standard function that changes its argument: `operator.setitem(rows, 0, row)`."""
        callee = self.facts.callee(call)
        root, _, method = callee.name.rpartition(".") if isinstance(callee, Named) else ("", "", "")
        if root in _CHANGING_MODULES or root in _CONTAINERS and method in MUTATORS:
            return next((name for arg in call.args[:2] for name in _last(arg.value) if name in self.needed), None)
        return None

    def _is_label(self, node: cst.Name) -> bool:
        above = self.facts.parent(node)
        return isinstance(above, cst.Attribute) and above.attr is node or isinstance(above, cst.Arg) and above.keyword is node

    def _is_harmless_reference(self, node: cst.Name | cst.Attribute) -> bool:
        """Whether a name is known to refer to something from a library, or to a function that changes nothing needed."""
        value = self.facts.refers_to(node, node)
        if isinstance(value, Function):
            return value.name not in self.names
        if isinstance(node, cst.Attribute):
            return isinstance(value, Named)
        found = self.facts.scope(node).find(node.value)
        if found is not None and any(isinstance(getattr(binding, "what", None), (Function, Class)) for binding in found[1]):
            return False
        return isinstance(value, (Named, Object, Elements)) and node.value not in self._held

    def _named_by(self, value: cst.BaseExpression) -> str | None:
        """Return the attribute name in a string argument, or `ANYTHING` if it is unknown."""
        if isinstance(value, cst.SimpleString):
            return str(value.evaluated_value) if value.evaluated_value in self.names else None
        return None if isinstance(value, cst.BaseNumber) else min(self.names)

    def _is_unknown(self, call: cst.Call) -> bool:
        """Whether the callee is a variable or a parameter with an unknown value."""
        assert isinstance(call.func, cst.Name)
        found = self.facts.scope(call).find(call.func.value)
        return found is not None and self.facts.callee(call) is None


def variables_read(paths: Iterable[str], attributes: Iterable[str], aliases: Callable[[str], Iterable[str]], facts: Facts, at: cst.CSTNode) -> frozenset[str]:
    """Return the plain names that code reads, including aliases, without modules and other imported names.

    Args:
        paths: The dotted names that the code reads.
        attributes: The attribute names that it reads of other objects.
        aliases: Returns the aliases of a dotted name.
        at: The node from which the names are seen.
    """
    found = set(attributes)
    for path in paths:
        root, *rest = path.split(".")
        value: Value | None = facts.resolver.value((root,), facts.scope(at), facts.line(at))
        if isinstance(value, Named) and "." not in path:
            continue
        if not isinstance(value, Named):
            found |= {root, *rest}
        found |= {name.partition(".")[0] for name in aliases(path)}
    return frozenset(found - {"self", "cls"})


class _Graph:
    """The units of a file by what they change and mention."""

    def __init__(self, units: list[Definition]) -> None:
        self.units = {id(unit): unit for unit in units}
        self.by_function = {unit.function: unit for unit in units if unit.function is not None}
        self.anything = {id(unit) for unit in units if ANY_NAME in unit.changes}
        self._changing: dict[str, set[int]] = {}
        self._mentioning: dict[str, set[int]] = {}
        for unit in units:
            for name in unit.changes:
                self._changing.setdefault(name, set()).add(id(unit))
            for name in unit.mentions:
                self._mentioning.setdefault(name, set()).add(id(unit))

    @memoized
    def functions_changing_arguments(self) -> frozenset[str]:
        """Return the names of code that changes its arguments."""
        found = self.closure({id(unit) for unit in self.units.values() if unit.changes_given})
        return frozenset(name for unit in found for name in self.names_of(unit))

    def changing(self, names: Iterable[str]) -> set[int]:
        return set().union(*(self._changing.get(name, ()) for name in names))

    def names_of(self, unit: Definition) -> set[str]:
        return unit.names | _names_of_class(unit.function) if unit.function is not None else unit.names

    def closure(self, begin: set[int]) -> list[Definition]:
        """Return some units with all units that mention them, transitively."""
        found, names, pending = set(begin), set[str](), list(begin)
        while pending:
            new = self.names_of(self.units[pending.pop()]) - names
            names |= new
            for name in new:
                more = self._mentioning.get(name, set()) - found
                found |= more
                pending += more
        return [self.units[number] for number in found]


def _names_of_class(function: Function) -> set[str]:
    """Return the names of the class of a method that is called implicitly: by Python, by a library, or by an unknown base class."""
    owner = function.owner
    if owner is None:
        return set()
    is_called = function.name in _PROTOCOL or function.name.startswith("__") and function.name.endswith("__") or any(
        access[0] not in _PLAIN_BASES and not _is_of_the_file(access[0], owner) for access in owner.bases
    )
    return {owner.name} if is_called else set()


def _is_of_the_file(name: str, cls: Class) -> bool:
    found = (cls.parent or cls).find(name)
    return found is not None and any(isinstance(getattr(one, "what", None), Class) for one in found[1])


# Units of a file ------------------------------------------------------------------------------------------------------


@memoized_for_last
def _graph(facts: Facts) -> _Graph:
    return _Graph(_units(facts))


def _units(facts: Facts) -> list[Definition]:
    """Return all functions, classes and assignments of a file."""
    found = [_of_function(function) for function in facts.index.functions]
    values = names_as_values(facts) if found else frozenset[str]()
    for unit in found:
        unit.is_escaping = bool(unit.function is not None and unit.function.name == "<lambda>") or not unit.names.isdisjoint(values)
    for node in (node for kind in (ast.Assign, ast.AnnAssign, ast.ClassDef) for node in facts.index.all_of(kind)):
        match node:
            case ast.Assign(targets=targets, value=value):
                found.append(Definition(set().union(*(_last_names(target) for target in targets)), _aliased_names(value)))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                found.append(Definition(_last_names(target), _aliased_names(value)))
            case ast.ClassDef(name=name):
                parts: list[ast.AST] = [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
                parts += [inner for inner in node.body if not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef))]
                found.append(Definition({name}, {word for part in parts for one in walk(part) for word in _words(one)}))
            case _:
                pass
    return found


def _last_names(target: ast.expr) -> set[str]:
    """Return the names through which an assigned object is reached."""
    match target:
        case ast.Name(id=name):
            return {name}
        case ast.Attribute(attr=name, value=value):
            return {name} | (_last_names(value) if isinstance(value, ast.Name) and value.id not in ("self", "cls") else set())
        case ast.Subscript(value=value) | ast.Starred(value=value):
            return _last_names(value)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return set().union(*(_last_names(element) for element in elements)) if elements else set()
        case _:
            return set()


def _aliased_names(value: ast.expr) -> set[str]:
    """Return the names whose objects a value may be or contain: not those that it only calls, except classes."""
    found: set[str] = set()
    called = {id(node.func) for node in walk(value) if isinstance(node, ast.Call)}
    for node in walk(value):
        words = list(_words(node))
        if id(node) in called and not (words and words[0][:1].isupper()):
            continue
        found.update(words)
    return found


def _of_function(function: Function) -> Definition:
    """Return what a function mentions and changes, including its defaults and decorators."""
    node = function.node
    arguments: ast.arguments = node.args  # type: ignore[attr-defined]
    body = node.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else [node.body]  # type: ignore[attr-defined]
    before = [*getattr(node, "decorator_list", ()), *arguments.defaults, *(one for one in arguments.kw_defaults if one is not None)]
    unit = Definition({_name_of_lambda(node) if isinstance(node, ast.Lambda) else function.name}, function=function)
    outward = {name for inner in walk(*body) if isinstance(inner, (ast.Global, ast.Nonlocal)) for name in inner.names}
    own = set(function.parameters[:1]) if function.name in _CONSTRUCTORS else set()
    stored = {inner.id for inner in walk(*body) if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load)} - outward
    for inner in walk(*body, *before):
        unit.mentions.update(_words(inner))
        _note_change(inner, unit, function, own, stored, outward)
    return unit


def _note_change(node: ast.AST, unit: Definition, function: Function, own: set[str], stored: set[str], outward: set[str]) -> None:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if name in outward:
            unit.changes.add(name)
        case ast.Attribute(attr=name, value=value, ctx=ast.Store() | ast.Del()):
            if not (isinstance(value, ast.Name) and value.id in own):
                unit.changes.add(name)
        case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
            _note_target(value, unit, function, own, stored)
        case ast.AugAssign(target=ast.Name(id=name)) if name in function.parameters:
            unit.changes_given = True
        case ast.Call(func=ast.Attribute(attr=name, value=value)) if name in _MUTATING_METHODS:
            _note_target(value, unit, function, own, stored)
        case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[_, ast.Constant(value=str(name)), *_]):
            unit.changes.add(name)
        case ast.Call(func=ast.Name(id="setattr" | "delattr")):
            unit.changes.add(ANY_NAME)
        case ast.Call(func=ast.Name(id=name)) if name in _REFLECTIVE_CALLS:
            unit.changes.add(ANY_NAME)
        case ast.Attribute(attr="__dict__") | ast.Attribute(attr="modules", value=ast.Name(id="sys")):
            unit.changes.add(ANY_NAME)
        case _:
            pass


def _note_target(value: ast.expr, unit: Definition, function: Function, own: set[str], stored: set[str]) -> None:
    """Record a change of the object of an expression."""
    while isinstance(value, ast.Subscript):
        value = value.value
    match value:
        case ast.Name(id=name) if name in function.parameters:
            unit.changes_given = unit.changes_given or name not in own
        case ast.Name(id=name) if name in stored:
            pass  # its own, or another name of what a value mentions, which `_Unit.mentions` has
        case ast.Name(id=name):
            unit.changes.add(name)
        case ast.Attribute(attr=name, value=inner):
            if not (isinstance(inner, ast.Name) and inner.id in own):
                unit.changes.add(name)
        case _:
            pass


def _words(node: ast.AST) -> Iterator[str]:
    if type(node) is ast.Name:
        yield node.id
    elif type(node) is ast.Attribute:
        yield node.attr
    elif type(node) is ast.Lambda:
        yield _name_of_lambda(node)


def _name_of_lambda(node: ast.AST) -> str:
    """Return a name for a lambda, by which its container mentions it."""
    return f"<lambda {node.lineno}:{node.col_offset}>"  # type: ignore[attr-defined]


# The rest of a loop --------------------------------------------------------------------------------------------


def _mentioned(node: cst.CSTNode) -> Iterator[str]:
    match node:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            yield name
        case _:
            pass


def _changed_by(node: cst.CSTNode) -> Iterator[str]:
    """Return the last name of the object that a node changes in place."""
    match node:
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=name))) if name in _MUTATING_METHODS:
            yield from _last(value)
        case cst.AssignTarget(target=target) | cst.AugAssign(target=target) | cst.Del(target=target) | cst.AnnAssign(target=target):
            if isinstance(target, (cst.Attribute, cst.Subscript)):
                yield from _last(target if isinstance(target, cst.Attribute) else target.value)
        case _:
            pass


def _last(node: cst.CSTNode) -> Iterator[str]:
    while isinstance(node, cst.Subscript):
        node = node.value
    match node:
        case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name("setdefault" | "get")), args=[_, *others]):  # the key is not the result
            for part in (owner, *others):
                yield from _mentioned(part)
        case _:
            yield from _mentioned(node)

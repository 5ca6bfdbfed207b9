"""What code may do besides giving a value, and so whether it may run on a worker: safely, if a person agrees, or not at all."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.hooks import hooks
from par_lint.analysis.names import assigned, bound_names, dotted
from par_lint.analysis.nodes import descend
from par_lint.analysis.requesting import only_asks
from par_lint.catalog.entry import Effect, Kind, Sharing
from par_lint.dataflow.doing import MUTATORS
from par_lint.findings import Ground, Reason
from par_lint.recursion import Recursion
from par_lint.resolve import LocalObject, Named, Object
from par_lint.scopes import Class, Function

PURE_BUILTINS = frozenset({
    "abs", "all", "any", "ascii", "bin", "bool", "bytearray", "bytes", "chr", "complex", "dict", "divmod", "enumerate", "filter", "float",
    "format", "frozenset", "hash", "hex", "id", "int", "isinstance", "issubclass", "iter", "len", "list", "map", "max", "memoryview",
    "min", "oct", "ord", "pow", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple", "type", "zip",
    "getattr", "hasattr", "callable",
})  # fmt: skip
_FRAME_NAMES = frozenset({"locals", "vars", "eval", "exec", "super", "globals", "__class__", "breakpoint", "input"})
PURE_METHODS = (frozenset(dir(str)) | frozenset(dir(bytes)) | frozenset(dir(dict)) | frozenset(dir(list)) | frozenset(dir(set))) - MUTATORS
_RESPONSE_METHODS = frozenset({"json", "raise_for_status", "hexdigest", "digest", "iter_content", "iter_lines", "group", "groups", "close"})
_OF_THREAD = frozenset({"flask.g", "flask.request", "flask.session", "flask.current_app", "bottle.request", "django.db.connection", "django.db.connections"})
_QUIET_DECORATORS = frozenset({"staticmethod", "classmethod", "property", "cached_property", "override", "wraps", "no_type_check"})
_CHANGING_MODES = frozenset("wax+")


class Level(enum.IntEnum):
    """How far code may be moved to a worker; the larger, the worse."""

    PURE = 0  # computing: no one can tell when or where it ran
    READ = 1  # reads the world: safe to run at once
    UNSURE = 2  # writes, unknown calls, shared sessions: a person must agree
    STUCK = 3  # cannot be moved


@dataclass(frozen=True)
class Verdict:
    """The level of a piece of code, with the reason and the node that decide it."""

    level: Level = Level.PURE
    reason: Reason | None = None
    node: cst.CSTNode | None = None

    @property
    def why(self) -> Reason:
        """The reason of a verdict that has one: of all above READ."""
        assert self.reason is not None
        return self.reason

    def __or__(self, other: Verdict) -> Verdict:
        return other if other.level > self.level else self


_JUDGED = frozenset({
    cst.Call, cst.AugAssign, cst.AssignTarget, cst.AnnAssign, cst.Del, cst.WithItem, cst.Await, cst.Yield, cst.Return, cst.Break, cst.Global, cst.Nonlocal,
    cst.NamedExpr, cst.Attribute, cst.Name,
})  # fmt: skip
"""What may have an effect: all else only gives a value. LibCST's classes are slow to tell apart by patterns."""


class Local(NamedTuple):
    """The names that a piece of code binds anew each time, and those of them that stand for objects that it makes itself."""

    bound: frozenset[str]
    fresh: frozenset[str]


_BINDING = frozenset({cst.Assign, cst.AnnAssign, cst.For, cst.CompFor})


def fresh_names(nodes: Iterable[cst.CSTNode]) -> frozenset[str]:
    """The names that code binds to nothing but new objects: not to parts of others, nor to items of them."""
    found: set[str] = set()
    shared: set[str] = set()
    for node in nodes:
        found |= assigned(node)
        for inner in descend(node, into_functions=True):
            if type(inner) not in _BINDING:
                continue
            match inner:
                case cst.Assign(value=value) if _is_part(value):
                    shared.update(name for target in inner.targets for name in bound_names(target.target))
                case cst.AnnAssign(target=target, value=cst.BaseExpression() as value) if _is_part(value):
                    shared.update(bound_names(target))
                case cst.For(target=target) | cst.CompFor(target=target):
                    shared.update(bound_names(target))
                case _:
                    pass
    return frozenset(found - shared)


def _is_part(value: cst.BaseExpression) -> bool:
    """Whether an expression may stand for an object that was there before."""
    match value:
        case cst.Name() | cst.Attribute() | cst.Subscript() | cst.IfExp() | cst.BooleanOperation() | cst.Tuple() | cst.NamedExpr():
            return True
        case cst.Call(func=cst.Attribute(attr=cst.Name("get" | "setdefault" | "pop"))) | cst.Call(func=cst.Name("getattr" | "next" | "vars")):
            return True
        case _:
            return False


class Effects:
    """Judges pieces of code of one module."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._known: Recursion[tuple[Function, bool], Verdict] = Recursion(
            Verdict(), beyond=Verdict(Level.UNSURE, Ground.UNSEEN("many functions call one another in a circle"))
        )  # fmt: skip
        """The levels of functions, and of those that make an object as its `__init__`."""

    def judge(self, nodes: Iterable[cst.CSTNode], own: frozenset[str] = frozenset()) -> Verdict:
        """The level of code that is to run on a worker. `own` are names that each pass binds anew."""
        nodes = list(nodes)
        local = Local(own | {name for node in nodes for name in assigned(node)}, fresh_names(nodes))
        verdict = Verdict()
        for node in nodes:
            for inner in descend(node, into_functions=True):
                if type(inner) in _JUDGED:
                    verdict |= self._one(inner, local, verdict.level)
        return verdict

    def applied(self, func: cst.BaseExpression, at: cst.CSTNode) -> Verdict:
        """The level of calling what an expression refers to with one item."""
        if isinstance(func, cst.Lambda):
            return self.judge([func.body], frozenset(param.name.value for param in func.params.params))
        call = cst.Call(func)
        match self.facts.refers_to(func, at):
            case Function() as function:
                return self.function(function)
            case Named(name=name):
                return self._named(call, name, Local(frozenset(), frozenset()))
            case _:
                return Verdict(Level.UNSURE, Ground.UNSEEN("what is called is not visible"), at)

    def function(self, function: Function) -> Verdict:
        """The level of calling a function of the file; a recursive call adds nothing."""
        return self._known.of((function, False), self._find)

    def _making(self, init: Function) -> Verdict:
        """The level of making an object by a class of the file."""
        return self._known.of((init, True), self._find)

    def _find(self, key: tuple[Function, bool]) -> Verdict:
        function, is_making = key
        node = self.facts.body(function)
        if node is None:
            return Verdict(Level.UNSURE, Ground.UNSEEN(f"the body of {function.name} is not visible"))
        if is_making:
            return self._body(function, node, is_init=bool(function.parameters))
        if any(_decorator(one) not in _QUIET_DECORATORS for one in node.decorators):
            return Verdict(Level.UNSURE, Ground.UNSEEN(f"{function.name} is decorated"), node)
        if function.is_async:
            return Verdict(Level.STUCK, Ground.FORM(f"{function.name} is a coroutine"), node)
        return self._body(function, node)

    def _body(self, function: Function, node: cst.FunctionDef, *, is_init: bool = False) -> Verdict:
        """The level of what a function does; what it is given belongs to others, but for the object that `__init__` makes."""
        given = function.parameters if function.owner is None else function.parameters[1:]
        made = {function.parameters[0]} if is_init else set()
        local = Local(frozenset(assigned(node.body)).union(given, made), fresh_names([node.body]) | made)
        verdict = Verdict()
        for inner in descend(node.body, into_functions=True):
            if type(inner) not in _JUDGED:
                continue
            match inner:
                case cst.Return() | cst.Yield() | cst.Break() | cst.Continue() | cst.Raise():
                    continue
                case cst.Name(value=name) if name in _FRAME_NAMES and self.facts.is_builtin(name, inner):
                    verdict |= Verdict(Level.UNSURE if name != "super" else Level.PURE, Ground.FORM(f"{function.name} uses {name}()"), inner)
                case cst.Global() | cst.Nonlocal():
                    verdict |= Verdict(Level.UNSURE, Ground.STATE(f"{function.name} changes names outside it"), inner)
                case cst.NamedExpr():
                    continue
                case _:
                    found = self._one(inner, local, verdict.level)
                    verdict |= found if found.level < Level.STUCK else Verdict(Level.UNSURE, found.reason, found.node)
            if verdict.level >= Level.UNSURE:
                break  # it gets no worse
        return verdict

    # One node -----------------------------------------------------------------------------------------------------

    def _one(self, node: cst.CSTNode, local: Local, known: Level) -> Verdict:
        """The level of one node, where it is above the level `known` of what stands before."""
        match node:
            case cst.Call():
                return self._call(node, local, known)
            case cst.AugAssign(target=target) | cst.AssignTarget(target=target) | cst.AnnAssign(target=target) | cst.Del(target=target):
                return _changed(target, local)
            case cst.WithItem():
                return self._manager(node)
            case cst.Await() | cst.Yield() | cst.Return() | cst.Break() | cst.Global() | cst.Nonlocal() | cst.NamedExpr():
                return Verdict(Level.STUCK, Ground.FORM(f"{_word(node)} cannot move to a worker"), node)
            case cst.Attribute(attr=cst.Name(value=name)) if self.facts.properties(name):
                return self._property(node, name) if known < Level.UNSURE else Verdict()
            case cst.Name() | cst.Attribute() if self._is_of_thread(node):
                return Verdict(Level.UNSURE, Ground.SHARED(f"{dotted(node)} differs between threads"), node)
            case cst.Name(value=name) if name in _FRAME_NAMES and self.facts.is_builtin(name, node):
                return Verdict(Level.STUCK, Ground.FORM(f"{name}() depends on where it is called"), node)
            case _:
                return Verdict()

    def _is_of_thread(self, node: cst.Name | cst.Attribute) -> bool:
        """Whether an object shows each thread something else."""
        match self.facts.refers_to(node, node):
            case Object(type="threading.local"):
                return True
            case Named(name=name):
                return name in _OF_THREAD
            case _:
                return False

    def _property(self, node: cst.Attribute, name: str) -> Verdict:
        """The level of looking at an attribute that a class of the file makes a property, whatever object this is."""
        verdict = Verdict()
        for function in self.facts.properties(name):
            found = self.function(function)
            verdict |= Verdict(found.level, Ground.STATE(f"the property {name} has effects"), node) if found.level > Level.READ else Verdict()
        return verdict

    def _manager(self, item: cst.WithItem) -> Verdict:
        if not isinstance(item.item, cst.Call) or (self.facts.entry(item.item) is None and self.facts.callee(item.item) is None):
            return Verdict(Level.UNSURE, Ground.UNSEEN("what its with statement enters is not visible"), item)
        return Verdict()

    def _call(self, call: cst.Call, local: Local, known: Level) -> Verdict:
        callee = self.facts.callee(call)
        match callee:
            case Function():
                if callee.is_generator:
                    return Verdict(Level.UNSURE, Ground.FORM(f"{callee.name} is a generator"), call)
                if known >= Level.UNSURE and not callee.is_async:
                    return Verdict()  # a function of the file is never worse
                found = self.function(callee)
                return Verdict(found.level, found.reason, call)
            case Class() if known >= Level.UNSURE:
                return Verdict()
            case Class():
                init = self.facts.resolver.attribute(callee, "__init__")
                if isinstance(init, Function):
                    found = self._making(init)
                    return Verdict(found.level, found.reason, call)
                is_seen = not any(self.facts.resolver.value(base, callee.parent or callee, 0) is None for base in callee.bases)
                return Verdict() if is_seen else Verdict(Level.UNSURE, Ground.UNSEEN(f"{callee.name} inherits what is not visible"), call)
            case LocalObject():
                return Verdict(Level.UNSURE, Ground.UNSEEN("it calls an object"), call)
            case Named(name=name):
                return self._named(call, name, local)
            case _:
                return self._unknown(call, local)

    def _named(self, call: cst.Call, name: str, local: Local) -> Verdict:
        entry = self.facts.resolver.catalog.find(name)
        spelled = name.rpartition(".")[2]
        if entry is None:
            if name in PURE_BUILTINS or name.rpartition(".")[2] in ("Path", "PurePath", "Error") or is_exception(name):
                return Verdict()
            if "." in name and name.partition(".")[0] in ("str", "bytes", "dict", "list", "set", "tuple", "int"):
                return self._unknown(call, local)
            return self._unknown(call, local)
        if entry.effect is Effect.GLOBAL:
            return Verdict(Level.STUCK, Ground.STATE(f"{spelled} changes state of the whole process"), call)
        if entry.kind is Kind.SLEEP:
            return Verdict(Level.UNSURE, Ground.STATE("it sleeps"), call)
        if entry.kind is Kind.SUBPROCESS:
            return Verdict(Level.UNSURE, Ground.WRITES(f"{spelled} runs a command whose effects are not visible"), call)
        receiver = call.func.value if isinstance(call.func, cst.Attribute) else None
        root = (dotted(receiver) or "").partition(".")[0] if receiver is not None else ""
        sharing = self.facts.sharing(call)
        if sharing is not None and sharing is not Sharing.SAFE and root and root not in local.bound:
            return Verdict(Level.UNSURE, Ground.SHARED(f"{root} would be shared between threads"), call)
        if entry.effect is Effect.WRITE:
            return Verdict(Level.UNSURE, Ground.WRITES(f"{spelled} writes"), call)
        if self.facts.resolver.catalog.returns(entry.name) == "io.File" and opens_for_writing(call, self.facts):
            return Verdict(Level.UNSURE, Ground.WRITES(f"{spelled} opens a file for writing"), call)
        hook = hooks(call, spelled)
        if hook is not None:
            return Verdict(Level.UNSURE, Ground.UNSEEN(f"what {spelled} calls back is not visible"), hook)
        if entry.kind is Kind.NETWORK and not only_asks(call, entry.name, self.facts):
            return Verdict(Level.UNSURE, Ground.WRITES(f"{spelled} may do more than ask"), call)
        return Verdict(Level.READ if entry.kind in (Kind.FILE, Kind.NETWORK, Kind.METADATA, Kind.LISTING) else Level.PURE, None, call)

    def _unknown(self, call: cst.Call, local: Local) -> Verdict:
        """A call that neither the file nor the catalogue shows."""
        match call.func:
            case cst.Attribute(value=receiver, attr=cst.Name(value=method)):
                path = dotted(receiver)
                root = path.partition(".")[0] if path is not None else ""
                if method in MUTATORS:
                    return _mutated(receiver, local)
                if self._is_known_by_use(call):
                    return Verdict(Level.UNSURE, Ground.UNSEEN(f"what {method}() does is known by its spelling alone"), call)
                if method in PURE_METHODS or (method in _RESPONSE_METHODS and (not root or root in local.bound)):
                    return Verdict()
                return Verdict(Level.UNSURE, Ground.UNSEEN(f"what {method}() does is not visible"), call)
            case cst.Name(value=name):
                if self.facts.is_builtin(name, call) and (name in PURE_BUILTINS or is_exception(name)):
                    return Verdict()
                if name == "print" and self.facts.is_builtin(name, call):
                    return Verdict(Level.STUCK, Ground.STATE("print() must stay in order"), call)
                return Verdict(Level.UNSURE, Ground.UNSEEN(f"what {name}() does is not visible"), call)
            case _:
                return Verdict(Level.UNSURE, Ground.UNSEEN("what it calls is not visible"), call)

    def _is_known_by_use(self, call: cst.Call) -> bool:
        """Whether only the way a call is spelled says that it asks something elsewhere: `client.get_item(Key=key)`."""
        entry = self.facts.entry(call) if self.facts.site(call) is not None else None
        return entry is not None and entry.name.startswith("untyped.")


def opens_for_writing(call: cst.Call, facts: Facts) -> bool:
    return bool(_CHANGING_MODES & set(facts.open_mode(call)))


def _changed(target: cst.BaseExpression | cst.CSTNode, local: Local) -> Verdict:
    """The verdict on binding or changing a target: fine for names of the pass, and for objects that it made itself."""
    match target:
        case cst.Name(value=name):
            return Verdict() if name in local.bound else Verdict(Level.STUCK, Ground.STATE(f"it changes {name}"), target)
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            verdict = Verdict()
            for element in elements:
                verdict |= _changed(element.value, local)
            return verdict
        case cst.Subscript(value=value):
            return _mutated(value, local)
        case cst.Attribute(value=value):
            return _mutated(value, local, dotted(target))
        case _:
            return Verdict()


def _mutated(target: cst.BaseExpression, local: Local, spelled: str | None = None) -> Verdict:
    """The verdict on changing the object that an expression stands for."""
    while isinstance(target, cst.Subscript):
        target = target.value
    path = dotted(target)
    root = path.partition(".")[0] if path is not None else ""
    is_own = path is None and isinstance(target, cst.Call) or path == root and root in local.fresh
    return Verdict() if is_own else Verdict(Level.STUCK, Ground.STATE(f"it changes {spelled or path or 'an object'}"), target)


def _decorator(node: cst.Decorator) -> str:
    path = dotted(node.decorator.func if isinstance(node.decorator, cst.Call) else node.decorator)
    return (path or "?").rpartition(".")[2]


def is_exception(name: str) -> bool:
    return name.rpartition(".")[2].endswith(("Error", "Exception", "Warning"))


def _word(node: cst.CSTNode) -> str:
    return {"NamedExpr": "an assignment expression"}.get(type(node).__name__, type(node).__name__.lower())

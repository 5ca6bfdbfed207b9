"""What the ordered rest of a loop may do to what is read ahead: write files, change the folder or the environment, wait for its turn.

What it calls is followed through the functions of the file, whatever way they are called: methods of objects whose class is not
shown, lambdas, overrides, context managers, operators. What cannot be followed may write where it is given a name of what is read.
"""

from __future__ import annotations

import ast
import enum
import re
from collections.abc import Iterable, Iterator

import libcst as cst

from par_lint.analysis.effects import PURE_METHODS
from par_lint.analysis.facts import Facts
from par_lint.analysis.implicit import called_by, variants
from par_lint.analysis.nodes import descend
from par_lint.catalog.entry import Effect, Kind
from par_lint.dataflow.doing import MUTATORS
from par_lint.dataflow.known import open_mode
from par_lint.findings import Ground, Reason
from par_lint.kept import kept_with_last
from par_lint.recursion import Recursion
from par_lint.resolve import LocalObject, Named, Object, Value
from par_lint.scopes import Class, Function, Scope
from par_lint.walking import walk

_FILES = frozenset({Kind.FILE, Kind.METADATA, Kind.LISTING})
_HARMLESS = PURE_METHODS | MUTATORS | frozenset({
    "write", "writelines", "writerow", "writerows", "print", "debug", "info", "warn", "warning", "error", "exception", "critical", "log", "execute",
    "executemany", "update", "set_description", "set_postfix", "close", "search", "match", "fullmatch", "findall", "finditer", "sub", "group", "as_posix",
    "joinpath", "with_suffix", "with_name", "relative_to", "is_file", "is_dir", "exists", "fail", "skipTest", "append", "echo", "secho", "advance", "emit",
})  # fmt: skip
"""Methods that change no files, as far as their names tell: of containers, texts, loggers, open files, progress bars."""
_CLOCKS = frozenset({f"time.{name}{unit}" for name in ("perf_counter", "monotonic", "time", "process_time", "thread_time") for unit in ("", "_ns")}) | {
    "timeit.default_timer", "datetime.datetime.now", "datetime.datetime.utcnow",
}  # fmt: skip
_READING = frozenset("rbtU")
_RUNNING = re.compile(r"(run|exec|execute_(?!many$)\w+|run_\w+|exec_\w+|eval|evaluate)$")
"""Methods that run what they are given; `execute` and `executemany` are those of databases."""


class Ways(enum.Flag):
    """Ways to get in the way of what is read ahead."""

    NONE = 0
    FILES = enum.auto()  # files are written
    PROCESS = enum.auto()  # the folder or the environment is changed
    PACE = enum.auto()  # it waits, so that what it asks comes in its time


_WORDS = {
    Ways.PROCESS: Ground.STATE("the rest of the loop changes state of the whole process"),
    Ways.FILES: Ground.DEPENDENCE("the rest of the loop changes files while later ones are read"),
    Ways.PACE: Ground.LOAD("the rest of the loop waits between the passes"),
}


class Rest:
    """Follows what code of one file may do to the world."""

    def __init__(self, facts: Facts, home: Scope) -> None:
        self.facts = facts
        self.home = home  # the scope that the loop stands in
        self.known = facts.known
        self._ways: Recursion[Function, Ways] = Recursion(Ways.NONE)

    def found(self, nodes: Iterable[cst.CSTNode], names: frozenset[str], *, sees_files: bool) -> tuple[Reason, cst.CSTNode] | None:
        """The first reason why what these nodes do may disturb what is read ahead, where that goes by some `names`."""
        for node in nodes:
            ways = self._node(node)
            if not sees_files:
                ways &= ~Ways.FILES
            for way, reason in _WORDS.items():
                if way in ways:
                    return reason, node
            if sees_files and isinstance(node, cst.Call) and (site := self.facts.site(node)) is not None:
                if self._runs(site.node):
                    return Ground.UNSEEN("what the rest of the loop runs may change files while later ones are read"), node
                if self._is_lost(site.node, names):
                    return Ground.UNSEEN("what the rest of the loop calls with a name of what is read may write it"), node
        return None

    def _node(self, node: cst.CSTNode) -> Ways:
        ways = Ways.NONE
        if isinstance(node, cst.Call) and (site := self.facts.site(node)) is not None:
            ways |= self.call(site.node, site.scope, is_direct=site.scope is self.home)
        elif isinstance(node, cst.WithItem):
            ways |= self._entered(self._value_of(node.item))
        for function in called_by(node, self.facts):
            ways |= self.function(function)
        if isinstance(node, cst.Attribute):
            for function in self.facts.properties(node.attr.value):
                ways |= self.function(function)
        return ways

    def _value_of(self, node: cst.BaseExpression) -> Value | None:
        if isinstance(node, cst.Call):
            site = self.facts.site(node)
            return self._result(site.node) if site is not None else None
        return self.facts.refers_to(node, node)

    def _result(self, call: ast.Call) -> Value | None:
        callee = self.known.callee(call)
        return LocalObject(callee) if isinstance(callee, Class) else callee if isinstance(callee, Function) else self.known.result(call)

    def _entered(self, value: Value | None) -> Ways:
        """What entering and leaving an object of the file does; a generator function does it all."""
        if isinstance(value, Function):
            result = self.facts.resolver.result(value)
            return self.function(value) | (self._entered(result) if isinstance(result, LocalObject) else Ways.NONE)
        return self._methods(value.cls, ("__enter__", "__exit__")) if isinstance(value, LocalObject) else Ways.NONE

    def _methods(self, cls: Class, names: Iterable[str]) -> Ways:
        ways = Ways.NONE
        for name in names:
            method = self.facts.resolver.attribute(cls, name)
            if isinstance(method, Function):
                ways |= self.function(method)
        return ways

    def function(self, function: Function) -> Ways:
        """What calling a function of the file may do, or one that may stand in its place."""
        ways = Ways.NONE
        for one in variants(function, self.facts):
            ways |= self._ways.of(one, self._body)
        return ways

    def harms(self, function: Function) -> Ways:
        """What a function itself does, or what it calls, that changes files or what reading depends on."""
        return self._ways.of(function, self._body) & (Ways.PROCESS | Ways.FILES)

    def _body(self, function: Function) -> Ways:
        node = function.node
        parts = node.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else [node.body]  # type: ignore[attr-defined]
        ways = Ways.NONE
        for inner in _worth(parts, function):
            match inner:
                case ast.Call():
                    site = self.known.site(inner)
                    ways |= self.call(inner, site.scope if site is not None else function)
                case ast.withitem(context_expr=ast.Call() as call):
                    ways |= self._entered(self._result(call))
                case ast.withitem(context_expr=expression):
                    ways |= self._entered(self.facts.resolver.expression(expression, function))
                case ast.While(test=test) if any(isinstance(one, ast.Call) and self._is_clock(one) for one in walk(test)):
                    ways |= Ways.PACE
                case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
                    found = self.facts.resolver.expression(value, function)
                    ways |= Ways.PROCESS if isinstance(found, Named) and found.name == "os.environ" else Ways.NONE
                    ways |= self._stores(found)
                case ast.Attribute(attr=name):
                    for one in self.facts.properties(name):
                        ways |= self.function(one)
                case _:
                    pass
        for decorator in getattr(node, "decorator_list", ()):
            around = self.facts.resolver.expression(decorator, function.parent or function)
            ways |= self.function(around) if isinstance(around, Function) else Ways.NONE
        return ways

    def _stores(self, value: Value | None) -> Ways:
        """What `value[key] = ...` does, where that is an object of the file or not shown."""
        ways = Ways.NONE
        if value is None or isinstance(value, LocalObject):
            for method in (*self.facts.methods("__setitem__"), *self.facts.methods("__delitem__")):
                ways |= self.function(method)
        return ways

    # Calls --------------------------------------------------------------------------------------------------------

    def call(self, node: ast.Call, scope: Scope, *, is_direct: bool = False) -> Ways:
        """What a call may do. `is_direct`: it stands in the loop, whose own summary tells of its writes and sleeps."""
        callee = self.known.callee(node)
        ways = self._handed(node, scope)
        match callee:
            case Function():
                return ways | self.function(callee)
            case Class():
                return ways | self._methods(callee, ("__new__", "__init__", "__post_init__"))
            case LocalObject(cls=cls):
                return ways | self._methods(cls, ("__call__",))
            case Named(name=name):
                return ways | self._named(node, name, is_direct=is_direct)
            case _:
                return ways | self._unresolved(node)

    def _handed(self, node: ast.Call, scope: Scope) -> Ways:
        """What functions do that a call is given: it may call them."""
        ways = Ways.NONE
        for value in (*node.args, *(keyword.value for keyword in node.keywords)):
            if isinstance(value, (ast.Name, ast.Attribute)):
                found = self.facts.resolver.expression(value, scope)
                ways |= self.function(found) if isinstance(found, Function) else Ways.NONE
        return ways

    def _named(self, node: ast.Call, name: str, *, is_direct: bool) -> Ways:
        if name in ("contextvars.ContextVar.set", "contextvars.ContextVar.reset"):
            return Ways.PROCESS
        if _waits(node, name.rpartition(".")[2]):
            return Ways.PACE
        entry = self.known.entry(node) or self.facts.resolver.catalog.find(name)
        if entry is None:
            return Ways.NONE
        if entry.effect is Effect.GLOBAL:
            return Ways.PROCESS
        if entry.kind is Kind.SLEEP:
            return Ways.NONE if is_direct else Ways.PACE
        if self.known.result(node) == Object("io.File"):
            return Ways.NONE if set(open_mode(node)) <= _READING else Ways.FILES
        if is_direct or entry.name.startswith("io.File."):
            return Ways.NONE
        is_writing = entry.effect is Effect.WRITE and entry.kind in _FILES
        return Ways.FILES if is_writing or entry.kind is Kind.SUBPROCESS else Ways.NONE

    def _unresolved(self, node: ast.Call) -> Ways:
        """A call of what the file does not show: of a method, any of that name; of what is looked up, any function of the file."""
        ways = Ways.NONE
        if isinstance(node.func, ast.Attribute):
            if _waits(node, node.func.attr):
                return Ways.PACE
            for method in self.facts.methods(node.func.attr):
                ways |= self.function(method)
        elif not isinstance(node.func, ast.Name):
            for function in self.facts.index.functions:
                ways |= self.function(function) & ~Ways.PACE
        return ways

    def _is_lost(self, node: ast.Call, names: frozenset[str]) -> bool:
        """Whether a call cannot be followed, and is given one of some names."""
        callee = self.known.callee(node)
        if isinstance(callee, (Function, Class, LocalObject)) or self.known.entry(node) is not None:
            return False
        if isinstance(callee, Named):
            root, _, _ = callee.name.partition(".")
            if "." not in callee.name or self.facts.resolver.is_known_root(root) or callee.name.rpartition(".")[2][:1].isupper():
                return False
        if isinstance(node.func, ast.Attribute) and (node.func.attr in _HARMLESS or node.func.attr.startswith("assert")):
            return False
        given = (*node.args, *(keyword.value for keyword in node.keywords))
        return any(isinstance(one, ast.Name) and one.id in names for one in walk(*given))

    def _runs(self, node: ast.Call) -> bool:
        """Whether a call that cannot be followed runs what it is given, as its name tells: code, a command, a job."""
        if self.known.callee(node) is not None or self.known.entry(node) is not None or not isinstance(node.func, ast.Attribute):
            return False
        return bool(node.args) and _RUNNING.match(node.func.attr) is not None and not self.facts.methods(node.func.attr)

    # Clocks -------------------------------------------------------------------------------------------------------

    def _is_clock(self, node: ast.Call) -> bool:
        callee = self.known.callee(node)
        return isinstance(callee, Named) and callee.name in _CLOCKS

    def measured(self, body: Iterable[cst.CSTNode]) -> cst.CSTNode | None:
        """The difference of two times that the passes of a loop take."""
        nodes = [inner for part in body for inner in descend(part)]
        taken = {
            target.target.value for node in nodes if isinstance(node, cst.Assign) and self._tells_time(node.value)
            for target in node.targets if isinstance(target.target, cst.Name)
        }  # fmt: skip
        for node in nodes:
            if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Subtract):
                if isinstance(node.right, cst.Name) and node.right.value in taken:
                    return node
        return None

    def _tells_time(self, value: cst.BaseExpression) -> bool:
        site = self.facts.site(value) if isinstance(value, cst.Call) else None
        return site is not None and self._is_clock(site.node)


@kept_with_last
def harmful(sees_files: bool, facts: Facts) -> frozenset[Function]:
    """The functions of a file that change files which may be read ahead, or what reading depends on."""
    ways = Ways.PROCESS | Ways.FILES if sees_files else Ways.PROCESS
    rest = Rest(facts, facts.index.module)
    return frozenset(function for function in facts.index.functions if rest.harms(function) & ways)


def _waits(node: ast.Call, method: str) -> bool:
    """Whether a call waits for a time, as `event.wait(0.5)` does."""
    return method == "wait" and len(node.args) == 1 and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, (int, float))


def _worth(parts: Iterable[ast.AST], function: Function) -> Iterator[ast.AST]:
    """What a function does but for what it does upon an error."""
    pending = list(parts)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.ExceptHandler):
            pending += [inner for inner in walk(node) if isinstance(inner, ast.Call) and not _sleeps(inner)]
            continue
        yield node
        pending += ast.iter_child_nodes(node)


def _sleeps(node: ast.Call) -> bool:
    func = node.func
    return (func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else "") in ("sleep", "wait")

"""Whether a function spends its time on computing that holds the GIL, by what its visible body does."""

from __future__ import annotations

import enum

import libcst as cst

from par_lint.analysis.effects import is_pure_call
from par_lint.analysis.facts import Facts
from par_lint.analysis.names import dotted
from par_lint.analysis.nodes import descend
from par_lint.catalog.entry import Kind
from par_lint.resolve import Named
from par_lint.scopes import Class, Function

_DEPTH = 6  # calls followed
_QUIET = frozenset({Kind.PURE, Kind.LOG})
_LOOPS = (cst.For, cst.While, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


class Time(enum.IntEnum):
    """What code spends its time on; the larger decides."""

    LITTLE = 0  # on nothing that takes long
    COMPUTING = 1  # on loops of Python code, or calls that hold the GIL
    OTHER = 2  # on waiting, on code that releases the GIL, or on what is not visible


class Computing:
    """Judges the functions of one module."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._known: dict[Function, Time] = {}

    def function(self, function: Function, depth: int = _DEPTH) -> Time:
        """What calling a function of the file takes its time for; recursion adds computing."""
        if function in self._known:
            return self._known[function]
        self._known[function] = Time.COMPUTING
        node = self.facts.body(function)
        hidden = node is None or function.is_async or function.is_generator or not depth or _is_abstract(node)
        self._known[function] = Time.OTHER if hidden or node is None else self.body(node.body, depth)
        return self._known[function]

    def body(self, body: cst.CSTNode, depth: int = _DEPTH) -> Time:
        """What a piece of code takes its time for."""
        spent = Time.LITTLE
        for node in descend(body, into_functions=True):
            match node:
                case cst.Call():
                    spent = max(spent, self._call(node, body, depth))
                case cst.Await() | cst.Yield():
                    return Time.OTHER
                case _ if isinstance(node, _LOOPS):
                    spent = max(spent, Time.COMPUTING)
                case _:
                    pass
            if spent is Time.OTHER:
                return spent
        return spent

    def _call(self, call: cst.Call, body: cst.CSTNode, depth: int) -> Time:
        match self.facts.callee(call):
            case Function() as function:
                return self.function(function, depth - 1)
            case Class() as cls:
                init = self.facts.resolver.attribute(cls, "__init__")
                return self.function(init, depth - 1) if isinstance(init, Function) else Time.LITTLE
            case Named(name=name) if (entry := self.facts.resolver.catalog.find(name)) is not None:
                if entry.kind is Kind.CPU:
                    return Time.COMPUTING
                if entry.kind is Kind.NATIVE:
                    return Time.COMPUTING if self._is_repeated(call, body) else Time.OTHER
                return Time.LITTLE if entry.kind in _QUIET else Time.OTHER
            case _:
                return Time.LITTLE if is_pure_call(call, self.facts) else Time.OTHER

    def _is_repeated(self, node: cst.CSTNode, body: cst.CSTNode) -> bool:
        """Whether a call stands in a counting loop, as key stretching does: on small inputs it keeps the GIL."""
        above = self.facts.parent(node)
        while above is not None and above is not body:
            if isinstance(above, cst.For) and isinstance(above.iter, cst.Call) and dotted(above.iter.func) == "range":
                return True
            above = self.facts.parent(above)
        return False


def _is_abstract(node: cst.FunctionDef) -> bool:
    """Whether a method only says that others have to be written."""
    names = {dotted(one.decorator.func if isinstance(one.decorator, cst.Call) else one.decorator) or "" for one in node.decorators}
    return any(name.rpartition(".")[2] == "abstractmethod" for name in names)

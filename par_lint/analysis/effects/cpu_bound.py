"""Whether a function is CPU-bound and holds the GIL, judged by its body."""

from __future__ import annotations

import enum
import re

import libcst as cst

from par_lint.analysis.effects.exception_classes import is_exception
from par_lint.analysis.effects.pure_names import PURE_BUILTINS, PURE_METHODS
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.scopes import Class, Function
from par_lint.analysis.semantics.values import Named
from par_lint.analysis.syntax.expression_names import assigned, dotted, root_name
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Kind

_DEPTH = 6  # calls followed
_NEGLIGIBLE_KINDS = frozenset({Kind.PURE, Kind.LOG})
_SIMPLE_METHODS = (PURE_METHODS | {"hexdigest", "digest", "group", "groups", "groupdict", "start", "end", "span"}) - {"get"}
_QUEUE_METHODS = frozenset({"put", "put_nowait", "push"})
_SERVICES = re.compile(r"client|session|http|api|redis|cache|db|conn|store|queue|bucket|table|s3|request|service|repo|socket|remote", re.IGNORECASE)
_ADDRESS_NAMES = re.compile(r"path|url|uri|file|host|addr", re.IGNORECASE)
_PREDICATE_NAMES = re.compile(r"^_*(is|has|can|should|matches)_|_pred(icate)?$")
_LOGGING_NAMES = re.compile(r"_*(debug|trace|log|logger|logging|print)\b", re.IGNORECASE)
_LOOPS = (cst.For, cst.While, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


class TimeSpent(enum.IntEnum):
    """What code spends its time on; the largest value decides."""

    LITTLE = 0  # nothing that takes long
    COMPUTING = 1  # loops of Python code, or calls that hold the GIL
    OTHER = 2  # waiting, code that releases the GIL, or unknown code


class CpuBound:
    """Judges the functions of one module."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._known: dict[Function, TimeSpent] = {}

    def function(self, function: Function, depth: int = _DEPTH) -> TimeSpent:
        """Return what a call of a function in the file spends its time on; recursion counts as computation."""
        if function in self._known:
            return self._known[function]
        self._known[function] = TimeSpent.COMPUTING
        node = self.facts.body(function)
        hidden = node is None or function.is_async or function.is_generator or not depth or _is_abstract(node)
        self._known[function] = TimeSpent.OTHER if hidden or node is None else self.body(node.body, frozenset(function.parameters), depth)
        return self._known[function]

    def body(self, body: cst.CSTNode, parameters: frozenset[str], depth: int = _DEPTH) -> TimeSpent:
        """Return what a piece of code spends its time on. Changing objects that it did not create or get does not count as computation."""
        spent = TimeSpent.LITTLE
        own = parameters | assigned(body)
        for node in descend(body, into_functions=True):
            match node:
                case cst.Call():
                    spent = max(spent, self._call(node, body, own, depth))
                case cst.AssignTarget(target=cst.Subscript() | cst.Attribute() as target) | cst.AugAssign(target=target) if self._is_foreign(target, own):
                    return TimeSpent.OTHER
                case cst.Await() | cst.Yield():
                    return TimeSpent.OTHER
                case _ if isinstance(node, _LOOPS):
                    spent = max(spent, TimeSpent.COMPUTING)
                case _:
                    pass
            if spent is TimeSpent.OTHER:
                return spent
        return spent

    def _call(self, call: cst.Call, body: cst.CSTNode, own: frozenset[str], depth: int) -> TimeSpent:
        match self.facts.callee(call):
            case Function() as function:
                return self.function(function, depth - 1)
            case Class() as cls:
                init = self.facts.resolver.attribute(cls, "__init__")
                return self.function(init, depth - 1) if isinstance(init, Function) else TimeSpent.LITTLE
            case Named(name=name) if (entry := self.facts.resolver.catalog.find(name)) is not None:
                if entry.kind is Kind.CPU:
                    return TimeSpent.COMPUTING
                if entry.kind is Kind.NATIVE:
                    return TimeSpent.COMPUTING if self._is_repeated(call, body) else TimeSpent.OTHER
                return TimeSpent.LITTLE if entry.kind in _NEGLIGIBLE_KINDS else TimeSpent.OTHER
            case _:
                return TimeSpent.LITTLE if self._is_simple(call, own) or self._is_probably_cheap(call) else TimeSpent.OTHER

    def _is_foreign(self, target: cst.BaseExpression, own: frozenset[str]) -> bool:
        """Whether code changes an object that it did not create or get; a cache in a class of the file counts as its own."""
        root = root_name(target)
        return root not in own and not isinstance(self.facts.refers_to(cst.Name(root or "_"), target), Class)

    def _is_simple(self, call: cst.Call, own: frozenset[str]) -> bool:
        """Whether a call of a built-in, or of a method of built-in types, only computes."""
        match call.func:
            case cst.Name(value=name):
                return self.facts.is_builtin(name, call) and (name in PURE_BUILTINS or is_exception(name, self.facts.resolver))
            case cst.Attribute(value=receiver, attr=cst.Name(value="get")):  # of a dict, not of a service
                return not _SERVICES.search(dotted(receiver) or "") and not _is_address(call)
            case cst.Attribute(value=receiver, attr=cst.Name(value=method)):
                return method in _SIMPLE_METHODS or method in MUTATORS - _QUEUE_METHODS and root_name(receiver) in own
            case _:
                return False

    def _is_probably_cheap(self, call: cst.Call) -> bool:
        """Whether an unresolved call is cheap, judged by its name and place: a predicate, a log line, the conversion of a value."""
        path = dotted(call.func) or ""
        name = path.rpartition(".")[2]
        if any(_ADDRESS_NAMES.search(dotted(node) or "") for arg in call.args for node in descend(arg.value)) or _SERVICES.search(path):
            return False
        above = self.facts.parent(call)
        match above:
            case cst.Expr():
                return bool(_LOGGING_NAMES.match(path))
            case cst.If() | cst.BooleanOperation() | cst.UnaryOperation(operator=cst.Not()) | cst.CompIf():
                return bool(_PREDICATE_NAMES.search(name))
            case _:
                return bool(_PREDICATE_NAMES.match(name) or name == "parse")

    def _is_repeated(self, node: cst.CSTNode, body: cst.CSTNode) -> bool:
        """Whether a call is in a counting loop, as in key stretching: on small inputs it holds the GIL."""
        above = self.facts.parent(node)
        while above is not None and above is not body:
            if isinstance(above, cst.For) and isinstance(above.iter, cst.Call) and dotted(above.iter.func) == "range":
                return True
            above = self.facts.parent(above)
        return False


def _is_address(call: cst.Call) -> bool:
    """Whether a call has keywords, or an argument that looks like a path: then it is not a look-up in a dict."""
    return any(arg.keyword is not None or isinstance(arg.value, cst.SimpleString) and "/" in arg.value.value for arg in call.args)


def _is_abstract(node: cst.FunctionDef) -> bool:
    """Whether a method is abstract."""
    names = {dotted(one.decorator.func if isinstance(one.decorator, cst.Call) else one.decorator) or "" for one in node.decorators}
    return any(name.rpartition(".")[2] == "abstractmethod" for name in names)

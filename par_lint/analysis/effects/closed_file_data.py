"""Values read from an open file that stay valid after it is closed, from a closed list."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.expression_names import terminal
from par_lint.analysis.syntax.nodes import children, clauses, descend
from par_lint.core.catalog.entry import Trait

_DATA_METHODS = frozenset({
    "read", "read1", "readline", "readlines", "getvalue", "tell", "json", "getheader", "getcode", "geturl", "namelist", "getnames", "fetchall",
    "fetchone", "fetchmany", "write", "writelines", "writerow", "writerows", "writestr", "seek", "flush", "truncate", "close", "keys", "fileno", "isatty", "readable", "getpixel", "tobytes", "getbbox", "getcolors", "convert", "resize", "copy",
})  # fmt: skip
"""Methods of open files that return data."""
_DATA_ATTRIBUTES = frozenset({"name", "mode", "encoding", "closed", "text", "content", "status_code", "headers", "ok", "url", "status", "code", "reason", "size", "format"})
"""Attributes of open files that are data."""
_STREAMING = frozenset({"csv.reader", "csv.DictReader", "itertools.islice", "enumerate", "zip", "reversed"})
"""Functions that iterate lazily over lines, and yield data for each."""
EAGER_BUILTINS = frozenset({"list", "tuple", "set", "frozenset", "sorted", "dict", "sum", "min", "max", "any", "all", "len", "str", "bytes", "int", "float", "bool", "next", "repr"})


def is_data(value: cst.BaseExpression, handles: set[str], facts: Facts) -> bool:
    """Return whether the value of an expression does not need some open files any more."""
    return _DataCheck(handles, facts).is_data(value)


def iterates_lazily(node: cst.BaseExpression, facts: Facts) -> bool:
    """Return whether an expression iterates over the lines of an open file, and yields data for each."""
    return isinstance(node, cst.Name) or isinstance(node, cst.Call) and facts.name(node) in _STREAMING


def _reads_in_chunks(call: cst.Call) -> bool:
    return any(arg.star or arg.keyword is not None and arg.keyword.value in ("chunksize", "iterator") for arg in call.args)


class _DataCheck:
    def __init__(self, handles: set[str], facts: Facts) -> None:
        self._handles = handles
        self._facts = facts
        self._catalog = facts.resolver.catalog

    def is_data(self, node: cst.CSTNode) -> bool:
        if not self._mentions(node):
            return True
        match node:
            case cst.Call():
                return self._is_call(node)
            case cst.Attribute(value=value, attr=cst.Name(value=name)):
                return name in _DATA_ATTRIBUTES or self.is_data(value)
            case cst.ListComp() | cst.SetComp() | cst.DictComp():
                return self._is_comprehension(node)
            case cst.Name() | cst.Lambda() | cst.GeneratorExp() | cst.Await() | cst.Yield():
                return False
            case cst.Subscript(value=value):
                return self.is_data(value)
            case _:
                return all(self.is_data(child) for child in children(node))

    def _is_call(self, call: cst.Call) -> bool:
        name = self._facts.name(call)
        if name is not None and (self._catalog.has_trait(name, Trait.READS_ALL) or self._catalog.has_trait(name, Trait.READS_TABLE) and not _reads_in_chunks(call)):
            return True
        if not self._mentions(call.func) and all(self.is_data(arg.value) for arg in call.args):
            return True  # it is given no file
        match call.func:
            case cst.Name(value=spelled) if spelled in EAGER_BUILTINS and self._facts.is_builtin(spelled, call):
                return all(self._streams(arg.value) for arg in call.args)
            case cst.Attribute(value=receiver):
                is_taken = terminal(call) in _DATA_METHODS or self.is_data(receiver) and not isinstance(receiver, cst.Name)
                streams = terminal(call) in ("join", "extend", "update")
                return (is_taken or not self._mentions(receiver) and streams) and all(
                    self._streams(arg.value) if streams else self.is_data(arg.value) for arg in call.args
                )
            case _:
                return False

    def _streams(self, node: cst.CSTNode) -> bool:
        """Whether an iterable gives data for each of its items."""
        match node:
            case cst.Name():
                return True
            case cst.GeneratorExp():
                return self._is_comprehension(node)
            case cst.Call() if self._facts.name(node) in _STREAMING:
                return all(self._streams(arg.value) for arg in node.args)
            case _:
                return self.is_data(node)

    def _is_comprehension(self, node: cst.BaseComp) -> bool:
        parts = [part for part in children(node) if not isinstance(part, cst.CompFor)]
        tests = [test.test for clause in clauses(node) for test in clause.ifs]
        iterables = [clause.iter for clause in clauses(node)]
        return all(self.is_data(part) for part in (*parts, *tests)) and all(self._streams(one) for one in iterables)

    def _mentions(self, node: cst.CSTNode) -> bool:
        return any(isinstance(inner, cst.Name) and inner.value in self._handles for inner in descend(node, into_functions=True))

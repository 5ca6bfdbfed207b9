"""Whether None can mark a skipped iteration: the moved code binds a name only to values other than None."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.expression_names import bound_by, bound_names
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Kind

_TEXT_METHODS = frozenset("splitlines split rsplit strip rstrip lstrip decode encode hexdigest digest lower upper replace join format".split())
_READING = frozenset("read read_text read_bytes readlines".split())
_TYPES = ("str.", "bytes.", "hashlib.", "_hashlib.")
_BUILTINS = frozenset("str bytes int float list dict set tuple len sorted bool repr".split())
_CALLS = frozenset({"os.path.join", "os.path.basename", "os.path.dirname", "os.path.abspath", "os.listdir", "pathlib.Path", "json.dumps"})


def is_never_none(name: str, nodes: Iterable[cst.CSTNode], facts: Facts) -> bool:
    """Return whether moved code binds a name, and only to values that are not None."""
    count = 0
    values: list[cst.BaseExpression] = []
    for node in (inner for one in nodes for inner in descend(one)):
        count += name in bound_by(node)
        match node:
            case cst.Assign(targets=targets, value=value):
                values += [value for target in targets if isinstance(target.target, cst.Name) and target.target.value == name]
            case cst.AnnAssign(target=target, value=cst.BaseExpression() as value) if bound_names(target) == [name]:
                values.append(value)
            case _:
                pass
    return 0 < count == len(values) and all(_is_something(value, facts) for value in values)


def _is_something(value: cst.BaseExpression, facts: Facts) -> bool:
    match value:
        case cst.SimpleString() | cst.FormattedString() | cst.ConcatenatedString() | cst.Integer() | cst.Float():
            return True
        case cst.List() | cst.Dict() | cst.Set() | cst.Tuple() | cst.ListComp() | cst.DictComp() | cst.SetComp():
            return True
        case cst.Call(func=cst.Name(value=function)) if function in _BUILTINS:
            return facts.is_builtin(function, value)
        case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value=method))):
            entry = facts.entry(value)
            if method in _READING and entry is not None and entry.kind is Kind.FILE:
                return not entry.name.startswith("untyped.")
            name = facts.name(value) or ""
            return name in _CALLS or method in _TEXT_METHODS and (name.startswith(_TYPES) or _is_text(owner, facts))
        case cst.Call():
            return facts.name(value) in _CALLS
        case _:
            return False


def _is_text(value: cst.BaseExpression, facts: Facts) -> bool:
    """Whether an expression is a string or bytes from a file, so its methods are those of `str` and `bytes`."""
    return isinstance(value, (cst.SimpleString, cst.FormattedString)) or isinstance(value, cst.Call) and _is_something(value, facts)

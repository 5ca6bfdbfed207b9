"""Access paths: the part of an expression that determines what it refers to, as a flat tuple.

`requests.Session().get` is `("requests", "Session", "()", "get")`. The first part is a name, or the type of a literal in angle
brackets; the others are attribute names or one of the steps below. Two expressions with the same path refer to the same thing, so the
resolver only needs paths.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any, TypeAlias

AccessPath: TypeAlias = tuple[str, ...]

CALL = "()"
OPENED = "open()"  # a call with a file mode among its arguments
ITEM = "[]"  # one element, by subscript or by iteration
SLICE = "[:]"
DIVIDE = "/"  # the operator of pathlib
MERGE = "|"  # a union or another combination of collections
ENTER = "with"  # the target of `with ... as`
COLLECT = "[...]"  # a collection of the preceding value
UNKNOWN: AccessPath = ("?",)
_MOST_STEPS = 100
_MODES = frozenset(first + kind for first in "rwax" for kind in ("", "b", "t", "+", "b+", "t+", "+b", "+t")) - {"x+b", "x+t"}

_OF_OPEN = frozenset({"mode", "buffering", "encoding", "errors", "newline"})
_PATHS = re.compile(r"(^|_)(p|path|file|fp|fpath|filepath|src|source)$")
ELEMENT_PRESERVING = frozenset({"sorted", "list", "tuple", "set", "frozenset", "reversed", "iter"})
"""Built-ins that return the elements of their first argument."""

_COLLECTIONS = frozenset({
    "list", "List", "set", "Set", "tuple", "Tuple", "frozenset", "FrozenSet", "AbstractSet", "deque", "Collection",
    "Generator", "Iterable", "Iterator", "MutableSequence", "Sequence",
})  # fmt: skip


def access_path(node: ast.expr) -> AccessPath:
    """Return the access path of an expression; UNKNOWN if it does not refer to anything that the file defines.

    A path with very many steps is UNKNOWN, because every call in a chain has its own path.
    """
    steps: list[str] = []
    inner = node
    while len(steps) < _MOST_STEPS:
        if isinstance(inner, ast.Name):
            steps.append(inner.id)
            steps.reverse()
            return tuple(steps)
        if isinstance(inner, ast.Attribute):
            steps.append(inner.attr)
            inner = inner.value
            continue
        step, further = _PARTS.get(type(inner), _unknown)(inner)
        if step:
            steps.append(step)
        if further is None:
            steps.reverse()
            return tuple(steps)
        inner = further
    return UNKNOWN


def _call(node: ast.Call) -> _Part:
    func = node.func
    if node.args:
        if isinstance(func, ast.Name) and func.id in ELEMENT_PRESERVING:
            return SLICE, node.args[0]
        if last_name(func) == "chain":
            return MERGE, node.args[0]
        if (func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else "") == "partial":
            return "", node.args[0]
    return OPENED if _has_mode(node) or isinstance(func, ast.Attribute) and func.attr == "open" and opens_as_path(node) else CALL, func


def _subscript(node: ast.Subscript) -> _Part:
    return SLICE if isinstance(node.slice, ast.Slice) else ITEM, node.value


def _operation(node: ast.BinOp) -> _Part:
    if isinstance(node.op, ast.Div):
        return DIVIDE, node.left
    return (MERGE, node.left) if isinstance(node.op, _MERGING) else _unknown(node)


def _list_comprehension(node: ast.ListComp) -> _Part:
    return ("<list>", None) if isinstance(node.elt, ast.Constant) else (COLLECT, node.elt)


def _unknown(node: ast.expr) -> _Part:
    return UNKNOWN[0], None


_MERGING = (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor, ast.Add)
_Part: TypeAlias = "tuple[str, ast.expr | None]"
_PARTS: dict[type, Callable[[Any], _Part]] = {
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.BinOp: _operation,
    ast.Await: lambda node: ("", node.value),
    ast.NamedExpr: lambda node: ("", node.value),
    ast.Starred: lambda node: ("", node.value),
    ast.IfExp: lambda node: ("", node.body),
    ast.BoolOp: lambda node: ("", node.values[0]),
    ast.Constant: lambda node: (f"<{type(node.value).__name__}>", None),
    ast.JoinedStr: lambda node: ("<str>", None),
    ast.List: lambda node: (COLLECT, node.elts[0]) if node.elts else ("<list>", None),
    ast.Tuple: lambda node: (COLLECT, node.elts[0]) if node.elts else ("<tuple>", None),
    ast.Set: lambda node: (COLLECT, node.elts[0]) if node.elts else ("<set>", None),
    ast.ListComp: _list_comprehension,
    ast.SetComp: lambda node: (COLLECT, node.elt),
    ast.GeneratorExp: lambda node: (COLLECT, node.elt),
    ast.Dict: lambda node: ("<dict>", None),
    ast.DictComp: lambda node: ("<dict>", None),
}
"""The step that each type of expression adds, if any, and the expression before it, if any."""


def last_name(node: ast.expr) -> str:
    """Return the last part of a name."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _has_mode(node: ast.Call) -> bool:
    """Return whether a call has a file mode where `open` takes it."""
    is_method = isinstance(node.func, ast.Attribute) and node.func.attr == "open" and len(node.args) == 1  # `path.open("r")`
    if len(node.args) < 2 and not node.keywords and not is_method:
        return False
    given = node.args[:1] if is_method else node.args[1:2]
    given = given + [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
    return any(isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value in _MODES for value in given)


def opens_as_path(node: ast.Call) -> bool:
    """Return whether a call of a method `open` has the arguments of `Path.open`; without any, the receiver's name must suggest a path."""
    if any(keyword.arg not in _OF_OPEN for keyword in node.keywords):
        return False
    match node.args:
        case []:
            return bool(node.keywords) or _PATHS.search(access_path(node.func.value)[-1]) is not None  # type: ignore[attr-defined]
        case [ast.Constant(value=str(mode))]:
            return mode in _MODES
        case _:
            return False


def annotation_path(node: ast.expr | None) -> AccessPath:
    """Return the access path of an object with the annotation `node`; handles Optional, unions, strings and containers."""
    match node:
        case ast.Constant(value=str(text)):
            try:
                return annotation_path(ast.parse(text, mode="eval").body)
            except (SyntaxError, ValueError):
                return UNKNOWN
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return UNKNOWN if name in ("Any", "object") else (*access_path(node), CALL)
        case ast.BinOp(op=ast.BitOr()):
            left = annotation_path(node.left)
            return annotation_path(node.right) if left in (UNKNOWN, ("<NoneType>",)) else left
        case ast.Subscript():
            return _subscripted(node)
        case ast.Constant(value=None):
            return ("<NoneType>",)
        case _:
            return UNKNOWN


def _subscripted(node: ast.Subscript) -> AccessPath:
    outer = access_path(node.value)[-1]
    arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if not arguments:
        return UNKNOWN
    match outer:
        case "Optional" | "Annotated" | "Final" | "ClassVar" | "Union":
            return annotation_path(arguments[0])
        case str() if outer in _COLLECTIONS:
            return (*annotation_path(arguments[0]), COLLECT)
        case "dict" | "Dict" | "Mapping" | "defaultdict" | "MutableMapping":
            return ("<dict>",)
        case _:
            return (*access_path(node.value), CALL)

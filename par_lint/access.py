"""Access paths: the part of an expression that decides what it refers to, as a flat tuple.

`requests.Session().get` is `("requests", "Session", "()", "get")`. The first part is a name, or a literal's type in
angle brackets; the others are attribute names or one of the steps below. Two expressions with one path refer to the
same thing, so that a path is all that the resolver has to look at.
"""

from __future__ import annotations

import ast
import re
from typing import TypeAlias

AccessPath: TypeAlias = tuple[str, ...]

CALL = "()"
OPENED = "open()"  # a call with a file mode among its arguments
ITEM = "[]"  # one element, by subscript or by iteration
SLICE = "[:]"
DIVIDE = "/"  # pathlib's operator
ENTER = "with"  # what `with ... as` binds
COLLECT = "[...]"  # a collection of what stands before
UNKNOWN: AccessPath = ("?",)
_MODE = re.compile(r"[rwax][bt]?\+?|[rwa]\+[bt]")

_KEEPERS = frozenset({"sorted", "list", "tuple", "set", "frozenset", "reversed", "iter"})
"""Built-ins that give the elements of their first argument."""

_COLLECTIONS = frozenset({
    "list", "List", "set", "Set", "tuple", "Tuple", "frozenset", "FrozenSet", "AbstractSet", "deque", "Collection",
    "Generator", "Iterable", "Iterator", "MutableSequence", "Sequence",
})  # fmt: skip


def access_path(node: ast.expr) -> AccessPath:
    """The access path of an expression; UNKNOWN where it refers to nothing that a file can show."""
    match node:
        case ast.Name():
            return (node.id,)
        case ast.Attribute():
            return (*access_path(node.value), node.attr)
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _KEEPERS:
            return (*access_path(first), SLICE)
        case ast.Call(func=ast.Name("partial") | ast.Attribute(attr="partial"), args=[first, *_]):
            return access_path(first)
        case ast.Call():
            return (*access_path(node.func), OPENED if _has_mode(node) else CALL)
        case ast.Subscript():
            return (*access_path(node.value), SLICE if isinstance(node.slice, ast.Slice) else ITEM)
        case ast.BinOp(op=ast.Div()):
            return (*access_path(node.left), DIVIDE)
        case ast.Await() | ast.NamedExpr() | ast.Starred():
            return access_path(node.value)
        case ast.IfExp():
            return access_path(node.body)
        case ast.BoolOp():
            return access_path(node.values[0])
        case ast.Constant():
            return (f"<{type(node.value).__name__}>",)
        case ast.JoinedStr():
            return ("<str>",)
        case ast.List(elts=[first, *_]) | ast.Tuple(elts=[first, *_]) | ast.Set(elts=[first, *_]):
            return (*access_path(first), COLLECT)
        case ast.List() | ast.ListComp(elt=ast.Constant()):
            return ("<list>",)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
            return (*access_path(node.elt), COLLECT)
        case ast.Dict() | ast.DictComp():
            return ("<dict>",)
        case ast.Set():
            return ("<set>",)
        case ast.Tuple():
            return ("<tuple>",)
        case _:
            return UNKNOWN


def last_name(node: ast.expr) -> str:
    """The last part of a name."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _has_mode(node: ast.Call) -> bool:
    """Whether a call is given a file mode where `open` takes it."""
    given = node.args[1:2] + [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
    return any(isinstance(value, ast.Constant) and isinstance(value.value, str) and _MODE.fullmatch(value.value) for value in given)


def annotation_path(node: ast.expr | None) -> AccessPath:
    """The access path of an object whose annotation is `node`: Optional, unions, strings and containers looked into."""
    match node:
        case ast.Constant(value=str(text)):
            try:
                return annotation_path(ast.parse(text, mode="eval").body)
            except (SyntaxError, ValueError):
                return UNKNOWN
        case ast.Name() | ast.Attribute():
            return (*access_path(node), CALL)
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

"""What a network call is for, where that takes longer than a look-up: an upload, a download, an answer of a language model."""

from __future__ import annotations

import ast
import re

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.scopes import Scope

_COMPLETION = re.compile(r"/completions\b|/api/(generate|chat)\b|/v1/(messages|responses)\b|:generateContent|:streamGenerateContent|:11434\b")
_SEGMENTS = 3  # names followed from an address to the text that it is made of


def request_kind(node: ast.Call, scope: Scope) -> str:
    """`completion`, `upload`, `download`, or else `network`, as rows of `[tool.par-lint.timeouts]` are called."""
    addresses = [*node.args[:2], *(keyword.value for keyword in node.keywords if keyword.arg == "url")]
    texts = [text for address in addresses for text in _texts(address, scope, _SEGMENTS)]
    if any(_COMPLETION.search(text) for text in texts):
        return "completion"
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    if "files" in named and not _is_nothing(named["files"]) or "data" in named and _is_open_file(named["data"], scope):
        return "upload"
    stream = named.get("stream")
    return "download" if isinstance(stream, ast.Constant) and stream.value is True else "network"


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _texts(node: ast.expr, scope: Scope, depth: int) -> list[str]:
    """The texts that an address is made of."""
    found = []
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            found.append(inner.value)
        elif isinstance(inner, ast.Name) and depth:
            bound = scope.find(inner.id)
            values = [one.value for one in bound[1] if isinstance(one, Assigned) and one.value is not None] if bound is not None else []
            shown = [value for value in values if not isinstance(value, ast.Call) or last_name(value.func) in ("Request", "format", "get", "getenv")]
            found += [text for value in shown for text in _texts(value, scope, depth - 1)]
    return found


def _is_open_file(node: ast.expr, scope: Scope, depth: int = _SEGMENTS) -> bool:
    """Whether what is sent is an open file, or an object made of one: a reader that shows its progress."""
    match node:
        case ast.Call(func=func, args=args):
            name = last_name(func)
            return name == "open" or name[:1].isupper() and any(_is_open_file(arg, scope, depth) for arg in args if isinstance(arg, ast.Name))
        case ast.Name(id=name) if depth and (bound := scope.find(name)) is not None:
            made = [value for one in bound[1] if isinstance(one, Assigned) for value in (one.value, one.entered)]
            return any(isinstance(value, ast.Call) and _is_open_file(value, scope, depth - 1) for value in made)
        case _:
            return False

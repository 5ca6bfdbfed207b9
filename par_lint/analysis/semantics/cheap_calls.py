"""Calls of readers and writers that read no whole file: they use objects in memory, strings, a header or a few bytes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import children, walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.scopes import Binding, CallSite, Scope
from par_lint.core.catalog.file_formats import HEADER_ATTRIBUTES, TEXT_WITHOUT_PLACE

IN_MEMORY = frozenset({"io.BytesIO", "io.StringIO"})
"""Classes of files that are in memory."""
LINE_PARSERS = frozenset({"csv.reader", "csv.DictReader"})
"""Readers that accept any iterable of lines."""
_MEMORY_NAMES = frozenset(name.rpartition(".")[2] for name in IN_MEMORY)
_FEW_BYTES = 1024  # enough to detect the type of a file
_DEPTH = 3  # names followed for one value


def reads_almost_nothing(node: ast.Call, name: str) -> bool:
    """Return whether the arguments of a call make it cheap: it reads a few bytes or none, or resolves a numeric address."""
    match name, node.args:
        case "io.File.read", [ast.Constant(value=int(size))]:
            return 0 <= size <= _FEW_BYTES
        case "pathlib.Path.write_bytes" | "pathlib.Path.write_text", [ast.Constant(value=b"" | "")]:
            return True
        case "socket.getaddrinfo", _:
            return any(isinstance(inner, ast.Attribute) and inner.attr == "AI_NUMERICHOST" for inner in ast.walk(node))
        case _:
            return False


def may_be_console(value: ast.expr | None, scope: Scope) -> bool:
    """Return whether a stream is the console unless the caller gives another: `stream or sys.stdout`, or a parameter with that default."""
    match value:
        case ast.Attribute(value=ast.Name("sys"), attr="stdout" | "stderr" | "__stdout__" | "__stderr__"):
            return True
        case ast.IfExp(body=one, orelse=other):
            return _may_be_console_of([one, other], scope)
        case ast.BoolOp(values=values):
            return _may_be_console_of(values, scope)
        case ast.Name(id=name) if isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            args = scope.node.args
            places = [*args.posonlyargs, *args.args]
            given = [*zip(places[len(places) - len(args.defaults):], args.defaults), *zip(args.kwonlyargs, args.kw_defaults)]
            return any(arg.arg == name and not isinstance(default, ast.Name) and may_be_console(default, scope) for arg, default in given)
        case _:
            return False


def _may_be_console_of(values: Sequence[ast.expr], scope: Scope) -> bool:
    return any(may_be_console(value, scope) for value in values) and not any(isinstance(value, ast.Call) for value in values)


def reads_process_table(node: ast.Call, name: str, scope: Scope) -> bool:
    """Return whether a call reads a file below `/proc`, which is not on a disk."""
    if not isinstance(node.func, ast.Attribute) or not name.startswith(("io.File.read", "pathlib.Path.read")):
        return False
    place: ast.expr = node.func.value
    if name.startswith("io.File.") and isinstance(place, ast.Name):
        opened = [(binding.entered or binding.value) if isinstance(binding, Assigned) else None for binding in _bindings(place.id, scope)]
        place = opened[0] if len(opened) == 1 and opened[0] is not None else place
    if name.startswith("io.File.") and isinstance(place, ast.Call):
        place = place.func.value if isinstance(place.func, ast.Attribute) and not place.args else place.args[0] if place.args else place
    return _is_in_proc(place, scope)


def _is_in_proc(node: ast.expr, scope: Scope, depth: int = _DEPTH) -> bool:
    """Whether a path begins with `/proc`."""
    match node:
        case ast.Constant(value=str(text)) | ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return text.startswith("/proc/") or text == "/proc"
        case ast.BinOp(left=left):
            return _is_in_proc(left, scope, depth)
        case ast.Call(func=func, args=[first, *_]) if last_name(func) in ("Path", "join", "str", "fspath"):
            return _is_in_proc(first, scope, depth)
        case ast.Call(func=ast.Attribute(value=value, attr="format" | "joinpath")):
            return _is_in_proc(value, scope, depth)
        case ast.Name() if depth:
            values = list(_values(node.id, scope))
            return bool(values) and all(_is_in_proc(value, scope, depth - 1) for value in values)
        case _:
            return False


def is_of_lines_in_memory(node: ast.expr, scope: Scope, depth: int = _DEPTH) -> bool:
    """Return whether lines are a collection, or come from a string: no file is read."""
    match node:
        case ast.List() | ast.Tuple() | ast.Call(func=ast.Attribute(attr="splitlines" | "split")):
            return True
        case ast.Call(func=func) if last_name(func) in _MEMORY_NAMES:
            return True
        case ast.Name() if depth:
            values = list(_values(node.id, scope))
            return bool(values) and all(is_of_lines_in_memory(value, scope, depth - 1) for value in values)
        case _:
            return False


def _bindings(name: str, scope: Scope) -> Sequence[Binding]:
    found = scope.find(name)
    return found[1] if found is not None else ()


def _values(name: str, scope: Scope) -> Iterator[ast.expr]:
    for binding in _bindings(name, scope):
        if isinstance(binding, Assigned) and binding.value is not None:
            yield binding.value


def may_be_text(node: ast.Call) -> bool:
    """Return whether the first argument of a call that parses a text or an open file may be a text."""
    if not node.args:
        return False
    return not (isinstance(node.args[0], ast.Call) and "open" in last_name(node.args[0].func).lower())


def returns_text(name: str, node: ast.Call, scope: Scope) -> bool:
    """Whether a writer is given no place to write to: it gives a text, and writes nothing."""
    place = TEXT_WITHOUT_PLACE.get(name)
    if place is None or any(isinstance(arg, ast.Starred) for arg in node.args):
        return False
    position, keywords = place
    if any(keyword.arg is None and not keywords.isdisjoint(_keys(keyword.value, scope) or keywords) for keyword in node.keywords):
        return False
    given = [*node.args[position:position + 1], *(keyword.value for keyword in node.keywords if keyword.arg in keywords)]
    return all(isinstance(value, ast.Constant) and value.value is None for value in given)


def _keys(mapping: ast.expr, scope: Scope) -> frozenset[str] | None:
    """Return the keys of a mapping that is written in one place and not changed; None if they are not known."""
    if isinstance(mapping, ast.Name):
        found = scope.find(mapping.id)
        only = found[1][0] if found is not None and len(found[1]) == 1 else None
        if found is None or not isinstance(only, Assigned) or only.value is None or any(_stores_into(binder, mapping.id) for binder in found[0].binders):
            return None
        mapping = only.value
    match mapping:
        case ast.Dict(keys=keys):
            names = [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
            return frozenset(names) if len(names) == len(keys) else None
        case ast.Call(func=ast.Name("dict"), args=[], keywords=given):
            return frozenset(one.arg for one in given if one.arg is not None) if all(one.arg is not None for one in given) else None
        case _:
            return None


def _stores_into(binder: object, name: str) -> bool:
    """Whether a statement puts something into a mapping: `options["stream"] = file`."""
    targets = binder.targets if isinstance(binder, ast.Assign) else []
    return any(isinstance(one, ast.Subscript) and isinstance(one.value, ast.Name) and one.value.id == name for one in targets)


def is_header_only(name: str, site: CallSite) -> bool:
    """Return whether a call opens a file lazily, and the code reads only attributes from the header."""
    attributes = HEADER_ATTRIBUTES.get(name)
    return attributes is not None and _is_only_asked(site.node, site.scope.node, attributes)


def _is_only_asked(call: ast.Call, scope: ast.AST, attributes: frozenset[str]) -> bool:
    """Whether all uses of the result of a call read some of its attributes."""
    bound: set[str] = set()
    for node in walk(scope):
        match node:
            case ast.Attribute(value=value, attr=attr) if value is call:
                return attr in attributes
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is call:
                bound.add(name)
            case ast.withitem(context_expr=value, optional_vars=ast.Name(id=name)) if value is call:
                bound.add(name)
            case ast.withitem(context_expr=value, optional_vars=None) if value is call:
                return True
            case _:
                pass
    return bool(bound) and all(_is_named_only(name, scope, attributes, call) for name in bound)


def _is_named_only(name: str, scope: ast.AST, attributes: frozenset[str], call: ast.Call) -> bool:
    """Whether a name is used, below the call that it is bound to, for some of its attributes only, or to see what it is."""
    for node in walk(scope):
        for child in children(node):
            if isinstance(child, ast.Name) and child.id == name and isinstance(child.ctx, ast.Load) and child.lineno > (call.end_lineno or call.lineno):
                if not (isinstance(node, ast.Attribute) and node.attr in attributes or is_only_inspected(node)):
                    return False
    return True


def is_only_inspected(node: ast.AST) -> bool:
    """Whether an expression only tests the class of its operand, or whether that exists."""
    match node:
        case ast.Call(func=ast.Name("isinstance" | "hasattr" | "callable" | "type")) | ast.Attribute(attr="__class__" | "close"):
            return True
        case ast.Compare(ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return True
        case _:
            return False

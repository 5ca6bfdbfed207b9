"""Code that reads names dynamically: frames, `locals()`, the namespace of a module. A fix adds names, and removes some."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.findings import ReasonKind
from par_lint.core.memo import memoized_for_last

_FRAMES = frozenset({"_getframe", "_current_frames", "currentframe", "f_locals", "f_globals", "f_back", "tb_frame", "walk_stack", "getinnerframes", "getouterframes", "__code__", "co_varnames", "co_names", "co_firstlineno", "f_lineno"})
_OF_FUNCTION = ("locals", "vars", "eval", "exec", "dir")
_LOOKUP_METHODS = frozenset({"get", "setdefault", "update", "pop", "__getitem__", "__setitem__"})
_ATTRIBUTE_FUNCTIONS = frozenset({"getattr", "hasattr", "setattr", "delattr"})


def reflection(node: cst.CSTNode, facts: Facts) -> Verdict:
    """Return whether code may observe that a fix at a node changes the set of names."""
    if sees_frames(facts):
        return Verdict(Level.UNSAFE, ReasonKind.NAMES("the file inspects the names of frames"), node)
    around = facts.enclosing_function(node) or facts.module
    for name in _OF_FUNCTION:
        for use in facts.named_below(around, name):
            call = facts.parent(use)
            is_call = isinstance(call, cst.Call) and call.func is use
            if is_call and facts.is_builtin(name, use) and not (name in ("vars", "dir") and call.args):  # type: ignore[union-attr]
                return Verdict(Level.UNSAFE, ReasonKind.NAMES(f"`{name}()` reads all names"), use)
    if _lists_module(facts):
        return Verdict(Level.UNSAFE, ReasonKind.NAMES("the file iterates over all names of its module, and the fix adds one"), node)
    return Verdict()


@memoized_for_last
def sees_frames(facts: Facts) -> bool:
    """Return whether a file inspects frames, which contain the names of functions."""
    index = facts.index
    if index.mentions(_FRAMES):
        return True
    return "inspect" in index.imported and index.mentions({"stack", "trace"})


@memoized_for_last
def _lists_module(facts: Facts) -> bool:
    """Return whether a file reads all names of its module, instead of single names."""
    index = facts.index
    if not any(index.called(name) for name in ("globals", "vars", "dir", "locals", "getmembers", "Fire")) and "modules" not in index.referred:
        return False
    functions = {site.node for name in ("locals", "vars", "dir") for site in index.by_name.get(name, ()) if site.scope is not index.module}
    for node, above in _with_parents(index.tree):
        if _is_namespace(node, functions) and not _is_looked_up(node, above):
            return True
        if isinstance(node, ast.Call) and _spelled(node) == "Fire" and not node.args:
            return True
    return False


def _with_parents(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.AST]]:
    for above in ast.walk(tree):
        for node in ast.iter_child_nodes(above):
            yield node, above


def _spelled(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _is_namespace(node: ast.AST, elsewhere: set[ast.Call]) -> bool:
    """Return whether a node is a namespace: `globals()`, `vars()`, `dir()` and `locals()` of a module, `sys.modules[__name__]`."""
    match node:
        case ast.Call(func=ast.Name(id="globals" | "vars" | "dir" | "locals"), args=[]):
            return node not in elsewhere
        case ast.Subscript(value=ast.Attribute(attr="modules") | ast.Name(id="modules"), slice=ast.Name(id="__name__")):
            return True
        case ast.Attribute(value=ast.Subscript(value=ast.Attribute(attr="modules") | ast.Name(id="modules")), attr="__dict__"):
            return True
        case ast.Call(func=ast.Name(id="vars" | "dir") | ast.Attribute(attr="getmembers"), args=[ast.Subscript(value=ast.Attribute(attr="modules") | ast.Name(id="modules")), *_]):
            return True
        case ast.Call(func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"), args=[ast.Name(id="__name__"), *_]):
            return True
        case _:
            return False


def _is_looked_up(node: ast.AST, above: ast.AST) -> bool:
    """Return whether a namespace is only used to read or set single names."""
    match above:
        case ast.Subscript(value=value):
            return value is node
        case ast.Attribute(attr=attr):
            return isinstance(node, ast.Subscript) and attr != "__dict__" or attr in _LOOKUP_METHODS
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[value]):
            return value is node
        case ast.Call(func=ast.Name(id=name)):
            return name in _ATTRIBUTE_FUNCTIONS
        case _:
            return False

"""What the file shows about the items of a loop: how many there are, and whether each names a file of its own."""

from __future__ import annotations

import ast

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.loops.reached_calls import loop_node
from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.dataflow.code_patterns import repeated_parts
from par_lint.analysis.semantics.dataflow.dotted_names import bound_names

_COUNTS = frozenset({"range", "count", "arange", "trange", "linspace"})
_JOINING = frozenset({"Path", "PurePath", "join", "joinpath"})


def items_are_distinct_paths(site: LoopSite, facts: Facts) -> bool:
    """Return whether the items name files or folders, each its own, and are no count of iterations: `Path(folder, epoch)`."""
    loop = loop_node(site, facts)
    if not isinstance(loop, (ast.For, ast.AsyncFor)) or any(isinstance(node, ast.Call) and last_name(node.func) in _COUNTS for node in walk(loop.iter)):
        return False
    items = set(bound_names(loop.target))
    return any(_joins(node, items) for part in repeated_parts(loop) for node in walk(part))


def _joins(node: ast.AST, items: set[str]) -> bool:
    """Whether a path is made with an item: `os.path.join(folder, item)`, `folder / item`."""
    match node:
        case ast.Call(func=func, args=[_, *parts]) if last_name(func) in _JOINING:
            return any(_is_item(part, items) for part in parts)
        case ast.Call(func=ast.Attribute(attr="joinpath"), args=parts):
            return any(_is_item(part, items) for part in parts)
        case ast.BinOp(op=ast.Div(), right=right):
            return _is_item(right, items)
        case _:
            return False


def _is_item(node: ast.expr, items: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in items
        case ast.Call(func=ast.Name("str"), args=[value]):
            return _is_item(value, items)
        case _:
            return False


def line_of_size(site: LoopSite, facts: Facts) -> int:
    """Return the line at which the iterable of a loop is bound, if it is bound once in the file; else 0."""
    loop = loop_node(site, facts)
    source = loop.iter if isinstance(loop, (ast.For, ast.AsyncFor)) else loop.generators[0].iter if loop is not None else None
    while isinstance(source, ast.Call) and (source.args or isinstance(source.func, ast.Attribute)):
        source = source.args[0] if source.args else source.func.value  # type: ignore[attr-defined]
    match source:
        case ast.Name(id=name):
            found = facts.scope(site.node).find(name)
            bindings = found[1] if found is not None else []
        case ast.Attribute(value=ast.Name(), attr=name):
            bindings = [one for cls in facts.index.classes for one in cls.bindings.get(name, ())]
        case _:
            return 0
    return bindings[0].line if len(bindings) == 1 and isinstance(bindings[0], Assigned) else 0

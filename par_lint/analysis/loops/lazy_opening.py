"""A reason to exclude a loop: it opens files that a library reads lazily, and only keeps them."""

from __future__ import annotations

import ast

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.reached_calls import callee_body, loop_record
from par_lint.analysis.semantics.ast_walk import children, walk
from par_lint.analysis.semantics.cheap_calls import is_only_inspected
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.scopes import CallSite
from par_lint.core.catalog.file_formats import HEADER_ATTRIBUTES, LAZY

_DEPTH = 4  # calls followed one inside the other


def only_opens_lazily(site: LoopSite, facts: Facts) -> Exclusion | None:
    """What an iteration opens is only kept: its data are read later, when they are looked at."""
    loop = loop_record(site, facts)
    if loop is None or not site.io_calls or any(work.entry.name not in LAZY for work in site.io_calls):
        return None
    calls = [facts.site(work.call) for work in site.io_calls]
    if all(call is not None and _is_kept(call, loop.node, facts, _DEPTH) for call in calls):
        return Exclusion("it only opens files, which are read later", site.io_calls[0].call)
    return None


def _is_kept(call: CallSite, around: ast.AST, facts: Facts, depth: int) -> bool:
    """Whether what a call opens, itself or through functions of the file, is only kept in the code around it."""
    entry = facts.resolver.entry(call)
    if entry is None:
        function = callee_body(call, facts)
        if function is None or not depth or not all(_is_kept(one, function.node, facts, depth - 1) for one in function.calls if _opens(one, facts, depth - 1)):
            return False
    attributes = HEADER_ATTRIBUTES.get(entry.name, frozenset[str]()) if entry is not None else frozenset[str]()
    return all(_only_stores_object(place, call.node, around, attributes) for place in _places(call.node, around))


def _opens(call: CallSite, facts: Facts, depth: int) -> bool:
    entry, function = facts.resolver.entry(call), callee_body(call, facts)
    if entry is not None:
        return entry.name in LAZY
    return function is not None and depth > 0 and any(_opens(one, facts, depth - 1) for one in function.calls)


def _places(node: ast.AST, around: ast.AST) -> list[ast.AST]:
    """Yield the parents of an expression."""
    return [above for above in walk(around) if any(child is node for child in children(above))]


def _only_stores_object(place: ast.AST, node: ast.AST, around: ast.AST, attributes: frozenset[str]) -> bool:
    """Whether the code around an object only returns it, stores it, or reads attributes of its header, and not its data."""
    match place:
        case ast.Return() | ast.Yield() | ast.Expr() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp() | ast.If():
            return True
        case ast.Attribute(attr=attr) if attr in attributes:
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.NamedExpr(target=ast.Name(id=name)):
            return all(_only_stores_object(above, one, around, attributes) for one in _loads(name, node, around) for above in _places(one, around))
        case ast.Assign() | ast.AnnAssign(target=ast.Subscript() | ast.Attribute()):
            return True
        case ast.List() | ast.Tuple() | ast.Dict() | ast.IfExp() | ast.BoolOp():
            return all(_only_stores_object(above, place, around, attributes) for above in _places(place, around))
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Call(func=ast.Attribute(attr=method)) if place is not node:
            return method in MUTATORS
        case _:
            return is_only_inspected(place)


def _loads(name: str, made: ast.AST, around: ast.AST) -> list[ast.Name]:
    """The uses of a name below the code that makes what it is bound to."""
    last = getattr(made, "end_lineno", 0)
    return [one for one in walk(around) if isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Load) and one.lineno > last]

"""Data races: what concurrent workers would corrupt even in an unsafe fix, such as a shared counter, hash or setting, or reports of several lines."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.ast_walk import LEAVES, children
from par_lint.analysis.semantics.dataflow.body_summary import FROM_ITEM, FROM_RESULT, Change
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.findings import ReasonKind, Withheld

_DEPTH = 3
"""How many functions deep prints are looked for: a report is written near the loop, and a recursive call is not followed."""
_BARS = frozenset({"tqdm", "trange", "alive_bar", "track"})
"""What shows the progress of one item in several updates of a line."""


def worker_conflict(site: LoopSite, moved: Collection[cst.CSTNode], facts: Facts) -> Withheld | None:
    """Return why workers that call functions of the file would spoil what they share."""
    own = set(bound_names(site.target))
    for change in site.summary.changes:
        call = facts.changed_node(change)
        if not isinstance(call, cst.Call) or not any(facts.tree.holds(part, call) for part in moved) or change.path.partition(".")[0] in own:
            continue
        if _is_counted(change, site):
            return Withheld(ReasonKind.STATE(f"several threads would count on `{change.path}`"), facts.line(call))
        if _is_set_for_item(change):
            return Withheld(ReasonKind.STATE(f"several threads would set `{change.path}`, each for its item"), facts.line(call))
        if change.how == "add" and _is_hash(change.path, facts):
            return Withheld(ReasonKind.ORDER(f"`{change.path}` depends on the order in which it is updated"), facts.line(call))
        if change.is_ordered:
            return Withheld(ReasonKind.ORDER(f"`{change.path}` would get its elements in any order"), facts.line(call))
    for call in (inner for part in moved for inner in descend(part) if isinstance(inner, cst.Call)):
        if isinstance(callee := facts.callee(call), Function) and _lines_of(callee, facts) > 1:
            return Withheld(ReasonKind.ORDER("the lines that it prints for several items would be mixed up"), facts.line(call))
    return None


def _is_counted(change: Change, site: LoopSite) -> bool:
    """Whether the new value is made of the old one. One that is set where it was missing, as by `if self.client is None`, is not."""
    if change.how == "augment":
        return True
    return change.how in ("assign", "rebind") and change.path in change.origins and change.path in site.summary.reads


def _is_set_for_item(change: Change) -> bool:
    """Whether an attribute of an object that all items share gets a value of the item."""
    return change.how == "assign" and "." in change.path and not (change.origins | change.guards).isdisjoint((FROM_ITEM, FROM_RESULT))


def _is_hash(path: str, facts: Facts) -> bool:
    """Whether a digest is asked of what has this dotted name."""
    asked = [*facts.index.called("hexdigest"), *facts.index.called("digest")]
    return any(isinstance(site.node.func, ast.Attribute) and ".".join(access_path(site.node.func.value)) == path for site in asked)


def _lines_of(function: Function, facts: Facts, callers: frozenset[Function] = frozenset()) -> int:
    """Return how many lines a call of a function prints at most: of alternatives the longest counts, and a line in a loop counts twice."""
    node = function.node
    body = node.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else [node]
    return _lines(body, facts, callers | {function})


def _lines(nodes: Sequence[ast.AST], facts: Facts, callers: frozenset[Function]) -> int:
    count = 0
    for node in nodes:
        if type(node) in LEAVES:  # most nodes
            continue
        match node:
            case ast.If(test=test, body=body, orelse=orelse):
                count += _lines([test], facts, callers) + max(_lines(body, facts, callers), _lines(orelse, facts, callers))
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
                handled = max((_lines(handler.body, facts, callers) for handler in handlers), default=0)
                count += max(_lines([*body, *orelse], facts, callers), handled) + _lines(final, facts, callers)
            case ast.For(iter=source, body=body) | ast.While(test=source, body=body):
                count += _lines([source], facts, callers) + 2 * _lines(body, facts, callers)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                pass
            case ast.Call():
                count += _lines_of_call(node, facts, callers) + _lines(children(node), facts, callers)
            case _:
                count += _lines(children(node), facts, callers)
    return count


def _lines_of_call(call: ast.Call, facts: Facts, callers: frozenset[Function]) -> int:
    name = access_path(call.func)[-1]
    if name in _BARS:
        return 2
    if name == "print" and isinstance(call.func, ast.Name):
        return 1
    callee = facts.known.callee(call) if len(callers) < _DEPTH else None
    return _lines_of(callee, facts, callers) if isinstance(callee, Function) and callee not in callers else 0

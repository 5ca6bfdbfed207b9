"""Checks of an output that the loop itself fills, and that would be made too early: `if os.path.getsize(output) > limit: continue`.

If each iteration checks a path that does not depend on its item, the answer probably changes while the rest of the loop writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from par_lint.analysis.effects.effects_of_moved import SideEffects
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.syntax.expression_names import bound_names, reads
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import ReasonKind

_ASKING = frozenset({Kind.METADATA, Kind.LISTING, Kind.FILE})
_WRITING = frozenset({"write", "writelines", "writerow", "writerows", "writeheader", "writestr", "dump", "echo", "flush"})
_NAMED_AS = frozenset("stat lstat getsize getmtime getctime exists is_file is_dir iterdir glob rglob scandir listdir disk_usage st_size".split())


def growing_output_verdict(site: LoopSite, ahead: set[cst.CSTNode], effects: SideEffects) -> Verdict:
    """Return the verdict on code that runs ahead and checks files that do not depend on the item, while the rest of the loop writes to an output."""
    own = _derived_names(set(bound_names(site.target)), (*site.body, *ahead))
    asking = [node for node in ahead if isinstance(node, cst.Call) and reads(node).isdisjoint(own) and _reads_files(node, effects)]
    if not asking or not any(_writes(node, effects) for part in site.body for node in descend(part) if node not in ahead):
        return Verdict()
    return Verdict(Level.UNSAFE, ReasonKind.DEPENDENCE("what would run ahead may read what the rest of the loop writes"), min(asking, key=effects.facts.tree.number))


def _derived_names(own: set[str], parts: Iterable[cst.CSTNode]) -> set[str]:
    """Return names of an item, with the names that are derived from them."""
    bound = [pair for part in parts for node in descend(part) for pair in _bindings(node)]
    found = set(own)
    while new := {name for names, value in bound if not reads(value).isdisjoint(found) for name in names} - found:
        found |= new
    return found


def _bindings(node: cst.CSTNode) -> Iterator[tuple[list[str], cst.BaseExpression]]:
    match node:
        case cst.Assign(targets=targets, value=value):
            yield from ((bound_names(target.target), value) for target in targets)
        case cst.AnnAssign(target=target, value=cst.BaseExpression() as value) | cst.NamedExpr(target=target, value=value):
            yield bound_names(target), value
        case cst.For(target=target, iter=value) | cst.CompFor(target=target, iter=value):
            yield bound_names(target), value
        case cst.WithItem(item=value, asname=cst.AsName(name=name)):
            yield bound_names(name), value
        case _:
            pass


def _reads_files(call: cst.Call, effects: SideEffects) -> bool:
    """Whether a call reads or checks files, itself or in functions of the file."""
    facts = effects.facts
    entry = facts.entry(call)
    if entry is not None:
        return entry.kind in _ASKING
    callee = facts.callee(call)
    if isinstance(callee, Function):
        return effects.function(callee).level >= Level.READ
    return callee is None and isinstance(call.func, cst.Attribute) and call.func.attr.value in _NAMED_AS


def _writes(node: cst.CSTNode, effects: SideEffects) -> bool:
    """Whether a node writes to a file that was opened before, or passes it to a call."""
    if not isinstance(node, cst.Call):
        return False
    if isinstance(node.func, cst.Attribute) and node.func.attr.value in _WRITING:
        return True
    given = [arg.value for arg in node.args]
    return any(isinstance(one, cst.Name) and effects.facts.is_open_file(one) for one in given) or any(arg.keyword is not None and arg.keyword.value == "file" for arg in node.args)

"""Whether the items of a loop are parts of one open file that is parsed while the loop runs."""

from __future__ import annotations

import ast

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.loops.reached_calls import loop_node
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.scopes import Scope
from par_lint.analysis.semantics.values import Named
from par_lint.core.catalog.entry import Trait
from par_lint.core.memo import never_in_circles


def is_parsed_incrementally(site: LoopSite, facts: Facts) -> bool:
    """Whether a loop iterates over parts of an open file, which a parser gives as it reads on."""
    loop = loop_node(site, facts)
    return loop is not None and isinstance(loop, (ast.For, ast.AsyncFor)) and _gives_parts(loop.iter, facts.scope(site.node), facts)


@never_in_circles(False)
def _gives_parts(iterable: ast.expr, scope: Scope, facts: Facts) -> bool:
    match iterable:
        case ast.Call(func=ast.Name("enumerate"), args=[first, *_]):
            return _gives_parts(first, scope, facts)
        case ast.Call(args=[first, *_]):
            callee = facts.known.callee(iterable)
            is_parser = isinstance(callee, Named) and facts.resolver.catalog.has_trait(callee.name, Trait.GIVES_PARTS)
            return is_parser and facts.known.is_open_file(first, scope)
        case ast.Name(id=name):
            found = scope.find(name)
            values = [binding.value if isinstance(binding, Assigned) else None for binding in found[1]] if found is not None else []
            return len(values) == 1 and values[0] is not None and _gives_parts(values[0], scope, facts)
        case _:
            return False

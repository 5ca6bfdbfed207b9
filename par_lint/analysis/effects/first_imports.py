"""Imports in moved code: the first import of a module also runs it, and must happen in the original thread."""

from __future__ import annotations

import ast

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.core.memo import memoized_for_last


def find_first_import(node: cst.Import | cst.ImportFrom, facts: Facts) -> str | None:
    """Return the first module that an import may be the first to run: not from the standard library or a library in the catalogue."""
    if isinstance(node, cst.Import):
        names = [dotted(alias.name) or "" for alias in node.names]
    else:
        names = ["." * len(node.relative) + (dotted(node.module) or "" if node.module is not None else "")]
    there = _imported_at_top_level(facts)
    return next((name for name in names if name not in there and not facts.resolver.is_known_root(name.partition(".")[0])), None)


@memoized_for_last
def _imported_at_top_level(facts: Facts) -> frozenset[str]:
    """Return the modules that top-level statements of the file import, before any of its functions is called."""
    names: set[str] = set()
    for node in facts.index.tree.body:
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return frozenset(names)

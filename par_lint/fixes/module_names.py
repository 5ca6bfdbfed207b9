"""How new code spells a name of a standard module, and the import that it needs."""

from __future__ import annotations

import ast

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.ast_walk import blocks_at
from par_lint.analysis.semantics.bindings import Import
from par_lint.analysis.semantics.scopes import Binding, Scope

Imports = tuple[tuple[str, str], ...]


def spelled(facts: Facts, node: cst.CSTNode, name: str, module: str = "subprocess") -> tuple[cst.BaseExpression, Imports]:
    """How a name of a module is spelled at a node, and the import that is needed where nothing imports the module."""
    scope: Scope | None = facts.scope(node)
    while scope is not None:
        for local, bindings in scope.bindings.items():
            is_it = len(bindings) == 1 and isinstance(bindings[0], Import) and bindings[0].name == module
            if is_it and facts.scope(node).find(local) == (scope, bindings) and _is_bound_before(bindings[0], scope, node, facts):
                return cst.Attribute(cst.Name(local), cst.Name(name)), ()
        scope = scope.parent
    if _takes_names(facts, node, name, module):
        return cst.Name(name), ((module, name),)
    return cst.Attribute(cst.Name(module), cst.Name(name)), ((module, ""),)


def _takes_names(facts: Facts, node: cst.CSTNode, name: str, module: str) -> bool:
    """Whether a file imports names from a module, `from subprocess import Popen`, and another name can be added."""
    top = facts.scope(node)
    while top.parent is not None:
        top = top.parent
    names = {local: binding.name for local, bindings in top.bindings.items() for binding in bindings if isinstance(binding, Import)}
    if not any(qualified == f"{module}.{local}" for local, qualified in names.items()):
        return False
    found = facts.scope(node).find(name)
    if found is not None:
        return found == (top, top.bindings[name]) and len(found[1]) == 1 and names.get(name) == f"{module}.{name}"
    return not any(getattr(one, field, None) == name for one in ast.walk(facts.index.tree) for field in ("id", "attr", "arg", "name"))


def _is_bound_before(binding: Binding, scope: Scope, node: cst.CSTNode, facts: Facts) -> bool:
    """Whether an import has run before a node is evaluated: in its own scope it must be above, in no other branch."""
    if scope is not facts.scope(node):
        return True
    return any(one.lineno == binding.line for block, number in blocks_at(scope.node, facts.line(node)) for one in block[:number])


def is_free(name: str, node: cst.CSTNode, facts: Facts) -> bool:
    """Whether a name stands for a module of that name at a node, or for nothing."""
    found = facts.scope(node).find(name)
    return found is None or all(isinstance(binding, Import) and binding.name == name for binding in found[1])

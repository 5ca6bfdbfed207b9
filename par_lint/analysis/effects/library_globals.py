"""Module-level objects of libraries, such as `mimetypes.types_map`, which functions of the library may read implicitly."""

from __future__ import annotations

import ast

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.dataflow.dotted_names import dotted
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.scopes import Function
from par_lint.core.memo import memoized_for_last

BUILTIN_COLLECTIONS = frozenset({"dict", "list", "set", "frozenset", "tuple", "str", "bytes", "int", "float", "complex", "OrderedDict", "defaultdict", "Counter", "deque", "UserDict", "UserList", "UserString"})


def is_module_attribute(value: ast.expr, facts: Facts) -> bool:
    """Return whether an expression is an attribute of a module, or a name bound to one."""
    root = (dotted(value) or "").partition(".")[0]
    if root in facts.index.imports:
        return True
    return root in _names_of_library_objects(facts)


def is_module_level_object(value: ast.expr, facts: Facts) -> bool:
    """Return whether an expression is an object of a module: not a module itself, whose functions may be named like methods: `numpy.append(...)`."""
    name = dotted(value)
    return is_module_attribute(value, facts) and (name not in facts.index.imports or name in _imported_objects(facts))


def is_imported_object(value: ast.Name, facts: Facts) -> bool:
    """Return whether a name is that of an object that is imported itself: `from mimetypes import types_map`."""
    return value.id in _imported_objects(facts)


def changes_first_argument(owner: str, name: str) -> bool:
    """Return whether `owner.name` changes its first argument: `dict.update(table, ...)`."""
    return name in MUTATORS and owner in BUILTIN_COLLECTIONS or owner in ("operator", "heapq") and (name.startswith("heap") or name.strip("_") in ("setitem", "delitem", "ior", "iadd"))


def object_changed_by(call: ast.Call, facts: Facts) -> str | None:
    """Return the object of a module that a call gives to a function of the file which changes it."""
    given = [(place, value) for place, value in enumerate(call.args) if isinstance(value, (ast.Name, ast.Attribute)) and is_module_level_object(value, facts)]
    callee = facts.known.callee(call) if given else None
    if not isinstance(callee, Function):
        return None
    own = callee.explicit_parameters
    changed = {name for node in walk(callee.node) if (name := _changed_name(node)) is not None}
    return next((dotted(value) for place, value in given if place < len(own) and own[place] in changed), None)


def _changed_name(node: ast.AST) -> str | None:
    """Return the variable whose object a node changes."""
    match node:
        case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()) | ast.Attribute(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
            return name
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in MUTATORS:
            return name
        case ast.AugAssign(target=ast.Name(id=name)):
            return name
        case _:
            return None


@memoized_for_last
def _imported_objects(facts: Facts) -> frozenset[str]:
    """Return the names of objects, other than classes, that are imported from Python's modules and from libraries in the catalogue."""
    return frozenset(
        alias.asname or alias.name for node in facts.index.all_of(ast.ImportFrom)
        if not node.level and node.module is not None and facts.resolver.is_known_root(node.module.partition(".")[0])
        for alias in node.names if not alias.name[:1].isupper() or alias.name.isupper()
    )  # fmt: skip


@memoized_for_last
def _names_of_library_objects(facts: Facts) -> frozenset[str]:
    """Return the names that are bound to attributes of modules, or to imported objects, anywhere in the file."""
    found = set[str]()
    makers: list[ast.Assign | ast.AnnAssign | ast.NamedExpr] = [*facts.index.all_of(ast.Assign), *facts.index.all_of(ast.AnnAssign), *facts.index.all_of(ast.NamedExpr)]
    for node in makers:
        is_object = isinstance(node.value, ast.Attribute) and (dotted(node.value) or "").partition(".")[0] in facts.index.imports
        if is_object or isinstance(node.value, ast.Name) and node.value.id in _imported_objects(facts):
            found.update(target.id for target in (node.targets if isinstance(node, ast.Assign) else [node.target]) if isinstance(target, ast.Name))
    return frozenset(found)

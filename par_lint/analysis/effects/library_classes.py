"""Classes of the file that extend those of a library, and objects of a library that may be one of them."""

from __future__ import annotations

import ast

from par_lint.analysis.effects.exception_classes import is_exception
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.possible_values import possible_values
from par_lint.analysis.semantics.scopes import Class, Function, Scope
from par_lint.analysis.semantics.value_sets import Possible, Unshown
from par_lint.analysis.semantics.values import LocalObject, Named, Object
from par_lint.core.catalog.entry import Trait
from par_lint.core.memo import memoized_for_last

_PLAIN_BASES = frozenset({
    "object", "abc.ABC", "typing.NamedTuple", "typing.Generic", "typing.Protocol", "typing.TypedDict", "enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag",
    "enum.IntFlag", "typing_extensions.Protocol", "typing_extensions.TypedDict",
})  # fmt: skip
"""Bases whose methods call no others."""


@memoized_for_last
def has_library_base(cls: Class, facts: Facts) -> bool:
    """Return whether a class of the file inherits from one of a library, or from one that is not shown."""
    return bool(_bases(cls, facts))


@memoized_for_last
def _bases(cls: Class, facts: Facts) -> frozenset[str]:
    """Return the names of a class's bases in libraries; `?` for those that are not shown."""
    possible = possible_values(facts.resolver)
    found: set[str] = set()
    for one in possible.lineage(cls):
        for base in possible.bases(one):
            match base:
                case Named(name=name) if name not in _PLAIN_BASES and not is_exception(name, facts.resolver) and not facts.resolver.catalog.has_trait(name, Trait.PLAIN_BASE):
                    found.add(facts.resolver.catalog.canonical(name))
                case Unshown():
                    found.add("?")
                case _:
                    pass
    return frozenset(found)


@memoized_for_last
def classes_like(kind: str, facts: Facts) -> tuple[Class, ...]:
    """Return the classes of the file of which an object may be that is said to be of a library's class."""
    root = kind.partition(".")[0]
    return tuple(cls for cls in facts.index.classes if any(base == "?" or base.partition(".")[0] == root for base in _bases(cls, facts)))


def may_be_thread_local(value: Possible, facts: Facts) -> bool:
    """Return whether each thread sees other attributes of an object."""
    match value:
        case Object(type="threading.local"):
            return True
        case LocalObject(cls=cls):
            return any(base.rpartition(".")[2].lower() == "local" for base in _bases(cls, facts))
        case _:
            return False


@memoized_for_last
def thread_locals_escape(facts: Facts) -> bool:
    """Return whether the file puts an object whose attributes each thread sees differently anywhere but in a name or an attribute of `self`."""
    makers = {id(site.node) for site in facts.index.calls if may_be_thread_local(_made(site.node, facts), facts)}
    if not makers:
        return False
    placed: set[int] = set()
    names: set[str] = set()
    nodes: list[ast.Assign | ast.AnnAssign] = [*facts.index.all_of(ast.Assign), *facts.index.all_of(ast.AnnAssign)]
    for node in nodes:
        if id(node.value) in makers and all(isinstance(one, (ast.Name, ast.Attribute)) for one in (node.targets if isinstance(node, ast.Assign) else [node.target])):
            placed.add(id(node.value))
            names.update(one.id for one in (node.targets if isinstance(node, ast.Assign) else [node.target]) if isinstance(one, ast.Name))
    if makers - placed:
        return True
    owners = {id(node.value) for node in facts.index.all_of(ast.Attribute)}
    return any(node.id in names and isinstance(node.ctx, ast.Load) and id(node) not in owners for node in facts.index.all_of(ast.Name))


def _made(call: ast.Call, facts: Facts) -> Possible:
    found = facts.known.result(call)
    return found if found is not None else Unshown.ANYTHING


@memoized_for_last
def functions_stored_in(kind: str, facts: Facts) -> tuple[Function, ...]:
    """Return the functions of the file that it stores in attributes of objects of a library's class: `parser.optionxform = note`."""
    return tuple(_stored_functions(facts).get(kind, ()))


@memoized_for_last
def _stored_functions(facts: Facts) -> dict[str, list[Function]]:
    possible = possible_values(facts.resolver)
    found: dict[str, list[Function]] = {}
    for assign in facts.index.all_of(ast.Assign):
        for target in assign.targets:
            scope = _scope_of(target, facts) if isinstance(target, ast.Attribute) else None
            if scope is None:
                continue
            functions = [value for value in possible.of(assign.value, scope) if isinstance(value, Function)]
            for owner in possible.of(target.value, scope) if functions else ():  # type: ignore[attr-defined]
                if isinstance(owner, Object):
                    found.setdefault(owner.type, []).extend(functions)
    return found


def _scope_of(target: ast.expr, facts: Facts) -> Scope | None:
    """Return the scope with an assignment to an attribute."""
    return _scopes_of_assignments(facts).get(id(target))


@memoized_for_last
def _scopes_of_assignments(facts: Facts) -> dict[int, Scope]:
    scopes = (facts.index.module, *facts.index.functions, *facts.index.classes)
    binders = ((scope, binder[1] if isinstance(binder, tuple) else binder) for scope in scopes for binder in scope.binders)
    return {id(target): scope for scope, binder in binders if isinstance(binder, ast.Assign) for target in binder.targets}

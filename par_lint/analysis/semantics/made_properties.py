"""Properties that a file makes by calling `property`, or a class like it, instead of by a decorator."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.file_index import FileIndex

_MAKERS = ("property", "cached_property", "abstractproperty", "classproperty", "lazyproperty")
_SETTING = frozenset({"setattr", "__setattr__"})


def properties_made(index: FileIndex) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls that make properties, each with the name of an attribute that gets it: empty if the file does not show the name."""
    made = {site.node for name in (*_MAKERS, *_other_names(index)) for site in index.called(name)}
    if not made:
        return
    placed: set[ast.expr] = set()
    for name, value in _stored(index):
        if isinstance(value, ast.Call) and value in made:
            placed.add(value)
            yield name, value
    yield from (("", value) for value in sorted(made - placed, key=lambda call: (call.lineno, call.col_offset)))


def _stored(index: FileIndex) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the values that a file stores in names, attributes, and the namespaces of classes, each with the name."""
    inside = {id(binder) for cls in index.classes for binder in cls.binders}
    nodes: list[ast.Assign | ast.AnnAssign] = [*index.all_of(ast.Assign), *index.all_of(ast.AnnAssign)]
    for node in nodes:  # `size = property(get_size)`, in a class or for one; a variable may be stored under any name
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Attribute) or id(node) in inside:
                yield last_name(target), node.value
    for site in index.calls:
        match site.node.args:
            case [_, ast.Constant(value=str(name)), value] if site.name in _SETTING:
                yield name, value
            case _:
                pass
    for display in index.all_of(ast.Dict):  # `type("Page", (), {"size": property(get_size)})`
        for key, value in zip(display.keys, display.values):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value


def _other_names(index: FileIndex) -> list[str]:
    """Return the names that a file gives what makes properties."""
    assigned = (assign for assign in index.all_of(ast.Assign) if last_name(assign.value) in _MAKERS)
    return [last_name(target) for assign in assigned for target in assign.targets]

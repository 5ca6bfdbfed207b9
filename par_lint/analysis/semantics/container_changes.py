"""Where the containers of a file may change their sizes, by name."""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.scopes import CallSite
from par_lint.core.memo import memoized

ADDING_ONE = frozenset({"append", "add", "appendleft", "insert", "setdefault"})
ADDING_MANY = frozenset({"extend", "update"})


class ContainerChanges:
    """The changes of containers in one file."""

    def __init__(self, index: FileIndex) -> None:
        self._index = index

    @memoized
    def filled(self) -> Mapping[str, Sequence[CallSite]]:
        """The calls that add to a container, by the last part of its name."""
        found: defaultdict[str, list[CallSite]] = defaultdict(list)
        for method in (*ADDING_ONE, *ADDING_MANY):
            for site in self._index.by_method.get(method, ()):
                found[last_name(site.node.func.value)].append(site)  # type: ignore[attr-defined]
        return found

    @memoized
    def declared_nonlocal(self) -> Set[str]:
        """The names that functions declare global or nonlocal."""
        return frozenset().union(*(function.outward for function in self._index.functions))

    @memoized
    def resized(self) -> Mapping[str, int]:
        """The names of containers that the file may change but by calls, or whose lengths it asks for, each with the last such line.

        `names += more`, `found[key] = value`, `len(names) == 2`.
        """
        found: dict[str, int] = {}
        scopes = (self._index.module, *self._index.functions, *self._index.classes)
        for node in (*(binder for scope in scopes for binder in scope.binders), *(site.node for site in self._index.by_name.get("len", ()))):
            match node:
                case ast.AugAssign(target=ast.Name(id=name)) | ast.Call(args=[ast.Name(id=name)]):
                    found[name] = max(found.get(name, 0), node.lineno)
                case ast.Assign(targets=targets):
                    for target in targets:
                        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                            found[target.value.id] = max(found.get(target.value.id, 0), node.lineno)
                case _:
                    pass
        return found

    @memoized
    def resized_attributes(self) -> Set[str]:
        """The names of attributes whose containers the file may change but by calls: `self.names += more`, `self.found[key] = value`."""
        found: set[str] = set()
        for node in (binder for scope in (self._index.module, *self._index.functions) for binder in scope.binders):
            targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets if isinstance(node, ast.Assign) else []
            for target in targets:
                inner = target.value if isinstance(target, ast.Subscript) else target if isinstance(node, ast.AugAssign) else None
                if isinstance(inner, ast.Attribute):
                    found.add(inner.attr)
        return found

    @memoized
    def passed(self) -> Mapping[str, Sequence[CallSite]]:
        """The calls of other functions than Python's own, by the names that they are given as they are: those may fill them."""
        found: defaultdict[str, list[CallSite]] = defaultdict(list)
        for site in self._index.calls:
            if not (isinstance(site.node.func, ast.Name) and hasattr(builtins, site.name)):
                for arg in site.node.args:
                    if isinstance(arg, ast.Name):
                        found[arg.id].append(site)
        return found

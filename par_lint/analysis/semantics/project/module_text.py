"""What the text of a module shows before it is parsed: whether a function in it may do I/O at all.

Most functions that loops call in other modules only compute. Parsing a module takes a hundred times as long as looking for the names of
calls in the lines of one function. This is a necessary condition: what the text does not exclude is decided on the tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from par_lint.analysis.semantics.io_words import CLIENT_CLASSES, words
from par_lint.analysis.semantics.name_filter import names_without_imports
from par_lint.analysis.semantics.receiver_evidence import has_evidence_for
from par_lint.core.catalog import Catalog
from par_lint.core.memo import memoized

_DEFINITION = re.compile(r"^([ \t]*)(async[ \t]+def|def|class)[ \t]+(\w+)", re.MULTILINE)
_CALLED = re.compile(r"((?:\b[A-Za-z_]\w*\.)*)\b([A-Za-z_]\w*)[ \t]*\(")
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n#]*)|import[ \t]+([^\n#]*))", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")
_CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__", "__attrs_post_init__"})


_Block: TypeAlias = tuple[int, int, bool]
"""Where the text of a function or a class starts behind its name, where it ends, and whether it is a class."""


class ModuleText:
    """The text of one module.

    Args:
        text: the text.
        catalog: what calls of libraries do.
        is_of_project: whether a module of that name, as the text imports it, belongs to the project.
        follow: whether what a qualified name of the project stands for may do I/O; with True, if it is a class, in any of its methods.
    """

    def __init__(self, text: str, catalog: Catalog, is_of_project: Callable[[str], bool], follow: Callable[[str, bool], bool]) -> None:
        self._text = text
        self._catalog = catalog
        self._is_of_project = is_of_project
        self._follow = follow
        self._may: dict[tuple[str, bool], bool] = {}

    def may_do_io(self, name: str, is_whole: bool = False) -> bool:
        """Return whether a function of the module may do I/O, or the constructor of a class; of a whole class, any method."""
        key = name, is_whole
        if key not in self._may:
            self._may[key] = False  # of a call of itself
            self._may[key] = self._may_be_in_any(self._blocks.get(name), name, is_whole)
        return self._may[key]

    def _may_be_in_any(self, blocks: Sequence[_Block] | None, name: str, is_whole: bool) -> bool:
        if blocks is None:
            return name not in self._own or self._follow(self._own[name], is_whole)  # re-exported, or made in another way
        return any(self._may_be_in(block, is_whole) for block in blocks)

    def _may_be_in(self, block: _Block, is_whole: bool) -> bool:
        start, end, is_class = block
        if is_class:
            bases = _WORD.findall(self._text[start:self._text.find(":", start)]) if self._text.startswith("(", start) else []
            if any((base in self._blocks or base in self._own) and self.may_do_io(base, is_whole) for base in bases):
                return True
            if not is_whole:
                inside = (one for name in _CONSTRUCTORS for one in self._blocks.get(name, ()) if start <= one[0] and one[1] <= end)
                return any(self._may_be_in(one, False) for one in inside)
        if self._is_wide or any(self._follow(self._own[name], True) for name in self._classes.intersection(_WORD.findall(self._text, start, end))):
            return True
        return any(self._may_call(match[1], match[2]) for match in _CALLED.finditer(self._text, start, end))

    def _may_call(self, owner: str, called: str) -> bool:
        """Return whether a call may do I/O; `owner` is the dotted name that it is made on, with a dot at its end."""
        if called in self._io_names:
            return True
        root = owner.partition(".")[0]
        imported = self._own.get(root or called)
        if imported is not None:
            return self._follow(f"{imported}.{owner.partition('.')[2]}{called}" if root else imported, False)
        if called in self._blocks:
            return self.may_do_io(called)
        if root in ("self", "cls") and owner.count(".") > 1:
            return any(self._follow(self._own[name], True) for name in self._classes)  # of an object of another module, perhaps
        return bool(root) and has_evidence_for(called) and bool(words(owner) & CLIENT_CLASSES)

    @memoized
    def _blocks(self) -> dict[str, list[_Block]]:
        """Where the text of the functions and classes with a name is, behind the name, and whether it is of a class."""
        found: dict[str, list[_Block]] = {}
        opened: list[tuple[int, str, int, bool]] = []
        for match in [*_DEFINITION.finditer(self._text), None]:
            indent = len(match[1].expandtabs()) if match is not None else -1
            while opened and opened[-1][0] >= indent:
                _, name, start, is_class = opened.pop()
                found.setdefault(name, []).append((start, match.start() if match is not None else len(self._text), is_class))
            if match is not None:
                opened.append((indent, match[3], match.end(), match[2] == "class"))
        return found

    @memoized
    def _imported(self) -> tuple[set[str], dict[str, str]]:
        """The first parts of the modules that are imported, and the qualified names that are bound to what belongs to the project, by name."""
        roots: set[str] = set()
        own: dict[str, str] = {}
        for module, names, modules in _IMPORT.findall(self._text):
            if module:
                roots.add(module.partition(".")[0])
                if self._is_of_project(module):
                    own.update(_bound(names.strip("() \t"), module if module.endswith(".") else module + "."))
                continue
            for name, qualified in _bound(modules, "").items():
                roots.add(qualified.partition(".")[0])
                if self._is_of_project(qualified):
                    own[name.partition(".")[0]] = qualified if name == qualified.rpartition(".")[2] or "." not in name else qualified.partition(".")[0]
        return roots, own

    @property
    def _own(self) -> dict[str, str]:
        return self._imported[1]

    @memoized
    def _classes(self) -> frozenset[str]:
        """The names that are imported from the project and may be classes, by their spelling."""
        return frozenset(name for name in self._own if name[:1].isupper() and not name.isupper())

    @memoized
    def _io_names(self) -> frozenset[str]:
        """The names by which what is imported may do I/O."""
        return names_without_imports(self._catalog).union(*map(self._catalog.io_names_reached_from, self._imported[0]))

    @memoized
    def _is_wide(self) -> bool:
        """Whether all methods of an imported class may do I/O, whatever their names."""
        return not self._io_names.isdisjoint(("*", "**"))


def _bound(names: str, prefix: str) -> dict[str, str]:
    """Return the names that an import binds, with the qualified names: of `a as b, c`."""
    found: dict[str, str] = {}
    for part in names.replace("\\\n", " ").split(","):
        wanted, _, alias = (one.strip() for one in part.partition(" as "))
        if wanted:
            found[alias or wanted] = prefix + wanted
    return found

"""The name by which a file can import another module of its project, in the usual ways of running its program."""

from __future__ import annotations

import ast
import functools
import keyword
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from par_lint.engine.runtime_module.dependencies import DEVELOPMENT_WORDS

_SCRIPTS = frozenset({"scripts", "script", "bin"})
_TESTS = frozenset({"test", "tests", "testing"})
NON_PACKAGE_FOLDERS = DEVELOPMENT_WORDS | _SCRIPTS | {"tasks"}
"""Folders and packages of a project that are not installed with it."""


@dataclass(frozen=True)
class Layout:
    """Where a project keeps its packages."""

    root: Path
    is_built: bool = False
    """Whether it is built to be installed."""
    sources: tuple[Path, ...] = ()
    """Folders, besides the root, that contain packages."""
    renamed: tuple[Path, ...] = ()
    """Folders of packages that are installed under another name."""


@dataclass(frozen=True)
class Evidence:
    """What the text of a file shows about how it is run."""

    tops: frozenset[str] = frozenset()
    """The top-level names of the modules that it imports absolutely."""
    is_relative: bool = False
    """Whether it has relative imports."""
    is_script: bool = False
    """Whether it can be run as a script: it has a shebang, a `__main__` guard, or script metadata."""
    is_alone: bool = False
    """Whether it runs in its own environment (PEP 723), in which only its folder is on the path."""

    @classmethod
    def of(cls, source: bytes, *, is_alone: bool) -> Evidence:
        """Return the evidence in a source; empty if it cannot be parsed."""
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return cls(is_alone=is_alone)
        tops: set[str] = set()
        is_relative = False
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                tops.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                is_relative |= node.level > 0
                if not node.level and node.module:
                    tops.add(node.module.partition(".")[0])
        is_script = is_alone or source.startswith(b"#!") or bool(re.search(rb"^if\s*\(?\s*(?:__name__\s*==|['\"]__main__['\"]\s*==\s*__name__)", source, re.MULTILINE))
        return cls(frozenset(tops), is_relative, is_script, is_alone)


def find_name(file: Path, module: Path, layout: Layout, evidence: Evidence) -> str | None:
    """Return the dotted name, possibly relative, by which a file surely can import a module of its project; None if that is not sure."""
    name = _find_name(file, module, layout, evidence)
    if name is None or name.startswith("."):
        return name
    if name.partition(".")[0] not in sys.stdlib_module_names and hiding_module(file, module, name, layout) is None:
        return name
    is_in_package = evidence.is_relative and (file.parent / "__init__.py").is_file() and top_package(file) == top_package(module)
    return _relative(file, module) if is_in_package else None  # it has relative imports already, so it is never run by itself


def hiding_module(file: Path, module: Path, name: str, layout: Layout) -> Path | None:
    """Return the module or package that the first part of a module's absolute name may mean instead; None if there is none."""
    place = module
    for _ in name.split("."):
        place = place.parent
    return next((found for folder in sorted(_folders(file, layout) - {place}) if (found := _module_in(folder, name.partition(".")[0])) is not None), None)


def likely_name(file: Path, module: Path, layout: Layout) -> str | None:
    """Return the name by which a file can import a module of its project if the program is run in the usual way; None if it has none."""
    if module.parent == file.parent and not (file.parent / "__init__.py").is_file():
        return _dotted(file.parent, module)
    return None if _is_renamed(module, layout) else _dotted(_root(module, layout), module)


def has_module(folder: Path, name: str) -> bool:
    """Return whether a folder on the path provides a module or a regular package with this name."""
    return _module_in(folder, name) is not None


def shadows(file: Path, layout: Layout, name: str) -> Path | None:
    """Return the module or package of the project that shadows an installed one with this name."""
    return next((found for folder in sorted(_folders(file, layout)) if (found := _module_in(folder, name)) is not None), None)


def _module_in(folder: Path, name: str) -> Path | None:
    """Return the regular package or module with this name in a folder on the path."""
    if (folder / name / "__init__.py").is_file():
        return folder / name
    return folder / f"{name}.py" if (folder / f"{name}.py").is_file() else None


def package_root(path: Path) -> Path:
    """Return the folder of the outermost regular package around a file; its own folder if there is none."""
    folder = path.parent
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        folder = folder.parent
    return folder


def top_package(path: Path) -> Path | None:
    """Return the outermost regular package around a file."""
    root = package_root(path)
    return root / path.relative_to(root).parts[0] if root != path.parent else None


@functools.lru_cache(maxsize=64)
def first_party(path: str, runtime: str | None) -> frozenset[str]:
    """Return the top-level packages that surely belong to the project of a file: its own, and that of a copy of the runtime."""
    own = top_package(Path(path).absolute()) if path and path != "-" else None
    copied = runtime.partition(".")[0] if runtime is not None else ""
    return frozenset(filter(None, [own.name if own is not None else "", copied if copied != "par_lint" else ""]))


def _folders(file: Path, layout: Layout) -> set[Path]:
    """Return the folders of a project that may be on the path of a program that contains a file."""
    return {file.parent, package_root(file), layout.root, *layout.sources}


def _find_name(file: Path, module: Path, layout: Layout, evidence: Evidence) -> str | None:
    is_packed = (file.parent / "__init__.py").is_file()
    if _is_run_by_folder(file, layout, evidence):
        if module.parent == file.parent:
            return _dotted(file.parent, module)
        if evidence.is_alone or is_packed:
            return None
    if is_packed and top_package(file) == top_package(module):
        return _name_in_package(file, module, layout, evidence)
    root = _root(module, layout)
    if _is_renamed(module, layout):
        return None
    name = _dotted(root, module)
    if name is None:  # no import can name the folder, such as `my-scripts`: its modules run by themselves, or are found through it
        return _dotted(file.parent, module) if module.parent == file.parent and not is_packed else None
    top = name.partition(".")[0]
    if top in evidence.tops and (root / top).exists() and file.stem != top:
        return name
    if module.parent == file.parent:
        return _name_of_sibling(file, name, root, layout, evidence)
    return name if _is_importable_everywhere(file, module, root, layout, evidence) else None


def _is_run_by_folder(file: Path, layout: Layout, evidence: Evidence) -> bool:
    """Return whether possibly only a file's own folder is on the path: it imports its siblings as top-level modules."""
    if evidence.is_alone:
        return True
    if file.parent in (layout.root, *layout.sources) or evidence.is_relative:
        return False
    return any(has_module(file.parent, top) for top in evidence.tops - sys.stdlib_module_names - {file.stem})


def _name_in_package(file: Path, module: Path, layout: Layout, evidence: Evidence) -> str | None:
    """Return the name for a module in the regular package that contains a file."""
    is_run_alone = evidence.is_script and file.stem != "__main__" and not evidence.is_relative
    root = _root(module, layout)
    for start in (root, layout.root):
        name = _dotted(start, module)
        if name is not None and name.partition(".")[0] in evidence.tops and not _is_renamed(module, layout):
            return name
    if is_run_alone and not layout.is_built:
        return None
    if root in (layout.root, *layout.sources) and not _is_renamed(module, layout):
        return _dotted(root, module)
    return None if is_run_alone else _relative(file, module)


def _name_of_sibling(file: Path, name: str, root: Path, layout: Layout, evidence: Evidence) -> str | None:
    """Return the name for a module in the folder of a file that is in no regular package."""
    if layout.is_built and file.parent in (layout.root, *layout.sources) and _is_named_in_build(file, layout):
        return None
    if file.parent == layout.root or root in layout.sources:
        return name
    is_script = evidence.is_script or layout.is_built and _top_folder(file, layout) in _SCRIPTS
    return name.rpartition(".")[2] if is_script else None


def _top_folder(file: Path, layout: Layout) -> str:
    """Return the folder of a project that contains a file, in lower case; empty for files beside its folders, or outside it."""
    parts = file.relative_to(layout.root).parts if file.is_relative_to(layout.root) else ()
    return parts[0].lower() if len(parts) > 1 else ""


def _is_importable_everywhere(file: Path, module: Path, root: Path, layout: Layout, evidence: Evidence) -> bool:
    """Return whether a module in another folder of the project can be imported wherever a file runs."""
    if root not in (layout.root, *layout.sources) or module.relative_to(root).parts[0].lower() in NON_PACKAGE_FOLDERS:
        return False
    if layout.is_built:
        is_test = _top_folder(file, layout) in _TESTS  # tests run where the project can be imported; a script that does not import it may run without
        is_beside = file.parent == root == layout.root
        is_same_namespace = file.is_relative_to(root) and file.relative_to(root).parts[0] == module.relative_to(root).parts[0]
        return module.parent != root and (is_test or is_beside or is_same_namespace)
    if file.parent == root:
        return True
    return package_root(file) == root and not evidence.is_script


def _is_renamed(module: Path, layout: Layout) -> bool:
    return any(module.is_relative_to(folder) for folder in layout.renamed)


def _root(path: Path, layout: Layout) -> Path:
    """Return the folder at which the name of a module starts, according to the layout."""
    inside = [source for source in layout.sources if path.is_relative_to(source)]
    if inside:
        return max(inside, key=lambda source: len(source.parts))
    root = package_root(path)
    if root == layout.root or not root.is_relative_to(layout.root):
        return root
    return root if top_package(path) is not None else layout.root


def _dotted(root: Path, path: Path) -> str | None:
    """Return the name of a module relative to a folder on the path; None if no import statement can name it."""
    if not path.is_relative_to(root):
        return None
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts) if all(is_name(part) for part in parts) else None


def is_name(part: str) -> bool:
    """Return whether a word can be a part of a name in an import statement."""
    return part.isidentifier() and not keyword.iskeyword(part)


def _relative(file: Path, module: Path) -> str | None:
    """Return the relative name for a module in the same package."""
    if not all(is_name(part) for part in module.relative_to(package_root(file)).with_suffix("").parts):
        return None
    dots, folder = ".", file.parent
    while not module.is_relative_to(folder):
        dots, folder = dots + ".", folder.parent
    return dots + ".".join(module.relative_to(folder).with_suffix("").parts)


def _is_named_in_build(file: Path, layout: Layout) -> bool:
    """Return whether build files name a top-level module: then it is installed, but its siblings may not be.

    Flit, Hatch and Poetry install the module that is named like the project: `my_tool.py` of `My-Tool`.
    """
    texts = [layout.root / name for name in ("pyproject.toml", "setup.cfg", "setup.py")]
    named = re.compile(rf"(?<![\w.-]){re.sub('_+', '[-_.]+', re.escape(file.stem))}(?![\w-])", re.IGNORECASE)
    return file.name not in ("setup.py", "noxfile.py", "conftest.py") and any(named.search(text.read_text("utf-8", "replace")) for text in texts if text.is_file())

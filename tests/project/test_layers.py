"""The house: who may import whom, and how large a module may get. Every import counts, lazy ones and those for types included."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import par_lint

ROOT = Path(par_lint.__file__).parent
LAYERS = [  # from the bottom; a module belongs to the longest name that it begins with
    "core.memo core.deep_recursion",
    "core.findings",
    "core.catalog",
    "core.config",
    "core.internal_errors core.unused_noqa",
    "core.files",
    "core.file_result",
    "analysis.semantics",
    "analysis.gate",
    "analysis.syntax",
    "analysis.facts",
    "analysis.finding_span analysis.slice_flow analysis.verdict",
    "analysis.variables",
    "analysis.effects",
    "analysis.loops",
    "analysis.pools",
    "fixes.codegen",
    "fixes",
    "rules",
    "engine.runtime_module",
    "engine.suppression",
    "engine",
    "plugin codemod frontends.reports",
    "frontends.editors",
    "frontends.cli",
    "__main__",
]
PACKAGES = ("core", "analysis", "analysis.semantics", "analysis.syntax", "fixes", "engine", "frontends")
"""Packages whose `__init__` only says what they are for, or stands for the whole package."""
WITH_LIBCST = ("analysis", "fixes", "rules", "codemod")
WITHOUT_LIBCST = ("analysis.semantics", "analysis.gate")
MOST_ENTRIES = 12
LONGEST = 500  # lines
LONGEST_RUNTIME = 2074  # one file, so that it can be copied; it is to become shorter


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name(path): path for path in modules()}


def imports(path: Path, *, top_only: bool = False) -> set[str]:
    """The modules that a file imports."""
    tree = ast.parse(path.read_text())
    found = set()
    for node in tree.body if top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def own_imports(module: str) -> set[str]:
    """The modules of par-lint that one of them imports; of a package and a module in it, only the module."""
    found = {one.removeprefix("par_lint.") for one in imports(MODULES[module]) if one.startswith("par_lint.")} & set(MODULES)
    return {one for one in found - {module} if not any(other.startswith(one + ".") for other in found)}


def layer(module: str) -> int:
    """The layer of a module; the larger, the higher."""
    found = [(len(part), number) for number, parts in enumerate(LAYERS) for part in parts.split() if f"{module}.".startswith(f"{part}.")]
    return max(found)[1]


@pytest.mark.parametrize("module", sorted(set(MODULES) - {"__init__", "parallel"} - set(PACKAGES)))
def test_imports_go_down(module: str) -> None:
    used = own_imports(module) - {"parallel"}
    assert {one for one in used if layer(one) > layer(module)} == set()


@pytest.mark.parametrize("module", ["__init__", "parallel"])
def test_what_programs_import_stands_alone(module: str) -> None:
    assert own_imports(module) == set()


def test_no_modules_import_one_another() -> None:
    TopologicalSorter({module: own_imports(module) for module in MODULES}).prepare()  # raises CycleError


def test_every_layer_has_modules() -> None:
    parts = [part for parts in LAYERS for part in parts.split()]
    assert [part for part in parts if not any(f"{module}.".startswith(f"{part}.") for module in MODULES)] == []


def test_the_tree_is_easy_to_look_over() -> None:
    entries = [entry.name for entry in ROOT.iterdir() if entry.name != "__pycache__"]
    assert len(entries) <= MOST_ENTRIES
    names = Counter(module.rpartition(".")[2] for module in MODULES)
    assert [one for one, count in names.items() if count > 1] == []


def test_the_runtime_needs_the_standard_library_only() -> None:
    assert {module.partition(".")[0] for module in imports(ROOT / "parallel.py", top_only=True)} <= sys.stdlib_module_names
    lazily = {module.partition(".")[0] for module in imports(ROOT / "parallel.py") - imports(ROOT / "parallel.py", top_only=True)}
    assert lazily == {"asyncio", "logging", "typing_extensions"}  # the last for type checkers


@pytest.mark.parametrize("module", sorted(MODULES))
def test_libcst_is_imported_where_trees_are_rewritten_and_nowhere_else(module: str) -> None:
    if not f"{module}.".startswith(tuple(f"{part}." for part in WITH_LIBCST)) or f"{module}.".startswith(tuple(f"{part}." for part in WITHOUT_LIBCST)):
        assert "libcst" not in {one.partition(".")[0] for one in imports(MODULES[module], top_only=True)}
    if module != "codemod":
        assert not imports(MODULES[module]) & {"libcst.matchers", "libcst.codemod", "libcst.metadata"}


def test_rules_do_not_import_one_another() -> None:
    for path in (ROOT / "rules").glob("prl*.py"):
        assert not [module for module in imports(path) if module.startswith("par_lint.rules.prl")]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_modules_are_small_and_say_what_they_are_for(module: str) -> None:
    text = MODULES[module].read_text()
    assert len(text.splitlines()) <= (LONGEST_RUNTIME if module == "parallel" else LONGEST)
    assert ast.get_docstring(ast.parse(text))

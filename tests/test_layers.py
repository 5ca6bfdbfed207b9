"""The house: who may import whom, and how large a module may get."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import par_lint

ROOT = Path(par_lint.__file__).parent
LAYERS = [
    {"findings", "kept"},
    {"catalog", "project", "codes"},
    {"config", "pyproject", "schema", "validation", "source", "access", "bindings", "scopes", "index", "leads", "resolve", "walking", "telling", "blocks", "slices", "candidates", "varying", "reach", "evidence", "vocabulary", "limits", "commands", "dataflow", "recursion", "internal", "deep"},
    {"analysis"},
    {"fixes"},
    {"rules"},
    {"engine", "looking", "trust", "repairing", "guard"},
    {"plugin", "cli", "__main__", "codemod", "docs", "rule_pages", "demo", "vendor", "requirements", "dependencies", "import_names", "terminal", "problems", "atomic", "files", "exclusion", "choice", "selection", "flake8_options", "runtime_import", "cache", "cores", "linting", "checking", "fixing", "silence",
     "options", "reports", "found", "statements", "proposals", "identity", "baseline", "noqa", "adopting", "settings", "completion",
     "spans", "editing", "workspace", "wire", "server", "pylsp_plugin"},
]
WITH_LIBCST = {"analysis", "fixes", "rules", "codemod"}
LONGEST = 500  # lines
LONGEST_RUNTIME = 2071  # one file, so that it can be copied; it is to become shorter


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


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
            if node.module == "par_lint":
                found.update(f"par_lint.{alias.name}" for alias in node.names)
    return found


def layer(part: str) -> int:
    return next(number for number, parts in enumerate(LAYERS) if part in parts)


@pytest.mark.parametrize("path", modules(), ids=name)
def test_arrows_go_down(path: Path) -> None:
    own = name(path).partition(".")[0]
    used = {module.split(".")[1] for module in imports(path) if module.startswith("par_lint.")} - {own, "__version__", "parallel"}
    if own in ("__init__", "parallel"):
        assert used == set()
        return
    assert {part for part in used if layer(part) > layer(own)} == set()


def test_every_part_has_a_layer() -> None:
    parts = {name(path).partition(".")[0] for path in modules()} - {"__init__", "parallel"}
    assert parts == set().union(*LAYERS)


def test_the_runtime_needs_the_standard_library_only() -> None:
    assert {module.partition(".")[0] for module in imports(ROOT / "parallel.py", top_only=True)} <= sys.stdlib_module_names
    lazily = imports(ROOT / "parallel.py") - imports(ROOT / "parallel.py", top_only=True)
    assert lazily == {"asyncio", "logging", "typing_extensions"}  # the last for type checkers


@pytest.mark.parametrize("path", modules(), ids=name)
def test_libcst_is_imported_where_trees_are_rewritten_and_nowhere_else(path: Path) -> None:
    if name(path).partition(".")[0] not in WITH_LIBCST:
        assert "libcst" not in {module.partition(".")[0] for module in imports(path, top_only=True)}
    if name(path) != "codemod":
        assert not imports(path) & {"libcst.matchers", "libcst.codemod", "libcst.metadata"}


def test_rules_do_not_import_one_another() -> None:
    for path in (ROOT / "rules").glob("prl*.py"):
        assert not [module for module in imports(path) if module.startswith("par_lint.rules.prl")]


@pytest.mark.parametrize("path", modules(), ids=name)
def test_modules_are_small_and_say_what_they_are_for(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= (LONGEST_RUNTIME if name(path) == "parallel" else LONGEST)
    assert ast.get_docstring(ast.parse(text))

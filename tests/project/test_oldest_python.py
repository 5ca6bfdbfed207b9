"""The package runs on the oldest Python that it promises: names that a later Python added are not looked up as attributes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import par_lint

LATER = {
    "ast": {"TryStar", "TypeAlias", "TypeVar", "ParamSpec", "TypeVarTuple", "TemplateStr", "Interpolation", "type_param"},
    "asyncio": {"TaskGroup", "timeout", "timeout_at", "Runner", "Barrier"},
    "itertools": {"batched"}, "os": {"process_cpu_count"}, "datetime": {"UTC"}, "typing": {"Self", "assert_never", "Never", "LiteralString", "override"},
    "enum": {"StrEnum"}, "contextlib": {"chdir"},
}  # fmt: skip
"""Modules and what Python 3.11 and later added to them, as far as this package may want it."""
MODULES = sorted(Path(par_lint.__file__).parent.rglob("*.py"))


def later_names(text: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if name in LATER.get(module, ()):
                found.add(f"{module}.{name}")
            case ast.ImportFrom(module=str(module), names=names):
                found |= {f"{module}.{one.name}" for one in names if one.name in LATER.get(module, ())}
            case _:
                pass
    return found


def test_later_names_are_noticed() -> None:
    assert later_names("import ast\nmatch x:\n    case ast.TryStar(): pass\nfrom typing import Self\n") == {"ast.TryStar", "typing.Self"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(MODULES[0].parent)))
def test_no_name_of_a_later_python(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if "sys.version_info" in text:
        pytest.skip("it asks for the version itself")
    assert later_names(text) == set()

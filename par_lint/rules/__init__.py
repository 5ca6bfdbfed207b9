"""The rules: one module per code, discovered in this package. Importing a rule imports libcst."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType


def rule_modules() -> list[str]:
    """Return the names of the modules of all rules."""
    return [f"{__name__}.{info.name}" for info in pkgutil.iter_modules(__path__) if info.name.startswith("prl")]


@functools.cache
def all_rules() -> tuple[ModuleType, ...]:
    """Return the modules of all rules, sorted by code. Each has a docstring page, `RULE`, and `Visitor`."""
    return tuple(sorted(map(importlib.import_module, rule_modules()), key=lambda module: str(module.RULE.code)))

"""The rules: one module per code, discovered in this package. Importing a rule imports libcst."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType


@functools.cache
def all_rules() -> tuple[ModuleType, ...]:
    """Return the modules of all rules, sorted by code. Each has a docstring page, `RULE`, and `Visitor`."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__) if info.name.startswith("prl"))
    modules = (importlib.import_module(f"{__name__}.{name}") for name in names)
    return tuple(sorted(modules, key=lambda module: str(module.RULE.code)))

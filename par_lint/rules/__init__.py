"""The rules: one file per code, found by walking this package. Importing it imports libcst."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType


@functools.cache
def all_rules() -> tuple[ModuleType, ...]:
    """The modules of all rules by code; each has a docstring page, `RULE`, and `Visitor`."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__) if info.name.startswith("prl"))
    modules = (importlib.import_module(f"{__name__}.{name}") for name in names)
    return tuple(sorted(modules, key=lambda module: str(module.RULE.code)))

"""Whether opening a file, an archive or an array may write, judged by its mode."""

from __future__ import annotations

import ast

import libcst as cst

from par_lint.analysis.effects.monkeypatching import is_bound_dynamically
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import opens_as_path
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Trait

READING_FLAGS = frozenset({"O_RDONLY", "O_CLOEXEC", "O_BINARY", "O_NOFOLLOW", "O_DIRECTORY", "O_NOATIME"})
_CHANGING_MODES = frozenset("wax+?")
_MODE_KEYWORDS = frozenset({"mode", "mmap_mode", "access", "flag", "inplace"})
_READING_MODE = frozenset("rbt")
_READING_MODES = frozenset({"r", "rb", "rt", "br", "tr", "U", "rU", "c", "readonly", "copyonwrite"})


def opens_for_writing(call: cst.Call, facts: Facts) -> bool:
    """Return whether a call that opens something may write: by its mode, or because the mode is unknown."""
    name = facts.name(call) or ""
    if any(arg.star for arg in call.args):
        return True
    if name == "os.open":
        return not all(_is_reading_flag(arg.value) for arg in call.args[1:2])
    place = facts.resolver.catalog.mode_position(name)
    if place is None:
        return bool(_CHANGING_MODES & set(facts.open_mode(call)))
    modes = [arg.value for number, arg in enumerate(call.args) if (arg.keyword.value in _MODE_KEYWORDS if arg.keyword is not None else number == place)]
    return not all(map(_is_reading, modes)) if modes else facts.resolver.catalog.has_trait(name, Trait.WRITES_BY_DEFAULT)


def opens_path(call: cst.Call, facts: Facts) -> bool:
    """Return whether the method `open` of an unknown object is called like `Path.open` for reading, and no class of the file has such a method."""
    match call.func:
        case cst.Attribute(attr=cst.Name(value="open")) if facts.callee(call) is None and not facts.methods("open") and not is_bound_dynamically("open", facts):
            site = facts.site(call)
            return site is not None and opens_as_path(site.node) and set(_mode_of(site.node)) <= _READING_MODE
        case _:
            return False


def _mode_of(node: ast.Call) -> str:
    given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "mode")]
    return "".join(value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else "?" for value in given)


def takes_open_mode(name: str, facts: Facts) -> bool:
    """Return whether a qualified name opens something, and takes a mode."""
    catalog = facts.resolver.catalog
    return name == "os.open" or catalog.mode_position(name) is not None or catalog.returns(name) == "io.File"


def _is_reading(mode: cst.BaseExpression) -> bool:
    match mode:
        case cst.SimpleString(raw_value=text):
            return text.partition(":")[0].partition("|")[0] in _READING_MODES
        case cst.Name(value=name):
            return name in ("None", "False")
        case _:
            return False


def _is_reading_flag(flags: cst.BaseExpression) -> bool:
    parts = [node for node in descend(flags) if isinstance(node, (cst.Name, cst.Integer, cst.Call, cst.Subscript))]
    return all(isinstance(node, cst.Name) and node.value in READING_FLAGS | {"os"} for node in parts)

"""What an iterable may turn out to be when the program runs, as far as it decides how the new call goes over it."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.scopes import Function

_COLLECTING = frozenset({"list", "tuple", "sorted", "set", "frozenset", "dict", "range"})
_LAZY = frozenset({"enumerate", "zip", "reversed", "iter", "filter", "map"})
_LISTING = frozenset({
    "glob.iglob", "os.scandir", "pathlib.Path.glob", "pathlib.Path.rglob", "pathlib.Path.iterdir", "pkgutil.iter_modules", "pkgutil.walk_packages",
})  # fmt: skip
_LISTED = frozenset({"glob.glob", "os.listdir"})


def may_be_collection(node: cst.BaseExpression, facts: Facts) -> bool:
    """Whether an iterable may be a collection. What never is one has been judged by what it does (`iterable_verdict`)."""
    match node:
        case cst.GeneratorExp():
            return False
        case cst.Call(func=cst.Name(value=name)) if facts.is_builtin(name, node):
            return name not in _LAZY
        case cst.Call():
            callee = facts.callee(node)
            return not (isinstance(callee, Function) and callee.is_generator) and facts.name(node) not in _LISTING
        case _:
            return True


def is_collection(node: cst.BaseExpression, facts: Facts) -> bool:
    """Whether an iterable is surely a collection, or ends as surely as one."""
    match node:
        case cst.List() | cst.Tuple() | cst.Set() | cst.Dict() | cst.ListComp() | cst.SetComp() | cst.DictComp():
            return True
        case cst.Call(func=cst.Name(value=name)) if facts.is_builtin(name, node):
            return name in _COLLECTING
        case cst.Call():
            return facts.name(node) in _LISTED
        case _:
            return not may_be_collection(node, facts)

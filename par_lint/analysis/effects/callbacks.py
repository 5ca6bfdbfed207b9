"""Callbacks of readers: functions that a reader calls for the data it reads. They may do anything, and would do it in a worker."""

from __future__ import annotations

import ast

import libcst as cst

from par_lint.analysis.effects.function_values import FunctionValues
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.call_resolver import Named
from par_lint.analysis.semantics.scopes import Class, Function
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Trait

HOOKS = frozenset({
    "object_hook", "object_pairs_hook", "parse_float", "parse_int", "parse_constant", "cls", "persistent_load", "find_class", "opener", "onerror",
    "on_bad_lines", "date_parser", "converters", "progress", "callback", "target", "dict_type", "handler",
})  # fmt: skip
_CALLING = {
    "re.sub": 1, "re.subn": 1, "re.Pattern.sub": 0, "re.Pattern.subn": 0, "itertools.groupby": 1, "itertools.accumulate": 1, "itertools.starmap": 0,
    "itertools.takewhile": 0, "itertools.dropwhile": 0, "itertools.filterfalse": 0, "collections.defaultdict": 0,
}  # fmt: skip
"""Calls with the position of what they call, or put in."""
_CALLED_KEYWORDS = frozenset({"repl", "func", "dict_factory", "default"})
_HARMLESS = frozenset({"dict", "list", "str", "int", "float", "OrderedDict", "Decimal", "SimpleNamespace", "Path"})
_LOADERS = frozenset({
    f"{prefix}{name}Loader" for prefix in ("", "C") for name in ("", "Safe", "Full", "Base")
})  # fmt: skip
_RUNNING = frozenset({"load", "load_all"})
_GIVEN_HANDLER = {"xml.sax.parse": 1, "xml.sax.parseString": 1}
_ERRORS = frozenset({"strict", "ignore", "replace", "surrogateescape", "surrogatepass", "backslashreplace", "xmlcharrefreplace", "namereplace"})


def find_callbacks(call: cst.Call, name: str, facts: Facts) -> cst.CSTNode | None:
    """Return the argument of a reading call that is a function from elsewhere, or a loader of unknown type; None if there is none."""
    spelled = name.rpartition(".")[2]
    if facts.resolver.catalog.has_trait(name, Trait.UNPICKLES):
        return call
    if name.startswith("yaml.") and any(facts.index.called(one) for one in ("add_constructor", "add_multi_constructor")):
        return call
    if name in _GIVEN_HANDLER and len(call.args) > _GIVEN_HANDLER[name]:
        return call.args[_GIVEN_HANDLER[name]]
    for position, arg in enumerate(call.args):
        keyword = arg.keyword.value if arg.keyword is not None else None
        last = (dotted(arg.value) or "").rpartition(".")[2]
        if keyword == "errors" and facts.index.called("register_error") and not _names_errors(arg.value):
            return arg
        if keyword in HOOKS and last not in _HARMLESS | {"None"} and not isinstance(arg.value, (cst.BaseString, cst.BaseNumber)):
            return arg
        if _holds_functions(arg.value, call, facts):
            return arg
        if arg.star == "**" and not _holds_no_hooks(arg.value):
            return arg
        is_loader = keyword == "Loader" or position == 1 and keyword is None and last.endswith("Loader")
        if is_loader and spelled in _RUNNING and last not in _LOADERS:
            return arg
    return None


def _holds_functions(value: cst.BaseExpression, call: cst.Call, facts: Facts) -> bool:
    """Whether a display, or a name that the file binds to one, holds functions of the file: `{0: parse}`."""
    names = {function.name for function in facts.index.functions}
    if isinstance(value, (cst.Dict, cst.List, cst.Tuple, cst.Set)):
        return any(isinstance(node, cst.Lambda) or isinstance(node, cst.Name) and node.value in names for node in descend(value, into_functions=True))
    site = facts.site(call)
    bound = FunctionValues(facts).bound(value.value, site.scope) if isinstance(value, cst.Name) and site is not None else None
    displays = [one for one in bound or () if isinstance(one, (ast.Dict, ast.List, ast.Tuple, ast.Set))]
    return any(isinstance(node, ast.Lambda) or isinstance(node, ast.Name) and node.id in names for one in displays for node in walk(one))


def _holds_no_hooks(value: cst.BaseExpression) -> bool:
    """Whether a dict of keywords is shown to name no function."""
    if not isinstance(value, cst.Dict):
        return False
    names = [one.key.raw_value if isinstance(one, cst.DictElement) and isinstance(one.key, cst.SimpleString) else None for one in value.elements]
    return not any(name is None or name in HOOKS for name in names)


def _names_errors(value: cst.BaseExpression) -> bool:
    """Whether an expression is the name of one of Python's own ways to go on after bytes that are no text."""
    return isinstance(value, cst.SimpleString) and value.raw_value in _ERRORS


def takes_function(name: str, position: int, arg: cst.Arg) -> bool:
    """Whether a call may call one of its arguments."""
    return position == _CALLING.get(name) if arg.keyword is None else arg.keyword.value in _CALLED_KEYWORDS and name not in ("max", "min")


def may_be_function(value: cst.BaseExpression, facts: Facts) -> bool:
    """Whether an expression may give a function that is not shown: a name or a lambda shows which, and texts and numbers are none."""
    match value:
        case cst.Lambda() | cst.BaseString() | cst.BaseNumber() | cst.BinaryOperation():
            return False
        case cst.Attribute():
            found = facts.refers_to(value, value)
            return not isinstance(found, (Function, Class)) and not (isinstance(found, Named) and not found.name.startswith("types."))
        case cst.Call(args=[cst.Arg(value=first), *_]) if facts.name(value) == "functools.partial":
            return not isinstance(first, (cst.Name, cst.Attribute))  # what it is given is looked at where it is made
        case cst.Call():
            return facts.name(value) not in ("operator.itemgetter", "operator.attrgetter", "operator.methodcaller", "str", "functools.cmp_to_key")
        case _:
            return True

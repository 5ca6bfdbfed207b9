"""Callbacks that a reading call invokes with its data. Their effects are unknown, and they would run in a worker."""

from __future__ import annotations

import ast
import re

import libcst as cst

from par_lint.analysis.effects.function_values import FunctionValues
from par_lint.analysis.effects.shared_iterators import as_standard_node
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import Import
from par_lint.analysis.semantics.scopes import Class, Function
from par_lint.analysis.semantics.values import LocalObject, Named, Value
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Trait

CALLBACK_KEYWORDS = frozenset({
    "object_hook", "object_pairs_hook", "parse_float", "parse_int", "parse_constant", "cls", "persistent_load", "find_class", "opener", "onerror",
    "on_bad_lines", "date_parser", "converters", "progress", "callback", "target", "dict_type", "handler",
})  # fmt: skip
_CALLBACK_POSITIONS = {
    "re.sub": 1, "re.subn": 1, "re.Pattern.sub": 0, "re.Pattern.subn": 0, "itertools.groupby": 1, "itertools.accumulate": 1, "itertools.starmap": 0,
    "itertools.takewhile": 0, "itertools.dropwhile": 0, "itertools.filterfalse": 0, "collections.defaultdict": 0,
}  # fmt: skip
"""Calls with the 0-based position of the function that they call."""
_CALLED_KEYWORDS = frozenset({"repl", "func", "dict_factory", "default"})
_PURE_CALLBACKS = frozenset({
    "dict", "list", "str", "int", "float", "None", "collections.OrderedDict", "decimal.Decimal", "fractions.Fraction", "types.SimpleNamespace", "pathlib.Path",
})  # fmt: skip
_LOADERS = frozenset(f"yaml.{module}{prefix}{name}Loader" for module in ("", "loader.", "cyaml.") for prefix in ("", "C") for name in ("Safe", "Base"))
"""The loaders that create only data; others create objects of the classes that the data names."""
_YAML_LOADERS = frozenset({"yaml.load", "yaml.load_all"})
_PICKLE_POSITIONS = {"numpy.load": 2}
"""Readers that create objects of any class if `allow_pickle` is true, with its 0-based position."""
_HANDLER_POSITIONS = {"xml.sax.parse": 1, "xml.sax.parseString": 1}
_CODEC_ERROR_HANDLERS = frozenset({"strict", "ignore", "replace", "surrogateescape", "surrogatepass", "backslashreplace", "xmlcharrefreplace", "namereplace"})


def find_callbacks(call: cst.Call, name: str, facts: Facts) -> cst.CSTNode | None:
    """Return the argument of a reading call that is a function from elsewhere, or a loader of unknown type; None if there is none."""
    if facts.resolver.catalog.has_trait(name, Trait.UNPICKLES) or name in _PICKLE_POSITIONS and _unpickles(call, _PICKLE_POSITIONS[name]):
        return call
    if name in _YAML_LOADERS and not any(_is_known(arg.value, call, _LOADERS, facts) for arg in _loaders(call)):
        return call
    if name.startswith("yaml.") and any(facts.index.called(one) for one in ("add_constructor", "add_multi_constructor")):
        return call
    if name in _HANDLER_POSITIONS and len(call.args) > _HANDLER_POSITIONS[name]:
        return call.args[_HANDLER_POSITIONS[name]]
    for arg in call.args:
        keyword = arg.keyword.value if arg.keyword is not None else None
        if keyword == "errors" and facts.index.called("register_error") and not _is_codec_error_handler(arg.value):
            return arg
        if keyword in CALLBACK_KEYWORDS and not isinstance(arg.value, (cst.BaseString, cst.BaseNumber)) and not _is_known(arg.value, call, _PURE_CALLBACKS, facts):
            return arg
        if _holds_functions(arg.value, call, facts):
            return arg
        if arg.star == "**" and not _holds_no_hooks(arg.value):
            return arg
    return None


def _loaders(call: cst.Call) -> list[cst.Arg]:
    """Return the argument of `yaml.load` that is the loader; nothing if there is none."""
    return [arg for position, arg in enumerate(call.args) if not arg.star and (arg.keyword.value == "Loader" if arg.keyword is not None else position == 1)]


def _unpickles(call: cst.Call, place: int) -> bool:
    """Whether the arguments of a reader allow it to create objects of any class."""
    told = [arg.value for position, arg in enumerate(call.args) if (arg.keyword.value == "allow_pickle" if arg.keyword is not None else position == place)]
    return any(arg.star for arg in call.args) or any(not (isinstance(value, cst.Name) and value.value == "False") for value in told)


def _is_known(value: cst.BaseExpression, at: cst.Call, names: frozenset[str], facts: Facts) -> bool:
    """Whether an expression refers to one of some functions and classes by their qualified names, whichever import binds it."""
    if not isinstance(value, (cst.Name, cst.Attribute)):
        return False
    if isinstance(found := facts.refers_to(value, at), Named):
        return found.name in names
    path = dotted(value) or ""
    root, _, rest = path.partition(".")
    bound = facts.scope(at).find(root)
    if bound is None:
        return path in names
    imported = [f"{one.name}.{rest}" if rest else one.name for one in bound[1] if isinstance(one, Import)]
    return len(imported) == len(bound[1]) and names.issuperset(imported)


def _holds_functions(value: cst.BaseExpression, call: cst.Call, facts: Facts) -> bool:
    """Whether a display, or a name that the file binds to one, holds functions of the file: `{0: parse}`."""
    names = {function.name for function in facts.index.functions}
    if isinstance(value, (cst.Dict, cst.List, cst.Tuple, cst.Set)):
        return any(isinstance(node, cst.Lambda) or isinstance(node, cst.Name) and node.value in names for node in descend(value, into_functions=True))
    site = facts.site(call)
    bound = FunctionValues(facts).values_of_name(value.value, site.scope) if isinstance(value, cst.Name) and site is not None else None
    displays = [one for one in bound or () if isinstance(one, (ast.Dict, ast.List, ast.Tuple, ast.Set))]
    return any(isinstance(node, ast.Lambda) or isinstance(node, ast.Name) and node.id in names for one in displays for node in walk(one))


def _holds_no_hooks(value: cst.BaseExpression) -> bool:
    """Whether a dict of keywords is known to contain no callback."""
    if not isinstance(value, cst.Dict):
        return False
    names = [one.key.raw_value if isinstance(one, cst.DictElement) and isinstance(one.key, cst.SimpleString) else None for one in value.elements]
    return not any(name is None or name in CALLBACK_KEYWORDS for name in names)


def _is_codec_error_handler(value: cst.BaseExpression) -> bool:
    """Whether an expression is the name of a built-in error handler for decoding."""
    return isinstance(value, cst.SimpleString) and value.raw_value in _CODEC_ERROR_HANDLERS


def is_callback_argument(name: str, position: int, arg: cst.Arg) -> bool:
    """Return whether a call may call this argument."""
    return position == _CALLBACK_POSITIONS.get(name) if arg.keyword is None else arg.keyword.value in _CALLED_KEYWORDS and name not in ("max", "min")


def may_be_unknown_function(value: cst.BaseExpression, facts: Facts) -> bool:
    """Return whether the value of an expression may be an unknown function: names and lambdas are known, strings and numbers are no functions."""
    match value:
        case cst.Lambda() | cst.BaseString() | cst.BaseNumber() | cst.BinaryOperation():
            return False
        case cst.Attribute():
            found = facts.refers_to(value, value)
            return not isinstance(found, (Function, Class)) and not (isinstance(found, Named) and not found.name.startswith("types."))
        case cst.Call(args=[cst.Arg(value=first), *_]) if facts.name(value) == "functools.partial":
            return not isinstance(first, (cst.Name, cst.Attribute))  # its argument is judged where the partial is created
        case cst.Call():
            return facts.name(value) not in ("operator.itemgetter", "operator.attrgetter", "operator.methodcaller", "str", "functools.cmp_to_key")
        case _:
            return True


_HOOKS = re.compile(r"(factory|hooks?|handler|callback|xform|transform|converters?|filters?|auth|opener|default|__\w+__|_func|_table|persistent_load|persistent_id|find_class)$|^on_", re.IGNORECASE)
"""Names of attributes of library objects that hold functions, which the object calls later."""


def assigned_callbacks(target: cst.BaseExpression, value: cst.BaseExpression, facts: Facts) -> list[tuple[Value | None, cst.CSTNode]]:
    """Return what code puts into attributes that an object may call later, each with its node; None for unknown functions."""
    if isinstance(target, (cst.Tuple, cst.List)):
        parts = value.elements if isinstance(value, (cst.Tuple, cst.List)) and len(value.elements) == len(target.elements) else ()
        values = [part.value for part in parts] or [value] * len(target.elements)
        return [found for one, given in zip(target.elements, values) for found in assigned_callbacks(one.value, given, facts)]
    if not isinstance(target, cst.Attribute):
        return []
    is_hook = bool(_HOOKS.search(target.attr.value))
    match value:
        case cst.Name("None" | "True" | "False"):
            return []
        case cst.Name() | cst.Attribute():
            found = facts.refers_to(value, value)
            if isinstance(found, (Function, Class)) or is_hook and isinstance(found, (Named, LocalObject)):
                return [(found, value)]
            scope = facts.scope(value)
            given = FunctionValues(facts).values_given_for(as_standard_node(value, value, facts), scope)
            passed = [facts.resolver.expression(one, at) for one, at in given]
            return [(one, value) for one in passed if isinstance(one, Function)] or ([(None, value)] if is_hook and found is None else [])
        case cst.Lambda() | cst.BaseString() | cst.BaseNumber():
            return []
        case cst.IfExp(body=one, orelse=other) | cst.BooleanOperation(left=one, right=other):
            return [*assigned_callbacks(target, one, facts), *assigned_callbacks(target, other, facts)]
        case _:
            return [(None, value)] if is_hook else []

"""Special methods, which Python calls for operators, subscripts, truth tests, formats, attributes and so on."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.scopes import Class, Function
from par_lint.analysis.semantics.values import Elements, LocalObject, Named, Object, Value
from par_lint.core.memo import memoized_for_last

_BINARY = ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow", "lshift", "rshift", "and", "xor", "or")
_TRUTH = ("__bool__", "__len__")
_ITEMS = ("__iter__", "__next__", "__getitem__", "__len__")
_OPERATORS = tuple(f"__{prefix}{name}__" for name in _BINARY for prefix in ("", "r"))
_OF_KEYS = ("__index__", "__hash__", "__eq__")
_OF_PERCENT = ("__index__", "__int__", "__float__", "__str__", "__repr__", "__getitem__")
_DESCRIPTORS = frozenset({"__get__", "__set__", "__delete__"})
BY_NODE: dict[type, tuple[str, ...]] = {
    cst.Subscript: ("__getitem__", "__missing__", "__class_getitem__", *_OF_KEYS),
    cst.BinaryOperation: (*_OPERATORS, *_OF_PERCENT),
    cst.AugAssign: (*_OPERATORS, *(f"__i{name}__" for name in _BINARY)),
    cst.UnaryOperation: ("__neg__", "__pos__", "__invert__", *_TRUTH),
    cst.Comparison: ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__", "__hash__", "__iter__"),
    cst.FormattedStringExpression: ("__format__", "__str__", "__repr__"),
    cst.Attribute: ("__getattr__", "__getattribute__", "__get__"),
    **dict.fromkeys((cst.Dict, cst.Set, cst.DictComp, cst.SetComp), ("__hash__", "__eq__")),
    cst.StarredDictElement: ("keys", *_ITEMS),
    cst.MatchMapping: ("get", "keys", *_ITEMS),
    cst.MatchList: _ITEMS,
    cst.MatchTuple: _ITEMS,
    **dict.fromkeys((cst.BooleanOperation, cst.If, cst.IfExp, cst.While, cst.CompIf, cst.Assert), _TRUTH),
    **dict.fromkeys((cst.For, cst.CompFor, cst.StarredElement), _ITEMS),
    **dict.fromkeys((cst.AssignTarget, cst.AnnAssign, cst.Del), ("__setitem__", "__delitem__", "__setattr__", "__delattr__", "__set__", "__delete__")),
}
"""The special methods that a kind of node may call on its operands."""
_IN_STANDARD: dict[type, tuple[str, ...]] = {
    ast.Subscript: BY_NODE[cst.Subscript],
    ast.BinOp: BY_NODE[cst.BinaryOperation],
    ast.AugAssign: BY_NODE[cst.AugAssign],
    ast.UnaryOp: BY_NODE[cst.UnaryOperation],
    ast.Compare: BY_NODE[cst.Comparison],
    **dict.fromkeys((ast.Dict, ast.Set, ast.DictComp, ast.SetComp), ("__hash__", "__eq__")),
    ast.FormattedValue: BY_NODE[cst.FormattedStringExpression],
    ast.Attribute: BY_NODE[cst.Attribute],
    **dict.fromkeys((ast.BoolOp, ast.If, ast.IfExp, ast.While, ast.comprehension, ast.Assert), (*_TRUTH, *_ITEMS)),
    **dict.fromkeys((ast.For, ast.Starred), _ITEMS),
    **dict.fromkeys((ast.Assign, ast.AnnAssign, ast.Delete), BY_NODE[cst.AssignTarget]),
}
_GIVING_TEXT = frozenset({"io.File.read", "io.File.readline", "io.File.readlines", "io.File.read1", "pathlib.Path.read_text", "pathlib.Path.read_bytes"})
_HOLDING = frozenset({"list", "dict", "set", "tuple", "frozenset", "collections.deque", "collections.OrderedDict", "collections.defaultdict", "collections.Counter"})
_OF_ATTRIBUTES = frozenset({"__get__", "__set__", "__delete__"})
"""Methods of a class attribute, rather than of objects of that class (descriptors)."""
_NOT_BY_CALLS = frozenset({f"__{name}__" for name in (
    *"init new post_init init_subclass set_name del setstate setitem delitem setattr delattr getattr get set delete enter exit aenter aexit".split(),
    *"await aiter anext class_getitem prepare".split(), *(f"i{name}" for name in _BINARY),
)})  # fmt: skip
"""Special methods that functions do not call on arguments that are not made for it."""
_PLAIN = (
    cst.SimpleString, cst.FormattedString, cst.ConcatenatedString, cst.Integer, cst.Float, cst.List, cst.Tuple, cst.Dict, cst.Set,
    cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp, cst.Lambda,
)  # fmt: skip


def special_methods_of(node: cst.CSTNode, facts: Facts) -> list[Function]:
    """Return the methods of classes in the file that a node may call implicitly on unknown operands."""
    if type(node) is cst.Arg:
        found = [] if _is_only_bound(node, facts) else _special(facts)
    else:
        asked = BY_NODE.get(type(node), ())
        if type(node) is cst.BinaryOperation and type(node.operator) is not cst.Modulo:
            asked = (*_OPERATORS, "__index__") if type(node.operator) is cst.Multiply else _OPERATORS
        found = [function for name in asked for function in facts.methods(name)]
    if type(node) is cst.Subscript:
        of_keys = [one for one in found if one.name in _OF_KEYS]
        keys = [part for element in node.slice for part in _index_parts(element.slice)]
        return [*_defined_by([node.value], [one for one in found if one not in of_keys], node, facts), *_defined_by(keys, of_keys, node, facts)]
    return _defined_by(_operands(node), found, node, facts)


def _defined_by(operands: Sequence[cst.CSTNode], found: list[Function], node: cst.CSTNode, facts: Facts) -> list[Function]:
    """Return those of some methods that the operands of a node may have."""
    if not found:
        return []
    shown = [_class_of(operand, node, facts) for operand in operands]
    if None in shown or any(isinstance(cls, Class) and _has_metaclass(cls, facts) for cls in shown):
        return found
    return [one for one in found if one.name in _OF_ATTRIBUTES or any(isinstance(cls, Class) and _has(cls, one, facts) for cls in shown)]


@memoized_for_last
def special_methods_by_node_type(facts: Facts) -> dict[type, list[Function]]:
    """Return the same for each kind of node of the standard tree that may call any, whatever its operands are."""
    found = {kind: [function for name in names for function in facts.methods(name)] for kind, names in _IN_STANDARD.items()}
    found[ast.Call] = _special(facts)
    return {kind: functions for kind, functions in found.items() if functions}


@memoized_for_last
def _special(facts: Facts) -> list[Function]:
    """Return the methods of the file's classes that functions may call on their arguments: special methods, and `keys`."""
    names = {function.name for function in facts.index.functions if function.owner is not None}
    wanted = {name for name in names if name.startswith("__") and name.endswith("__")} - _NOT_BY_CALLS | names & {"keys"}
    return [function for name in sorted(wanted) for function in facts.methods(name)]


def node_types_with_special_methods(facts: Facts) -> set[type]:
    """Return the types of nodes that may call a method of a class in the file."""
    found = {kind for kind, names in BY_NODE.items() if any(facts.methods(name) for name in names)}
    return found | {cst.Arg} if _special(facts) else found


@memoized_for_last
def _properties(facts: Facts) -> list[Function]:
    return [function for function in facts.index.functions if function.is_property]


_ATTRIBUTE_READERS = frozenset({"getattr", "hasattr", "operator.attrgetter"})
_COPYING_CALLS = {"dataclasses.replace": ("__init__", "__post_init__"), **dict.fromkeys(("copy.copy", "copy.deepcopy", "copy.replace"), ("__setstate__", "__post_init__"))}
_PROTOCOLS = frozenset({"Protocol", "[]"})


def functions_run_by_attribute_strings(call: cst.Call, facts: Facts) -> list[Function]:
    """Return the functions that a call may run by reading attributes named in strings, or by recreating an object."""
    name = facts.name(call) or ""
    if name in ("isinstance", "issubclass"):
        is_plain = len(call.args) == 2 and _has_no_protocol(call.args[1].value, call, facts)
        return [*facts.properties("__class__"), *([] if is_plain else _properties(facts)), *_attribute_hooks(facts)]
    if name in _COPYING_CALLS:
        return [function for method in _COPYING_CALLS[name] for function in facts.methods(method)]
    if name in _ATTRIBUTE_READERS:
        texts = [arg.value for arg in (call.args if "." in name else call.args[1:2])]
        if not all(isinstance(text, cst.SimpleString) for text in texts):
            return [*_properties(facts), *_attribute_hooks(facts)]
        parts = {part for text in texts if isinstance(text, cst.SimpleString) for part in str(text.evaluated_value).split(".")}
        return [*(function for part in sorted(parts) for function in facts.properties(part)), *_attribute_hooks(facts)]
    match call.func:
        case cst.Attribute(value=template, attr=cst.Name("format" | "format_map" | "vformat")):
            shown = isinstance(template, cst.SimpleString) and not set(".[") & {char for part in _fields(template) for char in part}
            return [] if shown else [*_properties(facts), *_attribute_hooks(facts)]
        case _:
            return []


def _has_no_protocol(kind: cst.BaseExpression, at: cst.CSTNode, facts: Facts) -> bool:
    """Whether a class, or each of several ones, is none whose check reads attributes of an object: only those of protocols do."""
    match kind:
        case cst.Tuple(elements=parts):
            return all(_has_no_protocol(part.value, at, facts) for part in parts)
        case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
            return _has_no_protocol(left, at, facts) and _has_no_protocol(right, at, facts)
        case cst.Name() | cst.Attribute():
            match facts.refers_to(kind, at):
                case Class() as cls:
                    return not any(base[-1] in _PROTOCOLS for one in base_classes(cls, facts) for base in one.bases)
                case Named(name=name):
                    return not name.startswith(("typing.", "typing_extensions.")) and facts.resolver.is_known_root(name.partition(".")[0])
                case _:
                    return isinstance(kind, cst.Name) and facts.is_builtin(kind.value, at)
        case _:
            return False


def _attribute_hooks(facts: Facts) -> list[Function]:
    return [*facts.methods("__getattr__"), *facts.methods("__getattribute__")]


def _fields(template: cst.SimpleString) -> list[str]:
    """Return the replacement fields of a format string."""
    return [part.partition("}")[0].partition(":")[0] for part in template.raw_value.split("{")[1:]]


def properties_in_class_pattern(pattern: cst.MatchClass, facts: Facts) -> list[Function]:
    """Return the properties that a class pattern may read."""
    if pattern.patterns or not _has_no_protocol(pattern.cls, pattern, facts):
        return [*_properties(facts), *_attribute_hooks(facts)]
    return [*(function for one in pattern.kwds for function in facts.properties(one.key.value)), *_attribute_hooks(facts)]


def _is_only_bound(arg: cst.Arg, facts: Facts) -> bool:
    """Whether an argument goes to a function of the file, which is judged separately."""
    call = facts.parent(arg)
    return isinstance(call, cst.Call) and isinstance(facts.callee(call), Function) and not arg.star


def _has_metaclass(cls: Class, facts: Facts) -> bool:
    """Whether the metaclass of a class is defined in the file."""
    return any(keyword.arg == "metaclass" for one in base_classes(cls, facts) for keyword in getattr(one.node, "keywords", ()))


def _has(cls: Class, function: Function, facts: Facts) -> bool:
    """Whether objects of a class may have a method, their own or that of a base or a subclass."""
    owner = function.owner
    if function.name in _DESCRIPTORS:
        return True  # of an object in an attribute of the class
    return owner is not None and (owner in base_classes(cls, facts) or cls in base_classes(owner, facts))


@memoized_for_last
def base_classes(cls: Class, facts: Facts) -> frozenset[Class]:
    """Return a class with its bases in the file."""
    found: set[Class] = set()
    pending = [cls]
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            bases = (facts.resolver.value(base, one.parent or one, 0) for base in one.bases)
            pending += [base for base in bases if isinstance(base, Class)]
    return frozenset(found)


@memoized_for_last
def _subclasses(facts: Facts) -> dict[Class, set[Class]]:
    """Return each class of the file with its subclasses, including itself."""
    found: dict[Class, set[Class]] = {}
    for cls in facts.index.classes:
        for base in base_classes(cls, facts):
            found.setdefault(base, set()).add(cls)
    return found


def _operands(node: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the expressions whose classes determine what a node calls."""
    match node:
        case cst.BinaryOperation(left=left, right=cst.Tuple(elements=elements)):
            return [left, *(one.value for one in elements)]
        case cst.BinaryOperation(left=left, right=right) | cst.BooleanOperation(left=left, right=right):
            return [left, right]
        case cst.Comparison(left=left, comparisons=comparisons):
            if all(isinstance(one.operator, (cst.Is, cst.IsNot)) for one in comparisons):
                return [cst.Integer("0")]
            return [left, *(one.comparator for one in comparisons)]
        case cst.UnaryOperation(expression=inner) | cst.FormattedStringExpression(expression=inner):
            return [inner]
        case cst.Dict(elements=pairs):
            return [pair.key for pair in pairs if isinstance(pair, cst.DictElement)]
        case cst.Set(elements=parts):
            return [part.value for part in parts]
        case cst.DictComp(key=key):
            return [key]
        case cst.SetComp(elt=element):
            return [element]
        case cst.Attribute(value=inner) | cst.StarredElement(value=inner) | cst.Arg(value=inner):
            return [inner]
        case cst.If(test=test) | cst.IfExp(test=test) | cst.While(test=test) | cst.CompIf(test=test) | cst.Assert(test=test):
            return [test]
        case cst.For(iter=inner) | cst.CompFor(iter=inner):
            return [inner]
        case cst.AssignTarget(target=target) | cst.AnnAssign(target=target) | cst.AugAssign(target=target) | cst.Del(target=target):
            return [target.value] if isinstance(target, (cst.Subscript, cst.Attribute)) else [target] if isinstance(node, cst.AugAssign) else [cst.Integer("0")]
        case _:
            return [node]


def _index_parts(index: cst.BaseSlice) -> list[cst.BaseExpression]:
    """Return the expressions of an index, or of the bounds of a slice."""
    bounds = (index.lower, index.upper, index.step) if isinstance(index, cst.Slice) else (index.value,) if isinstance(index, cst.Index) else ()
    return [one for one in bounds if one is not None]


def _class_of(node: cst.CSTNode, at: cst.CSTNode, facts: Facts) -> Class | Value | type | None:
    """Return the class of an operand: a class of the file, or another value; None if it is unknown."""
    if isinstance(node, (cst.List, cst.Tuple, cst.Set, cst.Dict)) and not all(isinstance(one.value, (cst.BaseString, cst.BaseNumber)) for one in node.elements):
        return None  # iterating may call methods of its elements
    if isinstance(node, _PLAIN):
        return type(node)
    if isinstance(node, (cst.Comparison, cst.UnaryOperation, cst.BooleanOperation)):
        return type(node)  # judged separately
    if isinstance(node, cst.BinaryOperation):
        return type(node) if any(isinstance(one, (cst.SimpleString, cst.FormattedString)) for one in (node.left, node.right)) else None
    if isinstance(node, cst.Call):
        site = facts.site(node)
        value = facts.resolver.expression(site.node, site.scope) if site is not None else None
        if value is None and (entry := facts.entry(node)) is not None and entry.name in _GIVING_TEXT:
            return str
        return value.cls if isinstance(value, LocalObject) else value
    if isinstance(node, (cst.Name, cst.Attribute)):
        value = facts.refers_to(node, at)
        if isinstance(value, Elements) or isinstance(value, Object) and value.type in _HOLDING:
            return None  # the same
        return value.cls if isinstance(value, LocalObject) else value
    return None


@memoized_for_last
def overriding_methods(function: Function, facts: Facts) -> Sequence[Function]:
    """Return a function with the overrides and other definitions that a call of it may reach instead."""
    if function.owner is None:
        bindings = function.parent.bindings.get(function.name, ()) if function.parent is not None else ()
        others = [what for one in bindings if isinstance(what := getattr(one, "what", None), Function)]
        return others if function in others else [function]
    return [one for one in facts.methods(function.name) if one is function or _has(function.owner, one, facts) or _have_common_subclass(function.owner, one.owner, facts)]


def _have_common_subclass(one: Class, other: Class | None, facts: Facts) -> bool:
    """Whether a class of the file inherits from two others: then methods of one may override those of the other."""
    return other is not None and not _subclasses(facts).get(one, set()).isdisjoint(_subclasses(facts).get(other, ()))

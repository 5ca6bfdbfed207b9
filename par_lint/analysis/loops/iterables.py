"""What an iterable may be at run time, which determines how the new call iterates over it."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from par_lint.analysis.effects.shared_iterators import gives_items_one_at_a_time
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.semantics.values import Elements, Object
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.analysis.syntax.nodes import clauses, descend
from par_lint.core.memo import memoized_for_last, never_in_circles

COPIES = frozenset({"list", "tuple", "sorted", "set", "frozenset", "dict"})
"""Functions that take all items of their argument immediately."""
_COLLECTING = COPIES | {"range"}
_LAZY = frozenset({"enumerate", "zip", "reversed", "iter", "filter", "map"})
_LISTING = frozenset({
    "glob.iglob", "os.scandir", "pathlib.Path.glob", "pathlib.Path.rglob", "pathlib.Path.iterdir", "pkgutil.iter_modules", "pkgutil.walk_packages",
})  # fmt: skip
_LISTED = frozenset({"glob.glob", "os.listdir"})
_LISTING_METHODS = frozenset({"rglob", "iterdir", "iglob"})  # as only those of paths are called
_COMBINING = frozenset({f"itertools.{name}" for name in ("combinations", "combinations_with_replacement", "permutations", "product")})
_GIVING_ALL = frozenset({
    "get", "pop", "setdefault", "keys", "values", "items", "copy", "split", "rsplit", "splitlines", "readlines", "tolist", "to_list", "json", "getlist", "get_all",
    "findall", "find_all", "sort_values", "union", "difference", "intersection",
})  # fmt: skip
"""Methods that return a collection, judged by their names."""


@never_in_circles(True)
def may_be_collection(node: cst.BaseExpression, facts: Facts) -> bool:
    """Return whether an iterable may be a collection. Others are judged by their side effects (`iterable_verdict`)."""
    match node:
        case cst.GeneratorExp():
            return False
        case cst.Call(func=cst.Name(value=name)) if facts.is_builtin(name, node):
            return name not in _LAZY
        case cst.Call():
            callee = facts.callee(node)
            if isinstance(callee, Function):
                return not callee.is_generator
            return facts.name(node) not in _LISTING | _COMBINING and not _lists_path(node, facts) and not gives_items_one_at_a_time(node, node, facts)
        case cst.Name(value=name):
            made = _assigned_calls(name, node, facts)
            if made:
                return any(may_be_collection(one, facts) for one in made)
            return _is_parameter(name, facts.enclosing_function(node)) or not gives_items_one_at_a_time(node, node, facts)
        case _:
            return True


def is_collection(node: cst.BaseExpression, facts: Facts) -> bool:
    """Return whether an iterable surely is a collection, or finite like one."""
    match node:
        case cst.List() | cst.Tuple() | cst.Set() | cst.Dict() | cst.ListComp() | cst.SetComp() | cst.DictComp():
            return True
        case cst.Call(func=cst.Name(value=name)) if facts.is_builtin(name, node):
            return name in _COLLECTING
        case cst.Call():
            return facts.name(node) in _LISTED
        case cst.Name():
            return False
        case _:
            return not may_be_collection(node, facts)


def is_over_collections(node: cst.BaseExpression, facts: Facts) -> bool:
    """Return whether iterating only advances iterators over possible collections: the runtime checks whether they are."""
    match node:
        case cst.Call(func=cst.Name("enumerate" | "zip" | "reversed" | "iter" as name), args=[_, *_] as args) if facts.is_builtin(name, node):
            return all(not arg.star and is_over_collections(arg.value, facts) for arg in (args if name == "zip" else args[:1]) if arg.keyword is None)
        case _:
            return may_be_collection(node, facts)


@never_in_circles(False)
def may_be_lazy(node: cst.BaseExpression, facts: Facts) -> bool:
    """Return whether an iterable may well be none of the collections that are read ahead without being asked: what an unseen call gives, a query, an iterator."""
    match node:
        case cst.Call(func=cst.Name(value=name), args=args) if facts.is_builtin(name, node):
            inner = args[1:] if name in ("map", "filter") else args[:1] if name != "zip" else args
            return name in ("map", "filter") or name in _LAZY and any(may_be_lazy(arg.value, facts) for arg in inner)
        case cst.Call():
            callee = facts.callee(node)
            if isinstance(callee, Function):
                return callee.is_generator or not _gives_collection(callee, facts)
            if (shown := facts.result_type(node)) is not None and shown in _COLLECTIONS:
                return False
            return facts.name(node) not in _LISTED and not (isinstance(node.func, cst.Attribute) and node.func.attr.value in _GIVING_ALL)
        case cst.Name(value=name):
            made = _assigned_calls(name, node, facts)
            return bool(made) and all(isinstance(one, (cst.Call, cst.GeneratorExp)) and not is_collection(one, facts) and may_be_lazy(one, facts) for one in made)
        case cst.GeneratorExp():
            return True
        case _:
            return False


def _lists_path(call: cst.Call, facts: Facts) -> bool:
    """Whether a method of an object of unknown type is one that only paths have: `folder.rglob("*.py")`."""
    is_named = facts.name(call) is None and isinstance(call.func, cst.Attribute) and call.func.attr.value in _LISTING_METHODS
    return is_named and not facts.methods(call.func.attr.value)  # type: ignore[attr-defined]


def _assigned_calls(name: str, at: cst.CSTNode, facts: Facts) -> Sequence[cst.BaseExpression]:
    """Return all that the code around gives a name; nothing if it may get other values, such as that of a parameter."""
    around = facts.enclosing_function(at)
    return () if _is_parameter(name, around) else _given_to(name, around or facts.module, facts)


def _is_parameter(name: str, function: cst.FunctionDef | None) -> bool:
    """Whether a name is a parameter of a function: its callers may pass anything."""
    return function is not None and any(isinstance(param, cst.Param) and param.name.value == name for param in descend(function.params))


@memoized_for_last
def _given_to(name: str, home: cst.CSTNode, facts: Facts) -> Sequence[cst.BaseExpression]:
    """Return what the assignments in a function, or in the module, give a name."""
    found: list[cst.BaseExpression] = []
    for one in facts.named_below(home, name):
        above = facts.parent(one)
        assign = facts.parent(above) if isinstance(above, cst.AssignTarget) else None
        if isinstance(assign, cst.Assign):
            found.append(assign.value)
    return found


def _gives_collection(function: Function, facts: Facts) -> bool:
    """Whether nothing shows that a function of the file returns a lazy iterable."""
    definition = facts.body(function)
    if definition is None:
        return False
    given = [node.value for node in descend(definition.body) if isinstance(node, cst.Return) and node.value is not None]
    return all(may_be_collection(value, facts) for value in given)


def is_iteration_known(node: cst.BaseExpression, facts: Facts) -> bool:
    """Return whether the effect of iterating is known: the iterable is a collection, or has been judged."""
    match node:
        case _ if is_collection(node, facts):
            return True
        case cst.Call(func=cst.Name(value=name), args=args) if name in _LAZY and facts.is_builtin(name, node):
            return all(is_iteration_known(arg.value, facts) for arg in (args[1:] if name in ("map", "filter") else args) if arg.keyword is None)
        case cst.GeneratorExp():
            return all(is_iteration_known(clause.iter, facts) for clause in clauses(node))
        case cst.IfExp(body=one, orelse=other) | cst.BooleanOperation(left=one, right=other):
            return is_iteration_known(one, facts) and is_iteration_known(other, facts)
        case cst.Call() if isinstance(facts.callee(node), Function) or facts.entry(node) is not None or _lists_path(node, facts):
            return True
        case cst.Call(func=cst.Attribute(attr=cst.Name(value=name)), args=args):
            return name in _LIST_METHODS or not args and name in _OF_MAPPINGS
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Slice())]):
            return True
        case cst.Name(value=name) if (annotation := _annotation(name, node, facts)) is not None:
            return annotation in _COLLECTIONS
        case _:
            value = facts.refers_to(node, node)
            return isinstance(value, Elements) or isinstance(value, Object) and value.type in _COLLECTIONS


def collections_of(node: cst.CSTNode) -> set[str]:
    """Return the dotted names of the collections whose elements an iterable yields, but not the name of a folder that it lists."""
    match node:
        case cst.Name() | cst.Attribute():
            path = dotted(node)
            return {path} if path is not None else set()
        case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name("items" | "values" | "keys" | "copy")), args=[]) | cst.Subscript(value=owner):
            return collections_of(owner)
        case cst.Call(func=cst.Name(), args=args):
            return {path for arg in args for path in collections_of(arg.value)}
        case cst.Call():
            return set()
        case cst.BaseComp():
            return {path for clause in clauses(node) for path in collections_of(clause.iter)}
        case _:
            return {path for child in node.children for path in collections_of(child)}


def _annotation(name: str, at: cst.CSTNode, facts: Facts) -> str | None:
    """Return the type in the annotation of a parameter: `list` for `paths: list[str]`."""
    around = facts.enclosing_function(at)
    for param in descend(around.params) if around is not None else ():
        if isinstance(param, cst.Param) and param.name.value == name and param.annotation is not None:
            kind = param.annotation.annotation
            return (dotted(kind.value if isinstance(kind, cst.Subscript) else kind) or "").rpartition(".")[2]
    return None


_LIST_METHODS = frozenset({"split", "rsplit", "splitlines", "readlines"})
_OF_MAPPINGS = frozenset({"keys", "values", "items"})


def iterator_used_elsewhere(node: cst.BaseExpression, facts: Facts) -> str | None:
    """Return the name in an iterable of an iterator that other code may advance as well: it is not made right before, for this loop alone."""
    for name in (part for part in descend(node) if isinstance(part, cst.Name)):
        above = facts.parent(name)
        is_object = not (isinstance(above, cst.Attribute) or isinstance(above, cst.Call) and above.func is name or isinstance(above, cst.Arg) and above.keyword is name)
        if is_object and not may_be_collection(name, facts) and not _is_made_for(name, node, facts):
            return name.value
    return None


def _is_made_for(name: cst.Name, iterable: cst.BaseExpression, facts: Facts) -> bool:
    """Return whether a name occurs twice only: where it is bound, and in an iterable of the same block."""
    home = facts.enclosing_function(name) or facts.module
    places = [one for one in facts.named_below(home, name.value) if not isinstance(facts.parent(one), cst.Attribute) or facts.parent(one).value is one]  # type: ignore[union-attr]
    target = facts.parent(places[0]) if len(places) == 2 else None
    if isinstance(target, cst.AsName):  # the file is closed after the block
        return True
    if not isinstance(target, cst.AssignTarget):
        return False
    bound, used = facts.enclosing_statement(places[0]), facts.enclosing_statement(iterable)
    return bound is not None and used is not None and facts.parent(bound) is facts.parent(used)


_COLLECTIONS = frozenset({
    "list", "tuple", "set", "frozenset", "dict", "str", "bytes", "deque", "List", "Tuple", "Set", "FrozenSet", "Dict", "Deque", "Sequence", "MutableSequence",
    "Collection", "AbstractSet", "Mapping", "MutableMapping",
})  # fmt: skip
_NEW_LIST_METHODS = frozenset({"split", "rsplit", "splitlines", "partition", "rpartition", "groups", "items", "tuple", "list", "sorted", "divmod", "dict", "set", "str"})
"""Calls whose result can be iterated repeatedly."""
_PASSING = frozenset({"list", "tuple", "sorted", "reversed", "filter", "iter", "set"})


def items_may_be_iterators(node: cst.BaseExpression, facts: Facts, depth: int = 3) -> bool:
    """Return whether the items of an iterable may be iterators, which can be unpacked only once."""
    match node:
        case cst.GeneratorExp(elt=element) | cst.ListComp(elt=element) | cst.SetComp(elt=element):
            return _may_be_iterator(element, facts)
        case cst.List(elements=elements) | cst.Tuple(elements=elements):
            return any(_may_be_iterator(element.value, facts) for element in elements)
        case cst.Call(func=cst.Name("map"), args=[cst.Arg(value=cst.Lambda(body=body)), *_]):
            return _may_be_iterator(body, facts)
        case cst.Call(func=cst.Name("map"), args=[cst.Arg(value=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name))), *_]):
            return name not in _NEW_LIST_METHODS
        case cst.Call(func=cst.Name("zip" | "enumerate"), args=args):
            return any(items_may_be_iterators(arg.value, facts, depth) for arg in args)  # if an element is unpacked too
        case cst.Call(func=cst.Name(value=name), args=[*_, cst.Arg(value=inner, keyword=None)]) if name in _PASSING:
            return items_may_be_iterators(inner, facts, depth)
        case cst.Call() if isinstance(callee := facts.callee(node), Function) and callee.is_generator:
            definition = facts.body(callee)
            return definition is None or any(_may_be_iterator(one.value, facts) for one in _yields(definition))
        case cst.Name(value=name) if depth:
            home = facts.enclosing_function(node) or facts.module
            made = [facts.parent(facts.parent(one) or one) for one in facts.named_below(home, name) if isinstance(facts.parent(one), cst.AssignTarget)]
            return any(isinstance(one, cst.Assign) and items_may_be_iterators(one.value, facts, depth - 1) for one in made)
        case _:
            return False


def _yields(body: cst.FunctionDef) -> list[cst.Yield]:
    return [node for node in descend(body.body) if isinstance(node, cst.Yield)]


def _may_be_iterator(node: cst.CSTNode | None, facts: Facts) -> bool:
    """Whether the value of an expression is an iterator, or unknown."""
    match node:
        case cst.GeneratorExp() | cst.From():
            return True
        case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name))):
            return name not in _NEW_LIST_METHODS
        case cst.IfExp(body=body, orelse=orelse):
            return _may_be_iterator(body, facts) or _may_be_iterator(orelse, facts)
        case _:
            return False

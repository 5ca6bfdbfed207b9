"""The types of values, as far as the code proves them: all bindings of a name on all paths must have the type."""

from __future__ import annotations

import ast
import operator
import pathlib
from bisect import bisect_left
from collections.abc import Callable, Iterable

from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import ELEMENT_PRESERVING, access_path, annotation_path
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.scopes import Class, Defined, Function, Scope
from par_lint.analysis.semantics.values import Elements, LocalObject, Named, Object, Value
from par_lint.core.memo import memoized_for_last

PATH = pathlib.Path
FLAT = frozenset({int, float, bool, str, bytes, PATH, type(None)})
"""Types whose objects can be keys."""
COLLECTIONS = frozenset({list, tuple, set, frozenset, dict, range})
_BY_NAME: dict[str, type] = {one.__name__: one for one in (int, float, bool, str, bytes, list, tuple, set, frozenset, dict)} | {
    "pathlib.Path": PATH, "Path": PATH, "typing.List": list, "typing.Dict": dict, "typing.Set": set, "collections.defaultdict": dict, "collections.Counter": dict,
}  # fmt: skip
_TEXTS = frozenset({"join", "basename", "dirname", "normpath", "normcase", "expanduser"})
"""Functions of os.path that return a string for every string or path."""
_OF_TEXT = frozenset("strip lstrip rstrip removeprefix removesuffix lower upper title casefold capitalize swapcase replace join".split())
_OF_PATH = frozenset({"with_suffix", "with_name", "with_stem", "joinpath", "resolve", "absolute", "expanduser", "parent"})
_CLOCKS = frozenset({"time.time", "time.monotonic", "time.perf_counter"})
_METHODS_OF_TYPES = {"configparser.ConfigParser": frozenset({"read_string", "read_dict", "read_file", "sections"})}
"""Attributes of standard classes that are not in the catalogue."""
_MOST = 6
"""The maximum number of steps from a name to its bound values."""
_NUMBERS = (bool, int, float)


class ValueTypes:
    """The types of the expressions of one file; None if a type is not proved."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._assumed: dict[tuple[Scope, str, int], type | None] = {}
        self._known: dict[tuple[Scope, str, int], type | None] = {}
        self._made: dict[type, Value] = {}
        self._stand_ins: dict[Value, type] = {}

    def of(self, node: ast.expr, scope: Scope) -> type | None:
        """Return the type of an expression's value."""
        match node:
            case ast.Constant(value=value):
                return type(value) if type(value) in FLAT else None
            case ast.JoinedStr():
                return str
            case ast.List() | ast.ListComp():
                return list
            case ast.Dict() | ast.DictComp():
                return dict
            case ast.Set() | ast.SetComp():
                return set
            case ast.Tuple():
                return tuple
            case ast.Compare(ops=operators) if all(isinstance(one, (ast.Is, ast.IsNot, ast.In, ast.NotIn)) for one in operators):
                return bool
            case ast.UnaryOp(op=ast.Not()):
                return bool
            case ast.UnaryOp(operand=operand):
                return self._number(self.of(operand, scope))
            case ast.BinOp(left=left, op=op, right=right):
                return result_of(op, self.of(left, scope), self.of(right, scope))
            case ast.BoolOp(values=values):
                return _common_type(self.of(value, scope) for value in values)
            case ast.IfExp(body=body, orelse=orelse):
                return _common_type((self.of(body, scope), self.of(orelse, scope)))
            case ast.NamedExpr(value=value):
                return self.of(value, scope)
            case ast.Name(id=name):
                return self._named(name, scope, node.lineno)
            case ast.Subscript(value=value, slice=ast.Slice()):
                return found if (found := self.of(value, scope)) in (str, bytes, list, tuple) else None
            case ast.Attribute(value=value, attr=attr):
                return self._attribute(value, attr, scope)
            case ast.Call():
                return self._called(node, scope)
            case _:
                return None

    def items_of(self, node: ast.expr, scope: Scope) -> type | None:
        """Return the type of all items of an iterable."""
        match node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) if parts:
                return _common_type(self.of(part, scope) for part in parts)
            case ast.Constant(value=str()):
                return str
            case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in ELEMENT_PRESERVING and self._facts.resolver.expression(node.func, scope) == Named(name):
                return self.items_of(inner, scope)
            case ast.Call(func=ast.Name(id="range")) if self._facts.resolver.expression(node.func, scope) == Named("range"):
                return int
            case ast.Call():
                callee = self._facts.resolver.expression(node.func, scope)
                found = self._facts.resolver.expression(node, scope) if isinstance(callee, Named) else None
                return _named_type(found.of) if isinstance(found, Elements) else None
            case ast.Name(id=name):
                found_scope = scope.find(name)
                if found_scope is None or len(found_scope[1]) != 1 or name not in _only_iterated(self._facts):
                    return None
                binding = found_scope[1][0]
                return self.items_of(binding.value, found_scope[0]) if isinstance(binding, Assigned) and binding.value is not None else None
            case _:
                return None

    # Names --------------------------------------------------------------------------------------------------------

    def _named(self, name: str, scope: Scope, line: int) -> type | None:
        found = scope.find(name)
        if found is None or not isinstance(found[0], Function) and found[0] is not self._facts.index.module:
            return None
        home = found[0]
        first = self._last_unconditional_binding(name, home, line) if home is scope else 0
        key = (home, name, first)
        if key in self._assumed:
            return self._assumed[key]
        if key in self._known:
            return self._known[key]
        if len(self._assumed) >= _MOST:
            return None
        ways = self._types_of_bindings(name, home, first)
        answer: type | None = None
        if ways is not None:
            assumed: type | None = _UNDECIDED
            for _ in range(3):  # a counter reads its own name: assume a type, and check it
                self._assumed[key] = assumed
                answer = _common_type(way() for way in ways)
                del self._assumed[key]
                if answer is assumed:
                    break
                assumed = answer
            else:
                answer = None
        answer = None if answer is _UNDECIDED else answer
        if not self._assumed:
            self._known[key] = answer
        return answer

    def _last_unconditional_binding(self, name: str, home: Scope, line: int) -> int:
        """Return the line of the last binding that is on every path to a line of the same scope: earlier bindings do not reach it."""
        lines = _top_level_assignment_lines(home, self._facts).get(name, [])
        place = bisect_left(lines, line)
        return lines[place - 1] if place else 0

    def _types_of_bindings(self, name: str, home: Scope, first: int) -> list[Callable[[], type | None]] | None:
        """Return, for each binding of a name, a function that computes its type; None if the type of one binding is unknown."""
        ways: list[Callable[[], type | None]] = []
        augmented = [one for one in _augmented(home, self._facts).get(name, []) if one.lineno >= first]
        own = {one.lineno for one in augmented}
        for binding in home.bindings[name]:
            if binding.line < first:
                continue
            if not isinstance(binding, Assigned):
                return None
            if binding.value is not None and binding.entered is None:
                ways.append(lambda value=binding.value: self.of(value, home))  # type: ignore[misc]
            elif isinstance(home, Function) and name in home.parameters and binding.line == _line_of_parameter(home, name):
                ways.append(lambda: _annotated(name, home, self._facts))
            elif binding.path == ("<int>",):
                ways.append(lambda: int)
            elif (iterable := _iterables(home, self._facts).get((name, binding.line))) is not None:
                ways.append(lambda iterable=iterable: self.items_of(iterable, home))  # type: ignore[misc]
            elif binding.line not in own:
                return None
        for one in augmented:
            ways.append(lambda one=one: result_of(one.op, self._named(name, home, one.lineno), self.of(one.value, home)))  # type: ignore[misc]
        return ways or None

    def _attribute(self, owner: ast.expr, name: str, scope: Scope) -> type | None:
        if self.of(owner, scope) is PATH:
            return str if name in ("name", "stem", "suffix") else PATH if name == "parent" else None
        found = self._facts.resolver.expression(owner, scope) if isinstance(owner, ast.Name) else None
        if isinstance(found, LocalObject) and isinstance(scope, Function) and self.is_always_bound(found, owner, name, scope):
            bindings = found.cls.attributes.get(name, [])
            if any(one.value is None for _, one in bindings) or name in found.cls.bindings or name in _stored_elsewhere(self._facts):
                return None
            return _common_type(self.of(one.value, inner) for inner, one in bindings if one.value is not None)
        return None

    def is_always_bound(self, found: LocalObject, owner: ast.expr, name: str, scope: Function) -> bool:
        """Return whether an attribute of `self` always exists: the class or its `__init__` binds it."""
        method = scope.method or scope
        is_self = isinstance(owner, ast.Name) and method.owner is found.cls and method.parameters[:1] == (owner.id,)
        return is_self and self._is_made_with(found.cls, name)

    def _is_made_with(self, cls: Class, name: str) -> bool:
        """Whether objects of a class of the file always have an attribute, and reading it runs no code."""
        if name in _deleted(self._facts) or self._facts.properties(name) or self._facts.methods("__getattribute__"):
            return False
        for one in cls.bindings.get(name, []):
            is_plain = isinstance(one, Assigned) and one.value is not None and not isinstance(one.value, ast.Call)
            is_method = isinstance(one, Defined) and isinstance(one.what, Function) and not getattr(one.what.node, "decorator_list", ())
            if not is_plain and not is_method:
                return False
        return name in cls.bindings or any(
            isinstance(inner, Function) and inner.name == "__init__" and _is_top_level(inner, one.line) for inner, one in cls.attributes.get(name, [])
        )

    def has(self, found: type, name: str) -> bool:
        """Return whether all objects of a type have an attribute."""
        match self._made.get(found):
            case None:
                return hasattr(found, name)
            case LocalObject(cls=cls):
                return self._is_made_with(cls, name)
            case Object(type=made):
                is_listed = self._facts.resolver.catalog.find(f"{made}.{name}") is not None
                return is_listed or name in _METHODS_OF_TYPES.get(made, ()) or made.startswith("hashlib.") and name in ("update", "digest", "hexdigest")
            case _:
                return False

    # Calls --------------------------------------------------------------------------------------------------------

    def _called(self, node: ast.Call, scope: Scope) -> type | None:
        callee = self._facts.resolver.value(access_path(node.func), scope, node.lineno)
        if isinstance(node.func, ast.Attribute) and (owner := self.of(node.func.value, scope)) is not None:
            return _of_method(owner, node.func.attr)
        match callee:
            case Named(name=name) if name in _BY_NAME:
                return _BY_NAME[name]
            case Named(name="len" | "id" | "hash" | "ord"):
                return int
            case Named(name="repr" | "chr" | "ascii"):
                return str
            case Named(name="isinstance" | "callable" | "any" | "all" | "hasattr"):
                return bool
            case Named(name="sorted"):
                return list
            case Named(name=name) if name in _CLOCKS:
                return float
            case Named(name=name) if name.startswith(("os.path.", "posixpath.")) and name.rpartition(".")[2] in _TEXTS:
                return str
            case Named(name=name) if name.startswith("hashlib.") and name not in ("hashlib.new", "hashlib.file_digest"):
                return self._placeholder_type(Object(name))
            case Named(name=name) if self._facts.resolver.is_known_root(name.partition(".")[0]):
                made = self._facts.resolver.expression(node, scope)
                return self._placeholder_type(made) if isinstance(made, Object) and made.type not in _BY_NAME else None
            case Class() if not callee.node.decorator_list and "__new__" not in callee.bindings and not callee.node.keywords:  # type: ignore[attr-defined]
                return self._placeholder_type(LocalObject(callee))
            case _:
                return None

    def _placeholder_type(self, value: Value) -> type:
        """Return a placeholder type for a class that par-lint does not import."""
        if value not in self._stand_ins:
            found = self._stand_ins[value] = type("StandIn", (), {})
            self._made[found] = value
        return self._stand_ins[value]

    @staticmethod
    def _number(found: type | None) -> type | None:
        return found if found in (int, float) else None


class _Undecided:
    """The provisional type of a name whose bindings depend on the name itself."""


_UNDECIDED = _Undecided


def _common_type(types: Iterable[type | None]) -> type | None:
    """Return the common type of several paths."""
    found: type | None = _UNDECIDED
    for one in types:
        if one is None:
            return None
        if one is _UNDECIDED or one is found:
            continue
        if found is _UNDECIDED:
            found = one
        elif one in _NUMBERS and found in _NUMBERS:
            found = float if float in (one, found) else int
        else:
            return None
    return found


_SAMPLES: dict[type, object] = {int: 1, float: 1.0, bool: True, str: "a", bytes: b"a", list: [], tuple: (), set: set(), frozenset: frozenset(), dict: {}, PATH: PATH("a")}
_SURE: dict[type, Callable[[object, object], object]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.BitOr: operator.or_, ast.BitAnd: operator.and_, ast.BitXor: operator.xor,
}  # fmt: skip


def result_of(op: ast.operator, left: type | None, right: type | None) -> type | None:
    """Return the type of the result of an operator on values of two types; None if the operator does not support them."""
    if _UNDECIDED in (left, right):
        return _UNDECIDED
    if left not in _SAMPLES or right not in _SAMPLES or type(op) not in _SURE or isinstance(op, ast.Mod) and left in (str, bytes):
        return str if isinstance(op, ast.Mod) and left is str else None
    try:
        return type(_SURE[type(op)](_SAMPLES[left], _SAMPLES[right])) if (left, right) != (PATH, PATH) else PATH
    except TypeError:
        return None


def _of_method(owner: type, name: str) -> type | None:
    if owner is str:
        known: dict[str, type] = {"split": list, "rsplit": list, "splitlines": list, "partition": tuple, "rpartition": tuple, "encode": bytes, "startswith": bool,
                                  "endswith": bool, "format": str, "count": int, "find": int}  # fmt: skip
        return str if name in _OF_TEXT else known.get(name)
    if owner is PATH:
        return PATH if name in _OF_PATH else str if name in ("as_posix", "__str__") else bool if name in ("exists", "is_file", "is_dir") else None
    if owner is dict:
        return dict if name == "copy" else None
    return list if owner is list and name == "copy" else None


def _named_type(value: Value | None) -> type | None:
    return _BY_NAME.get(value.type) if isinstance(value, Object) else None


def _line_of_parameter(home: Function, name: str) -> int:
    arguments = home.node.args  # type: ignore[attr-defined]
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *(one for one in (arguments.vararg, arguments.kwarg) if one is not None)]
    return next((int(one.lineno) for one in every if one.arg == name), 0)


def _annotated(name: str, home: Function, facts: Facts) -> type | None:
    """Return the annotated type of a parameter, if its default has the same type."""
    arguments = home.node.args  # type: ignore[attr-defined]
    if arguments.vararg is not None and arguments.vararg.arg == name:
        return tuple
    if arguments.kwarg is not None and arguments.kwarg.arg == name:
        return dict
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = dict(zip([one.arg for one in reversed(plain)], reversed(arguments.defaults)))
    defaults.update({one.arg: value for one, value in zip(arguments.kwonlyargs, arguments.kw_defaults) if value is not None})
    annotation = next((one.annotation for one in (*plain, *arguments.kwonlyargs) if one.arg == name), None)
    if annotation is None:
        return None
    text = annotation.value if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str) else ast.unparse(annotation)
    if "|" in text or "Optional" in text or "Union" in text or "None" in text:
        return None
    found = _named_type(facts.resolver.value(annotation_path(annotation), facts.index.module, 0)) or _BY_NAME.get(text.partition("[")[0])
    default = defaults.get(name)
    return found if default is None or ValueTypes(facts).of(default, facts.index.module) is found else None


@memoized_for_last
def _top_level_assignment_lines(home: Scope, facts: Facts) -> dict[str, list[int]]:
    """Return, for each name, the lines of its assignments in the top-level block of a scope, in order."""
    found: dict[str, list[int]] = {}
    for one in home.node.body if isinstance(home.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)) else []:
        if isinstance(one, (ast.Assign, ast.AnnAssign)) and one.value is not None:
            for target in one.targets if isinstance(one, ast.Assign) else [one.target]:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(one.lineno)
    return found


@memoized_for_last
def _augmented(home: Scope, facts: Facts) -> dict[str, list[ast.AugAssign]]:
    """Return the `name += value` statements of a scope, including those in nested functions that declare the name."""
    found: dict[str, list[ast.AugAssign]] = {}
    for binder in home.binders:
        own = binder[1] if isinstance(binder, tuple) else binder
        if isinstance(own, ast.AugAssign) and isinstance(own.target, ast.Name):
            found.setdefault(own.target.id, []).append(own)
    return found


@memoized_for_last
def _iterables(home: Scope, facts: Facts) -> dict[tuple[str, int], ast.expr]:
    """Return the iterables of the loops of a scope whose target is a single name, by the name and its line."""
    found: dict[tuple[str, int], ast.expr] = {}
    for binder in home.binders:
        own = binder[1] if isinstance(binder, tuple) else binder
        clauses = [own] if isinstance(own, (ast.For, ast.AsyncFor)) else getattr(own, "generators", [])
        for one in clauses:
            target, iterable = one.target, one.iter
            match target, iterable:
                case ast.Tuple(elts=[_, ast.Name() as item]), ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]):
                    target, iterable = item, inner
                case _:
                    pass
            if isinstance(target, ast.Name):
                found[target.id, target.lineno] = iterable
    return found


@memoized_for_last
def _only_iterated(facts: Facts) -> frozenset[str]:
    """Return the names that the file uses only as iterables of loops: their values have no alias and do not change."""
    gone_over, names = set(), []
    for node in walk(facts.index.tree):
        match node:
            case ast.For(iter=iterable) | ast.comprehension(iter=iterable):
                while isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Name) and iterable.func.id in ELEMENT_PRESERVING | {"enumerate"} and iterable.args:
                    iterable = iterable.args[0]
                gone_over.add(id(iterable))
            case ast.Name(ctx=ast.Load()):
                names.append(node)
            case _:
                pass
    return frozenset(node.id for node in names) - {node.id for node in names if id(node) not in gone_over}


@memoized_for_last
def _stored_elsewhere(facts: Facts) -> frozenset[str]:
    """Return the attributes that the file binds on objects other than `self`."""
    return frozenset(
        node.attr for node in walk(facts.index.tree)
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) and not (isinstance(node.value, ast.Name) and node.value.id == "self")
    )  # fmt: skip


@memoized_for_last
def _deleted(facts: Facts) -> frozenset[str]:
    """Return the attributes that the file deletes, of any object."""
    return frozenset(node.attr for node in walk(facts.index.tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Del))


def _is_top_level(function: Function, line: int) -> bool:
    """Whether a line of a function is in a simple statement of its top-level block."""
    body = function.node.body  # type: ignore[attr-defined]
    return any(isinstance(one, (ast.Assign, ast.AnnAssign)) and one.lineno <= line <= (one.end_lineno or 0) for one in body)

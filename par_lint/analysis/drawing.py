"""Objects that give something else each time they are asked, and that passes would share: iterators, open files, queues.

As far as the file shows: what a name is bound to, and what calls hand over for a parameter. What it does not show is data.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

import libcst as cst

from par_lint.access import access_path
from par_lint.analysis.facts import Facts
from par_lint.catalog.entry import Sharing, spread
from par_lint.kept import kept_with_last
from par_lint.resolve import Named, Object, Resolver, Value
from par_lint.scopes import CallSite, Function, Scope

_MAKING = frozenset(spread("""
    iter map filter zip enumerate reversed csv.{reader DictReader} os.{scandir walk fwalk} glob.iglob re.finditer re.Pattern.finditer
    pathlib.Path.{glob rglob iterdir walk} xml.etree.ElementTree.iterparse fileinput.input tokenize.{tokenize generate_tokens} heapq.merge ast.walk
    difflib.{unified_diff ndiff context_diff} pkgutil.{walk_packages iter_modules} struct.iter_unpack yaml.{load_all safe_load_all} string.Formatter.parse
    socket.create_connection http.client.HTTPConnection.getresponse importlib.resources.open_text multiprocessing.{Queue SimpleQueue JoinableQueue Pipe}
"""))
"""Functions that give an iterator, or something else that is used up."""
_PASSING_ON = frozenset(spread("list tuple set frozenset sorted dict collections.{deque OrderedDict} iter filter zip enumerate reversed heapq.merge"))
"""What gives the items of what it is given."""
_COLLECTING = _PASSING_ON | _MAKING
_DATA_MODULES = frozenset({"datetime", "decimal", "fractions", "pathlib", "uuid", "ipaddress", "zoneinfo", "enum", "email", "logging", "string", "argparse", "urllib", "array"})
_DATA = frozenset(spread("""
    collections.{OrderedDict Counter defaultdict deque namedtuple ChainMap UserDict UserList UserString} types.{SimpleNamespace MappingProxyType}
    xml.etree.ElementTree.{Element ElementTree} configparser.{ConfigParser RawConfigParser} re.{Pattern Match} argparse.{Namespace ArgumentParser} os.DirEntry
    json.{JSONEncoder JSONDecoder} threading.{Lock RLock Event} inspect.Signature functools.partial os.stat_result
"""))
_STREAMS = frozenset(spread("sys.{stdin __stdin__} sys.stdin.buffer"))
_TAKING_NOTHING = frozenset({
    "isinstance", "issubclass", "len", "type", "id", "repr", "str", "hasattr", "getattr", "callable", "hash", "bool", "format", "int", "float",
    "abs", "round", "chr", "ord",
})  # fmt: skip
"""Built-ins that look at an object, and take nothing out of it."""
_ITERATING = frozenset({"Iterator", "Generator", "IO", "TextIO", "BinaryIO"})


def takes_from_arguments(name: str) -> bool:
    """Whether a function may take something out of what it is given."""
    return name not in _TAKING_NOTHING


def is_used_up(node: cst.BaseExpression, at: cst.CSTNode, facts: Facts, *, inside: bool = False) -> bool:
    """Whether what an expression stands for, or what is in it, gives something else each time it is asked."""
    if type(node) not in (cst.Name, cst.Attribute, cst.Subscript, cst.IfExp, cst.BooleanOperation, cst.NamedExpr, cst.Call) and not inside:
        return False
    parsed = standard(node, at, facts)
    judge = _Origins(facts.resolver)
    scope = facts.scope(at)
    if isinstance(parsed, ast.Call) and not inside:
        callee = facts.resolver.value(access_path(parsed.func), scope, parsed.lineno)
        return isinstance(callee, Function) and any(judge.is_one(value, callee) for value in callee.returned if _was_there(value, callee))
    return judge.holds(parsed, scope) if inside else judge.is_one(parsed, scope)


def is_handed_what_is_used_up(function: Function, name: str, facts: Facts) -> bool:
    """The same of what a parameter is given, anywhere in the file or by default."""
    judge = _Origins(facts.resolver)
    return any(judge.holds(value, home) if is_part else judge.is_one(value, home) for value, home, is_part in _handed(function, name, facts.resolver))


def is_unseen(node: cst.BaseExpression, at: cst.CSTNode, facts: Facts) -> bool:
    """Whether what an expression stands for is made by code of another file, or is an object of a class of this one."""
    judge = _Origins(facts.resolver, unseen=True)
    return judge.is_one(standard(node, at, facts), facts.scope(at))


def standard(node: cst.BaseExpression, at: cst.CSTNode, facts: Facts) -> ast.expr:
    """An expression as a node of the standard tree, on the line of the code that it stands in."""
    parsed = ast.parse(f"({cst.Module([]).code_for_node(node)})", mode="eval").body
    ast.increment_lineno(parsed, facts.line(at) - 1)
    return parsed


def _was_there(node: ast.expr, function: Function) -> bool:
    """Whether what a function returns may have been there before it was called."""
    root = access_path(node)[0]
    return isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and (root not in function.bindings or root in function.parameters)


class _Origins:
    """Follows expressions to where they come from."""

    def __init__(self, resolver: Resolver, *, unseen: bool = False) -> None:
        """`unseen` asks for what other code made instead."""
        self.resolver = resolver
        self._unseen = unseen
        self._asked: set[tuple[int, bool]] = set()

    def is_one(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression stands for something that is used up."""
        return self._ask(node, scope, inside=False)

    def holds(self, node: ast.expr, scope: Scope) -> bool:
        """Whether there is such a thing in what an expression stands for."""
        return self._ask(node, scope, inside=True)

    def _either(self, nodes: list[ast.expr], scope: Scope) -> bool:
        return any(not isinstance(node, ast.Starred) and self.is_one(node, scope) or self.holds(node, scope) for node in nodes)

    def _ask(self, node: ast.expr, scope: Scope, *, inside: bool) -> bool:
        if (id(node), inside) in self._asked:
            return False
        self._asked.add((id(node), inside))
        match node:
            case ast.IfExp(body=first, orelse=second):
                return self._ask(first, scope, inside=inside) or self._ask(second, scope, inside=inside)
            case ast.BoolOp(values=values):
                return any(self._ask(value, scope, inside=inside) for value in values)
            case ast.NamedExpr(value=value) | ast.Starred(value=value):
                return self._ask(value, scope, inside=inside)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return inside and self._either(parts, scope)
            case ast.Dict(values=parts):
                return inside and self._either(parts, scope)
            case ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.DictComp(value=part):
                return inside and self._either([part], scope)
            case ast.GeneratorExp(elt=part):
                return self._either([part], scope) if inside else not self._unseen
            case ast.Subscript(value=value, slice=key):
                return self._ask(value, scope, inside=inside or not isinstance(key, ast.Slice))
            case ast.Call():
                return self._is_call(node, scope, inside=inside)
            case ast.Name(id=name):
                return not inside and self._is_stateful(node, scope) or self._is_name(name, scope, inside=inside)
            case ast.Attribute(attr=name):
                return not inside and self._is_stateful(node, scope) or any(
                    self._ask(value, home, inside=inside) for value, home in _stored(name, self.resolver)
                )
            case _:
                return False

    def _value(self, node: ast.expr, scope: Scope) -> Value | None:
        return self.resolver.value(access_path(node), scope, node.lineno)

    def _is_call(self, call: ast.Call, scope: Scope, *, inside: bool) -> bool:
        callee = self._value(call.func, scope)
        if self._unseen and not isinstance(callee, Function):
            if isinstance(callee, Named) and self.resolver.is_known_root(callee.name.partition(".")[0]):
                return inside and self._either(call.args, scope)
            return callee is not None
        match callee:
            case Function() as function:
                return function.is_generator and not inside or any(self._ask(value, function, inside=inside) for value in function.returned)
            case Named(name=name) if (listed := self.resolver.catalog.canonical(name)) in _COLLECTING or listed.startswith("itertools."):
                if not inside:
                    return listed not in _COLLECTING or listed in _MAKING
                passes_on = listed in _PASSING_ON or listed.startswith("itertools.")
                return passes_on and any(self.holds(arg, scope) for arg in call.args) or listed == "map" and self._gives_one(call, scope)
            case Named() | None:
                receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
                if inside:
                    return receiver is not None and call.func.attr in ("values", "items", "copy", "get") and self.holds(receiver, scope)  # type: ignore[attr-defined]
                return self._is_stateful(call, scope)
            case _:
                return False

    def _is_stateful(self, node: ast.expr, scope: Scope) -> bool:
        return not self._unseen and _is_stateful(self._value(node, scope), self.resolver)

    def _gives_one(self, call: ast.Call, scope: Scope) -> bool:
        """Whether what `map` calls gives something that is used up."""
        match self._value(call.args[0], scope) if call.args else None:
            case Function() as function:
                return any(self.is_one(value, function) for value in function.returned)
            case Named(name=name):
                given = self.resolver.catalog.returns(name)
                return given is not None and _is_stateful(Object(given), self.resolver)
            case _:
                return False

    def _is_name(self, name: str, scope: Scope, *, inside: bool) -> bool:
        found = scope.find(name)
        if found is None:
            return False
        home = found[0]
        for value, is_part in bound_in(home, self.resolver).get(name, ()):
            if self._ask(value, home, inside=inside or is_part):
                return True
        return isinstance(home, Function) and name in home.parameters and any(
            self._ask(value, where, inside=inside or is_part) for value, where, is_part in _handed(home, name, self.resolver)
        )


def _is_stateful(value: Value | None, resolver: Resolver) -> bool:
    """Whether objects of a class are used up by being asked: those of the standard library are, but for those that are data."""
    if isinstance(value, Named):
        return value.name in _STREAMS
    if not isinstance(value, Object):
        return False
    sharing = resolver.catalog.sharing(value.type)
    if sharing is not None:
        return sharing is Sharing.STATEFUL
    root, dot, _ = value.type.partition(".")
    return bool(dot) and root in sys.stdlib_module_names and root not in _DATA_MODULES and value.type not in _DATA


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a body, those of functions and classes in it left out."""
    pending = list(ast.iter_child_nodes(node))
    while pending:
        one = pending.pop()
        yield one
        if not isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            pending.extend(ast.iter_child_nodes(one))


@kept_with_last
def bound_in(scope: Scope, resolver: Resolver) -> dict[str, list[tuple[ast.expr, bool]]]:
    """What each name of a scope is bound to, and whether it is a part of that."""
    found: dict[str, list[tuple[ast.expr, bool]]] = {}
    for function in resolver.index.functions if scope.parent is None else ():
        for name in function.outward:
            found.setdefault(name, []).extend(bound_in(function, resolver).get(name, ()))

    def bind(target: ast.expr | None, value: ast.expr | None, *, is_part: bool) -> None:
        match target, value:
            case (_, None) | (None, _):
                pass
            case ast.Name(id=name), ast.expr():
                found.setdefault(name, []).append((value, is_part))
            case (ast.Tuple(elts=targets) | ast.List(elts=targets)), (ast.Tuple(elts=values) | ast.List(elts=values)) if len(targets) == len(values) and not is_part:
                for one, its in zip(targets, values):
                    bind(one, its, is_part=False)
            case (ast.Tuple(elts=targets) | ast.List(elts=targets)), _:
                for one in targets:
                    bind(one.value if isinstance(one, ast.Starred) else one, value, is_part=True)
            case _:
                pass

    for node in _own(scope.node):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                        found.setdefault(target.value.id, []).append((_holding(value), False))
                    bind(target, value, is_part=False)
            case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
                bind(target, value, is_part=False)
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                bind(target, value, is_part=True)
            case ast.withitem(context_expr=value, optional_vars=target):
                bind(target, value, is_part=False)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add" | "appendleft" | "put"), args=[value]):
                found.setdefault(name, []).append((_holding(value), False))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="extend" | "update"), args=[value]):
                found.setdefault(name, []).append((value, True))
            case _:
                pass
    return found


def _holding(value: ast.expr) -> ast.expr:
    """A list that holds what an expression gives."""
    return ast.copy_location(ast.List([value], ast.Load()), value)


@kept_with_last
def _stored(attribute: str, resolver: Resolver) -> list[tuple[ast.expr, Scope]]:
    """What the file binds attributes of a name to, of whatever object: in methods, and in the bodies of classes."""
    found: list[tuple[ast.expr, Scope]] = []
    for cls in resolver.index.classes:
        found += [(one.value, scope) for scope, one in cls.attributes.get(attribute, ()) if one.value is not None]
        found += [(value, cls) for value, is_part in bound_in(cls, resolver).get(attribute, ()) if not is_part]
    return found


@kept_with_last
def _handed(function: Function, name: str, resolver: Resolver) -> list[tuple[ast.expr, Scope, bool]]:
    """What the file hands over for a parameter, each with the scope that it stands in, and whether a part of it is handed over."""
    given = function.node.args  # type: ignore[attr-defined]
    found: list[tuple[ast.expr, Scope, bool]] = []
    places = [arg.arg for arg in (*given.posonlyargs, *given.args)]
    defaults = dict(zip(reversed(places), reversed(given.defaults)))
    if name in defaults and function.parent is not None:
        found.append((defaults[name], function.parent, False))
    annotation = next((arg.annotation for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs) if arg.arg == name), None)
    if annotation is not None and access_path(annotation.value if isinstance(annotation, ast.Subscript) else annotation)[-1] in _ITERATING:
        found.append((ast.GeneratorExp(ast.Constant(None), [], lineno=function.line, col_offset=0), function, False))
    owner = function.owner
    known_as = {function.name, *((owner.name,) if owner is not None and function.name in ("__init__", "__new__") else ())}
    position = places.index(name) - (owner is not None and not function.is_static) if name in places else -1
    for site in resolver.index.calls:
        call = site.node
        if site.name in known_as:
            found += [(value, site.scope, is_part) for value, is_part in _argument(site, name, position)]
        elif any(access_path(arg)[-1] in known_as for arg in call.args if isinstance(arg, (ast.Name, ast.Attribute))):
            others = [arg for arg in (*call.args, *(one.value for one in call.keywords)) if access_path(arg)[-1] not in known_as]
            found += [(arg, site.scope, is_part) for arg in others for is_part in (False, True)]  # map, partial, submit
    return found


def _argument(site: CallSite, name: str, position: int) -> Iterator[tuple[ast.expr, bool]]:
    args, keywords = site.node.args, site.node.keywords
    starred = next((number for number, arg in enumerate(args) if isinstance(arg, ast.Starred)), None)
    if starred is not None and starred <= position:
        yield args[starred], True
    elif 0 <= position < len(args):
        yield args[position], False
    for keyword in keywords:
        if keyword.arg == name:
            yield keyword.value, False
        elif keyword.arg is None:
            yield keyword.value, True

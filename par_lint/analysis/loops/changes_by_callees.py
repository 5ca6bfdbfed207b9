"""Hidden changes of what is read ahead: in functions that the rest of the loop may call, and of objects through aliases.

The moved part, the conditions and a lazy iterable read names and attributes. Each function that the rest may call is checked for changes.
An object that is stored somewhere, passed on or returned may be changed under any name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

import libcst as cst

from par_lint.analysis.effects.changed_objects import CONTAINER_TYPE_BY_NODE, Store, scopes_by_node, stores_in, stores_in_function, values_of_attributes
from par_lint.analysis.effects.effects_of_rest import OrderedRest
from par_lint.analysis.effects.free_variables import FreeVariables
from par_lint.analysis.effects.instance_creation import creates_new_object
from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import LoopSite
from par_lint.analysis.loops.reached_calls import loop_node
from par_lint.analysis.semantics.ast_walk import children
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.dataflow.code_patterns import repeated_parts
from par_lint.analysis.semantics.dataflow.dotted_names import dotted
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.scopes import Function, Scope
from par_lint.analysis.semantics.values import Named, Object
from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.core.findings import Reason, ReasonKind
from par_lint.core.memo import memoized_for_last

_LOOKING = frozenset({
    "len", "sorted", "list", "dict", "set", "tuple", "frozenset", "str", "repr", "print", "sum", "min", "max", "any", "all", "enumerate", "zip", "isinstance",
    "range", "bool", "int", "float", "bytes", "type", "format", "hash", "id", "abs", "round", "issubclass", "callable",
})  # fmt: skip
"""Built-ins whose result shares nothing with their arguments."""
_SCALARS = frozenset({"str", "bytes", "int", "float", "bool", "NoneType", "pathlib.Path", "pathlib.PurePath", "re.Pattern", "datetime.datetime", "frozenset"})
_ENVIRONMENT = frozenset({"expandvars", "expanduser", "getenv", "getenvb", "gettempdir", "home", "environ", "environb", "getproxies", "urlopen", "urlretrieve"})
"""Calls that read the environment of the process."""
ENVIRON = "os.environ"


def hidden_change(
    nodes: Iterable[cst.CSTNode], needs: FreeVariables, own: set[str], site: LoopSite, inside: set[cst.CSTNode], rest: OrderedRest, facts: Facts
) -> tuple[Reason, cst.CSTNode] | None:
    """Return why the rest of a loop may change data that is read ahead: in a called function, or under another name; None if it does not.

    Args:
        nodes: The nodes of the rest.
        needs: What the moved part reads.
        own: The names that each iteration binds.
        inside: The nodes that move to a worker.
        rest: The calls of the rest.
    """
    moved = frozenset(call.node for node in inside if isinstance(node, cst.Call) and (call := facts.site(node)) is not None)
    scope = facts.scope(site.node)
    watch = WatchedNames(needs, own, names_read_inside(inside, bound_names(site.target), facts), _attributes_of(inside, bound_names(site.target)), scope, facts)
    for function in sorted(rest.called_functions(nodes), key=lambda one: one.line):
        for store in stores_in_function(function, facts):
            if (name := watch.touched(store)) is not None:
                return ReasonKind.DEPENDENCE(f"`{function.name}()`, which the rest of the loop may call, may change `{name}`, which is read ahead"), site.node
    loop = loop_node(site, facts)
    for store in stores_in(repeated_parts(loop), scope, facts, moved) if loop is not None else ():
        if (name := watch.touched(store, is_here=True)) is not None:
            return ReasonKind.DEPENDENCE(f"the rest of the loop may change `{name}`, which is read ahead, under another name"), site.node
    return None


class WatchedNames:
    """The names and attributes that must not be changed, and those of them that may have aliases."""

    def __init__(self, needs: FreeVariables, own: set[str], items: frozenset[str], item_attributes: frozenset[str], scope: Scope, facts: Facts) -> None:
        """`items` are names of the loop's item whose contents are read: other objects may refer to parts of them. `item_attributes` are
        the attributes of the item that are read."""
        self.needs = needs
        self.own = own
        self.scope = scope
        self.facts = facts
        self.items = items
        self.item_attributes = item_attributes
        self._shared: dict[str, frozenset[str] | None] | None = None

    def touched(self, store: Store, *, is_here: bool = False) -> str | None:
        """Return the name that a change may affect. `is_here`: in the loop itself, where plain names and attributes are checked elsewhere."""
        if store.what == "anything":
            return min(self.needs.attributes | {path for path in self.needs.paths if self._is_variable(path)}, default=None)
        if store.what == "name":
            return store.path if self.needs.names(store.path) and not is_here else None  # names that the loop binds itself are in its summary
        if store.what == "attr":
            return self._attribute(store, is_here=is_here)
        if store.what == "in":
            if store.path in self.needs.attributes | (frozenset() if is_here else self.item_attributes):
                return store.path
            return store.path if self._is_of_module(store.node) and self.needs.names(store.path) and self._is_variable(store.path) else None
        root = store.path.partition(".")[0]
        if store.what in ("object", "own"):
            is_seen = store.what == "object" and self.needs.names(store.path) and root not in self.own
            return store.path if is_seen or is_here and self.items and self._is_stored_before(root, store.node) else None
        if self.items and not (is_here and root in self.own):
            return min(self.items)
        for name, kinds in self.shared.items():
            if kinds is None or not kinds.isdisjoint(store.kinds):
                return name
        return None

    def _is_stored_before(self, name: str, at: ast.AST) -> bool:
        """Whether a variable is stored in another object before it is changed."""
        found = self.scope.find(name) if name and name not in self.own else None
        if found is None:
            return False
        return any(
            isinstance(above[0], (ast.Dict, ast.List, ast.Tuple, ast.Set, ast.Call, ast.keyword, ast.Assign)) and node.lineno < at.lineno  # type: ignore[attr-defined]
            and _escapes(node, above, self.facts)
            for node, above in _uses(self.facts).get(name, ()) if above and _is_seen(node, name, found[0], self.facts)
        )  # fmt: skip

    def _attribute(self, store: Store, *, is_here: bool) -> str | None:
        target = store.node
        value = target.value if isinstance(target, ast.Attribute) else None
        if is_here and (dotted(value) or "").partition(".")[0] in self.own:
            return None
        if store.path in self.needs.attributes | self.item_attributes:
            return store.path
        return store.path if self._is_of_module(target) and self.needs.names(store.path) and self._is_variable(store.path) else None

    def _is_of_module(self, node: ast.AST) -> bool:
        """Whether an attribute that is changed may be a variable of a module."""
        value = node.value if isinstance(node, ast.Attribute) else None
        return dotted(value) is None or self._is_module(value)

    def _is_module(self, value: ast.AST | None) -> bool:
        return isinstance(value, (ast.Name, ast.Attribute)) and isinstance(self.facts.resolver.expression(value, self.scope), Named)

    def _is_variable(self, path: str) -> bool:
        root = path.partition(".")[0]
        found = self.scope.find(root)
        return root not in self.own and found is not None and any(isinstance(one, Assigned) for one in found[1])

    @property
    def shared(self) -> dict[str, frozenset[str] | None]:
        """Return the containers that are read and may have aliases, each with its kinds if they are known."""
        if self._shared is None:
            self._shared = dict(self._find_shared())
        return self._shared

    def _find_shared(self) -> Iterable[tuple[str, frozenset[str] | None]]:
        uses = _uses(self.facts)
        for name in sorted({path.partition(".")[0] for path in self.needs.paths} - self.own):
            found = self.scope.find(name)
            if found is None:
                continue
            home, bindings = found
            values = [one.value for one in bindings if isinstance(one, Assigned)]
            if not values or not any(_may_be_container(value, name, home, self.facts) for value in values):
                continue
            if any(_escapes(node, above, self.facts) for node, above in uses.get(name, ()) if _is_seen(node, name, home, self.facts)):
                yield name, _kinds(values)
        for attribute in sorted(self.needs.attributes):
            if any(_escapes(node, above, self.facts) for node, above in uses.get("." + attribute, ()) if _is_container_attribute(attribute, self.facts)):
                yield attribute, None
            elif _is_given_to_attribute(attribute, facts=self.facts):
                yield attribute, None
        last = {path.rpartition(".")[2] for path in self.needs.paths} | {part for path in self.needs.paths for part in path.split(".")}
        if last & _ENVIRONMENT and any(_escapes(node, above, self.facts) for node, above in uses.get(".environ", ())):
            yield ENVIRON, frozenset({"dict"})


def _kinds(values: list[ast.expr | None]) -> frozenset[str] | None:
    """Return the container types of some values; None for unknown ones."""
    kinds = {CONTAINER_TYPE_BY_NODE.get(type(value)) for value in values}
    return None if None in kinds else frozenset(kind for kind in kinds if kind is not None)


def _may_be_container(value: ast.expr | None, name: str, home: Scope, facts: Facts) -> bool:
    """Whether a value may be a mutable object; for a parameter, whether a call in the file passes one."""
    if value is None:
        return isinstance(home, Function) and name in home.parameters and _is_given_container(name, home, facts)
    if isinstance(value, (ast.Constant, ast.JoinedStr, ast.BinOp, ast.Compare, ast.UnaryOp, ast.Lambda, ast.Tuple)):
        return False
    found = facts.resolver.expression(value, home)
    return not (isinstance(found, Object) and found.type in _SCALARS or isinstance(found, Named))


def _is_given_container(name: str, function: Function, facts: Facts, depth: int = 3) -> bool:
    """Whether a call in the file passes a variable that may be a container for a parameter."""
    for value, scope in arguments_for(name, function, facts):
        if isinstance(value, (ast.Attribute, ast.Subscript)):
            return True
        found = scope.find(value.id) if isinstance(value, ast.Name) else None
        if found is None or not depth:
            continue
        home, bindings = found
        for one in bindings:
            its = one.value if isinstance(one, Assigned) else None
            if its is not None and _may_be_container(its, name, home, facts):
                return True
            if its is None and isinstance(home, Function) and value.id in home.parameters and _is_given_container(value.id, home, facts, depth - 1):  # type: ignore[attr-defined]
                return True
    return False


def arguments_for(name: str, function: Function, facts: Facts) -> Iterable[tuple[ast.expr, Scope]]:
    """Return the arguments that calls in the file pass for a parameter."""
    sites = facts.calls_of(function)
    if function.owner is not None and function.name == "__init__":
        owner = function.owner
        sites = [site for site in facts.index.called(owner.name) if facts.resolver.callee(site) is owner]
    for site in sites:
        given = [*zip(function.explicit_parameters, site.node.args), *((keyword.arg, keyword.value) for keyword in site.node.keywords)]
        yield from ((value, site.scope) for parameter, value in given if parameter == name)


def _is_container_attribute(attribute: str, facts: Facts) -> bool:
    """Whether the file binds an attribute to a new container."""
    return any(
        creates_new_object(value, facts) and not isinstance(value, (ast.Constant, ast.JoinedStr, ast.BinOp, ast.Compare))
        for value in values_of_attributes(facts).get(attribute, ())
    )


def _is_given_to_attribute(attribute: str, facts: Facts) -> bool:
    """Whether the file binds an attribute to a container with another name: a variable, or a parameter."""
    for cls in facts.index.classes:
        for scope, bound in cls.attributes.get(attribute, ()):
            if isinstance(bound.value, ast.Name) and (found := scope.find(bound.value.id)) is not None:
                home, bindings = found
                if any(_may_be_container(one.value, bound.value.id, home, facts) for one in bindings if isinstance(one, Assigned)):
                    return True
    return False


# Aliases of an object ------------------------------------------------------------------------------------------------


_Above = list[ast.AST]


@memoized_for_last
def _uses(facts: Facts) -> dict[str, list[tuple[ast.expr, _Above]]]:
    """Return the uses of names and attributes (`.name`) in the file, each with at most three nodes around it, the innermost first."""
    found: dict[str, list[tuple[ast.expr, _Above]]] = {}
    pending: list[tuple[ast.AST, _Above]] = [(facts.index.tree, [])]
    while pending:
        node, above = pending.pop()
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            found.setdefault(node.id if isinstance(node, ast.Name) else "." + node.attr, []).append((node, above))
        pending += [(child, [node, *above[:2]]) for child in children(node)]
    return found


@memoized_for_last
def _scopes_of_names(facts: Facts) -> dict[int, Scope]:
    """Return the scope of each name of the file, by the node's identity."""
    inside, found = scopes_by_node(facts), dict[int, Scope]()
    pending: list[tuple[ast.AST, Scope]] = [(facts.index.tree, facts.index.module)]
    while pending:
        node, scope = pending.pop()
        if isinstance(node, ast.Name):
            found[id(node)] = scope
        below = inside.get(node, scope)
        pending += [(child, below) for child in children(node)]
    return found


def _is_seen(node: ast.expr, name: str, home: Scope, facts: Facts) -> bool:
    """Whether a name at a node refers to the variable of a scope."""
    scope = _scopes_of_names(facts).get(id(node))
    found = scope.find(name) if scope is not None else None
    return found is None or found[0] is home


def _escapes(node: ast.expr, above: _Above, facts: Facts, depth: int = 3) -> bool:
    """Whether a use of an object may create an alias of it, or change it: it is stored, returned, or passed to a call that may keep it."""
    around = above[0] if above else None
    match around:
        case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()) if depth < 3 and value is node:
            return True  # a parameter that is changed is an alias
        case ast.Attribute(attr=method) if depth < 3 and method in MUTATORS:
            return True
        case ast.Subscript() | ast.Compare() | ast.FormattedValue() | ast.BinOp() | ast.UnaryOp() | ast.Expr() | ast.If() | ast.While() | ast.Assert() | ast.Delete():
            return False
        case ast.For(iter=inner) | ast.comprehension(iter=inner):
            return inner is not node
        case ast.Attribute():
            return not (len(above) > 1 and isinstance(above[1], ast.Call) and above[1].func is around) and _is_method(around)
        case ast.AugAssign(target=target):
            return False if target is node else not isinstance(around.op, (ast.Add, ast.BitOr))
        case ast.Starred() | ast.Dict():
            return isinstance(around, ast.Dict) and not any(key is None and value is node for key, value in zip(around.keys, around.values))
        case ast.IfExp(test=test):
            return test is not node
        case ast.keyword():
            return len(above) > 1 and isinstance(call := above[1], ast.Call) and _may_keep_argument(call, node, around.arg, facts, depth)
        case ast.Call():
            return around.func is not node and _may_keep_argument(around, node, None, facts, depth)
        case ast.Assign() | ast.AnnAssign() | ast.Return() | ast.Yield() | ast.List() | ast.Tuple() | ast.Set() | ast.NamedExpr() | ast.BoolOp() | ast.Lambda():
            return True
        case _:
            return True


def _attributes_of(inside: Iterable[cst.CSTNode], items: Iterable[str]) -> frozenset[str]:
    """Return the attributes of some names that code reads."""
    names = set(items)
    return frozenset(
        node.attr.value for node in inside if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.value.value in names
    )  # fmt: skip


def names_read_inside(inside: Iterable[cst.CSTNode], items: Iterable[str], facts: Facts) -> frozenset[str]:
    """Return those of some names whose contents or size code reads, itself or through functions."""
    names = frozenset(items)
    found = set()
    for node in inside:
        match node:
            case cst.Subscript(value=value):
                while isinstance(value, (cst.Subscript, cst.Attribute)):
                    value = value.value
                found |= {value.value} & names if isinstance(value, cst.Name) else set()
            case cst.Call(args=args):
                site = facts.site(node)
                callee = facts.callee(node)
                for number, arg in enumerate(args):
                    if isinstance(arg.value, cst.Name) and arg.value.value in names and site is not None:
                        is_looking = isinstance(callee, Named) and callee.name == "len"
                        if is_looking or isinstance(callee, Function) and _looks_into(callee, number, arg, facts):
                            found.add(arg.value.value)
            case _:
                pass
    return frozenset(found)


def _looks_into(function: Function, number: int, arg: cst.Arg, facts: Facts) -> bool:
    """Whether a function reads the contents of an argument."""
    parameters = function.explicit_parameters
    name = arg.keyword.value if arg.keyword is not None else parameters[number] if number < len(parameters) else None
    return any(
        isinstance(above[0], ast.Subscript) and above[0].value is node or isinstance(above[0], ast.Call) and dotted(above[0].func) == "len"
        for node, above in _uses(facts).get(name or "", ()) if above and _is_seen(node, name or "", function, facts)
    )  # fmt: skip


def _is_method(node: ast.Attribute) -> bool:
    """Whether an attribute that is not called may be a method of a container: `put = found.append`."""
    return hasattr(dict, node.attr) or hasattr(list, node.attr) or hasattr(set, node.attr)


def _may_keep_argument(call: ast.Call, node: ast.expr, keyword: str | None, facts: Facts, depth: int) -> bool:
    """Whether a call may keep, return or change an argument."""
    callee = facts.known.callee(call)
    if isinstance(callee, Named) and (callee.name in _LOOKING or facts.resolver.catalog.find(callee.name) is not None) or facts.known.entry(call) is not None:
        return isinstance(callee, Named) and callee.name.rpartition(".")[2] in ("partial", "reduce", "chain", "SimpleNamespace", "cast", "replace", "copy", "finalize")
    if not isinstance(callee, Function) or not depth:
        return True
    parameters = callee.explicit_parameters
    position = next((number for number, arg in enumerate(call.args) if arg is node), None)
    name = keyword if keyword is not None else parameters[position] if position is not None and position < len(parameters) else None
    if name is None:
        return True
    uses = [(use, above) for use, above in _uses(facts).get(name, ()) if _is_seen(use, name, callee, facts)]
    return any(_escapes(use, above, facts, depth - 1) for use, above in uses)

"""Work whose errors are never checked: futures that are dropped or only waited for, results that are never consumed."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from par_lint.analysis.effects.try_coverage import catches_all
from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.candidates import EXECUTORS, PROCESS_POOLS, THREAD_POOLS, is_runtime_call
from par_lint.analysis.pools.worker_counts import argument
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.syntax.expression_names import bound_names, dotted
from par_lint.analysis.syntax.nodes import children, descend

_WAITERS = frozenset({"concurrent.futures.wait", "concurrent.futures._base.wait"})
_COLLECTION_METHODS = frozenset({"append", "add", "appendleft", "clear", "discard", "remove"})
_STATUS_METHODS = frozenset({"done", "cancel", "running", "cancelled"})
"""Methods of a future that do not reveal its error."""
_ITEM_PRESERVING = frozenset({"list", "tuple", "enumerate", "reversed", "sorted", "iter", "tqdm", "track", "as_completed", "set"})
"""Calls that yield the items of their first argument."""
_COMPS = (cst.ListComp, cst.SetComp, cst.GeneratorExp, cst.DictComp)
_DEPTH = 9  # steps from one name to the next


class SubmittedBy(enum.Enum):
    """The call that submitted the work."""

    FUTURE = "future"  # submit, apply_async: one task
    MAP = "map"  # Executor.map: lazy results
    RUNTIME = "runtime"  # run_parallel: triples with an error
    SUCCESSES = "successes"  # batch_map: only successful results
    GATHERED = "gathered"  # asyncio.gather: an awaitable


@dataclass(frozen=True)
class UnobservedWork:
    """A call that submits work whose errors are lost."""

    call: cst.Call
    form: SubmittedBy


def find_unobserved(facts: Facts) -> Iterator[UnobservedWork]:
    """Yield all such calls of a module."""
    fates = _UseFollower(facts)
    for node in facts.all_of(cst.Call):
        form = _form(node, facts)
        if form is not None and fates.is_lost(node, form):
            yield UnobservedWork(node, form)


def _form(call: cst.Call, facts: Facts) -> SubmittedBy | None:
    name = facts.name(call)
    if name is None:
        return None
    if name == "asyncio.gather":
        return SubmittedBy.GATHERED
    owner, _, last = name.rpartition(".")
    if owner in EXECUTORS and last in ("submit", "map"):
        return SubmittedBy.MAP if last == "map" else SubmittedBy.FUTURE
    if owner in THREAD_POOLS | PROCESS_POOLS and last in ("apply_async", "map_async", "starmap_async", "imap", "imap_unordered"):
        return None if argument(call, -1, "error_callback") is not None else SubmittedBy.MAP if last.startswith("imap") else SubmittedBy.FUTURE
    if not is_runtime_call(name, facts.runtime) or _may_fail_fast(call):
        return None
    return SubmittedBy.SUCCESSES if last == "batch_map" else SubmittedBy.RUNTIME


def _may_fail_fast(call: cst.Call) -> bool:
    given = argument(call, -1, "fail_fast") or argument(call, -1, "as_loop")
    return any(arg.star for arg in call.args) or given is not None and not (isinstance(given, cst.Name) and given.value == "False")


class _UseFollower:
    """Follows a value through its function."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._gives_up = False  # a wait with a timeout: unfinished tasks are lost as well
        self._seen: set[tuple[cst.CSTNode, str]] = set()  # names that are being followed: each is followed once

    def is_lost(self, call: cst.Call, form: SubmittedBy) -> bool:
        """Return whether no use of a call's result checks its errors."""
        self._seen = set()
        if form is SubmittedBy.GATHERED:
            return isinstance(self.facts.parent(call), cst.Expr)
        if form is SubmittedBy.SUCCESSES:
            return self._is_counted(call)
        if form is SubmittedBy.RUNTIME:
            return self._is_unread(call)
        is_caught = bool(call.args) and catches_all(call, self.facts)
        if form is SubmittedBy.MAP:
            return not is_caught and isinstance(self.facts.parent(call), cst.Expr)
        self._gives_up = False
        return self._is_blind(call) and (not is_caught or self._gives_up)

    # Futures ------------------------------------------------------------------------------------------------------

    def _is_blind(self, node: cst.CSTNode, depth: int = _DEPTH) -> bool:
        """Return whether a future, or a collection of futures, is at most waited for."""
        above = self.facts.parent(node)
        if not depth:
            return False
        match above:
            case cst.Expr():
                return True
            case cst.Assign():
                return self._stored(above, depth)
            case cst.AnnAssign(target=cst.Name() as target):
                return self._uses_are_blind(target, above, depth)
            case cst.Arg():
                return self._argument_is_blind(above, depth)
            case cst.Element() | cst.DictElement():
                collection = self.facts.parent(above)
                return collection is not None and self._is_blind(collection, depth)
            case cst.DictComp(key=key) if key is node:
                return self._is_blind_mapping(above, depth)
            case cst.ListComp() | cst.SetComp() | cst.DictComp() | cst.GeneratorExp():
                return self._is_blind(above, depth)
            case cst.For() if above.iter is node:
                return self._passes_are_blind(_item(above.target, node), [above.body])
            case cst.CompFor() if above.iter is node:
                return self._comprehension_is_blind(above, node)
            case cst.Index():
                return self._is_blind_key(above, depth)
            case _:
                return False

    def _is_blind_key(self, index: cst.Index, depth: int) -> bool:
        """Return whether `names[future] = name` creates a collection of futures, or `names[future]` only looks up a name."""
        element = self.facts.parent(index)
        subscript = self.facts.parent(element) if element is not None else None
        if not isinstance(subscript, cst.Subscript):
            return False
        if not isinstance(self.facts.parent(subscript), cst.AssignTarget):
            return subscript.value is not element
        return isinstance(subscript.value, cst.Name) and self._uses_are_blind(subscript.value, subscript, depth - 1, keyed=True)

    def _is_blind_mapping(self, mapping: cst.DictComp, depth: int) -> bool:
        above = self.facts.parent(mapping)
        match above:
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name() as target)]):
                return self._uses_are_blind(target, above, depth, keyed=True)
            case _:
                return self._is_blind(mapping, depth)

    def _stored(self, assign: cst.Assign, depth: int) -> bool:
        match assign.targets:
            case [cst.AssignTarget(target=cst.Name() as target)]:
                return self._uses_are_blind(target, assign, depth)
            case [cst.AssignTarget(target=cst.Subscript(value=cst.Name() as target))]:
                return self._uses_are_blind(target, assign, depth)
            case _:
                return False

    def _argument_is_blind(self, arg: cst.Arg, depth: int) -> bool:
        """Return whether a function that gets a future, or a collection, as an argument does not check its errors."""
        call = self.facts.parent(arg)
        if not isinstance(call, cst.Call) or arg.star or arg is not call.args[0]:
            return False
        name = self.facts.name(call)
        match call.func:
            case _ if name in _WAITERS:
                return self._is_waited_blindly(call, depth)
            case cst.Attribute(value=cst.Name() as collection, attr=cst.Name(value=method)) if method in _COLLECTION_METHODS:
                return self._uses_are_blind(collection, call, depth - 1)
            case cst.Name(value="len"):
                return True
            case cst.Name(value=last) | cst.Attribute(attr=cst.Name(value=last)) if last in _ITEM_PRESERVING:
                return self._is_blind(call, depth - 1)
            case _:
                return False

    def _is_waited_blindly(self, call: cst.Call, depth: int) -> bool:
        """Return whether nobody reads the first of the two sets that `wait` returns."""
        above = self.facts.parent(call)
        match above:
            case cst.Expr():
                self._gives_up = self._gives_up or argument(call, 1, "timeout") is not None
                return True
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Tuple(elements=[first, _]))]) if isinstance(first.value, cst.Name):
                return self._uses_are_blind(first.value, above, depth - 1)
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name() as target)]):
                return self._uses_are_blind(target, above, depth - 1)
            case _:
                return False

    def _uses_are_blind(self, name: cst.Name, at: cst.CSTNode, depth: int, *, keyed: bool = False) -> bool:
        """Return whether no use of a local name checks errors. Names of a module or of an outer function are not followed."""
        around = self._home(name.value, at)
        if around is None or depth <= 0 or name.value in _parameters(around):
            return False
        if (around, name.value) in self._seen:
            return True
        self._seen.add((around, name.value))
        return all(self._use_is_blind(use, depth, keyed) for use in _loads(around, name.value, self.facts))

    def _home(self, name: str, at: cst.CSTNode) -> cst.FunctionDef | None:
        """Return the function whose local variable a name is, as seen from a node; None for names of a module or a class."""
        found = self.facts.scope(at).find(name)
        return self.facts.definition(found[0]) if found is not None and isinstance(found[0], Function) else None

    def _use_is_blind(self, use: cst.Name, depth: int, keyed: bool) -> bool:
        """Return whether one use checks no error; subscripting a collection with futures as keys yields no future."""
        above = self.facts.parent(use)
        match above:
            case cst.AssignTarget() | cst.If() | cst.While() | cst.UnaryOperation() | cst.BooleanOperation():
                return True
            case cst.Attribute(attr=cst.Name(value=method)) if above.value is use:
                return method in _COLLECTION_METHODS | _STATUS_METHODS
            case cst.Subscript() if above.value is use:
                return keyed or isinstance(self.facts.parent(above), cst.AssignTarget)
            case cst.Comparison() | cst.Del():
                return True
            case cst.Index() | cst.Element() | cst.DictElement() | cst.Arg() | cst.For() | cst.CompFor() | cst.Expr() | cst.Assign():
                return self._is_blind(use, depth - 1)
            case _:
                return False

    def _passes_are_blind(self, target: cst.CSTNode, body: list[cst.CSTNode]) -> bool:
        """Return whether a loop over futures checks none of their errors."""
        names = set(bound_names(target))
        if not names:
            return False
        for part in body:
            for name in names:
                if not all(map(self._asks_only, self.facts.named_below(part, name))):
                    return False
        return True

    def _asks_only(self, name: cst.Name) -> bool:
        above = self.facts.parent(name)
        match above:
            case cst.Attribute(attr=cst.Name(value=method)):
                return above.attr is name or method in _STATUS_METHODS
            case cst.SubscriptElement() | cst.Index() | cst.Del():
                return True
            case cst.Arg():
                return above.keyword is name
            case _:
                return False

    def _comprehension_is_blind(self, clause: cst.CompFor, node: cst.CSTNode) -> bool:
        comp = self.facts.parent(clause)
        return isinstance(comp, _COMPS) and self._passes_are_blind(_item(clause.target, node), [part for part in children(comp) if part is not clause] + list(clause.ifs))

    # Results of the runtime ---------------------------------------------------------------------------------------

    def _is_unread(self, node: cst.CSTNode, depth: int = _DEPTH) -> bool:
        """Return whether the errors in the triples of an expression are never read."""
        above = self.facts.parent(node)
        if not depth:
            return False
        match above:  # used as a statement: not reported, because its errors are logged
            case cst.For() if above.iter is node:
                return _drops_error(above.target, [above.body])
            case cst.CompFor() if above.iter is node:
                comp = self.facts.parent(above)
                return isinstance(comp, _COMPS) and _drops_error(above.target, [part for part in children(comp) if part is not above] + list(above.ifs))
            case cst.Arg():
                call = self.facts.parent(above)
                last = (dotted(call.func) or "").rpartition(".")[2] if isinstance(call, cst.Call) else ""
                return call is not None and (last == "len" or last in _ITEM_PRESERVING and last != "enumerate" and self._is_unread(call, depth - 1))
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
                around = self._home(name, above)
                if around is None or (around, name) in self._seen:
                    return around is not None
                self._seen.add((around, name))
                uses = list(_loads(around, name, self.facts))
                return bool(uses) and all(self._is_unread(use, depth - 1) for use in uses)
            case _:
                return False

    def _is_counted(self, call: cst.Call) -> bool:
        """Return whether the results of batch_map are matched with its items as if none could be missing."""
        items = dotted(call.args[1].value) if len(call.args) > 1 else None
        if items is None:
            return False
        if self._is_matched(call, items):
            return True
        above = self.facts.parent(call)
        around = self.facts.enclosing_function(call)
        match above:
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]) if around is not None:
                return any(self._is_matched(use, items) for use in _loads(around, name, self.facts))
            case _:
                return False

    def _is_matched(self, node: cst.CSTNode, items: str) -> bool:
        """Return whether results are matched with items: `zip(items, results)`, `len(results) == len(items)`."""
        arg = self.facts.parent(node)
        outer = self.facts.parent(arg) if isinstance(arg, cst.Arg) else None
        match outer:
            case cst.Call(func=cst.Name("zip" | "dict"), args=args):
                return any(dotted(one.value) == items for one in args)
            case cst.Call(func=cst.Name("len")):
                compared = self.facts.parent(outer)
                whole = self.facts.parent(compared) if isinstance(compared, cst.ComparisonTarget) else compared
                return isinstance(whole, cst.Comparison) and any(
                    isinstance(one, cst.Call) and dotted(one.func) == "len" and dotted(one.args[0].value) == items
                    for one in descend(whole) if isinstance(one, cst.Call) and one.args
                )
            case _:
                return False


def _item(target: cst.CSTNode, iterable: cst.CSTNode) -> cst.CSTNode:
    """Return the target for each item of a loop, without the number from enumerate."""
    match target, iterable:
        case cst.Tuple(elements=[_, second]), cst.Call(func=cst.Name("enumerate")):
            return second.value
        case _:
            return target


def _drops_error(target: cst.CSTNode, body: list[cst.CSTNode]) -> bool:
    """Return whether a loop over triples never reads their third element."""
    match target:
        case cst.Tuple(elements=[_, _, cst.Element(value=cst.Name(value=name))]):
            return not any(isinstance(node, cst.Name) and node.value == name for part in body for node in descend(part, into_functions=True))
        case _:
            return False


def _loads(around: cst.FunctionDef, name: str, facts: Facts) -> Iterator[cst.Name]:
    """Yield the uses of a local name, without bindings, attributes and keywords."""
    for node in facts.named_below(around.body, name):
        above = facts.parent(node)
        is_other = isinstance(above, cst.Attribute) and above.attr is node or isinstance(above, cst.Arg) and above.keyword is node
        is_bound = isinstance(above, (cst.AssignTarget, cst.AnnAssign, cst.Param, cst.AsName)) and getattr(above, "value", None) is not node
        is_target = isinstance(above, (cst.For, cst.CompFor)) and above.target is node or isinstance(above, cst.Element) and _is_target(above, facts)
        if not (is_other or is_bound or is_target):
            yield node


def _is_target(element: cst.Element, facts: Facts) -> bool:
    above = facts.parent(element)
    outer = facts.parent(above) if isinstance(above, (cst.Tuple, cst.List)) else None
    return isinstance(outer, cst.AssignTarget) or isinstance(outer, (cst.For, cst.CompFor)) and outer.target is above


def _parameters(around: cst.FunctionDef) -> set[str]:
    return {param.name.value for param in (*around.params.params, *around.params.kwonly_params, *around.params.posonly_params)}

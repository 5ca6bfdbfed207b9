"""The side effects of code, and so whether it may run on a worker: safely, with a person's consent, or not at all."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator, Sequence

import libcst as cst

from par_lint.analysis.effects.annotations import annotation_verdict
from par_lint.analysis.effects.callbacks import assigned_callbacks, find_callbacks, is_callback_argument, may_be_unknown_function
from par_lint.analysis.effects.current_exception import uses_of_outer_exception
from par_lint.analysis.effects.decorators import has_only_inert_decorators, is_cached_property
from par_lint.analysis.effects.exception_classes import is_exception
from par_lint.analysis.effects.first_imports import find_first_import
from par_lint.analysis.effects.fresh_objects import FreshObjects, find_fresh_objects
from par_lint.analysis.effects.http_requests import is_read_only_request
from par_lint.analysis.effects.instance_creation import construction_verdict
from par_lint.analysis.effects.iterator_consumption import call_consumption_verdict, consumption_verdict, with_consumed_arguments, with_consumed_items
from par_lint.analysis.effects.key_adding_lookups import may_add_missing_keys
from par_lint.analysis.effects.monkeypatching import is_bound_dynamically, is_patched, is_rebound
from par_lint.analysis.effects.mutation import assignment_verdict, buffer_verdict, mutation_verdict, self_contained_nodes
from par_lint.analysis.effects.one_connection import shared_object_verdict, uses_one_database
from par_lint.analysis.effects.open_files import argument_file_reason, mapped_file_reason, shared_file_reason
from par_lint.analysis.effects.open_modes import opens_for_writing, opens_path, takes_open_mode
from par_lint.analysis.effects.pure_names import KNOWN_TYPES, PURE_BUILTINS, PURE_METHODS, is_of_known_type, only_shares_str_method_name
from par_lint.analysis.effects.raised_objects import raising_reason
from par_lint.analysis.effects.receiver_origins import AMBIGUOUS_METHODS, is_receiver_unknown
from par_lint.analysis.effects.special_methods import (
    functions_run_by_attribute_strings,
    node_types_with_special_methods,
    overriding_methods,
    properties_in_class_pattern,
    special_methods_of,
)
from par_lint.analysis.effects.thread_locals import is_thread_local
from par_lint.analysis.effects.unread_responses import returns_unread_response, unread_response_verdict
from par_lint.analysis.effects.write_reasons import write_reason
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.fixpoint import Fixpoint
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.scopes import Class, Function
from par_lint.analysis.semantics.values import LocalObject, Named, Object, Value
from par_lint.analysis.syntax.expression_names import dotted, is_label
from par_lint.analysis.syntax.nodes import kind_of
from par_lint.analysis.verdict import Level, Verdict
from par_lint.core.catalog.entry import Effect, Entry, Kind, Sharing, Trait
from par_lint.core.findings import ReasonKind, quoted

_FRAME_NAMES = frozenset({"locals", "vars", "eval", "exec", "super", "globals", "__class__", "breakpoint", "input"})
_HIGHER_ORDER_FUNCTIONS = frozenset({"map", "filter", "reduce", "functools.reduce"})
_RESPONSE_METHODS = frozenset({"json", "raise_for_status", "hexdigest", "digest", "iter_content", "iter_lines", "group", "groups", "close"})
_PATH_METHODS = frozenset({"read_text", "read_bytes"})
"""Methods that hardly any class except paths has."""
_CONSUMING_METHODS = frozenset({"close", "iter_content", "iter_lines"})
_EFFECTFUL_NODES = frozenset({
    cst.Call, cst.AugAssign, cst.AssignTarget, cst.AnnAssign, cst.Del, cst.WithItem, cst.Await, cst.Yield, cst.Return, cst.Break, cst.Global, cst.Nonlocal,
    cst.NamedExpr, cst.Attribute, cst.Name, cst.For, cst.CompFor, cst.Comparison, cst.StarredElement, cst.Assign, cst.Raise, cst.MatchClass, cst.FunctionDef,
    cst.Import, cst.ImportFrom, cst.ClassDef,
})  # fmt: skip
"""Nodes that may have side effects: all others only have a value. Matching LibCST's classes by pattern is slow."""
_OF_FUNCTIONS = frozenset({cst.Return, cst.Yield, cst.Break, cst.NamedExpr})
"""Those of them that do nothing outside the function whose body they are in."""
_NOTHING = Verdict()


class SideEffects:
    """Judges pieces of code of one module."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._known: Fixpoint[tuple[Function, bool], Verdict] = Fixpoint(
            Verdict(), beyond=Verdict(Level.UNSAFE, ReasonKind.UNSEEN("there are too many mutually recursive functions"))
        )  # fmt: skip
        """The levels of functions, and of those that make an object as its `__init__`."""
        self._judgements: dict[tuple[object, ...], Verdict] = {}
        self._calling = node_types_with_special_methods(facts)
        self._counts_missing = bool(facts.index.called("defaultdict"))
        self._judged = _EFFECTFUL_NODES | self._calling | ({cst.Subscript, cst.BinaryOperation} if self._counts_missing else set())

    def verdict_on(
        self, nodes: Iterable[cst.CSTNode], own: frozenset[str] = frozenset(), *,
        stays: bool = False, items: frozenset[str] | None = None, prints: bool = False,
    ) -> Verdict:  # fmt: skip
        """Return the verdict on running code on a worker. `own` are names that each iteration binds, `items` the objects of its own."""
        key = (*nodes,), own, stays, items, prints
        if key not in self._judgements:
            self._judgements[key] = self._verdict_on_nodes(key[0], find_fresh_objects(key[0], own, self.facts)._replace(stays=stays, items=items, prints=prints))
        return self._judgements[key]

    def _verdict_on_nodes(self, nodes: Sequence[cst.CSTNode], local: FreshObjects) -> Verdict:
        verdict = Verdict()
        for node in nodes:
            kept_inside = self_contained_nodes(node, self.facts)
            if (handled := uses_of_outer_exception(node, self.facts)) is not None:
                verdict |= Verdict(Level.UNSAFE, ReasonKind.STATE("it uses the exception that is being handled"), handled)
            for inner in self.facts.descendants(node):
                kind = type(inner)
                if kind in self._judged and inner not in kept_inside:
                    verdict |= self._verdict_on_node(inner, local, verdict.level)
                if kind is cst.Call and verdict.level < Level.UNSAFE and self._logs(inner):  # type: ignore[arg-type]
                    verdict |= Verdict(Level.UNSAFE, ReasonKind.ORDER("log lines would appear in another order"), inner)
        return verdict

    def verdicts_on_nodes(self, nodes: Sequence[cst.CSTNode], own: frozenset[str]) -> Iterator[Verdict]:
        """Yield the verdict on each node of code by itself."""
        local = find_fresh_objects(nodes, own, self.facts)
        yield from (self._verdict_on_node(inner, local, Level.PURE) for node in nodes for inner in self.facts.descendants(node) if type(inner) in self._judged)

    def _logs(self, call: cst.Call) -> bool:
        """Whether a call in the loop itself writes a log line; log lines of called functions may come in another order."""
        entry = self._entry(call)
        return entry is not None and entry.kind is Kind.LOG

    def attribute(self, node: cst.Attribute) -> Verdict:
        """Return the verdict on reading an attribute, including how its object is created."""
        return self._verdict_on_node(node, find_fresh_objects([node], frozenset(), self.facts), Level.PURE)

    def verdict_on_applying(self, func: cst.BaseExpression, at: cst.CSTNode) -> Verdict:
        """Return the verdict on calling the value of an expression with one item."""
        if isinstance(func, cst.Lambda):
            return self.verdict_on([func.body], frozenset(param.name.value for param in func.params.params))
        call = cst.Call(func)
        if returns_unread_response(self.facts.refers_to(func, at), self.facts):
            return unread_response_verdict(at)
        match self.facts.refers_to(func, at):
            case Function() | Named() as callee if (caveat := mapped_file_reason(callee, self.facts)) is not None:
                return Verdict(Level.UNSAFE, caveat, at)
            case Function() as function:
                return with_consumed_items(self._any_of(function, at), at, self.facts)
            case Named(name=name):
                return self._verdict_on_named_callee(call, name, FreshObjects(frozenset(), frozenset()))
            case _:
                return Verdict(Level.UNSAFE, ReasonKind.UNSEEN("unresolved call"), at)

    def function(self, function: Function) -> Verdict:
        """Return the verdict on calling a function of the file; a recursive call adds nothing."""
        return self._known.of((function, False), self._find)

    def instance_creation(self, init: Function) -> Verdict:
        """Return the verdict on creating an object of a class of the file."""
        return self._known.of((init, True), self._find)

    def _find(self, key: tuple[Function, bool]) -> Verdict:
        function, is_making = key
        node = self.facts.body(function)
        if node is None:
            return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"`{function.name}()` has no body in this file"))
        if is_making:
            return self._body(function, node, is_init=bool(function.parameters))
        if not has_only_inert_decorators(function, self.facts):
            return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"`{function.name}()` is decorated"), node)
        if function.is_async:
            return Verdict(Level.IMMOVABLE, ReasonKind.FORM(f"`{function.name}()` is a coroutine"), node)
        return self._body(function, node)

    def _body(self, function: Function, node: cst.FunctionDef, *, is_init: bool = False) -> Verdict:
        """Return the verdict on the body of a function. Its arguments belong to the caller, except the object that `__init__` creates."""
        given = function.parameters if function.owner is None else function.parameters[1:]
        made = {function.parameters[0]} if is_init else set()
        local = find_fresh_objects([node.body], frozenset(made), self.facts, frozenset(given))
        local = local._replace(fresh=local.fresh | made)
        handled = uses_of_outer_exception(node.body, self.facts)
        if handled is not None:
            return Verdict(Level.UNSAFE, ReasonKind.STATE(f"`{function.name}()` uses the exception that its caller handles"), handled)
        verdict = Verdict()
        for inner in self.facts.descendants(node.body):
            if type(inner) not in self._judged or type(inner) in _OF_FUNCTIONS:
                continue
            match inner:
                case cst.Name(value=name) if name in _FRAME_NAMES and self.facts.is_builtin(name, inner) and not is_label(inner, self.facts.parent(inner)):
                    verdict |= Verdict(Level.UNSAFE if name != "super" else Level.PURE, ReasonKind.FORM(f"`{function.name}()` uses `{name}()`"), inner)
                case cst.Global() | cst.Nonlocal():
                    verdict |= Verdict(Level.UNSAFE, ReasonKind.STATE(f"`{function.name}()` changes names outside it"), inner)
                case _:
                    found = self._verdict_on_node(inner, local, verdict.level)
                    verdict |= found if found.level < Level.IMMOVABLE else Verdict(Level.UNSAFE, found.reason, found.node)
            if verdict.level >= Level.UNSAFE:
                break  # it gets no worse
        return verdict

    # One node -----------------------------------------------------------------------------------------------------

    def _verdict_on_node(self, node: cst.CSTNode, local: FreshObjects, known: Level) -> Verdict:
        """Return the verdict on one node; it only matters if it is worse than `known`, the level of the code before."""
        verdict = self._explicit_effect(node, local, known) if type(node) in _EFFECTFUL_NODES else _NOTHING
        if known >= Level.UNSAFE or verdict.level >= Level.UNSAFE:
            return verdict
        for function in special_methods_of(node, self.facts) if type(node) in self._calling else ():
            found = self.function(function)
            if found.level > Level.READ:
                return Verdict(Level.UNSAFE, ReasonKind.STATE(f"`{function.name}()` of a class of the file may be called, and has effects"), node)
        if self._counts_missing and may_add_missing_keys(node, local, self.facts):
            return Verdict(Level.UNSAFE, ReasonKind.STATE("looking up a key may add it to a defaultdict"), node)
        return verdict

    def _explicit_effect(self, node: cst.CSTNode, local: FreshObjects, known: Level) -> Verdict:
        """Return the verdict on the explicit effect of a node, without special methods."""
        match node:
            case cst.Name() | cst.Attribute():  # most nodes
                return self._verdict_on_name(node, local, known)
            case cst.Call():
                return self._call(node, local, known)
            case cst.AnnAssign(target=target, value=cst.BaseExpression() as source):
                return assignment_verdict(target, local, self.facts) | annotation_verdict(node, self.facts) | self._assigned_callbacks([target], source, local)
            case cst.AssignTarget(target=target) | cst.AnnAssign(target=target) | cst.Del(target=target):
                return assignment_verdict(target, local, self.facts) | annotation_verdict(node, self.facts)
            case cst.AugAssign(target=cst.Name(value=name), value=value) if name in local.bound and name not in local.fresh:
                is_plain = isinstance(value, (cst.Integer, cst.Float, cst.SimpleString, cst.FormattedString))
                return Verdict() if is_plain else Verdict(Level.UNSAFE, ReasonKind.STATE(f"it may change the object that `{name}` was given"), node)
            case cst.For(iter=source) | cst.CompFor(iter=source) | cst.StarredElement(value=source):
                return consumption_verdict(source, node, local, self.facts)
            case cst.Assign(targets=targets, value=source):
                is_unpacked = any(isinstance(one.target, (cst.Tuple, cst.List)) for one in targets)
                return self._assigned_callbacks([one.target for one in targets], source, local) | (consumption_verdict(source, node, local, self.facts) if is_unpacked else Verdict())
            case cst.Comparison(comparisons=comparisons):
                asked = [one.comparator for one in comparisons if isinstance(one.operator, (cst.In, cst.NotIn))]
                return functools.reduce(operator.or_, (consumption_verdict(source, node, local, self.facts) for source in asked), Verdict())
            case cst.Raise(exc=raised, cause=cause):
                return self._verdict_on_raise(raised, node, local) | self._verdict_on_raise(cause.item if cause is not None else None, node, local)
            case cst.FunctionDef():
                is_seen = not node.decorators or (function := self.facts.function(node)) is not None and has_only_inert_decorators(function, self.facts)
                return annotation_verdict(node, self.facts) if is_seen else Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"`{node.name.value}` is decorated"), node)
            case cst.MatchClass():
                return self._implicit_effect(properties_in_class_pattern(node, self.facts), node)
            case cst.AugAssign(target=target, value=value):
                return assignment_verdict(target, local, self.facts) | consumption_verdict(value, node, local, self.facts)
            case cst.WithItem():
                return self._context_manager(node)
            case cst.Import() | cst.ImportFrom():
                module = find_first_import(node, self.facts)
                return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"importing `{module}` runs its code"), node) if module is not None else Verdict()
            case cst.ClassDef():
                return Verdict(Level.UNSAFE, ReasonKind.UNSEEN("it creates a class, whose bases may run code"), node)
            case cst.Await() | cst.Yield() | cst.Return() | cst.Break() | cst.Global() | cst.Nonlocal() | cst.NamedExpr():
                return Verdict(Level.IMMOVABLE, ReasonKind.FORM(f"{kind_of(node)} cannot move to a worker"), node)
            case _:
                return Verdict()

    def _verdict_on_name(self, node: cst.Name | cst.Attribute, local: FreshObjects, known: Level) -> Verdict:
        """Return the verdict on reading a name."""
        if type(node) is cst.Attribute and self._attribute_lookup(node, name := node.attr.value):
            return self._property(node, name, local) if known < Level.UNSAFE else _NOTHING
        if is_thread_local(node, self.facts):
            return Verdict(Level.UNSAFE, ReasonKind.SHARED(f"`{dotted(node)}` differs between threads"), node)
        if type(node) is cst.Name and (name := node.value) in _FRAME_NAMES and self.facts.is_builtin(name, node) and not is_label(node, self.facts.parent(node)):
            return Verdict(Level.IMMOVABLE, ReasonKind.FORM(f"`{name}()` depends on its calling frame"), node)
        return _NOTHING

    def _verdict_on_raise(self, raised: cst.BaseExpression | None, at: cst.CSTNode, local: FreshObjects) -> Verdict:
        """Return the verdict on raising a class, which creates an object."""
        if raised is not None and (reason := raising_reason(raised, at, self.facts)) is not None:
            return Verdict(Level.UNSAFE, reason, at)
        match self.facts.refers_to(raised, at) if isinstance(raised, (cst.Name, cst.Attribute)) else None:
            case Class() as cls:
                return self._instantiation_verdict(cls, at, local)
            case Named(name=name) if name != "None" and not is_exception(name, self.facts.resolver):
                return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"the exception `{name.rpartition('.')[2]}` is not defined in this file"), at)
            case _:
                return Verdict()

    def _attribute_lookup(self, node: cst.Attribute, name: str) -> Sequence[Function]:
        """Return what reading an attribute with this name may call: properties, and methods with unknown decorators."""
        return self.facts.properties(name) or [one for one in self.facts.methods(name) if not has_only_inert_decorators(one, self.facts)]

    def _property(self, node: cst.Attribute, name: str, local: FreshObjects) -> Verdict:
        """Return the verdict on reading an attribute that is a property in a class of the file, for any object."""
        found = self._attribute_lookup(node, name)
        root = (dotted(node.value) or "").partition(".")[0]
        if root not in local.fresh and any(is_cached_property(function, self.facts) for function in found):
            return Verdict(Level.UNSAFE, ReasonKind.STATE(f"the first access to `{name}` changes its object"), node)
        return self._implicit_effect(found, node)

    def _implicit_effect(self, functions: Iterable[Function], node: cst.CSTNode) -> Verdict:
        """Return the verdict on functions that are called implicitly."""
        for function in functions:
            made = function.name in ("__init__", "__post_init__", "__setstate__")
            if (self.instance_creation(function) if made else self.function(function)).level > Level.READ:
                return Verdict(Level.UNSAFE, ReasonKind.STATE(f"`{function.name}()` of a class of the file may be called, and has effects"), node)
        return Verdict()

    def _context_manager(self, item: cst.WithItem) -> Verdict:
        """Return the verdict on entering and leaving a context manager."""
        unseen = Verdict(Level.UNSAFE, ReasonKind.UNSEEN("the context manager of the with statement is unknown"), item)
        if not isinstance(item.item, cst.Call):
            return unseen
        callee = self.facts.callee(item.item)
        if isinstance(callee, Function):
            result = self.facts.resolver.result(callee)
            if isinstance(result, Object) and self.facts.resolver.catalog.sharing(result.type) is not None:
                return Verdict()
            return self._enter_and_exit(result.cls, item) if isinstance(result, LocalObject) else unseen
        if isinstance(callee, Class):
            return self._enter_and_exit(callee, item)
        return Verdict() if self.facts.entry(item.item) is not None or opens_path(item.item, self.facts) else unseen

    def _enter_and_exit(self, cls: Class, item: cst.WithItem) -> Verdict:
        """Return the verdict on `__enter__` and `__exit__` of a class of the file."""
        verdict = Verdict()
        for name in ("__enter__", "__exit__"):
            method = self.facts.resolver.attribute(cls, name)
            if not isinstance(method, Function):
                return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"`{name}()` of `{cls.name}` is not defined in this file"), item)
            verdict |= self._any_of(method, item)
        return verdict

    def _any_of(self, function: Function, at: cst.CSTNode) -> Verdict:
        """Return the verdict on calling a function or one that may replace it: an override, another definition, a patch."""
        if is_rebound(function, self.facts):
            return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"`{function.name}()` is replaced elsewhere"), at)
        verdict = Verdict()
        for one in overriding_methods(function, self.facts):
            found = self.function(one)
            verdict |= Verdict(found.level, found.reason, at, found.takes)
        return verdict

    def _call(self, call: cst.Call, local: FreshObjects, known: Level) -> Verdict:
        callee = self.facts.callee(call)
        verdict = self._verdict_on_callee(call, callee, local, known)
        if known >= Level.UNSAFE or verdict.level >= Level.UNSAFE:
            return verdict
        verdict |= self._verdict_on_callbacks(call, callee, local) | self._implicit_effect(functions_run_by_attribute_strings(call, self.facts), call)
        return functools.reduce(operator.or_, (consumption_verdict(arg.value, call, local, self.facts) for arg in call.args if arg.star), verdict)

    def _verdict_on_callbacks(self, call: cst.Call, callee: Value | None, local: FreshObjects) -> Verdict:
        """Return the verdict on the callbacks among the arguments of a call."""
        verdict = Verdict()
        name = callee.name if isinstance(callee, Named) else ""
        is_asked = name == "iter" and len(call.args) > 1
        for position, arg in enumerate(call.args):
            is_called = arg.keyword is not None and arg.keyword.value in ("key", "default_factory") or position == 0 and (name in _HIGHER_ORDER_FUNCTIONS or is_asked)
            if not isinstance(arg.value, cst.Name) and (is_called or is_callback_argument(name, position, arg)) and may_be_unknown_function(arg.value, self.facts):
                verdict |= Verdict(Level.UNSAFE, ReasonKind.UNSEEN("it calls an unknown callback"), arg)
            if not isinstance(arg.value, (cst.Name, cst.Attribute)):
                continue
            value = self.facts.refers_to(arg.value, call)
            match value:
                case Function():
                    verdict |= with_consumed_items(self._any_of(value, call), call, self.facts)
                case Class() if isinstance(callee, Named) and name not in ("isinstance", "issubclass"):
                    verdict |= self._instantiation_verdict(value, call, local)
                case LocalObject(cls=cls) if self.facts.entry(call) is not None:
                    verdict |= Verdict(Level.UNSAFE, ReasonKind.SHARED(f"an object of `{cls.name}` would be used by several threads"), arg)
                case Named(name=other) if is_called and other != "None":
                    verdict |= self._verdict_on_named_callee(cst.Call(arg.value), other, local if is_asked else FreshObjects(frozenset(), frozenset()))
                case None if is_called or isinstance(arg.value, cst.Attribute) and arg.value.attr.value in MUTATORS:
                    is_none = isinstance(arg.value, cst.Name) and arg.value.value == "None"
                    verdict |= Verdict() if is_none else Verdict(Level.UNSAFE, ReasonKind.UNSEEN("it calls an unknown callback"), arg)
                case _:
                    pass
        return verdict

    def _assigned_callbacks(self, targets: Sequence[cst.BaseExpression], source: cst.BaseExpression, local: FreshObjects) -> Verdict:
        """Return the verdict on functions that are put into attributes of objects, which may call them."""
        verdict = Verdict()
        for found, at in (one for target in targets for one in assigned_callbacks(target, source, self.facts)):
            match found:
                case Function():
                    verdict |= self._any_of(found, at)
                case Class():
                    verdict |= self._instantiation_verdict(found, at, local)
                case Named(name=name):
                    verdict |= self._verdict_on_named_callee(cst.Call(cst.Name(name.rpartition(".")[2])), name, FreshObjects(frozenset(), frozenset()))
                case _:
                    verdict |= Verdict(Level.UNSAFE, ReasonKind.UNSEEN("an object may call a function that is not seen"), at)
        return verdict

    def _instantiation_verdict(self, cls: Class, at: cst.CSTNode, local: FreshObjects) -> Verdict:
        """The level of making an object of a class of the file."""
        verdict = Verdict()
        reason, functions = construction_verdict(cls, self.facts)
        if reason is not None:
            return Verdict(Level.UNSAFE, reason, at)
        for function, is_init in functions:
            found = self.instance_creation(function) if is_init else self.function(function)
            verdict |= with_consumed_arguments(Verdict(found.level, found.reason, at, found.takes), function, at, local, self.facts)
        return verdict

    def _verdict_on_callee(self, call: cst.Call, callee: Value | None, local: FreshObjects, known: Level) -> Verdict:
        match callee:
            case Function():
                if callee.is_generator:
                    return Verdict(Level.UNSAFE, ReasonKind.FORM(f"`{callee.name}()` is a generator"), call)
                if known >= Level.UNSAFE and not callee.is_async:
                    return Verdict()  # a function of the file is never worse
                if (given := argument_file_reason(call, callee, local, self.facts)) is not None:
                    return Verdict(Level.UNSAFE, given, call)
                return with_consumed_arguments(self._any_of(callee, call), callee, call, local, self.facts)
            case Class() if known >= Level.UNSAFE:
                return Verdict()
            case Class():
                return self._instantiation_verdict(callee, call, local)
            case LocalObject():
                return Verdict(Level.UNSAFE, ReasonKind.UNSEEN("it calls an object"), call)
            case Named(name=name):
                return self._verdict_on_named_callee(call, name, local)
            case _:
                return self._verdict_on_unknown_callee(call, local)

    def _verdict_on_named_callee(self, call: cst.Call, name: str, local: FreshObjects) -> Verdict:
        entry = self.facts.resolver.catalog.find(name)
        spelled = name.rpartition(".")[2]
        if is_patched(call, name, self.facts):
            return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"`{spelled}()` is replaced elsewhere"), call)
        if entry is None:
            if name == "type" and (len(call.args) != 1 or call.args[0].star):
                return Verdict(Level.UNSAFE, ReasonKind.UNSEEN("creating a class runs code of its bases"), call)
            if name in PURE_BUILTINS or is_exception(name, self.facts.resolver):
                return call_consumption_verdict(call, name, local, self.facts)
            if "." in name and self.facts.entry(call) is None and (not is_of_known_type(name, self.facts.resolver.catalog.roots) or only_shares_str_method_name(name)):
                return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"`{spelled}()` is not defined in this file"), call)
            return self._verdict_on_unknown_callee(call, local)
        if entry.effect is Effect.GLOBAL:
            return Verdict(Level.IMMOVABLE, ReasonKind.STATE(f"`{spelled}()` changes state of the whole process"), call)
        if entry.kind is Kind.SLEEP:
            return Verdict(Level.UNSAFE, ReasonKind.STATE("it sleeps"), call)
        receiver = call.func.value if isinstance(call.func, cst.Attribute) else None
        root = (dotted(receiver) or "").partition(".")[0] if receiver is not None else ""
        sharing = self.facts.sharing(call)
        if sharing is not None and sharing is not Sharing.SAFE and root and root not in local.bound:
            return shared_object_verdict(root, sharing, call)
        if self.facts.resolver.catalog.has_trait(entry.name, Trait.ONE_THREAD):
            return Verdict(Level.UNSAFE, ReasonKind.SHARED(f"`{spelled}()` is not thread-safe"), call)
        if entry.kind is Kind.CPU and entry.effect is Effect.WRITE:
            return Verdict(Level.UNSAFE, ReasonKind.STATE(f"`{spelled}()` changes its arguments, or counts its calls"), call)
        if (changing := write_reason(entry, call)) is not None:
            return Verdict(Level.UNSAFE, changing, call)
        if entry.name == "os.fdopen":
            return Verdict(Level.UNSAFE, ReasonKind.SHARED("descriptors may share one position"), call)
        if takes_open_mode(entry.name, self.facts) and opens_for_writing(call, self.facts):
            return Verdict(Level.UNSAFE, ReasonKind.WRITES(f"`{spelled}()` opens a file for writing"), call)
        if (caveat := shared_file_reason(call, entry.name, local, self.facts)) is not None:
            return Verdict(Level.UNSAFE, caveat, call)
        hook = find_callbacks(call, entry.name, self.facts)
        if hook is not None:
            return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"`{spelled}()` calls an unknown callback"), hook)
        if entry.kind is Kind.NETWORK and not is_read_only_request(call, entry, self.facts):
            return Verdict(Level.UNSAFE, ReasonKind.WRITES(f"`{spelled}()` may not be read-only"), call)
        if receiver is not None and (other := self._own_method(call, receiver, entry.name, local)).level > Level.READ:
            return other
        verdict = consumption_verdict(receiver, call, local, self.facts) if sharing is Sharing.STATEFUL and receiver is not None else Verdict()
        verdict |= buffer_verdict(call, spelled, local, self.facts) | call_consumption_verdict(call, entry.name, local, self.facts)
        return verdict | Verdict(Level.READ if entry.kind in (Kind.FILE, Kind.NETWORK, Kind.METADATA, Kind.LISTING) else Level.PURE, None, call)

    def _own_method(self, call: cst.Call, receiver: cst.BaseExpression, name: str, local: FreshObjects) -> Verdict:
        """Return the verdict on methods of the file with the name of a library's method: annotations may be wrong."""
        owner, _, method = name.rpartition(".")
        is_class = owner in KNOWN_TYPES or owner.rpartition(".")[2][:1].isupper()
        if not is_class or isinstance(receiver, cst.Call) or isinstance(receiver, cst.Name) and receiver.value in local.fresh:
            return Verdict()
        return self._implicit_effect(self.facts.methods(method), call)

    def _verdict_on_unknown_callee(self, call: cst.Call, local: FreshObjects) -> Verdict:
        """Return the verdict on a call that neither the file nor the catalogue defines."""
        match call.func:
            case cst.Attribute(value=receiver, attr=cst.Name(value=method)):
                root = (dotted(receiver) or "").partition(".")[0]
                if (connected := uses_one_database(call, local)) is not None:
                    return connected
                for function in self.facts.methods(method):
                    if self.facts.callee(call) is None and (found := self.function(function)).level > Level.READ:
                        return Verdict(Level.UNSAFE, found.reason, call)
                if method in MUTATORS:
                    return mutation_verdict(receiver, local, self.facts) | call_consumption_verdict(call, method, local, self.facts)
                if self._is_request_by_spelling(call):
                    return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"`{method}()` was recognised by its name only; its type is unknown"), call)
                is_own = bool(self.facts.methods(method)) or is_bound_dynamically(method, self.facts)
                if method in _PATH_METHODS and not is_own and self._entry(call) is not None or opens_path(call, self.facts):
                    return Verdict(Level.READ, None, call)
                if method == "__init__" and isinstance(receiver, cst.Call) and dotted(receiver.func) == "super":
                    return Verdict()  # its class is judged by its bases
                is_other = not call.args and method in ("get", "join", "count") or len(call.args) == 1 and method in ("replace", "copy")
                if is_other and self.facts.callee(call) is None:
                    return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"`{method}()` is not defined in this file"), call)
                if is_receiver_unknown(call, method, receiver, local, self.facts):
                    return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"the type of {quoted(root) or 'the object'}, whose `{method}()` is called, is unknown"), call)
                if self.facts.callee(call) is None and is_bound_dynamically(method, self.facts):
                    return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"`{method}()` is not defined in this file"), call)
                if method in _CONSUMING_METHODS and root not in local.fresh and not isinstance(receiver, cst.Call):
                    return Verdict(Level.UNSAFE, ReasonKind.SHARED(f"{quoted(root) or 'the object'}, whose `{method}()` is called, may be shared"), call)
                if method in PURE_METHODS or (method in _RESPONSE_METHODS and (not root or root in local.bound)):
                    is_taken = method in AMBIGUOUS_METHODS or method in _CONSUMING_METHODS
                    return call_consumption_verdict(call, method, local, self.facts) | (consumption_verdict(receiver, call, local, self.facts) if is_taken else Verdict())
                return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"`{method}()` is not defined in this file"), call)
            case cst.Name(value=name):
                if self.facts.is_builtin(name, call) and (name in PURE_BUILTINS or is_exception(name, self.facts.resolver)):
                    return call_consumption_verdict(call, name, local, self.facts)
                if name == "print" and self.facts.is_builtin(name, call):
                    return Verdict(Level.UNSAFE if local.prints else Level.IMMOVABLE, ReasonKind.STATE("print() must stay in order"), call)
                return Verdict(Level.UNSAFE, ReasonKind.UNSEEN(f"`{name}()` is not defined in this file"), call)
            case _:
                return Verdict(Level.UNSAFE, ReasonKind.UNSEEN("unresolved call"), call)

    def _is_request_by_spelling(self, call: cst.Call) -> bool:
        """Whether only the spelling of a call shows that it is a request: `client.get_item(Key=key)`."""
        return (entry := self._entry(call)) is not None and entry.name.startswith("untyped.")

    def _entry(self, call: cst.Call) -> Entry | None:
        return self.facts.entry(call) if self.facts.site(call) is not None else None

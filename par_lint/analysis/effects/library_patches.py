"""Library attributes that a file replaces (monkeypatching): any call of a library may use them, under any name."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator

from par_lint.analysis.effects.function_values import FunctionValues
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.dataflow.dotted_names import dotted
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.scopes import Function

_REPLACING = frozenset({"setattr", "__setattr__", "delattr", "object", "multiple", "spy", "stub", "patch", "wrap_function_wrapper", "patch_function_wrapper", "wrap_object"})
"""Calls that replace an attribute of their first argument, or what a string as their first argument names."""
_GIVING_MODULES = frozenset({"import_module", "__import__", "getmodule", "type", "reload", "find_spec", "module_from_spec"})
"""Functions that return a module or a class."""
_PRINTING = ("debug", "verbose", "trace", "log", "echo", "warn", "hook")
"""Parts of the names of settings that make a library write lines, or call something."""
_EXCHANGED = {"ssl._create_default_https_context": "ssl._create_unverified_context"}
"""Attributes that are often replaced by another function of the same library, which does nothing else."""
_HARMLESS = frozenset({"sys.excepthook", "sys.argv", "sys.path"})
"""Attributes that no call of a library uses while it reads."""


def find_library_patches(facts: Facts) -> Iterator[tuple[str, int]]:
    """Yield what a file replaces in libraries, each with its line. Plain settings, such as numbers and texts, replace no code."""
    patches = _Patches(facts)
    yield from patches.stores()
    yield from patches.calls()


class _Patches:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._index = facts.index
        self._values = FunctionValues(facts)
        self._bound: dict[str, bool] = {}

    def stores(self) -> Iterator[tuple[str, int]]:
        """Yield attributes and namespaces of libraries to which something is bound, or from which something is removed."""
        given = {id(target): node.value for node in self._index.all_of(ast.Assign) for target in node.targets}
        given.update((id(node.target), node.value) for node in self._index.all_of(ast.AugAssign))
        for node in self._index.all_of(ast.Attribute):
            if not isinstance(node.ctx, ast.Load) and self._is_of_library(node.value) and not (id(node) in given and self._is_setting(node, given[id(node)])):
                yield f"{dotted(node) or node.attr} of a library is replaced", node.lineno
        for item in self._index.all_of(ast.Subscript):
            if isinstance(item.ctx, (ast.Store, ast.Del)) and self._is_namespace(item.value):
                yield "an attribute of a library is replaced", item.lineno

    def calls(self) -> Iterator[tuple[str, int]]:
        """Yield calls that replace attributes of libraries."""
        for site in self._index.calls:
            func, args = site.node.func, site.node.args
            if isinstance(func, ast.Attribute) and func.attr in MUTATORS and self._is_namespace(func.value):
                yield "an attribute of a library is replaced", site.node.lineno
            if isinstance(func, ast.Attribute) and func.attr == "dict" and args and (self._is_namespace(args[0]) or isinstance(args[0], ast.Constant) and args[0].value == "sys.modules"):
                yield "a module of a library is replaced", site.node.lineno
            if access_path(func)[-1] not in _REPLACING:
                continue
            given = args[0] if args else next((one.value for one in site.node.keywords if one.arg in ("target", "obj", "module", "name")), None)
            named = given.value if isinstance(given, ast.Constant) else None
            is_replaced = self._is_library(named.partition(".")[0]) and ("." in named or access_path(func)[-1] == "multiple") if isinstance(named, str) else given is not None and self._is_of_library(given)
            if is_replaced and not (len(args) > 2 and isinstance(args[1], ast.Constant) and self._is_harmless_setting(str(args[1].value), args[2])):
                yield f"{access_path(func)[-1]}() replaces an attribute of a library", site.node.lineno
        for name in ("patch_all", "patch_socket", "patch_thread", "patch_ssl", "monkey_patch"):
            yield from ((f"{name}() replaces attributes of libraries", site.node.lineno) for site in self._index.called(name))

    def _is_setting(self, target: ast.Attribute, value: ast.expr) -> bool:
        """Whether an assignment only sets a number, a text and the like."""
        name = f"{'.'.join(self._index.imports.get(access_path(target)[0], ()))}.{target.attr}"
        return name in _HARMLESS or self._is_harmless_setting(target.attr, value) or name in _EXCHANGED and (dotted(value) or "").endswith(_EXCHANGED[name])

    def _is_harmless_setting(self, name: str, value: ast.expr) -> bool:
        return not any(part in name.lower() for part in _PRINTING) and self._is_data(value)

    def _is_data(self, value: ast.expr, depth: int = 3) -> bool:
        """Whether the value of an expression is a number, a text or a collection of such."""
        match value:
            case ast.Constant():
                return True
            case ast.Name(id=name) if depth:
                values = list(self._values_of(name))
                return bool(values) and all(self._is_data(one, depth - 1) for one in values)
            case ast.Call(func=ast.Name(id="int" | "float" | "str" | "bool"), args=args, keywords=[]):
                return all(self._is_data(one, depth) for one in args)
            case ast.BinOp() | ast.UnaryOp() | ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.JoinedStr() | ast.FormattedValue():
                return all(self._is_data(one, depth) for one in ast.iter_child_nodes(value) if isinstance(one, ast.expr))
            case _:
                return False

    def _is_library(self, root: str) -> bool:
        return root in sys.stdlib_module_names or self._facts.resolver.is_known_root(root)

    def _is_namespace(self, node: ast.expr) -> bool:
        """Whether an expression is the namespace of a module or a class of a library, or the table of all modules."""
        match node:
            case ast.Attribute(attr="modules"):
                return "sys" in self._index.imports.get(access_path(node)[0], ())
            case ast.Attribute(attr="__dict__", value=owner) | ast.Call(func=ast.Name(id="vars"), args=[owner]):
                return self._is_of_library(owner)
            case ast.Name(id="__builtins__"):
                return True
            case _:
                return False

    def _is_of_library(self, node: ast.expr) -> bool:
        """Whether an expression is a module or a class of a library, or an attribute of one."""
        match node:
            case ast.Attribute(attr="__dict__" | "__class__"):
                return self._is_of_library(node.value) or node.attr == "__class__" and not self._is_own(node.value)
            case ast.Attribute(value=owner):
                return self._is_of_library(owner)
            case ast.Subscript(value=owner):
                return self._is_namespace(owner) or self._is_of_library(owner)
            case ast.Call(func=ast.Attribute(attr="get"), args=[_, *_]):
                return self._is_namespace(node.func.value)  # type: ignore[attr-defined]
            case ast.Call(func=func, args=args):
                return access_path(func)[-1] in _GIVING_MODULES and not (args and self._is_own(args[0]))
            case ast.Name(id="__builtins__"):
                return True
            case ast.Name(id=name):
                return self._is_bound_to_library(name)
            case _:
                return False

    def _is_own(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in ("self", "cls")

    def _is_bound_to_library(self, name: str) -> bool:
        """Whether a name is, in any scope of the file, imported from a library, or bound to a module or a class of one."""
        if name not in self._bound:
            self._bound[name] = False  # for a name that is bound to itself
            is_imported = any(self._is_library(one.partition(".")[0]) for one in self._index.imports.get(name, ()))
            self._bound[name] = is_imported or any(self._is_of_library(value) for value in self._values_of(name) if not isinstance(value, ast.Call) or self._gives_module(value))
        return self._bound[name]

    def _gives_module(self, call: ast.Call) -> bool:
        return access_path(call.func)[-1] in {*_GIVING_MODULES, "get"}

    def _values_of(self, name: str) -> Iterator[ast.expr]:
        """Yield the values to which a name may be bound: assigned, passed for a parameter, or iterated over."""
        for scope in (self._index.module, *self._index.functions, *self._index.classes):
            yield from (one.value for one in scope.bindings.get(name, ()) if isinstance(one, Assigned) and one.value is not None)
        for function in self._index.functions:
            if isinstance(function, Function) and name in function.parameters and name not in ("self", "cls") and hasattr(function.node, "args"):
                yield from (value for value, _ in self._values.values_given_for(ast.Name(name), function, 1))
        yield from self._gone_over.get(name, ())

    @functools.cached_property
    def _gone_over(self) -> dict[str, list[ast.expr]]:
        """The elements of displays that loops go over, by the names that are bound to them."""
        found: dict[str, list[ast.expr]] = {}
        loops: list[ast.For | ast.comprehension] = [*self._index.all_of(ast.For), *self._index.all_of(ast.comprehension)]
        for loop in loops:
            if isinstance(loop.iter, (ast.Tuple, ast.List, ast.Set)):
                targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
                for place, target in enumerate(targets):
                    if isinstance(target, ast.Name):
                        values = [one.elts[place] if isinstance(one, (ast.Tuple, ast.List)) and place < len(one.elts) else one for one in loop.iter.elts]
                        found.setdefault(target.id, []).extend(values)
        return found

"""One iterator passed to `zip` several times: `zip(it, it)` pairs its items. Copying the iterator would break the pairs."""

from __future__ import annotations

import ast

from par_lint.analysis.effects.shared_iterators import is_iterator
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.scopes import Scope
from par_lint.analysis.semantics.values import Elements, Object
from par_lint.core.memo import memoized_for_last

_COLLECTIONS = frozenset({"list", "tuple", "set", "frozenset", "dict", "str", "bytes", "range", "collections.deque", "collections.OrderedDict", "collections.Counter"})
_ANNOTATED = frozenset({"list", "tuple", "set", "frozenset", "dict", "str", "bytes", "deque", "sequence", "mutablesequence", "collection", "mapping", "range"})
_NEW = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Constant, ast.JoinedStr)
_DEEPEST = 3


@memoized_for_last
def find_paired_iterator(facts: Facts) -> int | None:
    """Return the line of a `zip` in the file that may take one iterator several times; None if there is none."""
    pairing = _Pairing(facts)
    return min((site.node.lineno for site in facts.index.called("zip") if pairing.takes_one_twice(site.node, site.scope)), default=None)


class _Pairing:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def takes_one_twice(self, call: ast.Call, scope: Scope) -> bool:
        seen, taken = set[str](), set[str]()
        for arg in call.args:
            if isinstance(arg, ast.Starred):
                if self._repeats(arg.value, scope):
                    return True
                continue
            text = ast.dump(arg)
            names = self._iterators(arg, scope, _DEEPEST)
            if text in seen and not self._is_new(arg, scope) or names & taken:
                return True
            seen.add(text)
            taken |= names
        return False

    def _repeats(self, node: ast.expr, scope: Scope) -> bool:
        """Whether the arguments are one object several times: `[iter(lines)] * 2`."""
        match node:
            case ast.BinOp(left=ast.List(elts=parts) | ast.Tuple(elts=parts), op=ast.Mult()) | ast.BinOp(op=ast.Mult(), right=ast.List(elts=parts) | ast.Tuple(elts=parts)):
                return not all(self._is_collection(part, scope) for part in parts)
            case ast.Call(func=ast.Attribute(attr="repeat") | ast.Name(id="repeat"), args=[one, *_]):
                return not self._is_collection(one, scope)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return self.takes_one_twice(ast.Call(ast.Name("zip"), parts, []), scope)
            case ast.Name(id=name) if (found := scope.find(name)) is not None:
                return any(self._repeats(one.value, found[0]) for one in found[1] if isinstance(one, Assigned) and one.value is not None and not isinstance(one.value, ast.Name))
            case _:
                return False

    def _is_new(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression gives another iterator each time: collections do, and calls that make one."""
        return not is_iterator(node, scope, self._facts.resolver) and (isinstance(node, ast.Call) or self._is_collection(node, scope))

    def _is_collection(self, node: ast.expr, scope: Scope) -> bool:
        if isinstance(node, _NEW):
            return not isinstance(node, ast.GeneratorExp)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            return True
        if isinstance(node, ast.Name) and (annotation := _annotation(node.id, scope)) is not None:
            return access_path(annotation.value if isinstance(annotation, ast.Subscript) else annotation)[-1].lower() in _ANNOTATED
        value = self._facts.resolver.expression(node, scope) if isinstance(node, (ast.Name, ast.Attribute, ast.Call)) else None
        return isinstance(value, Elements) or isinstance(value, Object) and value.type in _COLLECTIONS

    def _iterators(self, node: ast.expr, scope: Scope, depth: int) -> set[str]:
        """Return the names of the iterators from which an argument takes its items."""
        found = set[str]()
        for one in walk(node):
            if isinstance(one, ast.Name) and depth and is_iterator(one, scope, self._facts.resolver):
                found.add(one.id)
                bound = scope.find(one.id)
                values = [each.value for each in bound[1] if isinstance(each, Assigned) and each.value is not None] if bound is not None else []
                for value in values:
                    found |= self._iterators(value, scope, depth - 1)
        return found


def _annotation(name: str, scope: Scope) -> ast.expr | None:
    """Return the annotation of a parameter."""
    found = scope.find(name)
    home = found[0].node if found is not None else None
    args = home.args if isinstance(home, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
    return next((one.annotation for one in (*args.posonlyargs, *args.args, *args.kwonlyargs) if one.arg == name), None) if args is not None else None

"""One walk over flake8's own `ast` tree of a file: scopes and bindings, calls, loops, the same-file call graph.

Everything file-wide is here, so that LibCST only has to parse the few lines that a rule looks at. The walk is iterative
(generated files nest deeper than Python recurses) and visits only fields that can hold a call, a loop or a binding.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from par_lint.access import COLLECT, ENTER, ITEM, UNKNOWN, AccessPath, access_path, annotation_path
from par_lint.scopes import Assigned, CallSite, Class, Defined, Function, Import, Loop, Scope

_SKIPPED = frozenset({"ctx", "op", "ops", "type_comment", "type_params", "kind", "returns", "annotation"})
_ANSWER = frozenset({"status_code", "raise_for_status"})  # what only an HTTP answer has
_FIELDS: dict[type, tuple[str, ...]] = {ast.Constant: ()}
_NOTHING = frozenset({
    type(None), str, int, bool, ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue,
    *ast.expr_context.__subclasses__(), *ast.operator.__subclasses__(), *ast.unaryop.__subclasses__(), *ast.cmpop.__subclasses__(),
    *ast.boolop.__subclasses__(),
})  # fmt: skip
"""Types of what a field of a node holds that has nothing to index in it."""
_LEAVES = (ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue, ast.expr_context, ast.operator)


class FileIndex:
    """What one walk of a file found. Line numbers are those of the file, 1-based."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.module = Scope("<module>", tree, None)
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.loops: list[Loop] = []
        self.calls: list[CallSite] = []
        self.imported: set[str] = set()
        """First parts of the modules that the file imports."""
        self.answered: set[ast.expr] = set()
        """Expressions whose `status_code` or `raise_for_status` is used on the spot."""
        self.imported_modules: set[str] = set()
        self._mutated: set[str] | None = None
        self._walk(tree)

    def _walk(self, tree: ast.Module) -> None:
        stack: list[tuple[ast.AST, Scope, Loop | None]] = [(tree, self.module, None)]
        while stack:
            node, scope, loop = stack.pop()
            handler = _HANDLERS.get(type(node))
            if handler is not None:  # records the node, and gives its children, each with the scope and the loop it stands in
                pushed = list(handler(self, node, scope, loop))
            else:
                pushed = [(child, scope, loop) for child in _children(node)]
            pushed.reverse()
            stack += pushed

    def is_mutated(self, name: str) -> bool:
        """Whether a container of this name is changed in place anywhere in the file."""
        if self._mutated is None:
            self._mutated = {
                site.node.func.value.id for site in self.calls
                if isinstance(site.node.func, ast.Attribute) and isinstance(site.node.func.value, ast.Name)
                and site.node.func.attr in ("append", "extend", "add", "update", "insert", "setdefault")
            }  # fmt: skip
        return name in self._mutated

    # Scopes -------------------------------------------------------------------------------------------------------

    def _enter_function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, loop: Loop | None
    ) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        owner = scope if isinstance(scope, Class) else None
        decorators = {access_path(decorator)[-1] for decorator in node.decorator_list}
        function = Function(
            node.name, node, scope, owner=owner, parameters=tuple(a.arg for a in _parameters(node.args)),
            is_async=isinstance(node, ast.AsyncFunctionDef), is_static="staticmethod" in decorators,
            is_property=bool(decorators & {"property", "cached_property"}),
            annotation=annotation_path(node.returns) if node.returns is not None else None,
        )
        self.functions.append(function)
        scope.bind(node.name, Defined(function, node.lineno))
        self._bind_parameters(function, node.args, owner, "classmethod" in decorators)
        yield from ((child, scope, loop) for child in (*node.decorator_list, *_defaults(node.args)))
        yield from ((child, function, None) for child in node.body)

    def _enter_lambda(self, node: ast.Lambda, scope: Scope, loop: Loop | None) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        function = Function("<lambda>", node, scope, parameters=tuple(a.arg for a in _parameters(node.args)))
        function.returns.append(access_path(node.body))
        self.functions.append(function)
        self._bind_parameters(function, node.args, None, False)
        yield from ((child, scope, loop) for child in _defaults(node.args))
        yield node.body, function, None

    def _bind_parameters(self, function: Function, args: ast.arguments, owner: Class | None, is_classmethod: bool) -> None:
        for position, arg in enumerate(_parameters(args)):
            path = annotation_path(arg.annotation) if arg.annotation is not None else UNKNOWN
            if owner is not None and position == 0 and not function.is_static:
                path = (owner.name,) if is_classmethod else ("<self>",)
            elif arg is args.vararg:
                path = (*path, COLLECT)
            elif arg is args.kwarg:
                path = ("<dict>",)
            function.bind(arg.arg, Assigned(path, arg.lineno))

    def _enter_class(self, node: ast.ClassDef, scope: Scope, loop: Loop | None) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        cls = Class(node.name, node, scope, bases=tuple(access_path(base) for base in node.bases))
        self.classes.append(cls)
        scope.bind(node.name, Defined(cls, node.lineno))
        yield from ((child, scope, loop) for child in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)))
        yield from ((child, cls, None) for child in node.body)

    # Loops --------------------------------------------------------------------------------------------------------

    def _enter_for(
        self, node: ast.For | ast.AsyncFor, scope: Scope, loop: Loop | None
    ) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        inner = Loop(node, scope, loop)
        self.loops.append(inner)
        _bind_elements(scope, node.target, node.iter)
        yield node.iter, scope, loop
        yield from ((child, scope, inner) for child in node.body)
        yield from ((child, scope, loop) for child in node.orelse)

    def _enter_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: Scope, loop: Loop | None
    ) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        inner = Loop(node, scope, loop)
        self.loops.append(inner)
        for position, clause in enumerate(node.generators):
            _bind_elements(scope, clause.target, clause.iter)
            yield clause.iter, scope, (inner if position else loop)
            yield from ((test, scope, inner) for test in clause.ifs)
        yield from ((n, scope, inner) for n in ((node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)))

    def _enter_call(self, node: ast.Call, scope: Scope, loop: Loop | None) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        site = CallSite(node, scope, loop)
        self.calls.append(site)
        function = _function_of(scope)
        if function is not None:
            function.calls.append(site)
        around = loop
        while around is not None:
            around.calls.append(site)
            around = around.outer
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add" | "appendleft"), args=[item]):
                scope.added.setdefault(name, []).append((*access_path(item), COLLECT))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="extend"), args=[items]):
                scope.added.setdefault(name, []).append(access_path(items))
            case _:
                pass
        if isinstance(node.func, ast.Name) and node.func.id == "map" and len(node.args) > 1:
            self.loops.append(Loop(node, scope, loop))
        yield from ((child, scope, loop) for child in _children(node))

    def _enter_attribute(self, node: ast.Attribute, scope: Scope, loop: Loop | None) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        if node.attr in _ANSWER:
            if isinstance(node.value, ast.Name):
                scope.answers.add(node.value.id)
            self.answered.add(node.value)
        return iter(()) if isinstance(node.value, _LEAVES) else iter([(node.value, scope, loop)])

    # Bindings -----------------------------------------------------------------------------------------------------

    def _enter_import(self, node: ast.Import, scope: Scope, loop: Loop | None) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        for alias in node.names:
            first = alias.name.partition(".")[0]
            self.imported.add(first)
            self.imported_modules.add(alias.name)
            scope.bind(alias.asname or first, Import(alias.name if alias.asname else first, node.lineno))
        return iter(())

    def _enter_import_from(
        self, node: ast.ImportFrom, scope: Scope, loop: Loop | None
    ) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        module = "." * node.level + (node.module or "")
        self.imported.add(module.partition(".")[0])
        self.imported_modules.add(module)
        separator = "" if module.endswith(".") or not module else "."
        for alias in node.names:
            scope.bind(alias.asname or alias.name, Import(module + separator + alias.name, node.lineno))
        return iter(())

    def _enter_assign(self, node: ast.Assign, scope: Scope, loop: Loop | None) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        for target in node.targets:
            _bind_target(scope, target, node.value)
            yield target, scope, loop
        yield node.value, scope, loop

    def _enter_annotated(
        self, node: ast.AnnAssign, scope: Scope, loop: Loop | None
    ) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        path = annotation_path(node.annotation)
        if path == UNKNOWN and node.value is not None:
            path = access_path(node.value)
        _bind_path(scope, node.target, path, node.value)
        yield node.target, scope, loop
        if node.value is not None:
            yield node.value, scope, loop

    def _enter_named(self, node: ast.NamedExpr, scope: Scope, loop: Loop | None) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        _bind_target(scope, node.target, node.value)
        yield node.value, scope, loop

    def _enter_with(
        self, node: ast.With | ast.AsyncWith, scope: Scope, loop: Loop | None
    ) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        for item in node.items:
            if item.optional_vars is not None:
                if isinstance(item.optional_vars, ast.Name):
                    scope.managed.add(item.optional_vars.id)
                _bind_path(scope, item.optional_vars, (*access_path(item.context_expr), ENTER), None)
            yield item.context_expr, scope, loop
        yield from ((child, scope, loop) for child in node.body)

    def _enter_augmented(
        self, node: ast.AugAssign, scope: Scope, loop: Loop | None
    ) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        if isinstance(node.target, ast.Name) and node.target.id not in scope.bindings:
            scope.bind(node.target.id, Assigned(UNKNOWN, node.lineno))
        yield node.target, scope, loop
        yield node.value, scope, loop

    def _enter_handler(
        self, node: ast.ExceptHandler, scope: Scope, loop: Loop | None
    ) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        if node.name is not None:
            scope.bind(node.name, Assigned(UNKNOWN, node.lineno))
        yield from ((child, scope, loop) for child in node.body)

    def _enter_capture(self, node: ast.AST, scope: Scope, loop: Loop | None) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name is not None:
            scope.bind(name, Assigned(UNKNOWN, node.lineno))  # type: ignore[attr-defined]
        yield from ((child, scope, loop) for child in _children(node))

    def _enter_outward(
        self, node: ast.Global | ast.Nonlocal, scope: Scope, loop: Loop | None
    ) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        scope.outward.update(node.names)
        return iter(())

    def _enter_yield(self, node: ast.AST, scope: Scope, loop: Loop | None) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        function = _function_of(scope)
        if function is not None:
            function.is_generator = True
        yield from ((child, scope, loop) for child in _children(node))

    def _enter_return(self, node: ast.Return, scope: Scope, loop: Loop | None) -> Iterator[tuple[ast.AST, Scope, Loop | None]]:
        function = _function_of(scope)
        if function is not None and node.value is not None:
            function.returns.append(access_path(node.value))
        yield from ((child, scope, loop) for child in _children(node))


def _function_of(scope: Scope) -> Function | None:
    return scope if isinstance(scope, Function) else None


def _children(node: ast.AST) -> list[ast.AST]:
    """The children that can hold something worth indexing, in source order."""
    kind = type(node)
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _SKIPPED)
    found: list[ast.AST] = []
    for name in fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [child for child in value if type(child) not in _NOTHING]
        elif isinstance(value, ast.AST) and type(value) not in _NOTHING:
            found.append(value)
    return found


def _parameters(args: ast.arguments) -> list[ast.arg]:
    extra = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *extra]


def _defaults(args: ast.arguments) -> list[ast.expr]:
    return [node for node in (*args.defaults, *args.kw_defaults) if node is not None]


def _bind_target(scope: Scope, target: ast.expr, value: ast.expr) -> None:
    if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
        if len(target.elts) == len(value.elts):
            for one, its in zip(target.elts, value.elts):
                _bind_target(scope, one, its)
            return
    _bind_path(scope, target, access_path(value), value)


def _bind_path(scope: Scope, target: ast.expr, path: AccessPath, value: ast.expr | None) -> None:
    match target:
        case ast.Name(id=name):
            scope.bind(name, Assigned(path, target.lineno, value))
        case ast.Attribute(value=ast.Name(id=owner), attr=attribute):
            _bind_attribute(scope, owner, attribute, Assigned(path, target.lineno, value))
        case ast.Tuple() | ast.List():
            for one in target.elts:
                _bind_path(scope, one, UNKNOWN, None)
        case ast.Starred():
            _bind_path(scope, target.value, UNKNOWN, None)
        case _:
            pass


def _bind_attribute(scope: Scope, owner: str, attribute: str, assigned: Assigned) -> None:
    """Record `self.x = value` with the class whose method it stands in."""
    method: Scope | None = scope
    while method is not None and not (isinstance(method, Function) and method.owner is not None):
        method = method.parent
    if isinstance(method, Function) and method.owner is not None and method.parameters[:1] == (owner,):
        method.owner.attributes.setdefault(attribute, []).append((scope, assigned))


def _bind_elements(scope: Scope, target: ast.expr, iterable: ast.expr) -> None:
    """Bind a loop's target to the elements of its iterable, looking through enumerate, zip and os.walk."""
    match target, iterable:
        case (ast.Tuple(elts=[count, item]), ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_])):
            _bind_path(scope, count, ("<int>",), None)
            _bind_elements(scope, item, inner)
        case (ast.Tuple(elts=targets), ast.Call(func=ast.Name(id="zip"), args=columns)) if len(targets) == len(columns):
            for one, column in zip(targets, columns):
                _bind_elements(scope, one, column)
        case (ast.Tuple(elts=targets), ast.List(elts=[ast.Tuple(elts=first), *_]) | ast.Tuple(elts=[ast.Tuple(elts=first), *_])) if (
            len(targets) == len(first)
        ):
            for one, sample in zip(targets, first):
                _bind_path(scope, one, access_path(sample), None)
        case _:
            _bind_path(scope, target, (*access_path(iterable), ITEM), None)


_HANDLERS: dict[type, Callable[..., Iterator[tuple[ast.AST, Scope, Loop | None]]]] = {
    ast.FunctionDef: FileIndex._enter_function,
    ast.AsyncFunctionDef: FileIndex._enter_function,
    ast.Lambda: FileIndex._enter_lambda,
    ast.ClassDef: FileIndex._enter_class,
    ast.For: FileIndex._enter_for,
    ast.AsyncFor: FileIndex._enter_for,
    ast.ListComp: FileIndex._enter_comprehension,
    ast.SetComp: FileIndex._enter_comprehension,
    ast.DictComp: FileIndex._enter_comprehension,
    ast.GeneratorExp: FileIndex._enter_comprehension,
    ast.Call: FileIndex._enter_call,
    ast.Attribute: FileIndex._enter_attribute,
    ast.Import: FileIndex._enter_import,
    ast.ImportFrom: FileIndex._enter_import_from,
    ast.Assign: FileIndex._enter_assign,
    ast.AnnAssign: FileIndex._enter_annotated,
    ast.NamedExpr: FileIndex._enter_named,
    ast.With: FileIndex._enter_with,
    ast.AsyncWith: FileIndex._enter_with,
    ast.AugAssign: FileIndex._enter_augmented,
    ast.ExceptHandler: FileIndex._enter_handler,
    ast.MatchAs: FileIndex._enter_capture,
    ast.MatchStar: FileIndex._enter_capture,
    ast.MatchMapping: FileIndex._enter_capture,
    ast.Global: FileIndex._enter_outward,
    ast.Nonlocal: FileIndex._enter_outward,
    ast.Yield: FileIndex._enter_yield,
    ast.YieldFrom: FileIndex._enter_yield,
    ast.Return: FileIndex._enter_return,
}

"""Reasons to exclude a loop: what its iterations write may be the same file or folder for several items."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.reached_calls import callee_body, loop_record, reached_calls
from par_lint.analysis.loops.same_target_writes import MAKES_FOLDER, last_component, varying_names_at, with_names_inlined
from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.dataflow.code_patterns import is_same, makes_empty
from par_lint.analysis.semantics.dataflow.dotted_names import bound_names
from par_lint.analysis.semantics.dataflow.symbols import open_mode
from par_lint.analysis.semantics.loop_variance import mentioned_names
from par_lint.analysis.semantics.scopes import CallSite, Loop, Scope
from par_lint.core.catalog.entry import Effect
from par_lint.core.memo import memoized_for_last

_COPIES = frozenset({"shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree", "shutil.copymode", "shutil.copystat", "shutil.move", "os.link", "os.symlink"})
_LOOKS = frozenset({"exists", "isfile", "is_file", "lexists"})
_MISSING = frozenset({"FileNotFoundError", "OSError", "IOError", "Exception"})


def writes_shared_parents(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Each iteration writes to the parents of its item, which several items share."""
    for call in reached_calls(site, facts):
        place = _written_place(call, facts)
        if place is not None and any(first <= call.node.lineno <= last and name in mentioned_names(place) for name, first, last in _climbing(call.scope, facts)):
            return Exclusion("items may have the same parent folders, which it writes to", facts.call_node(call.node) or site.node)
    return None


def may_share_target_conditionally(site: LoopSite, facts: Facts) -> Exclusion | None:
    """A condition that no item decides chooses between a place of the item's own and one for all; or one constant name is for all items without their own."""
    for call in reached_calls(site, facts):
        place = _written_place(call, facts)
        if place is None:
            continue
        varying = varying_names_at(call, site, facts)
        chosen = _value_of(place, call.scope)
        if isinstance(chosen, ast.IfExp):
            is_of_item = [not mentioned_names(one).isdisjoint(varying) for one in (chosen.body, chosen.orelse)]
            if mentioned_names(chosen.test).isdisjoint(varying) and any(is_of_item) and not all(is_of_item):
                return Exclusion("all iterations may write to one place", facts.call_node(call.node) or site.node)
        if _has_constant_instead(place, call.scope, varying):
            return Exclusion("two items may have one file name", facts.call_node(call.node) or site.node)
    return None


def _has_constant_instead(place: ast.expr, scope: Scope, varying: frozenset[str]) -> bool:
    """Whether a place is named by the item, or by a constant where the item has no name: `f"{name}.json" if name else "output.json"`."""
    whole = with_names_inlined(place, scope)
    last = last_component(whole)
    match last:
        case ast.IfExp(body=body, orelse=orelse):
            names = [body, orelse]
        case ast.BoolOp(op=ast.Or(), values=[first, other]):
            names = [first, other]
        case _:
            return False
    constant = [isinstance(one, ast.Constant) and isinstance(one.value, str) for one in names]
    folders = [node for node in walk(whole) if isinstance(node, ast.Name) and not any(inner is node for inner in walk(last))]
    is_worth_a_worker = any(not mentioned_names(one).isdisjoint(varying) for one in names) and varying.isdisjoint(node.id for node in folders)
    return is_worth_a_worker and constant.count(True) == 1


def creates_folders_and_files(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Some items are folders to create, others are files to write into them: a folder must come before its files."""
    iterable = site.iterable
    if not (isinstance(iterable, cst.Call) and isinstance(iterable.func, cst.Name) and iterable.func.value == "sorted"):
        return None
    made = [folder for call in reached_calls(site, facts) if (folder := _made_folder(call, facts)) is not None]
    for call in reached_calls(site, facts) if made else ():
        place = _written_place(call, facts)
        if place is not None and isinstance(place, ast.Name) and any(is_same(place, folder) for folder in made):
            return Exclusion("folders are made before the files in them", facts.call_node(call.node) or site.node)
    return None


def _made_folder(call: CallSite, facts: Facts) -> ast.expr | None:
    """Return the folder that a call creates."""
    entry = facts.resolver.entry(call)
    if entry is None or entry.name not in MAKES_FOLDER:
        return None
    if isinstance(call.node.func, ast.Attribute) and entry.name.startswith("pathlib."):
        return call.node.func.value
    return call.node.args[0] if call.node.args else None


def appends_to_shared_files(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Each iteration reads a file if it exists, adds data and writes it; the file is named by a part of the item, which other items may have too."""
    loop = loop_record(site, facts)
    if loop is None or not isinstance(loop.node, (ast.For, ast.AsyncFor)):
        return None
    items: _Given = dict.fromkeys(bound_names(loop.node.target))
    for block, own, call in _blocks(loop.node, loop, items, facts):
        for path in _read_or_empty(block):
            written = next((one for one in walk(*block) if isinstance(one, ast.Call) and _writes(one, path)), None)
            if written is not None and _is_part_of_item(path, own, items, block):
                at = facts.call_node(call if call is not None else written)
                return Exclusion("two items may name one file, which each adds to", at or site.node)
        for path, opened in _added_to(block):
            if _is_part_of_item(path, own, items, block):
                at = facts.call_node(call if call is not None else opened)
                return Exclusion("two items may name one file, which each adds to", at or site.node)
        inner = dict.fromkeys(name for node in walk(*block) if isinstance(node, ast.For) for name in bound_names(node.target))
        for path, written in _rewritten(block):
            if _is_named_like_item(path, {**own, **inner}, block):
                at = facts.call_node(call if call is not None else written)
                return Exclusion("items of several folders may have one name, and each changes the file of that name", at or site.node)
    return None


def _added_to(block: list[ast.stmt]) -> Iterator[tuple[ast.expr, ast.Call]]:
    """The paths of files that a block opens to add to them, each with the call that opens."""
    for node in walk(*block):
        if isinstance(node, ast.Call) and last_name(node.func) == "open" and "a" in open_mode(node):
            yield from ((path, node) for path in _paths_of(node)[-1:])


def _rewritten(block: list[ast.stmt]) -> Iterator[tuple[ast.expr, ast.Call]]:
    """The paths of files that a block reads and writes, each with the call that writes."""
    made = [node for node in walk(*block) if isinstance(node, ast.Call)]
    for written in made:
        for path in _paths_of(written):
            if _writes(written, path) and any(_reads(one, path) for one in made):
                yield path, written


def _is_named_like_item(path: ast.expr, own: _Given, block: list[ast.stmt], depth: int = 3) -> bool:
    """Whether a path is a folder with the item's bare name in it: `folder / path.name`, `os.path.join(folder, os.path.basename(path))`."""
    match path:
        case ast.BinOp(left=left, op=ast.Div(), right=last) | ast.Call(func=ast.Attribute(attr="join" | "joinpath"), args=[left, last]):
            return _is_bare_name(last, own) and not any(isinstance(node, ast.Name) and node.id in own for node in walk(left))
        case ast.Name(id=name) if depth:
            values = [node.value for node in walk(*block) if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets)]
            return len(values) == 1 and _is_named_like_item(values[0], own, block, depth - 1)
        case _:
            return False


def _is_bare_name(node: ast.expr, own: _Given) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr="name" | "stem"):
            return name in own
        case ast.Call(func=func, args=[ast.Name(id=name)]):
            return name in own and last_name(func) == "basename"
        case ast.JoinedStr(values=values):
            shown = [value.value for value in values if isinstance(value, ast.FormattedValue)]
            return bool(shown) and all(_is_bare_name(value, own) for value in shown)
        case _:
            return False


_Given = dict[str, "ast.expr | None"]
"""The names that refer to the item, or to an expression derived from it."""


def _blocks(node: ast.For | ast.AsyncFor, loop: Loop, items: _Given, facts: Facts) -> Iterator[tuple[list[ast.stmt], _Given, ast.Call | None]]:
    """Yield the body of a loop and of each function that it calls, with the names that refer to the item or to an expression derived from it."""
    yield node.body, items, None
    for call in loop.calls:
        function = callee_body(call, facts)
        if function is None or not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        given = {**dict(zip(function.explicit_parameters, call.node.args)), **{keyword.arg or "": keyword.value for keyword in call.node.keywords}}
        own: _Given = {}
        for name, value in given.items():
            if not mentioned_names(value).isdisjoint(items):
                own[name] = None if isinstance(value, ast.Name) else value
        yield function.node.body, own, call.node


def _read_or_empty(block: list[ast.stmt]) -> Iterator[ast.expr]:
    """Return the paths of files that a block reads if they exist, and treats as empty if not."""
    for node in walk(*block):
        match node:
            case ast.If(test=test, body=body, orelse=orelse):
                for asked in walk(test):
                    if isinstance(asked, ast.Call) and last_name(asked.func) in _LOOKS:
                        path = asked.args[0] if asked.args else asked.func.value if isinstance(asked.func, ast.Attribute) else None
                        if path is not None and any(_reads(one, path) for part in (*body, *orelse) for one in walk(part)):
                            if _makes_empty(body) or _makes_empty(orelse) or _makes_empty(block):
                                yield path
            case ast.Try(body=body, handlers=handlers):
                caught = {last_name(one) for handler in handlers if handler.type is not None for one in walk(handler.type) if isinstance(one, ast.expr)}
                if caught & _MISSING and any(_makes_empty(handler.body) for handler in handlers):
                    yield from (path for one in walk(*body) if isinstance(one, ast.Call) for path in _paths_of(one) if _reads(one, path))
            case _:
                pass


def _makes_empty(block: list[ast.stmt]) -> bool:
    """Whether a name is bound to an empty container in a block."""
    return any(isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None and makes_empty(node.value) for node in block)


def _paths_of(call: ast.Call) -> list[ast.expr]:
    """Return the expressions that may be the path in a call that opens, reads or writes a file."""
    return [*call.args[:1], *([call.func.value] if isinstance(call.func, ast.Attribute) else [])]


def _reads(node: ast.AST, path: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = last_name(node.func)
    is_read = name.endswith("open") and not set(open_mode(node)) & set("wax") or name.startswith(("read", "load"))
    return is_read and any(is_same(one, path) for one in _paths_of(node))


def _writes(call: ast.Call, path: ast.expr) -> bool:
    name = last_name(call.func)
    is_written = name.endswith("open") and bool(set(open_mode(call)) & set("wx+")) or name.startswith(("write", "save", "dump", "to_"))
    return is_written and any(is_same(one, path) for one in (*_paths_of(call), *call.args))


def _is_part_of_item(path: ast.expr, own: _Given, items: _Given, block: list[ast.stmt], depth: int = 3) -> bool:
    """Whether a path is derived from an attribute or an element of the item, and not from the item itself."""
    parts = [node for node in walk(path) if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.value, ast.Name) and node.value.id in own]
    whole = {node.id for node in walk(path) if isinstance(node, ast.Name)} - {part.value.id for part in parts if isinstance(part.value, ast.Name)}
    if parts and not any(own.get(name, path) is None for name in whole):
        return True
    for name in whole:
        value = own.get(name)
        values = [value] if value is not None else [
            node.value for node in walk(*block) if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets)
        ]  # fmt: skip
        if depth and len(values) == 1 and _is_part_of_item(values[0], own if value is None else items, items, block, depth - 1):
            return True
    return False


def _written_place(call: CallSite, facts: Facts) -> ast.expr | None:
    """Return the path to which a call writes; None if it does not write, or if the path is unknown."""
    node, entry = call.node, facts.resolver.entry(call)
    if entry is None:
        return None
    if entry.name in _COPIES:
        given = next((keyword.value for keyword in node.keywords if keyword.arg == "dst"), None)
        return given or (node.args[1] if len(node.args) > 1 else None)
    if entry.name in ("open", "io.open"):
        return node.args[0] if node.args and set(open_mode(node)) & set("wx") else None
    if entry.effect is Effect.WRITE and entry.name.startswith("pathlib.Path.write_") and isinstance(node.func, ast.Attribute):
        return node.func.value
    return None


@memoized_for_last
def _climbing(scope: Scope, facts: Facts) -> list[tuple[str, int, int]]:
    """Return the names that go through the parent folders in loops of a scope, each with the first and last line of its loop."""
    found: list[tuple[str, int, int]] = []
    for node in walk(scope.node):
        match node:
            case ast.While(body=body):
                assigned = [one for one in walk(*body) if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)]
                names = [one.targets[0].id for one in assigned if _goes_up(one.value, one.targets[0].id)]  # type: ignore[attr-defined]
            case ast.For(target=target, iter=iterable):
                names = bound_names(target) if any(isinstance(one, ast.Attribute) and one.attr == "parents" for one in walk(iterable)) else []
            case _:
                continue
        found += [(name, node.lineno, node.end_lineno or node.lineno) for name in names]
    return found


def _goes_up(value: ast.expr, name: str) -> bool:
    """Whether a name is bound to the parent of its previous value: `folder.parent`, `os.path.dirname(folder)`."""
    match value:
        case ast.Attribute(value=ast.Name(id=its), attr="parent"):
            return its == name
        case ast.Call(func=func, args=[ast.Name(id=its)]):
            return its == name and last_name(func) in ("dirname", "parent")
        case ast.Subscript(value=ast.Call(func=func, args=[ast.Name(id=its)]), slice=ast.Constant(value=0)):
            return its == name and last_name(func) == "split"
        case _:
            return False


def _value_of(node: ast.expr, scope: Scope) -> ast.expr:
    """Return the value of a name that is bound once, else the expression itself."""
    if isinstance(node, ast.Name):
        match scope.bindings.get(node.id):
            case [Assigned(value=ast.expr() as value)]:
                return value
            case _:
                pass
    return node

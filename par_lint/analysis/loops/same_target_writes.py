"""Reasons to exclude a loop: its iterations would interfere with each other, or must run in order."""

from __future__ import annotations

import ast
import copy
import re

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.reached_calls import loop_record, reached_calls
from par_lint.analysis.semantics import loop_variance
from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.dataflow.body_summary import FROM_RESULT, FROM_THIS_ITERATION, Origins, SliceIoCall
from par_lint.analysis.semantics.dataflow.code_patterns import is_same
from par_lint.analysis.semantics.dataflow.dotted_names import bound_names as standard_names
from par_lint.analysis.semantics.dataflow.dotted_names import dotted as standard_dotted
from par_lint.analysis.semantics.dataflow.symbols import method_behind, open_mode
from par_lint.analysis.semantics.io_reachability import WORTHWHILE_KINDS
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.loop_variance import mentioned_names
from par_lint.analysis.semantics.scopes import CallSite, Function, Scope
from par_lint.analysis.semantics.values import Named, Object
from par_lint.analysis.syntax.expression_names import bound_names, dotted
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Effect, Kind, Sharing, Trait

_ARCHIVE = re.compile(r"(zipfile\.ZipFile|tarfile\.TarFile)\.(open|read|extract|extractfile|write|writestr|add|addfile)$")
_FROM_MEMORY = (".writestr",)  # adds a member to an archive without reading a file
_RUNS_CODE = frozenset({"exec", "runpy.run_path", "runpy.run_module", "importlib.reload"})
_INSTALLS = re.compile(r"(^|_)(un)?install(_|$)|(^|_)migrate(_|$)|(^|_)hooks?$", re.IGNORECASE)
_ASKING_NAMES = frozenset({"raw_input", "prompt", "confirm", "ask_user", "prompt_user"})
"""Names of functions of other modules that suggest that they ask the user."""


def process_state(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The body changes state of the whole process: the current folder, the environment."""
    if site.summary.globals:
        return Exclusion("it changes state of the whole process", facts.call_node(site.summary.globals[0]) or site.node)
    for change in site.summary.changes:
        root, *rest = change.path.split(".")
        value = facts.resolver.value((root, *rest), facts.scope(site.node), facts.line(site.node))
        if isinstance(value, Named) and value.name.startswith("os.environ"):
            return Exclusion("it changes state of the whole process", facts.changed_node(change) or site.node)
    return None


def writes_to_one_place(site: LoopSite, facts: Facts) -> Exclusion | None:
    """All iterations write to one place: a path that does not depend on the item, or a shared environment."""
    for work in site.summary.io_calls:
        if work.entry.effect is not Effect.WRITE:
            continue
        if work.entry.kind is Kind.FILE and FROM_THIS_ITERATION.isdisjoint(work.path | work.inputs):
            continue
        if work.entry.kind is Kind.FILE and work.entry.name.startswith("io.File.") and FROM_THIS_ITERATION.isdisjoint(work.handle or work.path):
            if not _only_ordered_tail(site, work):
                return Exclusion("all iterations write to one file", work.call)
        if work.entry.name in ("os.mkdir", "os.makedirs", "pathlib.Path.mkdir") and _may_collide(work.call) and not _makes_own_folder(work.call, site, facts):
            return Exclusion("iterations may create the same folder", work.call)
    for opening in site.summary.opens:
        if opening.direct and site.io_calls and "a" in open_mode(opening.call):
            continue  # data that was read completely is appended in order by the rest
        is_rare = opening.region or opening.guards and not opening.direct  # in a branch of its own, to record an error
        if FROM_THIS_ITERATION.isdisjoint(opening.path) and not is_rare and not varies_with_counter(opening.path, site):
            return Exclusion("all iterations write to one file", facts.call_node(opening.call) or site.node)
    for work in site.summary.io_calls:
        if work.entry.name in ("pathlib.Path.write_text", "pathlib.Path.write_bytes") and FROM_THIS_ITERATION.isdisjoint(work.path) and not varies_with_counter(work.path, site):
            if work.region or work.guards and not work.direct:
                continue
            return Exclusion("all iterations write to one file", work.call)
    return None


def varies_with_counter(origins: Origins, site: LoopSite) -> bool:
    """Return whether a value depends on something that changes in each iteration, such as a counter."""
    return any(change.path in origins for change in site.summary.changes)


def _only_ordered_tail(site: LoopSite, work: SliceIoCall) -> bool:
    """Whether the written handle is created outside the loop, and other I/O is worth moving."""
    return bool(work.handle) and bool(site.io_calls)


def _may_collide(call: cst.Call) -> bool:
    if any(arg.keyword is not None and arg.keyword.value == "exist_ok" for arg in call.args):
        return False
    receiver = call.func.value if isinstance(call.func, cst.Attribute) else None
    shown = [arg.value for arg in call.args] + ([receiver] if receiver is not None else [])
    return any(
        isinstance(node, cst.Attribute) and node.attr.value in ("parent", "dirname") for one in shown for node in descend(one)
    )


def varying_names_at(call: CallSite, site: LoopSite, facts: Facts) -> frozenset[str]:
    """Return the names that vary between iterations at a call, which is in the body of the loop or in a called function."""
    loop = loop_record(site, facts)
    if loop is not None and call in loop.calls:
        return loop_variance.names_varying_in_loop(loop)
    scope = call.scope
    return loop_variance.names_varying_by_call(scope, own=True, given=True) if isinstance(scope, Function) else frozenset()


def folder_made_after_check(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The body checks for a folder that items may share, and then creates it: two concurrent iterations would both create it."""
    for call in reached_calls(site, facts):
        entry = facts.resolver.entry(call)
        name = entry.name if entry is not None else ""
        if name not in MAKES_FOLDER or any(keyword.arg == "exist_ok" for keyword in call.node.keywords):
            continue
        folder = call.node.func.value if name.startswith("pathlib.") and isinstance(call.node.func, ast.Attribute) else next(iter(call.node.args), None)
        if folder is not None and is_checked_for_existence(call, folder) and not _is_own_folder(folder, call, site, facts) and may_be_shared(folder, call, site, facts):
            return Exclusion("two iterations may create the same folder", facts.call_node(call.node) or site.node)
    return None


MAKES_FOLDER = frozenset({"os.mkdir", "os.makedirs", "pathlib.Path.mkdir"})
_LOOKS = frozenset({"exists", "isdir", "is_dir", "lexists"})


def is_checked_for_existence(call: CallSite, folder: ast.expr) -> bool:
    """Return whether a call is in an `if` that checks for the same file or folder."""
    for node in walk(call.scope.node):
        if isinstance(node, ast.If) and any(inner is call.node for part in (*node.body, *node.orelse) for inner in walk(part)):
            for asked in walk(node.test):
                if isinstance(asked, ast.Call) and isinstance(asked.func, ast.Attribute) and asked.func.attr in _LOOKS:
                    if any(is_same(one, folder) for one in (asked.func.value, *asked.args)):
                        return True
    return False


def _makes_own_folder(made: cst.Call, site: LoopSite, facts: Facts) -> bool:
    call = facts.site(made)
    if call is None:
        return False
    folders = [call.node.func.value] if call.name == "mkdir" and isinstance(call.node.func, ast.Attribute) and not call.node.args else call.node.args[:1]
    return any(_is_own_folder(folder, call, site, facts) for folder in folders)


def _is_own_folder(folder: ast.expr, call: CallSite, site: LoopSite, facts: Facts) -> bool:
    """Whether a folder is the parent of a path in which a folder is named by the loop's item: the parent of `os.path.join(root, str(x), name)`."""
    loop = loop_record(site, facts)
    if loop is None or call not in loop.calls or not isinstance(loop.node, (ast.For, ast.AsyncFor)):
        return False
    items = set(standard_names(loop.node.target))
    match with_names_inlined(folder, call.scope):
        case ast.Call(func=func, args=[ast.Call(func=joining, args=[*folders, _])]) if last_name(func) == "dirname" and last_name(joining) == "join":
            return any(_is_named_by(part, items) for part in folders)
        case ast.Attribute(value=ast.BinOp(left=left, op=ast.Div()), attr="parent"):
            parts = [left]
            while isinstance(parts[-1], ast.BinOp):
                parts[-1:] = [parts[-1].right, parts[-1].left]
            return any(_is_named_by(part, items) for part in parts)
        case _:
            return False


def _is_named_by(part: ast.expr, items: set[str]) -> bool:
    match part:
        case ast.Name(id=name) | ast.Call(func=ast.Name("str"), args=[ast.Name(id=name)]):
            return name in items
        case ast.JoinedStr(values=values):
            return any(isinstance(value, ast.FormattedValue) and _is_named_by(value.value, items) for value in values)
        case _:
            return False


def may_be_shared(folder: ast.expr, call: CallSite, site: LoopSite, facts: Facts) -> bool:
    """Return whether several items may have the same folder: it is a parent, depends on a part of the item, or does not depend on the item."""
    varying = varying_names_at(call, site, facts)
    whole = with_names_inlined(folder, call.scope)
    if mentioned_names(whole).isdisjoint(varying):
        return True
    last = last_component(whole)
    if any(isinstance(node, ast.Name) and node.id in _parent_folder_names(call.scope) for node in walk(whole)):
        return True
    if mentioned_names(last).isdisjoint(varying) and not isinstance(last, ast.Name):
        return True
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("parent", "dirname", "suffix") or isinstance(node, ast.Subscript)
        for node in walk(whole)
    )  # fmt: skip


def _parent_folder_names(scope: Scope) -> set[str]:
    """Return the names bound to the folder of a path: `head` in `head, tail = os.path.split(path)`."""
    return {
        binder.targets[0].elts[0].id for binder in scope.binders
        if isinstance(binder, ast.Assign) and isinstance(binder.targets[0], ast.Tuple) and isinstance(binder.value, ast.Call)
        and last_name(binder.value.func) in ("split", "rsplit", "rpartition") and isinstance(binder.targets[0].elts[0], ast.Name)
    }  # fmt: skip


def with_names_inlined(node: ast.expr, scope: Scope, depth: int = 3) -> ast.expr:
    """Return the expression of a folder in which names that are bound once are replaced by their values."""
    return _Spell(scope, depth).visit(copy.deepcopy(node))  # type: ignore[no-any-return]


class _Spell(ast.NodeTransformer):
    def __init__(self, scope: Scope, depth: int) -> None:
        self._scope = scope
        self._depth = depth

    def visit_Name(self, name: ast.Name) -> ast.expr:
        found = self._scope.bindings.get(name.id, ())
        values = [binding.value for binding in found if isinstance(binding, Assigned) and binding.value is not None]
        return with_names_inlined(values[0], self._scope, self._depth - 1) if len(found) == len(values) == 1 and self._depth else name


def last_component(node: ast.expr) -> ast.expr:
    match node:
        case ast.BinOp(op=ast.Div() | ast.Add(), right=right):
            return last_component(right)
        case ast.Call(func=ast.Attribute(attr="join" | "joinpath"), args=[*_, last]):
            return last_component(last)
        case ast.Call(func=func, args=[_, *_, last]) if last_name(func) in ("Path", "PurePath"):
            return last_component(last)
        case _:
            return node


def one_archive(site: LoopSite, facts: Facts) -> Exclusion | None:
    """All iterations read or write members of one archive, which has one position, so they wait for each other.

    Data that an iteration has read completely may be written to the archive by the ordered rest.
    """
    made_here = set(bound_names(site.target)) | {name for part in site.body for name in facts.assigned(part)}
    for node in site.calls:
        method = method_behind(node.func.value, facts.scope(node)) if isinstance(node.func, cst.Name) else None
        if isinstance(node.func, cst.Attribute) or method is not None:
            path = dotted(node.func.value) if isinstance(node.func, cst.Attribute) else standard_dotted(method.value) if method is not None else None
            name = facts.name(node) or ""
            if path is not None and path not in made_here and _ARCHIVE.match(name) and not (site.io_calls and name.endswith(_FROM_MEMORY)):
                return Exclusion("all iterations share one archive", node)
    return None


def one_handle(site: LoopSite, facts: Facts) -> Exclusion | None:
    """All iterations read through one open file or connection from outside the loop, or a called function uses one besides its I/O."""
    own = {work.call for work in site.io_calls}
    for work in site.summary.io_calls:
        if work.sharing is not Sharing.STATEFUL or not work.handle or not FROM_THIS_ITERATION.isdisjoint(work.handle) or work.handle == {FROM_RESULT}:
            continue
        if work.entry.name.startswith("io.File.") and work.entry.effect is not Effect.WRITE and not _is_open_before(work.handle, site, facts):
            continue  # it reads the same file in each iteration, which opens it again
        is_reading = work.entry.effect in (Effect.READ, Effect.QUERY) and work.entry.kind in WORTHWHILE_KINDS
        is_running = work.entry.name.rpartition(".")[2].startswith("execute") and FROM_RESULT in work.path
        if is_reading or is_running or work.call in own and not work.direct:
            return Exclusion("all iterations share one file or connection", work.call)
    return None


def _is_open_before(origins: Origins, site: LoopSite, facts: Facts) -> bool:
    """Whether a handle comes from an open file, or from what the file does not show and may be one; not if it is opened by names that are no file."""
    scope, line = facts.scope(site.node), facts.line(site.node)
    values = [facts.resolver.value(tuple(origin.split(".")), scope, line) for origin in origins if not origin.startswith("<") and "[" not in origin]
    return any(isinstance(value, Object) and facts.resolver.catalog.sharing(value.type) is Sharing.STATEFUL for value in values)


def reads_stored_results(site: LoopSite, facts: Facts) -> Exclusion | None:
    """An iteration requests what earlier iterations stored, whatever its item is."""
    for work in site.summary.io_calls:
        if work.entry.kind is not Kind.NETWORK and work.entry.kind is not Kind.SUBPROCESS or work in site.io_calls or work.direct:
            continue
        for change in site.summary.changes:
            if change.how in ("store", "add") and FROM_RESULT in change.origins and change.path in work.inputs:
                return Exclusion(f"a later iteration needs `{change.path}`", work.call)
    return None


def runs_foreign_code(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The body runs code from elsewhere (scripts, hooks), or installs and migrates: each step depends on the previous one."""
    for node in site.calls:
        if facts.name(node) in _RUNS_CODE or _method(node) in ("exec_module", "load_module") or _INSTALLS.search(_method(node)) and not isinstance(facts.callee(node), Function):
            return Exclusion("the code that it runs may depend on code that ran before", node)
    for call in reached_calls(site, facts):
        if call.node.args and not isinstance(call.node.args[0], ast.Constant) and _imports_module(call, facts):
            return Exclusion("the code that it runs may depend on code that ran before", facts.call_node(call.node) or site.node)
    return None


def _imports_module(call: CallSite, facts: Facts) -> bool:
    """Whether a call executes a module that it is given, as the catalogue, its name or what it is a method of says."""
    callee = facts.resolver.callee(call)
    if isinstance(callee, Function):
        return False  # what it calls is reached as well
    if isinstance(callee, Named) and callee.name in _IMPORTS:
        return True
    said = words(call.name)
    return call.name in ("exec_module", "execfile") or said >= {"exec", "file"} or said >= {"import", "module"} or bool(said & {"load", "import", "exec"}) and said >= {"module", "file"}


_IMPORTS = frozenset({"importlib.import_module", "__import__", "importlib.reload", "runpy.run_path", "runpy.run_module", "imp.load_source", "exec"})


def interactive(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The body asks the user, or shows a pager: a person works through the items one by one."""
    for call in reached_calls(site, facts):
        callee = facts.resolver.callee(call)
        is_named = isinstance(callee, Named) and facts.resolver.catalog.has_trait(callee.name, Trait.ASKS_USER)
        if is_named or not isinstance(callee, Function) and _asks_by_name(call):
            return Exclusion("the loop asks the user", facts.call_node(call.node) or site.node)
    return None


def _asks_by_name(call: CallSite) -> bool:
    """Whether the name of a function, or of the dialog of which it is a method, suggests that it asks the user."""
    match call.node.func:
        case ast.Name(id=name):
            return name in _ASKING_NAMES
        case ast.Attribute(value=receiver, attr=method):
            return method in _ASKING_METHODS and bool(words(last_name(receiver)) & _DIALOGS)
        case _:
            return False


_ASKING_METHODS = _ASKING_NAMES | {"question", "ask", "askyesno", "askokcancel", "askyesnocancel", "askquestion", "askstring", "get_choice"}
_DIALOGS = frozenset({"interaction", "dialog", "dialogs", "messagebox", "simpledialog", "prompt", "prompts", "questionary", "inquirer", "ui"})


def rewriting(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Files are read and rewritten, and may occur more than once: `for path, pattern in rules`."""
    if not isinstance(site.target, cst.Tuple) or _has_unique_items(site.iterable):
        return None
    read: set[str] = set()
    written: dict[str, cst.Call] = {}
    for part in site.body:
        for node in descend(part):
            if isinstance(node, cst.Call) and (name := _file_named(node)) in bound_names(site.target):
                if set(facts.open_mode(node)) & set("wax+") or _method(node).startswith("write_"):
                    written[name] = node
                else:
                    read.add(name)
    both = sorted(read & set(written))
    return Exclusion("two items may name one file", written[both[0]]) if both else None


def _has_unique_items(iterable: cst.BaseExpression) -> bool:
    """Whether the iterable is an `enumerate` or a dict, so its items are unique."""
    match iterable:
        case cst.Call(func=cst.Name("enumerate" | "zip")) | cst.Call(func=cst.Attribute(attr=cst.Name("items"))):
            return True
        case cst.Call(func=cst.Name("sorted" | "list"), args=[first, *_]):
            return _has_unique_items(first.value)
        case _:
            return False


def _file_named(call: cst.Call) -> str:
    """Return the plain name of the file that a call opens, reads or writes, else an empty string."""
    method = _method(call)
    if method.endswith("open") and call.args:
        return dotted(call.args[0].value) or ""
    if method in ("read_text", "read_bytes", "write_text", "write_bytes") and isinstance(call.func, cst.Attribute):
        return dotted(call.func.value) or ""
    return ""


def _method(call: cst.Call) -> str:
    return (dotted(call.func) or "").rpartition(".")[2]

"""Nested listings: a loop over folders or patterns that contains a loop over the files of each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.reached_calls import record_of
from par_lint.analysis.semantics import loop_variance
from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.dataflow import dotted_names as standard
from par_lint.analysis.semantics.dataflow.body_summary import is_worth_a_worker
from par_lint.analysis.semantics.dataflow.symbols import Symbols
from par_lint.analysis.semantics.io_reachability import imported_function
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.loop_variance import MUTATORS, mentioned_names
from par_lint.analysis.semantics.scopes import CallSite, Class, Function
from par_lint.analysis.semantics.values import Named
from par_lint.analysis.slice_flow import SliceFlow
from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Kind, Sharing

_WORK = frozenset({Kind.FILE, Kind.NETWORK, Kind.SUBPROCESS})
_WRAPPERS = frozenset({"sorted", "list", "tuple", "set", "reversed", "enumerate", "iter", "filter"})
_WALKS = frozenset({"os.walk", "os.fwalk", "pathlib.Path.walk"})
TEXT_METHODS = frozenset(dir(str)) | frozenset({
    "match", "search", "fullmatch", "findall", "finditer", "sub", "relative_to", "with_suffix", "with_name", "is_relative_to",
    "group", "groups", "write", "writestr", "get", "keys", "items", "values", "index", "debug", "info", "warning", "warn", "error", "exception", "log",
    "critical", "fatal", "trace", "notice",
})  # fmt: skip
"""Methods that use only the name of a file, or store it."""
_DEPTH = 3  # the maximum depth of calls
_ABOUT_NAMES = frozenset({
    "is", "has", "should", "can", "match", "matches", "matching", "norm", "normalize", "normalise", "normpath", "filter", "skip", "skipped", "ignore",
    "ignored", "exclude", "excluded", "include", "included", "import", "name", "names", "relpath", "relative", "suffix", "extension", "basename", "exists",
    "chmod", "chown", "stat", "age", "mtime", "ctime", "mode", "permissions", "resolve", "echo", "print", "log", "warn", "allowed", "allow", "accepts", "wanted", "valid", "validate", "exec", "module",
    "modules", "spec", "same", "unlink", "rmdir", "rename", "touch", "symlink", "hardlink", "mkdir", "makedirs", "utime", "lstat", "readlink",
})  # fmt: skip
"""Words in names of functions that use names or metadata, import, or report, and read no file."""


def find_nested(node: cst.For, facts: Facts) -> cst.For | None:
    """Return the loop over a listing of `node`'s item, or of the walked folders, whose body processes each file."""
    if not facts.tree.below(node.body, cst.For):
        return None
    outer = set(bound_names(node.target))
    walks = is_walk(node.iter, facts)
    listed = _entries(node.target) if walks else set()
    for statement in facts.own_descendants(node.body):
        if isinstance(statement, cst.Assign) and _mentions(statement.value, outer):
            names = {name for target in statement.targets for name in bound_names(target.target)}
            is_listing = _lists(statement.value, outer, facts) or walks and _mentions(statement.value, listed)
            listed = listed | names if is_listing else listed - names
            outer |= names
    over_files = [
        inner for inner in _inner_loops(node)
        if _lists(inner.iter, outer, facts) or (_mentions(inner.iter, listed) if walks else isinstance(inner.iter, cst.Name) and inner.iter.value in listed)
    ]  # fmt: skip
    files = _files(node.target) if walks else None
    working = [inner for inner in over_files if processes_each_file(inner, facts, files)]
    return next((inner for inner in working if _does_io(inner, facts, files)), working[0] if working else None)


def _entries(target: cst.BaseAssignTargetExpression) -> set[str]:
    """Return the names of a walk's folders and files: without the folder that they are in, if that has a name of its own."""
    match target:
        case cst.Tuple(elements=[_, cst.Element(value=cst.Name(value=folders)), cst.Element(value=cst.Name(value=files)), *_]):
            return {folders, files}
        case _:
            return set(bound_names(target))


def folders_of_walk(target: cst.BaseAssignTargetExpression) -> str | None:
    """Return the name of a walk's folders, in the folder that it gives with them."""
    match target:
        case cst.Tuple(elements=[_, cst.Element(value=cst.Name(value=folders)), _, *_]):
            return folders
        case _:
            return None


def _files(target: cst.BaseAssignTargetExpression) -> str | None:
    """Return the name of a walk's files, which are no folders."""
    match target:
        case cst.Tuple(elements=[_, _, cst.Element(value=cst.Name(value=files)), *_]):
            return files
        case _:
            return None


def _does_io(inner: cst.For, facts: Facts, files: str | None = None) -> bool:
    """Whether each file is worked on; `files` is the name of the files of a walk, from which no tree can be removed."""
    is_of_files = files is not None and _mentions(inner.iter, {files})
    io_calls = SliceFlow(facts).loop(inner, bound_names(inner.target)).io_calls
    return any(is_worth_a_worker(work) and not (is_of_files and work.entry.name in _OF_FOLDERS) for work in io_calls)


def deletes_walked_files(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The loop iterates over the files of a walk, and only removes files, or folders with their contents."""
    around = next((outer for outer in reversed(facts.enclosing_nodes(site.node, is_for_statement)) if is_walk(outer.iter, facts)), None) if isinstance(site.node, cst.For) else None  # type: ignore[attr-defined]
    files = _files(around.target) if isinstance(around, cst.For) else None
    if files is not None and site.io_calls and _mentions(site.iterable, {files}) and all(work.entry.name in _OF_FOLDERS for work in site.io_calls):
        return Exclusion("it only removes files", site.io_calls[0].call)
    return None


def is_for_statement(node: cst.CSTNode) -> bool:
    """Return whether a node is a `for` statement."""
    return isinstance(node, cst.For)


_OF_FOLDERS = frozenset({"shutil.rmtree", "shutil.copytree", "os.removedirs"})


def _inner_loops(node: cst.For) -> Iterator[cst.For]:
    """Yield the loops directly in the body of a loop, also in conditions and `with` or `try` blocks."""
    for inner in descend(node.body):
        if type(inner) is cst.For and inner.asynchronous is None:
            yield inner


def is_walk(node: cst.BaseExpression, facts: Facts) -> bool:
    """Return whether an expression walks a tree of folders."""
    return any(isinstance(call, cst.Call) and facts.name(call) in _WALKS for call in _unwrapped(node))


def listing_call(node: cst.BaseExpression, facts: Facts) -> cst.Call | None:
    """Return the call in an iterable that lists files, also inside `sorted` and similar calls."""
    for call in _unwrapped(node):
        if isinstance(call, cst.Call):
            entry = facts.entry(call)
            if entry is not None and entry.kind is Kind.LISTING:
                return call
    return None


def _lists(node: cst.BaseExpression, outer: set[str], facts: Facts) -> bool:
    call = listing_call(node, facts)
    return call is not None and _mentions(call, outer)


def _unwrapped(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    while True:
        yield node
        match node:
            case cst.Call(func=cst.Name(value=name), args=[_, *_]) if name in _WRAPPERS:
                node = node.args[-1 if name == "filter" else 0].value
            case _:
                return


def _mentions(node: cst.CSTNode, names: set[str]) -> bool:
    return any(isinstance(inner, cst.Name) and inner.value in names for inner in descend(node, into_functions=True))


def processes_each_file(inner: cst.For, facts: Facts, files: str | None = None) -> bool:
    """Return whether the body of a loop over files processes each file; unknown calls count as processing."""
    if _takes_the_first(inner):
        return False
    if _does_io(inner, facts, files):
        return True
    names = loop_variance.names_varying_in_loop(record) if (record := record_of(inner, facts)) is not None else frozenset(bound_names(inner.target))
    return any(_is_unresolved_work(site, names, facts) for node in descend(inner.body) if isinstance(node, cst.Call) and (site := facts.site(node)) is not None)


def _takes_the_first(inner: cst.For) -> bool:
    """Whether each iteration that gets to its end is the last: the loop only picks one of the files."""
    last = inner.body.body[-1] if inner.body.body else None
    return isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], (cst.Break, cst.Return))


def _makes_record(name: str, site: CallSite) -> bool:
    """Whether a name stands for a class that a call makes: `pair = namedtuple("pair", "one two")`."""
    found = site.scope.find(name)
    values = [binding.value if isinstance(binding, Assigned) else None for binding in found[1]] if found is not None else []
    return bool(values) and all(isinstance(value, ast.Call) and last_name(value.func) in ("namedtuple", "NamedTuple", "make_dataclass") for value in values)


def _is_unresolved_work(site: CallSite, names: frozenset[str], facts: Facts, depth: int = _DEPTH, resolver: Resolver | None = None) -> bool:
    """Whether a call gets the name of a file, and neither its body nor the catalogue shows what it does with the file."""
    call, resolver = site.node, resolver or facts.project
    given = [arg for arg in (*call.args, *(keyword.value for keyword in call.keywords)) if not mentioned_names(arg).isdisjoint(names)]
    callee = resolver.callee(site)
    if resolver.entry(site) is not None or not given:
        return False
    if (shown := imported_function(callee, resolver)) is not None:
        callee, resolver = shown
    match callee, call.func:
        case Function() as function, _:
            if not depth or function.is_generator or isinstance(function.node, ast.Lambda):
                return False
            inside = loop_variance.names_varying_by_call(function, own=False, given=True)
            return any(_is_unresolved_work(one, inside, facts, depth - 1, resolver) for one in function.calls)
        case (Class(), _):
            return False
        case Named(name="print"), _:
            return depth < _DEPTH  # a function that reports on each file probably processes it
        case Named(name=name), _ if resolver.is_known_root(name.partition(".")[0]):
            return False
        case _, ast.Attribute(attr=name):
            return name not in MUTATORS and name not in TEXT_METHODS and not _is_about_names(name)
        case _, ast.Name(id=name):
            return not name[:1].isupper() and not _is_about_names(name) and not _makes_record(name, site)
        case _:
            return False


def _is_about_names(name: str) -> bool:
    """Whether the name of a function says that it uses names or metadata, imports or reports, or removes a file: `samefile`, `safe_remove_path`."""
    said = words(name)
    parts = {part for word in said for part in _parts(word)}
    return bool((said | parts) & _ABOUT_NAMES) or said >= _JOINING or bool(parts & _REMOVING) and parts <= _REMOVING | _BESIDE_REMOVING


_JOINING = frozenset({"path", "join"})  # a path made of others


def _parts(word: str) -> tuple[str, ...]:
    """Return the two words that are written as one: `removepath`."""
    found = _COMPOUND.fullmatch(word)
    return (found[1], found[2]) if found is not None else (word,)


_NOUNS = "files?|paths?|filenames?|dirs?|folders?|links?|symlinks?|trees?"
_COMPOUND = re.compile(rf"([a-z]{{2,}}?)({_NOUNS})")
_REMOVING = frozenset({"remove", "delete", "rm", "del"})
_BESIDE_REMOVING = frozenset({
    "file", "files", "path", "paths", "filename", "dir", "dirs", "folder", "folders", "link", "links", "symlink", "tree", "safe", "safely", "force", "forcibly", "silent",
    "silently", "quiet", "quietly", "try", "maybe", "if", "exists", "present", "temp", "tmp", "old", "stale", "and", "or", "empty", "all",
})  # fmt: skip
"""Words beside a verb that removes, in names of functions that remove a file and do not change what is in it."""


def calls_given_file(inner: cst.For, facts: Facts) -> list[cst.Call]:
    """Return the calls in the body of a loop over files that get the file, or a name derived from it, and may process it."""
    names = set(bound_names(inner.target))
    found: list[cst.Call] = []
    for node in descend(inner.body):
        match node:
            case cst.Assign(targets=[cst.AssignTarget(target=target)], value=value) if _mentions(value, names):
                names.update(bound_names(target))
            case cst.With(items=items):
                for item in items:
                    if item.asname is not None and _mentions(item.item, names):
                        names.update(bound_names(item.asname.name))
            case cst.Call() if _works_on(node, names, facts):
                found.append(node)
            case _:
                pass
    return found


def _only_collects(function: Function, known: Symbols) -> bool:
    """Whether the body of a function only adds names to a container in its arguments."""
    calls = _calls_of(function)
    adds = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in MUTATORS]
    given = [call for call in adds if isinstance(call.func, ast.Attribute) and standard.dotted(call.func.value) in function.parameters]
    return bool(given) and all(call in adds or _computes_with_names(call, known) for call in calls)


def _computes_with_names(call: ast.Call, known: Symbols, depth: int = 3) -> bool:
    entry = known.entry(call)
    if entry is not None:
        return entry.kind not in _WORK
    match known.callee(call), call.func:
        case Function() as function, _:
            is_visible = depth > 0 and not isinstance(function.node, ast.Lambda)
            return is_visible and all(_computes_with_names(one, known, depth - 1) for one in _calls_of(function))
        case Named(name=name), _ if name.startswith("os.path.") or "." not in name:
            return name != "print"
        case _, ast.Attribute(attr=method):
            return method in TEXT_METHODS
        case _:
            return False


def _calls_of(function: Function) -> list[ast.Call]:
    """Return the calls in the body of a function and its nested functions; none for a lambda."""
    if not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return []
    return [node for node in walk(*function.node.body) if isinstance(node, ast.Call)]


def _works_on(call: cst.Call, names: set[str], facts: Facts) -> bool:
    receiver = call.func.value if isinstance(call.func, cst.Attribute) else None
    handed = any(_mentions(arg.value, names) for arg in call.args)
    entry = facts.entry(call)
    if entry is not None:
        its_own = receiver is not None and _mentions(receiver, names)
        if facts.sharing(call) is Sharing.STATEFUL and not its_own:
            return False  # into one archive, through one connection
        return entry.kind in _WORK and (handed or its_own)
    if not handed:
        return False
    callee = facts.callee(call)
    if isinstance(callee, Function):
        return not callee.is_generator and not _only_collects(callee, facts.known)
    if isinstance(callee, Class):
        return False
    match call.func:
        case cst.Attribute(attr=cst.Name(value=method)):
            return method not in MUTATORS and method not in TEXT_METHODS
        case cst.Name(value=name):
            return not facts.is_builtin(name, call) and not name[:1].isupper()
        case _:
            return False

"""Descriptive names for new code that are not used anywhere in the module."""

from __future__ import annotations

import ast
import builtins
import itertools
import keyword
import sys

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.expression_names import dotted, terminal
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Effect, Entry, Kind
from par_lint.core.memo import memoized_for_last

_RESULTS = {"read_text": "text", "read_bytes": "data", "read": "content", "readlines": "lines", "load": "data", "safe_load": "data", "run": "done"}


class NameAllocator:
    """Fresh names for one fix: not used in the module, and each returned once."""

    def __init__(self, taken: frozenset[str], node: cst.CSTNode, functions: _FunctionNames, before: str = "") -> None:
        self._taken = taken
        self._before = before
        self._node = node
        self._functions = functions
        self._given: set[str] = set()
        self._unused: str | None = None

    def fresh(self, *wishes: str) -> str:
        """Return the first wish that is free, else the last one with a number."""
        numbered = (f"{wishes[-1]}_{number}" for number in itertools.count(2))
        for plain in itertools.chain(wishes, numbered):
            wish = self._before + plain
            if wish not in self._taken and wish not in self._given and not hasattr(builtins, wish) and not keyword.iskeyword(wish):
                self._given.add(wish)
                return wish
        raise AssertionError

    def fresh_function(self, *wishes: str) -> str:
        """Return a fresh name for a function that no other fix in the same scope uses."""
        free = [wish for wish in wishes[:-1] if self._functions.is_free(wish, self._node)]
        name = self.fresh(*free, self._functions.numbered(wishes[-1], self._node))
        self._functions.give(name, self._node)
        return name

    @property
    def ignored(self) -> str:
        """Return the name for an unused value: `_`, or another name if `_` is read somewhere."""
        if "_()" not in self._taken:
            return "_"
        if self._unused is None:
            self._unused = self.fresh("_unused")
        return self._unused


def fresh_names(facts: Facts, node: cst.CSTNode) -> NameAllocator:
    """Return the names for a fix at a node: they avoid all names of its function and module."""
    around = facts.enclosing_function(node)
    if around is None:
        before = "_" if _has_star(facts) else ""  # it may import any name, but none with this prefix
        return NameAllocator(_names_in_module(facts), node, _functions(facts.module, facts), before)
    return NameAllocator(_names_in_function(around, facts), node, _functions(around, facts))


@memoized_for_last
def _has_star(facts: Facts) -> bool:
    """Return whether a module imports `*` from another module outside the standard library."""
    stars = [node for node in facts.index.tree.body if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"]
    return any(node.level or (node.module or "").partition(".")[0] not in sys.stdlib_module_names for node in stars)


class _FunctionNames:
    """The names of new functions in a scope, with the loop that each belongs to. Planning fixes fills it."""

    def __init__(self) -> None:
        self._given: dict[str, cst.CSTNode] = {}
        self._numbers: dict[str, int] = {}

    def is_free(self, name: str, node: cst.CSTNode) -> bool:
        """Return whether no other loop uses a name."""
        return self._given.get(name, node) is node

    def numbered(self, name: str, node: cst.CSTNode) -> str:
        """Return a name, or the first numbered one, that no other loop uses."""
        number = self._numbers.get(name, 1)
        while not self.is_free(wish := name if number == 1 else f"{name}_{number}", node):
            number = self._numbers[name] = number + 1
        return wish

    def give(self, name: str, node: cst.CSTNode) -> None:
        """Record that a loop uses a name."""
        self._given[name] = node


@memoized_for_last
def _functions(scope: cst.CSTNode, facts: Facts) -> _FunctionNames:
    return _FunctionNames()


@memoized_for_last
def _names_in_module(facts: Facts) -> frozenset[str]:
    return _names_in_scope(facts.module, facts) | _imports(facts)


@memoized_for_last
def _names_in_function(around: cst.FunctionDef, facts: Facts) -> frozenset[str]:
    return _names_in_scope(around, facts) | _imports(facts) | frozenset(facts.index.module.bindings)


def _names_in_scope(scope: cst.CSTNode, facts: Facts) -> frozenset[str]:
    """Return all names in a scope; `_()` is a marker for a `_` that is read, and so not only a placeholder."""
    names = {node.value for node in facts.tree.below(scope, cst.Name)}
    is_used = any(not _is_thrown_away(node, facts) for node in facts.named_below(scope, "_"))
    return frozenset(names | ({"_()"} if is_used else set()))


def _is_thrown_away(node: cst.CSTNode, facts: Facts) -> bool:
    """Return whether a name is only bound, or is the name of an attribute or a keyword."""
    above = facts.parent(node)
    while isinstance(above, (cst.Element, cst.StarredElement, cst.Tuple, cst.List)):
        node, above = above, facts.parent(above)
    match above:
        case cst.Attribute(attr=part) | cst.Arg(keyword=part) | cst.Param(name=part):
            return part is node
        case cst.AssignTarget() | cst.AsName() | cst.MatchAs() | cst.MatchStar():
            return True
        case cst.AnnAssign(target=part) | cst.For(target=part) | cst.CompFor(target=part) | cst.NamedExpr(target=part):
            return part is node
        case _:
            return False


def _imports(facts: Facts) -> frozenset[str]:
    """Return `_()` if the module imports a `_`."""
    return frozenset({"_()"}) if any("_" in _imported(alias) for alias in facts.all_of(cst.ImportAlias)) else frozenset()


def _imported(alias: cst.ImportAlias) -> list[str]:
    if alias.asname is not None:
        return [alias.asname.name.value] if isinstance(alias.asname.name, cst.Name) else []
    return [alias.name.value] if isinstance(alias.name, cst.Name) else []


_VERBS = {
    "rmtree": "remove", "unlink": "remove", "rmdir": "remove", "copy2": "copy", "copyfile": "copy", "copytree": "copy", "symlink": "link", "write_text": "write",
    "write_bytes": "write", "writelines": "write", "dump": "write", "makedirs": "make", "mkdir": "make", "urlretrieve": "download",
}  # fmt: skip
_PLAIN_VERBS = frozenset(
    "add build clean compile convert copy create delete download extract fetch install link load make move parse post publish push put read remove rename render "
    "restore save send update upload write".split()
)
_VAGUE = frozenset({"it", "fn", "fd", "el", "elem", "item", "obj"})
"""Names of items that say nothing."""


def worker_name_candidates(
    entry: Entry, target: cst.BaseExpression, call: cst.Call | None = None, iterable: cst.BaseExpression | None = None, *, is_asked: bool = False
) -> tuple[str, ...]:
    """Return candidate names for a worker function, of the call that it makes and its item: `read_path`, `copy_file`, `run_command`.

    `is_asked`: it gives what a server answers to a request, of which nothing says that it changes something there.
    """
    verb = _verb_of(call, entry) or _verb(entry)
    verb = "fetch" if verb == "send" and is_asked else verb
    item = target.value if isinstance(target, cst.Name) else "item"
    noun = item.strip("_") or "item"
    if (len(noun) == 1 or noun in _VAGUE) and iterable is not None:
        noun = _noun_of(iterable) or "item"
    return (noun if noun.startswith(f"{verb}_") else f"{verb}_{noun}", f"{verb}_one", f"_{verb}")


def _verb_of(call: cst.Call | None, entry: Entry) -> str | None:
    """Return what a call that writes says that it does."""
    if call is None or entry.effect is not Effect.WRITE or entry.kind is Kind.SUBPROCESS:
        return None
    name = terminal(call).strip("_").lower()
    verb = _VERBS.get(name, name.partition("_")[0])
    return verb if name in _VERBS or verb in _PLAIN_VERBS else None


def _noun_of(iterable: cst.BaseExpression) -> str | None:
    """Return the singular of a collection's name, `file` of `self.config_files`; `batch` where batches are cut."""
    words = " ".join(node.value for node in descend(iterable) if isinstance(node, cst.Name)).lower()
    match iterable:
        case cst.Call(func=cst.Name("range"), args=[_, _, _]):
            words += " batch"
        case _:
            pass
    for noun in ("batch", "chunk"):
        if noun in words:
            return noun
    path = dotted(iterable)
    name = path.rpartition(".")[2].strip("_") if path is not None else ""
    if name.endswith("ies") and len(name) > 5:
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 3 else None


def _verb(entry: Entry) -> str:
    match entry.kind, entry.effect:
        case Kind.NETWORK, Effect.WRITE:
            return "send"
        case Kind.NETWORK, _:
            return "fetch"
        case Kind.SUBPROCESS, _:
            return "run"
        case _, Effect.WRITE:
            return "process"
        case _:
            return "read"


def result_name_candidates(value: cst.BaseExpression, entry: Entry) -> tuple[str, ...]:
    """Return candidate names for the result of an expression: `text`, `content`, `response`."""
    method = ""
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute):
        method = value.func.attr.value
    if method in _RESULTS:
        return (_RESULTS[method], "result")
    return ("response", "result") if entry.kind is Kind.NETWORK and entry.name.rpartition(".")[2] in ("get", "post", "head", "request") else ("result",)


def early_result_name_candidates(part: cst.BaseExpression) -> tuple[str, ...]:
    """How what a worker gives beside the result may be called: `name` of `path.name`."""
    return (part.attr.value.strip("_") or "part", f"item_{part.attr.value}") if isinstance(part, cst.Attribute) else ("key", "part")

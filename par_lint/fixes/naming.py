"""Names for what a fix adds: telling, and used nowhere in the module."""

from __future__ import annotations

import builtins
import functools
import keyword

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.nodes import descend
from par_lint.catalog.entry import Effect, Entry, Kind

_RESULTS = {"read_text": "text", "read_bytes": "data", "read": "content", "readlines": "lines", "load": "data", "safe_load": "data", "run": "done"}


class Names:
    """Fresh names for one fix: used nowhere in the module, and each given once."""

    def __init__(self, taken: frozenset[str], node: cst.CSTNode, functions: dict[str, cst.CSTNode]) -> None:
        self._taken = taken
        self._node = node
        self._functions = functions
        self._given: set[str] = set()

    def fresh(self, *wishes: str) -> str:
        """The first wish that is free, else the last one with a number."""
        numbered = (f"{wishes[-1]}_{number}" for number in range(2, 1000))
        for wish in (*wishes, *numbered):
            if wish not in self._taken and wish not in self._given and not hasattr(builtins, wish) and not keyword.iskeyword(wish):
                self._given.add(wish)
                return wish
        raise LookupError(wishes[-1])

    def fresh_function(self, *wishes: str) -> str:
        """A fresh name for a function: no other fix in the same scope is given it either."""
        others = {name for name, node in self._functions.items() if node is not self._node}
        name = self.fresh(*(wish for wish in wishes[:-1] if wish not in others), *(_numbered(wishes[-1], others)))
        self._functions[name] = self._node
        return name

    @property
    def ignored(self) -> str:
        """The name for a value that is not used: `_`, or another where the module reads that one."""
        return "_unused" if "_()" in self._taken else "_"


def names_of(facts: Facts, node: cst.CSTNode) -> Names:
    """Names for a fix at a node: none that its function uses, and none of the module's own."""
    around = facts.around(node)
    if around is None:
        return Names(_taken(facts.module) | _imports(facts.module), node, _functions(facts.module))
    return Names(_taken(around) | _imports(facts.module) | frozenset(facts.index.module.bindings), node, _functions(around))


@functools.lru_cache(maxsize=8)
def _functions(scope: cst.CSTNode) -> dict[str, cst.CSTNode]:
    """The names given to new functions in a scope, each with the loop that it was given for: filled as fixes are planned."""
    return {}


def _numbered(name: str, others: set[str]) -> list[str]:
    """A name, or the first with a number, that is not among others."""
    return [name] if name not in others else [next(wish for n in range(2, 1000) if (wish := f"{name}_{n}") not in others)]


@functools.lru_cache(maxsize=8)
def _taken(scope: cst.CSTNode) -> frozenset[str]:
    """All names in a scope; `_()` stands for a `_` that is called, and so more than a place to throw values away."""
    nodes = list(descend(scope, into_functions=True))
    names = {node.value for node in nodes if isinstance(node, cst.Name)}
    is_called = any(isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "_" for node in nodes)
    return frozenset(names | ({"_()"} if is_called else set()))


@functools.lru_cache(maxsize=1)
def _imports(module: cst.Module) -> frozenset[str]:
    """`_()` where the module imports a `_`."""
    aliases = [node for node in descend(module, into_functions=True) if isinstance(node, cst.ImportAlias)]
    return frozenset({"_()"}) if any("_" in _imported(alias) for alias in aliases) else frozenset()


def _imported(alias: cst.ImportAlias) -> list[str]:
    if alias.asname is not None:
        return [alias.asname.name.value] if isinstance(alias.asname.name, cst.Name) else []
    return [alias.name.value] if isinstance(alias.name, cst.Name) else []


def worker_wishes(entry: Entry, target: cst.BaseExpression) -> tuple[str, ...]:
    """How a worker function may be called: `read_path`, `fetch_url`, `run_command`."""
    verb = _verb(entry)
    item = target.value if isinstance(target, cst.Name) else "item"
    return (f"{verb}_{item.strip('_') or 'item'}", f"{verb}_one", f"_{verb}")


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


def result_wishes(value: cst.BaseExpression, entry: Entry) -> tuple[str, ...]:
    """How the result of an expression may be called: `text`, `content`, `response`."""
    method = ""
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute):
        method = value.func.attr.value
    if method in _RESULTS:
        return (_RESULTS[method], "result")
    return ("response", "result") if entry.kind is Kind.NETWORK and entry.name.rpartition(".")[2] in ("get", "post", "head", "request") else ("result",)

"""What calls of Python's own functions and methods give, as flows between nodes: by closed lists of those that give new objects."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from par_lint.analysis.effects.object_graph import Node, ObjectGraph, Thing, attribute, inside, keys, seen_through
from par_lint.analysis.effects.pure_names import TEXT_METHODS
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.scopes import Scope
from par_lint.core.catalog.entry import Kind, Trait

CHANGING = MUTATORS | frozenset({
    "__setitem__", "__delitem__", "__ior__", "__iadd__", "__setattr__", "__delattr__", "symmetric_difference_update", "move_to_end", "subtract",
    "appendleft", "extendleft", "rotate", "frombytes", "fromlist", "fromfile", "byteswap", "readinto", "readinto1", "set", "fill", "itemset",
})  # fmt: skip
"""Methods that change the object that they are called on."""
CHANGING_GIVEN = frozenset({
    "setattr", "delattr", "operator.setitem", "operator.delitem", "random.shuffle", "heapq.heappush", "heapq.heappop", "heapq.heapify", "heapq.heapreplace",
    "heapq.heappushpop", "bisect.insort", "bisect.insort_left", "bisect.insort_right", "struct.pack_into", "fcntl.ioctl",
}) | {f"operator.i{name}" for name in ("add", "or", "and", "xor", "concat", "sub", "mul")}  # fmt: skip
"""Functions that change what they are given."""
CONTAINERS = frozenset({"dict", "list", "set", "bytearray", "collections.deque", "collections.OrderedDict", "collections.Counter", "collections.defaultdict", "array.array"})
CONTAINER_METHODS = frozenset(name for kind in (dict, list, set, bytearray) for name in dir(kind)) | CHANGING
_SCALAR = frozenset({
    "len", "str", "int", "float", "bool", "bytes", "repr", "ascii", "format", "hash", "id", "abs", "round", "isinstance", "issubclass", "callable", "hasattr", "ord",
    "chr", "hex", "oct", "bin", "any", "all", "print", "input", "range", "complex", "pow", "divmod", "type", "open", "object", "super",
})  # fmt: skip
_COPYING = frozenset({
    "list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "filter", "bytearray", "collections.deque", "itertools.islice", "itertools.chain", "itertools.cycle",
    "itertools.takewhile", "itertools.dropwhile", "copy.copy", "copy.deepcopy",
})  # fmt: skip
_PAIRING = frozenset({"zip", "enumerate", "itertools.zip_longest", "itertools.product", "itertools.combinations", "itertools.permutations", "itertools.pairwise"})
_MAPPINGS = frozenset({"dict", "collections.OrderedDict", "collections.Counter", "collections.defaultdict"})
_TAKING = frozenset({"min", "max"})
_DATA = frozenset({
    "json", "pickle", "marshal", "plistlib", "tomllib", "os", "re", "fnmatch", "urllib", "base64", "binascii", "datetime", "shlex", "html", "math", "string", "mimetypes",
    "hashlib", "hmac", "zlib", "gzip", "bz2", "lzma", "difflib", "textwrap", "unicodedata", "uuid", "ast", "xml", "pathlib", "time", "str", "bytes", "int", "float",
    "decimal", "fractions", "glob", "shutil", "tempfile", "logging", "platform", "getpass", "socket", "locale", "warnings", "traceback", "sys", "copy",
})  # fmt: skip
"""Modules whose functions give data of their own, which holds nothing of what they are given."""
_WAITING = frozenset({Kind.NETWORK, Kind.SUBPROCESS, Kind.FILE, Kind.METADATA, Kind.LISTING, Kind.LOG, Kind.SLEEP})
GIVING_DATA = TEXT_METHODS - {"index", "count"} | frozenset({
    "read", "readline", "readlines", "read_text", "read_bytes", "json", "groups", "group", "groupdict", "hexdigest", "digest", "index", "count", "write", "writelines", "close", "exists",
    "is_file", "is_dir", "as_posix", "resolve", "with_suffix", "with_name", "with_stem", "joinpath", "relative_to", "absolute", "stat", "total_seconds", "strftime", "isoformat", "timestamp",
})  # fmt: skip


class LibraryResults:
    """Builds the part of a graph that stands for what a library gives; `of` gives the node of an expression."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.graph = ObjectGraph()
        self._attributes: set[str] = set()

    def of(self, node: ast.expr, scope: Scope) -> Node:
        """The node of an expression."""
        raise NotImplementedError

    def _attribute(self, name: str) -> Node:
        node = attribute(name)
        if name not in self._attributes:
            self._attributes.add(name)
            thing = Thing()
            self.graph.put(node, thing)  # what other files bind it to
            self.graph.put(inside(thing), Thing(is_open=True))
        return node

    # New objects --------------------------------------------------------------------------------------------------

    def _make(self, node: ast.AST, scope: Scope, found: Node, held: Iterable[Node], *, is_container: bool = True) -> Thing:
        """A new object that holds some others."""
        thing = Thing(node, scope, is_container=is_container)
        self.graph.put(found, thing)
        for one in held:
            self.graph.flow(one, inside(thing))
        return thing

    def _new(self, sources: Iterable[Node], node: ast.AST, scope: Scope) -> Node:
        """The node of a new container of what going over some others gives."""
        found: Node = ("new", id(node))
        thing = self._make(node, scope, found, ())
        for source in sources:
            self.graph.walk(source, inside(thing))
            self._like(source, thing)
        return found

    def _like(self, source: Node, thing: Thing) -> None:
        """A new object may be of the kind of those that it is made of."""

        def act(one: Thing) -> None:
            thing.fills = thing.fills or one.fills
            thing.mutates = thing.mutates or one.mutates and one.function is None and not one.is_open

        self.graph.watch(source, act)

    def _open(self, sources: Iterable[Node], node: ast.AST, scope: Scope) -> Node:
        """The node of an object that may be, or hold, anything of some others."""
        found: Node = ("open", id(node))
        thing = Thing(node, scope, is_open=True)
        self.graph.put(found, thing)
        for source in sources:
            self.graph.flow(source, inside(thing))
        return found

    # Functions and methods ----------------------------------------------------------------------------------------

    def _by_name(self, name: str, node: ast.Call, scope: Scope, given: list[Node], found: Node) -> bool:
        """What a builtin or a function of a library gives; false where that is not known."""
        graph = self.graph
        if name in _SCALAR and not (name == "type" and len(given) > 1):
            return True
        if name in _COPYING:
            thing = self._make(node, scope, found, ())
            for one in given:
                graph.walk(one, inside(thing))
                self._like(one, thing)
        elif name in _PAIRING:
            pair: Node = ("pair", id(node))
            whole = self._make(node, scope, found, [pair], is_container=False)
            inner = self._make(node, scope, pair, (), is_container=False)
            for one in given:
                graph.walk(one, inside(inner))
            for one in given if name == "zip" else ():
                graph.flow(one, seen_through(whole))
        elif name in _MAPPINGS:
            thing = self._make(node, scope, found, given[len(node.args):])
            thing.fills = name.endswith("defaultdict")
            for one in given:
                step: Node = ("step", id(node), one)
                graph.load(one, inside(thing))
                graph.walk(one, step)
                graph.load(step, inside(thing))
                graph.load(step, keys(thing))
                graph.flow(step, keys(thing))
            if thing.fills:
                self._make(node, scope, inside(thing), ())
                for one in given[:1]:
                    graph.watch(one, lambda factory: self._filled_by(factory, thing))
        elif name in _TAKING:
            for one in given:
                graph.flow(one, found)
                graph.walk(one, found)
        elif name == "getattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            graph.flow(self._attribute(str(node.args[1].value)), found)
            for one in (given[0], *given[2:]):
                graph.flow(one, found)
        elif name == "globals" or not self._gives_data(name, node):
            return False
        else:
            self._make(node, scope, found, (), is_container=False)
        return True

    def _filled_by(self, factory: Thing, thing: Thing) -> None:
        """A dictionary that is filled with what a function of the file gives."""
        if factory.function is not None:
            for value in factory.function.returned:
                self.graph.flow(self.of(value, factory.function), inside(thing))

    def _gives_data(self, name: str, node: ast.Call) -> bool:
        """Whether a function gives what holds nothing of what it is given."""
        entry = self.facts.known.entry(node) or self.facts.resolver.catalog.find(name)
        if name.startswith("csv.") or name.startswith("logging.") and entry is None:
            return name == "logging.getLogger"
        return name.partition(".")[0] in _DATA or self.facts.resolver.catalog.has_trait(name, Trait.RETURNS_DATA) or entry is not None and (entry.kind in _WAITING or entry.kind is Kind.NATIVE)

    def _by_method(self, name: str, node: ast.Call, scope: Scope, receiver: Node, given: list[Node], found: Node) -> bool:
        """What a method of a container, of a text or of a file gives; false where the file has some of that name, or nothing is known of it."""
        graph = self.graph
        if self.facts.methods(name):
            return False
        entry = self.facts.known.entry(node)
        match name:
            case "get" | "pop" | "popleft" | "popitem" | "setdefault" | "__getitem__" | "get_nowait" if entry is None:
                graph.load(receiver, found)
                for one in given[1:]:
                    graph.flow(one, found)
                if name == "setdefault":
                    for one in given[1:]:
                        graph.store(receiver, one)
            case "append" | "add" | "insert" | "appendleft" | "put" | "put_nowait" | "push" | "__setitem__":
                for one in given:
                    graph.store(receiver, one)
            case "extend" | "update" | "extendleft" | "__ior__" | "__iadd__" | "union" | "intersection" | "difference":
                step: Node = ("step", id(node))
                for number, one in enumerate(given):
                    graph.walk(one, step) if number < len(node.args) else graph.flow(one, step)
                if name == "update":
                    graph.load(step, step)
                graph.store(receiver, step)
                graph.flow(self._new([receiver, *given], node, scope), found)
            case "items" | "values" | "keys" if not given:
                view = self._make(node, scope, found, (), is_container=False)
                graph.flow(receiver, seen_through(view))
                pair: Node = ("pair", id(node)) if name == "items" else inside(view)
                if name == "items":
                    graph.put(inside(view), inner := Thing(node, scope))
                    graph.flow(pair, inside(inner))
                if name != "keys":
                    graph.load(receiver, pair)
                if name != "values":
                    graph.watch(receiver, lambda thing: graph.flow(keys(thing), pair))
            case "copy" if not given:
                graph.flow(self._new([receiver], node, scope), found)
                made = next(iter(graph.held(found)))
                graph.watch(receiver, lambda thing: graph.flow(keys(thing), keys(made)))
            case _ if name in CHANGING:
                return True
            case _ if name in GIVING_DATA or entry is not None and entry.kind in _WAITING:
                self._make(node, scope, found, (), is_container=False)
            case _:
                return False
        return True

"""The results of built-in and library functions in the object graph, from closed lists of functions that return new objects."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from par_lint.analysis.effects.object_graph import AbstractObject, Node, ObjectGraph, attribute_node, contents_node, keys_node, viewed_node
from par_lint.analysis.effects.pure_names import TEXT_METHODS
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.scopes import Scope
from par_lint.core.catalog.entry import Kind, Trait

MUTATING_METHODS = MUTATORS | frozenset({
    "__setitem__", "__delitem__", "__ior__", "__iadd__", "__setattr__", "__delattr__", "symmetric_difference_update", "move_to_end", "subtract",
    "appendleft", "extendleft", "rotate", "frombytes", "fromlist", "fromfile", "byteswap", "readinto", "readinto1", "set", "fill", "itemset",
})  # fmt: skip
"""Methods that change the object that they are called on."""
ARGUMENT_MUTATORS = frozenset({
    "setattr", "delattr", "operator.setitem", "operator.delitem", "random.shuffle", "heapq.heappush", "heapq.heappop", "heapq.heapify", "heapq.heapreplace",
    "heapq.heappushpop", "bisect.insort", "bisect.insort_left", "bisect.insort_right", "struct.pack_into", "fcntl.ioctl",
}) | {f"operator.i{name}" for name in ("add", "or", "and", "xor", "concat", "sub", "mul")}  # fmt: skip
"""Functions that change their arguments."""
CONTAINERS = frozenset({"dict", "list", "set", "bytearray", "collections.deque", "collections.OrderedDict", "collections.Counter", "collections.defaultdict", "array.array"})
CONTAINER_METHODS = frozenset(name for kind in (dict, list, set, bytearray) for name in dir(kind)) | MUTATING_METHODS
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
_SELECTING_BUILTINS = frozenset({"min", "max"})
DATA_MODULES = frozenset({
    "json", "pickle", "marshal", "plistlib", "tomllib", "os", "re", "fnmatch", "urllib", "base64", "binascii", "datetime", "shlex", "html", "math", "string", "mimetypes",
    "hashlib", "hmac", "zlib", "gzip", "bz2", "lzma", "difflib", "textwrap", "unicodedata", "uuid", "ast", "xml", "pathlib", "time", "str", "bytes", "int", "float",
    "decimal", "fractions", "glob", "shutil", "tempfile", "logging", "platform", "getpass", "socket", "locale", "warnings", "traceback", "sys", "copy",
})  # fmt: skip
"""Modules whose functions return data that contains none of their arguments."""
_IO_KINDS = frozenset({Kind.NETWORK, Kind.SUBPROCESS, Kind.FILE, Kind.METADATA, Kind.LISTING, Kind.LOG, Kind.SLEEP})
DATA_METHODS = TEXT_METHODS - {"index", "count"} | frozenset({
    "read", "readline", "readlines", "read_text", "read_bytes", "json", "groups", "group", "groupdict", "hexdigest", "digest", "index", "count", "write", "writelines", "close", "exists",
    "is_file", "is_dir", "as_posix", "resolve", "with_suffix", "with_name", "with_stem", "joinpath", "relative_to", "absolute", "stat", "total_seconds", "strftime", "isoformat", "timestamp",
})  # fmt: skip


class LibraryResults:
    """Adds the results of library calls to an object graph; `of` returns the node of an expression."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.graph = ObjectGraph()
        self._attributes: set[str] = set()

    def of(self, node: ast.expr, scope: Scope) -> Node:
        """Return the node of an expression."""
        raise NotImplementedError

    def _attribute(self, name: str) -> Node:
        node = attribute_node(name)
        if name not in self._attributes:
            self._attributes.add(name)
            thing = AbstractObject()
            self.graph.put(node, thing)  # bound in other files
            self.graph.put(contents_node(thing), AbstractObject(is_open=True))
        return node

    # New objects --------------------------------------------------------------------------------------------------

    def _make(self, node: ast.AST, scope: Scope, found: Node, held: Iterable[Node], *, is_container: bool = True) -> AbstractObject:
        """Add a new object that contains some others."""
        thing = AbstractObject(node, scope, is_container=is_container)
        self.graph.put(found, thing)
        for one in held:
            self.graph.flow(one, contents_node(thing))
        return thing

    def _new(self, sources: Iterable[Node], node: ast.AST, scope: Scope) -> Node:
        """Return the node of a new container with the items of some iterables."""
        found: Node = ("new", id(node))
        thing = self._make(node, scope, found, ())
        for source in sources:
            self.graph.walk(source, contents_node(thing))
            self._like(source, thing)
        return found

    def _like(self, source: Node, thing: AbstractObject) -> None:
        """Let a new object have the properties of the objects from which it is created."""

        def act(one: AbstractObject) -> None:
            thing.fills = thing.fills or one.fills
            thing.mutates = thing.mutates or one.mutates and one.function is None and not one.is_open

        self.graph.watch(source, act)

    def _open(self, sources: Iterable[Node], node: ast.AST, scope: Scope) -> Node:
        """Return the node of an object that may contain anything from some others."""
        found: Node = ("open", id(node))
        thing = AbstractObject(node, scope, is_open=True)
        self.graph.put(found, thing)
        for source in sources:
            self.graph.flow(source, contents_node(thing))
        return found

    # Functions and methods ----------------------------------------------------------------------------------------

    def _by_name(self, name: str, node: ast.Call, scope: Scope, given: list[Node], found: Node) -> bool:
        """Add the result of a built-in or a library function; return False if it is unknown."""
        graph = self.graph
        if name in _SCALAR and not (name == "type" and len(given) > 1):
            return True
        if name in _COPYING:
            thing = self._make(node, scope, found, ())
            for one in given:
                graph.walk(one, contents_node(thing))
                self._like(one, thing)
        elif name in _PAIRING:
            pair: Node = ("pair", id(node))
            whole = self._make(node, scope, found, [pair], is_container=False)
            inner = self._make(node, scope, pair, (), is_container=False)
            for one in given:
                graph.walk(one, contents_node(inner))
            for one in given if name == "zip" else ():
                graph.flow(one, viewed_node(whole))
        elif name in _MAPPINGS:
            thing = self._make(node, scope, found, given[len(node.args):])
            thing.fills = name.endswith("defaultdict")
            for one in given:
                step: Node = ("step", id(node), one)
                graph.load(one, contents_node(thing))
                graph.walk(one, step)
                graph.load(step, contents_node(thing))
                graph.load(step, keys_node(thing))
                graph.flow(step, keys_node(thing))
            if thing.fills:
                self._make(node, scope, contents_node(thing), ())
                for one in given[:1]:
                    graph.watch(one, lambda factory: self._filled_by(factory, thing))
        elif name in _SELECTING_BUILTINS:
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

    def _filled_by(self, factory: AbstractObject, thing: AbstractObject) -> None:
        """Add the results of a function of the file to a defaultdict."""
        if factory.function is not None:
            for value in factory.function.returned:
                self.graph.flow(self.of(value, factory.function), contents_node(thing))

    def _gives_data(self, name: str, node: ast.Call) -> bool:
        """Whether the result of a function contains none of its arguments."""
        entry = self.facts.known.entry(node) or self.facts.resolver.catalog.find(name)
        if name.startswith("csv.") or name.startswith("logging.") and entry is None:
            return name == "logging.getLogger"
        return name.partition(".")[0] in DATA_MODULES or self.facts.resolver.catalog.has_trait(name, Trait.RETURNS_DATA) or entry is not None and (entry.kind in _IO_KINDS or entry.kind is Kind.NATIVE)

    def _by_method(self, name: str, node: ast.Call, scope: Scope, receiver: Node, given: list[Node], found: Node) -> bool:
        """Add the result of a method of a container, a string or a file; return False if it is unknown, or if a class of the file has the method."""
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
                graph.flow(receiver, viewed_node(view))
                pair: Node = ("pair", id(node)) if name == "items" else contents_node(view)
                if name == "items":
                    graph.put(contents_node(view), inner := AbstractObject(node, scope))
                    graph.flow(pair, contents_node(inner))
                if name != "keys":
                    graph.load(receiver, pair)
                if name != "values":
                    graph.watch(receiver, lambda thing: graph.flow(keys_node(thing), pair))
            case "copy" if not given:
                graph.flow(self._new([receiver], node, scope), found)
                made = next(iter(graph.objects_of(found)))
                graph.watch(receiver, lambda thing: graph.flow(keys_node(thing), keys_node(made)))
            case _ if name in MUTATING_METHODS:
                return True
            case _ if name in DATA_METHODS or entry is not None and entry.kind in _IO_KINDS:
                self._make(node, scope, found, (), is_container=False)
            case _:
                return False
        return True

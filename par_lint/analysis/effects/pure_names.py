"""Names of built-in functions and methods without side effects."""

from __future__ import annotations

from collections.abc import Set

from par_lint.analysis.semantics.loop_variance import MUTATORS

PURE_BUILTINS = frozenset({
    "abs", "all", "any", "ascii", "bin", "bool", "bytearray", "bytes", "chr", "complex", "dict", "divmod", "enumerate", "filter", "float",
    "format", "frozenset", "hash", "hex", "id", "int", "isinstance", "issubclass", "iter", "len", "list", "map", "max", "memoryview",
    "min", "oct", "ord", "pow", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple", "type", "zip",
    "getattr", "hasattr", "callable",
})  # fmt: skip
KNOWN_TYPES = frozenset({"str", "bytes", "dict", "list", "set", "tuple", "int", "float", "frozenset", "bool", "bytearray", "NoneType", "range"})
TEXT_METHODS = frozenset(name for name in (*dir(str), *dir(bytes)) if not name.startswith("_"))
PURE_METHODS = frozenset(name for kind in (str, bytes, dict, list, set) for name in dir(kind) if not name.startswith("_")) - MUTATORS - {
    "symmetric_difference_update"
}  # fmt: skip


def only_shares_str_method_name(name: str) -> bool:
    """Return whether a method of a library's class only has the name of one of texts: `json.JSONDecoder.decode`."""
    owner, _, method = name.rpartition(".")
    return method in TEXT_METHODS and owner.rpartition(".")[2][:1].isupper() and not owner.startswith(("datetime.", "re.", "pathlib.", "collections.", "array.", "uuid."))


def is_of_known_type(name: str, roots: Set[str]) -> bool:
    """Return whether a qualified name is a method of a built-in class, or of a class of a library with one of these first parts."""
    root, _, rest = name.partition(".")
    owner = name.rpartition(".")[0].rpartition(".")[2]
    return root in KNOWN_TYPES or bool(rest) and owner[:1].isupper() and root in roots

"""Names of built-in functions and methods without side effects."""

from __future__ import annotations

from par_lint.analysis.semantics.loop_variance import MUTATORS

PURE_BUILTINS = frozenset({
    "abs", "all", "any", "ascii", "bin", "bool", "bytearray", "bytes", "chr", "complex", "dict", "divmod", "enumerate", "filter", "float",
    "format", "frozenset", "hash", "hex", "id", "int", "isinstance", "issubclass", "iter", "len", "list", "map", "max", "memoryview",
    "min", "oct", "ord", "pow", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple", "type", "zip",
    "getattr", "hasattr", "callable",
})  # fmt: skip
TEXT_METHODS = frozenset(name for name in (*dir(str), *dir(bytes)) if not name.startswith("_"))
PURE_METHODS = frozenset(name for kind in (str, bytes, dict, list, set) for name in dir(kind) if not name.startswith("_")) - MUTATORS - {
    "symmetric_difference_update"
}  # fmt: skip

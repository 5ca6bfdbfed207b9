"""Functions that a reader is told to call back for what it reads: they may do anything, and would do it in a worker."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.names import dotted

_HOOKS = frozenset({
    "object_hook", "object_pairs_hook", "parse_float", "parse_int", "parse_constant", "cls", "persistent_load", "find_class", "opener", "onerror",
    "on_bad_lines", "date_parser", "converters", "progress", "callback", "target",
})  # fmt: skip
_HARMLESS = frozenset({"dict", "list", "str", "int", "float", "OrderedDict", "Decimal", "SimpleNamespace", "Path"})
_LOADERS = frozenset({
    f"{prefix}{name}Loader" for prefix in ("", "C") for name in ("", "Safe", "Full", "Base")
})  # fmt: skip
_RUNNING = frozenset({"load", "load_all"})


def hooks(call: cst.Call, spelled: str) -> cst.Arg | None:
    """The argument of a reading call that is a function of someone else's, or a loader that may be anything."""
    for position, arg in enumerate(call.args):
        keyword = arg.keyword.value if arg.keyword is not None else None
        last = (dotted(arg.value) or "").rpartition(".")[2]
        if keyword in _HOOKS and last not in _HARMLESS | {"None"} and not isinstance(arg.value, (cst.BaseString, cst.BaseNumber)):
            return arg
        is_loader = keyword == "Loader" or position == 1 and keyword is None and last.endswith("Loader")
        if is_loader and spelled in _RUNNING and last not in _LOADERS:
            return arg
    return None

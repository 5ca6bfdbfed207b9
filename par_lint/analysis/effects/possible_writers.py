"""Unresolved calls in the rest of a loop that get the name of a file that is read: they may write it.

Allowed are calls in the catalogue, calls of the file, and calls listed here. A known module is not enough: much of the standard library
writes files.
"""

from __future__ import annotations

import ast
from collections.abc import Set

import libcst as cst

from par_lint.analysis.effects.derived_names import bindings_in, derived_names
from par_lint.analysis.effects.pure_names import PURE_METHODS
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.ast_walk import children, walk
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.scopes import Class, Function
from par_lint.analysis.semantics.values import LocalObject, Named
from par_lint.analysis.syntax.expression_names import assigned, reads, terminal
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Trait

LOGGING = frozenset({"debug", "info", "warn", "warning", "error", "exception", "critical", "log"})
NON_WRITING_METHODS = PURE_METHODS | MUTATORS | LOGGING | frozenset({
    "write", "writelines", "writerow", "writerows", "print", "execute", "executemany", "update", "set_description", "set_postfix", "close", "search", "match", "fullmatch", "findall", "finditer", "sub", "group", "as_posix",
    "joinpath", "with_suffix", "with_name", "relative_to", "is_file", "is_dir", "exists", "fail", "skipTest", "append", "echo", "secho", "advance", "emit",
    "is_relative_to", "add_task", "add_row", "subTest", "isEnabledFor", "strftime", "set_postfix_str",
})  # fmt: skip
"""Methods that, judged by their names, change no files: of containers, strings, loggers, open files, progress bars."""
_PURE = frozenset({
    "abc", "array", "ast", "base64", "binascii", "bisect", "builtins", "calendar", "cmath", "collections", "colorsys", "configparser", "copy", "dataclasses", "datetime",
    "decimal", "difflib", "doctest", "enum", "fnmatch", "fractions", "functools", "graphlib", "hashlib", "heapq", "hmac", "html", "inspect", "io.BytesIO", "io.StringIO", "ipaddress", "itertools",
    "json", "keyword", "math", "numbers", "operator", "os.path", "pathlib.Path", "pathlib.PurePath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath",
    "pprint", "quopri", "random", "re", "reprlib", "secrets", "shlex", "statistics", "string", "stringprep", "struct", "sys.stderr", "sys.stdout",
    "sys.intern", "textwrap", "time", "timeit", "token", "traceback", "types", "typing", "unicodedata", "urllib.parse", "uuid", "warnings", "weakref",
    "zlib", "zoneinfo", "os.fspath", "os.fsencode", "os.fsdecode", "csv", "logging.getLogger", "logging.Logger", "logging.LoggerAdapter", "unittest.TestCase",
    "argparse.ArgumentParser", "argparse.Namespace", "threading.Event", "threading.Lock", "threading.RLock", "queue", "contextvars", "contextlib.suppress",
    "contextlib.nullcontext", "gettext", "locale", "sys.getsizeof", "sys.exit", "os.getenv", "os.environ", "mimetypes.guess_type",
    "str", "bytes", "int", "float", "bool", "list", "dict", "set", "tuple", "frozenset", "bytearray", "range", "NoneType",
})  # fmt: skip
"""Modules, classes and functions of Python that write no files for any arguments, except for their catalogue entries."""
_ENDING_WITHOUT_ARGUMENTS = frozenset({"get", "join", "pop"})
"""Methods of containers and texts that wait for a thread, a process or a queue if they are given nothing."""
_ITEM_GETTERS = frozenset({"operator.itemgetter", "operator.attrgetter"})


def names_of_files_read(names: frozenset[str], body: tuple[cst.CSTNode, ...], inside: set[cst.CSTNode]) -> frozenset[str]:
    """Return the names of files that are read, and names derived from them: `out = path.with_suffix(".new")`."""
    given = {name for part in inside for name in assigned(part)}
    assignments = [
        binding for binding in bindings_in(node for part in body for node in descend(part) if isinstance(node, cst.Assign) and node not in inside)
        if not _has_moved_call(binding.value, inside) and reads(binding.value).isdisjoint(given)
    ]  # fmt: skip
    return derived_names(names, assignments)


def names_of_data(body: tuple[cst.CSTNode, ...], inside: set[cst.CSTNode]) -> frozenset[str]:
    """Return the names that stand for what is read, or for what is made of it."""
    kinds = (cst.Assign, cst.AnnAssign, cst.NamedExpr, cst.For)
    bindings = [
        one if isinstance(one.node, cst.For) else one._replace(names=frozenset(assigned(one.node)))
        for one in bindings_in(node for part in body for node in descend(part) if isinstance(node, kinds))
    ]  # fmt: skip
    return derived_names((), bindings, [one for one in bindings if _has_moved_call(one.value, inside)])


def _has_moved_call(value: cst.BaseExpression, inside: set[cst.CSTNode]) -> bool:
    return any(inner in inside for inner in descend(value) if isinstance(inner, cst.Call))


_WRITING = frozenset({"writerow", "writerows", "write", "writelines", "print", "dump", "dump_traceback", "truncate", "flush", "seek"})


def writes_to_indexed_file(call: cst.Call) -> bool:
    """Return whether a call may write to one of several files: `writers[number].writerow(row)`, `print(text, file=files[name])`."""
    if terminal(call) not in _WRITING:
        return False
    given = [arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value == "file" or terminal(call) in ("dump", "dump_traceback")]
    return any(isinstance(node, cst.Subscript) for part in [call.func, *given] for node in descend(part))


def opens_file_per_item(around: cst.CSTNode, facts: Facts) -> bool:
    """Return whether code opens a file for each of several items, and may write to them."""
    for node in descend(around):
        if isinstance(node, (cst.ListComp, cst.DictComp, cst.SetComp, cst.For)):
            for inner in descend(node.body if isinstance(node, cst.For) else node):
                if isinstance(inner, cst.Call) and facts.result_type(inner) == "io.File" and set(facts.open_mode(inner)) & set("wax+?"):
                    return True
    return False


def is_unresolved_with_name(node: ast.Call, names: frozenset[str], moved: frozenset[ast.AST], facts: Facts, depth: int = 4) -> bool:
    """Return whether a call is unresolved and gets one of some names, or is of a function of the file that passes it on, `depth` calls deep."""
    callee = facts.known.callee(node)
    if isinstance(callee, Function):
        return depth > 0 and _passes_on(node, callee, names, facts, depth - 1)
    if not _is_unresolved(node, facts):
        return False
    given = (*node.args, *(keyword.value for keyword in node.keywords))
    if isinstance(node.func, ast.Call):  # `partial(open, mode="w")(path)`
        made_by = facts.known.callee(node.func)
        if isinstance(made_by, Named) and made_by.name in _ITEM_GETTERS:
            return False
        given = (*given, *node.func.args)
    return any(_contains(value, names, moved) for value in given)


def _is_unresolved(node: ast.Call, facts: Facts) -> bool:
    """Whether nothing says what a call does: neither its code nor the catalogue, nor its name."""
    callee = facts.known.callee(node)
    if isinstance(callee, (Function, Class, LocalObject)) or facts.known.entry(node) is not None:
        return False
    if isinstance(callee, Named) and _is_harmless(callee.name, facts):
        return False
    return not (isinstance(node.func, ast.Attribute) and (node.func.attr in NON_WRITING_METHODS or node.func.attr.startswith("assert")))


def may_create_input(node: ast.Call, facts: Facts) -> bool:
    """Return whether a call before the I/O may create what is read: an unresolved one, or one that ends something, such as `future.result()`."""
    is_ending = isinstance(node.func, ast.Attribute) and (node.func.attr == "close" or node.func.attr in _ENDING_WITHOUT_ARGUMENTS and not node.args)
    callee = facts.known.callee(node)
    return is_ending and facts.known.entry(node) is None and not isinstance(callee, (Function, Class, LocalObject, Named)) or _is_unresolved(node, facts)


def gets_data(node: ast.Call, names: frozenset[str], moved: frozenset[ast.AST], facts: Facts) -> bool:
    """Return whether a call is unresolved and gets what is read: the value of a `moved` call, or one of some names for it."""
    given = (*node.args, *(keyword.value for keyword in node.keywords))
    has_value = any(inner in moved for value in given for inner in walk(value))
    return (has_value or any(_contains(value, names, moved) for value in given)) and _is_unresolved(node, facts)


def _contains(value: ast.AST, names: Set[str], moved: Set[ast.AST]) -> bool:
    """Whether an expression reads one of some names, except in `moved` nodes."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, ast.Name) and one.id in names:
            return True
        if one not in moved:
            pending += children(one)
    return False


def _derives(value: ast.expr, facts: Facts) -> bool:
    """Whether the value of an expression names what its parts name: it is no result of code that is not seen."""
    return not isinstance(value, ast.Call) or isinstance(value.func, ast.Attribute) and value.func.attr in NON_WRITING_METHODS or isinstance(facts.known.callee(value), Named)


def _passes_on(call: ast.Call, function: Function, names: frozenset[str], facts: Facts, depth: int) -> bool:
    """Whether a function of the file passes what it is given under one of some names to an unresolved call."""
    own = function.explicit_parameters
    given = {own[place] for place, value in enumerate(call.args[:len(own)]) if _contains(value, names, frozenset())}
    given |= {keyword.arg for keyword in call.keywords if keyword.arg is not None and _contains(keyword.value, names, frozenset())}
    if not given:
        return False
    nodes = list(walk(function.node))
    for _ in range(2):
        given |= {
            target.id for node in nodes if isinstance(node, ast.Assign) and _derives(node.value, facts) and _contains(node.value, given, frozenset())
            for target in node.targets if isinstance(target, ast.Name)
        }  # fmt: skip
    passed = frozenset(given)
    return any(isinstance(node, ast.Call) and is_unresolved_with_name(node, passed, frozenset(), facts, depth) for node in nodes)


def _is_harmless(name: str, facts: Facts) -> bool:
    parts = name.split(".")
    if any(".".join(parts[:count]) in _PURE for count in range(1, len(parts) + 1)):
        return True
    if facts.resolver.catalog.has_trait(name, Trait.WRITES_NO_FILES):
        return True
    if len(parts) == 1:
        return facts.resolver.is_known_root(name)  # a builtin
    return parts[-1][:1].isupper() and not facts.resolver.is_known_root(parts[0])  # a class of the project

"""Log handlers, filters and streams that keep records or run code, and log calls that record their caller."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from par_lint.analysis.effects.function_values import FunctionValues
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.dataflow.dotted_names import dotted
from par_lint.analysis.semantics.scopes import CallSite
from par_lint.core.catalog.entry import Trait

RUNS_CODE = Trait.RUNS_CODE.value
_HANDLER = re.compile(r"(\w+\.)+\w*Handler")
_KEEPS_RECORDS = "what is logged is kept for later"
_PLAIN_HANDLERS = frozenset({"StreamHandler", "FileHandler", "RotatingFileHandler", "TimedRotatingFileHandler", "NullHandler", "RichHandler", "SysLogHandler", "WatchedFileHandler"})
_KEEPING_HANDLERS = ("MemoryHandler", "BufferingHandler", "QueueHandler", "QueueListener")


def logging_observers(facts: Facts) -> Iterator[tuple[str, int]]:
    """Yield log handlers, filters and streams of the file itself, and log calls that record their caller."""
    index = facts.index
    if "logging" not in index.imported:
        return
    if facts.methods("write") and index.called("StreamHandler"):
        yield f"logging.StreamHandler {RUNS_CODE}", index.called("StreamHandler")[0].node.lineno
    yield from ((_KEEPS_RECORDS, site.node.lineno) for name in _KEEPING_HANDLERS for site in index.called(name))
    yield from ((_KEEPS_RECORDS, one.lineno) for one in index.all_of(ast.Constant) if isinstance(one.value, str) and _names_handler(one.value))
    yield from ((_KEEPS_RECORDS, site.node.lineno) for site in index.called("dictConfig") if not _configures_plainly(site, facts))
    yield from _handlers_added(facts)
    yield from ((f"addFilter() {RUNS_CODE}", site.node.lineno) for site in index.called("addFilter"))
    yield from ((_KEEPS_RECORDS, site.node.lineno) for name in ("assertLogs", "assertNoLogs", "LoggerAdapter") for site in index.called(name))
    yield from ((_KEEPS_RECORDS, site.node.lineno) for site in index.called("addHandler") if not _is_plain_handler(site, facts))
    yield from ((_KEEPS_RECORDS, site.node.lineno) for site in index.called("basicConfig") if has_keyword(site.node, "handlers") or _logs_to_object(site.node))
    for name in ("debug", "info", "warning", "error", "critical", "exception", "log", "warn"):
        yield from (("stacklevel names a caller, which is another in a worker", site.node.lineno) for site in index.called(name) if has_keyword(site.node, "stacklevel"))


def _names_handler(text: str) -> bool:
    """Whether a text is the qualified name of a handler that does more than to write to a terminal or a file."""
    return _HANDLER.fullmatch(text) is not None and text.rpartition(".")[2] not in _PLAIN_HANDLERS


def _is_plain_handler(site: CallSite, facts: Facts) -> bool:
    """Whether `addHandler` gets a library's handler that writes to a terminal or a file."""
    values = FunctionValues(facts).values_of_name(site.node.args[0].id, site.scope) if site.node.args and isinstance(site.node.args[0], ast.Name) else site.node.args[:1]
    return bool(values) and all(isinstance(value, ast.Call) and access_path(value.func)[-1] in _PLAIN_HANDLERS and not any(map(_is_object, value.args)) for value in values or ())


def _configures_plainly(site: CallSite, facts: Facts) -> bool:
    """Whether `dictConfig` makes no handlers, filters and formatters but those of a library that write to a terminal or a file; others
    are known to the file only if it asks for them."""
    value = next(iter((*site.node.args, *(keyword.value for keyword in site.node.keywords))), None)
    values = FunctionValues(facts).values_of_name(value.id, site.scope) if isinstance(value, ast.Name) else [value]
    shown = [one for one in values or () if one is not None]
    if not shown or not all(isinstance(one, ast.Dict) for one in shown):
        return not facts.index.mentions({"handlers", "getHandlerByName", "getHandlerNames", "buffer", "records"})
    return all(_is_plain_setting(node) for one in shown for node in walk(one))


def _is_plain_setting(node: ast.AST) -> bool:
    """Whether a part of the settings of logs names no other class than those that write to a terminal or a file."""
    if not isinstance(node, ast.Dict):
        return True
    for key, value in zip(node.keys, node.values):
        if key is None:
            return False
        name = key.value if isinstance(key, ast.Constant) else ""
        text = value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
        if name == "class" and text.rpartition(".")[2] not in _PLAIN_HANDLERS | {"Formatter"} or name in ("()", "filters", "target", "queue", "listener"):
            return False
        if name == "stream" and text not in ("ext://sys.stdout", "ext://sys.stderr"):
            return False
    return True


def _handlers_added(facts: Facts) -> Iterator[tuple[str, int]]:
    """Yield handlers that are put into a logger's list directly: `logging.root.handlers.append(handler)`."""
    assignments: list[ast.Assign | ast.AugAssign] = [*facts.index.all_of(ast.Assign), *facts.index.all_of(ast.AugAssign)]
    for node in assignments:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if not isinstance(node.value, ast.List) or node.value.elts:
            yield from ((_KEEPS_RECORDS, node.lineno) for one in targets if isinstance(one, ast.Attribute) and one.attr == "handlers")
    for name in ("append", "extend", "insert"):
        for site in facts.index.called(name):
            if isinstance(site.node.func, ast.Attribute) and access_path(site.node.func.value)[-1] == "handlers":
                yield _KEEPS_RECORDS, site.node.lineno


def _logs_to_object(call: ast.Call) -> bool:
    return any(one.arg == "stream" and _is_object(one.value) for one in call.keywords)


def _is_object(value: ast.expr) -> bool:
    """Whether a stream may be something other than a terminal or a file."""
    return not isinstance(value, ast.Constant) and (dotted(value) or "").rpartition(".")[2] not in ("stdout", "stderr") and not isinstance(value, (ast.JoinedStr, ast.BinOp))


def has_keyword(call: ast.Call, keyword: str) -> bool:
    """Return whether a call gives an argument by its name."""
    return any(one.arg == keyword for one in call.keywords)

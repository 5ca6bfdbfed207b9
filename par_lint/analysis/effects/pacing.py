"""Time: code that waits between iterations, and code that measures how long one takes."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterable

import libcst as cst

from par_lint.analysis.effects.function_values import names_as_values
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.loop_variance import MUTATORS
from par_lint.analysis.semantics.values import Named
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.memo import memoized_for_last

_MONOTONIC_CLOCKS = frozenset({f"time.{name}{unit}" for name in ("perf_counter", "monotonic", "process_time", "thread_time") for unit in ("", "_ns")}) | {
    "timeit.default_timer", "os.times", "time.clock_gettime", "time.clock_gettime_ns", "resource.getrusage",
}  # fmt: skip
"""Clocks whose absolute value has no meaning."""
_WALL_CLOCKS = frozenset({"time.time", "time.time_ns", "datetime.datetime.now", "datetime.datetime.utcnow"})
_CLOCK_FUNCTION_NAMES = frozenset(name.rpartition(".")[2] for name in _MONOTONIC_CLOCKS | _WALL_CLOCKS)
_WAITING = frozenset({"wait", "wait_for", "sigtimedwait", "sleep", "sleep_for", "pause"})
_METHODS_WITH_TIMEOUT = frozenset({"get", "put", "acquire", "join", "poll", "select", "recv"})
"""Methods that wait if they get a timeout, by keyword or as a number."""
_NOT_PACING = frozenset({"concurrent.futures.wait", "asyncio.wait", "multiprocessing.connection.wait"})
"""These wait for work that has been started."""
_CLOCK_NAME = re.compile(r"(^|_)(clock|timer|stopwatch|now|elapsed|monotonic|perf_counter|(current|wall|cpu|get)_time|tic|toc|lap)(_ns)?$")
_PAUSE_NAME = re.compile(r"(^|_)(sleep|sleeper|pause|delay|throttle|pace|wait|rate_limit|limiter|rest_a_while)$")
"""Names of functions in parameters, whose effect only the name shows."""


def waits_for_time(node: ast.Call, name: str) -> bool:
    """Return whether a method with a name waits for a time, as `event.wait(0.5)` does."""
    owner, _, method = name.rpartition(".")
    if name in _NOT_PACING:
        return False
    if name == "select.select":
        return len(node.args) > 3
    if method == "poll" or method == "join" and owner.startswith(("threading.", "multiprocessing.")):
        return bool(node.args) or any(keyword.arg == "timeout" for keyword in node.keywords)
    if method in _WAITING and (owner or isinstance(node.func, ast.Attribute)):
        return bool(node.args) or any(keyword.arg in ("timeout", "seconds", "delay") for keyword in node.keywords)
    if method not in _METHODS_WITH_TIMEOUT or not isinstance(node.func, ast.Attribute):
        return False
    numbers = [arg for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, float)]
    timeouts = [keyword for keyword in node.keywords if keyword.arg == "timeout" and not _is_none(keyword.value)]
    if method in ("get", "put", "acquire") and len(node.args) > 1 and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, bool):
        return True
    return bool(numbers) and method in ("join", "poll", "select") or bool(timeouts)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def unknown_clock_or_pause(node: ast.Call, facts: Facts) -> tuple[bool, bool]:
    """Return whether a call of an unknown callable (a parameter, an attribute, an item of a table) may read the time, and whether it may wait."""
    func = node.func
    name = func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""
    if isinstance(func, ast.Call) and len(func.args) > 1 and isinstance(func.args[1], ast.Constant):  # getattr(time, "sleep")
        name = str(func.args[1].value)
    used = _used_as_values(facts)
    is_open = not isinstance(func, ast.Attribute) or func.attr in facts.index.attributes or func.attr in _given_by_keyword(facts)
    is_asking = _CLOCK_NAME.search(name) is not None or name in _CLOCK_FUNCTION_NAMES or is_open and not node.args and not used.isdisjoint(_MONOTONIC_CLOCKS | _WALL_CLOCKS)
    is_pause = _PAUSE_NAME.search(name) is not None and not (isinstance(func, ast.Attribute) and name == "delay") or is_open and not used.isdisjoint(facts.resolver.catalog.sleep_functions)
    return is_asking, is_pause


@memoized_for_last
def _used_as_values(facts: Facts) -> frozenset[str]:
    """Return the clocks and pauses that the file passes on: as defaults, arguments, parts of tables."""
    names = names_as_values(facts)
    known = _MONOTONIC_CLOCKS | _WALL_CLOCKS | facts.resolver.catalog.sleep_functions
    found = {name for name in known if name.rpartition(".")[2] in names and facts.index.imported & {name.partition(".")[0]}}
    for spelled, qualified in facts.index.imports.items():
        found.update(known.intersection(qualified) if spelled in names else ())
    return frozenset(found)


@memoized_for_last
def _given_by_keyword(facts: Facts) -> frozenset[str]:
    """Return the names under which the file passes something on: `SimpleNamespace(tick=time.time)`, fields of its classes."""
    given = {keyword.arg for site in facts.index.calls for keyword in site.node.keywords if keyword.arg is not None}
    return frozenset(given.union(*(cls.bindings for cls in facts.index.classes)))


def is_clock(node: ast.Call, facts: Facts) -> bool:
    """Return whether a call reads a clock."""
    return _clock(node, facts) is not None


def _clock(node: ast.Call, facts: Facts) -> str | None:
    callee = facts.known.callee(node)
    return callee.name if isinstance(callee, Named) and callee.name in _MONOTONIC_CLOCKS | _WALL_CLOCKS else None


def find_time_measurement(
    body: Iterable[cst.CSTNode], inside: set[cst.CSTNode], io_calls: Iterable[cst.Call], facts: Facts, asks: Callable[[cst.Call], bool]
) -> cst.CSTNode | None:
    """Return what measures an iteration: clocks read on both sides of the moved I/O, time differences, or stored timestamps.

    Args:
        body: The statements of the iteration.
        inside: The nodes that move to a worker.
        works: The I/O calls among them.
        asks: Returns whether a call reads the time, also through functions of the file.
    """
    nodes = [inner for part in body for inner in descend(part)]
    tells = functools.partial(_tells_time, facts=facts, asks=asks)
    if (found := _time_difference(nodes, tells) or _stored_timestamp(nodes, tells)) is not None:
        return found
    if not _has_clocks(facts):
        return None
    number = facts.tree.number
    first = min(map(number, io_calls), default=0)
    early = late = None
    for node in nodes:
        if isinstance(node, cst.Call) and node not in inside and asks(node):
            early = node if number(node) < first else early
            late = node if number(node) > first else late
    return late if early is not None else None


@memoized_for_last
def _has_clocks(facts: Facts) -> bool:
    """Whether a file reads a clock anywhere."""
    if not _used_as_values(facts).isdisjoint(_MONOTONIC_CLOCKS | _WALL_CLOCKS):
        return True
    return any(_CLOCK_NAME.search(site.name) or site.name in _CLOCK_FUNCTION_NAMES and is_clock(site.node, facts) for site in facts.index.calls)


_TimeTest = Callable[..., bool]


def _time_difference(nodes: list[cst.CSTNode], tells: _TimeTest) -> cst.CSTNode | None:
    """Return a subtraction of two times that an iteration reads."""
    taken = {
        target.target.value for node in nodes if isinstance(node, cst.Assign) and tells(node.value)
        for target in node.targets if isinstance(target.target, cst.Name)
    }  # fmt: skip
    for node in nodes:  # `last = now`
        if isinstance(node, cst.Assign) and isinstance(node.value, cst.Name) and node.value.value in taken:
            taken.update(target.target.value for target in node.targets if isinstance(target.target, cst.Name))
    for node in nodes:
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Subtract):
            if isinstance(node.right, cst.Name) and node.right.value in taken:
                return node
    return None


def _stored_timestamp(nodes: list[cst.CSTNode], tells: _TimeTest) -> cst.CSTNode | None:
    """Return where a monotonic time is stored: `stamps.append(perf_counter())`."""
    for node in nodes:
        match node:
            case cst.Call(func=cst.Attribute(attr=cst.Name(value=method)), args=args) if method in MUTATORS:
                values = [arg.value for arg in args]
            case cst.Yield(value=cst.BaseExpression() as value):
                values = [value]
            case cst.Assign(value=value, targets=targets) if any(isinstance(one.target, (cst.Subscript, cst.Attribute)) for one in targets):
                values = [value]
            case _:
                continue
        for value in values:
            parts = [part.value for part in value.elements] if isinstance(value, (cst.Tuple, cst.List)) else [value]
            if any(tells(part, clocks=_MONOTONIC_CLOCKS) for part in parts):
                return node
    return None


def _tells_time(
    value: cst.BaseExpression, *, facts: Facts, asks: Callable[[cst.Call], bool], clocks: frozenset[str] = _MONOTONIC_CLOCKS | _WALL_CLOCKS
) -> bool:
    """Whether an expression reads one of some clocks, or an unknown clock in a parameter."""
    site = facts.site(value) if isinstance(value, cst.Call) else None
    if site is None or not isinstance(value, cst.Call):
        return False
    callee = facts.callee(value)
    is_handed_in = callee is None or isinstance(callee, Named) and callee.name.startswith("types.SimpleNamespace.")
    return _clock(site.node, facts) in clocks or is_handed_in and asks(value)

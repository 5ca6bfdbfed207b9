"""Awaited I/O: whether a call is awaited, and why a loop that awaits is excluded."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.candidates import TASK_MAKERS
from par_lint.analysis.loops.argument_effects import does_batched_io
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.ordered_conversation import controls_one_browser, delivers_events_in_order, posts_to_one_conversation
from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.dataflow.body_summary import FROM_ITEM, FROM_RESULT, FROM_THIS_ITERATION, SliceIoCall
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.scopes import CallSite, Function
from par_lint.analysis.semantics.values import Object
from par_lint.analysis.syntax.expression_names import assigned, bound_names, dotted, terminal
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Sharing, Trait
from par_lint.core.memo import memoized_for_last

_LIMITER = re.compile(r"(^|_)(locks?|mutex|sem|semaphores?|limit|limiters?|ratelimit\w*|throttl\w*)(_|$)", re.IGNORECASE)
_IN_ORDER = frozenset({"command", "commands", "cmd", "cmds", "step", "hook", "migration", "stage", "phase", "statement", "stmt"})
_ABOUT_ONE = re.compile(r"_(id|key|path|dir|folder|file|url|uuid|number)$", re.IGNORECASE)
_RUNNING = frozenset({"run", "execute", "exec", "apply", "perform", "process", "call", "invoke", "start", "handle", "do", "send", "dispatch", "fire"})
_MIGRATING = frozenset({"migrate", "migration"})
_SESSIONS = frozenset({"session", "db", "database", "conn", "connection", "cursor", "tx", "transaction"})
TASK_STARTERS = frozenset({"gather", "create_task", "ensure_future", "start_soon"})


def is_awaited(call: cst.Call, facts: Facts) -> bool:
    """Return whether the iteration waits for a call in place: `await`, `async with`, `async for`."""
    wrappers = facts.resolver.catalog.names_with(Trait.AWAITS_ARGUMENT)
    node: cst.CSTNode = call
    above = facts.parent(call)
    while above is not None:
        match above:
            case cst.Await():
                return True
            case cst.WithItem():
                block = facts.parent(above)
                return isinstance(block, cst.With) and block.asynchronous is not None
            case cst.For() | cst.CompFor():
                return above.asynchronous is not None and above.iter is node
            case cst.Arg() | cst.IfExp():
                pass
            case cst.Call() if facts.name(above) in wrappers or terminal(above) in TASK_MAKERS or isinstance(node, cst.Arg) and _holds_task(node):
                pass
            case _:
                return False
        node, above = above, facts.parent(above)
    return False


def _holds_task(arg: cst.Arg) -> bool:
    """Whether an argument is a new task, which the call returns: `link(ensure_future(...))`."""
    return isinstance(arg.value, cst.Call) and terminal(arg.value) in TASK_MAKERS


def is_started(call: cst.Call, facts: Facts) -> bool:
    """Return whether a call starts a task, or makes a coroutine that is not awaited in place."""
    if terminal(call) in TASK_STARTERS | TASK_MAKERS:
        return not is_awaited(call, facts)
    callee = facts.callee(call)
    return isinstance(callee, Function) and callee.is_async and not callee.is_generator and not is_awaited(call, facts)


def is_task(call: cst.Call, facts: Facts) -> bool:
    """Return whether a call makes the coroutine of a task that nothing waits for in place: `create_task(self.send(item))`."""
    above = facts.parent(call)
    maker = facts.parent(above) if isinstance(above, cst.Arg) else None
    return isinstance(maker, cst.Call) and terminal(maker) in TASK_STARTERS | TASK_MAKERS and is_started(call, facts)


def uses_own_connection(work: SliceIoCall) -> bool:
    """Return whether I/O uses a connection that the iteration itself has opened."""
    return work.handle == frozenset({FROM_RESULT}) and FROM_ITEM in work.inputs


def is_known_io(work: SliceIoCall, facts: Facts) -> bool:
    """Return whether a call is I/O by what it calls, and not only by the open file that a coroutine gives to it: what is awaited there is unknown."""
    if work.made is not None or not work.entry.name.startswith("io.File."):
        return True
    callee = facts.callee(work.call)
    return not work.direct and not (isinstance(callee, Function) and callee.is_async)  # a thread runs it


def find_awaited_exclusion(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Return the first reason, beyond those for all loops, to exclude a loop that awaits."""
    for check in _AWAITED_EXCLUSIONS:
        found = check(site, facts)
        if found is not None:
            return found
    return None


def has_limiter(site: LoopSite, facts: Facts) -> Exclusion | None:
    """A lock, semaphore or limiter is entered in each iteration, to prevent concurrency."""
    for node, _ in site.own:
        if isinstance(node, cst.With) and _enters_limiter(node):
            return Exclusion("each iteration enters a lock or a limiter", node)
    return None


def ordered_items(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The items are commands, steps or hooks, which are listed in execution order, or each is migrated."""
    for name in bound_names(site.target):
        if words(name) & _IN_ORDER and not (_ABOUT_ONE.search(name) and not any(words(terminal(work.call)) & _RUNNING for work in site.io_calls)):
            return Exclusion("the items run in order", site.node)
    for work in site.io_calls:
        if words(terminal(work.call)) & _MIGRATING:
            return Exclusion("migrations run in order", work.call)
    return None


def shares_session(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Each iteration passes on one database session or connection from outside the loop."""
    made = {name for part in site.body for name in assigned(part)} | set(bound_names(site.target))
    for node in site.calls:
        if not is_awaited(node, facts):
            continue
        for arg in node.args:
            path = dotted(arg.value)
            if path is None or path.partition(".")[0] in made or not _names_session(path.rpartition(".")[2]):
                continue
            match facts.refers_to(arg.value, node):
                case Object(type=name) if facts.resolver.catalog.sharing(name) in (Sharing.SAFE, Sharing.UNSURE):
                    continue
                case _ if any(work.call is node and facts.resolver.catalog.has_trait(work.entry.name, Trait.HTTP) for work in site.io_calls):
                    continue
                case _:
                    return Exclusion("all iterations share one session", node)
    return None


def _names_session(name: str) -> bool:
    """Whether a name is that of a session, and not of its number, nor of what makes one: `session_id`, `get_session`."""
    said = name.lower().strip("_").split("_")
    return bool(words(said[-1]) & _SESSIONS) and said[0] not in ("get", "make", "create", "new", "open")


def can_suspend(call: cst.Call, facts: Facts) -> bool:
    """Return whether awaiting a call can let other tasks run; a coroutine of the file that awaits nothing cannot."""
    callee = facts.callee(call)
    return not isinstance(callee, Function) or not callee.is_async or _awaits(callee, facts)


def _awaits(function: Function, facts: Facts, depth: int = 4) -> bool:
    for node in walk(function.node):
        match node:
            case ast.AsyncFor() | ast.AsyncWith() | ast.comprehension(is_async=1):
                return True
            case ast.Await(value=ast.Call() as call):
                callee = facts.known.callee(call)
                if not depth or not isinstance(callee, Function) or callee is not function and _awaits(callee, facts, depth - 1):
                    return True
            case ast.Await():
                return True
            case _:
                pass
    return function.is_generator


def appends_in_order(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The awaited call adds to a collection that all iterations share, in the order of the iterations."""
    awaited = {found.node for work in site.io_calls if not work.direct and (found := facts.site(work.call)) is not None}
    for change in site.summary.changes:
        if change.how == "add" and change.node in awaited and not change.path.startswith(("self.", "cls.")):
            return Exclusion("the awaited call adds to one collection in order", facts.changed_node(change) or site.node)
    return None


def _enters_limiter(node: cst.With, own: str | None = None) -> bool:
    """Whether a `with` enters a lock or a limiter whose name does not start with `own`."""
    for item in node.items:
        entered = item.item.func if isinstance(item.item, cst.Call) else item.item
        path = dotted(entered)
        if path is not None and any(_LIMITER.search(part) for part in path.split(".")) and not (own is not None and path.startswith(own)):
            return True
    return False


def serialised(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The awaited call holds a lock all the time, or uses one connection beside its own I/O."""
    own = {work.call for work in site.io_calls}
    for work in site.summary.io_calls:
        is_shared = work.sharing is Sharing.STATEFUL and work.handle and FROM_THIS_ITERATION.isdisjoint(work.handle) and not uses_own_connection(work)
        if is_shared and (work.call in own and not work.direct or work.direct and is_awaited(work.call, facts)):
            return Exclusion("all iterations share one connection", work.call)
    for call in own:
        callee = facts.callee(call)
        body = facts.body(callee) if isinstance(callee, Function) else None
        receiver = dotted(call.func.value) if isinstance(call.func, cst.Attribute) else None
        is_of_item = receiver is not None and receiver.partition(".")[0] in bound_names(site.target)  # each item has a lock of its own
        if body is not None and any(isinstance(node, cst.With) and _enters_limiter(node, "self." if is_of_item else None) for node in descend(body.body)):
            if "sem" not in cst.Module([]).code_for_node(body).lower():  # a semaphore lets several through
                return Exclusion("the awaited call holds a lock", call)
    return None


def waits_for_running_processes(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The loop waits for processes that already run."""
    for work in site.io_calls:
        func = work.call.func
        if work.entry.name.startswith("asyncio.subprocess.Process.") and isinstance(func, cst.Attribute):
            if dotted(func.value) in bound_names(site.target):
                return Exclusion("it waits for work that already runs", work.call)
    return None


def enclosing_coroutine_runs_concurrently(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The enclosing coroutine itself runs many times concurrently: in a `gather`, or as tasks created in a loop."""
    around = facts.enclosing_function(site.node)
    if around is None:
        return None
    start = _started_many(facts).get(around.name.value)
    if start is None:
        return None
    return Exclusion("it already runs concurrently with others", facts.call_node(start.node) or around)


@memoized_for_last
def _started_many(facts: Facts) -> dict[str, CallSite]:
    """Return the names of functions that the file starts many times concurrently, each with the first call that starts it."""
    found: dict[str, CallSite] = {}
    for site in facts.index.calls:
        if last_name(site.node.func) in TASK_STARTERS:
            given = [inner for arg in (*site.node.args, *site.node.keywords) for inner in ast.walk(arg)]
            if site.loop is not None or any(isinstance(inner, _COMPREHENSIONS) for inner in given) or _is_in_while(site):
                for name in {last_name(inner.func) for inner in given if isinstance(inner, ast.Call)}:
                    found.setdefault(name, site)
    return found


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _is_in_while(site: CallSite) -> bool:
    line = site.node.lineno
    return any(isinstance(node, ast.While) and node.lineno <= line <= (node.end_lineno or line) for node in ast.walk(site.scope.node))


_AWAITED_EXCLUSIONS: tuple[Callable[[LoopSite, Facts], Exclusion | None], ...] = (
    has_limiter, ordered_items, posts_to_one_conversation, delivers_events_in_order, controls_one_browser, does_batched_io, shares_session, serialised,
    waits_for_running_processes, enclosing_coroutine_runs_concurrently, appends_in_order,
)  # fmt: skip

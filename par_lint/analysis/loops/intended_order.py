"""Reasons to exclude a loop: comments on its order, rate limits, a search for one item, a pool that is the alternative."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.polling import is_sleep
from par_lint.analysis.loops.reached_calls import callee_body, loop_node, reached_calls
from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import children, walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.dataflow.code_patterns import is_retry_loop
from par_lint.analysis.semantics.dataflow.dotted_names import bound_names, dotted
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.scopes import CallSite, Function, Scope
from par_lint.analysis.semantics.values import Named
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Kind, Trait
from par_lint.core.memo import memoized_for_last

_ORDER_COMMENT = re.compile(
    r"\b(one \w+ at (a|the same) time|serial(ly|i[sz]ed?)?|sequential(ly)?|one (at a time|by one|after (the other|another))|order (matters|is important|is relevant|counts)"
    r"|in (the )?(given |right |correct |same |strict |this )?order\b(?! to\b| that\b)"
    r"|in sequence|topological(ly)?|(oldest|newest) (to|before) (newest|oldest)|(not|never|n't|no) (be )?(run |done |sent )?(in )?(parallel\w*|concurren\w*)|rate.?limit\w*|throttl\w*|not thread.?safe)",
    re.IGNORECASE,
)  # fmt: skip
_PURPOSE = re.compile(
    r"\b(one( \w+)? at (a|the same) time|one (by one|after (the other|another))|serially|sequentially|in sequence|(not|never|without) (run \w+ )?(in parallel|concurren\w+))\b", re.IGNORECASE
)
_NUMBERING = re.compile(r"\b(re)?(number|nam|label|index|count|id)\w*( \w+){0,3} sequentially\b|\bsequentially (re)?(number|nam|label|index)\w*", re.IGNORECASE)
"""What is numbered in order need not be processed in order."""
_LIMIT_COMMENT = re.compile(r"\b(rate.?limit\w*|throttl\w*|not thread.?safe)", re.IGNORECASE)
_ONE_ITEM = re.compile(r"\b(?:only|exactly|just|at most) (?:have |has |be |contains? )?(?:1|one|a single) (\w+)", re.IGNORECASE)
_IN_ORDER_BY_NAME = re.compile(r"(^|_)(sequentially|serially)(_|$)")
_WISH_COMMENT = re.compile(r"\b(todo|fixme|xxx|for now|could|should|might)\b", re.IGNORECASE)  # the order was not decided on purpose
_LIMITING = frozenset({"limiter", "limiters", "ratelimit", "ratelimiter", "limited", "throttle", "throttled", "throttler", "limits"})
_LOCKS = re.compile(r"(^|_)(locks?|mutex|limiters?|ratelimit\w*|throttl\w*)(_|$)", re.IGNORECASE)
_POOLS = frozenset({"ThreadPoolExecutor", "ProcessPoolExecutor", "Pool", "ThreadPool", "Parallel", "run_parallel", "batch_map", "submit", "thread_map",
                    "process_map", "imap", "imap_unordered", "starmap", "map_async", "apply_async", "gather"})  # fmt: skip
_SWITCHES = frozenset({"jobs", "job", "workers", "worker", "threads", "thread", "threaded", "threading", "parallel", "processes", "procs", "concurrency",
                       "concurrent", "pool", "serial", "sequential", "cores", "cpu", "cpus", "nprocs", "multiprocessing", "njobs", "multithread"})  # fmt: skip
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def has_order_comment(site: LoopSite, facts: Facts) -> Exclusion | None:
    """A comment above the loop, or on its first line, says why it runs in order."""
    node = loop_node(site, facts)
    if node is None:
        return None
    first = node.lineno
    body = getattr(node, "body", None)
    last = body[0].lineno if body else (node.end_lineno or first)
    above = first - 1
    while above > 0 and facts.lines[above - 1].lstrip().startswith("#"):
        above -= 1
    for number in range(above + 1, last + 1):
        _, mark, comment = facts.lines[number - 1].partition("#")
        if mark and _ORDER_COMMENT.search(comment) and not _WISH_COMMENT.search(comment):
            return Exclusion("a comment says why it stays in order", site.node)
    scope = facts.scope(site.node)
    for number, comment in _comments_on_preparation(node, scope, facts):
        if _LIMIT_COMMENT.search(comment) and not _WISH_COMMENT.search(comment):
            return Exclusion("a comment says why it stays in order", site.node, number)
    told = _line_that_orders_items(node, scope, facts)
    if told:
        return Exclusion("a comment says why it stays in order", site.node, told)
    if isinstance(scope, Function) and _has_order_as_purpose(scope, facts):
        return Exclusion("its function says that it goes in order", facts.enclosing_function(site.node) or site.node)
    return None


def _line_that_orders_items(node: ast.AST, scope: Scope, facts: Facts) -> int:
    """Return the line at which a comment on the collection that a loop goes over, or the help of an option, says that its order matters; else 0."""
    match getattr(node, "iter", None):
        case ast.Name(id=name) if (found := scope.find(name)) is not None and len(found[1]) == 1 and isinstance(found[1][0], Assigned):
            comments = _comments_above(found[1][0].line, facts)
            return next((number for number, comment in comments if _ORDER_COMMENT.search(comment) and not _WISH_COMMENT.search(comment)), 0)
        case ast.Attribute(value=ast.Name(), attr=name):
            return next((line for line, text in _option_helps(name, facts) if _ORDER_COMMENT.search(text)), 0)
        case _:
            return 0


def _option_helps(name: str, facts: Facts) -> Iterator[tuple[int, str]]:
    """Yield the help texts of the options of a program with a name, each with its line."""
    for call in facts.index.by_method.get("add_argument", ()):
        names = {arg.value.strip("-").replace("-", "_") for arg in call.node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}
        if name in names:
            yield from ((one.value.lineno, one.value.value) for one in call.node.keywords if one.arg == "help" and isinstance(one.value, ast.Constant) and isinstance(one.value.value, str))


def comment_says_one_item(site: LoopSite, facts: Facts) -> Exclusion | None:
    """A comment on the loop, or on the statement that prepares it, says that there is only one item."""
    node = loop_node(site, facts)
    if not isinstance(node, (ast.For, ast.AsyncFor)):
        return None
    items = {word for name in bound_names(node.target) for word in words(name)}
    comments = [*_comments_above(node.lineno, facts), *_comments_on_preparation(node, facts.scope(site.node), facts)]
    line = next((number for number, comment in comments if (found := _ONE_ITEM.search(comment)) is not None and words(found.group(1)) & items), None)
    return Exclusion("too few items", site.iterable, line) if line is not None else None


def _comments_on_preparation(node: ast.AST, scope: Scope, facts: Facts) -> Iterator[tuple[int, str]]:
    """Yield the comments on the statement before a loop, with their lines, if it is about what the loop uses."""
    before = _statements_before_loops(scope, facts).get(node)
    comments = list(_comments_above(before.lineno, facts)) if before is not None else []
    if before is not None and comments:
        used = {inner.id for inner in walk(node) if isinstance(inner, ast.Name)}
        if not used.isdisjoint(inner.id for inner in walk(before) if isinstance(inner, ast.Name)):
            yield from comments


@memoized_for_last
def _statements_before_loops(scope: Scope, facts: Facts) -> dict[ast.AST, ast.stmt]:
    """Return the statement before each `for` statement of a scope, in the same block."""
    found: dict[ast.AST, ast.stmt] = {}
    pending = [scope.node]
    while pending:
        around = pending.pop()
        for name in _BLOCKS:
            block = getattr(around, name, None)
            if isinstance(block, list):
                found.update((after, before) for before, after in itertools.pairwise(block) if isinstance(after, (ast.For, ast.AsyncFor)))
                pending += block
    return found


def _comments_above(line: int, facts: Facts) -> Iterator[tuple[int, str]]:
    """Yield the comments directly above a line, with their lines."""
    while line > 1 and facts.lines[line - 2].lstrip().startswith("#"):
        line -= 1
        yield line, facts.lines[line - 1]


def _has_order_as_purpose(function: Function, facts: Facts) -> bool:
    """Whether the name of a function, the start of its docstring or the comment above it says that it processes one item after the other."""
    if not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    comments = [comment.strip().lstrip("# ") for _, comment in _comments_above(function.node.lineno, facts)]
    summary = _NUMBERING.sub("", " ".join([*reversed(comments), (ast.get_docstring(function.node) or "").partition("\n\n")[0]]))
    return _IN_ORDER_BY_NAME.search(function.name) is not None or _PURPOSE.search(summary) is not None and _WISH_COMMENT.search(summary) is None


def is_rate_limited(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The rate or the number of concurrent requests is limited: by the session, a decorator or a lock."""
    for node, _ in site.own:
        if isinstance(node, cst.With) and any(_is_lock(item.item) for item in node.items) and _does_work(node, site):
            return Exclusion("each iteration enters a lock or a limiter", node)
    if not any(work.entry.kind is Kind.NETWORK for work in site.io_calls):
        return None
    for call in reached_calls(site, facts):
        function = callee_body(call, facts)
        decorators = getattr(function.node, "decorator_list", ()) if function is not None else ()
        decorator = next((one for one in decorators if _limits(one)), None)
        if decorator is not None:
            return Exclusion("its requests are limited", facts.call_node(call.node) or site.node, decorator.lineno)
        entry = facts.resolver.entry(call)
        if entry is None or entry.kind is not Kind.NETWORK or not isinstance(call.node.func, ast.Attribute):
            continue
        limit = _limit_of(call.node.func.value, call.scope, facts)
        if limit is not None:
            return Exclusion("its requests are limited", facts.call_node(call.node) or site.node, limit)
    return None


def is_throttled_elsewhere(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Another loop of the file makes the same calls, and sleeps between them: whom it asks is not to be asked faster."""
    for work in site.io_calls:
        call = facts.site(work.call) if work.entry.kind is Kind.NETWORK or not work.direct else None
        function = callee_body(call, facts) if call is not None else None
        for other in facts.calls_of(function) if function is not None else ():
            loop = other.loop.node if other.loop is not None else None
            if other is not call and isinstance(loop, ast.For) and not is_retry_loop(loop) and _sleeps_between(loop, facts):
                return Exclusion("another loop throttles the same calls", work.call)
    return None


def _sleeps_between(loop: ast.For, facts: Facts) -> bool:
    """Whether each iteration of a loop that goes on sleeps, and not only after an error."""
    statements = [one for node in loop.body for one in ([*node.body] if isinstance(node, ast.If) else [node])]
    return any(is_sleep(one, facts) for one in statements)


def _does_work(block: cst.With, site: LoopSite) -> bool:
    """Whether a block does I/O of the iteration, and does not only store its results."""
    io_calls = {work.call for work in site.io_calls}
    return any(node in io_calls for node in descend(block.body))


def _is_lock(entered: cst.BaseExpression) -> bool:
    while isinstance(entered, cst.Call):
        entered = entered.func
    name = entered.attr.value if isinstance(entered, cst.Attribute) else entered.value if isinstance(entered, cst.Name) else ""
    return _LOCKS.search(name) is not None


def _limits(node: ast.expr) -> bool:
    """Whether a name in an expression suggests a rate limit."""
    for inner in walk(node):
        name = inner.id if isinstance(inner, ast.Name) else inner.attr if isinstance(inner, ast.Attribute) else ""
        said = words(name)
        if said & _LIMITING or {"rate", "limit"} <= said:
            return True
    return False


def _limit_of(receiver: ast.expr, scope: Scope, facts: Facts) -> int | None:
    """The line at which a session is made with a limiter, or given one."""
    path = dotted(receiver)
    if path is None:
        return receiver.lineno if _limits(receiver) else None
    found = scope.find(path) if "." not in path else None
    values = [binding.value for binding in found[1] if isinstance(binding, Assigned) and binding.value is not None] if found is not None else []
    line = next((value.lineno for value in values if _limits(value)), None)
    return line if line is not None else _given_limits(facts).get(path)


@memoized_for_last
def _given_limits(facts: Facts) -> dict[str | None, int]:
    """The names of sessions that the file gives a limiter by a method of theirs, each with the line of it."""
    methods = [call for name, calls in facts.index.by_method.items() if words(name) & _GIVING for call in calls]
    return {dotted(call.node.func.value): call.node.lineno for call in methods if _limits(call.node)}  # type: ignore[attr-defined]


_GIVING = frozenset({"mount", "add", "set", "use", "limiter", "limit"})


def is_alternative_to_pool(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The loop is the sequential alternative to a pool that does the same: `if jobs == 1: ...`."""
    scope = facts.scope(site.node)
    loop = loop_node(site, facts)
    if not isinstance(scope, Function) or loop is None:
        return None
    pools = _pools_beside_conditions(scope, facts)
    if not pools:
        return None
    names = {last_name(node.func) for node in walk(loop) if isinstance(node, ast.Call)} - {""}
    for choice, in_body, in_other, below in pools:
        pool = _alternative(choice, loop, in_body, in_other, below)
        if pool is not None and not _holds(loop, pool) and _is_switch(choice.test, pool, names):
            return Exclusion("a pool does the same in another branch", facts.call_node(pool) or site.node)
    return None


_Choice = tuple[ast.If, "ast.Call | None", "ast.Call | None", "ast.Call | None"]


@memoized_for_last
def _pools_beside_conditions(scope: Function, facts: Facts) -> list[_Choice]:
    """Return the `if` statements of a function, each with the first pool in its body, in its `else`, and after it."""
    pools = [call.node for call in scope.everything[scope.first:scope.last] if call.name in _POOLS or call.name in _RUNS_COROUTINES and _runs_coroutines(call, facts)]
    found: list[_Choice] = []
    for node in walk(scope.node) if pools else ():
        if isinstance(node, ast.If):
            first = [next((pool for pool in pools if any(_holds(part, pool) for part in branch)), None) for branch in (node.body, node.orelse)]
            below = next((pool for pool in pools if pool.lineno > (node.end_lineno or node.lineno)), None)
            if first[0] is not None or first[1] is not None or below is not None:
                found.append((node, first[0], first[1], below))
    return found


_RUNS_COROUTINES = frozenset({"run", "run_until_complete", "async_to_sync"})


def _runs_coroutines(call: CallSite, facts: Facts) -> bool:
    """Whether a call runs an event loop, in which requests are made at the same time: `asyncio.run(check_all(repos))`."""
    callee = facts.resolver.callee(call)
    return call.name != "run" or isinstance(callee, Named) and callee.name in facts.resolver.catalog.names_with(Trait.RUNS_EVENT_LOOP)


def _holds(node: ast.AST, inner: ast.AST) -> bool:
    return node.lineno <= inner.lineno <= (node.end_lineno or node.lineno)  # type: ignore[attr-defined,no-any-return]


def _alternative(choice: ast.If, loop: ast.AST, in_body: ast.Call | None, in_other: ast.Call | None, below: ast.Call | None) -> ast.Call | None:
    """Return the pool to which a loop is the alternative: only one of them runs, because they are in different branches or one branch leaves."""
    for branch, other in ((choice.body, in_other), (choice.orelse, in_body)):
        if any(_holds(part, loop) for part in branch):
            return other or (below if _leaves_block(branch[-1]) else None)
    if loop.lineno > (choice.end_lineno or choice.lineno) and in_body is not None and _leaves_block(choice.body[-1]):  # type: ignore[attr-defined]
        return in_body
    return None


def _leaves_block(statement: ast.AST) -> bool:
    """Whether a statement, or the last one in its `with`, leaves the block."""
    while isinstance(statement, ast.With):
        statement = statement.body[-1]
    return isinstance(statement, _LEAVING)


def _is_switch(test: ast.expr, pool: ast.Call, names: set[str]) -> bool:
    """Whether a test is about the number of workers, or the pool runs the function that the loop calls."""
    said = {word for node in walk(test) for name in (getattr(node, "id", ""), getattr(node, "attr", "")) if isinstance(name, str) for word in words(name)}
    given = {last_name(arg) for arg in pool.args}
    return bool(said & _SWITCHES) or not names.isdisjoint(given)


def recurses(site: LoopSite, facts: Facts) -> Exclusion | None:
    """All I/O of the loop is a recursive call: page after page, or subfolders."""
    around: Scope | None = facts.scope(site.node)
    own: list[Scope] = []
    while around is not None:
        own.append(around)
        around = around.parent
    calls = [work.call for work in site.io_calls]
    if calls and all(any(facts.callee(call) is function for function in own) for call in calls):
        return _digested(calls[0], facts) or Exclusion("it goes on by calling the function around it", calls[0])
    return None


def _digested(call: cst.Call, facts: Facts) -> Exclusion | None:
    """A recursive call hands on a checksum, or a file, to which the function adds in order."""
    function, site = facts.callee(call), facts.site(call)
    if not isinstance(function, Function) or site is None:
        return None
    given = {arg.id for arg in (*site.node.args, *(keyword.value for keyword in site.node.keywords)) if isinstance(arg, ast.Name)}
    for added in function.calls:
        match added.node.func:
            case ast.Attribute(value=ast.Name(id=name), attr=method) if name in given and name in function.parameters:
                if method in _ADDING_IN_ORDER or method == "update" and words(name) & _CHECKSUMS:
                    return Exclusion(f"all iterations add to `{name}` in order", call, added.node.lineno)
            case _:
                pass
    return None


_ADDING_IN_ORDER = frozenset({"write", "writelines", "writestr", "send", "sendall"})
_CHECKSUMS = frozenset({"hash", "hasher", "digest", "checksum", "sha", "sha1", "sha256", "md5", "crc", "hashed"})


def iterable_closes_items(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The iterable closes each item when the loop asks for the next one."""
    iterable = site.iterable
    if _is_open_archive(iterable, facts) and all(work.entry.kind is Kind.FILE for work in site.io_calls):
        return Exclusion("the items are parts of one archive", iterable)
    if not isinstance(iterable, cst.Call):
        return None
    callee = facts.callee(iterable)
    if isinstance(callee, Named) and callee.name == "itertools.groupby":
        return Exclusion("each group ends when the next one begins", iterable)
    if isinstance(callee, Function) and callee.is_generator and _yields_within(callee.node):
        return Exclusion("the iterable closes each item after its iteration", iterable)
    return None


def _is_open_archive(iterable: cst.BaseExpression, facts: Facts) -> bool:
    """Whether an iterable is what a `with` binds to an open archive, or to a reader that gives one part after the other."""
    while isinstance(iterable, cst.Call) and isinstance(iterable.func, cst.Name) and iterable.func.value in ("enumerate", "iter") and iterable.args:
        iterable = iterable.args[0].value
    found = facts.scope(iterable).find(iterable.value) if isinstance(iterable, cst.Name) else None
    entered = [binding.entered if isinstance(binding, Assigned) else None for binding in found[1]] if found is not None else []
    return bool(entered) and all(isinstance(one, ast.Call) and words(last_name(one.func)) & _READERS for one in entered)


_READERS = frozenset({"reader", "archive", "tarfile", "zipfile", "rarfile", "tar", "zip"})


def _yields_within(function: ast.AST) -> bool:
    """Whether a generator yields an object that a `with` around the `yield` binds."""
    for node in walk(function):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            names = {name for item in node.items if item.optional_vars is not None for name in bound_names(item.optional_vars)}
            for inner in walk(node):
                if isinstance(inner, ast.Yield) and inner.value is not None and _gives(inner.value, names):
                    return True
    return False


def _gives(value: ast.expr, names: set[str]) -> bool:
    """Whether a value contains a name itself, not only an attribute or a method of it."""
    match value:
        case ast.Name(id=name):
            return name in names
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Dict(values=parts):
            return any(_gives(part, names) for part in parts)
        case _:
            return any(_gives(child.value, names) for child in children(value) if isinstance(child, ast.keyword) and isinstance(child.value, ast.Name))
